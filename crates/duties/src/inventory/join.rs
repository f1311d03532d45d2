//! From what each source says to one inventory: names that stand once, whose each host is, the way to it. What is in doubt
//! is left out and said; nothing is guessed.

use super::chain::Ways;
use super::complaint::quoted;
use super::draft::{Belonging, Defaults};
use super::{Complaint, Draft, Drafts, Inventory, is_name, key, pattern};
use model::host::{Host, Origin};
use std::collections::{BTreeMap, BTreeSet};

/// All that is known of hosts.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The configuration's own tables, which rule over all others.
    pub own: Drafts,
    /// In the order in which they are configured: of two that know a name, the first rules.
    pub others: Vec<Drafts>,
    pub defaults: Defaults,
    /// The ids of all customers.
    pub customers: Vec<String>,
    pub belongings: Vec<Belonging>,
    /// Patterns of names that others know and that are no hosts of ours.
    pub leave_out: Vec<String>,
}

/// Likeness below which a suggestion would only mislead.
pub(super) const LIKE_ENOUGH: f64 = 0.8;

/// The one inventory, and what is wrong with its sources.
pub fn inventory(sources: Sources) -> (Inventory, Vec<Complaint>) {
    let Sources { own, others, defaults, customers, belongings, leave_out } = sources;
    let mut complaints = Vec::new();
    let (mut hosts, mut bastions) = (own.hosts, own.bastions);
    for other in others {
        let is_ours = |draft: &Draft| !leave_out.iter().any(|pattern| pattern::matches(pattern, &draft.name));
        hosts.extend(other.hosts.into_iter().filter(is_ours));
        bastions.extend(other.bastions);
    }
    hosts.retain_mut(|draft| keep(&mut complaints, belong(draft, &belongings, &customers)));
    let hosts = once(hosts, "host", &mut complaints);
    let bastions = once(bastions, "bastion", &mut complaints);
    let mut ways = Ways::new(&hosts, &bastions, &defaults);
    complaints.extend(bastions.values().filter_map(|draft| ways.of_bastion(draft).err()));
    let made: Vec<Host> = hosts
        .values()
        .filter_map(|draft| match ways.of_host(draft) {
            Ok((at, via)) => Some(host(draft, at, via)),
            Err(complaint) => {
                complaints.push(complaint);
                None
            }
        })
        .collect();
    complaints.sort();
    complaints.dedup();
    (Inventory::new(made, ways.into_bastions(), !customers.is_empty()), complaints)
}

fn host(draft: &Draft, at: model::host::Endpoint, via: Vec<String>) -> Host {
    Host {
        name: draft.name.clone(),
        at,
        via,
        customer: draft.customer.clone(),
        matches: draft.matches.clone(),
        groups: draft.groups.clone(),
        tags: draft.tags.clone(),
        origin: draft.origin.clone(),
    }
}

fn keep(complaints: &mut Vec<Complaint>, judged: Result<(), Complaint>) -> bool {
    match judged {
        Ok(()) => true,
        Err(complaint) => {
            complaints.push(complaint);
            false
        }
    }
}

/// Whose it is: what it says itself and what the configuration says of it must agree, for a host of two would be visited
/// for a stranger.
fn belong(draft: &mut Draft, belongings: &[Belonging], customers: &[String]) -> Result<(), Complaint> {
    if !is_name(&draft.name) {
        let says = format!("{} can't be a host's name, so it is left out", quoted(&draft.name));
        return Err(Complaint::error(draft.place("host"), says, "name it by letters, digits, \".\", \"-\" and \"_\""));
    }
    let named = belongings.iter().filter(|belonging| belonging.is_of(draft)).map(|belonging| &belonging.customer);
    let said: BTreeSet<&String> = draft.customer.iter().chain(named).collect();
    let said: Vec<&String> = said.into_iter().collect();
    match said.as_slice() {
        [] => Ok(()),
        [one] if customers.contains(one) => {
            draft.customer = Some((*one).clone());
            Ok(())
        }
        [one] => Err(unknown_customer(draft, one, customers)),
        [one, other, ..] => {
            let says = format!("{} would be {one}'s and {other}'s, so it is left out", draft.name);
            let remedy = "let its own word, its groups and [inventory] customers name one customer";
            Err(Complaint::error(draft.place("host"), says, remedy))
        }
    }
}

fn unknown_customer(draft: &Draft, id: &str, customers: &[String]) -> Complaint {
    let says = format!("{} would be {}'s, whom no [[customer]] names, so it is left out", draft.name, quoted(id));
    let remedy = match nearest(id, customers.iter().map(String::as_str)) {
        Some(near) => format!("did you mean {near:?}?"),
        None => format!("write a [[customer]] with id = {id:?}"),
    };
    Complaint::error(draft.place("host"), says, remedy)
}

/// The first of each name. Two sources that say different customers are both left out.
fn once(drafts: Vec<Draft>, table: &str, complaints: &mut Vec<Complaint>) -> BTreeMap<String, Draft> {
    let mut kept: BTreeMap<String, Draft> = BTreeMap::new();
    let mut doubtful = BTreeSet::new();
    for draft in drafts {
        match kept.get(&key(&draft.name)) {
            None => drop(kept.insert(key(&draft.name), draft)),
            Some(first) => {
                complaints.push(twice(first, &draft, table));
                if are_at_odds(first, &draft) {
                    doubtful.insert(key(&draft.name));
                }
            }
        }
    }
    kept.retain(|name, _| !doubtful.contains(name));
    kept
}

fn are_at_odds(first: &Draft, other: &Draft) -> bool {
    first.origin != Origin::Config && first.customer != other.customer
}

fn twice(first: &Draft, other: &Draft, table: &str) -> Complaint {
    let (name, at, place) = (&first.name, first.place(table), other.place(table));
    let remedy = "take it out of one of them, or give it another name";
    if are_at_odds(first, other) {
        let says = format!("{name} is at {at} too, and whose it is differs there, so both are left out");
        return Complaint::error(place, says, remedy);
    }
    Complaint::note(place, format!("{name} is at {at} too, which rules"), remedy)
}

/// Longer words are nobody's slip, and comparing them takes long.
pub(super) const MOST_LIKE_BYTES: usize = 64;

/// The known word that is most like this one, if any is like it at all.
pub fn nearest<'a>(wanted: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if wanted.len() > MOST_LIKE_BYTES {
        return None;
    }
    let wanted = wanted.to_lowercase();
    let judged = known.map(|word| (strsim::jaro_winkler(&wanted, &word.to_lowercase()), word));
    let near = judged.filter(|(likeness, _)| *likeness >= LIKE_ENOUGH);
    near.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, word)| word)
}
