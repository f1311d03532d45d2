//! What a token may is found out without changing anything.

use super::client;
use crate::pagerduty::{Client, Identity};
use crate::testing::{Heard, Server, call, reply};
use crate::{Kind, Secret};
use axum::response::Response;

/// An account's key; `write` answers the probe, `lists` every list but those named in it.
fn account(heard: &Heard, write: u16, refused: &[(&str, u16)]) -> Response {
    let path = heard.path.trim_start_matches('/');
    if let Some((_, status)) = refused.iter().find(|(list, _)| *list == path) {
        return reply(*status, r#"{"error":{"message":"Access Denied","code":2010}}"#);
    }
    match (heard.method.as_str(), path) {
        ("POST", _) => reply(write, ""),
        (_, "users/me") => reply(400, ""),
        (_, "abilities") => reply(200, r#"{"abilities":["teams"]}"#),
        (_, "users") => reply(200, r#"{"users":[{"id":"U1","email":"first@northwind.example"}]}"#),
        _ => reply(200, "{}"),
    }
}

async fn account_server(write: u16, refused: &'static [(&'static str, u16)]) -> Server {
    Server::start(move |heard| account(heard, write, refused)).await
}

#[tokio::test]
async fn a_full_key_misses_nothing_and_may_write() {
    let server = account_server(404, &[]).await;
    let client = client(&server);
    let level = client.token(&call()).await.unwrap();
    let scopes = client.scopes(&call(), 0, usize::MAX).await.unwrap();
    assert_eq!((scopes.missing.len(), scopes.asked.len(), level.can_write), (0, 11, Some(true)));
    assert_eq!(level.identity, Identity::Account { abilities: vec!["teams".into()] });
    let heard = server.heard();
    let writes: Vec<&Heard> = heard.iter().filter(|heard| heard.method != "GET").collect();
    assert_eq!(writes.len(), 1);
    assert_eq!(
        (writes[0].path.as_str(), &writes[0].headers["from"]),
        ("/incidents/PARAYASHIKI0/snooze", &http::HeaderValue::from_static("bot@northwind.example"))
    );
    assert_eq!(heard.iter().filter(|heard| heard.query("limit") == ["1"]).count(), 11);
}

#[tokio::test]
async fn missing_scopes_are_named_with_what_is_lost_and_what_to_grant() {
    let refused = &[("schedules", 403), ("priorities", 402), ("oncalls", 404), ("teams", 401), ("services", 400)];
    let server = account_server(403, refused).await;
    let client = client(&server);
    let (mut missing, mut from) = (Vec::new(), Some(0));
    while let Some(at) = from {
        let scopes = client.scopes(&call(), at, 4).await.unwrap();
        missing.extend(scopes.missing);
        from = scopes.next;
    }
    let named: Vec<_> = missing.iter().map(|missing| (missing.what.as_str(), missing.status)).collect();
    assert_eq!(named, [("teams", 401), ("schedules", 403), ("priorities", 402)]);
    assert!(missing[1].text.contains("schedules.read"), "{}", missing[1].text);
    assert!(missing[1].text.contains("schedules can't be shown"), "{}", missing[1].text);
    assert!(missing[2].text.contains("plan lacks"), "{}", missing[2].text);
    assert_eq!(client.token(&call()).await.unwrap().can_write, Some(false));
}

#[tokio::test]
async fn whether_it_can_write_is_said_only_when_it_is_known() {
    for (status, expected) in
        [(401, Some(false)), (403, Some(false)), (404, Some(true)), (400, Some(true)), (402, None), (200, None)]
    {
        let server = account_server(status, &[]).await;
        assert_eq!(client(&server).token(&call()).await.unwrap().can_write, expected, "{status}");
    }
}

#[tokio::test]
async fn the_probe_goes_out_in_the_name_of_the_key_s_own_user_or_else_of_any() {
    let server = account_server(404, &[]).await;
    let nameless = super::Setup { from: None, ..super::setup(&server) };
    Client::new(&nameless).unwrap().token(&call()).await.unwrap();
    let heard = server.heard();
    assert_eq!(heard.iter().find(|h| h.method == "POST").unwrap().headers["from"], "first@northwind.example");
    // Without anybody's name a 400 tells nothing.
    let nobody = account_server(400, &[("users", 403)]).await;
    let nameless = super::Setup { from: None, ..super::setup(&nobody) };
    assert_eq!(Client::new(&nameless).unwrap().token(&call()).await.unwrap().can_write, None);

    let person = Server::start(|heard| match heard.path.as_str() {
        "/users/me" => reply(200, r#"{"user":{"id":"U7","name":"森","email":"mori@northwind.example"}}"#),
        _ => account(heard, 404, &[]),
    })
    .await;
    let level = client(&person).token(&call()).await.unwrap();
    assert!(matches!(level.identity, Identity::User(user) if user.reference.id == "U7"));
    let heard = person.heard();
    assert_eq!(heard.iter().find(|h| h.method == "POST").unwrap().headers["from"], "mori@northwind.example");
}

#[tokio::test]
async fn a_wrong_key_and_their_trouble_are_told_as_such() {
    let wrong = account_server(404, &[("users/me", 401)]).await;
    let error = client(&wrong).token(&call()).await.unwrap_err();
    assert_eq!(error.kind, Kind::Auth);
    assert!(error.text.contains("a key of the other region") && error.text.contains(&wrong.url), "{}", error.text);
    let troubled = account_server(404, &[("services", 503)]).await;
    let error = client(&troubled).scopes(&call(), 0, usize::MAX).await.unwrap_err();
    assert_eq!((error.kind, error.write), (Kind::Server, false));
    let troubled = account_server(500, &[]).await;
    let error = client(&troubled).token(&call()).await.unwrap_err();
    assert_eq!((error.kind, error.write), (Kind::Server, false), "the probe can't have changed anything");
    // An app's token may know neither its user nor the abilities.
    let app = account_server(404, &[("users/me", 403), ("abilities", 403)]).await;
    let level = client(&app).token(&call()).await.unwrap();
    assert_eq!(level.identity, Identity::Account { abilities: vec![] });
}

#[test]
fn nothing_of_a_key_is_in_what_a_client_shows() {
    let client = Client::new(&super::Setup::new("https://api.pagerduty.com", Secret::new("u+made-up-0001"))).unwrap();
    assert!(!format!("{client:?}").contains("made-up"));
}
