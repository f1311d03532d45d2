//! Every event type to its fact, and hostile bytes to errors with a place.

use crate::pagerduty::{EVENT_TYPES, parse_webhook};
use model::Micros;
use model::event::Event;
use model::incident::{ActorKind, Change, Fact, FactBody, Ref, Source, Status, fold};
use serde_json::{Value, json};

const FIXTURES: &str = include_str!("../fixtures/webhooks.json");
const AT: &str = "2026-06-02T17:04:11.414Z";

fn data(event_type: &str) -> Value {
    let all: Value = serde_json::from_str(FIXTURES).unwrap();
    all["events"].get(event_type).unwrap_or_else(|| panic!("no fixture for {event_type}")).clone()
}

fn envelope(event_type: &str, data: &Value) -> Vec<u8> {
    let agent = json!({ "id": "PUSRA01", "type": "user_reference", "summary": "Mori Kaede" });
    let event = json!({ "id": "01EVENT1", "event_type": event_type, "resource_type": "incident", "occurred_at": AT,
        "agent": agent, "client": null, "data": data });
    serde_json::to_vec(&json!({ "event": event })).unwrap()
}

fn told(event_type: &str) -> Vec<Fact> {
    facts(&envelope(event_type, &data(event_type)))
}

fn facts(raw: &[u8]) -> Vec<Fact> {
    let incident = |event| match event {
        Event::Incident(fact) => Some(*fact),
        _ => None,
    };
    parse_webhook(raw).unwrap().events.into_iter().filter_map(incident).collect()
}

fn change(event_type: &str) -> Change {
    let mut facts = told(event_type);
    assert_eq!(facts.len(), 1, "{event_type}");
    match facts.remove(0).body {
        FactBody::Changed { what, .. } => what,
        other => panic!("{event_type}: {other:?}"),
    }
}

fn name(who: Option<&Ref>) -> &str {
    who.map_or("nobody", |who| who.name.as_str())
}

#[test]
fn every_type_that_we_subscribe_to_is_read_and_none_is_unknown() {
    for event_type in EVENT_TYPES {
        let parsed = parse_webhook(&envelope(event_type, &data(event_type))).unwrap();
        assert_eq!(parsed.event_id.as_deref(), Some("01EVENT1"));
        assert_eq!(parsed.event_type, *event_type);
        assert!(!parsed.events.is_empty(), "{event_type}");
        for event in parsed.events {
            match event {
                Event::Incident(fact) => assert_eq!(fact.incident, "Q1WEBHOOK0001", "{event_type}"),
                Event::Service { service_id, what } => {
                    assert_eq!((service_id.as_str(), what.as_str()), ("PSVCA01", *event_type));
                }
                other => panic!("{event_type}: {other:?}"),
            }
        }
    }
}

#[test]
fn a_trigger_brings_the_incident_whole() {
    let fact = told("incident.triggered").remove(0);
    assert_eq!((fact.source, fact.source_id.as_str()), (Source::Webhook, "01EVENT1"));
    assert_eq!(fact.at, Micros::parse(AT).unwrap());
    let actor = fact.actor.clone().unwrap();
    assert_eq!((actor.kind, actor.who.name.as_str()), (ActorKind::User, "Mori Kaede"));
    let incident = fold(&[fact]).unwrap().data;
    assert_eq!(incident.number, Some(731));
    assert_eq!(incident.title, "ディスク使用率90%超過");
    assert_eq!(incident.status, Status::Triggered);
    assert_eq!(name(incident.service.as_ref()), "受注API");
    assert_eq!(incident.assignees.len(), 1);
    assert_eq!(incident.teams[0].name, "基盤");
    assert_eq!(incident.incident_key.as_deref(), Some("db07/disk"));
    assert_eq!(incident.html_url.as_deref(), Some("https://northwind.pagerduty.com/incidents/Q1WEBHOOK0001"));
    assert_eq!((incident.resolved_at, incident.acknowledgements), (None, None), "only the API tells");
}

#[test]
fn changes_of_state_say_what_they_changed_to() {
    assert_eq!(change("incident.acknowledged"), Change::Acknowledged);
    assert_eq!(change("incident.unacknowledged"), Change::Unacknowledged);
    assert_eq!(change("incident.resolved"), Change::Resolved { resolution: None });
    assert_eq!(change("incident.reopened"), Change::Reopened);
    assert!(matches!(change("incident.reassigned"), Change::Reassigned { to } if to[0].name == "Ono Riku"));
    assert!(matches!(change("incident.escalated"), Change::Escalated { to } if to[0].name == "Ono Riku"));
    assert!(matches!(change("incident.delegated"), Change::Delegated { to } if name(to.as_ref()) == "DB 当番"));
    assert!(matches!(change("incident.priority_updated"), Change::PriorityChanged { to } if name(to.as_ref()) == "P1"));
    assert!(matches!(change("incident.service_updated"), Change::ServiceChanged { to } if name(to.as_ref()) == "決済"));
    assert_eq!(change("incident.incident_type.changed"), Change::TypeChanged { to: Some("major_incident".into()) });
}

