//! What PagerDuty's event orchestrations would do with an event, as far as that can be told from outside. A hint for the cause
//! finder: what can't be told is said to be so, never taken for "no".

mod condition;
mod pattern;
mod tokens;

#[cfg(test)]
mod tests;

pub use condition::judge;

use model::orchestration::{Path, Rule, RuleActions};
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    Matches,
    DoesNot,
    /// Not understood, or it hangs on something that we don't know.
    CantSay,
}

impl Verdict {
    const fn of(is_so: bool) -> Self {
        if is_so { Self::Matches } else { Self::DoesNot }
    }

    const fn not(self) -> Self {
        match self {
            Self::Matches => Self::DoesNot,
            Self::DoesNot => Self::Matches,
            Self::CantSay => Self::CantSay,
        }
    }

    const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::DoesNot, _) | (_, Self::DoesNot) => Self::DoesNot,
            (Self::Matches, Self::Matches) => Self::Matches,
            _ => Self::CantSay,
        }
    }

    const fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }
}

/// An event as PagerDuty would see it, by the paths of its condition language: `event.summary`, `event.source`,
/// `event.custom_details.host`, `event.custom_details.from[0]`. What is not set here is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    fields: BTreeMap<String, Option<String>>,
}

impl Event {
    #[must_use]
    pub fn with(mut self, path: &str, value: impl Into<String>) -> Self {
        self.fields.insert(path.to_owned(), Some(value.into()));
        self
    }

    /// The event surely has no such field.
    #[must_use]
    pub fn without(mut self, path: &str) -> Self {
        self.fields.insert(path.to_owned(), None);
        self
    }

    fn field(&self, path: &str) -> Field<'_> {
        match self.fields.get(path) {
            None => Field::Unknown,
            Some(None) => Field::Absent,
            Some(Some(text)) => Field::Text(text),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field<'a> {
    Text(&'a str),
    Absent,
    Unknown,
}

/// Whether a rule meets the event; one condition is enough, none means always.
pub fn meets(rule: &Rule, event: &Event) -> Verdict {
    if rule.is_disabled {
        return Verdict::DoesNot;
    }
    // A rule that takes the service out of the event has no conditions, and meets only what it finds one in.
    if rule.actions.routes_by_field {
        return Verdict::CantSay;
    }
    if rule.conditions.is_empty() {
        return Verdict::Matches;
    }
    rule.conditions.iter().map(|condition| judge(condition, event)).fold(Verdict::DoesNot, Verdict::or)
}

/// What is done to the event at one place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step<'a> {
    pub set: &'a str,
    /// `None`: the set's catch-all, since no rule met.
    pub rule: Option<&'a Rule>,
    pub actions: &'a RuleActions,
    /// Otherwise it may be done.
    pub is_sure: bool,
}

/// Everything that is or may be done to the event on this path, in order.
pub fn walk<'a>(path: &'a Path, event: &Event) -> Vec<Step<'a>> {
    let mut walk = Walk { path, visited: Vec::new(), steps: Vec::new() };
    walk.set(Path::START, event, true);
    walk.steps
}

struct Walk<'a> {
    path: &'a Path,
    /// The sets on the way here: none is entered twice.
    visited: Vec<&'a str>,
    steps: Vec<Step<'a>>,
}

/// Paths that branch at every rule that can't be judged would take for ever to walk.
const MOST_STEPS: usize = 1_000;

impl<'a> Walk<'a> {
    fn set(&mut self, id: &str, event: &Event, mut is_sure: bool) {
        let Some(set) = self.path.set(id) else { return };
        if self.visited.contains(&set.id.as_str()) {
            return;
        }
        self.visited.push(&set.id);
        for rule in &set.rules {
            let verdict = meets(rule, event);
            if verdict == Verdict::DoesNot {
                continue;
            }
            is_sure &= verdict == Verdict::Matches;
            self.step(&set.id, Some(rule), &rule.actions, is_sure);
            if let Some(next) = rule.actions.route_to.as_deref().filter(|_| self.steps.len() < MOST_STEPS) {
                self.set(next, &rewritten(event, &rule.actions), is_sure);
            }
            // No later rule is asked once one has met.
            if verdict == Verdict::Matches {
                self.visited.pop();
                return;
            }
        }
        self.step(&set.id, None, &self.path.catch_all, is_sure);
        self.visited.pop();
    }

    fn step(&mut self, set: &'a str, rule: Option<&'a Rule>, actions: &'a RuleActions, is_sure: bool) {
        if self.steps.len() < MOST_STEPS {
            self.steps.push(Step { set, rule, actions, is_sure });
        }
    }
}

/// What a rule writes anew nobody knows afterwards.
fn rewritten(event: &Event, actions: &RuleActions) -> Event {
    let mut event = event.clone();
    for path in &actions.rewrites {
        event.fields.remove(path);
    }
    if actions.severity.is_some() {
        event.fields.remove("event.severity");
    }
    event
}
