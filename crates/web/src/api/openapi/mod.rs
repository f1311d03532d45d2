//! The API described for machines (OpenAPI 3.1), from the rows by which it is served and the constants by which its
//! handlers check. Tests hold the answers against the schemas.

mod schemas;

use super::operations::{self, Operation};
use super::params::Params;
use super::{inbox, incidents, jobs, mails, runs, tickets};
use crate::problem::Fault;
use crate::state::Desk;
use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde_json::{Map, Value, json};

/// Problems that any operation may answer with.
const ALWAYS: [u16; 4] = [400, 401, 500, 503];

pub(super) async fn show(State(desk): State<Desk>, params: Params) -> Result<Json<Value>, Fault> {
    params.only(&[])?;
    Ok(Json(document(desk.settings.version)))
}

fn document(version: &str) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations::all() {
        let entry = paths.entry(format!("/api{}", operation.path)).or_insert_with(|| json!({}));
        entry[operation.method] = described(&operation);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Arayashiki",
            "version": version,
            "license": { "name": "Apache-2.0 or MIT", "identifier": "Apache-2.0 OR MIT" },
            "description": "Times are RFC 3339 in UTC. Lists hold `items` and `next_cursor`; pass it on as `cursor`. \
                Faults are problem details (RFC 9457).",
        },
        "servers": [{ "url": "/" }],
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer",
                "description": "`arayashiki token create`, or Settings → People and tokens, makes one." } },
            "schemas": schemas::all(),
        },
    })
}

fn described(operation: &Operation) -> Value {
    let in_path = path_names(operation.path).into_iter().map(|name| in_path(operation.path, name));
    let in_query = operation.query.iter().map(|name| in_query(operation.path, name));
    let mut out = json!({
        "operationId": operation_id(operation),
        "summary": operation.summary,
        "parameters": in_path.chain(in_query).collect::<Vec<_>>(),
        "responses": responses(operation),
    });
    if let Some(schema) = operation.body {
        out["requestBody"] = json!({ "required": true, "content": content("application/json", schema) });
    }
    out
}

/// `get-incidents-id-acts`.
fn operation_id(operation: &Operation) -> String {
    let path = operation.path.trim_start_matches("/v1").replace(['/', '{', '}', '.'], "-");
    let parts: Vec<&str> = path.split('-').filter(|part| !part.is_empty()).collect();
    format!("{}-{}", operation.method, parts.join("-"))
}

fn path_names(path: &str) -> Vec<&str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect()
}

/// Signals, jobs and acts are numbered by us; an incident goes by PagerDuty's name for it, a backfill by a name of ours.
fn in_path(path: &str, name: &str) -> Value {
    let is_ours = name == "act"
        || ![
            "/incidents/",
            "/backfills/",
            "/outages/",
            "/routes/",
            "/tickets/",
            "/calendar-events/",
            "/hosts/",
            "/runbooks/",
        ]
        .iter()
        .any(|named| path.contains(named));
    // Steps are counted from 0.
    let first = i64::from(name != "n");
    let schema = if is_ours { json!({ "type": "integer", "minimum": first }) } else { json!({ "type": "string" }) };
    json!({ "name": name, "in": "path", "required": true, "schema": schema })
}

fn in_query(path: &str, name: &str) -> Value {
    let one_of = |values: &[&str]| json!({ "type": "string", "enum": values });
    let some_of = |values: &[&str]| json!({ "type": "array", "items": one_of(values) });
    let schema = match (path, name) {
        (_, "limit") => json!({ "type": "integer", "minimum": 1, "maximum": 500, "default": 50 }),
        (_, "since" | "until" | "at") => json!({ "type": "string", "format": "date-time" }),
        (_, "urgency") => one_of(&["high", "low"]),
        (_, "sort") => one_of(&incidents::SORTS),
        (_, "status") => some_of(&incidents::STATUSES),
        ("/v1/mails", "state") => one_of(&mails::states()),
        (_, "trust") => one_of(&mails::trusts()),
        (_, "ledger_state") => some_of(&mails::ledger_states()),
        (_, "day") => json!({ "type": "string", "format": "date" }),
        ("/v1/tickets", "state") => one_of(&tickets::states()),
        (_, "open" | "chosen") => one_of(&["true", "false"]),
        ("/v1/jobs", "state") => some_of(&jobs::STATES),
        ("/v1/runs", "state") => one_of(&runs::STATES),
        (_, "state") => one_of(&inbox::STATES),
        _ => json!({ "type": "string", "maxLength": 500 }),
    };
    // An empty value is none, so that a form can be sent as it stands.
    json!({ "name": name, "in": "query", "required": false, "allowEmptyValue": true, "schema": schema })
}

fn responses(operation: &Operation) -> Map<String, Value> {
    let named = operation.path.contains('{').then_some(404);
    let mut problems: Vec<u16> = ALWAYS.into_iter().chain(named).chain(operation.problems.iter().copied()).collect();
    problems.sort_unstable();
    let mut all = Map::new();
    for (status, schema) in &operation.answers {
        let kind =
            if ["MailBytes", "OutputBytes"].contains(schema) { "application/octet-stream" } else { "application/json" };
        let mut answer = json!({ "description": reason(*status), "content": content(kind, schema) });
        if operation.path.ends_with("/acts") || operation.path == "/v1/backfills" {
            answer["headers"] = json!({ "Location": { "description": "Where to look what becomes of it.",
                "schema": { "type": "string" } } });
        }
        all.insert(status.to_string(), answer);
    }
    for status in problems {
        let problem =
            json!({ "description": reason(status), "content": content("application/problem+json", "Problem") });
        all.insert(status.to_string(), problem);
    }
    all.insert(
        "default".into(),
        json!({ "description": "Not done, and what to do about it.",
        "content": content("application/problem+json", "Problem") }),
    );
    all
}

fn reason(status: u16) -> &'static str {
    StatusCode::from_u16(status).ok().and_then(|s| s.canonical_reason()).unwrap_or("Not done")
}

fn content(kind: &str, schema: &str) -> Value {
    json!({ kind: { "schema": schemas::reference(schema) } })
}
