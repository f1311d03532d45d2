//! The intake: what was accepted is there, repeats are counted, and a bad unit of work never takes its neighbours along.

use super::bed::{Bed, for_each_store, on_sqlite};
use super::words::*;
use crate::{Store, StoreError, set_meta};
use futures_util::future::{join_all, join3};
use model::signal::Signal;

#[test]
fn two_hundred_at_once_are_all_there_and_counted() {
    for_each_store(async |bed: &Bed| {
        let another = bed.another();
        // Every fourth of them is a repeat, some through the other process.
        let accepts = (0..200).map(|n| {
            let n = if n % 4 == 3 { n - 1 } else { n };
            if n % 3 == 0 { another.accept(signal(n)) } else { bed.store.accept(signal(n)) }
        });
        let answers = join_all(accepts).await;
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        let account = account(&bed.store).await;
        assert_eq!((account.received, account.duplicates, account.rows), (200, 50, 150));
        assert_eq!((account.lost(), account.waiting), (0, 150));
        for n in (0..200).filter(|n| n % 4 != 3) {
            assert_eq!(kept(&bed.store, n).await, Some(signal(n).raw), "signal {n}");
        }
        another.close().await;
    });
}

#[test]
fn what_waits_is_counted_by_when_it_came() {
    for_each_store(async |bed: &Bed| {
        bed.store.accept(signal(1)).await.unwrap();
        let (source, at) = (signal(1).source, signal(1).received_at);
        for (source, by, is) in [(source, at, true), (source, at.plus_s(-1), false), ("another", at, false)] {
            let waits =
                bed.store.read(move |tx| Box::pin(crate::inbox::is_waiting_since(tx, source, by))).await.unwrap();
            assert_eq!(waits, is, "{source} {by}");
        }
    });
}

async fn kept(store: &Store, n: u64) -> Option<Vec<u8>> {
    let key = crate::Val::from(signal(n).key.0);
    let sql = "SELECT raw FROM inbox WHERE key = ?1";
    let row = store.read(move |tx| Box::pin(async move { tx.one(sql, &[key]).await })).await.unwrap()?;
    Some(row.blob(0).unwrap().to_vec())
}

#[test]
fn a_signal_is_kept_byte_for_byte() {
    for_each_store(async |bed: &Bed| {
        let raw: Vec<u8> = (0..=255).cycle().take(70_000).collect();
        bed.store.accept(signal_with(7, raw.clone())).await.unwrap();
        assert_eq!(kept(&bed.store, 7).await, Some(raw));
    });
}

#[test]
fn lost_is_what_was_promised_and_is_not_there() {
    for_each_store(async |bed: &Bed| {
        for n in [1, 1, 2, 3] {
            bed.store.accept(signal(n)).await.unwrap();
        }
        assert_eq!(account(&bed.store).await.lost(), 0);
        let key = crate::Val::from(signal(2).key.0);
        exec(&bed.store, "DELETE FROM inbox WHERE key = ?1", vec![key]).await;
        assert_eq!(account(&bed.store).await.lost(), 1, "the counter and the rows are two accounts");
    });
}

