//! What people are called for and that is no alert: a ticket nobody watches, an event whose time has come. Which it is and when it
//! ends is decided elsewhere.

use crate::inbox::scope_clause;
use crate::{Row, StoreError, Tx, Val, many, vals};
use model::{Micros, Scope};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concern {
    /// "DUTY/SUBJECT/GENERATION".
    pub id: String,
    pub duty: String,
    pub subject: String,
    pub generation: i64,
    /// The name of the rule that called for it.
    pub rule: String,
    pub customer: Option<String>,
    /// Where it is posted; `None`: nowhere.
    pub channel: Option<String>,
    pub title: String,
    /// Why, as the duty's own data.
    pub reason: String,
    pub severity: String,
    /// How far it went: observe, post or page.
    pub mode: String,
    pub since: Micros,
    pub dedup_key: String,
    /// The incident that it became.
    pub incident: Option<String>,
    /// Somebody did something about it.
    pub moved_at: Option<Micros>,
    pub moved_by: Option<String>,
    pub ended_at: Option<Micros>,
    /// What ended it, as the duty's own data.
    pub ended: Option<String>,
}

const CONCERN: &str = "id, duty, subject, generation, rule, customer, channel, title, reason, severity, mode, since, dedup_key, \
     incident, moved_at, moved_by, ended_at, ended";

/// False when it is known.
pub async fn add(tx: &mut Tx, one: &Concern) -> Result<bool, StoreError> {
    let added = tx
        .exec(
            "INSERT INTO concern (id, duty, subject, generation, rule, customer, channel, title, reason, severity, mode, since, \
             dedup_key) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) \
             ON CONFLICT (id) DO NOTHING",
            vals![
                &one.id,
                &one.duty,
                &one.subject,
                one.generation,
                &one.rule,
                one.customer.clone(),
                one.channel.clone(),
                &one.title,
                &one.reason,
                &one.severity,
                &one.mode,
                one.since,
                &one.dedup_key
            ],
        )
        .await?;
    Ok(added == 1)
}

pub async fn get(tx: &mut Tx, id: &str) -> Result<Option<Concern>, StoreError> {
    one(tx, "id = ?1", vals![id]).await
}

pub async fn by_key(tx: &mut Tx, dedup_key: &str) -> Result<Option<Concern>, StoreError> {
    one(tx, "dedup_key = ?1", vals![dedup_key]).await
}

/// Those that became one of these incidents, or were paged by one of these keys.
pub async fn of_incidents(tx: &mut Tx, incidents: &[String], keys: &[String]) -> Result<Vec<Concern>, StoreError> {
    let mut found = Vec::new();
    for (column, ids) in [("incident", incidents), ("dedup_key", keys)] {
        let sql = format!("SELECT {CONCERN} FROM concern WHERE {column} IN ({})", many::marks());
        for group in many::groups(ids) {
            found.extend(tx.all(&sql, &group).await?.iter().map(concern).collect::<Result<Vec<_>, _>>()?);
        }
    }
    Ok(found)
}

/// The last of a subject.
pub async fn last(tx: &mut Tx, duty: &str, subject: &str) -> Result<Option<Concern>, StoreError> {
    one(tx, "duty = ?1 AND subject = ?2 ORDER BY generation DESC LIMIT 1", vals![duty, subject]).await
}

async fn one(tx: &mut Tx, rest: &str, vals: &[Val]) -> Result<Option<Concern>, StoreError> {
    let row = tx.one(&format!("SELECT {CONCERN} FROM concern WHERE {rest}"), vals).await?;
    row.map(|row| concern(&row)).transpose()
}

/// What it says has changed.
pub async fn retell(tx: &mut Tx, id: &str, title: &str) -> Result<(), StoreError> {
    tx.exec("UPDATE concern SET title = ?2 WHERE id = ?1", vals![id, title]).await?;
    Ok(())
}

/// It became this incident. False when that was known.
pub async fn became(tx: &mut Tx, id: &str, incident: &str) -> Result<bool, StoreError> {
    let sql = "UPDATE concern SET incident = ?2 WHERE id = ?1 AND (incident IS NULL OR incident <> ?2)";
    Ok(tx.exec(sql, vals![id, incident]).await? == 1)
}

/// Somebody did something about it, for the first time.
pub async fn moved(tx: &mut Tx, id: &str, at: Micros, by: &str) -> Result<bool, StoreError> {
    let sql = "UPDATE concern SET moved_at = ?2, moved_by = ?3 WHERE id = ?1 AND moved_at IS NULL";
    Ok(tx.exec(sql, vals![id, at, by]).await? == 1)
}

/// Whoever had it has it no more.
pub async fn let_go(tx: &mut Tx, id: &str) -> Result<(), StoreError> {
    let sql = "UPDATE concern SET moved_at = NULL, moved_by = NULL WHERE id = ?1 AND ended_at IS NULL";
    tx.exec(sql, vals![id]).await?;
    Ok(())
}

