//! Acting: claims a job, does its effect with no transaction open, writes down how it ended. An unsettled job is looked
//! up before it is ever sent again. Never sleeps under a lease.

use crate::effects::{self, Hand};
use crate::follow::{After, Context};
use crate::{Shared, bridges, slack, wake};
use model::action::{Fault, Outcome, Precondition, Queue};
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};
use store::jobs::{self, Claim, Claimed, Terms};
use store::{StoreError, Tx, callouts, canaries, crash_point, incidents, nets};
use tokio_util::sync::CancellationToken;

const LOOK_EVERY: Duration = Duration::from_millis(1_000);

pub async fn run(shared: Shared, queue: Queue, n: usize, stop: CancellationToken) {
    let worker = format!("{}/{}-{n}", shared.settings.worker, queue.as_str());
    while !stop.is_cancelled() {
        // Held from before the claim: a suspect runs only when nothing else is under way.
        let among_others = shared.alone.read().await;
        let begun = Instant::now();
        let claimed = claim(&shared, queue, &worker).await;
        match claimed {
            Ok(Claim::Job(job)) if stop.is_cancelled() => give_back(&shared, *job).await,
            Ok(Claim::Job(job)) => {
                let outcome = one(&shared, *job, begun, &stop).await;
                drop(among_others);
                if let Some(time) = limited(&shared, queue, outcome.as_ref()) {
                    wake::pause(time, &stop).await;
                }
            }
            Ok(Claim::PutAside) => shared.wake.show.notify_waiters(),
            Ok(Claim::Nothing) => {
                drop(among_others);
                wake::wait(&shared.wake.act, LOOK_EVERY, &stop).await;
            }
            Err(error) => {
                drop(among_others);
                shared.trouble.failed(&error, "claiming a job");
                wake::pause(LOOK_EVERY, &stop).await;
            }
        }
    }
}

/// Runs suspects: jobs that were under way twice when their worker died. Each alone, so that the innocent among them are
/// done and a guilty one is known for certain.
pub async fn run_suspects(shared: Shared, stop: CancellationToken) {
    let worker = format!("{}/alone", shared.settings.worker);
    let terms = shared.settings.terms;
    while wake::pause(LOOK_EVERY, &stop).await {
        if !matches!(shared.store.read(move |tx| Box::pin(jobs::has_suspect(tx, terms))).await, Ok(true)) {
            continue;
        }
        let _alone = shared.alone.write().await;
        let (begun, name) = (Instant::now(), worker.clone());
        let claimed = shared.store.write("claim", move |tx| Box::pin(suspect(tx, name, terms))).await;
        match claimed {
            Ok(Claim::Job(job)) if stop.is_cancelled() => give_back(&shared, *job).await,
            Ok(Claim::Job(job)) => drop(one(&shared, *job, begun, &stop).await),
            _ => {}
        }
    }
}

/// Claimed when it was time to stop: somebody else may take it at once.
async fn give_back(shared: &Shared, job: Claimed) {
    let id = job.id;
    let given =
        shared.store.write("give_back", move |tx| Box::pin(async move { jobs::give_back(tx, &job).await })).await;
    if let Err(error) = given {
        tracing::warn!(%error, job = id, "a job could not be given back; it is claimed again after its lease");
    }
}

async fn suspect(tx: &mut Tx, worker: String, terms: Terms) -> Result<Claim, StoreError> {
    jobs::claim_suspect(tx, &worker, terms).await
}

async fn claim(shared: &Shared, queue: Queue, worker: &str) -> Result<Claim, StoreError> {
    let (worker, terms) = (worker.to_owned(), shared.settings.terms);
    shared.store.write("claim", move |tx| Box::pin(async move { jobs::claim(tx, queue, &worker, terms).await })).await
}

/// A limiter that is used up is used up for the next job too: claiming all of them one by one would only write rows.
fn limited(shared: &Shared, queue: Queue, outcome: Option<&Outcome>) -> Option<Duration> {
    let Some(Outcome::Later { at, fault: Fault::Limit, .. }) = outcome else { return None };
    let wait_ms = at.since(shared.store.clock().now()) / 1_000;
    // Live work goes to two destinations with limits of their own, so its pause is a short one.
    let most_ms = if queue == Queue::Live { 500 } else { 10_000 };
    Some(Duration::from_millis(wait_ms.clamp(0, most_ms).unsigned_abs()))
}

