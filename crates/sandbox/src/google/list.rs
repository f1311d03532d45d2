//! Lists of events: a full one with filters, or what has changed since a sync token; in pages that may be short or empty.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::errors::Problem;
use super::query::{Order, Query};
use super::shapes::{either, head};
use super::world::{Calendar, Event, Role, State};
use crate::clock::plus_s;

const DAY_S: i64 = 86_400;
/// So many lists may be half read.
const SESSIONS: usize = 200;

/// A list that somebody is reading, as it was when he began.
#[derive(Debug, Clone)]
pub(super) struct Session {
    calendar: String,
    fingerprint: String,
    /// The token that he gave, which he has to go on giving.
    given: Option<String>,
    items: Vec<Value>,
    next: Option<String>,
}

/// What a sync token knows.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Mark {
    calendar: String,
    seq: u64,
    fingerprint: String,
    made_s: i64,
    min: Option<Timestamp>,
    max: Option<Timestamp>,
}

impl State {
    /// `role` is at least free/busy.
    pub(super) fn list(&mut self, at: usize, role: Role, query: &Query, now: Timestamp) -> Result<Value, Problem> {
        let (session, offset, is_gap) = match &query.page_token {
            Some(token) => self.resumed(at, query, token)?,
            None => (self.begun(at, role, query, now)?, 0, false),
        };
        let own = &self.sessions[&session];
        let cap = match self.settings.page_cap {
            0 => query.max_results,
            cap => query.max_results.min(cap as usize),
        };
        let wants_gap = self.settings.empty_pages && !is_gap;
        let take = if wants_gap { 0 } else { cap };
        let items: Vec<Value> = own.items.iter().skip(offset).take(take).cloned().collect();
        let after = offset + items.len();
        let is_last = after >= own.items.len() && !wants_gap;
        let calendar = &self.calendars[at];
        let mut page = head(calendar, role, now, query.zone.as_deref().unwrap_or(calendar.zone));
        if !is_last {
            page["nextPageToken"] = json!(URL_SAFE_NO_PAD.encode(format!("{session}.{after}.{}", u8::from(wants_gap))));
        } else if let Some(token) = &own.next {
            page["nextSyncToken"] = json!(token);
        }
        page["items"] = json!(items);
        Ok(page)
    }

    fn resumed(&self, at: usize, query: &Query, token: &str) -> Result<(u64, usize, bool), Problem> {
        let wrong = || Problem::invalid("Invalid page token value.").of_parameter("pageToken");
        let text = URL_SAFE_NO_PAD.decode(token).ok().and_then(|b| String::from_utf8(b).ok()).ok_or_else(wrong)?;
        let numbers: Vec<u64> = text.split('.').filter_map(|n| n.parse().ok()).collect();
        let [session, offset, gap] = numbers.as_slice() else { return Err(wrong()) };
        let own = self.sessions.get(session).ok_or_else(wrong)?;
        let is_same = own.calendar == self.calendars[at].id
            && own.fingerprint == query.fingerprint
            && own.given == query.sync_token;
        if is_same { Ok((*session, *offset as usize, *gap == 1)) } else { Err(wrong()) }
    }

    fn begun(&mut self, at: usize, role: Role, query: &Query, now: Timestamp) -> Result<u64, Problem> {
        let horizon = plus_s(now, i64::from(self.settings.horizon_days) * DAY_S);
        let calendar = &self.calendars[at];
        let (events, min, max) = match &query.sync_token {
            Some(token) => {
                let mark = self.mark(calendar, query, token, now)?;
                let to = mark.max.map_or(horizon, |m| m.min(horizon));
                let events = calendar.changed(mark.seq, query, to);
                (narrowed(events, calendar, query, mark.min, mark.max), mark.min, mark.max)
            }
            None => {
                let oldest = plus_s(now, -i64::from(self.settings.sync_token_days) * DAY_S);
                if query.updated_min.is_some_and(|t| t < oldest) {
                    return Err(Problem::updated_min());
                }
                (calendar.full(query, query.max.map_or(horizon, |m| m.min(horizon))), query.min, query.max)
            }
        };
        let in_zone = query.zone.as_deref().unwrap_or(calendar.zone);
        let items = events.iter().map(|e| either(e, calendar, role, in_zone)).collect();
        let makes_token = query.makes_token || self.settings.token_after_filters;
        let mark = Mark {
            calendar: calendar.id.clone(),
            seq: calendar.last_seq,
            fingerprint: query.fingerprint.clone(),
            made_s: now.as_second(),
            min,
            max,
        };
        let session = Session {
            calendar: calendar.id.clone(),
            fingerprint: query.fingerprint.clone(),
            given: query.sync_token.clone(),
            items,
            next: makes_token.then(|| sealed(&mark, &calendar.secret)),
        };
        self.last_session += 1;
        self.sessions.insert(self.last_session, session);
        while self.sessions.len() > SESSIONS {
            self.sessions.pop_first();
        }
        Ok(self.last_session)
    }

    fn mark(&self, calendar: &Calendar, query: &Query, token: &str, now: Timestamp) -> Result<Mark, Problem> {
        let wrong = || Problem::invalid("Invalid sync token value.").of_parameter("syncToken");
        let mark = opened(token, &calendar.secret).filter(|m| m.calendar == calendar.id).ok_or_else(wrong)?;
        let lives_s = i64::from(self.settings.sync_token_days) * DAY_S;
        if mark.seq < calendar.oldest_token || now.as_second() - mark.made_s >= lives_s {
            return Err(Problem::full_sync());
        }
        if self.settings.strict_sync && mark.fingerprint != query.fingerprint {
            return Err(
                Problem::invalid("The parameters differ from those of the first call.").of_parameter("syncToken")
            );
        }
        Ok(mark)
    }
}

