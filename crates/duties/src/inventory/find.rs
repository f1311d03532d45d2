//! From an incident to its hosts. Whole words alone lead to a host, and only to one of the incident's own customer; what is
//! refused, unclear or unknown is a result that people see. What belongs to other customers is neither offered nor named.

use super::facts::Texts;
use super::join::{LIKE_ENOUGH, MOST_LIKE_BYTES};
use super::mentions::Index;
use super::{Inventory, facts::Facts, tokens};
use model::host::{Host, Refusal, eligible};
use std::collections::{BTreeMap, BTreeSet};

/// Names that look like hosts and are shown at most.
const MOST_UNKNOWN: usize = 10;

/// By what an incident leads to a host, the surest first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// A field of the alert's details that holds a host, by its name.
    Field(String),
    /// A mail of the same alert names it.
    Mail,
    /// A text that the host's own `match` has.
    Match,
    Title,
    /// A body, a summary, another detail.
    Text,
    Service,
    /// The value of a tag that it alone has.
    Tag,
}

/// Why a host was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Why {
    pub source: Source,
    /// The word or text that led to it.
    pub word: String,
}

/// A word that several hosts of this customer have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unclear<'a> {
    pub word: String,
    pub hosts: Vec<&'a Host>,
}

/// A word that looks like a host's name and is none that we know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    pub word: String,
    /// The most similar name of a host that this incident may lead to.
    pub nearest: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found<'a> {
    /// The surest first.
    pub hosts: Vec<(&'a Host, Why)>,
    /// More than may be visited for one incident.
    pub beyond: Vec<(&'a Host, Why)>,
    pub refused: Vec<(&'a Host, Why, Refusal)>,
    pub unclear: Vec<Unclear<'a>>,
    pub unknown: Vec<Unknown>,
    /// Bastions that are named and are no hosts.
    pub bastions: Vec<String>,
    /// Whether there is any host that this incident may lead to.
    pub are_any: bool,
}

/// The hosts of an incident, at most so many.
pub fn find<'a>(inventory: &'a Inventory, facts: &Facts, most: usize) -> Found<'a> {
    let mut search = Search {
        index: Index::new(inventory),
        may: BTreeMap::new(),
        customer: facts.customer.as_deref(),
        are_customers: inventory.are_customers(),
        found: BTreeMap::new(),
        refused: BTreeMap::new(),
        unclear: BTreeMap::new(),
        looked_at: BTreeSet::new(),
        unknown: Vec::new(),
        bastions: BTreeSet::new(),
    };
    search.may =
        inventory.hosts().filter(|host| search.judge(host).is_ok()).map(|host| (host.name.as_str(), host)).collect();
    let texts = facts.texts();
    search.names(&texts);
    search.matches(inventory, &texts);
    search.tags(&texts);
    search.result(most)
}

