//! The inbox: every signal as it was received, and one of them with its bytes, which are sealed.

use super::{Frame, IncidentLink};
use crate::markup::encode;
use crate::raw;
use model::Micros;
use model::signal::Origin;

#[derive(Clone, Debug)]
pub struct InboxView {
    pub counts: InboxCounts,
    /// As in the address: a state, or empty.
    pub state: String,
    /// As in the address: a source, or empty.
    pub source: String,
    /// The sources that ever sent something.
    pub sources: Vec<String>,
    pub rows: Vec<SignalRow>,
    pub next_cursor: Option<String>,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct InboxCounts {
    pub received: u64,
    pub waiting: u64,
    pub unreadable: u64,
    pub dead: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignalState {
    Waiting,
    Done,
    /// Authentic, but nobody can read it. Kept.
    Unreadable,
    /// Reading it failed for good.
    Dead,
}

impl SignalState {
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Done, Self::Unreadable, Self::Dead];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Unreadable => "unreadable",
            Self::Dead => "dead",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }
}

#[derive(Clone, Debug)]
pub struct SignalRow {
    pub id: String,
    pub source: String,
    pub what: Option<String>,
    pub state: SignalState,
    pub origin: Origin,
    pub received_at: Micros,
    pub incident: Option<IncidentLink>,
    pub size_bytes: u64,
    /// Why it could not be read.
    pub why: Option<String>,
}

impl SignalRow {
    pub fn may_be_read_again(&self) -> bool {
        matches!(self.state, SignalState::Dead | SignalState::Unreadable)
    }

    pub fn read_again_href(&self) -> String {
        format!("{}/read-again", self.href())
    }

    pub fn href(&self) -> String {
        format!("/signals/{}", encode(&self.id))
    }
}

#[derive(Clone, Debug)]
pub struct SignalView {
    pub row: SignalRow,
    /// What makes it the same signal again, in hex.
    pub key: String,
    /// SHA-256 of the bytes, in hex.
    pub digest: String,
    pub read_at: Option<Micros>,
    /// Why it could not be read.
    pub why: Option<String>,
    /// How many facts it gave, where that was counted.
    pub facts: Option<u64>,
    /// Name and value of the headers that were kept.
    pub headers: Vec<(String, String)>,
    pub body: SealedBody,
}

/// The bytes, if this person may and did open them.
#[derive(Clone, Debug)]
pub enum SealedBody {
    /// This person's role may not open it.
    Refused,
    /// May be opened; doing so is written down.
    Sealed,
    Open {
        bytes: Vec<u8>,
    },
}

impl InboxView {
    pub fn sentence(&self, f: &Frame) -> String {
        let c = &self.counts;
        let args = [
            ("received", c.received.into()),
            ("waiting", c.waiting.into()),
            ("unreadable", c.unreadable.into()),
            ("dead", c.dead.into()),
        ];
        let key = match c {
            c if c.received == 0 => "signals-none",
            c if c.dead > 0 => "signals-dead",
            c if c.waiting > 0 => "signals-waiting",
            _ => "signals-good",
        };
        f.t_args(key, &args)
    }

    pub fn href(&self, state: &str, source: &str, cursor: &str) -> String {
        let mut out = String::from("/signals");
        for (name, value) in [("state", state), ("source", source), ("cursor", cursor)] {
            if !value.is_empty() {
                out.push(if out.contains('?') { '&' } else { '?' });
                out.push_str(&format!("{name}={}", encode(value)));
            }
        }
        out
    }

    pub fn states(&self) -> [&'static str; 5] {
        ["", "waiting", "done", "unreadable", "dead"]
    }
}

impl SignalView {
    pub fn sentence(&self, f: &Frame) -> String {
        match self.row.state {
            SignalState::Waiting => f.t("signal-is-waiting"),
            SignalState::Done => {
                self.facts.map_or_else(|| f.t("signal-is-read"), |n| f.t1("signal-is-done", "facts", n))
            }
            SignalState::Unreadable => f.t("signal-is-unreadable"),
            SignalState::Dead => f.t("signal-is-dead"),
        }
    }

    pub fn raw(&self) -> Option<raw::Shown> {
        match &self.body {
            SealedBody::Open { bytes } => Some(raw::show(bytes)),
            _ => None,
        }
    }
}
