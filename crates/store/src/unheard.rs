//! Changes that the log tells and no webhook told: how a subscription that has gone silent is noticed.

use crate::{StoreError, Tx, vals};
use model::Micros;
use model::incident::{Fact, Source};

/// Seconds by which a webhook and a log entry of one happening may differ.
const WINDOW_US: i64 = 120 * 1_000_000;

/// The kind of change that repeats itself.
pub const TRIGGERED: &str = "triggered";

/// A new log entry of a kind that webhooks tell as well: remembered until a webhook tells of it too.
pub async fn entry(tx: &mut Tx, fact: &Fact, kind: &str) -> Result<(), StoreError> {
    let heard = tx
        .one(
            "SELECT 1 FROM fact WHERE incident = ?1 AND source = ?2 AND at >= ?3 AND at <= ?4 LIMIT 1",
            vals![&fact.incident, Source::Webhook.as_str(), fact.at.0 - WINDOW_US, fact.at.0 + WINDOW_US],
        )
        .await?;
    // A monitor that tells once more of trouble that is open leaves an entry in the log, and no webhook.
    let is_repeat = kind == TRIGGERED
        && tx
            .one(
                "SELECT 1 FROM fact WHERE incident = ?1 AND at < ?2 AND source IN ('webhook', 'log_entry') LIMIT 1",
                vals![&fact.incident, fact.at],
            )
            .await?
            .is_some();
    if heard.is_none() && !is_repeat {
        tx.exec(
            "INSERT INTO unheard (incident, source_id, kind, at) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT (incident, source_id) DO NOTHING",
            vals![&fact.incident, &fact.source_id, kind, fact.at],
        )
        .await?;
    }
    Ok(())
}

/// A webhook told what happened to this incident about then.
pub async fn heard(tx: &mut Tx, fact: &Fact) -> Result<(), StoreError> {
    tx.exec(
        "DELETE FROM unheard WHERE incident = ?1 AND at >= ?2 AND at <= ?3",
        vals![&fact.incident, fact.at.0 - WINDOW_US, fact.at.0 + WINDOW_US],
    )
    .await?;
    Ok(())
}

/// How many changes between two instants no webhook told, and when the first of them was.
pub async fn between(tx: &mut Tx, since: Micros, until: Micros) -> Result<(i64, Option<Micros>), StoreError> {
    let row = tx.sure("SELECT count(*), min(at) FROM unheard WHERE at >= ?1 AND at < ?2", vals![since, until]).await?;
    Ok((row.int(0)?, row.opt_micros(1)?))
}

/// What is older than this tells nothing of how things are now.
pub async fn forget(tx: &mut Tx, before: Micros) -> Result<(), StoreError> {
    tx.exec("DELETE FROM unheard WHERE at < ?1", vals![before]).await?;
    Ok(())
}
