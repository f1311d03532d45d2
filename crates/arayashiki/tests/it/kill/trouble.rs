//! Nobody dies, but the outside misbehaves: late effects, stale readings, repeats, wrong order, refusals, cuts.

use super::{databases, finish, finish_alarm};
use crate::outside::parallel;
use crate::story::{Alarm, Story};
use crate::world::{SHORT, Times, World};
use serde_json::{Value, json};

/// Effects may come this much late; the settle time is longer.
const LATE_MS: i64 = 1_500;
const PATIENT: Times = Times { lease_s: 2, settle_s: 4 };

struct Case {
    times: Times,
    faults: Vec<Value>,
    alarm: bool,
}

fn note(what: Value) -> Value {
    json!({ "on": "rest", "method": "POST", "path": "/incidents/*/notes", "times": 2, "do": what })
}

fn read(what: Value) -> Value {
    json!({ "on": "rest", "method": "GET", "path": "/incidents/", "nth": 5, "times": 2, "do": what })
}

fn webhook(kind: &str, times: u32, what: Value) -> Value {
    json!({ "on": "webhook", "path": kind, "times": times, "do": what })
}

fn event(what: Value) -> Value {
    json!({ "on": "events", "path": "/v2/enqueue", "do": what })
}

fn cases() -> Vec<(&'static str, Case)> {
    let of = |name, fault: Value| (name, Case { times: SHORT, faults: vec![fault], alarm: false });
    let alarm = |name, fault: Value| (name, Case { times: SHORT, faults: vec![fault], alarm: true });
    let patient = |mut case: (&'static str, Case)| {
        case.1.times = PATIENT;
        case
    };
    vec![
        patient(of("a note that takes effect late", note(json!({ "late_ms": LATE_MS })))),
        of("a note refused with a bare 429", note(json!({ "status": 429 }))),
        of("a note refused with 503", note(json!({ "status": 503 }))),
        of("a note's connection cut before it was read", note(json!({ "cut": "before_read" }))),
        of("a note's connection cut in its middle", note(json!({ "cut": "mid_body" }))),
        of("a note taken and its answer cut", note(json!({ "cut": "after_effect" }))),
        of("a note taken and half its answer", note(json!({ "cut": "mid_reply" }))),
        of("a note that takes longer than the lease", note(json!({ "delay_ms": 3_000 }))),
        of("a stale reading", read(json!({ "stale": 2 }))),
        of("a reading refused with 500", read(json!({ "status": 500 }))),
        of("a reading refused with 429", read(json!({ "status": 429, "headers": { "ratelimit-reset": "1" } }))),
        of("half a reading", read(json!({ "cut": "mid_reply" }))),
        of("every webhook three times", webhook("incident.*", 200, json!({ "duplicate": 2 }))),
        of("webhooks of two incidents in wrong order", webhook("incident.acknowledged", 1, json!({ "reorder": true }))),
        of("webhooks of one incident in wrong order", {
            webhook("incident.acknowledged", 1, json!({ "reorder": true, "force": true }))
        }),
        of("webhooks cut before the answer", webhook("incident.*", 5, json!({ "cut": "before_reply" }))),
        patient(alarm("a page that takes effect late", event(json!({ "late_ms": LATE_MS })))),
        alarm("a page accepted and seen late", event(json!({ "appear_ms": 7_000 }))),
        alarm("a page taken and its answer cut", event(json!({ "cut": "after_effect" }))),
        alarm("a page refused with 500", event(json!({ "status": 500 }))),
    ]
}

#[test]
fn an_outside_that_misbehaves_makes_it_neither_lose_nor_repeat() {
    let cases = cases();
    let mut all = Vec::new();
    for (i, (name, case)) in cases.iter().enumerate() {
        all.extend(databases(i).into_iter().map(|database| (format!("{database:?}, {name}"), (database, case))));
    }
    parallel::all(&all, |(database, case)| {
        let mut world = World::started(*database, case.times);
        case.faults.iter().for_each(|fault| world.sandbox.fault(fault));
        if case.alarm {
            let mut alarm = Alarm::begin(&world);
            finish_alarm(&mut world, &mut alarm);
        } else {
            let mut story = Story::new("night");
            story.first_half(&world.sandbox);
            finish(&world, &mut story);
        }
        assert!(world.sandbox.fired() > 0, "the trouble never came");
    });
}
