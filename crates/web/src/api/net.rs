//! The safety net for programs: the ledger's two sides, monitors, outages, calls of the second path, canaries and tests of
//! routes.

use super::mails::{answer, call, nonce};
use super::params::Params;
use super::{instant, page};
use crate::auth::Reader;
use crate::pages::{COUNTED_S, Decision, call_row, decide, monitor_is_seen, outage_row};
use crate::problem::Fault;
use crate::state::Desk;
use crate::view::OutageRow;
use crate::when;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use duties::safety_net::desk::Act;
use jiff::civil::Date;
use model::{Micros, Scope};
use serde_json::{Value, json};
use store::canaries::{self, Canary};
use store::ledger::{self, Balance, Day};
use store::mails::{self, Monitor};
use store::{callouts, outages};

pub(super) const LEDGER_PARAMS: [&str; 3] = ["day", "since", "until"];
pub(super) const LIMIT: [&str; 1] = ["limit"];
pub(super) const CANARY_PARAMS: [&str; 2] = ["route", "limit"];
/// A span of the ledger is no longer than that: it is counted mail by mail.
const MOST_SPAN_S: i64 = 32 * 86_400;
/// The receivers count by quarters of an hour.
const QUARTER_US: i64 = 900_000_000;

pub(super) async fn balance(State(desk): State<Desk>, reader: Reader, params: Params) -> Result<Json<Value>, Fault> {
    params.only(&LEDGER_PARAMS)?;
    let (since, until) = span(&desk, &params)?;
    let scope = reader.person.scope.clone();
    let is_whole = scope == Scope::All;
    let balance =
        desk.store.read(move |tx| Box::pin(async move { ledger::balance(tx, &scope, since, until).await })).await?;
    Ok(Json(shown(&balance, is_whole)))
}

/// Of a part of the mails there is only the ledger's side: the receivers count them all together.
fn shown(balance: &Balance, is_whole: bool) -> Value {
    let whole = |n: i64| if is_whole { json!(n) } else { Value::Null };
    json!({
        "since": balance.since.rfc3339(),
        "until": balance.until.rfc3339(),
        "received": whole(balance.received),
        "duplicates": whole(balance.duplicates),
        "waiting": whole(balance.waiting),
        "entries": balance.entries(),
        "difference": whole(balance.difference()),
        "counts": balance.counts,
    })
}

/// The day that is named, or the span, or today. What can't be read is refused, wanted or not.
fn span(desk: &Desk, params: &Params) -> Result<(Micros, Micros), Fault> {
    let zone = &desk.settings.zone;
    let now = desk.store.clock().now();
    let (since, until) = (params.instant("since")?, params.instant("until")?);
    if let Some(day) = params.one("day")? {
        let day: Date = day.parse().map_err(|_| Fault::bad("day", "It is a day, e.g. 2026-05-01."))?;
        let noon =
            day.at(12, 0, 0, 0).to_zoned(zone.clone()).map_err(|_| Fault::bad("day", "There is no such day."))?;
        return Ok(when::day_of(zone, Micros(noon.timestamp().as_microsecond())));
    }
    let (since, until) = match (since, until) {
        (None, None) => return Ok(when::day_of(zone, now)),
        (Some(since), until) => (since, until.unwrap_or(now)),
        (None, Some(until)) => (when::day_of(zone, until).0, until),
    };
    let floor = |at: Micros| Micros(at.0.div_euclid(QUARTER_US) * QUARTER_US);
    let (since, until) = (floor(since), floor(until.plus_ms(QUARTER_US / 1_000 - 1)));
    if since >= until {
        return Err(Fault::bad("since", "`since` lies after `until`: nothing can be between them."));
    }
    if until.since(since) > MOST_SPAN_S * 1_000_000 {
        return Err(Fault::bad("since", "A span is 32 days at most; `/ledger/days` has the days that were closed."));
    }
    Ok((since, until))
}

pub(super) async fn days(State(desk): State<Desk>, reader: Reader, params: Params) -> Result<Json<Value>, Fault> {
    params.only(&LIMIT)?;
    let limit = params.limit()?;
    let scope = reader.person.scope.clone();
    // A closed day has the sums of everybody's mails.
    let days = match scope {
        Scope::All => {
            desk.store.read(move |tx| Box::pin(async move { ledger::list_days(tx, &scope, limit).await })).await?
        }
        Scope::Customers(_) => Vec::new(),
    };
    Ok(Json(page(days.iter().map(day).collect(), None)))
}

fn day(day: &Day) -> Value {
    let mut body = shown(&day.balance, true);
    body["day"] = json!(day.day);
    body["closed_at"] = json!(day.closed_at.rfc3339());
    body
}

