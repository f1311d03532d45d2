//! The tries of jobs, for pages and programs. Only reads: a try is written by the claim and the end of its job.

use crate::inbox::scope_clause;
use crate::vals;
use crate::{Row, StoreError, Tx, many};
use model::{Micros, Scope};

/// The latest tries of a job that are listed; a job that waits for the other side's sake may have any number.
const LATEST: i64 = 50;

/// One try of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub job: i64,
    /// Grows with every claim of the job.
    pub token: i64,
    pub worker: String,
    pub started_at: Micros,
    pub ended_at: Option<Micros>,
    /// `done`, `later`, `never`, `unknown`, `human`, `skipped`; `None` while nobody knows.
    pub outcome: Option<String>,
    pub detail: Option<String>,
}

/// The latest tries of these jobs, as far as the person may see them: by job, newest first.
pub async fn list_attempts(tx: &mut Tx, scope: &Scope, jobs: &[i64]) -> Result<Vec<Attempt>, StoreError> {
    let mut found = Vec::new();
    for mut vals in many::groups(jobs) {
        let clause = scope_clause(scope, "j.customer", &mut vals);
        let sql = format!(
            "SELECT t.job, t.token, t.worker, t.started_at, t.ended_at, t.outcome, t.detail FROM job j \
             JOIN attempt t ON t.job = j.id AND t.token > j.token - {LATEST} \
             WHERE j.id IN ({}) AND {clause} ORDER BY t.job, t.token DESC",
            many::marks()
        );
        for row in tx.all(&sql, &vals).await? {
            found.push(attempt(&row)?);
        }
    }
    Ok(found)
}

fn attempt(row: &Row) -> Result<Attempt, StoreError> {
    Ok(Attempt {
        job: row.int(0)?,
        token: row.int(1)?,
        worker: row.string(2)?,
        started_at: row.micros(3)?,
        ended_at: row.opt_micros(4)?,
        outcome: row.opt_string(5)?,
        detail: row.opt_string(6)?,
    })
}

/// Whether a lane's oldest live job has not been tried to an end yet.
pub async fn is_untried(tx: &mut Tx, lane: &str) -> Result<bool, StoreError> {
    let sql = "SELECT (SELECT count(*) FROM attempt WHERE attempt.job = job.id AND attempt.ended_at IS NOT NULL) \
               FROM job WHERE lane = ?1 AND state IN ('ready', 'leased') ORDER BY id LIMIT 1";
    Ok(tx.one(sql, vals![lane]).await?.map(|row| row.int(0)).transpose()? == Some(0))
}
