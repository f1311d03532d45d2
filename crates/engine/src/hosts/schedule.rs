//! What is done on hosts by the clock: each is tried from time to time, runbooks with a schedule run, and runs whose job came to an
//! end without them are ended.

use super::ask::{self, Made, Wish};
use super::{Estate, Hosts, judged, reach, say};
use crate::{Shared, wake};
use duties::diagnose::Mode;
use duties::runbooks::{Asks, Facts, Field, Runbook, Schedule, When};
use model::Micros;
use model::host::Host;
use model::plan::{Plan, Words};
use model::redaction::Rules;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use store::actions::{self, Doing};
use store::runs::{Ended, Run};
use store::{StoreError, Tx, capsules, cursors, hosts as known, runs};
use tokio_util::sync::CancellationToken;

const EVERY: Duration = Duration::from_secs(5);
/// Trials that one look asks for: five hundred hosts are not all tried in the first second.
const MOST_TRIALS: usize = 20;
const MOST_RUNS: usize = 20;
/// A host that only runs have shown is tried soon.
const SOON: Duration = Duration::from_secs(60);

pub async fn run(shared: Shared, hosts: Arc<Hosts>, stop: CancellationToken) {
    while wake::pause(EVERY, &stop).await {
        let (by, rules) = (shared.clone(), hosts.settings.rules.clone());
        let orphans = shared.store.write("orphans", move |tx| {
            let (by, rules) = (by.clone(), rules.clone());
            Box::pin(async move { end_orphans(tx, &by, &rules).await })
        });
        if let Err(error) = orphans.await {
            shared.trouble.failed(&error, "ending runs whose job is over");
        }
        let (of_trials, of_runs) = (hosts.clone(), hosts.clone());
        let trials = shared.store.write("reach_due", move |tx| {
            let hosts = of_trials.clone();
            Box::pin(async move { trials(tx, &hosts, &hosts.estate()).await })
        });
        asked(&shared, trials.await);
        let runs = shared.store.write("runs_due", move |tx| {
            let hosts = of_runs.clone();
            Box::pin(async move { scheduled(tx, &hosts, &hosts.estate()).await })
        });
        asked(&shared, runs.await);
    }
}

fn asked(shared: &Shared, asked: Result<usize, StoreError>) {
    match asked {
        Ok(0) => {}
        Ok(_) => shared.wake.act.notify_waiters(),
        Err(error) => shared.trouble.failed(&error, "looking what is due on hosts"),
    }
}

/// A run that nobody carries out any more has come to its end, and so has the step that was under way.
async fn end_orphans(tx: &mut Tx, shared: &Shared, rules: &Rules) -> Result<(), StoreError> {
    for (id, why) in runs::orphans(tx).await? {
        let Some(run) = runs::get(tx, id).await? else { continue };
        end_under_way(tx, &run, rules).await?;
        let why = if why.is_empty() { "its job ended without it".to_owned() } else { why };
        let cause = Words::new(why.clone(), format!("実行ジョブが途中で終了しました: {why}"));
        runs::leave_out(tx, id, &judged::json(&cause)).await?;
        let end = judged::whole(&runs::steps(tx, id).await?, "interrupted", Some(&cause));
        if runs::end(tx, id, &end.as_end()).await? {
            say::ended(tx, &shared.settings, &run).await?;
        }
    }
    Ok(())
}

/// What was captured of a step whose worker died is what is known of it.
async fn end_under_way(tx: &mut Tx, run: &Run, rules: &Rules) -> Result<(), StoreError> {
    let plan = serde_json::from_str::<Plan>(&run.plan).ok();
    for step in runs::cut_short(tx, run.id).await? {
        let judged = judged::interrupted(&runs::pieces(tx, run.id, step.n).await?);
        let planned = plan.as_ref().and_then(|plan| Some((plan, plan.steps.get(usize::try_from(step.n).ok()?)?)));
        let times = (step.started_at, tx.now());
        let capsule =
            planned.map(|(plan, planned)| judged::capsule(run, plan, (step.n, planned), &judged, times, rules));
        let number = capsule.as_ref().map_or("", |capsule| &capsule.id.0);
        let rows = judged.rows();
        let ended = Ended { capsule: capsule.is_some().then_some(number), ..judged.ended(&rows, number) };
        if runs::end_step(tx, run.id, step.n, &ended).await?
            && let Some(capsule) = &capsule
        {
            capsules::add(tx, capsule).await?;
        }
    }
    Ok(())
}

