//! *Seats*: which PagerDuty users nothing reached and who did nothing for three months, for leaders who see everything.

use super::table::{file, time};
use super::{Asks, cut, html};
use crate::auth::Reader;
use crate::csv;
use crate::page;
use crate::price::SeatPrice;
use crate::problem::Fault;
use crate::standing::poll_row;
use crate::state::Desk;
use crate::view::{IDLE_DAYS, OnCall, PollRow, SeatRow, SeatsView, Section};
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use model::connection::{LogState, poll};
use model::person::Role;
use model::signal::{Origin, source};
use model::{Micros, Scope};
use serde::Deserialize;
use std::collections::HashMap;
use store::backfills::{self, Backfill};
use store::polls::{self, Poll};
use store::reference::{self, Seat};
use store::{StoreError, Tx, accounts, audit, inbox};

/// PagerDuty's read-only roles.
const STAKEHOLDERS: [&str; 2] = ["read_only_user", "read_only_limited_user"];
/// Backfills looked through for how far back is known.
const MOST_BACKFILLS: i64 = 1_000;
/// What a seat's use is told by: without any of these polls nobody is known to be idle.
const TOLD_BY: [&str; 4] = ["reference-user", "reference-shift", "reference-on_call", poll::LOG];
/// What the reading of signals calls a page of the log.
const LOG_LISTED: &str = "log.listed";
/// So many of the earliest signals are looked through for such a page at first, then twice as many, and so on.
const FIRST_SIGNALS: i64 = 1_024;
/// Between a backfill and what follows it, this much may lie.
const JOINT_S: i64 = 3_600;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Query {
    price: String,
    currency: String,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    reader: Reader,
    Asks(query): Asks<Query>,
) -> Result<Response, Fault> {
    reader.person.need_whole_leader()?;
    let frame = reader.frame(&desk, Section::Settings).await?;
    let asked = cut(&query.price);
    let price = SeatPrice::parse(&asked, &cut(&query.currency));
    let mut view = load(&desk, price.clone()).await?;
    view.price_unknown = !asked.is_empty() && price.is_none();
    html(page::seats(&frame, &view))
}

/// Everybody with a seat, for the page and the API. A price that was asked for beats the configured one.
pub(crate) async fn load(desk: &Desk, price: Option<SeatPrice>) -> Result<SeatsView, Fault> {
    let price = price.or_else(|| desk.settings.seat_price.clone());
    let view = desk.store.read(|tx| Box::pin(seats(tx))).await?;
    Ok(SeatsView { price, can_read: desk.settings.can_read, ..view })
}

fn seats(tx: &mut Tx) -> store::Unit<'_, SeatsView> {
    Box::pin(async move {
        let idle_since = tx.now().plus_s(-IDLE_DAYS * 86_400);
        let accounts = accounts::list(tx, &Scope::All).await?;
        let here: HashMap<String, Role> = accounts
            .into_iter()
            .filter(|a| a.disabled_at.is_none())
            .map(|a| (a.email.to_lowercase(), a.role))
            .collect();
        let seats = reference::list_seats(tx, &Scope::All).await?;
        let mut rows: Vec<SeatRow> = seats.into_iter().map(|seat| row(seat, &here, idle_since)).collect();
        rows.sort_by_key(|row| (!row.is_idle, row.is_stakeholder, row.name.to_lowercase()));
        let polls = polls::list(tx, &Scope::All).await?;
        let known_since = known_since(tx, &polls).await?;
        Ok::<_, StoreError>(SeatsView { rows, known_since, unread: unread(&polls), ..SeatsView::default() })
    })
}

/// The polls that have not come to the end of a round yet, or are refused.
fn unread(polls: &[Poll]) -> Vec<PollRow> {
    let of = |name: &str| polls.iter().find(|poll| poll.name == name);
    let rows = TOLD_BY.iter().map(|name| of(name).map_or_else(|| never_begun(name), poll_row));
    rows.filter(|row| row.ended_at.is_none() || row.refused.is_some() || row.is_off).collect()
}

fn never_begun(name: &str) -> PollRow {
    PollRow { name: name.into(), ..PollRow::default() }
}

fn row(seat: Seat, here: &HashMap<String, Role>, idle_since: Micros) -> SeatRow {
    let on_call = match seat.on_call_until {
        _ if seat.always_on_call => OnCall::Always,
        Some(until) => OnCall::Until(until),
        None => OnCall::Never,
    };
    let is_recent = |at: Option<Micros>| at.is_some_and(|at| at >= idle_since);
    let is_used =
        seat.always_on_call || is_recent(seat.on_call_until) || is_recent(seat.paged_at) || is_recent(seat.acted_at);
    let role = seat.user.status.unwrap_or_default();
    SeatRow {
        account: seat.user.email.as_ref().and_then(|email| here.get(&email.to_lowercase()).copied()),
        is_stakeholder: STAKEHOLDERS.contains(&role.as_str()),
        id: seat.user.id,
        name: seat.user.name,
        email: seat.user.email,
        url: seat.user.url,
        role,
        on_call,
        paged_at: seat.paged_at,
        acted_at: seat.acted_at,
        is_idle: !is_used,
    }
}

