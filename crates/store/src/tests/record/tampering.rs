//! What somebody does who has the database's password: each deed is found and named, on both databases.

use super::*;
use crate::tests::bed::{for_each_store, on_sqlite};

/// 6 acts and 6 capsules, two checkpoints, one of them shown outside; all of it entered.
async fn whole(store: &Store) {
    for n in 0..6 {
        act(store, "q").await;
        add_capsules(store, n..n + 1).await;
        if n == 2 {
            while sequence(store, 100).await > 0 {}
            checkpoint(store, 1, AT_ONCE).await.unwrap();
        }
    }
    while sequence(store, 100).await > 0 {}
    let note = checkpoint(store, 1, AT_ONCE).await.unwrap().text();
    let unit =
        store.write("test", move |tx| Box::pin(async move { chain::add_anchor(tx, "slack", "#record", &note).await }));
    unit.await.unwrap();
    while sequence(store, 100).await > 0 {}
    let verdict = verify(store).await;
    assert!(verdict.is_whole(), "{:#?}", verdict.faults);
    assert_eq!((verdict.counts.entries, verdict.counts.unsigned), (15, 2));
}

/// The deed, and a word of what has to be said of it.
const DEEDS: [(&str, &str); 37] = [
    ("UPDATE audit SET at = at + 1 WHERE id = 3", "audit 3 was changed"),
    ("UPDATE audit SET actor = 'a2' WHERE id = 3", "audit 3 was changed"),
    ("UPDATE audit SET action = 'runbook.see' WHERE id = 3", "audit 3 was changed"),
    ("UPDATE audit SET subject = 'r' WHERE id = 3", "audit 3 was changed"),
    ("UPDATE audit SET customer = NULL WHERE id = 3", "audit 3 was changed"),
    ("UPDATE audit SET detail = replace(detail, '0.5', '0.6') WHERE id = 3", "audit 3 was changed"),
    ("UPDATE audit SET id = 99 WHERE id = 3", "audit 3 is missing"),
    ("DELETE FROM audit WHERE id = 6", "audit 6 is missing"),
    (
        "INSERT INTO audit (id, at, actor, action, subject, detail) VALUES (70, 5, 'a', 'b', 'c', '{}')",
        "audit 70 has no entry",
    ),
    ("UPDATE capsule SET body = replace(body, 'df -P', 'df -h') WHERE id = 'c003'", "capsule c003 was changed"),
    (
        "UPDATE capsule SET body = replace(body, '\"status\":0', '\"status\":1') WHERE id = 'c003'",
        "capsule c003 was changed",
    ),
    (
        "UPDATE capsule SET body = replace(body, '\"bytes\":1', '\"bytes\":2') WHERE id = 'c002'",
        "capsule c002 was changed",
    ),
    ("UPDATE capsule SET body = body || ' ' WHERE id = 'c003'", "capsule c003 was changed"),
    ("UPDATE capsule SET body = '{}' WHERE id = 'c003'", "capsule c003 can't be read"),
    ("UPDATE capsule SET customer = 'bolt' WHERE id = 'c001'", "capsule c001 can't be read"),
    ("UPDATE capsule SET incident = NULL WHERE id = 'c001'", "capsule c001 can't be read"),
    ("UPDATE capsule SET run = 'r9' WHERE id = 'c001'", "capsule c001 can't be read"),
    ("UPDATE capsule SET step = 'load' WHERE id = 'c001'", "capsule c001 can't be read"),
    ("UPDATE capsule SET host = 'web02' WHERE id = 'c001'", "capsule c001 can't be read"),
    ("UPDATE capsule SET ended_at = 1 WHERE id = 'c001'", "capsule c001 can't be read"),
    ("UPDATE capsule SET has_output = 1 WHERE id = 'c001'", "capsule c001 can't be read"),
    ("UPDATE capsule SET id = 'c999' WHERE id = 'c001'", "capsule c001 is missing"),
    ("DELETE FROM capsule WHERE id = 'c005'", "capsule c005 is missing"),
    ("UPDATE chain_entry SET digest = prev WHERE seq = 4", "entry 4 (audit 3) was changed"),
    ("UPDATE chain_entry SET prev = digest WHERE seq = 4", "entry 4 (audit 3) was changed"),
    ("UPDATE chain_entry SET subject = '77' WHERE seq = 4", "entry 4 (audit 77) was changed"),
    ("UPDATE chain_entry SET kind = 'kind' WHERE seq = 4", "entry 4 (kind 3) was changed"),
    ("DELETE FROM chain_entry WHERE seq = 4", "entries 4 to 4 are missing"),
    ("DELETE FROM chain_entry WHERE seq > 9", "the end is cut off: anchor 1 counted 13 entries, and 10 are there"),
    (
        "DELETE FROM chain_entry WHERE seq > 9; DELETE FROM checkpoint WHERE number = 2; DELETE FROM capsule WHERE id > 'c003'; \
         DELETE FROM audit WHERE id > 5",
        "the end is cut off: anchor 1",
    ),
    (
        "UPDATE chain_entry SET seq = 99 WHERE seq = 4; UPDATE chain_entry SET seq = 4 WHERE seq = 5; \
         UPDATE chain_entry SET seq = 5 WHERE seq = 99",
        "entry 4 (capsule c002) stands in the wrong place: it was entered as 5",
    ),
    ("UPDATE checkpoint SET note = replace(note, 'time 2', 'time 3') WHERE number = 1", "checkpoint 1 was changed"),
    ("UPDATE checkpoint SET at = at + 1 WHERE number = 2", "checkpoint 2 was changed"),
    ("UPDATE checkpoint SET size = 5 WHERE number = 1", "checkpoint 1 can't be read"),
    ("DELETE FROM checkpoint WHERE number = 1", "checkpoint 1 is missing"),
    ("UPDATE anchor SET place = '#other'", "anchor 1 was changed"),
    ("DELETE FROM anchor", "anchor 1 is missing"),
];

