//! From an answer that is not 2xx to an error that tells a person what to do. Never quotes what we sent.

use super::json;
use crate::error::{CLOSES, OPENS};
use crate::gate::{self, Sent};
use crate::http::Response;
use crate::{CallError, Kind};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

/// REST wraps its errors, Events v2 does not.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    error: Option<Detail>,
    message: Option<String>,
    errors: Value,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Detail {
    message: Option<String>,
    code: Option<i64>,
    errors: Value,
}

/// The path of Events v2, which knows integration keys and no tokens.
pub const EVENTS: &str = "v2/enqueue";

/// More than this of the other side's words helps nobody.
const MAX_SAID_CHARS: usize = 500;

/// Lets 2xx through; everything else becomes an error. `what` is the path, for the reader.
pub fn check(sent: Sent, what: &str, base: &Url) -> Result<Response, CallError> {
    let Sent { response, write, wait_ms } = sent;
    if (200..300).contains(&response.status) {
        return Ok(response);
    }
    let status = response.status;
    let detail = detail(&response.body);
    let said = said(&detail);
    let kind = gate::kind(&response);
    let code = detail.code.map(|code| format!(", code {code}")).unwrap_or_default();
    let text = format!(
        "{} ({status}{code}){said}: {}",
        headline(kind),
        advice(&Refused { kind, status, code: detail.code, write, what, base })
    );
    let retry_after_ms = wait_ms.filter(|_| kind == Kind::Limited);
    Err(CallError { kind, status: Some(status), code: detail.code, text, retry_after_ms, write })
}

const fn headline(kind: Kind) -> &'static str {
    match kind {
        Kind::Auth => "PagerDuty refused the token",
        Kind::Forbidden => "PagerDuty does not allow this",
        Kind::NotFound => "PagerDuty does not know it",
        Kind::Conflict => "PagerDuty says it changed meanwhile",
        Kind::Limited => "PagerDuty's rate limit is used up",
        Kind::Server => "PagerDuty has trouble of its own",
        Kind::InTheWay => "something in between answered instead of PagerDuty",
        _ => "PagerDuty did not accept the request",
    }
}

/// What the advice depends on.
struct Refused<'a> {
    kind: Kind,
    status: u16,
    code: Option<i64>,
    write: bool,
    what: &'a str,
    base: &'a Url,
}

fn advice(refused: &Refused) -> String {
    let what = refused.what;
    match (refused.kind, refused.status, refused.code) {
        (Kind::Auth | Kind::Forbidden | Kind::NotFound, ..) if what == EVENTS => {
            "the integration key was not taken: is it that of a service of this account and region?".to_owned()
        }
        (Kind::Auth, ..) => {
            let region = region(refused.base);
            format!("a wrong key, or a key of the other region: check [pagerduty] token, and that {region}")
        }
        (Kind::Forbidden, 402, _) => format!("the account's plan lacks what {what} needs"),
        (Kind::Forbidden, ..) => forbidden(refused),
        (Kind::NotFound, ..) => format!("{what} is gone, or belongs to another account"),
        (Kind::Conflict, ..) => format!("{what} is looked at again before anything is repeated"),
        (Kind::Limited, ..) => "it goes out when the limit allows".to_owned(),
        (Kind::InTheWay, ..) => in_between(refused.status, refused.base),
        (Kind::Server, ..) => "see status.pagerduty.com; it is tried again".to_owned(),
        (_, _, Some(code)) if in_the_way(code).is_some() => in_the_way(code).unwrap_or_default().to_owned(),
        (_, 413, _) => format!("{what} was too large"),
        _ if what == EVENTS => {
            "the event will not work as it is: is the integration key that of a service of this account \
                                and region? PagerDuty's own words say what is wrong with it"
                .to_owned()
        }
        _ => format!("{what} will not work as it is; if it says From, set [pagerduty] from to a user's e-mail address"),
    }
}

/// A way out that needs a sign-in, a firewall's page, or an address that is none of PagerDuty's API.
fn in_between(status: u16, base: &Url) -> String {
    let url = base.as_str().trim_end_matches('/');
    if status == 407 {
        return format!(
            "a proxy on the way to {url} wants a sign-in: let this machine reach it directly; it is tried again"
        );
    }
    format!(
        "is the address right, which is {url}? Otherwise a proxy, a firewall or a sign-in page is on the way: let this \
         machine reach it directly; it is tried again"
    )
}

fn region(base: &Url) -> String {
    let url = base.as_str().trim_end_matches('/');
    let other = if url.contains("api.eu.") { "https://api.pagerduty.com" } else { "https://api.eu.pagerduty.com" };
    format!("api_url, which is {url}, is that of the account's region (the other one is {other})")
}

/// Keys of the account are full or read-only, a user's key may what the user may, an app's has scopes.
fn forbidden(refused: &Refused) -> String {
    let (what, scope) = (refused.what, scope(refused.what));
    if refused.write {
        format!(
            "the token lacks the permission to change {what}; use a key that is not read-only, of a user who may, or grant \
             the app the scope {scope}.write"
        )
    } else {
        format!(
            "the token lacks the permission to read {what}; use a key of the account or of a user who may, or grant the app \
             the scope {scope}.read"
        )
    }
}

/// The scope that PagerDuty asks of an app for a path.
fn scope(what: &str) -> &str {
    if what.ends_with("audit/records") {
        return "audit_records";
    }
    match what.split('/').next().unwrap_or_default() {
        "log_entries" => "incidents",
        "maintenance_windows" | "alert_grouping_settings" => "services",
        "event_orchestrations" if what.starts_with("event_orchestrations/services") => "services",
        first => first,
    }
}

