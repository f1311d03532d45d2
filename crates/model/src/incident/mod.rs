//! Incidents as a pure function of the sorted set of facts about them, whoever told us and in whatever order.

mod fact;
mod fold;
#[cfg(test)]
mod fold_tests;
mod timeline;

pub use fact::{Actor, ActorKind, Alert, Change, Fact, FactBody, Note, Source};
pub use fold::{Incident, IncidentNote, fold, needs_read};
pub use timeline::{Entry, Origin as EntryOrigin, timeline};

use crate::Micros;
use serde::{Deserialize, Serialize};

/// Something that PagerDuty names: a service, a user, a team, a policy, a priority.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Ref {
    pub id: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Triggered,
    Acknowledged,
    Resolved,
}

impl Status {
    pub const ALL: [Self; 3] = [Self::Triggered, Self::Acknowledged, Self::Resolved];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Triggered => "triggered",
            Self::Acknowledged => "acknowledged",
            Self::Resolved => "resolved",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }

    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Resolved)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    High,
    Low,
}

impl Urgency {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Low => "low",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::High, Self::Low].into_iter().find(|u| u.as_str() == text)
    }
}

/// What PagerDuty says of an incident, in a webhook or through the API. Fields that a webhook does not carry are
/// `None` there and are derived by the fold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentData {
    pub id: String,
    pub number: Option<i64>,
    pub title: String,
    pub status: Status,
    pub urgency: Urgency,
    pub html_url: Option<String>,
    pub incident_key: Option<String>,
    pub incident_type: Option<String>,
    pub created_at: Option<Micros>,
    /// Only the API tells; a snapshot rules all facts up to this second.
    pub updated_at: Option<Micros>,
    /// Only the API tells.
    pub resolved_at: Option<Micros>,
    pub service: Option<Ref>,
    pub teams: Vec<Ref>,
    pub assignees: Vec<Ref>,
    pub escalation_policy: Option<Ref>,
    pub priority: Option<Ref>,
    /// Who holds it acknowledged now. Only the API tells; `None` in a webhook.
    pub acknowledgements: Option<Vec<Acknowledgement>>,
    /// `merge_resolve_reason` and the like, with the incident it went into.
    pub resolve_reason: Option<ResolveReason>,
    /// (all, triggered, resolved). Only the API tells.
    pub alert_counts: Option<(i64, i64, i64)>,
    pub conference_bridge: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Acknowledgement {
    pub at: Micros,
    pub by: Ref,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResolveReason {
    pub kind: String,
    pub into: Option<Ref>,
}
