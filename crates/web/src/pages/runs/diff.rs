//! What differs between two captures of one runbook on one host, step by step; against the last one with nothing wrong unless
//! another is named.

use super::rows::rows;
use crate::auth::{Person, Reader};
use crate::compare::{Compared, compare};
use crate::outputs::{self, is_text};
use crate::page;
use crate::pages::signals::number;
use crate::pages::{Asks, html};
use crate::problem::Fault;
use crate::state::{Desk, Settings};
use crate::view::{DiffView, OtherCapture, RunRow, Section, StepDiff};
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use store::runs::{self, Filter, Run, Step};
use store::{StoreError, Tx};

/// Of each side of a step; what is longer is compared as far.
const MOST_BYTES: usize = 256 * 1024;
/// OtherCapture captures that are offered.
const MOST_OTHERS: i64 = 30;
const HEALTHY: &str = "healthy";

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::pages) struct Query {
    with: String,
}

pub(in crate::pages) async fn show(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
    Asks(query): Asks<Query>,
) -> Result<Response, Fault> {
    let frame = reader.frame(&desk, Section::Runs).await?;
    let (person, settings, id) = (reader.person.clone(), desk.settings.clone(), number(&id)?);
    let with = match query.with.as_str() {
        "" | HEALTHY => None,
        other => Some(number(other)?),
    };
    let found = desk.store.read(move |tx| Box::pin(async move { load(tx, &person, &settings, id, with).await }));
    let Found { mut view, now, then } = found.await?.ok_or(Fault::NotFound)?;
    if view.with.is_some() {
        view.steps = steps(&desk, &reader, &now, &then).await?;
    }
    html(page::diff(&frame, &view))
}

/// A capture with its steps.
struct Capture {
    run: i64,
    steps: Vec<Step>,
    titles: Vec<model::plan::Words>,
}

struct Found {
    view: DiffView,
    now: Capture,
    then: Capture,
}

async fn load(
    tx: &mut Tx,
    person: &Person,
    settings: &Settings,
    id: i64,
    with: Option<i64>,
) -> Result<Option<Found>, StoreError> {
    let scope = &person.scope;
    let Some(run) = runs::find(tx, scope, id).await? else { return Ok(None) };
    let other = match with {
        Some(with) => match runs::find(tx, scope, with).await? {
            Some(other) if other.runbook == run.runbook => Some(other),
            // Different commands have nothing to be compared by.
            _ => return Ok(None),
        },
        None => match runs::last_healthy(tx, &run.host, &run.runbook, id).await? {
            Some(healthy) => runs::find(tx, scope, healthy.id).await?,
            None => None,
        },
    };
    let filter = Filter { host: Some(run.host.clone()), runbook: Some(run.runbook.clone()), ..Filter::default() };
    let others = runs::list(tx, scope, &filter, MOST_OTHERS + 1).await?;
    let others = others.iter().filter(|one| one.id != id && one.ended_at.is_some());
    let others = others.map(|one| OtherCapture { id: one.id, at: one.queued_at, is_healthy: one.is_healthy }).collect();
    let both: Vec<Run> = std::iter::once(run.clone()).chain(other.clone()).collect();
    let mut shown: Vec<RunRow> = rows(tx, person, settings, &both).await?;
    let with_row = if other.is_some() { shown.pop() } else { None };
    let Some(row) = shown.pop() else { return Ok(None) };
    let view = DiffView { row, with: with_row, is_healthy: with.is_none(), steps: Vec::new(), others };
    let then = match &other {
        Some(other) => capture(tx, person, other).await?,
        None => Capture { run: 0, steps: Vec::new(), titles: Vec::new() },
    };
    Ok(Some(Found { view, now: capture(tx, person, &run).await?, then }))
}

async fn capture(tx: &mut Tx, person: &Person, run: &Run) -> Result<Capture, StoreError> {
    let titles = super::rows::plan(run).map(|plan| plan.steps.into_iter().map(|step| step.title).collect());
    let steps = runs::steps_of(tx, &person.scope, &[run.id]).await?;
    Ok(Capture { run: run.id, steps, titles: titles.unwrap_or_default() })
}

async fn steps(desk: &Desk, reader: &Reader, now: &Capture, then: &Capture) -> Result<Vec<StepDiff>, Fault> {
    let mut all = Vec::new();
    for step in &now.steps {
        let title = usize::try_from(step.n).ok().and_then(|n| now.titles.get(n)).cloned().unwrap_or_default();
        let before = then.steps.iter().find(|before| before.name == step.name);
        let diff = StepDiff { n: step.n, name: step.name.clone(), title, ..StepDiff::default() };
        all.push(match before {
            None => StepDiff { is_new: true, ..diff },
            Some(before) => one(desk, reader, diff, (now.run, step), (then.run, before)).await?,
        });
    }
    let lost = then.steps.iter().filter(|before| now.steps.iter().all(|step| step.name != before.name));
    all.extend(lost.map(|before| StepDiff { name: before.name.clone(), is_lost: true, ..StepDiff::default() }));
    Ok(all)
}

async fn one(
    desk: &Desk,
    reader: &Reader,
    diff: StepDiff,
    now: (i64, &Step),
    then: (i64, &Step),
) -> Result<StepDiff, Fault> {
    let states = (then.1.state != now.1.state).then(|| (then.1.state.clone(), now.1.state.clone()));
    let diff = StepDiff { states, ..diff };
    let (was, is) = (said(desk, reader, then).await?, said(desk, reader, now).await?);
    if !is_text(&was.bytes) || !is_text(&is.bytes) {
        let differs = was.bytes != is.bytes;
        return Ok(StepDiff { bytes_differ: Some(differs), ..diff });
    }
    let is_part = was.is_part || is.is_part;
    // Bounded, and long enough to hold up others.
    let compared = tokio::task::spawn_blocking(move || {
        compare(&String::from_utf8_lossy(&was.bytes), &String::from_utf8_lossy(&is.bytes))
    });
    let compared = compared.await.map_err(|error| Fault::Internal { why: error.to_string() })?;
    let Compared { parts, gone, come, numbers, is_cut } = compared;
    Ok(StepDiff { parts, gone, come, numbers, is_cut: is_cut || is_part, ..diff })
}

struct Said {
    bytes: Vec<u8>,
    is_part: bool,
}

/// What a step said, standard error after standard output, each as far as it is compared.
async fn said(desk: &Desk, reader: &Reader, (run, step): (i64, &Step)) -> Result<Said, Fault> {
    let (scope, n) = (reader.person.scope.clone(), step.n);
    let pieces = desk.store.read(move |tx| Box::pin(async move { runs::output(tx, &scope, run, n).await })).await?;
    let whole = outputs::whole(&step.output);
    let (mut bytes, mut is_part) = (Vec::new(), false);
    for stream in ["out", "err"] {
        let stored = outputs::of(&whole, stream);
        let own = pieces.iter().filter(|piece| piece.stream == stream);
        let mut one: Vec<u8> = own.flat_map(|piece| piece.body.clone()).collect();
        if let Some(stored) = stored.filter(|stored| stored.bytes > one.len() as u64)
            && let Ok(head) = desk.outputs.head(&stored.object, MOST_BYTES).await
        {
            one = head;
        }
        is_part |= one.len() > MOST_BYTES || stored.is_some_and(|stored| stored.bytes > one.len() as u64);
        one.truncate(MOST_BYTES);
        if !one.is_empty() && !one.ends_with(b"\n") {
            one.push(b'\n');
        }
        bytes.append(&mut one);
    }
    Ok(Said { bytes, is_part })
}
