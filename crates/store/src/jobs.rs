//! Jobs: claimed with a lease and a token, one live job a lane, every try a row. An open try means that nobody knows
//! what happened; the next claim is told so. Never runs anything.

mod attempts;
mod fetches;
mod forget;
mod give_back;

pub use attempts::{Attempt, is_untried, list_attempts};
pub use fetches::{Unfetched, fetching, stood_in, unfetched};
pub use forget::{Dead, forget_between, forget_readings};
pub use give_back::give_back;

use crate::inbox::scope_clause;
use crate::{Row, StoreError, Tx, Val, actions, breakers, crash_point, faults, vals};
use model::action::{Action, Fault, Outcome, Queue};
use model::{Micros, Scope};

/// Tries that cost the job's own budget before it is dead.
const MOST_SPENT: i64 = 8;
/// Claims that ended without any outcome before the job is held to kill its worker.
const MOST_OPEN: i64 = 3;

/// As many, and it is run alone from then on.
const SUSPECT_AT: i64 = 2;

/// How jobs are claimed.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    pub lease_ms: i64,
    /// How long the other side may need until an effect can be found. Only after a dead worker's lease and this time
    /// is its job looked up.
    pub settle_ms: i64,
}

/// A job in our hands until the lease ends.
#[derive(Clone, Debug)]
pub struct Claimed {
    pub id: i64,
    pub token: i64,
    pub key: String,
    pub action: Action,
    pub spent: i64,
    pub lease_until: Micros,
    /// When the first try began of which nobody knows whether it took effect: look it up before sending.
    pub unsettled: Option<Micros>,
    pub created_at: Micros,
    /// The claim's instant by the clock that rules leases.
    pub claimed_at: Micros,
}

/// What a claim found.
#[derive(Debug)]
pub enum Claim {
    Job(Box<Claimed>),
    /// A job that can't be run was put aside; there may be more.
    PutAside,
    Nothing,
}

/// Takes the next job of a queue: due, its lane's oldest, its destination's breaker closed. A try is opened with it.
pub async fn claim(tx: &mut Tx, queue: Queue, worker: &str, terms: Terms) -> Result<Claim, StoreError> {
    claim_by(tx, Some(queue), worker, terms).await
}

/// Takes a suspect, of any queue: under way twice when its worker died. Whoever takes it has to run it alone, so that a
/// third death is surely its own.
pub async fn claim_suspect(tx: &mut Tx, worker: &str, terms: Terms) -> Result<Claim, StoreError> {
    claim_by(tx, None, worker, terms).await
}

/// Is there a suspect to be taken?
pub async fn has_suspect(tx: &mut Tx, terms: Terms) -> Result<bool, StoreError> {
    Ok(next(tx, None, terms, "").await?.is_some())
}

async fn claim_by(tx: &mut Tx, queue: Option<Queue>, worker: &str, terms: Terms) -> Result<Claim, StoreError> {
    // Where the databases must differ: PostgreSQL has many claimers at once, SQLite has one writer.
    let lock = if tx.is_postgres() { " FOR UPDATE OF j SKIP LOCKED" } else { "" };
    let Some(row) = next(tx, queue, terms, lock).await? else { return Ok(Claim::Nothing) };
    let id = row.int(0)?;
    let queue = Queue::parse(row.text(9)?).unwrap_or(Queue::Live);
    let customer = row.string(5)?;
    let open = open_in_a_row(tx, id).await?;
    if open >= MOST_OPEN {
        return put_aside(tx, id, "kills its worker: three tries began and none of them ended").await;
    }
    let action = match payload(&row) {
        Ok(action) => Action { queue, ..action },
        Err(why) => return put_aside(tx, id, &why).await,
    };
    let now = tx.now();
    let lease_until = now.plus_ms(terms.lease_ms);
    let token = row.int(1)? + 1;
    let unsettled = unsettled_since(tx, id).await?;
    tx.exec(
        "UPDATE job SET state = 'leased', token = ?2, lease_until = ?3 WHERE id = ?1",
        vals![id, token, lease_until],
    )
    .await?;
    crash_point!("claim.job_taken");
    tx.exec(
        "INSERT INTO attempt (job, token, worker, started_at, lease_until) VALUES (?1, ?2, ?3, ?4, ?5)",
        vals![id, token, worker, now, lease_until],
    )
    .await?;
    if takes_turns(queue) {
        tx.exec(
            "INSERT INTO turn (queue, customer, served) VALUES (?1, ?2, ?3) \
             ON CONFLICT (queue, customer) DO UPDATE SET served = excluded.served",
            vals![queue.as_str(), customer, now],
        )
        .await?;
    }
    Ok(Claim::Job(Box::new(Claimed {
        id,
        token,
        key: row.string(2)?,
        action,
        spent: row.int(6)?,
        lease_until,
        unsettled,
        created_at: row.micros(7)?,
        claimed_at: now,
    })))
}

