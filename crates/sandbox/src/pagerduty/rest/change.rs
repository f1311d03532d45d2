//! Writing incidents: create, update one or many, merge, snooze. A bulk update is checked whole before anything changes.

use serde_json::{Value, json};

use super::{Caller, body, incident_of};
use crate::pagerduty::account::Vacant;
use crate::pagerduty::book::{Agent, By, Status};
use crate::pagerduty::call::{Answer, Call, Fail, Reply};
use crate::pagerduty::channel::Body;
use crate::pagerduty::happen::Opening;
use crate::pagerduty::shapes::Include;
use crate::pagerduty::state::State;

const MAX_AT_ONCE: usize = 250;
const MAX_ALERTS: usize = 1000;
const MAX_SNOOZE_S: i64 = 604_800;

pub(super) fn create(state: &mut State, call: &Call, caller: &Caller) -> Answer {
    let wanted = body(call, "incident")?;
    let by = caller.by()?;
    let opening = opening(state, &wanted)?;
    let book = &state.book;
    let clash = |i: usize| book.incidents[i].service == opening.service && book.incidents[i].key == opening.key;
    if book.open().any(clash) {
        return Err(Fail::new(400, 2002, "Arguments Caused Error")
            .because("an open incident of this service already has this incident_key"));
    }
    let policy = opening.policy.unwrap_or(state.account.services[opening.service].policy);
    if opening.assignee.is_none() && state.account.vacant.get(&policy) == Some(&Vacant::NoIncident) {
        return Err(Fail::new(400, 1015, "Escalation Policy Has Nobody On Call"));
    }
    let key = opening.key.clone();
    let index = state.open(opening, &by);
    let id = state.book.incidents[index].id.clone();
    let mut effect = caller.effect("incident.created", Some(&id), wanted);
    effect.key = Some(&key);
    state.record(&effect);
    Ok(Reply::json(201, &json!({ "incident": state.incident(index, &Include(vec!["body".into()])) })))
}

fn opening(state: &mut State, wanted: &Value) -> Result<Opening, Fail> {
    let text = |name: &str| wanted[name].as_str().filter(|t| !t.trim().is_empty());
    if wanted["type"].as_str().is_none_or(|t| !t.starts_with("incident")) {
        return Err(Fail::invalid("type must be incident"));
    }
    let title = text("title").ok_or_else(|| Fail::invalid("Title can't be blank"))?.to_owned();
    let service = state.account.service(wanted["service"]["id"].as_str().unwrap_or_default());
    let service = service.ok_or_else(|| Fail::new(400, 5002, "Service Not Found"))?;
    let assignee = assignees(state, wanted)?;
    if !wanted["escalation_policy"].is_null() && assignee.is_some() {
        return Err(Fail::invalid("assignments and escalation_policy exclude each other"));
    }
    let urgency = match wanted["urgency"].as_str() {
        Some(urgency @ ("high" | "low")) => urgency,
        Some(_) => return Err(Fail::invalid("urgency must be high or low")),
        None if state.account.services[service].urgency == "low" => "low",
        None => "high",
    };
    let details = &wanted["body"]["details"];
    if !wanted["body"].is_null() && !details.is_string() {
        return Err(Fail::invalid("body.details must be a string"));
    }
    Ok(Opening {
        service,
        title,
        key: text("incident_key").map_or_else(|| state.dice.hex(32), str::to_owned),
        kind: wanted["incident_type"]["name"].as_str().unwrap_or("incident_default").to_owned(),
        urgency: urgency.to_owned(),
        policy: policy_of(state, wanted)?,
        assignee: assignee.and_then(|users| users.first().copied()),
        priority: priority_of(state, &wanted["priority"])?,
        body: details.as_str().map(|text| Body::Text(text.to_owned())),
        bridge: Some(wanted["conference_bridge"].clone()).filter(Value::is_object),
        alert: None,
    })
}

