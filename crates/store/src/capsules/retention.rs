//! Retention of outputs: which are past it, that they are given up (an act in the audit record), and that they are gone. A
//! capsule and its entry stay; so does what is on hold. Deletes no output itself.

use super::{KEPT, Kept, kept};
use crate::{StoreError, Tx, audit, vals};
use model::Micros;
use model::capsule::{Capsule, CapsuleId};
use serde_json::json;

/// What the audit record calls it.
const ACTION: &str = "evidence.expired";
const ACTOR: &str = "system";

/// Neither the incident nor its customer is on hold.
const IS_FREE: &str = "NOT EXISTS (SELECT 1 FROM hold h WHERE h.released_at IS NULL AND \
     ((h.kind = 'incident' AND h.subject = capsule.incident) OR (h.kind = 'customer' AND h.subject = capsule.customer)))";

/// Capsules that ended before this instant, still have outputs and are not on hold, the oldest first.
pub async fn expired(tx: &mut Tx, before: Micros, most: i64) -> Result<Vec<Capsule>, StoreError> {
    let sql = format!(
        "SELECT {KEPT} FROM capsule WHERE has_output = 1 AND expired_at IS NULL AND ended_at < ?1 AND {IS_FREE} \
         ORDER BY ended_at LIMIT ?2"
    );
    let rows = tx.all(&sql, vals![before, most]).await?;
    rows.iter().map(|row| kept(row).map(|Kept { capsule, .. }| capsule)).collect()
}

/// Gives up a capsule's outputs; false if that was done before, or a hold was set meanwhile. From here on they may be deleted.
pub async fn expire(tx: &mut Tx, capsule: &Capsule, retention: &str) -> Result<bool, StoreError> {
    let now = tx.now();
    let sql = format!("UPDATE capsule SET expired_at = ?2 WHERE id = ?1 AND expired_at IS NULL AND {IS_FREE}");
    if tx.exec(&sql, vals![&capsule.id.0, now]).await? == 0 {
        return Ok(false);
    }
    let objects: Vec<_> = capsule
        .output
        .each()
        .map(|one| json!({ "object": one.object, "sha256": one.sha256, "bytes": one.bytes }))
        .collect();
    let detail = json!({ "retention": retention, "outputs": objects });
    audit::add(tx, ACTOR, ACTION, &subject(&capsule.id), capsule.customer.as_deref(), &detail).await?;
    Ok(true)
}

/// What was given up and may not be deleted yet: a crash may have come between.
pub async fn doomed(tx: &mut Tx, most: i64) -> Result<Vec<Capsule>, StoreError> {
    let sql = format!(
        "SELECT {KEPT} FROM capsule WHERE expired_at IS NOT NULL AND removed_at IS NULL ORDER BY expired_at LIMIT ?1"
    );
    let rows = tx.all(&sql, vals![most]).await?;
    rows.iter().map(|row| kept(row).map(|Kept { capsule, .. }| capsule)).collect()
}

/// Its outputs are gone.
pub async fn removed(tx: &mut Tx, id: &CapsuleId) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec("UPDATE capsule SET removed_at = ?2 WHERE id = ?1", vals![&id.0, now]).await?;
    Ok(())
}

/// When its outputs were given up, as the audit record has it: the word of the capsule's own row is proven by nothing.
pub async fn expiry(tx: &mut Tx, id: &CapsuleId) -> Result<Option<Micros>, StoreError> {
    let sql = "SELECT at FROM audit WHERE subject = ?1 AND action = ?2 ORDER BY id LIMIT 1";
    tx.one(sql, vals![subject(id), ACTION]).await?.map(|row| row.micros(0)).transpose()
}

fn subject(id: &CapsuleId) -> String {
    format!("capsule/{}", id.0)
}
