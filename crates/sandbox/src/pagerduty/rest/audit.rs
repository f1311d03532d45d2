//! The audit trail, of the account and of one thing. Newest first, page by page with a cursor that means "older than this record".

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Caller;
use super::query::{instant_of, page};
use super::reference::must_have;
use crate::pagerduty::access::denied;
use crate::pagerduty::call::{Answer, Call, Fail, Reply};
use crate::pagerduty::clock::plus_s;
use crate::pagerduty::state::State;

pub(super) fn all(state: &mut State, call: &Call, caller: &Caller) -> Answer {
    records(state, call, caller, None)
}

/// Of the thing that the path names.
pub(super) fn of_one(state: &mut State, call: &Call, caller: &Caller) -> Answer {
    let (id, account) = (call.segment(1), &state.account);
    let known = match call.segment(0) {
        "services" => account.service(id),
        "users" => account.user(id),
        "teams" => account.team(id),
        "schedules" => account.schedule(id),
        _ => account.policy(id),
    };
    known.ok_or_else(Fail::not_found)?;
    records(state, call, caller, Some(id))
}

fn records(state: &State, call: &Call, caller: &Caller, only: Option<&str>) -> Answer {
    let may_not = caller.has_user_key && caller.user.is_some_and(|u| state.account.users[u].role != "admin");
    if may_not || state.access.audit_forbidden {
        return Err(denied());
    }
    must_have(state, "audit_trail")?;
    let limit = page(call)?.limit;
    let (since, until) = span(call, state.now)?;
    if call.one("actor_id").is_some() && call.one("actor_type").is_none() {
        return Err(Fail::invalid("actor_id needs actor_type"));
    }
    let cursor = call.one("cursor").filter(|c| !c.is_empty());
    let fits = |r: &&Value| {
        let at = r["execution_time"].as_str().and_then(|t| t.parse::<jiff::Timestamp>().ok());
        only.is_none_or(|id| r["root_resource"]["id"] == id)
            && at.is_none_or(|at| (since..until).contains(&at))
            && record_fits(call, r)
    };
    let mut found: Vec<&Value> = state.account.audit.iter().filter(fits).collect();
    found.reverse();
    if let Some(cursor) = cursor {
        let at = found.iter().position(|r| r["id"] == cursor).ok_or_else(|| Fail::invalid("cursor is not known"))?;
        found.drain(..=at);
    }
    let next = if found.len() > limit { found[limit - 1]["id"].clone() } else { Value::Null };
    found.truncate(limit);
    let body = json!({ "records": found, "limit": limit, "next_cursor": next, "response_metadata": null });
    Ok(Reply::json(200, &body))
}

/// The past day when not told, never more than 31 days.
fn span(call: &Call, now: Timestamp) -> Result<(Timestamp, Timestamp), Fail> {
    let until = instant_of(call, "until")?.unwrap_or(now);
    let since = instant_of(call, "since")?.unwrap_or_else(|| plus_s(now, -86_400));
    if since > until || plus_s(since, 31 * 86_400) < until {
        return Err(Fail::new(400, 2005, "Invalid Date Range").because("until may be 31 days after since at most"));
    }
    Ok((since, until))
}

/// The filters of the audit trail that are not about time.
fn record_fits(call: &Call, record: &Value) -> bool {
    let (kinds, actions) = (call.all("root_resource_types[]"), call.all("actions[]"));
    let is_in = |list: &[&str], word: &str| list.is_empty() || list.contains(&word);
    let kind = record["root_resource"]["type"].as_str().unwrap_or_default().trim_end_matches("_reference");
    let actors = record["actors"].as_array().map(Vec::as_slice).unwrap_or_default();
    let by = |field: &str, wanted: Option<&str>| wanted.is_none_or(|w| actors.iter().any(|a| a[field] == w));
    is_in(&kinds, &format!("{kind}s"))
        && is_in(&actions, record["action"].as_str().unwrap_or_default())
        && by("id", call.one("actor_id"))
        && by("type", call.one("actor_type"))
        && call.one("method_type").is_none_or(|m| record["method"]["type"] == m)
}
