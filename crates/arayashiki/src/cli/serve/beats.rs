//! The process's own row: written every few seconds while it lives, and once more as a goodbye. Nothing depends on it but
//! what people are shown.

use std::time::Duration;
use store::processes::{self, Me};
use store::{Store, StoreError};
use tokio_util::sync::CancellationToken;

const EVERY: Duration = Duration::from_secs(5);
const GOODBYE: Duration = Duration::from_secs(2);

pub async fn run(store: Store, me: Me, stop: CancellationToken) {
    let mut is_told = false;
    loop {
        match beat(&store, me.clone()).await {
            Ok(()) => is_told = false,
            Err(error) if !is_told => {
                tracing::warn!(%error, "this process can't say that it lives; it is tried again every few seconds");
                is_told = true;
            }
            Err(_) => {}
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

async fn beat(store: &Store, me: Me) -> Result<(), StoreError> {
    store.write("beat", move |tx| Box::pin(async move { processes::beat(tx, &me).await })).await
}

/// A database that is away hears no goodbye; the row then grows old by itself.
pub async fn goodbye(store: &Store, id: String) {
    let said = store.write("goodbye", move |tx| Box::pin(async move { processes::stopped(tx, &id).await }));
    let _ = tokio::time::timeout(GOODBYE, said).await;
}
