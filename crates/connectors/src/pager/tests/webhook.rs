//! A page by webhook: the body as the README describes it, its signature, and what the answers mean.

use crate::http::Settings;
use crate::pager::{Page, Person, Webhook, WebhookSetup};
use crate::testing::{NOW, Server, call, reply};
use crate::{CallError, Kind, Secret};
use model::action::Outcome;
use serde_json::json;

pub fn page() -> Page {
    Page {
        id: "page/web01/disk/1".into(),
        title: "web01: ディスク使用率".into(),
        text: "PagerDuty does not answer".into(),
        severity: "critical".into(),
        to: Person { name: "Sato Hanako".into(), email: Some("hanako@example.jp".into()), phone: None },
        level: 1,
        url: Some("https://ops.example.jp/mails/1".into()),
        acknowledge_url: Some("https://ops.example.jp/a/made-up".into()),
        may_be_a_repeat: false,
    }
}

fn setup(server: &Server) -> WebhookSetup {
    WebhookSetup {
        address: Secret::new(format!("{}/in/made-up-key?k=made-up-key", server.url)),
        bearer: Some(Secret::new("made-up-bearer-1")),
        signing_secret: Some(Secret::new("made-up-signing-1")),
        http: Settings::default(),
    }
}

async fn answered(status: u16, body: &'static str) -> Result<(), CallError> {
    let server = Server::always(status, body).await;
    Webhook::new(&setup(&server)).unwrap().page(&call(), &page()).await
}

#[tokio::test]
async fn a_page_goes_out_signed_and_with_its_id() {
    let server = Server::always(204, "").await;
    Webhook::new(&setup(&server)).unwrap().page(&call(), &page()).await.unwrap();
    let heard = &server.heard()[0];
    assert_eq!((heard.path.as_str(), heard.query("k")), ("/in/made-up-key", vec!["made-up-key"]));
    assert_eq!(heard.headers["authorization"], "Bearer made-up-bearer-1");
    assert_eq!(heard.headers["x-arayashiki-id"], "page/web01/disk/1");
    let time = heard.headers["x-arayashiki-timestamp"].to_str().unwrap();
    assert_eq!(time, NOW.second().to_string());
    let signed = [time.as_bytes(), b".", &heard.body].concat();
    let signature = format!("v1={}", hex::encode(model::signature::hmac_sha256(b"made-up-signing-1", &signed)));
    assert_eq!(heard.headers["x-arayashiki-signature"], signature);
    let expected = json!({
        "version": 1, "kind": "page", "sent_at": NOW.rfc3339(), "id": "page/web01/disk/1",
        "title": "web01: ディスク使用率", "text": "PagerDuty does not answer", "severity": "critical",
        "to": { "name": "Sato Hanako", "email": "hanako@example.jp", "phone": null }, "level": 1,
        "url": "https://ops.example.jp/mails/1", "acknowledge_url": "https://ops.example.jp/a/made-up",
        "may_be_a_repeat": false,
    });
    assert_eq!(heard.json(), expected);
}

#[tokio::test]
async fn without_secrets_it_is_plain() {
    let server = Server::always(200, "thanks").await;
    let plain = WebhookSetup { bearer: None, signing_secret: None, ..setup(&server) };
    Webhook::new(&plain).unwrap().page(&call(), &page()).await.unwrap();
    let heard = &server.heard()[0];
    for name in ["authorization", "x-arayashiki-signature", "x-arayashiki-timestamp"] {
        assert!(!heard.headers.contains_key(name), "{name}");
    }
}

#[tokio::test]
async fn any_2xx_is_taken_but_a_sign_in_page() {
    for (status, body) in [(200, "{\"odd"), (201, ""), (202, "ok"), (204, "")] {
        answered(status, body).await.unwrap();
    }
    let error = answered(200, " <!doctype html>").await.unwrap_err();
    assert!(matches!(error.to_outcome(NOW, 0), Outcome::Unknown { .. }));
    let server = Server::start(|_| reply(200, vec![b'x'; 10_000])).await;
    let short = WebhookSetup { http: Settings { max_response_bytes: 100, ..Settings::default() }, ..setup(&server) };
    Webhook::new(&short).unwrap().page(&call(), &page()).await.unwrap();
}

#[tokio::test]
async fn refusals_have_their_kinds_and_show_nothing() {
    for (status, kind) in [
        (400, Kind::BadRequest),
        (401, Kind::Auth),
        (403, Kind::Forbidden),
        (404, Kind::NotFound),
        (409, Kind::Conflict),
        (429, Kind::Limited),
        (500, Kind::Server),
    ] {
        let error = answered(status, "made-up-key made-up-bearer-1 made-up-signing-1").await.unwrap_err();
        assert_eq!((error.kind, error.status), (kind, Some(status)));
        assert!(!format!("{error:?}").contains("made-up"), "{error:?}");
    }
    let error = Webhook::new(&WebhookSetup {
        bearer: Some(Secret::new("made-up\nbearer")),
        ..setup(&Server::always(200, "").await)
    });
    assert!(!format!("{:?}", error.unwrap_err()).contains("made-up"));
}

#[tokio::test]
async fn an_id_that_no_header_carries_is_not_sent() {
    let server = Server::always(200, "").await;
    let odd = Page { id: "a\nb".into(), ..page() };
    let error = Webhook::new(&setup(&server)).unwrap().page(&call(), &odd).await.unwrap_err();
    assert_eq!(error.kind, Kind::BadRequest);
    assert!(server.heard().is_empty());
}
