//! Where an incident's hosts were looked for, and what came of it. What was found is the duty's own data.

use crate::inbox::scope_clause;
use crate::{Row, StoreError, Tx, vals};
use model::{Micros, Scope};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    pub incident: String,
    pub customer: Option<String>,
    /// The digest of what was looked at: the same again needs no second look.
    pub facts: String,
    pub found: String,
    /// What the duty was allowed to do.
    pub mode: String,
    pub looked_at: Micros,
}

const VISIT: &str = "incident, customer, facts, found, mode, looked_at";

pub async fn save(
    tx: &mut Tx,
    incident: &str,
    customer: Option<&str>,
    facts: &str,
    found: &str,
    mode: &str,
) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec(
        "INSERT INTO visit (incident, customer, facts, found, mode, looked_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
         ON CONFLICT (incident) DO UPDATE SET customer = excluded.customer, facts = excluded.facts, found = excluded.found, \
         mode = excluded.mode, looked_at = excluded.looked_at",
        vals![incident, customer, facts, found, mode, now],
    )
    .await?;
    Ok(())
}

/// For whoever looks for hosts.
pub async fn get(tx: &mut Tx, incident: &str) -> Result<Option<Visit>, StoreError> {
    let row = tx.one(&format!("SELECT {VISIT} FROM visit WHERE incident = ?1"), vals![incident]).await?;
    row.map(|row| read(&row)).transpose()
}

/// For whoever looks at it.
pub async fn find(tx: &mut Tx, scope: &Scope, incident: &str) -> Result<Option<Visit>, StoreError> {
    let mut vals = vals![incident].to_vec();
    let clause = scope_clause(scope, "customer", &mut vals);
    let row = tx.one(&format!("SELECT {VISIT} FROM visit WHERE incident = ?1 AND {clause}"), &vals).await?;
    row.map(|row| read(&row)).transpose()
}

fn read(row: &Row) -> Result<Visit, StoreError> {
    Ok(Visit {
        incident: row.string(0)?,
        customer: row.opt_string(1)?,
        facts: row.string(2)?,
        found: row.string(3)?,
        mode: row.string(4)?,
        looked_at: row.micros(5)?,
    })
}
