//! Starts the log anew when it has grown far. The writer moves it into the database file in small steps of its own; it
//! can't start it over while somebody reads from it, so a busy night may leave it long.

use super::queue::Queue;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Beyond this the writer has to wait until the log is empty.
const TOO_LONG_BYTES: u64 = 128 << 20;
/// After a try that a reader stood in the way of.
const PATIENCE: Duration = Duration::from_secs(5);

pub fn run(queue: &Queue, path: &Path) {
    let log = log_of(path);
    let mut conn: Option<Connection> = None;
    while queue.idle(Duration::from_millis(200)) {
        let bytes = std::fs::metadata(&log).map_or(0, |m| m.len());
        if bytes < TOO_LONG_BYTES {
            continue;
        }
        if conn.is_none() {
            conn = open(path).ok();
        }
        match conn.as_ref().map(|c| c.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0))) {
            Some(Ok(0)) | None => {}
            Some(Ok(_)) => {
                queue.idle(PATIENCE);
            }
            Some(Err(error)) => {
                tracing::warn!(%error, "a checkpoint did not finish; it is tried again");
                conn = None;
                queue.idle(PATIENCE);
            }
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
