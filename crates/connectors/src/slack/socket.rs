//! Socket Mode: what Slack tells us, over a connection that we open, for installs without a public address. One connection at a
//! time: it gives envelopes and takes what confirms them. Never confirms by itself, never connects anew, never shows a token or
//! a ticket.

mod plug;
mod trouble;

use super::client::Api;
use super::inbound::{Inbound, lenient};
use super::method::Method;
use super::{answer, parse};
use crate::http::{Settings, SetupError};
use crate::pagerduty::{Unreadable, json};
use crate::{Call, CallError, Secret};
use futures_util::{SinkExt, StreamExt};
use model::Micros;
use plug::Plug;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message as Frame;
use url::Url;

/// What an operator configures for Socket Mode.
#[derive(Clone, Debug)]
pub struct SocketSetup {
    /// `https://slack.com/api`
    pub api_url: String,
    /// `xapp-…`, with the scope connections:write
    pub app_token: Secret,
    pub http: Settings,
    /// After so long without a word we ask; after as long again the connection is held to be dead.
    pub silence_ms: u64,
}

/// Slack asks for a sign of life several times a minute.
const SILENCE_MS: u64 = 30_000;

impl SocketSetup {
    pub fn new(app_token: Secret) -> Self {
        let (api_url, http) = (super::API_URL.to_owned(), Settings::default());
        Self { api_url, app_token, http, silence_ms: SILENCE_MS }
    }
}

/// Opens connections by one app's token.
#[derive(Debug)]
pub struct Sockets {
    api: Api,
    http: Settings,
    silence: Duration,
}

/// One connection, greeted.
pub struct Socket {
    stream: WebSocketStream<Box<dyn Plug>>,
    host: String,
    hello: Hello,
    silence: Duration,
    heard_at: Instant,
    was_asked: bool,
}

/// Its ticket and all that went over it stay out of sight.
impl std::fmt::Debug for Socket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Socket").field("host", &self.host).field("hello", &self.hello).finish_non_exhaustive()
    }
}

/// What Slack says first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hello {
    /// How many connections the app has, this one included.
    pub connections: Option<u32>,
    /// For how long this one will last about.
    pub lasts_s: Option<u64>,
}

#[derive(Debug)]
pub enum Received {
    Envelope(Envelope),
    /// Slack is about to close this connection: open another, then let this one go.
    Refresh {
        reason: String,
    },
    /// Something that has no name to confirm it by; kept so that somebody can see it.
    Odd(Unreadable),
}

/// One request. Slack tells it again, by any connection of the app, until it is confirmed; three seconds are all it waits.
#[derive(Clone, Debug)]
pub struct Envelope {
    pub envelope_id: String,
    /// `interactive`, `slash_commands`, `events_api`, or what Slack has thought of since
    pub kind: String,
    /// As it came: what a webhook of the same kind would carry. `parse` reads it.
    pub payload: Vec<u8>,
    /// Whether the confirmation may carry an answer.
    pub accepts_response: bool,
    pub retry_attempt: u32,
    pub retry_reason: Option<String>,
}

#[derive(Deserialize)]
struct Opened {
    url: Secret,
}

/// Only what confirms an envelope must be as we know it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Wire {
    #[serde(rename = "type", deserialize_with = "lenient")]
    kind: String,
    #[serde(deserialize_with = "lenient")]
    envelope_id: String,
    #[serde(deserialize_with = "lenient")]
    reason: String,
    payload: Option<Box<RawValue>>,
    accepts_response_payload: Value,
    retry_attempt: Value,
    #[serde(deserialize_with = "lenient")]
    retry_reason: String,
    num_connections: Value,
    debug_info: Value,
}

/// What a frame of text says.
enum Said {
    Hello(Hello),
    Envelope(Envelope),
    Disconnect(String),
}

impl Sockets {
    pub fn new(setup: &SocketSetup) -> Result<Self, SetupError> {
        let api = Api::new(&setup.api_url, &setup.app_token, setup.http)?;
        Ok(Self { api, http: setup.http, silence: Duration::from_millis(setup.silence_ms.max(1)) })
    }

    /// Until when Slack has told us to wait before another connection.
    pub fn stopped(&self, now: Micros) -> Option<Micros> {
        self.api.limits.stopped(now).first().map(|(_, until)| *until)
    }

    /// Whether a connection could be opened: asks for an address and goes there no further, so that Slack tells nobody anything by it.
    pub async fn ask(&self, call: &Call) -> Result<(), CallError> {
        let response = self.api.send(call, Method::OpenSocket, Vec::new()).await?;
        answer::read::<Opened>(&response, false).map(|_| ())
    }

    /// Asks for an address, connects and waits for the greeting. How long to wait after a failure is the caller's to say.
    pub async fn open(&self, call: &Call) -> Result<Socket, CallError> {
        let started = Instant::now();
        let response = self.api.send(call, Method::OpenSocket, Vec::new()).await?;
        let Opened { url } = answer::read(&response, false)?;
        let address = trouble::checked(&url, self.api.http.base())?;
        let limit = started + Duration::from_millis(self.http.call_timeout_ms);
        let opened = timeout_at(limit, self.greeted(&address)).await;
        let opened = opened.unwrap_or_else(|_| Err(trouble::silent(address.host_str().unwrap_or_default())));
        opened.map_err(|error| error.redacted(&url))
    }

