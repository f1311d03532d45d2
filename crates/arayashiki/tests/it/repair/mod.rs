//! Gaps repaired: webhooks that PagerDuty lost, delayed, gave up on or sent to nobody, and what the polls make of it. In
//! the end the mirror equals the original, incident by incident, the page tells the story, and nothing old was acted on.

mod acts;
mod backfill;
mod kills;
mod truth;

use crate::outside::{parallel, wait};
use crate::world::sandbox::{PEOPLE, SERVICES};
use crate::world::{Arms, Database, SHORT, World};
use serde_json::{Value, json};
use truth::assert_equal;

/// A world that asks PagerDuty every second; whatever else of the configuration may be changed.
pub fn world(database: Database, change: impl Fn(String) -> String) -> World {
    world_beside(database, &[], change)
}

pub fn world_beside(database: Database, sandbox: &[&str], change: impl Fn(String) -> String) -> World {
    let world = World::beside(database, SHORT, sandbox);
    let config = std::fs::read_to_string(world.site.config()).unwrap();
    let config = config.replace(
        "first_sight = \"1d\"",
        "first_sight = \"1d\"\npoll = \"1s\"\nsweep = \"2s\"\nreference = \"5s\"\n\n[webhook_guard]\nmode = \"post\"\nlook = \"1s\"",
    );
    std::fs::write(world.site.config(), change(config)).unwrap();
    world
}

fn each(run: impl Fn(Database) + Sync) {
    let cases: Vec<_> = Database::at_hand().into_iter().map(|d| (format!("{d:?}"), d)).collect();
    parallel::all(&cases, |database| run(*database));
}

/// Waits until something holds of what the program shows.
pub fn shows(world: &World, path: &str, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
    let mut last = String::new();
    let found = wait::within(wait::LONG, || {
        let answer = world.site.authorized("GET", path).send(world.site.address).ok()?;
        last = answer.text();
        (answer.status == 200).then(|| answer.json()).filter(|value| holds(value))
    });
    found.unwrap_or_else(|| panic!("{what} is never shown at {path}, but {last}: {}", world.unrest()))
}

fn live(world: &World, n: usize) -> Vec<String> {
    (0..n).map(|i| world.sandbox.trigger(SERVICES[i % SERVICES.len()], &format!("live/{i}"))).collect()
}

fn act(world: &World, incident: &str, act: &str) {
    world.sandbox.control("act", &json!({ "incident": incident, "act": act, "by": PEOPLE[0] }));
}

/// The effects that acting on old news would have: notes and alarms made by the program.
fn our_notes(world: &World) -> usize {
    world.sandbox.effects().iter().filter(|effect| effect["kind"] == "note.created").count()
}

#[test]
fn a_subscription_that_was_given_up_is_switched_on_again_and_its_gap_is_proven_closed() {
    each(|database| {
        let mut world = world(database, |config| config);
        world.site.start(&Arms::default());
        live(&world, 2);
        world.settle();
        world.sandbox.control("subscription", &json!({ "act": "disable" }));
        // Told to nobody: only the log has it.
        let lost = world.sandbox.trigger(SERVICES[3], "lost/1");
        act(&world, &lost, "acknowledge");
        let gaps = |value: &Value| value["gaps"].as_array().cloned().unwrap_or_default();
        let shown = shows(&world, "/api/v1/connections", "a closed gap", |value| {
            gaps(value).iter().any(|gap| gap["state"] == "closed")
        });
        let gap = &gaps(&shown)[0];
        assert_eq!(gap["why"], "temporarily_disabled", "{gap}");
        assert_eq!(gap["lacking"], 0, "the last reading of the log lacked nothing: {gap}");
        let enabled = world.sandbox.effects().iter().filter(|e| e["kind"] == "subscription.enabled").count();
        assert_eq!(enabled, 1, "asked once");
        world.settle();
        let after = world.sandbox.trigger(SERVICES[4], "after/1");
        world.settle();
        assert_equal(&world);
        let told = world.sandbox.delivered().iter().any(|(_, incident, _)| incident.as_deref() == Some(&after));
        assert!(told, "webhooks come again");
    });
}

#[test]
fn webhooks_that_never_come_although_the_log_goes_on_are_noticed_and_repaired() {
    each(|database| {
        let mut world = world(database, |config| config.replace("look = \"1s\"", "look = \"1s\"\nlate = \"1s\""));
        world.site.start(&Arms::default());
        live(&world, 1);
        // What the first sight of the account tells is history, and no sign of silence.
        world.settle_at_first();
        world.sandbox.control("lose", &json!({ "next": 1000 }));
        let ids = live_named(&world, "silent", 4);
        act(&world, &ids[0], "acknowledge");
        act(&world, &ids[1], "resolve");
        shows(&world, "/api/v1/connections", "the silence", |value| {
            value["webhooks"]["subscriptions"].as_array().into_iter().flatten().any(|one| one["health"] == "silent")
        });
        assert_equal(&world);
        world.sandbox.control("lose", &json!({ "next": 0 }));
        live_named(&world, "heard", 2);
        let told = shows(&world, "/api/v1/connections", "the gap closed", |value| {
            value["gaps"].as_array().into_iter().flatten().any(|gap| gap["state"] == "closed")
        });
        assert_eq!(told["gaps"][0]["why"], "silent", "{told}");
        assert_eq!(told["account"]["lost"], 0, "{told}");
    });
}

