//! `runs`: what was run on hosts, one of them whole, what its steps said, and asking for more; the evidence beside an incident.

use super::inbox::number;
use super::mails::{answer, nonce};
use super::params::Params;
use super::{cursor, instant, page};
use crate::auth::Reader;
use crate::outputs::Captured;
use crate::pages::{
    MOST_LOOKED, No, OfIncident, Room, Stream, WishedOfHost, ask_of_host, load_evidence, plan_of, run_steps,
    serve_output,
};
use crate::problem::Fault;
use crate::state::Desk;
use crate::view::{EvidenceView, Looked, StepRow, StreamRow};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use duties::safety_net::desk::Act;
use model::Scope;
use model::plan::Words;
use model::visit::{Held, Seen};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use store::runs::{self, Filter, Hit, Run};
use store::{StoreError, Tx, incidents};

pub(super) const PARAMS: [&str; 7] = ["state", "host", "runbook", "incident", "text", "limit", "cursor"];
pub(super) const OF_INCIDENT: [&str; 2] = ["limit", "cursor"];
pub(super) const STATES: [&str; 7] = ["queued", "running", "done", "failed", "interrupted", "stopped", "refused"];

pub(super) async fn list(State(desk): State<Desk>, reader: Reader, params: Params) -> Result<Json<Value>, Fault> {
    params.only(&PARAMS)?;
    let filter = Filter {
        incident: params.text("incident")?,
        host: params.text("host")?,
        runbook: params.text("runbook")?,
        state: params.one_of("state", &STATES)?,
        before: params.before()?,
    };
    let (limit, text) = (params.limit()?, params.text("text")?);
    let scope = reader.person.scope.clone();
    let found = desk.store.read(move |tx| {
        Box::pin(async move {
            match text {
                None => listed(tx, &scope, &filter, limit).await,
                Some(text) => searched(tx, &scope, &filter, limit, &text).await,
            }
        })
    });
    Ok(Json(found.await?))
}

async fn listed(tx: &mut Tx, scope: &Scope, filter: &Filter, limit: i64) -> Result<Value, StoreError> {
    let mut found = runs::list(tx, scope, filter, limit + 1).await?;
    let next = cursor::next(&mut found, limit, |run| cursor::id(run.id));
    let ids: Vec<i64> = found.iter().map(|run| run.id).collect();
    let exits = runs::exits(tx, scope, &ids).await?;
    Ok(page(found.iter().map(|run| item(run, exits.get(&run.id).copied())).collect(), next))
}

/// A page may be empty and have one after it: it is of the runs that were looked through.
async fn searched(tx: &mut Tx, scope: &Scope, filter: &Filter, limit: i64, text: &str) -> Result<Value, StoreError> {
    let limit = usize::try_from(limit).unwrap_or_default();
    let found = runs::search(tx, scope, filter, text, (limit, MOST_LOOKED)).await?;
    let ids: Vec<i64> = found.hits.iter().map(|hit| hit.run.id).collect();
    let exits = runs::exits(tx, scope, &ids).await?;
    let hit = |hit: &Hit| {
        let mut body = item(&hit.run, exits.get(&hit.run.id).copied());
        body["hit"] = json!({ "n": hit.n, "stream": hit.stream, "line": hit.line });
        body
    };
    Ok(page(found.hits.iter().map(hit).collect(), found.before.map(cursor::id)))
}

