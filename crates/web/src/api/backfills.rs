//! `backfills`: asking for history and seeing how far it has come.

use super::params::{Params, bad_cursor};
use super::{cursor, instant, page};
use crate::auth::Reader;
use crate::pages::{Wished, end_backfill, find_backfill, load_backfills, wish_backfill};
use crate::problem::Fault;
use crate::state::Desk;
use crate::view::BackfillRow;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::Micros;
use serde::Deserialize;
use serde_json::{Value, json};

pub(super) const PARAMS: [&str; 2] = ["limit", "cursor"];

/// Newest first.
pub(super) async fn list(State(desk): State<Desk>, reader: Reader, params: Params) -> Result<Json<Value>, Fault> {
    params.only(&PARAMS)?;
    let limit = params.limit()?;
    let place = params.one("cursor")?.map(|text| cursor::read_spot(text).ok_or_else(bad_cursor)).transpose()?;
    let mut rows = load_backfills(&desk, &reader, place, limit + 1).await?;
    let next = cursor::next(&mut rows, limit, |row| cursor::spot(row.created_at, &row.id));
    Ok(Json(page(rows.iter().map(shown).collect(), next)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    since: String,
    until: Option<String>,
}

/// The same days asked for again while they are being fetched answer 200 with the one that there is.
pub(super) async fn ask(
    State(desk): State<Desk>,
    reader: Reader,
    params: Params,
    body: Bytes,
) -> Result<Response, Fault> {
    params.only(&[])?;
    let ask: Ask = serde_json::from_slice(&body).map_err(|error| Fault::Bad {
        parameter: None,
        detail: format!(
            "The body is JSON such as {{\"since\":\"2026-01-01T00:00:00Z\"}}, with or without \"until\": {error}."
        ),
    })?;
    let since = time("since", &ask.since)?;
    let until = ask.until.as_deref().map(|text| time("until", text)).transpose()?;
    let until = until.unwrap_or_else(|| desk.store.clock().now());
    let (status, id) = match wish_backfill(&desk, &reader, since, until).await? {
        Wished::Made(id) => (StatusCode::ACCEPTED, id),
        Wished::Already(id) => (StatusCode::OK, id),
        Wished::BadSpan => {
            return Err(Fault::bad("since", "It lies before `until`, in the past and at most 20 years back."));
        }
        Wished::TooMany => {
            return Err(Fault::Conflict { detail: "Five wait or run already: wait, or stop one.".into() });
        }
        Wished::NoToken => {
            return Err(Fault::Conflict { detail: "No API token is set: put one into [pagerduty] token.".into() });
        }
    };
    let place = [(header::LOCATION, format!("/api/v1/backfills/{id}"))];
    Ok((status, place, Json(json!({ "id": id, "state": "waiting" }))).into_response())
}

pub(super) async fn show(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Value>, Fault> {
    params.only(&[])?;
    Ok(Json(shown(&find_backfill(&desk, &reader, id).await?)))
}

fn time(name: &str, text: &str) -> Result<Micros, Fault> {
    Micros::parse(text)
        .ok_or_else(|| Fault::bad(name, "It is an RFC 3339 time with a zone, e.g. 2026-05-01T00:00:00Z."))
}

pub(super) async fn stop(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
    params: Params,
) -> Result<(StatusCode, Json<Value>), Fault> {
    params.only(&[])?;
    end_backfill(&desk, &reader, id.clone()).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "id": id, "state": "stopped" }))))
}

pub(super) fn shown(row: &BackfillRow) -> Value {
    let progress = row.progress.map(|p| {
        json!({
            "percent": p.percent, "incidents": p.incidents, "entries": p.entries,
            "alerts_waiting": p.alerts_waiting, "left_s": p.left_s,
        })
    });
    json!({
        "id": row.id, "since": row.since.rfc3339(), "until": row.until.rfc3339(), "state": row.state,
        "created_at": row.created_at.rfc3339(), "ended_at": instant(row.ended_at), "calls": row.calls,
        // Older rows claim that everything else is here, which nobody has counted.
        "why": row.why.as_ref().map(|why| why.replace(", everything else is here", "")), "progress": progress,
    })
}