fn policy_of(state: &State, wanted: &Value) -> Result<Option<usize>, Fail> {
    let Some(id) = wanted["escalation_policy"]["id"].as_str() else { return Ok(None) };
    state.account.policy(id).map(Some).ok_or_else(|| Fail::new(400, 1014, "Escalation Policy Not Found"))
}

fn priority_of(state: &State, wanted: &Value) -> Result<Option<usize>, Fail> {
    if wanted.is_null() {
        return Ok(None);
    }
    if state.access.is_off("priorities") {
        return Err(Fail::new(402, 2014, "Missing Ability"));
    }
    let found = wanted["id"].as_str().and_then(|id| state.account.priority(id));
    found.map(Some).ok_or_else(|| Fail::new(400, 1020, "Invalid Priority"))
}

/// The users of `assignments`, when there are any.
fn assignees(state: &State, wanted: &Value) -> Result<Option<Vec<usize>>, Fail> {
    let Some(list) = wanted["assignments"].as_array().filter(|l| !l.is_empty()) else { return Ok(None) };
    let user = |a: &Value| state.account.user(a["assignee"]["id"].as_str().unwrap_or_default());
    let users: Option<Vec<usize>> = list.iter().map(user).collect();
    users.map(Some).ok_or_else(|| Fail::new(400, 1007, "Assignee Not Found"))
}

pub(super) fn update(state: &mut State, call: &Call, caller: &Caller) -> Answer {
    let index = incident_of(state, call)?;
    let wanted = body(call, "incident")?;
    let changes = plan(state, index, &wanted)?;
    let by = caller.by()?;
    apply(state, caller, index, &wanted, changes, &by);
    Ok(Reply::json(200, &json!({ "incident": state.incident(index, &Include(vec!["body".into()])) })))
}

pub(super) fn update_many(state: &mut State, call: &Call, caller: &Caller) -> Answer {
    let wanted = body(call, "incidents")?;
    let list = wanted.as_array().ok_or_else(|| Fail::invalid("incidents must be a list"))?;
    if list.len() > MAX_AT_ONCE {
        return Err(Fail::new(413, 2001, "Request Entity Too Large").because("250 incidents at most"));
    }
    let mut plans = Vec::new();
    for one in list {
        let index = state.book.find(one["id"].as_str().unwrap_or_default());
        let index = index.ok_or_else(|| Fail::new(400, 1004, "Invalid Id").because("no such incident"))?;
        plans.push((index, one, plan(state, index, one)?));
    }
    let by = caller.by()?;
    let mut shown = Vec::new();
    for (index, one, changes) in plans {
        apply(state, caller, index, one, changes, &by);
        shown.push(state.incident(index, &Include::default()));
    }
    let count = shown.len();
    Ok(Reply::json(200, &json!({ "incidents": shown, "limit": count, "offset": 0, "more": false, "total": null })))
}

enum Change {
    Title(String),
    Priority(Option<usize>),
    Urgency(String),
    Kind(String),
    Service(usize),
    Bridge(Value),
    Policy(usize),
    Assign(Vec<usize>),
    Level(usize),
    Acknowledge,
    Unacknowledge,
    Reopen,
    Resolve(Option<String>),
}

