//! The incidents with everything that hangs on them, and the few past states that a stale read may answer from.
//! Plain records: what may happen to them stands in `happen`.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value};

/// Numbers start here, so that a number is never mistaken for a position.
pub(crate) const FIRST_NUMBER: u64 = 1001;
/// How many changes back a stale read can reach.
const PAST_CHANGES: usize = 256;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Triggered,
    Acknowledged,
    Resolved,
}

impl Status {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Triggered => "triggered",
            Self::Acknowledged => "acknowledged",
            Self::Resolved => "resolved",
        }
    }
}

/// Who did it. A monitor is a service's integration; the clock is PagerDuty itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Agent {
    User(usize),
    Monitor(usize),
    Clock(usize),
}

#[derive(Debug, Clone)]
pub(crate) struct By {
    pub agent: Agent,
    pub channel: Value,
    pub client: Option<Value>,
}

#[derive(Debug, Clone)]
pub(crate) struct LogEntry {
    pub id: String,
    pub kind: &'static str,
    pub at: Timestamp,
    pub by: By,
    pub summary: String,
    pub note: Option<String>,
    pub extra: Map<String, Value>,
    pub contexts: Value,
}

#[derive(Debug, Clone)]
pub(crate) struct Alert {
    pub id: String,
    pub key: String,
    pub summary: String,
    pub service: usize,
    pub created: Timestamp,
    pub resolved: Option<Timestamp>,
    pub severity: String,
    pub contexts: Value,
    pub details: Value,
    /// The whole event, as newer bodies carry it.
    pub cef: Value,
    pub first_entry: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Note {
    pub id: String,
    pub user: usize,
    pub content: String,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub channel: &'static str,
}

#[derive(Debug, Clone)]
pub(crate) struct Responder {
    pub user: usize,
    pub policy: Option<usize>,
    pub requester: usize,
    pub message: String,
    pub state: &'static str,
    pub requested: Timestamp,
    pub updated: Timestamp,
}

#[derive(Debug, Clone)]
pub(crate) struct Incident {
    pub number: u64,
    pub id: String,
    pub title: String,
    pub key: String,
    pub kind: String,
    pub service: usize,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub status: Status,
    pub changed: Timestamp,
    pub changed_by: Agent,
    pub resolved: Option<Timestamp>,
    pub reopened: Option<Timestamp>,
    pub assignments: Vec<(Timestamp, usize)>,
    pub assigned_via: &'static str,
    pub policy: usize,
    pub level: usize,
    pub loops_done: u32,
    pub acks: Vec<(Timestamp, usize)>,
    pub priority: Option<usize>,
    pub urgency: String,
    pub bridge: Option<Value>,
    pub body: Option<Value>,
    pub merged_into: Option<usize>,
    pub alerts: Vec<Alert>,
    /// Shared with the past states, which are many.
    pub notes: Vec<Arc<Note>>,
    pub log: Vec<Arc<LogEntry>>,
    pub responders: Vec<Responder>,
    pub requests: Vec<Value>,
    pub updates: Vec<Value>,
    pub escalate_at: Option<Timestamp>,
    pub unack_at: Option<Timestamp>,
    pub auto_resolve_at: Option<Timestamp>,
}

impl Incident {
    pub(crate) fn is_open(&self) -> bool {
        self.status != Status::Resolved
    }

    pub(crate) fn open_alerts(&self) -> usize {
        self.alerts.iter().filter(|a| a.resolved.is_none()).count()
    }
}

/// A change as a stale read undoes it: which incident, and what it was before (nothing: it did not exist).
#[derive(Debug)]
pub(crate) struct Past {
    pub index: usize,
    pub before: Option<Box<Incident>>,
}

#[derive(Debug, Default)]
pub(crate) struct Book {
    pub incidents: Vec<Incident>,
    by_id: HashMap<String, usize>,
    /// (service, dedup key) of every open alert → the incident that holds it.
    pub open_keys: HashMap<(usize, String), usize>,
    past: VecDeque<Past>,
    keep_past: bool,
}

impl Book {
    /// The history of a new account needs no past states.
    pub(crate) fn start_keeping_past(&mut self) {
        self.keep_past = true;
    }

    pub(crate) fn push(&mut self, incident: Incident) -> usize {
        let index = self.incidents.len();
        self.by_id.insert(incident.id.clone(), index);
        self.incidents.push(incident);
        self.record(Past { index, before: None });
        index
    }

    /// To be called before a change.
    pub(crate) fn remember(&mut self, index: usize) {
        if self.keep_past {
            let before = Some(Box::new(self.incidents[index].clone()));
            self.record(Past { index, before });
        }
    }

    fn record(&mut self, past: Past) {
        if !self.keep_past {
            return;
        }
        if self.past.len() == PAST_CHANGES {
            self.past.pop_front();
        }
        self.past.push_back(past);
    }

    /// By id or by number.
    pub(crate) fn find(&self, id: &str) -> Option<usize> {
        if let Some(index) = self.by_id.get(id) {
            return Some(*index).filter(|i| *i < self.incidents.len());
        }
        let index = id.parse::<u64>().ok()?.checked_sub(FIRST_NUMBER)? as usize;
        (index < self.incidents.len()).then_some(index)
    }

    /// Puts the book back by `changes` (of one incident, or of all), newest first; the answer undoes the undoing.
    pub(crate) fn rewind(&mut self, only: Option<usize>, changes: usize) -> Vec<Incident> {
        let now = self.incidents.clone();
        let mut left = changes;
        for past in self.past.iter().rev() {
            if left == 0 {
                break;
            }
            if only.is_some_and(|index| index != past.index) {
                continue;
            }
            left -= 1;
            match &past.before {
                Some(before) => self.incidents[past.index] = (**before).clone(),
                // Incidents are born in order, so undoing every change drops the newest ones first.
                None if only.is_none() => self.incidents.truncate(past.index),
                None => {}
            }
        }
        now
    }
}