fn seal(payload: &str, secret: &str) -> String {
    hex::encode(Sha256::digest(format!("{secret}{payload}"))).chars().take(16).collect()
}

fn sealed(mark: &Mark, secret: &str) -> String {
    let payload = URL_SAFE_NO_PAD.encode(json!(mark).to_string());
    format!("C{payload}={}", seal(&payload, secret))
}

fn opened(token: &str, secret: &str) -> Option<Mark> {
    let (payload, signature) = token.strip_prefix('C')?.split_once('=')?;
    let bytes = URL_SAFE_NO_PAD.decode(payload).ok().filter(|_| seal(payload, secret) == signature)?;
    serde_json::from_slice(&bytes).ok()
}

/// What has left the window of the first call is not told of, except that it is gone or moved.
fn narrowed(
    events: Vec<Event>,
    of: &Calendar,
    query: &Query,
    min: Option<Timestamp>,
    max: Option<Timestamp>,
) -> Vec<Event> {
    let is_inside = |e: &Event| e.is_cancelled || !query.single || within(e, of, min, max) || of.find(&e.id).is_some();
    events.into_iter().filter(is_inside).collect()
}

fn within(event: &Event, of: &Calendar, min: Option<Timestamp>, max: Option<Timestamp>) -> bool {
    min.is_none_or(|m| event.end.instant(of.zone) > m) && max.is_none_or(|m| event.start.instant(of.zone) < m)
}

impl Calendar {
    fn full(&self, query: &Query, horizon: Timestamp) -> Vec<Event> {
        let shows_deleted = query.show_deleted.unwrap_or(false) || query.updated_min.is_some();
        let mut all: Vec<Event> = Vec::new();
        for own in &self.events {
            match (own.is_series(), own.exception_of.is_some(), query.single) {
                (true, _, true) if !own.is_cancelled => all.extend(self.instances(own, horizon)),
                (true, _, true) | (_, true, true) => {}
                _ => all.push(own.clone()),
            }
        }
        let shown = |e: &Event| !e.is_cancelled || shows_deleted || (!query.single && self.belongs_to_living(e));
        all.retain(|e| shown(e) && self.is_in_window(e, query, horizon) && fits(e, query));
        self.sort(&mut all, query.order);
        all
    }

    /// A cancelled instance of a series that goes on.
    fn belongs_to_living(&self, of: &Event) -> bool {
        let series = of.exception_of.as_ref().and_then(|(id, _)| self.find(id));
        series.is_some_and(|at| !self.events[at].is_cancelled)
    }

    fn is_in_window(&self, of: &Event, query: &Query, horizon: Timestamp) -> bool {
        if of.is_series() && (query.min.is_some() || query.max.is_some()) {
            let instances = self.instances(of, horizon);
            return instances.iter().any(|i| within(i, self, query.min, query.max));
        }
        within(of, self, query.min, query.max)
    }

    fn sort(&self, all: &mut [Event], order: Option<Order>) {
        match order {
            Some(Order::Start) => all.sort_by_key(|e| (e.start.instant(self.zone), e.id.clone())),
            Some(Order::Updated) => all.sort_by_key(|e| (e.updated, e.seq)),
            None => {}
        }
    }

    /// What has another version than at `since`, in the order in which it changed.
    fn changed(&self, since: u64, query: &Query, horizon: Timestamp) -> Vec<Event> {
        let mut new: Vec<&Event> = self.events.iter().filter(|e| e.seq > since).collect();
        new.sort_by_key(|e| e.seq);
        let mut all: Vec<Event> = Vec::new();
        for own in new {
            let was_series = || self.former.iter().any(|(ended, e)| *ended > since && e.id == own.id && e.is_series());
            if !query.single {
                all.push(own.clone());
            } else if own.is_series() || was_series() {
                all.extend(self.gone(own, since, horizon));
                if !own.is_cancelled {
                    let is_series = own.is_series();
                    all.extend(if is_series { self.instances(own, horizon) } else { vec![own.clone()] });
                }
            } else {
                all.push(own.clone());
            }
        }
        let mut seen = std::collections::HashSet::new();
        all.retain(|e| fits(e, query) && seen.insert(e.id.clone()));
        all
    }
}

fn fits(event: &Event, query: &Query) -> bool {
    let kind = event.text("eventType");
    let kind = if kind.is_empty() { "default" } else { kind };
    let words = |text: &String| {
        let names = ["summary", "description", "location", "attendees", "organizer"];
        names.iter().any(|n| event.fields.get(*n).is_some_and(|v| v.to_string().to_lowercase().contains(text)))
    };
    let property = |(whose, name, value): &(&str, String, String)| {
        event.fields.get("extendedProperties").is_some_and(|p| p[whose][name.as_str()] == value.as_str())
    };
    query.text.as_ref().is_none_or(words)
        && query.uid.as_ref().is_none_or(|uid| super::shapes::uid(event) == *uid)
        && query.updated_min.is_none_or(|t| event.updated >= t)
        && query.properties.iter().all(property)
        && (query.kinds.is_empty() || query.kinds.iter().any(|k| k == kind))
}
