//! The control interface: makes things happen inside the account, scripts trouble, moves the clock and shows what the sandbox
//! knows. Unauthenticated by design; it belongs to tests and demos and listens only where the sandbox does.

mod act;
mod show;

use serde_json::{Value, json};

use super::book::By;
use super::call::{Call, Reply};
use super::clock::Clock;
use super::effects::Effect;
use super::events::EventJob;
use super::faults::{Fault, Outage};
use super::shapes::Include;
use super::state::State;

/// A year is further than any test goes.
const MAX_ADVANCE_S: f64 = 366.0 * 86_400.0;

pub(crate) use show::idle;

type Outcome = Result<Reply, String>;

pub(crate) fn handle(state: &mut State, clock: &Clock, call: &Call) -> Reply {
    let outcome = match (call.method.as_str(), call.segment(1)) {
        ("POST", "trigger") => parsed(call).and_then(|b| trigger(state, &b)),
        ("POST", "act") => parsed(call).and_then(|b| act::handle(state, &b)),
        ("POST", "service") => parsed(call).and_then(|b| service(state, &b)),
        ("POST", "advance") => parsed(call).and_then(|b| advance(state, clock, &b)),
        ("POST", "rotate") => parsed(call).and_then(|b| rotate(state, &b)),
        ("POST", "faults") => parsed(call).and_then(|b| add_faults(state, b)),
        ("DELETE", "faults") => {
            state.faults.all.clear();
            Ok(Reply::json(200, &json!({ "faults": [] })))
        }
        ("POST", "outage") => parsed(call).and_then(|b| outage(state, b)),
        ("POST", "webhook") => parsed(call).and_then(|b| webhook(state, &b)),
        ("GET", what) => show::handle(state, what),
        _ => return Reply::json(404, &json!({ "error": "no such control" })),
    };
    outcome.unwrap_or_else(|error| Reply::json(400, &json!({ "error": error })))
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
    state.apply_event(EventJob { service, action: "trigger".into(), key: key.clone(), event });
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
    Ok(Reply::json(200, &json!({ "incident": incident, "key": key })))
}

/// Disables a service or brings it back.
fn service(state: &mut State, body: &Value) -> Outcome {
    let service = service_of(state, body)?;
    let status = text(body, "status")?;
    state.account.services[service].disabled = match status {
        "disabled" => true,
        "active" => false,
        _ => return Err("status is active or disabled".into()),
    };
    let by = By::user(state.account.automation, "website");
    state.tell_service(service, "service.updated", &by);
    Ok(Reply::json(200, &json!({ "service": state.service_full(service, &Include::default()) })))
}

fn advance(state: &mut State, clock: &Clock, body: &Value) -> Outcome {
    let seconds = body["seconds"].as_f64().filter(|s| (0.0..=MAX_ADVANCE_S).contains(s));
    let seconds = seconds.ok_or("seconds must be from 0 to a year")?;
    clock.advance((seconds * 1000.0) as i64);
    state.run_until(clock.now());
    Ok(Reply::json(200, &json!({ "now": super::clock::micros(state.now) })))
}

/// Without a named subscription the first one is meant: the one made at the start.
fn subscription_place(state: &State, body: &Value) -> Result<usize, String> {
    let all = &state.hooks.subscriptions;
    let place = match body["subscription"].as_str() {
        Some(id) => all.iter().position(|s| s.id == id),
        None => (!all.is_empty()).then_some(0),
    };
    place.ok_or_else(|| "no such subscription".into())
}

fn rotate(state: &mut State, body: &Value) -> Outcome {
    let place = subscription_place(state, body)?;
    let fresh = state.dice.secret(64);
    let own = &mut state.hooks.subscriptions[place];
    if body["finish"] == true {
        own.old_secret = None;
    } else {
        own.old_secret = Some(std::mem::replace(&mut own.secret, fresh));
    }
    Ok(Reply::json(200, &json!({ "subscription": own.id, "secret": own.secret, "old_secret": own.old_secret })))
}

fn webhook(state: &mut State, body: &Value) -> Outcome {
    let place = subscription_place(state, body)?;
    let url = text(body, "url")?;
    url::Url::parse(url).map_err(|e| format!("url: {e}"))?;
    state.hooks.subscriptions[place].url = Some(url.to_owned());
    Ok(Reply::json(200, &json!({ "webhook_subscription": state.subscription(place, false) })))
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
