//! The API described for machines, from the same constants that the handlers check by. A test holds it against the
//! routes.

use super::params::Params;
use super::{audit, inbox, incidents, jobs};
use crate::problem::Fault;
use crate::state::Desk;
use axum::Json;
use axum::extract::State;
use serde_json::{Map, Value, json};

pub(super) async fn show(State(desk): State<Desk>, params: Params) -> Result<Json<Value>, Fault> {
    params.only(&[])?;
    Ok(Json(document(desk.settings.version)))
}

/// One operation: path, method, what it does, its query parameters, the schema of its answer.
type Operation = (&'static str, &'static str, &'static str, &'static [&'static str], &'static str);

const OPERATIONS: [Operation; 13] = [
    ("/api/v1/openapi.json", "get", "This document.", &[], "Anything"),
    ("/api/v1/account", "get", "The running account: received, processed, waiting, dead, lost.", &[], "Account"),
    ("/api/v1/incidents", "get", "Incidents as mirrored, newest first.", &incidents::PARAMS, "Incidents"),
    ("/api/v1/incidents/{id}", "get", "One incident whole, by PagerDuty's id or its number.", &[], "Incident"),
    ("/api/v1/incidents/{id}/timeline", "get", "What happened to it, with actor and source.", &[], "List"),
    ("/api/v1/incidents/{id}/alerts", "get", "Its alerts with their bodies.", &[], "List"),
    ("/api/v1/inbox", "get", "Signals as received, newest first; without their bytes.", &inbox::PARAMS, "Inbox"),
    ("/api/v1/inbox/{id}", "get", "One signal with its bytes in base64. The opening is audited.", &[], "Signal"),
    ("/api/v1/inbox/{id}/replay", "post", "Reads a signal again. Needs the role admin.", &[], "Accepted"),
    ("/api/v1/jobs", "get", "Jobs, newest first.", &jobs::PARAMS, "Jobs"),
    ("/api/v1/jobs/{id}", "get", "One job with its latest tries, newest first.", &[], "Job"),
    ("/api/v1/jobs/{id}/retry", "post", "Runs a job again. Needs the role admin.", &[], "Accepted"),
    ("/api/v1/audit", "get", "Who did what. Needs the role auditor, leader or admin.", &audit::PARAMS, "List"),
];

fn document(version: &str) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for operation in OPERATIONS {
        let entry = paths.entry(operation.0).or_insert_with(|| json!({}));
        entry[operation.1] = described(operation);
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Arayashiki", "version": version,
            "description": "Times are RFC 3339 in UTC. Lists hold `items` and `next_cursor`; pass it on as `cursor`." },
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            "schemas": schemas(),
        },
    })
}

fn described((path, method, summary, params, schema): Operation) -> Value {
    let in_path = path
        .contains("{id}")
        .then(|| json!({ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } }));
    let in_query = params.iter().map(|name| parameter(path, name));
    let parameters: Vec<Value> = in_path.into_iter().chain(in_query).collect();
    let good = if method == "post" { "202" } else { "200" };
    let answer = |schema: &str, kind: &str, what: &str| json!({ "description": what, "content": { kind: { "schema": { "$ref": format!("#/components/schemas/{schema}") } } } });
    json!({
        "summary": summary,
        "parameters": parameters,
        "responses": {
            good: answer(schema, "application/json", "Done."),
            "default": answer("Problem", "application/problem+json", "Not done, and what to do about it."),
        },
    })
}

fn parameter(path: &str, name: &str) -> Value {
    let one_of = |values: &[&str]| json!({ "type": "string", "enum": values });
    let some_of = |values: &[&str]| json!({ "type": "array", "items": one_of(values) });
    let schema = match (path, name) {
        (_, "limit") => json!({ "type": "integer", "minimum": 1, "maximum": 500, "default": 50 }),
        (_, "since" | "until") => json!({ "type": "string", "format": "date-time" }),
        (_, "urgency") => one_of(&["high", "low"]),
        (_, "sort") => one_of(&incidents::SORTS),
        (_, "status") => some_of(&incidents::STATUSES),
        ("/api/v1/jobs", "state") => some_of(&jobs::STATES),
        (_, "state") => one_of(&inbox::STATES),
        _ => json!({ "type": "string" }),
    };
    json!({ "name": name, "in": "query", "required": false, "schema": schema })
}

fn schemas() -> Value {
    let text = || json!({ "type": "string" });
    let time = || json!({ "type": ["string", "null"], "format": "date-time" });
    let count = || json!({ "type": "integer" });
    let named = json!({ "type": ["object", "null"], "properties": { "id": text(), "name": text() } });
    let list = |of: Value| {
        json!({ "type": "object", "required": ["items", "next_cursor"], "properties": {
            "items": { "type": "array", "items": of }, "next_cursor": { "type": ["string", "null"] } } })
    };
    let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    json!({
        "Anything": { "type": "object" },
        "List": list(json!({ "type": "object" })),
        "Incidents": list(reference("Incident")),
        "Inbox": list(reference("Signal")),
        "Jobs": list(reference("Job")),
        "Accepted": { "type": "object", "properties": { "id": count(), "state": text() } },
        "Account": { "type": "object", "properties": {
            "received": count(), "processed": count(), "waiting": count(), "dead": count(), "lost": count(),
            "duplicates": count(), "unreadable": count(), "dead_signals": count(), "jobs": { "type": "object", "additionalProperties": count() },
            "last_webhook_at": time() } },
        "Incident": { "type": "object", "properties": {
            "id": text(), "number": { "type": ["integer", "null"] }, "title": text(), "status": text(),
            "urgency": text(), "service": named, "created_at": time(), "acknowledged_at": time(), "resolved_at": time(),
            "changed_at": time(), "read_at": time(), "stale": { "type": "boolean" }, "customer": { "type": ["string", "null"] },
            "priority": { "type": ["string", "null"] }, "assignees": { "type": "array", "items": named.clone() },
            "taken_by": { "type": "array", "items": named.clone() },
            "merged_from": { "type": "array", "items": { "type": "object", "properties": {
                "id": text(), "number": { "type": ["integer", "null"] }, "title": text() } } },
            "html_url": { "type": ["string", "null"] } } },
        "Signal": { "type": "object", "properties": {
            "id": count(), "source": text(), "dedup_key": text(), "received_at": time(), "state": text(), "bytes": count(),
            "event_type": { "type": ["string", "null"] }, "subject": { "type": ["string", "null"] },
            "note": { "type": ["string", "null"] }, "raw": { "type": "string", "contentEncoding": "base64" } } },
        "Job": { "type": "object", "properties": {
            "id": count(), "key": text(), "effect": text(), "subject": text(), "queue": text(), "state": text(),
            "due": time(), "spent": count(), "tries": count(), "cause": { "type": ["string", "null"] }, "why": text(),
            "customer": { "type": ["string", "null"] }, "created_at": time(), "ended_at": time(),
            "attempts": { "type": "array", "items": { "type": "object", "properties": {
                "token": count(), "worker": text(), "started_at": time(), "ended_at": time(),
                "outcome": { "type": ["string", "null"] }, "detail": { "type": ["string", "null"] } } } } } },
        "Problem": { "type": "object", "required": ["type", "title", "status", "detail"], "properties": {
            "type": text(), "title": text(), "status": count(), "detail": text(), "instance": text(),
            "reference": text(), "parameter": text() } },
    })
}
