//! The dedup state machine, the coupling of alerts and incidents, and what the clock does.

use serde_json::{Value, json};

use crate::pagerduty::book::{Agent, By, Status};
use crate::pagerduty::clock::plus_s;
use crate::pagerduty::events::EventJob;
use crate::pagerduty::state::{State, for_tests};

fn event(service: usize, action: &str, key: &str) -> EventJob {
    let event = json!({ "payload": { "summary": "disk full", "source": "web01", "severity": "critical" } });
    EventJob::of_service(service, action, key, event)
}

fn send(state: &mut State, action: &str, key: &str) {
    state.apply_event(event(0, action, key));
}

fn later(state: &mut State, seconds: i64) {
    state.run_until(plus_s(state.now, seconds));
}

fn kinds(state: &State, index: usize) -> Vec<&'static str> {
    state.book.incidents[index].log.iter().map(|e| e.kind).collect()
}

#[test]
fn a_repeated_trigger_joins_the_open_alert() {
    let mut state = for_tests();
    send(&mut state, "trigger", "k");
    send(&mut state, "trigger", "k");
    assert_eq!(state.book.incidents.len(), 1);
    assert_eq!(state.book.incidents[0].alerts.len(), 1);
    assert_eq!(kinds(&state, 0), ["trigger", "assign", "notify", "trigger"]);
}

#[test]
fn a_trigger_after_a_resolve_opens_a_new_incident() {
    let mut state = for_tests();
    for action in ["trigger", "acknowledge", "resolve", "trigger"] {
        send(&mut state, action, "k");
    }
    let statuses: Vec<&str> = state.book.incidents.iter().map(|i| i.status.word()).collect();
    assert_eq!(statuses, ["resolved", "triggered"]);
}

#[test]
fn acknowledge_and_resolve_without_an_open_alert_change_nothing() {
    let mut state = for_tests();
    send(&mut state, "acknowledge", "k");
    send(&mut state, "resolve", "k");
    assert!(state.book.incidents.is_empty());
    send(&mut state, "trigger", "k");
    state.apply_event(event(1, "resolve", "k"));
    assert_eq!(state.book.incidents[0].status, Status::Triggered, "another routing key has another key space");
}

#[test]
fn a_deaf_service_makes_nothing_of_events() {
    let mut state = for_tests();
    let disabled = state.account.services.iter().position(|s| s.disabled).expect("one is disabled");
    let maintained = (0..state.account.services.len()).find(|s| state.account.in_maintenance(*s, state.now));
    state.apply_event(event(disabled, "trigger", "k"));
    state.apply_event(event(maintained.expect("one is in maintenance"), "trigger", "k"));
    assert!(state.book.incidents.is_empty());
}

#[test]
fn a_resolved_incident_takes_its_alerts_along() {
    let mut state = for_tests();
    send(&mut state, "trigger", "k");
    state.resolve(0, &By::user(0, "website"), None);
    assert!(state.book.incidents[0].alerts[0].resolved.is_some());
    assert!(state.open_alert(0, "k").is_none());
}

#[test]
fn merged_alerts_move_and_the_last_one_resolves_the_target() {
    let mut state = for_tests();
    send(&mut state, "trigger", "a");
    send(&mut state, "trigger", "b");
    state.merge(0, &[1], &By::user(0, "website"));
    assert_eq!(state.book.incidents[1].status, Status::Resolved);
    assert_eq!(state.resolve_reason(&state.book.incidents[1])["type"], "merge_resolve_reason");
    send(&mut state, "resolve", "a");
    assert_eq!(state.book.incidents[0].status, Status::Triggered, "b is still open, in the target now");
    send(&mut state, "resolve", "b");
    assert_eq!(state.book.incidents[0].status, Status::Resolved);
}

#[test]
fn moving_the_last_alert_away_resolves_its_incident() {
    let mut state = for_tests();
    send(&mut state, "trigger", "a");
    send(&mut state, "trigger", "b");
    state.move_alert(0, 0, 1, &By::user(0, "website"));
    assert_eq!(state.book.incidents[0].status, Status::Resolved);
    assert_eq!(state.open_alert(0, "a").map(|(index, _)| index), Some(1));
}

