//! What is told of an event, what ended that, and the window of a maintenance: plain data with the names that words need.

use crate::Mode;
use model::Micros;
use model::mail::Severity;
use serde::{Deserialize, Serialize};

/// People are told that the time has come: once per event and generation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// "RULE#GENERATION"; unique for its event for ever.
    pub key: String,
    pub rule: String,
    pub generation: i64,
    pub starts_at: Micros,
    pub ends_at: Micros,
    /// When people were to hear of it, and when they do.
    pub due: Micros,
    pub at: Micros,
    pub mode: Mode,
    pub severity: Severity,
    pub channel: Option<String>,
}

/// An early post.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    /// "RULE#GENERATION@SECOND"; unique for its event for ever.
    pub key: String,
    pub rule: String,
    pub starts_at: Micros,
    pub ends_at: Micros,
    pub mode: Mode,
    pub channel: Option<String>,
}

/// Somebody acted on a notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// The notice's key.
    pub notice: String,
    pub what: Acted,
    /// `None`: nobody tells who.
    pub by: Option<String>,
    pub at: Micros,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Acted {
    /// The incident was closed in PagerDuty.
    Closed,
    /// "Done" was pressed. Taking it ended it once, and what is remembered from then is read all the same.
    #[serde(alias = "taken")]
    Done,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    pub why: EndWhy,
    pub by: Option<String>,
    pub at: Micros,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "why")]
pub enum EndWhy {
    Acted {
        what: Acted,
    },
    Cancelled,
    Moved {
        to: Micros,
    },
    /// No rule chooses it any more.
    NotChosen,
    /// Its end and the grace have passed, and nobody acted.
    Unserved,
    /// Nobody knows any more what people were told.
    Lost,
}

impl EndWhy {
    /// The notice was for nothing: what it opened is taken back.
    pub const fn is_withdrawn(self) -> bool {
        matches!(self, Self::Cancelled | Self::Moved { .. } | Self::NotChosen)
    }
}

/// Nobody served it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unserved {
    /// "RULE#GENERATION".
    pub key: String,
    pub rule: String,
    pub starts_at: Micros,
    pub ends_at: Micros,
    /// People had been told; else it was seen too late.
    pub was_noticed: bool,
    /// It was entered or changed after its end: perhaps nobody was to act.
    pub is_afterthought: bool,
    pub mode: Mode,
    pub channel: Option<String>,
}

/// Services are worked on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// "RULE#GENERATION" of when it was opened; it stays when the window is moved.
    pub key: String,
    pub rule: String,
    pub services: Vec<String>,
    /// Once it has begun this stays as it is.
    pub starts_at: Micros,
    pub ends_at: Micros,
    pub mode: Mode,
    pub channel: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseWhy {
    /// Its end has come; PagerDuty closes it by itself.
    Over,
    /// The end was set to an instant that has passed.
    Shortened,
    Cancelled,
    /// To a later time; another window is opened then.
    Moved,
    /// No rule chooses it any more.
    NotChosen,
}
