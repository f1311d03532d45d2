//! Amazon SNS over HTTP(S): checks that a delivery is Amazon's and of a topic that we want, says what it is, and confirms
//! subscriptions. Never believes what is not signed, never visits an address of anybody else's.
//!
//! `Sns::new(Settings)`, then `understand(&call, raw_delivery, body) -> Result<Said, SnsError>` for every delivery and
//! `confirm(&call, &confirmation)` for a `Said::Confirm`. `SnsError::is_temporary` is what decides between 503, which SNS
//! repeats for up to an hour, and 4xx, which it never repeats.

mod certificate;
mod message;

#[cfg(test)]
mod tests;

pub use certificate::Trust;

use crate::http::{Http, Request, Response, Settings as HttpSettings, SetupError};
use crate::{Call, CallError, Kind, Limiter};
use certificate::Unfit;
use http::{HeaderMap, Method};
use message::Message;
use model::Micros;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use url::Url;

/// What an operator configures.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// ARNs of the topics that are ours. Everybody with an account can have SNS sign something.
    pub topics: Vec<String>,
    /// An SNS of one's own instead of Amazon's: only addresses that begin so are believed and visited then.
    pub endpoint: Option<String>,
    pub trust: Trust,
    pub http: HttpSettings,
}

/// What a delivery says, once it is known to be Amazon's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// `id` is the same on every repeat.
    Notification {
        topic: String,
        subject: Option<String>,
        message: String,
        id: String,
        at: Option<Micros>,
    },
    Confirm(Confirmation),
    /// Nothing comes from this topic any more.
    Unsubscribed {
        topic: String,
        id: String,
    },
}

/// A topic asks whether we want it. Only `understand` makes one, so its address is signed and checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmation {
    pub topic: String,
    subscribe_url: Url,
}

impl Confirmation {
    pub const fn subscribe_url(&self) -> &Url {
        &self.subscribe_url
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnsError {
    #[error("no delivery of Amazon SNS: {why}")]
    Unreadable { why: String },
    #[error(
        "raw message delivery carries no signature, so nobody can tell who sent it: switch it off in the subscription"
    )]
    Raw,
    #[error("the topic {topic} is not on the list: add it to [mail.ses] topics if it is yours")]
    Topic { topic: String },
    #[error("{url} is no address of Amazon SNS: refused, since only Amazon's own can vouch for a delivery")]
    Address { url: String },
    #[error("the delivery's signature is wrong: it was changed on the way, or it is not Amazon's")]
    Signature,
    #[error("the certificate that should vouch for the delivery can't be trusted: {why}")]
    Certificate { why: String },
    #[error("Amazon's certificate can't be fetched: {0}")]
    Fetch(CallError),
}

impl SnsError {
    /// Whether a repeat may do better: answer 503 then, and SNS comes again.
    pub const fn is_temporary(&self) -> bool {
        matches!(self, Self::Fetch(_))
    }
}

/// A notification that was verified when it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    pub topic: String,
    pub subject: Option<String>,
    pub message: String,
    pub id: String,
    pub at: Option<Micros>,
}

/// Reads a notification that `understand` has let through before; believes it as it stands.
pub fn read(body: &[u8]) -> Result<Noted, SnsError> {
    let message = Message::read(body)?;
    Ok(Noted {
        at: Micros::parse(&message.timestamp),
        topic: message.topic,
        subject: message.subject,
        message: message.message,
        id: message.id,
    })
}

/// Certificates change about once a year; more than this is somebody trying us.
const MAX_CERTIFICATES: usize = 16;
const FETCHES_PER_MINUTE: u32 = 30;

/// Certificates are fetched once an address.
#[derive(Debug)]
pub struct Sns {
    settings: Settings,
    endpoint: Option<Url>,
    known: Mutex<BTreeMap<String, Arc<[u8]>>>,
    limiter: Limiter,
}

impl Sns {
    pub fn new(settings: Settings) -> Result<Self, SetupError> {
        let endpoint = match &settings.endpoint {
            Some(url) => Some(Http::new(url, settings.http)?.base().clone()),
            None => None,
        };
        let limiter = Limiter::new(FETCHES_PER_MINUTE);
        Ok(Self { settings, endpoint, known: Mutex::default(), limiter })
    }

    /// `raw_delivery` is whether the header `x-amz-sns-rawdelivery` says `true`.
    pub async fn understand(&self, call: &Call, raw_delivery: bool, body: &[u8]) -> Result<Said, SnsError> {
        if raw_delivery {
            return Err(SnsError::Raw);
        }
        let message = Message::read(body)?;
        if !self.settings.topics.contains(&message.topic) {
            return Err(SnsError::Topic { topic: message.topic });
        }
        let at = self.address(&message.signing_cert_url)?;
        if !at.path().ends_with(".pem") || at.query().is_some() {
            return Err(SnsError::Address { url: message.signing_cert_url });
        }
        let pem = self.certificate(call, &at).await?;
        let key = certificate::key(&pem, &self.settings.trust, call.now).map_err(|unfit| self.forget(&at, unfit))?;
        if !certificate::holds(&key, &message) {
            return Err(SnsError::Signature);
        }
        self.said(message)
    }

