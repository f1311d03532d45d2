//! The spool: where signals are made durable while PostgreSQL is away or hangs, in a SQLite file beside this process.
//! `accept` promises nothing before a commit either here or there; what lies here is moved by `drain`. Never read by
//! anybody but the drain, and never a second home: a row leaves it only after PostgreSQL has committed it.

mod drain;
mod file;

pub use file::Parcel;

use crate::postgres::Postgres;
use crate::{Clock, StoreError, set_meta};
use file::File;
use model::Micros;
use model::signal::Signal;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// What PostgreSQL gets before a signal goes to the spool instead. PagerDuty waits five seconds and the receiver
/// answers within two; a signal that was merely slow ends as one row all the same, because its key is unique.
const PATIENCE: Duration = Duration::from_millis(1_000);

/// How the spool is, for pages, metrics and readiness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spooled {
    pub path: PathBuf,
    /// Acknowledged signals that are not in PostgreSQL yet.
    pub rows: i64,
    pub oldest_at: Option<Micros>,
    /// Since when signals go to the spool, because PostgreSQL does not take them.
    pub away_since: Option<Micros>,
    /// Rows are being moved.
    pub draining: bool,
    /// Rows that PostgreSQL refuses by our own fault; they stay, and hold nothing up.
    pub stuck: i64,
    /// Signals ever made durable here, and those of them that went to PostgreSQL.
    pub kept: i64,
    pub moved: i64,
    /// Why it can't take anything just now.
    pub trouble: Option<String>,
}

impl Spooled {
    /// What was kept and is neither here nor was moved; must be 0.
    pub const fn lost(&self) -> i64 {
        let lost = self.kept - self.moved - self.rows;
        if lost < 0 { 0 } else { lost }
    }
}

pub struct Spool {
    path: PathBuf,
    clock: Clock,
    file: OnceLock<File>,
    /// Why the file is not open, or could not be written.
    trouble: Mutex<Option<String>>,
    /// The breaker: since when PostgreSQL counts as away, in microseconds; 0 while it does not.
    away_since: AtomicI64,
    is_draining: AtomicBool,
    stuck: AtomicI64,
    /// Rung when there is something to move, or to look after.
    bell: Notify,
}

impl Spool {
    /// Opens the spool and starts moving what lies in it. A file that another process uses is refused; one that can't
    /// be opened for any other reason is tried again from time to time, because PostgreSQL may be well meanwhile.
    pub fn start(path: &Path, clock: &Clock, postgres: &Arc<Postgres>) -> Result<Arc<Self>, StoreError> {
        let spool = Arc::new(Self {
            path: path.to_path_buf(),
            clock: clock.clone(),
            file: OnceLock::new(),
            trouble: Mutex::default(),
            away_since: AtomicI64::new(0),
            is_draining: AtomicBool::new(false),
            stuck: AtomicI64::new(0),
            bell: Notify::new(),
        });
        match spool.open() {
            Err(error @ StoreError::Refused(_)) => return Err(error),
            Err(error) => tracing::error!(
                %error,
                "the spool can't be opened: while PostgreSQL is away nothing is taken. It is tried again; see [store] spool"
            ),
            Ok(()) => {}
        }
        postgres.keep_up(drain::run(spool.clone(), Arc::downgrade(postgres), postgres.stopping()));
        Ok(spool)
    }

    fn open(&self) -> Result<(), StoreError> {
        if self.file.get().is_some() {
            return Ok(());
        }
        let opened = File::open(&self.path, &self.clock);
        self.note(opened.as_ref().err());
        let _ = self.file.set(opened?);
        Ok(())
    }

    fn file(&self) -> Result<&File, StoreError> {
        self.file.get().ok_or_else(|| StoreError::Unwritable("the spool is not open".to_owned()))
    }

    fn note(&self, error: Option<&StoreError>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = error.map(ToString::to_string);
    }

    pub fn is_away(&self) -> bool {
        self.away_since.load(Relaxed) != 0
    }

    /// Makes a signal durable, there or here.
    pub async fn accept(&self, postgres: &Postgres, signal: Signal) -> Result<(), StoreError> {
        if self.is_away() {
            return match self.put(signal.clone()).await {
                // PostgreSQL may be back although nobody has noticed yet.
                Err(error) => directly(postgres, signal).await.map_err(|_| error),
                Ok(()) => Ok(()),
            };
        }
        match directly(postgres, signal.clone()).await {
            Err(error) if error.is_passing() => {
                self.gone(&error);
                self.put(signal).await
            }
            other => other,
        }
    }

    async fn put(&self, signal: Signal) -> Result<(), StoreError> {
        let put = self.file()?.accept(signal).await;
        self.note(put.as_ref().err());
        self.bell.notify_one();
        put
    }

    /// Can a signal be made durable right now? Proven by a write, there or else here.
    pub async fn probe(&self, postgres: &Postgres) -> Result<(), StoreError> {
        if !self.is_away() {
            match probe(postgres).await {
                Err(error) if error.is_passing() => self.gone(&error),
                other => return other,
            }
        }
        let probed = self.file()?.probe(self.clock.now()).await;
        self.note(probed.as_ref().err());
        probed
    }

    /// Opens the breaker.
    fn gone(&self, error: &StoreError) {
        let now = self.clock.now().0.max(1);
        if self.away_since.compare_exchange(0, now, Relaxed, Relaxed).is_ok() {
            tracing::error!(
                %error,
                spool = %self.path.display(),
                "PostgreSQL does not take signals: they are kept in the spool until it does"
            );
            self.bell.notify_one();
        }
    }

    /// Closes it: PostgreSQL has just committed something.
    fn back(&self) {
        if self.away_since.swap(0, Relaxed) != 0 {
            tracing::info!("PostgreSQL takes signals again; what lies in the spool is moved there");
        }
    }

    pub async fn spooled(&self) -> Spooled {
        let counts = match self.file() {
            Ok(file) => file.tally().await.map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let away_since = Some(self.away_since.load(Relaxed)).filter(|since| *since != 0).map(Micros);
        let (counts, unread) = counts.map_or_else(|why| (file::Counts::default(), Some(why)), |c| (c, None));
        Spooled {
            path: self.path.clone(),
            rows: counts.rows,
            oldest_at: counts.oldest_at,
            away_since,
            draining: self.is_draining.load(Relaxed),
            stuck: self.stuck.load(Relaxed),
            kept: counts.kept,
            moved: counts.moved,
            trouble: trouble.or(unread),
        }
    }

    /// After PostgreSQL's own end, and with it the drain's.
    pub async fn close(&self) {
        if let Some(file) = self.file.get() {
            file.close().await;
        }
    }
}

async fn directly(postgres: &Postgres, signal: Signal) -> Result<(), StoreError> {
    within(PATIENCE, postgres.accept(signal)).await
}

async fn probe(postgres: &Postgres) -> Result<(), StoreError> {
    let probe = postgres.write("probe", |tx| {
        Box::pin(async move {
            let now = tx.now().0.to_string();
            set_meta(tx, "probe", &now).await
        })
    });
    within(PATIENCE, probe).await
}

async fn within<T>(time: Duration, work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    let late = |_| Err(StoreError::Away(format!("PostgreSQL did not answer within {} ms", time.as_millis())));
    tokio::time::timeout(time, work).await.unwrap_or_else(late)
}
