//! The courier's task: one lane for each receiver, so that parcels arrive in order there and one that hangs holds nobody else up.
//! Ends with the sandbox.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::{Courier, Inbox, Job};

pub(crate) async fn run(courier: Arc<Courier>, mut inbox: Inbox) {
    let mut tasks = JoinSet::new();
    loop {
        tokio::select! {
            job = inbox.0.recv() => match job {
                Some(job) if job.delay_ms > 0 => drop(tasks.spawn(late(Arc::clone(&courier), job))),
                Some(job) => in_lane(&courier, job, &mut tasks),
                None => return,
            },
            Some(ended) = tasks.join_next() => {
                if let Err(error) = ended {
                    tracing::error!(%error, "a delivery ended by itself");
                }
            }
        }
    }
}

fn in_lane(courier: &Arc<Courier>, job: Job, tasks: &mut JoinSet<()>) {
    let mut inner = courier.inner();
    let lane = inner.lanes.entry(job.parcel.url.clone()).or_insert_with(|| {
        let (lane, mut jobs) = mpsc::unbounded_channel::<Job>();
        let courier = Arc::clone(courier);
        tasks.spawn(async move {
            let mut again = JoinSet::new();
            while let Some(job) = jobs.recv().await {
                carry(&courier, job, &mut again).await;
            }
        });
        lane
    });
    // The lane's task ends only with the whole sandbox.
    let _gone = lane.send(job);
}

async fn late(courier: Arc<Courier>, job: Job) {
    tokio::time::sleep(Duration::from_millis(job.delay_ms)).await;
    let mut again = JoinSet::new();
    carry(&courier, job, &mut again).await;
    while again.join_next().await.is_some() {}
}

/// The first try, in order; what the vendor repeats is repeated beside the lane.
async fn carry(courier: &Arc<Courier>, job: Job, again: &mut JoinSet<()>) {
    let mut status = None;
    for _ in 0..job.copies {
        status = attempt(courier, &job).await;
    }
    let repeats = status.is_some_and(|s| courier.retry.statuses.contains(&s)) && courier.retry.times > 0;
    if !repeats {
        return done(courier, &job, status);
    }
    let courier = Arc::clone(courier);
    again.spawn(async move { repeat(&courier, job).await });
}

async fn repeat(courier: &Arc<Courier>, job: Job) {
    let mut status = None;
    for n in 0..courier.retry.times {
        let wait_ms = courier.retry.first_ms.saturating_mul(1 << n.min(16));
        tokio::time::sleep(Duration::from_millis(wait_ms)).await;
        status = attempt(courier, &job).await;
        if !status.is_some_and(|s| courier.retry.statuses.contains(&s)) {
            break;
        }
    }
    done(courier, &job, status);
}

fn done(courier: &Courier, job: &Job, status: Option<u16>) {
    let is_taken = status.is_some_and(|s| (100..300).contains(&s));
    courier.note(job.id, if is_taken { "delivered" } else { "failed" });
    courier.pending.send_modify(|n| *n = n.saturating_sub(1));
}

/// The answer's status; none when there was no answer.
async fn attempt(courier: &Courier, job: &Job) -> Option<u16> {
    let mut request = courier.client.post(&job.parcel.url).body(job.parcel.body.clone());
    for (name, value) in &job.parcel.headers {
        request = request.header(name, value);
    }
    let status = request.send().await.ok().map(|reply| reply.status().as_u16());
    let mut inner = courier.inner();
    if let Some(answers) = inner.record.get_mut(job.id as usize - 1).and_then(|r| r["answers"].as_array_mut()) {
        answers.push(json!(status));
    }
    status
}
