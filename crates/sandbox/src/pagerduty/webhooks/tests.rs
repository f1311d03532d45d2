//! The queue's promises, without a socket: order, head of line, back-off, drops, the penalty, rotation, scripted disorder.

use serde_json::{Value, json};

use super::queue::{Job, Outcome};
use crate::pagerduty::book::By;
use crate::pagerduty::clock::{plus_ms, plus_s};
use crate::pagerduty::events::EventJob;
use crate::pagerduty::faults::Fault;
use crate::pagerduty::state::{State, for_tests};

fn subscribed() -> State {
    let mut state = for_tests();
    state.subscribe(Some("http://127.0.0.1:9/hook".into()));
    state
}

fn trigger(state: &mut State, key: &str) {
    let event = json!({ "payload": { "summary": key, "source": "web01", "severity": "critical" } });
    state.apply_event(EventJob::of_service(0, "trigger", key, event));
}

fn types(jobs: &[Job]) -> Vec<&str> {
    jobs.iter().map(|j| j.event_type.as_str()).collect()
}

/// Takes what may go and ends it all with one status.
fn deliver(state: &mut State, status: u16) -> Vec<Job> {
    let jobs = state.take_deliveries();
    for job in &jobs {
        state.finish_delivery(job, &Outcome::Status(status));
    }
    jobs
}

fn script(state: &mut State, act: Value) {
    let fault: Fault = serde_json::from_value(json!({ "on": "webhook", "do": act })).expect("a fault");
    assert!(fault.problem().is_none());
    state.faults.all.push(fault);
}

fn data(job: &Job) -> Value {
    serde_json::from_slice::<Value>(&job.body).expect("JSON")["event"]["data"].clone()
}

#[test]
fn one_incident_goes_in_order_and_others_beside_it() {
    let mut state = subscribed();
    trigger(&mut state, "a");
    state.acknowledge(0, &By::user(0, "mobile"));
    trigger(&mut state, "b");
    let first = state.take_deliveries();
    assert_eq!(types(&first), ["incident.triggered", "incident.triggered"]);
    assert!(state.take_deliveries().is_empty(), "a waits for its head, b has no more");
    state.finish_delivery(&first[0], &Outcome::Status(202));
    assert_eq!(types(&state.take_deliveries()), ["incident.acknowledged"]);
}

#[test]
fn a_failing_head_blocks_its_incident_and_backs_off() {
    let mut state = subscribed();
    trigger(&mut state, "a");
    state.acknowledge(0, &By::user(0, "mobile"));
    let first = deliver(&mut state, 500);
    assert!(state.take_deliveries().is_empty());
    assert_eq!(state.next_delivery(), Some(plus_ms(state.now, 1000)));
    state.run_until(plus_ms(state.now, 1000));
    let again = deliver(&mut state, 429);
    assert_eq!((&again[0].delivery, again[0].attempt), (&first[0].delivery, 2), "a retry keeps its id");
    assert_eq!(state.next_delivery(), Some(plus_ms(state.now, 2000)));
    state.run_until(plus_ms(state.now, 2000));
    assert_eq!(types(&deliver(&mut state, 202)), ["incident.triggered"]);
    assert_eq!(types(&deliver(&mut state, 202)), ["incident.acknowledged"]);
    assert_eq!(state.hooks.queued(), 0);
}

#[test]
fn no_answer_is_tried_again_for_two_days_and_no_longer() {
    let mut state = subscribed();
    trigger(&mut state, "a");
    for _ in 0..200 {
        let Some(job) = state.take_deliveries().pop() else { break };
        state.finish_delivery(&job, &Outcome::Failed("refused".into()));
        let next = state.next_delivery().unwrap_or(state.now);
        state.hooks.attempts.push(json!(job.attempt));
        // The account's own timers are not of interest here.
        state.now = state.now.max(next);
    }
    assert_eq!(state.hooks.queued(), 0);
    assert!(state.hooks.attempts.len() > 48, "an hour apart at most");
    assert!(state.now >= plus_s("2026-05-03T00:00:00Z".parse().expect("an instant"), 0));
}