/// It is over. False when it was.
pub async fn end(tx: &mut Tx, id: &str, at: Micros, ended: &str) -> Result<bool, StoreError> {
    let sql = "UPDATE concern SET ended_at = ?2, ended = ?3 WHERE id = ?1 AND ended_at IS NULL";
    Ok(tx.exec(sql, vals![id, at, ended]).await? == 1)
}

/// Of a duty, the latest first; the open ones alone, or all.
pub async fn list(
    tx: &mut Tx,
    scope: &Scope,
    duty: &str,
    open_only: bool,
    before: Option<(Micros, &str)>,
    most: i64,
) -> Result<Vec<Concern>, StoreError> {
    let mut vals = vec![Val::from(duty)];
    let mut wheres = vec!["duty = ?1".to_owned(), scope_clause(scope, "customer", &mut vals)];
    if open_only {
        wheres.push("ended_at IS NULL".to_owned());
    }
    if let Some((since, id)) = before {
        vals.extend([Val::from(since), Val::from(id)]);
        let n = vals.len();
        wheres.push(format!("(since < ?{} OR (since = ?{} AND id < ?{n}))", n - 1, n - 1));
    }
    vals.push(Val::Int(most));
    let sql = format!(
        "SELECT {CONCERN} FROM concern WHERE {} ORDER BY since DESC, id DESC LIMIT ?{}",
        wheres.join(" AND "),
        vals.len()
    );
    tx.all(&sql, &vals).await?.iter().map(concern).collect()
}

/// All that were ever raised for a subject, the latest first.
pub async fn of_subject(tx: &mut Tx, scope: &Scope, duty: &str, subject: &str) -> Result<Vec<Concern>, StoreError> {
    let mut vals = vec![Val::from(duty), Val::from(subject)];
    let clause = scope_clause(scope, "customer", &mut vals);
    let sql = format!(
        "SELECT {CONCERN} FROM concern WHERE duty = ?1 AND subject = ?2 AND {clause} ORDER BY generation DESC LIMIT 200"
    );
    tx.all(&sql, &vals).await?.iter().map(concern).collect()
}

/// Those that people were called for and nobody has taken: a duty's, how many, the oldest since when.
pub async fn count_untaken(tx: &mut Tx, scope: &Scope) -> Result<Vec<(String, i64, Micros)>, StoreError> {
    let mut vals = Vec::new();
    let clause = scope_clause(scope, "customer", &mut vals);
    let sql = format!(
        "SELECT duty, count(*), min(since) FROM concern WHERE ended_at IS NULL AND moved_at IS NULL AND mode <> 'observe' \
         AND {clause} GROUP BY duty ORDER BY duty"
    );
    let rows = tx.all(&sql, &vals).await?;
    rows.iter().map(|row| Ok((row.string(0)?, row.int(1)?, row.micros(2)?))).collect()
}

/// The columns of a concern that a list shows beside its subject, under the name `c`.
pub(crate) fn columns() -> String {
    CONCERN.split(", ").map(|column| format!("c.{}", column.trim())).collect::<Vec<_>>().join(", ")
}

/// Joins the last concern of a subject to its row, as `c`; those of customers that nobody here may see are none.
pub(crate) fn join_last(duty: &'static str, subject: &str, scope: &Scope, vals: &mut Vec<Val>) -> String {
    let clause = scope_clause(scope, "k.customer", vals);
    format!(
        "LEFT JOIN concern c ON c.id = (SELECT k.id FROM concern k WHERE k.duty = '{duty}' AND k.subject = {subject} \
         AND {clause} ORDER BY k.generation DESC, k.since DESC, k.id DESC LIMIT 1)"
    )
}

/// The concern that stands from this column on, if there is one.
pub(crate) fn joined(row: &Row, from: usize) -> Result<Option<Concern>, StoreError> {
    if row.opt_string(from)?.is_none() { Ok(None) } else { concern_at(row, from).map(Some) }
}

fn concern(row: &Row) -> Result<Concern, StoreError> {
    concern_at(row, 0)
}

fn concern_at(row: &Row, from: usize) -> Result<Concern, StoreError> {
    Ok(Concern {
        id: row.string(from)?,
        duty: row.string(from + 1)?,
        subject: row.string(from + 2)?,
        generation: row.int(from + 3)?,
        rule: row.string(from + 4)?,
        customer: row.opt_string(from + 5)?,
        channel: row.opt_string(from + 6)?,
        title: row.string(from + 7)?,
        reason: row.string(from + 8)?,
        severity: row.string(from + 9)?,
        mode: row.string(from + 10)?,
        since: row.micros(from + 11)?,
        dedup_key: row.string(from + 12)?,
        incident: row.opt_string(from + 13)?,
        moved_at: row.opt_micros(from + 14)?,
        moved_by: row.opt_string(from + 15)?,
        ended_at: row.opt_micros(from + 16)?,
        ended: row.opt_string(from + 17)?,
    })
}
