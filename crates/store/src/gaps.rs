//! Gaps in what webhooks told: since when, until when, what was lacking, and whether asking again proved that nothing
//! lacks any more. Written by the engine under the tokens of the jobs that fill them.

use crate::{Row, StoreError, Tx, Val, vals};
use model::{Micros, Scope};

#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Gap {
    pub id: String,
    pub subscription: String,
    /// disabled, temporarily_disabled, deleted, silent or wrong_secret.
    pub why: String,
    /// `open` while webhooks do not come, `filling` while the log is read again, `filled` when a pass is through,
    /// `closed` once a pass found nothing lacking.
    pub state: String,
    pub since: Micros,
    pub until: Option<Micros>,
    /// How often the log of this span was read.
    pub pass: i64,
    /// Log entries that the last pass saw, and how many of them the mirror lacked.
    pub entries: i64,
    pub lacking: i64,
    /// Log entries that were lacking in all passes together, and are there now.
    pub repaired: i64,
    pub opened_at: Micros,
    /// When the last pass began or came to its end.
    pub passed_at: Option<Micros>,
    pub closed_at: Option<Micros>,
}

const GAP: &str =
    "id, subscription, why, state, since, until, pass, entries, lacking, repaired, opened_at, closed_at, passed_at";

pub async fn open(tx: &mut Tx, id: &str, subscription: &str, why: &str, since: Micros) -> Result<bool, StoreError> {
    let now = tx.now();
    let made = tx
        .exec(
            "INSERT INTO gap (id, subscription, why, state, since, pass, entries, lacking, repaired, opened_at) \
             VALUES (?1, ?2, ?3, 'open', ?4, 0, 0, 0, 0, ?5) ON CONFLICT (id) DO NOTHING",
            vals![id, subscription, why, since, now],
        )
        .await?;
    Ok(made == 1)
}

/// Webhooks come again: the span is known now, and its log is to be read.
pub async fn begin_pass(tx: &mut Tx, id: &str, until: Micros) -> Result<Option<i64>, StoreError> {
    let now = tx.now();
    let row = tx
        .one(
            "UPDATE gap SET state = 'filling', until = coalesce(until, ?2), pass = pass + 1, entries = 0, lacking = 0, \
             passed_at = ?3 WHERE id = ?1 AND state <> 'closed' RETURNING pass",
            vals![id, until, now],
        )
        .await?;
    row.map(|row| row.int(0)).transpose()
}

/// One page of a pass was read.
pub async fn page(tx: &mut Tx, id: &str, pass: i64, entries: i64, lacking: i64) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE gap SET entries = entries + ?3, lacking = lacking + ?4, repaired = repaired + ?4 \
         WHERE id = ?1 AND pass = ?2",
        vals![id, pass, entries, lacking],
    )
    .await?;
    Ok(())
}

/// A pass has read everything; what it brought is still to be read from the inbox.
pub async fn filled(tx: &mut Tx, id: &str, pass: i64) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec(
        "UPDATE gap SET state = 'filled', passed_at = ?3 WHERE id = ?1 AND pass = ?2 AND state = 'filling'",
        vals![id, pass, now],
    )
    .await?;
    Ok(())
}

pub async fn close(tx: &mut Tx, id: &str) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec("UPDATE gap SET state = 'closed', closed_at = ?2 WHERE id = ?1", vals![id, now]).await?;
    Ok(())
}

pub async fn get(tx: &mut Tx, id: &str) -> Result<Option<Gap>, StoreError> {
    tx.one(&format!("SELECT {GAP} FROM gap WHERE id = ?1"), vals![id]).await?.map(|row| gap(&row)).transpose()
}

/// Those that are being filled.
pub async fn live(tx: &mut Tx) -> Result<Vec<Gap>, StoreError> {
    let sql = format!("SELECT {GAP} FROM gap WHERE state <> 'closed' AND state <> 'open' ORDER BY id");
    tx.all(&sql, &[] as &[Val]).await?.iter().map(gap).collect()
}

/// The latest ones, newest first. That webhooks failed tells nothing of a customer.
pub async fn list(tx: &mut Tx, _scope: &Scope, limit: i64) -> Result<Vec<Gap>, StoreError> {
    let sql = format!("SELECT {GAP} FROM gap ORDER BY opened_at DESC, id LIMIT ?1");
    tx.all(&sql, vals![limit]).await?.iter().map(gap).collect()
}

fn gap(row: &Row) -> Result<Gap, StoreError> {
    Ok(Gap {
        id: row.string(0)?,
        subscription: row.string(1)?,
        why: row.string(2)?,
        state: row.string(3)?,
        since: row.micros(4)?,
        until: row.opt_micros(5)?,
        pass: row.int(6)?,
        entries: row.int(7)?,
        lacking: row.int(8)?,
        repaired: row.int(9)?,
        opened_at: row.micros(10)?,
        closed_at: row.opt_micros(11)?,
        passed_at: row.opt_micros(12)?,
    })
}
