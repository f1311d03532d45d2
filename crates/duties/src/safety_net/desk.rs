//! What people at the desk decide about mails and routes: it comes in as a signal like everything, with who said so.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// The person's name, for the ledger.
    pub by: String,
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
}
