//! How the variables of groups are laid over each other: those nearer to the host rule. A child's over its parent's, then by
//! `ansible_group_priority`, then by name, as Ansible does.

use super::super::Complaint;
use super::book::Book;
use super::value::Content;
use std::collections::{BTreeMap, BTreeSet};

/// Names of groups by the name of a group or a host.
type Above = BTreeMap<String, BTreeSet<String>>;

/// All groups of all hosts, from what rules least to what rules most.
pub struct Order {
    parents: Above,
    rank: BTreeMap<String, (usize, i64)>,
    of_host: Above,
}

impl Order {
    /// A ring of groups is told and cut.
    pub fn new(book: &Book, complaints: &mut Vec<Complaint>) -> Self {
        let (mut parents, mut of_host) = (Above::new(), Above::new());
        for (name, group) in &book.groups {
            for child in &group.children {
                parents.entry(child.clone()).or_default().insert(name.clone());
            }
            for host in &group.hosts {
                of_host.entry(host.clone()).or_default().insert(name.clone());
            }
        }
        let depths = Layers { book, parents: &mut parents, depths: BTreeMap::new() }.all(complaints);
        let rank = depths.into_iter().map(|(name, depth)| {
            let priority = priority(book, &name);
            (name, (depth, priority))
        });
        Self { rank: rank.collect(), parents, of_host }
    }

    /// The groups that a host is in, those above them too, and `all`.
    pub fn groups(&self, host: &str) -> Vec<&str> {
        let mut found: BTreeSet<&str> = BTreeSet::from(["all"]);
        let mut waiting: Vec<&String> = self.of_host.get(host).into_iter().flatten().collect();
        while let Some(group) = waiting.pop() {
            if found.insert(group) {
                waiting.extend(self.parents.get(group).into_iter().flatten());
            }
        }
        let mut found: Vec<&str> = found.into_iter().collect();
        found.sort_by_key(|name| (self.rank.get(*name).copied().unwrap_or_default(), *name));
        found
    }
}

fn priority(book: &Book, group: &str) -> i64 {
    match book.groups.get(group).and_then(|group| group.variables.get("ansible_group_priority")).map(|it| &it.content) {
        Some(Content::Text(text)) => text.trim().parse().unwrap_or(1),
        _ => 1,
    }
}

struct Layers<'a> {
    book: &'a Book,
    parents: &'a mut Above,
    depths: BTreeMap<String, usize>,
}

impl Layers<'_> {
    /// How far below the top each group is, by its longest way.
    fn all(mut self, complaints: &mut Vec<Complaint>) -> BTreeMap<String, usize> {
        let mut left: BTreeMap<&String, usize> =
            self.book.groups.keys().map(|name| (name, self.parents.get(name).map_or(0, BTreeSet::len))).collect();
        let mut ready: Vec<&String> = left.iter().filter(|(_, above)| **above == 0).map(|(name, _)| *name).collect();
        while !left.is_empty() {
            let Some(name) = ready.pop() else {
                let Some(freed) = self.cut(&mut left, complaints) else { break };
                ready.extend(freed);
                continue;
            };
            left.remove(name);
            let depth = if name == "all" { 0 } else { *self.depths.entry(name.clone()).or_insert(1) };
            self.depths.insert(name.clone(), depth);
            for child in self.book.groups.get(name).into_iter().flat_map(|group| &group.children) {
                let Some(above) = left.get_mut(child).filter(|_| is_child(self.parents, child, name)) else { continue };
                *above = above.saturating_sub(1);
                if *above == 0 {
                    ready.push(child);
                }
                let known = self.depths.entry(child.clone()).or_insert(1);
                *known = (*known).max(depth + 1);
            }
        }
        self.depths
    }

    /// Takes one of the groups that are left out of a ring; it, if nothing else is above it.
    fn cut<'a>(
        &mut self,
        left: &mut BTreeMap<&'a String, usize>,
        complaints: &mut Vec<Complaint>,
    ) -> Option<Option<&'a String>> {
        // Upwards from anywhere among them, one comes around to a group that was passed.
        let mut trail: Vec<&String> = vec![*left.keys().next()?];
        loop {
            let name = *trail.last()?;
            let parent = self.parents.get(name)?.iter().find_map(|parent| left.get_key_value(parent))?.0;
            if let Some(at) = trail.iter().position(|passed| passed == parent) {
                return self.part(&trail[at..], left, complaints);
            }
            trail.push(parent);
        }
    }

    fn part<'a>(
        &mut self,
        ring: &[&'a String],
        left: &mut BTreeMap<&'a String, usize>,
        complaints: &mut Vec<Complaint>,
    ) -> Option<Option<&'a String>> {
        let (child, parent) = (*ring.last()?, *ring.first()?);
        // The trail leads upwards, and from its last to its first.
        self.parents.get_mut(child)?.remove(parent);
        let names: Vec<&str> = ring.iter().map(|name| name.as_str()).collect();
        let says =
            format!("the groups {} are in a ring, so that {child} is taken for no child of {parent}", names.join(", "));
        let place = self.book.groups.get(parent).map(|group| group.place.clone()).unwrap_or_default();
        complaints.push(Complaint::note(place, says, "take one of them out"));
        let above = left.get_mut(child)?;
        *above = above.saturating_sub(1);
        Some((*above == 0).then_some(child))
    }
}

fn is_child(parents: &Above, child: &str, parent: &str) -> bool {
    parents.get(child).is_some_and(|parents| parents.contains(parent))
}
