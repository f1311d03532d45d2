//! Push channels: who watches a calendar, and the empty messages that tell him that something, but not what, has changed.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::Google;
use super::errors::Problem;
use super::world::State;
use crate::clock::plus_s;
use crate::courier::{Expected, Parcel};

#[derive(Debug, Clone)]
pub(super) struct Channel {
    pub id: String,
    pub address: String,
    token: Option<String>,
    pub calendar: String,
    pub resource: String,
    pub expires: Timestamp,
    number: u64,
    /// Something has changed and was not told yet.
    is_stirred: bool,
    pub is_stopped: bool,
    by: String,
}

impl Channel {
    pub(super) fn is_live(&self, now: Timestamp) -> bool {
        !self.is_stopped && now < self.expires
    }

    pub(super) fn shown(&self, now: Timestamp) -> Value {
        json!({
            "id": self.id, "calendar": self.calendar, "resourceId": self.resource, "expiration": self.expires.as_millisecond().to_string(),
            "messages": self.number, "live": self.is_live(now), "stopped": self.is_stopped,
        })
    }
}

impl State {
    /// The answer to a watch; its `sync` message goes at once.
    pub(super) fn watch(&mut self, at: usize, body: &Value, by: &str, now: Timestamp) -> Result<Value, Problem> {
        let (id, address) = self.wished(body)?;
        if self.channels.iter().any(|c| c.id == id) {
            return Err(Problem::new(400, "channelIdNotUnique", &format!("Channel id {id} not unique")));
        }
        let calendar = self.calendars[at].id.clone();
        let channel = Channel {
            resource: crate::dice::Dice::new(calendar.bytes().map(u64::from).sum()).secret(27),
            expires: self.expiry(body, now),
            token: body["token"].as_str().map(str::to_owned),
            number: 0,
            is_stirred: false,
            is_stopped: false,
            by: by.to_owned(),
            id,
            address,
            calendar,
        };
        let mut answer = json!({
            "kind": "api#channel", "id": channel.id, "resourceId": channel.resource, "resourceUri": self.resource_url(&channel.calendar),
            "expiration": channel.expires.as_millisecond().to_string(),
        });
        if let Some(token) = &channel.token {
            answer["token"] = json!(token);
        }
        let id = channel.id.clone();
        self.channels.push(channel);
        self.push(&id, "sync", now);
        Ok(answer)
    }

    fn wished(&self, body: &Value) -> Result<(String, String), Problem> {
        let text = |name: &str| body[name].as_str().filter(|t| !t.is_empty());
        let id = text("id").ok_or_else(|| Problem::required("entity.id is required."))?;
        let is_plain = id.len() <= 64 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_+/=".contains(&b));
        if !is_plain {
            return Err(Problem::invalid("Invalid channel id."));
        }
        if !["web_hook", "webhook"].contains(&text("type").unwrap_or_default()) {
            return Err(Problem::new(400, "unknownChannelType", "Unknown channel type."));
        }
        if text("token").is_some_and(|t| t.len() > 256) {
            return Err(Problem::invalid("The channel token is too long."));
        }
        let address = text("address").ok_or_else(|| Problem::required("entity.address is required."))?;
        let scheme = url::Url::parse(address).map(|u| u.scheme().to_owned()).unwrap_or_default();
        if scheme != "https" && (scheme != "http" || self.settings.https_only) {
            return Err(Problem::new(400, "push.webhookUrlNotHttps", "WebHook callback must be HTTPS."));
        }
        Ok((id.to_owned(), address.to_owned()))
    }

    fn expiry(&self, body: &Value, now: Timestamp) -> Timestamp {
        let number = |of: &Value| of.as_i64().or_else(|| of.as_str()?.parse().ok());
        let longest = plus_s(now, self.settings.channel_max_s.into());
        let wished = number(&body["expiration"]).and_then(|ms| Timestamp::from_millisecond(ms).ok());
        let ttl = number(&body["params"]["ttl"]).map(|s| plus_s(now, s));
        let usual = plus_s(now, self.settings.channel_default_s.into());
        wished.or(ttl).unwrap_or(usual).min(longest)
    }

