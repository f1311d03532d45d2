//! REST v2: who calls, how often, and which handler answers. Handlers are plain functions of the state and the call.

mod alerts;
mod audit;
mod change;
mod help;
mod incidents;
mod log_entries;
mod notes;
mod oncalls;
pub(crate) mod query;
mod reference;
mod settings;
mod subscriptions;
mod windows;

use serde_json::{Value, json};

use super::access::{denied, is_onlooker};
use super::book::By;
use super::call::{Answer, Call, Fail, Reply};
use super::channel::Channel;
use super::effects::Effect;
use super::limits::Allowance;
use super::state::State;

/// Who is behind a token.
#[derive(Debug, Clone, Default)]
pub(crate) struct Caller {
    /// The user of a user key, or the one named in `From`.
    pub user: Option<usize>,
    has_user_key: bool,
    read_only: bool,
    /// Whose address a write is recorded under: a user key's own, whatever `From` says.
    from: Option<String>,
}

pub(crate) type Handler = fn(&mut State, &Call, &Caller) -> Answer;

/// Whether a write wants to know the person behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    Needed,
    Unneeded,
}

pub(crate) fn handle(state: &mut State, call: &Call) -> Reply {
    let known = identify(state, call).filter(|_| !state.access.wrong_region);
    let Some((token, mut caller)) = known else {
        return Fail::new(401, 2006, "Authentication failed").reply();
    };
    let allowance = state.limits.take(&token, state.settings.requests_per_minute, state.now);
    if allowance.exceeded {
        return limited(Fail::new(429, 2020, "Rate Limit Exceeded").reply(), allowance);
    }
    let allowed = state.access.allows(&token, call);
    let admitted = allowed.and_then(|()| admit(state, call, &mut caller));
    let answer = admitted.and_then(|handler| match call.stale {
        Some(changes) if !call.is_write() => answer_stale(state, call, &caller, handler, changes),
        _ => handler(state, call, &caller),
    });
    limited(answer.unwrap_or_else(|fail| fail.reply()), allowance)
}

fn limited(reply: Reply, allowance: Allowance) -> Reply {
    reply
        .with("ratelimit-limit", allowance.limit)
        .with("ratelimit-remaining", allowance.remaining)
        .with("ratelimit-reset", allowance.reset_s)
}

/// The header's form must be exact.
fn identify(state: &State, call: &Call) -> Option<(String, Caller)> {
    let header = call.authorization.as_deref()?;
    let token = header.strip_prefix("Token token=").or_else(|| header.strip_prefix("Bearer "))?;
    let account = &state.account;
    let user = account.users.iter().position(|u| u.token == token);
    let known = account.knows(token);
    let caller = Caller {
        user,
        has_user_key: user.is_some(),
        read_only: token == account.read_only_token || user.is_some_and(|u| is_onlooker(account.users[u].role)),
        from: user.map(|u| account.users[u].email.clone()).or_else(|| call.from.clone()),
    };
    known.then(|| (token.to_owned(), caller))
}

fn admit(state: &State, call: &Call, caller: &mut Caller) -> Result<Handler, Fail> {
    if call.is_write() && caller.read_only {
        return Err(denied());
    }
    let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    let Some((handler, from)) = route(call.method.as_str(), &segments) else {
        let other = ["GET", "POST", "PUT", "DELETE"].iter().any(|m| route(m, &segments).is_some());
        return Err(if other { Fail::new(405, 2015, "Method Not Allowed") } else { Fail::not_found() });
    };
    if call.is_write() && !call.body.is_empty() && !is_json(call) {
        return Err(Fail::invalid("Content-Type must be application/json"));
    }
    if let Some(email) = caller.from.as_deref().filter(|_| !caller.has_user_key) {
        caller.user = state.account.user_by_email(email);
    }
    if from == From::Needed && caller.user.is_none() {
        return Err(match caller.from {
            None => Fail::invalid("Requester User Not Found: the From header is needed with this key"),
            Some(_) => Fail::new(400, 1008, "Requester User Not Found").because("From is not a user's email address"),
        });
    }
    Ok(handler)
}

fn is_json(call: &Call) -> bool {
    call.content_type.as_deref().is_some_and(|t| t.split(';').next().unwrap_or_default().trim() == "application/json")
}

fn answer_stale(state: &mut State, call: &Call, caller: &Caller, handler: Handler, changes: usize) -> Answer {
    let only = state.book.find(call.segment(1)).filter(|_| call.segment(0) == "incidents");
    let undone = state.book.rewind(only, changes);
    let answer = handler(state, call, caller);
    state.book.restore(undone);
    answer
}

fn route(method: &str, segments: &[&str]) -> Option<(Handler, From)> {
    match *segments.first()? {
        "incidents" => incident_route(method, &segments[1..]),
        "webhook_subscriptions" => Some((subscription_route(method, &segments[1..])?, From::Unneeded)),
        "maintenance_windows" if method != "GET" => window_route(method, &segments[1..]),
        _ if method == "GET" => Some((read_route(segments)?, From::Unneeded)),
        _ => None,
    }
}

