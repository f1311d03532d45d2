//! The API: what the pages show, for programs. Lists by cursor, faults as problem details, unknown parameters refused by
//! name so that a mistyped filter is never taken for "everything".

mod account;
mod audit;
pub(crate) mod cursor;
mod inbox;
mod incident;
mod incidents;
mod jobs;
mod openapi;
mod params;

use crate::auth::api_gate;
use crate::problem::Fault;
use crate::state::Desk;
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use model::Micros;
use model::incident::Ref;
use serde_json::{Value, json};

/// For below `/api`, gate included.
pub(crate) fn routes(desk: &Desk) -> Router {
    Router::new()
        .route("/v1/openapi.json", get(openapi::show))
        .route("/v1/account", get(account::show))
        .route("/v1/incidents", get(incidents::list))
        .route("/v1/incidents/{id}", get(incident::show))
        .route("/v1/incidents/{id}/timeline", get(incident::timeline_of))
        .route("/v1/incidents/{id}/alerts", get(incident::alerts_of))
        .route("/v1/inbox", get(inbox::list))
        .route("/v1/inbox/{id}", get(inbox::show))
        .route("/v1/inbox/{id}/replay", post(inbox::replay))
        .route("/v1/jobs", get(jobs::list))
        .route("/v1/jobs/{id}", get(jobs::show))
        .route("/v1/jobs/{id}/retry", post(jobs::retry))
        .route("/v1/audit", get(audit::list))
        .fallback(async || Fault::NotFound)
        .layer(from_fn_with_state(desk.clone(), api_gate))
        .with_state(desk.clone())
}

/// The form of every list.
fn page(items: Vec<Value>, next_cursor: Option<String>) -> Value {
    json!({ "items": items, "next_cursor": next_cursor })
}

/// RFC 3339 in UTC, or null.
fn instant(at: Option<Micros>) -> Value {
    at.map_or(Value::Null, |at| json!(at.rfc3339()))
}

fn named(r: &Ref) -> Value {
    json!({ "id": r.id, "name": r.name })
}
