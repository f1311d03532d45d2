//! Log entries, of one incident and of the whole account, newest first.

use serde_json::json;

use super::query::{flag, in_zone, include, instant_of, page};
use super::{Caller, incident_of};
use crate::pagerduty::book::LogEntry;
use crate::pagerduty::call::{Answer, Call, Fail, Reply};
use crate::pagerduty::state::State;

/// What an overview leaves out.
const MINOR: &[&str] =
    &["notify", "repeat_escalation_path", "reach_ack_limit", "reach_trigger_limit", "responder_request"];

pub(super) fn of_incident(state: &mut State, call: &Call, _: &Caller) -> Answer {
    let index = incident_of(state, call)?;
    answer(state, call, index..index + 1, &[])
}

pub(super) fn of_account(state: &mut State, call: &Call, _: &Caller) -> Answer {
    let teams = call.all("team_ids[]");
    answer(state, call, 0..state.book.incidents.len(), &teams)
}

fn answer(state: &State, call: &Call, incidents: std::ops::Range<usize>, teams: &[&str]) -> Answer {
    let page = page(call)?;
    let include = include(call);
    let overview = flag(call, "is_overview")?;
    let (since, until) = (instant_of(call, "since")?, instant_of(call, "until")?);
    let fits = |e: &LogEntry| {
        since.is_none_or(|s| s <= e.at) && until.is_none_or(|u| e.at < u) && !(overview && MINOR.contains(&e.kind))
    };
    let account = &state.account;
    let mut found: Vec<(usize, usize)> = Vec::new();
    for index in incidents {
        let incident = &state.book.incidents[index];
        let team = account.teams[account.policies[incident.policy].team].id.as_str();
        if teams.is_empty() || teams.contains(&team) {
            let entries = incident.log.iter().enumerate().filter(|(_, e)| fits(e));
            found.extend(entries.map(|(place, _)| (index, place)));
        }
    }
    let at = |(index, place): &(usize, usize)| state.book.incidents[*index].log[*place].at;
    found.sort_by(|a, b| at(b).cmp(&at(a)).then(b.cmp(a)));
    let body = page.wrap("log_entries", &found, |(index, place)| {
        let incident = &state.book.incidents[*index];
        let mut shown = state.log_entry(incident, &incident.log[*place], &include);
        if include.has("incidents") {
            shown["incident"] = state.incident(*index, &crate::pagerduty::shapes::Include::default());
        }
        shown
    });
    Ok(Reply::json(200, &in_zone(call, body)?))
}

pub(super) fn get(state: &mut State, call: &Call, _: &Caller) -> Answer {
    let id = call.segment(1);
    let with_entry = |i: &crate::pagerduty::book::Incident| i.log.iter().position(|e| e.id == id);
    let found = state.book.incidents.iter().find_map(|i| with_entry(i).map(|at| (i, at)));
    let (incident, at) = found.ok_or_else(|| Fail::new(404, 5001, "Log Entry Not Found"))?;
    let body = json!({ "log_entry": state.log_entry(incident, &incident.log[at], &include(call)) });
    Ok(Reply::json(200, &in_zone(call, body)?))
}
