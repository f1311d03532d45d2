//! Runs and their steps out of the store's rows into what pages show. Shows a step's beginning; of one that is under way, its end.

use crate::auth::Person;
use crate::outputs::{self, Captured, Side};
use crate::pages::frame::unsigned;
use crate::pages::signals::links;
use crate::state::Settings;
use crate::view::{RunRow, StepRow, StreamRow};
use model::Scope;
use model::capsule::Stored;
use model::plan::{Plan, Words};
use model::visit::{Finding, worst_first};
use std::collections::{BTreeMap, BTreeSet};
use store::runs::{self, Run, Said, Step};
use store::{StoreError, Tx, accounts};

/// Pieces of a step that is under way, from its end.
const TAIL_PIECES: i64 = 16;

/// How much of each stream is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    pub lines: usize,
    pub bytes: usize,
}

impl Room {
    /// Beside an incident.
    pub const BESIDE: Self = Self { lines: 12, bytes: 4 * 1024 };
    /// On the run's own page.
    pub const OWN: Self = Self { lines: 60, bytes: 16 * 1024 };
}

/// The steps of runs, by run.
pub(crate) type Steps = BTreeMap<i64, Vec<StepRow>>;

pub(crate) async fn rows(
    tx: &mut Tx,
    person: &Person,
    settings: &Settings,
    runs: &[Run],
) -> Result<Vec<RunRow>, StoreError> {
    let scope = &person.scope;
    let ids: Vec<i64> = runs.iter().map(|run| run.id).collect();
    let exits = runs::exits(tx, scope, &ids).await?;
    let incidents: Vec<String> = runs.iter().filter_map(|run| run.incident.clone()).collect();
    let links = links(tx, scope, incidents.into_iter()).await?;
    let who = runs.iter().flat_map(|run| std::iter::once(&run.asked_by).chain(&run.stop_asked_by)).cloned().collect();
    let names = names(tx, who).await?;
    let row = |run: &Run| RunRow {
        asked_by: name(&names, &run.asked_by),
        stop_asked_by: run.stop_asked_by.as_ref().map(|who| name(&names, who)),
        customer: run.customer.as_ref().map(|id| settings.customer_name(id)),
        incident: run.incident.as_ref().and_then(|id| links.get(id).cloned()),
        exit_status: exits.get(&run.id).copied(),
        ..bare(run)
    };
    Ok(runs.iter().map(row).collect())
}

/// What the run alone tells.
fn bare(run: &Run) -> RunRow {
    let title = plan(run).map(|plan| plan.title).unwrap_or_default();
    RunRow {
        id: run.id,
        host: run.host.clone(),
        runbook: run.runbook.clone(),
        title,
        class: run.class.clone(),
        reason: run.reason.clone(),
        state: run.state.clone(),
        cause: run.cause.as_deref().map(Words::kept),
        level: run.level.clone(),
        findings: findings(&run.findings),
        is_healthy: run.is_healthy,
        queued_at: run.queued_at,
        started_at: run.started_at,
        beat_at: run.beat_at,
        ended_at: run.ended_at,
        ..RunRow::default()
    }
}

/// The plan as it was asked for. One that an older program wrote in another shape counts as none.
pub(crate) fn plan(run: &Run) -> Option<Plan> {
    serde_json::from_str(&run.plan).ok()
}

fn findings(json: &str) -> Vec<Finding> {
    let mut found: Vec<Finding> = serde_json::from_str(json).unwrap_or_default();
    worst_first(&mut found);
    found
}

/// The names of accounts; `token:NAME` and `system` are none.
pub(super) async fn names(tx: &mut Tx, who: Vec<String>) -> Result<BTreeMap<String, String>, StoreError> {
    let ids: BTreeSet<String> = who.into_iter().filter(|id| !id.contains(':') && id != "system").collect();
    let mut names = BTreeMap::new();
    for id in ids {
        if let Some(account) = accounts::by_id(tx, &id).await? {
            names.insert(id, account.name);
        }
    }
    Ok(names)
}

