//! The hours of a group as leaders keep them in place of the file's. They hold for everybody whose hours are the group's, so whoever
//! says them sees every customer.

use super::kept::{Came, Said, Turn, Want, Wish, carry_out, rows};
use super::list::{as_kept, names};
use super::preview::{Change, preview};
use super::{Asks, Sent, html};
use crate::acts::{Form, new_nonce};
use crate::auth::Reader;
use crate::page;
use crate::pages::hours::usual;
use crate::people::{People, RuleWrong, Team};
use crate::problem::Fault;
use crate::state::Desk;
use crate::view::{GroupHoursView, HourDay, PatternDraft, Preview, Section};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use duties::hours_days;
use duties::page_rules::{GROUP_HOURS, Kept, TICKET_RULE, Unread, over_hours};
use model::hours::{Break, Observed, Pattern, Roster, Subject, Week, WeekSpan, YearSpan, Zone};
use model::{Micros, Scope};
use std::collections::HashMap;
use store::page_rules::{self, Rule as Row};
use store::{StoreError, Tx};

const DAYS: usize = 7;
const MOST_CHARS: usize = 2_000;
const MOST_LINES: usize = 30;

pub(in crate::pages) async fn form(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
    Asks(said): Asks<Said>,
) -> Result<Response, Fault> {
    let with = GroupHoursView { done: said.done(), ..GroupHoursView::default() };
    render(&desk, &reader, &id, with, None).await
}

/// What the page is made of.
struct Found {
    roster: Roster,
    versions: Vec<Row>,
    names: HashMap<String, String>,
    unread: Option<Unread>,
    preview: Option<Preview>,
    days: Vec<HourDay>,
}

/// With a pattern: last week and the next days under it.
async fn render(
    desk: &Desk,
    reader: &Reader,
    id: &str,
    with: GroupHoursView,
    pattern: Option<Pattern>,
) -> Result<Response, Fault> {
    reader.person.need_whole_leader()?;
    let frame = reader.frame(desk, Section::Settings).await?;
    let people = desk.settings.people.clone();
    let team = people.group(id).ok_or(Fault::NotFound)?;
    let (of, wanted) = (people.clone(), (team.id.clone(), pattern, frame.now));
    let found = desk.store.read(move |tx| Box::pin(async move { found(tx, &of, wanted).await })).await?;
    let view = view(&people, team, found, with);
    let mut response = html(page::group_hours(&frame, &view))?;
    if view.wrong.is_some() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

async fn found(
    tx: &mut Tx,
    people: &People,
    (id, pattern, now): (String, Option<Pattern>, Micros),
) -> Result<Found, StoreError> {
    let roster = (people.roster.0)(tx, now).await?;
    let versions = page_rules::versions(tx, GROUP_HOURS, &id).await?;
    let last = versions.first().filter(|row| !row.is_deleted && !row.is_off);
    let unread = last.and_then(|row| over_hours(&mut roster.clone(), &[as_kept(row)]).pop());
    let (mut seen, mut then) = (None, roster.clone());
    if let Some(pattern) = &pattern {
        let body = serde_json::to_string(pattern).map_err(|error| StoreError::Bug(error.to_string()))?;
        over_hours(&mut then, &[Kept { name: &id, version: 0, body: &body, is_off: false }]);
        let rules = page_rules::of_kind(tx, TICKET_RULE).await?;
        let rules: Vec<Kept<'_>> = rules.iter().map(as_kept).collect();
        let change = Change { now: (&rules, &roster), then: (&rules, &then) };
        seen = Some(preview(tx, &people.spaces, &Scope::All, &change).await?);
    }
    let days = days(&then, &id, now);
    Ok(Found { names: names(tx).await?, roster, versions, unread, preview: seen, days })
}

fn zone_of(roster: &Roster, id: &str) -> Zone {
    roster.hours_of(Subject::Group(id)).map_or_else(|| roster.zone.clone(), |(pattern, _)| pattern.zone.clone())
}

fn days(roster: &Roster, id: &str, now: Micros) -> Vec<HourDay> {
    let zone = zone_of(roster, id);
    let today = zone.day_of(now.0.div_euclid(1_000_000));
    let days = hours_days::days(roster, Subject::Group(id), &zone, today, DAYS);
    days.into_iter().map(|day| HourDay { is_today: day.date == today, day }).collect()
}

fn view(people: &People, team: &Team, found: Found, with: GroupHoursView) -> GroupHoursView {
    let name = |id: &String| people.person(id).map_or_else(|| id.clone(), |member| member.name.clone());
    let version = found.versions.first().map_or(0, |row| row.version);
    let is_typed = with.draft != PatternDraft::default();
    let draft = if is_typed { with.draft } else { drafted(&found.roster, &team.id, version) };
    let says = |row: &Row| as_kept(row).read::<Pattern>().map(|pattern| written(&pattern)).map_err(|unread| unread.why);
    GroupHoursView {
        id: team.id.clone(),
        name: team.name.clone(),
        members: team.members.iter().map(name).collect(),
        usual: usual(people, &found.roster, Subject::Group(&team.id)),
        draft,
        lists: lists(&found.roster),
        wrong: with.wrong,
        unread: found.unread,
        zone: zone_of(&found.roster, &team.id),
        versions: rows(&found.versions, &found.names, says),
        preview: found.preview,
        days: found.days,
        done: with.done,
        nonce: new_nonce(),
    }
}

fn lists(roster: &Roster) -> Vec<String> {
    let own = roster.holidays.keys().filter(|name| *name != Observed::JAPAN);
    ["none", Observed::JAPAN].map(str::to_owned).into_iter().chain(own.cloned()).collect()
}

/// The hours as they hold, to be changed.
fn drafted(roster: &Roster, id: &str, version: i64) -> PatternDraft {
    let Some((pattern, _)) = roster.hours_of(Subject::Group(id)) else {
        let (zone, holidays) = (roster.zone.name().to_owned(), Observed::JAPAN.to_owned());
        return PatternDraft { version, zone, holidays, ..PatternDraft::default() };
    };
    let lines = |list: Vec<String>| list.join("\n");
    PatternDraft {
        version,
        zone: pattern.zone.name().to_owned(),
        week: lines(pattern.week.0.iter().map(ToString::to_string).collect()),
        breaks: lines(pattern.breaks.iter().map(ToString::to_string).collect()),
        holidays: pattern.holidays.list().unwrap_or("none").to_owned(),
        closed: lines(pattern.closed.iter().map(ToString::to_string).collect()),
    }
}

fn written(pattern: &Pattern) -> String {
    let week = pattern.week.0.iter().map(ToString::to_string);
    let breaks = pattern.breaks.iter().map(|pause| format!("- {pause}"));
    let closed = pattern.closed.iter().map(|span| format!("- {span}"));
    week.chain(breaks).chain(closed).collect::<Vec<_>>().join("; ")
}

impl PatternDraft {
    fn of_form(form: &Form) -> Self {
        let text = |name: &str| form.one(name).replace("\r\n", "\n");
        Self {
            version: form.one("version").parse().unwrap_or(0),
            zone: text("zone"),
            week: text("week"),
            breaks: text("breaks"),
            holidays: text("holidays"),
            closed: text("closed"),
        }
    }

    fn pattern(&self) -> Result<Pattern, RuleWrong> {
        for (field, text) in [("week", &self.week), ("breaks", &self.breaks), ("closed", &self.closed)] {
            if text.chars().count() > MOST_CHARS || text.lines().count() > MOST_LINES {
                return Err(RuleWrong::Long { field, most: MOST_CHARS });
            }
        }
        Ok(Pattern {
            name: String::new(),
            zone: Zone::parse(&self.zone).map_err(unread)?,
            week: week(&self.week)?,
            breaks: each(&self.breaks, Break::parse)?,
            holidays: Observed::from(self.holidays.clone()),
            closed: each(&self.closed, YearSpan::parse)?,
        })
    }
}

fn week(text: &str) -> Result<Week, RuleWrong> {
    match text.trim() {
        "" => Err(RuleWrong::NoWeek),
        "always" | "never" => Week::parse(text.trim()).map_err(unread),
        _ => Ok(Week(each(text, WeekSpan::parse)?)),
    }
}

fn each<T>(text: &str, parse: fn(&str) -> Result<T, model::hours::Problem>) -> Result<Vec<T>, RuleWrong> {
    let lines = text.split(['\n', ';']).map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| parse(line).map_err(unread)).collect()
}

