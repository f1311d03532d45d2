//! A ticket of an outside tracker, and what happened on it, as its own history tells. Plain data as the API showed it at one
//! instant; whether anybody has to be called for it is decided elsewhere.

use crate::Micros;
use serde::{Deserialize, Serialize};

/// A ticket as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// "SPACE/NUMBER" with the tracker's own number, which stays when the ticket moves to another project.
    pub id: String,
    /// The name of the configured space that it lies in.
    pub space: String,
    /// What people call it, such as OPS-12.
    pub key: String,
    /// The project's key.
    pub project: String,
    pub title: String,
    pub body: String,
    /// The issue type's name, such as 障害.
    pub kind: String,
    pub categories: Vec<String>,
    pub priority: Option<Named>,
    pub status: Named,
    /// The work on it is over: resolved or closed.
    pub is_done: bool,
    pub assignee: Option<Who>,
    pub created_by: Who,
    pub created_at: Micros,
    pub updated_at: Micros,
    /// Where people open it.
    pub url: String,
}

/// One of the tracker's own values, by its number and its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    pub id: i64,
    pub name: String,
}

/// Somebody with an account in the tracker. Webhooks tell less of them than the API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    pub id: i64,
    /// The name that they sign in with.
    pub login: Option<String>,
    pub name: String,
    pub mail: Option<String>,
}

/// Something that somebody did to a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Happening {
    /// The comment's number; 0 for the ticket's creation. They rise with time.
    pub id: i64,
    pub at: Micros,
    pub by: Who,
    /// What was written, if anything was.
    pub text: Option<String>,
    pub changes: Vec<Change>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum Change {
    Created,
    /// By the names that people read; the history tells no numbers.
    Assignee {
        from: Option<String>,
        to: Option<String>,
    },
    Status {
        from: String,
        to: String,
    },
    Other {
        field: String,
        from: Option<String>,
        to: Option<String>,
    },
}

/// A ticket read whole: as it stands, and everything that led there, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    pub ticket: Ticket,
    pub history: Vec<Happening>,
}

/// That something happened to a ticket, as a webhook or a list of activities tells it: a hint to read it, never more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hint {
    /// The activity's number in its space.
    pub activity: i64,
    pub at: Option<Micros>,
    /// The tickets concerned, by key.
    pub keys: Vec<String>,
    /// They are gone.
    pub is_deleted: bool,
}
