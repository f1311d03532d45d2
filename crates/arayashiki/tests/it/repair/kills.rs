//! Kills at any instant while subscriptions are switched off, polls and gaps are read and people press buttons twice.
//! How many: `ARAYASHIKI_KILLS`; from which seed: `ARAYASHIKI_SEED`.

use super::acts::{ask, effects_of, wait_until_people_are_known};
use super::truth::assert_equal;
use super::{each, shows, world};
use crate::kill::kills;
use crate::outside::{Dice, seed, wait};
use crate::world::sandbox::{PEOPLE, SERVICES};
use crate::world::{Arms, World};
use serde_json::{Value, json};
use std::time::Duration;

#[test]
fn killed_while_it_repairs_and_acts_nothing_is_lost_and_no_act_is_done_twice() {
    each(|database| {
        let quiet = |config: String| config.replace("mode = \"post\"\n\n[intake", "mode = \"observe\"\n\n[intake");
        let mut world = world(database, quiet);
        world.site.start(&Arms::default());
        super::acts::signed_in(&mut world, PEOPLE[0], "responder");
        wait_until_people_are_known(&world);
        let mut dice = Dice::new(seed());
        let mut asked = Vec::new();
        for round in 0..kills() {
            // What happens now is told to nobody: the log alone has it.
            world.sandbox.control("subscription", &json!({ "act": "disable" }));
            let lost = world.sandbox.trigger(SERVICES[1], &format!("kills/{round}/lost"));
            world.sandbox.control("act", &json!({ "incident": lost, "act": "acknowledge", "by": PEOPLE[1] }));
            let id = world.sandbox.trigger(SERVICES[2], &format!("kills/{round}/acted"));
            let note =
                json!({ "act": "note", "text": format!("対応 {round}"), "nonce": format!("round-{round:04}-note") });
            shows(&world, &format!("/api/v1/incidents/{id}"), "the incident", |value| value["id"] == id.as_str());
            // Pressed, killed, pressed again.
            ask(&world, &id, &note);
            std::thread::sleep(Duration::from_millis(dice.below(700)));
            world.site.kill();
            world.site.start(&Arms::default());
            ask_until_taken(&world, &id, &note);
            asked.push(id);
        }
        shows(&world, "/api/v1/connections", "every gap closed", |value| {
            let gaps = value["gaps"].as_array().cloned().unwrap_or_default();
            !gaps.is_empty() && gaps.iter().all(|gap| gap["state"] == "closed")
        });
        world.settle();
        assert_equal(&world);
        let effects = world.sandbox.effects();
        for id in &asked {
            let notes = effects_of(&effects, id);
            assert_eq!(notes.len(), 1, "one note on {id}: {notes:?}");
            assert_eq!(notes[0]["from"], PEOPLE[0]);
        }
        // Each switching off was mended by us, none of it twice.
        let enabled = effects.iter().filter(|effect| effect["kind"] == "subscription.enabled").count();
        assert!(enabled >= 1, "nobody switched it on again");
    });
}

fn ask_until_taken(world: &World, incident: &str, body: &Value) {
    let taken = wait::within(wait::LONG, || {
        let (status, _) = ask(world, incident, body);
        (status / 100 == 2).then_some(())
    });
    assert!(taken.is_some(), "the act is never taken: {}", world.unrest());
}
