//! Somebody who comes for the first time: what the server says at its first start, the way in through the pages, and
//! the commands that make accounts and tokens.

pub mod browser;
mod commands;
mod ways_in;

use crate::world::{Database, Site, site};
pub use browser::Browser;

/// An installation that nobody has used yet.
fn fresh() -> Site {
    Site::new(Database::Sqlite, tempfile::tempdir().unwrap(), site::free_port(), "")
}
