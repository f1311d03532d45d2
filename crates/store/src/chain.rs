//! The record's chain: what was written waits, in the transaction that wrote it; one sequencer at a time gives it a place.
//! Never changes an entry, and never judges whether the record is whole: `model::chain::verify` does.

mod content;
mod signed;

pub use content::contents;
pub use signed::{
    Draft, Due, add_anchor, add_checkpoint, anchors, checkpoints, last_anchor, last_checkpoint, next_checkpoint,
};

use crate::{Row, StoreError, Tx, Val, crash_point, many, vals};
use model::Micros;
use model::chain::verify::Content;
use model::chain::{Entry, Hash, kind};
use std::collections::BTreeMap;

/// Held while entries get their places.
const LOCK: &str = "record";
const ENTRY: &str = "seq, kind, subject, digest, prev";

/// Something was written that has to be entered. What is entered already, or waits, is left alone.
pub(crate) async fn wait(tx: &mut Tx, kind: &str, subject: &str) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec(
        "INSERT INTO chain_waiting (kind, subject, since) VALUES (?1, ?2, ?3) ON CONFLICT (kind, subject) DO NOTHING",
        vals![kind, subject, now],
    )
    .await?;
    Ok(())
}

/// Gives what waits its place, the oldest first; says how much it took. One process at a time does it: others wait for its
/// end. What was taken away since it was written gets a place all the same, with the digest of nothing.
pub async fn sequence(tx: &mut Tx, most: i64) -> Result<i64, StoreError> {
    tx.lock(&[LOCK.to_owned()]).await?;
    let sql = "SELECT id, kind, subject FROM chain_waiting ORDER BY id LIMIT ?1";
    let waiting = tx.all(sql, vals![most]).await?;
    if waiting.is_empty() {
        return Ok(0);
    }
    let mut subjects = Vec::with_capacity(waiting.len());
    let mut ids = Vec::with_capacity(waiting.len());
    for row in &waiting {
        ids.push(row.int(0)?);
        subjects.push((row.string(1)?, row.string(2)?));
    }
    let contents = content::of(tx, &subjects).await?;
    let (mut seq, mut prev) = end(tx).await?;
    for (subject, content) in subjects.into_iter().zip(contents) {
        let entry = entry_of(seq, subject, content, prev);
        if add(tx, &entry).await? {
            crash_point!("record.entry_written");
            (seq, prev) = (seq + 1, entry.hash().map_err(StoreError::shape)?);
        }
    }
    for group in many::groups(&ids) {
        tx.exec(&format!("DELETE FROM chain_waiting WHERE id IN ({})", many::marks()), &group).await?;
    }
    i64::try_from(ids.len()).map_err(StoreError::shape)
}

/// The next place, and the hash of the entry before it.
async fn end(tx: &mut Tx) -> Result<(i64, Hash), StoreError> {
    let last = tx.one(&format!("SELECT {ENTRY} FROM chain_entry ORDER BY seq DESC LIMIT 1"), &[]).await?;
    let Some(last) = last.map(|row| entry(&row)).transpose()? else { return Ok((0, Hash::NONE)) };
    Ok((last.seq + 1, last.hash().map_err(StoreError::shape)?))
}

fn entry_of(seq: i64, (kind, subject): (String, String), content: Content, prev: Hash) -> Entry {
    let digest = match content {
        Content::Digest(digest) => digest,
        Content::Missing | Content::Unreadable(_) => Hash::NONE.to_string(),
    };
    Entry { seq, kind, subject, digest, prev: prev.to_string() }
}

/// False if this subject has an entry already.
async fn add(tx: &mut Tx, entry: &Entry) -> Result<bool, StoreError> {
    let Entry { seq, kind, subject, digest, prev } = entry;
    let added = tx
        .exec(
            "INSERT INTO chain_entry (seq, kind, subject, digest, prev) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT (kind, subject) DO NOTHING",
            vals![*seq, kind, subject, digest, prev],
        )
        .await?;
    Ok(added == 1)
}

/// What waits: how much, and since when the longest. Tells nothing of a customer.
pub async fn waiting(tx: &mut Tx) -> Result<(i64, Option<Micros>), StoreError> {
    let row = tx.sure("SELECT count(*), min(since) FROM chain_waiting", &[]).await?;
    Ok((row.int(0)?, row.opt_micros(1)?))
}

/// Whether anything waits.
pub async fn is_waiting(tx: &mut Tx) -> Result<bool, StoreError> {
    Ok(tx.one("SELECT 1 FROM chain_waiting LIMIT 1", &[]).await?.is_some())
}

/// Entries from this place on, in their order.
pub async fn entries(tx: &mut Tx, from: i64, most: i64) -> Result<Vec<Entry>, StoreError> {
    let sql = format!("SELECT {ENTRY} FROM chain_entry WHERE seq >= ?1 ORDER BY seq LIMIT ?2");
    tx.all(&sql, vals![from, most]).await?.iter().map(entry).collect()
}

/// How many entries there are: for a bar that shows how far a check has come.
pub async fn size(tx: &mut Tx) -> Result<i64, StoreError> {
    Ok(end(tx).await?.0)
}

/// The places of these, as far as they have one.
pub async fn seq_of(tx: &mut Tx, kind: &str, subjects: &[String]) -> Result<BTreeMap<String, i64>, StoreError> {
    let mut found = BTreeMap::new();
    for mut group in many::groups(subjects) {
        group.push(Val::from(kind));
        let sql = format!(
            "SELECT subject, seq FROM chain_entry WHERE subject IN ({}) AND kind = ?{}",
            many::marks(),
            group.len()
        );
        for row in tx.all(&sql, &group).await? {
            found.insert(row.string(0)?, row.int(1)?);
        }
    }
    Ok(found)
}

/// What has no entry and waits for none, of one kind: nobody who writes by the rules leaves such a row.
pub async fn unentered(tx: &mut Tx, of: &str, most: i64) -> Result<Vec<String>, StoreError> {
    let (table, name) = match of {
        kind::AUDIT => ("audit", "CAST(t.id AS TEXT)"),
        kind::CAPSULE => ("capsule", "t.id"),
        kind::CHECKPOINT => ("checkpoint", "CAST(t.number AS TEXT)"),
        kind::ANCHOR => ("anchor", "CAST(t.number AS TEXT)"),
        _ => return Ok(Vec::new()),
    };
    let lacks =
        |other: &str| format!("NOT EXISTS (SELECT 1 FROM {other} o WHERE o.kind = '{of}' AND o.subject = {name})");
    let sql =
        format!("SELECT {name} FROM {table} t WHERE {} AND {} LIMIT ?1", lacks("chain_entry"), lacks("chain_waiting"));
    tx.all(&sql, vals![most]).await?.iter().map(|row| row.string(0)).collect()
}

fn entry(row: &Row) -> Result<Entry, StoreError> {
    Ok(Entry {
        seq: row.int(0)?,
        kind: row.string(1)?,
        subject: row.string(2)?,
        digest: row.string(3)?,
        prev: row.string(4)?,
    })
}
