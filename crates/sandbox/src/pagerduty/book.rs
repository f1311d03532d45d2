//! The incidents with everything that hangs on them, and the few past states that a stale read may answer from.
//! Plain records: what may happen to them stands in `happen`.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::account::Source;
use super::channel::{Body, Channel, Extra, Raised};

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

/// Who did it. A monitor is a service's Events v2 integration; the clock is PagerDuty itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Agent {
    User(usize),
    Monitor(usize),
    /// An e-mail integration, by its place.
    Mailbox(usize),
    Clock(usize),
}

#[derive(Debug, Clone)]
pub(crate) struct By {
    pub agent: Agent,
    pub channel: Channel,
    pub client: Option<Value>,
}

#[derive(Debug, Clone)]
pub(crate) struct LogEntry {
    pub id: String,
    pub kind: &'static str,
    pub at: Timestamp,
    pub agent: Agent,
    pub channel: Channel,
    pub summary: String,
    pub note: Option<String>,
    pub extra: Extra,
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
    pub raised: Arc<Raised>,
    pub first_entry: String,
}

impl Alert {
    /// What makes it the only open one.
    pub(crate) fn open_key(&self) -> (Source, String) {
        (self.raised.source(), self.key.clone())
    }
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
    pub body: Option<Body>,
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

/// Where a log entry stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Written {
    pub at: Timestamp,
    pub incident: u32,
    pub place: u32,
}

/// What a rewinding took away.
#[derive(Debug, Default)]
pub(crate) struct Undone {
    changed: Vec<(usize, Incident)>,
    newest: Vec<Incident>,
}

#[derive(Debug, Default)]
pub(crate) struct Book {
    pub incidents: Vec<Incident>,
    by_id: HashMap<String, usize>,
    open: BTreeSet<usize>,
    /// Every log entry of the account in the order of time.
    pub diary: Vec<Written>,
    /// (source, dedup key) of every open alert → the incident that holds it.
    pub open_keys: HashMap<(Source, String), usize>,
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
        self.refresh(index);
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

    /// To be called after an incident's status has changed.
    pub(crate) fn refresh(&mut self, index: usize) {
        if self.incidents[index].is_open() {
            self.open.insert(index);
        } else {
            self.open.remove(&index);
        }
    }

    pub(crate) fn open(&self) -> impl Iterator<Item = usize> {
        self.open.range(..self.incidents.len()).copied()
    }

    /// Incidents are born in the order of time: those from `since` on and before `until`.
    pub(crate) fn born(&self, since: Timestamp, until: Timestamp) -> Range<usize> {
        let place = |at: Timestamp| self.incidents.partition_point(|i| i.created < at);
        place(since)..place(until).max(place(since))
    }

    pub(crate) fn write_down(&mut self, index: usize, entry: LogEntry) {
        let incident = &mut self.incidents[index];
        incident.updated = entry.at;
        self.diary.push(Written { at: entry.at, incident: index as u32, place: incident.log.len() as u32 });
        incident.log.push(Arc::new(entry));
    }

    /// The part of the diary from `since` on and before `until`.
    pub(crate) fn written(&self, since: Option<Timestamp>, until: Option<Timestamp>) -> &[Written] {
        let place = |at: Timestamp| self.diary.partition_point(|w| w.at < at);
        let from = since.map_or(0, place);
        &self.diary[from..until.map_or(self.diary.len(), place).max(from)]
    }

    /// None for an entry that a rewound book does not know yet.
    pub(crate) fn entry(&self, written: Written) -> Option<(&Incident, &LogEntry)> {
        let incident = self.incidents.get(written.incident as usize)?;
        Some((incident, incident.log.get(written.place as usize)?))
    }

    /// Puts the book back by `changes` (of one incident, or of all), newest first; `restore` undoes it.
    pub(crate) fn rewind(&mut self, only: Option<usize>, changes: usize) -> Undone {
        let mut undone = Undone::default();
        let past = std::mem::take(&mut self.past);
        let matching = past.iter().rev().filter(|p| only.is_none_or(|index| index == p.index));
        for change in matching.take(changes) {
            match &change.before {
                Some(before) => {
                    let present = std::mem::replace(&mut self.incidents[change.index], (**before).clone());
                    self.refresh(change.index);
                    undone.changed.push((change.index, present));
                }
                // Incidents are born in order, so undoing every change drops the newest ones first.
                None if only.is_none() => {
                    let mut newest = self.incidents.split_off(change.index);
                    newest.append(&mut undone.newest);
                    undone.newest = newest;
                }
                None => {}
            }
        }
        self.past = past;
        undone
    }

    pub(crate) fn restore(&mut self, undone: Undone) {
        self.incidents.extend(undone.newest);
        for (index, present) in undone.changed.into_iter().rev() {
            self.incidents[index] = present;
            self.refresh(index);
        }
    }
}
