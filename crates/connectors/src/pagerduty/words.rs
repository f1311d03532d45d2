//! Our words for the token's owner, webhook subscriptions and the audit trail; what is configured beside them is read by
//! `reference`. Plain data.

use super::{map, wire};
use crate::Secret;
use model::Micros;
use model::incident::Ref;
use serde::Deserialize;
use serde_json::Value;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub reference: Ref,
    pub email: Option<String>,
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

#[derive(Deserialize)]
pub(super) struct WireUser {
    #[serde(deserialize_with = "wire::named")]
    id: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    summary: Option<String>,
    #[serde(default)]
    html_url: Option<String>,
    #[serde(default)]
    email: Option<String>,
}

impl From<WireUser> for User {
    fn from(from: WireUser) -> Self {
        let name = from.name.or(from.summary).unwrap_or_else(|| from.id.clone());
        Self { reference: Ref { id: from.id, name, url: map::web_url(from.html_url) }, email: from.email }
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