#[test]
fn the_same_signals_in_opposite_order_through_two_processes_do_not_block_each_other() {
    for_each_store(async |bed: &Bed| {
        let another = bed.another();
        for round in 0..8u64 {
            let signals: Vec<Signal> = (0..250).map(|n| signal(round * 1_000 + n)).collect();
            let there = join_all(signals.iter().map(|s| bed.store.accept(s.clone())));
            let back = join_all(signals.iter().rev().map(|s| another.accept(s.clone())));
            let (there, back) = futures_util::future::join(there, back).await;
            for answer in there.iter().chain(&back) {
                assert!(answer.is_ok(), "round {round}: {answer:?}");
            }
        }
        let account = account(&bed.store).await;
        assert_eq!((account.received, account.duplicates, account.rows, account.lost()), (4_000, 2_000, 2_000, 0));
        another.close().await;
    });
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Unit {
    Good,
    Fails,
    BreaksSql,
    Panics,
    Waits,
}

async fn run(store: &Store, name: String, unit: Unit) -> Result<(), StoreError> {
    store
        .write("unit", move |tx| {
            Box::pin(async move {
                set_meta(tx, &format!("{name} half"), "1").await?;
                match unit {
                    Unit::Good => {}
                    Unit::Fails => return Err(StoreError::Refused("no".into())),
                    Unit::BreaksSql => drop(tx.exec("INSERT INTO meta (name) VALUES (?1)", crate::vals!["x"]).await?),
                    Unit::Panics => panic!("on purpose"),
                    Unit::Waits => tokio::task::yield_now().await,
                }
                set_meta(tx, &format!("{name} whole"), "1").await
            })
        })
        .await
}

const UNITS: [Unit; 9] = [
    Unit::Good,
    Unit::Fails,
    Unit::Good,
    Unit::Panics,
    Unit::Good,
    Unit::Waits,
    Unit::BreaksSql,
    Unit::Panics,
    Unit::Good,
];

async fn check_units(bed: &Bed, answers: &[Result<(), StoreError>]) {
    for (i, (unit, answer)) in UNITS.iter().zip(answers).enumerate() {
        let waits_fairly = *unit == Unit::Waits && bed.is_postgres();
        match unit {
            _ if *unit == Unit::Good || waits_fairly => assert!(answer.is_ok(), "{i} {unit:?}: {answer:?}"),
            Unit::Fails => assert!(matches!(answer, Err(StoreError::Refused(_))), "{i}: {answer:?}"),
            _ => assert!(matches!(answer, Err(StoreError::Bug(_))), "{i} {unit:?}: {answer:?}"),
        }
        let rows = texts(&bed.store, "SELECT name FROM meta WHERE name LIKE ?1", vec![format!("{i} %").into()]).await;
        assert_eq!(rows.len(), if answer.is_ok() { 2 } else { 0 }, "{i} {unit:?}: {rows:?}");
    }
}

#[test]
fn a_bad_unit_is_rolled_back_alone() {
    for_each_store(async |bed: &Bed| {
        let units = join_all(UNITS.iter().enumerate().map(|(i, unit)| run(&bed.store, i.to_string(), *unit)));
        let accepts = join_all((0..20).map(|n| bed.store.accept(signal(n))));
        let (answers, accepted) = futures_util::future::join(units, accepts).await;
        assert!(accepted.iter().all(Result::is_ok), "{accepted:?}");
        check_units(bed, &answers).await;
        // Whatever connection the bad ones had: none of it comes up again with somebody else's commit.
        for i in 0..30 {
            run(&bed.store, format!("after {i}"), Unit::Good).await.unwrap();
        }
        check_units(bed, &answers).await;
        assert_eq!(account(&bed.store).await.rows, 20);
    });
}

#[test]
fn a_bad_unit_leaves_its_own_group_whole() {
    on_sqlite(async |bed: &Bed| {
        // The writer is held back until all of them wait: they are one group then, and one commit.
        let (go, held) = std::sync::mpsc::channel::<()>();
        let hold = bed
            .store
            .write("hold", move |_| Box::pin(async move { held.recv().map_err(|e| StoreError::Bug(e.to_string())) }));
        let units = join_all(UNITS.iter().enumerate().map(|(i, unit)| run(&bed.store, i.to_string(), *unit)));
        let (held, answers, ()) = join3(hold, units, async move { go.send(()).unwrap() }).await;
        held.unwrap();
        check_units(bed, &answers).await;
    });
}

#[test]
fn a_read_that_writes_is_refused_and_leaves_nothing() {
    for_each_store(async |bed: &Bed| {
        let written = bed.store.read(|tx| Box::pin(set_meta(tx, "by a read", "1"))).await;
        assert!(written.is_err());
        assert_eq!(number(&bed.store, "SELECT count(*) FROM meta WHERE name = 'by a read'").await, 0);
        bed.store.probe().await.unwrap();
    });
}

#[test]
fn a_read_that_panics_leaves_a_store_that_reads() {
    for_each_store(async |bed: &Bed| {
        for _ in 0..12 {
            let read: Result<(), _> = bed.store.read(|_| Box::pin(async { panic!("on purpose") })).await;
            assert!(matches!(read, Err(StoreError::Bug(_))), "{read:?}");
        }
        let reads = join_all((0..12).map(|_| number(&bed.store, "SELECT count(*) FROM inbox"))).await;
        assert_eq!(reads, [0; 12]);
        join_all((0..12).map(|_| async { bed.store.probe().await.unwrap() })).await;
    });
}

#[test]
fn closing_waits_for_what_was_handed_over() {
    for_each_store(async |bed: &Bed| {
        let closing = bed.another();
        closing.probe().await.unwrap();
        let handed = closing.clone();
        let accepts = join_all((0..60).map(|n| handed.accept(signal(n))));
        let units = join_all((0..60).map(|i| run(&handed, i.to_string(), Unit::Good)));
        let (accepted, ran, ()) = join3(accepts, units, closing.close()).await;
        assert!(accepted.iter().all(Result::is_ok), "{accepted:?}");
        assert!(ran.iter().all(Result::is_ok), "{ran:?}");
        assert_eq!(account(&bed.store).await.rows, 60);
        assert!(handed.accept(signal(99)).await.is_err(), "a closed store promises nothing");
    });
}
