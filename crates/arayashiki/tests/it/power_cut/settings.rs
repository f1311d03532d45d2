//! The live writer's own word on whether a commit reaches the disk, on each database, as the server tells it at its
//! start; and its outcry when it does not.

use super::machine::config;
use crate::outside::wait;
use crate::world::{Arms, Database, Site, site};

/// A server that tells more than the tests' usually do.
fn started(database: Database, sabotage: &str) -> Site {
    let mut site = Site::new(database, tempfile::tempdir().unwrap(), site::free_port(), &config());
    let variables = vec![("ARAYASHIKI__LOG__FILTER".to_owned(), "info".to_owned())];
    site.start(&Arms { variables, ..Arms::sabotage(sabotage) });
    site
}

fn told(site: &Site) -> String {
    wait::until("a word about the database", || {
        let log = site.log_text();
        log.lines().find(|line| line.contains("settings=")).map(str::to_owned)
    })
}

#[test]
fn the_live_writer_syncs_every_commit_and_says_so() {
    for database in Database::at_hand() {
        let site = started(database, "");
        let said = told(&site);
        let wanted: &[(&str, &str)] = match database {
            Database::Sqlite => &[("synchronous", "2"), ("journal_mode", "wal")],
            Database::Postgres => &[("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on")],
        };
        for setting in wanted {
            assert!(said.contains(&format!("{setting:?}")), "no {setting:?}: {said}");
        }
        assert!(!site.log_text().contains("does not sync"));
    }
}

#[test]
fn a_writer_that_does_not_sync_is_called_out() {
    let site = started(Database::Sqlite, "synchronous_off");
    told(&site);
    assert!(site.log_text().contains("does not sync"), "{}", site.log_text());
}
