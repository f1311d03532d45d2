//! Log entries, of one incident and of the whole account, newest first. The account's come from the diary, which is kept in the
//! order of time, so that a page costs what it shows.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::query::{flag, in_zone, include, instant_of, page};
use super::{Caller, incident_of};
use crate::pagerduty::book::{Incident, LogEntry, Written};
use crate::pagerduty::call::{Answer, Call, Fail, Reply};
use crate::pagerduty::shapes::Include;
use crate::pagerduty::state::State;

/// What an overview leaves out.
const MINOR: &[&str] =
    &["notify", "repeat_escalation_path", "reach_ack_limit", "reach_trigger_limit", "responder_request"];

/// From `since` on and before `until`, so that windows that touch share nothing.
struct Wanted {
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    overview: bool,
    include: Include,
}

fn wanted(call: &Call) -> Result<Wanted, Fail> {
    let (since, until) = (instant_of(call, "since")?, instant_of(call, "until")?);
    if since.zip(until).is_some_and(|(since, until)| since > until) {
        return Err(Fail::new(400, 2005, "Invalid Date Range").because("since is later than until"));
    }
    Ok(Wanted { since, until, overview: flag(call, "is_overview")?, include: include(call) })
}

fn render(state: &State, (incident, entry): (&Incident, &LogEntry), include: &Include) -> Value {
    let mut shown = state.log_entry(incident, entry, include);
    if let Some(index) = state.book.find(&incident.id).filter(|_| include.has("incidents")) {
        shown["incident"] = state.incident(index, &Include::default());
    }
    shown
}

pub(super) fn of_incident(state: &mut State, call: &Call, _: &Caller) -> Answer {
    let incident = &state.book.incidents[incident_of(state, call)?];
    let (page, wanted) = (page(call)?, wanted(call)?);
    let fits = |e: &&LogEntry| {
        wanted.since.is_none_or(|s| s <= e.at)
            && wanted.until.is_none_or(|u| e.at < u)
            && !(wanted.overview && MINOR.contains(&e.kind))
    };
    let found: Vec<&LogEntry> = incident.log.iter().rev().map(|e| &**e).filter(fits).collect();
    let body = page.wrap("log_entries", &found, |entry| render(state, (incident, entry), &wanted.include));
    Ok(Reply::json(200, &in_zone(call, body)?))
}

pub(super) fn of_account(state: &mut State, call: &Call, _: &Caller) -> Answer {
    let state = &*state;
    let (page, wanted) = (page(call)?, wanted(call)?);
    let teams = call.all("team_ids[]");
    let written = state.book.written(wanted.since, wanted.until);
    let unfiltered = !wanted.overview && teams.is_empty() && call.stale.is_none();
    let fits = |w: &&Written| {
        let Some((incident, entry)) = state.book.entry(**w) else { return false };
        let team = state.account.policies[incident.policy].team.map(|team| state.account.teams[team].id.as_str());
        !(wanted.overview && MINOR.contains(&entry.kind))
            && (teams.is_empty() || team.is_some_and(|team| teams.contains(&team)))
    };
    let newest_first = written.iter().rev();
    let (rows, count) = if unfiltered {
        (newest_first.skip(page.offset).take(page.limit).collect::<Vec<_>>(), written.len())
    } else {
        let mut rows: Vec<&Written> = newest_first.filter(fits).take(page.enough()).collect();
        let count = rows.len();
        rows.truncate(page.end());
        rows.drain(..page.offset.min(rows.len()));
        (rows, count)
    };
    let found = rows.into_iter().filter_map(|w| state.book.entry(*w));
    let shown = found.map(|found| render(state, found, &wanted.include)).collect();
    Ok(Reply::json(200, &in_zone(call, page.shape("log_entries", shown, count))?))
}

pub(super) fn get(state: &mut State, call: &Call, _: &Caller) -> Answer {
    let id = call.segment(1);
    let with_entry = |i: &Incident| i.log.iter().position(|e| e.id == id);
    let found = state.book.incidents.iter().find_map(|i| with_entry(i).map(|at| (i, at)));
    let (incident, at) = found.ok_or_else(|| Fail::new(404, 5001, "Log Entry Not Found"))?;
    let body = json!({ "log_entry": state.log_entry(incident, &incident.log[at], &include(call)) });
    Ok(Reply::json(200, &in_zone(call, body)?))
}
