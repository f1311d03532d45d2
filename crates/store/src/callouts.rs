//! Calls of the second path: who was paged besides PagerDuty, for what, and who answered. The secret of a link is made when it
//! is sent and never kept: its digest alone is.

use crate::inbox::scope_clause;
use crate::{Row, StoreError, Tx, Val, vals};
use model::{Micros, Scope};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callout {
    pub id: String,
    /// What it is for: an alert at its monitor, or the outage.
    pub subject: String,
    pub generation: i64,
    /// The policy's level, from 1.
    pub level: i64,
    /// Who is called, by the id of `[[person]]`.
    pub person: String,
    /// What it says, without a link.
    pub text: String,
    pub customer: Option<String>,
    pub asked_at: Micros,
    /// Unanswered at this instant, the next level is called.
    pub due: Option<Micros>,
    pub sent_at: Option<Micros>,
    pub answered_at: Option<Micros>,
    pub answered_by: Option<String>,
    pub ended_at: Option<Micros>,
}

const CALLOUT: &str = "id, subject, generation, level, person, text, customer, asked_at, due, sent_at, answered_at, \
     answered_by, ended_at";

pub async fn add(tx: &mut Tx, callout: &Callout) -> Result<bool, StoreError> {
    let added = tx
        .exec(
            "INSERT INTO callout (id, subject, generation, level, person, text, customer, asked_at, due) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (id) DO NOTHING",
            vals![
                &callout.id,
                &callout.subject,
                callout.generation,
                callout.level,
                &callout.person,
                &callout.text,
                callout.customer.clone(),
                callout.asked_at,
                callout.due
            ],
        )
        .await?;
    Ok(added == 1)
}

pub async fn get(tx: &mut Tx, id: &str) -> Result<Option<Callout>, StoreError> {
    tx.one(&format!("SELECT {CALLOUT} FROM callout WHERE id = ?1"), vals![id])
        .await?
        .map(|row| callout(&row))
        .transpose()
}

/// A link to this call is about to be sent; every link that was stays good.
pub async fn link(tx: &mut Tx, id: &str, digest: [u8; 32]) -> Result<(), StoreError> {
    let sql = "INSERT INTO callout_link (digest, callout) VALUES (?1, ?2) ON CONFLICT (digest) DO NOTHING";
    tx.exec(sql, vals![digest, id]).await?;
    Ok(())
}

/// The call that a one-time link belongs to; whoever holds the link may see it.
pub async fn by_digest(tx: &mut Tx, digest: [u8; 32]) -> Result<Option<Callout>, StoreError> {
    let sql = format!("SELECT {CALLOUT} FROM callout WHERE id = (SELECT callout FROM callout_link WHERE digest = ?1)");
    tx.one(&sql, vals![digest]).await?.map(|row| callout(&row)).transpose()
}

/// The first of its channels took it.
pub async fn sent(tx: &mut Tx, id: &str) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec("UPDATE callout SET sent_at = coalesce(sent_at, ?2) WHERE id = ?1", vals![id, now]).await?;
    Ok(())
}

/// Somebody answers: all calls for the same thing are answered by it. False when it was answered already.
pub async fn answer(tx: &mut Tx, id: &str, by: &str) -> Result<bool, StoreError> {
    let Some(callout) = get(tx, id).await? else { return Ok(false) };
    let now = tx.now();
    let answered = tx
        .exec(
            "UPDATE callout SET answered_at = ?3, answered_by = ?4, due = NULL WHERE subject = ?1 AND generation = ?2 \
             AND answered_at IS NULL",
            vals![&callout.subject, callout.generation, now, by],
        )
        .await?;
    Ok(answered > 0)
}

/// What it was for is over: nobody is called any more.
pub async fn end(tx: &mut Tx, subject: &str, generation: i64) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec(
        "UPDATE callout SET ended_at = ?3, due = NULL WHERE subject = ?1 AND generation <= ?2 AND ended_at IS NULL",
        vals![subject, generation, now],
    )
    .await?;
    Ok(())
}

/// Calls that nobody answered in time, oldest first.
pub async fn unanswered(tx: &mut Tx, now: Micros, most: i64) -> Result<Vec<Callout>, StoreError> {
    let sql = format!("SELECT {CALLOUT} FROM callout WHERE due <= ?1 ORDER BY due, id LIMIT ?2");
    tx.all(&sql, vals![now, most]).await?.iter().map(callout).collect()
}

/// The next level has been called, or there is none.
pub async fn passed_on(tx: &mut Tx, id: &str) -> Result<(), StoreError> {
    tx.exec("UPDATE callout SET due = NULL WHERE id = ?1", vals![id]).await?;
    Ok(())
}

/// Whether a call still waits for an answer and what it is for lasts.
pub async fn is_open(tx: &mut Tx, id: &str) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM callout WHERE id = ?1 AND answered_at IS NULL AND ended_at IS NULL";
    Ok(tx.one(sql, vals![id]).await?.is_some())
}

/// Whether somebody has answered for this.
pub async fn is_answered(tx: &mut Tx, subject: &str, generation: i64) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM callout WHERE subject = ?1 AND generation = ?2 AND answered_at IS NOT NULL LIMIT 1";
    Ok(tx.one(sql, vals![subject, generation]).await?.is_some())
}

/// The call that takes in what comes after it: its last page, or its answer, is later than `since`, and it is not over. The
/// latest, if there are several.
pub async fn joinable(tx: &mut Tx, since: Micros) -> Result<Option<Callout>, StoreError> {
    let sql = format!(
        "SELECT {CALLOUT} FROM callout WHERE ended_at IS NULL AND coalesce(answered_at, asked_at) > ?1 \
         ORDER BY asked_at DESC, id LIMIT 1"
    );
    tx.one(&sql, vals![since]).await?.map(|row| callout(&row)).transpose()
}

/// A call is for more than before: so say all its pages that are still to be seen, and whose it is.
pub async fn grown(tx: &mut Tx, subject: &str, text: &str, customer: Option<&str>) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE callout SET text = ?2, customer = ?3 WHERE subject = ?1 AND ended_at IS NULL",
        vals![subject, text, customer.map(str::to_owned)],
    )
    .await?;
    Ok(())
}

/// The latest calls, newest first.
pub async fn list(tx: &mut Tx, scope: &Scope, subject: Option<&str>, most: i64) -> Result<Vec<Callout>, StoreError> {
    let mut vals = vec![Val::Int(most)];
    let mut clause = scope_clause(scope, "customer", &mut vals);
    if let Some(subject) = subject {
        vals.push(subject.into());
        clause.push_str(&format!(" AND subject = ?{}", vals.len()));
    }
    let sql = format!("SELECT {CALLOUT} FROM callout WHERE {clause} ORDER BY asked_at DESC, id LIMIT ?1");
    tx.all(&sql, &vals).await?.iter().map(callout).collect()
}

fn callout(row: &Row) -> Result<Callout, StoreError> {
    Ok(Callout {
        id: row.string(0)?,
        subject: row.string(1)?,
        generation: row.int(2)?,
        level: row.int(3)?,
        person: row.string(4)?,
        text: row.string(5)?,
        customer: row.opt_string(6)?,
        asked_at: row.micros(7)?,
        due: row.opt_micros(8)?,
        sent_at: row.opt_micros(9)?,
        answered_at: row.opt_micros(10)?,
        answered_by: row.opt_string(11)?,
        ended_at: row.opt_micros(12)?,
    })
}
