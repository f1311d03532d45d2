//! Jobs by state, and trying a dead one again.

use super::frame::job_counts;
use super::signals::{links, number};
use super::{Asks, live};
use crate::api::cursor;
use crate::auth::Reader;
use crate::page;
use crate::problem::Fault;
use crate::state::Desk;
use crate::view::{AttemptRow, IncidentLink, JobRow, JobState, JobsView, Section};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use model::Scope;
use serde::Deserialize;
use std::collections::BTreeMap;
use store::jobs::{self, Attempt, Item};
use store::{StoreError, Tx, audit};

const PAGE_ROWS: i64 = 25;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Query {
    state: String,
    cursor: String,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    reader: Reader,
    Asks(query): Asks<Query>,
) -> Result<Response, Fault> {
    let frame = reader.frame(&desk, Section::Jobs).await?;
    let scope = reader.person.sees.clone();
    let view = desk.store.read(move |tx| Box::pin(async move { load(tx, &scope, &query).await })).await?;
    live(&reader, &frame, &view, page::jobs, page::jobs_partial)
}

async fn load(tx: &mut Tx, scope: &Scope, query: &Query) -> Result<JobsView, StoreError> {
    let state = JobState::parse(&query.state).unwrap_or(JobState::Dead);
    let before = cursor::read_id(&query.cursor);
    let mut items = jobs::list(tx, scope, &[stored(state)], before, PAGE_ROWS + 1).await?;
    let next_cursor = cursor::next(&mut items, PAGE_ROWS, |item| cursor::id(item.id));
    let links = links(tx, scope, items.iter().map(|i| i.subject.clone())).await?;
    let mut attempts: BTreeMap<i64, Vec<AttemptRow>> = BTreeMap::new();
    let ids: Vec<i64> = items.iter().map(|item| item.id).collect();
    for one in jobs::list_attempts(tx, scope, &ids).await? {
        attempts.entry(one.job).or_default().push(attempt(one));
    }
    Ok(JobsView {
        counts: job_counts(&jobs::count_by_state(tx, scope).await?),
        state,
        rows: rows(items, &links, attempts),
        next_cursor,
    })
}

/// The store's word for a state.
const fn stored(state: JobState) -> &'static str {
    match state {
        JobState::Waiting => "ready",
        JobState::Running => "leased",
        other => other.as_str(),
    }
}

fn state(stored: &str) -> JobState {
    match stored {
        "ready" => JobState::Waiting,
        "leased" => JobState::Running,
        other => JobState::parse(other).unwrap_or(JobState::Human),
    }
}

fn attempt(one: Attempt) -> AttemptRow {
    AttemptRow {
        started_at: one.started_at,
        ended_at: one.ended_at,
        outcome: one.outcome,
        why: one.detail,
        worker: one.worker,
    }
}

fn rows(
    items: Vec<Item>,
    links: &BTreeMap<String, IncidentLink>,
    mut attempts: BTreeMap<i64, Vec<AttemptRow>>,
) -> Vec<JobRow> {
    let of = items.into_iter().map(|item| {
        let attempts = attempts.remove(&item.id).unwrap_or_default();
        row(item, links, attempts)
    });
    of.collect()
}

fn row(item: Item, links: &BTreeMap<String, IncidentLink>, attempts: Vec<AttemptRow>) -> JobRow {
    JobRow {
        incident: links.get(&item.subject).cloned(),
        id: item.id.to_string(),
        effect: item.effect,
        state: state(&item.state),
        why: item.why,
        cause: item.cause,
        queue: item.queue,
        due_at: Some(item.due),
        ended_at: item.ended_at,
        spent: u32::try_from(item.spent).unwrap_or(0),
        attempts,
    }
}

pub(super) async fn retry(State(desk): State<Desk>, reader: Reader, Path(id): Path<String>) -> Result<Response, Fault> {
    again(&desk, &reader, number(&id)?).await?;
    Ok(Redirect::to("/jobs?state=waiting").into_response())
}

/// Puts a job that is at an end back in line, by the same rules.
pub(crate) async fn again(desk: &Desk, reader: &Reader, id: i64) -> Result<(), Fault> {
    reader.person.need_admin()?;
    let (scope, actor, trail) = (reader.person.scope.clone(), reader.person.actor(), reader.trail());
    let done = desk
        .store
        .write("retry_job", move |tx| {
            Box::pin(async move {
                let Some(item) = jobs::find(tx, &scope, id).await? else { return Ok(None) };
                let done = jobs::retry(tx, id).await?;
                if done {
                    let customer = Some(item.customer.as_str()).filter(|c| !c.is_empty());
                    audit::add(tx, &actor, "job.retry", &format!("job/{id}"), customer, &trail).await?;
                }
                Ok(Some(done))
            })
        })
        .await?;
    if !done.ok_or(Fault::NotFound)? {
        return Err(Fault::Conflict {
            detail: "Only a job that is dead, skipped or with a person can be retried.".into(),
        });
    }
    desk.act.notify_one();
    Ok(())
}
