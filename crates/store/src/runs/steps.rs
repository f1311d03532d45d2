//! The steps of a run: each begun at most once, and ended with what came back or why nothing did.

use crate::inbox::scope_clause;
use crate::{Row, StoreError, Tx, many, vals};
use model::{Micros, Scope};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub run: i64,
    pub n: i64,
    pub name: String,
    /// queued, running, then how it ended: ok, finding, missing, denied, timed_out, failed, cut, interrupted, stopped, not_run.
    pub state: String,
    /// Why it ended as it did, in words for people.
    pub cause: Option<String>,
    pub exit_status: Option<i64>,
    pub signal: Option<String>,
    /// Of what came, before redaction.
    pub out_bytes: i64,
    pub err_bytes: i64,
    /// Where all of it lies in the evidence store, as JSON.
    pub output: String,
    pub findings: String,
    /// How often each rule hid something, as JSON.
    pub redactions: String,
    pub host_key: Option<String>,
    pub capsule: Option<String>,
    pub started_at: Option<Micros>,
    pub ended_at: Option<Micros>,
}

/// How a step ended.
#[derive(Clone, Debug, Default)]
pub struct Ended<'a> {
    pub state: &'a str,
    pub cause: Option<&'a str>,
    pub exit_status: Option<i64>,
    pub signal: Option<&'a str>,
    pub out_bytes: i64,
    pub err_bytes: i64,
    pub output: &'a str,
    pub findings: &'a str,
    pub redactions: &'a str,
    pub host_key: Option<&'a str>,
    pub capsule: Option<&'a str>,
}

const STEP: &str = "run, n, name, state, cause, exit_status, signal, out_bytes, err_bytes, output, findings, redactions, host_key, \
     capsule, started_at, ended_at";

/// For whoever carries them out.
pub async fn steps(tx: &mut Tx, run: i64) -> Result<Vec<Step>, StoreError> {
    let sql = format!("SELECT {STEP} FROM run_step WHERE run = ?1 ORDER BY n");
    tx.all(&sql, vals![run]).await?.iter().map(read).collect()
}

/// For whoever looks: those of several runs.
pub async fn steps_of(tx: &mut Tx, scope: &Scope, runs: &[i64]) -> Result<Vec<Step>, StoreError> {
    let mut found = Vec::new();
    for mut group in many::groups(runs) {
        let clause = scope_clause(scope, "customer", &mut group);
        let sql = format!("SELECT {STEP} FROM run_step WHERE run IN ({}) AND {clause} ORDER BY run, n", many::marks());
        for row in tx.all(&sql, &group).await? {
            found.push(read(&row)?);
        }
    }
    Ok(found)
}

pub async fn step(tx: &mut Tx, scope: &Scope, run: i64, n: i64) -> Result<Option<Step>, StoreError> {
    let mut vals = vals![run, n].to_vec();
    let clause = scope_clause(scope, "customer", &mut vals);
    let row = tx.one(&format!("SELECT {STEP} FROM run_step WHERE run = ?1 AND n = ?2 AND {clause}"), &vals).await?;
    row.map(|row| read(&row)).transpose()
}

/// It is about to be sent. False when it was before: nobody sends it again.
pub async fn begin_step(tx: &mut Tx, run: i64, n: i64) -> Result<bool, StoreError> {
    let now = tx.now();
    let sql = "UPDATE run_step SET state = 'running', started_at = ?3 WHERE run = ?1 AND n = ?2 AND state = 'queued'";
    Ok(tx.exec(sql, vals![run, n, now]).await? == 1)
}

pub async fn end_step(tx: &mut Tx, run: i64, n: i64, ended: &Ended<'_>) -> Result<bool, StoreError> {
    let now = tx.now();
    let changed = tx
        .exec(
            "UPDATE run_step SET state = ?3, cause = ?4, exit_status = ?5, signal = ?6, out_bytes = ?7, err_bytes = ?8, \
             output = ?9, findings = ?10, redactions = ?11, host_key = ?12, capsule = ?13, ended_at = ?14 \
             WHERE run = ?1 AND n = ?2 AND ended_at IS NULL",
            vals![
                run,
                n,
                ended.state,
                ended.cause,
                ended.exit_status,
                ended.signal,
                ended.out_bytes,
                ended.err_bytes,
                ended.output,
                ended.findings,
                ended.redactions,
                ended.host_key,
                ended.capsule,
                now
            ],
        )
        .await?;
    Ok(changed == 1)
}

/// The steps that were under way when their worker went: gives them.
pub async fn cut_short(tx: &mut Tx, run: i64) -> Result<Vec<Step>, StoreError> {
    let sql = format!("SELECT {STEP} FROM run_step WHERE run = ?1 AND state = 'running' ORDER BY n");
    tx.all(&sql, vals![run]).await?.iter().map(read).collect()
}

/// What was not begun will not be, and why.
pub async fn leave_out(tx: &mut Tx, run: i64, cause: &str) -> Result<(), StoreError> {
    let now = tx.now();
    let sql = "UPDATE run_step SET state = 'not_run', cause = ?2, ended_at = ?3 WHERE run = ?1 AND state = 'queued'";
    tx.exec(sql, vals![run, cause, now]).await?;
    Ok(())
}

fn read(row: &Row) -> Result<Step, StoreError> {
    Ok(Step {
        run: row.int(0)?,
        n: row.int(1)?,
        name: row.string(2)?,
        state: row.string(3)?,
        cause: row.opt_string(4)?,
        exit_status: row.opt_int(5)?,
        signal: row.opt_string(6)?,
        out_bytes: row.int(7)?,
        err_bytes: row.int(8)?,
        output: row.string(9)?,
        findings: row.string(10)?,
        redactions: row.string(11)?,
        host_key: row.opt_string(12)?,
        capsule: row.opt_string(13)?,
        started_at: row.opt_micros(14)?,
        ended_at: row.opt_micros(15)?,
    })
}
