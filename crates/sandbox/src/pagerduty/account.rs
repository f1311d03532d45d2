//! The things of an account that people set up: users, teams, services, policies, schedules. Holds them and answers who is on
//! call; never what happens to an incident.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::grouping::Setting;
use super::mailbox::Mailbox;
use super::orchestration::Orchestrations;

/// The account's zone: dates without an offset are read in it.
pub(crate) const ZONE: &str = "Asia/Tokyo";

#[derive(Debug, Clone)]
pub(crate) struct User {
    pub id: String,
    pub name: String,
    pub email: String,
    pub role: &'static str,
    pub title: String,
    pub token: String,
    pub teams: Vec<usize>,
}

#[derive(Debug, Clone)]
pub(crate) struct Team {
    pub id: String,
    pub name: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Service {
    pub id: String,
    pub name: String,
    pub description: String,
    /// Whose it is; nobody's: that of alerts which no service is configured for.
    pub team: Option<usize>,
    pub policy: usize,
    pub disabled: bool,
    pub integration: String,
    pub routing_key: String,
    pub events: Presence,
    /// New alerts wait so many seconds for a resolve before they become incidents.
    pub auto_pause_s: Option<i64>,
    pub auto_resolve_s: Option<i64>,
    pub ack_timeout_s: Option<i64>,
    /// high, low or severity_based
    pub urgency: &'static str,
    pub created: Timestamp,
    pub last_incident: Option<Timestamp>,
    /// Which titles the story gives to this service.
    pub kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Web,
    Database,
    Payment,
    Batch,
    Network,
    Warehouse,
}

/// Whether an integration is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    Live,
    /// Its key is refused.
    Deleted,
    /// Its key is still taken, and nothing becomes of it.
    DeletedUnnoticed,
}

/// By which way an event came in; keys of alerts are unique within one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Source {
    /// The Events v2 integration of a service.
    Events(usize),
    /// An e-mail integration.
    Mail(usize),
    /// The integration of an event orchestration.
    Orchestration(usize),
}

/// What a policy with nobody on call does to a new alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Vacant {
    /// No incident at all.
    NoIncident,
    /// An incident that nobody is told of.
    Unassigned,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    User(usize),
    Schedule(usize),
}

#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub id: String,
    pub delay_min: i64,
    pub targets: Vec<Target>,
}

#[derive(Debug, Clone)]
pub(crate) struct Policy {
    pub id: String,
    pub name: String,
    pub team: Option<usize>,
    pub rules: Vec<Rule>,
    pub loops: u32,
}

#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    pub id: String,
    pub layer: String,
    pub name: String,
    pub users: Vec<usize>,
    pub turn_s: i64,
    pub start: Timestamp,
}

impl Schedule {
    fn turn(&self, at: Timestamp) -> i64 {
        (at.as_second() - self.start.as_second()).div_euclid(self.turn_s)
    }

    pub(crate) fn on_call(&self, at: Timestamp) -> usize {
        self.users[self.turn(at).rem_euclid(self.users.len() as i64) as usize]
    }

    /// The turn that `at` falls into: who, from, to.
    pub(crate) fn shift(&self, at: Timestamp) -> (usize, Timestamp, Timestamp) {
        let from = super::clock::plus_s(self.start, self.turn(at) * self.turn_s);
        (self.on_call(at), from, super::clock::plus_s(from, self.turn_s))
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Priority {
    pub id: String,
    pub name: &'static str,
    pub description: &'static str,
    pub color: &'static str,
}

#[derive(Debug, Clone)]
pub(crate) struct Maintenance {
    pub id: String,
    pub start: Timestamp,
    pub end: Timestamp,
    pub description: String,
    pub services: Vec<usize>,
    pub by: usize,
}

#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub token: String,
    pub read_only_token: String,
    /// The user that an outside program names in `From`.
    pub automation: usize,
    pub users: Vec<User>,
    pub teams: Vec<Team>,
    pub services: Vec<Service>,
    pub policies: Vec<Policy>,
    pub schedules: Vec<Schedule>,
    pub priorities: Vec<Priority>,
    pub maintenance: Vec<Maintenance>,
    pub mailboxes: Vec<Mailbox>,
    pub orchestrations: Orchestrations,
    pub groupings: Vec<Setting>,
    /// Policies that have nobody on call.
    pub vacant: BTreeMap<usize, Vacant>,
    /// Newest last; rendered records of who changed what.
    pub audit: Vec<Value>,
}

fn find<T>(of: &[T], id: &str, key: impl Fn(&T) -> &str) -> Option<usize> {
    of.iter().position(|x| key(x) == id)
}

impl Account {
    /// Whether a token is one of this account's.
    pub(crate) fn knows(&self, token: &str) -> bool {
        token == self.token || token == self.read_only_token || self.users.iter().any(|u| u.token == token)
    }

