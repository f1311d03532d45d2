//! One person: the days as they hold, the hours they follow from, what was entered for them, and the form for more.

use super::list::{chosen, hush, hush_why};
use super::{Asks, cut, html};
use crate::acts::new_nonce;
use crate::auth::Reader;
use crate::page;
use crate::people::{Draft, Known, People, Right, Wrong, known, right};
use crate::problem::Fault;
use crate::state::Desk;
use crate::view::{Done, EntryRow, Frame, HourDay, HoursRow, PersonHoursView, SaidOfHours as Said, Section, Usual};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use duties::{hours_days, page_rules};
use jiff::ToSpan;
use jiff::civil::Date;
use model::Micros;
use model::hours::{Exception, Layer, Leave, LeaveSource, LeaveSpan, Roster, Subject, Zone, standing_of};
use serde::Deserialize;
use store::person_days::{self, Day};
use store::{StoreError, Tx};

/// What the rows of the store are called.
pub(super) const LEAVE: &str = "leave";
pub(super) const EXCEPTION: &str = "exception";
const DAYS: usize = 7;
/// Leave that ended earlier is not laid over the roster any more.
const BACK_DAYS: i32 = 7;
const AHEAD_DAYS: i32 = 370;
const MOST_ENTRIES: i64 = 100;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::pages) struct Query {
    from: String,
    /// An entry to be changed.
    edit: String,
    done: String,
    said: String,
    withdrawn: String,
}

pub(in crate::pages) async fn show(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
    Asks(query): Asks<Query>,
) -> Result<Response, Fault> {
    let done = Done { what: cut(&query.done), said: cut(&query.said), withdrawn: cut(&query.withdrawn) };
    let asked = Asked {
        from: query.from.parse().ok(),
        edit: query.edit,
        done: Some(done).filter(|done| ["said", "changed", "ended", "undone"].contains(&done.what.as_str())),
        ..Asked::default()
    };
    let (frame, view) = load(&desk, &reader, id, asked).await?;
    html(page::person_hours(&frame, &view))
}

