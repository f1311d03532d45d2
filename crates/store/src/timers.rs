//! Timers: an instant at which a duty wants to be asked again. One that fires becomes a signal like any other.

use crate::{StoreError, Tx, crash_point, inbox, vals};
use model::Micros;
use model::signal::{Key, Origin, Signal, digest, source};
use serde::{Deserialize, Serialize};

/// A timer, and what its signal carries when it fires.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timer {
    pub key: String,
    pub duty: String,
    pub subject: String,
    pub generation: i64,
    pub due: Micros,
    /// Leads to an effect on the outside: held back while the clock can't be trusted.
    pub effect: bool,
    pub payload: String,
}

/// Sets a timer, or sets it anew: the generation grows, so that the firing of an older setting is known for what it is.
pub async fn set(
    tx: &mut Tx,
    key: &str,
    duty: &str,
    subject: &str,
    due: Micros,
    effect: bool,
    payload: &str,
) -> Result<i64, StoreError> {
    let now = tx.now();
    tx.sure(
        "INSERT INTO timer (key, duty, subject, generation, due, effect, payload) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
         ON CONFLICT (key) DO UPDATE SET generation = timer.generation + 1, due = excluded.due, \
         effect = excluded.effect, payload = excluded.payload RETURNING generation",
        vals![key, duty, subject, now, due, effect, payload],
    )
    .await?
    .int(0)
}

pub async fn cancel(tx: &mut Tx, key: &str) -> Result<(), StoreError> {
    tx.exec("DELETE FROM timer WHERE key = ?1", vals![key]).await?;
    Ok(())
}

/// Whether a timer of this key has not fired yet.
pub async fn is_set(tx: &mut Tx, key: &str) -> Result<bool, StoreError> {
    Ok(tx.one("SELECT 1 FROM timer WHERE key = ?1", vals![key]).await?.is_some())
}

/// Turns what is due into signals, each in the same transaction in which its timer ends. Says how many fired.
pub async fn fire(tx: &mut Tx, hold_effects: bool, most: i64) -> Result<usize, StoreError> {
    let now = tx.now();
    // A held timer is not late: it is asked for again when the sources have been read afresh.
    let held = if hold_effects { " AND effect = 0" } else { "" };
    let lock = if tx.is_postgres() { " FOR UPDATE SKIP LOCKED" } else { "" };
    let sql = format!(
        "SELECT key, duty, subject, generation, due, effect, payload FROM timer WHERE due <= ?1{held} \
         ORDER BY due, key LIMIT ?2{lock}"
    );
    let rows = tx.all(&sql, vals![now, most]).await?;
    for row in &rows {
        let timer = Timer {
            key: row.string(0)?,
            duty: row.string(1)?,
            subject: row.string(2)?,
            generation: row.int(3)?,
            due: row.micros(4)?,
            effect: row.bool(5)?,
            payload: row.string(6)?,
        };
        inbox::insert(tx, &signal(&timer, now)?).await?;
        crash_point!("timers.signal_written");
        tx.exec("DELETE FROM timer WHERE key = ?1", vals![&timer.key]).await?;
    }
    Ok(rows.len())
}

fn signal(timer: &Timer, now: Micros) -> Result<Signal, StoreError> {
    let raw = serde_json::to_vec(timer).map_err(StoreError::shape)?;
    Ok(Signal {
        source: source::TIMER,
        key: Key::of(source::TIMER, &[timer.key.as_bytes(), &timer.generation.to_le_bytes()]),
        digest: digest(&raw),
        received_at: now,
        origin: Origin::Live,
        raw,
        headers: "{}".to_owned(),
    })
}
