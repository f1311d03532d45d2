//! `inbox`: signals as they came. Opening one is written down; reading one again needs an administrator.

use super::params::Params;
use super::{cursor, instant, page};
use crate::auth::Reader;
use crate::pages::{open_signal, read_signal_again};
use crate::problem::Fault;
use crate::state::Desk;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use store::inbox::{self, Filter, Item};

pub(super) const PARAMS: [&str; 5] = ["state", "source", "subject", "limit", "cursor"];
pub(super) const STATES: [&str; 4] = ["new", "done", "unreadable", "dead"];

pub(super) async fn list(State(desk): State<Desk>, reader: Reader, params: Params) -> Result<Json<Value>, Fault> {
    params.only(&PARAMS)?;
    let limit = params.limit()?;
    let filter = Filter {
        state: params.one_of("state", &STATES)?,
        source: params.text("source")?,
        subject: params.text("subject")?,
        before: params.before()?,
    };
    let scope = reader.person.scope.clone();
    let mut items =
        desk.store.read(move |tx| Box::pin(async move { inbox::list(tx, &scope, &filter, limit + 1).await })).await?;
    let next = cursor::next(&mut items, limit, |item| cursor::id(item.id));
    Ok(Json(page(items.iter().map(shown).collect(), next)))
}

pub(super) async fn show(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Value>, Fault> {
    params.only(&[])?;
    reader.person.need_raw()?;
    let sealed = open_signal(&desk, &reader, number(&id)?).await?;
    let mut body = shown(&sealed.item);
    body["digest"] = json!(sealed.digest);
    body["headers"] = serde_json::from_str(&sealed.headers).unwrap_or(Value::Null);
    body["raw"] = json!(STANDARD.encode(&sealed.raw));
    Ok(Json(body))
}

pub(super) async fn replay(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
    params: Params,
) -> Result<(StatusCode, Json<Value>), Fault> {
    params.only(&[])?;
    let id = number(&id)?;
    read_signal_again(&desk, &reader, id).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "id": id, "state": "new" }))))
}

pub(super) fn number(id: &str) -> Result<i64, Fault> {
    id.parse().map_err(|_| Fault::NotFound)
}

fn shown(item: &Item) -> Value {
    json!({
        "id": item.id,
        "source": item.source,
        "dedup_key": item.key,
        "received_at": item.received_at.rfc3339(),
        "state": item.state,
        "origin": item.origin,
        "event_type": item.event_type,
        "subject": item.subject,
        "customer": item.customer,
        "bytes": item.bytes,
        "note": item.note,
        "read_at": instant(item.read_at),
    })
}
