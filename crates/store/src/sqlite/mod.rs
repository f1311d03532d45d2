//! SQLite: one writer thread that commits in groups, readers beside it, checkpoints on a connection of their own.
//! Never lets a caller write by any other way.

mod checkpoint;
mod queue;
mod reader;
mod writer;

use crate::pressure::Pressure;
use crate::tx::{Tx, Unit};
use crate::{Clock, StoreError, crash_point, migrate};
use futures_util::FutureExt;
use model::signal::Signal;
use queue::{Intake, Queue, Run, Work};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;

/// Waiting to be written at most; beyond that the receiver says so at once instead of growing.
const MAX_WAITING_INTAKE: usize = 4_096;
const MAX_WAITING_UNITS: usize = 4_096;

/// What a file is for: its schema, and what its group commits are called in crash points.
#[derive(Clone, Copy)]
pub struct Purpose {
    pub unit: &'static str,
    /// Passed when a group's rows are written and not yet committed.
    pub inserted: fn(),
    pub schema: fn(&mut rusqlite::Connection) -> Result<(), StoreError>,
    /// What the file's `user_version` is when its schema is up to date: nobody reads before.
    pub version: i64,
}

/// The store itself.
pub const STORE: Purpose = Purpose {
    unit: "intake",
    inserted: || crash_point!("intake.inserted"),
    schema: migrate::sqlite,
    version: migrate::LATEST,
};

/// Where the writer writes, and what for.
pub struct Place {
    pub path: PathBuf,
    pub purpose: Purpose,
}

pub struct Sqlite {
    pub pressure: Arc<Pressure>,
    writes: Arc<Queue>,
    reads: Arc<Queue>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Sqlite {
    pub fn start(path: &Path, readers: usize, clock: &Clock, purpose: Purpose) -> Result<Self, StoreError> {
        let writes = Arc::new(Queue::default());
        let reads = Arc::new(Queue::default());
        let mut threads = Vec::new();
        let mut spawn = |name: &str, body: Box<dyn FnOnce() + Send>| {
            let thread = std::thread::Builder::new().name(name.to_owned()).spawn(body);
            thread.map(|t| threads.push(t)).map_err(|e| StoreError::Away(format!("no thread for the store: {e}")))
        };
        let file = Arc::new(path.to_path_buf());
        let pressure = Arc::new(Pressure::default());
        let (queue, time, gauge) = (writes.clone(), clock.clone(), pressure.clone());
        let place = Place { path: path.to_path_buf(), purpose };
        spawn("store-writer", Box::new(move || writer::run(&queue, &place, &time, &gauge)))?;
        for _ in 0..readers.max(1) {
            let (queue, place, time) = (reads.clone(), file.clone(), clock.clone());
            spawn("store-reader", Box::new(move || reader::run(&queue, &place, purpose.version, &time)))?;
        }
        let (queue, place) = (writes.clone(), file);
        spawn("store-checkpoint", Box::new(move || checkpoint::run(&queue, &place)))?;
        Ok(Self { pressure, writes, reads, threads: Mutex::new(threads) })
    }

    pub async fn accept(&self, signal: Signal) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        self.writes.push_intake(Intake { signal, reply }, MAX_WAITING_INTAKE)?;
        answer.await.unwrap_or_else(|_| Err(StoreError::Away("the writer stopped".into())))
    }

    pub async fn write<T, F>(&self, name: &'static str, unit: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut Tx) -> Unit<'a, T> + Send + 'static,
    {
        submit(&self.writes, name, unit).await
    }

    pub async fn read<T, F>(&self, unit: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut Tx) -> Unit<'a, T> + Send + 'static,
    {
        submit(&self.reads, "", unit).await
    }

    pub async fn close(&self) {
        self.writes.close();
        self.reads.close();
        let threads = self.threads.lock().map(|mut t| std::mem::take(&mut *t)).unwrap_or_default();
        let _ = tokio::task::spawn_blocking(move || {
            for thread in threads {
                let _ = thread.join();
            }
        })
        .await;
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        self.writes.close();
        self.reads.close();
    }
}

async fn submit<T, F>(queue: &Queue, name: &'static str, unit: F) -> Result<T, StoreError>
where
    T: Send + 'static,
    F: for<'a> FnOnce(&'a mut Tx) -> Unit<'a, T> + Send + 'static,
{
    let (reply, answer) = oneshot::channel();
    let run: Run = Box::new(move |tx| {
        let result = match tx {
            // SQL on this thread never waits, so a unit that does waits for something it must not.
            Ok(tx) => unit(tx).now_or_never().unwrap_or_else(|| {
                Err(StoreError::Bug("a unit of work waited for something other than the database".into()))
            }),
            Err(error) => Err(error),
        };
        let keep = result.is_ok();
        let finish: queue::Finish = Box::new(move |committed| {
            let _ = reply.send(match committed {
                Ok(()) => result,
                Err(error) => result.and(Err(error)),
            });
        });
        (keep, finish)
    });
    queue.push_unit(Work { name, run }, MAX_WAITING_UNITS)?;
    answer.await.unwrap_or_else(|_| Err(StoreError::Bug("a unit of work panicked".into())))
}

/// Opens the file for writing and brings its schema up to date.
fn open_writer(place: &Place) -> Result<rusqlite::Connection, StoreError> {
    if let Some(folder) = place.path.parent().filter(|f| !f.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)
            .map_err(|e| StoreError::Unwritable(format!("can't make the folder {}: {e}", folder.display())))?;
    }
    let mut conn = rusqlite::Connection::open(&place.path)?;
    conn.busy_timeout(Duration::from_secs(5))?;
    conn.set_prepared_statement_cache_capacity(256);
    conn.pragma_update(None, "journal_mode", "WAL")?;
    // FULL syncs the log at every commit: what was acknowledged survives a power cut.
    let synchronous = if crate::faults::sabotaged("synchronous_off") { "OFF" } else { "FULL" };
    conn.pragma_update(None, "synchronous", synchronous)?;
    // Small steps, often: each costs a commit a few milliseconds, where a large one beside us fills the disk's queue and
    // holds up every commit behind it for a hundred.
    conn.pragma_update(None, "wal_autocheckpoint", 1_000)?;
    conn.pragma_update(None, "cache_size", -16_384)?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    (place.purpose.schema)(&mut conn)?;
    Ok(conn)
}