pub(super) async fn monitors(State(desk): State<Desk>, reader: Reader, params: Params) -> Result<Json<Value>, Fault> {
    params.only(&[])?;
    let scope = reader.person.scope.clone();
    let seen = scope.clone();
    let sent = desk
        .store
        .read(move |tx| {
            Box::pin(async move {
                let since = tx.now().plus_s(-COUNTED_S);
                mails::list_monitors(tx, &scope, since).await
            })
        })
        .await?;
    let shown = sent.iter().filter(|monitor| monitor_is_seen(&desk.settings, &seen, &monitor.name));
    Ok(Json(page(shown.map(|one| monitor(&desk, one)).collect(), None)))
}

fn monitor(desk: &Desk, one: &Monitor) -> Value {
    let configured = desk.settings.safety_net.desk.monitors.iter().find(|known| known.name == one.name);
    json!({
        "name": one.name,
        "configured": configured.is_some(),
        "customer": configured.and_then(|known| known.customer.as_ref()),
        "mails": one.mails,
        "matched": one.matched,
        "first_at": one.first_at.rfc3339(),
        "last_at": one.last_at.rfc3339(),
    })
}

pub(super) async fn outages(State(desk): State<Desk>, reader: Reader, params: Params) -> Result<Json<Value>, Fault> {
    params.only(&LIMIT)?;
    let limit = params.limit()?;
    let scope = reader.person.scope.clone();
    let seen = scope.clone();
    let found = desk.store.read(move |tx| Box::pin(async move { outages::list(tx, &scope, limit).await })).await?;
    Ok(Json(page(found.iter().map(|one| outage(&outage_row(one, &seen))).collect(), None)))
}

pub(super) async fn outage_of(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Value>, Fault> {
    params.only(&[])?;
    let scope = reader.person.scope.clone();
    let seen = scope.clone();
    let found = desk.store.read(move |tx| Box::pin(async move { outages::find(tx, &scope, &id).await })).await?;
    Ok(Json(outage(&outage_row(&found.ok_or(Fault::NotFound)?, &seen))))
}

fn outage(row: &OutageRow) -> Value {
    json!({
        "id": row.id,
        "began_at": row.began_at.rfc3339(),
        "ended_at": instant(row.ended_at),
        "evidence": row.evidence,
        "report": row.report,
        "balances": row.report.as_ref().map(duties::safety_net::outage::Report::balances),
    })
}

pub(super) async fn calls(State(desk): State<Desk>, reader: Reader, params: Params) -> Result<Json<Value>, Fault> {
    params.only(&LIMIT)?;
    let limit = params.limit()?;
    let scope = reader.person.scope.clone();
    let found =
        desk.store.read(move |tx| Box::pin(async move { callouts::list(tx, &scope, None, limit).await })).await?;
    Ok(Json(page(found.iter().map(|one| call(&call_row(one, &desk.settings))).collect(), None)))
}

/// A route's name may be a customer's: routes are for those who see everything.
fn routes(desk: &Desk, reader: &Reader) -> Vec<String> {
    if reader.person.scope == Scope::All { desk.settings.safety_net.routes.clone() } else { Vec::new() }
}

pub(super) async fn canaries(State(desk): State<Desk>, reader: Reader, params: Params) -> Result<Json<Value>, Fault> {
    params.only(&CANARY_PARAMS)?;
    let limit = params.limit()?;
    let mut routes = routes(&desk, &reader);
    if let Some(route) = params.text("route")? {
        routes.retain(|known| *known == route);
    }
    let scope = reader.person.scope.clone();
    let found = desk
        .store
        .read(move |tx| {
            Box::pin(async move {
                let mut found = Vec::new();
                for route in &routes {
                    found.extend(canaries::list(tx, &scope, route, limit).await?);
                }
                Ok(found)
            })
        })
        .await?;
    let mut found = found;
    found.sort_by_key(|one| std::cmp::Reverse(one.began_at));
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(Json(page(found.iter().map(canary).collect(), None)))
}

fn canary(one: &Canary) -> Value {
    json!({
        "id": one.id,
        "route": one.route,
        "asked_by": one.asked_by,
        "began_at": one.began_at.rfc3339(),
        "mailed_at": instant(one.mailed_at),
        "received_at": instant(one.received_at),
        "accepted_at": instant(one.accepted_at),
        "heard_at": instant(one.heard_at),
        "ended_at": instant(one.ended_at),
        "incident_id": one.incident,
        "lost": one.lost,
    })
}

pub(super) async fn test(
    State(desk): State<Desk>,
    reader: Reader,
    Path(name): Path<String>,
    params: Params,
    body: Bytes,
) -> Result<Response, Fault> {
    params.only(&[])?;
    let decision = Decision { act: Act::TestRoute { route: name.clone() }, nonce: nonce(&body)? };
    Ok(answer(decide(&desk, &reader, decision).await?, json!({ "route": name })))
}