/// Customers are served in turn.
const fn takes_turns(queue: Queue) -> bool {
    matches!(queue, Queue::Bulk | Queue::Ssh)
}

/// Work that lasts longer than a lease goes on: the lease is as long again. Whoever has lost it is told so, and is to stop.
pub async fn renew(tx: &mut Tx, job: &Claimed, terms: Terms) -> Result<(), StoreError> {
    let lease_until = tx.now().plus_ms(terms.lease_ms);
    let fence = if faults::sabotaged("no_token_check") { "" } else { " AND token = ?2 AND state = 'leased'" };
    let sql = format!("UPDATE job SET lease_until = ?3 WHERE id = ?1 AND ?2 > 0{fence}");
    if tx.exec(&sql, vals![job.id, job.token, lease_until]).await? == 0 {
        return Err(StoreError::LeaseLost(job.id));
    }
    Ok(())
}

/// Tries since the last one that ended: only those in a row tell of a job that kills its worker.
async fn open_in_a_row(tx: &mut Tx, id: i64) -> Result<i64, StoreError> {
    tx.sure(
        "SELECT count(*) FROM attempt WHERE job = ?1 AND outcome IS NULL AND token > \
         coalesce((SELECT max(token) FROM attempt WHERE job = ?1 AND outcome IS NOT NULL), 0)",
        vals![id],
    )
    .await?
    .int(0)
}

/// Moves what waits in a lane to another queue.
pub async fn promote(tx: &mut Tx, lane: &str, from: Queue, to: Queue) -> Result<(), StoreError> {
    tx.exec(
        "UPDATE job SET queue = ?3 WHERE lane = ?1 AND queue = ?2 AND state = 'ready'",
        vals![lane, from.as_str(), to.as_str()],
    )
    .await?;
    Ok(())
}

/// The action as its job has it now, or why this program can't read it, in words for people.
fn payload(row: &Row) -> Result<Action, String> {
    let unreadable = |e: &dyn std::fmt::Display| format!("its payload can't be read: {e}");
    match row.int(3) {
        Ok(actions::PAYLOAD_VERSION) => {}
        Ok(version) => {
            return Err(format!(
                "its payload has version {version}, which this program can't read: run the newer program"
            ));
        }
        Err(error) => return Err(unreadable(&error)),
    }
    let text = row.text(4).map_err(|e| unreadable(&e))?;
    let action: Action = serde_json::from_str(text).map_err(|e| unreadable(&e))?;
    // The job's own limit counts: it is lifted when a person wants the job run although it is late.
    Ok(Action { not_after: row.opt_micros(8).map_err(|e| unreadable(&e))?, ..action })
}

/// Open tries of a job since the last one that ended.
const OPEN: &str = "(SELECT count(*) FROM attempt a WHERE a.job = j.id AND a.outcome IS NULL AND a.token > \
     coalesce((SELECT max(b.token) FROM attempt b WHERE b.job = j.id AND b.outcome IS NOT NULL), 0))";

