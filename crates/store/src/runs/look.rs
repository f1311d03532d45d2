//! Runs as lists and pages look at them: the last of each host, how they ended lately, and how what their steps said begins.
//! Changes nothing.

use super::{RUN, Run, run};
use crate::inbox::scope_clause;
use crate::{StoreError, Tx, Val, many, vals};
use model::{Micros, Scope};
use std::collections::{BTreeMap, BTreeSet};

/// The last run on each of these hosts.
pub async fn latest_of(tx: &mut Tx, scope: &Scope, hosts: &[String]) -> Result<Vec<Run>, StoreError> {
    let mut found = Vec::new();
    for mut group in many::groups(hosts) {
        let clause = scope_clause(scope, "customer", &mut group);
        let sql = format!(
            "SELECT {RUN} FROM run WHERE id IN (SELECT max(id) FROM run WHERE host IN ({}) AND {clause} GROUP BY host) ORDER BY host",
            many::marks()
        );
        for row in tx.all(&sql, &group).await? {
            found.push(run(&row)?);
        }
    }
    Ok(found)
}

/// Of each run, the highest exit status among its steps that have one.
pub async fn exits(tx: &mut Tx, scope: &Scope, runs: &[i64]) -> Result<BTreeMap<i64, i64>, StoreError> {
    let mut found = BTreeMap::new();
    for mut group in many::groups(runs) {
        let clause = scope_clause(scope, "customer", &mut group);
        let sql = format!(
            "SELECT run, max(exit_status) FROM run_step WHERE run IN ({}) AND exit_status IS NOT NULL AND {clause} GROUP BY run",
            many::marks()
        );
        for row in tx.all(&sql, &group).await? {
            found.insert(row.int(0)?, row.int(1)?);
        }
    }
    Ok(found)
}

/// How many of the last runs, at most so many and none asked for before an instant, came to which state and level.
pub async fn count_lately(
    tx: &mut Tx,
    scope: &Scope,
    since: Micros,
    most: i64,
) -> Result<Vec<(String, Option<String>, i64)>, StoreError> {
    let mut vals = vals![since, most].to_vec();
    let clause = scope_clause(scope, "customer", &mut vals);
    let sql = format!(
        "SELECT state, level, count(*) FROM (SELECT state, level, queued_at FROM run WHERE {clause} ORDER BY id DESC LIMIT ?2) l \
         WHERE queued_at >= ?1 GROUP BY state, level ORDER BY state, level"
    );
    tx.all(&sql, &vals).await?.iter().map(|row| Ok((row.string(0)?, row.opt_string(1)?, row.int(2)?))).collect()
}

/// So many pieces of a step are read for its beginning, and so many bytes of each.
const HEAD_PIECES: i64 = 16;
const HEAD_BYTES: i64 = 8 * 1024;

/// What one stream of a step said so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    pub run: i64,
    pub n: i64,
    pub stream: String,
    /// Of all its pieces together.
    pub bytes: i64,
    /// The number of its last piece.
    pub last: i64,
    /// Its beginning, without a gap.
    pub head: Vec<u8>,
}

/// What the steps of these runs said, by stream: how much, and how it begins.
pub async fn said(tx: &mut Tx, scope: &Scope, runs: &[i64]) -> Result<Vec<Said>, StoreError> {
    let mut found: Vec<Said> = Vec::new();
    for group in many::groups(runs) {
        let mut said = sizes(tx, scope, group.clone()).await?;
        heads(tx, scope, group, &mut said).await?;
        found.append(&mut said);
    }
    Ok(found)
}

async fn sizes(tx: &mut Tx, scope: &Scope, mut vals: Vec<Val>) -> Result<Vec<Said>, StoreError> {
    let clause = scope_clause(scope, "s.customer", &mut vals);
    let sql = format!(
        "SELECT o.run, o.n, o.stream, CAST(sum(length(o.body)) AS BIGINT), max(o.piece) FROM run_output o \
         JOIN run_step s ON s.run = o.run AND s.n = o.n WHERE o.run IN ({}) AND {clause} \
         GROUP BY o.run, o.n, o.stream ORDER BY o.run, o.n, o.stream",
        many::marks()
    );
    let rows = tx.all(&sql, &vals).await?;
    let each = rows.iter().map(|row| {
        let (run, n, stream) = (row.int(0)?, row.int(1)?, row.string(2)?);
        Ok(Said { run, n, stream, bytes: row.int(3)?, last: row.int(4)?, head: Vec::new() })
    });
    each.collect()
}

async fn heads(tx: &mut Tx, scope: &Scope, mut vals: Vec<Val>, said: &mut [Said]) -> Result<(), StoreError> {
    let clause = scope_clause(scope, "s.customer", &mut vals);
    let sql = format!(
        "SELECT o.run, o.n, o.stream, substr(o.body, 1, {HEAD_BYTES}), CAST(length(o.body) AS BIGINT) FROM run_output o \
         JOIN run_step s ON s.run = o.run AND s.n = o.n WHERE o.run IN ({}) AND o.piece < {HEAD_PIECES} AND {clause} \
         ORDER BY o.run, o.n, o.piece",
        many::marks()
    );
    // Behind a piece that was cut nothing may follow: it would read as if it had been said so.
    let mut cut: BTreeSet<(i64, i64, String)> = BTreeSet::new();
    for row in tx.all(&sql, &vals).await? {
        let of = (row.int(0)?, row.int(1)?, row.string(2)?);
        if cut.contains(&of) {
            continue;
        }
        if let Some(one) = said.iter_mut().find(|one| (one.run, one.n, &one.stream) == (of.0, of.1, &of.2)) {
            one.head.extend_from_slice(row.blob(3)?);
        }
        if row.int(4)? > HEAD_BYTES {
            cut.insert(of);
        }
    }
    Ok(())
}

/// How many are not over.
pub async fn count_live(tx: &mut Tx, scope: &Scope) -> Result<i64, StoreError> {
    let mut vals: Vec<Val> = Vec::new();
    let clause = scope_clause(scope, "customer", &mut vals);
    tx.sure(&format!("SELECT count(*) FROM run WHERE ended_at IS NULL AND {clause}"), &vals).await?.int(0)
}
