//! One thing that somebody told us about an incident. Facts are only ever added; their identity is
//! (incident, source, source id), so that hearing one twice changes nothing.

use super::{IncidentData, Ref};
use crate::Micros;
use serde::{Deserialize, Serialize};

/// Who told us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A V3 webhook; the source id is event.id.
    Webhook,
    /// A log entry of the REST API; the source id is its id.
    LogEntry,
    /// The incident itself, read whole; the source id is updated_at and a digest of the content.
    Snapshot,
    /// A note read through the API.
    Note,
    /// An alert read through the API; the source id is the alert's id, its status and a digest.
    Alert,
}

impl Source {
    pub const ALL: [Self; 5] = [Self::Webhook, Self::LogEntry, Self::Snapshot, Self::Note, Self::Alert];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::LogEntry => "log_entry",
            Self::Snapshot => "snapshot",
            Self::Note => "note",
            Self::Alert => "alert",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    pub incident: String,
    pub source: Source,
    pub source_id: String,
    /// When it happened by PagerDuty's clock. Webhooks have milliseconds, everything else whole seconds.
    pub at: Micros,
    pub actor: Option<Actor>,
    pub body: FactBody,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Actor {
    pub kind: ActorKind,
    pub who: Ref,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    User,
    Service,
    Integration,
    Other,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactBody {
    /// Something changed. Webhooks bring the incident as it then was; log entries do not.
    Changed {
        what: Change,
        incident: Option<Box<IncidentData>>,
    },
    /// The incident as the API showed it; `taken_at` is our clock when the answer was asked for.
    Snapshot {
        incident: Box<IncidentData>,
        taken_at: Micros,
    },
    /// All its alerts by id, sorted, as they were read beside a snapshot of this version: others are its alerts no more.
    AllAlerts {
        ids: Vec<String>,
        version: Micros,
        taken_at: Micros,
    },
    Note(Note),
    Alert(Box<Alert>),
}

/// What changed, with what a reader of the timeline wants to know about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    Triggered {
        channel: Option<String>,
        summary: Option<String>,
    },
    Acknowledged,
    Unacknowledged,
    Resolved {
        resolution: Option<String>,
    },
    Reopened,
    Reassigned {
        to: Vec<Ref>,
    },
    Escalated {
        to: Vec<Ref>,
    },
    Delegated {
        to: Option<Ref>,
    },
    PriorityChanged {
        to: Option<Ref>,
    },
    UrgencyChanged,
    ServiceChanged {
        to: Option<Ref>,
    },
    TypeChanged {
        to: Option<String>,
    },
    Snoozed {
        until: Option<Micros>,
    },
    Merged {
        into: Option<Ref>,
    },
    Annotated(Note),
    StatusUpdate {
        message: String,
    },
    Notified {
        user: Option<Ref>,
        channel: Option<String>,
    },
    ResponderAsked {
        who: Option<Ref>,
        message: Option<String>,
    },
    ResponderReplied {
        who: Option<Ref>,
        state: String,
    },
    BridgeChanged {
        url: Option<String>,
    },
    FieldsChanged {
        fields: Vec<(String, String)>,
    },
    RoleAssigned {
        role: Option<String>,
        who: Option<Ref>,
    },
    Task {
        name: String,
        state: String,
    },
    ActionRun {
        action: Option<Ref>,
        state: String,
    },
    Workflow {
        name: String,
        state: String,
    },
    /// A kind we have no words for yet, by PagerDuty's own name; shown as it came.
    Other {
        name: String,
        summary: Option<String>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Note {
    pub id: String,
    pub content: String,
    /// The webhook cut it short; the API has it whole.
    pub trimmed: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    pub id: String,
    pub key: Option<String>,
    pub title: String,
    pub status: String,
    pub severity: Option<String>,
    pub suppressed: bool,
    pub created_at: Option<Micros>,
    pub html_url: Option<String>,
    pub integration: Option<Ref>,
    /// The monitor's own words: `body.details` / custom details as they came, U+0000 replaced.
    pub body: serde_json::Value,
    /// (kind, href, text) of links and images.
    pub links: Vec<(String, String, Option<String>)>,
}
