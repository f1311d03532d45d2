//! What the API was seen to have and the mirror does not have yet: the second half of *lost*. Counted where it is
//! fetched, taken off where it is read; neither knows of the other.

use crate::{StoreError, Tx, many, vals};
use model::{Micros, Scope};

/// The API showed these incidents; those that the mirror lacks are remembered. Says how many were lacking.
pub async fn seen(tx: &mut Tx, incidents: &[String]) -> Result<i64, StoreError> {
    let now = tx.now();
    let mut known = std::collections::HashSet::new();
    for vals in many::groups(incidents) {
        let sql = format!("SELECT id FROM incident WHERE id IN ({})", many::marks());
        for row in tx.all(&sql, &vals).await? {
            known.insert(row.string(0)?);
        }
    }
    let mut lacking = 0;
    // In one order for everybody, so that nobody waits for each other.
    let ordered: std::collections::BTreeSet<&String> = incidents.iter().collect();
    for incident in ordered.into_iter().filter(|id| !known.contains(*id)) {
        lacking += 1;
        tx.exec(
            "INSERT INTO sighting (incident, seen_at) VALUES (?1, ?2) ON CONFLICT (incident) DO NOTHING",
            vals![incident, now],
        )
        .await?;
    }
    Ok(lacking)
}

/// The mirror has it now.
pub async fn settled(tx: &mut Tx, incident: &str) -> Result<(), StoreError> {
    tx.exec("DELETE FROM sighting WHERE incident = ?1", vals![incident]).await?;
    Ok(())
}

/// How many incidents the API has shown before this instant and the mirror still lacks. What waits in the inbox to be read
/// is not lacking yet.
pub async fn lacking(tx: &mut Tx, _scope: &Scope, before: Micros) -> Result<i64, StoreError> {
    let waiting = tx.one("SELECT received_at FROM inbox WHERE state = 'new' ORDER BY id LIMIT 1", &[]).await?;
    let before = match waiting {
        Some(row) => row.micros(0)?.min(before),
        None => before,
    };
    tx.sure("SELECT count(*) FROM sighting WHERE seen_at < ?1", vals![before]).await?.int(0)
}
