//! Tokens: fetched once, used until five minutes before their end, renewed once after a refusal; and what goes wrong with them.

use super::{EMAIL, TOKEN, client, granted, is_token, setup};
use crate::google::{Client, Setup};
use crate::testing::{Heard, NOW, Server, call, reply};
use crate::{Call, CallError, Class, Kind};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

fn form(heard: &Heard) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(&heard.body).into_owned().collect()
}

fn tokens(server: &Server) -> usize {
    server.heard().iter().filter(|heard| is_token(heard)).count()
}

/// Takes the tokens from the n-th on.
async fn google(good_from: usize) -> Server {
    let fetched = AtomicUsize::new(0);
    Server::start(move |heard| {
        if is_token(heard) {
            return granted(&format!("token-{}", fetched.fetch_add(1, Ordering::SeqCst) + 1), 3_599);
        }
        let bearer = heard.headers["authorization"].to_str().unwrap();
        let n: usize = bearer.trim_start_matches("Bearer token-").parse().unwrap();
        let refusal = r#"{"error":{"errors":[{"reason":"authError","message":"Invalid Credentials"}],"code":401,"message":"Invalid Credentials"}}"#;
        if n >= good_from { reply(200, "{}") } else { reply(401, refusal) }
    })
    .await
}

#[tokio::test]
async fn a_token_is_asked_for_by_a_signed_statement_and_kept_until_five_minutes_before_its_end() {
    let server = google(1).await;
    let client = client(&server);
    client.calendar(&call(), "team@example.jp").await.unwrap();
    client.calendar(&Call::new(Class::Live, NOW.plus_s(3_298)), "team@example.jp").await.unwrap();
    assert_eq!(tokens(&server), 1);
    client.calendar(&Call::new(Class::Live, NOW.plus_s(3_299)), "team@example.jp").await.unwrap();
    assert_eq!(tokens(&server), 2);
    let first = &server.heard()[0];
    assert_eq!((first.method.as_str(), first.path.as_str()), ("POST", "/token"));
    assert_eq!(first.headers["content-type"], "application/x-www-form-urlencoded");
    assert!(first.body.starts_with(b"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=eyJ"));
    assert_eq!(form(first)["assertion"].split('.').count(), 3);
}

#[tokio::test]
async fn a_token_that_lasts_no_five_minutes_is_used_for_half_of_its_life() {
    let server = Server::start(|heard| if is_token(heard) { granted(TOKEN, 60) } else { reply(200, "{}") }).await;
    let client = client(&server);
    for (after_s, expected) in [(0, 1), (29, 1), (30, 2)] {
        client.calendar(&Call::new(Class::Live, NOW.plus_s(after_s)), "c").await.unwrap();
        assert_eq!(tokens(&server), expected, "{after_s}");
    }
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let server = google(2).await;
    client(&server).calendar(&call(), "c").await.unwrap();
    assert_eq!((server.heard().len(), tokens(&server)), (4, 2));
    let never = google(99).await;
    let error = client(&never).calendar(&call(), "c").await.unwrap_err();
    assert_eq!((error.kind, never.heard().len()), (Kind::Auth, 4), "and no further");
    assert!(error.text.contains(EMAIL), "{}", error.text);
}

#[tokio::test]
async fn many_callers_fetch_one_token() {
    let server = google(2).await;
    let client = client(&server);
    let calls = (0..8).map(|_| client.calendar(const { &call() }, "c"));
    for answer in futures_util::future::join_all(calls).await {
        answer.unwrap();
    }
    assert_eq!(tokens(&server), 2, "one at the start and one after the refusals");
}

async fn refused(status: u16, body: &'static str, date: &'static str) -> CallError {
    let server = Server::start(move |_| {
        let mut answer = reply(status, body);
        answer.headers_mut().insert("date", date.parse().unwrap());
        answer
    })
    .await;
    let setup = Setup { subject: Some("hanako@example.jp".into()), ..setup(&server.url) };
    let client = Client::new(&setup).unwrap();
    let error = client.stop(&call(), "c", "r").await.unwrap_err();
    assert!(!error.write, "the call itself has not gone out");
    let assertion = form(&server.heard()[0])["assertion"].clone();
    assert!(!format!("{error:?} {client:?}").contains(&assertion));
    error
}

/// The test's own NOW, and ten minutes after it.
const ON_TIME: &str = "Thu, 28 May 2026 20:26:40 GMT";
const AHEAD: &str = "Thu, 28 May 2026 20:36:40 GMT";

#[tokio::test]
async fn what_the_token_endpoint_refuses_is_told_with_a_remedy() {
    let skewed = r#"{"error":"invalid_grant","error_description":"Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values"}"#;
    for (status, body, date, remedy) in [
        (400, skewed, AHEAD, "s behind Google's: set it by NTP"),
        (400, skewed, ON_TIME, "this machine's clock is wrong: set it by NTP"),
        (400, r#"{"error":"invalid_grant","error_description":"Invalid JWT Signature."}"#, ON_TIME, "make a new key"),
        (
            400,
            r#"{"error":"invalid_grant","error_description":"Invalid email or User ID"}"#,
            ON_TIME,
            "check the key file and the subject",
        ),
        (
            401,
            r#"{"error":"unauthorized_client","error_description":"Client is unauthorized to retrieve access tokens using this method"}"#,
            ON_TIME,
            "domain-wide delegation",
        ),
        (
            400,
            r#"{"error":"invalid_scope"}"#,
            ON_TIME,
            "must name https://www.googleapis.com/auth/calendar.readonly exactly",
        ),
        (401, r#"{"error":"invalid_client"}"#, ON_TIME, "was it deleted?"),
        (400, r#"{"error":"invalid_grant"}"#, AHEAD, "s behind Google's"),
        (400, "", ON_TIME, "a deleted or disabled key needs a new one"),
        (403, r#"{"error":{"code":403,"message":"denied"}}"#, ON_TIME, "denied"),
    ] {
        let error = refused(status, body, date).await;
        assert_eq!((error.kind, error.status), (Kind::Auth, Some(status)), "{body}");
        assert!(error.text.contains(remedy), "{}", error.text);
    }
}

#[tokio::test]
async fn trouble_of_the_token_endpoint_is_no_word_about_the_key() {
    for (status, body, kind) in [
        (503, "", Kind::Server),
        (429, "{}", Kind::Limited),
        (403, "<html>", Kind::InTheWay),
        (200, "<html>", Kind::Unreadable),
        (200, r#"{"access_token":7}"#, Kind::Unreadable),
    ] {
        assert_eq!(refused(status, body, ON_TIME).await.kind, kind, "{status} {body}");
    }
}
