//! The first sight of an account: what is open, and what happened lately, is listed once. It sets a baseline: history
//! never acts.

use crate::effects::list_action;
use crate::{Shared, wake};
use model::Micros;
use std::time::Duration;
use store::actions::{self, Doing};
use store::{StoreError, Tx, meta, set_meta};
use tokio_util::sync::CancellationToken;

const DONE: &str = "first_sight";
/// A day of the busiest account stays below PagerDuty's ceiling of 10,000 rows a query.
const SLICE_S: i64 = 86_400;

pub async fn run(shared: Shared, stop: CancellationToken) {
    if shared.outside.pagerduty.is_none() {
        return;
    }
    let span_s = shared.settings.first_sight_s;
    loop {
        match shared.store.write("first_sight", move |tx| Box::pin(begin(tx, span_s))).await {
            Ok(()) => {
                shared.wake.act.notify_waiters();
                return;
            }
            Err(error) => tracing::warn!(%error, "the first sight could not be begun; tried again"),
        }
        if !wake::pause(Duration::from_secs(3), &stop).await {
            return;
        }
    }
}

async fn begin(tx: &mut Tx, span_s: i64) -> Result<(), StoreError> {
    if meta(tx, DONE).await?.is_some() {
        return Ok(());
    }
    let now = tx.now();
    let subject = "account";
    // The ends lie a little ahead: PagerDuty's clock may be.
    let until = now.plus_s(3_600);
    actions::add(tx, &list_action(Micros(0), until, true, 0, subject), Doing::Really).await?;
    for (since, until) in slices(until, span_s + 3_600) {
        actions::add(tx, &list_action(since, until, false, 0, subject), Doing::Really).await?;
    }
    set_meta(tx, DONE, &now.0.to_string()).await
}

/// Newest first, so that what people look for is there first.
fn slices(until: Micros, span_s: i64) -> Vec<(Micros, Micros)> {
    let first = until.plus_s(-span_s);
    let mut slices = Vec::new();
    let mut end = until;
    while end > first {
        let begin = end.plus_s(-SLICE_S).max(first);
        slices.push((begin, end));
        end = begin;
    }
    slices
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_cover_the_span_newest_first_without_gap_or_overlap() {
        let until = Micros::from_seconds(10_000_000);
        let slices = slices(until, 30 * 86_400);
        assert_eq!(slices.first().map(|s| s.1), Some(until));
        assert_eq!(slices.last().map(|s| s.0), Some(until.plus_s(-30 * 86_400)));
        assert!(slices.windows(2).all(|w| w[0].0 == w[1].1));
        assert_eq!(slices.len(), 30);
    }
}
