//! What has to be done again: an incident to be read from the API. A row is written in the transaction that makes it
//! necessary, so that nobody has to follow rows that commit out of order.

use crate::{StoreError, Tx, vals};
use model::Micros;
use model::signal::Origin;

/// An incident to be read whole.
pub const READ: &str = "read";
/// An incident from history whose alerts are still to be fetched.
pub const ALERTS: &str = "alerts";

/// A ticket to be read whole.
pub const TICKET: &str = "ticket";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dirty {
    pub subject: String,
    pub since: Micros,
    pub origin: Origin,
    /// Grows with every mark: what was begun before the last mark does not clear it.
    pub generation: i64,
    pub tries: i64,
}

/// Marks a subject, or marks it anew; gives the generation of this mark. What happens now stays so when history marks it
/// as well.
pub async fn mark(tx: &mut Tx, kind: &str, subject: &str, origin: Origin) -> Result<i64, StoreError> {
    let now = tx.now();
    tx.sure(
        "INSERT INTO dirty (kind, subject, since, origin, generation, tries) VALUES (?1, ?2, ?3, ?4, ?3, 0) \
         ON CONFLICT (kind, subject) DO UPDATE SET generation = dirty.generation + 1, tries = 0, \
         since = excluded.since, \
         origin = CASE WHEN dirty.origin IN ('live', 'repair') AND excluded.origin NOT IN ('live', 'repair') \
           THEN dirty.origin ELSE excluded.origin END \
         RETURNING generation",
        vals![kind, subject, now, origin.as_str()],
    )
    .await?
    .int(0)
}

/// One more reading was not enough; gives the new generation and how often that happened since the mark.
pub async fn try_again(tx: &mut Tx, kind: &str, subject: &str) -> Result<Option<(i64, i64)>, StoreError> {
    let row = tx
        .one(
            "UPDATE dirty SET generation = generation + 1, tries = tries + 1 WHERE kind = ?1 AND subject = ?2 \
             RETURNING generation, tries",
            vals![kind, subject],
        )
        .await?;
    row.map(|row| Ok((row.int(0)?, row.int(1)?))).transpose()
}

pub async fn of(tx: &mut Tx, kind: &str, subject: &str) -> Result<Option<Dirty>, StoreError> {
    tx.one(
        "SELECT subject, since, origin, generation, tries FROM dirty WHERE kind = ?1 AND subject = ?2",
        vals![kind, subject],
    )
    .await?
    .map(|row| dirty(&row))
    .transpose()
}

/// The oldest marks that nobody is about to see to: set before an instant, not given up, and without a live job in the
/// lane that `lane` and the subject name.
pub async fn forgotten(
    tx: &mut Tx,
    kind: &str,
    lane: &str,
    before: Micros,
    most_tries: i64,
    most: i64,
) -> Result<Vec<Dirty>, StoreError> {
    tx.all(
        "SELECT subject, since, origin, generation, tries FROM dirty d \
         WHERE kind = ?1 AND since <= ?3 AND tries <= ?4 AND NOT EXISTS (SELECT 1 FROM job j \
           WHERE j.lane = ?2 || d.subject AND j.state IN ('ready', 'leased', 'human')) \
         ORDER BY since, subject LIMIT ?5",
        vals![kind, lane, before, most_tries, most],
    )
    .await?
    .iter()
    .map(dirty)
    .collect()
}

pub async fn clear(tx: &mut Tx, kind: &str, subject: &str) -> Result<(), StoreError> {
    tx.exec("DELETE FROM dirty WHERE kind = ?1 AND subject = ?2", vals![kind, subject]).await?;
    Ok(())
}

/// Marks without a live job in the lane that `lane` and the subject name, in no order that costs anything.
pub async fn idle(tx: &mut Tx, kind: &str, lane: &str, most: i64) -> Result<Vec<Dirty>, StoreError> {
    tx.all(
        "SELECT subject, since, origin, generation, tries FROM dirty d \
         WHERE kind = ?1 AND NOT EXISTS (SELECT 1 FROM job j \
           WHERE j.lane = ?2 || d.subject AND j.state IN ('ready', 'leased', 'human')) ORDER BY subject LIMIT ?3",
        vals![kind, lane, most],
    )
    .await?
    .iter()
    .map(dirty)
    .collect()
}

pub async fn is_any(tx: &mut Tx, kind: &str) -> Result<bool, StoreError> {
    Ok(tx.one("SELECT 1 FROM dirty WHERE kind = ?1 LIMIT 1", vals![kind]).await?.is_some())
}

/// How many subjects are marked.
pub async fn how_many(tx: &mut Tx, kind: &str) -> Result<i64, StoreError> {
    tx.sure("SELECT count(*) FROM dirty WHERE kind = ?1", vals![kind]).await?.int(0)
}

fn dirty(row: &crate::Row) -> Result<Dirty, StoreError> {
    Ok(Dirty {
        subject: row.string(0)?,
        since: row.micros(1)?,
        origin: Origin::parse(row.text(2)?).unwrap_or(Origin::Live),
        generation: row.int(3)?,
        tries: row.int(4)?,
    })
}
