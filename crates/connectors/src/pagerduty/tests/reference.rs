//! What is configured, of every kind, live and from the kept bytes alike.

use super::client;
use crate::pagerduty::{ListReference, reference_from_list};
use crate::testing::{NOW, Server, call, reply};
use model::Micros;
use model::reference::{Kind, Thing};
use serde_json::{Value, json};

const fn list(kind: Kind) -> ListReference {
    ListReference { kind, offset: 0, since: None, until: None }
}

fn read(kind: Kind, list: &str, rows: &Value) -> Vec<Thing> {
    reference_from_list(kind, json!({ list: rows, "offset": 0, "more": false }).to_string().as_bytes()).unwrap()
}

fn reference(id: &str, name: &str) -> Value {
    json!({ "id": id, "type": "x_reference", "summary": name })
}

fn on_calls() -> Value {
    json!([
        { "escalation_policy": reference("E1", "基幹"), "escalation_level": 1, "user": reference("U1", "森"),
          "schedule": reference("S1", "夜間"), "start": "2026-06-01T18:00:00+09:00", "end": "2026-06-02T09:00:00+09:00" },
        { "escalation_policy": reference("E1", "基幹"), "escalation_level": 2, "user": reference("U2", "林"),
          "schedule": null, "start": null, "end": null },
        { "escalation_policy": reference("E1", "基幹"), "user": null },
    ])
}

#[test]
fn on_call_rows_have_an_id_made_of_who_where_and_since_when() {
    for kind in [Kind::OnCall, Kind::Shift] {
        let things = read(kind, "oncalls", &on_calls());
        assert_eq!(things.len(), 2, "a row without anybody is skipped");
        let expected = Thing {
            kind,
            id: "E1/1/U1/S1/2026-06-01T09:00:00Z".into(),
            name: "森".into(),
            url: None,
            email: None,
            status: None,
            user: Some("U1".into()),
            starts_at: Micros::parse("2026-06-01T09:00:00Z"),
            ends_at: Micros::parse("2026-06-02T00:00:00Z"),
            level: Some(1),
            names: vec!["基幹".into(), "夜間".into()],
        };
        assert_eq!(things[0], expected);
        assert_eq!((things[1].id.as_str(), things[1].names[1].as_str()), ("E1/2/U2/-/-", ""));
    }
}

#[test]
fn people_services_and_policies_keep_what_the_pages_show() {
    let user = json!([{ "id": "U1", "name": "森\u{0}", "email": "Mori@Northwind.Example", "role": "limited_user",
        "html_url": "https://northwind.example/users/U1", "teams": [reference("T1", "基盤")] }]);
    let user = read(Kind::User, "users", &user).remove(0);
    assert_eq!((user.name.as_str(), user.email.as_deref()), ("森\u{fffd}", Some("mori@northwind.example")));
    assert_eq!((user.status.as_deref(), user.names), (Some("limited_user"), vec!["基盤".to_owned()]));
    assert!(user.url.is_some());

    let service = json!([{ "id": "S1", "summary": "受注API", "status": "maintenance", "html_url": "javascript:x" }]);
    let service = read(Kind::Service, "services", &service).remove(0);
    assert_eq!((service.name.as_str(), service.status.as_deref(), service.url), ("受注API", Some("maintenance"), None));

    let rules = json!([{ "targets": [reference("S1", "夜間"), reference("U1", "森")] }, { "targets": [reference("U1", "森")] }]);
    let policy = json!([{ "id": "E1", "name": "基幹", "escalation_rules": rules }]);
    let policy = read(Kind::EscalationPolicy, "escalation_policies", &policy).remove(0);
    assert_eq!((policy.level, policy.names), (Some(2), vec!["夜間".to_owned(), "森".to_owned()]));

    let schedule =
        json!([{ "id": "S1", "name": "夜間", "users": [reference("U1", "森")], "teams": [reference("T1", "t")] }]);
    assert_eq!(read(Kind::Schedule, "schedules", &schedule).remove(0).names, ["森"]);
    let window = json!([{ "id": "M1", "summary": "点検", "start_time": "2026-06-01T00:00:00Z",
        "end_time": "2026-06-01T02:00:00Z", "services": [reference("S1", "受注API")] }]);
    let window = read(Kind::MaintenanceWindow, "maintenance_windows", &window).remove(0);
    assert_eq!(window.ends_at, Micros::parse("2026-06-01T02:00:00Z"));
    assert_eq!((window.name.as_str(), window.names), ("点検", vec!["受注API".to_owned()]));
}

#[test]
fn priorities_keep_their_rank_even_behind_an_odd_row() {
    let page = json!({ "priorities": [{ "id": "P1", "name": "SEV1" }, { "id": 7 }, { "id": "P3" }], "offset": 100 });
    let things = reference_from_list(Kind::Priority, page.to_string().as_bytes()).unwrap();
    let shown: Vec<_> = things.iter().map(|t| (t.id.as_str(), t.name.as_str(), t.level)).collect();
    assert_eq!(shown, [("P1", "SEV1", Some(100)), ("P3", "P3", Some(102))]);
}

#[test]
fn what_is_no_list_is_unreadable() {
    for raw in ["", "[]", "{}", r#"{"users":7}"#] {
        assert!(reference_from_list(Kind::User, raw.as_bytes()).is_err(), "{raw}");
    }
}

#[tokio::test]
async fn every_kind_is_asked_for_at_its_own_place_and_reads_back_the_same() {
    let server = Server::start(|heard| {
        let rows = if heard.path == "/oncalls" { on_calls() } else { json!([{ "id": "P1" }, 7]) };
        let offset: u32 = heard.query("offset")[0].parse().unwrap();
        reply(200, json!({ &heard.path[1..]: rows, "more": true, "offset": offset }).to_string())
    })
    .await;
    let client = client(&server);
    for kind in Kind::ALL {
        let answer = client.reference(&call(), &ListReference { offset: 100, ..list(kind) }).await.unwrap();
        assert_eq!(answer.value.items, reference_from_list(kind, &answer.raw).unwrap(), "{kind:?}");
        assert!(!answer.value.items.is_empty() && answer.value.items.iter().all(|thing| thing.kind == kind));
        assert_eq!(answer.value.next_offset, if matches!(kind, Kind::OnCall | Kind::Shift) { 103 } else { 102 });
    }
    let paths: Vec<String> = server.heard().into_iter().map(|heard| heard.path).collect();
    let expected = [
        "/services",
        "/users",
        "/teams",
        "/escalation_policies",
        "/schedules",
        "/oncalls",
        "/oncalls",
        "/priorities",
        "/maintenance_windows",
    ];
    assert_eq!(paths, expected);
    assert!(server.heard().iter().all(|heard| heard.query("since").is_empty()));
    assert_eq!(server.heard()[8].query("filter"), ["open"]);
}

#[tokio::test]
async fn shifts_are_asked_for_within_their_span_and_other_kinds_know_none() {
    let server = Server::always(200, r#"{"oncalls":[],"more":true}"#).await;
    let client = client(&server);
    let span = ListReference { since: Some(NOW), until: Some(NOW.plus_s(60)), ..list(Kind::Shift) };
    let page = client.reference(&call(), &span).await.unwrap().value;
    assert!(!page.more, "a page without rows has no next one");
    client.reference(&call(), &ListReference { kind: Kind::Team, ..span }).await.unwrap();
    let heard = server.heard();
    assert_eq!((heard[0].query("since").len(), heard[0].query("until").len()), (1, 1));
    assert!(heard[1].query("since").is_empty() && heard[1].query("until").is_empty());
}