type Hosts<'a, T> = BTreeMap<&'a str, (&'a Host, T)>;

struct Search<'a, 'f> {
    index: Index<'a>,
    /// All hosts that this incident may lead to.
    may: BTreeMap<&'a str, &'a Host>,
    customer: Option<&'f str>,
    are_customers: bool,
    found: Hosts<'a, Why>,
    refused: Hosts<'a, (Why, Refusal)>,
    unclear: BTreeMap<String, Vec<&'a Host>>,
    looked_at: BTreeSet<String>,
    unknown: Vec<String>,
    bastions: BTreeSet<String>,
}

impl<'a> Search<'a, '_> {
    fn judge(&self, host: &Host) -> Result<(), Refusal> {
        eligible(host, self.customer, self.are_customers)
    }

    /// Hosts by their names and addresses, from the surest source to the least sure.
    fn names(&mut self, texts: &Texts) {
        for (field, value) in &texts.fields {
            self.word(&tokens::of_field(value), Source::Field(field.clone()));
        }
        texts.mail_hosts.iter().for_each(|host| self.word(&tokens::of_field(host), Source::Mail));
        self.words(&texts.title, &Source::Title);
        texts.others.iter().for_each(|text| self.words(text, &Source::Text));
        self.words(&texts.service, &Source::Service);
    }

    fn words(&mut self, text: &str, source: &Source) {
        for word in tokens::words(&model::text::fold(text)) {
            self.word(&word, source.clone());
        }
    }

    fn word(&mut self, word: &str, source: Source) {
        if word.is_empty() || !self.looked_at.insert(word.to_owned()) {
            return;
        }
        let is_field = matches!(source, Source::Field(_) | Source::Mail);
        let named = self.index.hosts(word, is_field);
        if !named.is_empty() {
            return self.lead(named, &Why { source, word: word.to_owned() });
        }
        if let Some(bastion) = self.index.bastion(word) {
            self.bastions.insert(bastion.name.clone());
        } else if is_field || tokens::looks_like_host(word) || self.nearest(word).is_some() {
            self.unknown.push(word.to_owned());
        }
    }

    /// Of several that have a name, only the incident's own count.
    fn lead(&mut self, named: Vec<&'a Host>, why: &Why) {
        let own: Vec<&Host> = named.iter().copied().filter(|host| self.judge(host).is_ok()).collect();
        match own.as_slice() {
            [] => named.into_iter().for_each(|host| self.refuse(host, why)),
            [one] => self.take(one, why),
            _ => drop(self.unclear.insert(why.word.clone(), own)),
        }
    }

    fn take(&mut self, host: &'a Host, why: &Why) {
        let (_, known) = self.found.entry(&host.name).or_insert_with(|| (host, why.clone()));
        if why.source < known.source {
            *known = why.clone();
        }
    }

    fn refuse(&mut self, host: &'a Host, why: &Why) {
        if let Err(refusal) = self.judge(host) {
            self.refused.entry(&host.name).or_insert_with(|| (host, (why.clone(), refusal)));
        }
    }

    /// Hosts whose own `match` stands in the incident. Several may have one text: that is how a group of them is meant.
    fn matches(&mut self, inventory: &'a Inventory, texts: &Texts) {
        let all = texts.others.iter().chain([&texts.title, &texts.service]).chain(&texts.mail_hosts);
        let all: Vec<String> =
            all.chain(texts.fields.iter().map(|(_, value)| value)).map(|text| model::text::fold(text)).collect();
        for host in inventory.hosts() {
            let met = host.matches.iter().find(|text| all.iter().any(|all| stands_in(&model::text::fold(text), all)));
            let Some(text) = met else { continue };
            let why = Why { source: Source::Match, word: text.clone() };
            match self.judge(host) {
                Ok(()) => self.take(host, &why),
                Err(_) => self.refuse(host, &why),
            }
        }
    }

    /// Tags lead to a host where nothing surer led to one.
    fn tags(&mut self, texts: &Texts) {
        if !self.found.is_empty() || !self.unclear.is_empty() {
            return;
        }
        for text in texts.others.iter().chain([&texts.title, &texts.service]) {
            for word in tokens::words(&model::text::fold(text)) {
                if let Some(host) = self.index.tagged(&word).filter(|host| self.judge(host).is_ok()) {
                    self.unknown.retain(|unknown| *unknown != word);
                    self.take(host, &Why { source: Source::Tag, word });
                }
            }
        }
    }

    /// The host that somebody may have meant, among those that this incident may lead to.
    fn nearest(&self, word: &str) -> Option<&'a str> {
        if !(4..=MOST_LIKE_BYTES).contains(&word.len()) || tokens::address(word).is_some() {
            return None;
        }
        // Between names that differ in a number alone likeness is high, and so the bar is.
        let judged = self.may.keys().map(|name| (strsim::jaro_winkler(word, &name.to_ascii_lowercase()), *name));
        let near = judged.filter(|(likeness, _)| *likeness >= LIKE_ENOUGH + 0.1);
        near.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, name)| name)
    }

    /// A word that a found host explains needs no hint: what it was found by, or a piece of its name.
    fn is_explained(&self, word: &str) -> bool {
        self.found.values().any(|(host, why)| {
            let name = host.name.to_lowercase();
            model::text::fold(&why.word).contains(word) || name.split(['-', '.', '_']).any(|piece| piece == word)
        })
    }

    fn result(&self, most: usize) -> Found<'a> {
        let mut hosts: Vec<(&Host, Why)> = self.found.values().cloned().collect();
        hosts.sort_by(|a, b| (&a.1.source, &a.0.name).cmp(&(&b.1.source, &b.0.name)));
        let beyond = hosts.split_off(most.min(hosts.len()));
        let is_found = |host: &Host| self.found.contains_key(host.name.as_str());
        let unclear = self.unclear.iter().filter(|(_, hosts)| !hosts.iter().any(|host| is_found(host)));
        let unknown = self.unknown.iter().filter(|word| !self.is_explained(word)).take(MOST_UNKNOWN);
        let unknown =
            unknown.map(|word| Unknown { word: word.clone(), nearest: self.nearest(word).map(str::to_owned) });
        Found {
            hosts,
            beyond,
            refused: self.refused.values().map(|(host, (why, refusal))| (*host, why.clone(), *refusal)).collect(),
            unclear: unclear.map(|(word, hosts)| Unclear { word: word.clone(), hosts: hosts.clone() }).collect(),
            unknown: unknown.collect(),
            bastions: self.bastions.iter().cloned().collect(),
            are_any: !self.may.is_empty(),
        }
    }
}

/// Whether a text stands in another, and not within a longer word.
fn stands_in(text: &str, all: &str) -> bool {
    let text = text.trim();
    if text.is_empty() {
        return false;
    }
    let is_word = |c: Option<char>| c.is_some_and(tokens::is_inside);
    let (begins, ends) = (is_word(text.chars().next()), is_word(text.chars().next_back()));
    all.match_indices(text).any(|(at, found)| {
        let before = all[..at].chars().next_back();
        let mut after = all[at + found.len()..].chars();
        // The dot at the end of a sentence ends no name.
        let goes_on = match after.next() {
            Some('.') => is_word(after.next()),
            next => is_word(next),
        };
        !(begins && is_word(before) || ends && goes_on)
    })
}
