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
    findings.sort_by(|a, b| b.level.cmp(&a.level));
}
