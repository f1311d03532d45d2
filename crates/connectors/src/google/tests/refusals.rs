//! Google's reasons, and what we tell people of them.

use super::{EMAIL, TOKEN, always, asked, client, server};
use crate::testing::{NOW, call, reply};
use crate::{Call, CallError, Class, Kind};

async fn refused(status: u16, reason: &'static str) -> CallError {
    let body = format!(
        r#"{{"error":{{"errors":[{{"domain":"global","reason":"{reason}","message":"Said so."}}],"code":{status},"message":"Said so."}}}}"#
    );
    let server = server(move |_| reply(status, body.clone())).await;
    client(&server).calendar(&call(), "team@example.jp").await.unwrap_err()
}

#[tokio::test]
async fn reasons_have_their_kinds_and_their_remedies() {
    for (status, reason, kind, remedy) in [
        (400, "invalid", Kind::BadRequest, "own words"),
        (401, "authError", Kind::Auth, "still enabled"),
        (403, "userRateLimitExceeded", Kind::Limited, "when the limit allows"),
        (403, "rateLimitExceeded", Kind::Limited, "when the limit allows"),
        (403, "quotaExceeded", Kind::Limited, "higher quota"),
        (403, "forbidden", Kind::Forbidden, "share the calendar with cal-reader@"),
        (403, "insufficientPermissions", Kind::Forbidden, "delegation"),
        (403, "accessNotConfigured", Kind::Forbidden, "switch the Google Calendar API on"),
        (404, "notFound", Kind::NotFound, "absent, or not shared with cal-reader@"),
        (409, "duplicate", Kind::Conflict, "exists already"),
        (410, "deleted", Kind::NotFound, "absent"),
        (412, "conditionNotMet", Kind::Conflict, "looked at again"),
        (429, "rateLimitExceeded", Kind::Limited, "when the limit allows"),
        (500, "backendError", Kind::Server, "tried again"),
        (503, "backendError", Kind::Server, "tried again"),
    ] {
        let error = refused(status, reason).await;
        assert_eq!((error.kind, error.status), (kind, Some(status)), "{reason}");
        assert!(error.text.contains(&format!("({status}, {reason}) \u{201c}Said so.\u{201d}")), "{}", error.text);
        assert!(error.text.contains(remedy), "{}", error.text);
    }
}

#[tokio::test]
async fn newer_and_broken_forms_are_understood() {
    let newer = r#"{"error":{"code":403,"message":"m","status":"PERMISSION_DENIED","details":[{"@type":"x","reason":"SERVICE_DISABLED"}]}}"#;
    let error = client(&always(403, newer).await).calendar(&call(), "c").await.unwrap_err();
    assert!(error.text.contains("switch the Google Calendar API on"), "{}", error.text);
    for body in ["", "{}", "[1]", r#"{"error":"text"}"#, r#"{"error":{"errors":{}}}"#] {
        let error = client(&always(403, body).await).calendar(&call(), "c").await.unwrap_err();
        assert!(error.kind == Kind::Forbidden && error.text.contains(EMAIL), "{body}: {}", error.text);
    }
    let page = client(&always(403, "<html>").await).calendar(&call(), "c").await.unwrap_err();
    assert_eq!(page.kind, Kind::InTheWay);
}

#[tokio::test]
async fn a_limit_told_as_a_403_stops_what_follows_for_longer_each_time() {
    let body = r#"{"error":{"errors":[{"domain":"usageLimits","reason":"userRateLimitExceeded"}],"code":403}}"#;
    let server = always(403, body).await;
    let client = client(&server);
    let mut at = NOW;
    for wait_s in [5, 10, 20] {
        let error = client.calendar(&Call::new(Class::Live, at), "c").await.unwrap_err();
        assert_eq!(error.retry_after_ms.map(|ms| ms.div_ceil(1_000)), Some(wait_s));
        let calls = asked(&server).len();
        let waits = client.calendar(&Call::new(Class::Live, at.plus_s(1)), "c").await.unwrap_err();
        assert_eq!((waits.kind, waits.status, asked(&server).len()), (Kind::Limited, None, calls), "nothing was sent");
        at = at.plus_s(i64::try_from(wait_s).unwrap() + 1);
    }
}

#[tokio::test]
async fn a_used_up_quota_waits_a_quarter_of_an_hour() {
    let error = refused(403, "quotaExceeded").await;
    assert_eq!(error.retry_after_ms.map(|ms| ms.div_ceil(1_000)), Some(900));
}

#[tokio::test]
async fn a_quoted_token_is_blanked_out() {
    let server = server(|heard| {
        let bearer = heard.headers["authorization"].to_str().unwrap().to_owned();
        reply(403, format!(r#"{{"error":{{"code":403,"message":"{bearer} may not"}}}}"#))
    })
    .await;
    let client = client(&server);
    let error = client.calendar(&call(), "c").await.unwrap_err();
    assert!(error.text.contains("Bearer [secret] may not"), "{}", error.text);
    assert!(!format!("{error:?} {client:?}").contains(TOKEN));
}
