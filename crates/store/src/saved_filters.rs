//! Filters that a person keeps by name; shared ones are everybody's to use and their owner's to change.

use crate::{Row, StoreError, Tx, vals};
use model::{Micros, Scope};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedFilter {
    pub id: String,
    pub account: String,
    pub name: String,
    /// The query of the address, without "?".
    pub query: String,
    pub shared: bool,
    pub created_at: Micros,
}

/// More than anybody looks through.
pub const MOST: i64 = 100;

const SAVED: &str = "id, account, name, query, shared, created_at";

/// Keeps a filter; refused in words when the person has too many.
pub async fn add(tx: &mut Tx, filter: &SavedFilter) -> Result<(), StoreError> {
    let had = tx.sure("SELECT count(*) FROM saved_filter WHERE account = ?1", vals![&filter.account]).await?.int(0)?;
    if had >= MOST {
        return Err(StoreError::Refused(format!("{MOST} filters are kept already: delete one first")));
    }
    tx.exec(
        "INSERT INTO saved_filter (id, account, name, query, shared, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
         ON CONFLICT (id) DO NOTHING",
        vals![&filter.id, &filter.account, &filter.name, &filter.query, filter.shared, filter.created_at],
    )
    .await?;
    Ok(())
}

/// The person's own and the shared ones. What a filter finds is bounded by the scope of whoever uses it.
pub async fn list(tx: &mut Tx, _scope: &Scope, account: &str) -> Result<Vec<SavedFilter>, StoreError> {
    let sql = format!("SELECT {SAVED} FROM saved_filter WHERE account = ?1 OR shared = 1 ORDER BY name, id LIMIT 500");
    tx.all(&sql, vals![account]).await?.iter().map(saved).collect()
}

/// Deletes one's own; true if it was there.
pub async fn delete(tx: &mut Tx, account: &str, id: &str) -> Result<bool, StoreError> {
    let gone = tx.exec("DELETE FROM saved_filter WHERE id = ?1 AND account = ?2", vals![id, account]).await?;
    Ok(gone == 1)
}

fn saved(row: &Row) -> Result<SavedFilter, StoreError> {
    Ok(SavedFilter {
        id: row.string(0)?,
        account: row.string(1)?,
        name: row.string(2)?,
        query: row.string(3)?,
        shared: row.bool(4)?,
        created_at: row.micros(5)?,
    })
}
