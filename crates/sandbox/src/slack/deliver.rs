//! Callbacks on their way to the app: signed and posted, or as an envelope on a socket; watched by the clock and kept in the journal.
//! What stands in one is built elsewhere.

use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::Slack;
use super::control::number;
use crate::clock::real_now;

/// A callback before it is sent.
#[derive(Debug, Clone)]
pub(super) struct Parcel {
    /// `block_actions`, `slash_command`, `view_submission`, `event_callback`, …
    pub what: &'static str,
    /// What its envelope on a socket is called; empty for what goes by HTTP only.
    pub envelope: &'static str,
    pub url: Option<String>,
    pub payload: Value,
    pub body: Vec<u8>,
    pub kind: &'static str,
    pub headers: Vec<(String, String)>,
    /// Where it comes from: user, channel, ts, action.
    pub about: Value,
    pub takes_answer: bool,
}

/// How this one is to be sent; right, unless a test asks for less.
#[derive(Debug, Clone, Default)]
pub(super) struct How {
    skew_s: i64,
    has_wrong_signature: bool,
    via: Option<String>,
}

/// A request as it left, for sending it again byte by byte.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    id: String,
    what: &'static str,
    url: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// What came back.
#[derive(Debug, Default)]
pub(super) struct Got {
    pub id: String,
    pub status: Option<u16>,
    pub took_ms: u64,
    pub is_well: bool,
    pub error: Option<String>,
    /// In the words of `x-slack-retry-reason`.
    pub reason: Option<&'static str>,
    pub wants_no_retry: bool,
    pub body: Vec<u8>,
    pub attempts: Vec<Value>,
}

impl How {
    pub(super) fn of(body: &Value) -> Result<Self, String> {
        let via = body["via"].as_str().filter(|v| !v.is_empty()).map(str::to_owned);
        if via.as_deref().is_some_and(|v| v != "http" && v != "socket") {
            return Err("via is http or socket".into());
        }
        Ok(Self {
            skew_s: number(body, "skew_s")?.unwrap_or(0),
            has_wrong_signature: body["wrong_signature"] == true,
            via,
        })
    }
}

impl Got {
    /// What was answered, as JSON where it is such.
    pub(super) fn answer(&self) -> Value {
        let text = || Value::String(String::from_utf8_lossy(&self.body).into_owned());
        if self.body.is_empty() { Value::Null } else { serde_json::from_slice(&self.body).unwrap_or_else(|_| text()) }
    }

    fn told(&self, via: &str) -> Value {
        json!({ "id": self.id, "ok": self.is_well, "via": via, "status": self.status, "took_ms": self.took_ms,
            "in_time": self.reason != Some("http_timeout"), "answer": self.answer(), "error": self.error, "attempts": self.attempts })
    }
}

/// `v0=` and the HMAC of version, time and the body as it goes out.
pub(super) fn signature(secret: &str, timestamp: &str, body: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(format!("v0:{timestamp}:").as_bytes());
    mac.update(body);
    format!("v0={}", hex::encode(mac.finalize().into_bytes()))
}

impl Slack {
    /// Sends it by the way that is set up or asked for, and keeps what came of it.
    pub(super) async fn deliver(&self, parcel: &Parcel, how: &How) -> Result<(Got, Value), String> {
        let by_socket = match how.via.as_deref() {
            Some(via) => via == "socket",
            None => parcel.url.is_none(),
        };
        let (got, via) = if by_socket && !parcel.envelope.is_empty() {
            if self.sockets.count() == 0 && how.via.is_none() {
                return Err(format!(
                    "a {} has no way: no socket is connected and no address is set (POST set)",
                    parcel.what
                ));
            }
            (self.by_socket(parcel).await, "socket")
        } else {
            let url = parcel.url.clone().ok_or("no address is set for this (POST set)")?;
            (self.by_http(parcel, &url, how).await, "http")
        };
        let told = self.keep_callback(parcel.what, &parcel.about, &parcel.payload, got.told(via)).await?;
        Ok((got, told))
    }

    async fn keep_callback(
        &self,
        what: &str,
        about: &Value,
        payload: &Value,
        mut told: Value,
    ) -> Result<Value, String> {
        told["what"] = json!(what);
        let mut kept = told.clone();
        for (name, value) in about.as_object().into_iter().flatten() {
            kept[name] = value.clone();
        }
        kept["payload"] = payload.clone();
        self.with(|world| world.note("slack.callback", kept));
        self.flush().await.map_err(|error| format!("the effects log cannot be written: {error}"))?;
        Ok(told)
    }