/// What an update asks for, checked against the incident as it is.
fn plan(state: &State, index: usize, wanted: &Value) -> Result<Vec<Change>, Fail> {
    let mut changes = Vec::new();
    if wanted["type"].as_str().is_none_or(|t| !t.starts_with("incident")) {
        return Err(Fail::invalid("type must be incident_reference"));
    }
    if let Some(title) = wanted.get("title") {
        let title = title.as_str().filter(|t| !t.trim().is_empty());
        changes.push(Change::Title(title.ok_or_else(|| Fail::invalid("Title can't be blank"))?.to_owned()));
    }
    if let Some(priority) = wanted.get("priority") {
        changes.push(Change::Priority(priority_of(state, priority)?));
    }
    if let Some(urgency) = wanted["urgency"].as_str() {
        let known = ["high", "low"].contains(&urgency);
        changes.push(
            known
                .then(|| Change::Urgency(urgency.into()))
                .ok_or_else(|| Fail::invalid("urgency must be high or low"))?,
        );
    }
    if let Some(kind) = wanted["incident_type"]["name"].as_str() {
        changes.push(Change::Kind(kind.into()));
    }
    if let Some(id) = wanted["service"]["id"].as_str() {
        let service = state.account.service(id).ok_or_else(|| Fail::new(400, 5002, "Service Not Found"))?;
        changes.push(Change::Service(service));
    }
    if wanted["conference_bridge"].is_object() {
        changes.push(Change::Bridge(wanted["conference_bridge"].clone()));
    }
    plan_people(state, index, wanted, &mut changes)?;
    changes.extend(plan_status(state, index, wanted)?);
    Ok(changes)
}

fn plan_people(state: &State, index: usize, wanted: &Value, changes: &mut Vec<Change>) -> Result<(), Fail> {
    let incident = &state.book.incidents[index];
    let policy = policy_of(state, wanted)?;
    let users = assignees(state, wanted)?;
    if policy.is_some() && users.is_some() {
        return Err(Fail::invalid("assignments and escalation_policy exclude each other"));
    }
    if (policy.is_some() || users.is_some()) && !incident.is_open() {
        return Err(Fail::new(400, 1011, "Cannot Reassign").because("the incident is resolved"));
    }
    changes.extend(policy.map(Change::Policy));
    changes.extend(users.map(Change::Assign));
    if let Some(level) = wanted.get("escalation_level") {
        let levels = state.account.policies[incident.policy].rules.len();
        let level = level.as_u64().map(|l| l as usize).filter(|l| (2..=levels).contains(l) && incident.is_open());
        changes.push(Change::Level(level.ok_or_else(|| Fail::new(400, 1006, "Cannot Escalate"))? - 1));
    }
    Ok(())
}

fn plan_status(state: &State, index: usize, wanted: &Value) -> Result<Option<Change>, Fail> {
    let Some(status) = wanted.get("status") else { return Ok(None) };
    let now = state.book.incidents[index].status;
    let resolution = wanted["resolution"].as_str().map(str::to_owned);
    match (status.as_str(), now) {
        (Some("acknowledged"), Status::Triggered) => Ok(Some(Change::Acknowledge)),
        (Some("acknowledged"), Status::Acknowledged) => Err(Fail::new(400, 1002, "Incident Already Acknowledged")),
        (Some("acknowledged" | "resolved"), Status::Resolved) => Err(Fail::new(400, 1001, "Incident Already Resolved")),
        (Some("resolved"), _) => Ok(Some(Change::Resolve(resolution))),
        (Some("triggered"), Status::Acknowledged) => Ok(Some(Change::Unacknowledge)),
        (Some("triggered"), Status::Resolved) => Ok(Some(Change::Reopen)),
        (Some("triggered"), Status::Triggered) => Err(Fail::new(400, 1012, "Incident Not Acknowledged")),
        _ => Err(Fail::new(400, 1003, "Invalid Status")),
    }
}

