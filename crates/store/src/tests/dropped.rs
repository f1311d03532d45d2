//! Callers that go away in the middle of a transaction: no half unit, no connection left inside a transaction.

use super::bed::{Bed, for_each_store};
use super::words::*;
use crate::{Store, StoreError, set_meta};
use futures_util::future::join_all;
use std::time::Duration;

async fn pair(store: &Store, i: u64) -> Result<(), StoreError> {
    store
        .write("pair", move |tx| {
            Box::pin(async move {
                set_meta(tx, &format!("pair {i} a"), "1").await?;
                set_meta(tx, &format!("pair {i} b"), "1").await
            })
        })
        .await
}

/// A delay that differs from call to call and hits every phase of a transaction.
const fn delay(i: u64) -> Duration {
    Duration::from_micros((i * 7_919) % 2_500)
}

#[test]
fn a_caller_who_goes_away_leaves_whole_units_and_a_working_pool() {
    for_each_store(async |bed: &Bed| {
        for i in 0..300 {
            let _ = tokio::time::timeout(delay(i), pair(&bed.store, i)).await;
            if i % 3 == 0 {
                let read = bed.store.read(|tx| Box::pin(async move { tx.all("SELECT name FROM meta", &[]).await }));
                let _ = tokio::time::timeout(delay(i + 1), read).await;
            }
        }
        // A unit goes on to its end without its caller.
        let pairs = "SELECT count(*) FROM meta WHERE name LIKE 'pair %'";
        eventually("every unit ends", async || number(&bed.store, pairs).await == 600).await;
        nothing_hangs(bed).await;
        let answers = join_all((1_000..1_050).map(|i| pair(&bed.store, i))).await;
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        assert_eq!(number(&bed.another(), pairs).await, 700);
    });
}

#[test]
fn a_sender_who_goes_away_loses_no_count() {
    for_each_store(async |bed: &Bed| {
        for i in 0..300 {
            let _ = tokio::time::timeout(delay(i), bed.store.accept(signal(i))).await;
        }
        eventually("every signal is written", async || account(&bed.store).await.rows == 300).await;
        assert_eq!(account(&bed.store).await.lost(), 0);
        nothing_hangs(bed).await;
        bed.store.accept(signal(999)).await.unwrap();
    });
}

/// No connection of this database sits inside a transaction.
async fn nothing_hangs(bed: &Bed) {
    if bed.is_postgres() {
        let open = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                    AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'";
        eventually("no connection is left inside a transaction", async || number(&bed.store, open).await == 0).await;
    }
}
