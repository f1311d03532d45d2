//! *Ledger*: today's two sides as they are now, and each day's as they were when it was closed.

use crate::auth::Reader;
use crate::page;
use crate::pages::frame::unsigned;
use crate::pages::live;
use crate::problem::Fault;
use crate::state::Desk;
use crate::view::{DayRow, LedgerView, Section};
use crate::when;
use axum::extract::State;
use axum::response::Response;
use jiff::tz::TimeZone;
use model::{Micros, Scope};
use store::ledger::{self, Balance, Day};
use store::mails::{self, Filter};
use store::{StoreError, Tx};

const MOST_DAYS: i64 = 31;

pub(in crate::pages) async fn show(State(desk): State<Desk>, reader: Reader) -> Result<Response, Fault> {
    let frame = reader.frame(&desk, Section::SafetyNet).await?;
    let scope = reader.person.sees.clone();
    let zone = desk.settings.zone.clone();
    let today = if scope == Scope::All { Some(desk.today().await?) } else { None };
    let is_other_zone = frame.zone != zone;
    let mut view = desk.store.read(move |tx| Box::pin(async move { load(tx, &scope, &zone, today).await })).await?;
    for day in view.days.iter_mut().chain([&mut view.today]) {
        day.is_other_zone = is_other_zone;
    }
    live(&reader, &frame, &view, page::ledger, page::ledger_partial)
}

async fn load(tx: &mut Tx, scope: &Scope, zone: &TimeZone, today: Option<Balance>) -> Result<LedgerView, StoreError> {
    let is_whole = today.is_some();
    let (since, until) = when::day_of(zone, tx.now());
    let today = match today {
        Some(today) => today,
        // What the receivers counted is of all customers together.
        None => Balance { received: 0, duplicates: 0, waiting: 0, ..ledger::balance(tx, scope, since, until).await? },
    };
    let days = if is_whole { ledger::list_days(tx, scope, MOST_DAYS).await? } else { Vec::new() };
    let ever = !days.is_empty() || mails::count_up_to(tx, scope, &Filter::default(), 1).await? > 0;
    Ok(LedgerView {
        is_whole,
        ever,
        today: row(&today, date(zone, today.since), None),
        days: days.iter().map(closed).collect(),
    })
}

fn date(zone: &TimeZone, at: Micros) -> String {
    at.timestamp().to_zoned(zone.clone()).date().to_string()
}

fn closed(day: &Day) -> DayRow {
    row(&day.balance, day.day.clone(), Some(day.closed_at))
}

fn row(balance: &Balance, day: String, closed_at: Option<Micros>) -> DayRow {
    DayRow {
        day,
        since: balance.since,
        until: balance.until,
        is_other_zone: false,
        received: unsigned(balance.received),
        duplicates: unsigned(balance.duplicates),
        waiting: unsigned(balance.waiting),
        counts: balance.counts.clone(),
        closed_at,
    }
}