/// The next job of a queue, or the next suspect of any.
async fn next(tx: &mut Tx, queue: Option<Queue>, terms: Terms, lock: &str) -> Result<Option<Row>, StoreError> {
    // A job that was dead and is tried again is older than one of its lane that may be running: it waits for that one.
    // What runs on hosts lasts too long to be run alone: whoever carries it out ends it instead.
    let (which, sign) = match queue {
        Some(Queue::Ssh) => ("j.queue = ?1", "<>"),
        Some(_) => ("j.queue = ?1", "<"),
        None => ("?1 = '' AND j.queue <> 'ssh'", ">="),
    };
    let suspect_at = if queue == Some(Queue::Ssh) { -1 } else { SUSPECT_AT };
    let fresh = if queue.is_some() { "j.state = 'ready' OR " } else { "" };
    let turn = match queue {
        Some(queue) if takes_turns(queue) => {
            "coalesce((SELECT t.served FROM turn t WHERE t.queue = j.queue AND t.customer = j.customer), 0), "
        }
        _ => "",
    };
    let sql = format!(
        "SELECT j.id, j.token, j.action, j.version, j.payload, j.customer, j.spent, j.created_at, \
         j.not_after, j.queue FROM job j \
         WHERE {which} AND j.state IN ('ready', 'leased') AND j.due <= ?2 \
         AND ({fresh}(j.state = 'leased' AND j.lease_until <= ?3 AND {OPEN} {sign} {suspect_at})) \
         AND NOT EXISTS (SELECT 1 FROM job o WHERE o.lane = j.lane AND o.id < j.id \
           AND o.state IN ('ready', 'leased', 'human', 'dead') AND (o.state <> 'dead' OR o.blocking = 1)) \
         AND NOT EXISTS (SELECT 1 FROM job o WHERE o.lane = j.lane AND o.id > j.id \
           AND o.state = 'leased' AND o.lease_until > ?3) \
         AND NOT EXISTS (SELECT 1 FROM breaker b WHERE b.destination = j.destination AND b.open_until > ?2) \
         ORDER BY j.priority, {turn}j.due, j.id LIMIT 1{lock}"
    );
    let now = tx.now();
    let name = queue.map_or("", Queue::as_str);
    tx.one(&sql, vals![name, now, now.plus_ms(-terms.settle_ms)]).await
}

/// A try is open, or ended in doubt. A later try that did nothing does not settle it: its look-up may be what failed.
async fn unsettled_since(tx: &mut Tx, id: i64) -> Result<Option<Micros>, StoreError> {
    let sql = "SELECT min(started_at) FROM attempt WHERE job = ?1 AND (outcome IS NULL OR outcome = 'unknown')";
    tx.sure(sql, vals![id]).await?.opt_micros(0)
}

async fn put_aside(tx: &mut Tx, id: i64, why: &str) -> Result<Claim, StoreError> {
    let now = tx.now();
    tx.exec("UPDATE job SET state = 'dead', cause = ?2, ended_at = ?3 WHERE id = ?1", vals![id, why, now]).await?;
    Ok(Claim::PutAside)
}

/// Writes down how the try ended and what becomes of the job, if the lease is still ours. Every row that follows from
/// the outcome belongs into the same transaction.
pub async fn finish(tx: &mut Tx, job: &Claimed, outcome: &Outcome) -> Result<(), StoreError> {
    let now = tx.now();
    let end = End::of(job, outcome, now);
    let fence = if faults::sabotaged("no_token_check") { "" } else { " AND token = ?2 AND state = 'leased'" };
    let sql = format!(
        "UPDATE job SET state = ?3, due = ?4, spent = ?5, cause = ?6, ended_at = ?7, lease_until = NULL \
         WHERE id = ?1 AND ?2 > 0{fence}"
    );
    let changed = tx
        .exec(
            &sql,
            vals![
                job.id,
                job.token,
                end.state,
                end.due,
                end.spent,
                end.why.clone(),
                (end.state != "ready").then_some(now)
            ],
        )
        .await?;
    if changed == 0 {
        return Err(StoreError::LeaseLost(job.id));
    }
    tx.exec(
        "UPDATE attempt SET ended_at = ?3, outcome = ?4, detail = ?5, external = ?6, look_after = ?7 \
         WHERE job = ?1 AND token = ?2",
        vals![job.id, job.token, now, end.outcome, end.why, end.external, end.look_after],
    )
    .await?;
    crash_point!("finish.attempt_closed");
    breakers::observe(tx, job.action.effect.destination(), outcome).await
}

/// What an outcome makes of a job.
struct End {
    state: &'static str,
    outcome: &'static str,
    due: Micros,
    spent: i64,
    why: Option<String>,
    external: Option<String>,
    look_after: Option<Micros>,
}

