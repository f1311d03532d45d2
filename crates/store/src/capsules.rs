//! Capsules: what was asked of hosts and what came back. Added in the transaction of what they tell, never changed; what
//! retention takes of them are their outputs alone.

mod retention;

pub use retention::{doomed, expire, expired, expiry, removed};

use crate::inbox::scope_clause;
use crate::{Row, StoreError, Tx, Val, chain, many, vals};
use model::capsule::{Capsule, CapsuleId};
use model::chain::kind;
use model::{Micros, Scope};

/// A capsule, and what became of its outputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub capsule: Capsule,
    /// Retention took its outputs.
    pub expired_at: Option<Micros>,
}

const KEPT: &str = "id, body, expired_at";

/// Keeps a capsule and lets it wait for its place in the chain; false if it is kept already.
pub async fn add(tx: &mut Tx, capsule: &Capsule) -> Result<bool, StoreError> {
    let body = capsule.text().map_err(StoreError::shape)?;
    let added = tx
        .exec(
            "INSERT INTO capsule (id, run, step, incident, customer, host, ended_at, has_output, body) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (id) DO NOTHING",
            vals![
                &capsule.id.0,
                &capsule.run.0,
                &capsule.step,
                capsule.incident.clone(),
                capsule.customer.clone(),
                &capsule.host,
                capsule.ended_at,
                capsule.output.each().next().is_some(),
                body
            ],
        )
        .await?;
    if added == 1 {
        chain::wait(tx, kind::CAPSULE, &capsule.id.0).await?;
    }
    Ok(added == 1)
}

pub async fn find(tx: &mut Tx, scope: &Scope, id: &CapsuleId) -> Result<Option<Kept>, StoreError> {
    let mut vals = vec![Val::from(&id.0)];
    let sql = format!("SELECT {KEPT} FROM capsule WHERE id = ?1 AND {}", scope_clause(scope, "customer", &mut vals));
    tx.one(&sql, &vals).await?.map(|row| kept(&row)).transpose()
}

/// What was found for an incident, in the order in which it ended.
pub async fn list(tx: &mut Tx, scope: &Scope, incident: &str, most: i64) -> Result<Vec<Kept>, StoreError> {
    let of = ("incident = ?1", vec![Val::from(incident)]);
    in_order(tx, scope, of, ("ended_at, id", most)).await
}

pub async fn list_of_run(tx: &mut Tx, scope: &Scope, run: &str, most: i64) -> Result<Vec<Kept>, StoreError> {
    in_order(tx, scope, ("run = ?1", vec![Val::from(run)]), ("ended_at, id", most)).await
}

/// The same step on the same host, the latest first, before this instant: what a capture is held against.
pub async fn list_of_step(
    tx: &mut Tx,
    scope: &Scope,
    (host, step): (&str, &str),
    before: Micros,
    most: i64,
) -> Result<Vec<Kept>, StoreError> {
    let of = ("host = ?1 AND step = ?2 AND ended_at < ?3", vals![host, step, before].to_vec());
    in_order(tx, scope, of, ("ended_at DESC, id DESC", most)).await
}

/// These capsules whole, as far as they can be read: for whoever checks the record, who sees all of it.
pub async fn bodies(tx: &mut Tx, ids: &[String]) -> Result<Vec<Capsule>, StoreError> {
    let mut found = Vec::with_capacity(ids.len());
    for group in many::groups(ids) {
        let sql = format!("SELECT {KEPT} FROM capsule WHERE id IN ({})", many::marks());
        found.extend(tx.all(&sql, &group).await?.iter().filter_map(|row| kept(row).ok()).map(|kept| kept.capsule));
    }
    Ok(found)
}

async fn in_order(
    tx: &mut Tx,
    scope: &Scope,
    (clause, mut vals): (&str, Vec<Val>),
    (order, most): (&str, i64),
) -> Result<Vec<Kept>, StoreError> {
    let scope = scope_clause(scope, "customer", &mut vals);
    vals.push(Val::Int(most));
    let sql = format!("SELECT {KEPT} FROM capsule WHERE {clause} AND {scope} ORDER BY {order} LIMIT ?{}", vals.len());
    tx.all(&sql, &vals).await?.iter().map(kept).collect()
}

fn kept(row: &Row) -> Result<Kept, StoreError> {
    let capsule = serde_json::from_str(row.text(1)?).map_err(|error| {
        let id = row.text(0).unwrap_or_default();
        StoreError::shape(format!(
            "capsule {id} is not as it was written ({error}); `arayashiki report verify --store` says more"
        ))
    })?;
    Ok(Kept { capsule, expired_at: row.opt_micros(2)? })
}