    /// Says yes to a topic. A repeat is harmless.
    pub async fn confirm(&self, call: &Call, confirmation: &Confirmation) -> Result<(), CallError> {
        let response = self.visit(call, &confirmation.subscribe_url).await?;
        if response.status == 200 {
            return Ok(());
        }
        let kind = if response.status >= 500 { Kind::Server } else { Kind::BadRequest };
        let text = format!(
            "SNS did not confirm the subscription of {} ({}): its question is good for two or three days; ask for another \
             one in the topic's subscriptions",
            confirmation.topic, response.status
        );
        Err(CallError::new(kind, false, text).with_status(response.status))
    }

    fn said(&self, message: Message) -> Result<Said, SnsError> {
        Ok(match message.kind {
            message::Kind::Notification => Said::Notification {
                at: Micros::parse(&message.timestamp),
                topic: message.topic,
                subject: message.subject,
                message: message.message,
                id: message.id,
            },
            message::Kind::Unsubscribed => Said::Unsubscribed { topic: message.topic, id: message.id },
            message::Kind::Confirmation => {
                let subscribe_url = self.address(message.subscribe_url.as_deref().unwrap_or_default())?;
                Said::Confirm(Confirmation { topic: message.topic, subscribe_url })
            }
        })
    }

    /// An address that we may visit: Amazon's own, or below the endpoint that is configured.
    fn address(&self, text: &str) -> Result<Url, SnsError> {
        let refused = || SnsError::Address { url: text.chars().take(200).collect() };
        let url = Url::parse(text).map_err(|_| refused())?;
        let is_bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        let is_theirs = match &self.endpoint {
            Some(endpoint) => url.origin() == endpoint.origin(),
            None => url.scheme() == "https" && url.port().is_none() && url.host_str().is_some_and(is_amazons),
        };
        if is_bare && is_theirs { Ok(url) } else { Err(refused()) }
    }

    async fn certificate(&self, call: &Call, at: &Url) -> Result<Arc<[u8]>, SnsError> {
        if let Some(known) = self.lock().get(at.as_str()) {
            return Ok(known.clone());
        }
        let response = self.visit(call, at).await.map_err(SnsError::Fetch)?;
        if response.status != 200 {
            let text = format!("{at} answered {}", response.status);
            return Err(SnsError::Fetch(CallError::new(Kind::Server, false, text).with_status(response.status)));
        }
        let pem: Arc<[u8]> = response.body.to_vec().into();
        let mut known = self.lock();
        if known.len() >= MAX_CERTIFICATES {
            known.clear();
        }
        known.insert(at.as_str().to_owned(), pem.clone());
        Ok(pem)
    }

    /// A page of somebody in between must not stay where a certificate should be.
    fn forget(&self, at: &Url, unfit: Unfit) -> SnsError {
        self.lock().remove(at.as_str());
        match unfit {
            Unfit::NoCertificate => {
                let text = format!("{at} gave no certificate: a proxy or a sign-in page is on the way");
                SnsError::Fetch(CallError::new(Kind::InTheWay, false, text))
            }
            Unfit::Untrusted(why) => SnsError::Certificate { why },
        }
    }

    /// One GET of an address that `address` has let through.
    async fn visit(&self, call: &Call, url: &Url) -> Result<Response, CallError> {
        if let Err(not_before) = self.limiter.check(call.now, call.class) {
            let mut error = CallError::new(Kind::Limited, false, "too many unknown certificates of SNS in a minute");
            error.retry_after_ms = u64::try_from(not_before.since(call.now) / 1_000 + 1).ok();
            return Err(error);
        }
        let base = url.origin().ascii_serialization();
        let http =
            Http::new(&base, self.settings.http).map_err(|e| CallError::new(Kind::BadRequest, false, e.to_string()))?;
        let path: Vec<&str> = url.path_segments().into_iter().flatten().filter(|segment| !segment.is_empty()).collect();
        let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let query: Vec<(&str, String)> = query.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        http.send(Request { method: Method::GET, path: &path, query: &query, headers: HeaderMap::new(), body: None })
            .await
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Arc<[u8]>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `sns.REGION.amazonaws.com`, also in China.
fn is_amazons(host: &str) -> bool {
    let inner = host.strip_suffix(".cn").unwrap_or(host);
    let region = inner.strip_prefix("sns.").and_then(|rest| rest.strip_suffix(".amazonaws.com"));
    region.is_some_and(|region| {
        region.len() >= 3 && region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    })
}
