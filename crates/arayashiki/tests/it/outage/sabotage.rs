//! The new tests bite: with a promise taken away, the verdict over mails and registrations complains.

use super::scene::{Scene, Terms};
use crate::kill::net::runner::Runner;
use crate::kill::net::tale::Tale;
use crate::outside::parallel;
use crate::power_cut;
use crate::world::{Arms, Database, SHORT};
use serde_json::json;

const TERMS: Terms =
    Terms { net: "grace = \"1s\"\nstorm = 100000", path: "after = \"20s\"", more: "", times: SHORT, sandbox: &[] };

#[test]
fn each_promise_about_mail_that_is_taken_away_is_noticed() {
    let mut cases = Vec::new();
    for database in Database::at_hand() {
        for sabotage in ["ack_early", "no_look_up"] {
            cases.push((format!("{database:?}, {sabotage}"), (sabotage, database)));
        }
    }
    parallel::all(&cases, |(sabotage, database)| {
        let told = |word: &str| match *sabotage {
            "ack_early" => early(word, *database),
            _ => unknown_page(word, *database),
        };
        let healthy = told("");
        assert!(healthy.is_empty(), "without sabotage: {}", healthy.join("\n"));
        assert!((0..4).any(|_| !told(sabotage).is_empty()), "{sabotage} went unnoticed");
    });
}

/// Killed between the 250 and the commit. SQLite is too quick for that race, so there the disk is full.
fn early(sabotage: &str, database: Database) -> Vec<String> {
    if database == Database::Sqlite {
        return power_cut::mail::words_on_a_full_disk(sabotage);
    }
    let scene = Scene::new(database, TERMS);
    let told = Tale::new(&scene);
    let tale = &told;
    let mut runner = Runner::whole(&scene);
    runner.start(Arms { sabotage: sabotage.to_owned(), ..Arms::point("intake.before_commit", 3) });
    std::thread::scope(|scope| {
        [1, 2, 6, 7].into_iter().for_each(|n| drop(scope.spawn(move || tale.live("early", n))));
        runner.was_aborted("intake.before_commit");
        runner.start(Arms::default());
    });
    let found = told.complaints();
    if sabotage.is_empty() {
        return found;
    }
    found.into_iter().filter(|complaint| complaint.contains("answered 250 and is not in the ledger")).collect()
}

/// Killed after a registration had its effect and before its answer came; somebody resolves it meanwhile.
fn unknown_page(sabotage: &str, database: Database) -> Vec<String> {
    let scene = Scene::new(database, TERMS);
    let told = Tale::new(&scene);
    let tale = &told;
    let mut runner = Runner::whole(&scene);
    runner.start(Arms::sabotage(sabotage));
    let cut = json!({ "cut": "after_effect" });
    scene.world.sandbox.fault(&json!({ "on": "events", "path": "/v2/enqueue", "do": cut }));
    std::thread::scope(|scope| drop(scope.spawn(move || tale.live("doubt", 1))));
    let found = told.complaints();
    if sabotage.is_empty() {
        return found;
    }
    found.into_iter().filter(|complaint| complaint.contains("was paged")).collect()
}
