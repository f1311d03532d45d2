//! Reading what people have set up: services, users, teams, policies, priorities, windows.

use serde_json::{Value, json};

use super::Caller;
use super::query::{include, page, words};
use crate::pagerduty::account::{Account, Target};
use crate::pagerduty::call::{Answer, Call, Fail, Reply};
use crate::pagerduty::clock::seconds;
use crate::pagerduty::refs::{api, site};
use crate::pagerduty::state::State;

const ABILITIES: &[&str] = &[
    "teams",
    "urgencies",
    "coordinated_responding",
    "service_support_hours",
    "team_responders",
    "manage_schedules",
    "read_only_users",
    "event_rules",
    "audit_trail",
];

/// `query` finds a part of the name.
fn named(call: &Call, name: &str) -> bool {
    call.one("query").is_none_or(|q| name.to_lowercase().contains(&q.to_lowercase()))
}

fn in_teams(call: &Call, account: &Account, teams: &[usize]) -> bool {
    let wanted = call.all("team_ids[]");
    wanted.is_empty() || teams.iter().any(|t| wanted.contains(&account.teams[*t].id.as_str()))
}

fn chosen<T>(of: &[T], fits: impl Fn(&T) -> bool) -> Vec<usize> {
    of.iter().enumerate().filter(|(_, item)| fits(item)).map(|(index, _)| index).collect()
}

fn paged(call: &Call, name: &str, found: &[usize], render: impl Fn(usize) -> Value) -> Answer {
    Ok(Reply::json(200, &page(call)?.wrap(name, found, |index| render(*index))))
}

fn one(name: &str, found: Option<usize>, render: impl Fn(usize) -> Value) -> Answer {
    let index = found.ok_or_else(Fail::not_found)?;
    Ok(Reply::json(200, &json!({ name: render(index) })))
}

pub(super) fn services(state: &mut State, call: &Call, _: &Caller) -> Answer {
    let include = include(call);
    let account = &state.account;
    let mut found = chosen(&account.services, |s| {
        named(call, &s.name)
            && call.one("name").is_none_or(|n| n == s.name)
            && in_teams(call, account, s.team.as_slice())
    });
    match call.one("sort_by") {
        None => {}
        Some("name" | "name:asc") => found.sort_by_key(|s| account.services[*s].name.clone()),
        Some("name:desc") => found.sort_by_key(|s| std::cmp::Reverse(account.services[*s].name.clone())),
        Some(_) => return Err(Fail::invalid("sort_by can only be name")),
    }
    paged(call, "services", &found, |s| state.service_full(s, &include))
}

pub(super) fn service(state: &mut State, call: &Call, _: &Caller) -> Answer {
    let include = include(call);
    let found = state.account.service(call.segment(1)).ok_or_else(|| Fail::new(404, 5002, "Service Not Found"))?;
    one("service", Some(found), |s| state.service_full(s, &include))
}

pub(super) fn users(state: &mut State, call: &Call, _: &Caller) -> Answer {
    let account = &state.account;
    let matching = |u: &crate::pagerduty::account::User| named(call, &u.name) || named(call, &u.email);
    let found = chosen(&account.users, |u| matching(u) && in_teams(call, account, &u.teams));
    paged(call, "users", &found, |u| account.user_full(u))
}

pub(super) fn user(state: &mut State, call: &Call, _: &Caller) -> Answer {
    one("user", state.account.user(call.segment(1)), |u| state.account.user_full(u))
}

pub(super) fn me(state: &mut State, _: &Call, caller: &Caller) -> Answer {
    if !caller.has_user_key {
        return Err(Fail::invalid("an account key belongs to no user"));
    }
    one("user", caller.user, |u| state.account.user_full(u))
}

/// 402 while a feature is off.
pub(super) fn must_have(state: &State, feature: &str) -> Result<(), Fail> {
    if state.access.is_off(feature) { Err(Fail::new(402, 2014, "Missing Ability")) } else { Ok(()) }
}

pub(super) fn teams(state: &mut State, call: &Call, _: &Caller) -> Answer {
    must_have(state, "teams")?;
    let account = &state.account;
    let found = chosen(&account.teams, |t| named(call, &t.name));
    paged(call, "teams", &found, |t| account.team_full(t))
}

pub(super) fn team(state: &mut State, call: &Call, _: &Caller) -> Answer {
    let found = state.account.team(call.segment(1)).ok_or_else(|| Fail::new(404, 6001, "Team Not Found"))?;
    one("team", Some(found), |t| state.account.team_full(t))
}

