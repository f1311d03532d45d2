//! The spool's file: a SQLite database with an inbox of its own, written by the same writer with the same group commit
//! and the same durability as any other. One process at a time: a lock beside it says so.

use crate::inbox::Line;
use crate::lock::{self, Lock, NotTaken};
use crate::sqlite::{Purpose, Sqlite};
use crate::{Clock, StoreError, Tx, crash_point, meta, set_meta, vals};
use model::Micros;
use model::signal::Signal;
use std::collections::BTreeSet;
use std::path::Path;

const SCHEMA: &str = include_str!("../../ddl/spool/0001_first.sql");
const VERSION: i64 = 1;
/// How many signals have left for PostgreSQL, counted in the commit that takes them out.
const MOVED: &str = "moved";
/// One step of the drain.
const MOST_ROWS: i64 = 256;
const MOST_BYTES: i64 = 4 << 20;

const PURPOSE: Purpose =
    Purpose { unit: "spool", inserted: || crash_point!("spool.inserted"), schema, version: VERSION };

/// A row on its way.
#[derive(Clone, Debug)]
pub struct Parcel {
    pub id: i64,
    pub key: Vec<u8>,
    pub source: String,
    pub received_at: Micros,
    pub origin: String,
    pub digest: Vec<u8>,
    pub headers: String,
    pub raw: Vec<u8>,
}

impl<'a> From<&'a Parcel> for Line<'a> {
    fn from(parcel: &'a Parcel) -> Self {
        Self {
            key: &parcel.key,
            source: &parcel.source,
            received_at: parcel.received_at,
            origin: &parcel.origin,
            digest: &parcel.digest,
            headers: &parcel.headers,
            raw: &parcel.raw,
        }
    }
}

#[derive(Debug, Default)]
pub struct Counts {
    pub rows: i64,
    pub oldest_at: Option<Micros>,
    pub kept: i64,
    pub moved: i64,
}

pub struct File {
    db: Sqlite,
    /// Held as long as the file is in use; the system lets go of it however the process ends.
    _lock: Lock,
}

impl File {
    pub fn open(path: &Path, clock: &Clock) -> Result<Self, StoreError> {
        let lock = lock(path)?;
        Ok(Self { db: Sqlite::start(path, 1, clock, PURPOSE)?, _lock: lock })
    }

    pub async fn accept(&self, signal: Signal) -> Result<(), StoreError> {
        self.db.accept(signal).await
    }

    pub async fn probe(&self, now: Micros) -> Result<(), StoreError> {
        self.db
            .write("spool_probe", move |tx| Box::pin(async move { set_meta(tx, "probe", &now.0.to_string()).await }))
            .await
    }

    pub async fn tally(&self) -> Result<Counts, StoreError> {
        self.db.read(|tx| Box::pin(tally(tx))).await
    }

    /// The oldest rows, as many as make a step, without these.
    pub async fn oldest(&self, without: BTreeSet<i64>) -> Result<Vec<Parcel>, StoreError> {
        self.db.read(move |tx| Box::pin(async move { oldest(tx, &without).await })).await
    }

    /// Takes rows out that PostgreSQL has committed.
    pub async fn forget(&self, ids: Vec<i64>) -> Result<(), StoreError> {
        self.db.write("drained", move |tx| Box::pin(async move { forget(tx, &ids).await })).await
    }

    pub async fn close(&self) {
        self.db.close().await;
    }
}

fn lock(path: &Path) -> Result<Lock, StoreError> {
    lock::take(path).map_err(|not_taken| match not_taken {
        NotTaken::Held { by, .. } => in_use(path, by),
        NotTaken::Unopened { path, error } => StoreError::Unwritable(format!("{}: {error}", path.display())),
    })
}

fn in_use(path: &Path, by: Option<u32>) -> StoreError {
    let by = by.map(|id| format!(" (process {id})")).unwrap_or_default();
    StoreError::Refused(format!(
        "the spool {} is in use by another process{by}: each process needs a spool of its own. Stop that one first, or \
         set [store] spool to another file for this one, or to \"off\"",
        path.display()
    ))
}

fn schema(conn: &mut rusqlite::Connection) -> Result<(), StoreError> {
    let tx = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    match tx.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0))? {
        0 => {
            tx.execute_batch(SCHEMA)?;
            tx.pragma_update(None, "user_version", VERSION)?;
            Ok(tx.commit()?)
        }
        VERSION => Ok(()),
        newer => Err(StoreError::Refused(format!(
            "the spool has schema {newer}, this program knows {VERSION} at most: run the newer program until it is empty"
        ))),
    }
}

async fn tally(tx: &mut Tx) -> Result<Counts, StoreError> {
    let sums = tx.sure("SELECT coalesce(sum(received), 0), coalesce(sum(duplicates), 0) FROM receipt", &[]).await?;
    let moved = meta(tx, MOVED).await?.and_then(|text| text.parse().ok()).unwrap_or(0);
    let oldest = tx.one("SELECT received_at FROM inbox ORDER BY id LIMIT 1", &[]).await?;
    Ok(Counts {
        rows: tx.sure("SELECT count(*) FROM inbox", &[]).await?.int(0)?,
        oldest_at: oldest.map(|row| row.micros(0)).transpose()?,
        kept: sums.int(0)? - sums.int(1)?,
        moved,
    })
}

async fn oldest(tx: &mut Tx, without: &BTreeSet<i64>) -> Result<Vec<Parcel>, StoreError> {
    let most = MOST_ROWS + i64::try_from(without.len()).unwrap_or(0);
    let sizes = tx.all("SELECT id, length(raw) FROM inbox ORDER BY id LIMIT ?1", vals![most]).await?;
    let (mut ids, mut bytes) = (Vec::new(), 0);
    for row in sizes {
        let id = row.int(0)?;
        if without.contains(&id) {
            continue;
        }
        bytes += row.int(1)?;
        if !ids.is_empty() && (bytes > MOST_BYTES || ids.len() as i64 >= MOST_ROWS) {
            break;
        }
        ids.push(id);
    }
    let (Some(first), Some(last)) = (ids.first(), ids.last()) else { return Ok(Vec::new()) };
    let sql = "SELECT id, key, source, received_at, origin, digest, headers, raw FROM inbox \
               WHERE id >= ?1 AND id <= ?2 ORDER BY id";
    let rows = tx.all(sql, vals![*first, *last]).await?;
    let parcels: Result<Vec<Parcel>, StoreError> = rows.iter().map(parcel).collect();
    Ok(parcels?.into_iter().filter(|parcel| !without.contains(&parcel.id)).collect())
}

fn parcel(row: &crate::Row) -> Result<Parcel, StoreError> {
    Ok(Parcel {
        id: row.int(0)?,
        key: row.blob(1)?.to_vec(),
        source: row.string(2)?,
        received_at: row.micros(3)?,
        origin: row.string(4)?,
        digest: row.blob(5)?.to_vec(),
        headers: row.string(6)?,
        raw: row.blob(7)?.to_vec(),
    })
}

async fn forget(tx: &mut Tx, ids: &[i64]) -> Result<(), StoreError> {
    let mut gone = 0;
    for id in ids {
        gone += tx.exec("DELETE FROM inbox WHERE id = ?1", vals![*id]).await?;
    }
    let moved = meta(tx, MOVED).await?.and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    set_meta(tx, MOVED, &(moved + gone).to_string()).await
}