pub(super) fn name(names: &BTreeMap<String, String>, who: &str) -> String {
    names.get(who).cloned().unwrap_or_else(|| who.to_owned())
}

pub(crate) async fn steps(tx: &mut Tx, scope: &Scope, of: &[Run], room: Room) -> Result<Steps, StoreError> {
    let ids: Vec<i64> = of.iter().map(|run| run.id).collect();
    let said = runs::said(tx, scope, &ids).await?;
    let mut all = Steps::new();
    for step in runs::steps_of(tx, scope, &ids).await? {
        let whole = outputs::whole(&step.output);
        let mut streams = Vec::new();
        for name in ["out", "err"] {
            let said = said.iter().find(|said| (said.run, said.n, said.stream.as_str()) == (step.run, step.n, name));
            streams.extend(stream(tx, scope, &step, (name, said, outputs::of(&whole, name)), room).await?);
        }
        all.entry(step.run).or_default().push(row(step, streams));
    }
    for run in of {
        let Some(plan) = plan(run) else { continue };
        for step in all.entry(run.id).or_default() {
            let Some(planned) = usize::try_from(step.n).ok().and_then(|n| plan.steps.get(n)) else { continue };
            step.title = planned.title.clone();
            step.command = Some(planned.exec.clone());
            step.input = planned.stdin.clone();
        }
    }
    Ok(all)
}

async fn stream(
    tx: &mut Tx,
    scope: &Scope,
    step: &Step,
    (name, said, stored): (&'static str, Option<&Said>, Option<&Stored>),
    room: Room,
) -> Result<Option<StreamRow>, StoreError> {
    let raw = unsigned(if name == "err" { step.err_bytes } else { step.out_bytes });
    if said.is_none() && stored.is_none() && raw == 0 {
        return Ok(None);
    }
    let all = said.map_or(0, |said| unsigned(said.bytes)).max(stored.map_or(0, |stored| stored.bytes));
    let shown = match said {
        None => Captured::Nothing,
        Some(said) if step.state == "running" => tail(tx, scope, said, room).await?,
        Some(said) => {
            let head = &said.head[..said.head.len().min(room.bytes)];
            Captured::of(head, Side::First, room.lines, (head.len() as u64) < all)
        }
    };
    Ok(Some(StreamRow {
        name,
        bytes: raw.max(all),
        is_cut: stored.is_some_and(|stored| stored.is_cut),
        sha256: stored.map(|stored| stored.sha256.clone()).filter(|digest| !digest.is_empty()),
        shown,
    }))
}

/// Of what is still coming, the end is what people wait for.
async fn tail(tx: &mut Tx, scope: &Scope, said: &Said, room: Room) -> Result<Captured, StoreError> {
    let pieces = runs::output_after(tx, scope, said.run, said.n, said.last - TAIL_PIECES).await?;
    let own = pieces.into_iter().filter(|piece| piece.stream == said.stream);
    let bytes: Vec<u8> = own.flat_map(|piece| piece.body).collect();
    let tail = &bytes[bytes.len().saturating_sub(room.bytes)..];
    Ok(Captured::of(tail, Side::Last, room.lines, (tail.len() as u64) < unsigned(said.bytes)))
}

fn row(step: Step, streams: Vec<StreamRow>) -> StepRow {
    let redactions: BTreeMap<String, u64> = serde_json::from_str(&step.redactions).unwrap_or_default();
    StepRow {
        run: step.run,
        n: step.n,
        findings: findings(&step.findings),
        redactions: redactions.into_iter().filter(|(_, n)| *n > 0).collect(),
        name: step.name,
        state: step.state,
        cause: step.cause.as_deref().map(Words::kept),
        exit_status: step.exit_status,
        signal: step.signal,
        started_at: step.started_at,
        ended_at: step.ended_at,
        host_key: step.host_key,
        capsule: step.capsule,
        streams,
        ..StepRow::default()
    }
}
