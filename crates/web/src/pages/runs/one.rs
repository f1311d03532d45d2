//! One run as its record, and the button that stops it.

use super::ask::{Wished, ask};
use super::rows::{Room, plan, rows, steps};
use crate::acts::new_nonce;
use crate::auth::{Person, Reader};
use crate::outputs::{self, Captured, Outputs, Side};
use crate::page;
use crate::pages::signals::number;
use crate::pages::{Asks, Sent, live};
use crate::problem::Fault;
use crate::state::{Desk, HostsShown, Settings};
use crate::view::{RunView, Section, StepRow};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use duties::safety_net::desk::Act;
use model::capsule::Output;
use serde::Deserialize;
use store::runs::{self, Run};
use store::{StoreError, Tx};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::pages) struct Query {
    asked: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::pages) struct Nonce {
    pub nonce: String,
}

pub(in crate::pages) async fn show(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
    Asks(query): Asks<Query>,
) -> Result<Response, Fault> {
    let frame = reader.frame(&desk, Section::Runs).await?;
    let (person, settings, shown, id) = (reader.person.clone(), desk.settings.clone(), desk.hosts.now(), number(&id)?);
    let found = desk.store.read(move |tx| Box::pin(async move { load(tx, &person, &settings, &shown, id).await }));
    let (mut view, kept) = found.await?.ok_or(Fault::NotFound)?;
    view.stops = query.asked == "stop" && view.row.is_live();
    view.why_not_whole = from_evidence(&desk.outputs, &mut view.steps, &kept).await;
    live(&reader, &frame, &view, page::run, page::run_partial)
}

/// Where each step's output lies whole, by its number.
type Kept = Vec<(i64, Output)>;

async fn load(
    tx: &mut Tx,
    person: &Person,
    settings: &Settings,
    shown: &HostsShown,
    id: i64,
) -> Result<Option<(RunView, Kept)>, StoreError> {
    let scope = &person.scope;
    let Some(run) = runs::find(tx, scope, id).await? else { return Ok(None) };
    let of = std::slice::from_ref(&run);
    let Some(row) = rows(tx, person, settings, of).await?.pop() else { return Ok(None) };
    let kept = runs::steps_of(tx, scope, &[id]).await?;
    let kept = kept.iter().map(|step| (step.n, outputs::whole(&step.output))).collect();
    let steps = steps(tx, scope, of, Room::OWN).await?.remove(&id).unwrap_or_default();
    let healthy = match runs::last_healthy(tx, &run.host, &run.runbook, id).await? {
        // A host may have been somebody else's then.
        Some(before) => runs::find(tx, scope, before.id).await?,
        None => None,
    };
    let plan = plan(&run);
    let view = RunView {
        hops: plan.as_ref().map(|plan| plan.hops.clone()).unwrap_or_default(),
        parameters: plan.map(|plan| plan.parameters.into_iter().collect()).unwrap_or_default(),
        is_present: shown.runbook(&run.runbook).map(|runbook| runbook.digest == run.runbook_digest),
        healthy: healthy.map(|before| (before.id, before.queued_at)),
        may_stop: person.role.may_act() && row.is_live() && run.stop_asked_by.is_none(),
        nonce: new_nonce(),
        steps,
        row,
        ..digests(run)
    };
    Ok(Some((view, kept)))
}

fn digests(run: Run) -> RunView {
    RunView { plan_digest: run.plan_digest, runbook_digest: run.runbook_digest, ..RunView::default() }
}

/// Of old runs the beginning of what was said lies in the evidence store alone. Says why it could not be had.
async fn from_evidence(store: &Outputs, steps: &mut [StepRow], kept: &Kept) -> Option<String> {
    for step in steps {
        let Some((_, whole)) = kept.iter().find(|(n, _)| *n == step.n) else { continue };
        for stream in step.streams.iter_mut().filter(|stream| stream.shown == Captured::Nothing) {
            let Some(stored) = outputs::of(whole, stream.name).filter(|stored| stored.bytes > 0) else { continue };
            match store.head(&stored.object, Room::OWN.bytes).await {
                Ok(head) => {
                    let is_part = (head.len() as u64) < stored.bytes;
                    stream.shown = Captured::of(&head, Side::First, Room::OWN.lines, is_part);
                }
                // The same is so of all the others.
                Err(why) => return Some(why.to_string()),
            }
        }
    }
    None
}

pub(in crate::pages) async fn stop(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
    Sent(form): Sent<Nonce>,
) -> Result<Response, Fault> {
    let run = number(&id)?;
    let wished = Wished { act: Act::StopRun { run }, nonce: form.nonce };
    match ask(&desk, &reader, wished).await? {
        // One that ended meanwhile says so by itself.
        Ok(_) | Err(super::ask::No::Over) => Ok(Redirect::to(&format!("/runs/{run}?asked=stop")).into_response()),
        Err(no) => Err(no.fault()),
    }
}
