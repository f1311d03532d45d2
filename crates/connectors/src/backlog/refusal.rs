//! From Backlog's error codes to errors that tell a person what to do. Never quotes what we sent.

use crate::gate::{self, Sent};
use crate::http::Response;
use crate::pagerduty::json;
use crate::{CallError, Kind};
use http::header::WWW_AUTHENTICATE;
use serde::Deserialize;

/// `{"errors":[{"message":"No project.","code":6,"moreInfo":""}]}`
#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    errors: Vec<Told>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Told {
    message: Option<String>,
    code: Option<i64>,
    more_info: Option<String>,
}

/// What was asked, for the reader.
pub struct Asked<'a> {
    pub what: &'a str,
    pub host: &'a str,
    pub is_key: bool,
}

/// More than this of the other side's words helps nobody.
const MAX_SAID_CHARS: usize = 500;

/// Lets 2xx through; everything else becomes an error.
pub fn check(sent: Sent, asked: &Asked<'_>) -> Result<Response, CallError> {
    let Sent { response, write, wait_ms } = sent;
    if (200..300).contains(&response.status) {
        return Ok(response);
    }
    let told = told(&response.body);
    let (kind, code) = (kind(&response, &told), told.iter().find_map(|t| t.code));
    let shown = code.map(|code| format!(", code {code}")).unwrap_or_default();
    let advice = advice(kind, code, asked);
    let text = format!("{} ({}{shown}){}: {advice}", headline(kind), response.status, said(&told));
    let retry_after_ms = wait_ms.filter(|_| kind == Kind::Limited);
    Err(CallError { kind, status: Some(response.status), code, text, retry_after_ms, write })
}

pub fn told(body: &[u8]) -> Vec<Told> {
    json::read::<Body>(&json::without_nul(body)).unwrap_or_default().errors
}

/// An expired bearer is refused with a challenge and without Backlog's own errors.
pub fn is_expired_token(response: &Response) -> bool {
    let told = response.headers.contains_key(WWW_AUTHENTICATE) || told(&response.body).is_empty();
    response.status == 401 && told && !gate::is_page(&response.body)
}

/// The code says more than the status, which for most codes nobody has written down.
pub fn kind(response: &Response, told: &[Told]) -> Kind {
    let by_status = gate::kind(response);
    if (200..300).contains(&response.status) || matches!(by_status, Kind::Server | Kind::InTheWay) {
        return by_status;
    }
    match told.iter().find_map(|t| t.code) {
        Some(1) => Kind::Server,
        Some(2..=5) => Kind::Forbidden,
        Some(6) => Kind::NotFound,
        Some(11 | 12) => Kind::Auth,
        Some(13) => Kind::Limited,
        Some(7..=10) => Kind::BadRequest,
        _ => by_status,
    }
}

const fn headline(kind: Kind) -> &'static str {
    match kind {
        Kind::Auth => "Backlog refused the key",
        Kind::Forbidden => "Backlog does not allow this",
        Kind::NotFound => "Backlog does not know it",
        Kind::Conflict => "Backlog says it changed meanwhile",
        Kind::Limited => "Backlog's rate limit is used up",
        Kind::Server => "Backlog has trouble of its own",
        Kind::InTheWay => "something in between answered instead of Backlog",
        _ => "Backlog did not accept the request",
    }
}

fn advice(kind: Kind, code: Option<i64>, asked: &Asked<'_>) -> String {
    let Asked { what, host, is_key } = asked;
    match (kind, code) {
        (Kind::Auth, Some(12)) => {
            "the space demands two-factor sign-in: switch it on for the user whose key this is".to_owned()
        }
        (Kind::Auth, _) if *is_key => format!(
            "make a new API key on https://{host} (personal settings, API) as a user who sees the projects, and put it into \
             [backlog] api_key; a key of another space does not work here"
        ),
        (Kind::Auth, _) => "connect Backlog again by signing in once more".to_owned(),
        (Kind::Forbidden, Some(2 | 3)) => format!("the plan of {host} does not cover it, or has run out"),
        (Kind::Forbidden, Some(4)) => format!(
            "the space takes calls from certain addresses only: add this machine's address to the access control of {host}"
        ),
        (Kind::Forbidden, _) => {
            format!("the user whose key this is may not use {what}: add the user to the project, or grant the role")
        }
        (Kind::NotFound, _) => format!("{what} is gone, or the user whose key this is does not see it"),
        (Kind::Limited, _) => {
            "it goes out when the limit allows; the limit is the user's, whatever else uses it".to_owned()
        }
        (Kind::Server, _) => "it is tried again".to_owned(),
        (Kind::InTheWay, _) => format!(
            "is the address right, which is {host}? Otherwise a proxy, a firewall or a sign-in page is on the way: let this \
             machine reach it directly; it is tried again"
        ),
        (Kind::Conflict, _) => format!("{what} is looked at again before anything is repeated"),
        (_, Some(8)) => format!("the space {host} is full: make room, or enlarge the plan"),
        _ => format!("{what} will not work as it is; Backlog's own words say what is wrong with it"),
    }
}

fn said(told: &[Told]) -> String {
    let parts = told.iter().flat_map(|t| [&t.message, &t.more_info]).flatten().map(|text| text.trim());
    let words: Vec<&str> = parts.filter(|text| !text.is_empty()).collect();
    if words.is_empty() {
        return String::new();
    }
    let all: String = words.join("; ").chars().take(MAX_SAID_CHARS).collect();
    format!(" \u{201c}{all}\u{201d}")
}
