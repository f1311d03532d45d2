//! `account`: the running account of what was received, and what became of it.

use super::instant;
use super::params::Params;
use crate::auth::Reader;
use crate::health::{COUNTED, MOST_JOBS};
use crate::problem::Fault;
use crate::standing::SETTLES_S;
use crate::state::Desk;
use axum::Json;
use axum::extract::State;
use serde_json::{Map, Value, json};
use store::{jobs, receipts, sightings};

pub(super) async fn show(State(desk): State<Desk>, reader: Reader, params: Params) -> Result<Json<Value>, Fault> {
    params.only(&[])?;
    let scope = reader.person.scope.clone();
    let (account, by_state, lacking) = desk
        .store
        .read(move |tx| {
            Box::pin(async move {
                let settled = tx.now().plus_s(-SETTLES_S);
                let lacking = sightings::lacking(tx, &scope, settled).await?;
                let jobs = jobs::count_unfinished(tx, &scope, MOST_JOBS).await?;
                Ok((receipts::count(tx, &scope).await?, jobs, lacking))
            })
        })
        .await?;
    let count = |state: &str| by_state.iter().find(|(s, _)| s == state).map_or(0, |(_, n)| *n);
    let states = COUNTED.iter().map(|s| ((*s).to_owned(), json!(count(s))));
    Ok(Json(json!({
        "received": account.received,
        "processed": account.processed(),
        "waiting": account.waiting,
        "dead": account.dead,
        "lost": account.lost() + lacking,
        "lost_signals": account.lost(),
        "lost_incidents": lacking,
        "duplicates": account.duplicates,
        "unreadable": account.unreadable,
        "dead_signals": account.dead_signals,
        "jobs": Value::Object(states.collect::<Map<_, _>>()),
        "last_webhook_at": instant(account.last_webhook_at),
    })))
}
