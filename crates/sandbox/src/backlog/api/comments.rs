//! A ticket's comments: read, written, and told to others afterwards.

use serde_json::{Value, json};

use super::super::edit::Edit;
use super::super::errors::Problem;
use super::super::world::State;
use super::write::members;
use super::{Call, Outcome, found};

pub(super) fn answer(state: &mut State, call: &Call, key: &str, rest: &[&str]) -> Outcome {
    let at = state.issue_for(call.user, key)?;
    match (call.method, rest) {
        ("GET", []) => list(state, call, at),
        ("POST", []) => add(state, call, at),
        ("GET", ["count"]) => found(json!({ "count": state.issues[at].comments.len() })),
        ("GET", [id]) => found(one(state, at, id)?),
        ("PATCH", [id]) => edit(state, call, at, id),
        ("POST", [id, "notifications"]) => notify(state, call, at, id),
        _ => Err(Problem::none("Undefined resource.")),
    }
}

fn list(state: &State, call: &Call, at: usize) -> Outcome {
    let issue = &state.issues[at];
    let own = call.params.window(issue.comments.iter().map(|c| (c.id, c)).collect())?;
    found(own.into_iter().map(|c| state.comment_shown(issue, c)).collect())
}

fn one(state: &State, at: usize, id: &str) -> Result<Value, Problem> {
    let issue = &state.issues[at];
    let own = issue.comments.iter().find(|c| c.id.to_string() == id);
    Ok(state.comment_shown(issue, own.ok_or_else(|| Problem::none("No comment found."))?))
}

fn add(state: &mut State, call: &Call, at: usize) -> Outcome {
    let content = call.params.needed("content")?.to_owned();
    let notify = members(state, at, &call.params.numbers("notifiedUserId")?)?;
    let edit = Edit { comment: Some(content.clone()), notify, ..Edit::default() };
    let done = state.update(call.user, at, &edit, call.now)?;
    let effect = ("backlog.commented", state.effect(call.user, &done, json!({ "content": content })));
    let id = done.comment.unwrap_or_default().to_string();
    Ok((201, one(state, at, &id)?, Some(effect)))
}

fn edit(state: &mut State, call: &Call, at: usize, id: &str) -> Outcome {
    let content = call.params.needed("content")?.to_owned();
    let (key, issue) = (state.issues[at].key.clone(), state.issues[at].id);
    let own = state.issues[at].comments.iter_mut().find(|c| c.id.to_string() == id);
    let own = own.ok_or_else(|| Problem::none("No comment found."))?;
    if own.by != call.user {
        return Err(Problem::unauthorized_operation());
    }
    own.content = Some(content.clone());
    own.updated = call.now;
    let detail = json!({ "ticket": key, "issue_id": issue, "comment_id": own.id, "by": call.user, "content": content });
    Ok((200, one(state, at, id)?, Some(("backlog.comment_edited", detail))))
}

fn notify(state: &mut State, call: &Call, at: usize, id: &str) -> Outcome {
    let users = members(state, at, &call.params.numbers("notifiedUserId")?)?;
    let comment = id.parse().map_err(|_| Problem::none("No comment found."))?;
    let done = state.notify(call.user, at, comment, &users, call.now)?;
    let effect = ("backlog.notified", state.effect(call.user, &done, json!({ "users": users })));
    Ok((201, one(state, at, id)?, Some(effect)))
}
