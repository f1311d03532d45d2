//! What is known of hosts beside their configuration: how each was last reached, and which keys people trust. Never decides
//! whether a key is the right one.

use crate::inbox::scope_clause;
use crate::{Row, StoreError, Tx, vals};
use model::{Micros, Scope};
use std::collections::BTreeSet;

/// How a host was last reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    pub host: String,
    pub customer: Option<String>,
    /// reached, or what kept from it: unreachable, key_unknown, key_changed, login_refused, …
    pub state: String,
    /// Since when it is so.
    pub since: Micros,
    pub checked_at: Micros,
    /// Which host of the way it failed at.
    pub hop: Option<String>,
    /// What is so and what to do, in words for people.
    pub cause: Option<String>,
    pub elapsed_ms: Option<i64>,
    /// Its clock less ours.
    pub clock_offset_ms: Option<i64>,
    /// yes, no or unknown.
    pub sudo: Option<String>,
    /// What it says that it is.
    pub system: Option<String>,
    pub host_key: Option<String>,
}

/// A host key that a person trusts, or trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostKey {
    pub id: i64,
    pub host: String,
    /// The names under which a known_hosts file would hold it, by commas.
    pub names: String,
    /// Kind and key, as a known_hosts file holds them.
    pub line: String,
    pub fingerprint: String,
    pub trusted_at: Micros,
    pub trusted_by: String,
    pub dropped_at: Option<Micros>,
    pub dropped_by: Option<String>,
}

const REACH: &str =
    "host, customer, state, since, checked_at, hop, cause, elapsed_ms, clock_offset_ms, sudo, system, host_key";
const KEY: &str = "id, host, names, line, fingerprint, trusted_at, trusted_by, dropped_at, dropped_by";

/// It was tried just now; gives what was known before. `since` is kept while the state is the same.
pub async fn reached(tx: &mut Tx, reach: &Reach) -> Result<Option<Reach>, StoreError> {
    tx.lock(&[format!("host/{}", reach.host)]).await?;
    let before = reach_of(tx, &reach.host).await?;
    let now = tx.now();
    let since = before.as_ref().filter(|known| known.state == reach.state).map_or(now, |known| known.since);
    tx.exec(
        "INSERT INTO host_reach (host, customer, state, since, checked_at, hop, cause, elapsed_ms, clock_offset_ms, sudo, system, \
         host_key) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT (host) DO UPDATE SET \
         customer = excluded.customer, state = excluded.state, since = excluded.since, checked_at = excluded.checked_at, \
         hop = excluded.hop, cause = excluded.cause, elapsed_ms = excluded.elapsed_ms, \
         clock_offset_ms = coalesce(excluded.clock_offset_ms, host_reach.clock_offset_ms), \
         sudo = coalesce(excluded.sudo, host_reach.sudo), system = coalesce(excluded.system, host_reach.system), \
         host_key = coalesce(excluded.host_key, host_reach.host_key)",
        vals![
            &reach.host,
            reach.customer.clone(),
            &reach.state,
            since,
            now,
            reach.hop.clone(),
            reach.cause.clone(),
            reach.elapsed_ms,
            reach.clock_offset_ms,
            reach.sudo.clone(),
            reach.system.clone(),
            reach.host_key.clone()
        ],
    )
    .await?;
    Ok(before)
}

/// For whoever tries hosts.
pub async fn reach_of(tx: &mut Tx, host: &str) -> Result<Option<Reach>, StoreError> {
    let row = tx.one(&format!("SELECT {REACH} FROM host_reach WHERE host = ?1"), vals![host]).await?;
    row.map(|row| reach(&row)).transpose()
}

/// When each was last tried, for whoever decides which is next.
pub async fn checked(tx: &mut Tx) -> Result<Vec<(String, Micros)>, StoreError> {
    let rows = tx.all("SELECT host, checked_at FROM host_reach ORDER BY host", &[]).await?;
    rows.iter().map(|row| Ok((row.string(0)?, row.micros(1)?))).collect()
}

/// Those that could not be reached when they were last tried.
pub async fn unreached(tx: &mut Tx) -> Result<BTreeSet<String>, StoreError> {
    let rows = tx.all("SELECT host FROM host_reach WHERE state <> 'reached'", &[]).await?;
    rows.iter().map(|row| row.string(0)).collect()
}

