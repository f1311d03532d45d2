//! Runs of runbooks on hosts: what was asked for, by whom and on what ground, how far it has come and how it ended. Never knows
//! what a plan says or what a finding means.

mod look;
mod output;
mod search;
mod steps;

pub use look::{Said, count_lately, count_live, exits, latest_of, said};
pub use output::{Piece, add_output, forget_output, output, output_after, pieces};
pub use search::{Hit, Hits, search};
pub use steps::{Ended, Step, begin_step, cut_short, end_step, leave_out, step, steps, steps_of};

use crate::inbox::scope_clause;
use crate::{Row, StoreError, Tx, Val, vals};
use model::{Micros, Scope};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub id: i64,
    pub key: String,
    pub incident: Option<String>,
    pub host: String,
    pub customer: Option<String>,
    pub runbook: String,
    pub runbook_digest: String,
    pub class: String,
    /// incident, button, schedule, baseline, command or pagerduty.
    pub reason: String,
    /// An account's id, `token:NAME` or `system`.
    pub asked_by: String,
    /// The plan as it was asked for, as JSON.
    pub plan: String,
    pub plan_digest: String,
    /// queued, running, done, failed, interrupted, stopped or refused.
    pub state: String,
    /// Why it ended as it did, in words for people.
    pub cause: Option<String>,
    /// The worst that it found: ok, info, warning, critical.
    pub level: Option<String>,
    /// What it found, as JSON.
    pub findings: String,
    /// Taken while nothing was wrong with the host: what a later capture is held against.
    pub is_healthy: bool,
    pub queued_at: Micros,
    pub started_at: Option<Micros>,
    /// When its worker last said that it goes on.
    pub beat_at: Option<Micros>,
    pub ended_at: Option<Micros>,
    pub stop_asked_by: Option<String>,
}

/// A run to be made.
#[derive(Clone, Debug)]
pub struct New<'a> {
    /// Unique for ever: what is asked for twice is one run.
    pub key: &'a str,
    pub incident: Option<&'a str>,
    pub host: &'a str,
    pub customer: Option<&'a str>,
    pub runbook: &'a str,
    pub runbook_digest: &'a str,
    pub class: &'a str,
    pub reason: &'a str,
    pub asked_by: &'a str,
    pub plan: &'a str,
    pub plan_digest: &'a str,
    /// The names of its steps.
    pub steps: &'a [String],
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct End<'a> {
    pub state: &'a str,
    pub cause: Option<&'a str>,
    pub level: Option<&'a str>,
    pub findings: &'a str,
    pub is_healthy: bool,
}

/// Which runs a list shows. All conditions hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Asked for by it, or standing beside it.
    pub incident: Option<String>,
    pub host: Option<String>,
    pub runbook: Option<String>,
    pub state: Option<String>,
    /// Runs older than this one.
    pub before: Option<i64>,
}

const RUN: &str = "id, key, incident, host, customer, runbook, runbook_digest, class, reason, asked_by, plan, plan_digest, state, cause, \
     level, findings, is_healthy, queued_at, started_at, beat_at, ended_at, stop_asked_by";

