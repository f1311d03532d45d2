//! What is only read: the space, people, teams, projects and their lists, activities.

use serde_json::{Value, json};

use super::super::errors::Problem;
use super::super::shapes::{category, choices, pick, project, user};
use super::super::world::{Activity, PRIORITIES, RESOLUTIONS, State};
use super::{Call, Outcome, found};

pub(super) fn answer(state: &State, call: &Call, path: &[&str]) -> Outcome {
    match path {
        ["space"] => found(space()),
        ["space", "activities"] => {
            activities(state, call, |a| state.project(a.project).is_some_and(|p| p.has_member(call.user)))
        }
        ["users"] => found(state.users.iter().map(user).collect()),
        ["users", "myself"] => found(state.user_shown(call.user)),
        ["users", id] => found(state.user_shown(known(state, id)?)),
        ["users", id, "activities"] => {
            let id = known(state, id)?;
            activities(state, call, |a| a.by == id)
        }
        ["teams" | "groups"] => teams(state, call),
        ["teams" | "groups", id] => {
            let own = state.teams.iter().find(|t| t.id.to_string() == *id);
            found(state.team_shown(own.ok_or_else(|| Problem::none("No team."))?))
        }
        ["priorities"] => found(PRIORITIES.iter().map(|(id, name)| pick(*id, name)).collect()),
        ["resolutions"] => found(RESOLUTIONS.iter().map(|(id, name)| pick(*id, name)).collect()),
        ["statuses"] => {
            let first = state.projects.first().ok_or_else(|| Problem::none("No project."))?;
            found(first.statuses.iter().filter(|s| s.id < 10).map(|s| pick(s.id, s.name)).collect())
        }
        ["projects"] => found(projects(state, call.user)),
        ["projects", key, rest @ ..] => of_project(state, call, key, rest),
        _ => Err(Problem::none("Undefined resource.")),
    }
}

fn space() -> Value {
    json!({
        "spaceKey": "unyo", "name": "運用サービス", "ownerId": 101, "lang": "ja", "timezone": "Asia/Tokyo", "reportSendTime": "08:00:00",
        "textFormattingRule": "markdown", "created": "2025-04-01T00:00:00Z", "updated": "2025-04-01T00:00:00Z",
    })
}

fn known(state: &State, id: &str) -> Result<u64, Problem> {
    let own = id.parse().ok().and_then(|id| state.user(id));
    own.map(|u| u.id).ok_or_else(|| Problem::none("No user."))
}

fn teams(state: &State, call: &Call) -> Outcome {
    let offset = call.params.number("offset")?.unwrap_or(0) as usize;
    let mut all: Vec<Value> = state.teams.iter().map(|t| state.team_shown(t)).collect();
    if !call.params.is_ascending()? {
        all.reverse();
    }
    found(all.into_iter().skip(offset).take(call.params.count()?).collect())
}

fn projects(state: &State, by: u64) -> Value {
    let own = state.projects.iter().enumerate().filter(|(_, p)| p.has_member(by));
    own.map(|(at, p)| project(p, at)).collect()
}

fn of_project(state: &State, call: &Call, key: &str, rest: &[&str]) -> Outcome {
    let own = state.project_for(call.user, key)?;
    let at = state.projects.iter().position(|p| p.id == own.id).unwrap_or_default();
    match rest {
        [] => found(project(own, at)),
        ["users"] => found(own.members.iter().map(|id| state.user_shown(*id)).collect()),
        ["teams" | "groups"] => {
            let inside = |members: &[u64]| members.iter().any(|m| own.has_member(*m));
            found(state.teams.iter().filter(|t| inside(&t.members)).map(|t| state.team_shown(t)).collect())
        }
        ["issueTypes"] => found(choices(&own.types, own.id)),
        ["categories"] => found(own.categories.iter().enumerate().map(|(at, c)| category(c, own.id, at)).collect()),
        ["statuses"] => found(choices(&own.statuses, own.id)),
        ["versions" | "customFields"] => found(json!([])),
        ["activities"] => activities(state, call, |a| a.project == own.id),
        _ => Err(Problem::none("Undefined resource.")),
    }
}

fn activities(state: &State, call: &Call, is_own: impl Fn(&Activity) -> bool) -> Outcome {
    let kinds = call.params.numbers("activityTypeId")?;
    let wanted = |a: &&Activity| (kinds.is_empty() || kinds.contains(&a.kind.into())) && is_own(a);
    let all = state.activities.iter().filter(wanted).map(|a| (a.id, a)).collect();
    found(call.params.window(all)?.into_iter().map(|a| state.activity_shown(a)).collect())
}
