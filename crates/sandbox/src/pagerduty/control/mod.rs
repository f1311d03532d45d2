//! The control interface: makes things happen inside the account, scripts trouble, moves the clock and shows what the sandbox
//! knows. Unauthenticated by design; it belongs to tests and demos and listens only where the sandbox does.

mod account;
mod act;
mod life;
pub(crate) mod monitor;
pub(crate) mod press;
mod settings;
mod show;
mod truth;

use serde_json::{Value, json};

use super::call::{Call, Reply};
use super::clock::Clock;
use super::disaster::Script;
use super::effects::Effect;
use super::events::EventJob;
use super::faults::{Fault, Outage};
use super::shapes::Include;
use super::state::State;
use crate::smtp::Letter;

/// A year is further than any test goes.
const MAX_ADVANCE_S: f64 = 366.0 * 86_400.0;

pub(crate) use show::idle;

type Outcome = Result<Reply, String>;

pub(crate) fn handle(state: &mut State, clock: &Clock, call: &Call) -> Reply {
    let outcome = match (call.method.as_str(), call.segment(1)) {
        ("POST", "trigger") => parsed(call).and_then(|b| trigger(state, &b)),
        ("POST", "act") => parsed(call).and_then(|b| act::handle(state, &b)),
        ("POST", "mail") => mail(state, call),
        ("POST", "disaster") => parsed(call).and_then(|b| disaster(state, b)),
        ("DELETE", "disaster") => {
            state.disaster = None;
            Ok(Reply::json(200, &state.disaster_shown()))
        }
        ("POST", "advance") => parsed(call).and_then(|b| advance(state, clock, &b)),
        ("POST", "clock_offset") => parsed(call).and_then(|b| account::clock_offset(clock, &b)),
        ("POST", "faults") => parsed(call).and_then(|b| add_faults(state, b)),
        ("DELETE", "faults") => {
            state.faults.all.clear();
            Ok(Reply::json(200, &json!({ "faults": [] })))
        }
        ("POST", "outage") => parsed(call).and_then(|b| outage(state, b)),
        ("DELETE", "calls") => {
            state.access.calls.clear();
            Ok(Reply::json(200, &json!({})))
        }
        ("GET", "truth") => truth::handle(state, call),
        ("GET", what) => show::handle(state, what),
        ("POST", what) => match switch(what) {
            Some(change) => parsed(call).and_then(|b| change(state, &b)),
            None => return Reply::json(404, &json!({ "error": "no such control" })),
        },
        _ => return Reply::json(404, &json!({ "error": "no such control" })),
    };
    outcome.unwrap_or_else(|error| Reply::json(400, &json!({ "error": error })))
}

/// What changes the account or a subscription and needs nothing but the state.
fn switch(what: &str) -> Option<fn(&mut State, &Value) -> Outcome> {
    Some(match what {
        "subscription" => life::change,
        "rotate" => life::rotate,
        "webhook" => life::point,
        "lose" => life::lose,
        "hold" => life::hold,
        "duplicate" => life::duplicate,
        "scopes" => account::scopes,
        "region" => account::region,
        "features" => account::features,
        "service" => settings::service,
        "maintenance" => settings::maintenance,
        "integration" => settings::integration,
        "orchestration" => settings::orchestration,
        "grouping" => settings::grouping,
        "oncall" => settings::oncall,
        "audit" => settings::audit,
        "extension" => press::extension,
        _ => return None,
    })
}

/// An empty body is an empty object.
fn parsed(call: &Call) -> Result<Value, String> {
    if call.body.is_empty() {
        return Ok(json!({}));
    }
    serde_json::from_slice(&call.body).map_err(|e| format!("the body is not JSON: {e}"))
}

fn text<'a>(body: &'a Value, name: &str) -> Result<&'a str, String> {
    body[name].as_str().ok_or_else(|| format!("{name} is missing"))
}

fn service_of(state: &State, body: &Value) -> Result<usize, String> {
    let wanted = text(body, "service")?;
    let by_name = || state.account.services.iter().position(|s| s.name == wanted);
    state.account.service(wanted).or_else(by_name).ok_or_else(|| format!("no service {wanted}"))
}

/// A monitor's trigger, at once and past every rate limit.
fn trigger(state: &mut State, body: &Value) -> Outcome {
    let service = service_of(state, body)?;
    let title = text(body, "title")?;
    let key = body["key"].as_str().map_or_else(|| state.dice.hex(32), str::to_owned);
    let event = json!({
        "urgency": body["urgency"], "client": body["client"], "client_url": body["client_url"], "links": body["links"], "images": body["images"],
        "payload": {
            "summary": title, "source": body["source"].as_str().unwrap_or("control"), "severity": body["severity"].as_str().unwrap_or("critical"),
            "custom_details": body["details"],
        },
    });
    let fate = state.apply_event(EventJob::of_service(service, "trigger", &key, event));
    let index = state.open_alert(service, &key).map(|(index, _)| index);
    let incident = index.map(|i| state.incident(i, &Include::default()));
    let id = index.map(|i| state.book.incidents[i].id.clone());
    state.record(&Effect {
        kind: "event.trigger",
        via: "control",
        incident: id.as_deref(),
        key: Some(&key),
        detail: body.clone(),
        from: None,
    });
    Ok(Reply::json(200, &json!({ "incident": incident, "key": key, "became": fate.became, "reason": fate.reason })))
}

/// A mail's raw bytes, for the addresses in `to` or for those that it names itself.
fn mail(state: &mut State, call: &Call) -> Outcome {
    let mut to: Vec<String> = call.all("to").into_iter().map(str::to_owned).collect();
    if to.is_empty() {
        to = crate::mail::read(&call.body).to;
    }
    if to.is_empty() {
        return Err("nobody to take it: name ?to=ADDRESS, or give the mail a To".into());
    }
    let from = call.one("from").unwrap_or_default().to_owned();
    let letter = Letter { from, to, raw: call.body.clone() };
    let places = state.take_mail(&letter, "control");
    let taken: Vec<&Value> = places.iter().map(|place| &state.mails[*place]).collect();
    Ok(Reply::json(200, &json!({ "mails": taken })))
}

fn disaster(state: &mut State, body: Value) -> Outcome {
    let script: Script = serde_json::from_value(body).map_err(|e| format!("disaster: {e}"))?;
    state.disaster = Some(script.begin(state.now)?);
    Ok(Reply::json(200, &state.disaster_shown()))
}

fn advance(state: &mut State, clock: &Clock, body: &Value) -> Outcome {
    let seconds = body["seconds"].as_f64().filter(|s| (0.0..=MAX_ADVANCE_S).contains(s));
    let seconds = seconds.ok_or("seconds must be from 0 to a year")?;
    clock.advance((seconds * 1000.0) as i64);
    state.run_until(clock.now());
    Ok(Reply::json(200, &json!({ "now": super::clock::micros(state.now) })))
}

fn add_faults(state: &mut State, body: Value) -> Outcome {
    let faults: Vec<Fault> = serde_json::from_value(body["faults"].clone()).map_err(|e| format!("faults: {e}"))?;
    if let Some(problem) = faults.iter().find_map(Fault::problem) {
        return Err(problem.into());
    }
    state.faults.all.extend(faults);
    Ok(Reply::json(200, &json!({ "faults": state.faults.all })))
}

fn outage(state: &mut State, body: Value) -> Outcome {
    state.faults.outage = serde_json::from_value::<Outage>(body).map_err(|e| format!("outage: {e}"))?;
    Ok(Reply::json(200, &json!({ "outage": state.faults.outage })))
}
