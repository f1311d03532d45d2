//! Why PagerDuty could not be asked: from a connector's error to a failed line with its cause and remedy. Whatever stands in
//! between (a proxy, a sign-in page, a wrong address) is told apart from what PagerDuty says of the key.

use super::super::line::{Line, State};
use super::{LOOK_OUT, ONCE_MORE};
use connectors::pagerduty::Missing;
use connectors::{CallError, Kind};

const REACHED: &str = "reached";
const DIRECTLY: &str =
    "let this machine reach that address directly: a proxy is never used; or correct [pagerduty] api_url";

/// Only PagerDuty's own "not allowed" speaks of the key alone, and the rest can be asked all the same.
pub fn is_in_the_way(error: &CallError) -> bool {
    error.kind != Kind::Forbidden || (error.status == Some(403) && !is_its_own(error.code, &error.text))
}

/// The very first question failed: what that says of the way, of the limit, or of the key.
pub fn first(error: &CallError, url: &str) -> Line {
    let what = match (error.kind, error.status) {
        (_, Some(429)) | (Kind::Limited, _) => "rate limit",
        (_, Some(401 | 500..)) => "identity",
        _ => REACHED,
    };
    line(what, error, url)
}

pub fn line(what: &'static str, error: &CallError, url: &str) -> Line {
    match (error.kind, error.status) {
        (_, Some(status @ 300..400)) => Line::fail(
            what,
            format!(
                "{url} answered with a redirect ({status}), so something in between answers, or the address is wrong"
            ),
            format!("a proxy or a sign-in page may stand there. {DIRECTLY}"),
        ),
        (_, Some(407)) => Line::fail(what, format!("a proxy on the way to {url} wants a sign-in (407)"), DIRECTLY),
        (Kind::Limited, _) | (_, Some(429)) => limited(what, error),
        (_, Some(403)) if !is_its_own(error.code, &error.text) => foreign(what, url),
        (_, Some(404 | 410)) => Line::fail(
            what,
            format!("{url} answers, and knows nothing of PagerDuty's paths ({})", error.text),
            "correct [pagerduty] api_url: https://api.pagerduty.com, or https://api.eu.pagerduty.com in the EU region",
        ),
        (Kind::Unreadable, _) | (Kind::InTheWay, None) => Line::fail(
            what,
            format!("{url} answered with what is no JSON of PagerDuty's ({})", error.text),
            format!("a proxy or a sign-in page may stand there. {DIRECTLY}"),
        ),
        (_, Some(_)) => Line::told(what, State::Fail, &error.text).or_do(ONCE_MORE),
        (_, None) => Line::told(what, State::Fail, &error.text).or_do(LOOK_OUT),
    }
}

/// A list that could not be read; for `is_needed` ones nothing is mirrored.
pub fn missing(missing: &Missing, is_needed: bool, url: &str) -> Line {
    if missing.status == 403 && !is_its_own(None, &missing.text) {
        return foreign("missing", &format!("{url}/{}", missing.what));
    }
    let state = if is_needed { State::Fail } else { State::Warn };
    Line::told("missing", state, &format!("{}: {}", missing.what, missing.text))
}

fn limited(what: &'static str, error: &CallError) -> Line {
    let free = match error.retry_after_ms {
        Some(ms) => format!("it is free again in {} s", ms.div_ceil(1_000).max(1)),
        None => "it is free again within a minute".to_owned(),
    };
    Line::fail(
        what,
        format!("PagerDuty's limit of calls for this key is used up (429), so nothing could be asked; {free}"),
        "run this again then. Something else uses the same key: make one for Arayashiki alone",
    )
}

/// A page of somebody else's. PagerDuty refuses in JSON.
fn foreign(what: &'static str, url: &str) -> Line {
    Line::fail(
        what,
        format!("{url} answered 403 with a page that is not PagerDuty's: this says nothing of the key"),
        format!("a proxy or a firewall refuses the way. {DIRECTLY}"),
    )
}

/// PagerDuty's errors have a code or words, and the connector quotes them.
fn is_its_own(code: Option<i64>, text: &str) -> bool {
    code.is_some() || text.contains(", code ") || text.contains('\u{201c}')
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://api.pagerduty.com";

    /// Kinds may be judged more finely by the connector; the line stays what it is.
    #[test]
    fn whatever_is_in_the_way_fails_and_names_its_cause_whichever_kind_it_has() {
        for (status, kinds, what, word) in [
            (Some(302), [Kind::BadRequest, Kind::NoConnection], "reached", "redirect (302)"),
            (Some(407), [Kind::BadRequest, Kind::NoConnection], "reached", "proxy on the way"),
            (Some(403), [Kind::Forbidden, Kind::Unreadable], "reached", "not PagerDuty's"),
            (Some(429), [Kind::Limited, Kind::Limited], "rate limit", "used up"),
            (Some(200), [Kind::Unreadable, Kind::Unreadable], "reached", "no JSON"),
            (None, [Kind::Unreadable, Kind::Unreadable], "reached", "no JSON"),
            (Some(503), [Kind::Server, Kind::Server], "identity", "why"),
            (Some(401), [Kind::Auth, Kind::Auth], "identity", "why"),
            (Some(404), [Kind::NotFound, Kind::NotFound], "reached", "api.pagerduty.com"),
            (None, [Kind::NoConnection, Kind::Unknown], "reached", "why"),
        ] {
            for kind in kinds {
                let error = CallError { status, ..CallError::new(kind, false, "why") };
                let line = first(&error, URL);
                assert!(is_in_the_way(&error), "{error:?}");
                assert_eq!((line.state, line.what), (State::Fail, what), "{line:?}");
                assert!(line.text.contains(word) && line.remedy.is_some(), "{line:?}");
            }
        }
    }

    #[test]
    fn a_limit_says_when_it_is_free() {
        let mut error = CallError::new(Kind::Limited, false, "why").with_status(429);
        assert!(first(&error, URL).text.contains("within a minute"));
        error.retry_after_ms = Some(41_500);
        assert!(first(&error, URL).text.contains("in 42 s"));
    }

    #[test]
    fn only_pagerdutys_own_words_make_a_missing_scope() {
        let told = |text: &str| missing(&Missing { what: "teams".into(), status: 403, text: text.into() }, false, URL);
        let own = told("PagerDuty does not allow this (403, code 2010) \u{201c}Access Denied\u{201d}: grant it");
        assert_eq!((own.state, own.remedy.as_deref()), (State::Warn, Some("grant it")));
        let page = told("PagerDuty does not allow this (403): grant it");
        assert!(page.state == State::Fail && page.text.starts_with("https://api.pagerduty.com/teams answered 403"));
        let error = CallError { code: Some(2010), ..CallError::new(Kind::Forbidden, false, "").with_status(403) };
        assert!(!is_in_the_way(&error));
    }
}
