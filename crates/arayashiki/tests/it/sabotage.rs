//! The tests bite: with one promise taken away, the judge complains. Each sabotage is shown by the story that it spoils,
//! and the same story without it passes.

use crate::judge::complaints;
use crate::outside::parallel;
use crate::outside::wait;
use crate::power_cut;
use crate::story::Story;
use crate::world::{Arms, Database, SHORT, Site, World};
use serde_json::{Value, json};
use store::faults::SABOTAGES;

/// What the judge says after a story under this sabotage; with an empty name, after the same story without any.
fn told(sabotage: &str, story: &str, database: Database) -> Vec<String> {
    match story {
        "ack_early" => early_acknowledgement(sabotage, database),
        "no_look_up" => unknown_outcome(sabotage, database),
        "no_token_check" => a_worker_past_its_lease(sabotage, database),
        "synchronous_off" => power_cut::lost_words(sabotage, 1),
        "no_action_key" => told_twice(sabotage, database),
        other => panic!("no story shows the sabotage {other}"),
    }
}

#[test]
fn each_promise_taken_away_is_noticed() {
    let mut cases = Vec::new();
    for sabotage in SABOTAGES {
        for database in Database::at_hand() {
            // The setting exists on SQLite alone; PostgreSQL has its own.
            if *sabotage != "synchronous_off" || database == Database::Sqlite {
                cases.push((format!("{database:?}, {sabotage}"), (*sabotage, database)));
            }
        }
    }
    parallel::all(&cases, |(sabotage, database)| {
        let healthy = told("", sabotage, *database);
        assert!(healthy.is_empty(), "without sabotage: {}", healthy.join("\n"));
        // An acknowledgement may lose its race against the crash; it does not lose every time.
        let noticed = (0..6).any(|_| !told(sabotage, sabotage, *database).is_empty());
        assert!(noticed, "{sabotage} went unnoticed");
    });
}

fn doubled(found: &[String]) -> bool {
    found.iter().any(|complaint| complaint.contains("doubled note"))
}

/// Killed between the acknowledgement and the commit.
fn early_acknowledgement(sabotage: &str, database: Database) -> Vec<String> {
    let mut world = World::new(database, SHORT);
    world.site.start(&Arms { sabotage: sabotage.to_owned(), ..Arms::point("intake.before_commit", 3) });
    let mut story = Story::new("early");
    story.first_half(&world.sandbox);
    world.site.was_aborted("intake.before_commit");
    world.site.start(&Arms::default());
    story.second_half(&world.sandbox);
    story.close(&world);
    let found = complaints(&world, &story);
    if sabotage.is_empty() || found.iter().any(|complaint| complaint.contains("not in the inbox: [(")) {
        return found;
    }
    Vec::new()
}

/// Killed after a note had its effect and before its answer came.
fn unknown_outcome(sabotage: &str, database: Database) -> Vec<String> {
    let mut world = World::new(database, SHORT);
    world.site.start(&Arms::sabotage(sabotage));
    let kill = json!({ "kill_pid": world.site.id(), "at": "after_effect" });
    world.sandbox.fault(&json!({ "on": "rest", "method": "POST", "path": "/incidents/*/notes", "do": kill }));
    let mut story = Story::new("unknown");
    story.first_half(&world.sandbox);
    assert!(world.site.process().ends_within(wait::LONG).is_some(), "no note was sent");
    world.site.kill();
    world.site.start(&Arms::sabotage(sabotage));
    story.second_half(&world.sandbox);
    story.close(&world);
    only_doubled(sabotage, complaints(&world, &story))
}

/// One incident, told of by two webhooks and each of them three times.
fn told_twice(sabotage: &str, database: Database) -> Vec<String> {
    let mut world = World::new(database, SHORT);
    world.site.start(&Arms::sabotage(sabotage));
    world.sandbox.fault(&json!({ "on": "webhook", "times": 50, "do": { "duplicate": 2 } }));
    let mut story = Story::new("twice");
    story.first_half(&world.sandbox);
    story.second_half(&world.sandbox);
    story.close(&world);
    only_doubled(sabotage, complaints(&world, &story))
}

/// Under sabotage only the expected complaint counts as noticing.
fn only_doubled(sabotage: &str, found: Vec<String>) -> Vec<String> {
    if sabotage.is_empty() || doubled(&found) { found } else { Vec::new() }
}

/// A worker stands still in the middle of a note, past its lease. Another one takes the job over, finds the note and is
/// done. Then the first one goes on, with an outcome that nobody wants any more.
fn a_worker_past_its_lease(sabotage: &str, database: Database) -> Vec<String> {
    let mut world = World::new(database, SHORT);
    world.site.start(&Arms::sabotage(sabotage));
    let trouble = json!({ "delay_ms": 1_500, "cut": "after_effect" });
    world.sandbox.fault(&json!({ "on": "rest", "method": "POST", "path": "/incidents/*/notes", "do": trouble }));
    let id = world.sandbox.trigger(crate::world::sandbox::SERVICES[0], "lease/0");
    wait::until("the note to be under way", || (world.sandbox.fired() > 0).then_some(()));
    let second = take_over(&mut world);
    let key = format!("link_note/{id}/new/1");
    wait::until("the second worker to be done", || {
        let jobs = second.all("jobs").ok()?;
        jobs.iter().any(|job| job["key"] == *key && job["state"] == "done").then_some(())
    });
    world.site.process().signal("CONT");
    // The first worker writes its outcome at once, or is told that it is too late: a job later both have been quiet.
    let mut story = Story::new("lease");
    story.noted.insert(id);
    wait_for_the_late_outcome(&world);
    world.settle();
    drop(second);
    only_doubled(sabotage, complaints(&world, &story))
}

/// Stops the world's program where it holds up nobody, and starts a second one on the same data; PagerDuty's webhooks
/// go there from now on.
fn take_over(world: &mut World) -> Site {
    let config = std::fs::read_to_string(world.site.config()).unwrap();
    let (_, config) = config.split_once("[pagerduty]").unwrap();
    let mut second = world.site.second(&format!("[pagerduty]{config}"));
    world.site.process().freeze();
    second.start(&Arms::default());
    // Caught inside a transaction it would hold the database; then it goes on for an instant.
    wait::until("a database that is free", || {
        if second.get("/readyz").is_ok_and(|answer| answer.status == 200) {
            return Some(());
        }
        world.site.process().signal("CONT");
        world.site.process().freeze();
        None
    });
    let url = format!("http://{}{}", second.address, crate::outside::signing::PATH);
    world.sandbox.control("webhook", &json!({ "url": url }));
    second
}

fn wait_for_the_late_outcome(world: &World) {
    let late = || {
        let refused = world.site.log_text().contains("the lease was over before the outcome was written");
        let notes = world.sandbox.effects().iter().filter(|effect| is_note(effect)).count();
        (refused || notes > 1).then_some(())
    };
    wait::until("the first worker to try to write its outcome", late);
}

fn is_note(effect: &Value) -> bool {
    effect["kind"] == "note.created" && effect["via"] == "rest"
}
