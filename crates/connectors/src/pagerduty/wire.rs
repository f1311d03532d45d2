//! PagerDuty's JSON as it comes, webhooks and REST alike. Tolerant: only what names a thing must be there, null
//! stands for absent, unknown fields are ignored. Never leaves this folder; `map` turns it into our words.

pub use crate::lenient::list;
use model::Micros;
use model::incident::Status;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A reference or a whole object that we only take the name of.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Reference {
    pub id: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub summary: Option<String>,
    pub name: Option<String>,
    pub html_url: Option<String>,
}

/// The incident that something else is about.
#[derive(Debug, Deserialize)]
pub struct IncidentId {
    #[serde(deserialize_with = "named")]
    pub id: String,
}

#[derive(Debug, Deserialize)]
pub struct Incident {
    #[serde(deserialize_with = "named")]
    pub id: String,
    pub status: Status,
    /// Webhooks say number, REST says incident_number.
    #[serde(default, alias = "incident_number")]
    pub number: Option<i64>,
    #[serde(default)]
    pub title: Option<String>,
    #[serde(default)]
    pub summary: Option<String>,
    #[serde(default)]
    pub urgency: Option<String>,
    #[serde(default)]
    pub html_url: Option<String>,
    #[serde(default)]
    pub incident_key: Option<String>,
    #[serde(default)]
    pub incident_type: Option<Reference>,
    #[serde(default, deserialize_with = "time")]
    pub created_at: Option<Micros>,
    #[serde(default, deserialize_with = "time")]
    pub updated_at: Option<Micros>,
    #[serde(default, deserialize_with = "time")]
    pub resolved_at: Option<Micros>,
    #[serde(default)]
    pub service: Option<Reference>,
    #[serde(default, deserialize_with = "list")]
    pub teams: Vec<Reference>,
    /// Webhooks.
    #[serde(default, deserialize_with = "list")]
    pub assignees: Vec<Reference>,
    /// REST.
    #[serde(default, deserialize_with = "list")]
    pub assignments: Vec<Assignment>,
    #[serde(default)]
    pub escalation_policy: Option<Reference>,
    #[serde(default)]
    pub priority: Option<Reference>,
    #[serde(default)]
    pub acknowledgements: Option<Vec<Acknowledgement>>,
    #[serde(default)]
    pub resolve_reason: Option<ResolveReason>,
    #[serde(default)]
    pub alert_counts: Option<AlertCounts>,
    #[serde(default)]
    pub conference_bridge: Option<Bridge>,
}

#[derive(Debug, Deserialize)]
pub struct Assignment {
    #[serde(default)]
    pub assignee: Option<Reference>,
}

#[derive(Debug, Deserialize)]
pub struct Acknowledgement {
    #[serde(default, deserialize_with = "time")]
    pub at: Option<Micros>,
    #[serde(default)]
    pub acknowledger: Option<Reference>,
}

#[derive(Debug, Deserialize)]
pub struct ResolveReason {
    #[serde(rename = "type", default)]
    pub kind: Option<String>,
    #[serde(default)]
    pub incident: Option<Reference>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct AlertCounts {
    pub all: i64,
    pub triggered: i64,
    pub resolved: i64,
}

/// REST has one number, webhooks have a list of them.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Bridge {
    pub conference_url: Option<String>,
    pub conference_number: Option<String>,
    #[serde(deserialize_with = "list")]
    pub conference_numbers: Vec<BridgeNumber>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct BridgeNumber {
    pub number: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct LogEntry {
    #[serde(deserialize_with = "named")]
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(deserialize_with = "instant")]
    pub created_at: Micros,
    #[serde(default)]
    pub summary: Option<String>,
    #[serde(default)]
    pub agent: Option<Reference>,
    #[serde(default)]
    pub incident: Option<Reference>,
    #[serde(default)]
    pub note: Option<String>,
    #[serde(default, deserialize_with = "list")]
    pub assignees: Vec<Reference>,
    #[serde(default)]
    pub user: Option<Reference>,
    /// PagerDuty publishes no schema for these, so they are looked into with care.
    #[serde(default)]
    pub channel: Value,
    #[serde(default)]
    pub event_details: Value,
    #[serde(default)]
    pub changed_actions: Value,
}

#[derive(Debug, Deserialize)]
pub struct Alert {
    #[serde(deserialize_with = "named")]
    pub id: String,
    #[serde(default)]
    pub summary: Option<String>,
    #[serde(default)]
    pub status: Option<String>,
    #[serde(default)]
    pub alert_key: Option<String>,
    #[serde(default)]
    pub severity: Option<String>,
    #[serde(default)]
    pub suppressed: Option<bool>,
    #[serde(default, deserialize_with = "time")]
    pub created_at: Option<Micros>,
    #[serde(default)]
    pub html_url: Option<String>,
    #[serde(default)]
    pub integration: Option<Reference>,
    #[serde(default)]
    pub body: Value,
}

#[derive(Debug, Deserialize)]
pub struct Note {
    #[serde(deserialize_with = "named")]
    pub id: String,
    #[serde(default)]
    pub content: Option<String>,
    #[serde(default)]
    pub user: Option<Reference>,
    #[serde(default, deserialize_with = "time")]
    pub created_at: Option<Micros>,
    #[serde(default, deserialize_with = "time")]
    pub updated_at: Option<Micros>,
}

/// One page of any list: each has its rows under a name of its own.
#[derive(Debug, Deserialize)]
pub struct Rows<T> {
    #[serde(
        alias = "incidents",
        alias = "log_entries",
        alias = "alerts",
        alias = "notes",
        alias = "services",
        alias = "users",
        alias = "teams",
        alias = "escalation_policies",
        alias = "schedules",
        alias = "oncalls",
        alias = "priorities",
        alias = "maintenance_windows",
        alias = "webhook_subscriptions",
        alias = "records",
        alias = "abilities",
        alias = "orchestrations",
        alias = "alert_grouping_settings"
    )]
    pub rows: Vec<T>,
    #[serde(default)]
    pub more: Option<bool>,
    #[serde(default)]
    pub offset: Option<u32>,
    /// Only when asked for.
    #[serde(default)]
    pub total: Option<u32>,
    /// Cursor paging only.
    #[serde(default)]
    pub next_cursor: Option<String>,
}

/// One thing under a name of its own.
#[derive(Debug, Deserialize)]
pub struct One<T> {
    #[serde(
        alias = "incident",
        alias = "note",
        alias = "user",
        alias = "webhook_subscription",
        alias = "service",
        alias = "integration",
        alias = "orchestration",
        alias = "orchestration_path",
        alias = "maintenance_window"
    )]
    pub one: T,
}

/// A time that is nice to have: one that can't be read is as good as none.
pub fn time<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Micros>, D::Error> {
    Ok(Option::<String>::deserialize(from)?.as_deref().and_then(Micros::parse))
}

/// A time without which nothing can be put in its order.
pub fn instant<'de, D: Deserializer<'de>>(from: D) -> Result<Micros, D::Error> {
    let text = String::deserialize(from)?;
    Micros::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("{text:?} is not a time with a zone")))
}

/// An id: without one we can't tell one thing from another.
pub fn named<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let id = String::deserialize(from)?;
    if id.is_empty() { Err(serde::de::Error::custom("an empty id")) } else { Ok(id) }
}
