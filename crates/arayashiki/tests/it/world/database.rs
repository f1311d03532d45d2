//! Where a world's program keeps its data: a SQLite file, or a PostgreSQL database of its own.

use crate::outside::{environment, skip};
use std::path::Path;
use std::process::Command;
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    Sqlite,
    Postgres,
}

/// The database of one world, gone with it.
pub struct Place {
    pub url: String,
    /// The server's administrator and the database's name.
    postgres: Option<(String, String)>,
}

impl Database {
    /// Both, where a server is at hand.
    pub fn at_hand() -> Vec<Self> {
        if server().is_some() { vec![Self::Sqlite, Self::Postgres] } else { vec![Self::Sqlite] }
    }

    pub fn place(self, folder: &Path) -> Place {
        match self {
            Self::Sqlite => Place { url: format!("sqlite:{}", folder.join("data/store.db").display()), postgres: None },
            Self::Postgres => {
                static NEXT: AtomicU32 = AtomicU32::new(0);
                let admin = server().unwrap();
                let name = format!("arayashiki_it_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst));
                psql(&admin, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
                psql(&admin, &format!("CREATE DATABASE {name}"));
                let (server, _) = admin.rsplit_once('/').unwrap();
                Place { url: format!("{server}/{name}"), postgres: Some((admin, name)) }
            }
        }
    }
}

impl Place {
    /// A database that somebody else takes care of.
    pub fn at(url: &str) -> Self {
        Self { url: url.to_owned(), postgres: None }
    }

    pub fn borrowed(other: &Self) -> Self {
        Self::at(&other.url)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some((admin, name)) = &self.postgres {
            let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            let _ = Command::new("psql").args(["-qX", admin, "-c", &sql]).output();
        }
    }
}

/// The server for tests, if there is one.
fn server() -> Option<String> {
    static SAID: Once = Once::new();
    let url = environment("ARAYASHIKI_TEST_POSTGRES");
    if url.is_none() {
        SAID.call_once(|| skip("PostgreSQL", "eval \"$(scripts/services start)\" sets it up"));
    }
    url
}

/// Runs statements as the administrator; the answer's rows, one a line.
pub fn psql(url: &str, sql: &str) -> String {
    let output = Command::new("psql").args(["-qXAt", "-v", "ON_ERROR_STOP=1", url, "-c", sql]).output().unwrap();
    assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
