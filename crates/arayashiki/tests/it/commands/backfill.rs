//! `backfill`: by a server that runs, by itself where none does, stopped, killed, and asked for twice.

use super::{assert_mirrored, ends, truth};
use crate::outside::parallel;
use crate::outside::process::{Process, err, out, program};
use crate::outside::wait;
use crate::world::{Arms, Database, SHORT, World};
use serde_json::{Value, json};
use std::time::Duration;

const HISTORY: [&str; 6] = ["--story", "past", "--history", "120", "--days", "100"];

fn world(database: Database) -> World {
    World::beside(database, SHORT, &HISTORY)
}

/// From the oldest incident on, and those that the span holds.
fn whole_span(world: &World) -> (String, Vec<Value>) {
    let all = truth(&world.sandbox);
    let oldest = all.iter().map(|incident| incident["created_at"].as_str().unwrap()).min().unwrap();
    (oldest.to_owned(), all)
}

fn slow(world: &World, ms: u32) {
    let delay = json!({ "on": "rest", "times": 100_000, "do": { "delay_ms": ms } });
    world.sandbox.control("faults", &json!({ "faults": [delay] }));
}

fn fast(world: &World) {
    world.sandbox.control("faults", &json!({ "faults": [] }));
}

/// The command, started and left to itself; what it says goes to a file.
fn begin(world: &World, since: &str, log: &str) -> Process {
    let mut command = program();
    command.arg("--config").arg(world.site.config()).args(["backfill", "--json", "--since", since]);
    Process::start(command, &world.site.folder.path().join(log))
}

fn said(world: &World, log: &str) -> String {
    std::fs::read_to_string(world.site.folder.path().join(log).with_extension("out")).unwrap_or_default()
}

/// What it told last.
fn last(text: &str) -> Value {
    text.lines().last().map_or(Value::Null, |line| serde_json::from_str(line).unwrap())
}

fn backfills(world: &World) -> Vec<Value> {
    let listed = world.site.api("backfills").unwrap();
    let rows = listed["items"].as_array().unwrap().iter();
    rows.filter(|row| row["id"] != "first-sight").cloned().collect()
}

#[test]
fn a_running_server_does_the_work_and_the_command_shows_it() {
    let cases: Vec<_> = Database::at_hand().into_iter().map(|d| (format!("{d:?}"), d)).collect();
    parallel::all(&cases, |database| {
        let mut world = world(*database);
        world.site.start(&Arms::default());
        wait::until("the server to say that it lives", || {
            let checked = out(&world.site.command(&["check"]));
            checked.contains("a server runs on").then_some(())
        });
        let (since, all) = whole_span(&world);
        let before = world.sandbox.effects().len();
        let output = world.site.command(&["backfill", "--since", &since]);
        let text = ends(&output, 0);
        assert!(!err(&output).contains("No server runs"), "{}", err(&output));
        let end = text.lines().last().unwrap();
        assert!(end.starts_with("done: ") && end.contains("120 incidents") && end.contains("log entries"), "{text}");
        assert_mirrored(&world, &all);
        assert_eq!(world.sandbox.effects().len(), before, "history acted");
        // Once more changes nothing and is a span of its own.
        ends(&world.site.command(&["backfill", "--since", &since, "--json"]), 0);
        assert_eq!(backfills(&world).len(), 2);
        assert_mirrored(&world, &all);
    });
}

#[test]
fn without_a_server_the_command_fetches_and_a_kill_loses_nothing() {
    let cases: Vec<_> = Database::at_hand().into_iter().map(|d| (format!("{d:?}"), d)).collect();
    parallel::all(&cases, |database| {
        let world = world(*database);
        let (since, all) = whole_span(&world);
        let before = world.sandbox.effects().len();
        slow(&world, 60);
        let mut first = begin(&world, &since, "first.log");
        wait::until("a part of the history", || {
            (last(&said(&world, "first.log"))["calls"].as_i64()? > 5).then_some(())
        });
        first.kill();
        let killed = last(&said(&world, "first.log"));
        assert_eq!(killed["state"], "running", "{killed}");
        fast(&world);
        let mut second = begin(&world, &since, "second.log");
        let status = second.ends_within(wait::LONG).expect("it does not end");
        let end = last(&said(&world, "second.log"));
        assert!(status.success(), "{end}");
        assert_eq!((&end["state"], &end["percent"]), (&json!("done"), &json!(100)));
        assert_eq!(end["id"], killed["id"], "it went on where it was");
        assert_mirrored(&world, &all);
        assert_eq!(world.sandbox.effects().len(), before, "history acted");
    });
}

#[test]
fn who_stops_watching_leaves_the_server_going_on_and_may_watch_again() {
    let mut world = world(Database::Sqlite);
    world.site.start(&Arms::default());
    let (since, all) = whole_span(&world);
    slow(&world, 60);
    let mut watching = begin(&world, &since, "watching.log");
    wait::until("something to see", || (!said(&world, "watching.log").is_empty()).then_some(()));
    watching.signal("INT");
    let status = watching.ends_within(wait::LONG).expect("it does not end");
    assert_eq!(status.code(), Some(1));
    let words = std::fs::read_to_string(world.site.folder.path().join("watching.log")).unwrap();
    assert!(words.contains("goes on"), "{words}");
    assert_eq!(backfills(&world).len(), 1);
    fast(&world);
    let output = world.site.command(&["backfill", "--since", &since]);
    ends(&output, 0);
    assert_mirrored(&world, &all);
    let known = err(&output).contains("being fetched already");
    assert_eq!(backfills(&world).len(), if known { 1 } else { 2 }, "{}", err(&output));
}

#[test]
fn what_is_no_span_ends_with_2_and_asks_for_nothing() {
    let mut world = World::new(Database::Sqlite, SHORT);
    for arguments in [
        &["--since", "soon"][..],
        &["--since", "2999-01-01"],
        &["--since", "2026-05-02", "--until", "2026-05-01"],
        &["--since", "2026-05-02", "--until", "2999-05-01"],
        &[],
    ] {
        let output = world.site.command(&[&["backfill"], arguments].concat());
        ends(&output, 2);
        assert!(err(&output).split_whitespace().count() > 3, "{}", err(&output));
    }
    world.site.start(&Arms::default());
    assert_eq!(backfills(&world), Vec::<Value>::new());
    world.site.stop();
    world.site.configure("");
    let output = world.site.command(&["backfill", "--since", "2026-05-01"]);
    ends(&output, 2);
    assert!(err(&output).contains("token"), "{}", err(&output));
}

/// A server that comes up while the command works takes the work over.
#[test]
fn a_server_that_is_started_meanwhile_takes_over() {
    let mut world = world(Database::Sqlite);
    let (since, all) = whole_span(&world);
    slow(&world, 60);
    let mut working = begin(&world, &since, "working.log");
    wait::until("work without a server", || (last(&said(&world, "working.log"))["state"] == "running").then_some(()));
    world.site.start(&Arms::default());
    let log = world.site.folder.path().join("working.log");
    wait::until("the hand-over", || {
        std::fs::read_to_string(&log).unwrap().contains("A server was started").then_some(())
    });
    fast(&world);
    let status = working.ends_within(Duration::from_secs(120)).expect("it does not end");
    assert!(status.success());
    assert_mirrored(&world, &all);
}
