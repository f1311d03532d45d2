//! The addresses that come with a callback and take an answer to it: five times within half an hour, to change or take away the
//! message or to say something more.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::call::Refusal;
use super::change::strip_nulls;
use super::chat::{checked, dressed};
use super::message::Message;
use super::world::{Health, World};
use crate::web::{Ask, Told};

const MOST_USES: u32 = 5;
const GOOD_FOR_S: i64 = 30 * 60;

#[derive(Debug)]
pub(super) struct Address {
    /// `/actions/T…/1/secret`
    path: String,
    user: String,
    channel: String,
    /// The message that was acted on; a command has none.
    ts: Option<String>,
    made: Timestamp,
    uses: u32,
}

impl World {
    /// A new address, whole.
    pub(super) fn response_url(&mut self, kind: &str, user: &str, channel: &str, ts: Option<&str>) -> String {
        let number = self.dice.between(1_000_000_000_000, 9_999_999_999_999);
        let path = format!("/{kind}/{}/{number}/{}", self.team.id, self.dice.secret(24));
        let url = format!("{}{path}", self.base);
        let (user, channel, ts) = (user.to_owned(), channel.to_owned(), ts.map(str::to_owned));
        self.answers.push(Address { path, user, channel, ts, made: self.now, uses: 0 });
        url
    }
}

pub(super) fn take(world: &mut World, ask: &Ask) -> Told {
    let path = ask.path.as_str();
    match used(world, ask) {
        Ok(()) => Told::text(200, "ok"),
        Err((status, word)) => {
            world.note(
                "slack.refused",
                json!({ "method": "response_url", "path": path, "status": status, "error": word }),
            );
            Told::json(status, &json!({ "ok": false, "error": word }))
        }
    }
}

type No = (u16, &'static str);

fn used(world: &mut World, ask: &Ask) -> Result<(), No> {
    let now = world.now;
    let at = world.answers.iter().position(|a| a.path == ask.path).ok_or((404, "invalid_url"))?;
    let address = &mut world.answers[at];
    if now.as_second() - address.made.as_second() >= GOOD_FOR_S {
        return Err((404, "expired_url"));
    }
    if address.uses >= MOST_USES {
        return Err((404, "used_url"));
    }
    let body: Value = serde_json::from_slice(&ask.body).map_err(|_| (400, "invalid_payload"))?;
    if !body.is_object() {
        return Err((400, "invalid_payload"));
    }
    address.uses += 1;
    let (uses, user, channel, ts) = (address.uses, address.user.clone(), address.channel.clone(), address.ts.clone());
    let place = world.channels.iter().position(|c| c.id == channel).ok_or((404, "channel_not_found"))?;
    match world.channels[place].health {
        Health::Gone => return Err((404, "channel_not_found")),
        Health::Archived => return Err((404, "is_archived")),
        Health::Active | Health::Restricted => {}
    }
    let original = ts.and_then(|ts| world.channels[place].messages.iter().position(|m| m.ts == ts && !m.is_deleted));
    let (did, ts) = act(world, place, original, &user, &body)?;
    let called = world.channels[place].called().to_owned();
    world.note(
        "slack.responded",
        json!({ "channel": called, "channel_id": channel, "ts": ts, "user": user, "did": did, "use": uses }),
    );
    Ok(())
}

fn act(
    world: &mut World,
    place: usize,
    original: Option<usize>,
    user: &str,
    body: &Value,
) -> Result<(&'static str, String), No> {
    if body["delete_original"] == true {
        let at = original.ok_or((404, "message_not_found"))?;
        return Ok(("deleted", world.erase(place, at, "response_url")));
    }
    let content = words(world, body).map_err(|refusal| (400, refusal.error))?;
    if body["replace_original"] == true
        && let Some(at) = original
    {
        let mut changed = world.channels[place].messages[at].body.clone();
        for name in ["text", "blocks", "attachments"] {
            changed[name] = content[name].clone();
        }
        strip_nulls(&mut changed);
        return Ok(("updated", world.rewrite(place, at, changed, None, "response_url")));
    }
    Ok(say(world, place, user, content, body, "response_url"))
}

fn words(world: &mut World, body: &Value) -> Result<Value, Refusal> {
    let text = body["text"].as_str().unwrap_or_default();
    let (content, _) = checked(text, body["blocks"].clone(), body["attachments"].clone())?;
    Ok(dressed(&mut world.dice, content))
}

/// Something more, for all or for the one who acted.
fn say(world: &mut World, place: usize, user: &str, content: Value, body: &Value, via: &str) -> (&'static str, String) {
    let bot = world.app.user.clone();
    let mut message = Message::new(world.next_ts(), &bot, content);
    message.thread_ts =
        body["thread_ts"].as_str().filter(|ts| world.channels[place].find(ts).is_some()).map(str::to_owned);
    if body["response_type"] == "in_channel" {
        return ("posted", world.post(place, message, "slack.posted", via));
    }
    message.only_for = Some(user.to_owned());
    ("ephemeral", world.post(place, message, "slack.ephemeral", via))
}

/// What the answer to a command itself says, if anything.
pub(super) fn from_answer(world: &mut World, channel: &str, user: &str, answer: &Value) -> Result<Value, String> {
    let body = match answer {
        Value::Null => return Ok(Value::Null),
        Value::String(text) if text.trim().is_empty() => return Ok(Value::Null),
        Value::String(text) => json!({ "text": text }),
        Value::Object(fields) if !["text", "blocks", "attachments"].iter().any(|n| fields.contains_key(*n)) => {
            return Ok(Value::Null);
        }
        other => other.clone(),
    };
    let place = world.known_place(channel)?;
    let content = words(world, &body)
        .map_err(|refusal| format!("the answer is refused: {} {}", refusal.error, refusal.beside))?;
    let (did, ts) = say(world, place, user, content, &body, "answer");
    Ok(json!({ "did": did, "ts": ts }))
}
