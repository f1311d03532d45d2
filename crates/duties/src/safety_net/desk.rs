//! What people at the desk decide about mails, routes and hosts: it comes in as a signal like everything, with who said so.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// The person's name, for the ledger.
    pub by: String,
    /// The account's id, or `token:NAME`, for the record.
    #[serde(default)]
    pub account: String,
    pub act: Act,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "do")]
pub enum Act {
    /// Register this mail's alert in PagerDuty now.
    Register { mail: i64 },
    /// This mail is no alert; with `always`, no mail of the same alert is from now on.
    NotAnAlert { mail: i64, always: bool },
    /// Mails of this alert are held back from now on: known, and meant to have no incident.
    HoldBack { mail: i64 },
    /// A rule that somebody made so holds no more.
    EndRule { rule: String },
    /// Send a canary on this route.
    TestRoute { route: String },
    /// Run this runbook on a host; for an incident, if one is named.
    Run {
        host: String,
        runbook: String,
        #[serde(default)]
        parameters: BTreeMap<String, String>,
        #[serde(default)]
        incident: Option<String>,
        /// The version that whoever asks was shown: no other is run.
        #[serde(default)]
        digest: Option<String>,
    },
    /// Look for an incident's hosts again, and run what fits it.
    Diagnose { incident: String },
    /// End a run.
    StopRun { run: i64 },
    /// Try now whether a host can be reached.
    TestHost { host: String },
}
