//! Acts of people: each in the person's own name, once however often the form is sent, and their outcome told.

use super::{each, shows, world};
use crate::outside::parallel;
use crate::world::sandbox::{PEOPLE, SERVICES};
use crate::world::{Arms, World};
use serde_json::{Value, json};

pub fn signed_in(world: &mut World, email: &str, role: &str) {
    let made = world.site.command(&["user", "add", "--email", email, "--name", "Sato Hanako", "--role", role]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    world.site.act_as(email);
}

pub fn ask(world: &World, incident: &str, body: &Value) -> (u16, Value) {
    let path = format!("/api/v1/incidents/{incident}/acts");
    let answer = world.site.authorized("POST", &path).json_body(body).send(world.site.address).unwrap();
    (answer.status, answer.json())
}

pub fn effects_of<'a>(effects: &'a [Value], incident: &str) -> Vec<&'a Value> {
    effects.iter().filter(|effect| effect["incident"] == incident && effect["via"] == "rest").collect()
}

/// The people of the account are known to the mirror, and whether the key may write.
pub fn wait_until_people_are_known(world: &World) {
    shows(world, "/api/v1/connections", "what the key may", |value| value["rest"]["can_write"] == true);
}

#[test]
fn an_act_is_done_once_in_the_persons_own_name_however_often_it_is_asked_for() {
    each(|database| {
        let mut world =
            world(database, |config| config.replace("mode = \"post\"\n\n[intake", "mode = \"observe\"\n\n[intake"));
        world.site.start(&Arms::default());
        signed_in(&mut world, PEOPLE[0], "responder");
        wait_until_people_are_known(&world);
        let id = world.sandbox.trigger(SERVICES[0], "act/1");
        world.settle();
        let body = json!({ "act": "acknowledge", "nonce": "form-0001-abcdef" });
        for _ in 0..3 {
            let (status, shown) = ask(&world, &id, &body);
            assert_eq!(status / 100, 2, "{shown}");
        }
        let note = json!({ "act": "note", "text": "再起動しました", "nonce": "form-0002-abcdef" });
        assert_eq!(ask(&world, &id, &note).0 / 100, 2);
        shows(&world, &format!("/api/v1/incidents/{id}"), "the acknowledgement", |i| i["status"] == "acknowledged");
        world.settle();
        let effects = world.sandbox.effects();
        let ours = effects_of(&effects, &id);
        assert_eq!(ours.len(), 2, "one acknowledgement and one note: {ours:?}");
        assert!(ours.iter().all(|effect| effect["from"] == PEOPLE[0]), "in the person's own name: {ours:?}");
        let acts = shows(&world, &format!("/api/v1/incidents/{id}/acts"), "both acts done", |acts| {
            acts["items"].as_array().is_some_and(|items| items.iter().filter(|a| a["state"] == "done").count() == 2)
        });
        assert_eq!(acts["items"].as_array().map(Vec::len), Some(2), "{acts}");
    });
}

#[test]
fn whoever_has_no_place_in_pagerduty_is_refused_with_the_reason_and_nobody_elses_name_is_used() {
    each(|database| {
        let mut world = world(database, |config| config);
        world.site.start(&Arms::default());
        signed_in(&mut world, "nobody@elsewhere.example", "responder");
        wait_until_people_are_known(&world);
        let id = world.sandbox.trigger(SERVICES[0], "act/2");
        world.settle();
        let (status, problem) = ask(&world, &id, &json!({ "act": "resolve", "nonce": "form-0003-abcdef" }));
        assert_eq!(status, 403, "{problem}");
        assert!(problem.to_string().contains("no_user"), "{problem}");
        assert!(effects_of(&world.sandbox.effects(), &id).iter().all(|e| e["kind"] == "note.created"));
    });
}

/// Every act dies on the way, before and after its effect; each is done once all the same.
#[test]
fn acts_survive_a_kill_and_a_cut_and_are_done_once() {
    let databases = crate::world::Database::at_hand();
    let mut cases = Vec::new();
    for (i, point) in ["act.before_send", "act.after_send", "finish.before_commit"].into_iter().enumerate() {
        let database = databases[i % databases.len()];
        cases.push((format!("{database:?}, {point}"), (database, Some(point), None)));
    }
    for (i, cut) in ["before_read", "after_effect", "mid_reply"].into_iter().enumerate() {
        let database = databases[(i + 1) % databases.len()];
        cases.push((format!("{database:?}, cut {cut}"), (database, None, Some(cut))));
    }
    parallel::all(&cases, |(database, point, cut)| {
        let quiet = |config: String| config.replace("mode = \"post\"\n\n[intake", "mode = \"observe\"\n\n[intake");
        let mut world = world(*database, quiet);
        world.site.start(&Arms::default());
        signed_in(&mut world, PEOPLE[0], "responder");
        wait_until_people_are_known(&world);
        let id = world.sandbox.trigger(SERVICES[0], "act/3");
        world.settle();
        let note = json!({ "act": "note", "text": "調べています", "nonce": "form-0004-abcdef" });
        if let Some(cut) = cut {
            world
                .sandbox
                .fault(&json!({ "on": "rest", "method": "POST", "path": "/incidents/*/notes", "do": { "cut": cut } }));
        }
        if let Some(point) = point {
            // The point is passed by polls as well: whichever comes first, the act is asked for again afterwards.
            world.site.kill();
            world.site.start(&Arms::point(point, 1));
            let path = format!("/api/v1/incidents/{id}/acts");
            let _ = world.site.authorized("POST", &path).json_body(&note).send(world.site.address);
            world.site.was_aborted(point);
            world.site.start(&Arms::default());
        }
        let (status, shown) = ask(&world, &id, &note);
        assert_eq!(status / 100, 2, "{shown}");
        world.settle();
        let effects = world.sandbox.effects();
        let notes = effects_of(&effects, &id);
        assert_eq!(notes.len(), 1, "one note: {notes:?}");
        assert_eq!(notes[0]["from"], PEOPLE[0]);
    });
}
