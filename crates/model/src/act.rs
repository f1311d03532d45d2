//! What a person may do to an incident in PagerDuty, and whether the words are fit to be sent. Never sends.

use serde::{Deserialize, Serialize};

/// One act, as asked for on a page or through the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "act")]
pub enum Act {
    Acknowledge,
    Resolve {
        #[serde(default)]
        resolution: Option<String>,
    },
    Note {
        text: String,
    },
    Snooze {
        seconds: i64,
    },
    /// To these users, by PagerDuty's ids.
    Reassign {
        users: Vec<String>,
    },
    /// To this level of the incident's escalation policy; the first one is level 1.
    Escalate {
        level: u32,
    },
    /// By PagerDuty's id of the priority; none takes it away.
    Priority {
        #[serde(default)]
        to: Option<String>,
    },
    /// These incidents, by PagerDuty's ids, are merged into the one that the act is about.
    Merge {
        sources: Vec<String>,
    },
}

/// PagerDuty takes one second to a week.
pub const SNOOZE_S: std::ops::RangeInclusive<i64> = 1..=604_800;
/// PagerDuty's own limit of a note is not published; this is below what it is said to be.
pub const MOST_TEXT_CHARS: usize = 20_000;
/// Each is looked up by itself when the outcome is unknown; more would not fit into a lease.
pub const MOST_SOURCES: usize = 20;

/// Why an act can't be sent as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("a note without words says nothing")]
    EmptyText,
    #[error("the text has more than {MOST_TEXT_CHARS} characters")]
    TextTooLong,
    #[error("a snooze lasts from one second to one week (604,800 seconds)")]
    SnoozeOutOfRange,
    #[error("name at least one user to reassign to")]
    NobodyNamed,
    #[error("escalation goes to level 2 or higher, 20 at most")]
    LevelOutOfRange,
    #[error("name at least one other incident to merge, {MOST_SOURCES} at most, and not the one it goes into")]
    NothingToMerge,
    #[error("an id holds other characters than letters, digits, \"-\" and \"_\"")]
    OddId,
}

impl Act {
    pub const NAMES: [&'static str; 8] =
        ["acknowledge", "resolve", "note", "snooze", "reassign", "escalate", "priority", "merge"];

    pub const fn name(&self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledge",
            Self::Resolve { .. } => "resolve",
            Self::Note { .. } => "note",
            Self::Snooze { .. } => "snooze",
            Self::Reassign { .. } => "reassign",
            Self::Escalate { .. } => "escalate",
            Self::Priority { .. } => "priority",
            Self::Merge { .. } => "merge",
        }
    }

    /// Whether it can be sent for this incident, before PagerDuty is asked.
    pub fn check(&self, incident: &str) -> Result<(), Unfit> {
        match self {
            Self::Acknowledge => Ok(()),
            Self::Resolve { resolution } => resolution.as_deref().map_or(Ok(()), fits),
            Self::Note { text } if text.trim().is_empty() => Err(Unfit::EmptyText),
            Self::Note { text } => fits(text),
            Self::Snooze { seconds } if !SNOOZE_S.contains(seconds) => Err(Unfit::SnoozeOutOfRange),
            Self::Snooze { .. } => Ok(()),
            Self::Reassign { users } if users.is_empty() || users.len() > MOST_SOURCES => Err(Unfit::NobodyNamed),
            Self::Reassign { users } => ids(users),
            Self::Escalate { level } if !(2..=20).contains(level) => Err(Unfit::LevelOutOfRange),
            Self::Escalate { .. } => Ok(()),
            Self::Priority { to } => to.as_ref().map_or(Ok(()), |id| ids(std::slice::from_ref(id))),
            Self::Merge { sources } => {
                let is_odd =
                    sources.is_empty() || sources.len() > MOST_SOURCES || sources.iter().any(|s| s == incident);
                if is_odd { Err(Unfit::NothingToMerge) } else { ids(sources) }
            }
        }
    }

    /// Whether it only makes sense while the incident is open.
    pub const fn needs_open(&self) -> bool {
        !matches!(self, Self::Note { .. })
    }
}

fn fits(text: &str) -> Result<(), Unfit> {
    if text.chars().count() > MOST_TEXT_CHARS { Err(Unfit::TextTooLong) } else { Ok(()) }
}

fn ids(ids: &[String]) -> Result<(), Unfit> {
    let is_plain = |id: &String| {
        (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    if ids.iter().all(is_plain) { Ok(()) } else { Err(Unfit::OddId) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pagerduty_would_refuse_is_refused_with_a_reason_first() {
        let refused = [
            (Act::Note { text: " \n".into() }, Unfit::EmptyText),
            (Act::Note { text: "長".repeat(MOST_TEXT_CHARS + 1) }, Unfit::TextTooLong),
            (Act::Snooze { seconds: 0 }, Unfit::SnoozeOutOfRange),
            (Act::Snooze { seconds: 604_801 }, Unfit::SnoozeOutOfRange),
            (Act::Reassign { users: vec![] }, Unfit::NobodyNamed),
            (Act::Reassign { users: vec!["../P1".into()] }, Unfit::OddId),
            (Act::Escalate { level: 1 }, Unfit::LevelOutOfRange),
            (Act::Priority { to: Some(String::new()) }, Unfit::OddId),
            (Act::Merge { sources: vec!["Q1".into()] }, Unfit::NothingToMerge),
        ];
        for (act, why) in refused {
            assert_eq!(act.check("Q1"), Err(why), "{act:?}");
        }
    }

    #[test]
    fn names_are_what_json_says() {
        let acts = [
            Act::Acknowledge,
            Act::Resolve { resolution: None },
            Act::Note { text: "a".into() },
            Act::Snooze { seconds: 1 },
            Act::Reassign { users: vec!["P1".into()] },
            Act::Escalate { level: 2 },
            Act::Priority { to: None },
            Act::Merge { sources: vec!["Q2".into()] },
        ];
        let names: Vec<_> = acts
            .iter()
            .map(|act| serde_json::to_value(act).unwrap_or_default()["act"].as_str().unwrap_or_default().to_owned())
            .collect();
        assert_eq!(names, Act::NAMES);
        assert!(acts.iter().all(|act| act.check("Q1") == Ok(()) && Act::NAMES.contains(&act.name())));
    }
}
