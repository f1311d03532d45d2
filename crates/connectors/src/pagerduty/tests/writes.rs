//! What we write: the requests as they go out, and what their answers mean.

use super::{ROUTING_KEY, client, events};
use crate::Kind;
use crate::pagerduty::{Client, Extras, Filter, Image, Link, NewIncident, NewSubscription, Refusal, Severity, Trigger};
use crate::testing::{NOW, Server, call, nobody};
use model::incident::{Status, Urgency};
use serde_json::{Value, json};

pub(super) fn trigger() -> Trigger {
    Trigger {
        dedup_key: "arayashiki/mail/42".into(),
        summary: "監視が止まった".into(),
        source: "arayashiki".into(),
        severity: Severity::Critical,
        details: json!({ "host": "db07" }),
        links: vec![Link { href: "https://arayashiki.example.net/incidents/1".into(), text: "見る".into() }],
    }
}

pub(super) fn extras() -> Extras {
    Extras {
        client: Some("Arayashiki".into()),
        client_url: Some("https://ops.example.jp/".into()),
        images: vec![
            Image {
                src: "https://ops.example.jp/g.png".into(),
                href: Some("https://ops.example.jp/".into()),
                alt: Some("図".into()),
            },
            Image { src: "http://ops.example.jp/g.png".into(), href: None, alt: None },
        ],
        happened_at: Some(NOW),
        component: Some("disk".into()),
        group: Some(String::new()),
        class: None,
    }
}

pub(super) fn new_incident() -> NewIncident {
    NewIncident {
        title: "ログ収集が止まった".into(),
        service: "PSVCA01".into(),
        key: "arayashiki/7".into(),
        urgency: Some(Urgency::Low),
        details: Some("昨夜から".into()),
    }
}

pub(super) fn new_subscription() -> NewSubscription {
    NewSubscription {
        url: "https://hooks.example.net/pd".into(),
        description: "Arayashiki".into(),
        events: vec!["incident.triggered".into()],
        filter: Filter::Account,
    }
}

const ACCEPTED: &str = r#"{"status":"success","message":"taken","dedup_key":"arayashiki/mail/42"}"#;

#[tokio::test]
async fn an_incident_is_opened_and_found_again_by_its_key_even_when_resolved() {
    let server = Server::start(|heard| {
        let incident = json!({ "id": "Q7", "status": "resolved", "title": "t" });
        let body =
            if heard.method == "POST" { json!({ "incident": incident }) } else { json!({ "incidents": [incident] }) };
        crate::testing::reply(if heard.method == "POST" { 201 } else { 200 }, body.to_string())
    })
    .await;
    let client = client(&server);
    assert_eq!(client.create_incident(&call(), None, &new_incident()).await.unwrap().id, "Q7");
    let found = client.find_incidents_by_key(&call(), "arayashiki/7", Some("PSVCA01")).await.unwrap();
    assert_eq!(found[0].status, Status::Resolved);
    let heard = server.heard();
    let sent = &heard[0].json()["incident"];
    assert_eq!((&sent["incident_key"], &sent["urgency"]), (&json!("arayashiki/7"), &json!("low")));
    assert_eq!(sent["service"], json!({ "id": "PSVCA01", "type": "service_reference" }));
    assert_eq!(heard[1].query("date_range"), ["all"]);
    assert_eq!(heard[1].query("incident_key"), ["arayashiki/7"]);
    assert!(heard[1].query("statuses[]").is_empty(), "resolved ones are wanted too");
}

