//! What may be visited and what may be run there, as the files say it now: read again when they change, so that no restart is
//! needed. A file that can't be read keeps what was known of it from counting, and says so.

use super::{Hosts, way};
use crate::{Shared, wake};
use duties::inventory::{Complaint, Inventory};
use duties::runbooks::{Problem, Set};
use probe::Known;
use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use store::hosts::{self, HostKey};
use tokio_util::sync::CancellationToken;

const EVERY: Duration = Duration::from_secs(2);

/// All that the files say.
#[derive(Clone, Debug, Default)]
pub struct Estate {
    pub inventory: Inventory,
    pub complaints: Vec<Complaint>,
    pub runbooks: Set,
    pub problems: Vec<Problem>,
    /// What ships with the program: digests that need nobody's approval.
    pub shipped: BTreeSet<String>,
    /// The text of files of known hosts.
    pub known_hosts: String,
}

/// Reads the files.
pub type Load = Arc<dyn Fn() -> Estate + Send + Sync>;

/// Follows what is no file, for as long as the process has hosts.
pub type Follow = Arc<dyn Fn(CancellationToken) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// Reads again what people change: files, and the keys that they trust.
pub async fn run(shared: Shared, hosts: Arc<Hosts>, stop: CancellationToken) {
    let mut known = None;
    loop {
        let reader = hosts.clone();
        if let Err(error) = tokio::task::spawn_blocking(move || reader.read_again()).await {
            tracing::error!(%error, "the hosts' files could not be read; what was known of them stays");
        }
        if let Err(error) = learn_keys(&shared, &hosts, &mut known).await {
            shared.trouble.failed(&error, "reading the hosts' keys");
        }
        if !wake::pause(EVERY, &stop).await {
            return;
        }
    }
}

async fn learn_keys(
    shared: &Shared,
    hosts: &Hosts,
    known: &mut Option<((i64, i64), String)>,
) -> Result<(), store::StoreError> {
    let version = shared.store.read(|tx| Box::pin(hosts::keys_version(tx))).await?;
    let files = hosts.estate().known_hosts.clone();
    if known.as_ref().is_some_and(|(last, text)| *last == version && *text == files) {
        return Ok(());
    }
    let keys = shared.store.read(|tx| Box::pin(hosts::keys(tx))).await?;
    hosts.know(&keys);
    *known = Some((version, files));
    Ok(())
}

/// Everything that is trusted, in the form of a file of known hosts.
pub fn known(keys: &[HostKey], files: &str) -> (Known, Vec<String>) {
    let lines: Vec<String> = keys.iter().map(|key| format!("{} {}", way::alias(&key.host), key.line)).collect();
    let (known, complaints) = Known::read(&format!("{}\n{files}", lines.join("\n")));
    let shift = lines.len();
    let said = complaints
        .into_iter()
        .map(|complaint| format!("known hosts, line {}: {}", complaint.line.saturating_sub(shift), complaint.what));
    (known, said.collect())
}
