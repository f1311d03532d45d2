//! Facts about incidents: only ever added, known by (incident, source, source id).

use crate::{StoreError, Tx, vals};
use model::incident::Fact;
use model::signal::Origin;

/// Adds a fact; false when it was known already.
pub async fn add(tx: &mut Tx, fact: &Fact, origin: Origin, inbox_id: Option<i64>) -> Result<bool, StoreError> {
    let body = serde_json::to_string(fact).map_err(StoreError::shape)?;
    let now = tx.now();
    let added = tx
        .exec(
            "INSERT INTO fact (incident, source, source_id, at, origin, inbox_id, recorded_at, body) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (incident, source, source_id) DO NOTHING",
            vals![&fact.incident, fact.source.as_str(), &fact.source_id, fact.at, origin.as_str(), inbox_id, now, body],
        )
        .await?;
    Ok(added == 1)
}

/// Everything we were told about an incident, for folding. Showing goes through `incidents::find`, which asks for a scope.
pub async fn of(tx: &mut Tx, incident: &str) -> Result<Vec<Fact>, StoreError> {
    tx.all("SELECT body FROM fact WHERE incident = ?1 ORDER BY id", vals![incident])
        .await?
        .iter()
        .map(|row| row.json(0))
        .collect()
}
