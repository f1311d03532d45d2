//! The way out that every connector takes: its limiter is asked, the call is sent once, and the limiter learns from the
//! answer. What a status means by itself stands here; what it means to people each connector says.

use crate::http::{Http, Request, Response};
use crate::{Call, CallError, Kind, Limiter};

/// An answer, and what the limiter makes of it.
pub struct Sent {
    pub response: Response,
    pub write: bool,
    /// Only after a refusal.
    pub wait_ms: Option<u64>,
}

/// `whom` is for the message: whose limit it is.
pub async fn send(
    http: &Http,
    limiter: &Limiter,
    whom: &str,
    call: &Call,
    request: Request<'_>,
) -> Result<Sent, CallError> {
    let write = crate::http::is_write(&request.method);
    if let Err(not_before) = limiter.check(call.now, call.class) {
        let text = format!("waiting for {whom}'s rate limit; nothing was sent");
        let mut error = CallError::new(Kind::Limited, write, text);
        error.retry_after_ms = u64::try_from(not_before.since(call.now) / 1_000 + 1).ok();
        return Err(error);
    }
    let response = http.send(request).await?;
    let now = call.now.plus_ms(response.took_ms);
    limiter.observe(response.status, &response.headers, now);
    let wait_ms = limiter.wait_ms(now);
    Ok(Sent { response, write, wait_ms })
}

/// A page for people where a program was asked.
pub fn is_page(body: &[u8]) -> bool {
    body.trim_ascii_start().first() == Some(&b'<')
}

/// What an answer that is no success means. A page for people is no word of a system that answers in anything else.
pub fn kind(response: &Response) -> Kind {
    match of_status(response.status) {
        kind @ (Kind::Server | Kind::Limited) => kind,
        _ if is_page(&response.body) => Kind::InTheWay,
        kind => kind,
    }
}

/// The status alone.
pub const fn of_status(status: u16) -> Kind {
    match status {
        300..=399 | 407 => Kind::InTheWay,
        401 => Kind::Auth,
        402 | 403 => Kind::Forbidden,
        404 | 410 => Kind::NotFound,
        408 | 500.. => Kind::Server,
        409 => Kind::Conflict,
        429 => Kind::Limited,
        _ => Kind::BadRequest,
    }
}
