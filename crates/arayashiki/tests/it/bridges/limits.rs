//! Each of the other systems says 429, once to every kind of call and then for a while: it is asked again no sooner than it said, and in
//! the end each thing was told once.

use super::desk::{Desk, Plan, SATO};
use super::seen::micros;
use super::spaces::OURS;
use crate::net::each;
use crate::outside::wait;
use crate::world::Database;
use crate::world::sandbox::SERVICES;
use serde_json::{Value, json};

const WAIT_S: i64 = 3;
/// Answers are timed where they are given, and a wait begins where they arrive.
const NEAR_US: i64 = 20_000;

fn refusal(body: &Value) -> Value {
    json!({ "status": 429, "headers": { "retry-after": WAIT_S.to_string() }, "body": body })
}

fn slack_refuses(desk: &Desk, path: &str, times: u32) {
    let fault = json!({ "path": path, "times": times, "do": refusal(&json!({ "ok": false, "error": "ratelimited" })) });
    desk.slack.control("faults", &json!({ "faults": [fault] }));
}

fn backlog_refuses(desk: &Desk, path: &str, times: u32) {
    let told = json!({ "errors": [{ "message": "Too many requests", "code": 13, "moreInfo": "" }] });
    let fault = json!({ "path": path, "times": times, "do": refusal(&told) });
    desk.tracker().control("faults", &json!({ "faults": [fault] }));
}

fn google_refuses(desk: &Desk, path: &str, times: u32) {
    let told =
        json!({ "error": { "errors": [{ "domain": "usageLimits", "reason": "rateLimitExceeded" }], "code": 429 } });
    let fault = json!({ "path": path, "times": times, "do": refusal(&told) });
    desk.google().control("faults", &json!({ "faults": [fault] }));
}

fn pagerduty_refuses(desk: &Desk, on: &str, path: &str, times: u32) {
    desk.sandbox().fault(&json!({ "on": on, "path": path, "times": times, "do": refusal(&json!({})) }));
}

fn started(database: Database) -> Desk {
    let desk = Desk::started(database, &Plan { tickets: true, calendars: true, ..Plan::default() });
    desk.first_contacts();
    desk
}

/// Something of each kind happens, moves and ends.
fn story(desk: &Desk) {
    let incident = desk.sandbox().trigger(SERVICES[0], "disk");
    let key = desk.tracker().create("課題-混雑");
    desk.promise("予定-混雑", 5);
    for title in ["disk", "課題-混雑", "予定-混雑"] {
        desk.until(&[title]);
    }
    let is_paged = || ["課題-混雑", "予定-混雑"].iter().all(|title| desk.paged(title).len() == 1).then_some(());
    assert!(wait::within(wait::LONG, is_paged).is_some(), "{}", desk.world.unrest());
    let promised = desk.paged("予定-混雑")[0]["id"].as_str().unwrap().to_owned();
    for incident in [&incident, &promised] {
        desk.sandbox().control("act", &json!({ "incident": incident, "act": "resolve", "by": SATO }));
    }
    desk.tracker().acted("assign", &json!({ "as": OURS, "ticket": key, "to": OURS }));
    desk.until(&["解決", "disk"]);
    desk.until(&["対応されました", &key]);
    desk.until(&["PagerDuty で解決しました", "予定-混雑"]);
    let is_over =
        || ["disk", "混雑"].iter().all(|title| desk.paged(title).iter().all(|one| one["status"] == "resolved"));
    assert!(wait::within(wait::LONG, || is_over().then_some(())).is_some(), "{}", desk.world.unrest());
    desk.rests();
}

fn once(desk: &Desk) {
    for title in ["disk", "課題-混雑", "予定-混雑"] {
        desk.once(title, 1);
    }
    assert_eq!(desk.messages().len(), 3, "{}", json!(desk.messages()));
    desk.no_repeats();
}

/// The instants at which a path was refused, by the log of whoever refused.
fn refused(log: &[Value], kind: &str, path: &str) -> Vec<i64> {
    let is_meant = |entry: &&Value| {
        entry["kind"] == kind
            && entry["detail"]["status"] == 429
            && entry["detail"]["path"].as_str().is_some_and(|own| own.starts_with(path))
    };
    log.iter().filter(is_meant).map(micros).collect()
}

/// What only one job at a time asks for was refused so often, and asked for again no sooner than was said.
fn obeyed(what: &str, refused: &[i64], times: usize) {
    assert_eq!(refused.len(), times, "{what} was refused at {refused:?}");
    for pair in refused.windows(2) {
        let gap_us = pair[1] - pair[0];
        assert!(gap_us + NEAR_US >= WAIT_S * 1_000_000, "{what} was asked for again after {gap_us} µs: {refused:?}");
    }
}

/// The same where so many may be under way together, each of which was sent before the first refusal came.
fn obeyed_by(together: usize, what: &str, refused: &[i64], times: usize) {
    assert_eq!(refused.len(), times, "{what} was refused at {refused:?}");
    for at in 0..times - together {
        let gap_us = refused[at + together] - refused[at];
        assert!(gap_us + NEAR_US >= WAIT_S * 1_000_000, "{what} was asked for again after {gap_us} µs: {refused:?}");
    }
}

