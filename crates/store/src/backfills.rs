//! Backfills: the spans of history that somebody wants, cut into slices, and how far each has come. Written under the
//! tokens of the jobs that fetch; a kill loses nothing but the page in hand.

use crate::jobs::{self, Dead};
use crate::{Row, StoreError, Tx, Val, vals};
use model::connection::LogState;
use model::{Micros, Scope};

/// Slices are fetched step by step: what fills the lists first.
pub const INCIDENTS: i64 = 1;
pub const LOG: i64 = 2;

#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Backfill {
    pub id: String,
    pub since: Micros,
    pub until: Micros,
    /// waiting, running, done or stopped.
    pub state: String,
    pub asked_by: String,
    pub created_at: Micros,
    pub begun_at: Option<Micros>,
    pub ended_at: Option<Micros>,
    /// Calls of PagerDuty's API so far, those for single incidents included.
    pub calls: i64,
    pub why: Option<String>,
}

/// A span of one step of a backfill.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Slice {
    pub step: i64,
    pub since: Micros,
    pub until: Micros,
    /// waiting, running, done, split or failed.
    pub state: String,
    pub listed: i64,
    pub total: Option<i64>,
}

const BACKFILL: &str = "id, since, until, state, asked_by, created_at, begun_at, ended_at, calls, why";
const SLICE: &str = "step, since, until, state, listed, total";

/// Asks for a span. The same id again changes nothing.
pub async fn add(
    tx: &mut Tx,
    id: &str,
    since: Micros,
    until: Micros,
    asked_by: &str,
    slices: &[(Micros, Micros)],
) -> Result<bool, StoreError> {
    let now = tx.now();
    let made = tx
        .exec(
            "INSERT INTO backfill (id, since, until, state, asked_by, created_at, calls) \
             VALUES (?1, ?2, ?3, 'waiting', ?4, ?5, 0) ON CONFLICT (id) DO NOTHING",
            vals![id, since, until, asked_by, now],
        )
        .await?;
    if made == 0 {
        return Ok(false);
    }
    for (since, until) in slices {
        for step in [INCIDENTS, LOG] {
            add_slice(tx, id, step, *since, *until).await?;
        }
    }
    Ok(true)
}

async fn add_slice(tx: &mut Tx, id: &str, step: i64, since: Micros, until: Micros) -> Result<(), StoreError> {
    tx.exec(
        "INSERT INTO backfill_slice (backfill, step, since, until, state, listed, calls) \
         VALUES (?1, ?2, ?3, ?4, 'waiting', 0, 0) ON CONFLICT (backfill, step, since, until) DO NOTHING",
        vals![id, step, since, until],
    )
    .await?;
    Ok(())
}

/// Those that are neither done nor stopped, the oldest first.
pub async fn live(tx: &mut Tx) -> Result<Vec<Backfill>, StoreError> {
    let sql = format!("SELECT {BACKFILL} FROM backfill WHERE state IN ('waiting', 'running') ORDER BY created_at, id");
    tx.all(&sql, &[] as &[Val]).await?.iter().map(backfill).collect()
}

/// The next slice to fetch: step by step, the newest first.
pub async fn next_slice(tx: &mut Tx, id: &str) -> Result<Option<Slice>, StoreError> {
    let sql = format!(
        "SELECT {SLICE} FROM backfill_slice WHERE backfill = ?1 AND state IN ('waiting', 'running') \
         ORDER BY step, until DESC LIMIT 1"
    );
    tx.one(&sql, vals![id]).await?.map(|row| slice(&row)).transpose()
}

pub async fn begin_slice(tx: &mut Tx, id: &str, slice: &Slice) -> Result<(), StoreError> {
    let now = tx.now();
    // The slice before its backfill, here as in `page`, so that nobody waits for each other.
    tx.exec(
        "UPDATE backfill_slice SET state = 'running' WHERE backfill = ?1 AND step = ?2 AND since = ?3 AND until = ?4",
        vals![id, slice.step, slice.since, slice.until],
    )
    .await?;
    tx.exec(
        "UPDATE backfill SET state = 'running', begun_at = coalesce(begun_at, ?2) WHERE id = ?1 AND state = 'waiting'",
        vals![id, now],
    )
    .await?;
    Ok(())
}

/// What one page brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub step: i64,
    pub since: Micros,
    pub until: Micros,
    pub listed: i64,
    pub total: Option<i64>,
    pub is_last: bool,
}