    fn resource_url(&self, calendar: &str) -> String {
        let id: String = url::form_urlencoded::byte_serialize(calendar.as_bytes()).collect();
        format!("{}/calendar/v3/calendars/{id}/events?alt=json", self.url)
    }

    /// Where a receiver is really found.
    fn reached_at(&self, address: &str) -> String {
        let path = url::Url::parse(address).map(|url| url.path().to_owned()).unwrap_or_default();
        match self.settings.receiver.trim_end_matches('/') {
            "" => address.to_owned(),
            server => format!("{server}{path}"),
        }
    }

    pub(super) fn stop(&mut self, body: &Value, by: &str) -> Result<Value, Problem> {
        let own = self
            .channels
            .iter_mut()
            .find(|c| body["id"] == c.id.as_str() && body["resourceId"] == c.resource.as_str() && !c.is_stopped);
        let own = own.filter(|c| c.by == by).ok_or_else(|| {
            let id = body["id"].as_str().unwrap_or_default();
            Problem::new(404, "notFound", &format!("Channel '{id}' not found for project"))
        })?;
        own.is_stopped = true;
        Ok(json!({ "id": own.id, "calendar": own.calendar }))
    }

    /// Somebody has changed a calendar: every channel of it has something to say, once.
    pub(super) fn stir(&mut self, calendar: &str, now: Timestamp) {
        for channel in self.channels.iter_mut().filter(|c| c.calendar == calendar && c.is_live(now) && !c.is_stirred) {
            channel.is_stirred = true;
            // The reader ends only with the whole sandbox.
            let _gone = self.pushes.send((channel.id.clone(), self.courier.expect()));
        }
    }

    /// One message, if the channel still lives.
    pub(super) fn push(&mut self, id: &str, state: &str, now: Timestamp) -> Option<u64> {
        let step = if state == "sync" { 1 } else { self.dice.between(1, 4_000).unsigned_abs() };
        let at = self.channels.iter().position(|c| c.id == id && c.is_live(now))?;
        self.channels[at].number += step;
        let own = self.channels[at].clone();
        let uri = self.resource_url(&own.calendar);
        let expires = own.expires.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let number = own.number.to_string();
        let mut headers: Vec<(String, String)> = [
            ("x-goog-channel-id", own.id.as_str()),
            ("x-goog-channel-expiration", &expires),
            ("x-goog-resource-id", &own.resource),
            ("x-goog-resource-uri", &uri),
            ("x-goog-resource-state", state),
            ("x-goog-message-number", &number),
            ("content-length", "0"),
            ("user-agent", "APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)"),
        ]
        .map(|(n, v)| (n.to_owned(), v.to_owned()))
        .to_vec();
        headers.extend(own.token.map(|token| ("x-goog-channel-token".to_owned(), token)));
        let about = json!({ "channel": own.id, "calendar": own.calendar, "state": state, "number": own.number });
        Some(self.courier.post(Parcel { url: self.reached_at(&own.address), headers, body: String::new(), about }))
    }
}

/// Lets changes gather for a moment, so that one message tells of several.
pub(super) async fn run(google: Arc<Google>, mut stirred: mpsc::UnboundedReceiver<(String, Expected)>) {
    let mut waiting = JoinSet::new();
    loop {
        tokio::select! {
            next = stirred.recv() => {
                let Some((id, expected)) = next else { return };
                let google = Arc::clone(&google);
                waiting.spawn(async move {
                    tokio::time::sleep(Duration::from_millis(google.push_lag_ms)).await;
                    let now = google.clock.now();
                    let mut state = google.state();
                    if let Some(own) = state.channels.iter_mut().find(|c| c.id == id) {
                        own.is_stirred = false;
                    }
                    state.push(&id, "exists", now);
                    drop(state);
                    drop(expected);
                });
            }
            Some(ended) = waiting.join_next() => {
                if let Err(error) = ended {
                    tracing::error!(%error, "a push ended by itself");
                }
            }
        }
    }
}