/// Why an act can't be, by PagerDuty's own code.
const fn in_the_way(code: i64) -> Option<&'static str> {
    Some(match code {
        1001 => "the incident is resolved already; nothing was changed",
        1006 => "it can't be escalated there: the escalation policy has no such level, or the incident is not open",
        1007 => "no such user to assign it to",
        1008 | 2011 | 2013 => {
            "the From address must be that of a user in PagerDuty: check [pagerduty] from, or the address of the person who acts"
        }
        1011 => "it can't be reassigned; is it resolved?",
        1013 => "a snooze lasts from one second to one week",
        1015 => "nobody is on call there",
        1019 => "it was merged before; nothing was changed",
        1020 => "the account has no such priority",
        _ => return None,
    })
}

fn detail(raw: &[u8]) -> Detail {
    let body: Body = json::read(&json::without_nul(raw)).unwrap_or_default();
    body.error.unwrap_or(Detail { message: body.message, code: None, errors: body.errors })
}

/// The other side's own words, its message and each of its errors.
fn said(detail: &Detail) -> String {
    let mut words: Vec<String> = detail.message.iter().cloned().collect();
    collect(&detail.errors, None, &mut words);
    if words.is_empty() {
        return String::new();
    }
    let all: String = words.join("; ").chars().take(MAX_SAID_CHARS).collect();
    format!(" {OPENS}{all}{CLOSES}")
}

/// `errors` is a list of texts, or on newer endpoints an object by field; both may nest.
fn collect(errors: &Value, field: Option<&str>, words: &mut Vec<String>) {
    match errors {
        Value::String(text) => words.push(field.map_or_else(|| text.clone(), |field| format!("{field}: {text}"))),
        Value::Array(list) => list.iter().for_each(|item| collect(item, field, words)),
        Value::Object(map) => map.iter().for_each(|(field, item)| collect(item, Some(field), words)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, body: &'static str) -> CallError {
        let response = Response { status, headers: http::HeaderMap::new(), body: body.into(), took_ms: 0 };
        let base = Url::parse("https://api.pagerduty.com").unwrap();
        check(Sent { response, write: false, wait_ms: None }, "log_entries/Q1", &base).unwrap_err()
    }

    #[test]
    fn statuses_have_their_kinds() {
        for (status, expected) in [
            (400, Kind::BadRequest),
            (401, Kind::Auth),
            (402, Kind::Forbidden),
            (403, Kind::Forbidden),
            (404, Kind::NotFound),
            (408, Kind::Server),
            (409, Kind::Conflict),
            (413, Kind::BadRequest),
            (422, Kind::BadRequest),
            (429, Kind::Limited),
            (500, Kind::Server),
            (503, Kind::Server),
        ] {
            assert_eq!(refused(status, "").kind, expected, "{status}");
        }
    }

    #[test]
    fn a_refused_token_says_where_to_look() {
        let error = refused(401, r#"{"error":{"message":"Authentication failed","code":2006}}"#);
        assert_eq!((error.code, error.said()), (Some(2006), Some("Authentication failed")));
        assert!(error.text.starts_with("PagerDuty refused the token (401, code 2006)"), "{}", error.text);
        assert!(error.text.contains("check [pagerduty] token"), "{}", error.text);
        assert!(error.text.contains("api_url, which is https://api.pagerduty.com, "), "{}", error.text);
        assert!(error.text.contains("https://api.eu.pagerduty.com"), "{}", error.text);
    }

    #[test]
    fn what_is_not_allowed_is_named_with_what_to_grant() {
        let error = refused(403, r#"{"error":{"message":"Access Denied","code":2010}}"#);
        assert!(error.text.contains("to read log_entries/Q1"), "{}", error.text);
        assert!(error.text.contains("incidents.read"), "{}", error.text);
        assert!(refused(402, "").text.contains("plan lacks what log_entries/Q1 needs"));
    }

    #[test]
    fn an_act_that_can_not_be_says_why() {
        let error = refused(400, r#"{"error":{"message":"Cannot Escalate","code":1006}}"#);
        assert!(error.text.contains("no such level"), "{}", error.text);
    }

    #[test]
    fn errors_may_be_a_list_or_an_object_or_absent_or_nonsense() {
        let list = refused(400, r#"{"error":{"message":"Invalid","code":2001,"errors":["Title is blank"]}}"#);
        assert!(list.text.contains("Invalid; Title is blank"), "{}", list.text);
        let object = refused(400, r#"{"error":{"errors":{"rotation.name":["is long"]}}}"#);
        assert!(object.text.contains("rotation.name: is long"), "{}", object.text);
        let events = refused(400, r#"{"status":"invalid event","message":"Bad event","errors":["no summary"]}"#);
        assert!(events.text.contains("Bad event; no summary"), "{}", events.text);
        for body in ["", "html", "[1]", r#"{"error":"text"}"#, r#"{"errors":7}"#] {
            assert_eq!(refused(400, body).kind, Kind::BadRequest, "{body}");
        }
    }

    #[test]
    fn what_only_a_proxy_answers_is_no_word_of_pagerduty() {
        for (status, body) in [(302, ""), (407, ""), (401, " <html>"), (403, "<!doctype html>"), (404, "<html>")] {
            let error = refused(status, body);
            assert_eq!(error.kind, Kind::InTheWay, "{status} {body}");
            assert!(error.text.contains("https://api.pagerduty.com") && error.text.contains("proxy"), "{}", error.text);
        }
        assert_eq!(refused(502, "<html>").kind, Kind::Server);
        assert_eq!(refused(429, "<html>").kind, Kind::Limited);
    }

    #[test]
    fn missing_users_point_at_the_from_setting() {
        let error = refused(400, r#"{"error":{"message":"Requester User Not Found","code":1008}}"#);
        assert!(error.text.contains("[pagerduty] from"), "{}", error.text);
    }
}
