//! The API: what the pages show, for programs. Lists by cursor, faults as problem details, unknown parameters refused by
//! name so that a mistyped filter is never taken for "everything".

mod account;
mod acts;
mod audit;
mod backfills;
mod connections;
pub(crate) mod cursor;
mod events;
mod hosts;
mod inbox;
mod incident;
mod incidents;
mod jobs;
mod mails;
mod net;
mod openapi;
mod operations;
mod params;
mod people;
mod runs;
mod seats;
mod tickets;

use crate::auth::api_gate;
use crate::problem::Fault;
use crate::state::Desk;
use axum::Router;
use axum::middleware::from_fn_with_state;
use model::Micros;
use model::incident::Ref;
use serde_json::{Value, json};

/// For below `/api`, gate included.
pub(crate) fn routes(desk: &Desk) -> Router {
    operations::all()
        .into_iter()
        .fold(Router::new(), |router, operation| router.route(operation.path, operation.handler))
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
