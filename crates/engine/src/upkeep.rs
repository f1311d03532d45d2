//! What the store wants done from time to time so that pages cost the same however much there is: the index of an older
//! database, the tally of the inbox. Loses nothing when it does not run.

use crate::{Shared, wake};
use std::time::Duration;
use store::{Store, StoreError, Tx, backfills, cursors, jobs, receipts, search, unheard};
use tokio_util::sync::CancellationToken;

const EVERY: Duration = Duration::from_secs(60);
/// Tallies by several processes keep this distance: a row may become visible after one with a larger id.
const APART_S: i64 = 55;
const RECOUNT_S: i64 = 86_400;
/// Changes that no webhook told say nothing of today.
const UNHEARD_S: i64 = 2 * 86_400;
/// Whatever kept a backfill from its slices has had this long to go away.
const REOPEN_S: i64 = 300;
const READINGS_S: i64 = 7 * 86_400;
const MOST: i64 = 500;
const FORGOTTEN: &str = "upkeep-forgotten";
const TALLIED: &str = "upkeep-tally";
const RECOUNTED: &str = "upkeep-recount";
const BETWEEN_CHUNKS: Duration = Duration::from_millis(20);
const AFTER_TROUBLE: Duration = Duration::from_secs(5);

pub async fn run(shared: Shared, stop: CancellationToken) {
    index(&shared, &stop).await;
    while wake::pause(EVERY, &stop).await {
        if let Err(error) = keep(&shared.store).await {
            shared.trouble.failed(&error, "tallying the inbox");
        }
        if let Err(error) = shared.store.write("forget", |tx| Box::pin(forget(tx))).await {
            shared.trouble.failed(&error, "forgetting what is over");
        }
        match shared.store.write("reopen", |tx| Box::pin(reopen(tx))).await {
            Ok(0) => {}
            Ok(backfills) => tracing::info!(backfills, "history that could not be fetched is asked for again"),
            Err(error) => shared.trouble.failed(&error, "looking at stopped backfills"),
        }
    }
}

/// Lists are right without it and slow; only a database of an older program has anything left.
async fn index(shared: &Shared, stop: &CancellationToken) {
    loop {
        let pause = match shared.store.write("index", |tx| Box::pin(search::rebuild_some(tx))).await {
            Ok(0) => return,
            Ok(left) => {
                tracing::debug!(left, "incidents are being indexed");
                BETWEEN_CHUNKS
            }
            Err(error) => {
                shared.trouble.failed(&error, "indexing incidents");
                AFTER_TROUBLE
            }
        };
        if !wake::pause(pause, stop).await {
            return;
        }
    }
}

async fn keep(store: &Store) -> Result<(), StoreError> {
    store.write("tally", |tx| Box::pin(tally(tx))).await?;
    if store.read(|tx| Box::pin(is_due(tx, RECOUNTED, RECOUNT_S))).await? {
        let recounted = store.read(|tx| Box::pin(receipts::recount(tx))).await?;
        store
            .write("recount", move |tx| {
                Box::pin(async move {
                    receipts::keep_tally(tx, &recounted).await?;
                    cursors::set(tx, RECOUNTED, "").await
                })
            })
            .await?;
    }
    Ok(())
}

/// History that could not be fetched is asked for again.
async fn reopen(tx: &mut Tx) -> Result<i64, StoreError> {
    let before = tx.now().plus_s(-REOPEN_S);
    backfills::reopen(tx, before).await
}

/// Readings that ended days ago touched nothing outside; what they brought stays in the inbox.
async fn forget(tx: &mut Tx) -> Result<(), StoreError> {
    let now = tx.now();
    unheard::forget(tx, now.plus_s(-UNHEARD_S)).await?;
    let from = cursors::get(tx, FORGOTTEN).await?.and_then(|(id, _)| id.parse().ok()).unwrap_or(0);
    let up_to = jobs::forget_readings(tx, from, now.plus_s(-READINGS_S), MOST).await?;
    if up_to > from { cursors::set(tx, FORGOTTEN, &up_to.to_string()).await } else { Ok(()) }
}

async fn tally(tx: &mut Tx) -> Result<(), StoreError> {
    tx.lock(&["upkeep".to_owned()]).await?;
    if !is_due(tx, TALLIED, APART_S).await? {
        return Ok(());
    }
    receipts::tally(tx).await?;
    cursors::set(tx, TALLIED, "").await
}

async fn is_due(tx: &mut Tx, name: &str, every_s: i64) -> Result<bool, StoreError> {
    let last = cursors::get(tx, name).await?;
    Ok(last.is_none_or(|(_, at)| tx.now() >= at.plus_s(every_s) || tx.now() < at))
}
