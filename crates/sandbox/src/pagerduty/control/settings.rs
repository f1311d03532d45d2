//! What people set and mis-set in the vendor's pages: services, maintenance, integrations, orchestrations, grouping, who is on call.
//! Every change has its author in the audit trail.

use serde_json::{Value, json};

use super::{Outcome, service_of, text};
use crate::pagerduty::account::{Maintenance, Presence, Vacant};
use crate::pagerduty::audit::Changed;
use crate::pagerduty::book::By;
use crate::pagerduty::call::Reply;
use crate::pagerduty::clock::plus_s;
use crate::pagerduty::grouping::{Kind, Setting};
use crate::pagerduty::mailbox::{Mailbox, Rules};
use crate::pagerduty::shapes::Include;
use crate::pagerduty::state::State;

/// How long the vendor lets a service pause its new alerts.
const PAUSES_S: [i64; 5] = [120, 180, 300, 600, 900];

/// Who does it: a user's id, address or name; the first administrator when nobody is named.
pub(super) fn author(state: &State, body: &Value) -> Result<usize, String> {
    let Some(wanted) = body["by"].as_str() else { return Ok(state.account.admin()) };
    let account = &state.account;
    let by_name = || account.users.iter().position(|u| u.name == wanted);
    account
        .user(wanted)
        .or_else(|| account.user_by_email(wanted))
        .or_else(by_name)
        .ok_or_else(|| format!("no user {wanted}"))
}

/// Disables a service or brings it back, changes its urgency or how long it pauses new alerts.
pub(super) fn service(state: &mut State, body: &Value) -> Outcome {
    let service = service_of(state, body)?;
    let by = author(state, body)?;
    let mut changed: Vec<Changed<'_>> = Vec::new();
    let own = &mut state.account.services[service];
    if let Some(status) = body["status"].as_str() {
        let disabled = match status {
            "disabled" => true,
            "active" => false,
            _ => return Err("status is active or disabled".into()),
        };
        let word = |disabled| if disabled { "disabled" } else { "active" };
        changed.push(("status", json!(word(std::mem::replace(&mut own.disabled, disabled))), json!(status)));
    }
    if let Some(urgency) = body["urgency"].as_str() {
        let known = ["high", "low", "severity_based"].into_iter().find(|u| *u == urgency);
        let urgency = known.ok_or("urgency is high, low or severity_based")?;
        changed.push(("incident_urgency_rule", json!(std::mem::replace(&mut own.urgency, urgency)), json!(urgency)));
    }
    if let Some(seconds) = body.get("auto_pause_s") {
        let seconds = seconds.as_i64().filter(|s| *s > 0);
        if seconds.is_some_and(|s| !PAUSES_S.contains(&s)) && body["any_length"] != true {
            return Err("auto_pause_s is 120, 180, 300, 600, 900 or null; any_length takes others".into());
        }
        changed.push((
            "auto_pause_notifications",
            json!(std::mem::replace(&mut own.auto_pause_s, seconds)),
            json!(seconds),
        ));
    }
    if changed.is_empty() {
        return Err("nothing to change: name status, urgency or auto_pause_s".into());
    }
    state.audit(by, "update", &state.account.service_ref(service), &changed);
    state.tell_service(service, "service.updated", &By::user(by, "website"));
    Ok(Reply::json(200, &json!({ "service": state.service_full(service, &Include::default()) })))
}

/// A window from now on, or the end of one.
pub(super) fn maintenance(state: &mut State, body: &Value) -> Outcome {
    let by = author(state, body)?;
    if let Some(id) = body["end"].as_str() {
        let now = state.now;
        let own = state.account.maintenance.iter_mut().find(|w| w.id == id).ok_or("no such window")?;
        own.end = now;
        // One that has not begun is deleted.
        state.account.maintenance.retain(|w| w.start < w.end);
        return Ok(Reply::json(200, &json!({ "ended": id })));
    }
    let services = services(state, body)?;
    let seconds = body["seconds"].as_i64().filter(|s| *s > 0).ok_or("seconds must be above 0")?;
    let start = plus_s(state.now, body["in_s"].as_i64().unwrap_or(0));
    let id = state.dice.code("PW", 7);
    state.account.maintenance.push(Maintenance {
        id: id.clone(),
        start,
        end: plus_s(start, seconds),
        description: body["description"].as_str().unwrap_or("Maintenance").to_owned(),
        services: services.clone(),
        by,
    });
    for service in services {
        let window: Changed<'_> = ("maintenance_window", Value::Null, json!(id));
        state.audit(by, "update", &state.account.service_ref(service), &[window]);
    }
    Ok(Reply::json(200, &json!({ "maintenance_window": id })))
}

