//! Google Calendar: events of shared calendars by a service account, pushes that say "look again", or any calendar's ICS address.
//! Only reads, but for opening and closing channels. Never repeats a call but once with a fresh token, never sleeps, never shows a key.

mod account;
mod calendars;
mod channel;
mod colour;
mod events;
mod feed;
mod html;
mod page;
mod push;
mod refusal;
mod token;
mod wire;

#[cfg(test)]
pub(crate) mod tests;

pub use account::{KeyFileError, ServiceAccount};
pub use calendars::{AccessRole, CalendarSeen};
pub use channel::{Channel, NewChannel};
pub use events::{EventsAnswer, ListEvents, Next, Since};
pub use feed::{Feed, FeedAnswer, FeedVersion};
pub use page::{Page, UnreadEvent, changes_from_page};
pub use push::{Push, PushRefused, State, channel_of, verify_push};

pub use crate::pagerduty::Unreadable;

use crate::gate::{self, Sent};
use crate::http::{Http, Request, Response, Settings, SetupError, is_write};
use crate::pagerduty::json;
use crate::{Call, CallError, Kind, Limiter, Secret};
use http::header::{AUTHORIZATION, HeaderValue};
use http::{HeaderMap, Method};
use serde::de::DeserializeOwned;
use token::Tokens;

/// What an operator configures.
#[derive(Clone, Debug)]
pub struct Setup {
    pub account: ServiceAccount,
    /// Whom of a Workspace the account stands for, where an administrator has delegated that to it.
    pub subject: Option<String>,
    pub api_url: String,
    pub http: Settings,
}

impl Setup {
    pub fn new(account: ServiceAccount) -> Self {
        Self { account, subject: None, api_url: API_URL.to_owned(), http: Settings::default() }
    }

    /// An address without a path is that of a server; the API lies below it.
    fn api_url(&self) -> String {
        let url = self.api_url.trim_end_matches('/');
        let has_path = url.split_once("://").is_some_and(|(_, rest)| rest.contains('/'));
        if has_path { url.to_owned() } else { format!("{url}{API_PATH}") }
    }
}

/// The API by one service account.
#[derive(Debug)]
pub struct Client {
    http: Http,
    limiter: Limiter,
    tokens: Tokens,
    account: ServiceAccount,
}

const API_URL: &str = "https://www.googleapis.com/calendar/v3";
const API_PATH: &str = "/calendar/v3";
/// What Google publishes for one user of a project; a service account counts as one. No answer tells what is left.
const CALLS_PER_MINUTE: u32 = 600;
/// "Calendar usage limits exceeded" lasts; the limiter keeps to no longer wait than this.
const USED_UP_S: u32 = 900;

/// A call below the API's address.
struct Ask<'a> {
    method: Method,
    path: &'a [&'a str],
    query: &'a [(&'a str, String)],
    body: Option<Vec<u8>>,
}

impl Client {
    pub fn new(setup: &Setup) -> Result<Self, SetupError> {
        let http = Http::new(&setup.api_url(), setup.http)?;
        let tokens = Tokens::new(&setup.account, setup.subject.as_deref(), setup.http)?;
        Ok(Self { http, limiter: Limiter::new(CALLS_PER_MINUTE), tokens, account: setup.account.clone() })
    }

    pub fn limiter(&self) -> &Limiter {
        &self.limiter
    }

    /// Whom calendars have to be shared with.
    pub fn email(&self) -> &str {
        self.tokens.email()
    }

    /// The token of a channel of ours, by its id. It changes with the key file.
    pub fn channel_token(&self, channel: &str) -> Secret {
        self.account.channel_token(channel)
    }

    async fn get(&self, call: &Call, path: &[&str], query: &[(&str, String)]) -> Result<Response, CallError> {
        self.checked(call, &Ask { method: Method::GET, path, query, body: None }).await
    }

    async fn checked(&self, call: &Call, ask: &Ask<'_>) -> Result<Response, CallError> {
        let sent = self.send(call, ask).await?;
        let asked = refusal::Asked { what: &ask.path.join("/"), host: self.http.host(), email: self.email() };
        refusal::check(sent, &asked)
    }

