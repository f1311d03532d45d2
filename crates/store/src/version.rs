//! A cheap version of the world: equal while nothing has happened that a page would show. Only ends of indexes and
//! tables of a few rows are read, so that a process may ask every second, whatever the store holds.

use crate::{StoreError, Tx};

/// Two that differ mean that there is news; two that are equal mean that there is hardly any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(Vec<i64>);

/// Live jobs are told apart up to this many; beyond it something else of the world moves too.
const MOST: i64 = 500;

pub async fn version(tx: &mut Tx) -> Result<Version, StoreError> {
    let live = |state: &str| {
        format!("(SELECT count(*) FROM (SELECT 1 FROM job WHERE state = '{state}' LIMIT {MOST}) AS {state})")
    };
    let columns = [
        "(SELECT max(changed_at) FROM incident)".to_owned(),
        "(SELECT max(id) FROM inbox)".to_owned(),
        "(SELECT CAST(sum(received) AS BIGINT) FROM receipt)".to_owned(),
        "(SELECT max(id) FROM job)".to_owned(),
        "(SELECT max(id) FROM audit)".to_owned(),
        "(SELECT max(changed_at) FROM breaker)".to_owned(),
        live("ready"),
        live("leased"),
        live("human"),
        live("dead"),
    ];
    let row = tx.sure(&format!("SELECT {}", columns.join(", ")), &[]).await?;
    let read: Result<Vec<i64>, StoreError> = (0..columns.len()).map(|i| Ok(row.opt_int(i)?.unwrap_or(-1))).collect();
    Ok(Version(read?))
}
