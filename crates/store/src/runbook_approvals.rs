//! Which versions of runbooks an admin lets run unattended. What ships with the program needs no row.

use crate::{Row, StoreError, Tx, vals};
use model::Micros;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    pub runbook: String,
    /// SHA-256 of the file.
    pub digest: String,
    pub approved_at: Micros,
    pub approved_by: String,
    pub withdrawn_at: Option<Micros>,
    pub withdrawn_by: Option<String>,
}

const APPROVAL: &str = "runbook, digest, approved_at, approved_by, withdrawn_at, withdrawn_by";

pub async fn approve(tx: &mut Tx, runbook: &str, digest: &str, by: &str) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec(
        "INSERT INTO runbook_approval (runbook, digest, approved_at, approved_by) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (runbook, digest) DO UPDATE SET approved_at = excluded.approved_at, approved_by = excluded.approved_by, \
         withdrawn_at = NULL, withdrawn_by = NULL WHERE runbook_approval.withdrawn_at IS NOT NULL",
        vals![runbook, digest, now, by],
    )
    .await?;
    Ok(())
}

/// False when it was not approved.
pub async fn withdraw(tx: &mut Tx, runbook: &str, digest: &str, by: &str) -> Result<bool, StoreError> {
    let now = tx.now();
    let sql = "UPDATE runbook_approval SET withdrawn_at = ?3, withdrawn_by = ?4 \
         WHERE runbook = ?1 AND digest = ?2 AND withdrawn_at IS NULL";
    Ok(tx.exec(sql, vals![runbook, digest, now, by]).await? == 1)
}

pub async fn is_approved(tx: &mut Tx, runbook: &str, digest: &str) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM runbook_approval WHERE runbook = ?1 AND digest = ?2 AND withdrawn_at IS NULL";
    Ok(tx.one(sql, vals![runbook, digest]).await?.is_some())
}

/// All that ever were, the latest first.
pub async fn every(tx: &mut Tx) -> Result<Vec<Approval>, StoreError> {
    let sql = format!("SELECT {APPROVAL} FROM runbook_approval ORDER BY approved_at DESC, runbook, digest");
    tx.all(&sql, &[]).await?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Approval, StoreError> {
    Ok(Approval {
        runbook: row.string(0)?,
        digest: row.string(1)?,
        approved_at: row.micros(2)?,
        approved_by: row.string(3)?,
        withdrawn_at: row.opt_micros(4)?,
        withdrawn_by: row.opt_string(5)?,
    })
}
