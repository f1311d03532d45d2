//! From Google's reasons to errors that tell a person what to do. Never quotes what we sent.

use crate::gate::{self, Sent};
use crate::http::Response;
use crate::{CallError, Kind};
use serde_json::Value;

/// What was asked, for the reader.
pub struct Asked<'a> {
    pub what: &'a str,
    pub host: &'a str,
    pub email: &'a str,
}

/// The other side's first reason and its words.
#[derive(Default)]
pub struct Told {
    pub reason: String,
    pub message: String,
    /// The parameter that is meant.
    pub location: String,
}

const MAX_SAID_CHARS: usize = 500;

/// Lets 2xx through; everything else becomes an error.
pub fn check(sent: Sent, asked: &Asked<'_>) -> Result<Response, CallError> {
    let Sent { response, write, wait_ms } = sent;
    if (200..300).contains(&response.status) {
        return Ok(response);
    }
    let told = told(&response.body);
    let kind = kind(&response, &told);
    let reason = if told.reason.is_empty() { String::new() } else { format!(", {}", told.reason) };
    let said = match told.message.trim() {
        "" => String::new(),
        words => format!(" \u{201c}{}\u{201d}", words.chars().take(MAX_SAID_CHARS).collect::<String>()),
    };
    let text = format!("{} ({}{reason}){said}: {}", headline(kind), response.status, advice(kind, &told, asked));
    let retry_after_ms = wait_ms.filter(|_| kind == Kind::Limited);
    Err(CallError { kind, status: Some(response.status), code: None, text, retry_after_ms, write })
}

/// `{"error":{"errors":[{"domain","reason","message","location"}],"code":403,"message":"…"}}`, on newer parts with `status`
/// and `details` in the place of `errors`.
pub fn told(body: &[u8]) -> Told {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let error = &value["error"];
    let first = &error["errors"][0];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let reasons = [&first["reason"], &error["details"][0]["reason"], &error["status"]];
    let reason = reasons.into_iter().map(text).find(|reason| !reason.is_empty()).unwrap_or_default();
    let reason = reason.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_' || *c == '.').take(60).collect();
    let message =
        [&error["message"], &first["message"]].into_iter().map(text).find(|m| !m.is_empty()).unwrap_or_default();
    Told { reason, message, location: text(&first["location"]) }
}

/// A refusal by rate, which Google tells as a 403 as well.
pub fn is_limit(response: &Response) -> bool {
    response.status == 429 || (response.status == 403 && is_limit_reason(&told(&response.body).reason))
}

/// One that lasts.
pub fn is_used_up(response: &Response) -> bool {
    matches!(response.status, 403 | 429) && is_used_up_reason(&told(&response.body).reason)
}

fn is_limit_reason(reason: &str) -> bool {
    matches!(reason, "rateLimitExceeded" | "userRateLimitExceeded" | "RATE_LIMIT_EXCEEDED" | "RESOURCE_EXHAUSTED")
        || is_used_up_reason(reason)
}

fn is_used_up_reason(reason: &str) -> bool {
    matches!(reason, "quotaExceeded" | "dailyLimitExceeded")
}

/// The token of the last synchronisation is no longer good; everything has to be read again.
pub fn asks_for_full_sync(response: &Response) -> bool {
    match response.status {
        410 => true,
        400 => told(&response.body).location == "syncToken",
        _ => false,
    }
}

fn kind(response: &Response, told: &Told) -> Kind {
    match gate::kind(response) {
        // About the address that pushes are to go to, whichever status it comes with.
        Kind::Auth | Kind::Forbidden if told.reason.contains("webhookUrl") => Kind::BadRequest,
        Kind::Forbidden if is_limit_reason(&told.reason) => Kind::Limited,
        Kind::BadRequest if response.status == 412 => Kind::Conflict,
        kind => kind,
    }
}

const fn headline(kind: Kind) -> &'static str {
    match kind {
        Kind::Auth => "Google refused the token",
        Kind::Forbidden => "Google does not allow this",
        Kind::NotFound => "Google does not show it",
        Kind::Conflict => "Google says it is there already or has changed",
        Kind::Limited => "Google's rate limit is used up",
        Kind::Server => "Google has trouble of its own",
        Kind::InTheWay => "something in between answered instead of Google",
        _ => "Google did not accept the request",
    }
}

fn advice(kind: Kind, told: &Told, asked: &Asked<'_>) -> String {
    let Asked { what, host, email } = asked;
    match kind {
        Kind::Auth => format!("a fresh token was refused too: is the key of {email} still enabled?"),
        Kind::Forbidden => forbidden(told, asked),
        Kind::NotFound => format!(
            "{what} is absent, or not shared with {email}: share the calendar with that address (\u{201c}See all event details\u{201d}) \
             and check its id in the calendar's settings"
        ),
        Kind::Conflict if told.reason == "duplicate" => format!("{what} exists already"),
        Kind::Conflict => format!("{what} is looked at again before anything is repeated"),
        Kind::Limited if is_used_up_reason(&told.reason) => {
            "it goes out after a quarter of an hour; if it lasts, ask for a higher quota in the Google Cloud console"
                .to_owned()
        }
        Kind::Limited => "it goes out when the limit allows".to_owned(),
        Kind::Server => "it is tried again".to_owned(),
        Kind::InTheWay => format!(
            "is the address right, which is {host}? Otherwise a proxy, a firewall or a sign-in page is on the way: let this \
             machine reach it directly; it is tried again"
        ),
        _ if told.reason.contains("webhookUrl") => {
            "pushes go only to an https address with a valid certificate that Google reaches: check [server] public_url"
                .to_owned()
        }
        _ => format!("{what} will not work as it is; Google's own words say what is wrong with it"),
    }
}

fn forbidden(told: &Told, asked: &Asked<'_>) -> String {
    let Asked { what, email, .. } = asked;
    match told.reason.as_str() {
        "accessNotConfigured" | "SERVICE_DISABLED" => {
            format!("switch the Google Calendar API on in the Google Cloud project of {email}")
        }
        "insufficientPermissions" | "ACCESS_TOKEN_SCOPE_INSUFFICIENT" => format!(
            "the token lacks the scope: with a subject, the delegation of {email} must name \
             https://www.googleapis.com/auth/calendar.readonly"
        ),
        "pushNotSupportedForRequestedResource" => format!("Google sends no pushes for {what}; it is polled"),
        _ => format!("share the calendar with {email} (\u{201c}See all event details\u{201d})"),
    }
}
