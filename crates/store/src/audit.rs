//! Who did what, when: rows that are only ever added, in the transaction of what they tell.

use crate::inbox::scope_clause;
use crate::{StoreError, Tx, Val, vals};
use model::{Micros, Scope};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub id: i64,
    pub at: Micros,
    pub actor: String,
    pub action: String,
    pub subject: String,
    pub detail: String,
}

/// `actor` is an account's id, `token:NAME` or `system`; `detail` is JSON and holds no secret.
pub async fn add(
    tx: &mut Tx,
    actor: &str,
    action: &str,
    subject: &str,
    customer: Option<&str>,
    detail: &serde_json::Value,
) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec(
        "INSERT INTO audit (at, actor, action, subject, customer, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        vals![now, actor, action, subject, customer, detail.to_string()],
    )
    .await?;
    Ok(())
}

pub async fn list(tx: &mut Tx, scope: &Scope, before: Option<i64>, limit: i64) -> Result<Vec<Entry>, StoreError> {
    let mut vals = vec![Val::Int(before.unwrap_or(i64::MAX)), Val::Int(limit)];
    let clause = scope_clause(scope, "customer", &mut vals);
    let sql = format!(
        "SELECT id, at, actor, action, subject, detail FROM audit WHERE id < ?1 AND {clause} ORDER BY id DESC LIMIT ?2"
    );
    tx.all(&sql, &vals)
        .await?
        .iter()
        .map(|row| {
            Ok(Entry {
                id: row.int(0)?,
                at: row.micros(1)?,
                actor: row.string(2)?,
                action: row.string(3)?,
                subject: row.string(4)?,
                detail: row.string(5)?,
            })
        })
        .collect()
}
