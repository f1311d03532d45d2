//! Events API v2: checks an event, answers 202 at once and lets the alert appear a little later. An accepted event is not an
//! incident: what becomes of it is decided on its way (`flow`).

use serde_json::{Value, json};

use super::account::Source;
use super::call::{Call, Reply};
use super::clock::plus_ms;
use super::effects::Effect;
use super::state::{State, Timer};

const MAX_BODY_BYTES: usize = 512 * 1024;
const MAX_KEY_CHARS: usize = 255;
const MAX_SUMMARY_CHARS: usize = 1024;

/// An accepted event on its way.
#[derive(Debug, Clone)]
pub(crate) struct EventJob {
    pub source: Source,
    pub action: String,
    pub key: String,
    pub event: Value,
    /// The effect that says that it came in; the story's events have none.
    pub effect: Option<u64>,
}

impl EventJob {
    /// By the Events v2 integration of a service, and no effect.
    pub(crate) fn of_service(service: usize, action: &str, key: &str, event: Value) -> Self {
        Self { source: Source::Events(service), action: action.into(), key: key.into(), event, effect: None }
    }
}

fn refusal(errors: &[String]) -> Reply {
    Reply::json(400, &json!({ "status": "invalid event", "message": "Event object is invalid", "errors": errors }))
}

/// Whatever the caller is told of a refused event is an effect as well.
pub(crate) fn handle(state: &mut State, call: &Call) -> Reply {
    let reply = answer(state, call);
    if reply.status != 202 {
        note_rejected(state, call, &json!(reply.status));
    }
    reply
}

/// `how` is a status, or what happened to the connection.
pub(crate) fn note_rejected(state: &mut State, call: &Call, how: &Value) {
    let event = serde_json::from_slice::<Value>(&call.body).unwrap_or_default();
    let service = event["routing_key"].as_str().and_then(|k| state.account.source_by_key(k));
    let service = service.and_then(|s| state.account.service_of(s)).map(|s| state.account.services[s].id.clone());
    state.record(&Effect {
        kind: "event.rejected",
        via: "events",
        detail: json!({
            "told": how, "action": event["event_action"], "key": event["dedup_key"], "summary": event["payload"]["summary"], "service": service,
        }),
        ..Effect::default()
    });
}

fn answer(state: &mut State, call: &Call) -> Reply {
    let change = call.path == "/v2/change/enqueue";
    if !change && call.path != "/v2/enqueue" {
        return Reply::json(404, &json!({ "status": "not found", "message": "Not Found" }));
    }
    if call.method != http::Method::POST {
        return Reply::json(405, &json!({ "status": "method not allowed", "message": "Method Not Allowed" }));
    }
    if call.body.len() > MAX_BODY_BYTES {
        return Reply::json(413, &json!({ "status": "too large", "message": "Request Entity Too Large" }));
    }
    let Ok(event) = serde_json::from_slice::<Value>(&call.body) else {
        return Reply::json(
            400,
            &json!({ "status": "Unrecognized object", "message": "Event object format is unrecognized", "errors": ["JSON parse error"] }),
        );
    };
    let errors = if change { change_problems(&event) } else { problems(&event) };
    if !errors.is_empty() {
        return refusal(&errors);
    }
    let routing_key = event["routing_key"].as_str().unwrap_or_default().to_owned();
    let Some(source) = state.account.source_by_key(&routing_key) else {
        return refusal(&["'routing_key' is not a known integration key".into()]);
    };
    if !state.limits.take_event(&routing_key, state.settings.events_per_minute, state.now) {
        return Reply::json(429, &json!({ "status": "throttle exceeded", "message": "Request Limit Exceeded" }));
    }
    if change { take_change(state, source, event) } else { accept(state, call, source, event) }
}

/// The id of what an event was sent to.
fn addressee(state: &State, source: Source) -> String {
    match source {
        Source::Orchestration(own) => state.account.orchestrations.all[own].id.clone(),
        _ => state.account.service_of(source).map(|s| state.account.services[s].id.clone()).unwrap_or_default(),
    }
}

fn take_change(state: &mut State, source: Source, event: Value) -> Reply {
    let service = addressee(state, source);
    state.record(&Effect {
        kind: "change.accepted",
        via: "events",
        detail: json!({ "service": service, "summary": event["payload"]["summary"] }),
        ..Effect::default()
    });
    state.change_events.push(event);
    Reply::json(202, &json!({ "status": "success", "message": "Change event processed" }))
}