pub(super) fn members(state: &mut State, call: &Call, _: &Caller) -> Answer {
    let account = &state.account;
    let team = account.team(call.segment(1)).ok_or_else(|| Fail::new(404, 6001, "Team Not Found"))?;
    let found = chosen(&account.users, |u| u.teams.contains(&team));
    let role = |u: usize| if account.users[u].role == "admin" { "manager" } else { "responder" };
    paged(call, "members", &found, |u| json!({ "user": account.user_ref(u), "role": role(u) }))
}

pub(super) fn policies(state: &mut State, call: &Call, _: &Caller) -> Answer {
    let include = include(call);
    let account = &state.account;
    let users = call.all("user_ids[]");
    let reaches = |p: &crate::pagerduty::account::Policy| {
        let targets = p.rules.iter().flat_map(|r| &r.targets);
        users.is_empty()
            || targets
                .filter_map(|t| if let Target::User(u) = t { Some(*u) } else { None })
                .any(|u| users.contains(&account.users[u].id.as_str()))
    };
    let found =
        chosen(&account.policies, |p| named(call, &p.name) && in_teams(call, account, p.team.as_slice()) && reaches(p));
    paged(call, "escalation_policies", &found, |p| account.policy_full(p, &include))
}

pub(super) fn policy(state: &mut State, call: &Call, _: &Caller) -> Answer {
    let include = include(call);
    one("escalation_policy", state.account.policy(call.segment(1)), |p| state.account.policy_full(p, &include))
}

pub(super) fn priorities(state: &mut State, call: &Call, _: &Caller) -> Answer {
    must_have(state, "priorities")?;
    let found = chosen(&state.account.priorities, |_| true);
    paged(call, "priorities", &found, |p| state.account.priority_full(p))
}

pub(super) fn abilities(state: &mut State, _: &Call, _: &Caller) -> Answer {
    let on: Vec<&str> = ABILITIES.iter().copied().filter(|a| !state.access.is_off(a)).collect();
    Ok(Reply::json(200, &json!({ "abilities": on })))
}

pub(super) fn ability(state: &mut State, call: &Call, _: &Caller) -> Answer {
    if ABILITIES.contains(&call.segment(1)) && !state.access.is_off(call.segment(1)) {
        Ok(Reply::empty(204))
    } else {
        Err(Fail::new(402, 2014, "Missing Ability"))
    }
}

pub(super) fn windows(state: &mut State, call: &Call, _: &Caller) -> Answer {
    let filter =
        words(call, "filter", &["past", "future", "ongoing", "open", "all"])?.first().copied().unwrap_or("all");
    let services = call.all("service_ids[]");
    let (account, now) = (&state.account, state.now);
    let found = chosen(&account.maintenance, |w| {
        let in_time = match filter {
            "past" => w.end <= now,
            "future" => now < w.start,
            "ongoing" => w.start <= now && now < w.end,
            "open" => now < w.end,
            _ => true,
        };
        let of = |s: &usize| services.contains(&account.services[*s].id.as_str());
        let teams: Vec<usize> = w.services.iter().filter_map(|s| account.services[*s].team).collect();
        in_time
            && in_teams(call, account, &teams)
            && named(call, &w.description)
            && (services.is_empty() || w.services.iter().any(of))
    });
    paged(call, "maintenance_windows", &found, |w| window_full(account, w))
}

pub(super) fn window(state: &mut State, call: &Call, _: &Caller) -> Answer {
    let id = call.segment(1);
    let found = state.account.maintenance.iter().position(|w| w.id == id);
    one("maintenance_window", found, |w| window_full(&state.account, w))
}

pub(super) fn window_full(account: &Account, index: usize) -> Value {
    let w = &account.maintenance[index];
    let mut teams: Vec<usize> = w.services.iter().filter_map(|s| account.services[*s].team).collect();
    teams.dedup();
    json!({
        "id": w.id, "type": "maintenance_window", "summary": w.description, "self": api(&format!("maintenance_windows/{}", w.id)),
        "html_url": site(&format!("maintenance_windows#/show/{}", w.id)), "sequence_number": index + 1,
        "start_time": seconds(w.start), "end_time": seconds(w.end), "description": w.description, "created_by": account.user_ref(w.by),
        "services": w.services.iter().map(|s| account.service_ref(*s)).collect::<Vec<_>>(),
        "teams": teams.iter().map(|t| account.team_ref(*t)).collect::<Vec<_>>(),
    })
}
