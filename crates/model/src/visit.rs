//! What came of looking for an incident's hosts, as it is kept and shown: which were found and why, which are refused, what was asked
//! for there, and what was found wrong. Words are in both languages, for what is kept is read by either.

use crate::plan::{Level, Words};
use serde::{Deserialize, Serialize};

/// What an incident led to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Visit {
    /// In one sentence: what was found, or that nothing was, and what to do about it.
    pub says: Words,
    /// The surest first.
    pub hosts: Vec<Seen>,
    /// Named by the incident and not to be visited for it.
    pub refused: Vec<Seen>,
    /// Words that look like a host's name and that the inventory does not know.
    pub unknown: Vec<String>,
    /// What to do so that more is found, a line each.
    pub hints: Vec<Words>,
    /// Runs that were asked for.
    pub asked: Vec<Asked>,
    /// What would have been run, and why it was not.
    pub held_back: Vec<Held>,
}

/// A host that the incident names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    pub host: String,
    pub why: Words,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    pub run: i64,
    pub host: String,
    pub runbook: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    pub host: String,
    pub runbook: String,
    pub why: Words,
}

/// Something that a step found, as it is kept with the step and with its run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The step's name.
    pub step: String,
    pub level: Level,
    pub words: Words,
    /// The figure or text that it was read from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// The worst first; within a level in the order of the steps.
pub fn worst_first(findings: &mut [Finding]) {
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
}

/// Words as they are kept: JSON of both languages, or a text that is the same in both.
pub fn words_of(kept: &str) -> Words {
    serde_json::from_str(kept).unwrap_or_else(|_| Words::new(kept, kept))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_in_both_languages_or_as_they_stand() {
        let both = Words::new("it is full", "一杯です");
        assert_eq!(words_of(&serde_json::to_string(&both).unwrap()), both);
        assert_eq!(words_of("no route"), Words::new("no route", "no route"));
    }

    #[test]
    fn the_worst_stands_first_and_equals_keep_their_order() {
        let finding = |step: &str, level| Finding { step: step.into(), level, words: Words::default(), value: None };
        let mut all = vec![
            finding("a", Level::Info),
            finding("b", Level::Critical),
            finding("c", Level::Info),
            finding("d", Level::Warning),
        ];
        worst_first(&mut all);
        let order: Vec<&str> = all.iter().map(|finding| finding.step.as_str()).collect();
        assert_eq!(order, ["b", "d", "a", "c"]);
        let kept = r#"{"hosts":[],"later":1}"#;
        assert_eq!(
            serde_json::from_str::<Visit>(kept).unwrap(),
            Visit::default(),
            "a later program's fields do no harm"
        );
    }
}
