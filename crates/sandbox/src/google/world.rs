//! What there is: people, calendars and their events, tokens, channels. A change gets the calendar's next number, and the version
//! before it is kept, so that a sync can say what is gone.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;

use super::channels::Channel;
use super::errors::Problem;
use super::key::Account;
use super::list::Session;
use super::settings::Settings;
use super::token::{Caller, Token};
use super::when::When;
use crate::courier::{Courier, Expected};
use crate::dice::Dice;

#[derive(Debug, Clone)]
pub(super) struct Person {
    pub name: &'static str,
    pub mail: &'static str,
}

/// What the service account may do with a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    None,
    FreeBusyReader,
    Reader,
    Writer,
    Owner,
}

#[derive(Debug, Clone)]
pub(super) struct Event {
    pub id: String,
    /// The calendar's number of its last change.
    pub seq: u64,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub sequence: u64,
    pub is_cancelled: bool,
    pub start: When,
    pub end: When,
    /// RRULE, EXDATE, RDATE; empty for a single event.
    pub recurrence: Vec<String>,
    /// Of an instance that is not as the series says: the series and the time that it had.
    pub exception_of: Option<(String, When)>,
    /// Everything else, as it was given.
    pub fields: Map<String, Value>,
}

#[derive(Debug)]
pub(super) struct Calendar {
    /// By which Info knows it.
    pub name: &'static str,
    pub id: String,
    pub summary: &'static str,
    pub zone: &'static str,
    pub secret: String,
    pub role: Role,
    pub last_seq: u64,
    pub events: Vec<Event>,
    /// Versions that are over, each with the number of the change that ended it.
    pub former: Vec<(u64, Event)>,
    /// Sync tokens made before this number are not good any more.
    pub oldest_token: u64,
    /// What the feed shows instead of the truth.
    pub frozen: Option<Vec<u8>>,
}

#[derive(Debug)]
pub(super) struct State {
    pub url: String,
    pub people: Vec<Person>,
    pub account: Account,
    pub calendars: Vec<Calendar>,
    pub tokens: Vec<Token>,
    pub channels: Vec<Channel>,
    pub sessions: BTreeMap<u64, Session>,
    /// Calendars that the service account has put on its own list.
    pub listed: Vec<String>,
    pub settings: Settings,
    pub dice: Dice,
    pub courier: Arc<Courier>,
    /// Channels that have something to say.
    pub pushes: mpsc::UnboundedSender<(String, Expected)>,
    /// The next answers, whatever is asked.
    pub refusals: VecDeque<Problem>,
    pub calls: Vec<Value>,
    pub used: HashMap<String, VecDeque<Timestamp>>,
    pub last_session: u64,
}

impl Calendar {
    pub(super) fn find(&self, id: &str) -> Option<usize> {
        self.events.iter().position(|e| e.id == id)
    }

    /// Puts an event in, or a new version of it.
    pub(super) fn put(&mut self, mut event: Event, now: Timestamp) -> Event {
        self.last_seq += 1;
        event.seq = self.last_seq;
        event.updated = now;
        match self.find(&event.id) {
            Some(at) => {
                let old = std::mem::replace(&mut self.events[at], event.clone());
                self.former.push((self.last_seq, old));
            }
            None => self.events.push(event.clone()),
        }
        event
    }
}

impl Event {
    pub(super) fn is_series(&self) -> bool {
        !self.recurrence.is_empty()
    }

    pub(super) fn etag(&self) -> String {
        format!("\"{}{:06}\"", self.updated.as_millisecond(), self.seq)
    }

    pub(super) fn text(&self, name: &str) -> &str {
        self.fields.get(name).and_then(Value::as_str).unwrap_or_default()
    }
}

impl State {
    /// By id, by the name that Info gives it, or `primary`, which is nothing here.
    pub(super) fn calendar_like(&self, wanted: &str) -> Option<usize> {
        self.calendars.iter().position(|c| c.id == wanted || c.name == wanted)
    }

    pub(super) fn role(&self, caller: &Caller, at: usize) -> Role {
        if caller.is_delegate { Role::Owner } else { self.calendars[at].role }
    }

    /// A calendar that this caller can see at all; its place and what he may do there.
    pub(super) fn calendar_for(&self, caller: &Caller, id: &str) -> Result<(usize, Role), Problem> {
        let at = self.calendars.iter().position(|c| c.id == id).ok_or_else(Problem::none)?;
        let role = self.role(caller, at);
        if role == Role::None { Err(Problem::none()) } else { Ok((at, role)) }
    }

    /// A new version of an event; those who watch the calendar will be told.
    pub(super) fn put(&mut self, at: usize, event: Event, now: Timestamp) -> Event {
        let own = self.calendars[at].put(event, now);
        let id = self.calendars[at].id.clone();
        self.stir(&id, now);
        own
    }

    pub(super) fn call(&mut self, method: &str, path: &str, query: &[(String, String)], status: u16) {
        let query: Map<String, Value> = query.iter().map(|(n, v)| (n.clone(), json!(v))).collect();
        self.calls.push(json!({ "method": method, "path": path, "query": query, "status": status }));
    }
}