    pub(crate) fn user(&self, id: &str) -> Option<usize> {
        find(&self.users, id, |u| &u.id)
    }

    pub(crate) fn user_by_email(&self, email: &str) -> Option<usize> {
        self.users.iter().position(|u| u.email.eq_ignore_ascii_case(email.trim()))
    }

    pub(crate) fn service(&self, id: &str) -> Option<usize> {
        find(&self.services, id, |s| &s.id)
    }

    /// Whose routing key that is; nobody's when the integration is deleted.
    pub(crate) fn source_by_key(&self, routing_key: &str) -> Option<Source> {
        let live = |s: &&Service| s.routing_key == routing_key && s.events != Presence::Deleted;
        match self.services.iter().find(live).and_then(|s| self.service(&s.id)) {
            Some(service) => Some(Source::Events(service)),
            None => self.orchestrations.by_key(routing_key).map(Source::Orchestration),
        }
    }

    /// The service that a source belongs to; an orchestration's is found on the way.
    pub(crate) fn service_of(&self, source: Source) -> Option<usize> {
        match source {
            Source::Events(service) => Some(service),
            Source::Mail(mailbox) => Some(self.mailboxes[mailbox].service),
            Source::Orchestration(_) => None,
        }
    }

    pub(crate) fn team(&self, id: &str) -> Option<usize> {
        find(&self.teams, id, |t| &t.id)
    }

    pub(crate) fn policy(&self, id: &str) -> Option<usize> {
        find(&self.policies, id, |p| &p.id)
    }

    pub(crate) fn schedule(&self, id: &str) -> Option<usize> {
        find(&self.schedules, id, |s| &s.id)
    }

    pub(crate) fn priority(&self, id: &str) -> Option<usize> {
        find(&self.priorities, id, |p| &p.id)
    }

    /// Whom a level of a policy pages at that instant.
    pub(crate) fn responders(&self, policy: usize, level: usize, at: Timestamp) -> Vec<usize> {
        let Some(rule) = self.policies[policy].rules.get(level).filter(|_| !self.vacant.contains_key(&policy)) else {
            return Vec::new();
        };
        let mut users: Vec<usize> = Vec::new();
        for target in &rule.targets {
            let user = match *target {
                Target::User(user) => user,
                Target::Schedule(schedule) => self.schedules[schedule].on_call(at),
            };
            if !users.contains(&user) {
                users.push(user);
            }
        }
        users
    }

    pub(crate) fn in_maintenance(&self, service: usize, at: Timestamp) -> bool {
        self.maintenance.iter().any(|w| w.services.contains(&service) && w.start <= at && at < w.end)
    }

    /// A disabled service and one in maintenance take events and make nothing of them.
    pub(crate) fn is_deaf(&self, service: usize, at: Timestamp) -> bool {
        self.services[service].disabled || self.in_maintenance(service, at)
    }
}

impl Account {
    /// Who changes settings when nobody is named.
    pub(crate) fn admin(&self) -> usize {
        self.users.iter().position(|u| u.role == "admin").unwrap_or(self.automation)
    }
}
