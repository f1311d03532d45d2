//! What Backlog says of its limits, and what we make of it.

use super::{client, rows};
use crate::backlog::{ListTickets, Rate};
use crate::testing::{NOW, Server, call, reply};
use crate::{Kind, Limiter};
use axum::response::Response;

/// Backlog's clock is an hour behind ours.
const DATE: &str = "Thu, 28 May 2026 19:26:40 GMT";
const THEIRS_S: i64 = NOW.second() - 3_600;

fn limited(status: u16, body: &'static str, remaining: u32, reset_s: i64) -> Response {
    let mut answer = reply(status, body);
    let headers = answer.headers_mut();
    headers.insert("date", DATE.parse().unwrap());
    headers.insert("x-ratelimit-limit", 30.into());
    headers.insert("x-ratelimit-remaining", remaining.into());
    headers.insert("x-ratelimit-reset", (THEIRS_S + reset_s).into());
    answer
}

fn left(client: &crate::backlog::Client) -> Vec<(u32, u32)> {
    let shown = |(_, limiter): (&'static str, &Limiter)| limiter.snapshot(NOW);
    client.limiters().map(shown).map(|s| (s.limit, s.remaining)).to_vec()
}

#[test]
fn the_clock_of_the_test_is_what_it_says() {
    let parsed = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(DATE).unwrap();
    assert_eq!(parsed.as_second(), THEIRS_S);
}

#[tokio::test]
async fn each_kind_of_call_learns_from_its_own_answers_by_their_clock() {
    let server = Server::start(|heard| {
        let body = if heard.path.ends_with("users") { "[]" } else { r#"{"id":1}"# };
        limited(200, body, 7, 40)
    })
    .await;
    let client = client(&server);
    client.users(&call()).await.unwrap();
    assert_eq!(left(&client), [(30, 7), (150, 150), (150, 150)]);
    assert_eq!(client.limiters()[0].1.snapshot(NOW).reset_at.unwrap().second(), NOW.second() + 40);
    client.add_comment(&call(), "OPS-1", "x", &[]).await.unwrap();
    assert_eq!(left(&client), [(30, 7), (30, 7), (150, 150)]);
}

#[tokio::test]
async fn after_a_refusal_nothing_goes_out_until_the_reset() {
    let body = r#"{"errors":[{"message":"Too many requests.","code":13,"moreInfo":""}]}"#;
    let server = Server::start(move |_| limited(429, body, 0, 25)).await;
    let client = client(&server);
    let error = client.users(&call()).await.unwrap_err();
    assert_eq!((error.kind, error.code), (Kind::Limited, Some(13)));
    assert_eq!(error.retry_after_ms.map(|ms| ms.div_ceil(1_000)), Some(25));
    let waits = client.users(&call()).await.unwrap_err();
    assert_eq!((waits.kind, waits.status), (Kind::Limited, None));
    assert_eq!(server.heard().len(), 1);
    let other = client.list_tickets(&call(), &ListTickets::default()).await.unwrap_err();
    assert_eq!((other.kind, server.heard().len()), (Kind::Limited, 2), "searching is counted apart");
}

#[tokio::test]
async fn a_refusal_without_an_end_is_a_minute_of_quiet() {
    let server = Server::always(400, r#"{"errors":[{"message":"Too many requests.","code":13}]}"#).await;
    let error = client(&server).users(&call()).await.unwrap_err();
    assert_eq!((error.kind, error.retry_after_ms.map(|ms| ms.div_ceil(1_000))), (Kind::Limited, Some(60)));
}

#[tokio::test]
async fn what_is_left_can_be_asked_for() {
    let answer = r#"{"rateLimit":{"read":{"limit":600,"remaining":599,"reset":1780000030},"update":{"limit":20,"remaining":3,"reset":1780000030},"search":null}}"#;
    let server = Server::always(200, answer).await;
    let client = client(&server);
    let rates = client.rate_limits(&call()).await.unwrap();
    assert_eq!(rates.update, Some(Rate { limit: 20, remaining: 3, reset_at: NOW.plus_s(30) }));
    assert_eq!((rates.search, rates.icon), (None, None));
    assert_eq!(left(&client)[1], (20, 3));
}

#[tokio::test]
async fn lists_of_tickets_are_searches() {
    let server = Server::start(|_| reply(200, rows(1, 1, 0, |_| serde_json::Value::Null))).await;
    let client = client(&server);
    client.list_tickets(&call(), &ListTickets::default()).await.unwrap();
    assert_eq!(client.limiters().map(|(_, limiter)| limiter.passed(crate::Class::Live)), [0, 0, 1]);
}
