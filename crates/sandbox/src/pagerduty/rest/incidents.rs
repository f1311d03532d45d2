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
    put_in_order(state, &mut found, &sort_by(call, SORTS)?, page.end());
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

/// The places of the things named in a set filter; None when it is not used.
fn places(call: &Call, name: &str, find: impl Fn(&str) -> Option<usize>) -> Option<Vec<usize>> {
    let ids = call.all(name);
    (!ids.is_empty()).then(|| ids.into_iter().filter_map(find).collect())
}

/// Indexes in the order of birth.
fn matching(state: &State, call: &Call) -> Result<Vec<usize>, Fail> {
    let (account, book) = (&state.account, &state.book);
    let born = match span(call, state.now)? {
        Some((since, until)) => book.born(since, until),
        None => 0..book.incidents.len(),
    };
    let statuses = words(call, "statuses[]", &["triggered", "acknowledged", "resolved"])?;
    let urgencies = words(call, "urgencies[]", &["high", "low"])?;
    let services = places(call, "service_ids[]", |id| account.service(id));
    let teams = places(call, "team_ids[]", |id| account.team(id));
    let users = places(call, "user_ids[]", |id| account.user(id));
    let key = call.one("incident_key");
    let is_in = |list: &Option<Vec<usize>>, value: usize| list.as_ref().is_none_or(|l| l.contains(&value));
    let fits = |index: &usize| {
        let i = &book.incidents[*index];
        (statuses.is_empty() || statuses.contains(&i.status.word()))
            && (urgencies.is_empty() || urgencies.contains(&i.urgency.as_str()))
            && is_in(&services, i.service)
            && teams.as_ref().is_none_or(|l| account.policies[i.policy].team.is_some_and(|team| l.contains(&team)))
            && users.as_ref().is_none_or(|users| i.assignments.iter().any(|(_, u)| users.contains(u)))
            && key.is_none_or(|key| i.key == key || i.alerts.iter().any(|a| a.key == key))
    };
    let only_open = (!statuses.is_empty() && !statuses.contains(&"resolved")) || users.is_some();
    Ok(if only_open {
        book.open().filter(|i| born.contains(i)).filter(fits).collect()
    } else {
        born.filter(fits).collect()
    })
}

/// Sorts so much of the list as the page needs. It comes in the order of birth, which is that of numbers.
fn put_in_order(state: &State, found: &mut [usize], order: &[(&str, bool)], end: usize) {
    match order.first() {
        None | Some(("incident_number" | "created_at", false)) => return,
        Some(("incident_number" | "created_at", true)) => return found.reverse(),
        Some(_) => {}
    }
    let all = &state.book.incidents;
    let by = |a: &usize, b: &usize| compare(&all[*a], &all[*b], order);
    if (1..found.len()).contains(&end) {
        found.select_nth_unstable_by(end - 1, by);
    }
    let end = end.min(found.len());
    found[..end].sort_unstable_by(by);
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
