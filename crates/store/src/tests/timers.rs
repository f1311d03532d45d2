//! Timers: each setting fires once, as a signal, whoever fires it.

use super::bed::{Bed, for_each_store};
use super::words::*;
use crate::timers::{self, Timer};
use crate::{Store, inbox};
use futures_util::future::join_all;
use model::{Micros, Scope};

async fn set(store: &Store, key: &'static str, due: Micros, effect: bool) -> i64 {
    store
        .write("test", move |tx| Box::pin(timers::set(tx, key, "guard", "subject", due, effect, "{\"a\":1}")))
        .await
        .unwrap()
}

async fn fire(store: &Store, hold_effects: bool) -> usize {
    store.write("timers", move |tx| Box::pin(timers::fire(tx, hold_effects, 100))).await.unwrap()
}

async fn cancel(store: &Store, key: &'static str) {
    store.write("test", move |tx| Box::pin(timers::cancel(tx, key))).await.unwrap();
}

/// What the fired signals carry, oldest first.
async fn fired(store: &Store) -> Vec<Timer> {
    let new = store.read(|tx| Box::pin(inbox::waiting(tx, 1_000, 0, 1))).await.unwrap();
    new.iter().filter(|s| s.source == "timer").map(|s| serde_json::from_slice(&s.raw).unwrap()).collect()
}

#[test]
fn a_timer_fires_once_when_it_is_due() {
    for_each_store(async |bed: &Bed| {
        let due = now(&bed.store).await.plus_s(60);
        let generation = set(&bed.store, "t", due, false).await;
        assert_eq!(fire(&bed.store, false).await, 0);
        bed.clock.advance_s(61);
        assert_eq!(fire(&bed.store, false).await, 1);
        assert_eq!(fire(&bed.store, false).await, 0);
        let signals = fired(&bed.store).await;
        assert_eq!(signals.len(), 1);
        let (key, duty, subject) = ("t".to_owned(), "guard".to_owned(), "subject".to_owned());
        let payload = "{\"a\":1}".to_owned();
        assert_eq!(signals[0], Timer { key, duty, subject, generation, due, effect: false, payload });
        assert_eq!(account(&bed.store).await.lost(), 0, "its signal is on the account");
    });
}

#[test]
fn a_new_setting_takes_the_place_of_the_old_and_has_a_larger_generation() {
    for_each_store(async |bed: &Bed| {
        let start = now(&bed.store).await;
        let first = set(&bed.store, "t", start.plus_s(10), false).await;
        let second = set(&bed.store, "t", start.plus_s(100), false).await;
        assert!(second > first);
        bed.clock.advance_s(50);
        assert_eq!(fire(&bed.store, false).await, 0, "the first setting no longer holds");
        bed.clock.advance_s(60);
        assert_eq!(fire(&bed.store, false).await, 1);
        let third = set(&bed.store, "t", start, false).await;
        assert!(third > second, "also after it fired");
        assert_eq!(fire(&bed.store, false).await, 1, "a new setting is a new signal");
        cancel(&bed.store, "t").await;
        let fourth = set(&bed.store, "t", start, false).await;
        assert!(fourth > third, "also after it was cancelled");
        cancel(&bed.store, "t").await;
        assert_eq!(fire(&bed.store, false).await, 0, "a cancelled timer is silent");
        let generations: Vec<i64> = fired(&bed.store).await.iter().map(|t| t.generation).collect();
        assert_eq!(generations, [second, third]);
    });
}

#[test]
fn effects_are_held_while_the_clock_is_not_trusted() {
    for_each_store(async |bed: &Bed| {
        let start = now(&bed.store).await;
        set(&bed.store, "effect", start, true).await;
        set(&bed.store, "harmless", start, false).await;
        assert_eq!(fire(&bed.store, true).await, 1);
        assert_eq!(fired(&bed.store).await[0].key, "harmless");
        assert_eq!(fire(&bed.store, true).await, 0);
        assert_eq!(fire(&bed.store, false).await, 1, "held, not lost");
    });
}

#[test]
fn several_processes_fire_each_timer_once() {
    for_each_store(async |bed: &Bed| {
        let another = bed.another();
        for round in 0..10i64 {
            let due = now(&bed.store).await;
            for i in 0..20i64 {
                let key = format!("t{round}/{i}");
                let set = bed.store.write("test", move |tx| {
                    Box::pin(async move { timers::set(tx, &key, "guard", "s", due, true, "{}").await })
                });
                set.await.unwrap();
            }
            let stores = [&bed.store, &another, &bed.store, &another];
            join_all(stores.map(|store| fire(store, false))).await;
        }
        // Whoever skipped a timer that another held comes back for it.
        while fire(&bed.store, false).await > 0 {}
        let account = account(&bed.store).await;
        assert_eq!((account.rows, account.duplicates, account.lost()), (200, 0, 0));
        assert_eq!(number(&bed.store, "SELECT count(*) FROM timer").await, 0);
        another.close().await;
    });
}

#[test]
fn a_timers_signal_can_be_read_and_is_nobodys() {
    for_each_store(async |bed: &Bed| {
        set(&bed.store, "t", now(&bed.store).await, false).await;
        fire(&bed.store, false).await;
        let list = async |scope: Scope| {
            let read =
                bed.store.read(move |tx| Box::pin(async move { inbox::list(tx, &scope, &<_>::default(), 9).await }));
            read.await.unwrap().len()
        };
        assert_eq!(list(Scope::All).await, 1);
        assert_eq!(list(Scope::Customers(vec!["acme".into()])).await, 0);
    });
}
