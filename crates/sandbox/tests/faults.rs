//! Every kind of scripted trouble, and webhooks on a real wire.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use common::{Receiver, World, event, send};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use sandbox::pagerduty::Options;
use serde_json::{Value, json};
use sha2::Sha256;

async fn note(world: &World, id: &str, content: &str) -> Result<common::Answer, reqwest::Error> {
    let body = json!({ "note": { "content": content } });
    send(world.request(Method::POST, &format!("/incidents/{id}/notes")).json(&body)).await
}

async fn notes(world: &World, id: &str) -> usize {
    world.get(&format!("/incidents/{id}/notes")).await.body["notes"].as_array().expect("a list").len()
}

async fn world_with_incident() -> (World, String) {
    let world = World::quick().await;
    let id = world.trigger("k").await["id"].as_str().expect("an id").to_owned();
    (world, id)
}

#[tokio::test]
async fn a_status_comes_instead_of_the_effect() {
    let (world, id) = world_with_incident().await;
    world.fault(json!({ "on": "rest", "method": "POST", "path": "/incidents/*/notes", "do": { "status": 429 } })).await;
    let refused = note(&world, &id, "a").await.expect("an answer");
    assert_eq!(refused.status, 429);
    assert!(!refused.headers.contains_key("ratelimit-limit") && refused.body.is_null(), "a bare 429");
    assert_eq!(notes(&world, &id).await, 0);
    assert_eq!(note(&world, &id, "b").await.expect("an answer").status, 200, "one time by default");
    let shown = world.get("/_control/faults").await.body["faults"][0].clone();
    assert_eq!((&shown["hits"], &shown["fired"]), (&json!(2), &json!(1)));
}

#[tokio::test]
async fn cuts_fall_before_or_after_the_effect() {
    let (world, id) = world_with_incident().await;
    for (point, count) in [("before_read", 0), ("mid_body", 0), ("after_effect", 1), ("mid_reply", 2)] {
        world
            .fault(json!({ "on": "rest", "path": "/incidents/*/notes", "method": "POST", "do": { "cut": point } }))
            .await;
        note(&world, &id, point).await.expect_err(point);
        assert_eq!(notes(&world, &id).await, count, "{point}");
    }
    let written = world.effects().await.iter().filter(|e| e["kind"] == "note.created").count();
    assert_eq!(written, 2);
}

#[tokio::test]
async fn a_late_effect_comes_when_its_time_has_come() {
    let (world, id) = world_with_incident().await;
    world.fault(json!({ "on": "rest", "method": "POST", "do": { "late_ms": 600_000 } })).await;
    note(&world, &id, "late").await.expect_err("cut");
    assert_eq!(notes(&world, &id).await, 0);
    assert_eq!(world.get("/_control/idle").await.body["scheduled"], 1);
    world.control("advance", &json!({ "seconds": 600 })).await;
    assert_eq!(notes(&world, &id).await, 1);
}

#[tokio::test]
async fn a_stale_read_answers_from_before() {
    let (world, id) = world_with_incident().await;
    note(&world, &id, "a").await.expect("an answer");
    note(&world, &id, "b").await.expect("an answer");
    world.fault(json!({ "on": "rest", "method": "GET", "path": "/incidents/*/notes", "do": { "stale": 1 } })).await;
    assert_eq!(notes(&world, &id).await, 1);
    assert_eq!(notes(&world, &id).await, 2);
    world.fault(json!({ "on": "rest", "method": "GET", "path": "/incidents", "do": { "stale": 3 } })).await;
    assert_eq!(world.get("/incidents?total=1").await.body["total"], 0, "before it was opened");
    assert_eq!(world.get("/incidents?total=1").await.body["total"], 1);
}

#[tokio::test]
async fn an_event_may_appear_later_or_be_cut() {
    let world = World::quick().await;
    let (_, key) = world.service_named("EC").await;
    let post = || send(world.bare(Method::POST, "/v2/enqueue").json(&event(&key, "trigger", "k")));
    world.fault(json!({ "on": "events", "do": { "appear_ms": 60_000 } })).await;
    assert_eq!(post().await.expect("an answer").status, 202);
    assert_eq!(world.get("/incidents?total=1").await.body["total"], 0);
    world.control("advance", &json!({ "seconds": 60 })).await;
    assert_eq!(world.get("/incidents?total=1").await.body["total"], 1);
    world.fault(json!({ "on": "events", "do": { "cut": "after_effect" } })).await;
    post().await.expect_err("cut");
    assert_eq!(world.effects().await.iter().filter(|e| e["kind"] == "event.trigger").count(), 2);
}

