//! Tickets, written by programs: made, changed, deleted.

use serde_json::{Value, json};

use super::super::edit::Edit;
use super::super::errors::Problem;
use super::super::happen::{Done, Draft};
use super::super::world::{PRIORITIES, Project, RESOLUTIONS, State, named};
use super::params::{Params, wrong};
use super::{Call, Outcome};

pub(super) fn create(state: &mut State, call: &Call) -> Outcome {
    let params = &call.params;
    let project = state.project_for(call.user, params.needed("projectId")?)?.clone();
    let number = |name: &str| params.needed(name).and_then(|v| v.parse().map_err(|_| wrong(name)));
    let (kind, priority): (u64, u64) = (number("issueTypeId")?, number("priorityId")?);
    let summary = params.needed("summary")?.to_owned();
    let rest = Edit { kind: Some(kind), priority: Some(priority), ..edit(params, &project)? };
    check(&rest, &project)?;
    let parent = params.number("parentIssueId")?;
    if parent.is_some_and(|id| !state.issues.iter().any(|i| i.id == id && i.project == project.id)) {
        return Err(wrong("parentIssueId"));
    }
    let draft = Draft { project: project.id, kind, summary: summary.clone(), priority, parent, rest };
    let done = state.create(call.user, draft, call.now);
    let effect = state.effect(call.user, &done, json!({ "summary": summary, "assignee": params.full("assigneeId") }));
    Ok((201, shown(state, &done), Some(("backlog.created", effect))))
}

pub(super) fn update(state: &mut State, call: &Call, key: &str) -> Outcome {
    let at = state.issue_for(call.user, key)?;
    let project = state.project(state.issues[at].project).cloned().ok_or_else(|| Problem::none("No project."))?;
    let edit = edit(&call.params, &project)?;
    check(&edit, &project)?;
    if edit.summary.as_deref() == Some("") {
        return Err(wrong("summary"));
    }
    let done = state.update(call.user, at, &edit, call.now)?;
    let last = state.issues[at].comments.last();
    let changes: Vec<Value> = last.map(|c| c.changes.as_slice()).unwrap_or_default().iter().map(changed).collect();
    let effect = state.effect(call.user, &done, json!({ "content": edit.comment, "changes": changes }));
    Ok((200, shown(state, &done), Some(("backlog.updated", effect))))
}

pub(super) fn delete(state: &mut State, call: &Call, key: &str) -> Outcome {
    let at = state.issue_for(call.user, key)?;
    let body = state.issue_shown(&state.issues[at]);
    let done = state.delete(call.user, at, call.now);
    let effect = state.effect(call.user, &done, json!({}));
    Ok((200, body, Some(("backlog.deleted", effect))))
}

fn changed(of: &super::super::world::Change) -> Value {
    json!({ "field": of.field, "old": of.old_value, "new": of.new_value })
}

fn shown(state: &State, done: &Done) -> Value {
    let own = state.issues.iter().find(|i| i.id == done.issue);
    own.map_or(Value::Null, |i| state.issue_shown(i))
}

impl State {
    /// What the judge keeps of a write.
    pub(super) fn effect(&self, by: u64, done: &Done, more: Value) -> Value {
        let mut detail = done.shown();
        detail["by"] = json!(self.user(by).map(|u| u.login));
        super::super::shapes::merge(&mut detail, more);
        detail
    }
}

/// Only members of the ticket's project can be told.
pub(super) fn members(state: &State, at: usize, users: &[u64]) -> Result<Vec<u64>, Problem> {
    let project = state.project(state.issues[at].project);
    let fits = project.is_some_and(|p| users.iter().all(|u| p.has_member(*u)));
    if fits { Ok(users.to_vec()) } else { Err(wrong("notifiedUserId")) }
}

fn edit(params: &Params, project: &Project) -> Result<Edit, Problem> {
    let number = |v: &str| v.parse::<u64>().ok();
    let hours = |v: &str| v.parse::<f64>().ok().filter(|h| h.is_finite() && *h >= 0.0);
    let day = |v: &str| v.parse().ok().filter(|_| v.len() == 10);
    let notify = params.numbers("notifiedUserId")?;
    if notify.iter().any(|u| !project.has_member(*u)) {
        return Err(wrong("notifiedUserId"));
    }
    Ok(Edit {
        summary: params.one("summary").map(str::to_owned),
        description: params.one("description").map(str::to_owned),
        kind: params.number("issueTypeId")?,
        status: params.number("statusId")?,
        priority: params.number("priorityId")?,
        resolution: params.clearable("resolutionId", number)?,
        assignee: params.clearable("assigneeId", number)?,
        categories: params.has_list("categoryId").then(|| params.numbers("categoryId")).transpose()?,
        start: params.clearable("startDate", day)?,
        due: params.clearable("dueDate", day)?,
        estimated_hours: params.clearable("estimatedHours", hours)?,
        actual_hours: params.clearable("actualHours", hours)?,
        comment: params.full("comment").map(str::to_owned),
        notify,
    })
}

/// Every number names something of this project.
pub(in super::super) fn check(edit: &Edit, project: &Project) -> Result<(), Problem> {
    let named_in = |of: &[(u64, &'static str)], id: Option<u64>| id.is_none_or(|id| named(of, id).is_some());
    let categories = edit.categories.as_deref().unwrap_or_default();
    let problems = [
        (edit.kind.is_none_or(|id| project.kind(id).is_some()), "issueTypeId"),
        (edit.status.is_none_or(|id| project.status(id).is_some()), "statusId"),
        (named_in(&PRIORITIES, edit.priority), "priorityId"),
        (named_in(&RESOLUTIONS, edit.resolution.flatten()), "resolutionId"),
        (edit.assignee.flatten().is_none_or(|id| project.has_member(id)), "assigneeId"),
        (categories.iter().all(|id| project.categories.iter().any(|c| c.id == *id)), "categoryId"),
    ];
    problems.iter().find(|(fits, _)| !fits).map_or(Ok(()), |(_, name)| Err(wrong(name)))
}
