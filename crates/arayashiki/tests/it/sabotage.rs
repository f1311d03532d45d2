//! The tests bite: with one promise taken away, the judge complains. Each sabotage is shown by the story that it spoils,
//! and the same story without it passes.

use crate::judge::{complaints, doubled};
use crate::outside::{parallel, signing, wait};
use crate::power_cut;
use crate::story::Story;
use crate::world::sandbox::SERVICES;
use crate::world::{Arms, Database, SHORT, Site, World};
use serde_json::json;
use std::time::Duration;
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

/// Killed between the acknowledgement and the commit. SQLite is too quick for that race, so there the disk is full.
fn early_acknowledgement(sabotage: &str, database: Database) -> Vec<String> {
    if database == Database::Sqlite {
        return power_cut::words_on_a_full_disk(sabotage);
    }
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
    only_doubled(sabotage, &world, &story)
}

/// One incident, told of by two webhooks and each of them three times.
fn told_twice(sabotage: &str, database: Database) -> Vec<String> {
    let mut world = World::new(database, SHORT);
    world.site.start(&Arms::sabotage(sabotage));
    world.sandbox.fault(&json!({ "on": "webhook", "times": 50, "do": { "duplicate": 2 } }));
    let mut story = Story::new("twice");
    story.first_half(&world.sandbox);
    if !sabotage.is_empty() {
        // It would never come to rest: each note is news, and news makes a note.
        return wait::within(wait::LONG, || Some(doubled(&world)).filter(|found| !found.is_empty()))
            .unwrap_or_default();
    }
    story.second_half(&world.sandbox);
    story.close(&world);
    complaints(&world, &story)
}

/// Under sabotage only the expected complaint counts as noticing.
fn only_doubled(sabotage: &str, world: &World, story: &Story) -> Vec<String> {
    if sabotage.is_empty() { complaints(world, story) } else { doubled(world) }
}

/// A worker stands still in the middle of a note, past its lease. Another one takes the job over, finds the note and is
/// done. Then the first one goes on, with an outcome that nobody wants any more: what is done stays done.
fn a_worker_past_its_lease(sabotage: &str, database: Database) -> Vec<String> {
    // A worker caught inside a transaction holds the database, and the other can't take over: then once more.
    (0..5).find_map(|_| overtaken(sabotage, database)).expect("a worker caught outside of any transaction")
}

fn overtaken(sabotage: &str, database: Database) -> Option<Vec<String>> {
    let mut world = World::new(database, SHORT);
    world.site.start(&Arms::sabotage(sabotage));
    world.settle_at_first();
    let trouble = json!({ "delay_ms": 1_500, "cut": "after_effect" });
    world.sandbox.fault(&json!({ "on": "rest", "method": "POST", "path": "/incidents/*/notes", "do": trouble }));
    let id = world.sandbox.trigger(SERVICES[0], "lease/0");
    wait::until("the note to be all that is under way", || {
        let account = world.site.account().ok()?;
        let is_alone = account["waiting"] == 0 && account["jobs"]["leased"] == 1 && account["jobs"]["ready"] == 0;
        (is_alone && world.sandbox.fired() > 0).then_some(())
    });
    world.site.process().freeze();
    let second = take_over(&world)?;
    let key = format!("link_note/{id}/new/1");
    let note = || second.all("jobs").ok()?.into_iter().find(|job| job["key"] == *key);
    let done = wait::within(Duration::from_secs(15), || note().filter(|job| job["state"] == "done"))?;
    world.site.process().signal("CONT");
    wait::until("the first worker to have written its outcome, or to be told that it is too late", || {
        let refused = world.site.log_text().contains("the lease was over before the outcome was written");
        (refused || note()? != done).then_some(())
    });
    world.settle();
    let mut story = Story::new("lease");
    story.noted.insert(id);
    let mut found = complaints(&world, &story);
    let after = note()?;
    if after != done {
        found.push(format!("a job that was done changed: it was {done} and is {after}"));
    }
    Some(found)
}

/// A second program on the same data, to which PagerDuty's webhooks go from now on; `None` if the database is held.
fn take_over(world: &World) -> Option<Site> {
    let config = std::fs::read_to_string(world.site.config()).unwrap();
    let (_, config) = config.split_once("[pagerduty]").unwrap();
    let mut second = world.site.second(&format!("[pagerduty]{config}"));
    // As on a disk without locks: what keeps two servers from one SQLite file is not what is looked at here.
    let _ = std::fs::remove_file(world.site.data().join("store.db.lock"));
    second.start(&Arms::default());
    wait::within(Duration::from_secs(8), || (second.get("/readyz").ok()?.status == 200).then_some(()))?;
    let url = format!("http://{}{}", second.address, signing::PATH);
    world.sandbox.control("webhook", &json!({ "url": url }));
    Some(second)
}
