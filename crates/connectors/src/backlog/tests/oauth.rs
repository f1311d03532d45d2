//! Tokens that run out, are renewed by one caller at a time, and are kept before they are used.

use crate::backlog::{Auth, Client, Keeper, Settings};
use crate::testing::{Heard, NOW, Server, call, reply};
use crate::{Call, Class, Kind, Secret};
use axum::response::Response;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

type Kept = Arc<Mutex<Vec<String>>>;

fn client_with(server: &Server, keeper: Keeper) -> Client {
    let auth = Auth::OAuth {
        client_id: "client-1".into(),
        client_secret: Secret::new("made-up-client-secret"),
        refresh_token: Secret::new("refresh-token-0"),
        keeper,
    };
    let http = crate::http::Settings::default();
    Client::new(&Settings { space: "main".into(), url: server.url.clone(), auth, http }).unwrap()
}

fn client(server: &Server) -> (Client, Kept) {
    let kept = Kept::default();
    let by = kept.clone();
    let keeper = Keeper::new(move |token: Secret| {
        by.lock().unwrap().push(token.expose().to_owned());
        std::future::ready(Ok(()))
    });
    (client_with(server, keeper), kept)
}

fn form(heard: &Heard) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(&heard.body).into_owned().collect()
}

fn is_token(heard: &Heard) -> bool {
    heard.path == "/api/v2/oauth2/token"
}

fn bearer(heard: &Heard) -> &str {
    heard.headers["authorization"].to_str().unwrap().trim_start_matches("Bearer ")
}

/// Grants the n-th token, and the n-th refresh token with it.
fn grant(n: usize) -> Response {
    let body = format!(
        r#"{{"access_token":"access-token-{n}","token_type":"Bearer","expires_in":3600,"refresh_token":"refresh-token-{n}"}}"#
    );
    reply(200, body)
}

