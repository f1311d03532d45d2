//! PagerDuty: webhooks in, reads and writes through REST v2, pages through Events v2. One `Client` a token, one
//! `Events` a routing key, each with its own limiter. Never retries, never sleeps, never shows a token.

mod acts;
mod causes;
mod clock;
mod custom_action;
mod events;
mod facts;
mod find_act;
mod inbound;
pub(crate) mod json;
mod map;
mod notes;
mod outbound;
mod read;
mod reference;
mod refusal;
mod token;
mod whole;
mod windows;
mod wire;
mod words;

#[cfg(test)]
mod tests;

pub use acts::Acted;
pub use causes::{AuditOf, Shown};
pub use custom_action::{Press, parse_custom_action};
pub use events::{Accepted, Events, Extras, Image, Link, Refusal, Severity, Trigger};
pub use facts::{facts_from_alerts, facts_from_list, facts_from_log_entries, facts_from_whole};
pub use find_act::Sought;
pub use inbound::{EVENT_TYPES, Parsed, parse_webhook};
pub use json::Unreadable;
pub use notes::{MarkedNote, NoteUpdate};
pub use outbound::NewIncident;
pub use read::{Answer, CursorPage, ListIncidents, ListLogEntries, Page};
pub use reference::{ListReference, reference_from_list};
pub use token::{Missing, Scopes, TokenLevel};
pub use whole::Whole;
pub use windows::NewWindow;
pub use words::{AuditRecord, Filter, Identity, NewSubscription, Subscription, User};

use crate::gate::{self, Sent};
use crate::http::{Http, Request, Response, Settings, SetupError};
use crate::{Call, CallError, Class, Kind, Limiter, Secret};
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, HeaderName, HeaderValue};
use http::{HeaderMap, Method};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What an operator configures for one account.
#[derive(Clone, Debug)]
pub struct Setup {
    /// `https://api.pagerduty.com`, or `https://api.eu.pagerduty.com` for accounts in the EU region.
    pub api_url: String,
    /// Where Events v2 lives; follows from `api_url` when absent.
    pub events_url: Option<String>,
    pub token: Secret,
    /// The e-mail address of the PagerDuty user in whose name we write; account-level keys need one.
    pub from: Option<String>,
    pub http: Settings,
}

impl Setup {
    pub fn new(api_url: impl Into<String>, token: Secret) -> Self {
        Self { api_url: api_url.into(), events_url: None, token, from: None, http: Settings::default() }
    }

    /// The base of Events v2: as configured, else the sibling of the API's host in the same region. The full address
    /// of the endpoint, as PagerDuty prints it, is understood too.
    pub fn events_url(&self) -> String {
        match &self.events_url {
            Some(url) => url.trim_end_matches('/').trim_end_matches("/v2/enqueue").to_owned(),
            None => self.api_url.replacen("://api.", "://events.", 1),
        }
    }
}

/// The REST API of one account by one token.
#[derive(Debug)]
pub struct Client {
    http: Http,
    limiter: Limiter,
    token: Secret,
    headers: HeaderMap,
    from: Option<String>,
    clock: clock::Offset,
}

/// What PagerDuty publishes for one key; its answers correct it.
const CALLS_PER_MINUTE: u32 = 960;
/// Pins the version of the API; without it the token's birthday decides.
const API_VERSION: &str = "application/vnd.pagerduty+json;version=2";

