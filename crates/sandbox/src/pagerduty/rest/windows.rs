//! Maintenance windows as programs open, change and end them. Listing them is `reference`'s.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::reference::window_full;
use super::{Caller, body};
use crate::pagerduty::account::Maintenance;
use crate::pagerduty::call::{Answer, Call, Fail, Reply};
use crate::pagerduty::state::State;

/// What a body asks for; a beginning that has passed is now.
struct Asked {
    start: Timestamp,
    end: Timestamp,
    description: Option<String>,
    services: Vec<usize>,
}

fn asked(state: &State, call: &Call) -> Result<Asked, Fail> {
    let wanted = body(call, "maintenance_window")?;
    if wanted["type"] != "maintenance_window" {
        return Err(Fail::invalid("type must be maintenance_window"));
    }
    let (start, end) = (time(&wanted, "start_time")?.max(state.now), time(&wanted, "end_time")?);
    if end <= start {
        return Err(Fail::invalid("end_time must be in the future and after start_time"));
    }
    let services = wanted["services"].as_array().filter(|all| !all.is_empty());
    let services = services.ok_or_else(|| Fail::invalid("services can't be empty"))?;
    let services = services.iter().map(|one| service(state, one)).collect::<Result<Vec<usize>, Fail>>()?;
    Ok(Asked { start, end, description: wanted["description"].as_str().map(str::to_owned), services })
}

fn time(wanted: &Value, name: &str) -> Result<Timestamp, Fail> {
    let read = wanted[name].as_str().and_then(|text| text.parse().ok());
    read.ok_or_else(|| Fail::invalid(format!("{name} is not a time with a zone")))
}

fn service(state: &State, one: &Value) -> Result<usize, Fail> {
    let id = one["id"].as_str().filter(|_| one["type"].as_str().is_some_and(|t| t.starts_with("service")));
    let known = id.and_then(|id| state.account.services.iter().position(|s| s.id == id));
    known.ok_or_else(|| Fail::invalid("services name one that is not there"))
}

pub(super) fn create(state: &mut State, call: &Call, caller: &Caller) -> Answer {
    let Asked { start, end, description, services } = asked(state, call)?;
    let (by, id) = (caller.person()?, state.dice.code("PW", 7));
    let description = description.unwrap_or_default();
    state.account.maintenance.push(Maintenance { id: id.clone(), start, end, description, services, by });
    told(state, caller, "maintenance.opened", &id, 201)
}

pub(super) fn update(state: &mut State, call: &Call, caller: &Caller) -> Answer {
    let at = found(state, call)?;
    let Asked { start, end, description, services } = asked(state, call)?;
    let now = state.now;
    let own = &mut state.account.maintenance[at];
    if own.end <= now {
        return Err(Fail::invalid("a maintenance window that is over can't be changed"));
    }
    // One that has begun keeps its beginning.
    own.start = if own.start <= now { own.start } else { start };
    own.end = end;
    own.services = services;
    own.description = description.unwrap_or_else(|| own.description.clone());
    let id = own.id.clone();
    told(state, caller, "maintenance.changed", &id, 200)
}

/// One to come is gone, one that goes on ends.
pub(super) fn delete(state: &mut State, call: &Call, caller: &Caller) -> Answer {
    let (at, now) = (found(state, call)?, state.now);
    let own = state.account.maintenance[at].clone();
    if own.end <= now {
        return Err(Fail::new(405, 2015, "Method Not Allowed").because("the maintenance window is over"));
    }
    if own.start > now {
        state.account.maintenance.remove(at);
    } else {
        state.account.maintenance[at].end = now;
    }
    let detail = json!({ "id": own.id, "description": own.description });
    state.record(&caller.effect("maintenance.ended", None, detail));
    Ok(Reply::empty(204))
}

fn found(state: &State, call: &Call) -> Result<usize, Fail> {
    let id = call.segment(1);
    state.account.maintenance.iter().position(|w| w.id == id).ok_or_else(Fail::not_found)
}

fn told(state: &mut State, caller: &Caller, kind: &str, id: &str, status: u16) -> Answer {
    let at = state.account.maintenance.iter().position(|w| w.id == id).ok_or_else(Fail::not_found)?;
    let shown = window_full(&state.account, at);
    state.record(&caller.effect(kind, None, shown.clone()));
    Ok(Reply::json(status, &json!({ "maintenance_window": shown })))
}