#[test]
fn three_drops_in_a_row_disable_for_a_day_and_lose_the_queue() {
    let mut state = subscribed();
    for key in ["a", "b"] {
        trigger(&mut state, key);
        deliver(&mut state, 404);
    }
    trigger(&mut state, "c");
    deliver(&mut state, 202);
    for key in ["d", "e"] {
        trigger(&mut state, key);
        deliver(&mut state, 400);
    }
    assert!(!state.hooks.subscriptions[0].is_disabled(state.now), "a success in between starts the count anew");
    trigger(&mut state, "f");
    state.acknowledge(5, &By::user(0, "mobile"));
    deliver(&mut state, 410);
    assert!(state.hooks.subscriptions[0].is_disabled(state.now));
    assert_eq!(state.hooks.queued(), 0, "the acknowledgement behind it is gone");
    trigger(&mut state, "g");
    assert_eq!(state.hooks.queued(), 0, "new events are dropped");
    assert_eq!(state.subscription(0, false)["delivery_method"]["temporarily_disabled"], true);
    state.hooks.subscriptions[0].enable();
    trigger(&mut state, "h");
    assert_eq!(types(&deliver(&mut state, 202)), ["incident.triggered"]);
}

#[test]
fn the_penalty_ends_after_a_day() {
    let mut state = subscribed();
    for key in ["a", "b", "c"] {
        trigger(&mut state, key);
        deliver(&mut state, 400);
    }
    state.now = plus_s(state.now, 24 * 3600);
    trigger(&mut state, "d");
    assert_eq!(state.take_deliveries().len(), 1);
}

#[test]
fn sixteen_at_once_and_no_more() {
    let mut state = subscribed();
    for i in 0..20 {
        trigger(&mut state, &format!("k{i}"));
    }
    assert_eq!(state.take_deliveries().len(), 16);
}

#[test]
fn a_held_delivery_lets_another_incident_go_first() {
    let mut state = subscribed();
    script(&mut state, json!({ "reorder": true }));
    trigger(&mut state, "a");
    assert!(state.take_deliveries().is_empty());
    trigger(&mut state, "b");
    assert_eq!(data(&deliver(&mut state, 202)[0])["title"], "b");
    assert_eq!(data(&deliver(&mut state, 202)[0])["title"], "a");
}

#[test]
fn by_force_the_order_of_one_incident_breaks() {
    let mut state = subscribed();
    script(&mut state, json!({ "reorder": true, "force": true }));
    trigger(&mut state, "a");
    assert!(state.take_deliveries().is_empty(), "waits for something to overtake it");
    state.acknowledge(0, &By::user(0, "mobile"));
    assert_eq!(types(&deliver(&mut state, 202)), ["incident.acknowledged"]);
    assert_eq!(types(&deliver(&mut state, 202)), ["incident.triggered"]);
}

#[test]
fn a_delay_moves_the_delivery_once() {
    let mut state = subscribed();
    script(&mut state, json!({ "delay_ms": 700 }));
    trigger(&mut state, "a");
    assert!(state.take_deliveries().is_empty());
    assert_eq!(state.next_delivery(), Some(plus_ms(state.now, 700)));
    state.run_until(plus_ms(state.now, 700));
    assert_eq!(state.take_deliveries().len(), 1);
}

#[test]
fn an_outage_holds_everything_back() {
    let mut state = subscribed();
    state.faults.outage.webhooks = true;
    trigger(&mut state, "a");
    assert!(state.take_deliveries().is_empty());
    state.faults.outage.webhooks = false;
    assert_eq!(state.take_deliveries().len(), 1);
}

#[test]
fn both_secrets_sign_while_a_rotation_lasts() {
    let mut state = subscribed();
    state.hooks.subscriptions[0].old_secret = Some("old".into());
    trigger(&mut state, "a");
    let signature = state.take_deliveries()[0].signature.clone().expect("a signature");
    assert_eq!(signature.matches("v1=").count(), 2);
}

#[test]
fn payloads_have_the_webhooks_own_names() {
    let mut state = subscribed();
    trigger(&mut state, "a");
    let job = deliver(&mut state, 202).remove(0);
    let whole: Value = serde_json::from_slice(&job.body).expect("JSON");
    assert_eq!(whole["event"]["resource_type"], "incident");
    assert_eq!(whole["event"]["agent"]["type"], "inbound_integration_reference");
    let shown = data(&job);
    assert_eq!(shown["number"], 1001);
    assert!(shown["assignees"].as_array().is_some_and(|a| a.len() == 1));
    for absent in ["incident_number", "assignments", "alert_counts", "summary"] {
        assert!(shown.get(absent).is_none(), "{absent} belongs to REST");
    }
    state.resolve(0, &By::user(0, "website"), Some("cleaned"));
    let resolved = deliver(&mut state, 202).remove(0);
    assert_eq!(data(&resolved)["assignees"], json!([]));
    let note = deliver(&mut state, 202).remove(0);
    assert_eq!(
        (note.event_type.as_str(), &data(&note)["content"]),
        ("incident.annotated", &json!("Resolution Note: cleaned"))
    );
}