/// Asks for trials of hosts and bastions that were not tried for so long; gives how many.
async fn trials(tx: &mut Tx, hosts: &Hosts, estate: &Estate) -> Result<usize, StoreError> {
    let (now, every) = (tx.now(), hosts.settings.reach_every);
    let last: BTreeMap<String, Micros> = known::checked(tx).await?.into_iter().collect();
    let (bad, unasked) = (known::unreached(tx).await?, known::unasked(tx).await?);
    let names = estate.inventory.bastions().map(|bastion| (bastion.name.clone(), None));
    let names = names.chain(estate.inventory.hosts().map(|host| (host.name.clone(), host.customer.clone())));
    let mut asked = 0;
    for (name, customer) in names {
        let is_host = estate.inventory.host(&name).is_some();
        let every = match () {
            () if bad.contains(&name) => every.min(reach::AGAIN),
            () if is_host && unasked.contains(&name) => every.min(SOON),
            () => every,
        };
        let every_us = i64::try_from(every.as_micros()).unwrap_or(i64::MAX).max(1);
        if last.get(&name).is_some_and(|at| now.since(*at) < every_us) || asked >= MOST_TRIALS {
            continue;
        }
        let key = format!("reach/{}/{}", name.to_ascii_lowercase(), now.0 / every_us);
        let action = reach::action(&name, customer.as_deref(), key);
        asked += usize::from(actions::add(tx, &action, Doing::Really).await?);
    }
    Ok(asked)
}

/// Asks for runs that are due by their runbook's schedule; gives how many.
async fn scheduled(tx: &mut Tx, hosts: &Hosts, estate: &Estate) -> Result<usize, StoreError> {
    if hosts.settings.mode == Mode::Observe {
        return Ok(0);
    }
    let mut asked = 0;
    for (runbook, schedule) in schedules(estate) {
        if !ask::is_free(tx, estate, runbook).await? {
            continue;
        }
        for host in estate.inventory.hosts().filter(|host| fits(runbook, host)) {
            if asked >= MOST_RUNS {
                return Ok(asked);
            }
            asked += usize::from(one(tx, hosts, estate, (runbook, schedule), host).await?);
        }
    }
    Ok(asked)
}

fn schedules(estate: &Estate) -> Vec<(&Runbook, Schedule)> {
    let mut all = Vec::new();
    for runbook in estate.runbooks.iter() {
        all.extend(runbook.schedules().map(|schedule| (runbook, *schedule)));
    }
    all
}

/// What a runbook asks of hosts for its incidents holds for its schedule too: one for databases does not run on every host.
fn fits(runbook: &Runbook, host: &Host) -> bool {
    let facts = Facts {
        host: host.name.clone(),
        customer: host.customer.clone().unwrap_or_default(),
        kinds: host.groups.iter().cloned().chain(host.tags.values().cloned()).collect(),
        ..Facts::default()
    };
    let mut asked = runbook.when.iter().filter_map(|when| match when {
        When::Incident(asks) => Some(asks),
        _ => None,
    });
    let of_host = |asks: &Vec<Asks>| -> Vec<Asks> {
        let is_of_host = |ask: &&Asks| matches!(ask.field, Field::Host | Field::Kind | Field::Customer);
        asks.iter().filter(is_of_host).cloned().collect()
    };
    let mut all = asked.by_ref().map(of_host).peekable();
    all.peek().is_none() || all.any(|asks| When::Incident(asks).knows(&facts))
}

/// The first look at a host begins its time; from then on it is due by the schedule.
async fn one(
    tx: &mut Tx,
    hosts: &Hosts,
    estate: &Estate,
    (runbook, schedule): (&Runbook, Schedule),
    host: &Host,
) -> Result<bool, StoreError> {
    let now = tx.now();
    let name = format!("schedule/{}/{}", runbook.name, host.name.to_ascii_lowercase());
    let Some((_, since)) = cursors::get(tx, &name).await? else {
        cursors::set(tx, &name, "").await?;
        return Ok(false);
    };
    if !schedule.is_due(since, now, &hosts.settings.zone) {
        return Ok(false);
    }
    cursors::set(tx, &name, "").await?;
    let nothing = BTreeMap::new();
    let wish = Wish {
        key: format!("{name}/{}", since.0),
        host,
        runbook,
        parameters: &nothing,
        incident: None,
        reason: "schedule",
        asked_by: "system",
    };
    Ok(matches!(ask::make(tx, hosts, estate, &wish).await?, Made::Run(_)))
}
