//! Sends deliveries, many incidents at once, and hands the outcomes back. Lives until the sandbox stops.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::client;
use super::queue::{Job, Outcome};
use crate::pagerduty::hub::Hub;

pub(crate) async fn run(hub: Arc<Hub>, https: reqwest::Client, deadline: Duration) {
    let mut changes = hub.changes();
    let mut attempts = JoinSet::new();
    loop {
        changes.borrow_and_update();
        let (jobs, next) = hub.peek(|state| (state.take_deliveries(), state.next_delivery()));
        for job in jobs {
            attempts.spawn(attempt(hub.clone(), https.clone(), job, deadline));
        }
        tokio::select! {
            _ = changes.changed() => {}
            () = hub.sleep_until(next) => {}
            Some(ended) = attempts.join_next() => {
                if let Err(error) = ended {
                    tracing::error!(%error, "a webhook attempt ended by itself");
                }
            }
        }
    }
}

/// One attempt, and its scripted duplicates while the receiver takes them.
async fn attempt(hub: Arc<Hub>, https: reqwest::Client, job: Job, deadline: Duration) {
    let copies = 1 + job.trouble.duplicate.unwrap_or(0);
    for copy in 1..=copies {
        let started = Instant::now();
        let outcome = client::send(&https, &job, deadline).await;
        let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let last = copy == copies || !matches!(outcome, Outcome::Status(200..=299));
        hub.with(|state| {
            state.note_attempt(&job, &outcome, ms);
            if last {
                state.finish_delivery(&job, &outcome);
            }
        });
        if last {
            break;
        }
    }
}
