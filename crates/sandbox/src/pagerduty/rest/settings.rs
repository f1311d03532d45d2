//! Reading the settings that stand between an event and an incident: integrations, event orchestrations, alert grouping.

use serde_json::{Value, json};

use super::Caller;
use super::query::page;
use crate::pagerduty::account::{Account, Presence};
use crate::pagerduty::call::{Answer, Call, Fail, Reply};
use crate::pagerduty::clock::seconds;
use crate::pagerduty::orchestration::{Orchestration, Path};
use crate::pagerduty::refs::api;
use crate::pagerduty::state::State;

fn service_of(state: &State, call: &Call, place: usize) -> Result<usize, Fail> {
    state.account.service(call.segment(place)).ok_or_else(|| Fail::new(404, 5002, "Service Not Found"))
}

pub(super) fn integration(state: &mut State, call: &Call, _: &Caller) -> Answer {
    let service = service_of(state, call, 1)?;
    let (account, id) = (&state.account, call.segment(3));
    let own = &account.services[service];
    if own.integration == id && own.events == Presence::Live {
        return Ok(Reply::json(200, &json!({ "integration": account.integration_full(service) })));
    }
    let found = account.mailboxes.iter().position(|m| m.id == id && m.service == service && !m.deleted);
    let found = found.ok_or_else(Fail::not_found)?;
    Ok(Reply::json(200, &json!({ "integration": account.mailbox_full(found) })))
}

/// References here have no summary.
fn bare(kind: &str, path: &str, id: &str) -> Value {
    json!({ "id": id, "type": kind, "self": api(&format!("{path}/{id}")) })
}

fn user(account: &Account, index: usize) -> Value {
    bare("user_reference", "users", &account.users[index].id)
}

fn shown(account: &Account, own: &Orchestration) -> Value {
    let team = own.team.map(|t| bare("team_reference", "teams", &account.teams[t].id));
    let mut shown = json!({
        "id": own.id, "self": api(&format!("event_orchestrations/{}", own.id)), "name": own.name, "description": own.description,
        "routes": own.routes(), "created_at": seconds(own.created), "created_by": user(account, own.created_by),
        "updated_at": seconds(own.router.updated), "updated_by": user(account, own.router.updated_by), "version": own.router.version,
    });
    if let Some(team) = team {
        shown["team"] = team;
    }
    shown
}

fn integrations(own: &Orchestration) -> Value {
    let label = format!("{} Default Integration", own.name);
    json!([{ "id": own.integration, "label": label, "parameters": { "routing_key": own.routing_key, "type": "global" } }])
}

fn path_full(account: &Account, path: &Path, (kind, parent, own): (&str, Value, String)) -> Value {
    json!({ "orchestration_path": {
        "type": kind, "parent": parent, "self": own, "sets": path.sets, "catch_all": path.catch_all, "created_at": seconds(path.created),
        "created_by": user(account, path.created_by), "updated_at": seconds(path.updated), "updated_by": user(account, path.updated_by),
        "version": path.version,
    } })
}

fn orchestration_of<'a>(state: &'a State, call: &Call) -> Result<&'a Orchestration, Fail> {
    state.account.orchestrations.all.iter().find(|o| o.id == call.segment(1)).ok_or_else(Fail::not_found)
}

pub(super) fn orchestrations(state: &mut State, call: &Call, _: &Caller) -> Answer {
    let all: Vec<&Orchestration> = state.account.orchestrations.all.iter().collect();
    Ok(Reply::json(200, &page(call)?.wrap("orchestrations", &all, |own| shown(&state.account, own))))
}

pub(super) fn orchestration(state: &mut State, call: &Call, _: &Caller) -> Answer {
    let own = orchestration_of(state, call)?;
    let mut shown = shown(&state.account, own);
    shown["integrations"] = integrations(own);
    Ok(Reply::json(200, &json!({ "orchestration": shown })))
}

pub(super) fn orchestration_integrations(state: &mut State, call: &Call, _: &Caller) -> Answer {
    let own = orchestration_of(state, call)?;
    Ok(Reply::json(200, &json!({ "integrations": integrations(own), "total": 1 })))
}

pub(super) fn path(state: &mut State, call: &Call, _: &Caller) -> Answer {
    let own = orchestration_of(state, call)?;
    let kind = call.segment(2);
    let path = own.path(kind).ok_or_else(Fail::not_found)?;
    let parent = bare("event_orchestration_reference", "event_orchestrations", &own.id);
    let address = api(&format!("event_orchestrations/{}/{kind}", own.id));
    Ok(Reply::json(200, &path_full(&state.account, path, (kind, parent, address))))
}

/// A service that nobody has given rules has an empty path.
pub(super) fn service_path(state: &mut State, call: &Call, _: &Caller) -> Answer {
    let service = service_of(state, call, 2)?;
    let (id, now) = (state.account.services[service].id.clone(), state.now);
    let by = state.account.admin();
    let path = state.account.orchestrations.of_service(service, &mut state.dice, by, now).path.clone();
    let parent = bare("service_reference", "services", &id);
    let address = api(&format!("event_orchestrations/services/{id}"));
    Ok(Reply::json(200, &path_full(&state.account, &path, ("service", parent, address))))
}

pub(super) fn service_active(state: &mut State, call: &Call, _: &Caller) -> Answer {
    let service = service_of(state, call, 2)?;
    let active = state.account.orchestrations.services.get(&service).is_some_and(|own| own.active);
    Ok(Reply::json(200, &json!({ "active": active })))
}

/// Cursors `after` and `before` instead of an offset; nobody has so many that they are needed here.
pub(super) fn groupings(state: &mut State, call: &Call, _: &Caller) -> Answer {
    let wanted = call.all("service_ids[]");
    let has = |s: &usize| wanted.contains(&state.account.services[*s].id.as_str());
    let fits = |g: &&crate::pagerduty::grouping::Setting| wanted.is_empty() || g.services.iter().any(has);
    let found: Vec<Value> = state.account.groupings.iter().filter(fits).map(|g| state.grouping_full(g)).collect();
    let limit = page(call)?.limit;
    let body =
        json!({ "alert_grouping_settings": found, "after": null, "before": null, "limit": limit, "total": null });
    Ok(Reply::json(200, &body))
}

pub(super) fn grouping(state: &mut State, call: &Call, _: &Caller) -> Answer {
    let own = state.account.groupings.iter().find(|g| g.id == call.segment(1)).ok_or_else(Fail::not_found)?;
    Ok(Reply::json(200, &json!({ "alert_grouping_setting": state.grouping_full(own) })))
}
