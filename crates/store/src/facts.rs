//! Facts about incidents: only ever added, known by (incident, source, source id). Only a snapshot that is seen again is
//! written anew, with the later instant.

use crate::inbox::scope_clause;
use crate::{StoreError, Tx, Val, vals};
use model::incident::{Fact, FactBody, Source};
use model::signal::Origin;
use model::{Micros, Scope};

/// Adds a fact; false when it was known already.
pub async fn add(tx: &mut Tx, fact: &Fact, origin: Origin, inbox_id: Option<i64>) -> Result<bool, StoreError> {
    let body = serde_json::to_string(fact).map_err(StoreError::shape)?;
    let now = tx.now();
    let added = tx
        .exec(
            "INSERT INTO fact (incident, source, source_id, at, origin, inbox_id, recorded_at, body) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (incident, source, source_id) DO NOTHING",
            vals![
                &fact.incident,
                fact.source.as_str(),
                &fact.source_id,
                fact.at,
                origin.as_str(),
                inbox_id,
                now,
                &body
            ],
        )
        .await?;
    if added == 0 && fact.source == Source::Snapshot {
        renew(tx, fact, &body).await?;
    }
    Ok(added == 1)
}

/// The same content seen again, later: an incident that went to and fro within one second is what it was seen as last.
async fn renew(tx: &mut Tx, fact: &Fact, body: &str) -> Result<(), StoreError> {
    let identity = vals![&fact.incident, fact.source.as_str(), &fact.source_id];
    let known =
        tx.one("SELECT body FROM fact WHERE incident = ?1 AND source = ?2 AND source_id = ?3", identity).await?;
    let Some(row) = known else { return Ok(()) };
    let known: Fact = row.json(0)?;
    if taken_at(&known) < taken_at(fact) {
        tx.exec(
            "UPDATE fact SET body = ?4 WHERE incident = ?1 AND source = ?2 AND source_id = ?3",
            vals![&fact.incident, fact.source.as_str(), &fact.source_id, body],
        )
        .await?;
    }
    Ok(())
}

fn taken_at(fact: &Fact) -> Option<Micros> {
    match &fact.body {
        FactBody::Snapshot { taken_at, .. } | FactBody::AllAlerts { taken_at, .. } => Some(*taken_at),
        _ => None,
    }
}

/// How many of these nobody has told yet.
pub async fn unknown(tx: &mut Tx, ids: &[(String, Source, String)]) -> Result<i64, StoreError> {
    let mut unknown = 0;
    for (incident, source, source_id) in ids {
        let known = tx
            .one(
                "SELECT 1 FROM fact WHERE incident = ?1 AND source = ?2 AND source_id = ?3",
                vals![incident, source.as_str(), source_id],
            )
            .await?;
        unknown += i64::from(known.is_none());
    }
    Ok(unknown)
}

/// Everything we were told about an incident, for folding. Showing goes through `incidents::find`, which asks for a scope.
pub async fn of(tx: &mut Tx, incident: &str) -> Result<Vec<Fact>, StoreError> {
    tx.all("SELECT body FROM fact WHERE incident = ?1 ORDER BY id", vals![incident])
        .await?
        .iter()
        .map(|row| row.json(0))
        .collect()
}

/// How many facts a signal told that nobody had told before, of incidents that the person may see.
pub async fn count_of_signal(tx: &mut Tx, scope: &Scope, inbox_id: i64) -> Result<i64, StoreError> {
    let mut vals = vec![Val::Int(inbox_id)];
    let mut clause = scope_clause(scope, "i.customer", &mut vals);
    if *scope != Scope::All {
        clause = format!("EXISTS (SELECT 1 FROM incident i WHERE i.id = fact.incident AND {clause})");
    }
    tx.sure(&format!("SELECT count(*) FROM fact WHERE inbox_id = ?1 AND {clause}"), &vals).await?.int(0)
}
