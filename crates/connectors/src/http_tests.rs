//! The guards of the one client: where it may go, how much it reads, how its failures are told apart.

use super::*;
use crate::testing::{Mute, Server, nobody, reply};
use axum::response::IntoResponse;

fn get<'a>(path: &'a [&'a str]) -> Request<'a> {
    Request { method: Method::GET, path, query: &[], headers: HeaderMap::new(), body: None }
}

fn client(base: &str, settings: Settings) -> Http {
    Http::new(base, settings).unwrap()
}

/// Only for a server that never answers.
const HASTY: Settings = Settings { connect_timeout_ms: 5_000, call_timeout_ms: 100, max_response_bytes: 1_000 };
const SMALL: Settings = Settings { call_timeout_ms: 20_000, ..HASTY };

#[test]
fn plain_http_is_for_this_machine_and_private_addresses_by_number() {
    for base in
        ["https://api.pagerduty.com", "http://localhost:9", "http://127.0.0.1:9", "http://10.1.2.3/x", "http://[::1]:9"]
    {
        assert!(Http::new(base, Settings::default()).is_ok(), "{base}");
    }
    for base in ["http://api.pagerduty.com", "http://203.0.114.9", "http://intranet", "http://8.8.8.8"] {
        assert!(matches!(Http::new(base, Settings::default()), Err(SetupError::NotTls { .. })), "{base}");
    }
    for base in ["ftp://x", "api.pagerduty.com", "", "https://"] {
        assert!(matches!(Http::new(base, Settings::default()), Err(SetupError::NotAUrl { .. })), "{base}");
    }
    let extras = Http::new("https://user:hunter2@api.pagerduty.com", Settings::default()).unwrap_err();
    assert!(!format!("{extras} {extras:?}").contains("hunter2"));
}

#[tokio::test]
async fn a_secret_address_is_sent_as_it_stands_and_never_shown() {
    let server = Server::always(200, "ok").await;
    let address = Secret::new(format!("{}/hook/a%2Fb/made-up-secret/?key=made-up-secret&x=1", server.url));
    let http = Http::to_address(&address, Settings::default()).unwrap();
    http.send(Request { method: Method::POST, body: Some(b"{}".to_vec()), ..get(&[]) }).await.unwrap();
    let heard = &server.heard()[0];
    assert_eq!(heard.path, "/hook/a%2Fb/made-up-secret/");
    assert_eq!((heard.query("key"), heard.query("x")), (vec!["made-up-secret"], vec!["1"]));
    assert_eq!(heard.headers["content-type"], "application/json");
    assert!(!format!("{http:?}").contains("made-up-secret"));
    for odd in [
        "https://u:made-up-secret@x.example",
        "http://x.example/made-up-secret",
        "made-up-secret",
        "ftp://made-up-secret",
    ] {
        let error = Http::to_address(&Secret::new(odd), Settings::default()).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("made-up-secret"), "{odd}");
    }
}

#[tokio::test]
async fn a_body_of_another_type_says_so_once() {
    let server = Server::always(200, "").await;
    let http = client(&server.url, Settings::default());
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("text/plain"))]);
    let request = Request { method: Method::POST, headers, body: Some(b"x".to_vec()), ..get(&[]) };
    http.send(request).await.unwrap();
    let heard = &server.heard()[0];
    assert_eq!(heard.headers.get_all("content-type").iter().collect::<Vec<_>>(), ["text/plain"]);
}

#[test]
fn private_reserved_and_smuggled_addresses_are_not_public() {
    for text in [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "198.18.0.1",
        "192.0.0.8",
        "::1",
        "::",
        "fc00::1",
        "fe80::1",
        "ff02::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:7f00:1::1",
        "2001:db8::1",
    ] {
        assert!(!is_public(text.parse().unwrap()), "{text}");
    }
    for text in ["8.8.8.8", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"] {
        assert!(is_public(text.parse().unwrap()), "{text}");
    }
}

