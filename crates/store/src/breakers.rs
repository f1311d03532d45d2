//! Breakers: a destination that fails several times in a row is left alone for a while, and its jobs keep their tries.

use crate::{StoreError, Tx, vals};
use model::Micros;
use model::action::{Fault, Outcome};

/// Failures in a row before the breaker opens.
const OPENS_AT: i64 = 3;
const FIRST_PAUSE_S: i64 = 5;
const LONGEST_PAUSE_S: i64 = 300;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breaker {
    pub destination: String,
    pub failures: i64,
    pub open_until: Option<Micros>,
    pub opened_at: Option<Micros>,
    pub why: Option<String>,
}

/// Feeds an outcome to the destination's breaker.
pub async fn observe(tx: &mut Tx, destination: &str, outcome: &Outcome) -> Result<(), StoreError> {
    match outcome {
        Outcome::Later { fault: Fault::Destination, why, .. } | Outcome::Unknown { why, .. } => {
            failed(tx, destination, why).await
        }
        Outcome::Done { .. } => works(tx, destination).await,
        // A refusal is an answer, but no proof of health; a limiter's wait says nothing about the other side.
        _ => Ok(()),
    }
}

async fn works(tx: &mut Tx, destination: &str) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec(
        "UPDATE breaker SET failures = 0, open_until = NULL, opened_at = NULL, why = NULL, changed_at = ?2 \
         WHERE destination = ?1 AND failures > 0",
        vals![destination, now],
    )
    .await?;
    Ok(())
}

async fn failed(tx: &mut Tx, destination: &str, why: &str) -> Result<(), StoreError> {
    let now = tx.now();
    let row = tx
        .sure(
            "INSERT INTO breaker (destination, failures, why, changed_at) VALUES (?1, 1, ?2, ?3) \
             ON CONFLICT (destination) DO UPDATE SET why = excluded.why, changed_at = excluded.changed_at, \
             failures = breaker.failures + CASE WHEN breaker.open_until > ?3 THEN 0 ELSE 1 END \
             RETURNING failures, CASE WHEN open_until > ?3 THEN 1 ELSE 0 END",
            vals![destination, why, now],
        )
        .await?;
    // Calls that were under way when it opened fail of the same: only a failure after its pause makes the next one longer.
    let (failures, is_open) = (row.int(0)?, row.int(1)? == 1);
    if failures >= OPENS_AT && !is_open {
        let open_until = now.plus_s(pause_s(failures));
        tx.exec(
            "UPDATE breaker SET open_until = ?2, opened_at = coalesce(opened_at, ?3) WHERE destination = ?1",
            vals![destination, open_until, now],
        )
        .await?;
    }
    Ok(())
}

/// Another start, maybe with another way out: every destination is tried at once.
pub async fn try_again(tx: &mut Tx) -> Result<(), StoreError> {
    tx.exec("UPDATE breaker SET open_until = NULL WHERE open_until IS NOT NULL", &[]).await?;
    Ok(())
}

/// What was failing is another thing now: its failures count no more.
pub async fn forget(tx: &mut Tx, destination: &str) -> Result<(), StoreError> {
    tx.exec("DELETE FROM breaker WHERE destination = ?1", vals![destination]).await?;
    Ok(())
}

/// Doubles with every failure from the opening on.
fn pause_s(failures: i64) -> i64 {
    let doublings = u32::try_from(failures - OPENS_AT).unwrap_or(0).min(16);
    FIRST_PAUSE_S.saturating_mul(1 << doublings).min(LONGEST_PAUSE_S)
}

/// Every destination that has ever failed.
pub async fn all(tx: &mut Tx) -> Result<Vec<Breaker>, StoreError> {
    tx.all("SELECT destination, failures, open_until, opened_at, why FROM breaker ORDER BY destination", &[])
        .await?
        .iter()
        .map(|row| {
            Ok(Breaker {
                destination: row.string(0)?,
                failures: row.int(1)?,
                open_until: row.opt_micros(2)?,
                opened_at: row.opt_micros(3)?,
                why: row.opt_string(4)?,
            })
        })
        .collect()
}
