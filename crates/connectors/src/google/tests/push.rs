//! Pushes: which are Google's, and what they say.

use crate::Secret;
use crate::google::{Push, PushRefused, State, verify_push};
use http::{HeaderMap, HeaderName, HeaderValue};
use model::Micros;

fn headers(changes: &[(&'static str, &str)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    let all = [
        ("x-goog-channel-id", "c-2"),
        ("x-goog-channel-token", "token-2"),
        ("x-goog-channel-expiration", "Tue, 19 Nov 2026 01:13:52 GMT"),
        ("x-goog-resource-id", "r-2"),
        ("x-goog-resource-uri", "https://www.googleapis.com/calendar/v3/calendars/x/events"),
        ("x-goog-resource-state", "exists"),
        ("x-goog-message-number", "10"),
    ];
    for (name, value) in all.iter().chain(changes) {
        map.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    }
    map
}

fn verify(headers: &HeaderMap) -> Result<Push, PushRefused> {
    let (one, two) = (Secret::new("token-1"), Secret::new("token-2"));
    verify_push(headers, &[("c-1", &one), ("c-2", &two)])
}

#[test]
fn a_push_by_one_of_our_channels_is_read() {
    let push = verify(&headers(&[("x-goog-channel-expiration", "Thu, 19 Nov 2026 01:13:52 GMT")])).unwrap();
    let expected = Push {
        channel: "c-2".into(),
        state: State::Exists,
        resource_id: Some("r-2".into()),
        message_number: Some(10),
        expires_at: Micros::parse("2026-11-19T01:13:52Z"),
    };
    assert_eq!(push, expected);
}

#[test]
fn the_first_one_only_says_that_the_channel_is_open() {
    for (text, state) in [
        ("sync", State::Sync),
        ("exists", State::Exists),
        ("not_exists", State::NotExists),
        ("moved", State::Other("moved".into())),
        ("", State::Other(String::new())),
    ] {
        assert_eq!(verify(&headers(&[("x-goog-resource-state", text)])).unwrap().state, state);
    }
}

#[test]
fn anything_else_is_refused() {
    for changes in [
        [("x-goog-channel-token", "token-1")],
        [("x-goog-channel-token", "token-2x")],
        [("x-goog-channel-token", "token-")],
        [("x-goog-channel-token", "")],
        [("x-goog-channel-id", "c-1")],
        [("x-goog-channel-id", "c-3")],
    ] {
        assert_eq!(verify(&headers(&changes)), Err(PushRefused::NotOurs), "{changes:?}");
    }
    let mut bare = headers(&[]);
    bare.remove("x-goog-channel-token");
    assert_eq!(verify(&bare), Err(PushRefused::NotOurs));
    assert_eq!(verify(&HeaderMap::new()), Err(PushRefused::NoChannel));
    assert_eq!(verify_push(&headers(&[]), &[]), Err(PushRefused::NotOurs));
}

#[test]
fn a_channel_without_a_token_believes_nobody() {
    let none = Secret::new("");
    let headers = headers(&[("x-goog-channel-token", "")]);
    assert_eq!(verify_push(&headers, &[("c-2", &none)]), Err(PushRefused::NotOurs));
}

#[test]
fn headers_that_can_not_be_read_lose_only_themselves() {
    let mut odd = headers(&[("x-goog-message-number", "many"), ("x-goog-channel-expiration", "soon")]);
    odd.insert("x-goog-resource-id", HeaderValue::from_bytes(b"\xff").unwrap());
    let push = verify(&odd).unwrap();
    assert_eq!((push.message_number, push.expires_at, push.resource_id), (None, None, None));
}
