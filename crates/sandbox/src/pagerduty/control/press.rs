//! Custom incident actions over control: a button is put on a service, and pressed as somebody. The webhook of a press goes out once; no
//! second try of it is known.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::{Value, json};

use super::{Outcome, act, service_of, text};
use crate::pagerduty::actions::{EVENT, Extension, MOST_PER_SERVICE, Shape};
use crate::pagerduty::book::Agent;
use crate::pagerduty::call::{Call, Reply};
use crate::pagerduty::effects::Effect;
use crate::pagerduty::faults::Surface;
use crate::pagerduty::hub::Hub;
use crate::pagerduty::state::State;
use crate::pagerduty::webhooks::client;
use crate::pagerduty::webhooks::queue::{Job, Outcome as Sent};

/// How long the receiver of a press may take.
const DEADLINE: Duration = Duration::from_secs(16);

/// Puts a button on a service, points it elsewhere, or takes it away.
pub(super) fn extension(state: &mut State, body: &Value) -> Outcome {
    if let Some(id) = body["delete"].as_str() {
        state.extensions.retain(|own| own.id != id);
        return Ok(Reply::json(200, &json!({ "deleted": id })));
    }
    let (url, headers) = (text(body, "url")?, headers(body)?);
    url::Url::parse(url).map_err(|e| format!("url: {e}"))?;
    let place = match body["extension"].as_str() {
        Some(id) => state.extensions.iter().position(|own| own.id == id).ok_or("no such extension")?,
        None => added(state, body)?,
    };
    let own = &mut state.extensions[place];
    (own.url, own.headers) = (url.to_owned(), headers);
    let own = state.extensions[place].clone();
    Ok(Reply::json(200, &json!({ "extension": state.extension(&own) })))
}

fn added(state: &mut State, body: &Value) -> Result<usize, String> {
    let service = service_of(state, body)?;
    let label = text(body, "label")?.to_owned();
    if state.extensions.iter().filter(|own| own.service == service).count() >= MOST_PER_SERVICE {
        return Err(format!("a service takes {MOST_PER_SERVICE} custom incident actions at most"));
    }
    let id = state.dice.code("PX", 7);
    state.extensions.push(Extension { id, service, label, url: String::new(), headers: Vec::new() });
    Ok(state.extensions.len() - 1)
}

fn headers(body: &Value) -> Result<Vec<(String, String)>, String> {
    let Some(wanted) = body.get("headers") else { return Ok(Vec::new()) };
    let wanted = wanted.as_object().ok_or("headers is an object of texts")?;
    let one = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
    wanted.iter().map(one).collect::<Option<_>>().ok_or_else(|| "headers is an object of texts".into())
}

pub(crate) async fn answer(hub: &Arc<Hub>, call: &Call) -> Reply {
    let told = match super::parsed(call) {
        Ok(body) => run(hub, body).await,
        Err(error) => Err(error),
    };
    told.map_or_else(|error| Reply::json(400, &json!({ "error": error })), |told| Reply::json(200, &told))
}

/// Presses a button and waits until its webhook has been answered.
pub(crate) async fn run(hub: &Arc<Hub>, body: Value) -> Result<Value, String> {
    let (entry, job) = hub.with(|state| begin(state, &body))?;
    let mut told = Value::Null;
    for _ in 0..=job.trouble.duplicate.unwrap_or(0) {
        told = deliver(hub, &job).await;
    }
    hub.with(|state| state.hooks.in_flight = state.hooks.in_flight.saturating_sub(1));
    Ok(json!({ "log_entry": entry, "delivery": told }))
}

fn begin(state: &mut State, body: &Value) -> Result<(String, Job), String> {
    let index = act::incident_of(state, &body["incident"])?;
    let own = extension_of(state, body, state.book.incidents[index].service)?;
    let by = act::actor(state, index, body)?;
    let Agent::User(user) = by.agent else { return Err("only a person presses a button".into()) };
    let shape = match body["shape"].as_str() {
        None | Some("v2") => Shape::V2,
        Some("v3") => Shape::V3,
        Some(other) => return Err(format!("shape is v2 or v3, not {other}")),
    };
    let entry = state.press(index, user);
    let payload = state.pressed(&own, index, user, shape);
    let id = state.book.incidents[index].id.clone();
    let detail = json!({ "extension": own.id, "label": own.label, "log_entry": entry });
    let from = state.account.users[user].email.clone();
    state.record(&Effect {
        kind: "action.pressed",
        via: "control",
        incident: Some(&id),
        key: None,
        from: Some(&from),
        detail,
    });
    let job = job(state, own, id, &payload);
    state.hooks.in_flight += 1;
    Ok((entry, job))
}

/// By its id or label; the first one of the incident's service otherwise.
fn extension_of(state: &State, body: &Value, service: usize) -> Result<Extension, String> {
    let wanted = body["extension"].as_str();
    let fits = |own: &&Extension| wanted.is_none_or(|w| own.id == w || own.label == w);
    let found = state.extensions.iter().filter(|own| own.service == service).find(fits);
    found.cloned().ok_or_else(|| "the incident's service has no such custom incident action".into())
}

fn job(state: &mut State, own: Extension, incident: String, payload: &Value) -> Job {
    let trouble = state.faults.hit(Surface::Webhook, "POST", EVENT).unwrap_or_default();
    Job {
        subscription: own.id,
        lane: String::new(),
        delivery: state.dice.uuid(),
        event_type: EVENT.into(),
        incident: Some(incident),
        attempt: 1,
        url: own.url,
        signature: None,
        custom_headers: own.headers,
        body: Bytes::from(payload.to_string()),
        trouble,
    }
}

async fn deliver(hub: &Arc<Hub>, job: &Job) -> Value {
    if let Some(delay_ms) = job.trouble.delay_ms {
        tokio::time::sleep(Duration::from_millis(delay_ms)).await;
    }
    let begun = Instant::now();
    let sent = match hub.peek(|state| state.faults.outage.webhooks) {
        true => Sent::Failed("webhooks are out of order".into()),
        false => client::send(&hub.client, job, DEADLINE).await,
    };
    let ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    hub.with(|state| {
        state.note_attempt(job, &sent, ms);
        state.hooks.attempts.last().cloned().unwrap_or_default()
    })
}