fn apply(state: &mut State, caller: &Caller, index: usize, wanted: &Value, changes: Vec<Change>, by: &By) {
    for change in changes {
        match change {
            Change::Title(title) => state.set_title(index, &title, by),
            Change::Priority(priority) => state.set_priority(index, priority, by),
            Change::Urgency(urgency) => state.set_urgency(index, &urgency, by),
            Change::Kind(kind) => state.set_kind(index, &kind, by),
            Change::Service(service) => state.set_service(index, service, by),
            Change::Bridge(bridge) => state.set_bridge(index, bridge, by),
            Change::Policy(policy) => state.delegate(index, policy, by),
            Change::Assign(users) => state.reassign(index, &users, by),
            Change::Level(level) => state.escalate(index, level, by),
            // Two entries of one bulk call may name one incident; the second finds the work done.
            Change::Acknowledge if state.book.incidents[index].status == Status::Triggered => {
                state.acknowledge(index, by)
            }
            Change::Unacknowledge if state.book.incidents[index].status == Status::Acknowledged => {
                state.unacknowledge(index, by)
            }
            Change::Reopen if !state.book.incidents[index].is_open() => state.reopen(index, by),
            Change::Resolve(why) if state.book.incidents[index].is_open() => state.resolve(index, by, why.as_deref()),
            Change::Acknowledge | Change::Unacknowledge | Change::Reopen | Change::Resolve(_) => {}
        }
    }
    let id = state.book.incidents[index].id.clone();
    state.record(&caller.effect("incident.updated", Some(&id), wanted.clone()));
}

pub(super) fn merge(state: &mut State, call: &Call, caller: &Caller) -> Answer {
    let target = incident_of(state, call)?;
    let wanted = body(call, "source_incidents")?;
    let sources = merge_sources(state, target, &wanted)?;
    let by = caller.by()?;
    state.merge(target, &sources, &by);
    let id = state.book.incidents[target].id.clone();
    state.record(&caller.effect("incident.merged", Some(&id), json!({ "sources": wanted })));
    Ok(Reply::json(200, &json!({ "incident": state.account.incident_ref(&state.book.incidents[target]) })))
}

fn merge_sources(state: &State, target: usize, wanted: &Value) -> Result<Vec<usize>, Fail> {
    let list = wanted.as_array().filter(|l| !l.is_empty());
    let list = list.ok_or_else(|| Fail::new(400, 2003, "Missing Arguments").because("source_incidents is empty"))?;
    if !state.book.incidents[target].is_open() {
        return Err(Fail::new(400, 1001, "Incident Already Resolved").because("the target must be open"));
    }
    let mut sources: Vec<usize> = Vec::new();
    for one in list {
        let found = state.book.find(one["id"].as_str().unwrap_or_default());
        let source = found.ok_or_else(|| Fail::new(400, 1004, "Invalid Id").because("no such source incident"))?;
        if source == target || sources.contains(&source) {
            return Err(Fail::invalid("an incident cannot be merged with itself"));
        }
        let incident = &state.book.incidents[source];
        if incident.merged_into.is_some() {
            return Err(Fail::new(400, 1019, "Incident Already Merged"));
        }
        let by_hand = matches!(incident.log.first().map(|e| e.agent), Some(Agent::User(_)));
        if incident.alerts.is_empty() && !by_hand {
            return Err(Fail::invalid("a source incident has no alerts"));
        }
        sources.push(source);
    }
    let alerts: usize = sources.iter().chain([&target]).map(|i| state.book.incidents[*i].alerts.len()).sum();
    if alerts > MAX_ALERTS {
        return Err(Fail::invalid("the merged incident would have more than 1000 alerts"));
    }
    Ok(sources)
}

pub(super) fn snooze(state: &mut State, call: &Call, caller: &Caller) -> Answer {
    let index = incident_of(state, call)?;
    let wanted = body(call, "duration")?;
    let seconds = wanted.as_i64().filter(|s| (1..=MAX_SNOOZE_S).contains(s));
    let seconds = seconds.ok_or_else(|| Fail::new(400, 1013, "Invalid Snooze Duration"))?;
    if !state.book.incidents[index].is_open() {
        return Err(Fail::new(400, 1001, "Incident Already Resolved"));
    }
    state.snooze(index, seconds, &caller.by()?);
    let id = state.book.incidents[index].id.clone();
    state.record(&caller.effect("incident.snoozed", Some(&id), json!({ "duration": seconds })));
    Ok(Reply::json(201, &json!({ "incident": state.incident(index, &Include::default()) })))
}
