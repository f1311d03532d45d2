//! Modals: views.open with a trigger that is three seconds old at most, and what a person's sending of one makes of it.

use serde_json::{Value, json};

use super::blocks::{MAX_IN_VIEW, faults};
use super::call::{Call, Outcome, Refusal};
use super::world::{View, World};

const TRIGGER_MS: i64 = 3_000;
const MAX_BYTES: usize = 250_000;

pub(super) fn open(world: &mut World, call: &Call) -> Outcome {
    let trigger = call.required("trigger_id")?.to_owned();
    let view = call.nested("view", "invalid_arguments")?;
    check(&view)?;
    let user = exchange(world, &trigger)?;
    Ok(json!({ "view": show(world, &user, &view) }))
}

fn exchange(world: &mut World, id: &str) -> Result<String, Refusal> {
    let now = world.now;
    let unknown = || Refusal::with_messages("invalid_arguments", vec!["invalid `trigger_id`".into()]);
    let trigger = world.triggers.iter_mut().find(|t| t.id == id).ok_or_else(unknown)?;
    if trigger.is_used {
        return Err("exchanged_trigger_id".into());
    }
    if now.as_millisecond() - trigger.made.as_millisecond() > TRIGGER_MS {
        return Err("expired_trigger_id".into());
    }
    trigger.is_used = true;
    Ok(trigger.user.clone())
}

fn check(view: &Value) -> Result<(), Refusal> {
    if view.to_string().len() > MAX_BYTES {
        return Err("view_too_large".into());
    }
    let mut messages = faults(&view["blocks"], "/view/blocks", MAX_IN_VIEW);
    if view["type"] != "modal" {
        messages.push("[ERROR] must be modal [json-pointer:/view/type]".into());
    }
    if !view["blocks"].is_array() {
        messages.push("[ERROR] missing required field: blocks [json-pointer:/view]".into());
    }
    let long = |name: &str| view[name]["text"].as_str().is_some_and(|t| t.chars().count() > 24);
    if view["title"]["type"] != "plain_text" {
        messages.push("[ERROR] missing required field: title [json-pointer:/view]".into());
    }
    for name in ["title", "submit", "close"].into_iter().filter(|name| long(name)) {
        messages.push(format!("[ERROR] must be less than 25 characters [json-pointer:/view/{name}/text]"));
    }
    if view["private_metadata"].as_str().is_some_and(|t| t.chars().count() > 3000) {
        messages.push("[ERROR] must be less than 3001 characters [json-pointer:/view/private_metadata]".into());
    }
    if messages.is_empty() { Ok(()) } else { Err(Refusal::with_messages("invalid_arguments", messages)) }
}

/// Opens it for somebody and notes it.
fn show(world: &mut World, user: &str, view: &Value) -> Value {
    let id = world.dice.code("V", 11);
    let mut body = super::chat::dressed(&mut world.dice, view.clone());
    for (name, value) in [
        ("id", json!(id)),
        ("team_id", json!(world.team.id)),
        ("app_id", json!(world.app.id)),
        ("bot_id", json!(world.app.bot)),
        ("root_view_id", json!(id)),
        ("hash", json!(format!("{}.{}", world.now.as_second(), world.dice.secret(8)))),
        ("state", json!({ "values": {} })),
    ] {
        body[name] = value;
    }
    for name in ["private_metadata", "callback_id", "external_id"] {
        if body[name].is_null() {
            body[name] = json!("");
        }
    }
    world.note("slack.view_opened", json!({ "view": id, "user": user, "body": body }));
    world.views.push(View { id, user: user.to_owned(), is_open: true, body: body.clone() });
    body
}

/// What the answer to a sent view does: none of these words closes it.
pub(super) fn act_on(world: &mut World, id: &str, answer: &Value) -> Value {
    let action = answer["response_action"].as_str().unwrap_or("close");
    let Some(place) = world.views.iter().position(|v| v.id == id) else { return json!({ "action": action }) };
    let user = world.views[place].user.clone();
    match action {
        "errors" => return json!({ "action": action, "errors": answer["errors"] }),
        "update" | "push" => {
            if let Err(refusal) = check(&answer["view"]) {
                return json!({ "action": action, "refused": refusal.error, "why": refusal.beside });
            }
            world.views[place].is_open = action == "push";
            let shown = show(world, &user, &answer["view"]);
            return json!({ "action": action, "view": shown["id"] });
        }
        "clear" => world.views.iter_mut().filter(|v| v.user == user).for_each(|v| v.is_open = false),
        _ => world.views[place].is_open = false,
    }
    world.note("slack.view_closed", json!({ "view": id, "user": user, "action": action }));
    json!({ "action": action })
}
