//! Incoming webhooks: an address per channel that takes a message and says `ok`, or one of Slack's words. No ts is told, so that what
//! was posted so cannot be changed by the app.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::limits::Allowance;
use super::message::Message;
use super::world::{self, World};
use super::{Slack, blocks, chat, locked};
use crate::dice::Dice;
use crate::web::{Ask, Told};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Health {
    Active,
    /// Nobody posts there any more.
    Removed,
    Archived,
    /// An administrator has restricted it.
    Prohibited,
}

#[derive(Debug)]
pub(super) struct Webhook {
    pub channel: String,
    /// `T…/B…/secret`
    pub path: String,
    health: Health,
    allowance: Allowance,
}

pub(super) fn make(dice: &mut Dice, team: &str, channels: &[String], burst: u32) -> Vec<Webhook> {
    let now = crate::clock::real_now();
    let one = |channel: &String| Webhook {
        channel: channel.clone(),
        path: format!("{team}/{}/{}", dice.code("B", 11), dice.secret(24)),
        health: Health::Active,
        allowance: Allowance::full(burst, now),
    };
    channels.iter().map(one).collect()
}

impl Slack {
    pub(super) async fn webhook(&self, path: &str, ask: &Ask) -> Option<Told> {
        if ask.method != http::Method::POST {
            return Some(Told::text(405, "method_not_allowed"));
        }
        let _turn = self.turn.lock().await;
        let told = match self
            .admit(path)
            .and_then(|channel| Ok((channel, message(ask).map_err(|w| Told::text(400, w))?)))
        {
            Ok((channel, message)) => self.with(|world| post(world, &channel, &message)),
            Err(told) => {
                let said = String::from_utf8_lossy(&told.body).into_owned();
                let team = path.split('/').next().unwrap_or_default();
                self.with(|w| w.note("slack.refused", json!({ "team": team, "status": told.status, "said": said })));
                told
            }
        };
        self.flush().await.ok()?;
        Some(told)
    }

    /// The channel behind an address, if a message may go there now.
    fn admit(&self, path: &str) -> Result<String, Told> {
        let (now, burst) = (self.clock.now(), self.with(|world| world.limits.burst));
        let mut all = locked(&self.webhooks);
        let team = path.split('/').next().unwrap_or_default();
        if !all.iter().any(|w| w.path.split('/').next() == Some(team)) {
            return Err(Told::text(404, "no_team"));
        }
        let own = all.iter_mut().find(|w| w.path == path).ok_or_else(|| Told::text(404, "no_service"))?;
        match own.health {
            Health::Removed => return Err(Told::text(404, "no_service")),
            Health::Archived => return Err(Told::text(410, "channel_is_archived")),
            Health::Prohibited => return Err(Told::text(403, "action_prohibited")),
            Health::Active => {}
        }
        match self.with(|world| world.place(&own.channel).map(|place| world.channels[place].health)) {
            Some(world::Health::Archived) => return Err(Told::text(410, "channel_is_archived")),
            Some(world::Health::Gone) | None => return Err(Told::text(404, "channel_not_found")),
            Some(_) => {}
        }
        if self.with(|world| world.is_down) {
            return Err(Told::text(503, "service_unavailable"));
        }
        if !own.allowance.take(burst, now) {
            return Err(Told::text(429, "rate_limited").with("retry-after", "1"));
        }
        Ok(own.channel.clone())
    }

    pub(super) fn set_webhook(&self, body: &Value) -> Result<Value, String> {
        let health: Health = serde_json::from_value(body["health"].clone())
            .map_err(|_| "health is active, removed, archived or prohibited")?;
        let mut all = locked(&self.webhooks);
        let own = match body["channel"].as_str() {
            Some(channel) => all.iter_mut().find(|w| w.channel == channel),
            None => all.first_mut(),
        };
        let own = own.ok_or("no webhook of that channel")?;
        own.health = health;
        Ok(json!({ "channel": own.channel, "health": health }))
    }
}

fn post(world: &mut World, channel: &str, message: &Value) -> Told {
    let Some(place) = world.place(channel) else { return Told::text(404, "channel_not_found") };
    let mut body = json!({ "text": message["text"].as_str().unwrap_or_default() });
    for name in ["blocks", "attachments"] {
        if !message[name].is_null() {
            body[name] = message[name].clone();
        }
    }
    let user = world.app.user.clone();
    let body = chat::dressed(&mut world.dice, body);
    let mut own = Message::new(world.next_ts(), &user, body);
    let room = &world.channels[place];
    own.thread_ts = message["thread_ts"].as_str().filter(|ts| room.find(ts).is_some()).map(str::to_owned);
    world.post(place, own, "slack.posted", "webhook");
    Told::text(200, "ok")
}

/// JSON, or a form with JSON in `payload`; refused with Slack's own word.
fn message(ask: &Ask) -> Result<Value, &'static str> {
    let is_form = ask.header("content-type").is_some_and(|t| t.starts_with("application/x-www-form-urlencoded"));
    let parsed = if is_form {
        let payload = url::form_urlencoded::parse(&ask.body).find(|(name, _)| name == "payload");
        payload.and_then(|(_, text)| serde_json::from_str::<Value>(&text).ok())
    } else {
        serde_json::from_slice(&ask.body).ok()
    };
    let message = parsed.filter(Value::is_object).ok_or("invalid_payload")?;
    let is_text = message["text"].is_null() || message["text"].is_string();
    if !is_text {
        return Err("invalid_payload");
    }
    let list = |name: &str| message[name].as_array().filter(|l| !l.is_empty());
    if list("attachments").is_some_and(|a| a.len() > 100) {
        return Err("too_many_attachments");
    }
    blocks::check(&message["blocks"])?;
    let has_text = message["text"].as_str().is_some_and(|t| !t.trim().is_empty());
    if has_text || list("blocks").is_some() || list("attachments").is_some() { Ok(message) } else { Err("no_text") }
}
