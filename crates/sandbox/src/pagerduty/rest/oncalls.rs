//! Schedules and who is on call.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Caller;
use super::query::{in_zone, include, instant_of, page};
use crate::pagerduty::account::{Account, Target, ZONE};
use crate::pagerduty::call::{Answer, Call, Fail, Reply};
use crate::pagerduty::clock::{plus_s, seconds};
use crate::pagerduty::refs::{api, site};
use crate::pagerduty::shapes::Include;
use crate::pagerduty::state::State;

/// A schedule's rendering stops somewhere; nobody asks for more turns than this at once.
const MAX_TURNS: usize = 400;
/// Beyond any page that may be asked for.
const MAX_DUTIES: usize = 20_000;

pub(super) fn schedules(state: &mut State, call: &Call, _: &Caller) -> Answer {
    let account = &state.account;
    let wanted = call.one("query").map(str::to_lowercase);
    let fits = |s: &usize| wanted.as_ref().is_none_or(|q| account.schedules[*s].name.to_lowercase().contains(q));
    let found: Vec<usize> = (0..account.schedules.len()).filter(fits).collect();
    Ok(Reply::json(200, &page(call)?.wrap("schedules", &found, |s| schedule_full(account, *s, None))))
}

pub(super) fn schedule(state: &mut State, call: &Call, _: &Caller) -> Answer {
    let index = state.account.schedule(call.segment(1)).ok_or_else(|| Fail::new(404, 3004, "Schedule Not Found"))?;
    let since = instant_of(call, "since")?.unwrap_or(state.now);
    let until = instant_of(call, "until")?.unwrap_or_else(|| plus_s(since, 14 * 86_400));
    let body = json!({ "schedule": schedule_full(&state.account, index, Some((since, until))) });
    Ok(Reply::json(200, &in_zone(call, body)?))
}

pub(super) fn schedule_users(state: &mut State, call: &Call, _: &Caller) -> Answer {
    let index = state.account.schedule(call.segment(1)).ok_or_else(|| Fail::new(404, 3004, "Schedule Not Found"))?;
    let users: Vec<Value> = state.account.schedules[index].users.iter().map(|u| state.account.user_full(*u)).collect();
    Ok(Reply::json(200, &json!({ "users": users })))
}

/// The turns that touch a span, cut to it.
fn turns(account: &Account, index: usize, (since, until): (Timestamp, Timestamp)) -> Vec<Value> {
    let schedule = &account.schedules[index];
    let (mut at, mut entries) = (since, Vec::new());
    while at < until && entries.len() < MAX_TURNS {
        let (user, from, to) = schedule.shift(at);
        entries.push(
            json!({ "user": account.user_ref(user), "start": seconds(from.max(since)), "end": seconds(to.min(until)) }),
        );
        at = to;
    }
    entries
}

fn schedule_full(account: &Account, index: usize, span: Option<(Timestamp, Timestamp)>) -> Value {
    let s = &account.schedules[index];
    let serves = |p: &usize| account.policies[*p].rules.iter().any(|r| r.targets.contains(&Target::Schedule(index)));
    let mut shown = json!({
        "id": s.id, "type": "schedule", "summary": s.name, "self": api(&format!("schedules/{}", s.id)), "html_url": site(&format!("schedules/{}", s.id)),
        "name": s.name, "time_zone": ZONE, "description": "", "teams": [],
        "escalation_policies": (0..account.policies.len()).filter(serves).map(|p| account.policy_ref(p)).collect::<Vec<_>>(),
        "users": s.users.iter().map(|u| account.user_ref(*u)).collect::<Vec<_>>(),
    });
    if let Some(span) = span {
        let entries = turns(account, index, span);
        shown["schedule_layers"] = json!([{
            "id": s.layer, "name": "Layer 1", "start": seconds(s.start), "end": null, "rotation_virtual_start": seconds(s.start),
            "rotation_turn_length_seconds": s.turn_s, "users": s.users.iter().map(|u| json!({ "user": account.user_ref(*u) })).collect::<Vec<_>>(),
            "restrictions": [], "rendered_schedule_entries": entries, "rendered_coverage_percentage": 100.0,
        }]);
        shown["final_schedule"] = json!({ "name": "Final Schedule", "rendered_schedule_entries": entries, "rendered_coverage_percentage": 100.0 });
        shown["overrides_subschedule"] =
            json!({ "name": "Overrides", "rendered_schedule_entries": [], "rendered_coverage_percentage": null });
    }
    shown
}

