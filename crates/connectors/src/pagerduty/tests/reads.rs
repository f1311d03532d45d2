//! What we ask the REST API for, and what we make of its answers.

use super::client;
use crate::pagerduty::{Client, Identity, ListIncidents, ListLogEntries, ListReference, Setup};
use crate::testing::{Heard, NOW, Server, call, reply};
use crate::{Call, Class, Kind, Secret};
use axum::response::Response;
use model::Micros;
use model::incident::{FactBody, Source, Status};
use model::reference::Kind as Thing;
use serde_json::{Value, json};

const LIST: &str = include_str!("../fixtures/incidents.json");
const WHOLE: &str = include_str!("../fixtures/incident_whole.json");

fn json_reply(body: &Value) -> Response {
    reply(200, body.to_string())
}

/// Serves the fixture's incident, with log entries two a page.
fn whole(heard: &Heard) -> Response {
    let document: Value = serde_json::from_str(WHOLE).unwrap();
    match heard.path.rsplit('/').next().unwrap() {
        "log_entries" => {
            let all = document["log_entries"].as_array().unwrap();
            let offset: usize = heard.query("offset")[0].parse().unwrap();
            let page: Vec<&Value> = all.iter().skip(offset).take(2).collect();
            json_reply(&json!({ "log_entries": page, "offset": offset, "more": offset + 2 < all.len() }))
        }
        "alerts" => json_reply(&json!({ "alerts": document["alerts"], "more": false })),
        "notes" => json_reply(&json!({ "notes": document["notes"] })),
        _ => json_reply(&json!({ "incident": document["incident"] })),
    }
}

#[tokio::test]
async fn the_list_is_asked_for_in_slices_and_says_where_to_go_on() {
    let server = Server::always(200, LIST).await;
    let list = ListIncidents {
        since: Micros::parse("2026-06-01T00:00:00Z"),
        until: Micros::parse("2026-06-30T00:00:00Z"),
        statuses: vec![Status::Triggered, Status::Acknowledged],
        offset: 200,
        limit: 0,
        with_total: true,
    };
    let answer = client(&server).incidents(&call(), &list).await.unwrap();
    assert_eq!((answer.value.items.len(), answer.value.more, answer.value.next_offset), (2, false, 202));
    assert_eq!(answer.raw, LIST.as_bytes());
    let heard = &server.heard()[0];
    assert_eq!(heard.headers["authorization"], format!("Token token={}", super::TOKEN));
    assert_eq!(heard.headers["accept"], "application/vnd.pagerduty+json;version=2");
    assert_eq!(heard.query("since"), ["2026-06-01T00:00:00Z"]);
    assert_eq!(heard.query("statuses[]"), ["triggered", "acknowledged"]);
    assert_eq!((heard.query("offset"), heard.query("limit")), (vec!["200"], vec!["100"]));
    assert_eq!(heard.query("sort_by"), ["created_at:asc"]);
    assert_eq!(heard.query("total"), ["true"]);
    assert_eq!(answer.value.total, None, "PagerDuty did not count");
}

#[tokio::test]
async fn an_incident_is_read_whole_over_all_pages() {
    let server = Server::start(whole).await;
    let answer = client(&server).incident_whole(&call(), "Q1WEBHOOK0001").await.unwrap();
    let expected = crate::pagerduty::facts_from_whole(WHOLE.as_bytes(), NOW).unwrap();
    assert_eq!(answer.facts, expected);
    let kept: Value = serde_json::from_slice(&answer.raw).unwrap();
    let mut sent: Value = serde_json::from_str(WHOLE).unwrap();
    sent.as_object_mut().unwrap().remove("_synthetic");
    assert_eq!(kept, sent, "the evidence is what came");
    let paths: Vec<String> = server.heard().into_iter().map(|h| h.path).collect();
    assert_eq!(paths[0], "/incidents/Q1WEBHOOK0001", "the incident first: what happens meanwhile is newer");
    assert_eq!(paths.iter().filter(|p| p.ends_with("log_entries")).count(), 4);
    let heard = server.heard();
    assert!(heard.iter().filter(|h| h.path.ends_with("log_entries")).all(|h| h.query("include[]") == ["channels"]));
}

#[tokio::test]
async fn pages_that_weigh_too_much_are_asked_for_in_smaller_ones() {
    let server = Server::start(|heard| match heard.query("limit").first() {
        Some(&"100" | &"25") => reply(200, "x".repeat(9_000)),
        _ => whole(heard),
    })
    .await;
    let mut setup = super::setup(&server);
    setup.http.max_response_bytes = 8_000;
    let answer = Client::new(&setup).unwrap().incident_whole(&call(), "Q1WEBHOOK0001").await.unwrap();
    assert_eq!(answer.facts.iter().filter(|fact| fact.source == Source::LogEntry).count(), 8);
}

