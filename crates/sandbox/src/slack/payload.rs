//! The payloads of callbacks: what a press, a command, a view and an event are told as. Built from the workspace as it stands; how
//! they get there is another file's matter.

use serde_json::{Value, json};

use super::control::{flag, number, word};
use super::deliver::Parcel;
use super::message::{Message, ts_of};
use super::world::{Channel, Kind, World};

const FORM: &str = "application/x-www-form-urlencoded";

fn form_of(payload: &Value) -> Vec<u8> {
    url::form_urlencoded::Serializer::new(String::new())
        .append_pair("payload", &payload.to_string())
        .finish()
        .into_bytes()
}

fn interactive(world: &World, what: &'static str, payload: Value, about: Value) -> Parcel {
    Parcel {
        what,
        envelope: "interactive",
        url: world.urls.interactions.clone(),
        body: form_of(&payload),
        payload,
        kind: FORM,
        headers: Vec::new(),
        about,
        takes_answer: what != "block_actions",
    }
}

/// The beginning of every interactive payload.
fn frame(world: &World, kind: &str, user: &str, trigger: &str) -> Value {
    let person = world.user(user);
    let name = person.map(|u| u.name.clone());
    json!({
        "type": kind, "team": { "id": world.team.id, "domain": world.team.domain }, "enterprise": null, "is_enterprise_install": false,
        "user": { "id": user, "username": name, "name": name, "team_id": world.team.id },
        "api_app_id": world.app.id, "token": "deprecated", "trigger_id": trigger,
    })
}

pub(super) fn pressed(world: &mut World, body: &Value) -> Result<Parcel, String> {
    let user = world.person(word(body, "user")?)?.id.clone();
    let place = world.known_place(word(body, "channel")?)?;
    let action_id = word(body, "action_id")?;
    let channel = &world.channels[place];
    let (ts, message, element) = standing(channel, &user, body, action_id)?;
    let (id, name) = (channel.id.clone(), channel.called().to_owned());
    let is_ephemeral = message.only_for.is_some();
    let shown = world.told(place, message, true);
    let trigger = world.trigger(&user);
    let mut payload = frame(world, "block_actions", &user, &trigger);
    payload["container"] =
        json!({ "type": "message", "message_ts": ts, "channel_id": id, "is_ephemeral": is_ephemeral });
    payload["channel"] = json!({ "id": id, "name": name });
    if !is_ephemeral {
        payload["message"] = shown;
    }
    payload["state"] = json!({ "values": {} });
    payload["response_url"] = json!(world.response_url("actions", &user, &id, Some(&ts)));
    let action_ts = ts_of(world.now.as_microsecond());
    payload["actions"] = json!([action(&element, body["value"].as_str(), &action_ts)?]);
    let about = json!({ "user": user, "channel": name, "channel_id": id, "ts": ts, "action_id": action_id });
    Ok(interactive(world, "block_actions", payload, about))
}

/// The newest message with that element which this person can see, or the one that is named.
fn standing<'a>(
    channel: &'a Channel,
    user: &str,
    body: &Value,
    action_id: &str,
) -> Result<(String, &'a Message, Value), String> {
    let (wanted_ts, block) =
        (body["ts"].as_str().filter(|t| !t.is_empty()), body["block_id"].as_str().filter(|b| !b.is_empty()));
    let is_seen = |m: &&Message| {
        !m.is_deleted && m.only_for.as_deref().is_none_or(|u| u == user) && wanted_ts.is_none_or(|ts| ts == m.ts)
    };
    let found =
        channel.messages.iter().rev().filter(is_seen).find_map(|m| Some((m, element(&m.body, action_id, block)?)));
    let (message, element) =
        found.ok_or_else(|| format!("no message in {} has an element {action_id:?} now", channel.called()))?;
    Ok((message.ts.clone(), message, element))
}

fn element(body: &Value, action_id: &str, block_id: Option<&str>) -> Option<Value> {
    let attached =
        body["attachments"].as_array().into_iter().flatten().flat_map(|a| a["blocks"].as_array().into_iter().flatten());
    let blocks = body["blocks"].as_array().into_iter().flatten().chain(attached);
    for block in blocks.filter(|b| block_id.is_none_or(|id| b["block_id"] == id)) {
        let own = block["elements"].as_array().into_iter().flatten().chain(std::iter::once(&block["accessory"]));
        if let Some(found) = own.into_iter().find(|e| e["action_id"] == action_id) {
            let mut found = found.clone();
            found["block_id"] = block["block_id"].clone();
            return Some(found);
        }
    }
    None
}

fn action(element: &Value, value: Option<&str>, action_ts: &str) -> Result<Value, String> {
    let mut action = json!({
        "type": element["type"], "action_id": element["action_id"], "block_id": element["block_id"], "action_ts": action_ts,
    });
    if element["type"] == "button" {
        for name in ["text", "value", "style", "url"] {
            if !element[name].is_null() {
                action[name] = element[name].clone();
            }
        }
        return Ok(action);
    }
    let value = value.ok_or("value names the option that is chosen")?;
    let mut options = element["options"].as_array().into_iter().flatten();
    match options.find(|o| o["value"] == value) {
        Some(option) => action["selected_option"] = option.clone(),
        None if element["options"].is_array() => return Err(format!("there is no option {value:?}")),
        None if element["type"] == "users_select" => action["selected_user"] = json!(value),
        None => action["selected_date"] = json!(value),
    }
    Ok(action)
}

