//! Channels by which Google tells that a calendar has changed: opened before the old one ends, closed when no longer wanted.
//! Never renews by itself.

use super::{Ask, Client, checked_calendar, decode};
use crate::{Call, CallError, Kind, Secret};
use http::Method;
use model::Micros;
use serde::Deserialize;
use serde_json::{Value, json};

/// A channel to be opened.
#[derive(Clone, Copy, Debug)]
pub struct NewChannel<'a> {
    /// Our own, never used before: 1 to 64 letters, digits and `-_+/=`.
    pub id: &'a str,
    /// Comes back with every push; at most 256 characters. It is what a push is believed by.
    pub token: &'a Secret,
    /// The https address that Google calls.
    pub address: &'a str,
    /// How long it is to last; Google may give less, a week is about the most.
    pub ttl_s: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    pub id: String,
    /// What it is closed by, together with its id.
    pub resource_id: String,
    /// As Google says; never assume what was asked for.
    pub expires_at: Option<Micros>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    id: String,
    resource_id: String,
    /// Milliseconds since the epoch, as a text or a number.
    #[serde(default)]
    expiration: Value,
}

impl Client {
    pub async fn watch(&self, call: &Call, calendar: &str, new: &NewChannel<'_>) -> Result<Channel, CallError> {
        let path = ["calendars", checked_calendar(calendar, true)?, "events", "watch"];
        checked(new)?;
        let body = json!({
            "id": new.id, "type": "web_hook", "address": new.address, "token": new.token.expose(),
            "params": { "ttl": new.ttl_s.to_string() },
        });
        let ask = Ask { method: Method::POST, path: &path, query: &[], body: Some(body.to_string().into_bytes()) };
        let answer = self.checked(call, &ask).await;
        let wire = answer.and_then(|response| decode::<Wire>(&response.body, true));
        let wire = wire.map_err(|error| error.redacted(new.token))?;
        Ok(Channel { id: wire.id, resource_id: wire.resource_id, expires_at: expires_at(&wire.expiration) })
    }

    /// One that is gone already is closed.
    pub async fn stop(&self, call: &Call, channel: &str, resource_id: &str) -> Result<(), CallError> {
        let body = json!({ "id": channel, "resourceId": resource_id }).to_string().into_bytes();
        let ask = Ask { method: Method::POST, path: &["channels", "stop"], query: &[], body: Some(body) };
        match self.checked(call, &ask).await {
            Ok(response) if response.status == 204 || response.body.trim_ascii().is_empty() => Ok(()),
            Ok(response) => decode::<serde::de::IgnoredAny>(&response.body, true).map(drop),
            Err(error) if error.kind == Kind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn checked(new: &NewChannel<'_>) -> Result<(), CallError> {
    let bad = |text: &str| Err(CallError::new(Kind::BadRequest, true, text));
    let is_id = |b: u8| b.is_ascii_alphanumeric() || b"-_+/=".contains(&b);
    if !(1..=64).contains(&new.id.len()) || !new.id.bytes().all(is_id) {
        return bad("a channel's id has 1 to 64 letters, digits and -_+/=; nothing was sent");
    }
    if !(1..=256).contains(&new.token.expose().chars().count()) {
        return bad("a channel's token has 1 to 256 characters; nothing was sent");
    }
    if !new.address.starts_with("https://") {
        return bad(
            "Google pushes to https addresses only: set [server] public_url, or leave pushes off and poll; nothing was sent",
        );
    }
    Ok(())
}

fn expires_at(value: &Value) -> Option<Micros> {
    let ms = value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())?;
    Some(Micros(ms.checked_mul(1_000)?))
}