/// Runs one job to its outcome; `None` when not even its precondition could be read.
async fn one(shared: &Shared, job: Claimed, begun: Instant, stop: &CancellationToken) -> Option<Outcome> {
    shared.metrics.attempts.fetch_add(1, Relaxed);
    let (outcome, after) = match ahead(shared, &job).await {
        Ok(Some(why)) if job.unsettled.is_none() => (Outcome::Skipped { why }, Vec::new()),
        // What may have been done already is looked up all the same.
        Ok(look_only) => {
            let done = effects::perform(shared, &Hand { job: &job, begun, look_only }).await;
            crash_point!("act.after_send");
            done
        }
        // Not even looked at: the lease ends by itself and the next claim finds the job as it is.
        Err(error) => {
            tracing::warn!(%error, job = job.id, "a job could not be checked; it is claimed again after its lease");
            return None;
        }
    };
    tell(&job, &outcome);
    finish(shared, job, &outcome, after, stop).await;
    shared.wake.act.notify_waiters();
    shared.wake.show.notify_waiters();
    Some(outcome)
}

/// What makes sending pointless: too late, or what it was for is over.
async fn ahead(shared: &Shared, job: &Claimed) -> Result<Option<String>, StoreError> {
    if let Some(limit) = job.action.not_after.filter(|limit| job.claimed_at > *limit) {
        return Ok(Some(format!("too late: it was to be done by {limit}")));
    }
    match &job.action.precondition {
        Precondition::None => Ok(None),
        Precondition::IncidentOpen { incident } => {
            let id = incident.clone();
            let open = shared.store.read(move |tx| Box::pin(async move { incidents::is_open(tx, &id).await })).await?;
            Ok((open == Some(false)).then(|| "the incident was resolved meanwhile".to_owned()))
        }
        Precondition::NetOpen { net, generation } => {
            let (id, generation) = (net.clone(), *generation);
            let open =
                shared.store.read(move |tx| Box::pin(async move { nets::is_open(tx, &id, generation).await })).await?;
            Ok((!open).then(|| "it is over, or has its incident by now".to_owned()))
        }
        Precondition::CalloutOpen { callout } => {
            let id = callout.clone();
            let open = shared.store.read(move |tx| Box::pin(async move { callouts::is_open(tx, &id).await })).await?;
            Ok((!open).then(|| "somebody answered, or it is over".to_owned()))
        }
        Precondition::CanaryLive { canary } => {
            let id = canary.clone();
            let live = shared.store.read(move |tx| Box::pin(async move { canaries::is_live(tx, &id).await })).await?;
            Ok((!live).then(|| "this test has ended, or was lost meanwhile".to_owned()))
        }
        Precondition::Reminds { post, n } => {
            let (id, n) = (post.clone(), *n);
            let last =
                shared.store.read(move |tx| Box::pin(async move { bridges::is_latest(tx, &id, n).await })).await?;
            Ok((!last).then(|| "somebody moved meanwhile, or the next reminder says it".to_owned()))
        }
    }
}

/// Writes the outcome as long as it can matter: a database that is away gets several chances.
pub async fn finish(shared: &Shared, job: Claimed, outcome: &Outcome, after: Vec<After>, stop: &CancellationToken) {
    for pause_ms in [0, 100, 300, 1_000, 3_000, 5_000] {
        if pause_ms > 0 {
            wake::pause(Duration::from_millis(pause_ms), stop).await;
        }
        let (held, ended, after) = (job.clone(), outcome.clone(), after.clone());
        let settings = shared.settings.clone();
        let written = shared
            .store
            .write("finish", move |tx| {
                Box::pin(async move {
                    jobs::finish(tx, &held, &ended).await?;
                    if let Some(slack) = &settings.slack {
                        slack::act_ended(tx, slack, &held, &ended).await?;
                    }
                    let context = Context { job: &held, settings: &settings };
                    context.write(tx, after).await
                })
            })
            .await;
        match written {
            Ok(()) => {
                shared.wake.read.notify_one();
                return;
            }
            Err(StoreError::LeaseLost(_)) => {
                tracing::warn!(
                    job = job.id,
                    "the lease was over before the outcome was written; the next claim looks it up"
                );
                return;
            }
            Err(error) => tracing::warn!(%error, job = job.id, "an outcome could not be written; tried again"),
        }
    }
}

pub fn tell(job: &Claimed, outcome: &Outcome) {
    let (id, key) = (job.id, job.key.as_str());
    match outcome {
        Outcome::Done { .. } => tracing::debug!(job = id, key, "done"),
        Outcome::Later { fault: Fault::Limit, why, .. } => tracing::debug!(job = id, key, why, "later"),
        Outcome::Later { why, .. } => tracing::info!(job = id, key, why, "later"),
        Outcome::Skipped { why } => tracing::info!(job = id, key, why, "skipped"),
        Outcome::Unknown { why, .. } => tracing::warn!(job = id, key, why, "outcome unknown: it will be looked up"),
        Outcome::Never { why } => tracing::error!(job = id, key, why, "dead"),
        Outcome::Human { why } => tracing::error!(job = id, key, why, "a person has to decide"),
    }
}