/// One row of the list before rendering.
struct Duty {
    policy: usize,
    level: usize,
    user: usize,
    schedule: Option<usize>,
    span: Option<(Timestamp, Timestamp)>,
}

fn duties(account: &Account, since: Timestamp, until: Timestamp) -> Vec<Duty> {
    let mut all = Vec::new();
    let staffed = account.policies.iter().enumerate().filter(|(p, _)| !account.vacant.contains_key(p));
    for (policy, own) in staffed {
        for (level, target) in own.rules.iter().enumerate().flat_map(|(l, r)| r.targets.iter().map(move |t| (l, *t))) {
            match target {
                Target::User(user) => all.push(Duty { policy, level, user, schedule: None, span: None }),
                Target::Schedule(schedule) => {
                    let mut at = since;
                    loop {
                        let (user, from, to) = account.schedules[schedule].shift(at);
                        all.push(Duty { policy, level, user, schedule: Some(schedule), span: Some((from, to)) });
                        at = to;
                        if at >= until || all.len() > MAX_DUTIES {
                            break;
                        }
                    }
                }
            }
        }
    }
    all
}

pub(super) fn list(state: &mut State, call: &Call, _: &Caller) -> Answer {
    let page = page(call)?;
    let since = instant_of(call, "since")?.unwrap_or(state.now);
    let until = instant_of(call, "until")?.unwrap_or_else(|| since.max(state.now));
    if until < since {
        return Err(Fail::new(400, 2005, "Invalid Date Range").because("since is later than until"));
    }
    if until > plus_s(state.now, 90 * 86_400) {
        return Err(Fail::new(400, 2005, "Invalid Date Range").because("shifts are known for 90 days ahead"));
    }
    let account = &state.account;
    let (users, policies, schedules) =
        (call.all("user_ids[]"), call.all("escalation_policy_ids[]"), call.all("schedule_ids[]"));
    let is_in = |list: &[&str], id: &str| list.is_empty() || list.contains(&id);
    let fits = |d: &Duty| {
        let schedule = d.schedule.map_or("null", |s| account.schedules[s].id.as_str());
        is_in(&users, &account.users[d.user].id)
            && is_in(&policies, &account.policies[d.policy].id)
            && is_in(&schedules, schedule)
    };
    let found: Vec<Duty> = duties(account, since, until).into_iter().filter(fits).collect();
    let include = include(call);
    let body = page.wrap("oncalls", &found, |d| render(account, d, &include));
    Ok(Reply::json(200, &in_zone(call, body)?))
}

fn render(account: &Account, duty: &Duty, include: &Include) -> Value {
    let policy = if include.has("escalation_policies") {
        account.policy_full(duty.policy, &Include::default())
    } else {
        account.policy_ref(duty.policy)
    };
    let user = if include.has("users") { account.user_full(duty.user) } else { account.user_ref(duty.user) };
    let schedule = duty
        .schedule
        .map(|s| if include.has("schedules") { schedule_full(account, s, None) } else { account.schedule_ref(s) });
    json!({
        "escalation_policy": policy, "user": user, "schedule": schedule, "escalation_level": duty.level + 1,
        "start": duty.span.map(|(from, _)| seconds(from)), "end": duty.span.map(|(_, to)| seconds(to)),
    })
}
