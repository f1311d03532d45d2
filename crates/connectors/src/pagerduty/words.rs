//! Our words for what PagerDuty configures: services, users, policies, subscriptions, the audit trail. Plain data.

use super::{map, wire};
use crate::Secret;
use model::Micros;
use model::incident::Ref;
use serde::Deserialize;
use serde_json::Value;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    pub reference: Ref,
    pub description: Option<String>,
    /// active, warning, critical, maintenance or disabled.
    pub status: Option<String>,
    pub teams: Vec<Ref>,
    pub escalation_policy: Option<Ref>,
    pub acknowledgement_timeout_s: Option<i64>,
    pub auto_resolve_timeout_s: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub reference: Ref,
    pub email: Option<String>,
    pub role: Option<String>,
    pub time_zone: Option<String>,
    pub teams: Vec<Ref>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    pub reference: Ref,
    pub description: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EscalationPolicy {
    pub reference: Ref,
    pub teams: Vec<Ref>,
    pub rules: Vec<EscalationRule>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EscalationRule {
    pub delay_minutes: Option<i64>,
    pub targets: Vec<Ref>,
}

/// In the order PagerDuty lists them, the most severe first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Priority {
    pub reference: Ref,
    pub description: Option<String>,
}

/// Whose token it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    User(Box<User>),
    /// An account-level key has no user; it has what the account can do.
    Account {
        abilities: Vec<String>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    pub id: String,
    pub description: Option<String>,
    pub active: bool,
    pub url: Option<String>,
    pub events: Vec<String>,
    pub filter: Option<String>,
    /// It hears of the whole account, not of one service or team.
    pub is_account_wide: bool,
    /// PagerDuty gave up on our URL for a day; enable it again.
    pub temporarily_disabled: bool,
    /// Given only when it is created.
    pub secret: Option<Secret>,
}

/// A webhook subscription to be made.
#[derive(Clone, Debug)]
pub struct NewSubscription {
    pub url: String,
    pub description: String,
    pub events: Vec<String>,
    pub filter: Filter,
}

/// What a subscription hears of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    Account,
    Service(String),
    Team(String),
}

/// Who changed what in the account.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditRecord {
    pub id: String,
    pub at: Micros,
    pub action: String,
    pub method: Option<String>,
    pub actors: Vec<Ref>,
    pub resource: Option<Ref>,
    /// The changed fields as PagerDuty tells them.
    pub details: Value,
}

/// One form for all of the configured things: each reads the fields it has.
#[derive(Deserialize)]
pub(super) struct Thing {
    #[serde(deserialize_with = "wire::named")]
    id: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    summary: Option<String>,
    #[serde(default)]
    html_url: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    role: Option<String>,
    #[serde(default)]
    time_zone: Option<String>,
    #[serde(default)]
    acknowledgement_timeout: Option<i64>,
    #[serde(default)]
    auto_resolve_timeout: Option<i64>,
    #[serde(default, deserialize_with = "wire::list")]
    teams: Vec<wire::Reference>,
    #[serde(default)]
    escalation_policy: Option<wire::Reference>,
    #[serde(default, deserialize_with = "wire::list")]
    escalation_rules: Vec<Rule>,
}

#[derive(Deserialize)]
struct Rule {
    #[serde(default)]
    escalation_delay_in_minutes: Option<i64>,
    #[serde(default, deserialize_with = "wire::list")]
    targets: Vec<wire::Reference>,
}

impl Thing {
    fn reference(&mut self) -> Ref {
        let id = std::mem::take(&mut self.id);
        let name = self.name.take().or_else(|| self.summary.take()).unwrap_or_else(|| id.clone());
        Ref { id, name, url: map::web_url(self.html_url.take()) }
    }
}

impl From<Thing> for Service {
    fn from(mut thing: Thing) -> Self {
        Self {
            reference: thing.reference(),
            description: thing.description,
            status: thing.status,
            teams: map::references(thing.teams),
            escalation_policy: thing.escalation_policy.and_then(map::reference),
            acknowledgement_timeout_s: thing.acknowledgement_timeout,
            auto_resolve_timeout_s: thing.auto_resolve_timeout,
        }
    }
}

impl From<Thing> for User {
    fn from(mut thing: Thing) -> Self {
        Self {
            reference: thing.reference(),
            email: thing.email,
            role: thing.role,
            time_zone: thing.time_zone,
            teams: map::references(thing.teams),
        }
    }
}

impl From<Thing> for Team {
    fn from(mut thing: Thing) -> Self {
        Self { reference: thing.reference(), description: thing.description }
    }
}

impl From<Thing> for Priority {
    fn from(mut thing: Thing) -> Self {
        Self { reference: thing.reference(), description: thing.description }
    }
}

impl From<Thing> for EscalationPolicy {
    fn from(mut thing: Thing) -> Self {
        let rule = |rule: Rule| EscalationRule {
            delay_minutes: rule.escalation_delay_in_minutes,
            targets: map::references(rule.targets),
        };
        Self {
            reference: thing.reference(),
            teams: map::references(thing.teams),
            rules: thing.escalation_rules.into_iter().map(rule).collect(),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct WireSubscription {
    #[serde(deserialize_with = "wire::named")]
    id: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    active: Option<bool>,
    #[serde(default, deserialize_with = "wire::list")]
    events: Vec<String>,
    #[serde(default)]
    filter: Option<wire::Reference>,
    #[serde(default)]
    delivery_method: Delivery,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Delivery {
    url: Option<String>,
    secret: Option<Secret>,
    temporarily_disabled: Option<bool>,
}

impl From<WireSubscription> for Subscription {
    fn from(from: WireSubscription) -> Self {
        Self {
            id: from.id,
            description: from.description,
            active: from.active.unwrap_or(true),
            url: from.delivery_method.url,
            events: from.events,
            is_account_wide: from
                .filter
                .as_ref()
                .is_none_or(|f| f.kind.as_deref().is_none_or(|k| k.starts_with("account"))),
            filter: from.filter.and_then(|f| f.id.or(f.kind)),
            temporarily_disabled: from.delivery_method.temporarily_disabled.unwrap_or_default(),
            secret: from.delivery_method.secret.filter(|secret| !secret.is_empty()),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct WireAuditRecord {
    #[serde(deserialize_with = "wire::named")]
    id: String,
    #[serde(deserialize_with = "wire::instant")]
    execution_time: Micros,
    #[serde(default)]
    action: Option<String>,
    #[serde(default)]
    method: Option<wire::Reference>,
    #[serde(default, deserialize_with = "wire::list")]
    actors: Vec<wire::Reference>,
    #[serde(default)]
    root_resource: Option<wire::Reference>,
    #[serde(default)]
    details: Value,
}

impl From<WireAuditRecord> for AuditRecord {
    fn from(from: WireAuditRecord) -> Self {
        Self {
            id: from.id,
            at: from.execution_time,
            action: from.action.unwrap_or_default(),
            method: from.method.and_then(|method| method.kind),
            actors: map::references(from.actors),
            resource: from.root_resource.and_then(map::reference),
            details: from.details,
        }
    }
}