fn challenge() -> Response {
    let mut answer = reply(401, "");
    answer.headers_mut().insert("www-authenticate", r#"Bearer error="invalid_token""#.parse().unwrap());
    answer
}

/// Takes the tokens from the n-th on.
async fn space(good_from: usize) -> Server {
    let granted = AtomicUsize::new(0);
    Server::start(move |heard| {
        if is_token(heard) {
            return grant(granted.fetch_add(1, Ordering::SeqCst) + 1);
        }
        let n: usize = bearer(heard).trim_start_matches("access-token-").parse().unwrap();
        if n >= good_from { reply(200, "[]") } else { challenge() }
    })
    .await
}

fn tokens(server: &Server) -> usize {
    server.heard().iter().filter(|heard| is_token(heard)).count()
}

#[tokio::test]
async fn a_token_is_fetched_once_used_until_it_runs_out_and_renewed_with_the_new_refresh_token() {
    let server = space(1).await;
    let (client, kept) = client(&server);
    client.users(&call()).await.unwrap();
    client.users(&Call::new(Class::Live, NOW.plus_s(3_500))).await.unwrap();
    assert_eq!(tokens(&server), 1);
    client.users(&Call::new(Class::Live, NOW.plus_s(3_541))).await.unwrap();
    assert_eq!(tokens(&server), 2, "a minute before its end");
    let heard = server.heard();
    let asked: Vec<_> = heard.iter().filter(|heard| is_token(heard)).map(form).collect();
    assert_eq!(asked[0]["grant_type"], "refresh_token");
    assert_eq!(
        (asked[0]["client_id"].as_str(), asked[0]["client_secret"].as_str()),
        ("client-1", "made-up-client-secret")
    );
    assert_eq!(
        (asked[0]["refresh_token"].as_str(), asked[1]["refresh_token"].as_str()),
        ("refresh-token-0", "refresh-token-1")
    );
    assert_eq!(*kept.lock().unwrap(), ["refresh-token-1", "refresh-token-2"]);
    assert!(heard.iter().all(|heard| heard.query("apiKey").is_empty()));
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_and_the_call_goes_out_again() {
    let server = space(2).await;
    let (client, _) = client(&server);
    client.users(&call()).await.unwrap();
    assert_eq!((server.heard().len(), tokens(&server)), (4, 2));
    let never = space(99).await;
    let (client, _) = super::oauth::client(&never);
    let error = client.users(&call()).await.unwrap_err();
    assert_eq!((error.kind, never.heard().len()), (Kind::Auth, 4), "and no further");
    assert!(error.text.contains("signing in"), "{}", error.text);
}

#[tokio::test]
async fn a_refusal_of_another_sort_renews_nothing() {
    let server = Server::start(|heard| match is_token(heard) {
        true => grant(1),
        false => reply(401, r#"{"errors":[{"message":"Authentication failure.","code":11}]}"#),
    })
    .await;
    let (client, _) = client(&server);
    assert_eq!(client.users(&call()).await.unwrap_err().kind, Kind::Auth);
    assert_eq!(server.heard().len(), 2);
}

#[tokio::test]
async fn many_callers_renew_once() {
    let server = space(2).await;
    let (client, _) = client(&server);
    let calls = (0..8).map(|_| client.users(const { &call() }));
    for answer in futures_util::future::join_all(calls).await {
        answer.unwrap();
    }
    assert_eq!(tokens(&server), 2, "one at the start and one after the refusals");
}

#[tokio::test]
async fn nothing_goes_out_before_the_new_refresh_token_is_kept() {
    let server = space(1).await;
    let fails = Arc::new(AtomicUsize::new(1));
    let keeper = Keeper::new(move |token: Secret| {
        let fails = fails.clone();
        async move {
            match fails.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)) {
                Ok(_) => Err(format!("no room for {}", token.expose())),
                Err(_) => Ok(()),
            }
        }
    });
    let client = client_with(&server, keeper);
    let error = client.users(&call()).await.unwrap_err();
    assert_eq!((error.kind, error.write), (Kind::Refused, false));
    assert!(error.text.contains("no room for [secret]"), "{}", error.text);
    assert_eq!(server.heard().len(), 1, "the token alone was asked for");
    client.users(&call()).await.unwrap();
    assert_eq!(tokens(&server), 1, "kept at the second try, not renewed again");
}

#[tokio::test]
async fn what_the_token_endpoint_refuses_is_told_with_a_remedy() {
    for (status, body, kind, remedy) in [
        (
            400,
            r#"{"error":"invalid_grant","error_description":"refresh-token-0 expired"}"#,
            Kind::Auth,
            "signing in once more",
        ),
        (401, r#"{"error":"invalid_client"}"#, Kind::Auth, "client_secret"),
        (503, "", Kind::Server, "tried again"),
        (200, "{}", Kind::Unreadable, "address right"),
        (200, "<html>", Kind::Unreadable, "address right"),
        (403, "<html>", Kind::InTheWay, "proxy"),
    ] {
        let server = Server::always(status, body).await;
        let (client, _) = client(&server);
        let error = client.add_comment(&call(), "OPS-1", "x", &[]).await.unwrap_err();
        assert_eq!((error.kind, error.write), (kind, false), "{status} {body}: the comment never went out");
        assert!(error.text.contains(remedy), "{}", error.text);
        let shown = format!("{error:?} {client:?}");
        assert!(!shown.contains("refresh-token") && !shown.contains("made-up"), "{shown}");
    }
}

#[tokio::test]
async fn a_token_quoted_by_the_other_side_is_blanked_out() {
    let server = Server::start(|heard| match is_token(heard) {
        true => grant(1),
        false => reply(403, r#"{"errors":[{"message":"access-token-1 may not","code":5}]}"#),
    })
    .await;
    let (client, _) = client(&server);
    let error = client.users(&call()).await.unwrap_err();
    assert!(error.text.contains("[secret] may not"), "{}", error.text);
}