fn accept(state: &mut State, call: &Call, source: Source, event: Value) -> Reply {
    let action = event["event_action"].as_str().unwrap_or_default().to_owned();
    let key = event["dedup_key"].as_str().map_or_else(|| state.dice.hex(32), str::to_owned);
    let detail = json!({ "service": addressee(state, source), "summary": event["payload"]["summary"], "payload": event["payload"] });
    let kind = format!("event.{action}");
    let effect = state.record(&Effect { kind: &kind, via: "events", key: Some(&key), detail, ..Effect::default() });
    let lag_ms = call.appear_ms.unwrap_or(state.settings.event_lag_ms);
    let job = EventJob { source, action, key: key.clone(), event, effect: Some(effect) };
    if lag_ms == 0 {
        state.apply_event(job);
    } else {
        let due = plus_ms(state.now, i64::try_from(lag_ms).unwrap_or(i64::MAX));
        state.at(due, Timer::Event(Box::new(job)));
    }
    Reply::json(202, &json!({ "status": "success", "message": "Event processed", "dedup_key": key }))
}

fn text<'a>(of: &'a Value, name: &str) -> Option<&'a str> {
    of[name].as_str().filter(|s| !s.trim().is_empty())
}

fn problems(event: &Value) -> Vec<String> {
    let mut errors = Vec::new();
    let mut must = |holds: bool, error: &str| {
        if !holds {
            errors.push(error.to_owned());
        }
    };
    must(event.is_object(), "the event is not an object");
    must(
        text(event, "routing_key").is_some_and(|k| k.len() == 32),
        "'routing_key' is missing or has an invalid length",
    );
    let action = event["event_action"].as_str().unwrap_or_default();
    must(
        ["trigger", "acknowledge", "resolve"].contains(&action),
        "'event_action' is missing or invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')",
    );
    let key = &event["dedup_key"];
    must(key.is_null() || key.is_string(), "'dedup_key' must be a string");
    must(
        key.as_str().is_none_or(|k| k.chars().count() <= MAX_KEY_CHARS),
        "'dedup_key' is too long (maximum is 255 characters)",
    );
    if action == "trigger" {
        payload_problems(&event["payload"], &mut must);
        list_problems(event, &mut must);
    } else {
        must(text(event, "dedup_key").is_some(), "'dedup_key' is missing or blank");
    }
    errors
}

fn payload_problems(payload: &Value, must: &mut impl FnMut(bool, &str)) {
    must(text(payload, "summary").is_some(), "'payload.summary' is missing or blank");
    let short = |s: &str| s.chars().count() <= MAX_SUMMARY_CHARS;
    must(payload["summary"].as_str().is_none_or(short), "'payload.summary' is too long (maximum is 1024 characters)");
    must(text(payload, "source").is_some(), "'payload.source' is missing or blank");
    must(
        matches!(payload["severity"].as_str(), Some("critical" | "warning" | "error" | "info")),
        "'payload.severity' is invalid (must be one of the following: 'critical', 'warning', 'error' or 'info')",
    );
    let details = &payload["custom_details"];
    must(details.is_null() || details.is_object(), "'payload.custom_details' must be an object");
    let at = &payload["timestamp"];
    let instant = at.as_str().is_some_and(|t| super::rest::query::instant(t).is_some());
    must(at.is_null() || instant, "'payload.timestamp' is not an ISO 8601 time");
}

fn list_problems(event: &Value, must: &mut impl FnMut(bool, &str)) {
    let each = |name: &str, field: &str| match &event[name] {
        Value::Null => true,
        Value::Array(items) => items.iter().all(|i| text(i, field).is_some()),
        _ => false,
    };
    must(each("links", "href"), "'links' must be a list of objects with 'href'");
    must(each("images", "src"), "'images' must be a list of objects with 'src'");
}

fn change_problems(event: &Value) -> Vec<String> {
    let mut errors = Vec::new();
    if text(event, "routing_key").is_none_or(|k| k.len() != 32) {
        errors.push("'routing_key' is missing or has an invalid length".into());
    }
    if text(&event["payload"], "summary").is_none_or(|s| s.chars().count() > MAX_SUMMARY_CHARS) {
        errors.push("'payload.summary' is missing, blank or too long".into());
    }
    errors
}
