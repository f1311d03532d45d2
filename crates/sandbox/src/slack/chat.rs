//! chat.postMessage and chat.postEphemeral, and what every message is checked for. Changing what stands is done elsewhere.

use serde_json::{Value, json};

use super::blocks;
use super::call::{Call, Outcome, Refusal};
use super::message::Message;
use super::world::{Health, Kind, World};
use crate::dice::Dice;

const MAX_TEXT: usize = 40_000;
const MAX_MARKDOWN: usize = 12_000;
const MAX_ATTACHMENTS: usize = 100;
const MAX_METADATA_BYTES: usize = 16 * 1024;

/// What a call says is to be read, checked.
pub(super) struct Content {
    pub body: Value,
    pub is_truncated: bool,
}

pub(super) fn post(world: &mut World, call: &Call) -> Outcome {
    let place = room(world, call)?;
    let mut content = content(&mut world.dice, call)?;
    disguise(world, call, &mut content.body)?;
    let metadata = metadata(call)?;
    let thread_ts = thread(world, place, call)?;
    let channel = world.channels[place].id.clone();
    world.limits.message(&channel, world.now).map_err(Refusal::later)?;
    let user = world.app.user.clone();
    let mut message = Message::new(world.next_ts(), &user, content.body);
    message.is_broadcast = thread_ts.is_some() && call.flag("reply_broadcast");
    message.thread_ts = thread_ts;
    message.metadata = if metadata == json!({}) { Value::Null } else { metadata };
    let ts = world.post(place, message, "slack.posted", "api");
    let message = world.channels[place].find(&ts).map(|m| world.told(place, m, false));
    let mut answer = json!({ "channel": channel, "ts": ts, "message": message });
    if content.is_truncated {
        answer["warning"] = json!("message_truncated");
    }
    Ok(answer)
}

pub(super) fn ephemeral(world: &mut World, call: &Call) -> Outcome {
    let place = room(world, call)?;
    let user = call.required("user")?.to_owned();
    if !world.channels[place].members.contains(&user) {
        return Err("user_not_in_channel".into());
    }
    let mut content = content(&mut world.dice, call)?;
    disguise(world, call, &mut content.body)?;
    let bot = world.app.user.clone();
    let mut message = Message::new(world.next_ts(), &bot, content.body);
    message.thread_ts = thread(world, place, call)?;
    message.only_for = Some(user);
    let ts = world.post(place, message, "slack.ephemeral", "api");
    Ok(json!({ "message_ts": ts }))
}

/// The conversation that a call wants to write to: by id, by name, or by the user whose direct messages are meant.
fn room(world: &mut World, call: &Call) -> Result<usize, Refusal> {
    let word = call.required("channel")?.to_owned();
    let place = match world.place(&word) {
        // A private channel is known by its id only.
        Some(place) if world.channels[place].kind != Kind::Private || world.channels[place].id == word => place,
        None if world.user(&word).is_some_and(|u| !u.is_deleted && !u.is_bot) => world.direct(&word).0,
        _ => return Err("channel_not_found".into()),
    };
    world.writable(place)?;
    Ok(place)
}

impl World {
    pub(super) fn writable(&self, place: usize) -> Result<(), Refusal> {
        let channel = &self.channels[place];
        match channel.health {
            Health::Gone => Err("channel_not_found".into()),
            Health::Archived => Err("is_archived".into()),
            _ if !channel.is_member && channel.kind == Kind::Private => Err("channel_not_found".into()),
            _ if !channel.is_member => Err("not_in_channel".into()),
            Health::Restricted => Err("restricted_action".into()),
            Health::Active => Ok(()),
        }
    }
}

/// The parent that an answer goes under; a reply is none, nor is what only one person sees.
fn thread(world: &World, place: usize, call: &Call) -> Result<Option<String>, Refusal> {
    let Some(ts) = call.text("thread_ts")? else { return Ok(None) };
    let channel = &world.channels[place];
    let is_parent = |m: &Message| {
        m.thread_ts.is_none() && m.only_for.is_none() && (!m.is_deleted || channel.replies(&m.ts).next().is_some())
    };
    match channel.find(ts) {
        Some(parent) if is_parent(parent) => Ok(Some(ts.to_owned())),
        _ => Err("cannot_reply_to_message".into()),
    }
}