async fn run(store: &Store, deed: &'static str) {
    for one in deed.split("; ") {
        assert!(exec(store, one, vec![]).await > 0, "{one}");
    }
}

#[test]
fn every_deed_is_named() {
    for_each_store(async |bed: &Bed| {
        whole(&bed.store).await;
        for (deed, word) in DEEDS {
            // In a transaction that never commits the deed could not be read by others: it is undone by hand.
            let tables = ["audit", "capsule", "chain_entry", "checkpoint", "anchor"];
            for table in tables {
                keep(&bed.store, table).await;
            }
            run(&bed.store, deed).await;
            let said: Vec<String> = verify(&bed.store).await.faults.iter().map(ToString::to_string).collect();
            assert!(said.iter().any(|fault| fault.contains(word)), "{deed}: {said:#?}");
            for table in tables {
                put_back(&bed.store, table).await;
            }
            assert!(verify(&bed.store).await.is_whole(), "put back after {deed}");
        }
    });
}

async fn keep(store: &Store, table: &str) {
    statement(store, format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).await;
}

async fn put_back(store: &Store, table: &str) {
    statement(store, format!("DELETE FROM {table}")).await;
    statement(store, format!("INSERT INTO {table} SELECT * FROM kept_{table}")).await;
    statement(store, format!("DROP TABLE kept_{table}")).await;
}

async fn statement(store: &Store, sql: String) {
    store.write("test", move |tx| Box::pin(async move { tx.exec(&sql, &[]).await })).await.unwrap();
}

/// Every byte of every text column, changed in the file as it lies there.
#[test]
fn every_byte_of_every_column_counts() {
    on_sqlite(async |bed: &Bed| {
        whole(&bed.store).await;
        for (table, key, columns) in [
            ("audit", "id = 4", ["actor", "action", "subject", "detail"].as_slice()),
            ("capsule", "id = 'c002'", &["run", "step", "incident", "customer", "host", "body"]),
            ("chain_entry", "seq = 3", &["kind", "subject", "digest", "prev"]),
            ("checkpoint", "number = 1", &["note", "peaks"]),
            ("anchor", "number = 1", &["way", "place", "note"]),
        ] {
            for column in columns {
                every_byte(&bed.store, table, key, column).await;
            }
        }
    });
}

async fn every_byte(store: &Store, table: &str, key: &str, column: &str) {
    let read = format!("SELECT {column} FROM {table} WHERE {key}");
    let row = store.read(move |tx| Box::pin(async move { tx.sure(&read, &[]).await })).await.unwrap();
    let text = row.string(0).unwrap();
    for at in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[at] ^= 1;
        // Where the database itself refuses it, another entry has that name.
        if set(store, table, key, column, bytes).await {
            assert!(!verify(store).await.is_whole(), "byte {at} of {table}.{column}");
        }
    }
    assert!(set(store, table, key, column, text.into_bytes()).await);
    assert!(verify(store).await.is_whole());
}

async fn set(store: &Store, table: &str, key: &str, column: &str, bytes: Vec<u8>) -> bool {
    let sql = format!("UPDATE {table} SET {column} = CAST(?1 AS TEXT) WHERE {key}");
    store.write("test", move |tx| Box::pin(async move { tx.exec(&sql, crate::vals![bytes]).await })).await.is_ok()
}

/// SQLite takes any value in any column.
#[test]
fn a_value_that_no_column_of_ours_has_is_told_of_and_stops_nothing() {
    on_sqlite(async |bed: &Bed| {
        whole(&bed.store).await;
        for (deed, word) in [
            ("UPDATE audit SET at = 0.5 WHERE id = 2", "audit 2 can't be read"),
            ("UPDATE audit SET actor = x'00ff' WHERE id = 4", "audit 4 can't be read"),
            ("UPDATE capsule SET ended_at = 'soon' WHERE id = 'c004'", "capsule c004 can't be read"),
        ] {
            run(&bed.store, deed).await;
            let said: Vec<String> = verify(&bed.store).await.faults.iter().map(ToString::to_string).collect();
            assert!(said.iter().any(|fault| fault.contains(word)), "{deed}: {said:#?}");
        }
        assert_eq!(verify(&bed.store).await.faults.len(), 3);
    });
}

#[test]
fn a_history_made_anew_is_signed_by_another_key() {
    for_each_store(async |bed: &Bed| {
        whole(&bed.store).await;
        for table in ["chain_entry", "checkpoint", "anchor", "capsule", "audit"] {
            statement(&bed.store, format!("DELETE FROM {table}")).await;
        }
        for _ in 0..6 {
            act(&bed.store, "another").await;
        }
        while sequence(&bed.store, 100).await > 0 {}
        checkpoint(&bed.store, 2, AT_ONCE).await.unwrap();
        let faults = verify(&bed.store).await.faults;
        assert!(matches!(faults.as_slice(), [Fault::OtherKey { by: Witness::Checkpoint(1), .. }]), "{faults:#?}");
    });
}
