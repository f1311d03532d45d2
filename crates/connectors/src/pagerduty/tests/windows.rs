//! Maintenance windows: what goes out, what an answer means, and that a lost one is found again.

use super::client;
use crate::Kind;
use crate::pagerduty::NewWindow;
use crate::testing::{NOW, Server, call, reply};
use serde_json::{Value, json};

pub(super) fn new_window() -> NewWindow {
    NewWindow {
        starts_at: NOW,
        ends_at: NOW.plus_s(3_600),
        description: "電源工事 [arayashiki 00ff]".into(),
        services: vec!["PSVCA01".into(), "PSVCA02".into()],
    }
}

fn shown(id: &str, description: &str) -> Value {
    json!({ "id": id, "type": "maintenance_window", "summary": description, "description": description,
        "start_time": "2026-05-08T13:00:00Z", "end_time": "2026-05-08T14:00:00Z",
        "services": [{ "id": "PSVCA01", "type": "service_reference", "summary": "Shop" }] })
}

#[tokio::test]
async fn a_window_is_opened_changed_and_ended() {
    let server = Server::start(|heard| match heard.method.as_str() {
        "DELETE" => reply(204, ""),
        "PUT" => reply(200, json!({ "maintenance_window": shown("PW1", "x") }).to_string()),
        _ => reply(201, json!({ "maintenance_window": shown("PW1", "x") }).to_string()),
    })
    .await;
    let client = client(&server);
    let opened = client.open_window(&call(), Some("mori@northwind.example"), &new_window()).await.unwrap();
    assert_eq!((opened.window.id.as_str(), opened.services[0].name.as_str()), ("PW1", "Shop"));
    client.change_window(&call(), "PW1", &new_window()).await.unwrap();
    client.end_window(&call(), "PW1").await.unwrap();
    let heard = server.heard();
    let went: Vec<(&str, &str)> = heard.iter().map(|one| (one.method.as_str(), one.path.as_str())).collect();
    let (all, one) = ("/maintenance_windows", "/maintenance_windows/PW1");
    assert_eq!(went, [("POST", all), ("PUT", one), ("DELETE", one)]);
    assert_eq!(heard[0].headers["from"], "mori@northwind.example");
    let sent = &heard[0].json()["maintenance_window"];
    assert_eq!((&sent["start_time"], sent["services"][1]["id"].as_str()), (&json!(NOW.rfc3339()), Some("PSVCA02")));
    assert_eq!(heard[1].json(), heard[0].json());
}

#[tokio::test]
async fn one_that_is_over_or_gone_has_ended_and_whatever_else_is_told() {
    for (status, ends) in [(404, true), (405, true), (403, false), (500, false)] {
        let server = Server::start(move |_| reply(status, "{}")).await;
        let ended = client(&server).end_window(&call(), "PW1").await;
        assert_eq!(ended.is_ok(), ends, "{status}: {ended:?}");
        let seen = client(&server).window(&call(), "PW1").await;
        assert_eq!(matches!(seen, Ok(None)), status == 404, "{status}: {seen:?}");
    }
}

#[tokio::test]
async fn a_lost_one_is_found_by_its_marker_on_whichever_page_it_stands() {
    let server = Server::start(|heard| {
        let is_first = heard.query.iter().any(|(name, value)| name == "offset" && value == "0");
        let own = shown("PW2", "電源工事 [arayashiki 00ff]");
        let page = if is_first { shown("PW1", "棚卸し [arayashiki 00fe]") } else { own };
        reply(200, json!({ "maintenance_windows": [page], "more": is_first }).to_string())
    })
    .await;
    let client = client(&server);
    let services = new_window().services;
    let found = client.find_window(&call(), &services, "[arayashiki 00ff]").await.unwrap();
    assert_eq!(found.map(|window| window.window.id).as_deref(), Some("PW2"));
    assert_eq!(client.find_window(&call(), &services, "[arayashiki 0000]").await.unwrap(), None);
    let heard = server.heard();
    assert!(heard[0].query.contains(&("filter".into(), "open".into())), "{:?}", heard[0].query);
}

#[tokio::test]
async fn nonsense_is_refused_before_anything_goes_out() {
    let server = Server::start(|_| reply(500, "")).await;
    let (client, new) = (client(&server), new_window());
    let kind =
        |result: Result<_, crate::CallError>| result.map(|_: model::setting::MaintenanceWindow| ()).unwrap_err().kind;
    let none = NewWindow { services: Vec::new(), ..new.clone() };
    let backwards = NewWindow { ends_at: NOW, ..new.clone() };
    let elsewhere = NewWindow { services: vec!["../users".into()], ..new.clone() };
    for wrong in [none, backwards, elsewhere] {
        assert_eq!(kind(client.open_window(&call(), None, &wrong).await), Kind::BadRequest, "{wrong:?}");
    }
    assert!(client.find_window(&call(), &new.services, "").await.is_err());
    assert!(client.find_window(&call(), &[], "[m]").await.is_err());
    assert!(server.heard().is_empty());
}
