//! Acts of people and monitors on an incident, as if done in PagerDuty's own pages.

use serde_json::{Value, json};

use super::{Outcome, text};
use crate::pagerduty::book::{Agent, By, Status};
use crate::pagerduty::call::Reply;
use crate::pagerduty::channel::Channel;
use crate::pagerduty::effects::Effect;
use crate::pagerduty::happen::{NewNote, Request};
use crate::pagerduty::shapes::Include;
use crate::pagerduty::state::State;

pub(super) fn handle(state: &mut State, body: &Value) -> Outcome {
    let index = incident_of(state, &body["incident"])?;
    let by = actor(state, index, body)?;
    let act = text(body, "act")?;
    status_act(state, index, act, body, &by)?;
    let id = state.book.incidents[index].id.clone();
    let kind = format!("act.{act}");
    let detail = body.clone();
    state.record(&Effect {
        kind: &kind,
        via: "control",
        incident: Some(&id),
        key: None,
        from: body["by"].as_str(),
        detail,
    });
    Ok(Reply::json(200, &json!({ "incident": state.incident(index, &Include::default()) })))
}

pub(super) fn incident_of(state: &State, wanted: &Value) -> Result<usize, String> {
    let id = wanted.as_str().map_or_else(|| wanted.to_string(), str::to_owned);
    state.book.find(&id).ok_or_else(|| format!("no incident {id}"))
}

fn user_of(state: &State, wanted: &Value) -> Result<usize, String> {
    let id = wanted.as_str().unwrap_or_default();
    let account = &state.account;
    account.user(id).or_else(|| account.user_by_email(id)).ok_or_else(|| format!("no user {wanted}"))
}

/// A user by id or address; "monitor"; the first operator when nobody is named.
pub(super) fn actor(state: &State, index: usize, body: &Value) -> Result<By, String> {
    match body["by"].as_str() {
        None => Ok(By::user(0, "website")),
        Some("monitor") => {
            let agent = Agent::Monitor(state.book.incidents[index].service);
            Ok(By { agent, channel: Channel::Plain("api"), client: None })
        }
        Some(_) => Ok(By::user(user_of(state, &body["by"])?, "website")),
    }
}

fn person(by: &By) -> Result<usize, String> {
    match by.agent {
        Agent::User(user) => Ok(user),
        _ => Err("only a person can do that".into()),
    }
}

fn status_act(state: &mut State, index: usize, act: &str, body: &Value, by: &By) -> Result<(), String> {
    let status = state.book.incidents[index].status;
    match (act, status) {
        ("acknowledge", Status::Triggered) => state.acknowledge(index, by),
        ("unacknowledge", Status::Acknowledged) => state.unacknowledge(index, by),
        ("reopen", Status::Resolved) => state.reopen(index, by),
        ("resolve", Status::Triggered | Status::Acknowledged) => state.resolve(index, by, body["resolution"].as_str()),
        ("acknowledge" | "unacknowledge" | "reopen" | "resolve", _) => {
            return Err(format!("the incident is {}", status.word()));
        }
        _ => return word_act(state, index, act, body, by),
    }
    Ok(())
}

fn word_act(state: &mut State, index: usize, act: &str, body: &Value, by: &By) -> Result<(), String> {
    match act {
        "note" => {
            let content = text(body, "content")?.to_owned();
            state.annotate(index, NewNote { user: person(by)?, content, channel: "The PagerDuty website or APIs" }, by);
        }
        "status_update" => {
            text(body, "message")?;
            state.publish(index, person(by)?, body, by);
        }
        "title" => state.set_title(index, text(body, "title")?, by),
        "urgency" => state.set_urgency(index, text(body, "urgency")?, by),
        "type" => state.set_kind(index, text(body, "name")?, by),
        "priority" => {
            let priority = priority_of(state, &body["priority"])?;
            state.set_priority(index, priority, by);
        }
        "service" => {
            let service = super::service_of(state, body)?;
            state.set_service(index, service, by);
        }
        "bridge" => {
            let bridge = json!({ "conference_number": body["number"], "conference_url": body["url"] });
            state.set_bridge(index, bridge, by);
        }
        "responder" => request(state, index, body, by)?,
        "responder_reply" => reply(state, index, body)?,
        _ => return open_act(state, index, act, body, by),
    }
    Ok(())
}

/// Acts that only make sense while the incident is open.
fn open_act(state: &mut State, index: usize, act: &str, body: &Value, by: &By) -> Result<(), String> {
    if !state.book.incidents[index].is_open() {
        return Err("the incident is resolved".into());
    }
    match act {
        "reassign" => {
            let users = users(state, &body["to"])?;
            state.reassign(index, &users, by);
        }
        "escalate" => {
            let level =
                body["level"].as_u64().map_or(state.book.incidents[index].level + 1, |l| l.saturating_sub(1) as usize);
            if level >= state.account.policies[state.book.incidents[index].policy].rules.len() {
                return Err("the policy has no such level".into());
            }
            state.escalate(index, level, by);
        }
        "delegate" => {
            let policy = state.account.policy(text(body, "policy")?).ok_or("no such policy")?;
            state.delegate(index, policy, by);
        }
        "snooze" => {
            let seconds = body["seconds"].as_i64().filter(|s| *s > 0).ok_or("seconds must be above 0")?;
            state.snooze(index, seconds, by);
        }
        "merge" => {
            let sources = body["sources"].as_array().ok_or("sources is a list of incidents")?;
            let sources: Vec<usize> = sources.iter().map(|s| incident_of(state, s)).collect::<Result<_, _>>()?;
            if sources.contains(&index) || sources.iter().any(|s| state.book.incidents[*s].merged_into.is_some()) {
                return Err("a source is the target itself or already merged".into());
            }
            state.merge(index, &sources, by);
        }
        "resolve_alert" => {
            let wanted = body["alert"].as_str();
            let alerts = &state.book.incidents[index].alerts;
            let at = alerts.iter().position(|a| a.resolved.is_none() && wanted.is_none_or(|w| a.id == w || a.key == w));
            state.resolve_alert(index, at.ok_or("no such open alert")?, by);
        }
        _ => return Err(format!("{act} is not an act")),
    }
    Ok(())
}

fn priority_of(state: &State, wanted: &Value) -> Result<Option<usize>, String> {
    let Some(wanted) = wanted.as_str() else { return Ok(None) };
    let found = state.account.priorities.iter().position(|p| p.id == wanted || p.name == wanted);
    found.map(Some).ok_or_else(|| format!("no priority {wanted}"))
}

/// One user or a list of them.
fn users(state: &State, wanted: &Value) -> Result<Vec<usize>, String> {
    match wanted {
        Value::Array(list) => list.iter().map(|u| user_of(state, u)).collect(),
        one => Ok(vec![user_of(state, one)?]),
    }
}

fn request(state: &mut State, index: usize, body: &Value, by: &By) -> Result<(), String> {
    let users = users(state, &body["users"])?;
    let message = body["message"].as_str().unwrap_or("Please help");
    state.request_responders(index, &Request { requester: person(by)?, message, users: &users, policies: &[] }, by);
    Ok(())
}

fn reply(state: &mut State, index: usize, body: &Value) -> Result<(), String> {
    let user = user_of(state, &body["user"])?;
    let answer = match body["state"].as_str() {
        Some("joined" | "accepted") => "joined",
        Some("declined") => "declined",
        _ => return Err("state is joined or declined".into()),
    };
    if state.answer(index, user, answer, &By::user(user, "mobile")) {
        Ok(())
    } else {
        Err("that user was not asked".into())
    }
}