/// Who was paged is told by the log alone: it is known since the log is polled, and before that as far as finished
/// backfills reach without a hole.
async fn known_since(tx: &mut Tx, polls: &[Poll]) -> Result<Option<Micros>, StoreError> {
    let log = polls.iter().find(|poll| poll.name == poll::LOG && poll.refused.is_none());
    let Some(covered) = log.and_then(|poll| poll.known::<LogState>().covered) else { return Ok(None) };
    let live_since = first_log(tx).await?.map_or(covered, |at| at.min(covered));
    let mut done = backfills::list(tx, &Scope::All, MOST_BACKFILLS).await?;
    done.retain(|backfill| backfill.state == "done");
    Ok(Some(reached(live_since, done)))
}

/// When the log first told something new that no backfill asked for: its poll had begun by then.
async fn first_log(tx: &mut Tx) -> Result<Option<Micros>, StoreError> {
    let newest = inbox::list(tx, &Scope::All, &inbox::Filter::default(), 1).await?;
    let Some(newest) = newest.first().map(|signal| signal.id) else { return Ok(None) };
    let mut before = FIRST_SIGNALS;
    loop {
        let from_api = Some(source::PAGERDUTY_API.to_owned());
        let filter = inbox::Filter { source: from_api, before: Some(before), ..inbox::Filter::default() };
        let signals = inbox::list(tx, &Scope::All, &filter, FIRST_SIGNALS).await?;
        let polled = signals.iter().filter(|signal| is_polled_log(signal)).map(|signal| signal.received_at).min();
        if polled.is_some() || before > newest {
            return Ok(polled);
        }
        before = before.saturating_mul(2);
    }
}

fn is_polled_log(signal: &inbox::Item) -> bool {
    signal.event_type.as_deref() == Some(LOG_LISTED) && signal.origin != Origin::Backfill.as_str()
}

fn reached(live_since: Micros, mut done: Vec<Backfill>) -> Micros {
    done.sort_by_key(|backfill| std::cmp::Reverse(backfill.until));
    done.iter().fold(live_since, |known, backfill| {
        if backfill.until >= known.plus_s(-JOINT_S) { known.min(backfill.since) } else { known }
    })
}

/// The table for a spreadsheet; that it was taken is written down.
pub(super) async fn export(State(desk): State<Desk>, reader: Reader) -> Result<Response, Fault> {
    reader.person.need_whole_leader()?;
    let view = load(&desk, None).await?;
    let (actor, trail) = (reader.person.actor(), reader.trail());
    let unit = desk.store.write("export_seats", move |tx| {
        Box::pin(async move { audit::add(tx, &actor, "seats.export", "seats", None, &trail).await })
    });
    unit.await?;
    Ok(file("seats", Body::from(table(&view))))
}

fn table(view: &SeatsView) -> String {
    let mut out = format!(
        "{}id,name,email,pagerduty_role,stakeholder,unused,always_on_call,last_shift_ends_at,last_page_at,last_act_at,account_role\r\n",
        csv::MARK
    );
    for row in &view.rows {
        let shift = if let OnCall::Until(until) = row.on_call { Some(until) } else { None };
        let cells = [
            row.id.clone(),
            row.name.clone(),
            row.email.clone().unwrap_or_default(),
            row.role.clone(),
            row.is_stakeholder.to_string(),
            view.unused(row).map_or_else(String::new, |unused| unused.to_string()),
            (row.on_call == OnCall::Always).to_string(),
            time(shift),
            time(row.paged_at),
            time(row.acted_at),
            row.account.map_or("", Role::as_str).to_owned(),
        ];
        out.push_str(&csv::line(cells.iter().map(String::as_str)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(since: i64, until: i64) -> Backfill {
        Backfill {
            id: String::new(),
            since: Micros::from_seconds(since),
            until: Micros::from_seconds(until),
            state: "done".into(),
            asked_by: String::new(),
            created_at: Micros(0),
            begun_at: None,
            ended_at: None,
            calls: 0,
            why: None,
        }
    }

    #[test]
    fn what_is_known_reaches_back_as_far_as_there_is_no_hole() {
        let live = Micros::from_seconds(1_000_000);
        let known = |list: Vec<Backfill>| reached(live, list).second();
        assert_eq!(known(vec![]), 1_000_000);
        assert_eq!(known(vec![done(500_000, 1_000_500), done(100_000, 500_000)]), 100_000);
        assert_eq!(known(vec![done(100_000, 400_000), done(500_000, 1_000_500)]), 500_000, "a hole between them");
        assert_eq!(known(vec![done(100_000, 400_000)]), 1_000_000);
    }
}