#[test]
fn silence_is_noticed_by_a_key_that_may_not_list_subscriptions() {
    each(|database| {
        let mut world = world(database, |config| config.replace("look = \"1s\"", "look = \"1s\"\nlate = \"1s\""));
        let token = world.sandbox.info["token"].clone();
        world.sandbox.control("scopes", &json!({ "token": token, "deny": ["/webhook_subscriptions"] }));
        world.site.start(&Arms::default());
        live(&world, 1);
        world.settle_at_first();
        world.sandbox.control("lose", &json!({ "next": 1000 }));
        live_named(&world, "silent", 4);
        let health = |value: &Value| value["webhooks"]["subscriptions"][0]["health"].clone();
        shows(&world, "/api/v1/connections", "the silence", |value| health(value) == "silent");
        world.sandbox.control("lose", &json!({ "next": 0 }));
        live_named(&world, "heard", 2);
        let told =
            shows(&world, "/api/v1/connections", "the gap closed", |value| value["gaps"][0]["state"] == "closed");
        assert_eq!((told["gaps"][0]["why"].as_str(), health(&told)), (Some("silent"), json!("ok")), "{told}");
        assert_equal(&world);
    });
}

/// What the mirror shows once whatever was in the way is gone, without anybody's help.
fn mirrors_all(world: &World, ids: &[String]) {
    shows(world, "/api/v1/incidents?limit=100", "every incident", |value| {
        let shown: Vec<&str> =
            value["items"].as_array().into_iter().flatten().filter_map(|i| i["id"].as_str()).collect();
        ids.iter().all(|id| shown.contains(&id.as_str()))
    });
    shows(world, "/api/v1/backfills", "the first sight done", |value| {
        let first =
            value["items"].as_array().and_then(|items| items.iter().find(|b| b["id"] == "first-sight").cloned());
        first.is_some_and(|first| first["state"] == "done")
    });
    assert_equal(world);
}

#[test]
fn a_first_start_behind_a_proxy_heals_by_itself_once_the_way_is_free() {
    each(|database| {
        let mut world = world(database, |config| config);
        let page = json!({ "status": 302, "headers": { "location": "https://sign-in.example/" } });
        world.sandbox.fault(&json!({ "on": "rest", "path": "/", "times": 100_000, "do": page }));
        let ids = live(&world, 5);
        world.site.start(&Arms::default());
        shows(&world, "/api/v1/connections", "what is in the way", |value| {
            value["rest"]["breaker"]["why"].as_str().is_some_and(|why| why.contains("proxy"))
        });
        assert_eq!(world.site.all("jobs?state=dead").unwrap().len(), 0, "nothing dies of the way there");
        world.sandbox.forget_faults();
        // Tried at once by the next start, and by itself when the pause is over.
        world.site.kill();
        world.site.start(&Arms::default());
        mirrors_all(&world, &ids);
    });
}

#[test]
fn a_permission_that_comes_later_is_used_and_the_history_that_lacked_it_is_fetched() {
    each(|database| {
        let mut world = world(database, |config| config);
        let token = world.sandbox.info["token"].clone();
        let ids = live(&world, 4);
        world.sandbox.control("scopes", &json!({ "token": token, "deny": ["GET /incidents", "GET /log_entries"] }));
        world.site.start(&Arms::default());
        shows(&world, "/api/v1/backfills", "the first sight stopped", |value| {
            value["items"].as_array().into_iter().flatten().any(|b| b["state"] == "stopped" && b["why"].is_string())
        });
        shows(&world, "/api/v1/connections", "what is refused", |value| {
            value["polls"].as_array().into_iter().flatten().any(|p| p["name"] == "log" && p["refused"].is_string())
        });
        assert_eq!(world.site.all("jobs?state=dead").unwrap().len(), 0, "no reading dies of a permission");
        world.sandbox.control("scopes", &json!({ "token": token, "deny": [] }));
        world.site.kill();
        world.site.start(&Arms::default());
        mirrors_all(&world, &ids);
        shows(&world, "/api/v1/connections", "nothing missing", |value| value["rest"]["missing"] == json!([]));
    });
}

