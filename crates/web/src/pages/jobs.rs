//! Jobs by state, and running dead ones again: one, or all that died of one cause.

use super::frame::{count_jobs, unsigned};
use super::signals::{links, number};
use super::{Asks, Sent, live};
use crate::acts::{Key, standing};
use crate::api::cursor;
use crate::auth::Reader;
use crate::problem::Fault;
use crate::state::Desk;
use crate::view::{AttemptRow, CauseGroup, IncidentLink, JobRow, JobState, JobsView, Section};
use crate::{markup, page};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use model::Scope;
use model::signal::Origin;
use serde::Deserialize;
use std::collections::BTreeMap;
use store::jobs::{self, Attempt, Item};
use store::{StoreError, Tx, audit, dirty};

const PAGE_ROWS: i64 = 25;
/// Dead jobs that are looked at for common causes, and run again at once.
const MOST_AT_ONCE: i64 = 500;
/// The effect's name of what people ask for.
const ACT: &str = "act";
/// In one transaction: signals wait for none that is longer.
const AT_ONCE: usize = 50;

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
    let (scope, may_retry) = (reader.person.sees.clone(), reader.person.role.may_administer());
    let mut view =
        desk.store.read(move |tx| Box::pin(async move { load(tx, &scope, &query, may_retry).await })).await?;
    let pulse = desk.pulse().await?;
    view.unreadable = unsigned(pulse.account.unreadable);
    view.dead_signals = unsigned(pulse.account.dead_signals);
    live(&reader, &frame, &view, page::jobs, page::jobs_partial)
}

async fn load(tx: &mut Tx, scope: &Scope, query: &Query, may_retry: bool) -> Result<JobsView, StoreError> {
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
    let causes = if may_retry && state == JobState::Dead { causes(tx, scope).await? } else { Vec::new() };
    Ok(JobsView {
        causes,
        unreadable: 0,
        dead_signals: 0,
        counts: count_jobs(tx, scope).await?,
        state,
        rows: rows(items, &links, attempts),
        next_cursor,
    })
}

