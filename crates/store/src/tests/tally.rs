//! Counts that pages ask at every look: the same answer as a walk over everything, whatever was tallied when.

use super::bed::{Bed, for_each_store};
use super::words::*;
use crate::{Store, jobs, receipts};
use model::Scope;
use model::action::{Action, Outcome};

async fn tally(store: &Store) {
    store.write("test", |tx| Box::pin(receipts::tally(tx))).await.unwrap();
}

async fn recount(store: &Store) {
    let counted = store.read(|tx| Box::pin(receipts::recount(tx))).await.unwrap();
    store.write("test", move |tx| Box::pin(async move { receipts::keep_tally(tx, &counted).await })).await.unwrap();
}

#[test]
fn the_account_is_the_same_with_and_without_a_tally() {
    for_each_store(async |bed: &Bed| {
        let store = &bed.store;
        let mut n = 0;
        for step in 0..8 {
            for _ in 0..3 {
                store.accept(signal(n)).await.unwrap();
                n += 1;
            }
            let account = account(store).await;
            assert_eq!((account.rows, account.lost()), (n as i64, 0), "step {step}");
            match step {
                1 | 2 | 4 | 6 => tally(store).await,
                3 | 5 => recount(store).await,
                _ => {}
            }
        }
    });
}

#[test]
fn a_row_that_vanished_is_lost_at_the_next_recount() {
    for_each_store(async |bed: &Bed| {
        let store = &bed.store;
        for n in 0..5 {
            store.accept(signal(n)).await.unwrap();
        }
        tally(store).await;
        tally(store).await;
        exec(store, "DELETE FROM inbox WHERE id = (SELECT min(id) FROM inbox)", vec![]).await;
        assert_eq!(account(store).await.lost(), 0, "the tally does not look again by itself");
        recount(store).await;
        assert_eq!(account(store).await.lost(), 1);
    });
}

#[test]
fn what_is_not_done_is_counted_by_state_and_within_the_scope() {
    for_each_store(async |bed: &Bed| {
        let store = &bed.store;
        for (key, customer) in [("a", "acme"), ("b", "bolt"), ("c", "acme"), ("d", "acme"), ("e", "bolt")] {
            add(store, &Action { customer: Some(customer.to_owned()), ..note(key, key) }).await;
        }
        let first = claim_live(store).await;
        finish(store, &first, Outcome::Never { why: "gone".into() }).await.unwrap();
        let second = claim_live(store).await;
        finish(store, &second, done()).await.unwrap();
        let _running = claim_live(store).await;
        let counted = async |scope: Scope, most: i64| {
            let read = store.read(move |tx| Box::pin(async move { jobs::count_unfinished(tx, &scope, most).await }));
            let mut counts = read.await.unwrap();
            counts.sort();
            counts.into_iter().map(|(state, n)| format!("{state} {n}")).collect::<Vec<_>>()
        };
        assert_eq!(counted(Scope::All, 100).await, ["dead 1", "leased 1", "ready 2"]);
        let live = counted(Scope::All, 2).await.into_iter().filter(|count| !count.starts_with("dead"));
        let live: i64 = live.map(|count| count.rsplit(' ').next().unwrap().parse::<i64>().unwrap()).sum();
        assert_eq!(live, 2, "those that wait or run share the bound");
        assert_eq!(counted(Scope::Customers(vec!["bolt".into()]), 100).await, ["ready 1"]);
        assert!(counted(Scope::Customers(vec![]), 100).await.is_empty());
    });
}
