//! The spool: what is acknowledged while PostgreSQL is away is there once it is back, exactly once and exactly as it was.

use super::bed::{Bed, database, on_database, on_postgres, open, psql};
use super::words::*;
use crate::{Clock, Place, Spooled, Store, StoreError, jobs, processes, version};
use futures_util::future::join_all;
use model::action::Queue;
use model::signal::{Origin, Signal};
use model::{Micros, Scope};
use std::path::PathBuf;

/// A database that is not there yet, beside the bed's own.
struct Absent {
    place: Place,
    admin: String,
    name: String,
    spool: PathBuf,
}

impl Absent {
    fn beside(bed: &Bed) -> Self {
        let Place::Postgres(url) = &bed.place else { unreachable!("this bed is on PostgreSQL") };
        let name = format!("{}_fresh", database(url));
        let place = Place::Postgres(on_database(url, &name));
        Self { place, admin: on_database(url, "postgres"), name, spool: bed.folder.path().join("spool/spool.db") }
    }

    fn open(&self) -> Store {
        open(&self.place, &Clock::default()).with_spool(&self.spool).unwrap()
    }

    async fn appear(&self) {
        psql(&self.admin, &format!("CREATE DATABASE {}", self.name)).await.unwrap();
    }
}

async fn spooled(store: &Store) -> Spooled {
    store.spooled().await.unwrap()
}

async fn is_drained(store: &Store) {
    eventually("the spool is empty", async || spooled(store).await.rows == 0).await;
}

/// Each differs from the others in every field that a signal has.
fn strange(n: u64) -> Signal {
    let raw = (0..n * 37).map(|i| (i % 256) as u8).collect();
    Signal {
        received_at: Micros(1_790_000_000_000_000 + n as i64),
        origin: if n.is_multiple_of(2) { Origin::Live } else { Origin::Repair },
        headers: format!("{{\"x\":\"障害 {n}\"}}"),
        ..signal_with(n, raw)
    }
}

async fn is_exactly(store: &Store, signal: &Signal) {
    let key = signal.key.0;
    let rows = store
        .read(move |tx| {
            Box::pin(async move {
                let sql = "SELECT source, received_at, origin, digest, headers, raw, state FROM inbox WHERE key = ?1";
                tx.all(sql, crate::vals![key]).await
            })
        })
        .await
        .unwrap();
    assert_eq!(rows.len(), 1, "{signal:?}");
    let row = &rows[0];
    assert_eq!(row.text(0).unwrap(), signal.source);
    assert_eq!(row.micros(1).unwrap(), signal.received_at);
    assert_eq!(row.text(2).unwrap(), signal.origin.as_str());
    assert_eq!(row.blob(3).unwrap(), signal.digest);
    assert_eq!(row.text(4).unwrap(), signal.headers);
    assert_eq!(row.blob(5).unwrap(), signal.raw);
    assert_eq!(row.text(6).unwrap(), "new");
}

#[test]
fn what_was_taken_while_postgresql_was_away_is_there_afterwards_as_it_was() {
    on_postgres(async |bed: &Bed| {
        let absent = Absent::beside(bed);
        let store = absent.open();
        let answers = join_all((0..600).map(|n| store.accept(strange(n)))).await;
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        store.probe().await.unwrap();
        let waiting = spooled(&store).await;
        assert_eq!((waiting.rows, waiting.kept, waiting.moved, waiting.lost()), (600, 600, 0, 0));
        assert!(waiting.away_since.is_some());
        assert_eq!(waiting.oldest_at.map(|at| at.0 / 1_000_000), Some(1_790_000_000));
        absent.appear().await;
        is_drained(&store).await;
        for n in 0..600 {
            is_exactly(&store, &strange(n)).await;
        }
        let account = account(&store).await;
        assert_eq!((account.received, account.duplicates, account.rows, account.lost()), (600, 0, 600, 0));
        let after = spooled(&store).await;
        assert_eq!((after.kept, after.moved, after.lost(), after.away_since), (600, 600, 0, None));
        store.accept(strange(1_000)).await.unwrap();
        assert_eq!(spooled(&store).await.kept, 600, "PostgreSQL is back: the spool has no part in it");
        store.close().await;
    });
}