impl End {
    fn of(job: &Claimed, outcome: &Outcome, now: Micros) -> Self {
        let ended = |state, outcome, why: Option<&String>| Self {
            state,
            outcome,
            due: now,
            spent: job.spent,
            why: why.cloned(),
            external: None,
            look_after: None,
        };
        match outcome {
            Outcome::Done { external } => Self { external: external.clone(), ..ended("done", "done", None) },
            Outcome::Later { at, fault: Fault::Ours, why } if job.spent + 1 < MOST_SPENT => {
                Self { due: *at, spent: job.spent + 1, ..ended("ready", "later", Some(why)) }
            }
            Outcome::Later { fault: Fault::Ours, why, .. } => {
                let why = format!("gave up after {MOST_SPENT} tries: {why}");
                Self { spent: job.spent + 1, ..ended("dead", "never", Some(&why)) }
            }
            Outcome::Later { at, why, .. } => Self { due: *at, ..ended("ready", "later", Some(why)) },
            Outcome::Never { why } => ended("dead", "never", Some(why)),
            Outcome::Unknown { look_after, why } => {
                Self { due: *look_after, look_after: Some(*look_after), ..ended("ready", "unknown", Some(why)) }
            }
            Outcome::Human { why } => ended("human", "human", Some(why)),
            Outcome::Skipped { why } => ended("skipped", "skipped", Some(why)),
        }
    }
}

/// A person (or a command) wants a job run again, by the same rules. True if it was at an end.
pub async fn retry(tx: &mut Tx, id: i64) -> Result<bool, StoreError> {
    let now = tx.now();
    let changed = tx
        .exec(
            // What a person asked for is not to happen hours later: it is looked up, and ends as too late.
            "UPDATE job SET state = 'ready', due = ?2, spent = 0, cause = NULL, ended_at = NULL, \
             not_after = CASE WHEN action LIKE 'act/%' THEN not_after END \
             WHERE id = ?1 AND state IN ('dead', 'skipped', 'human')",
            vals![id, now],
        )
        .await?;
    // Tries that ended in nothing no longer count towards "kills its worker"; that they are in doubt stays known.
    tx.exec(
        "UPDATE attempt SET outcome = 'unknown', ended_at = ?2 WHERE job = ?1 AND outcome IS NULL AND ?3 = 1",
        vals![id, now, i64::from(changed == 1)],
    )
    .await?;
    Ok(changed == 1)
}

/// A person has looked whether a job that waits for one took effect: it is done, or it will not be. True if it waited for
/// that. What is in doubt stays so in its tries: if it is run again, it is looked up first.
pub async fn settle(tx: &mut Tx, id: i64, happened: bool, by: &str) -> Result<bool, StoreError> {
    let now = tx.now();
    let (state, cause) = match happened {
        true => ("done", format!("{by} looked: it happened")),
        false => ("skipped", format!("{by} looked: it did not happen")),
    };
    let changed = tx
        .exec(
            "UPDATE job SET state = ?2, cause = ?3, ended_at = ?4 WHERE id = ?1 AND state = 'human'",
            vals![id, state, cause, now],
        )
        .await?;
    Ok(changed == 1)
}

/// Is a job of this lane waiting that has not begun? It will see whatever is true when it runs.
pub async fn is_ready(tx: &mut Tx, lane: &str) -> Result<bool, StoreError> {
    Ok(tx.one("SELECT 1 FROM job WHERE lane = ?1 AND state = 'ready' LIMIT 1", vals![lane]).await?.is_some())
}

/// How many jobs of a queue wait or run, counted no further than `most`.
pub async fn live_up_to(tx: &mut Tx, queue: Queue, most: i64) -> Result<i64, StoreError> {
    let sql = "SELECT count(*) FROM (SELECT 1 FROM job WHERE queue = ?1 AND state IN ('ready', 'leased') LIMIT ?2) q";
    tx.sure(sql, vals![queue.as_str(), most]).await?.int(0)
}

/// Is a job of this lane waiting, running, or with a person?
pub async fn is_live(tx: &mut Tx, lane: &str) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM job WHERE lane = ?1 AND state IN ('ready', 'leased', 'human') LIMIT 1";
    Ok(tx.one(sql, vals![lane]).await?.is_some())
}