fn services(state: &State, body: &Value) -> Result<Vec<usize>, String> {
    let one = |wanted: &Value| service_of(state, &json!({ "service": wanted }));
    match body["services"].as_array() {
        Some(list) if !list.is_empty() => list.iter().map(one).collect(),
        _ => Ok(vec![service_of(state, body)?]),
    }
}

/// Adds an e-mail integration, changes its rules, deletes an integration or brings it back.
pub(super) fn integration(state: &mut State, body: &Value) -> Outcome {
    let by = author(state, body)?;
    match text(body, "act")? {
        "add_email" => add_email(state, body, by),
        "change" => change_email(state, body, by),
        "delete" => presence(state, body, (by, true)),
        "restore" => presence(state, body, (by, false)),
        act => Err(format!("{act} is not add_email, change, delete or restore")),
    }
}

fn rules(body: &Value) -> Result<Rules, String> {
    let wanted = Some(body["rules"].clone()).filter(Value::is_object).unwrap_or_else(|| json!({}));
    let rules: Rules = serde_json::from_value(wanted).map_err(|e| format!("rules: {e}"))?;
    rules.problem().map_or(Ok(rules), |problem| Err(format!("rules: {problem}")))
}

fn add_email(state: &mut State, body: &Value, by: usize) -> Outcome {
    let service = service_of(state, body)?;
    let name = text(body, "name")?.to_lowercase();
    let mut own = Mailbox::new(state.dice.code("PM", 7), service, &name, state.now);
    if state.account.mailboxes.iter().any(|m| m.address == own.address && !m.deleted) {
        return Err(format!("{} is taken", own.address));
    }
    own.rules = rules(body)?;
    state.account.mailboxes.push(own);
    let place = state.account.mailboxes.len() - 1;
    let added: Changed<'_> = ("integration", Value::Null, json!(state.account.mailboxes[place].address));
    state.audit(by, "update", &state.account.service_ref(service), &[added]);
    Ok(Reply::json(200, &json!({ "integration": state.account.mailbox_full(place) })))
}

/// By the integration's id or address; the first one of the service otherwise.
fn mailbox_of(state: &State, body: &Value) -> Result<usize, String> {
    let all = &state.account.mailboxes;
    let found = match body["integration"].as_str() {
        Some(wanted) => all.iter().position(|m| m.id == wanted || m.address == wanted),
        None => {
            let service = service_of(state, body)?;
            all.iter().position(|m| m.service == service)
        }
    };
    found.ok_or_else(|| "no such e-mail integration".into())
}

fn change_email(state: &mut State, body: &Value, by: usize) -> Outcome {
    let place = mailbox_of(state, body)?;
    let rules = rules(body)?;
    let shown = |rules: &Rules| serde_json::to_value(rules).unwrap_or_default();
    let before = std::mem::replace(&mut state.account.mailboxes[place].rules, rules);
    let after = shown(&state.account.mailboxes[place].rules);
    let mut changed: Vec<Changed<'_>> = vec![("email_integration", shown(&before), after)];
    if let Some(name) = body["name"].as_str() {
        let fresh = Mailbox::new(String::new(), 0, &name.to_lowercase(), state.now).address;
        let old = std::mem::replace(&mut state.account.mailboxes[place].address, fresh.clone());
        changed.push(("integration_email", json!(old), json!(fresh)));
    }
    let service = state.account.mailboxes[place].service;
    state.audit(by, "update", &state.account.service_ref(service), &changed);
    Ok(Reply::json(200, &json!({ "integration": state.account.mailbox_full(place) })))
}

/// `unnoticed`: the key of a deleted Events v2 integration is still answered with 202.
fn presence(state: &mut State, body: &Value, (by, deleted): (usize, bool)) -> Outcome {
    let is_email = body["email"] == true || body["integration"].is_string();
    let service = if is_email {
        let place = mailbox_of(state, body)?;
        state.account.mailboxes[place].deleted = deleted;
        state.account.mailboxes[place].service
    } else {
        let service = service_of(state, body)?;
        let gone = if body["unnoticed"] == true { Presence::DeletedUnnoticed } else { Presence::Deleted };
        state.account.services[service].events = if deleted { gone } else { Presence::Live };
        service
    };
    let what = json!(if is_email { "Email" } else { "Events API V2" });
    let gone: Changed<'_> =
        if deleted { ("integration", what, Value::Null) } else { ("integration", Value::Null, what) };
    state.audit(by, "update", &state.account.service_ref(service), &[gone]);
    Ok(Reply::json(200, &json!({ "service": state.service_full(service, &Include(vec!["integrations".into()])) })))
}

