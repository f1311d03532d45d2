//! What a duty remembers about a subject, as JSON, until it needs a table of its own.

use crate::{StoreError, Tx, vals};
use model::Micros;
use serde::{Serialize, de::DeserializeOwned};

/// The state, if there is one of this version; an older version counts as none.
pub async fn get<T: DeserializeOwned>(
    tx: &mut Tx,
    duty: &str,
    subject: &str,
    version: i64,
) -> Result<Option<T>, StoreError> {
    tx.one(
        "SELECT json FROM duty_state WHERE duty = ?1 AND subject = ?2 AND version = ?3",
        vals![duty, subject, version],
    )
    .await?
    .map(|row| row.json(0))
    .transpose()
}

pub async fn set<T: Serialize + Sync>(
    tx: &mut Tx,
    duty: &str,
    subject: &str,
    version: i64,
    state: &T,
) -> Result<(), StoreError> {
    let json = serde_json::to_string(state).map_err(StoreError::shape)?;
    let now = tx.now();
    tx.exec(
        "INSERT INTO duty_state (duty, subject, version, json, updated_at) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT (duty, subject) DO UPDATE SET version = excluded.version, json = excluded.json, \
         updated_at = excluded.updated_at",
        vals![duty, subject, version, json, now],
    )
    .await?;
    Ok(())
}

/// The subjects that a duty knows.
pub async fn subjects(tx: &mut Tx, duty: &str) -> Result<Vec<String>, StoreError> {
    tx.all("SELECT subject FROM duty_state WHERE duty = ?1 ORDER BY subject", vals![duty])
        .await?
        .iter()
        .map(|row| row.string(0))
        .collect()
}

/// Every subject of a duty: (subject, state, instant of the last change).
pub async fn all<T: DeserializeOwned>(
    tx: &mut Tx,
    duty: &str,
    version: i64,
) -> Result<Vec<(String, T, Micros)>, StoreError> {
    tx.all(
        "SELECT subject, json, updated_at FROM duty_state WHERE duty = ?1 AND version = ?2 ORDER BY subject",
        vals![duty, version],
    )
    .await?
    .iter()
    .map(|row| Ok((row.string(0)?, row.json(1)?, row.micros(2)?)))
    .collect()
}
