//! Backlog counts reading, changing and searching apart, by user and minute. One limiter each, corrected by what every
//! answer says. Never sleeps.

use super::wire;
use super::{Client, decode, refusal};
use crate::gate::Sent;
use crate::http::{Http, Request, Response, is_write};
use crate::{Call, CallError, Kind, Limiter};
use http::header::{DATE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::fmt::rfc2822::DateTimeParser;
use model::Micros;
use serde::Deserialize;

/// Which count a call goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bucket {
    Read,
    Update,
    Search,
}

#[derive(Debug)]
pub struct Limits {
    read: Limiter,
    update: Limiter,
    search: Limiter,
}

/// What is left of one kind of calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Calls a minute.
    pub limit: u32,
    pub remaining: u32,
    pub reset_at: Micros,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimits {
    pub read: Option<Rate>,
    pub update: Option<Rate>,
    pub search: Option<Rate>,
    pub icon: Option<Rate>,
}

/// After a refusal that tells no end, Backlog asks for a minute of quiet.
const QUIET_S: i64 = 60;
/// Nobody tells a longer wait that is worth keeping to.
const LONGEST_S: i64 = 900;

impl Limits {
    /// As published for a paid plan; the first answer of each kind corrects it.
    pub const fn published() -> Self {
        Self { read: Limiter::new(600), update: Limiter::new(150), search: Limiter::new(150) }
    }

    pub fn all(&self) -> [(&'static str, &Limiter); 3] {
        [("read", &self.read), ("update", &self.update), ("search", &self.search)]
    }

    const fn of(&self, bucket: Bucket) -> &Limiter {
        match bucket {
            Bucket::Read => &self.read,
            Bucket::Update => &self.update,
            Bucket::Search => &self.search,
        }
    }

    /// As `gate::send`, but for whom the window's end is an instant and a refusal may be told by a code alone.
    pub async fn send(
        &self,
        http: &Http,
        call: &Call,
        bucket: Bucket,
        request: Request<'_>,
    ) -> Result<Sent, CallError> {
        let (write, limiter) = (is_write(&request.method), self.of(bucket));
        if let Err(not_before) = limiter.check(call.now, call.class) {
            let mut error = CallError::new(Kind::Limited, write, "waiting for Backlog's rate limit; nothing was sent");
            error.retry_after_ms = u64::try_from(not_before.since(call.now) / 1_000 + 1).ok();
            return Err(error);
        }
        let response = http.send(request).await?;
        let now = call.now.plus_ms(response.took_ms);
        let is_refusal =
            response.status >= 400 && refusal::kind(&response, &refusal::told(&response.body)) == Kind::Limited;
        let status = if is_refusal { 429 } else { response.status };
        limiter.observe(status, &learned(&response, is_refusal, now), now);
        Ok(Sent { wait_ms: limiter.wait_ms(now), response, write })
    }

    fn learn(&self, rates: &RateLimits, now: Micros) {
        for (limiter, rate) in [(&self.read, rates.read), (&self.update, rates.update), (&self.search, rates.search)] {
            if let Some(rate) = rate {
                limiter.observe(200, &headers(rate.limit, rate.remaining, seconds_until(rate.reset_at, now)), now);
            }
        }
    }
}

impl Client {
    /// What is left, as Backlog counts it. Costs a call of reading.
    pub async fn rate_limits(&self, call: &Call) -> Result<RateLimits, CallError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Answer {
            rate_limit: wire::RateLimits,
        }
        let raw = self.get(call, &["rateLimit"], &[]).await?;
        let told = decode::<Answer>(&raw, false)?.rate_limit;
        let rate = |rate: Option<wire::Rate>| {
            rate.map(|r| Rate { limit: r.limit, remaining: r.remaining, reset_at: Micros::from_seconds(r.reset) })
        };
        let (read, update) = (rate(told.read), rate(told.update));
        let rates = RateLimits { read, update, search: rate(told.search), icon: rate(told.icon) };
        self.limits.learn(&rates, call.now);
        Ok(rates)
    }
}

/// The limiter knows windows that end in so many seconds.
fn learned(response: &Response, is_refusal: bool, now: Micros) -> HeaderMap {
    let number = |name: &str| response.headers.get(name)?.to_str().ok()?.trim().parse::<i64>().ok();
    let reset_s = number("x-ratelimit-reset").map(|at| seconds_until(Micros::from_seconds(at), clock(response, now)));
    let count = |name: &str| number(name).and_then(|count| u32::try_from(count).ok());
    let mut map = match (count("x-ratelimit-limit"), count("x-ratelimit-remaining"), reset_s) {
        (Some(limit), Some(remaining), Some(reset_s)) => headers(limit, remaining, reset_s),
        _ => HeaderMap::new(),
    };
    if is_refusal {
        let told_s = reset_s.max(number("retry-after").map(|s| s.clamp(1, LONGEST_S)));
        map.insert(RETRY_AFTER, HeaderValue::from(told_s.unwrap_or(QUIET_S)));
    }
    map
}

/// Backlog's own clock at the answer, by which its instants are to be read; ours where it does not tell.
fn clock(response: &Response, now: Micros) -> Micros {
    let date = response.headers.get(DATE).and_then(|date| date.to_str().ok());
    date.and_then(|date| DateTimeParser::new().parse_timestamp(date).ok()).map_or(now, |at| Micros(at.as_microsecond()))
}

fn seconds_until(at: Micros, now: Micros) -> i64 {
    (at.since(now).saturating_add(999_999) / 1_000_000).clamp(1, LONGEST_S)
}

fn headers(limit: u32, remaining: u32, reset_s: i64) -> HeaderMap {
    HeaderMap::from_iter([
        (HeaderName::from_static("ratelimit-limit"), HeaderValue::from(limit)),
        (HeaderName::from_static("ratelimit-remaining"), HeaderValue::from(remaining)),
        (HeaderName::from_static("ratelimit-reset"), HeaderValue::from(reset_s)),
    ])
}
