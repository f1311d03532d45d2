//! The processes that share this store: who they are and when they were last heard of. Nothing is claimed or freed by
//! it; leases alone decide that.

use crate::{Row, StoreError, Tx, vals};
use model::{Micros, Scope};

/// Rows of processes that nobody has heard of for so long are taken away.
const KEPT_S: i64 = 30 * 86_400;

/// What a process says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Me {
    /// Unique among those that live: host and process id.
    pub id: String,
    pub role: String,
    pub host: String,
    pub version: String,
    pub started_at: Micros,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    pub id: String,
    pub role: String,
    pub host: String,
    pub version: String,
    pub started_at: Micros,
    pub seen_at: Micros,
    pub stopped_at: Option<Micros>,
}

const PROCESS: &str = "id, role, host, version, started_at, seen_at, stopped_at";

/// I live. The first beat of a process clears away those long gone.
pub async fn beat(tx: &mut Tx, me: &Me) -> Result<(), StoreError> {
    let now = tx.now();
    let known = tx
        .exec(
            "UPDATE process SET seen_at = ?2, stopped_at = NULL WHERE id = ?1 AND started_at = ?3",
            vals![&me.id, now, me.started_at],
        )
        .await?;
    if known == 1 {
        return Ok(());
    }
    tx.exec("DELETE FROM process WHERE seen_at < ?1", vals![now.plus_s(-KEPT_S)]).await?;
    // A number that an earlier process had, which is gone.
    tx.exec(
        "INSERT INTO process (id, role, host, version, started_at, seen_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
         ON CONFLICT (id) DO UPDATE SET role = excluded.role, host = excluded.host, version = excluded.version, \
         started_at = excluded.started_at, seen_at = excluded.seen_at, stopped_at = NULL",
        vals![&me.id, &me.role, &me.host, &me.version, me.started_at, now],
    )
    .await?;
    Ok(())
}

/// It said goodbye.
pub async fn stopped(tx: &mut Tx, id: &str) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec("UPDATE process SET stopped_at = ?2, seen_at = ?2 WHERE id = ?1", vals![id, now]).await?;
    Ok(())
}

/// Those heard of within this time that have not said goodbye.
pub async fn alive(tx: &mut Tx, within_s: i64) -> Result<Vec<Process>, StoreError> {
    let since = tx.now().plus_s(-within_s);
    let sql = format!("SELECT {PROCESS} FROM process WHERE stopped_at IS NULL AND seen_at >= ?1 ORDER BY id");
    tx.all(&sql, vals![since]).await?.iter().map(process).collect()
}

/// All that are known, newest first. Which machines there are tells nothing of a customer.
pub async fn list(tx: &mut Tx, _scope: &Scope) -> Result<Vec<Process>, StoreError> {
    let sql = format!("SELECT {PROCESS} FROM process ORDER BY started_at DESC, id");
    tx.all(&sql, &[]).await?.iter().map(process).collect()
}

/// When a process that reads and acts was last heard of, be it as it said goodbye. Tells nothing of a customer.
pub async fn worker_seen(tx: &mut Tx, _scope: &Scope) -> Result<Option<Micros>, StoreError> {
    tx.sure("SELECT max(seen_at) FROM process WHERE role IN ('all', 'work')", &[]).await?.opt_micros(0)
}

fn process(row: &Row) -> Result<Process, StoreError> {
    Ok(Process {
        id: row.string(0)?,
        role: row.string(1)?,
        host: row.string(2)?,
        version: row.string(3)?,
        started_at: row.micros(4)?,
        seen_at: row.micros(5)?,
        stopped_at: row.opt_micros(6)?,
    })
}
