//! Retention: outputs whose time is over are given up in the record first and deleted after that, so that a crash between the
//! two leaves something to delete and never a gap that nobody can explain. What is on hold stays.

use crate::Shared;
use evidence::Evidence;
use model::capsule::Capsule;
use store::{StoreError, capsules};
use tokio_util::sync::CancellationToken;

const AT_ONCE: i64 = 100;

pub async fn keep(shared: &Shared, stop: &CancellationToken) {
    if shared.settings.record.retention.is_none() {
        return;
    }
    if let Err(why) = some(shared, stop).await {
        tracing::warn!(why, "outputs past their retention can't be deleted; it is tried again");
    }
}

async fn some(shared: &Shared, stop: &CancellationToken) -> Result<(), String> {
    let text = |error: StoreError| error.to_string();
    // What a crash left, then what is due.
    delete(shared).await?;
    while !stop.is_cancelled() && give_up(shared).await.map_err(text)? > 0 {
        delete(shared).await?;
    }
    Ok(())
}

/// Gives up what is due, each in a transaction of its own; says how many there were.
async fn give_up(shared: &Shared) -> Result<usize, StoreError> {
    let Some(retention) = shared.settings.record.retention.clone() else { return Ok(0) };
    let read = shared.store.read(move |tx| {
        Box::pin(async move {
            let before = tx.now().plus_s(-retention.after_s);
            capsules::expired(tx, before, AT_ONCE).await
        })
    });
    let due = read.await?;
    let mut given_up = 0;
    for capsule in due {
        let text = shared.settings.record.retention.as_ref().map(|one| one.text.clone()).unwrap_or_default();
        let unit = shared
            .store
            .write("retention", move |tx| Box::pin(async move { capsules::expire(tx, &capsule, &text).await }));
        given_up += usize::from(unit.await?);
    }
    Ok(given_up)
}

async fn delete(shared: &Shared) -> Result<(), String> {
    loop {
        let read = shared.store.read(|tx| Box::pin(capsules::doomed(tx, AT_ONCE)));
        let doomed = read.await.map_err(|error| error.to_string())?;
        if doomed.is_empty() {
            return Ok(());
        }
        let Some(settings) = &shared.outside.evidence else { return Ok(()) };
        let evidence = Evidence::look(settings).await.map_err(|error| error.to_string())?;
        for capsule in doomed {
            one(shared, &evidence, capsule).await?;
        }
    }
}

async fn one(shared: &Shared, evidence: &Evidence, capsule: Capsule) -> Result<(), String> {
    for output in capsule.output.each() {
        evidence.remove_output(&output.object).await.map_err(|error| error.to_string())?;
    }
    let unit =
        shared.store.write("removed", move |tx| Box::pin(async move { capsules::removed(tx, &capsule.id).await }));
    unit.await.map_err(|error| error.to_string())
}
