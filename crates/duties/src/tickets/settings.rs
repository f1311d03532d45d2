//! The settings of the tickets of one space, and what is wrong with them, in words that name the rule and the remedy.

use super::directory::Directory;
use super::reason::{Hit, Reason};
use super::rule::{HoursOf, Rule};
use crate::Mode;
use crate::locale::Locale;
use std::collections::BTreeSet;

#[derive(Clone, Debug)]
pub struct Settings {
    pub mode: Mode,
    pub locale: Locale,
    pub directory: Directory,
    /// In order; the first that matches.
    pub rules: Vec<Rule>,
    /// The keys of the projects that are watched; empty: all.
    pub projects: Vec<String>,
    /// The statuses that mean that it is done, by name or number; of the present one the tracker itself tells.
    pub done: Vec<String>,
    /// A pause up to so long is no absence.
    pub pause_most_s: i64,
}

impl Default for Settings {
    fn default() -> Self {
        let done = ["処理済み", "完了", "Resolved", "Closed", "3", "4"];
        Self {
            mode: Mode::Observe,
            locale: Locale::default(),
            directory: Directory::default(),
            rules: Vec::new(),
            projects: Vec::new(),
            done: done.into_iter().map(ToOwned::to_owned).collect(),
            pause_most_s: 5_400,
        }
    }
}

impl Settings {
    /// The group whose case it is: the desk that it is assigned to, or whose working time its rule counts.
    pub fn group_of<'a>(&'a self, hit: &'a Hit) -> Option<&'a str> {
        match &hit.reason {
            Reason::GroupAccount { group, .. } => Some(group),
            Reason::Waits { .. } => {
                let rule = self.rules.iter().find(|rule| rule.name == hit.rule);
                match &rule?.waits.as_ref()?.of {
                    HoursOf::Group(id) => Some(id),
                    HoursOf::Person(_) | HoursOf::Customer => None,
                }
            }
            _ => None,
        }
    }

    /// What is wrong; each line names the rule and what to write.
    pub fn problems(&self) -> Vec<String> {
        let mut names = BTreeSet::new();
        let mut found = Vec::new();
        for (n, rule) in self.rules.iter().enumerate() {
            if rule.name.trim().is_empty() {
                found.push(format!("ticket rule {} has no name: give it one, it stands in every message", n + 1));
            } else if !names.insert(&rule.name) {
                found.push(format!("two ticket rules are called \"{}\": give each its own name", rule.name));
            }
            found.extend(self.problems_of(rule));
        }
        found
    }

    /// The same of one rule, whether or not it stands among them.
    pub fn problems_of(&self, rule: &Rule) -> Vec<String> {
        let name = &rule.name;
        let unknown = |kind: &str, id: &str| {
            format!("ticket rule \"{name}\": there is no {kind} \"{id}\"; name one that is configured")
        };
        let mut found = Vec::new();
        let of = rule.waits.as_ref().map(|waits| &waits.of);
        let groups =
            rule.while_off.iter().chain(of.and_then(|of| if let HoursOf::Group(id) = of { Some(id) } else { None }));
        found.extend(groups.filter(|id| self.directory.group(id).is_none()).map(|id| unknown("group", id)));
        match of {
            Some(HoursOf::Person(id)) if self.directory.person(id).is_none() => found.push(unknown("person", id)),
            _ => {}
        }
        if rule.waits.as_ref().is_some_and(|waits| waits.minutes < 1) {
            found.push(format!("ticket rule \"{name}\": waits.minutes must be 1 or more"));
        }
        if rule.waits.is_some() && rule.ignore {
            found.push(format!("ticket rule \"{name}\": it can't wait and ignore; remove one of them"));
        }
        found
    }
}
