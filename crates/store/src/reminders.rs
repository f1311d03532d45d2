//! Who is reminded of what, and when next: one row for each message in whose thread people are reminded. Whom, and when to ask again,
//! is decided elsewhere.

use crate::{Row, StoreError, Tx, vals};
use model::Micros;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reminder {
    /// The post in whose thread it is said.
    pub post: String,
    /// The reminders' own data.
    pub state: String,
    /// When to look again; `None`: somebody moved, or it came to its end.
    pub due_at: Option<Micros>,
}

/// False when there is one already.
pub async fn start(tx: &mut Tx, post: &str, state: &str, due_at: Micros) -> Result<bool, StoreError> {
    let sql = "INSERT INTO reminder (post, state, due_at) VALUES (?1, ?2, ?3) ON CONFLICT (post) DO NOTHING";
    Ok(tx.exec(sql, vals![post, state, due_at]).await? == 1)
}

pub async fn get(tx: &mut Tx, post: &str) -> Result<Option<Reminder>, StoreError> {
    let row = tx.one("SELECT post, state, due_at FROM reminder WHERE post = ?1", vals![post]).await?;
    row.map(|row| reminder(&row)).transpose()
}

/// Those that are due by now.
pub async fn due(tx: &mut Tx, now: Micros, most: i64) -> Result<Vec<Reminder>, StoreError> {
    let sql = "SELECT post, state, due_at FROM reminder WHERE due_at <= ?1 ORDER BY due_at, post LIMIT ?2";
    tx.all(sql, vals![now, most]).await?.iter().map(reminder).collect()
}

/// What comes next. False when it was stopped meanwhile.
pub async fn keep(tx: &mut Tx, post: &str, state: &str, due_at: Option<Micros>) -> Result<bool, StoreError> {
    let sql = "UPDATE reminder SET state = ?2, due_at = ?3 WHERE post = ?1 AND due_at IS NOT NULL";
    Ok(tx.exec(sql, vals![post, state, due_at]).await? == 1)
}

/// Somebody moved. False when there was nothing to stop.
pub async fn stop(tx: &mut Tx, post: &str) -> Result<bool, StoreError> {
    let sql = "UPDATE reminder SET due_at = NULL WHERE post = ?1 AND due_at IS NOT NULL";
    Ok(tx.exec(sql, vals![post]).await? == 1)
}

/// Whoever had it let it go. False when it goes on, or there never was one.
pub async fn resume(tx: &mut Tx, post: &str, state: &str, due_at: Micros) -> Result<bool, StoreError> {
    let sql = "UPDATE reminder SET state = ?2, due_at = ?3 WHERE post = ?1 AND due_at IS NULL";
    Ok(tx.exec(sql, vals![post, state, due_at]).await? == 1)
}

fn reminder(row: &Row) -> Result<Reminder, StoreError> {
    Ok(Reminder { post: row.string(0)?, state: row.string(1)?, due_at: row.opt_micros(2)? })
}
