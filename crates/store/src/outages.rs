//! Times at which PagerDuty did not do its work, with the evidence for it and the report at its end. How PagerDuty does is no
//! customer's secret.

use crate::{Row, StoreError, Tx, vals};
use model::{Micros, Scope};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outage {
    pub id: String,
    pub began_at: Micros,
    pub ended_at: Option<Micros>,
    /// What it was judged by, as JSON of the duty's own shape.
    pub evidence: String,
    pub report: Option<String>,
}

const OUTAGE: &str = "id, began_at, ended_at, evidence, report";

/// The outage that lasts, if one does.
pub async fn open(tx: &mut Tx, _scope: &Scope) -> Result<Option<Outage>, StoreError> {
    let sql = format!("SELECT {OUTAGE} FROM outage WHERE ended_at IS NULL ORDER BY began_at DESC LIMIT 1");
    tx.one(&sql, &[]).await?.map(|row| outage(&row)).transpose()
}

pub async fn begin(tx: &mut Tx, id: &str, began_at: Micros, evidence: &str) -> Result<bool, StoreError> {
    let begun = tx
        .exec(
            "INSERT INTO outage (id, began_at, evidence) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO NOTHING",
            vals![id, began_at, evidence],
        )
        .await?;
    Ok(begun == 1)
}

pub async fn update(tx: &mut Tx, id: &str, evidence: &str) -> Result<(), StoreError> {
    tx.exec("UPDATE outage SET evidence = ?2 WHERE id = ?1", vals![id, evidence]).await?;
    Ok(())
}

pub async fn end(tx: &mut Tx, id: &str, report: &str) -> Result<bool, StoreError> {
    let now = tx.now();
    let ended = tx
        .exec("UPDATE outage SET ended_at = ?2, report = ?3 WHERE id = ?1 AND ended_at IS NULL", vals![id, now, report])
        .await?;
    Ok(ended == 1)
}

pub async fn report(tx: &mut Tx, id: &str, report: &str) -> Result<(), StoreError> {
    tx.exec("UPDATE outage SET report = ?2 WHERE id = ?1", vals![id, report]).await?;
    Ok(())
}

pub async fn find(tx: &mut Tx, _scope: &Scope, id: &str) -> Result<Option<Outage>, StoreError> {
    tx.one(&format!("SELECT {OUTAGE} FROM outage WHERE id = ?1"), vals![id]).await?.map(|row| outage(&row)).transpose()
}

/// The latest first.
pub async fn list(tx: &mut Tx, _scope: &Scope, most: i64) -> Result<Vec<Outage>, StoreError> {
    let sql = format!("SELECT {OUTAGE} FROM outage ORDER BY began_at DESC LIMIT ?1");
    tx.all(&sql, vals![most]).await?.iter().map(outage).collect()
}

fn outage(row: &Row) -> Result<Outage, StoreError> {
    Ok(Outage {
        id: row.string(0)?,
        began_at: row.micros(1)?,
        ended_at: row.opt_micros(2)?,
        evidence: row.string(3)?,
        report: row.opt_string(4)?,
    })
}
