//! Forgetting jobs that came to an end and had no effect outside. What acted is never forgotten.

use crate::{StoreError, Tx, vals};
use model::Micros;
use model::action::Queue;

/// Deletes readings that were done before an instant, with their tries and actions, among the next `most` jobs after
/// `from`; gives the id of the last job looked at. What acted on the outside is never forgotten.
pub async fn forget_readings(tx: &mut Tx, from: i64, before: Micros, most: i64) -> Result<i64, StoreError> {
    let rows = tx
        .all(
            "SELECT id, action, queue, ended_at FROM job WHERE state IN ('done', 'skipped') AND id > ?1 ORDER BY id LIMIT ?2",
            vals![from, most],
        )
        .await?;
    let mut up_to = from;
    for row in rows {
        if row.opt_micros(3)?.is_none_or(|at| at >= before) {
            break;
        }
        up_to = row.int(0)?;
        if row.text(2)? == Queue::Live.as_str() {
            continue;
        }
        tx.exec("DELETE FROM attempt WHERE job = ?1", vals![up_to]).await?;
        tx.exec("DELETE FROM job WHERE id = ?1", vals![up_to]).await?;
        tx.exec("DELETE FROM action WHERE key = ?1", vals![row.text(1)?]).await?;
    }
    Ok(up_to)
}

/// Whether jobs that died stay for a person to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dead {
    Stay,
    Go,
}

/// Forgets jobs that came to an end, with their tries and actions, whose keys lie from one up to another. For readings alone:
/// they had no effect on anything outside, and what they brought stays in the inbox.
pub async fn forget_between(tx: &mut Tx, from: &str, to: &str, dead: Dead) -> Result<(), StoreError> {
    let ended = "action >= ?1 AND action < ?2 AND state IN ('done', 'skipped', ?3)";
    let also = if dead == Dead::Go { "dead" } else { "done" };
    let tries = format!("DELETE FROM attempt WHERE job IN (SELECT id FROM job WHERE {ended})");
    tx.exec(&tries, vals![from, to, also]).await?;
    tx.exec(&format!("DELETE FROM job WHERE {ended}"), vals![from, to, also]).await?;
    tx.exec(
        "DELETE FROM action WHERE key >= ?1 AND key < ?2 AND NOT EXISTS (SELECT 1 FROM job WHERE job.action = action.key)",
        vals![from, to],
    )
    .await?;
    Ok(())
}
