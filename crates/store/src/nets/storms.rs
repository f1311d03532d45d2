//! The alerts of a storm: which are in it, which its list names, and which that list was seen with.

use super::{NET, Net, net};
use crate::{StoreError, Tx, vals};
use model::Micros;

/// The storm of a monitor that began last.
pub async fn last_storm(tx: &mut Tx, monitor: &str) -> Result<Option<Net>, StoreError> {
    let sql = format!(
        "SELECT {NET} FROM net WHERE monitor = ?1 AND open_since IS NOT NULL AND id LIKE 'storm:%' \
         ORDER BY open_since DESC, id DESC LIMIT 1"
    );
    tx.one(&sql, vals![monitor]).await?.map(|row| net(&row)).transpose()
}

/// Storms that last and have alerts that are in no list yet, the last of which was made before then.
pub async fn grown_storms(tx: &mut Tx, before: Micros, most: i64) -> Result<Vec<Net>, StoreError> {
    let sql = format!(
        "SELECT {NET} FROM net WHERE registration = 'seen' AND id LIKE 'storm:%' AND asked_at <= ?1 \
         AND last_mail > asked_at AND open_since IS NOT NULL AND EXISTS (SELECT 1 FROM net one WHERE one.storm = net.id \
         AND one.seen_at IS NULL AND one.missing_since IS NOT NULL) ORDER BY id LIMIT ?2"
    );
    tx.all(&sql, vals![before, most]).await?.iter().map(net).collect()
}

/// The alerts in a storm's list, the first first.
pub async fn of_storm(tx: &mut Tx, storm: &str, most: i64) -> Result<(Vec<Net>, i64), StoreError> {
    let count = "SELECT count(*) FROM net WHERE storm = ?1 AND missing_since IS NOT NULL";
    let count = tx.sure(count, vals![storm]).await?.int(0)?;
    let sql = format!(
        "SELECT {NET} FROM net WHERE storm = ?1 AND missing_since IS NOT NULL ORDER BY missing_since, id LIMIT ?2"
    );
    let nets = tx.all(&sql, vals![storm, most]).await?.iter().map(net).collect::<Result<_, _>>()?;
    Ok((nets, count))
}

/// A storm's alerts that no list has that was seen: since when the first of them lacks one.
pub async fn unseen_of_storm(tx: &mut Tx, storm: &str) -> Result<Option<Micros>, StoreError> {
    let sql = "SELECT min(missing_since) FROM net WHERE storm = ?1 AND seen_at IS NULL";
    tx.sure(sql, vals![storm]).await?.opt_micros(0)
}

/// The list of a storm is made now: all of its alerts are in it.
pub async fn put_into_list(tx: &mut Tx, storm: &str) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec("UPDATE net SET asked_at = ?2 WHERE storm = ?1 AND seen_at IS NULL", vals![storm, now]).await?;
    Ok(())
}

/// The incident of a storm was seen with the list that was made then. The first of those that are new in it, and how many are.
pub async fn seen_in_storm(
    tx: &mut Tx,
    storm: &str,
    listed_at: Micros,
    most: i64,
) -> Result<(Vec<Net>, i64), StoreError> {
    let now = tx.now();
    let is_new = "storm = ?1 AND seen_at IS NULL AND asked_at <= ?2 AND missing_since IS NOT NULL";
    let sql = format!("SELECT {NET} FROM net WHERE {is_new} ORDER BY missing_since, id LIMIT ?3");
    let first = tx.all(&sql, vals![storm, listed_at, most]).await?.iter().map(net).collect::<Result<_, _>>()?;
    let sql = format!("UPDATE net SET seen_at = ?3 WHERE {is_new}");
    let count = tx.exec(&sql, vals![storm, listed_at, now]).await?;
    Ok((first, i64::try_from(count).unwrap_or(i64::MAX)))
}

/// What a storm's incident stood for is dealt with: a mail of it that comes later begins anew.
pub async fn leave_storm(tx: &mut Tx, storm: &str) -> Result<(), StoreError> {
    let sql = "UPDATE net SET missing_since = NULL, storm = NULL WHERE storm = ?1 AND seen_at IS NOT NULL";
    tx.exec(sql, vals![storm]).await?;
    Ok(())
}
