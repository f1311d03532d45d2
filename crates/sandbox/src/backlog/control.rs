//! The control interface: lets people do things in the space, disturbs what it tells, moves its clock and shows the truth. Belongs to
//! tests and demos; nobody is asked who he is.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Backlog;
use super::api::check;
use super::edit::Edit;
use super::happen::Draft;
use super::limits::{KINDS, Kind};
use super::world::{Choice, PRIORITIES, Project, State};

type Outcome = Result<Value, String>;

/// None: there is no such control.
pub(super) fn handle(of: &Backlog, method: &str, what: &str, body: &Value) -> Option<Outcome> {
    let now = of.clock.now();
    let mut state = of.state();
    Some(match (method, what) {
        ("GET", "tickets") => Ok(tickets(&state)),
        ("GET", "deliveries") => Ok(json!({ "deliveries": state.courier.shown(), })),
        ("GET", "settings") => Ok(json!(state.settings)),
        ("POST", "settings") => state.settings.change(body),
        ("POST", "advance") => of.clock.move_by(body),
        ("POST", "mischief") => state.courier.set_mischief(body),
        ("POST", "release") => state.courier.release(body),
        ("POST", "webhook") => webhook(&mut state, body, now),
        ("POST", "webhooks") => webhooks(&mut state, body, now),
        ("POST", "exhaust") => exhaust(&mut state, body, now),
        ("POST", "expire_tokens") => Ok(json!({ "expired": state.access.expire() })),
        ("POST", "revoke") => Ok(revoke(&mut state)),
        ("POST", "member") => member(&mut state, body),
        ("POST", act) => return acted(&mut state, act, body, now),
        _ => return None,
    })
}

fn acted(state: &mut State, what: &str, body: &Value, now: Timestamp) -> Option<Outcome> {
    Some(match what {
        "create" => create(state, body, now),
        "comment" | "assign" | "status" | "reopen" | "edit" => update(state, what, body, now),
        "delete" => delete(state, body, now),
        "bulk" => bulk(state, body, now),
        "notify" => notify(state, body, now),
        _ => return None,
    })
}

fn text<'a>(body: &'a Value, name: &str) -> Result<&'a str, String> {
    body[name].as_str().filter(|t| !t.is_empty()).ok_or_else(|| format!("{name} is missing"))
}

/// A number as it is, or a text.
fn word(of: &Value) -> Option<String> {
    of.as_str().map(str::to_owned).or_else(|| of.as_u64().map(|n| n.to_string()))
}

fn who(state: &State, of: &Value, name: &str) -> Result<u64, String> {
    let wanted = word(of).ok_or_else(|| format!("{name} is missing: a person by login, name or number"))?;
    state.user_like(&wanted).map(|u| u.id).ok_or_else(|| format!("nobody is called {wanted}"))
}

fn ticket(state: &State, of: &Value) -> Result<usize, String> {
    let wanted = word(of).ok_or("ticket is missing: its key or number")?;
    state.issue_like(&wanted).ok_or_else(|| format!("no ticket {wanted}"))
}

fn pick(of: &[Choice], value: &Value, name: &str) -> Result<Option<u64>, String> {
    let Some(wanted) = word(value) else { return Ok(None) };
    let own = of.iter().find(|c| c.name == wanted || c.id.to_string() == wanted);
    own.map(|c| Some(c.id)).ok_or_else(|| format!("no {name} {wanted}"))
}

fn priority(value: &Value) -> Result<Option<u64>, String> {
    let Some(wanted) = word(value) else { return Ok(None) };
    let own = PRIORITIES.iter().find(|(id, name)| *name == wanted || id.to_string() == wanted);
    own.map(|(id, _)| Some(*id)).ok_or_else(|| format!("no priority {wanted}"))
}

