//! PostgreSQL that goes away, comes back, or may not be written: errors say so, nothing false is promised, and no
//! restart is needed.

use super::bed::{Bed, database, on_database, on_postgres, open, psql};
use super::words::*;
use crate::{Clock, Place, Store, StoreError};
use futures_util::future::{join, join_all, join3};
use tokio::sync::oneshot;

fn url(bed: &Bed) -> &str {
    match &bed.place {
        Place::Postgres(url) => url,
        Place::Sqlite(_) => unreachable!("this bed is on PostgreSQL"),
    }
}

async fn admin(bed: &Bed, sql: &str) {
    psql(&on_database(url(bed), "postgres"), sql).await.unwrap();
}

async fn cut_connections(bed: &Bed) {
    let name = database(url(bed));
    admin(bed, &format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")).await;
}

/// Uses every connection of the pool at once.
async fn use_all(store: &Store) -> Vec<Result<(), StoreError>> {
    join_all((0..30).map(|_| store.probe())).await
}

async fn check(bed: &Bed, promised: &[u64]) {
    for n in promised {
        let key = crate::Val::from(signal(*n).key.0);
        let found = texts(&bed.store, "SELECT source FROM inbox WHERE key = ?1", vec![key]).await;
        assert_eq!(found.len(), 1, "signal {n} was promised");
    }
    assert_eq!(account(&bed.store).await.lost(), 0);
}

#[test]
fn a_database_that_may_not_be_written_is_said_and_outlived() {
    on_postgres(async |bed: &Bed| {
        bed.store.accept(signal(0)).await.unwrap();
        let name = database(url(bed)).to_owned();
        admin(bed, &format!("ALTER DATABASE {name} SET default_transaction_read_only = on")).await;
        cut_connections(bed).await;
        let mut promised = vec![0];
        let mut unwritable = 0;
        for n in 1..20 {
            match bed.store.accept(signal(n)).await {
                Ok(()) => promised.push(n),
                Err(StoreError::Unwritable(_)) => unwritable += 1,
                // The connections that were cut are noticed when they are used.
                Err(StoreError::Away(_)) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(promised, [0]);
        assert!(unwritable >= 15, "{unwritable}");
        for answer in use_all(&bed.store).await {
            assert!(matches!(answer, Err(StoreError::Unwritable(_) | StoreError::Away(_))), "{answer:?}");
        }
        check(bed, &promised).await;
        // The server lets new connections write again; the old ones would stay as they were for ever.
        admin(bed, &format!("ALTER DATABASE {name} RESET default_transaction_read_only")).await;
        // One old connection of each pool may be met, and takes all the others with it.
        let _ = (bed.store.accept(signal(100)).await, bed.store.probe().await);
        bed.store.accept(signal(100)).await.unwrap();
        let answers = use_all(&bed.store).await;
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        check(bed, &[0, 100]).await;
    });
}

#[test]
fn connections_that_are_cut_are_replaced() {
    on_postgres(async |bed: &Bed| {
        let mut promised = Vec::new();
        for round in 0..10u64 {
            let accepts = join_all((0..40).map(|i| bed.store.accept(signal(round * 100 + i))));
            let units = join_all((0..10).map(|_| bed.store.probe()));
            let (answers, probes, ()) = join3(accepts, units, cut_connections(bed)).await;
            for (i, answer) in answers.iter().enumerate() {
                match answer {
                    Ok(()) => promised.push(round * 100 + i as u64),
                    Err(error) => assert!(matches!(error, StoreError::Away(_)), "{error:?}"),
                }
            }
            for probe in probes {
                assert!(matches!(probe, Ok(()) | Err(StoreError::Away(_))), "{probe:?}");
            }
            // At most each pooled connection is dead once.
            eventually("it answers again", async || use_all(&bed.store).await.iter().all(Result::is_ok)).await;
            bed.store.accept(signal(round * 100 + 99)).await.unwrap();
            promised.push(round * 100 + 99);
        }
        check(bed, &promised).await;
    });
}

#[test]
fn a_store_may_be_opened_before_its_database_exists() {
    on_postgres(async |bed: &Bed| {
        let name = format!("{}_fresh", database(url(bed)));
        let early = open(&Place::Postgres(on_database(url(bed), &name)), &Clock::default());
        for answer in [early.probe().await, early.accept(signal(1)).await] {
            assert!(matches!(answer, Err(StoreError::Away(_))), "{answer:?}");
        }
        admin(bed, &format!("CREATE DATABASE {name}")).await;
        early.accept(signal(1)).await.unwrap();
        assert_eq!(account(&early).await.rows, 1);
        early.close().await;
    });
}

#[test]
fn a_migration_that_has_to_wait_leaves_no_connection_inside_it() {
    on_postgres(async |bed: &Bed| {
        // Somebody else migrates, for longer than an intake waits.
        let (locked, is_locked) = oneshot::channel();
        let (go, may_go) = oneshot::channel::<()>();
        let holder = bed.store.write("hold", move |tx| {
            Box::pin(async move {
                tx.all("SELECT 1 FROM pg_advisory_xact_lock(7021781942977914985)", &[]).await?;
                locked.send(()).unwrap();
                may_go.await.map_err(|e| StoreError::Bug(e.to_string()))
            })
        });
        let late = bed.another();
        let accepts = async {
            is_locked.await.unwrap();
            let accepted = late.accept(signal(1)).await;
            go.send(()).unwrap();
            accepted
        };
        let (held, accepted) = join(holder, accepts).await;
        held.unwrap();
        assert!(matches!(accepted, Err(StoreError::Away(_))), "{accepted:?}");
        late.accept(signal(2)).await.unwrap();
        let answers = use_all(&late).await;
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        let open = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                    AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'";
        eventually("no connection is left inside a transaction", async || number(&bed.store, open).await == 0).await;
        assert_eq!(account(&bed.store).await.rows, 1);
        late.close().await;
    });
}

#[test]
fn signals_come_in_while_units_hold_every_connection() {
    on_postgres(async |bed: &Bed| {
        bed.store.probe().await.unwrap();
        let (release, _) = tokio::sync::broadcast::channel::<()>(1);
        let holders = join_all((0..30).map(|_| {
            let mut released = release.subscribe();
            bed.store.read(move |tx| {
                Box::pin(async move {
                    tx.one("SELECT 1", &[]).await?;
                    released.recv().await.map_err(|e| StoreError::Bug(e.to_string()))
                })
            })
        }));
        let accepts = async {
            let accepted = join_all((0..20).map(|n| bed.store.accept(signal(n)))).await;
            release.send(()).unwrap();
            accepted
        };
        let (_, accepted) = join(holders, accepts).await;
        assert!(accepted.iter().all(Result::is_ok), "{accepted:?}");
        check(bed, &(0..20).collect::<Vec<_>>()).await;
    });
}