#[test]
fn every_call_is_refused_once() {
    each(|database| {
        let desk = started(database);
        for path in
            ["/api/chat.postMessage", "/api/chat.update", "/api/conversations.history", "/api/conversations.replies"]
        {
            slack_refuses(&desk, path, 1);
        }
        for path in ["/api/v2/space/activities", "/api/v2/issues/", "/api/v2/issues"] {
            backlog_refuses(&desk, path, 1);
        }
        desk.google().control("expire_tokens", &json!({}));
        for path in ["/token", "/calendar/v3/"] {
            google_refuses(&desk, path, 1);
        }
        for path in ["/v2/enqueue", "/incidents/", "/incidents", "/log_entries"] {
            pagerduty_refuses(&desk, if path == "/v2/enqueue" { "events" } else { "rest" }, path, 1);
        }
        story(&desk);
        once(&desk);
        for (system, least) in [("slack", 2), ("backlog", 2), ("google", 2)] {
            let count = refused(&desk.log(system), "refused", "/").len();
            assert!(count >= least, "{system} refused only {count} calls");
        }
        assert!(desk.sandbox().fired() >= 3, "PagerDuty refused only {} calls", desk.sandbox().fired());
    });
}

#[test]
fn slack_is_asked_again_no_sooner_than_it_said() {
    each(|database| {
        let desk = started(database);
        slack_refuses(&desk, "/api/chat.postMessage", 3);
        desk.sandbox().trigger(SERVICES[0], "disk");
        desk.until(&["発生中", "disk"]);
        desk.rests();
        let log = desk.log("slack");
        let times = refused(&log, "refused", "/api/chat.postMessage");
        obeyed("chat.postMessage", &times, 3);
        let posted = log.iter().find(|entry| entry["kind"] == "slack.posted").map(micros).unwrap();
        assert!(posted - times[2] + NEAR_US >= WAIT_S * 1_000_000, "posted {} µs after it", posted - times[2]);
        // What is limited by itself does not hold up the rest.
        slack_refuses(&desk, "/api/chat.update", 3);
        let incident = desk.paged("disk")[0]["id"].as_str().unwrap().to_owned();
        desk.sandbox().control("act", &json!({ "incident": incident, "act": "resolve", "by": SATO }));
        desk.sandbox().trigger(SERVICES[1], "swap");
        desk.until(&["発生中", "swap"]);
        desk.until(&["解決", "disk"]);
        desk.rests();
        obeyed("chat.update", &refused(&desk.log("slack"), "refused", "/api/chat.update"), 3);
        desk.once("disk", 1);
        desk.once("swap", 1);
        desk.no_repeats();
    });
}

#[test]
fn slacks_own_limits_are_kept_to_and_everything_is_told() {
    let desk = started(Database::Sqlite);
    desk.slack.control("set", &json!({ "limits": { "chat.postMessage": 4, "window_s": 6, "burst": 1 } }));
    let names: Vec<String> = (0..8).map(|n| format!("disk{n}x")).collect();
    for (n, name) in names.iter().enumerate() {
        desk.sandbox().trigger(SERVICES[n % SERVICES.len()], name);
    }
    for name in &names {
        desk.until(&["発生中", name]);
    }
    desk.rests();
    for name in &names {
        desk.once(name, 1);
    }
    desk.no_repeats();
    let refusals = desk.log("slack").iter().filter(|entry| entry["detail"]["error"] == "ratelimited").count();
    assert!(refusals > 0, "nothing was refused, so nothing was tried");
    // A refusal is kept to: nobody asks over and over.
    let posts = desk.posted().len();
    assert!(refusals <= 2 * posts, "{refusals} refusals for {posts} posts");
}

#[test]
fn backlog_and_google_are_asked_again_no_sooner_than_they_said() {
    each(|database| {
        let desk = started(database);
        google_refuses(&desk, "/calendar/v3/", 4);
        desk.promise("予定-混雑", 5);
        desk.until(&["予定-混雑"]);
        desk.google().control("expire_tokens", &json!({}));
        google_refuses(&desk, "/token", 3);
        desk.promise("予定-更新", 5);
        desk.until(&["予定-更新"]);
        // All reading has one limit there: whatever asks, nobody does sooner.
        backlog_refuses(&desk, "/api/v2/", 4);
        let key = desk.tracker().create("課題-混雑");
        desk.until(&[&key]);
        desk.rests();
        let google = desk.log("google");
        obeyed("Google's calendar", &refused(&google, "refused", "/calendar/v3/"), 4);
        obeyed("Google's token", &refused(&google, "refused", "/token"), 3);
        // A ticket and what happened are read side by side.
        obeyed_by(2, "Backlog", &refused(&desk.log("backlog"), "refused", "/api/v2/"), 4);
        for title in ["予定-混雑", "予定-更新", "課題-混雑"] {
            desk.once(title, 1);
        }
        desk.no_repeats();
    });
}

#[test]
fn pagerduty_is_asked_again_no_sooner_than_it_said_and_pages_once() {
    each(|database| {
        let desk = started(database);
        pagerduty_refuses(&desk, "events", "/v2/enqueue", 3);
        let key = desk.tracker().create("課題-混雑");
        desk.until(&[&key]);
        wait::until("it to be paged", || (desk.paged("課題-混雑").len() == 1).then_some(()));
        let log = desk.sandbox().effects();
        let rejected = log.iter().filter(|entry| entry["kind"] == "event.rejected" && entry["detail"]["told"] == 429);
        obeyed("Events v2", &rejected.map(micros).collect::<Vec<_>>(), 3);
        pagerduty_refuses(&desk, "rest", "/incidents/", 6);
        desk.sandbox().trigger(SERVICES[0], "disk");
        desk.until(&["発生中", "disk"]);
        let is_fired = || (desk.sandbox().fired() >= 9).then_some(());
        assert!(wait::within(wait::LONG, is_fired).is_some(), "{}", desk.world.unrest());
        desk.rests();
        let rest = refused(&desk.sandbox().effects(), "rest.refused", "/incidents/");
        // An incident and its alerts are read side by side.
        obeyed_by(2, "the REST API", &rest, 6);
        desk.once("課題-混雑", 1);
        desk.once("disk", 1);
        desk.no_repeats();
    });
}