#[tokio::test]
async fn a_created_subscription_gives_its_secret_once_and_never_shows_it() {
    let server =
        Server::always(201, r#"{"webhook_subscription":{"id":"W1","delivery_method":{"secret":"whsec-made-up-1"}}}"#)
            .await;
    let client = client(&server);
    let made = client.create_webhook_subscription(&call(), &new_subscription()).await.unwrap();
    assert_eq!(made.secret.as_ref().unwrap().expose(), "whsec-made-up-1");
    assert!(!format!("{made:?}").contains("whsec"));
    client.enable_webhook_subscription(&call(), "W1").await.unwrap();
    client.ping_webhook_subscription(&call(), "W1").await.unwrap();
    let paths: Vec<String> = server.heard().into_iter().map(|heard| heard.path).collect();
    let expected = ["/webhook_subscriptions", "/webhook_subscriptions/W1/enable", "/webhook_subscriptions/W1/ping"];
    assert_eq!(paths, expected);
    let odd = Server::always(201, r#"{"webhook_subscription":{"id":["whsec-made-up-1"]}}"#).await;
    let error = super::client(&odd).create_webhook_subscription(&call(), &new_subscription()).await.unwrap_err();
    assert_eq!(error.kind, Kind::Unreadable);
}

#[tokio::test]
async fn a_page_goes_out_with_its_key_and_says_what_was_taken() {
    let server = Server::always(202, ACCEPTED).await;
    let events = events(&server);
    assert_eq!(events.trigger(&call(), &trigger()).await.unwrap().dedup_key, "arayashiki/mail/42");
    events.acknowledge(&call(), "arayashiki/mail/42").await.unwrap();
    events.resolve(&call(), "arayashiki/mail/42").await.unwrap();
    let heard = server.heard();
    assert!(heard.iter().all(|h| h.path == "/v2/enqueue" && !h.headers.contains_key("authorization")));
    let sent = heard[0].json();
    assert_eq!(sent["routing_key"], json!(ROUTING_KEY));
    assert_eq!(sent["payload"]["severity"], json!("critical"));
    assert_eq!(sent["payload"]["custom_details"], json!({ "host": "db07" }));
    let actions: Vec<Value> = heard.iter().map(|h| h.json()["event_action"].clone()).collect();
    assert_eq!(actions, ["trigger", "acknowledge", "resolve"]);
    assert!(heard[2].json().get("payload").is_none());
}

#[tokio::test]
async fn a_page_may_carry_what_makes_it_easier_to_read_and_nothing_that_would_have_it_refused() {
    let server = Server::always(202, ACCEPTED).await;
    let events = events(&server);
    events.trigger_with(&call(), &trigger(), &extras()).await.unwrap();
    let odd_link = Link { href: "javascript:x".into(), text: "x".into() };
    let odd = Trigger { links: vec![odd_link], ..trigger() };
    let odd_extras = Extras { client_url: Some("ops".into()), ..Extras::default() };
    events.trigger_with(&call(), &odd, &odd_extras).await.unwrap();
    let heard = server.heard();
    let sent = heard[0].json();
    assert_eq!((&sent["client"], &sent["client_url"]), (&json!("Arayashiki"), &json!("https://ops.example.jp/")));
    let image = json!({ "src": "https://ops.example.jp/g.png", "href": "https://ops.example.jp/", "alt": "図" });
    assert_eq!(sent["images"], json!([image]));
    assert_eq!((&sent["payload"]["timestamp"], &sent["payload"]["component"]), (&json!(NOW.rfc3339()), &json!("disk")));
    assert!(sent["payload"].get("group").is_none() && sent["payload"].get("class").is_none());
    let sent = heard[1].json();
    for name in ["links", "client", "client_url", "images"] {
        assert!(sent.get(name).is_none(), "{name} in {sent}");
    }
}

#[tokio::test]
async fn how_a_page_was_refused_is_told_apart() {
    let invalid = r#"{"status":"invalid event","message":"Event object is invalid","errors":["Invalid routing key"]}"#;
    for (status, body, expected) in [
        (400, invalid, Refusal::Rejected),
        (413, "", Refusal::Rejected),
        (429, "Request Limit Exceeded", Refusal::RateLimited),
        (500, "", Refusal::Unknown),
        (503, "<html>", Refusal::Unknown),
        (202, "[", Refusal::Unknown),
        (403, "<html>", Refusal::NotSent),
    ] {
        let server = Server::always(status, body).await;
        let error = events(&server).trigger(&call(), &trigger()).await.unwrap_err();
        assert_eq!(Refusal::of(error.kind), expected, "{status} {body}: {error:?}");
    }
    let server = Server::always(400, invalid).await;
    let error = events(&server).trigger(&call(), &trigger()).await.unwrap_err();
    assert!(error.text.contains("Invalid routing key") && error.text.contains("integration key"), "{}", error.text);
    assert!(!error.text.contains("From") && !error.text.contains("token"), "Events v2 knows neither: {}", error.text);
    let gone = Server::always(404, "{}").await;
    let error = events(&gone).resolve(&call(), "k").await.unwrap_err();
    assert!(error.text.contains("integration key"), "{}", error.text);
    let setup = crate::pagerduty::Setup::new(nobody().await, crate::Secret::new("t"));
    let cut_off = crate::pagerduty::Events::new(&setup, crate::Secret::new(ROUTING_KEY)).unwrap();
    let error = cut_off.trigger(&call(), &trigger()).await.unwrap_err();
    assert_eq!(Refusal::of(error.kind), Refusal::NotSent);
}

#[tokio::test]
async fn what_pagerduty_would_refuse_for_its_size_is_cut_so_that_it_still_pages() {
    let server = Server::always(202, ACCEPTED).await;
    let events = events(&server);
    let mut long = trigger();
    long.summary = "障".repeat(2_000);
    long.details = json!({ "log": "x".repeat(600_000) });
    events.trigger(&call(), &long).await.unwrap();
    let heard = server.heard().remove(0);
    assert!(heard.body.len() < 512_000);
    let sent = heard.json();
    assert_eq!(sent["payload"]["summary"].as_str().unwrap().chars().count(), 1_024);
    assert!(sent["payload"]["custom_details"]["details"].as_str().unwrap().starts_with("left out"));
}

#[tokio::test]
async fn pages_that_could_never_be_found_again_are_not_sent() {
    let server = Server::always(202, ACCEPTED).await;
    let events = events(&server);
    for key in [String::new(), "k".repeat(256)] {
        assert_eq!(events.resolve(&call(), &key).await.unwrap_err().kind, Kind::BadRequest);
        let odd = Trigger { dedup_key: key, ..trigger() };
        assert_eq!(events.trigger(&call(), &odd).await.unwrap_err().kind, Kind::BadRequest);
    }
    let nameless = Trigger { summary: "  ".into(), ..trigger() };
    assert_eq!(events.trigger(&call(), &nameless).await.unwrap_err().kind, Kind::BadRequest);
    let client = client(&server);
    assert_eq!(client.add_note(&call(), "Q1", None, " ").await.unwrap_err().kind, Kind::BadRequest);
    assert_eq!(client.add_note(&call(), "..", None, "x").await.unwrap_err().kind, Kind::BadRequest);
    assert!(server.heard().is_empty());
}

#[tokio::test]
async fn a_name_that_no_header_can_carry_is_refused_before_sending() {
    let server = Server::always(200, "{}").await;
    let mut setup = super::setup(&server);
    setup.from = Some("a@b\r\nx: y".into());
    let error = Client::new(&setup).unwrap().add_note(&call(), "Q1", None, "x").await.unwrap_err();
    assert_eq!(error.kind, Kind::BadRequest);
    assert!(server.heard().is_empty());
}