/// `null` clears; not named stays.
fn edit(state: &State, project: &Project, body: &Value) -> Result<Edit, String> {
    let own = |name: &str| body[name].as_str().map(str::to_owned);
    let assignee = match body.get("assignee").or_else(|| body.get("to")) {
        None => None,
        Some(Value::Null) => Some(None),
        Some(named) => Some(Some(who(state, named, "assignee")?)),
    };
    let due = match body.get("due") {
        None => None,
        Some(Value::Null) => Some(None),
        Some(day) => Some(Some(day.as_str().and_then(|d| d.parse().ok()).ok_or("due is a day, 2026-05-10")?)),
    };
    let notify = body["notify"].as_array().map(Vec::as_slice).unwrap_or_default();
    let edit = Edit {
        summary: own("summary"),
        description: own("description"),
        kind: pick(&project.types, &body["type"], "type")?,
        status: pick(&project.statuses, &body["status"], "status")?,
        priority: priority(&body["priority"])?,
        assignee,
        categories: pick(&project.categories, &body["category"], "category")?.map(|id| vec![id]),
        due,
        comment: own("comment").or_else(|| own("content")).filter(|c| !c.is_empty()),
        notify: notify.iter().map(|n| who(state, n, "notify")).collect::<Result<_, _>>()?,
        ..Edit::default()
    };
    check(&edit, project).map_err(|p| p.message)?;
    Ok(edit)
}

fn create(state: &mut State, body: &Value, now: Timestamp) -> Outcome {
    let by = who(state, &body["as"], "as")?;
    let wanted = word(&body["project"]).ok_or("project is missing: its key")?;
    let project = state.project_like(&wanted).cloned().ok_or_else(|| format!("no project {wanted}"))?;
    let summary = text(body, "summary")?.to_owned();
    let rest = edit(state, &project, body)?;
    let kind = rest.kind.or(project.types.first().map(|t| t.id)).unwrap_or_default();
    let draft = Draft { project: project.id, kind, summary, priority: rest.priority.unwrap_or(3), parent: None, rest };
    Ok(state.create(by, draft, now).shown())
}

fn update(state: &mut State, what: &str, body: &Value, now: Timestamp) -> Outcome {
    let (by, at) = (who(state, &body["as"], "as")?, ticket(state, &body["ticket"])?);
    let project = state.project(state.issues[at].project).cloned().ok_or("no project")?;
    let mut edit = edit(state, &project, body)?;
    match what {
        "comment" if edit.comment.is_none() => return Err("content is missing".into()),
        "assign" if edit.assignee.is_none() => return Err("to is missing: a person, or null".into()),
        "status" if edit.status.is_none() => return Err("status is missing: its name or number".into()),
        "reopen" => edit.status = Some(1),
        _ => {}
    }
    state.update(by, at, &edit, now).map(|d| d.shown()).map_err(|p| p.message)
}

fn delete(state: &mut State, body: &Value, now: Timestamp) -> Outcome {
    let (by, at) = (who(state, &body["as"], "as")?, ticket(state, &body["ticket"])?);
    Ok(state.delete(by, at, now).shown())
}

fn bulk(state: &mut State, body: &Value, now: Timestamp) -> Outcome {
    let by = who(state, &body["as"], "as")?;
    let keys = body["tickets"].as_array().filter(|l| !l.is_empty()).ok_or("tickets is missing: a list of keys")?;
    let places = keys.iter().map(|key| ticket(state, key)).collect::<Result<Vec<_>, _>>()?;
    let project =
        places.first().and_then(|at| state.project(state.issues[*at].project)).cloned().ok_or("no project")?;
    let edit = edit(state, &project, body)?;
    let done = state.bulk(by, &places, &edit, now).map_err(|p| p.message)?;
    Ok(json!({ "tickets": done.iter().map(|d| d.shown()).collect::<Vec<_>>() }))
}

fn notify(state: &mut State, body: &Value, now: Timestamp) -> Outcome {
    let (by, at) = (who(state, &body["as"], "as")?, ticket(state, &body["ticket"])?);
    let users = body["users"].as_array().ok_or("users is missing: a list of people")?;
    let users = users.iter().map(|u| who(state, u, "users")).collect::<Result<Vec<_>, _>>()?;
    let last = state.issues[at].comments.last().map(|c| c.id);
    let comment = body["comment_id"].as_u64().or(last).ok_or("the ticket has no comment")?;
    state.notify(by, at, comment, &users, now).map(|d| d.shown()).map_err(|p| p.message)
}

