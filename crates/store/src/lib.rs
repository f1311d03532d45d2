//! The only crate with SQL: SQLite and PostgreSQL behind one transaction type, one file a noun. Never calls out over a
//! network other than to its database, and never decides what a row means.

pub mod accounts;
pub mod actions;
pub mod acts;
pub mod alerts;
pub mod audit;
pub mod backfills;
pub mod breakers;
pub mod calendar_events;
pub mod callouts;
pub mod canaries;
pub mod capsules;
pub mod chain;
mod clock;
pub mod concerns;
pub mod cursors;
pub mod dirty;
pub mod duty_state;
mod error;
pub mod facts;
pub mod faults;
pub mod gaps;
pub mod heard;
pub mod holds;
pub mod hosts;
pub mod inbox;
pub mod incidents;
pub mod jobs;
pub mod ledger;
pub mod lock;
pub mod mails;
mod many;
mod migrate;
pub mod nag;
pub mod nets;
pub mod outages;
pub mod own_windows;
pub mod page_rules;
pub mod person_days;
pub mod polls;
mod postgres;
pub mod posts;
mod pressure;
pub mod processes;
pub mod push_channels;
pub mod receipts;
pub mod reference;
pub mod reminders;
pub mod runbook_approvals;
pub mod runs;
pub mod saved_filters;
pub mod search;
pub mod sessions;
pub mod sightings;
pub mod slack_accounts;
mod spool;
mod sqlite;
#[cfg(test)]
mod tests;
pub mod tickets;
pub mod timers;
pub mod tokens;
mod tx;
pub mod unheard;
mod val;
pub mod version;
pub mod visits;

pub use clock::Clock;
pub use error::StoreError;
pub use spool::Spooled;
pub use tx::{Tx, Unit, statements};
pub use val::{Row, Val};

use model::signal::Signal;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where the store is and how it is opened.
#[derive(Clone, Debug)]
pub struct Options {
    pub place: Place,
    /// How many reads run side by side.
    pub readers: usize,
    pub clock: Clock,
}

#[derive(Clone)]
pub enum Place {
    Sqlite(PathBuf),
    /// A `postgres://` address with its password; never printed.
    Postgres(String),
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(_) => f.write_str("postgres://…"),
        }
    }
}

/// The store. Clones share it.
#[derive(Clone)]
pub struct Store {
    db: Db,
    clock: Clock,
    spool: Option<Arc<spool::Spool>>,
}

#[derive(Clone)]
enum Db {
    Sqlite(Arc<sqlite::Sqlite>),
    Postgres(Arc<postgres::Postgres>),
}

impl Store {
    /// Opens the store. The database itself may still be away: it is opened and migrated by the first unit that reaches
    /// it, and again after every loss, so that a server started before its database needs no restart.
    pub fn open(options: Options) -> Result<Self, StoreError> {
        let clock = options.clock.clone();
        let db = match &options.place {
            Place::Sqlite(path) => {
                Db::Sqlite(Arc::new(sqlite::Sqlite::start(path, options.readers, &clock, sqlite::STORE)?))
            }
            Place::Postgres(url) => Db::Postgres(Arc::new(postgres::Postgres::start(url, options.readers, &clock)?)),
        };
        Ok(Self { db, clock, spool: None })
    }

    /// Keeps signals in this file while PostgreSQL does not take them, and moves them there when it does. SQLite has no
    /// use for it. For the process that receives: a file belongs to one process at a time.
    pub fn with_spool(mut self, path: &Path) -> Result<Self, StoreError> {
        if let Db::Postgres(db) = &self.db {
            self.spool = Some(spool::Spool::start(path, &self.clock, db)?);
        }
        Ok(self)
    }

    /// What lies in the spool; `None` where there is none.
    pub async fn spooled(&self) -> Option<Spooled> {
        match &self.spool {
            Some(spool) => Some(spool.spooled().await),
            None => None,
        }
    }

    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    pub const fn is_postgres(&self) -> bool {
        matches!(self.db, Db::Postgres(_))
    }

    /// Makes a signal durable. `Ok` means committed and synced; every error means that nothing may be promised.
    pub async fn accept(&self, signal: Signal) -> Result<(), StoreError> {
        match (&self.db, &self.spool) {
            (Db::Sqlite(db), _) => db.accept(signal).await,
            (Db::Postgres(db), None) => db.accept(signal).await,
            (Db::Postgres(db), Some(spool)) => spool.accept(db, signal).await,
        }
    }

    /// Are signals coming in so hard that work that can wait should wait?
    pub fn is_storm(&self) -> bool {
        match &self.db {
            Db::Sqlite(db) => db.pressure.is_storm(),
            Db::Postgres(db) => db.is_storm(),
        }
    }

    /// Runs a unit of work in one transaction and commits it; an error rolls all of it back. The unit goes on to its
    /// end even when the caller is dropped. `name` is the unit's name in crash points and logs.
    pub async fn write<T, F>(&self, name: &'static str, unit: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut Tx) -> Unit<'a, T> + Send + 'static,
    {
        match &self.db {
            Db::Sqlite(db) => db.write(name, unit).await,
            Db::Postgres(db) => db.write(name, unit).await,
        }
    }

    /// Runs reads in one consistent view; whatever they write is refused or rolled back.
    pub async fn read<T, F>(&self, unit: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a mut Tx) -> Unit<'a, T> + Send + 'static,
    {
        match &self.db {
            Db::Sqlite(db) => db.read(unit).await,
            Db::Postgres(db) => db.read(unit).await,
        }
    }

    /// Can the store take an event durably right now? Proven by a write, not by a guess.
    pub async fn probe(&self) -> Result<(), StoreError> {
        if let (Db::Postgres(db), Some(spool)) = (&self.db, &self.spool) {
            return spool.probe(db).await;
        }
        self.write("probe", |tx| {
            Box::pin(async move {
                let now = tx.now().0.to_string();
                set_meta(tx, "probe", &now).await
            })
        })
        .await
    }

    /// The live connection's own word on whether a commit reaches the disk, as (setting, value).
    pub async fn durability(&self) -> Result<Vec<(String, String)>, StoreError> {
        self.write("durability", |tx| Box::pin(migrate::durability(tx))).await
    }

    /// Waits until what was handed over is committed, then lets go of the database.
    pub async fn close(self) {
        match self.db {
            Db::Sqlite(db) => db.close().await,
            Db::Postgres(db) => db.close().await,
        }
        if let Some(spool) = self.spool {
            spool.close().await;
        }
    }
}

/// A named value of the installation.
pub async fn meta(tx: &mut Tx, name: &str) -> Result<Option<String>, StoreError> {
    tx.one("SELECT value FROM meta WHERE name = ?1", vals![name]).await?.map(|row| row.string(0)).transpose()
}

pub async fn set_meta(tx: &mut Tx, name: &str, value: &str) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        vals![name, value],
    )
    .await?;
    Ok(())
}
