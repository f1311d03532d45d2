//! Jobs that fetch a mail from a bucket: what is still on its way counts in a day's balance until an alert stands in its
//! place. Fetches nothing.

use crate::actions::PAYLOAD_VERSION;
use crate::{Row, StoreError, Tx, vals};
use model::Micros;
use model::action::{Action, Effect};
use model::mail::Envelope;

/// The states are the index's own words.
const WAITING: &str = "destination = 's3' AND stood_in_at IS NULL AND state IN ('ready', 'leased', 'human', 'dead')";

/// A mail that could not be fetched.
#[derive(Clone, Debug, PartialEq)]
pub struct Unfetched {
    pub job: i64,
    pub envelope: Envelope,
    pub bucket: String,
    pub object: String,
    /// Since when it is known that it lies there.
    pub since: Micros,
    /// How the last try ended, if one did.
    pub why: Option<String>,
}

/// How many mails that were told of in a span still lie in their buckets, with nothing in their place.
pub async fn fetching(tx: &mut Tx, since: Micros, until: Micros) -> Result<i64, StoreError> {
    let sql = format!(
        "SELECT count(*) FROM {} WHERE {WAITING} AND created_at >= ?1 AND created_at < ?2",
        tx.by("job", "job_fetch")
    );
    tx.sure(&sql, vals![since, until]).await?.int(0)
}

/// Those that were given up, and those that are not here since before then; the oldest first.
pub async fn unfetched(tx: &mut Tx, before: Micros, most: i64) -> Result<Vec<Unfetched>, StoreError> {
    let sql = format!(
        "SELECT id, version, payload, created_at, cause FROM {} WHERE {WAITING} AND (state = 'dead' OR created_at <= ?1) \
         ORDER BY created_at, id LIMIT ?2",
        tx.by("job", "job_fetch")
    );
    Ok(tx.all(&sql, vals![before, most]).await?.iter().filter_map(unfetched_of).collect())
}

/// What an older or newer program wrote is not understood; its job says so.
fn unfetched_of(row: &Row) -> Option<Unfetched> {
    if row.int(1).ok()? != PAYLOAD_VERSION {
        return None;
    }
    let action: Action = serde_json::from_str(row.text(2).ok()?).ok()?;
    let Effect::FetchMail { envelope, bucket, object } = action.effect else { return None };
    let (job, since, why) = (row.int(0).ok()?, row.micros(3).ok()?, row.opt_string(4).ok()?);
    Some(Unfetched { job, envelope: *envelope, bucket, object, since, why })
}

/// An alert stands in its place. False when one does already.
pub async fn stood_in(tx: &mut Tx, job: i64) -> Result<bool, StoreError> {
    let now = tx.now();
    let sql = "UPDATE job SET stood_in_at = ?2 WHERE id = ?1 AND stood_in_at IS NULL";
    Ok(tx.exec(sql, vals![job, now]).await? == 1)
}
