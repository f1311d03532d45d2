//! The scripted outage: what its senders are told, what becomes of what was accepted, webhooks late and doubled; by seed alone.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use std::collections::BTreeMap;

use common::{Receiver, World, event, send};
use reqwest::Method;
use sandbox::pagerduty::Options;
use serde_json::{Value, json};

/// Plays one phase on so many events; what each was told, and whether it became an incident.
async fn play(seed: u64, phase: Value, events: usize) -> BTreeMap<String, (Option<u16>, bool)> {
    let world = World::new(Options { event_lag_ms: 0, events_per_minute: 10_000, ..Options::default() }).await;
    world.control("disaster", &json!({ "seed": seed, "phases": [phase] })).await;
    let (_, key) = world.service_named("EC").await;
    let mut told = BTreeMap::new();
    for n in 0..events {
        let own = format!("k{n}");
        let answer = send(world.bare(Method::POST, "/v2/enqueue").json(&event(&key, "trigger", &own))).await;
        told.insert(own, (answer.ok().map(|a| a.status.as_u16()), false));
    }
    let effects = world.effects().await;
    for effect in effects.iter().filter(|e| e["kind"] == "event.became" && e["detail"]["became"] == "incident") {
        told.get_mut(effect["key"].as_str().expect("a key")).expect("one of ours").1 = true;
    }
    let rejected = effects.iter().filter(|e| e["kind"] == "event.rejected").count();
    assert_eq!(rejected, told.values().filter(|(status, _)| *status != Some(202)).count(), "each refusal is on record");
    let became = effects.iter().filter(|e| e["kind"] == "event.became").count();
    assert_eq!(became + rejected, events, "of each event it is known what became of it");
    told
}

#[tokio::test]
async fn most_events_are_rejected_in_many_ways() {
    let phase = json!({ "seconds": 600, "events": { "reject": 0.95, "hang_ms": 1 } });
    let told = play(3, phase.clone(), 100).await;
    let accepted = told.values().filter(|(status, _)| *status == Some(202)).count();
    assert!((1..=12).contains(&accepted), "{accepted} of 100 accepted");
    let ways: std::collections::BTreeSet<Option<u16>> = told.values().map(|(status, _)| *status).collect();
    assert!(ways.is_superset(&[None, Some(429), Some(500), Some(503)].into()), "{ways:?}");
    assert!(told.values().all(|(status, became)| *became == (*status == Some(202))));
    assert_eq!(play(3, phase.clone(), 100).await, told, "the same seed, the same outage");
    assert_ne!(play(4, phase, 100).await, told);
}

#[tokio::test]
async fn accepted_is_not_created() {
    let phase = json!({ "seconds": 600, "events": { "lose": 0.18 } });
    let told = play(1, phase, 200).await;
    assert!(told.values().all(|(status, _)| *status == Some(202)));
    let lost = told.values().filter(|(_, became)| !*became).count();
    assert!((20..=55).contains(&lost), "{lost} of 200 lost");
}

#[tokio::test]
async fn a_retry_meets_its_own_luck() {
    let world = World::quick().await;
    world
        .control(
            "disaster",
            &json!({ "phases": [{ "seconds": 600, "events": { "reject": 0.5, "with": { "503": 1 } } }] }),
        )
        .await;
    let (_, key) = world.service_named("EC").await;
    let mut told = Vec::new();
    for _ in 0..40 {
        let answer = send(world.bare(Method::POST, "/v2/enqueue").json(&event(&key, "trigger", "k"))).await;
        told.push(answer.expect("an answer").status.as_u16());
    }
    assert!(told.contains(&202) && told.contains(&503), "{told:?}");
}

#[tokio::test]
async fn phases_follow_the_clock_and_webhooks_come_late_and_doubled() {
    let receiver = Receiver::new(&[]).await;
    let options = Options { event_lag_ms: 0, webhook_url: Some(receiver.url.clone()), ..Options::default() };
    let world = World::new(options).await;
    let phases = json!([
        { "seconds": 60, "webhooks": { "delay_s": 3600 } },
        { "seconds": 60, "webhooks": { "copies": 1, "share": 1.0 } },
    ]);
    world.control("disaster", &json!({ "phases": phases })).await;
    world.trigger("late").await;
    assert!(receiver.all().is_empty());
    world.control("advance", &json!({ "seconds": 61 })).await;
    assert_eq!(world.get("/_control/disaster").await.body["phase"], 2);
    world.trigger("doubled").await;
    world.control("advance", &json!({ "seconds": 61 })).await;
    assert!(world.get("/_control/disaster").await.body["phase"].is_null());
    world.control("advance", &json!({ "seconds": 3600 })).await;
    world.settle().await;
    let triggered = receiver.all().into_iter().filter(|d| d.kind() == "incident.triggered");
    let titles: Vec<Value> = triggered.map(|d| d.event()["data"]["title"].clone()).collect();
    let count = |title: &str| titles.iter().filter(|t| *t == title).count();
    assert_eq!((count("trouble late"), count("trouble doubled")), (1, 2), "{titles:?}");
}

#[tokio::test]
async fn rest_fails_by_share_and_august_2025_is_at_hand() {
    let world = World::quick().await;
    world
        .control("disaster", &json!({ "phases": [{ "seconds": 600, "rest": { "fail": 1.0, "with": { "502": 1 } } }] }))
        .await;
    assert_eq!(world.get("/incidents").await.status, 502);
    let shown = world.control("disaster", &json!({ "like": "2025-08-28", "minute_s": 1, "seed": 9 })).await;
    let phases = shown["phases"].as_array().expect("phases");
    let seconds: Vec<f64> = phases.iter().map(|p| p["seconds"].as_f64().expect("seconds")).collect();
    assert_eq!(seconds, [38.0, 130.0, 30.0]);
    assert_eq!((&phases[0]["events"]["reject"], &phases[1]["events"]["lose"]), (&json!(0.95), &json!(0.18)));
    assert!(
        send(world.request(Method::DELETE, "/_control/disaster")).await.expect("an answer").body["phase"].is_null()
    );
    assert_eq!(world.get("/incidents").await.status, 200);
    assert_eq!(world.post("/_control/disaster", &json!({ "phases": [{ "secnds": 1 }] })).await.status, 400);
}
