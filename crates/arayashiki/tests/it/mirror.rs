//! The mirror under changes that follow each other faster than PagerDuty's clock ticks: its times are whole seconds.

use crate::judge::judge;
use crate::outside::{parallel, wait};
use crate::story::Story;
use crate::world::sandbox::SERVICES;
use crate::world::{Database, SHORT, World};
use serde_json::{Value, json};

const MOST_TRIES: usize = 20;

#[test]
fn an_incident_that_goes_to_and_fro_within_one_second_ends_as_it_ended() {
    let cases: Vec<_> = Database::at_hand().into_iter().map(|d| (format!("{d:?}"), d)).collect();
    parallel::all(&cases, |database| {
        let world = World::started(*database, SHORT);
        let mut story = Story::new("fro");
        let id = world.sandbox.trigger(SERVICES[0], "fro/0");
        story.noted.insert(id.clone());
        world.settle();
        let in_one_second = (0..MOST_TRIES).any(|_| to_and_fro(&world, &id));
        assert!(in_one_second, "the machine is too slow to do it within one second");
        judge(&world, &story);
    });
}

/// Acknowledged, given back and acknowledged again, each read by the mirror; true if one second saw all of it. In the
/// end it is given back once more, unless it was in time.
fn to_and_fro(world: &World, id: &str) -> bool {
    wait::until("a second in which nothing has happened yet", || {
        let state = world.sandbox.get("state");
        let incident = state["incidents"].as_array()?.iter().find(|incident| incident["id"] == id)?;
        (incident["updated_at"].as_str()?[..19] != state["now"].as_str()?[..19]).then_some(())
    });
    let act = |word: &str| {
        let shown = world.sandbox.control("act", &json!({ "incident": id, "act": word }));
        world.settle();
        shown["incident"]["updated_at"].clone()
    };
    let seconds: [Value; 3] = ["acknowledge", "unacknowledge", "acknowledge"].map(act);
    let in_one_second = seconds.iter().all(|second| *second == seconds[0]);
    if !in_one_second {
        act("unacknowledge");
    }
    in_one_second
}
