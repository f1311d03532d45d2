//! A page as JSON to an address of the operator's choice. Any 2xx means that it was taken; the answer's words are not read,
//! since anybody's program may stand there. The README describes the body for those who write that program.

use crate::gate::{self, Sent};
use crate::http::{Http, Request, Settings, SetupError};
use crate::{Call, CallError, Kind, Limiter, Secret};
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use http::{HeaderMap, Method};
use model::Micros;
use model::signature::hmac_sha256;
use serde::Serialize;

/// What an operator configures.
#[derive(Clone, Debug)]
pub struct WebhookSetup {
    /// The whole address; it may hold a key.
    pub address: Secret,
    /// Sent as `Authorization: Bearer …`.
    pub bearer: Option<Secret>,
    /// Signs every body.
    pub signing_secret: Option<Secret>,
    pub http: Settings,
}

/// Somebody is to be woken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Page {
    /// The same for every repeat of this page.
    pub id: String,
    pub title: String,
    pub text: String,
    /// `critical`, `error`, `warning` or `info`.
    pub severity: String,
    pub to: Person,
    /// Which level of the escalation policy this is, from 1.
    pub level: u32,
    /// Opens what the page is about.
    pub url: Option<String>,
    /// Works once, without signing in.
    pub acknowledge_url: Option<String>,
    /// An earlier try may have arrived.
    pub may_be_a_repeat: bool,
}

/// Who is to be woken, and how they can be reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Person {
    pub name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
}

/// Pages by one webhook.
#[derive(Debug)]
pub struct Webhook {
    http: Http,
    limiter: Limiter,
    headers: HeaderMap,
    setup: WebhookSetup,
}

#[derive(Serialize)]
struct Body<'a> {
    version: u32,
    kind: &'static str,
    sent_at: String,
    #[serde(flatten)]
    page: &'a Page,
}

const VERSION: u32 = 1;
/// No receiver of pages wants more.
const PAGES_PER_MINUTE: u32 = 120;
const WHOM: &str = "the second path's webhook";

impl Webhook {
    pub fn new(setup: &WebhookSetup) -> Result<Self, SetupError> {
        let http = Http::to_address(&setup.address, setup.http)?;
        let mut headers = HeaderMap::new();
        if let Some(bearer) = &setup.bearer {
            let mut value = HeaderValue::from_str(&format!("Bearer {}", bearer.expose()))
                .map_err(|_| SetupError::NotAHeader { what: "webhook's bearer token" })?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        Ok(Self { http, limiter: Limiter::new(PAGES_PER_MINUTE), headers, setup: setup.clone() })
    }

    pub fn limiter(&self) -> &Limiter {
        &self.limiter
    }

    pub async fn page(&self, call: &Call, page: &Page) -> Result<(), CallError> {
        let body = Body { version: VERSION, kind: "page", sent_at: call.now.rfc3339(), page };
        let body = serde_json::to_vec(&body)
            .map_err(|e| CallError::new(Kind::BadRequest, true, format!("the page can't be written as JSON: {e}")))?;
        let headers = self.headers(page, &body, call.now)?;
        let request = Request { method: Method::POST, path: &[], query: &[], headers, body: Some(body) };
        let sent = gate::send(&self.http, &self.limiter, WHOM, call, request).await;
        sent.map_or_else(taken_all_the_same, |sent| check(&sent, self.http.host()))
            .map_err(|error| self.redacted(error))
    }

    fn headers(&self, page: &Page, body: &[u8], now: Micros) -> Result<HeaderMap, CallError> {
        let mut headers = self.headers.clone();
        headers.insert(HeaderName::from_static("x-arayashiki-id"), header(&page.id)?);
        if let Some(secret) = &self.setup.signing_secret {
            let time = now.second().to_string();
            let signed = [time.as_bytes(), b".", body].concat();
            let signature = format!("v1={}", hex::encode(hmac_sha256(secret.expose().as_bytes(), &signed)));
            headers.insert(HeaderName::from_static("x-arayashiki-timestamp"), header(&time)?);
            headers.insert(HeaderName::from_static("x-arayashiki-signature"), header(&signature)?);
        }
        Ok(headers)
    }

    fn redacted(&self, error: CallError) -> CallError {
        let secrets = [Some(&self.setup.address), self.setup.bearer.as_ref(), self.setup.signing_secret.as_ref()];
        secrets.into_iter().flatten().fold(error, CallError::redacted)
    }
}

fn header(text: &str) -> Result<HeaderValue, CallError> {
    HeaderValue::from_str(text)
        .map_err(|_| CallError::new(Kind::BadRequest, true, "a page's id must be plain ASCII; nothing was sent"))
}

/// A 2xx that was cut off or too long after its status is a 2xx.
fn taken_all_the_same(error: CallError) -> Result<(), CallError> {
    if error.status.is_some_and(|status| (200..300).contains(&status)) { Ok(()) } else { Err(error) }
}

fn check(sent: &Sent, host: &str) -> Result<(), CallError> {
    let response = &sent.response;
    if (200..300).contains(&response.status) {
        return if gate::is_page(&response.body) { Err(signed_in_nowhere(sent, host)) } else { Ok(()) };
    }
    let kind = gate::kind(response);
    let text = format!("{host} answered {}: {}", response.status, advice(kind));
    let retry_after_ms = sent.wait_ms.filter(|_| kind == Kind::Limited);
    Err(CallError { kind, status: Some(response.status), code: None, text, retry_after_ms, write: sent.write })
}

/// Nobody is woken by a sign-in page that says 200.
fn signed_in_nowhere(sent: &Sent, host: &str) -> CallError {
    let text = format!(
        "{host} answered {} with a page for people: is a sign-in page on the way? The receiver should answer without HTML. \
         Whether it took the page can't be told",
        sent.response.status
    );
    CallError::new(Kind::Unreadable, sent.write, text).with_status(sent.response.status)
}

const fn advice(kind: Kind) -> &'static str {
    match kind {
        Kind::Auth | Kind::Forbidden => {
            "check the webhook's bearer token and signing secret; nobody was paged this way"
        }
        Kind::NotFound => "check the webhook's address; nobody was paged this way",
        Kind::Limited => "it goes out when the limit allows",
        Kind::Server => "it has trouble of its own; whether it took the page can't be told",
        Kind::Conflict => "it says that something changed meanwhile; whether it took the page can't be told",
        Kind::InTheWay => {
            "a proxy or a sign-in page is on the way: let this machine reach it directly; it is tried again"
        }
        _ => "it does not take our page as it is; nobody was paged this way",
    }
}
