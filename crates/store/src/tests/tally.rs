//! Counts that pages ask at every look: the same answer as a walk over everything, whatever was tallied when.

use super::bed::{Bed, for_each_store};
use super::words::*;
use crate::{Store, backfills, facts, inbox, jobs, receipts};
use model::action::{Action, Outcome};
use model::incident::{Change, Fact, FactBody, Source};
use model::signal::{Key, Origin, Signal, source};
use model::{Micros, Scope};

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

async fn told(store: &Store, signal: i64, source: Source, at: Micros) {
    let fact = Fact {
        incident: format!("Q{signal}"),
        source,
        source_id: format!("{source:?}{}", at.0),
        at,
        actor: None,
        body: FactBody::Changed { what: Change::Acknowledged, incident: None },
    };
    let unit =
        store.write("test", move |tx| Box::pin(async move { facts::add(tx, &fact, Origin::Live, Some(signal)).await }));
    assert!(unit.await.unwrap());
}

async fn lags(store: &Store, most: i64) -> Vec<i64> {
    let read = store.read(move |tx| Box::pin(async move { inbox::list_lags(tx, &Scope::All, most).await }));
    let mut lags = read.await.unwrap();
    lags.sort_unstable();
    lags
}

#[test]
fn sources_are_counted_apart_and_only_webhooks_have_a_lag() {
    for_each_store(async |bed: &Bed| {
        let store = &bed.store;
        let by_source = async || {
            let read = store.read(|tx| Box::pin(async move { receipts::list_by_source(tx, &Scope::All).await }));
            let sources = read.await.unwrap().into_iter();
            sources.map(|s| (s.source, s.received, s.duplicates, s.last_at)).collect::<Vec<_>>()
        };
        assert!(by_source().await.is_empty() && lags(store, 100).await.is_empty());
        for n in [1, 2, 3, 1] {
            store.accept(signal(n)).await.unwrap();
        }
        let at = signal(1).received_at;
        let read = Signal {
            source: source::PAGERDUTY_API,
            key: Key::of("test", &[b"read"]),
            received_at: at.plus_s(5),
            ..signal(9)
        };
        let unit = store.write("test", move |tx| Box::pin(async move { inbox::insert(tx, &read).await }));
        assert!(unit.await.unwrap());
        assert_eq!(
            by_source().await,
            [("pagerduty".to_owned(), 4, 1, at), ("pagerduty-api".to_owned(), 1, 0, at.plus_s(5))]
        );
        let ids = texts(store, "SELECT CAST(id AS TEXT) FROM inbox ORDER BY id", vec![]).await;
        let ids: Vec<i64> = ids.iter().map(|id| id.parse().unwrap()).collect();
        told(store, ids[0], Source::Webhook, at.plus_s(-7)).await;
        told(store, ids[0], Source::LogEntry, at.plus_s(-900)).await;
        told(store, ids[1], Source::Webhook, at.plus_s(-2)).await;
        told(store, ids[1], Source::Webhook, at.plus_s(-3)).await;
        told(store, ids[2], Source::Webhook, at.plus_s(4)).await;
        told(store, ids[3], Source::LogEntry, at.plus_s(-900)).await;
        assert_eq!(lags(store, 100).await, [0, 3_000_000, 7_000_000], "a clock ahead of ours makes no lag");
        assert_eq!(lags(store, 2).await, [0, 3_000_000], "the latest ones");
    });
}

#[test]
fn backfills_are_listed_page_by_page() {
    for_each_store(async |bed: &Bed| {
        let store = &bed.store;
        for (id, wait_s) in [("c", 0), ("a", 0), ("b", 5)] {
            bed.clock.advance_s(wait_s);
            let unit = store.write("test", move |tx| {
                Box::pin(async move { backfills::add(tx, id, Micros(0), Micros(9), "system", &[]).await })
            });
            assert!(unit.await.unwrap());
        }
        // PostgreSQL's clock goes on between the two that are meant to be of one instant.
        exec(store, "UPDATE backfill SET created_at = 5 WHERE id <> 'b'", vec![]).await;
        let page = async |place: Option<(Micros, &'static str)>| {
            let read =
                store.read(move |tx| Box::pin(async move { backfills::list_after(tx, &Scope::All, place, 2).await }));
            read.await.unwrap().into_iter().map(|b| b.id).collect::<Vec<_>>()
        };
        assert_eq!(page(None).await, ["b", "a"]);
        assert_eq!(page(Some((Micros(5), "a"))).await, ["c"]);
        assert!(page(Some((Micros(5), "c"))).await.is_empty());
    });
}
