//! Event orchestrations as PagerDuty's API shows them: rules that may drop, suppress, hold back or send elsewhere an event
//! before it becomes an incident. Plain data; whether a rule meets an event is decided elsewhere.

use crate::Micros;
use crate::setting::KeyPrint;
use serde::{Deserialize, Serialize};

/// A global orchestration. Events come in by keys of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Orchestration {
    pub id: String,
    pub name: String,
    pub keys: Vec<OrchestrationKey>,
    pub updated_at: Option<Micros>,
    /// The PagerDuty user's id; the API tells no name here.
    pub updated_by: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrchestrationKey {
    pub id: String,
    pub label: String,
    pub key: KeyPrint,
}

/// The paths of a global orchestration, in the order in which an event goes through them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paths {
    pub global: Option<Path>,
    pub router: Option<Path>,
    /// For what the router sends nowhere.
    pub unrouted: Option<Path>,
}

/// The orchestration of one service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceOrchestration {
    /// Whether it is used at all.
    pub is_active: bool,
    pub path: Option<Path>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Path {
    /// An event begins in the one whose id is `start`.
    pub sets: Vec<RuleSet>,
    /// For what no rule of a set has met.
    pub catch_all: RuleActions,
    pub updated_at: Option<Micros>,
    /// The PagerDuty user's id.
    pub updated_by: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleSet {
    pub id: String,
    pub rules: Vec<Rule>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    pub id: String,
    pub label: String,
    pub is_disabled: bool,
    /// In PagerDuty's condition language; one is enough, none means always.
    pub conditions: Vec<String>,
    pub actions: RuleActions,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleActions {
    /// Neither alert nor incident.
    pub drops: bool,
    /// An alert, and no incident.
    pub suppresses: bool,
    /// Held back for so long: what is resolved meanwhile opens nothing.
    pub suspends_s: Option<u32>,
    /// The event is made a `trigger` or a `resolve`.
    pub event_action: Option<String>,
    /// Another set of this path; in a router a service's id, or `unrouted`.
    pub route_to: Option<String>,
    /// The router takes the service out of the event.
    pub routes_by_field: bool,
    /// The policy's id, instead of the service's own.
    pub escalation_policy: Option<String>,
    pub severity: Option<String>,
    pub priority: Option<String>,
    /// The fields that it writes anew; among them may be the one that decides what the event joins.
    pub rewrites: Vec<String>,
}

impl RuleActions {
    /// Whether it can keep an event from paging at once.
    pub const fn holds_back(&self) -> bool {
        self.drops || self.suppresses || self.suspends_s.is_some()
    }
}

impl Path {
    pub const START: &'static str = "start";

    pub fn set(&self, id: &str) -> Option<&RuleSet> {
        self.sets.iter().find(|set| set.id == id)
    }
}