/// Writes a run and its steps; gives its number, or `None` when its key is known.
pub async fn add(tx: &mut Tx, new: &New<'_>) -> Result<Option<i64>, StoreError> {
    let now = tx.now();
    let row = tx
        .one(
            "INSERT INTO run (key, incident, host, customer, runbook, runbook_digest, class, reason, asked_by, plan, plan_digest, \
             state, findings, is_healthy, queued_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 'queued', '[]', 0, ?12) \
             ON CONFLICT (key) DO NOTHING RETURNING id",
            vals![
                new.key,
                new.incident,
                new.host,
                new.customer,
                new.runbook,
                new.runbook_digest,
                new.class,
                new.reason,
                new.asked_by,
                new.plan,
                new.plan_digest,
                now
            ],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let id = row.int(0)?;
    for (n, name) in (0_u32..).zip(new.steps) {
        tx.exec(
            "INSERT INTO run_step (run, n, name, customer, state, out_bytes, err_bytes, output, findings, redactions) \
             VALUES (?1, ?2, ?3, ?4, 'queued', 0, 0, '{}', '[]', '{}')",
            vals![id, n, name, new.customer],
        )
        .await?;
    }
    Ok(Some(id))
}

/// One for whoever carries it out.
pub async fn get(tx: &mut Tx, id: i64) -> Result<Option<Run>, StoreError> {
    let row = tx.one(&format!("SELECT {RUN} FROM run WHERE id = ?1"), vals![id]).await?;
    row.map(|row| run(&row)).transpose()
}

pub async fn by_key(tx: &mut Tx, key: &str) -> Result<Option<Run>, StoreError> {
    let row = tx.one(&format!("SELECT {RUN} FROM run WHERE key = ?1"), vals![key]).await?;
    row.map(|row| run(&row)).transpose()
}

/// One for whoever looks.
pub async fn find(tx: &mut Tx, scope: &Scope, id: i64) -> Result<Option<Run>, StoreError> {
    let mut vals = vals![id].to_vec();
    let clause = scope_clause(scope, "customer", &mut vals);
    let row = tx.one(&format!("SELECT {RUN} FROM run WHERE id = ?1 AND {clause}"), &vals).await?;
    row.map(|row| run(&row)).transpose()
}

/// The latest first.
pub async fn list(tx: &mut Tx, scope: &Scope, filter: &Filter, limit: i64) -> Result<Vec<Run>, StoreError> {
    let mut vals = vec![Val::Int(filter.before.unwrap_or(i64::MAX)), Val::Int(limit)];
    let mut wheres = vec!["id < ?1".to_owned(), scope_clause(scope, "customer", &mut vals)];
    if let Some(incident) = &filter.incident {
        vals.push(incident.into());
        let n = vals.len();
        wheres.push(format!(
            "id IN (SELECT id FROM run WHERE incident = ?{n} UNION SELECT run FROM run_beside WHERE incident = ?{n})"
        ));
    }
    let equal = [("host", &filter.host), ("runbook", &filter.runbook), ("state", &filter.state)];
    for (column, value) in equal {
        if let Some(value) = value {
            vals.push(value.into());
            wheres.push(format!("{column} = ?{}", vals.len()));
        }
    }
    let sql = format!("SELECT {RUN} FROM run WHERE {} ORDER BY id DESC LIMIT ?2", wheres.join(" AND "));
    tx.all(&sql, &vals).await?.iter().map(run).collect()
}

/// One that was made for something else stands beside this incident as well.
pub async fn stand_beside(tx: &mut Tx, run: i64, incident: &str) -> Result<(), StoreError> {
    let sql = "INSERT INTO run_beside (incident, run) VALUES (?1, ?2) ON CONFLICT (incident, run) DO NOTHING";
    tx.exec(sql, vals![incident, run]).await?;
    Ok(())
}

/// The incidents that it stands beside, but for its own.
pub async fn beside(tx: &mut Tx, run: i64) -> Result<Vec<String>, StoreError> {
    let rows = tx.all("SELECT incident FROM run_beside WHERE run = ?1 ORDER BY incident", vals![run]).await?;
    rows.iter().map(|row| row.string(0)).collect()
}

/// Its worker has it in hand, for the first time or again.
pub async fn begin(tx: &mut Tx, id: i64) -> Result<(), StoreError> {
    let now = tx.now();
    let sql = "UPDATE run SET state = 'running', started_at = coalesce(started_at, ?2), beat_at = ?2 \
         WHERE id = ?1 AND ended_at IS NULL";
    tx.exec(sql, vals![id, now]).await?;
    Ok(())
}

/// It goes on. Gives who asked to stop it, if anybody did.
pub async fn beat(tx: &mut Tx, id: i64) -> Result<Option<String>, StoreError> {
    let now = tx.now();
    let sql = "UPDATE run SET beat_at = ?2 WHERE id = ?1 RETURNING stop_asked_by";
    let row = tx.one(sql, vals![id, now]).await?;
    row.map(|row| row.opt_string(0)).transpose().map(Option::flatten)
}

/// How it ended; the first end stands.
pub async fn end(tx: &mut Tx, id: i64, end: &End<'_>) -> Result<bool, StoreError> {
    let now = tx.now();
    let changed = tx
        .exec(
            "UPDATE run SET state = ?2, cause = ?3, level = ?4, findings = ?5, is_healthy = ?6, ended_at = ?7 \
             WHERE id = ?1 AND ended_at IS NULL",
            vals![id, end.state, end.cause, end.level, end.findings, end.is_healthy, now],
        )
        .await?;
    Ok(changed == 1)
}

/// Somebody wants it to end. False when it has ended.
pub async fn ask_to_stop(tx: &mut Tx, id: i64, by: &str) -> Result<bool, StoreError> {
    let sql =
        "UPDATE run SET stop_asked_by = coalesce(stop_asked_by, ?2) WHERE id = ?1 AND ended_at IS NULL RETURNING id";
    Ok(tx.one(sql, vals![id, by]).await?.is_some())
}

/// The last capture of this runbook on this host that was healthy, before this run.
pub async fn last_healthy(tx: &mut Tx, host: &str, runbook: &str, before: i64) -> Result<Option<Run>, StoreError> {
    let sql = format!(
        "SELECT {RUN} FROM run WHERE host = ?1 AND runbook = ?2 AND id < ?3 AND is_healthy = 1 ORDER BY id DESC LIMIT 1"
    );
    tx.one(&sql, vals![host, runbook, before]).await?.map(|row| run(&row)).transpose()
}

/// The last time that a runbook was asked for on a host for this reason.
pub async fn last_asked(tx: &mut Tx, host: &str, runbook: &str, reason: &str) -> Result<Option<Micros>, StoreError> {
    let sql = "SELECT queued_at FROM run WHERE host = ?1 AND runbook = ?2 AND reason = ?3 ORDER BY id DESC LIMIT 1";
    tx.one(sql, vals![host, runbook, reason]).await?.map(|row| row.micros(0)).transpose()
}

/// Runs whose job came to an end without them: (run, why). They are in no state that anybody would end.
pub async fn orphans(tx: &mut Tx) -> Result<Vec<(i64, String)>, StoreError> {
    let sql = "SELECT r.id, coalesce(j.cause, '') FROM run r JOIN job j ON j.action = r.key \
         WHERE r.ended_at IS NULL AND j.state IN ('dead', 'skipped', 'done', 'human') ORDER BY r.id";
    tx.all(sql, &[]).await?.iter().map(|row| Ok((row.int(0)?, row.string(1)?))).collect()
}

fn run(row: &Row) -> Result<Run, StoreError> {
    Ok(Run {
        id: row.int(0)?,
        key: row.string(1)?,
        incident: row.opt_string(2)?,
        host: row.string(3)?,
        customer: row.opt_string(4)?,
        runbook: row.string(5)?,
        runbook_digest: row.string(6)?,
        class: row.string(7)?,
        reason: row.string(8)?,
        asked_by: row.string(9)?,
        plan: row.string(10)?,
        plan_digest: row.string(11)?,
        state: row.string(12)?,
        cause: row.opt_string(13)?,
        level: row.opt_string(14)?,
        findings: row.string(15)?,
        is_healthy: row.int(16)? == 1,
        queued_at: row.micros(17)?,
        started_at: row.opt_micros(18)?,
        beat_at: row.opt_micros(19)?,
        ended_at: row.opt_micros(20)?,
        stop_asked_by: row.opt_string(21)?,
    })
}
