//! The rounds of polls: when each is due, how far it has come, and what it last found. Moved in the transaction that
//! writes what the poll brought, under the poll job's token.

use crate::jobs::{self, Dead};
use crate::{Row, StoreError, Tx, vals};
use model::connection::poll as names;
use model::{Micros, Scope};
use serde::{Serialize, de::DeserializeOwned};

/// One poll as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poll {
    pub name: String,
    /// Grows with every round: part of the identity of its jobs.
    pub round: i64,
    pub due: Micros,
    pub begun_at: Option<Micros>,
    /// When a round last came to its end.
    pub ended_at: Option<Micros>,
    /// Why PagerDuty refuses it, if it does: a missing scope, in words; and since when.
    pub refused: Option<String>,
    pub refused_at: Option<Micros>,
    /// What the poll knows, as JSON of its own shape.
    pub state: String,
}

impl Poll {
    /// The poll's own state; an unknown shape counts as none.
    pub fn known<T: DeserializeOwned + Default>(&self) -> T {
        serde_json::from_str(&self.state).unwrap_or_default()
    }
}

/// What a poll's round waits for: its live job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    pub poll: String,
    /// How the last try ended, if one did.
    pub cause: Option<String>,
    /// The next try is not before this.
    pub due: Micros,
    /// When this page of the round was asked for.
    pub since: Micros,
}

/// Where the jobs of polls run, one lane each.
const LANE: &str = "poll:";

const POLL: &str = "name, round, due, begun_at, ended_at, refused, state, refused_at";
/// What stands in the place of a refusal where a poll is switched off.
pub const OFF: &str = "off";
/// The first and the longest wait until what was refused is asked for again.
const REFUSED_FIRST_S: i64 = 60;
const REFUSED_MOST_S: i64 = 3_600;

/// Makes the poll known; it is due at once the first time.
pub async fn register(tx: &mut Tx, name: &str) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec(
        "INSERT INTO poll (name, round, due, state) VALUES (?1, 0, ?2, '{}') ON CONFLICT (name) DO NOTHING",
        vals![name, now],
    )
    .await?;
    Ok(())
}

pub async fn get(tx: &mut Tx, name: &str) -> Result<Option<Poll>, StoreError> {
    let sql = format!("SELECT {POLL} FROM poll WHERE name = ?1");
    tx.one(&sql, vals![name]).await?.map(|row| poll(&row)).transpose()
}

/// Every poll, for those who look; how the mirror is fed tells nothing of a customer.
pub async fn list(tx: &mut Tx, _scope: &Scope) -> Result<Vec<Poll>, StoreError> {
    tx.all(&format!("SELECT {POLL} FROM poll ORDER BY name"), &[]).await?.iter().map(poll).collect()
}

/// The live jobs of polls. How the mirror is fed tells nothing of a customer.
pub async fn list_waits(tx: &mut Tx, _scope: &Scope) -> Result<Vec<Wait>, StoreError> {
    // The longer list of states is that of the index.
    let sql = "SELECT lane, cause, due, created_at FROM job WHERE lane >= ?1 AND lane < ?2 \
               AND state IN ('ready', 'leased', 'human', 'dead') AND state IN ('ready', 'leased') ORDER BY lane, id";
    tx.all(sql, vals![LANE, "poll;"]).await?.iter().map(wait).collect()
}

fn wait(row: &Row) -> Result<Wait, StoreError> {
    let lane = row.string(0)?;
    let poll = lane.strip_prefix(LANE).unwrap_or(&lane).to_owned();
    Ok(Wait { poll, cause: row.opt_string(1)?, due: row.micros(2)?, since: row.micros(3)? })
}

pub async fn due(tx: &mut Tx) -> Result<Vec<Poll>, StoreError> {
    let now = tx.now();
    // What began later than now was begun before the clock was set back: it is not to wait until the clock is there again.
    tx.all(&format!("SELECT {POLL} FROM poll WHERE due <= ?1 OR begun_at > ?1 ORDER BY due, name"), vals![now])
        .await?
        .iter()
        .map(poll)
        .collect()
}

/// Begins the next round, unless somebody else just did; gives its number.
pub async fn begin(tx: &mut Tx, poll: &Poll, next_due: Micros) -> Result<Option<i64>, StoreError> {
    let now = tx.now();
    let row = tx
        .one(
            "UPDATE poll SET round = round + 1, due = ?3, begun_at = ?4 WHERE name = ?1 AND round = ?2 RETURNING round",
            vals![&poll.name, poll.round, next_due, now],
        )
        .await?;
    row.map(|row| row.int(0)).transpose()
}

