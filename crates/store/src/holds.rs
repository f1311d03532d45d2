//! Holds: incidents and customers whose evidence no retention may touch, by whom and why. Setting and releasing one is an act
//! in the audit record, in the same transaction.

use crate::inbox::scope_clause;
use crate::{Row, StoreError, Tx, Val, audit, vals};
use model::{Micros, Scope};
use serde_json::json;

/// What is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    Incident,
    Customer,
}

impl Of {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Incident => "incident",
            Self::Customer => "customer",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    pub id: String,
    /// `incident` or `customer`.
    pub kind: String,
    pub subject: String,
    pub customer: Option<String>,
    pub why: String,
    pub set_by: String,
    pub set_at: Micros,
    pub released_by: Option<String>,
    pub released_at: Option<Micros>,
}

const HOLD: &str = "id, kind, subject, customer, why, set_by, set_at, released_by, released_at";

/// Sets a hold; false if one stands already. `customer` is whose incident it is.
pub async fn set(
    tx: &mut Tx,
    id: &str,
    (of, subject): (Of, &str),
    customer: Option<&str>,
    why: &str,
    by: &str,
) -> Result<bool, StoreError> {
    let now = tx.now();
    let customer = if of == Of::Customer { Some(subject) } else { customer };
    let set = tx
        .exec(
            "INSERT INTO hold (id, kind, subject, customer, why, set_by, set_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
             ON CONFLICT (kind, subject) WHERE released_at IS NULL DO NOTHING",
            vals![id, of.as_str(), subject, customer, why, by, now],
        )
        .await?;
    if set == 1 {
        let about = format!("{}/{subject}", of.as_str());
        audit::add(tx, by, "hold.set", &about, customer, &json!({ "hold": id, "why": why })).await?;
    }
    Ok(set == 1)
}

/// Lets go; false if there is no such hold, or it was released before.
pub async fn release(tx: &mut Tx, scope: &Scope, id: &str, by: &str, why: &str) -> Result<bool, StoreError> {
    let Some(hold) = find(tx, scope, id).await? else { return Ok(false) };
    let now = tx.now();
    let sql = "UPDATE hold SET released_by = ?2, released_at = ?3 WHERE id = ?1 AND released_at IS NULL";
    if tx.exec(sql, vals![id, by, now]).await? == 0 {
        return Ok(false);
    }
    let about = format!("{}/{}", hold.kind, hold.subject);
    audit::add(tx, by, "hold.release", &about, hold.customer.as_deref(), &json!({ "hold": id, "why": why })).await?;
    Ok(true)
}

pub async fn find(tx: &mut Tx, scope: &Scope, id: &str) -> Result<Option<Hold>, StoreError> {
    let mut vals = vec![Val::from(id)];
    let sql = format!("SELECT {HOLD} FROM hold WHERE id = ?1 AND {}", scope_clause(scope, "customer", &mut vals));
    tx.one(&sql, &vals).await?.map(|row| hold(&row)).transpose()
}

/// Those that stand first, then by when they were set, the newest first.
pub async fn list(tx: &mut Tx, scope: &Scope, most: i64) -> Result<Vec<Hold>, StoreError> {
    let mut vals = vec![Val::Int(most)];
    let clause = scope_clause(scope, "customer", &mut vals);
    let sql = format!(
        "SELECT {HOLD} FROM hold WHERE {clause} \
         ORDER BY CASE WHEN released_at IS NULL THEN 0 ELSE 1 END, set_at DESC, id LIMIT ?1"
    );
    tx.all(&sql, &vals).await?.iter().map(hold).collect()
}

fn hold(row: &Row) -> Result<Hold, StoreError> {
    Ok(Hold {
        id: row.string(0)?,
        kind: row.string(1)?,
        subject: row.string(2)?,
        customer: row.opt_string(3)?,
        why: row.string(4)?,
        set_by: row.string(5)?,
        set_at: row.micros(6)?,
        released_by: row.opt_string(7)?,
        released_at: row.opt_micros(8)?,
    })
}