    async fn greeted(&self, address: &Url) -> Result<Socket, CallError> {
        let stream = plug::connect(address, self.api.http.base(), self.http).await?;
        let host = address.host_str().unwrap_or_default().to_owned();
        let (hello, silence) = (Hello::default(), self.silence);
        let mut socket = Socket { stream, host, hello, silence, heard_at: Instant::now(), was_asked: false };
        loop {
            match said(&socket.text().await?) {
                Ok(Said::Hello(hello)) => {
                    socket.hello = hello;
                    return Ok(socket);
                }
                Ok(Said::Disconnect(reason)) => return Err(trouble::sent_away(&socket.host, &reason)),
                // What is not confirmed is told again.
                Ok(Said::Envelope(_)) | Err(_) => {}
            }
        }
    }
}

impl Socket {
    pub const fn hello(&self) -> Hello {
        self.hello
    }

    /// Waits for the next thing Slack says. May be dropped while it waits: nothing is lost by that. An error is the end of this
    /// connection.
    pub async fn next(&mut self) -> Result<Received, CallError> {
        loop {
            match said(&self.text().await?) {
                Ok(Said::Hello(_)) => {}
                Ok(Said::Envelope(envelope)) => return Ok(Received::Envelope(envelope)),
                Ok(Said::Disconnect(reason)) if trouble::is_final(&reason) => {
                    return Err(trouble::sent_away(&self.host, &reason));
                }
                Ok(Said::Disconnect(reason)) => return Ok(Received::Refresh { reason: trouble::quoted(&reason) }),
                Err(odd) => return Ok(Received::Odd(odd)),
            }
        }
    }

    /// Confirms an envelope, with an answer where it takes one. Only after what it asked for is durable.
    pub async fn ack(&mut self, envelope_id: &str, payload: Option<&Value>) -> Result<(), CallError> {
        let mut body = json!({ "envelope_id": envelope_id });
        if let Some(payload) = payload {
            body["payload"] = payload.clone();
        }
        let limit = Instant::now() + self.silence;
        let sent = timeout_at(limit, self.stream.send(Frame::text(body.to_string()))).await;
        match sent {
            Ok(sent) => sent.map_err(|error| trouble::cut(&error, &self.host)),
            Err(_) => Err(trouble::silent(&self.host)),
        }
    }

    /// Says good-bye, so that Slack sends nothing more this way.
    pub async fn close(mut self) {
        let limit = Instant::now() + self.silence;
        // The connection is given up whether Slack hears of it or not.
        let _ = timeout_at(limit, self.stream.close(None)).await;
    }

    /// The next frame of text. Pings are answered by the library with the next reading or writing.
    async fn text(&mut self) -> Result<Vec<u8>, CallError> {
        loop {
            let Ok(frame) = timeout_at(self.heard_at + self.silence, self.stream.next()).await else {
                self.ask().await?;
                continue;
            };
            self.heard_at = Instant::now();
            self.was_asked = false;
            match frame {
                Some(Ok(Frame::Text(text))) => return Ok(text.as_bytes().to_vec()),
                Some(Ok(Frame::Binary(bytes))) => return Ok(bytes.to_vec()),
                Some(Ok(Frame::Close(_))) | None => return Err(trouble::hung_up(&self.host)),
                Some(Ok(Frame::Ping(_) | Frame::Pong(_) | Frame::Frame(_))) => {}
                Some(Err(error)) => return Err(trouble::cut(&error, &self.host)),
            }
        }
    }

    async fn ask(&mut self) -> Result<(), CallError> {
        if self.was_asked {
            return Err(trouble::silent(&self.host));
        }
        self.was_asked = true;
        self.heard_at = Instant::now();
        let limit = self.heard_at + self.silence;
        match timeout_at(limit, self.stream.send(Frame::Ping(Vec::new().into()))).await {
            Ok(sent) => sent.map_err(|error| trouble::cut(&error, &self.host)),
            Err(_) => Err(trouble::silent(&self.host)),
        }
    }
}

impl Envelope {
    pub fn read(&self) -> Result<Inbound, Unreadable> {
        parse(&self.payload)
    }
}

fn said(raw: &[u8]) -> Result<Said, Unreadable> {
    let wire: Wire = json::read(raw)?;
    match (wire.kind.as_str(), wire.envelope_id.is_empty()) {
        ("hello", true) => Ok(Said::Hello(Hello {
            connections: number(&wire.num_connections),
            lasts_s: wire.debug_info.get("approximate_connection_time").and_then(Value::as_u64),
        })),
        ("disconnect", true) => Ok(Said::Disconnect(wire.reason)),
        (_, false) => Ok(Said::Envelope(Envelope {
            envelope_id: wire.envelope_id,
            kind: wire.kind,
            payload: wire.payload.as_deref().map_or("null", RawValue::get).as_bytes().to_vec(),
            accepts_response: wire.accepts_response_payload == Value::Bool(true),
            retry_attempt: number(&wire.retry_attempt).unwrap_or_default(),
            retry_reason: Some(wire.retry_reason).filter(|reason| !reason.is_empty()),
        })),
        (_, true) => {
            let why = "a message of Socket Mode that has no envelope_id, so it can't be confirmed".to_owned();
            Err(Unreadable { place: "document".to_owned(), why })
        }
    }
}

fn number(value: &Value) -> Option<u32> {
    value.as_u64().and_then(|n| u32::try_from(n).ok())
}
