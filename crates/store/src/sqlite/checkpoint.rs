//! Moves the log into the database file beside the writer, so that no acknowledgement waits for it. Only when the log
//! has grown far does it take the writer's turn for a moment, to start the log anew.

use super::queue::Queue;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Below this the log is left alone.
const WORTHWHILE_BYTES: u64 = 4 << 20;
/// Beyond this the writer has to wait until the log is empty.
const TOO_LONG_BYTES: u64 = 128 << 20;

pub fn run(queue: &Queue, path: &Path) {
    let log = log_of(path);
    let mut conn: Option<Connection> = None;
    while queue.idle(Duration::from_millis(200)) {
        let bytes = std::fs::metadata(&log).map_or(0, |m| m.len());
        if bytes < WORTHWHILE_BYTES {
            continue;
        }
        let mode = if bytes > TOO_LONG_BYTES { "TRUNCATE" } else { "PASSIVE" };
        if conn.is_none() {
            conn = open(path).ok();
        }
        let done = conn.as_ref().map(|c| c.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |_| Ok(())));
        if let Some(Err(error)) = done {
            tracing::warn!(%error, "a checkpoint did not finish; it is tried again");
            conn = None;
        }
    }
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let conn = Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    conn.busy_timeout(Duration::from_millis(500))?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    Ok(conn)
}

fn log_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}
