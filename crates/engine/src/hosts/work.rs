//! The workers of the hosts' queue: a run has its job's lease renewed as long as it lasts, and is stopped when somebody wants that or
//! when the lease is lost. Runs never hold up other work, and are never run alone.

use super::{Hosts, carry, reach};
use crate::{Shared, act, wake};
use model::action::{Effect, Fault, Outcome, Queue};
use std::sync::Arc;
use std::time::Duration;
use store::jobs::{self, Claim, Claimed};
use store::{StoreError, runs};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

const KEYS_EVERY: Duration = Duration::from_millis(20);
const LOOK_EVERY: Duration = Duration::from_millis(1_000);

/// Why a run is to stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Halt {
    /// Somebody asked for it.
    Asked(String),
    /// This process ends; another one goes on.
    Leaving,
    /// Another worker has the run.
    LeaseLost,
}

/// What a run listens to while it is carried out.
#[derive(Clone, Default)]
pub struct Halting {
    token: CancellationToken,
    why: Arc<std::sync::OnceLock<Halt>>,
}

impl Halting {
    pub fn token(&self) -> CancellationToken {
        self.token.clone()
    }

    pub fn why(&self) -> Option<&Halt> {
        self.why.get()
    }

    /// The first reason stands.
    pub fn halt(&self, why: Halt) {
        let _ = self.why.set(why);
        self.token.cancel();
    }
}

pub async fn run(shared: Shared, hosts: Arc<Hosts>, stop: CancellationToken) {
    let worker = format!("{}/ssh", shared.settings.worker);
    let room = Arc::new(Semaphore::new(hosts.settings.runs_at_once.max(1)));
    let mut under_way = JoinSet::new();
    // A run that was claimed before the trusted keys are read would fail on a host that is trusted.
    while !hosts.knows_keys() && wake::pause(KEYS_EVERY, &stop).await {}
    while !stop.is_cancelled() {
        let permit = tokio::select! {
            () = stop.cancelled() => break,
            permit = room.clone().acquire_owned() => permit,
        };
        let Ok(permit) = permit else { break };
        match claim(&shared, &worker).await {
            Ok(Claim::Job(job)) => {
                let (shared, hosts, stop) = (shared.clone(), hosts.clone(), stop.clone());
                under_way.spawn(async move {
                    one(&shared, &hosts, *job, &stop).await;
                    drop(permit);
                });
            }
            Ok(Claim::PutAside) => shared.wake.show.notify_waiters(),
            Ok(Claim::Nothing) => {
                drop(permit);
                wake::wait(&shared.wake.act, LOOK_EVERY, &stop).await;
            }
            Err(error) => {
                shared.trouble.failed(&error, "claiming a run");
                wake::pause(LOOK_EVERY, &stop).await;
            }
        }
        while let Some(ended) = under_way.try_join_next() {
            tell(ended);
        }
    }
    while let Some(ended) = under_way.join_next().await {
        tell(ended);
    }
}

fn tell(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!(%error, "a run had panicked; it is taken up again after its lease");
    }
}

async fn claim(shared: &Shared, worker: &str) -> Result<Claim, StoreError> {
    let (worker, terms) = (worker.to_owned(), shared.settings.terms);
    let claimed = shared
        .store
        .write("claim", move |tx| Box::pin(async move { jobs::claim(tx, Queue::Ssh, &worker, terms).await }));
    claimed.await
}

async fn one(shared: &Shared, hosts: &Arc<Hosts>, job: Claimed, stop: &CancellationToken) {
    shared.metrics.attempts.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let halting = Halting::default();
    let carried = async {
        match &job.action.effect {
            Effect::Reach { host } => reach::run(shared, hosts, host, &halting).await,
            _ => carry::run(shared, hosts, &job, &halting).await,
        }
    };
    let (outcome, after) = tokio::select! {
        done = carried => done,
        () = keep(shared, &job, &halting, stop) => return,
    };
    if halting.why() == Some(&Halt::LeaseLost) {
        return;
    }
    act::tell(&job, &outcome);
    act::finish(shared, job, &outcome, after, stop).await;
    shared.wake.act.notify_waiters();
    shared.wake.show.notify_waiters();
}

/// Renews the lease for as long as the run lasts; never ends by itself.
async fn keep(shared: &Shared, job: &Claimed, halting: &Halting, stop: &CancellationToken) {
    let every = Duration::from_millis((shared.settings.terms.lease_ms / 4).clamp(50, 2_000).unsigned_abs());
    let mut is_leaving = false;
    loop {
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            () = stop.cancelled(), if !is_leaving => {
                is_leaving = true;
                halting.halt(Halt::Leaving);
            }
        }
        match renew(shared, job).await {
            Ok(None) => {}
            Ok(Some(by)) => halting.halt(Halt::Asked(by)),
            Err(StoreError::LeaseLost(_)) => {
                tracing::warn!(job = job.id, "a run's lease was lost; whoever has it now goes on");
                halting.halt(Halt::LeaseLost);
            }
            // The database is away: the run goes on, and what it can't write it says.
            Err(error) => shared.trouble.failed(&error, "renewing a run's lease"),
        }
    }
}

/// Gives who asked to stop the run, if anybody did.
async fn renew(shared: &Shared, job: &Claimed) -> Result<Option<String>, StoreError> {
    let (job, terms) = (job.clone(), shared.settings.terms);
    let renewed = shared.store.write("renew", move |tx| {
        let job = job.clone();
        Box::pin(async move {
            jobs::renew(tx, &job, terms).await?;
            match job.action.effect {
                Effect::Run { run } => runs::beat(tx, run).await,
                _ => Ok(None),
            }
        })
    });
    renewed.await
}

/// What a run that is to go on elsewhere leaves behind.
pub fn given_back(job: &Claimed) -> Outcome {
    Outcome::Later {
        at: job.claimed_at,
        fault: Fault::Limit,
        why: "this process ended; the run goes on in the next one".to_owned(),
    }
}