fn incident_route(method: &str, rest: &[&str]) -> Option<(Handler, From)> {
    let handler: (Handler, From) = match (method, rest) {
        ("GET", []) => (incidents::list, From::Unneeded),
        ("POST", []) => (change::create, From::Needed),
        ("PUT", []) => (change::update_many, From::Needed),
        ("GET", [_]) => (incidents::get, From::Unneeded),
        ("PUT", [_]) => (change::update, From::Needed),
        ("PUT", [_, "merge"]) => (change::merge, From::Needed),
        ("POST", [_, "snooze"]) => (change::snooze, From::Needed),
        ("GET", [_, "notes"]) => (notes::list, From::Unneeded),
        ("POST", [_, "notes"]) => (notes::create, From::Needed),
        ("PUT", [_, "notes", _]) => (notes::update, From::Needed),
        ("DELETE", [_, "notes", _]) => (notes::delete, From::Unneeded),
        ("GET", [_, "alerts"]) => (alerts::list, From::Unneeded),
        ("PUT", [_, "alerts"]) => (alerts::update_many, From::Needed),
        ("GET", [_, "alerts", _]) => (alerts::get, From::Unneeded),
        ("PUT", [_, "alerts", _]) => (alerts::update, From::Needed),
        ("GET", [_, "log_entries"]) => (log_entries::of_incident, From::Unneeded),
        ("POST", [_, "status_updates"]) => (help::publish, From::Needed),
        ("POST", [_, "responder_requests"]) => (help::request, From::Unneeded),
        _ => return None,
    };
    Some(handler)
}

fn window_route(method: &str, rest: &[&str]) -> Option<(Handler, From)> {
    let handler: (Handler, From) = match (method, rest) {
        ("POST", []) => (windows::create, From::Needed),
        ("PUT", [_]) => (windows::update, From::Unneeded),
        ("DELETE", [_]) => (windows::delete, From::Unneeded),
        _ => return None,
    };
    Some(handler)
}

fn subscription_route(method: &str, rest: &[&str]) -> Option<Handler> {
    let handler: Handler = match (method, rest) {
        ("GET", []) => subscriptions::list,
        ("POST", []) => subscriptions::create,
        ("GET", [_]) => subscriptions::get,
        ("PUT", [_]) => subscriptions::update,
        ("DELETE", [_]) => subscriptions::delete,
        ("POST", [_, "enable"]) => subscriptions::enable,
        ("POST", [_, "ping"]) => subscriptions::ping,
        _ => return None,
    };
    Some(handler)
}

fn read_route(segments: &[&str]) -> Option<Handler> {
    let handler: Handler = match segments {
        ["log_entries"] => log_entries::of_account,
        ["log_entries", _] => log_entries::get,
        ["services"] => reference::services,
        ["services", _] => reference::service,
        ["users"] => reference::users,
        ["users", "me"] => reference::me,
        ["users", _] => reference::user,
        ["teams"] => reference::teams,
        ["teams", _] => reference::team,
        ["teams", _, "members"] => reference::members,
        ["escalation_policies"] => reference::policies,
        ["escalation_policies", _] => reference::policy,
        ["schedules"] => oncalls::schedules,
        ["schedules", _] => oncalls::schedule,
        ["schedules", _, "users"] => oncalls::schedule_users,
        ["oncalls"] => oncalls::list,
        ["priorities"] => reference::priorities,
        ["abilities"] => reference::abilities,
        ["abilities", _] => reference::ability,
        ["maintenance_windows"] => reference::windows,
        ["maintenance_windows", _] => reference::window,
        ["audit", "records"] => audit::all,
        ["services" | "users" | "teams" | "escalation_policies" | "schedules", _, "audit", "records"] => audit::of_one,
        ["services", _, "integrations", _] => settings::integration,
        ["event_orchestrations"] => settings::orchestrations,
        ["event_orchestrations", "services", _] => settings::service_path,
        ["event_orchestrations", "services", _, "active"] => settings::service_active,
        ["event_orchestrations", _] => settings::orchestration,
        ["event_orchestrations", _, "integrations"] => settings::orchestration_integrations,
        ["event_orchestrations", _, "global" | "router" | "unrouted"] => settings::path,
        ["alert_grouping_settings"] => settings::groupings,
        ["alert_grouping_settings", _] => settings::grouping,
        _ => return None,
    };
    Some(handler)
}

impl Caller {
    /// The person of a write whose route needs one.
    fn person(&self) -> Result<usize, Fail> {
        self.user.ok_or_else(|| Fail::invalid("Requester User Not Found"))
    }

    fn by(&self) -> Result<By, Fail> {
        let channel = Channel::own(json!({ "type": "api", "summary": "REST API" }));
        Ok(By { channel, ..By::user(self.person()?, "api") })
    }

    fn effect<'a>(&'a self, kind: &'a str, incident: Option<&'a str>, detail: Value) -> Effect<'a> {
        Effect { kind, via: "rest", incident, key: None, from: self.from.as_deref(), detail }
    }
}

/// The body's object under `name`.
fn body(call: &Call, name: &str) -> Result<Value, Fail> {
    let body: Value = serde_json::from_slice(&call.body)
        .map_err(|_| Fail::new(400, 2002, "Arguments Caused Error").because("the body is not JSON"))?;
    match body.get(name) {
        Some(inner) => Ok(inner.clone()),
        None => Err(Fail::new(400, 2003, "Missing Arguments").because(format!("{name} is missing"))),
    }
}

/// The incident named in the path, by id or number.
fn incident_of(state: &State, call: &Call) -> Result<usize, Fail> {
    state.book.find(call.segment(1)).ok_or_else(|| Fail::new(404, 5001, "Incident Not Found"))
}
