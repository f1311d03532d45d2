//! `seats`: PagerDuty users and when each was last on call, paged or at work.

use super::instant;
use super::params::Params;
use crate::auth::Reader;
use crate::pages::load_seats;
use crate::problem::Fault;
use crate::state::Desk;
use crate::view::{IDLE_DAYS, OnCall, SeatRow, SeatsView};
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

pub(super) async fn list(State(desk): State<Desk>, reader: Reader, params: Params) -> Result<Json<Value>, Fault> {
    params.only(&[])?;
    reader.person.need_whole_leader()?;
    let view = load_seats(&desk, None).await?;
    Ok(Json(json!({
        "items": view.rows.iter().map(|row| shown(row, &view)).collect::<Vec<_>>(),
        "next_cursor": null,
        "unused": view.idle(),
        "unused_days": IDLE_DAYS,
        "known_since": instant(view.known_since.filter(|_| view.is_sure())),
    })))
}

/// Nobody is called unused before everything that tells the use of a seat is known.
fn shown(row: &SeatRow, view: &SeatsView) -> Value {
    let shift = if let OnCall::Until(until) = row.on_call { Some(until) } else { None };
    json!({
        "id": row.id, "name": row.name, "email": row.email, "role": row.role, "html_url": row.url,
        "stakeholder": row.is_stakeholder, "unused": view.unused(row) == Some(true), "always_on_call": row.on_call == OnCall::Always,
        "last_shift_ends_at": instant(shift), "last_page_at": instant(row.paged_at),
        "last_act_at": instant(row.acted_at), "account_role": row.account.map(|role| role.as_str()),
    })
}