#[test]
fn what_is_said_and_asked_keeps_its_words() {
    let Change::Annotated(note) = change("incident.annotated") else { panic!("not a note") };
    assert_eq!((note.id.as_str(), note.trimmed), ("PNOTEA1", false));
    assert!(note.content.starts_with("ログを消した"));
    assert_eq!(change("incident.status_update_published"), Change::StatusUpdate { message: "復旧作業中".into() });
    assert!(
        matches!(change("incident.responder.added"), Change::ResponderAsked { who, message: Some(_) } if name(who.as_ref()) == "Ono Riku")
    );
    assert!(
        matches!(change("incident.responder.replied"), Change::ResponderReplied { state, .. } if state == "accepted")
    );
    let url = Some("https://meet.example.net/731".to_owned());
    assert_eq!(change("incident.conference_bridge.updated"), Change::BridgeChanged { url });
    let fields = vec![("hosts".to_owned(), "3".to_owned())];
    assert_eq!(change("incident.custom_field_values.updated"), Change::FieldsChanged { fields }, "only what changed");
    assert!(matches!(change("incident.task.completed"), Change::Task { state, .. } if state == "complete"));
    assert!(
        matches!(change("incident.action_invocation.updated"), Change::ActionRun { state, .. } if state == "running")
    );
    let workflow = Change::Workflow { name: "重大障害".into(), state: "started".into() };
    assert_eq!(change("incident.workflow.started"), workflow);
}

#[test]
fn each_role_of_one_delivery_is_a_fact_of_its_own() {
    let facts = told("incident.role.assigned");
    let ids: Vec<&str> = facts.iter().map(|fact| fact.source_id.as_str()).collect();
    assert_eq!(ids, ["01EVENT1", "01EVENT1#1"]);
    assert!(matches!(&facts[1].body, FactBody::Changed { what: Change::RoleAssigned { role: Some(role), who }, .. }
        if role == "書記" && name(who.as_ref()) == "Ono Riku"));
}

#[test]
fn a_merge_is_told_as_a_merge() {
    let mut merged = data("incident.resolved");
    merged["resolve_reason"] = json!({ "type": "merge_resolve_reason",
        "incident": { "id": "Q1TARGET", "type": "incident_reference", "summary": "[#7] 本体" } });
    let facts = facts(&envelope("incident.resolved", &merged));
    let FactBody::Changed { what: Change::Merged { into: Some(into) }, incident: Some(incident) } = &facts[0].body
    else {
        panic!("{:?}", facts[0].body)
    };
    assert_eq!(into.id, "Q1TARGET");
    assert_eq!(incident.status, Status::Resolved);
}

#[test]
fn pings_and_unknown_types_are_no_errors() {
    let ping = parse_webhook(&envelope("pagey.ping", &data("pagey.ping"))).unwrap();
    assert_eq!(ping.events, [Event::Ping { message: "Hello from a made-up Pagey".into() }]);
    for (event_type, data) in [("alert.triggered", json!({ "x": 1 })), ("", json!(null)), ("incident.", json!([1]))] {
        let parsed = parse_webhook(&envelope(event_type, &data)).unwrap();
        assert_eq!(parsed.events, [Event::Unknown { event_type: event_type.into() }], "{event_type}");
    }
}

#[test]
fn an_unknown_type_about_an_incident_is_told_there_too() {
    let about = json!({ "type": "incident_tea", "id": "T1", "summary": "お茶", "incident": { "id": "Q1" } });
    for (data, incident) in [(about, "Q1"), (data("incident.triggered"), "Q1WEBHOOK0001")] {
        let raw = envelope("incident.tea.brewed", &data);
        assert_eq!(parse_webhook(&raw).unwrap().events[0], Event::Unknown { event_type: "incident.tea.brewed".into() });
        let fact = facts(&raw).remove(0);
        assert_eq!(fact.incident, incident);
        assert!(matches!(fact.body, FactBody::Changed { what: Change::Other { .. }, incident: None }));
    }
}

#[test]
fn absent_and_null_fields_are_taken_as_they_come() {
    let data = json!({ "id": "Q9", "status": "triggered", "teams": null, "assignees": null, "service": null,
        "incident_type": null, "number": null, "created_at": "soon", "html_url": "javascript:alert(1)" });
    let FactBody::Changed { incident: Some(incident), .. } =
        facts(&envelope("incident.triggered", &data)).remove(0).body
    else {
        panic!("no incident")
    };
    assert_eq!((incident.title.as_str(), incident.created_at, incident.html_url), ("", None, None));
}

#[test]
fn what_names_a_thing_must_be_there_and_the_error_says_where() {
    let triggered = data("incident.triggered");
    let without = |path: &[&str]| {
        let mut event: Value = serde_json::from_slice(&envelope("incident.triggered", &triggered)).unwrap();
        let (last, parents) = path.split_last().unwrap();
        let parent = parents.iter().fold(&mut event, |value, name| &mut value[*name]);
        parent.as_object_mut().unwrap().remove(*last);
        parse_webhook(&serde_json::to_vec(&event).unwrap()).unwrap_err()
    };
    for (path, place) in [
        (&["event"] as &[&str], "document"),
        (&["event", "id"], "event"),
        (&["event", "event_type"], "event"),
        (&["event", "occurred_at"], "event"),
        (&["event", "data"], "event"),
        (&["event", "data", "id"], "event.data"),
        (&["event", "data", "status"], "event.data"),
    ] {
        let error = without(path);
        assert!(error.place.starts_with(place), "{path:?}: {error}");
        assert!(error.why.contains(path.last().unwrap()), "{path:?}: {error}");
    }
    let mut odd = triggered.clone();
    odd["status"] = json!("haunted");
    let error = parse_webhook(&envelope("incident.triggered", &odd)).unwrap_err();
    assert!(error.place.starts_with("event.data.status, line 1"), "{error}");
}

#[test]
fn nul_never_gets_through() {
    let mut data = data("incident.triggered");
    data["title"] = json!("before\u{0}after");
    data["service"]["summary"] = json!("\u{0}");
    let parsed = parse_webhook(&envelope("incident.triggered", &data)).unwrap();
    let stored = serde_json::to_string(&parsed.events).unwrap();
    assert!(!stored.contains("\\u0000") && stored.contains("before\u{fffd}after"), "{stored}");
}
