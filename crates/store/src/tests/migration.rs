//! Opening: twice, by several processes at once, on a newer schema; and what the live connection says of durability.

use super::bed::{Bed, for_each_store, open, psql};
use super::child::{Child, Job};
use super::words::{exec, signal};
use crate::{Place, StoreError, meta, set_meta, vals};
use futures_util::future::join_all;

#[test]
fn a_second_opening_changes_nothing() {
    for_each_store(async |bed: &Bed| {
        bed.store.write("test", |tx| Box::pin(set_meta(tx, "install", "one"))).await.unwrap();
        let again = bed.another();
        let found = again.write("test", |tx| Box::pin(meta(tx, "install"))).await.unwrap();
        assert_eq!(found.as_deref(), Some("one"));
        again.close().await;
    });
}

#[test]
fn several_processes_may_open_an_empty_database_at_once() {
    for_each_store(async |bed: &Bed| {
        let place = bed.fresh_place().await;
        let mut children: Vec<Child> = (0..4).map(|_| Child::start(&Job::new("probe", &place))).collect();
        for child in &mut children {
            assert_eq!(child.says(), "probed");
            assert!(child.end().success());
        }
        let store = open(&place, &bed.clock);
        assert_eq!(exec(&store, "UPDATE meta SET value = '1' WHERE name = 'probe'", vec![]).await, 1);
        store.close().await;
    });
}

#[test]
fn several_stores_may_open_an_empty_database_at_once() {
    for_each_store(async |bed: &Bed| {
        let place = bed.fresh_place().await;
        let stores: Vec<_> = (0..8).map(|_| open(&place, &bed.clock)).collect();
        let probes = join_all(stores.iter().map(|store| store.probe())).await;
        assert!(probes.iter().all(Result::is_ok), "{probes:?}");
        for store in stores {
            store.close().await;
        }
    });
}

#[test]
fn a_read_may_come_before_the_first_write() {
    for_each_store(async |bed: &Bed| {
        let place = bed.fresh_place().await;
        let first = open(&place, &bed.clock);
        // A table of the newest step: whoever reads sees all of them or waits.
        let newest = "SELECT count(*) FROM checkpoint";
        let count = || first.read(move |tx| Box::pin(async move { tx.sure(newest, vals![]).await?.int(0) }));
        for read in join_all((0..8).map(|_| count())).await {
            assert!(matches!(read, Ok(0)), "{read:?}");
        }
        first.close().await;
    });
}

#[test]
fn a_newer_schema_is_refused_with_words() {
    for_each_store(async |bed: &Bed| {
        match &bed.place {
            Place::Sqlite(path) => {
                rusqlite::Connection::open(path).unwrap().pragma_update(None, "user_version", 99).unwrap();
            }
            Place::Postgres(url) => psql(url, "INSERT INTO schema_version (version) VALUES (99)").await.unwrap(),
        }
        let newer = bed.another();
        for answer in [newer.probe().await, newer.accept(signal(1)).await] {
            let Err(StoreError::Refused(words)) = answer else { panic!("not refused: {answer:?}") };
            assert!(words.contains("schema 99") && words.contains("newer program"), "{words}");
        }
        newer.close().await;
    });
}

#[test]
fn the_live_writer_syncs_every_commit() {
    for_each_store(async |bed: &Bed| {
        let settings = bed.store.durability().await.unwrap();
        let wanted: &[(&str, &str)] = if bed.is_postgres() {
            &[("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on")]
        } else {
            &[("synchronous", "2"), ("journal_mode", "wal")]
        };
        for (name, value) in wanted {
            let is = settings.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
            assert_eq!(is, Some(*value), "{name}");
        }
    });
}

#[test]
fn the_check_of_durability_notices_a_writer_that_does_not_sync() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::Sqlite(folder.path().join("store.db"));
    let mut child = Child::start(&Job { sabotage: "synchronous_off".to_owned(), ..Job::new("durability", &place) });
    assert!(child.says().contains("synchronous=0"));
    assert!(child.end().success());
}
