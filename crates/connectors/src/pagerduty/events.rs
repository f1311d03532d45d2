//! Pages through Events v2: trigger, acknowledge and resolve by our own dedup key. A 202 means taken, not that an
//! incident exists; that is looked up through REST. Never sends an event that PagerDuty is sure to refuse.

use super::{Setup, bad_request, decode, refusal};
use crate::gate;
use crate::http::{Http, Request, SetupError};
use crate::{Call, CallError, Kind, Limiter, Secret};
use http::{HeaderMap, Method};
use model::Micros;
use serde::Deserialize;
use serde_json::{Value, json};

/// Events v2 through one integration. Keys of two integrations know nothing of each other.
#[derive(Debug)]
pub struct Events {
    http: Http,
    limiter: Limiter,
    routing_key: Secret,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    Critical,
    Error,
    Warning,
    Info,
}

impl Severity {
    pub const ALL: [Self; 4] = [Self::Critical, Self::Error, Self::Warning, Self::Info];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.as_str() == text)
    }
}

/// An alert to be opened, or added to while one of this key is open.
#[derive(Clone, Debug, PartialEq)]
pub struct Trigger {
    pub dedup_key: String,
    pub summary: String,
    pub source: String,
    pub severity: Severity,
    /// An object; null for none.
    pub details: Value,
    pub links: Vec<Link>,
}

/// A link shown beside the alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub href: String,
    pub text: String,
}

/// A picture shown beside the alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// PagerDuty shows only what it can fetch by https.
    pub src: String,
    pub href: Option<String>,
    pub alt: Option<String>,
}

/// What makes a page easier to read, and may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extras {
    /// Who sent it, shown as a link to `client_url`.
    pub client: Option<String>,
    pub client_url: Option<String>,
    pub images: Vec<Image>,
    /// When the monitor saw it.
    pub happened_at: Option<Micros>,
    pub component: Option<String>,
    pub group: Option<String>,
    pub class: Option<String>,
}

/// How a trigger that was not taken failed, as the cause finder and the outage watch tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// PagerDuty will never take it as it stands: a wrong key, or an event it calls invalid.
    Rejected,
    /// Too many for this key; it was not ingested.
    RateLimited,
    /// PagerDuty has trouble, or was cut off after the sending: it may have been taken.
    Unknown,
    /// It never got there.
    NotSent,
}

impl Refusal {
    pub const fn of(kind: Kind) -> Self {
        match kind {
            Kind::BadRequest | Kind::Auth | Kind::Forbidden | Kind::NotFound => Self::Rejected,
            Kind::Limited => Self::RateLimited,
            Kind::Server | Kind::Unknown | Kind::Unreadable | Kind::TooLarge | Kind::Conflict => Self::Unknown,
            Kind::NoConnection | Kind::InTheWay | Kind::Refused => Self::NotSent,
        }
    }
}

/// PagerDuty has taken the event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    pub dedup_key: String,
}

/// What PagerDuty grants one integration key, about; it says so nowhere else than in its answers.
const EVENTS_PER_MINUTE: u32 = 120;
const MAX_DEDUP_KEY_CHARS: usize = 255;
const MAX_SUMMARY_CHARS: usize = 1024;
/// 512 KB, by the smaller reading of KB.
const MAX_EVENT_BYTES: usize = 512_000;

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    dedup_key: Option<String>,
}

impl Events {
    pub fn new(setup: &Setup, routing_key: Secret) -> Result<Self, SetupError> {
        let http = Http::new(&setup.events_url(), setup.http)?;
        Ok(Self { http, limiter: Limiter::new(EVENTS_PER_MINUTE), routing_key })
    }

    pub fn limiter(&self) -> &Limiter {
        &self.limiter
    }

    pub async fn trigger(&self, call: &Call, trigger: &Trigger) -> Result<Accepted, CallError> {
        self.trigger_with(call, trigger, &Extras::default()).await
    }

    pub async fn trigger_with(&self, call: &Call, trigger: &Trigger, extras: &Extras) -> Result<Accepted, CallError> {
        let mut event = self.event("trigger", &trigger.dedup_key)?;
        event["payload"] = payload(trigger)?;
        // What is no link would have the whole page refused.
        let links = trigger.links.iter().filter(|link| is_web(&link.href));
        let links: Vec<Value> = links.map(|link| json!({ "href": link.href, "text": link.text })).collect();
        if !links.is_empty() {
            event["links"] = Value::Array(links);
        }
        extras.add_to(&mut event);
        self.send(call, &trigger.dedup_key, shrunk(event)?).await
    }

