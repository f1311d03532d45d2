//! The Events API: the challenge before it begins, events in their envelope, and the word that there were too many.

use super::{Inbound, lenient, unreadable};
use crate::pagerduty::Unreadable;
use crate::pagerduty::json;
use serde::Deserialize;
use serde_json::Value;

/// One event. Messages of our own come back as well: whoever has a `bot_id` is no person.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    pub team: String,
    pub app: String,
    /// e.g. `app_mention`, `message`, `channel_archive`
    pub kind: String,
    pub subtype: Option<String>,
    pub user: Option<String>,
    pub bot_id: Option<String>,
    pub channel: Option<String>,
    pub text: Option<String>,
    pub ts: Option<String>,
    pub thread_ts: Option<String>,
    pub at_s: i64,
    pub key: String,
    /// The event as it came.
    pub raw: Value,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Envelope {
    #[serde(deserialize_with = "lenient")]
    team_id: String,
    #[serde(deserialize_with = "lenient")]
    api_app_id: String,
    #[serde(deserialize_with = "lenient")]
    event_id: String,
    event_time: Value,
    event: Value,
    #[serde(deserialize_with = "lenient")]
    challenge: String,
    minute_rate_limited: Value,
}

pub fn challenge(raw: &[u8]) -> Result<Inbound, Unreadable> {
    let envelope: Envelope = json::read(raw)?;
    match envelope.challenge.as_str() {
        "" => Err(unreadable("challenge", "there is none")),
        _ => Ok(Inbound::Challenge(envelope.challenge)),
    }
}

pub fn overflow(raw: &[u8]) -> Result<Inbound, Unreadable> {
    let envelope: Envelope = json::read(raw)?;
    let minute_s = envelope.minute_rate_limited.as_i64().unwrap_or_default();
    Ok(Inbound::Overflow { team: envelope.team_id, minute_s })
}

pub fn told(raw: &[u8]) -> Result<Inbound, Unreadable> {
    let envelope: Envelope = json::read(raw)?;
    if envelope.event_id.is_empty() {
        return Err(unreadable("event_id", "there is none"));
    }
    let event = envelope.event;
    let text = |name: &str| event.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    // Of some events the channel or user is told whole.
    let id = |name: &str| text(name).or_else(|| event.get(name)?.get("id")?.as_str().map(str::to_owned));
    let Some(kind) = text("type") else { return Err(unreadable("event.type", "there is none")) };
    Ok(Inbound::Event(Told {
        team: envelope.team_id,
        app: envelope.api_app_id,
        kind,
        subtype: text("subtype"),
        user: id("user"),
        bot_id: text("bot_id"),
        channel: id("channel"),
        text: text("text"),
        ts: text("ts"),
        thread_ts: text("thread_ts"),
        at_s: envelope.event_time.as_i64().unwrap_or_default(),
        key: format!("event:{}", envelope.event_id),
        raw: event,
    }))
}
