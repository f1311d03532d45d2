//! History: asking for a span of days, and how far it has come. Asking twice for the same days makes one of it.

use super::frame::unsigned;
use super::{Asks, Sent, cut, live};
use crate::auth::Reader;
use crate::auth::new_id;
use crate::page;
use crate::problem::Fault;
use crate::standing::Standing;
use crate::state::Desk;
use crate::view::{BackfillNotice, BackfillRow, BackfillsView, Section, Underway};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use duties::backfill::{Done, LONGEST_S, estimate, percent, slices};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::{Micros, Scope};
use serde::Deserialize;
use serde_json::json;
use std::collections::HashMap;
use store::backfills::{self, Backfill, Progress};
use store::{StoreError, Tx, accounts, audit};

const ROWS: i64 = 50;
/// Waiting or running at once.
const MOST_LIVE: usize = 5;
/// "Until now", asked twice, differs by the time between the two.
const SAME_S: i64 = 600;
/// What the form offers at first.
const OFFERED_DAYS: i64 = 90;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Query {
    said: String,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    reader: Reader,
    Asks(query): Asks<Query>,
) -> Result<Response, Fault> {
    need_whole(&reader)?;
    let frame = reader.frame(&desk, Section::Settings).await?;
    let rows = load(&desk, &reader, None, ROWS).await?;
    let day = |at: Micros| at.timestamp().to_zoned(frame.zone.clone()).strftime("%Y-%m-%d").to_string();
    let view = BackfillsView {
        rows,
        can_read: desk.settings.can_read,
        may_ask: reader.person.need_whole_leader().is_ok(),
        since: day(frame.now.plus_s(-OFFERED_DAYS * 86_400)),
        until: day(frame.now),
        notice: BackfillNotice::parse(&query.said),
    };
    live(&reader, &frame, &view, page::backfills, page::backfills_partial)
}

/// History is the whole account's, and its counts are of everybody's incidents.
fn need_whole(reader: &Reader) -> Result<(), Fault> {
    if reader.person.scope == Scope::All { Ok(()) } else { Err(Fault::Forbidden { needs: "sight of all customers" }) }
}

/// Where a list goes on: when the one before was asked for, and its id.
type Place = Option<(Micros, String)>;

/// The latest ones, for the page and the API.
pub(crate) async fn load(desk: &Desk, reader: &Reader, place: Place, limit: i64) -> Result<Vec<BackfillRow>, Fault> {
    need_whole(reader)?;
    let scope = reader.person.scope.clone();
    let pulse = desk.pulse().await?;
    let now = desk.store.clock().now();
    let (list, names) =
        desk.store.read(move |tx| Box::pin(async move { listed(tx, &scope, place, limit).await })).await?;
    let live = pulse.standing.backfill.as_ref();
    let rows = list.iter().map(|backfill| {
        let progress = live.filter(|(under_way, _)| under_way.id == backfill.id).map(|(_, progress)| progress);
        row(backfill, progress, &names, now)
    });
    Ok(rows.collect())
}

/// One of them, however old.
pub(crate) async fn find(desk: &Desk, reader: &Reader, id: String) -> Result<BackfillRow, Fault> {
    need_whole(reader)?;
    let scope = reader.person.scope.clone();
    let found = desk.store.read(move |tx| {
        Box::pin(async move {
            let Some(backfill) = backfills::get(tx, &scope, &id).await? else { return Ok(None) };
            let progress = backfills::progress(tx, &scope, &backfill).await?;
            Ok(Some((backfill, progress)))
        })
    });
    let (backfill, progress) = found.await?.ok_or(Fault::NotFound)?;
    Ok(row(&backfill, Some(&progress), &HashMap::new(), desk.store.clock().now()))
}

type Listed = (Vec<Backfill>, HashMap<String, String>);

async fn listed(tx: &mut Tx, scope: &Scope, place: Place, limit: i64) -> Result<Listed, StoreError> {
    let names = accounts::list(tx, scope).await?.into_iter().map(|a| (a.id, a.name)).collect();
    let place = place.as_ref().map(|(at, id)| (*at, id.as_str()));
    Ok((backfills::list_after(tx, scope, place, limit).await?, names))
}

/// The one that runs, or is next.
pub(super) fn under_way(standing: &Standing, now: Micros) -> Option<BackfillRow> {
    let (backfill, progress) = standing.backfill.as_ref()?;
    Some(row(backfill, Some(progress), &HashMap::new(), now))
}

/// The one that came to its end without all of its history.
pub(crate) fn stopped(standing: &Standing, now: Micros) -> Option<BackfillRow> {
    standing.stopped.as_ref().map(|backfill| row(backfill, None, &HashMap::new(), now))
}

fn row(backfill: &Backfill, progress: Option<&Progress>, names: &HashMap<String, String>, now: Micros) -> BackfillRow {
    let is_live = matches!(backfill.state.as_str(), "waiting" | "running");
    BackfillRow {
        id: backfill.id.clone(),
        since: backfill.since,
        until: backfill.until,
        state: backfill.state.clone(),
        asked_by: names.get(&backfill.asked_by).cloned().unwrap_or_default(),
        created_at: backfill.created_at,
        ended_at: backfill.ended_at,
        calls: unsigned(backfill.calls),
        why: backfill.why.clone(),
        progress: progress.filter(|_| is_live).and_then(|progress| came(backfill, progress, now)),
    }
}