pub(super) async fn of_incident(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Value>, Fault> {
    params.only(&OF_INCIDENT)?;
    let (limit, before, scope) = (params.limit()?, params.before()?, reader.person.scope.clone());
    let found = desk.store.read(move |tx| {
        Box::pin(async move {
            let Some(whole) = incidents::find(tx, &scope, &id).await? else { return Ok(None) };
            let filter = Filter { incident: Some(whole.item.id), before, ..Filter::default() };
            Ok(Some(listed(tx, &scope, &filter, limit).await?))
        })
    });
    Ok(Json(found.await?.ok_or(Fault::NotFound)?))
}

pub(super) fn item(run: &Run, exit_status: Option<i64>) -> Value {
    let title = plan_of(run).map(|plan| plan.title).unwrap_or_default();
    json!({
        "id": run.id,
        "runbook": run.runbook,
        "title": title,
        "host": run.host,
        "customer": run.customer,
        "class": run.class,
        "state": run.state,
        "level": run.level,
        "cause": run.cause.as_deref().map(Words::kept),
        "exit_status": exit_status,
        "findings": parsed(&run.findings, json!([])),
        "healthy": run.is_healthy,
        "reason": run.reason,
        "asked_by": run.asked_by,
        "stop_asked_by": run.stop_asked_by,
        "incident_id": run.incident,
        "queued_at": run.queued_at.rfc3339(),
        "started_at": instant(run.started_at),
        "finished_at": instant(run.ended_at),
        "plan_digest": run.plan_digest,
        "runbook_digest": run.runbook_digest,
    })
}

/// JSON as it was kept, or `else` where an older program kept something else.
fn parsed(json: &str, or: Value) -> Value {
    serde_json::from_str(json).unwrap_or(or)
}

pub(super) async fn show(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Value>, Fault> {
    params.only(&[])?;
    let (id, scope) = (number(&id)?, reader.person.scope.clone());
    let found = desk.store.read(move |tx| {
        Box::pin(async move {
            let Some(run) = runs::find(tx, &scope, id).await? else { return Ok(None) };
            let mut steps = run_steps(tx, &scope, std::slice::from_ref(&run), Room::OWN).await?;
            let steps = steps.remove(&run.id).unwrap_or_default();
            Ok(Some(whole(&run, &steps)))
        })
    });
    Ok(Json(found.await?.ok_or(Fault::NotFound)?))
}

fn whole(run: &Run, steps: &[StepRow]) -> Value {
    let mut body = item(run, steps.iter().filter_map(|step| step.exit_status).max());
    let plan = plan_of(run);
    body["hops"] = json!(plan.as_ref().map(|plan| &plan.hops));
    body["parameters"] = json!(plan.as_ref().map(|plan| &plan.parameters));
    body["steps"] = steps.iter().map(step).collect();
    body
}

fn step(step: &StepRow) -> Value {
    let redactions: BTreeMap<&String, u64> = step.redactions.iter().map(|(rule, n)| (rule, *n)).collect();
    json!({
        "n": step.n,
        "name": step.name,
        "title": step.title,
        "state": step.state,
        "cause": step.cause,
        "exit_status": step.exit_status,
        "signal": step.signal,
        "started_at": instant(step.started_at),
        "finished_at": instant(step.ended_at),
        "command": step.command,
        "input": step.input,
        "findings": step.findings,
        "redactions": redactions,
        "host_key": step.host_key,
        "capsule": step.capsule,
        "streams": step.streams.iter().map(|one| stream(step, one)).collect::<Vec<_>>(),
    })
}

fn stream(step: &StepRow, one: &StreamRow) -> Value {
    let is_text = !matches!(one.shown, Captured::Bytes { .. });
    json!({
        "name": one.name,
        "bytes": one.bytes,
        "sha256": one.sha256,
        "cut": one.is_cut,
        "text": is_text,
        // An extract for people, with what can't be seen made visible; the bytes are at `href`.
        "begins": one.text(),
        "href": format!("/api/v1/runs/{}/steps/{}/{}", step.run, step.n, one.name),
    })
}

pub(super) async fn out(
    desk: State<Desk>,
    reader: Reader,
    path: Path<(String, String)>,
    params: Params,
) -> Result<Response, Fault> {
    said(desk, reader, path, params, Stream::Out).await
}

pub(super) async fn err(
    desk: State<Desk>,
    reader: Reader,
    path: Path<(String, String)>,
    params: Params,
) -> Result<Response, Fault> {
    said(desk, reader, path, params, Stream::Err).await
}

async fn said(
    State(desk): State<Desk>,
    reader: Reader,
    Path((run, n)): Path<(String, String)>,
    params: Params,
    stream: Stream,
) -> Result<Response, Fault> {
    params.only(&[])?;
    let n = n.parse().ok().filter(|n| (0..=i64::from(u32::MAX)).contains(n)).ok_or(Fault::NotFound)?;
    serve_output(&desk, &reader, (number(&run)?, n), stream, true).await
}

pub(super) async fn evidence(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Value>, Fault> {
    params.only(&[])?;
    let (person, settings, shown) = (reader.person.clone(), desk.settings.clone(), desk.hosts.now());
    let found = desk.store.read(move |tx| {
        Box::pin(async move {
            let Some(whole) = incidents::find(tx, &person.scope, &id).await? else { return Ok(None) };
            let of = OfIncident { incident: &whole.item.id, customer: whole.item.customer.as_deref() };
            let view = load_evidence(tx, &person, &settings, &shown, of).await?;
            let filter = Filter { incident: Some(whole.item.id.clone()), ..Filter::default() };
            let ids: Vec<i64> = view.runs.iter().map(|run| run.row.id).collect();
            let kept = runs::list(tx, &person.scope, &filter, MOST_KEPT).await?;
            let kept = kept.into_iter().filter(|run| ids.contains(&run.id)).collect();
            Ok(Some((view, kept)))
        })
    });
    let (view, kept) = found.await?.ok_or(Fault::NotFound)?;
    Ok(Json(told(&view, kept)))
}

/// As many as the page looks at, and a little more for those that came meanwhile.
const MOST_KEPT: i64 = 120;

fn told(view: &EvidenceView, kept: Vec<Run>) -> Value {
    let runs = kept.iter().map(|run| {
        let shown = view.runs.iter().find(|shown| shown.row.id == run.id);
        whole(run, shown.map_or(&[][..], |shown| &shown.steps))
    });
    json!({
        "incident_id": view.incident,
        "mode": view.mode.as_str(),
        "visit": view.looked.as_ref().map(visit),
        "runs": runs.collect::<Vec<_>>(),
        "eligible_hosts": view.form.hosts,
    })
}

fn visit(looked: &Looked) -> Value {
    let found = &looked.visit;
    let seen = |all: &[Seen]| all.iter().map(|one| json!({ "host": one.host, "why": one.why })).collect::<Vec<_>>();
    let held = |one: &Held| json!({ "host": one.host, "runbook": one.runbook, "why": one.why });
    json!({
        "looked_at": looked.at.rfc3339(),
        "mode": looked.mode,
        "says": found.says,
        "hosts": seen(&found.hosts),
        "refused": seen(&found.refused),
        "unknown": found.unknown,
        "hints": found.hints.iter().collect::<Vec<&Words>>(),
        "held_back": found.held_back.iter().map(held).collect::<Vec<_>>(),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wants {
    host: String,
    runbook: String,
    #[serde(default)]
    parameters: BTreeMap<String, String>,
    #[serde(default)]
    incident: Option<String>,
    #[serde(default)]
    digest: Option<String>,
    nonce: String,
}

pub(super) async fn add(
    State(desk): State<Desk>,
    reader: Reader,
    params: Params,
    body: Bytes,
) -> Result<Response, Fault> {
    params.only(&[])?;
    let wants: Wants = serde_json::from_slice(&body).map_err(|error| Fault::Bad {
        parameter: None,
        detail: format!("Send a JSON object with \"host\", \"runbook\" and \"nonce\": {error}."),
    })?;
    let told = json!({ "host": wants.host, "runbook": wants.runbook, "incident_id": wants.incident });
    let Wants { host, runbook, parameters, incident, digest, nonce } = wants;
    asked(&desk, &reader, Act::Run { host, runbook, parameters, incident, digest }, nonce, told).await
}

pub(super) async fn stop(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
    params: Params,
    body: Bytes,
) -> Result<Response, Fault> {
    params.only(&[])?;
    let run = number(&id)?;
    asked(&desk, &reader, Act::StopRun { run }, nonce(&body)?, json!({ "id": run })).await
}

pub(super) async fn diagnose(
    State(desk): State<Desk>,
    reader: Reader,
    Path(incident): Path<String>,
    params: Params,
    body: Bytes,
) -> Result<Response, Fault> {
    params.only(&[])?;
    let told = json!({ "incident_id": incident });
    asked(&desk, &reader, Act::Diagnose { incident }, nonce(&body)?, told).await
}

/// 202: taken on; 200: the same was taken on before.
pub(super) async fn asked(
    desk: &Desk,
    reader: &Reader,
    act: Act,
    nonce: String,
    told: Value,
) -> Result<Response, Fault> {
    let decided = ask_of_host(desk, reader, WishedOfHost { act, nonce }).await?;
    Ok(answer(decided.map_err(No::fault)?, told))
}
