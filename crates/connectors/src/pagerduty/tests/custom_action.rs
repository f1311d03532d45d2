//! Buttons in PagerDuty: what their webhooks claim in either shape, hostile ones included, and what the log has to show.

use super::client;
use crate::Kind;
use crate::pagerduty::{Press, parse_custom_action};
use crate::testing::{NOW, Server, call};
use model::press::Claim;
use serde_json::{Value, json};

pub(super) fn claimed() -> Claim {
    Claim {
        incident: "Q1".into(),
        user: Some("PUSR1".into()),
        entry: Some("R2".into()),
        label: Some("Diagnose".into()),
        runbook: None,
    }
}

fn message() -> Value {
    json!({
        "id": "m-1", "event": "incident.custom", "created_on": "2026-06-02T17:04:11Z",
        "incident": { "id": "Q1", "incident_number": 7, "title": "disk", "status": "triggered" },
        "log_entries": [{ "id": "R2", "type": "custom_log_entry", "agent": { "id": "PUSR1", "type": "user_reference" } }],
        "webhook": { "id": "PWH1", "type": "webhook", "name": "Diagnose", "summary": "x" },
    })
}

fn read(document: &Value) -> Result<Vec<Claim>, String> {
    parse_custom_action(document.to_string().as_bytes()).map_err(|error| error.to_string())
}

fn with(path: &str, value: Value) -> Value {
    let mut message = message();
    *message.pointer_mut(path).unwrap() = value;
    json!({ "messages": [message] })
}

#[test]
fn both_shapes_say_who_pressed_where() {
    assert_eq!(read(&json!({ "messages": [message()] })).unwrap(), [claimed()]);
    let event = json!({ "event": {
        "id": "01X", "event_type": "incident.custom", "agent": { "id": "PUSR1", "type": "user_reference" }, "data": { "id": "Q1" },
    }});
    let told = Claim { entry: None, label: None, ..claimed() };
    assert_eq!(read(&event).unwrap(), std::slice::from_ref(&told));
    let named = json!({ "event": {
        "event_type": "incident.custom", "agent": { "id": "PUSR1" }, "data": { "id": "X", "incident": { "id": "Q1" } },
    }});
    assert_eq!(read(&named).unwrap(), [told]);
}

#[test]
fn what_is_missing_is_not_claimed_and_other_events_are_none() {
    let bare = read(&with("/log_entries", json!([]))).unwrap();
    assert_eq!(bare, [Claim { user: None, entry: None, ..claimed() }]);
    let unnamed = read(&with("/webhook", Value::Null)).unwrap();
    assert_eq!(unnamed[0].label, None);
    let other = read(&with("/log_entries/0/type", json!("custom_field_value_change_log_entry"))).unwrap();
    assert_eq!((&other[0].user, &other[0].entry), (&None, &None), "a field of people's own is no press");
    assert!(read(&with("/event", json!("incident.trigger"))).unwrap().is_empty());
    assert!(read(&json!({ "event": { "event_type": "incident.triggered", "data": {} } })).unwrap().is_empty());
    assert!(read(&json!({ "messages": [] })).unwrap().is_empty());
}

#[test]
fn garbage_is_an_error_and_never_a_panic() {
    for odd in [
        with("/incident", Value::Null),
        with("/incident/id", json!("")),
        with("/incident/id", json!(7)),
        with("/incident/id", json!("../users/me")),
        with("/log_entries/0/agent/id", json!("P 1")),
        with("/log_entries/0/id", json!("R".repeat(65))),
        json!({ "event": { "event_type": "incident.custom", "data": {} } }),
        json!({ "messages": 7 }),
        json!([]),
        json!("x"),
    ] {
        assert!(read(&odd).is_err(), "{odd}");
    }
    let whole = json!({ "messages": [message()] }).to_string();
    for cut in 0..whole.len() {
        assert!(parse_custom_action(&whole.as_bytes()[..cut]).is_err(), "at {cut}");
    }
    for byte in [0, b'"', b'\\', b'{', 0xff] {
        for at in 0..whole.len() {
            let mut touched = whole.clone().into_bytes();
            touched[at] = byte;
            drop(parse_custom_action(&touched));
        }
    }
    drop(parse_custom_action("[".repeat(100_000).as_bytes()));
}

fn entry(id: &str, kind: &str, agent: &str, created_at: &str) -> Value {
    json!({ "id": id, "type": kind, "created_at": created_at, "agent": { "id": agent, "type": "user_reference" } })
}

/// The log of an incident, and what of it is the press that is claimed.
async fn found(entries: Vec<Value>, claimed: &Claim) -> Option<Press> {
    let body = json!({ "log_entries": entries, "more": false }).to_string();
    let server = Server::start(move |_| crate::testing::reply(200, body.clone())).await;
    let press = client(&server).find_press(&call(), claimed, NOW.plus_s(-600)).await.unwrap();
    let heard = server.heard();
    assert_eq!((heard[0].method.as_str(), heard[0].path.as_str()), ("GET", "/incidents/Q1/log_entries"));
    assert_eq!(heard[0].query("since").len(), 1);
    press
}

#[tokio::test]
async fn only_an_entry_of_the_log_is_a_press() {
    let now = NOW.rfc3339();
    let press = |entry: &str| Some(Press { entry: entry.into(), user: "PUSR1".into(), at: Some(NOW) });
    let all = vec![
        entry("R1", "acknowledge_log_entry", "PUSR1", &now),
        entry("R2", "custom_log_entry", "PUSR1", &now),
        entry("R3", "custom_log_entry", "PUSR2", &now),
        entry("R4", "custom_field_value_change_log_entry", "PUSR1", &now),
    ];
    assert_eq!(found(all.clone(), &claimed()).await, press("R2"));
    assert_eq!(found(all.clone(), &Claim { entry: None, ..claimed() }).await, press("R2"));
    let another = Claim { user: Some("PUSR9".into()), ..claimed() };
    assert_eq!(found(all.clone(), &another).await, None, "somebody else's press");
    let forged = Claim { entry: Some("R4".into()), ..claimed() };
    assert_eq!(found(all.clone(), &forged).await, None);
    assert_eq!(found(vec![all[0].clone()], &claimed()).await, None);
}

#[tokio::test]
async fn old_presses_and_those_of_no_person_count_for_nothing() {
    let old = NOW.plus_s(-900).rfc3339();
    assert_eq!(found(vec![entry("R2", "custom_log_entry", "PUSR1", &old)], &claimed()).await, None);
    let mut by_service = entry("R2", "custom_log_entry", "PUSR1", &NOW.rfc3339());
    by_service["agent"]["type"] = json!("service_reference");
    assert_eq!(found(vec![by_service], &claimed()).await, None);
    let two = vec![
        entry("R7", "custom_log_entry", "PUSR1", &NOW.plus_s(-60).rfc3339()),
        entry("R8", "custom_log_entry", "PUSR1", &NOW.rfc3339()),
    ];
    let newest = found(two, &Claim { entry: None, ..claimed() }).await.unwrap();
    assert_eq!(newest.entry, "R8");
}

#[tokio::test]
async fn a_claim_that_names_no_incident_is_not_asked_about() {
    let server = Server::always(200, "{}").await;
    let odd = Claim { incident: "../users/me".into(), ..claimed() };
    let error = client(&server).find_press(&call(), &odd, NOW).await.unwrap_err();
    assert_eq!((error.kind, error.write, server.heard().len()), (Kind::BadRequest, false, 0));
}