    pub async fn acknowledge(&self, call: &Call, dedup_key: &str) -> Result<Accepted, CallError> {
        let event = self.event("acknowledge", dedup_key)?;
        self.send(call, dedup_key, super::encode(&event)?).await
    }

    pub async fn resolve(&self, call: &Call, dedup_key: &str) -> Result<Accepted, CallError> {
        let event = self.event("resolve", dedup_key)?;
        self.send(call, dedup_key, super::encode(&event)?).await
    }

    fn event(&self, action: &str, dedup_key: &str) -> Result<Value, CallError> {
        // Without a key of ours PagerDuty makes one up, and the page could never be looked up or resolved.
        if dedup_key.is_empty() || dedup_key.chars().count() > MAX_DEDUP_KEY_CHARS {
            let text = format!("a dedup key needs 1 to {MAX_DEDUP_KEY_CHARS} characters");
            return Err(bad_request(text));
        }
        Ok(json!({ "routing_key": self.routing_key.expose(), "event_action": action, "dedup_key": dedup_key }))
    }

    async fn send(&self, call: &Call, dedup_key: &str, body: Vec<u8>) -> Result<Accepted, CallError> {
        let request = Request {
            method: Method::POST,
            path: &["v2", "enqueue"],
            query: &[],
            headers: HeaderMap::new(),
            body: Some(body),
        };
        let answer = gate::send(&self.http, &self.limiter, "PagerDuty", call, request)
            .await
            .and_then(|sent| refusal::check(sent, refusal::EVENTS, self.http.base()))
            .and_then(|response| decode::<Answer>(&response.body, true));
        let answer = answer.map_err(|error| error.redacted(&self.routing_key))?;
        Ok(Accepted { dedup_key: answer.dedup_key.unwrap_or_else(|| dedup_key.to_owned()) })
    }
}

impl Extras {
    fn add_to(&self, event: &mut Value) {
        let client_url = self.client_url.as_ref().filter(|url| is_web(url));
        set(event, "client", self.client.as_ref().map(|client| json!(client)));
        set(event, "client_url", client_url.map(|url| json!(url)));
        let images: Vec<Value> = self.images.iter().filter_map(Image::wire).collect();
        set(event, "images", (!images.is_empty()).then_some(Value::Array(images)));
        let payload = &mut event["payload"];
        set(payload, "timestamp", self.happened_at.map(|at| json!(at.rfc3339())));
        for (name, value) in [("component", &self.component), ("group", &self.group), ("class", &self.class)] {
            set(payload, name, value.as_ref().filter(|text| !text.is_empty()).map(|text| json!(text)));
        }
    }
}

impl Image {
    fn wire(&self) -> Option<Value> {
        if !self.src.starts_with("https://") {
            return None;
        }
        let mut image = json!({ "src": self.src });
        set(&mut image, "href", self.href.as_ref().filter(|href| is_web(href)).map(|href| json!(href)));
        set(&mut image, "alt", self.alt.as_ref().map(|alt| json!(alt)));
        Some(image)
    }
}

fn set(object: &mut Value, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        object[name] = value;
    }
}

fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

fn payload(trigger: &Trigger) -> Result<Value, CallError> {
    if trigger.summary.trim().is_empty() || trigger.source.trim().is_empty() {
        return Err(bad_request("a page needs a summary and a source"));
    }
    let mut payload = json!({
        "summary": first_chars(&trigger.summary, MAX_SUMMARY_CHARS),
        "source": trigger.source,
        "severity": trigger.severity.as_str(),
    });
    match &trigger.details {
        Value::Null => {}
        Value::Object(_) => payload["custom_details"] = trigger.details.clone(),
        other => payload["custom_details"] = json!({ "details": other }),
    }
    Ok(payload)
}

/// A page without its details wakes somebody; one that PagerDuty refuses for its size wakes nobody.
fn shrunk(mut event: Value) -> Result<Vec<u8>, CallError> {
    let body = super::encode(&event)?;
    if body.len() <= MAX_EVENT_BYTES {
        return Ok(body);
    }
    let note = format!("left out: with {} bytes the event would have been refused", body.len());
    event["payload"]["custom_details"] = json!({ "details": note });
    let body = super::encode(&event)?;
    if body.len() <= MAX_EVENT_BYTES {
        Ok(body)
    } else {
        Err(bad_request("the page is too large even without details"))
    }
}

fn first_chars(text: &str, max: usize) -> &str {
    text.char_indices().nth(max).map_or(text, |(end, _)| &text[..end])
}
