//! A plan: what exactly is to be run where, within which limits, and what is expected of it. Data alone: it has a digest, so
//! that an approval or a record means these very commands. Never reads a runbook, never runs anything.

use crate::canonical::{self, CanonicalError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The form that this version writes.
pub const VERSION: u32 = 1;

/// Text for people in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Words {
    pub en: String,
    pub ja: String,
}

impl Words {
    pub fn new(en: impl Into<String>, ja: impl Into<String>) -> Self {
        Self { en: en.into(), ja: ja.into() }
    }

    /// As they are kept in one text; one that is no such thing is the same in every language.
    pub fn kept(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_else(|_| Self::new(text, text))
    }
}

/// Whether a step looks or acts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    #[default]
    Read,
    Change,
}

impl Class {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Change => "change",
        }
    }
}

/// How much of a host's and of our patience something may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    pub time_ms: u64,
    pub output_bytes: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub version: u32,
    pub runbook: String,
    pub title: Words,
    /// SHA-256 of the runbook's file, byte for byte.
    pub runbook_digest: String,
    /// The strongest of its steps'.
    pub class: Class,
    pub host: String,
    /// The bastions on the way there, the first one first.
    pub hops: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    pub parameters: BTreeMap<String, String>,
    pub steps: Vec<PlanStep>,
    /// Of all steps together.
    pub limits: Limits,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanStep {
    pub name: String,
    pub title: Words,
    pub class: Class,
    /// Exactly what is asked of sshd.
    pub exec: String,
    /// Exactly what is sent on standard input, before its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stdin: Option<String>,
    pub limits: Limits,
    pub expect: Vec<Expect>,
    pub on_failure: OnFailure,
    /// Tools without which the step ends as *missing*; `a|b` is met by either.
    pub needs: Vec<String>,
    pub shows: Shows,
}

/// What becomes of the steps after one that failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    #[default]
    Continue,
    Stop,
}

/// How a step's output is best shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shows {
    #[default]
    Text,
    Table,
    Json,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Info,
    #[default]
    Warning,
    Critical,
}

impl Level {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// What should be so, and what is said to people where it is not. Figures are decimals in text: a digest takes no fraction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expect {
    Exit {
        any_of: Vec<i32>,
        says: Option<Says>,
    },
    /// The pattern is found in the output; with `not`, it is found nowhere.
    Matches {
        pattern: String,
        not: bool,
        says: Says,
    },
    /// Group 1 of every match lies within the bounds.
    Number {
        pattern: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<String>,
        /// The figure is divided by group 1 of this pattern's first match, as load is by processors.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        per: Option<String>,
        says: Says,
    },
}

/// The sentence of a finding; `{value}` and named groups of the pattern stand in braces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Says {
    pub level: Level,
    pub words: Words,
}

impl Plan {
    /// What an approval or a record of this plan binds to.
    ///
    /// # Errors
    /// A limit is above what canonical JSON can write.
    pub fn digest(&self) -> Result<String, CanonicalError> {
        canonical::digest(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        let limits = Limits { time_ms: 10_000, output_bytes: 1 << 20 };
        let says =
            Says { level: Level::Warning, words: Words::new("{mount} is {value} % full", "{mount} は {value} %") };
        let expect = Expect::Number {
            pattern: r"(\d+)% +(?<mount>/\S*)".into(),
            min: None,
            max: Some("89.5".into()),
            per: None,
            says,
        };
        let step = PlanStep {
            name: "disk".into(),
            title: Words::new("Disk", "ディスク"),
            class: Class::Read,
            exec: "sh -c 'true'".into(),
            stdin: Some("df -P\n".into()),
            limits,
            expect: vec![expect, Expect::Exit { any_of: vec![0, 1], says: None }],
            on_failure: OnFailure::Continue,
            needs: vec!["df".into()],
            shows: Shows::Table,
        };
        Plan {
            version: VERSION,
            runbook: "linux".into(),
            title: Words::new("Linux", "Linux"),
            runbook_digest: "00".repeat(32),
            class: Class::Read,
            host: "web-1".into(),
            hops: vec!["bastion".into()],
            customer: Some("acme".into()),
            parameters: BTreeMap::from([("path".into(), "/var".into())]),
            steps: vec![step],
            limits,
        }
    }

    #[test]
    fn it_reads_back_as_it_was_written() {
        let plan = plan();
        let again: Plan = serde_json::from_slice(&canonical::to_vec(&plan).unwrap()).unwrap();
        assert_eq!(again, plan);
        assert_eq!(again.digest().unwrap(), plan.digest().unwrap());
    }

    /// Whoever approves, approves all of it.
    #[test]
    fn whatever_differs_changes_the_digest() {
        let changes: [fn(&mut Plan); 12] = [
            |p| p.host.push('0'),
            |p| p.hops.clear(),
            |p| p.customer = None,
            |p| p.runbook_digest.push('0'),
            |p| drop(p.parameters.insert("path".into(), "/".into())),
            |p| p.steps[0].exec.push(' '),
            |p| p.steps[0].stdin = None,
            |p| p.steps[0].limits.time_ms += 1,
            |p| p.steps[0].class = Class::Change,
            |p| p.steps[0].on_failure = OnFailure::Stop,
            |p| p.steps[0].expect.clear(),
            |p| p.limits.output_bytes += 1,
        ];
        let first = plan().digest().unwrap();
        for (n, change) in changes.iter().enumerate() {
            let mut other = plan();
            change(&mut other);
            assert_ne!(other.digest().unwrap(), first, "change {n}");
        }
    }

    #[test]
    fn its_form_does_not_move_by_itself() {
        let json = serde_json::to_value(plan()).unwrap();
        assert_eq!(json["version"], 1);
        assert_eq!(json["class"], "read");
        assert_eq!(json["steps"][0]["expect"][0]["number"]["max"], "89.5");
        assert_eq!(json["steps"][0]["expect"][1]["exit"]["any_of"], serde_json::json!([0, 1]));
        assert_eq!(json["steps"][0]["on_failure"], "continue");
        assert_eq!(json["steps"][0]["shows"], "table");
    }
}
