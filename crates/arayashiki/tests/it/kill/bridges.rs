//! Every crash point that only posts, presses, tickets, events and reminders pass, and then a second kill wherever the recovery comes by: in the end
//! people see each message once, each press was done once, each ticket and event was told and paged once, and people were reminded once at a time.

use super::{databases, of_bridges, of_reminders};
use crate::bridges::desk::{Desk, Plan, SATO};
use crate::bridges::spaces::OURS;
use crate::bridges::{calendar, push, windows};
use crate::outside::{parallel, wait};
use crate::world::sandbox::SERVICES;
use crate::world::{Arms, Database};
use serde_json::json;
use store::faults::POINTS;

/// What the tickets are called.
const WATCHED: &str = "nobody watches this";
/// What only the first reminder of a thread says.
const FIRST_REMINDER: &str = "(1 回目)";
/// What the events are called.
const PROMISED: &str = "promised";

struct Case {
    database: Database,
    point: &'static str,
    then: &'static str,
}

fn cases() -> Vec<(String, Case)> {
    let points: Vec<&'static str> =
        POINTS.iter().copied().filter(|point| of_bridges(point) && !of_reminders(point)).collect();
    assert!(points.len() >= 17, "the points were not found: {points:?}");
    // Passed by every recovery.
    let anywhere = ["act.after_send", "finish.attempt_closed", "claim.job_taken", "read.actions_written"];
    let mut cases = Vec::new();
    for (n, point) in points.into_iter().enumerate() {
        let then = anywhere[n % anywhere.len()];
        for database in databases(n) {
            cases.push((format!("{database:?}, {point}, then {then}"), Case { database, point, then }));
        }
    }
    cases
}

#[test]
fn whatever_point_it_dies_at_people_are_told_once() {
    parallel::all(&cases(), |case| match case.point {
        "show.before_webhook" => by_webhook(case),
        point if point.starts_with("window.") => by_window(case),
        point if point.starts_with("push.") || point.starts_with("channel.") => by_push(case),
        _ => by_app(case),
    });
}

fn by_app(case: &Case) {
    let tables = "\n[reminders]\nfirst_after = \"1s\"\n".to_owned();
    let mut desk = Desk::made(case.database, &Plan { tickets: true, calendars: true, tables, ..Plan::default() });
    desk.people();
    desk.world.site.start(&Arms::default());
    desk.world.settle_at_first();
    desk.link("hanako", SATO);
    desk.tracker().settled(&desk.world);
    let first = desk.sandbox().trigger(SERVICES[0], "before");
    let message = desk.until(&["発生中", "before"]);
    let ticket = desk.tracker().create(WATCHED);
    desk.until(&[&ticket]);
    desk.promise(&promised(&desk), 5);
    desk.until(&[PROMISED]);
    desk.rests();
    desk.world.site.kill();
    desk.world.site.start(&Arms::point(case.point, 1));
    story(&desk, &message);
    desk.world.site.was_aborted(case.point);
    desk.world.site.start(&Arms::point(case.then, 1));
    again(&desk, &message);
    desk.world.site.was_aborted(case.then);
    desk.world.site.start(&Arms::default());
    again(&desk, &message);
    finish(&desk, &first);
}

/// Something for each point to be passed by. A press at a dead program is what Slack tells whoever pressed.
fn story(desk: &Desk, message: &serde_json::Value) {
    let body = json!({ "user": "hanako", "channel": "alerts", "ts": message["ts"], "action_id": "acknowledge" });
    // Once it is acknowledged there is nothing to press any more.
    desk.slack.try_control("press", &body);
    desk.sandbox().trigger(SERVICES[1], "during");
    // One that somebody takes when it has been told, as far as anything is told at all just now.
    let taken = desk.tracker().unassigned(WATCHED);
    desk.tracker().create(WATCHED);
    desk.promise(&promised(desk), 5);
    if let Some(key) = taken.first() {
        desk.tracker().acted("assign", &json!({ "as": OURS, "ticket": key, "to": OURS }));
    }
}

/// A title that no other event has.
fn promised(desk: &Desk) -> String {
    format!("{PROMISED}-{}.", titles(desk).len())
}

/// What the events are called that were entered.
fn titles(desk: &Desk) -> Vec<String> {
    let shown = desk.google.as_ref().unwrap().get("events");
    let all = shown["events"]["oncall-promises"].as_array().unwrap_or_else(|| panic!("{shown}"));
    all.iter().filter_map(|event| event["summary"].as_str()).map(str::to_owned).collect()
}

fn again(desk: &Desk, message: &serde_json::Value) {
    story(desk, message);
}

/// What is to be known of a ticket: how often it was paged, how often told, and whether somebody has it.
fn counts(desk: &Desk, key: &str) -> (usize, usize) {
    let is_named = |text: &str| text.contains(&format!("{key} "));
    let paged =
        desk.sandbox().incidents().into_iter().filter(|one| one["title"].as_str().is_some_and(is_named)).count();
    let told = desk
        .messages()
        .into_iter()
        .filter(|one| one["text"].as_str().is_some_and(|text| is_named(text) || text.starts_with(&format!("{key}: "))))
        .count();
    (paged, told)
}

fn is_first_reminder(reply: &serde_json::Value) -> bool {
    reply["text"].as_str().is_some_and(|text| text.contains(FIRST_REMINDER))
}

/// How often an event was paged, and how often told.
fn times(desk: &Desk, title: &str) -> (usize, usize) {
    (triggered(desk, title), desk.messages().iter().filter(|one| one["text"].to_string().contains(title)).count())
}