fn unread(problem: model::hours::Problem) -> RuleWrong {
    RuleWrong::Unread { why: problem.to_string() }
}

/// Shows the next days and last week under what was typed, or keeps it.
pub(in crate::pages) async fn post(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
    Sent(pairs): Sent<Vec<(String, String)>>,
) -> Result<Response, Fault> {
    reader.person.need_whole_leader()?;
    if desk.settings.people.group(&id).is_none() {
        return Err(Fault::NotFound);
    }
    let form = Form(pairs);
    let draft = PatternDraft::of_form(&form);
    let pattern = match draft.pattern() {
        Ok(pattern) => pattern,
        Err(wrong) => return refused(&desk, &reader, &id, draft, wrong).await,
    };
    if form.one("do") != "save" {
        let with = GroupHoursView { draft, ..GroupHoursView::default() };
        return render(&desk, &reader, &id, with, Some(pattern)).await;
    }
    let body = serde_json::to_string(&pattern).map_err(|error| Fault::Internal { why: error.to_string() })?;
    let wish = Wish {
        kind: GROUP_HOURS,
        name: id.clone(),
        version: draft.version,
        want: Want::Save { body, position: 1 },
        nonce: form.one("nonce").to_owned(),
    };
    match carry_out(&desk, &reader, wish, is_whole).await? {
        Came::Done(done) => Ok(back(&id, &Said::query(&done))),
        _ => refused(&desk, &reader, &id, draft, RuleWrong::Stale).await,
    }
}

fn is_whole(by: &Reader, _: &Row) -> bool {
    by.person.scope == Scope::All
}

fn back(id: &str, query: &str) -> Response {
    Redirect::to(&format!("/people/groups/{}?{query}", crate::markup::encode(id))).into_response()
}

async fn refused(
    desk: &Desk,
    reader: &Reader,
    id: &str,
    draft: PatternDraft,
    wrong: RuleWrong,
) -> Result<Response, Fault> {
    let with = GroupHoursView { draft, wrong: Some(wrong), ..GroupHoursView::default() };
    render(desk, reader, id, with, None).await
}

/// Goes back to the file's hours, or to an earlier version.
pub(in crate::pages) async fn turn(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
    Sent(form): Sent<Turn>,
) -> Result<Response, Fault> {
    reader.person.need_whole_leader()?;
    let wish = form.wish(GROUP_HOURS, id.clone())?;
    match carry_out(&desk, &reader, wish, is_whole).await? {
        Came::Done(done) => Ok(back(&id, &Said::query(&done))),
        _ => {
            let found = PatternDraft::default();
            refused(&desk, &reader, &id, found, RuleWrong::Stale).await
        }
    }
}
