//! Services of PagerDuty's that never fired: what nobody misses until it is needed. Reads the mirror alone, and says how far
//! back it goes.

use super::save::second;
use crate::{StoreError, Tx, Val, vals};
use model::{Micros, Scope};

/// A service without an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idle {
    pub id: String,
    pub name: String,
    pub url: Option<String>,
    pub status: Option<String>,
}

/// Services without an incident since then, or since the mirror's first one where that is later: the instant that holds
/// comes with them. The whole account's, so for nobody who sees some customers only.
pub async fn list_idle_services(
    tx: &mut Tx,
    scope: &Scope,
    since: Micros,
    most: i64,
) -> Result<(Option<Micros>, Vec<Idle>), StoreError> {
    let sql = "SELECT created_at FROM incident WHERE canary = 0 ORDER BY slot LIMIT 1";
    let first = tx.one(sql, &[] as &[Val]).await?.map(|row| row.micros(0)).transpose()?;
    let Some(first) = first.filter(|_| *scope == Scope::All) else { return Ok((None, Vec::new())) };
    let since = since.max(first);
    // By name and slot, which have an index; a service of another name then counts as one that fired.
    let sql = "SELECT r.id, r.name, r.url, r.status FROM reference r WHERE r.kind = 'service' AND r.gone_at IS NULL AND NOT EXISTS \
               (SELECT 1 FROM incident i WHERE i.service_name = r.name AND i.slot >= ?1 AND i.canary = 0) \
               ORDER BY r.name, r.id LIMIT ?2";
    let rows = tx.all(sql, vals![second(since), most]).await?;
    let idle = rows.iter().map(|row| {
        Ok(Idle { id: row.string(0)?, name: row.string(1)?, url: row.opt_string(2)?, status: row.opt_string(3)? })
    });
    Ok((Some(since), idle.collect::<Result<_, StoreError>>()?))
}