pub(super) fn content(dice: &mut Dice, call: &Call) -> Result<Content, Refusal> {
    let text = call.text("text")?;
    let blocks = call.nested("blocks", "invalid_blocks_format")?;
    let attachments = call.nested("attachments", "invalid_attachments")?;
    let markdown = call.text("markdown_text")?;
    if markdown.is_some() && (text.is_some() || !blocks.is_null()) {
        return Err("markdown_text_conflict".into());
    }
    if markdown.is_some_and(|m| m.chars().count() > MAX_MARKDOWN) {
        return Err("msg_too_long".into());
    }
    let text = text.or(markdown).unwrap_or_default();
    let (body, is_truncated) = checked(text, blocks, attachments)?;
    Ok(Content { body: dressed(dice, body), is_truncated })
}

/// Text, blocks and attachments within Slack's limits.
pub(super) fn checked(text: &str, blocks: Value, attachments: Value) -> Result<(Value, bool), Refusal> {
    if !blocks.is_null() && !blocks.is_array() {
        return Err("invalid_blocks_format".into());
    }
    let faults = blocks::in_message(&blocks);
    if !faults.is_empty() {
        return Err(Refusal::with_messages("invalid_blocks", faults));
    }
    let count = match &attachments {
        Value::Null => 0,
        Value::Array(all) if all.iter().all(|a| blocks::check(&a["blocks"]).is_ok()) => all.len(),
        _ => return Err("invalid_attachments".into()),
    };
    if count > MAX_ATTACHMENTS {
        return Err("too_many_attachments".into());
    }
    let has_blocks = blocks.as_array().is_some_and(|b| !b.is_empty());
    if text.trim().is_empty() && !has_blocks && count == 0 {
        return Err("no_text".into());
    }
    let is_truncated = text.chars().count() > MAX_TEXT;
    let mut body = json!({ "text": text.chars().take(MAX_TEXT).collect::<String>() });
    if has_blocks {
        body["blocks"] = blocks;
    }
    if count > 0 {
        body["attachments"] = attachments;
    }
    Ok((body, is_truncated))
}

/// Gives every block and element an id, as Slack does with those that have none.
pub(super) fn dressed(dice: &mut Dice, mut body: Value) -> Value {
    for block in body["blocks"].as_array_mut().into_iter().flatten() {
        if block["block_id"].is_null() {
            block["block_id"] = json!(dice.secret(5));
        }
        for element in block["elements"].as_array_mut().into_iter().flatten().filter(|e| e["type"] == "button") {
            name_action(dice, element);
        }
        if block["accessory"]["type"] == "button" {
            name_action(dice, &mut block["accessory"]);
        }
    }
    if body["blocks"].is_null()
        && let Some(fields) = body.as_object_mut()
    {
        fields.remove("blocks");
    }
    body
}

fn name_action(dice: &mut Dice, element: &mut Value) {
    if element["action_id"].is_null() {
        element["action_id"] = json!(dice.secret(5));
    }
}

/// Another name or picture than the app's own wants a scope of its own.
fn disguise(world: &World, call: &Call, body: &mut Value) -> Result<(), Refusal> {
    for name in ["username", "icon_emoji", "icon_url"] {
        if let Some(value) = call.text(name)? {
            world.needs("chat:write.customize")?;
            body[name] = json!(value);
        }
    }
    Ok(())
}

/// `{event_type, event_payload}`; null when there is none, `{}` when it is to be taken away.
pub(super) fn metadata(call: &Call) -> Result<Value, Refusal> {
    let metadata = call.nested("metadata", "invalid_metadata_format")?;
    let Some(fields) = metadata.as_object() else {
        return if metadata.is_null() { Ok(Value::Null) } else { Err("invalid_metadata_format".into()) };
    };
    if fields.is_empty() {
        return Ok(metadata);
    }
    let is_whole =
        metadata["event_type"].as_str().is_some_and(|t| !t.is_empty()) && metadata["event_payload"].is_object();
    if !is_whole {
        return Err("invalid_metadata_schema".into());
    }
    if metadata.to_string().len() > MAX_METADATA_BYTES {
        return Err("metadata_too_large".into());
    }
    Ok(metadata)
}
