//! SQLite is one process: a second server on the same file would count and work beside the first. Whoever serves holds a lock
//! beside the database; commands that write a little beside a server ask for none.

use super::Failure;
use crate::config::{Config, StoreUrl};
use std::path::Path;
use store::lock::{self, Lock, NotTaken};

/// For PostgreSQL there is nothing to hold.
pub fn hold(config: &Config) -> Result<Option<Lock>, Failure> {
    match &config.store.url {
        StoreUrl::Sqlite(path) => hold_file(path),
        StoreUrl::Postgres(_) => Ok(None),
    }
}

/// A folder that can't be written now is no reason not to start: the server answers 503 until it can.
pub fn hold_file(path: &Path) -> Result<Option<Lock>, Failure> {
    match lock::take(path) {
        Ok(lock) => Ok(Some(lock)),
        Err(NotTaken::Held { by, lock }) => Err(Failure::Failed(held(path, by, &lock))),
        Err(NotTaken::Unopened { path: place, error }) => {
            tracing::warn!(
                "{} can't be locked ({}: {error}): see that no other process serves the same file",
                path.display(),
                place.display()
            );
            Ok(None)
        }
    }
}

fn held(path: &Path, by: Option<u32>, lock: &Path) -> String {
    let (who, look) = match by {
        Some(id) => (format!("probably by process {id}"), format!("`ps -p {id}` shows it")),
        None => ("by another process".to_owned(), format!("`fuser {}` shows it", lock.display())),
    };
    format!(
        "{} is served already, {who}, which holds {}: SQLite is one process. Stop that one first ({look}), or give this one \
         a [store] url of its own; several processes on the same data need PostgreSQL",
        path.display(),
        lock.display()
    )
}