/// Those that were reached and never asked what they are: a run showed that they answer.
pub async fn unasked(tx: &mut Tx) -> Result<BTreeSet<String>, StoreError> {
    let rows = tx.all("SELECT host FROM host_reach WHERE state = 'reached' AND sudo IS NULL", &[]).await?;
    rows.iter().map(|row| row.string(0)).collect()
}

/// All that were tried.
pub async fn reaches(tx: &mut Tx, scope: &Scope) -> Result<Vec<Reach>, StoreError> {
    let mut vals = Vec::new();
    let clause = scope_clause(scope, "customer", &mut vals);
    let sql = format!("SELECT {REACH} FROM host_reach WHERE {clause} ORDER BY host");
    tx.all(&sql, &vals).await?.iter().map(reach).collect()
}

/// A person trusts this key. What was trusted for the host before and is of the same kind counts no more.
pub async fn trust(
    tx: &mut Tx,
    host: &str,
    names: &str,
    line: &str,
    fingerprint: &str,
    by: &str,
) -> Result<(), StoreError> {
    tx.lock(&[format!("host/{host}")]).await?;
    let now = tx.now();
    let kind = line.split(' ').next().unwrap_or_default();
    for known in keys_of(tx, host).await?.iter().filter(|key| key.line.split(' ').next() == Some(kind)) {
        if known.line == line {
            return Ok(());
        }
        drop_key(tx, known.id, by).await?;
    }
    tx.exec(
        "INSERT INTO host_key (host, names, line, fingerprint, trusted_at, trusted_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        vals![host, names, line, fingerprint, now, by],
    )
    .await?;
    Ok(())
}

/// It is trusted no more.
pub async fn drop_key(tx: &mut Tx, id: i64, by: &str) -> Result<bool, StoreError> {
    let now = tx.now();
    let sql = "UPDATE host_key SET dropped_at = ?2, dropped_by = ?3 WHERE id = ?1 AND dropped_at IS NULL";
    Ok(tx.exec(sql, vals![id, now, by]).await? == 1)
}

/// Those that are trusted now, of all hosts.
pub async fn keys(tx: &mut Tx) -> Result<Vec<HostKey>, StoreError> {
    let sql = format!("SELECT {KEY} FROM host_key WHERE dropped_at IS NULL ORDER BY host, id");
    tx.all(&sql, &[]).await?.iter().map(key).collect()
}

/// Those of one host that are trusted now.
pub async fn keys_of(tx: &mut Tx, host: &str) -> Result<Vec<HostKey>, StoreError> {
    let sql = format!("SELECT {KEY} FROM host_key WHERE host = ?1 AND dropped_at IS NULL ORDER BY id");
    tx.all(&sql, vals![host]).await?.iter().map(key).collect()
}

/// Changes whenever a key is trusted or no longer is.
pub async fn keys_version(tx: &mut Tx) -> Result<(i64, i64), StoreError> {
    let row = tx.sure("SELECT coalesce(max(id), 0), count(dropped_at) FROM host_key", &[]).await?;
    Ok((row.int(0)?, row.int(1)?))
}

fn reach(row: &Row) -> Result<Reach, StoreError> {
    Ok(Reach {
        host: row.string(0)?,
        customer: row.opt_string(1)?,
        state: row.string(2)?,
        since: row.micros(3)?,
        checked_at: row.micros(4)?,
        hop: row.opt_string(5)?,
        cause: row.opt_string(6)?,
        elapsed_ms: row.opt_int(7)?,
        clock_offset_ms: row.opt_int(8)?,
        sudo: row.opt_string(9)?,
        system: row.opt_string(10)?,
        host_key: row.opt_string(11)?,
    })
}

fn key(row: &Row) -> Result<HostKey, StoreError> {
    Ok(HostKey {
        id: row.int(0)?,
        host: row.string(1)?,
        names: row.string(2)?,
        line: row.string(3)?,
        fingerprint: row.string(4)?,
        trusted_at: row.micros(5)?,
        trusted_by: row.string(6)?,
        dropped_at: row.opt_micros(7)?,
        dropped_by: row.opt_string(8)?,
    })
}
