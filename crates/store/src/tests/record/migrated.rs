//! A database that had an audit record before there was a chain: all of it is entered, in its order.

use super::*;
use crate::Place;
use crate::tests::bed::{for_each_store, open, psql};
use std::path::Path;

/// The schema as it was before, with rows in it.
fn before(database: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("ddl").join(database);
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let older = files.iter().filter(|path| *path.file_name().unwrap() < *"0012");
    let mut text: String = older.map(|path| std::fs::read_to_string(path).unwrap()).collect();
    for n in 0..30 {
        text.push_str(&format!(
            "INSERT INTO audit (at, actor, action, subject, customer, detail) VALUES ({n}, 'a', 'b', 's{n}', NULL, '{{}}');"
        ));
    }
    text
}

#[test]
fn what_was_there_is_entered_first() {
    for_each_store(async |bed: &Bed| {
        let place = bed.fresh_place().await;
        match &place {
            Place::Sqlite(path) => {
                let conn = rusqlite::Connection::open(path).unwrap();
                conn.execute_batch(&format!("{} PRAGMA user_version = 11;", before("sqlite"))).unwrap();
            }
            Place::Postgres(url) => {
                let version =
                    "CREATE TABLE schema_version (version BIGINT NOT NULL); INSERT INTO schema_version VALUES (11)";
                psql(url, &format!("{} {version}", before("postgres"))).await.unwrap();
            }
        }
        let store = open(&place, &bed.clock);
        store.probe().await.unwrap();
        act(&store, "since").await;
        while sequence(&store, 10).await > 0 {}
        let subjects: Vec<i64> = entries(&store).await.iter().map(|entry| entry.subject.parse().unwrap()).collect();
        assert_eq!(subjects, (1..=31).collect::<Vec<_>>());
        assert!(verify(&store).await.is_whole());
        store.close().await;
    });
}
