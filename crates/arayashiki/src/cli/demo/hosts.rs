//! The demo's hosts: a simulated world behind SSH whose hosts suffer from what the simulated account's alerts say. Their keys are
//! trusted as a person would trust them.

use crate::cli::Failure;
use sandbox::hosts::{Options, World};
use sandbox::pagerduty;
use std::path::Path;
use store::{Store, StoreError, Tx, hosts};

pub const SIGHTS: [(&str, &str, &str); 2] = [
    ("1st minute", "/runs", "what was run on the troubled hosts, step by step, with what came back"),
    ("1st minute", "/hosts", "which hosts can be reached, by which way, and how their clocks stand"),
];

/// A simulated bastion and the hosts behind it.
pub struct Outside {
    world: World,
    tables: String,
    /// Name and known-hosts line of each.
    keys: Vec<(String, String, String)>,
}

impl Outside {
    pub async fn start(folder: &Path, seed: u64, account: &pagerduty::Sandbox) -> Result<Self, Failure> {
        let mut world = sandbox::hosts::start(Options { seed, ..Options::default() })
            .await
            .map_err(|error| Failure::Failed(error.to_string()))?;
        world.follow(account);
        let files = world
            .write_client_files(&folder.join("ssh"))
            .map_err(|error| Failure::Failed(format!("can't write the demo's SSH files: {error}")))?;
        let inventory = std::fs::read_to_string(&files.inventory)
            .map_err(|error| Failure::Failed(format!("can't read {}: {error}", files.inventory.display())))?;
        let known = world.known_hosts().map_err(Failure::Failed)?;
        let keys = world
            .info()
            .hosts
            .iter()
            .zip(known.lines())
            .filter_map(|(host, line)| {
                let (_, key) = line.split_once(' ')?;
                Some((host.name.clone(), key.to_owned(), host.fingerprint.clone()))
            })
            .collect();
        let tables = format!("\n[diagnose]\nmode = \"run\"\n\n{inventory}");
        Ok(Self { world, tables, keys })
    }

    pub fn configuration(&self) -> &str {
        &self.tables
    }

    /// What `arayashiki host trust` does after a person has compared the keys.
    pub async fn trust(&self, store: &Store) -> Result<(), Failure> {
        let keys = self.keys.clone();
        let trusted = store.write("demo", move |tx| {
            let keys = keys.clone();
            Box::pin(async move { trust_all(tx, &keys).await })
        });
        Ok(trusted.await?)
    }

    pub async fn stop(self) {
        self.world.stop().await;
    }
}

async fn trust_all(tx: &mut Tx, keys: &[(String, String, String)]) -> Result<(), StoreError> {
    for (name, line, fingerprint) in keys {
        hosts::trust(tx, name, name, line, fingerprint, "demo").await?;
    }
    Ok(())
}
