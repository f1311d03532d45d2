//! What a word of an incident means in an inventory: which hosts it names, by their own names, addresses and whatever tells
//! one of them from all others. Whose they are is not asked here.

use super::{Inventory, tokens};
use model::host::{Bastion, Host};
use std::collections::{BTreeMap, BTreeSet};

/// Tags that tell one machine from all others.
const OWN_TAGS: [&str; 5] = ["instance-id", "private-name", "fqdn", "hostname", "Name"];

/// Hosts by every name that leads to them.
pub(super) struct Index<'a> {
    /// By name, address and own tags, in small letters.
    names: BTreeMap<String, Vec<&'a Host>>,
    /// By the part before the first dot of a name with a domain.
    shorts: BTreeMap<String, Vec<&'a Host>>,
    /// By a tag's value that one host alone has.
    tags: BTreeMap<String, Vec<&'a Host>>,
    bastions: BTreeMap<String, &'a Bastion>,
}

impl<'a> Index<'a> {
    pub fn new(inventory: &'a Inventory) -> Self {
        let mut index =
            Self { names: BTreeMap::new(), shorts: BTreeMap::new(), tags: BTreeMap::new(), bastions: BTreeMap::new() };
        for host in inventory.hosts() {
            for name in names(host) {
                if let Some((short, _)) = tokens::with_domain(&name) {
                    add(&mut index.shorts, short, host);
                }
                add(&mut index.names, &name, host);
            }
            host.tags.values().filter_map(|value| telling(value)).for_each(|value| add(&mut index.tags, &value, host));
        }
        index.tags.retain(|_, hosts| hosts.len() == 1);
        for bastion in inventory.bastions() {
            for name in [&bastion.name, &bastion.at.address] {
                index.bastions.insert(as_word(name), bastion);
            }
        }
        index
    }

    /// The hosts that a word names; in a field, anything behind a dot is a domain.
    pub fn hosts(&self, word: &str, is_field: bool) -> Vec<&'a Host> {
        if let Some(hosts) = self.names.get(word) {
            return hosts.clone();
        }
        if tokens::address(word).is_some() {
            return Vec::new();
        }
        if let Some(hosts) = tokens::address_in_name(word).and_then(|address| self.names.get(&address.to_string())) {
            return hosts.clone();
        }
        let parted = tokens::with_domain(word).or_else(|| word.split_once('.').filter(|_| is_field));
        match parted {
            None => self.shorts.get(word).cloned().unwrap_or_default(),
            Some((short, _)) => {
                // A host whose own domain is known is not the one of that name in another.
                let hosts = self.names.get(short).into_iter().flatten();
                hosts.filter(|host| !has_domain(host, short)).copied().collect()
            }
        }
    }

    /// The one host that has a tag of this value.
    pub fn tagged(&self, word: &str) -> Option<&'a Host> {
        self.tags.get(word).and_then(|hosts| hosts.first()).copied()
    }

    pub fn bastion(&self, word: &str) -> Option<&'a Bastion> {
        let short = tokens::with_domain(word).map_or(word, |(short, _)| short);
        self.bastions.get(word).or_else(|| self.bastions.get(short)).copied()
    }
}

fn add<'a>(to: &mut BTreeMap<String, Vec<&'a Host>>, name: &str, host: &'a Host) {
    let hosts = to.entry(name.to_owned()).or_default();
    if hosts.iter().all(|known| known.name != host.name) {
        hosts.push(host);
    }
}

/// A name as words of texts are written.
fn as_word(name: &str) -> String {
    let folded = model::text::fold(name);
    tokens::address(&folded).map_or(folded, |address| address.to_string())
}

fn names(host: &Host) -> BTreeSet<String> {
    let tags = OWN_TAGS.iter().filter_map(|tag| host.tags.get(*tag));
    [&host.name, &host.at.address]
        .into_iter()
        .chain(tags)
        .map(|name| as_word(name))
        .filter(|name| !name.is_empty())
        .collect()
}

fn has_domain(host: &Host, short: &str) -> bool {
    names(host).iter().filter_map(|name| tokens::with_domain(name)).any(|(own, _)| own == short)
}

/// A tag's value that may tell a machine from others: one word with a digit or a sign in it, unlike `db` or `production`.
fn telling(value: &str) -> Option<String> {
    let word = as_word(value);
    let is_word = super::is_name(&word) && word.len() >= 3;
    (is_word && word.bytes().any(|b| b.is_ascii_digit() || b"-_.".contains(&b))).then_some(word)
}
