//! Backfill: history fetched slice by slice, at little cost, whatever happens meanwhile; it acts on nothing.

use super::{each, shows, truth, world_beside};
use crate::world::{Arms, Database, World};
use serde_json::{Value, json};

/// Four months of history behind an account that is new to the program.
fn with_a_past(database: Database) -> World {
    let past = ["--story", "past", "--history", "400", "--days", "120"];
    // The polls go their own slow way: what history costs is to be counted.
    let slow = [
        ("first_sight = \"1d\"", "first_sight = \"0s\""),
        ("\"1s\"", "\"1h\""),
        ("\"2s\"\nref", "\"1h\"\nref"),
        ("\"5s\"", "\"1h\""),
    ];
    world_beside(database, &past, |config| slow.iter().fold(config, |text, (from, to)| text.replacen(from, to, 1)))
}

/// When the first of them was created.
fn since(world: &World) -> String {
    let created = truth::truth(world).iter().filter_map(|i| i["created_at"].as_str().map(str::to_owned)).min();
    created.expect("a past")
}

fn request(world: &World) -> std::process::Output {
    world.site.command(&["backfill", "--since", &since(world), "--json"])
}

#[test]
fn history_comes_whole_at_the_price_of_little_more_than_a_call_an_incident_and_acts_on_nothing() {
    each(|database| {
        let mut world = with_a_past(database);
        world.site.start(&Arms::default());
        world.settle();
        let before = calls(&world);
        let done = request(&world);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        world.settle();
        let incidents = truth::truth(&world).len();
        truth::assert_equal(&world);
        let spent = calls(&world) - before;
        // The polls that go on meanwhile are no part of it.
        let share = spent as f64 / incidents as f64;
        assert!(share <= 1.3, "{spent} calls for {incidents} incidents: {share:.2} each");
        let effects = world.sandbox.effects();
        assert!(effects.is_empty(), "history moved something outside: {:?}", effects.first());
        // Once more finds nothing new and asks for no single incident.
        let before = single(&world);
        let again = request(&world);
        assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
        assert_eq!(single(&world), before, "a second time reads no incident by itself");
    });
}

#[test]
fn a_kill_in_the_middle_of_history_costs_a_page_and_no_incident() {
    each(|database| {
        let mut world = with_a_past(database);
        world.site.start(&Arms::default());
        world.settle();
        let body = json!({ "since": since(&world) });
        let request = world.site.authorized("POST", "/api/v1/backfills").json_body(&body);
        let answer = request.send(world.site.address).unwrap();
        assert_eq!(answer.status / 100, 2, "{}", answer.text());
        for _ in 0..4 {
            shows(&world, "/api/v1/backfills", "progress", |value| value["items"][0]["calls"].as_i64() > Some(3));
            world.site.kill();
            world.site.start(&Arms::default());
        }
        shows(&world, "/api/v1/backfills", "the end", |value| value["items"][0]["state"] == "done");
        world.settle();
        truth::assert_equal(&world);
    });
}

/// Calls for history: lists, the log, and single incidents.
fn calls(world: &World) -> i64 {
    count(world, |way| way.starts_with("GET /incidents") || way.starts_with("GET /log_entries"))
}

fn single(world: &World) -> i64 {
    count(world, |way| way.starts_with("GET /incidents/"))
}

fn count(world: &World, is_counted: impl Fn(&str) -> bool) -> i64 {
    let calls = world.sandbox.get("calls");
    let ways = calls.as_object().cloned().unwrap_or_default();
    ways.iter().filter(|(way, _)| is_counted(way)).filter_map(|(_, n)| Value::as_i64(n)).sum()
}