    async fn by_http(&self, parcel: &Parcel, url: &str, how: &How) -> Got {
        let secret = self.with(|world| world.app.signing_secret.clone());
        let timestamp = real_now().as_second().saturating_add(how.skew_s).to_string();
        let key = if how.has_wrong_signature { format!("not-{secret}") } else { secret };
        let mut headers = vec![
            ("content-type".to_owned(), parcel.kind.to_owned()),
            ("user-agent".to_owned(), "Slackbot 1.0 (+https://api.slack.com/robots)".to_owned()),
            ("x-slack-signature".to_owned(), signature(&key, &timestamp, &parcel.body)),
            ("x-slack-request-timestamp".to_owned(), timestamp),
        ];
        headers.extend(parcel.headers.iter().cloned());
        let sent = self.remember_sent(parcel.what, url, headers, &parcel.body);
        self.send(&sent).await
    }

    fn remember_sent(&self, what: &'static str, url: &str, headers: Vec<(String, String)>, body: &[u8]) -> Sent {
        let mut all = super::locked(&self.sent);
        let id = format!("R{}", all.len() + 1);
        let sent = Sent { id, what, url: url.to_owned(), headers, body: body.to_vec() };
        all.push(sent.clone());
        sent
    }

    async fn send(&self, sent: &Sent) -> Got {
        let deadline_ms = self.with(|world| world.deadline_ms);
        let began = Instant::now();
        let mut request =
            self.client.post(&sent.url).body(sent.body.clone()).timeout(Duration::from_millis(deadline_ms));
        for (name, value) in &sent.headers {
            request = request.header(name, value);
        }
        let outcome = async {
            let reply = request.send().await?;
            let no_retry = reply.headers().get("x-slack-no-retry").is_some_and(|v| v == "1");
            Ok::<_, reqwest::Error>((reply.status().as_u16(), no_retry, reply.bytes().await?))
        };
        let outcome = outcome.await;
        let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let got = Got { id: sent.id.clone(), took_ms, ..Got::default() };
        match outcome {
            Ok((status, wants_no_retry, body)) => {
                let is_well = (200..300).contains(&status);
                let error = (!is_well).then(|| format!("status {status}"));
                let reason = (!is_well).then_some("http_error");
                Got { status: Some(status), is_well, error, reason, wants_no_retry, body: body.to_vec(), ..got }
            }
            Err(error) => {
                let (reason, said) = trouble(&error, deadline_ms);
                Got { error: Some(said), reason: Some(reason), ..got }
            }
        }
    }

    /// An earlier request once more, byte by byte, its old time and signature with it.
    pub(super) async fn replay(&self, id: &str, to: Option<&str>) -> Result<Value, String> {
        let found = super::locked(&self.sent).iter().find(|s| s.id == id).cloned();
        let mut sent = found.ok_or_else(|| format!("no request {id:?} has left; GET callbacks names them"))?;
        if let Some(to) = to {
            sent.url = to.to_owned();
        }
        let got = self.send(&sent).await;
        let payload = Value::String(String::from_utf8_lossy(&sent.body).into_owned());
        self.keep_callback(sent.what, &json!({ "replay_of": id }), &payload, got.told("http")).await
    }

    /// The request as it left: address, headers and body.
    pub(super) fn request(&self, id: &str) -> Result<Value, String> {
        let all = super::locked(&self.sent);
        let sent = all.iter().find(|s| s.id == id).ok_or_else(|| format!("no request {id:?} has left"))?;
        let headers: serde_json::Map<String, Value> = sent.headers.iter().map(|(n, v)| (n.clone(), json!(v))).collect();
        Ok(json!({ "id": id, "url": sent.url, "headers": headers, "body": String::from_utf8_lossy(&sent.body) }))
    }
}

fn trouble(error: &reqwest::Error, deadline_ms: u64) -> (&'static str, String) {
    if error.is_timeout() {
        ("http_timeout", format!("no answer within {deadline_ms} ms"))
    } else if error.is_redirect() {
        ("too_many_redirects", "too many redirects".into())
    } else if error.is_connect() || error.is_request() {
        ("connection_failed", "the connection failed".into())
    } else {
        ("unknown_error", error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector was computed apart from this code.
    #[test]
    fn a_signature_is_that_of_the_facts() {
        let own = signature(
            "0123456789abcdef0123456789abcdef",
            "1700000000",
            b"payload=%7B%22type%22%3A%22block_actions%22%7D",
        );
        assert_eq!(own, "v0=da2ef08c588ee030aa98aeae4f1508b760e490c542a3820b3ab8582166652e29");
    }
}
