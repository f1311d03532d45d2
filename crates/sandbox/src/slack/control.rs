//! What stands under `/_control/`: people's acts, the state of channels, tokens and limits, and what is to be seen from outside.

use serde_json::{Value, json};

use super::Slack;
use super::conversations;
use super::message::Message;
use super::world::{Health, Kind, TokenHealth, World};
use crate::web::Ask;

/// Nobody waits longer, and no clock runs over.
const A_YEAR_S: i64 = 366 * 86_400;

pub(super) fn word<'a>(body: &'a Value, name: &str) -> Result<&'a str, String> {
    body[name].as_str().filter(|w| !w.is_empty()).ok_or_else(|| format!("{name} is missing"))
}

/// A whole number, also as a form has it.
pub(super) fn number(body: &Value, name: &str) -> Result<Option<i64>, String> {
    match &body[name] {
        Value::Null => Ok(None),
        Value::String(text) if text.is_empty() => Ok(None),
        Value::String(text) => text.parse().map(Some).map_err(|_| format!("{name} is a whole number")),
        value => value.as_i64().map(Some).ok_or_else(|| format!("{name} is a whole number")),
    }
}

pub(super) fn flag(body: &Value, name: &str) -> bool {
    body[name] == true || body[name] == "true" || body[name] == "1"
}

impl Slack {
    pub(super) async fn controlled(&self, what: &str, ask: &Ask) -> Option<Result<Value, String>> {
        let body = match ask.json() {
            Ok(body) => body,
            Err(error) => return Some(Err(error)),
        };
        Some(match (ask.method.as_str(), what) {
            ("POST", "press") => self.press(&body).await,
            ("POST", "command") => self.command(&body).await,
            ("POST", "submit") => self.submit(&body).await,
            ("POST", "event") => self.event(&body).await,
            ("POST", "verify") => self.verify(&body).await,
            ("POST", "say") => self.say(&body).await,
            ("POST", "type") => self.typed(&body).await,
            ("POST", "replay") => match word(&body, "id") {
                Ok(id) => self.replay(id, body["to"].as_str()).await,
                Err(error) => Err(error),
            },
            ("POST", "set") => self.with(|world| set(world, &body)),
            ("POST", "user") => self.with(|world| set_user(world, &body)),
            ("POST", "channel") => self.with(|world| add_channel(world, &body)),
            ("POST", "socket") => number(&body, "connection").and_then(|connection| {
                self.sockets.disconnect(word(&body, "act")?, connection.and_then(|n| u64::try_from(n).ok()))
            }),
            ("POST", "advance") => number(&body, "seconds").map(|seconds| {
                self.clock.advance(seconds.unwrap_or(0).clamp(-A_YEAR_S, A_YEAR_S) * 1_000);
                json!({ "now": crate::clock::micros(self.clock.now()) })
            }),
            ("POST", "webhook") => self.set_webhook(&body),
            ("GET", "messages") => self
                .with(|world| messages(world, ask))
                .unwrap_or_else(|| Ok(json!({ "messages": self.journal.of_kind("slack.posted") }))),
            ("GET", "callbacks") => Ok(json!({ "callbacks": self.journal.of_kind("slack.callback") })),
            ("GET", "request") => self.request(ask.one("id").unwrap_or_default()),
            ("GET", "sockets") => Ok(self.sockets.shown()),
            ("GET", "views") => Ok(self.with(|world| views(world))),
            ("GET", "state") => Ok(self.with(|world| state(world))),
            _ => return None,
        })
    }

    /// One line as somebody types it: a command when it begins with a slash.
    async fn typed(&self, body: &Value) -> Result<Value, String> {
        let line = word(body, "text")?.trim();
        let Some(rest) = line.strip_prefix('/') else { return self.say(body).await };
        let (name, text) = rest.split_once(' ').unwrap_or((rest, ""));
        let mut body = body.clone();
        body["command"] = json!(format!("/{name}"));
        body["text"] = json!(text.trim());
        self.command(&body).await
    }
}

fn set(world: &mut World, body: &Value) -> Result<Value, String> {
    let known = [
        "channel",
        "state",
        "token",
        "which",
        "scopes",
        "limits",
        "down",
        "interactions_url",
        "commands_url",
        "events_url",
        "deadline_ms",
    ];
    let fields = body.as_object().ok_or("an object of what is to be set")?;
    if let Some(unknown) = fields.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(format!("{unknown} cannot be set; what can be: {}", known.join(", ")));
    }
    if let Some(channel) = body["channel"].as_str() {
        let place = world.known_place(channel)?;
        set_channel(world, place, word(body, "state")?)?;
    }
    if !body["token"].is_null() {
        let health: TokenHealth = serde_json::from_value(body["token"].clone())
            .map_err(|_| "token is active, revoked, expired, inactive or invalid")?;
        match body["which"].as_str().unwrap_or("bot") {
            "bot" => world.app.bot_health = health,
            "app" => world.app.app_health = health,
            _ => return Err("which is bot or app".into()),
        }
    }
    if !body["scopes"].is_null() {
        world.app.scopes = serde_json::from_value(body["scopes"].clone()).map_err(|_| "scopes is a list of names")?;
    }
    if !body["limits"].is_null() {
        world.limits.set(&body["limits"])?;
    }
    if let Some(is_down) = body["down"].as_bool() {
        world.is_down = is_down;
    }
    if let Some(ms) = number(body, "deadline_ms")? {
        world.deadline_ms = u64::try_from(ms.min(A_YEAR_S)).map_err(|_| "deadline_ms is above 0")?;
    }
    for (name, slot) in [
        ("interactions_url", &mut world.urls.interactions),
        ("commands_url", &mut world.urls.commands),
        ("events_url", &mut world.urls.events),
    ] {
        if fields.contains_key(name) {
            *slot = body[name].as_str().filter(|u| !u.is_empty()).map(str::to_owned);
        }
    }
    Ok(state(world))
}

