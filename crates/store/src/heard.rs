//! When each webhook subscription last brought something authentic: where the gap begins when one is lost.

use crate::{StoreError, Tx, vals};
use model::Micros;

/// Written down only this often: the row is every webhook's, and an instant that is a little early makes a gap longer, never
/// shorter.
const EVERY_S: i64 = 10;

pub async fn note(tx: &mut Tx, subscription: &str, at: Micros) -> Result<(), StoreError> {
    if last(tx, subscription).await?.is_some_and(|last| at < last.plus_s(EVERY_S)) {
        return Ok(());
    }
    tx.exec(
        "INSERT INTO heard (subscription, last_at) VALUES (?1, ?2) ON CONFLICT (subscription) DO UPDATE SET \
         last_at = CASE WHEN excluded.last_at > heard.last_at THEN excluded.last_at ELSE heard.last_at END",
        vals![subscription, at],
    )
    .await?;
    Ok(())
}

pub async fn last(tx: &mut Tx, subscription: &str) -> Result<Option<Micros>, StoreError> {
    let row = tx.one("SELECT last_at FROM heard WHERE subscription = ?1", vals![subscription]).await?;
    row.map(|row| row.micros(0)).transpose()
}