#[test]
fn a_signal_that_is_there_already_ends_as_one_row() {
    on_postgres(async |bed: &Bed| {
        let absent = Absent::beside(bed);
        let store = absent.open();
        for n in [1, 2, 2, 3] {
            store.accept(strange(n)).await.unwrap();
        }
        store.close().await;
        // Committed there by another way; the answer was lost, say.
        absent.appear().await;
        let direct = open(&absent.place, &Clock::default());
        direct.accept(strange(2)).await.unwrap();
        let again = absent.open();
        is_drained(&again).await;
        let account = account(&again).await;
        assert_eq!((account.received, account.duplicates, account.rows, account.lost()), (4, 1, 3, 0));
        again.close().await;
        direct.close().await;
    });
}

#[test]
fn a_spool_found_at_the_start_is_drained_without_a_new_signal() {
    on_postgres(async |bed: &Bed| {
        let absent = Absent::beside(bed);
        let store = absent.open();
        store.accept(strange(7)).await.unwrap();
        store.close().await;
        absent.appear().await;
        let next = absent.open();
        is_drained(&next).await;
        is_exactly(&next, &strange(7)).await;
        next.close().await;
    });
}

#[test]
fn one_spool_belongs_to_one_process_and_the_other_is_told_what_to_do() {
    on_postgres(async |bed: &Bed| {
        let absent = Absent::beside(bed);
        let first = absent.open();
        let second = open(&absent.place, &Clock::default()).with_spool(&absent.spool);
        let Err(StoreError::Refused(words)) = second.map(|_| ()) else { panic!("both have it") };
        assert!(words.contains("spool.db") && words.contains(&std::process::id().to_string()), "{words}");
        assert!(words.contains("[store] spool"), "{words}");
        first.close().await;
        eventually("the lock is free", async || {
            open(&absent.place, &Clock::default()).with_spool(&absent.spool).is_ok()
        })
        .await;
    });
}

#[test]
fn without_a_spool_to_write_nothing_is_promised_until_postgresql_is_back() {
    on_postgres(async |bed: &Bed| {
        let mut absent = Absent::beside(bed);
        let file = bed.folder.path().join("no-folder");
        std::fs::write(&file, "in the way").unwrap();
        absent.spool = file.join("spool.db");
        let store = absent.open();
        for n in 0..3 {
            assert!(matches!(store.accept(strange(n)).await, Err(StoreError::Unwritable(_))));
        }
        assert!(store.probe().await.is_err());
        assert!(spooled(&store).await.trouble.is_some());
        absent.appear().await;
        eventually("it takes signals again", async || store.accept(strange(9)).await.is_ok()).await;
        // No restart is needed for the spool either.
        std::fs::remove_file(&file).unwrap();
        eventually("the spool is open", async || spooled(&store).await.trouble.is_none()).await;
        store.close().await;
    });
}

#[test]
fn a_row_that_postgresql_refuses_holds_up_no_other() {
    on_postgres(async |bed: &Bed| {
        let absent = Absent::beside(bed);
        let store = absent.open();
        for n in 0..20 {
            // PostgreSQL takes no zero in a text.
            let headers = if n == 5 { "\0".to_owned() } else { "{}".to_owned() };
            store.accept(Signal { headers, ..strange(n) }).await.unwrap();
        }
        absent.appear().await;
        eventually("all but one are moved", async || spooled(&store).await.rows == 1).await;
        eventually("the one is known", async || spooled(&store).await.stuck == 1).await;
        assert_eq!(account(&store).await.rows, 19);
        assert_eq!(spooled(&store).await.lost(), 0);
        store.accept(strange(100)).await.unwrap();
        assert_eq!(account(&store).await.rows, 20, "new ones go directly");
        store.close().await;
    });
}

