//! The things of an account that people set up: users, teams, services, policies, schedules. Holds them and answers who is on
//! call; never what happens to an incident.

use jiff::Timestamp;
use serde_json::Value;

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
    pub team: usize,
    pub policy: usize,
    pub disabled: bool,
    pub integration: String,
    pub routing_key: String,
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
    pub team: usize,
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

    pub(crate) fn service_by_key(&self, routing_key: &str) -> Option<usize> {
        find(&self.services, routing_key, |s| &s.routing_key)
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
        let Some(rule) = self.policies[policy].rules.get(level) else { return Vec::new() };
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
