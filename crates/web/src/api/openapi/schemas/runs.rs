//! The shapes of runs, steps, evidence, hosts and runbooks.

use super::{count, flag, list, maybe, maybe_time, more, object, one_of, or_null, reference, text, time};
use crate::api::runs::STATES;
use serde_json::{Value, json};

const LEVELS: [&str; 3] = ["info", "warning", "critical"];

pub(super) fn all() -> Vec<(&'static str, Value)> {
    let mut all = vec![
        ("Words", object(json!({ "en": text(), "ja": text() }))),
        ("Finding", finding()),
        ("Run", run()),
        ("WholeRun", more("Run", whole())),
        ("Step", step()),
        ("OutputBytes", json!({ "type": "string", "format": "binary" })),
        ("Evidence", evidence()),
        ("Visit", visit()),
    ];
    all.extend(asked());
    all.extend(hosts());
    all
}

fn words() -> Value {
    reference("Words")
}

fn maybe_words() -> Value {
    json!({ "oneOf": [words(), { "type": "null" }] })
}

fn finding() -> Value {
    let mut schema = object(json!({ "step": text(), "level": one_of(&LEVELS), "words": words() }));
    schema["properties"]["value"] = text();
    schema
}

fn run() -> Value {
    let mut schema = run_fields();
    schema["properties"]["hit"] = object(json!({ "n": count(), "stream": text(), "line": text() }));
    schema
}

fn run_fields() -> Value {
    object(json!({
        "id": count(), "runbook": text(), "title": words(), "host": text(), "customer": maybe("string"),
        "class": one_of(&["read", "change"]), "state": one_of(&STATES), "level": maybe("string"), "cause": maybe_words(),
        "exit_status": maybe("integer"), "findings": list(reference("Finding")), "healthy": flag(), "reason": text(),
        "asked_by": text(), "stop_asked_by": maybe("string"), "incident_id": maybe("string"), "queued_at": time(),
        "started_at": maybe_time(), "finished_at": maybe_time(), "plan_digest": text(), "runbook_digest": text(),
    }))
}

fn whole() -> Value {
    let hops = json!({ "type": ["array", "null"], "items": text() });
    let parameters = json!({ "type": ["object", "null"], "additionalProperties": text() });
    json!({ "hops": hops, "parameters": parameters, "steps": list(reference("Step")) })
}

fn step() -> Value {
    let stream = object(json!({
        "name": one_of(&["out", "err"]), "bytes": count(), "sha256": maybe("string"), "cut": flag(), "text": flag(),
        "begins": maybe("string"), "href": text(),
    }));
    object(json!({
        "n": count(), "name": text(), "title": words(), "state": text(), "cause": maybe_words(),
        "exit_status": maybe("integer"), "signal": maybe("string"), "started_at": maybe_time(), "finished_at": maybe_time(),
        "command": maybe("string"), "input": maybe("string"), "findings": list(reference("Finding")),
        "redactions": { "type": "object", "additionalProperties": count() }, "host_key": maybe("string"),
        "capsule": maybe("string"), "streams": list(stream),
    }))
}

fn evidence() -> Value {
    object(json!({
        "incident_id": text(), "mode": one_of(&["observe", "run"]), "visit": or_null("Visit"),
        "runs": list(reference("WholeRun")), "eligible_hosts": list(text()),
    }))
}

fn visit() -> Value {
    let seen = || list(object(json!({ "host": text(), "why": words() })));
    object(json!({
        "looked_at": time(), "mode": text(), "says": words(), "hosts": seen(), "refused": seen(), "unknown": list(text()),
        "hints": list(words()), "held_back": list(object(json!({ "host": text(), "runbook": text(), "why": words() }))),
    }))
}

fn asked() -> Vec<(&'static str, Value)> {
    let nonce = || json!({ "type": "string", "pattern": "^[0-9A-Za-z_-]{8,64}$", "minLength": 8, "maxLength": 64 });
    let parameters = json!({ "type": "object", "additionalProperties": text() });
    vec![
        (
            "AskRun",
            json!({ "type": "object", "required": ["host", "runbook", "nonce"], "additionalProperties": false,
                "properties": { "host": text(), "runbook": text(), "parameters": parameters, "incident": maybe("string"),
                    "digest": maybe("string"), "nonce": nonce() },
                "examples": [{ "host": "web-1", "runbook": "linux", "incident": "Q1ABC", "nonce": "0f3a9c71d2" }] }),
        ),
        ("RunAsked", object(json!({ "host": text(), "runbook": text(), "incident_id": maybe("string") }))),
        ("StopAsked", object(json!({ "id": count() }))),
        ("DiagnoseAsked", object(json!({ "incident_id": text() }))),
        ("HostAsked", object(json!({ "host": text() }))),
        (
            "ApproveRunbook",
            json!({ "type": "object", "required": ["digest", "nonce"], "additionalProperties": false,
                "properties": { "digest": text(), "nonce": nonce() },
                "examples": [{ "digest": "9f86d081884c7d65", "nonce": "0f3a9c71d2" }] }),
        ),
        ("RunbookDecided", object(json!({ "name": text(), "digest": text(), "approved": flag() }))),
    ]
}

fn hosts() -> Vec<(&'static str, Value)> {
    let reach = object(json!({
        "state": text(), "since": time(), "checked_at": time(), "hop": maybe("string"), "cause": maybe("string"),
        "elapsed_ms": maybe("integer"), "clock_offset_ms": maybe("integer"), "sudo": maybe("string"), "system": maybe("string"),
        "host_key": maybe("string"),
    }));
    let last = object(json!({
        "id": count(), "runbook": text(), "state": text(), "level": maybe("string"), "started_at": maybe_time(),
        "finished_at": maybe_time(),
    }));
    let host = object(json!({
        "name": text(), "customer": maybe("string"), "address": text(), "port": count(), "user": text(), "via": list(text()),
        "match": list(text()), "groups": list(text()), "tags": { "type": "object", "additionalProperties": text() },
        "origin": text(), "reach": or_null("Reach"), "last_run": or_null("LastRun"),
    }));
    let steps = list(object(json!({ "name": text(), "title": words(), "command": text() })));
    let parameters = list(object(json!({
        "name": text(), "kind": text(), "default": maybe("string"), "required": flag(), "words": words(),
    })));
    let runbook = object(json!({
        "name": text(), "title": words(), "description": words(), "class": one_of(&["read", "change"]), "digest": text(),
        "shipped": flag(), "approved": flag(), "approved_by": maybe("string"), "approved_at": maybe_time(), "when": words(),
        "steps": steps, "parameters": parameters, "problems": list(text()),
    }));
    vec![("Host", host), ("Reach", reach), ("LastRun", last), ("Runbook", runbook)]
}
