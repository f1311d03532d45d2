//! `/calendar/v3`: who asks, whether he may, and what answers.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::errors::Problem;
use super::query::Query;
use super::shapes::{calendar, either, entry, event};
use super::token::Caller;
use super::world::{Event, Role, State};
use super::write::{changed, deleted, inserted};
use crate::web::{Ask, Told};

/// An effect from outside, for the judge.
pub(super) type Effect = (&'static str, Value);
type Outcome = Result<(u16, Value, Option<Effect>), Problem>;

fn found(body: Value) -> Outcome {
    Ok((200, body, None))
}

/// The answer, and what has to be on disk before it is given.
pub(super) fn answer(state: &mut State, ask: &Ask, now: Timestamp) -> (Told, Option<Effect>) {
    let outcome = admitted(state, ask, now).and_then(|caller| route(state, ask, &caller, now));
    let (told, effect) = match outcome {
        Ok((204, _, effect)) => (Told::empty(204), effect),
        Ok((status, body, effect)) => (super::told(status, &body), effect),
        Err(problem) => (problem.told(), None),
    };
    state.call(ask.method.as_str(), &ask.path, &ask.query, told.status);
    (told, effect)
}

fn admitted(state: &mut State, ask: &Ask, now: Timestamp) -> Result<Caller, Problem> {
    if let Some(problem) = state.refusals.pop_front() {
        return Err(problem);
    }
    let caller = state.who(ask, now)?;
    let user = ask.one("quotaUser").unwrap_or(&caller.mail).to_owned();
    let limit = state.settings.requests_per_minute as usize;
    let used = state.used.entry(user).or_default();
    used.retain(|at| now.duration_since(*at).as_secs() < 60);
    if limit > 0 && used.len() >= limit {
        return Err(Problem::scripted(403, Some("rateLimitExceeded")).unwrap_or_else(Problem::none));
    }
    used.push_back(now);
    Ok(caller)
}

fn route(state: &mut State, ask: &Ask, caller: &Caller, now: Timestamp) -> Outcome {
    let parts = ask.parts();
    let path: Vec<&str> = parts.iter().skip(2).map(String::as_str).collect();
    match (ask.method.as_str(), path.as_slice()) {
        ("GET", ["users", "me", "calendarList"]) => found(calendar_list(state, caller)?),
        ("POST", ["users", "me", "calendarList"]) => list_calendar(state, caller, &body(ask)?),
        ("GET", ["calendars", id]) => {
            let (at, _) = readable(state, caller, id)?;
            found(calendar(&state.calendars[at]))
        }
        ("POST", ["channels", "stop"]) => {
            let detail = state.stop(&body(ask)?, &caller.mail)?;
            Ok((204, Value::Null, Some(("google.channel_stopped", detail))))
        }
        ("GET", ["calendars", id, "events"]) => {
            let (at, role) = readable(state, caller, id)?;
            found(state.list(at, role, &Query::read(ask)?, now)?)
        }
        ("POST", ["calendars", id, "events", "watch"]) => {
            let (at, _) = readable(state, caller, id)?;
            let answer = state.watch(at, &body(ask)?, &caller.mail, now)?;
            let detail =
                json!({ "calendar": state.calendars[at].name, "id": answer["id"], "expiration": answer["expiration"] });
            Ok((200, answer, Some(("google.watched", detail))))
        }
        ("GET", ["calendars", id, "events", event, "instances"]) => instances(state, caller, (id, event), ask, now),
        ("POST", ["calendars", id, "events"]) => insert(state, caller, id, &body(ask)?, now),
        ("GET", ["calendars", id, "events", event]) => one(state, caller, (id, event), now),
        ("PATCH" | "PUT", ["calendars", id, "events", event]) => change(state, caller, (id, event), ask, now),
        ("DELETE", ["calendars", id, "events", event]) => delete(state, caller, (id, event), ask, now),
        _ => Err(Problem::none()),
    }
}

fn body(ask: &Ask) -> Result<Value, Problem> {
    ask.json().ok().filter(Value::is_object).ok_or_else(|| Problem::new(400, "parseError", "Parse Error"))
}

fn readable(state: &State, caller: &Caller, id: &str) -> Result<(usize, Role), Problem> {
    if !caller.may_read() {
        return Err(Problem::scope());
    }
    state.calendar_for(caller, id)
}

fn writable(state: &State, caller: &Caller, id: &str) -> Result<(usize, Role), Problem> {
    let (at, role) = readable(state, caller, id)?;
    if !caller.may_write() {
        return Err(Problem::scope());
    }
    if role < Role::Writer { Err(Problem::forbidden()) } else { Ok((at, role)) }
}

/// A calendar that is shared with a service account is not on its list by itself.
fn calendar_list(state: &State, caller: &Caller) -> Result<Value, Problem> {
    if !caller.has(&["calendar", "calendar.readonly", "calendar.calendarlist", "calendar.calendarlist.readonly"]) {
        return Err(Problem::scope());
    }
    let own = state.calendars.iter().enumerate().filter(|(_, c)| caller.is_delegate || state.listed.contains(&c.id));
    let items: Vec<Value> = own.map(|(at, c)| entry(c, state.role(caller, at))).collect();
    Ok(json!({ "kind": "calendar#calendarList", "etag": "\"l1\"", "nextSyncToken": "CALLIST", "items": items }))
}

fn list_calendar(state: &mut State, caller: &Caller, body: &Value) -> Outcome {
    if !caller.has(&["calendar", "calendar.calendarlist"]) {
        return Err(Problem::scope());
    }
    let (at, role) = state.calendar_for(caller, body["id"].as_str().unwrap_or_default())?;
    let id = state.calendars[at].id.clone();
    if !state.listed.contains(&id) {
        state.listed.push(id);
    }
    let detail = json!({ "calendar": state.calendars[at].name, "by": caller.mail });
    Ok((200, entry(&state.calendars[at], role), Some(("google.calendar_listed", detail))))
}

fn one(state: &State, caller: &Caller, (id, event): (&str, &str), now: Timestamp) -> Outcome {
    let (at, role) = readable(state, caller, id)?;
    let calendar = &state.calendars[at];
    let own = calendar.any(event, state.horizon(now)).ok_or_else(Problem::none)?;
    let mut shown = shown(&own, state, at, role);
    if own.is_cancelled {
        shown["status"] = json!("cancelled");
    }
    found(shown)
}

fn shown(own: &Event, state: &State, at: usize, role: Role) -> Value {
    let calendar = &state.calendars[at];
    event(own, calendar, role, calendar.zone)
}

fn instances(state: &State, caller: &Caller, (id, event): (&str, &str), ask: &Ask, now: Timestamp) -> Outcome {
    let (at, role) = readable(state, caller, id)?;
    let query = Query::read(ask)?;
    let calendar = &state.calendars[at];
    let series = calendar.find(event).map(|at| &calendar.events[at]).ok_or_else(Problem::none)?;
    let horizon = query.max.unwrap_or_else(|| state.horizon(now));
    let mut all = calendar.instances(series, horizon);
    let original = ask.one("originalStart").and_then(|t| t.parse::<Timestamp>().ok());
    let is_at = |e: &Event| e.exception_of.as_ref().is_some_and(|(_, w)| Some(w.instant(calendar.zone)) == original);
    all.retain(|e| query.show_deleted == Some(true) || !e.is_cancelled);
    all.retain(|e| query.min.is_none_or(|m| e.end.instant(calendar.zone) > m));
    all.retain(|e| original.is_none() || is_at(e));
    all.truncate(query.max_results);
    let mut page = super::shapes::head(calendar, role, now, calendar.zone);
    page["items"] = all.iter().map(|e| either(e, calendar, role, calendar.zone)).collect();
    found(page)
}

fn insert(state: &mut State, caller: &Caller, id: &str, body: &Value, now: Timestamp) -> Outcome {
    let (at, role) = writable(state, caller, id)?;
    let own = inserted(state, at, body, &caller.mail, now)?;
    Ok((200, shown(&own, state, at, role), Some(("google.event_inserted", kept(state, at, &own, caller, body)))))
}

fn kept(state: &State, at: usize, own: &Event, caller: &Caller, body: &Value) -> Value {
    json!({ "calendar": state.calendars[at].name, "event": own.id, "by": caller.mail, "body": body })
}

fn matched(state: &State, at: usize, event: &str, ask: &Ask, now: Timestamp) -> Result<(), Problem> {
    let wanted = ask.header("if-match").filter(|w| *w != "*");
    let own = state.calendars[at].any(event, state.horizon(now)).ok_or_else(Problem::none)?;
    if wanted.is_none_or(|w| w == own.etag()) { Ok(()) } else { Err(Problem::precondition()) }
}

fn change(state: &mut State, caller: &Caller, (id, event): (&str, &str), ask: &Ask, now: Timestamp) -> Outcome {
    let (at, role) = writable(state, caller, id)?;
    matched(state, at, event, ask, now)?;
    let body = body(ask)?;
    let own = changed(state, (at, event), (&body, ask.method == http::Method::PUT), now)?;
    Ok((200, shown(&own, state, at, role), Some(("google.event_changed", kept(state, at, &own, caller, &body)))))
}

fn delete(state: &mut State, caller: &Caller, (id, event): (&str, &str), ask: &Ask, now: Timestamp) -> Outcome {
    let (at, _) = writable(state, caller, id)?;
    matched(state, at, event, ask, now)?;
    let own = deleted(state, at, event, now)?;
    let effect = ("google.event_deleted", kept(state, at, &own, caller, &Value::Null));
    Ok((204, Value::Null, Some(effect)))
}
