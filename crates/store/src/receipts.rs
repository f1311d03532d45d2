//! The running account: what was received, counted in the intake's own commit, against the rows that are there.

use crate::{StoreError, Tx, vals};
use model::{Micros, Scope};

/// Two independent counts side by side; `lost` is what the first has and the second lacks, and must be 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Acknowledged signals, repeats included.
    pub received: i64,
    pub duplicates: i64,
    /// Rows in the inbox, ever.
    pub rows: i64,
    pub waiting: i64,
    /// Authentic signals that nobody can read.
    pub unreadable: i64,
    /// Signals whose reading fails by our own fault.
    pub dead_signals: i64,
    /// Jobs that are not tried again unless a person says so.
    pub dead: i64,
    pub last_webhook_at: Option<Micros>,
}

impl Account {
    pub const fn lost(&self) -> i64 {
        let lost = self.received - self.duplicates - self.rows;
        if lost < 0 { 0 } else { lost }
    }

    pub const fn processed(&self) -> i64 {
        self.rows - self.waiting
    }
}

/// The account. It counts signals, not their content; what a person may see of a customer does not change it.
pub async fn count(tx: &mut Tx, _scope: &Scope) -> Result<Account, StoreError> {
    let sums = tx
        .sure("SELECT CAST(coalesce(sum(received), 0) AS BIGINT), CAST(coalesce(sum(duplicates), 0) AS BIGINT) FROM receipt", &[])
        .await?;
    let rows = rows(tx).await?;
    let waiting = tx.sure("SELECT count(*) FROM inbox WHERE state = 'new'", &[]).await?.int(0)?;
    let unreadable = tx.sure("SELECT count(*) FROM inbox WHERE state = 'unreadable'", &[]).await?.int(0)?;
    let dead_signals = tx.sure("SELECT count(*) FROM inbox WHERE state = 'dead'", &[]).await?.int(0)?;
    let dead = tx.sure("SELECT count(*) FROM job WHERE state = 'dead'", &[]).await?.int(0)?;
    let last = last_webhook(tx).await?;
    Ok(Account {
        received: sums.int(0)?,
        duplicates: sums.int(1)?,
        rows,
        waiting,
        unreadable,
        dead_signals,
        dead,
        last_webhook_at: last,
    })
}

const TALLY: &str = "inbox_tally";
/// Rows that a page counts beyond the tally, or one tally adds.
const TAIL: i64 = 20_000;

/// Rows of the inbox that were counted once and are not walked at every look.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Tally {
    /// The last row that was counted.
    up_to: i64,
    rows: i64,
    /// The newest row at the last call. Whatever has an id up to here has ended by the next one, a minute later.
    seen: i64,
}

impl Tally {
    async fn load(tx: &mut Tx) -> Result<Self, StoreError> {
        let text = crate::meta(tx, TALLY).await?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    async fn save(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let text = serde_json::to_string(self).map_err(StoreError::shape)?;
        crate::set_meta(tx, TALLY, &text).await
    }
}

/// Rows in the inbox: those of the tally and those that came since. Without a tally, or far behind it, all are counted
/// by the smallest index, which is less than walking a long tail of raw bytes.
async fn rows(tx: &mut Tx) -> Result<i64, StoreError> {
    let tally = Tally::load(tx).await?;
    if tally.seen - tally.up_to > TAIL || tally.seen == 0 {
        return tx.sure("SELECT count(*) FROM inbox", &[]).await?.int(0);
    }
    let tail = tx.sure("SELECT count(*) FROM inbox WHERE id > ?1", vals![tally.up_to]).await?;
    Ok(tally.rows + tail.int(0)?)
}

/// Counts what came since the last call, so that the account costs the same however long the inbox is. Called every
/// minute, no sooner: on PostgreSQL a row may become visible after one with a larger id, but not a minute after.
pub async fn tally(tx: &mut Tx) -> Result<(), StoreError> {
    let mut tally = Tally::load(tx).await?;
    let sql = "SELECT count(*), coalesce(max(id), 0) FROM (SELECT id FROM inbox WHERE id > ?1 AND id <= ?2 \
               ORDER BY id LIMIT ?3) t";
    let row = tx.sure(sql, vals![tally.up_to, tally.seen, TAIL]).await?;
    if row.int(0)? > 0 {
        tally.rows += row.int(0)?;
        tally.up_to = row.int(1)?;
    }
    tally.seen = tx.sure("SELECT coalesce(max(id), 0) FROM inbox", &[]).await?.int(0)?;
    tally.save(tx).await
}

/// All rows counted anew, so that one that vanished is missed; for `keep_tally`. A read, at start and daily: it takes a
/// tenth of a second a million rows, and the writer must not wait for that.
pub async fn recount(tx: &mut Tx) -> Result<Tally, StoreError> {
    // No further than what was counted before: a row beyond that may still become visible.
    let tally = Tally::load(tx).await?;
    let all = tx.sure("SELECT count(*) FROM inbox", &[]).await?.int(0)?;
    let tail = tx.sure("SELECT count(*) FROM inbox WHERE id > ?1", vals![tally.up_to]).await?.int(0)?;
    Ok(Tally { up_to: tally.up_to, rows: all - tail, seen: tally.seen })
}

pub async fn keep_tally(tx: &mut Tx, recounted: &Tally) -> Result<(), StoreError> {
    let seen = Tally::load(tx).await?.seen;
    Tally { seen, ..recounted.clone() }.save(tx).await
}

/// When the last authentic webhook came.
pub async fn last_webhook(tx: &mut Tx) -> Result<Option<Micros>, StoreError> {
    tx.sure("SELECT max(last_at) FROM receipt WHERE source = ?1", vals![model::signal::source::PAGERDUTY_WEBHOOK])
        .await?
        .opt_micros(0)
}

/// What one source ever sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceCount {
    pub source: String,
    /// Repeats included.
    pub received: i64,
    pub duplicates: i64,
    pub last_at: Micros,
}

/// The receipts by source. Whose doors are in use tells nothing of a customer.
pub async fn list_by_source(tx: &mut Tx, _scope: &Scope) -> Result<Vec<SourceCount>, StoreError> {
    let sql = "SELECT source, CAST(sum(received) AS BIGINT), CAST(sum(duplicates) AS BIGINT), max(last_at) \
               FROM receipt GROUP BY source ORDER BY source";
    let rows = tx.all(sql, &[]).await?;
    rows.iter()
        .map(|row| {
            Ok(SourceCount {
                source: row.string(0)?,
                received: row.int(1)?,
                duplicates: row.int(2)?,
                last_at: row.micros(3)?,
            })
        })
        .collect()
}

/// The sources that ever sent something. Whose doors are in use tells nothing of a customer.
pub async fn list_sources(tx: &mut Tx, _scope: &Scope) -> Result<Vec<String>, StoreError> {
    tx.all("SELECT DISTINCT source FROM receipt ORDER BY source", &[]).await?.iter().map(|row| row.string(0)).collect()
}