pub async fn page(tx: &mut Tx, id: &str, page: &Page) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec(
        "UPDATE backfill_slice SET listed = listed + ?5, total = coalesce(?6, total), calls = calls + 1, \
         state = CASE WHEN ?7 = 1 THEN 'done' ELSE state END, ended_at = CASE WHEN ?7 = 1 THEN ?8 ELSE ended_at END \
         WHERE backfill = ?1 AND step = ?2 AND since = ?3 AND until = ?4",
        vals![id, page.step, page.since, page.until, page.listed, page.total, page.is_last, now],
    )
    .await?;
    called(tx, id, 1).await
}

/// Calls that were made for it, pages or single incidents.
pub async fn called(tx: &mut Tx, id: &str, calls: i64) -> Result<(), StoreError> {
    tx.exec("UPDATE backfill SET calls = calls + ?2 WHERE id = ?1", vals![id, calls]).await?;
    Ok(())
}

/// A call for a single incident, counted for the one that is under way.
pub async fn called_live(tx: &mut Tx) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE backfill SET calls = calls + 1 WHERE id = \
         (SELECT id FROM backfill WHERE state IN ('waiting', 'running') ORDER BY created_at, id LIMIT 1)",
        &[],
    )
    .await?;
    Ok(())
}

/// A slice holds more rows than PagerDuty pages through: two halves instead of it.
pub async fn split(tx: &mut Tx, id: &str, step: i64, since: Micros, until: Micros) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec(
        "UPDATE backfill_slice SET state = 'split', calls = calls + 1, ended_at = ?5 \
         WHERE backfill = ?1 AND step = ?2 AND since = ?3 AND until = ?4",
        vals![id, step, since, until, now],
    )
    .await?;
    called(tx, id, 1).await?;
    let middle = Micros(since.0 + (until.0 - since.0) / 2).floor_s();
    add_slice(tx, id, step, since, middle).await?;
    add_slice(tx, id, step, middle, until).await
}

/// A page of it could not be fetched; the rest goes on without it.
pub async fn fail_slice(tx: &mut Tx, id: &str, slice: &Slice) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec(
        "UPDATE backfill_slice SET state = 'failed', ended_at = ?5 \
         WHERE backfill = ?1 AND step = ?2 AND since = ?3 AND until = ?4",
        vals![id, slice.step, slice.since, slice.until, now],
    )
    .await?;
    Ok(())
}

/// How many slices could not be fetched.
pub async fn failed(tx: &mut Tx, id: &str) -> Result<i64, StoreError> {
    let sql = "SELECT count(*) FROM backfill_slice WHERE backfill = ?1 AND state = 'failed'";
    tx.sure(sql, vals![id]).await?.int(0)
}

pub async fn end(tx: &mut Tx, id: &str, state: &str, why: Option<&str>) -> Result<bool, StoreError> {
    let now = tx.now();
    let ended = tx
        .exec(
            "UPDATE backfill SET state = ?2, why = ?3, ended_at = ?4 WHERE id = ?1 AND state IN ('waiting', 'running')",
            vals![id, state, why, now],
        )
        .await?;
    Ok(ended == 1)
}

/// Begins those again that ended before this instant because slices of them could not be fetched: whatever was in the way
/// may be gone. One that a person stopped has no reason written down, and stays as it is. Says how many.
pub async fn reopen(tx: &mut Tx, before: Micros) -> Result<i64, StoreError> {
    let sql = "SELECT id FROM backfill WHERE state = 'stopped' AND why IS NOT NULL AND ended_at <= ?1 ORDER BY id";
    let mut reopened = 0;
    for row in tx.all(sql, vals![before]).await? {
        let id = row.string(0)?;
        for slice in failed_slices(tx, &id).await? {
            forget_jobs(tx, &id, &slice).await?;
        }
        tx.exec(
            "UPDATE backfill_slice SET state = 'waiting', listed = 0, ended_at = NULL \
             WHERE backfill = ?1 AND state = 'failed'",
            vals![&id],
        )
        .await?;
        tx.exec("UPDATE backfill SET state = 'waiting', why = NULL, ended_at = NULL WHERE id = ?1", vals![&id]).await?;
        reopened += 1;
    }
    Ok(reopened)
}

async fn failed_slices(tx: &mut Tx, id: &str) -> Result<Vec<Slice>, StoreError> {
    let sql = format!(
        "SELECT {SLICE} FROM backfill_slice WHERE backfill = ?1 AND state = 'failed' ORDER BY step, since, until"
    );
    tx.all(&sql, vals![id]).await?.iter().map(slice).collect()
}