/// Nothing before it has begun.
fn came(backfill: &Backfill, progress: &Progress, now: Micros) -> Option<Underway> {
    let done = Done {
        span_s: progress.span_s,
        incidents_s: progress.incidents_s,
        log_s: progress.log_s,
        incidents: progress.incidents,
        entries: progress.entries,
        alerts_waiting: progress.alerts_waiting,
        calls: backfill.calls,
        rate_limit: progress.rate_limit,
        begun_at: backfill.begun_at?,
    };
    Some(Underway {
        percent: unsigned(percent(done).min(99)),
        incidents: unsigned(done.incidents),
        entries: unsigned(done.entries),
        alerts_waiting: unsigned(done.alerts_waiting),
        left_s: estimate(done, now),
    })
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Form {
    since: String,
    until: String,
}

pub(super) async fn ask(State(desk): State<Desk>, reader: Reader, Sent(form): Sent<Form>) -> Result<Response, Fault> {
    reader.person.need_whole_leader()?;
    let zone = reader.person.zone.clone().unwrap_or_else(|| desk.settings.zone.clone());
    let notice = match span(&form, &zone) {
        None => BackfillNotice::BadDates,
        Some((since, until)) => match wish(&desk, &reader, since, until).await? {
            Wished::Made(_) => BackfillNotice::Asked,
            Wished::Already(_) => BackfillNotice::Already,
            Wished::BadSpan => BackfillNotice::BadDates,
            Wished::TooMany => BackfillNotice::TooMany,
            Wished::NoToken => BackfillNotice::NoToken,
        },
    };
    Ok(Redirect::to(&format!("/backfills?said={}", notice.as_str())).into_response())
}

/// From the beginning of the first day to the end of the last one.
fn span(form: &Form, zone: &TimeZone) -> Option<(Micros, Micros)> {
    let begin = |date: Date| {
        let zoned = date.to_zoned(zone.clone()).ok()?;
        Some(Micros(zoned.timestamp().as_microsecond()))
    };
    let (first, last): (Date, Date) = (cut(&form.since).parse().ok()?, cut(&form.until).parse().ok()?);
    Some((begin(first)?, begin(last.tomorrow().ok()?)?))
}

/// What became of a wish for history.
pub(crate) enum Wished {
    Made(String),
    /// The same days are being fetched by this one.
    Already(String),
    BadSpan,
    TooMany,
    NoToken,
}

/// Wants a span of history, by a person who may.
pub(crate) async fn wish(desk: &Desk, reader: &Reader, since: Micros, until: Micros) -> Result<Wished, Fault> {
    reader.person.need_whole_leader()?;
    if !desk.settings.can_read {
        return Ok(Wished::NoToken);
    }
    let now = desk.store.clock().now();
    let until = until.min(now.floor_s());
    // The last day may have begun and not ended; the first may not lie ahead.
    if since >= until || now.since(since) > LONGEST_S * 1_000_000 {
        return Ok(Wished::BadSpan);
    }
    let by = reader.clone();
    let wished =
        desk.store.write("ask_backfill", move |tx| Box::pin(async move { add(tx, &by, since, until).await })).await?;
    if matches!(wished, Wished::Made(_)) {
        desk.act.notify_waiters();
        desk.show.notify_waiters();
    }
    Ok(wished)
}

async fn add(tx: &mut Tx, by: &Reader, since: Micros, until: Micros) -> Result<Wished, StoreError> {
    tx.lock(&["backfills".to_owned()]).await?;
    let live = backfills::live(tx).await?;
    let is_same = |b: &&Backfill| b.since == since && b.until.since(until).abs() < SAME_S * 1_000_000;
    if let Some(same) = live.iter().find(is_same) {
        return Ok(Wished::Already(same.id.clone()));
    }
    if live.len() >= MOST_LIVE {
        return Ok(Wished::TooMany);
    }
    let (id, actor) = (new_id(), by.person.actor());
    backfills::add(tx, &id, since, until, &actor, &slices(since, until)).await?;
    let mut trail = by.trail();
    trail["since"] = json!(since.rfc3339());
    trail["until"] = json!(until.rfc3339());
    audit::add(tx, &actor, "backfill.ask", &format!("backfill/{id}"), None, &trail).await?;
    Ok(Wished::Made(id))
}

pub(super) async fn stop(State(desk): State<Desk>, reader: Reader, Path(id): Path<String>) -> Result<Response, Fault> {
    end(&desk, &reader, id).await?;
    Ok(Redirect::to("/backfills?said=stopped").into_response())
}

/// Stops one that waits or runs. What it brought stays.
pub(crate) async fn end(desk: &Desk, reader: &Reader, id: String) -> Result<(), Fault> {
    reader.person.need_whole_leader()?;
    let by = reader.clone();
    let ended = desk
        .store
        .write("stop_backfill", move |tx| {
            Box::pin(async move {
                if backfills::get(tx, &Scope::All, &id).await?.is_none() {
                    return Ok(None);
                }
                let ended = backfills::end(tx, &id, "stopped", None).await?;
                if ended {
                    let subject = format!("backfill/{id}");
                    audit::add(tx, &by.person.actor(), "backfill.stop", &subject, None, &by.trail()).await?;
                }
                Ok(Some(ended))
            })
        })
        .await?;
    if !ended.ok_or(Fault::NotFound)? {
        return Err(Fault::Conflict { detail: "It has ended already.".into() });
    }
    desk.show.notify_waiters();
    Ok(())
}