#[tokio::test]
async fn a_list_that_never_ends_stops_at_the_ceiling() {
    let entry = json!({ "id": "R1", "type": "notify_log_entry", "created_at": "2026-06-02T17:04:11Z" });
    let server = Server::start(move |heard| match heard.path.ends_with("log_entries") {
        true => json_reply(&json!({ "log_entries": vec![&entry; 100], "more": true })),
        false => whole(heard),
    })
    .await;
    let answer = client(&server).incident_whole(&call(), "Q1WEBHOOK0001").await.unwrap();
    let kept: Value = serde_json::from_slice(&answer.raw).unwrap();
    assert_eq!((kept["log_entries"].as_array().unwrap().len(), &kept["truncated"]), (10_000, &json!(true)));
}

#[tokio::test]
async fn entries_alerts_and_notes_come_as_facts() {
    let server = Server::start(whole).await;
    let client = client(&server);
    let since = Micros::parse("2026-06-02T00:00:00Z");
    let entries = client.log_entries(&call(), "Q1WEBHOOK0001", since, 2).await.unwrap().value;
    assert_eq!((entries.items.len(), entries.more, entries.next_offset), (2, true, 4));
    assert_eq!(server.heard()[0].query("since"), ["2026-06-02T00:00:00Z"]);
    let list = ListLogEntries { since, until: None, offset: 0, with_total: false };
    assert_eq!(client.all_log_entries(&call(), list).await.unwrap().value.items.len(), 2);
    assert_eq!(client.alerts(&call(), "Q1WEBHOOK0001", 0).await.unwrap().value.items.len(), 2);
    let notes = client.notes(&call(), "Q1WEBHOOK0001").await.unwrap().value;
    assert!(matches!(&notes[0].body, FactBody::Note(note) if note.id == "PNOTEA1"));
}

#[tokio::test]
async fn ids_that_would_address_something_else_are_never_sent() {
    let server = Server::always(200, LIST).await;
    let client = client(&server);
    for id in ["", "..", "Q1/../../users", "Q1?x", "Q 1", &"Q".repeat(65)] {
        assert_eq!(client.incident(&call(), id).await.unwrap_err().kind, Kind::BadRequest, "{id}");
        assert_eq!(client.incident_whole(&call(), id).await.unwrap_err().kind, Kind::BadRequest, "{id}");
    }
    assert!(client.find_note(&call(), "Q1", "").await.is_err());
    assert!(client.find_incidents_by_key(&call(), "", None).await.is_err());
    assert!(server.heard().is_empty());
}

#[tokio::test]
async fn configured_things_are_read_in_our_words_page_by_page() {
    let server = Server::start(|heard| {
        let thing = json!({ "id": "P1", "name": "名前", "summary": "s", "email": "a@northwind.example", "status": "active",
            "teams": [{ "id": "T1", "summary": "基盤" }], "escalation_policy": { "id": "E1", "summary": "当番" },
            "escalation_rules": [{ "escalation_delay_in_minutes": 30, "targets": [{ "id": "U1", "summary": "u" }] }] });
        json_reply(&json!({ &heard.path[1..]: [thing], "more": true, "limit": 100, "offset": 0 }))
    })
    .await;
    let client = client(&server);
    let page = async |kind| {
        let list = ListReference { kind, offset: 0, since: None, until: None };
        client.reference(&call(), &list).await.unwrap().value
    };
    let services = page(Thing::Service).await;
    assert_eq!((services.items[0].name.as_str(), services.more, services.next_offset), ("名前", true, 1));
    assert_eq!(page(Thing::User).await.items[0].email.as_deref(), Some("a@northwind.example"));
    assert_eq!(page(Thing::Team).await.items[0].id, "P1");
    assert_eq!(page(Thing::EscalationPolicy).await.items[0].level, Some(1), "one rule is one level");
    assert_eq!(page(Thing::Priority).await.items.len(), 1);
}

