//! All incidents one after another, whole, in the order of their opening: for writing them out. Never sorts, never counts:
//! each stretch costs what its rows cost, however many lie before it. Tests of a route are left out.

use super::{ITEM, Item, WIDTH, item, links};
use crate::inbox::scope_clause;
use crate::{StoreError, Tx, Val};
use model::Scope;
use model::incident::Incident;

/// An incident with its place in the order.
#[derive(Clone, Debug)]
pub struct Kept {
    pub slot: i64,
    pub item: Item,
    pub incident: Incident,
    pub merged_into: Option<String>,
}

/// Those that follow a place, at most so many.
pub async fn list_every(tx: &mut Tx, scope: &Scope, after: Option<i64>, limit: i64) -> Result<Vec<Kept>, StoreError> {
    let mut vals = vec![Val::Int(after.unwrap_or(i64::MIN)), Val::Int(limit)];
    let clause = scope_clause(scope, "customer", &mut vals);
    // SQLite takes the tables in the order of a CROSS JOIN.
    let join = if tx.is_postgres() { "JOIN" } else { "CROSS JOIN" };
    let sql = format!(
        "SELECT {ITEM}, incident.slot, state, merged_into FROM incident {join} incident_state \
         ON incident_state.slot = incident.slot WHERE incident.slot > ?1 AND canary = 0 AND {clause} ORDER BY incident.slot LIMIT ?2"
    );
    let mut kept = Vec::new();
    for row in tx.all(&sql, &vals).await? {
        let (mut item, incident) = (item(&row)?, row.json::<Incident>(WIDTH + 1)?);
        item.assignees.clone_from(&incident.data.assignees);
        item.holders = links::holders(&incident.data).cloned().collect();
        kept.push(Kept { slot: row.int(WIDTH)?, item, incident, merged_into: row.opt_string(WIDTH + 2)? });
    }
    Ok(kept)
}