fn set_channel(world: &mut World, place: usize, state: &str) -> Result<(), String> {
    let bot = world.app.user.clone();
    let channel = &mut world.channels[place];
    let is_member = state != "not_in_channel";
    channel.health = match state {
        "active" | "not_in_channel" => Health::Active,
        "archived" => Health::Archived,
        "gone" => Health::Gone,
        "restricted" => Health::Restricted,
        _ => return Err("state is active, archived, gone, restricted or not_in_channel".into()),
    };
    if matches!(state, "active" | "not_in_channel") {
        channel.is_member = is_member;
        channel.members.retain(|m| *m != bot);
        if is_member {
            channel.members.push(bot);
        }
    }
    Ok(())
}

fn set_user(world: &mut World, body: &Value) -> Result<Value, String> {
    let id = world.person(word(body, "user")?)?.id.clone();
    let user = world.users.iter_mut().find(|u| u.id == id).ok_or("no such user")?;
    if let Some(email) = body["email"].as_str() {
        email.clone_into(&mut user.email);
    }
    if let Some(is_deleted) = body["deleted"].as_bool() {
        user.is_deleted = is_deleted;
    }
    if let Some(name) = body["name"].as_str() {
        name.clone_into(&mut user.name);
    }
    Ok(json!({ "id": id, "name": user.name, "email": user.email, "deleted": user.is_deleted }))
}

fn add_channel(world: &mut World, body: &Value) -> Result<Value, String> {
    let name = word(body, "name")?.to_owned();
    if world.place(&name).is_some() {
        return Err(format!("there is a channel {name:?} already"));
    }
    let kind = if flag(body, "is_private") { Kind::Private } else { Kind::Public };
    let mut members: Vec<String> = world.users.iter().filter(|u| !u.is_bot).map(|u| u.id.clone()).collect();
    if body["is_member"] != false {
        members.push(world.app.user.clone());
    }
    let id = world.dice.code("C", 11);
    world.add_channel(id.clone(), name.clone(), kind, members);
    Ok(json!({ "id": id, "name": name }))
}

/// Every message of a channel as it stands, with its answers and what it was before; none without a channel.
fn messages(world: &World, ask: &Ask) -> Option<Result<Value, String>> {
    let wanted = ask.one("channel")?;
    let place = match world.known_place(wanted) {
        Ok(place) => place,
        Err(error) => return Some(Err(error)),
    };
    let channel = &world.channels[place];
    let all = &channel.messages;
    let top: Vec<Value> = all
        .iter()
        .filter(|m| m.thread_ts.is_none())
        .map(|m| {
            let mut shown = seen(world, place, m);
            let under = all.iter().filter(|r| r.thread_ts.as_deref() == Some(&m.ts));
            shown["replies"] = under.map(|r| seen(world, place, r)).collect();
            shown
        })
        .collect();
    Some(Ok(
        json!({ "channel": channel.called(), "channel_id": channel.id, "health": channel.health, "is_member": channel.is_member,
        "messages": top }),
    ))
}

fn seen(world: &World, place: usize, message: &Message) -> Value {
    let mut seen = world.detail(place, message, "");
    if let Some(fields) = seen.as_object_mut() {
        fields.remove("via");
    }
    seen["is_deleted"] = json!(message.is_deleted);
    seen["edited_ts"] = json!(message.edited_ts);
    seen["versions"] = json!(message.versions);
    seen["username"] = message.body["username"].clone();
    seen
}

fn views(world: &World) -> Value {
    let view = |v: &super::world::View| json!({ "id": v.id, "user": v.user, "is_open": v.is_open, "view": v.body });
    json!({ "views": world.views.iter().map(view).collect::<Vec<_>>() })
}

fn state(world: &World) -> Value {
    let channel = |c: &super::world::Channel| {
        let mut told = conversations::told(world, c);
        told["health"] = json!(c.health);
        told["messages"] = json!(c.messages.len());
        told
    };
    let user = |u: &super::world::User| json!({ "id": u.id, "name": u.name, "real_name": u.real_name, "email": u.email, "is_bot": u.is_bot, "deleted": u.is_deleted });
    json!({
        "team_id": world.team.id, "down": world.is_down, "token": world.app.bot_health, "app_token": world.app.app_health,
        "scopes": world.app.scopes, "limits": world.limits.shown(), "urls": world.urls, "deadline_ms": world.deadline_ms,
        "channels": world.channels.iter().map(channel).collect::<Vec<_>>(), "users": world.users.iter().map(user).collect::<Vec<_>>(),
    })
}