impl Client {
    pub fn new(setup: &Setup) -> Result<Self, SetupError> {
        let mut token = HeaderValue::from_str(&format!("Token token={}", setup.token.expose()))
            .map_err(|_| SetupError::NotAHeader { what: "token" })?;
        token.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, token);
        headers.insert(ACCEPT, HeaderValue::from_static(API_VERSION));
        Ok(Self {
            http: Http::new(&setup.api_url, setup.http)?,
            limiter: Limiter::new(CALLS_PER_MINUTE),
            token: setup.token.clone(),
            headers,
            from: setup.from.clone(),
            clock: clock::Offset::unknown(),
        })
    }

    pub fn limiter(&self) -> &Limiter {
        &self.limiter
    }

    /// All calls that went out since the start. `limiter().passed(class)` tells them by class.
    pub fn calls(&self) -> u64 {
        Class::ALL.into_iter().map(|class| self.limiter.passed(class)).sum()
    }

    /// PagerDuty's clock minus ours as of the last answer; `None` before the first. PagerDuty tells whole seconds, so this
    /// is up to a second too small.
    pub fn clock_offset_ms(&self) -> Option<i64> {
        self.clock.ms()
    }

    async fn get(&self, call: &Call, path: &[&str], query: &[(&str, String)]) -> Result<Bytes, CallError> {
        let headers = self.headers.clone();
        let request = Request { method: Method::GET, path, query, headers, body: None };
        Ok(self.send(call, request).await?.body)
    }

    async fn post(
        &self,
        call: &Call,
        path: &[&str],
        from: Option<&str>,
        body: Option<&impl Serialize>,
    ) -> Result<Bytes, CallError> {
        self.write(call, Write { method: Method::POST, path, from: from.or(self.from.as_deref()) }, body).await
    }

    async fn write(&self, call: &Call, write: Write<'_>, body: Option<&impl Serialize>) -> Result<Bytes, CallError> {
        let mut headers = self.headers.clone();
        if let Some(from) = write.from {
            let from = HeaderValue::from_str(from).map_err(|_| {
                bad_request(
                    "the e-mail address to write as can't be sent as a header: check [pagerduty] from, or the user's",
                )
            })?;
            headers.insert(HeaderName::from_static("from"), from);
        }
        let body = body.map(encode).transpose()?;
        let request = Request { method: write.method, path: write.path, query: &[], headers, body };
        Ok(self.send(call, request).await?.body)
    }

    async fn send(&self, call: &Call, request: Request<'_>) -> Result<Response, CallError> {
        let what = request.path.join("/");
        let sent = gate::send(&self.http, &self.limiter, "PagerDuty", call, request).await;
        if let Ok(Sent { response, .. }) = &sent {
            self.clock.observe(&response.headers, call.now, response.took_ms);
        }
        sent.and_then(|sent| refusal::check(sent, &what, self.http.base())).map_err(|error| error.redacted(&self.token))
    }
}

/// Where a write goes, and in whose name; without a name an account-level key is refused.
struct Write<'a> {
    method: Method,
    path: &'a [&'a str],
    from: Option<&'a str>,
}

fn encode(body: &impl Serialize) -> Result<Vec<u8>, CallError> {
    serde_json::to_vec(body).map_err(|e| bad_request(format!("the request can't be written as JSON: {e}")))
}

fn bad_request(text: impl Into<String>) -> CallError {
    CallError::new(Kind::BadRequest, true, text)
}

/// Reads what came back. `write` says what a body that can't be read means: that it may have been done.
fn decode<T: DeserializeOwned>(raw: &[u8], write: bool) -> Result<T, CallError> {
    json::read(&json::without_nul(raw)).map_err(|e| match gate::is_page(raw) {
        // Whether a write arrived nobody can tell then.
        true if !write => {
            let text = "a page for people came, which is no JSON, instead of PagerDuty's answer: is [pagerduty] api_url right? Otherwise a \
                        proxy or a sign-in page is on the way: let this machine reach it directly; it is tried again";
            CallError::new(Kind::InTheWay, write, text)
        }
        _ => unreadable(&e, write),
    })
}

fn unreadable(error: &Unreadable, write: bool) -> CallError {
    CallError::new(
        Kind::Unreadable,
        write,
        format!("PagerDuty's answer can't be read at {}: {}", error.place, error.why),
    )
}

/// An id that goes into a path. PagerDuty's are letters and digits; anything else would address another resource.
fn checked_id(id: &str, write: bool) -> Result<&str, CallError> {
    let fits = (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if fits { Ok(id) } else { Err(CallError::new(Kind::BadRequest, write, format!("{id:?} is not a PagerDuty id"))) }
}