#[test]
fn an_incident_that_pagerduty_shows_no_more_is_told_as_such_until_it_is_shown_again() {
    each(|database| {
        let mut world = world(database, |config| config.replace("sweep = \"2s\"", "sweep = \"1h\""));
        world.site.start(&Arms::default());
        let id = live(&world, 1).remove(0);
        world.settle();
        let path = format!("/incidents/{id}");
        let gone =
            json!({ "on": "rest", "method": "GET", "path": path, "times": 100, "do": { "status": 404, "body": {} } });
        world.sandbox.fault(&gone);
        act(&world, &id, "acknowledge");
        let api = format!("/api/v1/incidents/{id}");
        shows(&world, &api, "that it is not shown", |value| value["not_shown_since"].is_string());
        world.sandbox.forget_faults();
        act(&world, &id, "resolve");
        shows(&world, &api, "it again", |value| value["not_shown_since"].is_null() && value["status"] == "resolved");
        world.settle();
        assert_equal(&world);
    });
}

fn live_named(world: &World, name: &str, n: usize) -> Vec<String> {
    (0..n).map(|i| world.sandbox.trigger(SERVICES[i % SERVICES.len()], &format!("{name}/{i}"))).collect()
}

#[test]
fn a_subscription_that_is_gone_is_told_and_the_log_does_without_it() {
    each(|database| {
        let mut world = world(database, |config| config);
        world.site.start(&Arms::default());
        live(&world, 1);
        world.settle();
        world.sandbox.control("subscription", &json!({ "act": "delete" }));
        let id = world.sandbox.trigger(SERVICES[1], "gone/1");
        act(&world, &id, "acknowledge");
        shows(&world, "/api/v1/connections", "a deleted subscription", |value| {
            value["webhooks"]["subscriptions"].as_array().into_iter().flatten().any(|one| one["health"] == "deleted")
        });
        shows(&world, &format!("/api/v1/incidents/{id}"), "the incident", |value| value["status"] == "acknowledged");
        world.settle();
        assert_equal(&world);
    });
}

#[test]
fn without_webhooks_at_all_the_mirror_is_whole_a_moment_later() {
    each(|database| {
        let mut world = world(database, |config| {
            let lines = config.lines().filter(|line| !line.starts_with("webhook_s"));
            lines.collect::<Vec<_>>().join("\n") + "\n"
        });
        world.sandbox.control("subscription", &json!({ "act": "delete" }));
        world.site.start(&Arms::default());
        let ids = live(&world, 5);
        act(&world, &ids[0], "acknowledge");
        act(&world, &ids[1], "resolve");
        world.sandbox.control("act", &json!({ "incident": ids[2], "act": "merge", "sources": [ids[3]] }));
        world
            .sandbox
            .control("act", &json!({ "incident": ids[4], "act": "note", "content": "確認中", "by": PEOPLE[1] }));
        shows(&world, &format!("/api/v1/incidents/{}", ids[3]), "the merge", |value| value["status"] == "resolved");
        world.settle();
        assert_equal(&world);
    });
}

#[test]
fn webhooks_two_days_late_reversed_and_doubled_change_nothing_in_the_end_and_move_nobody() {
    each(|database| {
        // Two days behind, so that what happens there is old when it is told here.
        let mut world = world_beside(database, &["--behind-s", "172900"], |config| config);
        world.site.start(&Arms::default());
        live(&world, 1);
        world.settle();
        let notes = our_notes(&world);
        world.sandbox.control("duplicate", &json!({ "copies": 1 }));
        world.sandbox.control("hold", &json!({ "seconds": 172_800, "reversed": true }));
        world.site.kill();
        let ids = live_named(&world, "late", 3);
        act(&world, &ids[0], "acknowledge");
        act(&world, &ids[0], "resolve");
        act(&world, &ids[1], "acknowledge");
        act(&world, &ids[1], "resolve");
        act(&world, &ids[2], "resolve");
        // Two days later everything that was held comes in at once, the newest first.
        world.sandbox.control("advance", &json!({ "seconds": 172_900 }));
        world.site.start(&Arms::default());
        world.settle();
        assert_equal(&world);
        assert_eq!(our_notes(&world) - notes, 0, "nothing is done about what is over");
    });
}

#[test]
fn a_rotated_secret_is_told_and_what_was_refused_comes_in_once_it_is_known() {
    each(|database| {
        let mut world = world(database, |config| config);
        world.site.start(&Arms::default());
        live(&world, 1);
        world.settle();
        let mut alarm = crate::story::Alarm::begin(&world);
        shows(&world, "/api/v1/connections", "a gap for the wrong secret", |value| {
            value["gaps"].as_array().into_iter().flatten().any(|gap| gap["why"] == "wrong_secret")
        });
        alarm.mend(&mut world, &Arms::default());
        live_named(&world, "mended", 2);
        shows(&world, "/api/v1/connections", "the gap closed", |value| {
            value["gaps"].as_array().into_iter().flatten().any(|gap| gap["state"] == "closed")
        });
        world.settle();
        assert_equal(&world);
    });
}
