//! Webhook subscriptions and their queues: order per incident, back-off, drops, the 24-hour penalty. Sends nothing itself.

pub(crate) mod client;
pub(crate) mod dispatch;
pub(crate) mod mischief;
mod payload;
pub(crate) mod queue;
pub(crate) mod sign;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::clock::plus_s;
use super::faults::Do;
use super::state::State;
use mischief::Mischief;

pub(crate) const DROPS_THAT_DISABLE: u32 = 3;
pub(crate) const DISABLED_S: i64 = 24 * 3600;
pub(crate) const GIVE_UP_S: i64 = 48 * 3600;
pub(crate) const AT_ONCE: usize = 16;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Filter {
    Account,
    Service(usize),
    Team(usize),
}

#[derive(Debug)]
pub(crate) struct Subscription {
    pub id: String,
    pub method_id: String,
    pub description: String,
    pub active: bool,
    /// None: the address is not known yet and events are not kept for it.
    pub url: Option<String>,
    pub secret: String,
    /// Signs too while a rotation lasts.
    pub old_secret: Option<String>,
    pub custom_headers: Vec<(String, String)>,
    pub events: Vec<String>,
    pub filter: Filter,
    pub disabled_until: Option<Timestamp>,
    pub drops: u32,
    /// How many deliveries have succeeded.
    pub done: u64,
    pub lanes: BTreeMap<String, Lane>,
    pub mischief: Mischief,
}

/// What happens to one incident goes out in order: the head blocks the rest.
#[derive(Debug, Default)]
pub(crate) struct Lane {
    pub busy: bool,
    pub queue: VecDeque<Delivery>,
}

#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    pub id: String,
    pub made: u64,
    pub event_type: String,
    pub incident: Option<String>,
    pub body: Bytes,
    pub attempts: u32,
    pub first: Timestamp,
    pub due: Timestamp,
    pub trouble: Option<Do>,
    pub delayed: bool,
    /// Waits until this many deliveries of the subscription are done.
    pub held_until: Option<u64>,
    /// Kept back by a judge.
    pub held: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Hooks {
    pub subscriptions: Vec<Subscription>,
    pub made: u64,
    pub in_flight: usize,
    /// Every attempt, as `/_control/deliveries` shows it.
    pub attempts: Vec<Value>,
}

impl Hooks {
    pub(crate) fn queued(&self) -> usize {
        self.subscriptions.iter().flat_map(|s| s.lanes.values()).map(|l| l.queue.len()).sum()
    }

    pub(crate) fn find(&mut self, id: &str) -> Option<&mut Subscription> {
        self.subscriptions.iter_mut().find(|s| s.id == id)
    }
}

impl Subscription {
    pub(crate) fn is_disabled(&self, now: Timestamp) -> bool {
        self.disabled_until.is_some_and(|until| now < until)
    }

    pub(crate) fn enable(&mut self) {
        self.disabled_until = None;
        self.drops = 0;
    }

    /// The queue is lost and so is everything that happens from now on.
    pub(crate) fn disable(&mut self, now: Timestamp, seconds: i64) {
        self.disabled_until = Some(plus_s(now, seconds));
        self.lanes.clear();
    }

    fn wants(&self, event_type: &str, service: usize, team: Option<usize>) -> bool {
        let in_scope = match self.filter {
            Filter::Account => true,
            Filter::Service(wanted) => wanted == service,
            Filter::Team(wanted) => team == Some(wanted),
        };
        in_scope && self.events.iter().any(|e| e == event_type)
    }

    pub(crate) fn secrets(&self) -> Vec<&str> {
        std::iter::once(self.secret.as_str()).chain(self.old_secret.as_deref()).collect()
    }
}

/// Every event type that the vendor offers for incidents and services.
pub(crate) const EVENT_TYPES: &[&str] = &[
    "incident.acknowledged",
    "incident.action_invocation.created",
    "incident.action_invocation.terminated",
    "incident.action_invocation.updated",
    "incident.annotated",
    "incident.conference_bridge.updated",
    "incident.custom_field_values.updated",
    "incident.delegated",
    "incident.escalated",
    "incident.incident_type.changed",
    "incident.priority_updated",
    "incident.reassigned",
    "incident.reopened",
    "incident.resolved",
    "incident.responder.added",
    "incident.responder.replied",
    "incident.role.assigned",
    "incident.service_updated",
    "incident.status_update_published",
    "incident.task.completed",
    "incident.task.created",
    "incident.task.updated",
    "incident.triggered",
    "incident.unacknowledged",
    "incident.workflow.completed",
    "incident.workflow.started",
    "service.created",
    "service.custom_field_values.updated",
    "service.deleted",
    "service.updated",
];

impl State {
    /// A subscription to everything that happens to incidents.
    pub(crate) fn subscribe(&mut self, url: Option<String>) -> usize {
        let subscription = Subscription {
            id: self.dice.code("PH", 7),
            method_id: self.dice.code("PD", 7),
            description: "Arayashiki".into(),
            active: true,
            url,
            secret: self.dice.secret(64),
            old_secret: None,
            custom_headers: Vec::new(),
            events: EVENT_TYPES.iter().map(|e| (*e).to_owned()).collect(),
            filter: Filter::Account,
            disabled_until: None,
            drops: 0,
            done: 0,
            lanes: BTreeMap::new(),
            mischief: Mischief::default(),
        };
        self.hooks.subscriptions.push(subscription);
        self.hooks.subscriptions.len() - 1
    }

    /// The subscription as REST shows it; the secret only to its maker.
    pub(crate) fn subscription(&self, index: usize, with_secret: bool) -> Value {
        let s = &self.hooks.subscriptions[index];
        let filter = match s.filter {
            Filter::Account => json!({ "type": "account_reference" }),
            Filter::Service(service) => json!({ "type": "service_reference", "id": self.account.services[service].id }),
            Filter::Team(team) => json!({ "type": "team_reference", "id": self.account.teams[team].id }),
        };
        let value = |v: &str| if with_secret { v.to_owned() } else { "-- redacted --".to_owned() };
        let headers = s.custom_headers.iter().map(|(n, v)| json!({ "name": n, "value": value(v) }));
        json!({
            "id": s.id, "type": "webhook_subscription", "active": s.active, "description": s.description, "events": s.events, "filter": filter,
            "delivery_method": {
                "id": s.method_id, "type": "http_delivery_method", "url": s.url.clone().unwrap_or_default(),
                "secret": with_secret.then_some(&s.secret), "temporarily_disabled": s.is_disabled(self.now),
                "custom_headers": headers.collect::<Vec<_>>(),
            },
        })
    }
}
