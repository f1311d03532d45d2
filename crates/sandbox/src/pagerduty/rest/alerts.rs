//! Alerts of an incident: reading, resolving, moving to another incident.

use serde_json::{Value, json};

use super::query::{include, page, sort_by, words};
use super::{Caller, body, incident_of};
use crate::pagerduty::book::{Alert, By};
use crate::pagerduty::call::{Answer, Call, Fail, Reply};
use crate::pagerduty::shapes::Include;
use crate::pagerduty::state::State;

const MAX_AT_ONCE: usize = 250;

pub(super) fn list(state: &mut State, call: &Call, _: &Caller) -> Answer {
    let page = page(call)?;
    let incident = &state.book.incidents[incident_of(state, call)?];
    let statuses = words(call, "statuses[]", &["triggered", "resolved"])?;
    let key = call.one("alert_key");
    let status = |a: &Alert| if a.resolved.is_some() { "resolved" } else { "triggered" };
    let fits = |a: &&Alert| (statuses.is_empty() || statuses.contains(&status(a))) && key.is_none_or(|k| a.key == k);
    let mut found: Vec<&Alert> = incident.alerts.iter().filter(fits).collect();
    for (field, descending) in sort_by(call, &["created_at", "resolved_at"])?.into_iter().rev() {
        found.sort_by_key(|a| if field == "created_at" { Some(a.created) } else { a.resolved });
        if descending {
            found.reverse();
        }
    }
    let include = include(call);
    let body = page.wrap("alerts", &found, |alert| state.alert_with(incident, alert, &include));
    Ok(Reply::json(200, &body))
}

impl State {
    fn alert_with(&self, incident: &crate::pagerduty::book::Incident, alert: &Alert, include: &Include) -> Value {
        let mut shown = self.alert(incident, alert);
        if include.has("services") {
            shown["service"] = self.service_full(alert.service, &Include::default());
        }
        if let Some(index) = self.book.find(&incident.id).filter(|_| include.has("incidents")) {
            shown["incident"] = self.incident(index, &Include::default());
        }
        let entry = incident.log.iter().find(|e| e.id == alert.first_entry);
        if let Some(entry) = entry.filter(|_| include.has("first_trigger_log_entries")) {
            shown["first_trigger_log_entry"] = self.log_entry(incident, entry, &Include::default());
        }
        shown
    }
}

fn place(state: &State, index: usize, id: &str) -> Result<usize, Fail> {
    let found = state.book.incidents[index].alerts.iter().position(|a| a.id == id);
    found.ok_or_else(|| Fail::new(404, 5001, "Alert Not Found"))
}

pub(super) fn get(state: &mut State, call: &Call, _: &Caller) -> Answer {
    let index = incident_of(state, call)?;
    let incident = &state.book.incidents[index];
    let alert = &incident.alerts[place(state, index, call.segment(3))?];
    Ok(Reply::json(200, &json!({ "alert": state.alert(incident, alert) })))
}

/// What an alert's update asks for.
enum Change {
    Nothing,
    Resolve,
    Move(usize),
}

fn plan(state: &State, index: usize, wanted: &Value) -> Result<Change, Fail> {
    if let Some(id) = wanted["incident"]["id"].as_str() {
        let to = state.book.find(id).ok_or_else(|| Fail::new(400, 1004, "Invalid Id"))?;
        if !state.book.incidents[to].is_open() {
            return Err(Fail::new(400, 1001, "Incident Already Resolved"));
        }
        return Ok(if to == index { Change::Nothing } else { Change::Move(to) });
    }
    match wanted["status"].as_str() {
        Some("resolved") => Ok(Change::Resolve),
        _ => Err(Fail::invalid("an alert can be resolved or moved")),
    }
}

/// Applies the change and answers the alert as it is afterwards.
fn apply(
    state: &mut State,
    caller: &Caller,
    (index, id): (usize, &str),
    change: &Change,
    by: &By,
) -> Result<Value, Fail> {
    let at = place(state, index, id)?;
    let mut home = index;
    match *change {
        Change::Resolve if state.book.incidents[index].alerts[at].resolved.is_none() => {
            state.resolve_alert(index, at, by)
        }
        Change::Move(to) => {
            state.move_alert(index, at, to, by);
            home = to;
        }
        Change::Resolve | Change::Nothing => {}
    }
    let shown = state.alert(&state.book.incidents[home], &state.book.incidents[home].alerts[place(state, home, id)?]);
    let incident = state.book.incidents[index].id.clone();
    let detail = json!({ "alert": id, "status": shown["status"], "incident": state.book.incidents[home].id });
    state.record(&caller.effect("alert.updated", Some(&incident), detail));
    Ok(shown)
}

pub(super) fn update(state: &mut State, call: &Call, caller: &Caller) -> Answer {
    let index = incident_of(state, call)?;
    place(state, index, call.segment(3))?;
    let change = plan(state, index, &body(call, "alert")?)?;
    let shown = apply(state, caller, (index, call.segment(3)), &change, &caller.by()?)?;
    Ok(Reply::json(200, &json!({ "alert": shown })))
}

pub(super) fn update_many(state: &mut State, call: &Call, caller: &Caller) -> Answer {
    let index = incident_of(state, call)?;
    let wanted = body(call, "alerts")?;
    let list = wanted.as_array().ok_or_else(|| Fail::invalid("alerts must be a list"))?;
    if list.len() > MAX_AT_ONCE {
        return Err(Fail::new(413, 2001, "Request Entity Too Large").because("250 alerts at most"));
    }
    let mut plans = Vec::new();
    for one in list {
        let id = one["id"].as_str().unwrap_or_default();
        place(state, index, id)?;
        plans.push((id, plan(state, index, one)?));
    }
    let by = caller.by()?;
    let mut shown = Vec::new();
    for (id, change) in plans {
        shown.push(apply(state, caller, (index, id), &change, &by)?);
    }
    let count = shown.len();
    Ok(Reply::json(200, &json!({ "alerts": shown, "limit": count, "offset": 0, "more": false, "total": null })))
}