    /// A call that was refused for its token has done nothing, so it goes out once more with a fresh one.
    async fn send(&self, call: &Call, ask: &Ask<'_>) -> Result<Sent, CallError> {
        let started = tokio::time::Instant::now();
        let token = self.tokens.token(call, None).await?;
        let sent = self.send_once(call, ask, &token).await?;
        if sent.response.status != 401 || gate::is_page(&sent.response.body) {
            return Ok(sent);
        }
        let call = later(call, started);
        let fresh = self.tokens.token(&call, Some(&token)).await?;
        self.send_once(&call, ask, &fresh).await
    }

    /// As `gate::send`, but for whom a refusal by rate may be a 403.
    async fn send_once(&self, call: &Call, ask: &Ask<'_>, token: &Secret) -> Result<Sent, CallError> {
        let write = is_write(&ask.method);
        if let Err(not_before) = self.limiter.check(call.now, call.class) {
            let mut error = CallError::new(Kind::Limited, write, "waiting for Google's rate limit; nothing was sent");
            error.retry_after_ms = u64::try_from(not_before.since(call.now) / 1_000 + 1).ok();
            return Err(error);
        }
        let headers = HeaderMap::from_iter([(AUTHORIZATION, bearer(token)?)]);
        let (path, query, body) = (ask.path, ask.query, ask.body.clone());
        let mut response = self.http.send(Request { method: ask.method.clone(), path, query, headers, body }).await?;
        let now = call.now.plus_ms(response.took_ms);
        let status = if refusal::is_limit(&response) { 429 } else { response.status };
        if refusal::is_used_up(&response) {
            response.headers.entry("retry-after").or_insert(HeaderValue::from(USED_UP_S));
        }
        self.limiter.observe(status, &response.headers, now);
        response.body = redacted(&response, token);
        Ok(Sent { response, write, wait_ms: self.limiter.wait_ms(now) })
    }
}

/// A refusal may quote the token.
fn redacted(response: &Response, token: &Secret) -> bytes::Bytes {
    match (response.status, std::str::from_utf8(&response.body)) {
        (400.., Ok(text)) => token.redact(text).into(),
        _ => response.body.clone(),
    }
}

fn bearer(token: &Secret) -> Result<HeaderValue, CallError> {
    let text = "Google's access token can't be sent as a header";
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose()))
        .map_err(|_| CallError::new(Kind::Unreadable, false, text))?;
    value.set_sensitive(true);
    Ok(value)
}

/// A second call of one task goes out later than the first; the limiter has to count it in the right minute.
fn later(call: &Call, started: tokio::time::Instant) -> Call {
    let took_ms = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
    Call { now: call.now.plus_ms(took_ms), ..*call }
}

/// Reads what came back. `write` says what a body that can't be read means: that it may have been done.
fn decode<T: DeserializeOwned>(raw: &[u8], write: bool) -> Result<T, CallError> {
    json::read(&json::without_nul(raw)).map_err(|e| match gate::is_page(raw) {
        true if !write => {
            let text = "a page for people came instead of Google's answer: a proxy or a sign-in page is on the way, let this \
                        machine reach it directly; it is tried again";
            CallError::new(Kind::InTheWay, write, text)
        }
        _ => {
            let text = format!("Google's answer can't be read at {}: {}", e.place, e.why);
            CallError::new(Kind::Unreadable, write, text)
        }
    })
}

/// A calendar's id looks like a mail address, or is `primary`. What a path would take for steps is refused.
fn checked_calendar(id: &str, write: bool) -> Result<&str, CallError> {
    let fits = (1..=256).contains(&id.len()) && !id.chars().any(|c| c.is_control() || c.is_whitespace());
    if fits && !matches!(id, "." | "..") {
        return Ok(id);
    }
    let text = format!(
        "{id:?} is no calendar's id: it stands in the calendar's settings under \u{201c}Integrate calendar\u{201d}"
    );
    Err(CallError::new(Kind::BadRequest, write, text))
}