#[tokio::test]
async fn a_name_that_leads_home_is_refused_unless_the_base_says_so() {
    let name: Name = "localhost".parse().unwrap();
    let refused = Resolver { allow_private: false }.resolve(name).await.err().unwrap();
    assert!(refused.downcast_ref::<PrivateAddress>().is_some(), "{refused}");
    let name: Name = "localhost".parse().unwrap();
    assert!(Resolver { allow_private: true }.resolve(name).await.is_ok());
}

#[tokio::test]
async fn the_guards_refusal_is_told_apart_from_a_missing_connection() {
    let mut http = client("https://localhost:9", Settings::default());
    http.client = reqwest::Client::builder().dns_resolver(Resolver { allow_private: false }).build().unwrap();
    let error = http.send(get(&["x"])).await.unwrap_err();
    assert_eq!(error.kind, Kind::Refused);
    assert!(error.text.contains("private"), "{}", error.text);
}

#[tokio::test]
async fn segments_and_values_are_escaped_and_the_version_is_told() {
    let server = Server::always(200, "{}").await;
    let http = client(&format!("{}/base/", server.url), Settings::default());
    let query = [("a[]", "b&c=d".to_owned())];
    let request = Request { query: &query, ..get(&["x/../y", "z"]) };
    http.send(request).await.unwrap();
    let heard = &server.heard()[0];
    assert_eq!(heard.path, "/base/x%2F..%2Fy/z");
    assert_eq!(heard.query("a[]"), ["b&c=d"]);
    assert_eq!(heard.headers["user-agent"], USER_AGENT);
}

#[tokio::test]
async fn reading_stops_at_the_cap() {
    let server = Server::start(|_| reply(200, vec![b' '; 1_001])).await;
    let error = client(&server.url, SMALL).send(get(&[])).await.unwrap_err();
    assert_eq!((error.kind, error.status), (Kind::TooLarge, Some(200)));
}

#[tokio::test]
async fn redirects_are_told_and_never_followed() {
    let server = Server::start(|_| (http::StatusCode::FOUND, [("location", "/elsewhere")]).into_response()).await;
    let error = client(&server.url, Settings::default()).send(get(&["start"])).await.unwrap_err();
    assert_eq!((error.kind, error.status), (Kind::InTheWay, Some(302)));
    assert_eq!(server.heard().len(), 1);
}

#[tokio::test]
async fn silence_after_sending_is_unknown_and_no_listener_is_no_connection() {
    let mute = Mute::start().await;
    let error = client(&mute.url, HASTY).send(get(&[])).await.unwrap_err();
    assert_eq!((error.kind, error.write), (Kind::Unknown, false));
    let error = client(&nobody().await, Settings::default()).send(get(&[])).await.unwrap_err();
    assert_eq!(error.kind, Kind::NoConnection);
    let missing = client("https://no-such-host.invalid", Settings::default()).send(get(&[])).await.unwrap_err();
    assert_eq!(missing.kind, Kind::NoConnection, "{}", missing.text);
}

#[tokio::test]
async fn no_connection_says_what_failed_and_what_to_do() {
    let refused = client(&nobody().await, Settings::default()).send(get(&[])).await.unwrap_err();
    assert!(refused.text.contains("127.0.0.1") && refused.text.contains("refused it"), "{}", refused.text);
    let unknown = client("https://no-such-host.invalid", Settings::default()).send(get(&[])).await.unwrap_err();
    assert!(unknown.text.contains("no-such-host.invalid") && unknown.text.contains("DNS"), "{}", unknown.text);
    let plain = Server::always(200, "{}").await;
    let base = plain.url.replace("http://", "https://");
    let not_tls = client(&base, Settings::default()).send(get(&[])).await.unwrap_err();
    assert_eq!(not_tls.kind, Kind::NoConnection);
    assert!(not_tls.text.contains("TLS failed"), "{}", not_tls.text);
}
