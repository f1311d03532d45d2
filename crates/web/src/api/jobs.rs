//! `jobs`: what is meant to be done to the outside, and trying a dead one again.

use super::inbox::number;
use super::params::Params;
use super::{cursor, instant, page};
use crate::auth::Reader;
use crate::pages::{retry_job, settle_job};
use crate::problem::Fault;
use crate::state::Desk;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Value, json};
use store::jobs::{self, Attempt, Item};

pub(super) const PARAMS: [&str; 3] = ["state", "limit", "cursor"];
pub(super) const STATES: [&str; 6] = ["ready", "leased", "human", "done", "skipped", "dead"];

pub(super) async fn list(State(desk): State<Desk>, reader: Reader, params: Params) -> Result<Json<Value>, Fault> {
    params.only(&PARAMS)?;
    let (states, limit, before) = (params.some_of("state", &STATES)?, params.limit()?, params.before()?);
    let scope = reader.person.scope.clone();
    let mut items = desk
        .store
        .read(move |tx| {
            Box::pin(async move {
                let states: Vec<&str> = states.iter().map(String::as_str).collect();
                jobs::list(tx, &scope, &states, before, limit + 1).await
            })
        })
        .await?;
    let next = cursor::next(&mut items, limit, |item| cursor::id(item.id));
    Ok(Json(page(items.iter().map(shown).collect(), next)))
}

/// One job with its latest tries, newest first.
pub(super) async fn show(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Value>, Fault> {
    params.only(&[])?;
    let (id, scope) = (number(&id)?, reader.person.scope.clone());
    let found = desk
        .store
        .read(move |tx| {
            Box::pin(async move {
                let Some(item) = jobs::find(tx, &scope, id).await? else { return Ok(None) };
                Ok(Some((item, jobs::list_attempts(tx, &scope, &[id]).await?)))
            })
        })
        .await?;
    let (item, attempts) = found.ok_or(Fault::NotFound)?;
    let mut body = shown(&item);
    body["attempts"] = attempts.iter().map(attempt).collect();
    Ok(Json(body))
}

fn attempt(one: &Attempt) -> Value {
    json!({
        "token": one.token,
        "worker": one.worker,
        "started_at": one.started_at.rfc3339(),
        "ended_at": instant(one.ended_at),
        "outcome": one.outcome,
        "detail": one.detail,
    })
}

pub(super) async fn retry(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
    params: Params,
) -> Result<(StatusCode, Json<Value>), Fault> {
    params.only(&[])?;
    let id = number(&id)?;
    retry_job(&desk, &reader, id).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "id": id, "state": "ready" }))))
}

/// What a person saw of a job that only a person can tell of: `{"happened": true}` or false.
pub(super) async fn settle(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
    params: Params,
    body: Bytes,
) -> Result<Json<Value>, Fault> {
    params.only(&[])?;
    let id = number(&id)?;
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let is_alone = body.as_object().is_some_and(|fields| fields.len() == 1);
    let Some(happened) = body["happened"].as_bool().filter(|_| is_alone) else {
        return Err(Fault::Unfit { field: "happened".into(), detail: "Send {\"happened\": true} or false.".into() });
    };
    settle_job(&desk, &reader, id, happened).await?;
    Ok(Json(json!({ "id": id, "state": if happened { "done" } else { "skipped" } })))
}

fn shown(item: &Item) -> Value {
    json!({
        "id": item.id,
        "key": item.key,
        "effect": item.effect,
        "subject": item.subject,
        "queue": item.queue,
        "state": item.state,
        "due": item.due.rfc3339(),
        "spent": item.spent,
        "tries": item.attempts,
        "cause": item.cause,
        "why": item.why,
        "customer": Some(&item.customer).filter(|c| !c.is_empty()),
        "created_at": item.created_at.rfc3339(),
        "ended_at": instant(item.ended_at),
    })
}
