//! What Slack tells us: presses, forms, commands, events. Bytes in, plain words out; pure, and hostile bytes never panic. That it
//! was Slack who said so has been checked before (`verify`), or follows from the socket it came by.

mod event;
mod interaction;
mod verify;

pub use event::Told;
pub use interaction::{Closed, Entered, Pressed, Submitted};
pub use verify::{Refused, verify};

use crate::Secret;
pub(super) use crate::lenient::text_alone as lenient;
use crate::pagerduty::Unreadable;
use crate::pagerduty::json;
use serde::Deserialize;
use serde_json::Value;

/// One request of Slack's, by whatever way it came. Where there is a `key`, it is the same again for the same request told again.
#[derive(Clone, Debug, PartialEq)]
pub enum Inbound {
    Pressed(Pressed),
    Submitted(Submitted),
    Closed(Closed),
    Command(Command),
    /// To be answered with this text.
    Challenge(String),
    Event(Told),
    /// More happened than Slack delivers: events of this minute are lost.
    Overflow {
        team: String,
        minute_s: i64,
    },
    /// Slack looks whether we are there: 200 is all it wants.
    SslCheck,
    Unknown(Unknown),
}

/// A slash command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    pub user: String,
    pub user_name: String,
    pub team: String,
    pub app: String,
    pub channel: String,
    /// With its slash.
    pub command: String,
    pub text: String,
    pub response_url: Option<Secret>,
    pub trigger_id: String,
    pub key: String,
}

/// Of a kind that we have no words for; kept as it came.
#[derive(Clone, Debug, PartialEq)]
pub struct Unknown {
    pub kind: String,
    pub team: Option<String>,
    pub user: Option<String>,
    pub key: String,
    pub raw: Value,
}

/// Reads one request's body, form or JSON, or the payload of one envelope of a socket.
pub fn parse(raw: &[u8]) -> Result<Inbound, Unreadable> {
    if raw.trim_ascii_start().first() == Some(&b'{') { parse_json(raw) } else { parse_form(raw) }
}

fn parse_form(raw: &[u8]) -> Result<Inbound, Unreadable> {
    let mut command = CommandWire::default();
    for (name, value) in url::form_urlencoded::parse(raw) {
        match name.as_ref() {
            "payload" => return parse_json(value.as_bytes()),
            "ssl_check" if value == "1" => return Ok(Inbound::SslCheck),
            name => command.set(name, value.replace('\0', "\u{fffd}")),
        }
    }
    read_command(command, raw).ok_or_else(|| unreadable("form", "it has neither a payload nor a command"))
}

/// Enough of any document to know what it is.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Head {
    #[serde(rename = "type", deserialize_with = "lenient")]
    kind: String,
    #[serde(deserialize_with = "lenient")]
    command: String,
}

fn parse_json(raw: &[u8]) -> Result<Inbound, Unreadable> {
    let raw = json::without_nul(raw);
    let head: Head = json::read(&raw)?;
    match head.kind.as_str() {
        "block_actions" => interaction::pressed(&raw),
        "view_submission" => interaction::submitted(&raw),
        "view_closed" => interaction::closed(&raw),
        "url_verification" => event::challenge(&raw),
        "event_callback" => event::told(&raw),
        "app_rate_limited" => event::overflow(&raw),
        "" if !head.command.is_empty() => {
            let command: CommandWire = json::read(&raw)?;
            read_command(command, &raw).ok_or_else(|| unreadable("document", "a command lacks who gave it"))
        }
        kind => unknown(&raw, kind),
    }
}

fn unreadable(place: &str, why: &str) -> Unreadable {
    Unreadable { place: place.to_owned(), why: why.to_owned() }
}

fn unknown(raw: &[u8], kind: &str) -> Result<Inbound, Unreadable> {
    let value: Value = json::read(raw)?;
    let id = |name: &str| value.get(name).and_then(|part| part.get("id")?.as_str()).map(str::to_owned);
    let (team, user) = (id("team"), id("user"));
    let key = format!("other:{}", model::signature::sha256_hex(raw));
    Ok(Inbound::Unknown(Unknown { kind: kind.to_owned(), team, user, key, raw: value }))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CommandWire {
    #[serde(deserialize_with = "lenient")]
    user_id: String,
    #[serde(deserialize_with = "lenient")]
    user_name: String,
    #[serde(deserialize_with = "lenient")]
    team_id: String,
    #[serde(deserialize_with = "lenient")]
    api_app_id: String,
    #[serde(deserialize_with = "lenient")]
    channel_id: String,
    #[serde(deserialize_with = "lenient")]
    command: String,
    #[serde(deserialize_with = "lenient")]
    text: String,
    #[serde(deserialize_with = "lenient")]
    response_url: String,
    #[serde(deserialize_with = "lenient")]
    trigger_id: String,
}

impl CommandWire {
    fn set(&mut self, name: &str, value: String) {
        let field = match name {
            "user_id" => &mut self.user_id,
            "user_name" => &mut self.user_name,
            "team_id" => &mut self.team_id,
            "api_app_id" => &mut self.api_app_id,
            "channel_id" => &mut self.channel_id,
            "command" => &mut self.command,
            "text" => &mut self.text,
            "response_url" => &mut self.response_url,
            "trigger_id" => &mut self.trigger_id,
            _ => return,
        };
        *field = value;
    }
}

fn read_command(wire: CommandWire, raw: &[u8]) -> Option<Inbound> {
    if wire.command.is_empty() || wire.user_id.is_empty() {
        return None;
    }
    let key = match wire.trigger_id.as_str() {
        "" => format!("command:{}", model::signature::sha256_hex(raw)),
        trigger => format!("command:{trigger}"),
    };
    Some(Inbound::Command(Command {
        user: wire.user_id,
        user_name: wire.user_name,
        team: wire.team_id,
        app: wire.api_app_id,
        channel: wire.channel_id,
        command: wire.command,
        text: wire.text.trim().to_owned(),
        response_url: secret(wire.response_url),
        trigger_id: wire.trigger_id,
        key,
    }))
}

fn secret(text: String) -> Option<Secret> {
    (!text.is_empty()).then(|| Secret::new(text))
}