#[test]
fn the_clock_escalates_until_the_path_is_exhausted() {
    let mut state = for_tests();
    state.account.services[0].auto_resolve_s = None;
    send(&mut state, "trigger", "k");
    let first = state.book.incidents[0].assignments[0].1;
    later(&mut state, 15 * 60);
    assert_eq!(state.book.incidents[0].level, 1);
    assert_ne!(state.book.incidents[0].assignments[0].1, first);
    later(&mut state, 24 * 3600);
    let log = kinds(&state, 0);
    assert_eq!(log.iter().filter(|k| **k == "repeat_escalation_path").count(), 2);
    assert_eq!(log.last(), Some(&"exhaust_escalation_path"));
}

#[test]
fn an_acknowledgement_runs_out_where_the_service_says_so() {
    let mut state = for_tests();
    state.account.services[0].ack_timeout_s = Some(1800);
    send(&mut state, "trigger", "k");
    state.acknowledge(0, &By::user(0, "mobile"));
    later(&mut state, 1799);
    assert_eq!(state.book.incidents[0].status, Status::Acknowledged);
    later(&mut state, 1);
    assert_eq!(state.book.incidents[0].status, Status::Triggered);
    assert_eq!(state.book.incidents[0].changed_by, Agent::Clock(0));
}

#[test]
fn an_incident_left_open_resolves_itself_at_that_very_instant() {
    let mut state = for_tests();
    send(&mut state, "trigger", "k");
    let created = state.book.incidents[0].created;
    later(&mut state, 100_000);
    assert_eq!(state.book.incidents[0].resolved, Some(plus_s(created, 14_400)));
}

#[test]
fn a_snooze_ends_in_an_unacknowledgement() {
    let mut state = for_tests();
    send(&mut state, "trigger", "k");
    state.snooze(0, 600, &By::user(0, "website"));
    assert_eq!(state.book.incidents[0].status, Status::Acknowledged);
    later(&mut state, 600);
    assert_eq!(state.book.incidents[0].status, Status::Triggered);
    assert!(kinds(&state, 0).contains(&"snooze"));
}

#[test]
fn one_who_opens_for_himself_has_acknowledged() {
    let mut state = for_tests();
    let opening = super::Opening {
        service: 0,
        title: "by telephone".into(),
        key: "x".into(),
        kind: "incident_default".into(),
        urgency: "high".into(),
        policy: None,
        assignee: Some(2),
        priority: None,
        body: None,
        bridge: None,
        alert: None,
    };
    state.open(opening, &By::user(2, "website"));
    assert_eq!(state.book.incidents[0].status, Status::Acknowledged);
}

#[test]
fn a_rewound_book_forgets_and_comes_back() {
    let mut state = for_tests();
    send(&mut state, "trigger", "a");
    state.acknowledge(0, &By::user(0, "mobile"));
    send(&mut state, "trigger", "b");
    let undone = state.book.rewind(Some(0), 1);
    assert_eq!(state.book.incidents[0].status, Status::Triggered);
    state.book.restore(undone);
    assert_eq!(state.book.incidents[0].status, Status::Acknowledged);
    let undone = state.book.rewind(None, 2);
    assert_eq!((state.book.incidents.len(), state.book.incidents[0].status), (1, Status::Triggered));
    assert_eq!(state.book.open().collect::<Vec<_>>(), [0]);
    state.book.restore(undone);
    assert_eq!((state.book.incidents.len(), state.book.incidents[0].status), (2, Status::Acknowledged));
}

#[test]
fn a_monitors_entry_keeps_the_event_in_its_channel() {
    let mut state = for_tests();
    let mut job = event(0, "trigger", "k");
    job.event["payload"]["custom_details"] = json!({ "値": 91 });
    state.apply_event(job);
    let channel: Value = state.book.incidents[0].log[0].channel.shown(&state.account);
    assert_eq!(channel["details"]["値"], 91);
    assert_eq!(channel["cef_details"]["source_origin"], "web01");
}