/// A round came to its end.
pub async fn ended<T: Serialize + Sync>(tx: &mut Tx, name: &str, state: Option<&T>) -> Result<(), StoreError> {
    let now = tx.now();
    let state = state.map(serde_json::to_string).transpose().map_err(StoreError::shape)?;
    // What was refused and is not any more is no missing scope either: the key is looked at again.
    tx.exec(
        "UPDATE poll SET due = ?2 WHERE name = ?3 AND due > ?2 AND ?1 <> ?3 \
         AND EXISTS (SELECT 1 FROM poll p WHERE p.name = ?1 AND p.refused IS NOT NULL AND p.refused <> 'off')",
        vals![name, now, names::TOKEN],
    )
    .await?;
    tx.exec(
        "UPDATE poll SET ended_at = ?2, refused = NULL, refused_at = NULL, refusals = 0, state = coalesce(?3, state) \
         WHERE name = ?1",
        vals![name, now, state],
    )
    .await?;
    Ok(())
}

/// Remembers something in the middle of a round.
pub async fn keep<T: Serialize + Sync>(tx: &mut Tx, name: &str, state: &T) -> Result<(), StoreError> {
    let state = serde_json::to_string(state).map_err(StoreError::shape)?;
    tx.exec("UPDATE poll SET state = ?2 WHERE name = ?1", vals![name, state]).await?;
    Ok(())
}

/// PagerDuty does not allow it: asked for again in a minute, then after twice as long each time, up to an hour.
pub async fn refuse(tx: &mut Tx, name: &str, why: &str) -> Result<(), StoreError> {
    let now = tx.now();
    let row = tx
        .one(
            "UPDATE poll SET refused = ?2, refused_at = coalesce(refused_at, ?3), refusals = refusals + 1 WHERE name = ?1 \
             RETURNING refusals",
            vals![name, why, now],
        )
        .await?;
    let Some(refusals) = row.map(|row| row.int(0)).transpose()? else { return Ok(()) };
    let doublings = u32::try_from(refusals - 1).unwrap_or(0).min(16);
    let wait_s = REFUSED_FIRST_S.saturating_mul(1 << doublings).min(REFUSED_MOST_S);
    tx.exec("UPDATE poll SET due = ?2 WHERE name = ?1", vals![name, now.plus_s(wait_s)]).await?;
    // What the key lacks is named by the look at the key.
    if refusals == 1 && name != names::TOKEN {
        hurry(tx, names::TOKEN).await?;
    }
    Ok(())
}

/// It is switched off by the configuration; looked at again at `due`.
pub async fn switch_off(tx: &mut Tx, name: &str, due: Micros) -> Result<(), StoreError> {
    tx.exec("UPDATE poll SET refused = ?2, due = ?3 WHERE name = ?1", vals![name, OFF, due]).await?;
    Ok(())
}

/// Another start, maybe with another key or another way out: what was refused or switched off is asked for at once.
pub async fn try_refused(tx: &mut Tx) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec("UPDATE poll SET due = ?1, refusals = 0 WHERE refused IS NOT NULL AND due > ?1", vals![now]).await?;
    Ok(())
}

/// Wants the next round now.
pub async fn hurry(tx: &mut Tx, name: &str) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec("UPDATE poll SET due = ?2 WHERE name = ?1 AND due > ?2", vals![name, now]).await?;
    Ok(())
}

/// Forgets the jobs of earlier rounds that came to an end: they had no effect on anything outside, and there is one a
/// minute. What they brought stays in the inbox.
pub async fn forget(tx: &mut Tx, name: &str, before_round: i64) -> Result<(), StoreError> {
    if before_round < 1 {
        return Ok(());
    }
    let (from, to) = (format!("poll/{name}/"), format!("poll/{name}/{before_round:09}"));
    jobs::forget_between(tx, &from, &to, Dead::Stay).await
}

fn poll(row: &Row) -> Result<Poll, StoreError> {
    Ok(Poll {
        name: row.string(0)?,
        round: row.int(1)?,
        due: row.micros(2)?,
        begun_at: row.opt_micros(3)?,
        ended_at: row.opt_micros(4)?,
        refused: row.opt_string(5)?,
        state: row.string(6)?,
        refused_at: row.opt_micros(7)?,
    })
}
