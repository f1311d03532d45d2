//! A project's webhooks, as its administrator keeps them.

use serde_json::json;

use super::super::errors::Problem;
use super::super::world::{Hook, State};
use super::params::{Params, wrong};
use super::{Call, Outcome, found};

pub(super) fn answer(state: &mut State, call: &Call, project: &str, rest: &[&str]) -> Outcome {
    let project = state.project_for(call.user, project)?.id;
    if state.user(call.user).is_none_or(|u| u.role != 1) {
        return Err(Problem::unauthorized_operation());
    }
    match (call.method, rest) {
        ("GET", []) => {
            found(state.project(project).map_or(json!([]), |p| p.hooks.iter().map(|h| state.hook_shown(h)).collect()))
        }
        ("POST", []) => create(state, call, project),
        ("GET", [id]) => found(state.hook_shown(&find(state, project, id)?)),
        ("PATCH", [id]) => change(state, call, project, id),
        ("DELETE", [id]) => delete(state, call, project, id),
        _ => Err(Problem::none("Undefined resource.")),
    }
}

fn find(state: &State, project: u64, id: &str) -> Result<Hook, Problem> {
    let own = state.project(project).and_then(|p| p.hooks.iter().find(|h| h.id.to_string() == id));
    own.cloned().ok_or_else(|| Problem::none("No webhook."))
}

/// Writes what was given over a webhook.
fn fill(hook: &mut Hook, params: &Params) -> Result<(), Problem> {
    if let Some(name) = params.full("name") {
        hook.name = name.to_owned();
    }
    if let Some(description) = params.one("description") {
        hook.description = description.to_owned();
    }
    if let Some(target) = params.full("hookUrl") {
        let is_web = url::Url::parse(target).is_ok_and(|u| ["http", "https"].contains(&u.scheme()));
        hook.url = if is_web { target.to_owned() } else { return Err(wrong("hookUrl")) };
    }
    if let Some(all) = params.full("allEvent") {
        hook.all = all.parse().map_err(|_| wrong("allEvent"))?;
    }
    if params.has_list("activityTypeIds") {
        let kinds = params.numbers("activityTypeIds")?;
        hook.kinds = kinds
            .into_iter()
            .map(|k| u8::try_from(k).map_err(|_| wrong("activityTypeIds")))
            .collect::<Result<_, _>>()?;
    }
    Ok(())
}

fn create(state: &mut State, call: &Call, project: u64) -> Outcome {
    call.params.needed("name")?;
    call.params.needed("hookUrl")?;
    let mut hook = state.new_hook(call.user, "", call.now);
    hook.all = false;
    fill(&mut hook, &call.params)?;
    let shown = state.hook_shown(&hook);
    let detail = kept(state, call, project, &hook);
    state.put_hook(project, hook);
    Ok((201, shown, Some(("backlog.webhook_created", detail))))
}

/// Its address may hold a secret, so the record has only its number and kinds.
fn kept(state: &State, call: &Call, project: u64, hook: &Hook) -> serde_json::Value {
    let by = state.user(call.user).map(|u| u.login);
    json!({ "project": state.project(project).map(|p| p.key), "webhook": hook.id, "by": by, "all": hook.all, "types": hook.kinds })
}

fn change(state: &mut State, call: &Call, project: u64, id: &str) -> Outcome {
    let mut hook = find(state, project, id)?;
    fill(&mut hook, &call.params)?;
    hook.updated = call.now;
    let shown = state.hook_shown(&hook);
    let detail = kept(state, call, project, &hook);
    state.put_hook(project, hook);
    Ok((200, shown, Some(("backlog.webhook_changed", detail))))
}

fn delete(state: &mut State, call: &Call, project: u64, id: &str) -> Outcome {
    let hook = find(state, project, id)?;
    if let Some(own) = state.projects.iter_mut().find(|p| p.id == project) {
        own.hooks.retain(|h| h.id != hook.id);
    }
    Ok((200, state.hook_shown(&hook), Some(("backlog.webhook_deleted", kept(state, call, project, &hook)))))
}

impl State {
    /// One that wants everything.
    pub(in super::super) fn new_hook(&mut self, by: u64, url: &str, now: jiff::Timestamp) -> Hook {
        Hook {
            id: self.new_id(),
            name: "Arayashiki".into(),
            description: String::new(),
            url: url.to_owned(),
            all: true,
            kinds: Vec::new(),
            created_by: by,
            created: now,
            updated: now,
        }
    }

    /// In the place of the one with its number, or a new one.
    pub(in super::super) fn put_hook(&mut self, project: u64, hook: Hook) {
        let Some(own) = self.projects.iter_mut().find(|p| p.id == project) else { return };
        match own.hooks.iter_mut().find(|h| h.id == hook.id) {
            Some(old) => *old = hook,
            None => own.hooks.push(hook),
        }
    }
}
