//! A calendar by its ICS address: the bytes, and nothing read of them. The address is a secret: no message and no Debug shows more
//! of it than the host.

use crate::gate::{self, Sent};
use crate::http::{Http, Request, Response, Settings, SetupError};
use crate::{Call, CallError, Kind, Limiter, Secret};
use bytes::Bytes;
use http::header::{ACCEPT, ETAG, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use http::{HeaderMap, Method};
use serde::{Deserialize, Serialize};

#[derive(Debug)]
pub struct Feed {
    http: Http,
    limiter: Limiter,
    address: Secret,
}

/// What the server called this state of the feed; handed back, it may answer that nothing has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FeedVersion {
    pub etag: Option<String>,
    pub last_modified: Option<String>,
}

#[derive(Clone, Debug)]
pub enum FeedAnswer {
    Changed { raw: Bytes, version: FeedVersion },
    Unchanged,
}

const CALLS_PER_MINUTE: u32 = 20;
/// Ten years of a busy calendar.
const MOST_BYTES: usize = 16 << 20;

impl Feed {
    /// What a feed is read with, unless told otherwise.
    pub fn http_settings() -> Settings {
        Settings { max_response_bytes: MOST_BYTES, call_timeout_ms: 60_000, ..Settings::default() }
    }

    /// `webcal://` is https by another name.
    pub fn new(address: &Secret, http: Settings) -> Result<Self, SetupError> {
        let text = address.expose().trim();
        let address = match text.split_once("://") {
            Some(("webcal" | "webcals", rest)) => Secret::new(format!("https://{rest}")),
            _ => Secret::new(text),
        };
        let http = Http::to_address(&address, http)?;
        Ok(Self { http, limiter: Limiter::new(CALLS_PER_MINUTE), address })
    }

    /// Whom a message may name.
    pub fn host(&self) -> &str {
        self.http.host()
    }

    /// `held` is the version of what is held; by none everything is sent.
    pub async fn fetch(&self, call: &Call, held: &FeedVersion) -> Result<FeedAnswer, CallError> {
        let request = Request { method: Method::GET, path: &[], query: &[], headers: headers(held), body: None };
        match gate::send(&self.http, &self.limiter, self.host(), call, request).await {
            // To the client under it that is a redirect, since it is one of their numbers.
            Err(error) if error.status == Some(304) && *held != FeedVersion::default() => Ok(FeedAnswer::Unchanged),
            answer => answer.and_then(|sent| self.checked(sent)).map_err(|error| error.redacted(&self.address)),
        }
    }

    fn checked(&self, sent: Sent) -> Result<FeedAnswer, CallError> {
        let Sent { response, wait_ms, .. } = sent;
        let is_page = gate::is_page(&response.body);
        if response.status != 200 || is_page {
            return Err(self.refused(&response, wait_ms));
        }
        let text =
            |name: HeaderName| response.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let version = FeedVersion { etag: text(ETAG), last_modified: text(LAST_MODIFIED) };
        Ok(FeedAnswer::Changed { raw: response.body, version })
    }

    fn refused(&self, response: &Response, wait_ms: Option<u64>) -> CallError {
        let kind = match response.status {
            200..=299 => Kind::InTheWay,
            // A missing feed is told by a page for people, too.
            404 | 410 => Kind::NotFound,
            _ => gate::kind(response),
        };
        let advice = match kind {
            Kind::NotFound => {
                "the address leads nowhere (any more): was the secret address reset, or sharing switched off? copy it anew from \
                 the calendar's settings"
            }
            Kind::Auth | Kind::Forbidden => {
                "the address needs a sign-in: take the calendar's secret iCal address, which needs none"
            }
            Kind::InTheWay => {
                "a page for people came, no calendar: is the address that of the iCal feed (.ics)? Otherwise a proxy or a sign-in \
                 page is on the way"
            }
            Kind::Limited => "it was asked for too often; it waits",
            Kind::Server => "it is tried again",
            _ => "the address will not work as it is: copy it anew from the calendar's settings",
        };
        let text = format!("the calendar feed at {} did not come ({}): {advice}", self.host(), response.status);
        let retry_after_ms = wait_ms.filter(|_| kind == Kind::Limited);
        CallError { kind, status: Some(response.status), code: None, text, retry_after_ms, write: false }
    }
}

/// What can't be sent as a header is left out: then everything comes, which is right too.
fn headers(held: &FeedVersion) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("text/calendar, */*;q=0.1"));
    for (name, value) in [(IF_NONE_MATCH, &held.etag), (IF_MODIFIED_SINCE, &held.last_modified)] {
        if let Some(value) = value.as_deref().and_then(|value| HeaderValue::from_str(value).ok()) {
            headers.insert(name, value);
        }
    }
    headers
}