#[tokio::test]
async fn a_process_is_killed_at_the_point() {
    let (world, id) = world_with_incident().await;
    for (point, count) in [("before_read", 0), ("after_effect", 1), ("mid_reply", 2)] {
        let mut victim =
            tokio::process::Command::new("sleep").arg("600").kill_on_drop(true).spawn().expect("a process");
        let pid = victim.id().expect("it runs");
        world.fault(json!({ "on": "rest", "method": "POST", "do": { "kill_pid": pid, "at": point } })).await;
        note(&world, &id, point).await.expect_err(point);
        let ended = victim.wait().await.expect("its end");
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&ended), Some(9), "{point}");
        assert_eq!(notes(&world, &id).await, count, "{point}");
    }
}

#[tokio::test]
async fn outages_take_a_surface_away_and_give_it_back() {
    let (world, id) = world_with_incident().await;
    world.control("outage", &json!({ "rest": true, "mode": "5xx" })).await;
    assert_eq!(note(&world, &id, "a").await.expect("an answer").status, 503);
    world.control("outage", &json!({ "rest": true, "mode": "refuse" })).await;
    note(&world, &id, "a").await.expect_err("no answer");
    world.control("outage", &json!({ "rest": true, "mode": "hang" })).await;
    let request = world.request(Method::GET, "/incidents").timeout(std::time::Duration::from_millis(200));
    assert!(send(request).await.expect_err("no answer").is_timeout(), "it hangs instead of ending");
    world.control("outage", &json!({})).await;
    assert_eq!(note(&world, &id, "a").await.expect("an answer").status, 200);
    assert_eq!(notes(&world, &id).await, 1, "nothing of the outage had an effect");
}

fn signed(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
    mac.update(body);
    format!("v1={}", hex::encode(mac.finalize().into_bytes()))
}

async fn hooked(statuses: &[u16]) -> (World, Receiver) {
    let receiver = Receiver::new(statuses).await;
    let options =
        Options { event_lag_ms: 0, retry_ms: 20, webhook_url: Some(receiver.url.clone()), ..Options::default() };
    (World::new(options).await, receiver)
}

#[tokio::test]
async fn deliveries_are_signed_named_and_retried_under_one_id() {
    let (world, receiver) = hooked(&[500, 202]).await;
    world.trigger("k").await;
    world.settle().await;
    let all = receiver.all();
    assert_eq!(receiver.kinds(), ["incident.triggered", "incident.triggered"]);
    assert_eq!(all[0].headers["x-webhook-id"], all[1].headers["x-webhook-id"]);
    assert_eq!(all[0].body, all[1].body);
    let info = world.sandbox.info();
    assert_eq!(all[0].headers["x-pagerduty-signature"], signed(&info.webhook_secret, &all[0].body));
    assert_eq!(all[0].headers["x-webhook-subscription"], info.webhook_subscription);
    assert_eq!(all[0].headers["user-agent"], "PagerDuty-Webhook/V3.0");
    let attempts = world.get("/_control/deliveries").await.body["deliveries"].clone();
    assert_eq!((&attempts[0]["status"], &attempts[1]["attempt"]), (&json!(500), &json!(2)));
}

#[tokio::test]
async fn a_rotation_signs_with_both_secrets_until_it_ends() {
    let (world, receiver) = hooked(&[]).await;
    let old = world.sandbox.info().webhook_secret.clone();
    let new = world.control("rotate", &json!({})).await["secret"].as_str().expect("a secret").to_owned();
    world.trigger("a").await;
    world.settle().await;
    world.control("rotate", &json!({ "finish": true })).await;
    world.trigger("b").await;
    world.settle().await;
    let all = receiver.all();
    let both = format!("{},{}", signed(&new, &all[0].body), signed(&old, &all[0].body));
    assert_eq!(all[0].headers["x-pagerduty-signature"], both);
    assert_eq!(all[1].headers["x-pagerduty-signature"], signed(&new, &all[1].body));
}

#[tokio::test]
async fn webhook_faults_duplicate_and_cut() {
    let (world, receiver) = hooked(&[]).await;
    world.fault(json!({ "on": "webhook", "path": "incident.triggered", "do": { "duplicate": 2 } })).await;
    world.trigger("a").await;
    world.settle().await;
    let ids: Vec<String> = receiver.all().iter().map(|d| d.headers["x-webhook-id"].clone()).collect();
    assert_eq!((ids.len(), &ids[0], &ids[1]), (3, &ids[1], &ids[2]));
    world.fault(json!({ "on": "webhook", "do": { "cut": "mid_body" } })).await;
    world.trigger("b").await;
    world.settle().await;
    world.fault(json!({ "on": "webhook", "do": { "cut": "before_reply" } })).await;
    world.trigger("c").await;
    world.settle().await;
    let wholes: Vec<bool> = receiver.all()[3..].iter().map(|d| d.whole).collect();
    assert_eq!(wholes.iter().filter(|w| !**w).count(), 1, "b came half and then whole: {wholes:?}");
    assert_eq!(receiver.kinds().len(), 3 + 1 + 2, "c came whole twice, since its reply was never read");
}

