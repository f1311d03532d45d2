//! Status updates and calls for responders.

use serde_json::{Value, json};

use super::{Caller, body, incident_of};
use crate::pagerduty::book::By;
use crate::pagerduty::call::{Answer, Call, Fail, Reply};
use crate::pagerduty::happen::Request;
use crate::pagerduty::state::State;

pub(super) fn publish(state: &mut State, call: &Call, caller: &Caller) -> Answer {
    let index = incident_of(state, call)?;
    let message = body(call, "message")?;
    if message.as_str().is_none_or(|m| m.trim().is_empty()) {
        return Err(Fail::invalid("Message can't be blank"));
    }
    let whole: Value = serde_json::from_slice(&call.body).unwrap_or(Value::Null);
    let text = |name: &str| whole[name].as_str().unwrap_or_default().to_owned();
    let wanted = json!({ "message": message, "subject": text("subject"), "html_message": text("html_message") });
    let update = state.publish(index, caller.person()?, &wanted, &caller.by()?);
    let id = state.book.incidents[index].id.clone();
    state.record(&caller.effect("status_update.created", Some(&id), wanted));
    Ok(Reply::json(200, &json!({ "status_update": update })))
}

pub(super) fn request(state: &mut State, call: &Call, caller: &Caller) -> Answer {
    let index = incident_of(state, call)?;
    let requester = body(call, "requester_id").map_err(|_| Fail::new(400, 2011, "Requester Id Needed"))?;
    let requester = state.account.user(requester.as_str().unwrap_or_default());
    let requester = requester.ok_or_else(|| Fail::new(400, 1008, "Requester User Not Found"))?;
    let message = body(call, "message")?;
    let targets = body(call, "responder_request_targets")?;
    let (mut users, mut policies) = (Vec::new(), Vec::new());
    for target in targets.as_array().into_iter().flatten() {
        let target = target.get("responder_request_target").unwrap_or(target);
        let id = target["id"].as_str().unwrap_or_default();
        match target["type"].as_str() {
            Some("user_reference" | "user") => {
                users.push(state.account.user(id).ok_or_else(|| Fail::new(400, 2013, "User Not Found"))?)
            }
            Some("escalation_policy_reference" | "escalation_policy") => {
                policies
                    .push(state.account.policy(id).ok_or_else(|| Fail::new(400, 1014, "Escalation Policy Not Found"))?);
            }
            _ => return Err(Fail::invalid("a target is a user or an escalation policy")),
        }
    }
    if users.is_empty() && policies.is_empty() {
        return Err(Fail::new(400, 2003, "Missing Arguments").because("responder_request_targets is empty"));
    }
    let asked =
        Request { requester, message: message.as_str().unwrap_or_default(), users: &users, policies: &policies };
    let shown = state.request_responders(index, &asked, &By::user(requester, "api"));
    let id = state.book.incidents[index].id.clone();
    state.record(&caller.effect(
        "responder_request.created",
        Some(&id),
        json!({ "targets": targets, "message": message }),
    ));
    Ok(Reply::json(200, &json!({ "responder_request": shown })))
}