/// What the latest dead jobs died of, as far as several died of the same.
async fn causes(tx: &mut Tx, scope: &Scope) -> Result<Vec<CauseGroup>, StoreError> {
    let mut groups: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for item in jobs::list(tx, scope, &["dead"], None, MOST_AT_ONCE).await? {
        if let Some(cause) = item.cause.filter(|_| item.effect != ACT) {
            groups.entry(cause).or_default().push(item.id);
        }
    }
    let several = groups.into_iter().filter(|(_, ids)| ids.len() > 1);
    let mut causes: Vec<CauseGroup> = several.map(|(cause, ids)| CauseGroup { cause, ids }).collect();
    causes.sort_by_key(|group| std::cmp::Reverse(group.ids.len()));
    Ok(causes)
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
        duty: item.key.split('/').next().unwrap_or_default().to_owned(),
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

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Many {
    /// Parted by commas.
    ids: String,
}

/// Runs several again that were listed together. By their ids, so that a form that is sent twice does nothing more.
pub(super) async fn retry_many(
    State(desk): State<Desk>,
    reader: Reader,
    Sent(many): Sent<Many>,
) -> Result<Response, Fault> {
    reader.person.need_admin()?;
    let ids: Result<Vec<i64>, _> = many.ids.split(',').filter(|id| !id.is_empty()).map(str::parse).collect();
    let ids = ids.map_err(|_| Fault::bad("ids", "Ids of jobs, parted by commas."))?;
    if ids.len() > usize::try_from(MOST_AT_ONCE).unwrap_or(usize::MAX) {
        return Err(Fault::bad("ids", format!("At most {MOST_AT_ONCE} at once.")));
    }
    let mut count = 0;
    for some in ids.chunks(AT_ONCE) {
        let (by, some) = (reader.clone(), some.to_vec());
        let unit = desk.store.write("retry_jobs", move |tx| {
            Box::pin(async move {
                let mut count = 0;
                for id in some {
                    count += u32::from(retry_one(tx, &by, id).await? == Some(true));
                }
                Ok(count)
            })
        });
        count += unit.await?;
        desk.act.notify_waiters();
    }
    tracing::info!(jobs = count, "dead jobs are run again");
    Ok(Redirect::to("/jobs?state=waiting").into_response())
}

/// Puts a job that is at an end back in line, by the same rules.
pub(crate) async fn again(desk: &Desk, reader: &Reader, id: i64) -> Result<(), Fault> {
    reader.person.need_admin()?;
    let by = reader.clone();
    let unit = desk.store.write("retry_job", move |tx| Box::pin(async move { retry_one(tx, &by, id).await }));
    if !unit.await?.ok_or(Fault::NotFound)? {
        return Err(Fault::Conflict {
            detail: "Only a job that is dead, skipped or with a person can be retried; an act that somebody asked for \
                     is asked for again on the incident's page, by that person."
                .into(),
        });
    }
    tracing::info!(job = id, "a job is run again");
    desk.act.notify_waiters();
    Ok(())
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Looked {
    happened: String,
    /// The incident whose page the form stood on.
    incident: String,
}

/// Somebody looked in PagerDuty whether it happened.
pub(super) async fn settle(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
    Sent(looked): Sent<Looked>,
) -> Result<Response, Fault> {
    let happened = match looked.happened.as_str() {
        "yes" => true,
        "no" => false,
        _ => return Err(Fault::bad("happened", "yes or no.")),
    };
    settled(&desk, &reader, number(&id)?, happened).await?;
    let to = match looked.incident.as_str() {
        "" => "/jobs?state=human".to_owned(),
        incident => format!("/incidents/{}#acts", markup::encode(incident)),
    };
    Ok(Redirect::to(&to).into_response())
}

/// Writes down what a person saw of a job that only a person can tell of. An act is told of by whoever asked for it as
/// well: it stands in their name.
pub(crate) async fn settled(desk: &Desk, reader: &Reader, id: i64, happened: bool) -> Result<(), Fault> {
    let (by, key) = (reader.clone(), Key::of(&desk.settings));
    let unit = desk
        .store
        .write("settle_job", move |tx| Box::pin(async move { settle_one(tx, &by, &key, id, happened).await }));
    match unit.await? {
        Told::Taken => {}
        Told::NotFound => return Err(Fault::NotFound),
        Told::NotTheirs => reader.person.need_admin()?,
        Told::NotAsked => {
            return Err(Fault::Conflict {
                detail:
                    "Nobody has to tell of this job: it does not wait for a person, or somebody has told meanwhile."
                        .into(),
            });
        }
    }
    tracing::info!(job = id, happened, "a person told whether a job took effect");
    desk.act.notify_waiters();
    desk.show.notify_waiters();
    Ok(())
}

enum Told {
    Taken,
    NotFound,
    NotTheirs,
    NotAsked,
}

async fn settle_one(tx: &mut Tx, by: &Reader, key: &Key, id: i64, happened: bool) -> Result<Told, StoreError> {
    let Some(item) = jobs::find(tx, &by.person.scope, id).await? else { return Ok(Told::NotFound) };
    if !by.person.role.may_administer() && !is_their_act(tx, by, key, &item).await? {
        return Ok(Told::NotTheirs);
    }
    if !jobs::settle(tx, id, happened, &by.person.name).await? {
        return Ok(Told::NotAsked);
    }
    // Whatever they saw, the mirror is to show it.
    if item.effect == ACT {
        dirty::mark(tx, dirty::READ, &item.subject, Origin::Repair).await?;
    }
    let customer = Some(item.customer.as_str()).filter(|c| !c.is_empty());
    let mut trail = by.trail();
    trail["happened"] = happened.into();
    audit::add(tx, &by.person.actor(), "job.settle", &format!("job/{id}"), customer, &trail).await?;
    Ok(Told::Taken)
}

async fn is_their_act(tx: &mut Tx, by: &Reader, key: &Key, item: &Item) -> Result<bool, StoreError> {
    let Some(asked) = store::acts::find(tx, &by.person.scope, &item.key).await? else { return Ok(false) };
    let standing = standing(tx, &by.person, key).await?;
    Ok(standing.by.is_ok_and(|own| own.user == asked.user))
}

/// Nothing for a job that they don't see; false for one that is at no end.
async fn retry_one(tx: &mut Tx, by: &Reader, id: i64) -> Result<Option<bool>, StoreError> {
    let Some(item) = jobs::find(tx, &by.person.scope, id).await? else { return Ok(None) };
    // In somebody's own name: nobody else has it sent again. What is in doubt is looked up first, and holds its lane.
    if item.effect == ACT && matches!(item.state.as_str(), "dead" | "skipped") {
        return Ok(Some(false));
    }
    let done = jobs::retry(tx, id).await?;
    if done {
        let customer = Some(item.customer.as_str()).filter(|c| !c.is_empty());
        audit::add(tx, &by.person.actor(), "job.retry", &format!("job/{id}"), customer, &by.trail()).await?;
    }
    Ok(Some(done))
}
