//! `audit`: who did what here, newest first.

use super::params::Params;
use super::{cursor, page};
use crate::auth::Reader;
use crate::problem::Fault;
use crate::state::Desk;
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};
use store::audit::{self, Entry, Filter};

pub(super) const PARAMS: [&str; 4] = ["actor", "action", "limit", "cursor"];

pub(super) async fn list(State(desk): State<Desk>, reader: Reader, params: Params) -> Result<Json<Value>, Fault> {
    params.only(&PARAMS)?;
    reader.person.need_auditor()?;
    let limit = params.limit()?;
    let (actor, action) = (params.text("actor")?, params.text("action")?);
    let filter = Filter { actor, action, before: params.before()?, named: None };
    let scope = reader.person.scope.clone();
    let mut entries =
        desk.store.read(move |tx| Box::pin(async move { audit::list(tx, &scope, &filter, limit + 1).await })).await?;
    let next = cursor::next(&mut entries, limit, |entry| cursor::id(entry.id));
    Ok(Json(page(entries.iter().map(shown).collect(), next)))
}

fn shown(entry: &Entry) -> Value {
    json!({
        "id": entry.id,
        "at": entry.at.rfc3339(),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "detail": serde_json::from_str::<Value>(&entry.detail).unwrap_or(Value::Null),
    })
}
