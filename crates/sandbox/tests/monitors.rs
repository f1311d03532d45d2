//! Monitors that send on both ways, rightly set and mis-set, one by one and in storms, and their own count of it.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use common::World;
use sandbox::monitors::{Alert, Net, Route, Sender, Sending};
use sandbox::pagerduty::Options;
use sandbox::phone::{self, Sandbox as Phone};
use serde_json::{Value, json};

/// The account, and a mailbox that stands for the net.
async fn site() -> (World, Phone) {
    let world = World::new(Options { event_lag_ms: 0, events_per_minute: 100_000, ..Options::default() }).await;
    (world, phone::start(phone::Options::default()).await.expect("a net"))
}

fn with(net: &Phone, more: Value) -> Value {
    let mut body = json!({ "net": { "smtp": net.info().mail, "to": "alerts@example.jp" } });
    body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    body
}

async fn statuses(world: &World) -> Vec<String> {
    let incidents = world.state().await["incidents"].clone();
    incidents.as_array().expect("a list").iter().map(|i| i["status"].as_str().expect("a word").to_owned()).collect()
}

#[tokio::test]
async fn an_alert_goes_both_ways_and_so_does_its_end() {
    let (world, net) = site().await;
    for (state, expected) in [("problem", "triggered"), ("recovery", "resolved")] {
        let alert = json!({ "kind": "nagios", "host": "web01", "check": "HTTP", "state": state });
        let told = world
            .control("monitor", &with(&net, json!({ "alert": alert, "service": "Hoshino Foods / EC site" })))
            .await;
        assert_eq!((&told["mails_taken"], &told["pagerduty_taken"]), (&json!(1), &json!(1)), "{told}");
        assert_eq!(statuses(&world).await, [expected]);
    }
    let subjects: Vec<Value> = net.mails().iter().map(|m| m["subject"].clone()).collect();
    assert_eq!(
        subjects,
        [
            json!("** PROBLEM Service Alert: web01/HTTP is CRITICAL **"),
            json!("** RECOVERY Service Alert: web01/HTTP is OK **")
        ]
    );
    let count = world.get("/_control/monitors").await.body["sent"].clone();
    assert_eq!(count[0]["alert"]["number"], count[1]["alert"]["number"], "the end has the number of its problem");
    let ids: Vec<&Value> = count.as_array().expect("a list").iter().map(|s| &s["message_id"]).collect();
    let seen: Vec<Value> = net.mails().iter().map(|m| m["message_id"].clone()).collect();
    assert_eq!(ids, seen.iter().collect::<Vec<_>>());
}

#[tokio::test]
async fn by_mail_both_get_the_same_japanese_words() {
    let (world, net) = site().await;
    let alert = json!({ "kind": "zabbix", "host": "db01", "check": "ディスク使用率90%超過" });
    let style = json!({ "language": "ja", "charset": "iso-2022-jp" });
    let body = json!({ "alert": alert, "style": style, "via": "mail", "service": "Hoshino Foods / EC site" });
    world.control("monitor", &with(&net, body)).await;
    assert_eq!(world.state().await["incidents"][0]["title"], "[障害] ディスク使用率90%超過 (db01)");
    assert_eq!(net.mails()[0]["subject"], "[障害] ディスク使用率90%超過 (db01)");
    assert!(net.mails()[0]["text"].as_str().expect("a text").contains("Host: db01"));
}

#[tokio::test]
async fn a_mis_set_monitor_reaches_the_net_alone() {
    let (world, net) = site().await;
    for (more, taken, fate) in [
        (json!({ "via": "nowhere" }), json!(0), None),
        (json!({ "routing_key": "E0000000000000000000000000000000" }), json!(0), None),
        (json!({ "via": "mail", "address": "old-name@example.pagerduty.com" }), json!(1), Some("unknown_address")),
        (json!({ "service": "Minato Pay / Staging" }), json!(1), Some("service_disabled")),
    ] {
        let told = world.control("monitor", &with(&net, more.clone())).await;
        assert_eq!((&told["mails_taken"], &told["pagerduty_taken"]), (&json!(1), &taken), "{more}");
        let outcomes = world.get("/_control/outcomes").await.body["outcomes"].clone();
        let last = outcomes.as_array().expect("a list").iter().rev().find(|o| o["kind"] != "event.rejected");
        if let Some(fate) = fate {
            assert_eq!(last.expect("an outcome")["detail"]["became"], fate);
        }
    }
    assert!(statuses(&world).await.is_empty());
    assert_eq!(net.mails().len(), 4);
}

