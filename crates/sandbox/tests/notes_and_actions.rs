//! Notes that are changed and deleted, and the buttons of custom incident actions with the webhooks that they send.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use common::{Receiver, World};
use sandbox::pagerduty::Options;
use serde_json::{Value, json};

const SERVICE: &str = "Hoshino Foods / EC site";
const PRESSER: &str = "tanaka.ken@example.com";

fn note(content: &str) -> Value {
    json!({ "note": { "content": content } })
}

async fn incident(world: &World) -> String {
    world.trigger("k").await["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn a_note_is_changed_in_its_place_without_a_word_to_anybody_and_then_deleted() {
    let receiver = Receiver::new(&[]).await;
    let options = Options { event_lag_ms: 0, webhook_url: Some(receiver.url.clone()), ..Options::default() };
    let world = World::new(options).await;
    let path = format!("/incidents/{}/notes", incident(&world).await);
    let made = world.post(&path, &note("first")).await.body["note"].clone();
    let own = format!("{path}/{}", made["id"].as_str().expect("an id"));
    world.control("advance", &json!({ "seconds": 60 })).await;
    let changed = world.put(&own, &note("second")).await;
    assert_eq!((changed.status.as_u16(), &changed.body["note"]["content"]), (200, &json!("second")));
    assert_eq!(changed.body["note"]["created_at"], made["created_at"]);
    assert_ne!(changed.body["note"]["updated_at"], made["updated_at"]);
    assert_eq!(world.put(&own, &note(" ")).await.status, 400);
    assert_eq!(world.put(&format!("{path}/PNONE"), &note("x")).await.status, 404);
    assert_eq!(world.delete(&own).await.status, 204);
    assert_eq!(world.delete(&own).await.status, 404);
    assert_eq!(world.put(&own, &note("x")).await.status, 404);
    assert_eq!(world.get(&path).await.body["notes"], json!([]));
    world.settle().await;
    let annotated = receiver.kinds().iter().filter(|kind| *kind == "incident.annotated").count();
    assert_eq!(annotated, 1, "only its making is told");
    let kinds: Vec<Value> = world.effects().await.iter().map(|effect| effect["kind"].clone()).collect();
    assert_eq!(kinds[1..], [json!("note.created"), json!("note.updated"), json!("note.deleted")]);
}

#[tokio::test]
async fn trouble_falls_on_changes_of_notes_as_on_all_else() {
    let world = World::quick().await;
    let path = format!("/incidents/{}/notes", incident(&world).await);
    let made = world.post(&path, &note("first")).await.body["note"]["id"].clone();
    let own = format!("{path}/{}", made.as_str().expect("an id"));
    let on = |act: Value| json!({ "on": "rest", "method": "PUT", "path": "/incidents/*/notes/*", "do": act });
    world.fault(on(json!({ "status": 405 }))).await;
    assert_eq!(world.put(&own, &note("second")).await.status, 405);
    assert_eq!(world.get(&path).await.body["notes"][0]["content"], "first");
    world.control("faults", &json!({ "faults": [on(json!({ "cut": "after_effect" }))] })).await;
    let cut = common::send(world.request(reqwest::Method::PUT, &own).json(&note("third"))).await;
    assert!(cut.is_err(), "the answer is lost");
    assert_eq!(world.get(&path).await.body["notes"][0]["content"], "third");
}

#[tokio::test]
async fn a_press_is_told_once_unsigned_and_stands_in_the_log() {
    let receiver = Receiver::new(&[]).await;
    let world = World::quick().await;
    let id = incident(&world).await;
    let button = json!({ "service": SERVICE, "label": "Diagnose", "url": receiver.url, "headers": { "x-own": "a" } });
    let extension = world.control("extension", &button).await["extension"].clone();
    let pressed = world.control("press", &json!({ "incident": id, "by": PRESSER, "extension": "Diagnose" })).await;
    assert_eq!(pressed["delivery"]["status"], 202, "{pressed}");
    let all = receiver.all();
    assert_eq!((all.len(), all[0].headers["x-own"].as_str()), (1, "a"));
    assert!(!all[0].headers.contains_key("x-pagerduty-signature"));
    let told: Value = serde_json::from_slice(&all[0].body).expect("JSON");
    let message = &told["messages"][0];
    assert_eq!((&message["event"], &message["incident"]["id"]), (&json!("incident.custom"), &json!(id)));
    assert_eq!(message["log_entries"][0]["type"], "custom_log_entry");
    assert_eq!((&message["webhook"]["name"], &message["webhook"]["id"]), (&json!("Diagnose"), &extension["id"]));
    let entries = world.get(&format!("/incidents/{id}/log_entries")).await.body["log_entries"].clone();
    let entry = entries
        .as_array()
        .expect("a list")
        .iter()
        .find(|e| e["id"] == pressed["log_entry"])
        .expect("its entry")
        .clone();
    assert_eq!((&entry["type"], &entry["agent"]["summary"]), (&json!("custom_log_entry"), &json!("Tanaka Ken")));
    assert_eq!(entry["agent"]["id"], message["log_entries"][0]["agent"]["id"]);
}

#[tokio::test]
async fn the_newer_shape_and_an_answer_that_is_no_success() {
    let receiver = Receiver::new(&[503]).await;
    let world = World::quick().await;
    let id = incident(&world).await;
    world.control("extension", &json!({ "service": SERVICE, "label": "Diagnose", "url": receiver.url })).await;
    let pressed = world.control("press", &json!({ "incident": id, "by": PRESSER, "shape": "v3" })).await;
    assert_eq!(pressed["delivery"]["status"], 503);
    world.settle().await;
    assert_eq!(receiver.all().len(), 1, "no second try is known");
    let event = receiver.all()[0].event();
    assert_eq!((&event["data"]["id"], &event["agent"]["summary"]), (&json!(id), &json!("Tanaka Ken")));
}

#[tokio::test]
async fn a_service_takes_three_buttons_and_others_have_none() {
    let world = World::quick().await;
    let id = incident(&world).await;
    let button = |label: &str| json!({ "service": SERVICE, "label": label, "url": "http://127.0.0.1:9/" });
    for label in ["a", "b", "c"] {
        world.control("extension", &button(label)).await;
    }
    let refused = async |what: &str, body: Value| world.post(&format!("/_control/{what}"), &body).await.status.as_u16();
    assert_eq!(refused("extension", button("d")).await, 400);
    assert_eq!(refused("press", json!({ "incident": id, "by": "monitor" })).await, 400);
    assert_eq!(refused("press", json!({ "incident": id, "extension": "d" })).await, 400);
    assert_eq!(refused("press", json!({ "incident": id, "shape": "v4" })).await, 400);
    world.fault(json!({ "on": "webhook", "path": "incident.custom", "do": { "cut": "before_read" } })).await;
    let cut = world.control("press", &json!({ "incident": id, "by": PRESSER })).await;
    assert!(cut["delivery"]["error"].is_string(), "{cut}");
}
