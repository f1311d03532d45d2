//! Readers: each with a connection of its own that can't write, each unit in one consistent view.

use super::queue::Queue;
use crate::tx::{Conn, Tx};
use crate::{Clock, StoreError};
use rusqlite::{Connection, OpenFlags};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;

pub fn run(queue: &Queue, path: &Path, version: i64, clock: &Clock) {
    let mut slot: Option<Tx> = None;
    while let Some(batch) = queue.take(0, 1, || true) {
        for work in batch.units {
            let tx = begin(&mut slot, path, version, clock);
            let usable = tx.is_ok();
            let ran = catch_unwind(AssertUnwindSafe(|| (work.run)(tx)));
            let ended = end(slot.as_mut());
            if !usable || ended.is_err() {
                slot = None;
            }
            if let Ok((_, finish)) = ran {
                finish(Ok(()));
            }
        }
    }
}

fn begin<'a>(slot: &'a mut Option<Tx>, path: &Path, version: i64, clock: &Clock) -> Result<&'a mut Tx, StoreError> {
    let mut tx = match slot.take() {
        Some(tx) => tx,
        None => Tx::new(Conn::Sqlite(open_once_made(path, version)?), clock.now()),
    };
    tx.now = clock.now();
    if let Conn::Sqlite(conn) = &mut tx.conn {
        conn.execute_batch("BEGIN")?;
    }
    Ok(slot.insert(tx))
}

fn end(tx: Option<&mut Tx>) -> Result<(), StoreError> {
    match tx.map(|tx| &mut tx.conn) {
        Some(Conn::Sqlite(conn)) if !conn.is_autocommit() => Ok(conn.execute_batch("ROLLBACK")?),
        _ => Ok(()),
    }
}

/// At a start the writer may still be making the file, or the tables of a newer program.
fn open_once_made(path: &Path, version: i64) -> Result<Connection, StoreError> {
    for _ in 0..400 {
        if let Some(conn) = open(path).ok().filter(|conn| is_made(conn, version)) {
            return Ok(conn);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Err(StoreError::Away("the database is still being made, or brought up to date".into()))
}

fn is_made(conn: &Connection, version: i64) -> bool {
    conn.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0)).is_ok_and(|is| is >= version)
}

fn open(path: &Path) -> Result<Connection, StoreError> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.busy_timeout(Duration::from_secs(2))?;
    conn.pragma_update(None, "query_only", true)?;
    conn.pragma_update(None, "cache_size", -4_096)?;
    conn.set_prepared_statement_cache_capacity(128);
    Ok(conn)
}
