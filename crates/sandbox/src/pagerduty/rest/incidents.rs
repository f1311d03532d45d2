//! Reading incidents.

use std::cmp::Ordering;

use serde_json::json;

use super::query::{in_zone, include, page, sort_by, span, words};
use super::{Caller, incident_of};
use crate::pagerduty::book::Incident;
use crate::pagerduty::call::{Answer, Call, Fail, Reply};
use crate::pagerduty::state::State;

const SORTS: &[&str] = &["incident_number", "created_at", "resolved_at", "urgency"];

pub(super) fn list(state: &mut State, call: &Call, _: &Caller) -> Answer {
    let page = page(call)?;
    let include = include(call);
    let mut found = matching(state, call)?;
    let order = sort_by(call, SORTS)?;
    found.sort_by(|a, b| compare(&state.book.incidents[*a], &state.book.incidents[*b], &order));
    let body = page.wrap("incidents", &found, |index| state.incident(*index, &include));
    Ok(Reply::json(200, &in_zone(call, body)?))
}

pub(super) fn get(state: &mut State, call: &Call, _: &Caller) -> Answer {
    let index = incident_of(state, call)?;
    let mut include = include(call);
    include.0.push("body".into());
    let body = json!({ "incident": state.incident(index, &include) });
    Ok(Reply::json(200, &in_zone(call, body)?))
}

fn matching(state: &State, call: &Call) -> Result<Vec<usize>, Fail> {
    let span = span(call, state.now)?;
    let statuses = words(call, "statuses[]", &["triggered", "acknowledged", "resolved"])?;
    let urgencies = words(call, "urgencies[]", &["high", "low"])?;
    let (services, teams, users) = (call.all("service_ids[]"), call.all("team_ids[]"), call.all("user_ids[]"));
    let key = call.one("incident_key");
    let account = &state.account;
    let fits = |i: &Incident| {
        let is_in = |list: &[&str], value: &str| list.is_empty() || list.contains(&value);
        span.is_none_or(|(since, until)| since <= i.created && i.created < until)
            && is_in(&statuses, i.status.word())
            && is_in(&urgencies, &i.urgency)
            && is_in(&services, &account.services[i.service].id)
            && is_in(&teams, &account.teams[account.policies[i.policy].team].id)
            && (users.is_empty() || i.assignments.iter().any(|(_, u)| users.contains(&account.users[*u].id.as_str())))
            && key.is_none_or(|key| i.key == key || i.alerts.iter().any(|a| a.key == key))
    };
    Ok(state.book.incidents.iter().enumerate().filter(|(_, i)| fits(i)).map(|(index, _)| index).collect())
}

fn compare(a: &Incident, b: &Incident, order: &[(&str, bool)]) -> Ordering {
    for (field, descending) in order {
        let order = match *field {
            "created_at" => a.created.cmp(&b.created),
            "resolved_at" => a.resolved.cmp(&b.resolved),
            "urgency" => a.urgency.cmp(&b.urgency),
            _ => a.number.cmp(&b.number),
        };
        let order = if *descending { order.reverse() } else { order };
        if order != Ordering::Equal {
            return order;
        }
    }
    a.number.cmp(&b.number)
}
