//! How far a poll has come. Moved in the transaction that writes what the poll brought, under the poll job's token.

use crate::{StoreError, Tx, vals};
use model::Micros;

pub async fn get(tx: &mut Tx, name: &str) -> Result<Option<(String, Micros)>, StoreError> {
    tx.one("SELECT value, updated_at FROM cursor WHERE name = ?1", vals![name])
        .await?
        .map(|row| Ok((row.string(0)?, row.micros(1)?)))
        .transpose()
}

pub async fn set(tx: &mut Tx, name: &str, value: &str) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec(
        "INSERT INTO cursor (name, value, updated_at) VALUES (?1, ?2, ?3) \
         ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
        vals![name, value, now],
    )
    .await?;
    Ok(())
}
