//! Why a ticket is a case for somebody, and what ended that: plain data with the names that words need, and no words.

use super::rule::Kind;
use crate::Mode;
use model::Micros;
use model::hours::Standing;
use model::mail::Severity;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "reason")]
pub enum Reason {
    Unassigned,
    GroupAccount {
        group: String,
        name: String,
    },
    /// As they stood when the customer's side did it.
    OffHours {
        person: String,
        name: String,
        standing: Standing,
    },
    AssigneeUnknown {
        name: String,
    },
    /// The rule asks for nothing but what the ticket is.
    Matches {
        keyword: Option<String>,
    },
    /// Since `since` the customer's side has no answer, for so many working minutes of `of`.
    Waits {
        since: Micros,
        minutes: i64,
        of: String,
    },
}

/// A ticket that is somebody's case: once per reason and generation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// "RULE#GENERATION"; unique for its ticket for ever.
    pub key: String,
    pub rule: String,
    pub generation: i64,
    pub reason: Reason,
    /// What the customer's side did: its number, when, by whom.
    pub happening: i64,
    pub at: Micros,
    pub by: String,
    pub kinds: Vec<Kind>,
    /// When we found out.
    pub found_at: Micros,
    pub mode: Mode,
    pub severity: Severity,
    pub channel: Option<String>,
    pub tells_customer: bool,
    /// The last happening that was a reason: what ends it is newer.
    pub last: i64,
    /// The ticket was done already.
    pub was_done: bool,
    /// The project it was in.
    pub project: String,
}

/// The same or another rule matched while a hit is open; for its thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Again {
    /// The open hit's key.
    pub hit: String,
    pub rule: String,
    pub reason: Reason,
    pub happening: i64,
    pub at: Micros,
    pub by: String,
}

/// What ended a hit, as the ticket's history or the person shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    pub why: EndWhy,
    /// Who did it; `None`: the tracker does not tell.
    pub by: Option<String>,
    pub at: Micros,
    /// The happening that proves it.
    pub happening: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "why")]
pub enum EndWhy {
    Assigned {
        to: String,
    },
    Answered,
    /// Somebody of ours set it to another open status.
    Taken {
        status: String,
    },
    /// In PagerDuty, whatever the ticket's own history tells.
    Resolved,
    Closed {
        status: String,
    },
    /// It is done, and no history tells by whom.
    Done {
        status: String,
    },
    /// To a project that nobody watches.
    Moved {
        project: String,
    },
    Deleted,
    /// Nobody knows any more what it was.
    Lost,
}

/// Why nobody was called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Instead {
    /// It was so before we first looked.
    Baseline,
    /// It had ended when we saw it.
    Over(End),
}
