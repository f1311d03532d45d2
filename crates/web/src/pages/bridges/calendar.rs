//! The list of events, as the filters in the address ask for it, below the answer to the whole; and how each calendar is read.

use super::window::mark_troubled;
use super::{called, incidents};
use crate::api::cursor;
use crate::auth::{Person, Reader};
use crate::page;
use crate::pages::frame::customers;
use crate::pages::signals::links;
use crate::pages::{Asks, PAGE_ROWS, cut, live};
use crate::problem::Fault;
use crate::state::{Calendar, Desk, Pushing, Settings};
use crate::view::{
    Asked as _, CalendarFilters, CalendarRow, CalendarView, Called, EventRow, IncidentLink, NoticeRow, Push, Section,
};
use axum::extract::State;
use axum::response::Response;
use duties::calendar::{Memory, Purpose, Standing, standing};
use model::connection::{CalendarState, poll as names};
use model::{Micros, Scope};
use std::collections::BTreeMap;
use store::calendar_events::{self, Filter, Item};
use store::concerns::{self, Concern};
use store::polls::{self, Poll};
use store::push_channels::{self, Channel};
use store::{StoreError, Tx};

/// So many that no rule chooses are passed over for one page.
const MOST_LOOKED_AT: i64 = 1_000;
/// Promises whose time has come, above the list.
const MOST_DUE: i64 = 20;

/// When each calendar was first read, by its name.
pub(crate) type Baselines = BTreeMap<String, Micros>;

pub(in crate::pages) async fn show(
    State(desk): State<Desk>,
    reader: Reader,
    Asks(filters): Asks<CalendarFilters>,
) -> Result<Response, Fault> {
    let frame = reader.frame(&desk, Section::Calendar).await?;
    let (person, settings) = (reader.person.clone(), desk.settings.clone());
    let view = desk.store.read(move |tx| Box::pin(async move { load(tx, &person, &settings, filters).await })).await?;
    live(&reader, &frame, &view, page::calendar, page::calendar_partial)
}

async fn load(
    tx: &mut Tx,
    person: &Person,
    settings: &Settings,
    filters: CalendarFilters,
) -> Result<CalendarView, StoreError> {
    let scope = &person.sees;
    let filter = filter(&filters, settings, tx.now());
    let polls = polls::list(tx, scope).await?;
    let known = baselines(&polls);
    let (mut rows, next_cursor) = listed(tx, scope, settings, (&filter, filters.is_all()), (PAGE_ROWS, &known)).await?;
    let is_plain = filters.narrowing().is_empty() && filters.cursor.is_empty() && !filters.is_over();
    let due = if is_plain { due(tx, scope, settings, &known).await? } else { Vec::new() };
    // What stands above the list is not told twice.
    rows.retain(|row| due.iter().all(|other| other.event.id != row.event.id));
    let bridges = &settings.bridges;
    Ok(CalendarView {
        mode: bridges.rules.mode,
        has_rules: !bridges.rules.rules.is_empty(),
        calendars: calendars(tx, person, settings, &polls).await?,
        customers: customers(settings, scope),
        due,
        rows,
        next_cursor,
        filters,
    })
}

/// What the address asks for. A value that means nothing filters by nothing.
fn filter(filters: &CalendarFilters, settings: &Settings, now: Micros) -> Filter {
    let some = |text: &str| Some(cut(text)).filter(|t| !t.is_empty());
    Filter {
        but: settings.bridges.private(),
        calendar: some(&filters.calendar),
        customer: some(&filters.customer),
        text: some(&filters.text),
        over_by: Some((now, filters.is_over())),
        is_rising: !filters.is_over(),
        after: cursor::read_spot(&filters.cursor),
        ..Filter::default()
    }
}

pub(crate) fn baselines(polls: &[Poll]) -> Baselines {
    let of = |poll: &Poll| {
        let name = poll.name.strip_prefix(names::CALENDAR)?;
        Some((name.to_owned(), poll.known::<CalendarState>().baseline_at?))
    };
    polls.iter().filter_map(of).collect()
}

/// A page of events and where the list goes on, with marks at those whose window is in trouble.
pub(crate) async fn listed(
    tx: &mut Tx,
    scope: &Scope,
    settings: &Settings,
    asked: (&Filter, bool),
    page: (i64, &Baselines),
) -> Result<(Vec<EventRow>, Option<String>), StoreError> {
    let (mut rows, next) = chosen(tx, scope, settings, asked, page).await?;
    mark_troubled(tx, scope, &mut rows).await?;
    Ok((rows, next))
}

/// Unless all are asked for, what no rule chooses and nobody was told of is passed over.
async fn chosen(
    tx: &mut Tx,
    scope: &Scope,
    settings: &Settings,
    (filter, is_all): (&Filter, bool),
    (limit, known): (i64, &Baselines),
) -> Result<(Vec<EventRow>, Option<String>), StoreError> {
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let (mut filter, mut rows, mut looked_at) = (filter.clone(), Vec::new(), 0);
    loop {
        let items = calendar_events::list(tx, scope, &filter, limit + 1).await?;
        let found = links(tx, scope, incidents(items.iter().filter_map(|item| item.last.as_ref()))).await?;
        let has_more = items.len() > most;
        for item in items.iter().take(most) {
            if rows.len() == most {
                return Ok((rows, filter.after.as_ref().map(|(at, id)| cursor::spot(*at, id))));
            }
            let row = row(item, settings, (known, &found));
            filter.after = Some((row.event.starts_at, row.event.id.clone()));
            let is_nobodys = matches!(row.standing, Standing::NotChosen | Standing::Cancelled) && row.notice.is_none();
            if is_all || !is_nobodys {
                rows.push(row);
            }
        }
        looked_at += limit;
        if !has_more || looked_at >= MOST_LOOKED_AT {
            let after = filter.after.as_ref().filter(|_| has_more);
            return Ok((rows, after.map(|(at, id)| cursor::spot(*at, id))));
        }
    }
}

