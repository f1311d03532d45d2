//! Anything that happens arrives as a signal and is kept raw before anybody reads it.

use crate::Micros;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Whether what happened is happening now. History never acts: only `Live` and `Repair` make actions. What is told by
/// several counts as the first of them in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    Live,
    Repair,
    Backfill,
    Replay,
}

impl Origin {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Repair => "repair",
            Self::Backfill => "backfill",
            Self::Replay => "replay",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Live, Self::Repair, Self::Backfill, Self::Replay].into_iter().find(|o| o.as_str() == text)
    }

    pub const fn may_act(self) -> bool {
        matches!(self, Self::Live | Self::Repair)
    }
}

/// The doors that signals come in by. The text is stored and shown; it never changes its meaning.
pub mod source {
    pub const PAGERDUTY_WEBHOOK: &str = "pagerduty";
    /// What a button of ours in PagerDuty, a custom incident action, claims.
    pub const PAGERDUTY_ACTION: &str = "pagerduty-action";
    /// One incident with its log entries, notes and alerts, or a page of a list, read through the REST API.
    pub const PAGERDUTY_API: &str = "pagerduty-api";
    pub const TIMER: &str = "timer";
    /// What our own receiver noticed, e.g. a wrong signature on a subscription that is ours.
    pub const GUARD: &str = "guard";
    /// A delivery of Amazon SNS: a receipt of SES, or an alarm.
    pub const SNS: &str = "sns";
    /// What somebody at the desk decided about a mail or a route.
    pub const DESK: &str = "desk";
    /// A hint that something happened to a ticket.
    pub const BACKLOG_WEBHOOK: &str = "backlog";
    /// A ticket read whole through the API.
    pub const BACKLOG_API: &str = "backlog-api";
    /// A hint of Google's that a calendar has changed.
    pub const CALENDAR_PUSH: &str = "google-calendar";
    /// A page of a calendar's events.
    pub const CALENDAR_API: &str = "google-calendar-api";
    /// A calendar as its ICS address gives it.
    pub const CALENDAR_FEED: &str = "calendar-feed";
    /// What people pressed, said or asked for in Slack.
    pub const SLACK: &str = "slack";
    /// What SPF and DKIM said of a mail that came earlier.
    pub const MAIL_CHECK: &str = "mail-check";
}

/// A signal as it is handed to the store: raw bytes and what names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signal {
    pub source: &'static str,
    pub key: Key,
    pub digest: [u8; 32],
    pub received_at: Micros,
    pub origin: Origin,
    pub raw: Vec<u8>,
    /// The headers we keep, as JSON text.
    pub headers: String,
}

/// What makes a signal the same signal again: 16 bytes, unique in the inbox for ever.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(pub [u8; 16]);

impl Key {
    /// Names a signal by its source and the parts that identify it there. Lengths are mixed in, so that
    /// ("ab","c") and ("a","bc") are different signals.
    pub fn of(source: &str, parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in std::iter::once(source.as_bytes()).chain(parts.iter().copied()) {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let mut key = [0u8; 16];
        key.copy_from_slice(&hash.finalize()[..16]);
        Self(key)
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// SHA-256 of a body.
pub fn digest(body: &[u8]) -> [u8; 32] {
    Sha256::digest(body).into()
}