pub(super) fn commanded(world: &mut World, body: &Value) -> Result<Parcel, String> {
    let user = world.person(word(body, "user")?)?.clone();
    let place = world.known_place(word(body, "channel")?)?;
    let (command, text) = (word(body, "command")?, body["text"].as_str().unwrap_or_default());
    let channel = &world.channels[place];
    let (id, name) =
        (channel.id.clone(), if channel.kind == Kind::Direct { "directmessage".into() } else { channel.name.clone() });
    let trigger = world.trigger(&user.id);
    let response_url = world.response_url("commands", &user.id, &id, None);
    let fields = [
        ("token", "deprecated"),
        ("team_id", &world.team.id),
        ("team_domain", &world.team.domain),
        ("channel_id", &id),
        ("channel_name", &name),
        ("user_id", &user.id),
        ("user_name", &user.name),
        ("command", command),
        ("text", text),
        ("api_app_id", &world.app.id),
        ("is_enterprise_install", "false"),
        ("response_url", &response_url),
        ("trigger_id", &trigger),
    ];
    let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let payload: serde_json::Map<String, Value> = fields.iter().map(|(n, v)| ((*n).to_owned(), json!(v))).collect();
    Ok(Parcel {
        what: "slash_command",
        envelope: "slash_commands",
        url: world.urls.commands.clone(),
        payload: Value::Object(payload),
        body: form.into_bytes(),
        kind: FORM,
        headers: Vec::new(),
        about: json!({ "user": user.id, "channel": name, "channel_id": id, "command": command, "text": text }),
        takes_answer: true,
    })
}

/// None when the app did not ask to be told of a closing.
pub(super) fn submitted(world: &mut World, body: &Value) -> Result<Option<Parcel>, String> {
    let user = world.person(word(body, "user")?)?.id.clone();
    let wanted = body["view"].as_str().filter(|v| !v.is_empty());
    let is = |v: &super::world::View| v.is_open && v.user == user && wanted.is_none_or(|id| v.id == id);
    let place = world.views.iter().rposition(is).ok_or("no such view is open for this user")?;
    let is_closing = flag(body, "close");
    let mut view = world.views[place].body.clone();
    view["state"]["values"] = state(&view, &body["values"]);
    let about = json!({ "user": user, "view": view["id"] });
    if is_closing {
        world.views[place].is_open = false;
        if view["notify_on_close"] != true {
            return Ok(None);
        }
    }
    let kind = if is_closing { "view_closed" } else { "view_submission" };
    let trigger = world.trigger(&user);
    let mut payload = frame(world, kind, &user, &trigger);
    payload["view"] = view;
    payload["response_urls"] = json!([]);
    if is_closing {
        payload["is_cleared"] = json!(false);
    }
    Ok(Some(interactive(world, kind, payload, about)))
}

/// `{"block": {"action": "words"}}` as the state of the inputs; what is not given is empty.
fn state(view: &Value, given: &Value) -> Value {
    let mut values = json!({});
    for block in view["blocks"].as_array().into_iter().flatten().filter(|b| b["type"] == "input") {
        let element = &block["element"];
        let (Some(block_id), Some(action_id)) = (block["block_id"].as_str(), element["action_id"].as_str()) else {
            continue;
        };
        let value = match &given[block_id][action_id] {
            Value::String(text) if text.is_empty() => &Value::Null,
            other => other,
        };
        let kind = element["type"].as_str().unwrap_or_default();
        let options = element["options"].as_array();
        let option = options.into_iter().flatten().find(|o| o["value"] == *value).cloned().unwrap_or(Value::Null);
        let name = match kind {
            "static_select" | "radio_buttons" => "selected_option",
            "users_select" => "selected_user",
            "datepicker" => "selected_date",
            "timepicker" => "selected_time",
            _ => "value",
        };
        let chosen = if name == "selected_option" { option } else { value.clone() };
        values[block_id][action_id] = json!({ "type": kind, name: chosen });
    }
    values
}

pub(super) fn event_parcel(world: &mut World, body: &Value) -> Result<Parcel, String> {
    if !body["event"].is_object() {
        return Err("event is the inner event, with its type".into());
    }
    let event_id = body["event_id"].as_str().map_or_else(|| world.dice.code("Ev", 11), str::to_owned);
    let mut event = body["event"].clone();
    if event["event_ts"].is_null() {
        event["event_ts"] = json!(ts_of(world.now.as_microsecond()));
    }
    let payload = json!({
        "token": "deprecated", "team_id": world.team.id, "api_app_id": world.app.id, "event": event, "type": "event_callback",
        "event_id": event_id, "event_time": world.now.as_second(), "event_context": format!("4-{}", world.dice.secret(24)),
        "authorizations": [{ "enterprise_id": null, "team_id": world.team.id, "user_id": world.app.user, "is_bot": true,
            "is_enterprise_install": false }],
    });
    let mut headers = Vec::new();
    if let Some(n) = number(body, "retry_num")? {
        let reason = body["retry_reason"].as_str().unwrap_or("http_timeout");
        headers = vec![("x-slack-retry-num".into(), n.to_string()), ("x-slack-retry-reason".into(), reason.into())];
    }
    let about = json!({ "event_id": event_id, "event_type": event["type"] });
    Ok(Parcel {
        what: "event_callback",
        envelope: "events_api",
        url: world.urls.events.clone(),
        body: payload.to_string().into_bytes(),
        payload,
        kind: "application/json",
        headers,
        about,
        takes_answer: false,
    })
}