/// Those that people were called for and nobody has closed, the latest first.
async fn due(tx: &mut Tx, scope: &Scope, settings: &Settings, known: &Baselines) -> Result<Vec<EventRow>, StoreError> {
    let open = concerns::list(tx, scope, duties::CALENDAR, true, None, MOST_DUE).await?;
    let found = links(tx, scope, incidents(open.iter())).await?;
    let mut rows = Vec::new();
    for one in open {
        if let Some(kept) = calendar_events::get(tx, scope, &one.subject).await? {
            rows.push(row(&Item { kept, last: Some(one) }, settings, (known, &found)));
        }
    }
    Ok(rows)
}

/// A row of a list.
pub(crate) fn row(
    item: &Item,
    settings: &Settings,
    (known, links): (&Baselines, &BTreeMap<String, IncidentLink>),
) -> EventRow {
    let (kept, rules) = (&item.kept, &settings.bridges.rules);
    let event = &kept.event;
    let memory: Memory = serde_json::from_str(&kept.memory).unwrap_or_default();
    let standing = standing(rules, event, &memory, (kept.is_gone, known.get(&event.calendar).copied()));
    let rule = rules.rule(event);
    let (early, due) = rule.map_or_else(
        || (Vec::new(), None),
        |rule| {
            let (early, due) = rule.dues(event, &rules.locale);
            (early, Some(due))
        },
    );
    EventRow {
        rule: told_by(&standing).or_else(|| rule.map(|rule| rule.name.clone())),
        customer: kept.customer.as_ref().map(|id| settings.customer_name(id)),
        notice: item.last.as_ref().map(|one| notice(one, called(one, links))),
        event: event.clone(),
        standing,
        early,
        due,
        is_maintenance: rule.is_some_and(|rule| matches!(rule.purpose, Purpose::Maintenance { .. })),
        has_window_trouble: false,
    }
}

/// The rule that people were told of it by; another may choose it by now.
fn told_by(standing: &Standing) -> Option<String> {
    match standing {
        Standing::Told(notice) | Standing::Served(notice, _) | Standing::Unserved(Some(notice)) => {
            Some(notice.rule.clone())
        }
        Standing::Window(window) => Some(window.rule.clone()),
        _ => None,
    }
}

/// What people were called for, in its duty's own words.
pub(super) fn notice(one: &Concern, called: Called) -> NoticeRow {
    NoticeRow {
        called,
        notice: serde_json::from_str(&one.reason).ok(),
        end: one.ended.as_deref().and_then(|ended| serde_json::from_str(ended).ok()),
        is_baseline: one.generation == 0,
    }
}

/// Every calendar that this person may know of, and how it is read.
async fn calendars(
    tx: &mut Tx,
    person: &Person,
    settings: &Settings,
    polls: &[Poll],
) -> Result<Vec<CalendarRow>, StoreError> {
    let waits = polls::list_waits(tx, &person.sees).await?;
    let (channels, now) = (push_channels::list(tx, &person.sees).await?, tx.now());
    let is_seen = |calendar: &&Calendar| person.sees.allows(calendar.customer.as_deref());
    let one = |calendar: &Calendar| {
        let name = format!("{}{}", names::CALENDAR, calendar.name);
        let poll = polls.iter().find(|poll| poll.name == name);
        let refused = poll.and_then(|poll| poll.refused.clone()).filter(|why| why != polls::OFF);
        let waits = waits.iter().find(|wait| wait.poll == name).and_then(|wait| wait.cause.clone());
        CalendarRow {
            name: calendar.name.clone(),
            customer: calendar.customer.as_ref().map(|id| settings.customer_name(id)),
            reads: calendar.reads,
            how: match push(settings.bridges.pushing, calendar, &channels, now) {
                Push::Feed => "feed",
                Push::Works { .. } => "push",
                _ => "poll",
            },
            read_at: poll.and_then(|poll| poll.ended_at),
            trouble: refused.or(waits),
        }
    };
    Ok(settings.bridges.calendars.iter().filter(is_seen).map(one).collect())
}

/// How we hear of its changes: by the channel that stands, or else by what the last request came to.
pub fn push(pushing: Pushing, calendar: &Calendar, channels: &[Channel], now: Micros) -> Push {
    if !calendar.is_google {
        return Push::Feed;
    }
    match pushing {
        Pushing::On => {}
        Pushing::Off => return Push::Off,
        Pushing::NoAddress => return Push::NoAddress,
    }
    let own: Vec<&Channel> = channels.iter().filter(|one| one.calendar == calendar.name).collect();
    let is_good = |one: &&&Channel| one.stopped_at.is_none() && one.unwanted_at.is_none() && one.failed_at.is_none();
    let stands = own.iter().rev().filter(is_good).find_map(|one| {
        let until = one.expires_at.filter(|at| *at > now)?;
        Some(one.heard_at.map_or(Push::Open { until }, |heard_at| Push::Works { until, heard_at }))
    });
    let last = || own.last().and_then(|one| one.trouble.clone());
    stands.unwrap_or_else(|| last().map_or(Push::Waits, |why| Push::Refused { why }))
}
