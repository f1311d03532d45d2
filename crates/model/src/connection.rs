//! What is known of the connection to PagerDuty: whose key it is and what it may, how the webhook subscriptions are, how
//! far the polls have come. Written by the engine, shown by the pages; each is a poll's state as JSON.

use crate::Micros;
use crate::ticket::Who;
use serde::{Deserialize, Serialize};

/// The names of polls.
pub mod poll {
    pub const LOG: &str = "log";
    pub const OPEN: &str = "open";
    pub const SUBSCRIPTIONS: &str = "subscriptions";
    pub const TOKEN: &str = "token";
    /// The incidents of the last minutes, asked for when a mail has none.
    pub const RECENT: &str = "recent";
    /// What happened in a space of Backlog; followed by its name.
    pub const ACTIVITIES: &str = "backlog-activities/";
    /// The open tickets of a space; followed by its name.
    pub const TICKETS: &str = "backlog-tickets/";
    /// The events of a calendar; followed by its name.
    pub const CALENDAR: &str = "calendar/";
    /// Whose Slack token it is.
    pub const SLACK: &str = "slack";
    /// How Socket Mode's connection is.
    pub const SLACK_SOCKET: &str = "slack-socket";
    /// Followed by the kind of thing.
    pub const REFERENCE: &str = "reference-";
}

/// State of the poll `recent`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecentState {
    /// From when on incidents are asked for in the next round.
    pub since: Option<Micros>,
    /// From when on they were asked for in the round that is under way, or ended last.
    #[serde(default)]
    pub asked_since: Option<Micros>,
}

/// Whose key it is, as far as that was told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Owner {
    #[default]
    Unknown,
    Account,
    /// Whatever is written is written as this user.
    User {
        id: String,
        name: String,
        email: Option<String>,
    },
}

/// State of the poll `token`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenState {
    /// Which key all of this is about: a digest's beginning, never the key.
    #[serde(default)]
    pub key: String,
    pub owner: Owner,
    /// `None`: nobody knows yet.
    pub can_write: Option<bool>,
    pub missing: Vec<MissingScope>,
    /// PagerDuty's clock less ours.
    pub clock_offset_ms: Option<i64>,
    #[serde(default)]
    pub rate: Option<RateSeen>,
    pub checked_at: Option<Micros>,
}

/// State of `backlog-activities/SPACE`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivitiesState {
    /// The newest activity that was seen.
    pub newest: Option<i64>,
    pub asked_at: Option<Micros>,
}

/// State of `backlog-tickets/SPACE`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketsState {
    /// What happened until then is history.
    pub baseline_at: Option<Micros>,
    /// Up to when changes were listed.
    #[serde(default)]
    pub listed: Option<Micros>,
    /// The account that the key belongs to, as the space told: what we write is by it.
    #[serde(default)]
    pub own: Option<Who>,
}

/// What of a calendar could not be read as meant, though the rest was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartUnread {
    pub count: usize,
    /// What the first of them is, and why it could not.
    pub first: String,
}

/// State of `calendar/NAME`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarState {
    /// What had begun by then calls nobody.
    pub baseline_at: Option<Micros>,
    /// What changes are asked for with.
    pub token: Option<String>,
    /// When the last whole list was asked for, and from when on; what it does not show is gone.
    pub listed_at: Option<Micros>,
    pub listed_since: Option<Micros>,
    /// Whether what it does not show was looked for.
    #[serde(default)]
    pub is_swept: bool,
    /// The last whole list could not be read to its end: what it did not show may stand all the same.
    #[serde(default)]
    pub is_cut: bool,
    /// What of the last whole list, or of a change since, could not be read.
    #[serde(default)]
    pub unread: Option<PartUnread>,
    /// What the feed's server named the version that was read last.
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    /// Its own zone, by name.
    pub zone: Option<String>,
}

/// State of `slack-socket`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlackSocket {
    pub open_since: Option<Micros>,
    pub trouble: Option<String>,
    /// Since when it has not been open.
    #[serde(default)]
    pub down_since: Option<Micros>,
}

/// State of `slack`: whose token it is, as Slack said last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlackToken {
    pub workspace: Option<String>,
    /// The name that the app posts under.
    pub bot: Option<String>,
    pub asked_at: Option<Micros>,
    /// Why the token is not good any more.
    pub refused: Option<String>,
}

/// What PagerDuty said was left of the calls that it lets the key make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateSeen {
    /// Calls a minute.
    pub limit: i64,
    pub left: i64,
    pub at: Micros,
}

/// Something that the key, or the account's plan, does not allow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingScope {
    pub what: String,
    pub status: u16,
    pub text: String,
}

/// A webhook subscription as PagerDuty lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionSeen {
    pub id: String,
    pub description: Option<String>,
    pub url: Option<String>,
    pub active: bool,
    pub temporarily_disabled: bool,
    pub is_ours: bool,
    /// It is told of every incident that opens, is taken or ends, in the whole account.
    #[serde(default)]
    pub tells_all: bool,
}

impl TokenState {
    /// What is known of this key; of another one nothing is known.
    #[must_use]
    pub fn of_key(self, key: &str) -> Self {
        if self.key == key { self } else { Self::default() }
    }
}

/// A key's name in `TokenState`.
pub fn key_mark(token: &str) -> String {
    short_digest(token.as_bytes())
}

/// Enough of a digest to tell two contents apart.
pub fn short_digest(bytes: &[u8]) -> String {
    crate::signal::digest(bytes).iter().take(8).map(|b| format!("{b:02x}")).collect()
}

/// State of the poll `subscriptions`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionsState {
    pub seen: Vec<SubscriptionSeen>,
    /// The key may not list them: that none was seen says nothing.
    #[serde(default)]
    pub is_refused: bool,
    pub looked_at: Option<Micros>,
}

/// State of the poll `log`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogState {
    /// Everything in the log up to here has been fetched.
    pub covered: Option<Micros>,
    /// When the log last told something that nobody had told before.
    pub news_at: Option<Micros>,
    /// As of the last round.
    #[serde(default)]
    pub rate: Option<RateSeen>,
}

/// State of the poll `open`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenState {
    /// The incidents that the running round has shown so far; emptied at its end.
    pub seen: Vec<String>,
    /// Of the last whole round: how many PagerDuty showed, how many of them the mirror lacked, and how many were open
    /// here alone.
    pub shown: i64,
    pub lacked: i64,
    pub ours_alone: i64,
}