#[tokio::test]
async fn subscriptions_abilities_and_the_audit_trail_are_read() {
    let server = Server::start(|heard| match heard.path.as_str() {
        "/abilities" => reply(200, r#"{"abilities":["teams","urgencies"]}"#),
        "/audit/records" => json_reply(&json!({ "next_cursor": "c2", "records": [{ "id": "A1",
            "execution_time": "2026-06-02T17:04:11.500Z", "action": "update", "method": { "type": "browser" },
            "actors": [{ "id": "U1", "type": "user_reference", "summary": "Mori Kaede" }],
            "root_resource": { "id": "S1", "type": "service_reference", "summary": "受注API" } }] })),
        _ => json_reply(&json!({ "webhook_subscriptions": [{ "id": "W1", "active": true, "events": ["incident.triggered"],
            "filter": { "type": "account_reference" },
            "delivery_method": { "url": "https://hooks.example.net/pd", "secret": null, "temporarily_disabled": true } }] })),
    })
    .await;
    let client = client(&server);
    assert_eq!(client.abilities(&call()).await.unwrap(), ["teams", "urgencies"]);
    let audit = client.audit_records(&call(), Some("c1")).await.unwrap().value;
    assert_eq!((audit.next_cursor.as_deref(), audit.items[0].actors[0].name.as_str()), (Some("c2"), "Mori Kaede"));
    assert_eq!(server.heard()[1].query("cursor"), ["c1"]);
    let subscription = client.webhook_subscriptions(&call(), 0).await.unwrap().items.remove(0);
    assert!(subscription.temporarily_disabled && subscription.secret.is_none());
}

#[tokio::test]
async fn one_subscription_is_read_and_its_answer_is_never_quoted() {
    let one =
        r#"{"webhook_subscription":{"id":"W1","active":false,"delivery_method":{"url":"https://hooks.example.net"}}}"#;
    let server = Server::always(200, one).await;
    let subscription = client(&server).webhook_subscription(&call(), "W1").await.unwrap();
    assert!(!subscription.active && !subscription.temporarily_disabled);
    assert_eq!(server.heard()[0].path, "/webhook_subscriptions/W1");
    let odd = Server::always(200, r#"{"webhook_subscription":{"id":["whsec-made-up-1"]}}"#).await;
    let error = client(&odd).webhook_subscription(&call(), "W1").await.unwrap_err();
    assert_eq!((error.kind, error.write), (Kind::Unreadable, false));
    assert!(!error.text.contains("whsec"), "{}", error.text);
}

#[tokio::test]
async fn one_odd_entry_of_the_accounts_log_spoils_no_other_and_is_told_where_it_can_be() {
    let good = json!({ "id": "R1", "type": "acknowledge_log_entry", "created_at": "2026-06-02T17:04:11Z",
        "incident": { "id": "Q1" }, "agent": { "id": "U1", "type": "user_reference", "summary": "a\u{0}b" } });
    let nameless = json!({ "type": "x", "created_at": "2026-06-02T17:04:12Z", "incident": { "id": "Q2" } });
    let document = json!({ "log_entries": [good, nameless, 7, { "id": "R3" }], "more": true, "total": 4 }).to_string();
    let told = crate::pagerduty::facts_from_log_entries(document.as_bytes()).unwrap();
    let server = Server::start(move |_| reply(200, document.clone())).await;
    let list = ListLogEntries { with_total: true, ..ListLogEntries::default() };
    let page = client(&server).all_log_entries(&call(), list).await.unwrap().value;
    assert_eq!(page.items, told, "live and from the kept bytes alike");
    assert_eq!((page.more, page.next_offset, page.total), (true, 4, Some(4)));
    let incidents: Vec<&str> = told.iter().map(|fact| fact.incident.as_str()).collect();
    assert_eq!(incidents, ["Q1", "Q2"]);
    assert_eq!(told[0].actor.as_ref().unwrap().who.name, "a\u{fffd}b");
    assert!(told[1].source_id.starts_with("unreadable log entry:"), "{}", told[1].source_id);
    assert_eq!(Some(told[1].at), Micros::parse("2026-06-02T17:04:12Z"));
}

#[tokio::test]
async fn the_alerts_of_one_incident_make_a_document_that_reads_back_the_same() {
    let server = Server::start(|heard| {
        let offset: usize = heard.query("offset")[0].parse().unwrap();
        let alert = json!({ "id": format!("A{offset}"), "status": "resolved", "summary": "ディスク\u{0}" });
        let rows = if offset == 0 { vec![alert, json!({ "id": "" })] } else { vec![alert] };
        json_reply(&json!({ "alerts": rows, "more": offset == 0 }))
    })
    .await;
    let (facts, raw) = client(&server).alerts_document(&call(), "Q1").await.unwrap();
    assert_eq!(facts, crate::pagerduty::facts_from_alerts(&raw, NOW).unwrap());
    let alerts: Vec<_> =
        facts.iter().filter_map(|f| if let FactBody::Alert(a) = &f.body { Some(a) } else { None }).collect();
    assert_eq!(alerts.iter().map(|a| a.id.as_str()).collect::<Vec<_>>(), ["A0", "A2"], "the odd one is skipped");
    assert_eq!(alerts[0].title, "ディスク\u{fffd}");
    assert!(facts.iter().all(|fact| fact.incident == "Q1" && fact.at == NOW));
    let kept: Value = serde_json::from_slice(&raw).unwrap();
    assert_eq!((kept["incident_id"].as_str(), kept["alerts"].as_array().unwrap().len()), (Some("Q1"), 3));
}

#[tokio::test]
async fn calls_are_counted_and_the_other_clock_is_known_from_the_first_answer_on() {
    let server = Server::start(|_| {
        let mut answer = reply(200, LIST);
        answer.headers_mut().insert("date", http::HeaderValue::from_static("Thu, 28 May 2026 20:28:10 GMT"));
        answer
    })
    .await;
    let client = client(&server);
    assert_eq!((client.calls(), client.clock_offset_ms()), (0, None));
    for class in [Class::Bulk, Class::Live, Class::Live] {
        client.incidents(&Call::new(class, NOW), &ListIncidents::default()).await.unwrap();
    }
    assert_eq!((client.calls(), client.limiter().passed(Class::Live)), (3, 2));
    // NOW is 20:26:40Z; half of the way, which no test may measure, is taken off.
    assert!(
        client.clock_offset_ms().is_some_and(|ms| (80_000..=90_000).contains(&ms)),
        "{:?}",
        client.clock_offset_ms()
    );
}

#[tokio::test]
async fn an_account_key_has_no_user_and_is_known_by_its_abilities() {
    let account = Server::start(|heard| match heard.path.as_str() {
        "/users/me" => reply(400, r#"{"error":{"message":"no user","code":2001}}"#),
        _ => reply(200, r#"{"abilities":["teams"]}"#),
    })
    .await;
    let identity = client(&account).current_identity(&call()).await.unwrap();
    assert_eq!(identity, Identity::Account { abilities: vec!["teams".into()] });
    let person = Server::always(200, r#"{"user":{"id":"U1","name":"Mori Kaede"}}"#).await;
    assert!(
        matches!(client(&person).current_identity(&call()).await.unwrap(), Identity::User(u) if u.reference.id == "U1")
    );
    let wrong = Server::always(401, "").await;
    assert_eq!(client(&wrong).current_identity(&call()).await.unwrap_err().kind, Kind::Auth);
}

#[tokio::test]
async fn the_limiter_stops_history_first_and_learns_from_every_answer() {
    let server = Server::start(|_| {
        let mut answer = reply(200, LIST);
        for (name, value) in [("ratelimit-limit", "960"), ("ratelimit-remaining", "480"), ("ratelimit-reset", "30")] {
            answer.headers_mut().insert(name, http::HeaderValue::from_static(value));
        }
        answer
    })
    .await;
    let client = client(&server);
    client.incidents(&Call::new(Class::Bulk, NOW), &ListIncidents::default()).await.unwrap();
    assert_eq!(client.limiter().snapshot(NOW).remaining, 480);
    let refused = client.incidents(&Call::new(Class::Bulk, NOW), &ListIncidents::default()).await.unwrap_err();
    assert_eq!(refused.kind, Kind::Limited);
    assert!(refused.retry_after_ms.is_some_and(|ms| (30_000..60_000).contains(&ms)), "{refused:?}");
    client.incidents(&Call::new(Class::Live, NOW), &ListIncidents::default()).await.unwrap();
    assert_eq!(server.heard().len(), 2, "what the limiter refuses is never sent");
}

#[tokio::test]
async fn answers_that_make_no_sense_are_unreadable_and_say_where() {
    let server = Server::always(200, r#"{"incident":{"id":"Q1","status":"haunted"}}"#).await;
    let error = client(&server).incident(&call(), "Q1").await.unwrap_err();
    assert_eq!((error.kind, error.write), (Kind::Unreadable, false));
    assert!(error.text.contains("incident.status"), "{}", error.text);
    // One odd incident in a list does not hold up the list.
    let server = Server::always(200, r#"{"incidents":[{"id":"Q1","status":"haunted"}],"more":true}"#).await;
    let answer = client(&server).incidents(&call(), &ListIncidents::default()).await.unwrap();
    assert_eq!((answer.value.items.len(), answer.value.more, answer.value.next_offset), (0, true, 1));
    let far = Client::new(&Setup::new("https://api.pagerduty.com", Secret::new("t"))).unwrap();
    assert_eq!(far.limiter().snapshot(NOW).limit, 960);
}