/// An orchestration of its own, one of its paths, or the path of a service.
pub(super) fn orchestration(state: &mut State, body: &Value) -> Outcome {
    let by = author(state, body)?;
    let now = state.now;
    if body["service"].is_string() {
        let service = service_of(state, body)?;
        let own = state.account.orchestrations.of_service(service, &mut state.dice, by, now);
        own.active = body["active"].as_bool().unwrap_or(true);
        own.path.change(body, &mut state.dice, (by, now))?;
        let changed: Changed<'_> = ("service_orchestration", Value::Null, json!(own.path.version));
        state.audit(by, "update", &state.account.service_ref(service), &[changed]);
        return Ok(Reply::json(200, &json!({ "service": state.account.services[service].id })));
    }
    let place = match body["orchestration"].as_str() {
        Some(id) => state.account.orchestrations.find(id).ok_or_else(|| format!("no orchestration {id}"))?,
        None => {
            let team = body["team"].as_str().and_then(|id| state.account.team(id));
            let name = text(body, "name")?;
            state.account.orchestrations.add((name, team), &mut state.dice, (by, now))
        }
    };
    let own = &mut state.account.orchestrations.all[place];
    if let Some(which) = body["path"].as_str() {
        let path = own.path_mut(which).ok_or("path is global, router or unrouted")?;
        path.change(body, &mut state.dice, (by, now))?;
    }
    Ok(Reply::json(200, &json!({ "orchestration": own.id, "routing_key": own.routing_key })))
}

pub(super) fn grouping(state: &mut State, body: &Value) -> Outcome {
    let by = author(state, body)?;
    if let Some(id) = body["delete"].as_str() {
        state.account.groupings.retain(|g| g.id != id);
        return Ok(Reply::json(200, &json!({ "deleted": id })));
    }
    let kind = text(body, "type")?;
    let kind = Kind::of(kind)
        .ok_or_else(|| format!("{kind} is not time, content_based, content_based_intelligent or intelligent"))?;
    let own = Setting {
        id: state.dice.code("PG", 7),
        name: body["name"].as_str().unwrap_or("Grouping").to_owned(),
        kind,
        config: Some(body["config"].clone()).filter(Value::is_object).unwrap_or_else(|| json!({})),
        services: services(state, body)?,
        created: state.now,
        updated: state.now,
    };
    let shown = state.grouping_full(&own);
    for service in own.services.clone() {
        let changed: Changed<'_> = ("alert_grouping_parameters", Value::Null, json!(kind.word()));
        state.audit(by, "update", &state.account.service_ref(service), &[changed]);
    }
    state.account.groupings.push(own);
    Ok(Reply::json(200, &json!({ "alert_grouping_setting": shown })))
}

/// Whether anybody is on call in a policy, and what an alert becomes when nobody is.
pub(super) fn oncall(state: &mut State, body: &Value) -> Outcome {
    let policy = match body["policy"].as_str() {
        Some(id) => state.account.policy(id).ok_or_else(|| format!("no policy {id}"))?,
        None => state.account.services[service_of(state, body)?].policy,
    };
    let vacant = match body["incidents"].as_str() {
        None | Some("none") => Vacant::NoIncident,
        Some("unassigned") => Vacant::Unassigned,
        Some(other) => return Err(format!("incidents is none or unassigned, not {other}")),
    };
    if body["nobody"].as_bool().ok_or("nobody must be true or false")? {
        state.account.vacant.insert(policy, vacant);
    } else {
        state.account.vacant.remove(&policy);
    }
    Ok(Reply::json(200, &json!({ "policy": state.account.policies[policy].id, "nobody": body["nobody"] })))
}

/// Whether any key may read the audit trail.
pub(super) fn audit(state: &mut State, body: &Value) -> Outcome {
    state.access.audit_forbidden = body["forbidden"].as_bool().ok_or("forbidden must be true or false")?;
    Ok(Reply::json(200, &json!({ "forbidden": state.access.audit_forbidden })))
}
