//! The simulated PagerDuty kills the program in the middle of an exchange with it, at the byte of its choice.

use super::{databases, finish, finish_alarm};
use crate::outside::{parallel, wait};
use crate::story::{Alarm, Story};
use crate::world::{Arms, Database, SHORT, World};
use serde_json::{Value, json};

struct Case {
    database: Database,
    surface: &'static str,
    at: &'static str,
}

fn cases() -> Vec<(String, Case)> {
    let asked = ["before_read", "mid_body", "after_effect", "mid_reply"];
    let told = ["before_read", "mid_body", "before_reply", "after_reply"];
    let mut cases = Vec::new();
    for (i, surface) in ["page", "note", "read", "webhook"].into_iter().enumerate() {
        for (j, at) in if surface == "webhook" { told } else { asked }.into_iter().enumerate() {
            for database in databases(i + j) {
                cases.push((format!("{database:?}, {surface}, {at}"), Case { database, surface, at }));
            }
        }
    }
    cases
}

fn fault(case: &Case, id: u32) -> Value {
    let kill = json!({ "kill_pid": id, "at": case.at });
    match case.surface {
        "note" => json!({ "on": "rest", "method": "POST", "path": "/incidents/*/notes", "do": kill }),
        "read" => json!({ "on": "rest", "method": "GET", "path": "/incidents/", "nth": 3, "do": kill }),
        "page" => json!({ "on": "events", "path": "/v2/enqueue", "do": kill }),
        _ => json!({ "on": "webhook", "nth": 4, "do": kill }),
    }
}

#[test]
fn killed_in_the_middle_of_an_exchange_it_neither_loses_nor_repeats() {
    parallel::all(&cases(), |case| {
        let mut world = World::started(case.database, SHORT);
        world.sandbox.fault(&fault(case, world.site.id()));
        if case.surface == "page" {
            let mut alarm = Alarm::begin(&world);
            dies(&mut world, case);
            finish_alarm(&mut world, &mut alarm);
        } else {
            let mut story = Story::new("night");
            story.first_half(&world.sandbox);
            dies(&mut world, case);
            finish(&world, &mut story);
        }
    });
}

fn dies(world: &mut World, case: &Case) {
    let ended = world.site.process().ends_within(wait::LONG);
    assert!(ended.is_some(), "{} was never disturbed", case.surface);
    world.site.kill();
    world.site.start(&Arms::default());
}
