//! Canaries: alerts of our own that test a route from mail to mirror, with the instant of each step. They name no customer.

use crate::{Row, StoreError, Tx, vals};
use model::{Micros, Scope};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canary {
    pub id: String,
    pub route: String,
    pub asked_by: String,
    pub began_at: Micros,
    /// The relay took the mail.
    pub mailed_at: Option<Micros>,
    /// Our own door took it.
    pub received_at: Option<Micros>,
    /// PagerDuty took the event.
    pub accepted_at: Option<Micros>,
    /// The mirror has its incident.
    pub heard_at: Option<Micros>,
    pub ended_at: Option<Micros>,
    pub incident: Option<String>,
    /// Where it was lost, in words.
    pub lost: Option<String>,
}

/// The steps that a canary passes, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Mailed,
    Received,
    Accepted,
    Heard,
}

impl Step {
    const fn column(self) -> &'static str {
        match self {
            Self::Mailed => "mailed_at",
            Self::Received => "received_at",
            Self::Accepted => "accepted_at",
            Self::Heard => "heard_at",
        }
    }
}

const CANARY: &str =
    "id, route, asked_by, began_at, mailed_at, received_at, accepted_at, heard_at, ended_at, incident, lost";

pub async fn add(tx: &mut Tx, id: &str, route: &str, asked_by: &str) -> Result<bool, StoreError> {
    let now = tx.now();
    let sql = "INSERT INTO canary (id, route, asked_by, began_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (id) DO NOTHING";
    Ok(tx.exec(sql, vals![id, route, asked_by, now]).await? == 1)
}

/// It passed a step, for the first time at this instant. False when it is not known, or passed it before.
pub async fn passed(tx: &mut Tx, id: &str, step: Step, at: Micros) -> Result<bool, StoreError> {
    let column = step.column();
    let sql = format!("UPDATE canary SET {column} = ?2 WHERE id = ?1 AND {column} IS NULL");
    Ok(tx.exec(&sql, vals![id, at]).await? == 1)
}

pub async fn end(tx: &mut Tx, id: &str, incident: Option<&str>, lost: Option<&str>) -> Result<bool, StoreError> {
    let now = tx.now();
    let sql = "UPDATE canary SET ended_at = ?2, incident = coalesce(?3, incident), lost = ?4 WHERE id = ?1 AND ended_at IS NULL";
    Ok(tx.exec(sql, vals![id, now, incident, lost]).await? == 1)
}

pub async fn get(tx: &mut Tx, id: &str) -> Result<Option<Canary>, StoreError> {
    tx.one(&format!("SELECT {CANARY} FROM canary WHERE id = ?1"), vals![id]).await?.map(|row| canary(&row)).transpose()
}

/// Whether it is under way: neither through nor lost.
pub async fn is_live(tx: &mut Tx, id: &str) -> Result<bool, StoreError> {
    Ok(tx.one("SELECT 1 FROM canary WHERE id = ?1 AND ended_at IS NULL", vals![id]).await?.is_some())
}

/// Those under way.
pub async fn live(tx: &mut Tx) -> Result<Vec<Canary>, StoreError> {
    let sql = format!("SELECT {CANARY} FROM canary WHERE ended_at IS NULL ORDER BY began_at, id");
    tx.all(&sql, &[]).await?.iter().map(canary).collect()
}

/// When PagerDuty last lost a canary since then, unless one came through after it. What never came so far, because our own relay
/// or door failed or the event was not taken, says nothing of what PagerDuty does with what it takes.
pub async fn lost_since(tx: &mut Tx, since: Micros) -> Result<Option<Micros>, StoreError> {
    let sql = format!(
        "SELECT max(CASE WHEN lost IS NOT NULL AND accepted_at IS NOT NULL THEN ended_at END), max(CASE WHEN lost IS NULL THEN ended_at END) \
         FROM {} WHERE began_at >= ?1 AND ended_at IS NOT NULL",
        tx.by("canary", "canary_began")
    );
    let row = tx.sure(&sql, vals![since]).await?;
    let (lost, through) = (row.opt_micros(0)?, row.opt_micros(1)?);
    Ok(lost.filter(|lost| through.is_none_or(|through| through < *lost)))
}

/// The last of a route, the latest first.
pub async fn list(tx: &mut Tx, _scope: &Scope, route: &str, most: i64) -> Result<Vec<Canary>, StoreError> {
    let sql = format!("SELECT {CANARY} FROM canary WHERE route = ?1 ORDER BY began_at DESC, id LIMIT ?2");
    tx.all(&sql, vals![route, most]).await?.iter().map(canary).collect()
}

fn canary(row: &Row) -> Result<Canary, StoreError> {
    Ok(Canary {
        id: row.string(0)?,
        route: row.string(1)?,
        asked_by: row.string(2)?,
        began_at: row.micros(3)?,
        mailed_at: row.opt_micros(4)?,
        received_at: row.opt_micros(5)?,
        accepted_at: row.opt_micros(6)?,
        heard_at: row.opt_micros(7)?,
        ended_at: row.opt_micros(8)?,
        incident: row.opt_string(9)?,
        lost: row.opt_string(10)?,
    })
}
