//! The night seen from outside: full pages at the start, a past to read back, and webhooks as it goes on.

mod common;

use common::{Receiver, World};
use sandbox::pagerduty::{Options, Story};
use serde_json::json;

#[tokio::test]
async fn a_night_fills_the_pages_and_goes_on() {
    let receiver = Receiver::new(&[]).await;
    let options = Options {
        story: Story::Night,
        history_days: 14,
        webhook_url: Some(receiver.url.clone()),
        seed: 4,
        night_outage_s: None,
        ..Options::default()
    };
    let world = World::new(options).await;
    let open =
        world.get("/incidents?statuses[]=triggered&statuses[]=acknowledged&limit=100").await.body["incidents"].clone();
    let open = open.as_array().expect("a list");
    assert!((3..=6).contains(&open.len()), "{} are open", open.len());
    assert!(open.iter().any(|i| i["status"] == "triggered"));
    assert!(receiver.all().is_empty(), "nobody is told of the past");
    world.control("advance", &json!({ "seconds": 4 * 3600 })).await;
    world.settle().await;
    let kinds = receiver.kinds();
    for wanted in ["incident.triggered", "incident.acknowledged", "incident.resolved"] {
        assert!(kinds.iter().any(|k| k == wanted), "{wanted} is missing in {kinds:?}");
    }
    let state = world.state().await;
    let told = |number: &serde_json::Value| {
        receiver.all().iter().any(|d| d.event()["data"]["number"] == *number && d.kind() == "incident.triggered")
    };
    let fresh = state["incidents"].as_array().expect("a list").iter().rev().take(5);
    assert!(fresh.into_iter().all(|i| told(&i["incident_number"])), "every new incident was told");
    let oldest = world.get("/incidents?date_range=all&limit=1").await.body["incidents"][0].clone();
    assert_eq!(oldest["status"], "resolved");
    assert!(world.effects().await.is_empty(), "the story is no effect from outside");
}

#[tokio::test]
async fn the_first_minute_has_a_merge_an_escalation_and_an_outage() {
    let receiver = Receiver::new(&[]).await;
    let night = Options { story: Story::Night, history_days: 365, speed: 20.0, ..Options::default() };
    let world = World::new(Options { webhook_url: Some(receiver.url.clone()), ..night }).await;
    world.control("advance", &json!({ "seconds": 35 })).await;
    world.settle().await;
    let events: Vec<serde_json::Value> = receiver.all().iter().map(common::Delivery::event).collect();
    let merged = events.iter().any(|e| e["data"]["resolve_reason"]["type"] == "merge_resolve_reason");
    assert!(merged, "{:?}", receiver.kinds());
    assert!(events.iter().any(|e| e["event_type"] == "incident.escalated" && e["agent"].is_null()), "by the clock");
    world.control("advance", &json!({ "seconds": 45 })).await;
    world.settle().await;
    let own = &world.get("/webhook_subscriptions").await.body["webhook_subscriptions"][0].clone();
    assert_eq!((&own["active"], &own["delivery_method"]["temporarily_disabled"]), (&json!(true), &json!(true)));
    let newest = world.get("/incidents?sort_by=created_at:desc&limit=1").await.body["incidents"][0].clone();
    let told = receiver.all().iter().any(|d| d.event()["data"]["id"] == newest["id"]);
    assert!(!told, "what begins in the outage is not told");
    let path = format!("/webhook_subscriptions/{}/enable", world.sandbox.info().webhook_subscription);
    assert_eq!(world.post(&path, &json!({})).await.status, 200);
    let count = receiver.all().len();
    world.control("advance", &json!({ "seconds": 1800 })).await;
    world.settle().await;
    assert!(receiver.all().len() > count, "and then it goes on");
    let years: std::collections::BTreeSet<String> = {
        let body = world.get("/_control/truth?limit=10000").await.body;
        let all = body["incidents"].as_array().expect("a list");
        all.iter().filter_map(|i| i["created_at"].as_str()?.get(..7).map(str::to_owned)).collect()
    };
    assert!(years.len() >= 12, "{years:?}");
}

#[tokio::test]
async fn without_a_story_one_seed_gives_the_same_ids() {
    let ids = || async {
        let world = World::quick().await;
        let incident = world.trigger("k").await;
        let info = world.sandbox.info().clone();
        (incident["id"].clone(), info.token, info.webhook_secret, info.routing_keys)
    };
    assert_eq!(ids().await, ids().await);
}
