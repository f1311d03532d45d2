//! Events API v2: checks an event, answers 202 at once and lets the alert appear a little later. An accepted event is not an
//! incident: a service that is disabled or in maintenance makes nothing of it.

use std::sync::Arc;

use serde_json::{Value, json};

use super::book::{Agent, By, Status};
use super::call::{Call, Reply};
use super::channel::{Body, Channel, Raised};
use super::clock::plus_ms;
use super::effects::Effect;
use super::happen::{NewAlert, Opening};
use super::state::{State, Timer};

const MAX_BODY_BYTES: usize = 512 * 1024;
const MAX_KEY_CHARS: usize = 255;
const MAX_SUMMARY_CHARS: usize = 1024;

/// An accepted event on its way.
#[derive(Debug, Clone)]
pub(crate) struct EventJob {
    pub service: usize,
    pub action: String,
    pub key: String,
    pub event: Value,
}

fn refusal(errors: &[String]) -> Reply {
    Reply::json(400, &json!({ "status": "invalid event", "message": "Event object is invalid", "errors": errors }))
}

pub(crate) fn handle(state: &mut State, call: &Call) -> Reply {
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
    let Some(service) = state.account.service_by_key(&routing_key) else {
        return refusal(&["'routing_key' is not a known integration key".into()]);
    };
    if !state.limits.take_event(&routing_key, state.settings.events_per_minute, state.now) {
        return Reply::json(429, &json!({ "status": "throttle exceeded", "message": "Request Limit Exceeded" }));
    }
    if change { take_change(state, service, event) } else { accept(state, call, service, event) }
}

fn take_change(state: &mut State, service: usize, event: Value) -> Reply {
    let service = state.account.services[service].id.clone();
    state.record(&Effect {
        kind: "change.accepted",
        via: "events",
        detail: json!({ "service": service, "summary": event["payload"]["summary"] }),
        ..Effect::default()
    });
    state.change_events.push(event);
    Reply::json(202, &json!({ "status": "success", "message": "Change event processed" }))
}

fn accept(state: &mut State, call: &Call, service: usize, event: Value) -> Reply {
    let action = event["event_action"].as_str().unwrap_or_default().to_owned();
    let key = event["dedup_key"].as_str().map_or_else(|| state.dice.hex(32), str::to_owned);
    let detail = json!({ "service": state.account.services[service].id, "summary": event["payload"]["summary"], "payload": event["payload"] });
    let kind = format!("event.{action}");
    state.record(&Effect { kind: &kind, via: "events", key: Some(&key), detail, ..Effect::default() });
    let lag_ms = call.appear_ms.unwrap_or(state.settings.event_lag_ms);
    let job = EventJob { service, action, key: key.clone(), event };
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

impl State {
    /// The dedup state machine: one open alert per service and key.
    pub(crate) fn apply_event(&mut self, job: EventJob) {
        if self.account.is_deaf(job.service, self.now) {
            return;
        }
        let by = self.monitor(&job);
        match (job.action.as_str(), self.open_alert(job.service, &job.key)) {
            ("trigger", Some((index, _))) => self.repeat_trigger(index, &by),
            ("trigger", None) => {
                if let Channel::Event(raised) = &by.channel {
                    self.open(self.opening(&job, raised), &by);
                }
            }
            ("acknowledge", Some((index, _))) if self.book.incidents[index].status == Status::Triggered => {
                self.acknowledge(index, &by);
            }
            ("resolve", Some((index, alert))) => self.resolve_alert(index, alert, &by),
            // Without an open alert there is nothing to change; the event was accepted all the same.
            _ => {}
        }
    }

    fn monitor(&self, job: &EventJob) -> By {
        let client = job.event["client"].as_str().map(|name| json!({ "name": name, "url": job.event["client_url"] }));
        By { agent: Agent::Monitor(job.service), channel: Channel::Event(Arc::new(Raised::new(job))), client }
    }

    fn opening(&self, job: &EventJob, raised: &Arc<Raised>) -> Opening {
        let payload = &job.event["payload"];
        let severity = payload["severity"].as_str().unwrap_or("critical").to_owned();
        let urgency = match self.account.services[job.service].urgency {
            "severity_based" if matches!(severity.as_str(), "critical" | "error") => "high",
            "severity_based" => "low",
            constant => constant,
        };
        Opening {
            service: job.service,
            title: payload["summary"].as_str().unwrap_or_default().to_owned(),
            key: job.key.clone(),
            kind: "incident_default".into(),
            urgency: job.event["urgency"].as_str().unwrap_or(urgency).to_owned(),
            policy: None,
            assignee: None,
            priority: None,
            body: Some(Body::Event(Arc::clone(raised))),
            bridge: None,
            alert: Some(NewAlert { severity, raised: Arc::clone(raised) }),
        }
    }
}
