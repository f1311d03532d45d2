//! Which part of the whole a process is. Several processes of any role share one PostgreSQL; nothing else joins them.

use super::Failure;
use crate::config::{Config, StoreUrl};
use clap::ValueEnum;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// Everything in one process.
    All,
    /// Receives webhooks and makes them durable.
    Ingest,
    /// Reads signals, does jobs, keeps timers.
    Work,
    /// Pages and API.
    Web,
}

impl Role {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Ingest => "ingest",
            Self::Work => "work",
            Self::Web => "web",
        }
    }

    pub const fn receives(self) -> bool {
        matches!(self, Self::All | Self::Ingest)
    }

    pub const fn shows(self) -> bool {
        matches!(self, Self::All | Self::Web)
    }

    /// A SQLite file has one writer, which is one process.
    pub fn fits(self, config: &Config) -> Result<(), Failure> {
        match (&config.store.url, self) {
            (StoreUrl::Postgres(_), _) | (_, Self::All) => Ok(()),
            (StoreUrl::Sqlite(path), _) => Err(Failure::Wrong(format!(
                "--role {} needs PostgreSQL, and [store] url is the SQLite file {}: leave --role out, or set \
                 url = \"postgres://user@host/database\" for all processes",
                self.as_str(),
                path.display()
            ))),
        }
    }
}
