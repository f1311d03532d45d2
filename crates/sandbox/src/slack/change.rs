//! chat.update and chat.delete: only what the app itself has said, and never what only one person sees.

use serde_json::{Value, json};

use super::call::{Call, Outcome, Refusal};
use super::chat::{content, metadata};
use super::message::Message;
use super::world::{Health, World};

pub(super) fn update(world: &mut World, call: &Call) -> Outcome {
    let (place, at) = own(world, call, "cant_update_message")?;
    let stands = world.channels[place].messages[at].body.clone();
    let has_words = ["text", "blocks", "attachments", "markdown_text"].iter().any(|name| call.args.contains_key(*name));
    let metadata = metadata(call)?;
    let mut body = stands.clone();
    let mut is_truncated = false;
    if has_words || metadata.is_null() {
        let content = content(&mut world.dice, call)?;
        is_truncated = content.is_truncated;
        // What is not given again is gone, except files and the name that it was posted under.
        for name in ["text", "blocks", "attachments"] {
            body[name] = content.body[name].clone();
        }
        strip_nulls(&mut body);
    }
    let ts = world.rewrite(place, at, body, Some(metadata), "api");
    let message = &world.channels[place].messages[at];
    let (channel, text) = (world.channels[place].id.clone(), message.body["text"].clone());
    let mut answer =
        json!({ "channel": channel, "ts": ts, "text": text, "message": world.told(place, message, false) });
    if is_truncated {
        answer["warning"] = json!("message_truncated");
    }
    Ok(answer)
}

pub(super) fn delete(world: &mut World, call: &Call) -> Outcome {
    let (place, at) = own(world, call, "cant_delete_message")?;
    let ts = world.erase(place, at, "api");
    Ok(json!({ "channel": world.channels[place].id, "ts": ts }))
}

pub(super) fn strip_nulls(body: &mut Value) {
    if let Some(fields) = body.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
}

/// The place of the app's own message.
fn own(world: &World, call: &Call, not_own: &'static str) -> Result<(usize, usize), Refusal> {
    let (channel, ts) = (call.required("channel")?, call.required("ts")?);
    let by_id = world.channels.iter().position(|c| c.id == channel && c.health != Health::Gone);
    let place = by_id.ok_or("channel_not_found")?;
    let room = &world.channels[place];
    if room.health == Health::Archived {
        return Err("is_archived".into());
    }
    if !room.is_member {
        return Err("channel_not_found".into());
    }
    let at = room.messages.iter().position(|m| m.ts == ts && !m.is_deleted && m.only_for.is_none());
    let at = at.ok_or("message_not_found")?;
    if room.messages[at].user == world.app.user { Ok((place, at)) } else { Err(not_own.into()) }
}

impl World {
    /// Puts other words into a message and notes it.
    pub(super) fn rewrite(
        &mut self,
        place: usize,
        at: usize,
        body: Value,
        metadata: Option<Value>,
        via: &str,
    ) -> String {
        let now = self.next_ts();
        let message = &mut self.channels[place].messages[at];
        message.body = body;
        match metadata {
            Some(Value::Object(fields)) if fields.is_empty() => message.metadata = Value::Null,
            Some(Value::Null) | None => {}
            Some(metadata) => message.metadata = metadata,
        }
        message.edited_ts = Some(now.clone());
        message.remember("updated", via, &now);
        self.note_of(place, at, "slack.updated", via)
    }

    pub(super) fn erase(&mut self, place: usize, at: usize, via: &str) -> String {
        let now = self.next_ts();
        let message = &mut self.channels[place].messages[at];
        message.is_deleted = true;
        message.remember("deleted", via, &now);
        self.note_of(place, at, "slack.deleted", via)
    }

    fn note_of(&mut self, place: usize, at: usize, kind: &'static str, via: &str) -> String {
        let message: Message = self.channels[place].messages[at].clone();
        let detail = self.detail(place, &message, via);
        self.note(kind, detail);
        message.ts
    }
}
