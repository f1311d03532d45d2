//! `hosts` and `runbooks`: how hosts are reached, trying one now; what may be run, and whether it may run unattended.

use super::mails::nonce;
use super::params::Params;
use super::runs::asked;
use super::{instant, page};
use crate::auth::Reader;
use crate::pages::{RunbookWish, decide_runbook, load_runbooks, seen_hosts};
use crate::problem::Fault;
use crate::state::{Desk, ParameterShown, StepShown};
use crate::view::{HostRow, ReachRow, RunRow, RunbookRow};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use duties::safety_net::desk::Act;
use model::host::Host;
use serde::Deserialize;
use serde_json::{Value, json};

pub(super) async fn list(State(desk): State<Desk>, reader: Reader, params: Params) -> Result<Json<Value>, Fault> {
    params.only(&[])?;
    let (person, settings, shown) = (reader.person.clone(), desk.settings.clone(), desk.hosts.now());
    let found = desk
        .store
        .read(move |tx| Box::pin(async move { seen_hosts(tx, &person, &settings, &shown, &person.scope).await }));
    let items = found.await?.iter().map(|(host, row)| item(host, row)).collect();
    Ok(Json(page(items, None)))
}

fn item(host: &Host, row: &HostRow) -> Value {
    json!({
        "name": host.name,
        "customer": host.customer,
        "address": host.at.address,
        "port": host.at.port,
        "user": host.at.user,
        "via": host.via,
        "match": host.matches,
        "groups": host.groups,
        "tags": host.tags,
        "origin": host.origin.to_string(),
        "reach": row.reach.as_ref().map(reach),
        "last_run": row.last.as_ref().map(last),
    })
}

fn reach(one: &ReachRow) -> Value {
    json!({
        "state": one.state,
        "since": one.since.rfc3339(),
        "checked_at": one.checked_at.rfc3339(),
        "hop": one.hop,
        "cause": one.cause,
        "elapsed_ms": one.elapsed_ms,
        "clock_offset_ms": one.clock_offset_ms,
        "sudo": one.sudo,
        "system": one.system,
        "host_key": one.host_key,
    })
}

fn last(run: &RunRow) -> Value {
    json!({
        "id": run.id, "runbook": run.runbook, "state": run.state, "level": run.level,
        "started_at": instant(run.started_at), "finished_at": instant(run.ended_at),
    })
}

pub(super) async fn test(
    State(desk): State<Desk>,
    reader: Reader,
    Path(name): Path<String>,
    params: Params,
    body: Bytes,
) -> Result<Response, Fault> {
    params.only(&[])?;
    let told = json!({ "host": name });
    asked(&desk, &reader, Act::TestHost { host: name }, nonce(&body)?, told).await
}

pub(super) async fn runbooks(State(desk): State<Desk>, _reader: Reader, params: Params) -> Result<Json<Value>, Fault> {
    params.only(&[])?;
    let shown = desk.hosts.now();
    let view = desk.store.read(move |tx| Box::pin(async move { load_runbooks(tx, &shown).await })).await?;
    Ok(Json(page(view.rows.iter().map(runbook).collect(), None)))
}

fn runbook(row: &RunbookRow) -> Value {
    let one = &row.shown;
    json!({
        "name": one.name,
        "title": one.title,
        "description": one.description,
        "class": one.class,
        "digest": one.digest,
        "shipped": one.is_shipped,
        "approved": row.is_approved(),
        "approved_by": row.approved.as_ref().map(|(who, _)| who),
        "approved_at": instant(row.approved.as_ref().map(|(_, at)| *at)),
        "when": one.when,
        "steps": one.steps.iter().map(step).collect::<Vec<_>>(),
        "parameters": one.parameters.iter().map(parameter).collect::<Vec<_>>(),
        "problems": one.problems,
    })
}

fn step(step: &StepShown) -> Value {
    json!({ "name": step.name, "title": step.title, "command": step.command })
}

fn parameter(one: &ParameterShown) -> Value {
    json!({
        "name": one.name, "kind": one.kind, "default": one.default, "required": one.is_required, "words": one.words,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Approves {
    digest: String,
    nonce: String,
}

pub(super) async fn approve(
    desk: State<Desk>,
    reader: Reader,
    path: Path<String>,
    params: Params,
    body: Bytes,
) -> Result<Response, Fault> {
    decided(desk, reader, path, params, (&body, true)).await
}

pub(super) async fn withdraw(
    desk: State<Desk>,
    reader: Reader,
    path: Path<String>,
    params: Params,
    body: Bytes,
) -> Result<Response, Fault> {
    decided(desk, reader, path, params, (&body, false)).await
}

async fn decided(
    State(desk): State<Desk>,
    reader: Reader,
    Path(name): Path<String>,
    params: Params,
    (body, approves): (&[u8], bool),
) -> Result<Response, Fault> {
    params.only(&[])?;
    reader.person.need_whole_admin()?;
    let Approves { digest, nonce } = serde_json::from_slice(body).map_err(|error| Fault::Bad {
        parameter: None,
        detail: format!("Send a JSON object with \"digest\", the version's, and \"nonce\": {error}."),
    })?;
    let told = json!({ "name": name, "digest": digest, "approved": approves });
    decide_runbook(&desk, &reader, RunbookWish { name, digest, nonce, approves }).await?;
    Ok((StatusCode::OK, Json(told)).into_response())
}