/// The jobs of a slice that came to nothing: they touched nothing outside, and their actions' keys are wanted again.
async fn forget_jobs(tx: &mut Tx, id: &str, slice: &Slice) -> Result<(), StoreError> {
    let from = format!("backfill/{id}/{}/{}-{}/", slice.step, slice.since.second(), slice.until.second());
    // What follows "/" in the order of bytes.
    let to = format!("{}0", from.trim_end_matches('/'));
    jobs::forget_between(tx, &from, &to, Dead::Go).await
}

pub async fn get(tx: &mut Tx, _scope: &Scope, id: &str) -> Result<Option<Backfill>, StoreError> {
    let sql = format!("SELECT {BACKFILL} FROM backfill WHERE id = ?1");
    tx.one(&sql, vals![id]).await?.map(|row| backfill(&row)).transpose()
}

/// The latest ones, newest first. Spans of time tell nothing of a customer.
pub async fn list(tx: &mut Tx, scope: &Scope, limit: i64) -> Result<Vec<Backfill>, StoreError> {
    list_after(tx, scope, None, limit).await
}

/// The same, from the one after this place on: when it was asked for, and its id.
pub async fn list_after(
    tx: &mut Tx,
    _scope: &Scope,
    place: Option<(Micros, &str)>,
    limit: i64,
) -> Result<Vec<Backfill>, StoreError> {
    let mut vals = vec![Val::Int(limit)];
    let mut clause = "";
    if let Some((created_at, id)) = place {
        vals.extend([Val::from(created_at), Val::from(id)]);
        clause = "WHERE created_at < ?2 OR (created_at = ?2 AND id > ?3)";
    }
    let sql = format!("SELECT {BACKFILL} FROM backfill {clause} ORDER BY created_at DESC, id LIMIT ?1");
    tx.all(&sql, &vals).await?.iter().map(backfill).collect()
}

/// How far a backfill has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Progress {
    /// Seconds of the span that are through each step, of how many.
    pub span_s: i64,
    pub incidents_s: i64,
    pub log_s: i64,
    /// Rows listed.
    pub incidents: i64,
    pub entries: i64,
    /// Incidents whose alerts are still to be fetched.
    pub alerts_waiting: i64,
    /// Calls a minute that PagerDuty allows the key, as last told.
    pub rate_limit: Option<i64>,
}

pub async fn progress(tx: &mut Tx, _scope: &Scope, backfill: &Backfill) -> Result<Progress, StoreError> {
    let rows = tx
        .all(
            "SELECT step, CAST(sum(CASE WHEN state = 'done' THEN until - since ELSE 0 END) AS BIGINT), \
             CAST(sum(listed) AS BIGINT) FROM backfill_slice WHERE backfill = ?1 GROUP BY step",
            vals![&backfill.id],
        )
        .await?;
    let mut progress = Progress { span_s: backfill.until.since(backfill.since) / 1_000_000, ..Progress::default() };
    for row in rows {
        let (done_s, listed) = (row.int(1)? / 1_000_000, row.int(2)?);
        if row.int(0)? == INCIDENTS {
            (progress.incidents_s, progress.incidents) = (done_s, listed);
        } else {
            (progress.log_s, progress.entries) = (done_s, listed);
        }
    }
    let log = crate::polls::get(tx, model::connection::poll::LOG).await?;
    progress.rate_limit = log.and_then(|log| log.known::<LogState>().rate).map(|rate| rate.limit);
    progress.alerts_waiting = crate::dirty::how_many(tx, crate::dirty::ALERTS).await?;
    Ok(progress)
}

fn backfill(row: &Row) -> Result<Backfill, StoreError> {
    Ok(Backfill {
        id: row.string(0)?,
        since: row.micros(1)?,
        until: row.micros(2)?,
        state: row.string(3)?,
        asked_by: row.string(4)?,
        created_at: row.micros(5)?,
        begun_at: row.opt_micros(6)?,
        ended_at: row.opt_micros(7)?,
        calls: row.int(8)?,
        why: row.opt_string(9)?,
    })
}

fn slice(row: &Row) -> Result<Slice, StoreError> {
    Ok(Slice {
        step: row.int(0)?,
        since: row.micros(1)?,
        until: row.micros(2)?,
        state: row.string(3)?,
        listed: row.int(4)?,
        total: row.opt_int(5)?,
    })
}
