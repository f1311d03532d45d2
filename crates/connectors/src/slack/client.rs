//! The Web API of one workspace by one bot's token. Every call goes through here: its method's limiter, one request, one answer.
//! Never retries, never sleeps, never shows the token.

use super::answer::{self, Failed};
use super::limits::Limits;
use super::method::Method;
use crate::gate::{self, Sent};
use crate::http::{Http, Request, Response, Settings, SetupError};
use crate::{Call, CallError, Kind, Limiter, Secret};
use http::HeaderMap;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use model::Micros;
use serde_json::Value;
use std::sync::Mutex;
use url::Url;

/// What an operator configures for one workspace.
#[derive(Clone, Debug)]
pub struct Setup {
    /// `https://slack.com/api`
    pub api_url: String,
    /// `xoxb-…`
    pub token: Secret,
    pub http: Settings,
}

pub const API_URL: &str = "https://slack.com/api";
const SLACK: &str = "slack.com";
const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

impl Setup {
    pub fn new(token: Secret) -> Self {
        Self { api_url: API_URL.to_owned(), token, http: Settings::default() }
    }
}

#[derive(Debug)]
pub struct Client {
    api: Api,
    /// Where answers to presses and commands go, and nowhere else.
    pub(super) hooks: Home,
    /// Where files go, and nowhere else.
    pub(super) files: Home,
    pub(super) who: Mutex<Option<super::people::Who>>,
}

/// One base URL, one token.
#[derive(Debug)]
pub(super) struct Api {
    pub http: Http,
    pub limits: Limits,
    headers: HeaderMap,
    token: Secret,
}

impl Client {
    pub fn new(setup: &Setup) -> Result<Self, SetupError> {
        let api = Api::new(&setup.api_url, &setup.token, setup.http)?;
        let hooks = Home::new(api.http.base(), "hooks.slack.com", setup.http)?;
        let files = Home::new(api.http.base(), "files.slack.com", setup.http)?;
        Ok(Self { api, hooks, files, who: Mutex::new(None) })
    }

    /// The methods that Slack has told to stop, and until when.
    pub fn stopped(&self, now: Micros) -> Vec<(&'static str, Micros)> {
        self.api.limits.stopped(now)
    }

    pub(super) async fn json(&self, call: &Call, method: Method, body: &Value) -> Result<Response, Failed> {
        self.api.send(call, method, body.to_string().into_bytes()).await
    }

    pub(super) async fn form(&self, call: &Call, method: Method, fields: &[(&str, &str)]) -> Result<Response, Failed> {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.api.send(call, method, body.into_bytes()).await
    }

    /// Before a post: each channel has a limit of its own.
    pub(super) fn post_into(&self, call: &Call, channel: &str) -> Result<(), CallError> {
        self.api.limits.post_into(channel, call.now).map_err(|not_before| {
            let text = "waiting for Slack's limit of one message a second in a channel; nothing was sent";
            let mut error = CallError::new(Kind::Limited, true, text);
            error.retry_after_ms = u64::try_from(not_before.since(call.now) / 1_000 + 1).ok();
            error
        })
    }
}

impl Api {
    pub fn new(url: &str, token: &Secret, http: Settings) -> Result<Self, SetupError> {
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", token.expose()))
            .map_err(|_| SetupError::NotAHeader { what: "token" })?;
        bearer.set_sensitive(true);
        let headers = HeaderMap::from_iter([(AUTHORIZATION, bearer)]);
        Ok(Self { http: Http::new(url, http)?, limits: Limits::new(), headers, token: token.clone() })
    }

    pub async fn send(&self, call: &Call, method: Method, body: Vec<u8>) -> Result<Response, Failed> {
        self.sent(call, method, body).await.map_err(|Failed { error, word }| Failed {
            error: CallError { write: method.is_write(), ..error.redacted(&self.token) },
            word,
        })
    }

    async fn sent(&self, call: &Call, method: Method, body: Vec<u8>) -> Result<Response, Failed> {
        let limiter = self.limits.of(method);
        let mut headers = self.headers.clone();
        headers.insert(CONTENT_TYPE, if method.takes_json() { JSON } else { FORM });
        let path = [method.name()];
        let request = Request { method: http::Method::POST, path: &path, query: &[], headers, body: Some(body) };
        let sent = gate::send(&self.http, limiter, "Slack", call, request).await?;
        let sent = Sent { write: method.is_write(), ..sent };
        let (answered_at, headers) = (call.now.plus_ms(sent.response.took_ms), sent.response.headers.clone());
        answer::check(sent, method.name(), self.http.host())
            .map_err(|failed| heeded(failed, limiter, &headers, answered_at))
    }
}

/// Some methods tell their limit with status 200, which the limiter took for a success.
fn heeded(mut failed: Failed, limiter: &Limiter, headers: &HeaderMap, now: Micros) -> Failed {
    if failed.error.kind == Kind::Limited && failed.error.status != Some(429) {
        limiter.observe(429, headers, now);
        failed.error.retry_after_ms = limiter.wait_ms(now);
    }
    failed
}

/// An origin of Slack's beside the API. What an answer or a request names as an address is called only if it lies there.
#[derive(Debug)]
pub(super) struct Home {
    http: Http,
    limiter: Limiter,
}

/// A path and a query below a home, undone from their escapes.
struct Below {
    path: Vec<String>,
    query: Vec<(String, String)>,
}

/// No limit of theirs is written down; ours only keeps a loop from running wild.
const CALLS_PER_MINUTE: u32 = 300;

impl Home {
    /// Slack's own host for it; where another base URL is configured, that one's origin.
    fn new(base: &Url, host: &str, http: Settings) -> Result<Self, SetupError> {
        let origin = match base.host_str() {
            Some(SLACK) => format!("https://{host}"),
            _ => base.origin().ascii_serialization(),
        };
        Ok(Self { http: Http::new(&origin, http)?, limiter: Limiter::new(CALLS_PER_MINUTE) })
    }

    pub fn host(&self) -> &str {
        self.http.host()
    }

    /// Sends to a secret address there, once.
    pub async fn post(
        &self,
        call: &Call,
        address: &Secret,
        content: HeaderValue,
        body: Vec<u8>,
    ) -> Result<Sent, CallError> {
        let Some(Below { path, query }) = self.below(address) else {
            let text = format!("an address that does not lie at {} is not called; nothing was sent", self.host());
            return Err(CallError::new(Kind::Refused, true, text));
        };
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let query: Vec<(&str, String)> = query.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, content)]);
        let request = Request { method: http::Method::POST, path: &path, query: &query, headers, body: Some(body) };
        gate::send(&self.http, &self.limiter, "Slack", call, request).await.map_err(|error| error.redacted(address))
    }

    pub async fn post_json(&self, call: &Call, address: &Secret, body: &Value) -> Result<Sent, CallError> {
        self.post(call, address, JSON, body.to_string().into_bytes()).await
    }

    fn below(&self, address: &Secret) -> Option<Below> {
        let url = Url::parse(address.expose()).ok()?;
        let is_bare = url.username().is_empty() && url.password().is_none();
        if url.origin() != self.http.base().origin() || !is_bare {
            return None;
        }
        let decode =
            |part: &str| percent_encoding::percent_decode_str(part).decode_utf8().ok().map(|part| part.into_owned());
        let path = url.path_segments()?.map(decode).collect::<Option<_>>()?;
        let query = url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        Some(Below { path, query })
    }
}

/// The same call, after what it has taken so far.
pub(super) fn later(call: &Call, started: tokio::time::Instant) -> Call {
    let took_ms = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
    Call::new(call.class, call.now.plus_ms(took_ms))
}