/// One more receiver, in one project or in all.
fn webhook(state: &mut State, body: &Value, now: Timestamp) -> Outcome {
    let target = text(body, "url")?.to_owned();
    url::Url::parse(&target).map_err(|e| format!("url: {e}"))?;
    let wanted = word(&body["project"]);
    let kinds: Option<Vec<u8>> = serde_json::from_value(body["types"].clone()).map_err(|e| format!("types: {e}"))?;
    let own = |p: &&Project| wanted.as_deref().is_none_or(|w| p.key == w || p.id.to_string() == w);
    let places: Vec<u64> = state.projects.iter().filter(own).map(|p| p.id).collect();
    let mut made = Vec::new();
    for project in places {
        let mut hook = state.new_hook(super::seed::BOT, &target, now);
        hook.all = kinds.is_none();
        hook.kinds = kinds.clone().unwrap_or_default();
        made.push(hook.id);
        state.put_hook(project, hook);
    }
    if made.is_empty() { Err("no such project".into()) } else { Ok(json!({ "webhooks": made })) }
}

/// These receivers and no others.
fn webhooks(state: &mut State, body: &Value, now: Timestamp) -> Outcome {
    let urls = body["urls"].as_array().ok_or("urls is missing: a list, perhaps an empty one")?;
    for project in &mut state.projects {
        project.hooks.clear();
    }
    for target in urls {
        webhook(state, &json!({ "url": target }), now)?;
    }
    let all: Vec<u64> = state.projects.iter().flat_map(|p| p.hooks.iter().map(|h| h.id)).collect();
    Ok(json!({ "webhooks": all }))
}

fn exhaust(state: &mut State, body: &Value, now: Timestamp) -> Outcome {
    let user = if body["user"].is_null() { super::seed::BOT } else { who(state, &body["user"], "user")? };
    let kinds: Vec<Kind> = match body["kind"].as_str() {
        None => KINDS.iter().map(|(kind, _)| *kind).collect(),
        Some(word) => vec![Kind::of(word).ok_or("kind is read, update, search or icon")?],
    };
    let of = state.settings.per_minute;
    let left = kinds.into_iter().map(|kind| {
        state.limits.exhaust(user, kind, now);
        state.limits.left(user, kind, &of, now).shown()
    });
    Ok(json!({ "exhausted": left.collect::<Vec<_>>() }))
}

/// Tokens and refresh tokens are gone; the answer has a new refresh token, as somebody gets who consents again.
fn revoke(state: &mut State) -> Value {
    state.access.revoke();
    json!({ "refresh_token": state.access.new_refresh(super::seed::BOT, &mut state.dice) })
}

/// Lets somebody into a project or puts him out.
fn member(state: &mut State, body: &Value) -> Outcome {
    let user = who(state, &body["user"], "user")?;
    let wanted = word(&body["project"]).ok_or("project is missing: its key")?;
    let is_in = body["member"].as_bool().ok_or("member is true or false")?;
    let own = state.projects.iter_mut().find(|p| p.key == wanted || p.id.to_string() == wanted);
    let own = own.ok_or_else(|| format!("no project {wanted}"))?;
    own.members.retain(|m| *m != user);
    if is_in {
        own.members.push(user);
    }
    Ok(json!({ "project": own.key, "members": own.members }))
}

/// Every ticket as it really is, deleted ones too, with its comments.
fn tickets(state: &State) -> Value {
    let all = state.issues.iter().map(|issue| {
        let mut shown = state.issue_shown(issue);
        shown["deleted"] = json!(issue.is_deleted);
        shown["comments"] = issue.comments.iter().map(|c| state.comment_shown(issue, c)).collect();
        shown
    });
    json!({ "tickets": all.collect::<Vec<_>>() })
}
