//! Channels by which Google tells that a calendar has changed. A row stays until its channel has surely ended, so that whatever comes
//! by one is known to be ours. Which are wanted is decided elsewhere.

use crate::{Row, StoreError, Tx, vals};
use model::{Micros, Scope};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Channel {
    /// Ours, told to Google.
    pub id: String,
    /// The calendar's configured name, and Google's id of it then.
    pub calendar: String,
    pub google_id: String,
    /// Where its pushes go.
    pub address: String,
    pub asked_at: Micros,
    /// What it is stopped by; `None`: nobody has told whether it was opened.
    pub resource_id: Option<String>,
    pub expires_at: Option<Micros>,
    /// When something last came by it.
    pub heard_at: Option<Micros>,
    /// It was refused, or its answer was lost.
    pub failed_at: Option<Micros>,
    /// Why it can't be opened, in words for people.
    pub trouble: Option<String>,
    pub unwanted_at: Option<Micros>,
    /// It is over there no more, as far as we were told.
    pub stopped_at: Option<Micros>,
}

const CHANNEL: &str = "id, calendar, google_id, address, asked_at, resource_id, expires_at, heard_at, failed_at, trouble, \
     unwanted_at, stopped_at";

/// It is about to be asked for.
pub async fn add(tx: &mut Tx, id: &str, calendar: &str, google_id: &str, address: &str) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec(
        "INSERT INTO push_channel (id, calendar, google_id, address, asked_at) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT (id) DO NOTHING",
        vals![id, calendar, google_id, address, now],
    )
    .await?;
    Ok(())
}

pub async fn get(tx: &mut Tx, id: &str) -> Result<Option<Channel>, StoreError> {
    tx.one(&format!("SELECT {CHANNEL} FROM push_channel WHERE id = ?1"), vals![id])
        .await?
        .map(|r| channel(&r))
        .transpose()
}

/// Every one, the latest last. How calendars are read tells nothing of a customer.
pub async fn list(tx: &mut Tx, _scope: &Scope) -> Result<Vec<Channel>, StoreError> {
    let sql = format!("SELECT {CHANNEL} FROM push_channel ORDER BY calendar, asked_at, id");
    tx.all(&sql, &[]).await?.iter().map(channel).collect()
}

/// Google has opened it.
pub async fn opened(tx: &mut Tx, id: &str, resource_id: &str, expires_at: Micros) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE push_channel SET resource_id = ?2, expires_at = ?3, trouble = NULL WHERE id = ?1",
        vals![id, resource_id, expires_at],
    )
    .await?;
    Ok(())
}

/// Something came by it, which tells as well what its lost answer would have told.
pub async fn heard(
    tx: &mut Tx,
    id: &str,
    resource_id: Option<&str>,
    expires_at: Option<Micros>,
) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec(
        "UPDATE push_channel SET heard_at = ?2, resource_id = coalesce(resource_id, ?3), \
         expires_at = coalesce(expires_at, ?4) WHERE id = ?1",
        vals![id, now, resource_id, expires_at],
    )
    .await?;
    Ok(())
}

/// It can't be opened for now.
pub async fn troubled(tx: &mut Tx, id: &str, why: &str) -> Result<(), StoreError> {
    tx.exec("UPDATE push_channel SET trouble = ?2 WHERE id = ?1", vals![id, why]).await?;
    Ok(())
}

/// It was refused, so that it never was; or nobody knows whether it was opened.
pub async fn failed(tx: &mut Tx, id: &str, why: &str, never_was: bool) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec(
        "UPDATE push_channel SET failed_at = ?2, trouble = ?3, stopped_at = CASE WHEN ?4 = 1 THEN ?2 ELSE stopped_at END \
         WHERE id = ?1",
        vals![id, now, why, i64::from(never_was)],
    )
    .await?;
    Ok(())
}

pub async fn unwanted(tx: &mut Tx, id: &str) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec("UPDATE push_channel SET unwanted_at = coalesce(unwanted_at, ?2) WHERE id = ?1", vals![id, now]).await?;
    Ok(())
}

pub async fn stopped(tx: &mut Tx, id: &str) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec("UPDATE push_channel SET stopped_at = ?2 WHERE id = ?1", vals![id, now]).await?;
    Ok(())
}

/// Those that ended before this by themselves, or were asked for so long ago that they have.
pub async fn forget(tx: &mut Tx, ended_before: Micros, asked_before: Micros) -> Result<(), StoreError> {
    tx.exec(
        "DELETE FROM push_channel WHERE expires_at < ?1 OR (expires_at IS NULL AND asked_at < ?2)",
        vals![ended_before, asked_before],
    )
    .await?;
    Ok(())
}

/// Another start, maybe with another address: what failed lies as long ago as can be, so that it is asked for at once.
pub async fn forgive(tx: &mut Tx) -> Result<(), StoreError> {
    tx.exec("DELETE FROM push_channel WHERE failed_at IS NOT NULL AND stopped_at IS NOT NULL", &[]).await?;
    tx.exec("UPDATE push_channel SET failed_at = 0 WHERE failed_at IS NOT NULL", &[]).await?;
    Ok(())
}

fn channel(row: &Row) -> Result<Channel, StoreError> {
    Ok(Channel {
        id: row.string(0)?,
        calendar: row.string(1)?,
        google_id: row.string(2)?,
        address: row.string(3)?,
        asked_at: row.micros(4)?,
        resource_id: row.opt_string(5)?,
        expires_at: row.opt_micros(6)?,
        heard_at: row.opt_micros(7)?,
        failed_at: row.opt_micros(8)?,
        trouble: row.opt_string(9)?,
        unwanted_at: row.opt_micros(10)?,
        stopped_at: row.opt_micros(11)?,
    })
}