fn finish(desk: &Desk, first: &str) {
    desk.until(&["確認済み", "before"]);
    let watched = desk.tracker().unassigned(WATCHED);
    let is_told = || watched.iter().all(|key| counts(desk, key) == (1, 1)).then_some(());
    let found = wait::within(wait::LONG, is_told);
    let all: Vec<_> = watched.iter().map(|key| (key, counts(desk, key))).collect();
    assert!(found.is_some() && !all.is_empty(), "paged and told: {all:?}\n{}", desk.world.unrest());
    let events = titles(desk);
    let has_come = || events.iter().all(|title| times(desk, title) == (1, 1)).then_some(());
    let found = wait::within(wait::LONG, has_come);
    let all: Vec<_> = events.iter().map(|title| (title, times(desk, title))).collect();
    assert!(found.is_some() && !all.is_empty(), "paged and told: {all:?}\n{}", desk.world.unrest());
    desk.rests();
    for title in &events {
        assert_eq!(times(desk, title), (1, 1), "{title}");
    }
    let seen = desk.messages();
    for message in &seen {
        let told =
            message["replies"].as_array().map_or(0, |all| all.iter().filter(|one| is_first_reminder(one)).count());
        assert!(told <= 1, "reminded {told} times at once: {message}");
    }
    assert!(seen.iter().any(|one| one.to_string().contains(FIRST_REMINDER)), "nobody was reminded: {}", json!(seen));
    // Those that somebody took at once were told once, or never.
    for key in desk.tracker().titled(WATCHED) {
        let (paged, told) = counts(desk, &key);
        assert!(paged <= 1 && told <= 1 && paged == told, "{key}: paged {paged}, told {told}");
    }
    let acts = desk.world.site.all(&format!("incidents/{first}/acts")).unwrap();
    assert_eq!(acts.iter().filter(|act| act["state"] == "done").count(), acts.len(), "{acts:?}");
    let seen = desk.messages();
    let count = |word: &str| {
        seen.iter().filter(|message| message["text"].as_str().is_some_and(|text| text.contains(word))).count()
    };
    assert_eq!((count("before"), count("during")), (1, triggered(desk, "during")), "{}", json!(seen));
}

fn triggered(desk: &Desk, word: &str) -> usize {
    let all = desk.sandbox().incidents();
    all.iter().filter(|one| one["title"].as_str().is_some_and(|title| title.contains(word))).count()
}

/// Killed while the calendar's channel is opened and first heard of: in the end there is one, and by it an event is known.
fn by_push(case: &Case) {
    let mut desk = Desk::made(case.database, &push::plan());
    desk.people();
    desk.world.site.start(&Arms::point(case.point, 1));
    desk.world.site.was_aborted(case.point);
    recover(&mut desk, case.then);
    push::until_watched(&desk, 1);
    desk.world.settle();
    desk.promise(PROMISED, 5);
    desk.until(&[PROMISED]);
    desk.rests();
    assert_eq!(times(&desk, PROMISED), (1, 1));
}

/// Started, killed once more on the way, and started again.
fn recover(desk: &mut Desk, then: &str) {
    desk.world.site.start(&Arms::point(then, 1));
    // Something for each point to be passed by.
    desk.sandbox().trigger(SERVICES[1], "during");
    desk.world.site.was_aborted(then);
    desk.world.site.start(&Arms::default());
}

/// Killed while a window is opened, and again; or while it is ended. There was one, and it is over.
fn by_window(case: &Case) {
    let mut desk = Desk::made(case.database, &windows::plan(""));
    desk.people();
    desk.world.site.start(&Arms::default());
    desk.world.settle_at_first();
    calendar::until_read(&desk);
    let arm = |desk: &mut Desk, point| {
        desk.world.site.kill();
        desk.world.site.start(&Arms::point(point, 1));
    };
    if case.point != "window.over" {
        arm(&mut desk, case.point);
    }
    let event = desk.work("電源作業", 5);
    if case.point == "window.over" {
        windows::until_open(&desk, "電源作業");
        arm(&mut desk, case.point);
    } else {
        desk.world.site.was_aborted(case.point);
        recover(&mut desk, case.then);
        windows::until_open(&desk, "電源作業");
    }
    desk.google().control("cancel", &json!({ "calendar": "oncall-promises", "event": event }));
    if case.point == "window.over" {
        desk.world.site.was_aborted(case.point);
        recover(&mut desk, case.then);
    }
    desk.until(&["メンテナンス終了", "電源作業"]);
    let is_over = || windows::open(&desk).is_empty().then_some(());
    assert!(wait::within(wait::LONG, is_over).is_some(), "{:?}\n{}", windows::open(&desk), desk.world.unrest());
    desk.rests();
    assert_eq!(windows::count(&desk, "maintenance.opened"), 1, "{:?}", desk.sandbox().effects());
}

/// An incoming webhook can't be looked up: what may have been posted is posted once more and says so.
fn by_webhook(case: &Case) {
    let mut desk = Desk::made(case.database, &Plan { webhook_only: true, ..Plan::default() });
    desk.world.site.start(&Arms::point(case.point, 1));
    desk.sandbox().trigger(SERVICES[0], "disk");
    desk.world.site.was_aborted(case.point);
    desk.world.site.start(&Arms::default());
    desk.until(&["発生中", "disk"]);
    desk.rests();
    let seen = desk.messages();
    assert_eq!(seen.len(), 1, "{}", json!(seen));
}
