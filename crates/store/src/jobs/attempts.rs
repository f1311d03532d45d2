//! The tries of jobs, for pages and programs. Only reads: a try is written by the claim and the end of its job.

use crate::inbox::scope_clause;
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
