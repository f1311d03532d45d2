//! What duties keep between two signals: marks, cursors, states.

use super::bed::{Bed, for_each_store};
use super::words::*;
use crate::{Store, cursors, dirty, duty_state};
use model::signal::Origin;
use std::collections::BTreeSet;

async fn mark(store: &Store, origin: Origin) -> i64 {
    store.write("test", move |tx| Box::pin(dirty::mark(tx, dirty::READ, "Q1", origin))).await.unwrap()
}

async fn clear(store: &Store) {
    store.write("test", |tx| Box::pin(dirty::clear(tx, dirty::READ, "Q1"))).await.unwrap();
}

async fn of(store: &Store) -> Option<dirty::Dirty> {
    store.read(|tx| Box::pin(dirty::of(tx, dirty::READ, "Q1"))).await.unwrap()
}

#[test]
fn generations_grow_and_are_never_used_twice() {
    for_each_store(async |bed: &Bed| {
        let mut seen = BTreeSet::new();
        let mut last = 0;
        for round in 0..40 {
            for _ in 0..=round % 4 {
                let generation = mark(&bed.store, Origin::Live).await;
                assert!(generation > last && seen.insert(generation), "{generation} after {last}");
                assert_eq!(of(&bed.store).await.unwrap().generation, generation);
                last = generation;
            }
            clear(&bed.store).await;
            assert_eq!(of(&bed.store).await, None);
        }
    });
}

#[test]
fn trying_again_is_a_new_generation_and_is_counted_since_the_mark() {
    for_each_store(async |bed: &Bed| {
        let again =
            async || bed.store.write("test", |tx| Box::pin(dirty::try_again(tx, dirty::READ, "Q1"))).await.unwrap();
        assert_eq!(again().await, None, "nothing is marked");
        let generation = mark(&bed.store, Origin::Live).await;
        assert_eq!(again().await, Some((generation + 1, 1)));
        assert_eq!(again().await, Some((generation + 2, 2)));
        assert_eq!(mark(&bed.store, Origin::Repair).await, generation + 3);
        let dirty = of(&bed.store).await.unwrap();
        assert_eq!((dirty.tries, dirty.origin), (0, Origin::Repair));
        mark(&bed.store, Origin::Backfill).await;
        let dirty = of(&bed.store).await.unwrap();
        assert_eq!(dirty.origin, Origin::Repair, "history makes nothing old of what happens now");
    });
}

#[test]
fn the_oldest_marks_come_first() {
    for_each_store(async |bed: &Bed| {
        for subject in ["Q3", "Q1", "Q2"] {
            let marked =
                bed.store.write("test", move |tx| Box::pin(dirty::mark(tx, dirty::READ, subject, Origin::Live)));
            marked.await.unwrap();
            bed.clock.advance_s(1);
        }
        let oldest = bed.store.read(|tx| Box::pin(forgotten(tx, dirty::READ))).await.unwrap();
        assert_eq!(oldest.iter().map(|d| d.subject.as_str()).collect::<Vec<_>>(), ["Q3", "Q1"]);
        let others = bed.store.read(|tx| Box::pin(forgotten(tx, "another kind"))).await.unwrap();
        assert!(others.is_empty());
    });
}

#[test]
fn a_cursor_moves_with_what_the_poll_brought_or_not_at_all() {
    for_each_store(async |bed: &Bed| {
        let get = async || bed.store.read(|tx| Box::pin(cursors::get(tx, "poll"))).await.unwrap().map(|c| c.0);
        assert_eq!(get().await, None);
        for value in ["one", "two"] {
            bed.store.write("test", move |tx| Box::pin(cursors::set(tx, "poll", value))).await.unwrap();
            assert_eq!(get().await.as_deref(), Some(value));
        }
        let failed: Result<(), _> = bed
            .store
            .write("test", |tx| {
                Box::pin(async move {
                    crate::inbox::insert(tx, &signal(1)).await?;
                    cursors::set(tx, "poll", "three").await?;
                    Err(crate::StoreError::LeaseLost(1))
                })
            })
            .await;
        assert!(failed.is_err());
        assert_eq!(get().await.as_deref(), Some("two"));
        assert_eq!(account(&bed.store).await.received, 0);
    });
}

#[test]
fn a_state_of_another_version_counts_as_none() {
    for_each_store(async |bed: &Bed| {
        let set = async |version, value: &'static str| {
            let value = value.to_owned();
            let written = bed.store.write("test", move |tx| {
                Box::pin(async move { duty_state::set(tx, "guard", "s", version, &value).await })
            });
            written.await.unwrap();
        };
        let get = async |version| -> Option<String> {
            bed.store.read(move |tx| Box::pin(duty_state::get(tx, "guard", "s", version))).await.unwrap()
        };
        assert_eq!(get(1).await, None);
        set(1, "old").await;
        set(1, "newer").await;
        assert_eq!((get(1).await.as_deref(), get(2).await), (Some("newer"), None));
        set(2, "newest").await;
        assert_eq!((get(1).await, get(2).await.as_deref()), (None, Some("newest")));
        let all: Vec<(String, String, _)> =
            bed.store.read(|tx| Box::pin(duty_state::all(tx, "guard", 2))).await.unwrap();
        assert_eq!((all.len(), all[0].0.as_str(), all[0].1.as_str()), (1, "s", "newest"));
    });
}

async fn forgotten(tx: &mut crate::Tx, kind: &str) -> Result<Vec<dirty::Dirty>, crate::StoreError> {
    let now = tx.now();
    dirty::forgotten(tx, kind, "read:", now, 5, 2).await
}