/// The page again, with what was typed and why it was not taken.
pub(super) async fn refused(
    desk: &Desk,
    reader: &Reader,
    id: String,
    draft: Draft,
    wrong: Wrong,
) -> Result<Response, Fault> {
    let asked = Asked { draft: Some(draft), wrong: Some(wrong), ..Asked::default() };
    let (frame, view) = load(desk, reader, id, asked).await?;
    let mut response = html(page::person_hours(&frame, &view))?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

#[derive(Default)]
struct Asked {
    from: Option<Date>,
    edit: String,
    done: Option<Done>,
    draft: Option<Draft>,
    wrong: Option<Wrong>,
}

async fn load(desk: &Desk, reader: &Reader, id: String, asked: Asked) -> Result<(Frame, PersonHoursView), Fault> {
    let frame = reader.frame(desk, Section::Settings).await?;
    let (people, by, now, person) = (desk.settings.people.clone(), reader.clone(), frame.now, id.clone());
    let found = desk.store.read(move |tx| Box::pin(async move { found(tx, &people, &by, &person).await }));
    let found = found.await?.ok_or(Fault::NotFound)?;
    let view = view(&desk.settings.people, reader, &id, &found, (asked, now));
    Ok((frame, view.ok_or(Fault::NotFound)?))
}

/// All that the page is made of.
struct Found {
    roster: Roster,
    known: Known,
    right: Right,
    entries: Vec<Day>,
}

/// `None`: there is no such person for this reader.
async fn found(tx: &mut Tx, people: &People, by: &Reader, id: &str) -> Result<Option<Found>, StoreError> {
    let Some(member) = people.person(id) else { return Ok(None) };
    let known = known(tx).await?;
    let right = right(people, &known, &by.person, member);
    if !right.sees {
        return Ok(None);
    }
    let now = tx.now();
    let roster = (people.roster.0)(tx, now).await?;
    let entries = person_days::of_person(tx, id, MOST_ENTRIES).await?;
    Ok(Some(Found { roster, known, right, entries }))
}

fn view(
    people: &People,
    reader: &Reader,
    id: &str,
    found: &Found,
    (asked, now): (Asked, Micros),
) -> Option<PersonHoursView> {
    let member = people.person(id)?;
    let customer = chosen(reader);
    let subject = Subject::Person { id, customer: customer.as_deref() };
    let mut standing = standing_of(&found.roster, subject, now);
    if !found.right.edits {
        hush(&mut standing);
    }
    let zone = zone_of(&found.roster, subject);
    let today = zone.day_of(now.0.div_euclid(1_000_000));
    let (earliest, latest) = (shift(today, -BACK_DAYS), shift(today, AHEAD_DAYS));
    let first = asked.from.unwrap_or(today).clamp(earliest, latest);
    let step = i32::try_from(DAYS).unwrap_or(7);
    let draft = asked.draft.unwrap_or_else(|| drafted(found, &asked.edit, &zone));
    Some(PersonHoursView {
        row: HoursRow {
            id: member.id.clone(),
            name: member.name.clone(),
            is_own: found.right.is_own,
            with: people.groups_of(id),
            standing,
        },
        edits: found.right.edits,
        days: days(found, subject, &zone, (first, today)),
        usual: usual(people, &found.roster, subject),
        entries: entries(found, id, now),
        earlier: Some(shift(first, -step)).filter(|date| *date >= earliest),
        later: Some(shift(first, step)).filter(|date| *date <= latest),
        draft: Draft { nonce: new_nonce(), ..draft },
        wrong: asked.wrong,
        done: asked.done,
        zone,
        first,
        today,
    })
}

fn shift(date: Date, days: i32) -> Date {
    date.checked_add(days.days()).unwrap_or(date)
}

/// The zone of somebody's hours.
pub(super) fn zone_of(roster: &Roster, subject: Subject<'_>) -> Zone {
    roster.hours_of(subject).map_or_else(|| roster.zone.clone(), |(pattern, _)| pattern.zone.clone())
}

fn days(found: &Found, subject: Subject<'_>, zone: &Zone, (first, today): (Date, Date)) -> Vec<HourDay> {
    let mut days = hours_days::days(&found.roster, subject, zone, first, DAYS);
    if !found.right.edits {
        days.iter_mut().flat_map(|day| &mut day.whys).for_each(hush_why);
    }
    days.into_iter().map(|day| HourDay { is_today: day.date == today, day }).collect()
}

pub(in crate::pages) fn usual(people: &People, roster: &Roster, subject: Subject<'_>) -> Option<Usual> {
    let (pattern, layer) = roster.hours_of(subject)?;
    let (layer, id) = match &layer {
        Layer::Own => ("own", String::new()),
        Layer::Group(id) => ("group", people.group(id).map_or_else(|| id.clone(), |team| team.name.clone())),
        Layer::Customer(id) => ("customer", id.clone()),
        Layer::Default => ("default", String::new()),
    };
    let is_of_page = people.groups.iter().any(|team| page_rules::pattern_name(&team.id) == pattern.name);
    Some(Usual {
        name: pattern.name.clone(),
        week: pattern.week.0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
        breaks: pattern.breaks.iter().map(ToString::to_string).collect(),
        holidays: pattern.holidays.list().unwrap_or("none").to_owned(),
        closed: pattern.closed.iter().map(ToString::to_string).collect(),
        zone: pattern.zone.name().to_owned(),
        layer,
        layer_name: id,
        is_of_page,
    })
}

/// The page's own entries, the latest first, and what others say.
fn entries(found: &Found, id: &str, now: Micros) -> Vec<EntryRow> {
    let standing = found.entries.iter().filter(|day| day.withdrawn_at.is_none());
    let mut rows: Vec<EntryRow> = standing.map(|day| entry(found, day, now)).collect();
    let others = found.roster.leaves.iter().filter(|leave| leave.who == id);
    let others = others.filter(|leave| !matches!(leave.source, LeaveSource::Page(_)));
    rows.extend(others.map(|leave| other(leave, now)));
    if !found.right.edits {
        rows.iter_mut().for_each(|row| row.note.clear());
    }
    rows.sort_by_key(|row| row.is_over);
    rows
}

fn entry(found: &Found, day: &Day, now: Micros) -> EntryRow {
    let (what, note) = match day.kind.as_str() {
        LEAVE => read::<Leave>(day).map(|leave| (Said::Leave(leave.span, leave.source), leave.note)),
        EXCEPTION => read::<Exception>(day).map(|day| (Said::Day(day.day.date, hours_text(&day.day)), day.note)),
        _ => None,
    }
    .unwrap_or_else(|| (Said::Unread(day.body.clone()), String::new()));
    EntryRow {
        id: Some(day.id.clone()),
        what,
        note,
        by: Some((found.known.name(&day.said_by).to_owned(), day.said_at)),
        is_over: day.until <= now,
        has_begun: day.from <= now,
    }
}

fn read<T: serde::de::DeserializeOwned>(day: &Day) -> Option<T> {
    serde_json::from_str(&day.body).ok()
}

fn other(leave: &Leave, now: Micros) -> EntryRow {
    let (from, until) = crate::people::bounds(&crate::people::Entered::Leave(leave.span.clone()), &Zone::utc());
    EntryRow {
        id: None,
        what: Said::Leave(leave.span.clone(), leave.source.clone()),
        note: leave.note.clone(),
        by: None,
        is_over: until <= now,
        has_begun: from <= now,
    }
}

pub(super) fn hours_text(day: &model::hours::DayHours) -> String {
    let text = day.to_string();
    text.split_once(' ').map(|(_, hours)| hours.to_owned()).unwrap_or_default()
}

/// The form with an entry that is to be changed; or empty.
fn drafted(found: &Found, edit: &str, zone: &Zone) -> Draft {
    let is_it = |day: &&Day| day.id == edit && day.withdrawn_at.is_none();
    let day = found.entries.iter().find(is_it).filter(|_| found.right.edits);
    let draft = day.and_then(|day| match day.kind.as_str() {
        LEAVE => read::<Leave>(day).map(|leave| of_leave(leave, zone)),
        EXCEPTION => read::<Exception>(day).map(|other| Draft {
            kind: "day".into(),
            from: other.day.date.to_string(),
            hours: Some(hours_text(&other.day)).filter(|hours| hours != "off").unwrap_or_default(),
            note: other.note,
            ..Draft::default()
        }),
        _ => None,
    });
    draft.map_or_else(Draft::default, |draft| Draft { replaces: edit.to_owned(), ..draft })
}

fn of_leave(leave: Leave, zone: &Zone) -> Draft {
    let (from, until) = match &leave.span {
        LeaveSpan::Days { from, until, .. } => {
            ((from.to_string(), String::new()), (shift(*until, -1).to_string(), String::new()))
        }
        LeaveSpan::Time { from, until } => (parts(*from, zone), parts(*until, zone)),
    };
    Draft {
        kind: LEAVE.into(),
        from: from.0,
        from_time: from.1,
        until: until.0,
        until_time: until.1,
        note: leave.note,
        ..Draft::default()
    }
}

fn parts(at: Micros, zone: &Zone) -> (String, String) {
    let zoned = at.timestamp().to_zoned(zone.time_zone().clone());
    (zoned.date().to_string(), zoned.strftime("%H:%M").to_string())
}