#[test]
fn a_database_that_may_not_be_written_is_no_reason_to_refuse_a_signal() {
    on_postgres(async |bed: &Bed| {
        let absent = Absent::beside(bed);
        absent.appear().await;
        let store = absent.open();
        store.accept(strange(0)).await.unwrap();
        let read_only = |value: &str| format!("ALTER DATABASE {} {value}", absent.name);
        let cut = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'", absent.name);
        psql(&absent.admin, &read_only("SET default_transaction_read_only = on")).await.unwrap();
        psql(&absent.admin, &cut).await.unwrap();
        for n in 1..30 {
            store.accept(strange(n)).await.unwrap();
        }
        assert!(spooled(&store).await.rows > 0);
        psql(&absent.admin, &read_only("RESET default_transaction_read_only")).await.unwrap();
        is_drained(&store).await;
        let account = account(&store).await;
        assert_eq!((account.rows, account.lost()), (30, 0));
        store.close().await;
    });
}

#[test]
fn processes_are_known_by_their_beats() {
    super::bed::for_each_store(async |bed: &Bed| {
        let beat = async |id: &str| {
            let me = processes::Me {
                id: id.to_owned(),
                role: "work".to_owned(),
                host: "a".to_owned(),
                version: "1".to_owned(),
                started_at: Micros(5),
            };
            bed.store.write("beat", move |tx| Box::pin(async move { processes::beat(tx, &me).await })).await.unwrap();
        };
        let alive = async || {
            let alive = bed.store.read(|tx| Box::pin(processes::alive(tx, 15))).await.unwrap();
            alive.into_iter().map(|process| process.id).collect::<Vec<_>>()
        };
        beat("a-1").await;
        beat("a-2").await;
        beat("a-1").await;
        assert_eq!(alive().await, ["a-1", "a-2"]);
        bed.store.write("bye", |tx| Box::pin(processes::stopped(tx, "a-2"))).await.unwrap();
        assert_eq!(alive().await, ["a-1"]);
        bed.clock.advance_s(20);
        assert!(alive().await.is_empty());
        let all = bed.store.read(|tx| Box::pin(processes::list(tx, &Scope::All))).await.unwrap();
        assert_eq!(all.len(), 2);
        bed.clock.advance_s(31 * 86_400);
        beat("a-3").await;
        let all = bed.store.read(|tx| Box::pin(processes::list(tx, &Scope::All))).await.unwrap();
        assert_eq!(all.iter().map(|p| p.id.as_str()).collect::<Vec<_>>(), ["a-3"]);
    });
}

#[test]
fn the_version_of_the_world_changes_with_it_and_stands_still_without() {
    super::bed::for_each_store(async |bed: &Bed| {
        let now = async || bed.store.read(|tx| Box::pin(version::version(tx))).await.unwrap();
        let mut last = now().await;
        assert_eq!(last, now().await);
        let mut has_changed = async |what: &str| {
            let next = now().await;
            assert_ne!(last, next, "{what}");
            last = next;
        };
        bed.store.accept(signal(1)).await.unwrap();
        has_changed("a signal").await;
        bed.store.accept(signal(1)).await.unwrap();
        has_changed("a repeat").await;
        add(&bed.store, &note("n", "P1")).await;
        has_changed("a job").await;
        let job = claim_live(&bed.store).await;
        has_changed("a claim").await;
        finish(&bed.store, &job, done()).await.unwrap();
        has_changed("an outcome").await;
    });
}

#[test]
fn a_job_that_is_given_back_is_ready_at_once_for_anybody() {
    super::bed::for_each_store(async |bed: &Bed| {
        add(&bed.store, &note("n", "P1")).await;
        let job = claim_live(&bed.store).await;
        assert!(matches!(try_claim(&bed.store, Queue::Live).await, jobs::Claim::Nothing));
        let held = job.clone();
        bed.store
            .write("give_back", move |tx| Box::pin(async move { jobs::give_back(tx, &held).await }))
            .await
            .unwrap();
        let again = claim_live(&bed.store).await;
        assert_eq!((again.id, again.spent), (job.id, job.spent));
        assert!(again.unsettled.is_none(), "nothing was begun, so there is nothing to look up");
        let late =
            bed.store.write("give_back", move |tx| Box::pin(async move { jobs::give_back(tx, &job).await })).await;
        assert!(matches!(late, Err(StoreError::LeaseLost(_))), "it is somebody else's now: {late:?}");
    });
}