/// How many jobs are in each state but `done`, which most are in: what pages ask, at the same price after years. Those
/// that wait or run are counted up to `most`.
pub async fn count_unfinished(tx: &mut Tx, scope: &Scope, most: i64) -> Result<Vec<(String, i64)>, StoreError> {
    let mut vals = Vec::new();
    let clause = scope_clause(scope, "customer", &mut vals);
    let mut sql = format!(
        "SELECT state, count(*) FROM job WHERE state IN ('human', 'dead', 'skipped') AND {clause} GROUP BY state"
    );
    let mut rows = tx.all(&sql, &vals).await?;
    vals.push(most.into());
    sql = format!(
        "SELECT state, count(*) FROM (SELECT state FROM job WHERE state IN ('ready', 'leased') AND {clause} LIMIT ?{}) t \
         GROUP BY state",
        vals.len()
    );
    rows.extend(tx.all(&sql, &vals).await?);
    rows.iter().map(|row| Ok((row.string(0)?, row.int(1)?))).collect()
}

/// How many jobs are in each state, by a walk over all of them: for tests. Pages ask `count_unfinished`.
pub async fn count_by_state(tx: &mut Tx, scope: &Scope) -> Result<Vec<(String, i64)>, StoreError> {
    let mut vals = Vec::new();
    let clause = scope_clause(scope, "customer", &mut vals);
    tx.all(&format!("SELECT state, count(*) FROM job WHERE {clause} GROUP BY state ORDER BY state"), &vals)
        .await?
        .iter()
        .map(|row| Ok((row.string(0)?, row.int(1)?)))
        .collect()
}

/// A job as pages and programs see it.
#[derive(Clone, Debug)]
pub struct Item {
    pub id: i64,
    pub key: String,
    pub effect: String,
    pub subject: String,
    pub queue: String,
    pub state: String,
    pub due: Micros,
    pub spent: i64,
    pub cause: Option<String>,
    pub why: String,
    pub customer: String,
    pub created_at: Micros,
    pub ended_at: Option<Micros>,
    pub attempts: i64,
}

const ITEM: &str = "SELECT j.id, j.action, a.effect, a.subject, j.queue, j.state, j.due, j.spent, j.cause, a.why, \
     j.customer, j.created_at, j.ended_at, (SELECT count(*) FROM attempt t WHERE t.job = j.id) \
     FROM job j JOIN action a ON a.key = j.action";

pub async fn list(
    tx: &mut Tx,
    scope: &Scope,
    states: &[&str],
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Item>, StoreError> {
    let mut vals = Vec::new();
    let mut clause = scope_clause(scope, "j.customer", &mut vals);
    if !states.is_empty() {
        let marks: Vec<String> = states
            .iter()
            .map(|s| {
                vals.push(Val::from(*s));
                format!("?{}", vals.len())
            })
            .collect();
        clause = format!("{clause} AND j.state IN ({})", marks.join(", "));
    }
    if let Some(before) = before {
        vals.push(Val::Int(before));
        clause = format!("{clause} AND j.id < ?{}", vals.len());
    }
    vals.push(Val::Int(limit));
    let sql = format!("{ITEM} WHERE {clause} ORDER BY j.id DESC LIMIT ?{}", vals.len());
    tx.all(&sql, &vals).await?.iter().map(item).collect()
}

/// One job, if the person may see it.
pub async fn find(tx: &mut Tx, scope: &Scope, id: i64) -> Result<Option<Item>, StoreError> {
    let mut vals = vec![Val::Int(id)];
    let clause = scope_clause(scope, "j.customer", &mut vals);
    tx.one(&format!("{ITEM} WHERE j.id = ?1 AND {clause}"), &vals).await?.map(|row| item(&row)).transpose()
}

fn item(row: &Row) -> Result<Item, StoreError> {
    let effect: serde_json::Value = row.json(2)?;
    // An effect that needs no more than its name is written as that alone.
    let name = effect.as_str().map(str::to_owned).or_else(|| effect.as_object()?.keys().next().cloned());
    Ok(Item {
        id: row.int(0)?,
        key: row.string(1)?,
        effect: name.unwrap_or_default(),
        subject: row.string(3)?,
        queue: row.string(4)?,
        state: row.string(5)?,
        due: row.micros(6)?,
        spent: row.int(7)?,
        cause: row.opt_string(8)?,
        why: row.string(9)?,
        customer: row.string(10)?,
        created_at: row.micros(11)?,
        ended_at: row.opt_micros(12)?,
        attempts: row.int(13)?,
    })
}
