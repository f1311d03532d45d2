//! A subscription's life: disabled, deactivated, deleted, its secret replaced, its webhooks lost, late, reversed, repeated.

mod common;

use common::{Receiver, World};
use sandbox::pagerduty::Options;
use serde_json::{Value, json};

async fn hooked() -> (World, Receiver) {
    let receiver = Receiver::new(&[]).await;
    let options =
        Options { event_lag_ms: 0, retry_ms: 20, webhook_url: Some(receiver.url.clone()), ..Options::default() };
    (World::new(options).await, receiver)
}

fn titles(receiver: &Receiver) -> Vec<String> {
    let title = |d: &common::Delivery| d.event()["data"]["title"].as_str().unwrap_or_default().to_owned();
    receiver.all().iter().map(title).collect()
}

async fn own(world: &World) -> (String, Value) {
    let path = format!("/webhook_subscriptions/{}", world.sandbox.info().webhook_subscription);
    let shown = world.get(&path).await.body["webhook_subscription"].clone();
    (path, shown)
}

#[tokio::test]
async fn disabled_for_a_while_it_loses_everything_until_enabled() {
    let (world, receiver) = hooked().await;
    world.control("subscription", &json!({ "act": "disable" })).await;
    world.trigger("lost").await;
    world.settle().await;
    let (path, shown) = own(&world).await;
    assert_eq!((&shown["active"], &shown["delivery_method"]["temporarily_disabled"]), (&json!(true), &json!(true)));
    assert_eq!(world.post(&format!("{path}/enable"), &json!({})).await.status, 200);
    assert_eq!(own(&world).await.1["delivery_method"]["temporarily_disabled"], false);
    world.trigger("told").await;
    world.settle().await;
    assert_eq!(titles(&receiver), ["trouble told"]);
}

#[tokio::test]
async fn a_disabling_may_end_by_itself() {
    let (world, receiver) = hooked().await;
    world.control("subscription", &json!({ "act": "disable", "seconds": 60 })).await;
    world.trigger("lost").await;
    world.control("advance", &json!({ "seconds": 61 })).await;
    world.trigger("told").await;
    world.settle().await;
    assert_eq!(titles(&receiver), ["trouble told"]);
}

#[tokio::test]
async fn deactivated_and_deleted_it_says_so() {
    let (world, receiver) = hooked().await;
    world.control("subscription", &json!({ "act": "deactivate" })).await;
    world.trigger("lost").await;
    let (path, shown) = own(&world).await;
    assert_eq!(shown["active"], false);
    let active = json!({ "webhook_subscription": { "type": "webhook_subscription", "active": true } });
    assert_eq!(world.put(&path, &active).await.body["webhook_subscription"]["active"], true);
    world.trigger("told").await;
    world.settle().await;
    assert_eq!(titles(&receiver), ["trouble told"]);
    world.control("subscription", &json!({ "act": "delete" })).await;
    assert_eq!(world.get(&path).await.status, 404);
    assert_eq!(world.post(&format!("{path}/enable"), &json!({})).await.status, 404);
    assert_eq!(world.get("/webhook_subscriptions").await.body["webhook_subscriptions"], json!([]));
    let none = world.post("/_control/subscription", &json!({ "act": "enable" })).await;
    assert_eq!(none.status, 400);
}

#[tokio::test]
async fn a_secret_replaced_at_once_signs_alone() {
    let (world, receiver) = hooked().await;
    let rotated = world.control("rotate", &json!({ "at_once": true })).await;
    assert!(rotated["old_secret"].is_null());
    assert_ne!(rotated["secret"], json!(world.sandbox.info().webhook_secret));
    world.trigger("k").await;
    world.settle().await;
    assert_eq!(receiver.all()[0].headers["x-pagerduty-signature"].matches("v1=").count(), 1);
}

#[tokio::test]
async fn so_many_are_lost_and_nobody_waits_for_them() {
    let (world, receiver) = hooked().await;
    world.control("lose", &json!({ "next": 2 })).await;
    for key in ["a", "b", "c"] {
        world.trigger(key).await;
    }
    world.settle().await;
    assert_eq!(titles(&receiver), ["trouble c"]);
    let deliveries = world.get("/_control/deliveries").await.body["deliveries"].clone();
    let lost = deliveries.as_array().expect("a list").iter().filter(|d| d["lost"] == true).count();
    assert_eq!(lost, 2);
    assert_eq!(world.state().await["webhook_subscriptions"][0]["lost"], 2);
}

async fn held(reversed: bool) -> Vec<String> {
    let (world, receiver) = hooked().await;
    world.control("hold", &json!({ "seconds": 172_800, "reversed": reversed })).await;
    let id = world.trigger("a").await["id"].clone();
    world.control("act", &json!({ "incident": id, "act": "acknowledge" })).await;
    world.control("act", &json!({ "incident": id, "act": "resolve" })).await;
    world.control("advance", &json!({ "seconds": 172_790 })).await;
    assert!(receiver.all().is_empty());
    assert_eq!(world.get("/_control/idle").await.body["queued"], 3);
    world.control("advance", &json!({ "seconds": 11 })).await;
    world.settle().await;
    world.trigger("later").await;
    world.settle().await;
    receiver.kinds()
}

#[tokio::test]
async fn two_days_late_they_come_in_order_or_reversed() {
    let told = ["triggered", "acknowledged", "resolved", "triggered"].map(|k| format!("incident.{k}"));
    assert_eq!(held(false).await, told);
    let told = ["resolved", "acknowledged", "triggered", "triggered"].map(|k| format!("incident.{k}"));
    assert_eq!(held(true).await, told);
}

#[tokio::test]
async fn a_hold_ends_early_when_told() {
    let (world, receiver) = hooked().await;
    world.control("hold", &json!({ "seconds": 3600 })).await;
    world.trigger("a").await;
    world.control("hold", &json!({ "seconds": 0 })).await;
    world.settle().await;
    assert_eq!(titles(&receiver), ["trouble a"]);
    let too_long = world.post("/_control/hold", &json!({ "seconds": 172_801 })).await;
    assert_eq!(too_long.status, 400);
}

#[tokio::test]
async fn another_hold_keeps_what_the_first_one_kept() {
    let (world, receiver) = hooked().await;
    world.control("hold", &json!({ "seconds": 60 })).await;
    world.trigger("a").await;
    world.control("hold", &json!({ "seconds": 600, "reversed": true })).await;
    world.trigger("b").await;
    world.control("advance", &json!({ "seconds": 100 })).await;
    assert_eq!(world.get("/_control/idle").await.body["queued"], 2);
    assert!(receiver.all().is_empty());
    world.control("advance", &json!({ "seconds": 501 })).await;
    world.settle().await;
    assert_eq!(receiver.all().len(), 2);
}

#[tokio::test]
async fn each_comes_again_under_its_own_id() {
    let (world, receiver) = hooked().await;
    world.control("duplicate", &json!({ "copies": 2 })).await;
    world.trigger("a").await;
    world.settle().await;
    world.control("duplicate", &json!({ "copies": 0 })).await;
    world.trigger("b").await;
    world.settle().await;
    let ids: Vec<String> = receiver.all().iter().map(|d| d.headers["x-webhook-id"].clone()).collect();
    assert_eq!((ids.len(), &ids[0], &ids[1]), (4, &ids[1], &ids[2]));
    assert_ne!(ids[2], ids[3]);
}