#[tokio::test]
async fn from_inside_the_process_it_goes_the_same_way() {
    let (world, net) = site().await;
    let off = json!({ "service": "Hoshino Foods / EC site", "status": "disabled" });
    world.sandbox.control("service", &off).expect("a change");
    assert!(world.sandbox.control("service", &json!({ "service": "None" })).expect_err("a refusal").contains("None"));
    let (service, routing_key) = world.service_named("EC").await;
    let route = Route::Event { events_url: world.sandbox.info().events_url.clone(), routing_key };
    let mut sending = Sending::new(Alert::default(), route);
    sending.net = Some(Net { smtp: net.info().mail.clone(), to: "alerts@example.jp".into() });
    let sent = Sender::new().expect("a client").send(&sending).await;
    assert!(sent.mail.expect("a mail").taken && sent.pagerduty.expect("an event").taken);
    let became = world.effects().await.pop().expect("an effect");
    assert_eq!(became["detail"]["became"], "service_disabled", "{service}");
}

#[tokio::test]
async fn a_storm_and_its_repeats_are_counted() {
    let (world, net) = site().await;
    let body = json!({ "service": "Hoshino Foods / EC site", "hosts": 30, "times": 2, "at_once": 16 });
    let told = world.control("monitor", &with(&net, body)).await;
    assert_eq!((&told["mails_taken"], &told["pagerduty_taken"]), (&json!(60), &json!(60)));
    assert_eq!((statuses(&world).await.len(), net.mails().len()), (30, 60));
    let sent = world.get("/_control/monitors").await.body["sent"].clone();
    let sent = sent.as_array().expect("a list");
    let numbers: std::collections::BTreeSet<_> = sent.iter().map(|s| s["alert"]["number"].as_u64()).collect();
    assert_eq!((sent.len(), numbers.len()), (60, 30), "each host's problem has a number of its own");
    for wrong in [json!({ "hosts": 1000, "times": 1000 }), json!({ "via": "event" }), json!({ "nonsense": 1 })] {
        assert_eq!(world.post("/_control/monitor", &wrong).await.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn what_is_refused_for_now_is_tried_again_and_the_count_says_how_often() {
    let (world, net) = site().await;
    world.fault(json!({ "on": "events", "times": 2, "do": { "status": 503 } })).await;
    let control = format!("{}/faults", net.info().control_url);
    let faults = json!({ "faults": [{ "path": "smtp", "do": { "status": 451 } }, { "path": "smtp", "nth": 2, "do": { "cut": "before" } }] });
    let client = reqwest::Client::builder().build().expect("a client");
    assert_eq!(client.post(&control).json(&faults).send().await.expect("an answer").status(), 200);
    let body = json!({ "service": "Hoshino Foods / EC site", "retries": 5, "retry_ms": 1 });
    let told = world.control("monitor", &with(&net, body)).await["sent"][0].clone();
    assert_eq!((&told["mail"]["attempts"], &told["mail"]["taken"]), (&json!(3), &json!(true)), "{told}");
    assert_eq!((&told["pagerduty"]["attempts"], &told["pagerduty"]["said"]), (&json!(3), &json!("202")));
    let gone = world
        .control("monitor", &json!({ "via": "nowhere", "net": { "smtp": "127.0.0.1:1", "to": "a@example.jp" } }))
        .await;
    assert_eq!(gone["sent"][0]["mail"]["taken"], false);
}
