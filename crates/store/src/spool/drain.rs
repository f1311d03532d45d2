//! Moves what lies in the spool to PostgreSQL, oldest first, and looks from time to time whether PostgreSQL is back.
//! Takes a row out only after PostgreSQL's commit: dying between the two repeats an insert that changes nothing.

use super::file::Parcel;
use super::{Spool, probe, within};
use crate::StoreError;
use crate::postgres::Postgres;
use std::collections::BTreeSet;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// While PostgreSQL is away it is tried this often.
const TRY_EVERY: Duration = Duration::from_millis(500);
/// With nothing to do: whether the spool can be opened, say.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// One step's time there.
const STEP: Duration = Duration::from_secs(5);

/// What a step came to.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Moved,
    /// Nothing is left to move.
    Empty,
    Failed,
}

/// Ends with the store. What can still be moved at the end is moved, so that a machine that is taken away leaves nothing.
pub async fn run(spool: Arc<Spool>, postgres: Weak<Postgres>, stop: CancellationToken) {
    let mut stuck = BTreeSet::new();
    loop {
        let Some(there) = postgres.upgrade() else { return };
        if stop.is_cancelled() && spool.is_away() {
            return;
        }
        let step = step(&spool, &there, &mut stuck).await;
        drop(there);
        spool.is_draining.store(step == Step::Moved, Relaxed);
        if step == Step::Moved {
            continue;
        }
        if stop.is_cancelled() {
            return;
        }
        rest(&spool, &stop).await;
    }
}

async fn rest(spool: &Spool, stop: &CancellationToken) {
    // While PostgreSQL is away every signal rings, and nothing can be moved: then only the time counts.
    let bell = async {
        if spool.is_away() {
            std::future::pending::<()>().await;
        }
        spool.bell.notified().await;
    };
    let time = if spool.is_away() { TRY_EVERY } else { LOOK_EVERY };
    tokio::select! {
        () = stop.cancelled() => {}
        () = bell => {}
        () = tokio::time::sleep(time) => {}
    }
}

async fn step(spool: &Spool, postgres: &Postgres, stuck: &mut BTreeSet<i64>) -> Step {
    let parcels = match oldest(spool, stuck).await {
        Ok(parcels) => parcels,
        Err(error) => {
            spool.note(Some(&error));
            Vec::new()
        }
    };
    if parcels.is_empty() {
        if spool.is_away() && probe(postgres).await.is_ok() {
            spool.back();
        }
        return Step::Empty;
    }
    match hand_over(spool, postgres, &parcels).await {
        Ok(()) => Step::Moved,
        Err(StoreError::Bug(why)) => {
            tracing::error!(why, "rows of the spool could not be moved together; each is now moved by itself");
            one_by_one(spool, postgres, parcels, stuck).await
        }
        Err(error) => {
            spool.gone(&error);
            Step::Failed
        }
    }
}

async fn oldest(spool: &Spool, stuck: &BTreeSet<i64>) -> Result<Vec<Parcel>, StoreError> {
    spool.open()?;
    spool.file()?.oldest(stuck.clone()).await
}

/// The commit there, and only then the one here.
async fn hand_over(spool: &Spool, postgres: &Postgres, parcels: &[Parcel]) -> Result<(), StoreError> {
    within(STEP, postgres.take_over(parcels)).await?;
    spool.back();
    let ids = parcels.iter().map(|parcel| parcel.id).collect();
    let forgotten = spool.file()?.forget(ids).await;
    if let Err(error) = &forgotten {
        tracing::warn!(%error, "rows that were moved could not be taken out of the spool; they are moved once more");
        // Not in a tight loop: each repeat is counted there as a duplicate.
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(())
}

/// One row's fault must not hold up the others. Where no row at all can be moved, it is no row's fault.
async fn one_by_one(spool: &Spool, postgres: &Postgres, parcels: Vec<Parcel>, stuck: &mut BTreeSet<i64>) -> Step {
    let (all, mut refused) = (parcels.len(), BTreeSet::new());
    for parcel in parcels {
        match hand_over(spool, postgres, std::slice::from_ref(&parcel)).await {
            Ok(()) => {}
            Err(StoreError::Bug(why)) => {
                tracing::error!(why, row = parcel.id, "PostgreSQL refuses a row of the spool; it stays there");
                refused.insert(parcel.id);
            }
            Err(error) => {
                spool.gone(&error);
                return Step::Failed;
            }
        }
    }
    let is_by_itself = all == 1 && probe(postgres).await.is_ok();
    if refused.len() == all && !is_by_itself {
        spool.gone(&StoreError::Bug("PostgreSQL refuses every row of the spool".to_owned()));
        return Step::Failed;
    }
    stuck.append(&mut refused);
    spool.stuck.store(i64::try_from(stuck.len()).unwrap_or(i64::MAX), Relaxed);
    Step::Moved
}