#[tokio::test]
async fn every_act_is_told_in_order() {
    let (world, receiver) = hooked(&[]).await;
    let (other, third) = (world.trigger("b").await, world.trigger("c").await);
    let id = world.trigger("a").await["id"].clone();
    let users = world.get("/users").await.body["users"].clone();
    let policies = world.get("/escalation_policies").await.body["escalation_policies"].clone();
    let services = world.get("/services?query=WMS").await.body["services"].clone();
    let acts = [
        json!({ "act": "acknowledge" }),
        json!({ "act": "unacknowledge" }),
        json!({ "act": "reassign", "to": users[2]["id"] }),
        json!({ "act": "escalate", "level": 2 }),
        json!({ "act": "delegate", "policy": policies[1]["id"] }),
        json!({ "act": "priority", "priority": "P1" }),
        json!({ "act": "note", "content": "見ています" }),
        json!({ "act": "status_update", "message": "working" }),
        json!({ "act": "responder", "users": [users[3]["id"]] }),
        json!({ "act": "responder_reply", "user": users[3]["id"], "state": "joined" }),
        json!({ "act": "bridge", "number": "+81-3-0000-0000", "url": "https://example.com/bridge" }),
        json!({ "act": "type", "name": "major_incident" }),
        json!({ "act": "service", "service": services[0]["id"] }),
        json!({ "act": "merge", "sources": [other["id"]] }),
        json!({ "act": "snooze", "seconds": 3600 }),
        json!({ "act": "resolve", "resolution": "fixed" }),
        json!({ "act": "reopen" }),
    ];
    for mut act in acts {
        act["incident"] = id.clone();
        world.control("act", &act).await;
    }
    let reject = world.post("/_control/act", &json!({ "incident": third["id"], "act": "reopen" })).await;
    assert_eq!(reject.status, 400, "an open incident cannot be reopened");
    world.settle().await;
    let of = |wanted: &Value| -> Vec<String> {
        let about = |e: &Value| {
            if e["data"]["type"] == "incident" { e["data"]["id"].clone() } else { e["data"]["incident"]["id"].clone() }
        };
        let mine = receiver.all().into_iter().filter(|d| about(&d.event()) == *wanted);
        mine.map(|d| d.kind().trim_start_matches("incident.").to_owned()).collect()
    };
    let expected = "triggered acknowledged unacknowledged reassigned escalated delegated priority_updated annotated \
        status_update_published responder.added responder.replied conference_bridge.updated incident_type.changed \
        service_updated acknowledged resolved annotated reopened";
    assert_eq!(of(&id).join(" "), expected);
    assert_eq!(of(&other["id"]).join(" "), "triggered resolved");
}

#[tokio::test]
async fn subscriptions_are_made_pinged_disabled_and_enabled() {
    let receiver = Receiver::new(&[400, 400, 400]).await;
    let world = World::quick().await;
    let (service, _) = world.service_named("EC").await;
    let body = json!({ "webhook_subscription": {
        "type": "webhook_subscription", "description": "mine", "events": ["incident.triggered"],
        "delivery_method": { "type": "http_delivery_method", "url": receiver.url, "custom_headers": [{ "name": "x-mine", "value": "1" }] },
        "filter": { "type": "service_reference", "id": service },
    } });
    let made = world.post("/webhook_subscriptions", &body).await.body["webhook_subscription"].clone();
    let id = made["id"].as_str().expect("an id").to_owned();
    let secret = made["delivery_method"]["secret"].as_str().expect("the secret comes once").to_owned();
    let path = format!("/webhook_subscriptions/{id}");
    let shown = world.get(&path).await.body["webhook_subscription"].clone();
    assert!(shown["delivery_method"]["secret"].is_null());
    assert_eq!(shown["delivery_method"]["custom_headers"][0]["value"], "-- redacted --");
    for key in ["a", "b", "c"] {
        world.trigger(key).await;
        world.settle().await;
    }
    assert_eq!(world.get(&path).await.body["webhook_subscription"]["delivery_method"]["temporarily_disabled"], true);
    world.trigger("lost").await;
    assert_eq!(world.post(&format!("{path}/enable"), &json!({})).await.status, 200);
    assert_eq!(world.post(&format!("{path}/ping"), &json!({})).await.status, 202);
    world.settle().await;
    let all = receiver.all();
    assert_eq!(all.len(), 4, "the event in between is lost");
    assert_eq!((all[3].kind().as_str(), all[3].headers["x-mine"].as_str()), ("pagey.ping", "1"));
    assert_eq!(all[3].headers["x-pagerduty-signature"], signed(&secret, &all[3].body));
    assert_eq!(world.delete(&path).await.status, 204);
    assert_eq!(world.get(&path).await.status, 404);
}
