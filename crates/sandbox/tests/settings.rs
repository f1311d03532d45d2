//! What keeps an accepted event from becoming an incident: each setting, who set it, and what became of the event.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use common::{World, event, send};
use reqwest::Method;
use sandbox::pagerduty::Options;
use serde_json::{Value, json};

async fn enqueue(world: &World, event: &Value) -> u16 {
    send(world.bare(Method::POST, "/v2/enqueue").json(event)).await.expect("an answer").status.as_u16()
}

fn titled(routing_key: &str, key: &str, title: &str) -> Value {
    let mut event = event(routing_key, "trigger", key);
    event["payload"]["summary"] = json!(title);
    event
}

/// What became of the events of a key, oldest first.
async fn fates(world: &World, key: &str) -> Vec<String> {
    let all = world.effects().await;
    let own = all.iter().filter(|e| e["kind"] == "event.became" && e["key"] == key);
    own.map(|e| e["detail"]["became"].as_str().expect("a word").to_owned()).collect()
}

async fn open(world: &World) -> usize {
    world.get("/incidents").await.body["incidents"].as_array().expect("a list").len()
}

#[tokio::test]
async fn each_setting_swallows_and_is_named() {
    let world = World::quick().await;
    let (service, key) = world.service_named("EC").await;
    let off = json!({ "service": service, "status": "disabled", "by": "Sato Hanako" });
    let on = json!({ "service": service, "status": "active" });
    for (number, (what, make, undo, fate)) in [
        ("service", off, on, "service_disabled"),
        (
            "integration",
            json!({ "service": service, "act": "delete", "unnoticed": true }),
            json!({ "service": service, "act": "restore" }),
            "integration_deleted",
        ),
        (
            "oncall",
            json!({ "service": service, "nobody": true }),
            json!({ "service": service, "nobody": false }),
            "nobody_on_call",
        ),
        ("orchestration", rules(&service, json!({ "drop_event": true })), rules(&service, json!({})), "dropped"),
        ("orchestration", rules(&service, json!({ "suppress": true })), rules(&service, json!({})), "suppressed"),
    ]
    .into_iter()
    .enumerate()
    {
        world.control(what, &make).await;
        let own = format!("k{number}");
        assert_eq!(enqueue(&world, &event(&key, "trigger", &own)).await, 202, "accepted all the same");
        world.control(what, &undo).await;
        assert_eq!(fates(&world, &own).await, [fate]);
    }
    assert_eq!(open(&world).await, 0);
    assert_eq!(enqueue(&world, &event(&key, "trigger", "well")).await, 202);
    assert_eq!((fates(&world, "well").await, open(&world).await), (vec!["incident".to_owned()], 1));
    let suppressed = world.get("/_control/alerts").await.body["alerts"].clone();
    assert_eq!((suppressed.as_array().map(Vec::len), &suppressed[0]["suppressed"]), (Some(1), &json!(true)));
}

fn rules(service: &str, actions: Value) -> Value {
    let rule = json!({ "label": "by mistake", "conditions": [], "actions": actions });
    json!({ "service": service, "active": true, "sets": [{ "id": "start", "rules": [rule] }] })
}

#[tokio::test]
async fn a_deleted_integration_refuses_its_key() {
    let world = World::quick().await;
    let (service, key) = world.service_named("EC").await;
    world.control("integration", &json!({ "service": service, "act": "delete" })).await;
    assert_eq!(enqueue(&world, &event(&key, "trigger", "k")).await, 400);
    let told = world.effects().await.pop().expect("an effect");
    assert_eq!(
        (&told["kind"], &told["detail"]["told"], &told["detail"]["key"]),
        (&json!("event.rejected"), &json!(400), &json!("k"))
    );
}

#[tokio::test]
async fn who_changed_it_stands_in_the_audit_trail() {
    let world = World::quick().await;
    let (service, _) = world.service_named("Staging").await;
    let hanako = json!({ "service": service, "status": "active", "by": "Sato Hanako" });
    world.control("service", &hanako).await;
    world
        .control("service", &json!({ "service": service, "status": "disabled", "by": "tanaka.ken@example.com" }))
        .await;
    let path = format!("/services/{service}/audit/records?limit=1");
    let first = world.get(&path).await.body;
    let record = &first["records"][0];
    assert_eq!(record["actors"][0]["summary"], "Tanaka Ken");
    assert_eq!(
        record["details"]["fields"][0],
        json!({ "name": "status", "description": null, "value": "disabled", "before_value": "active" })
    );
    let next = first["next_cursor"].as_str().expect("a cursor");
    let second = world.get(&format!("{path}&cursor={next}")).await.body;
    assert_eq!(second["records"][0]["actors"][0]["summary"], "Sato Hanako");
    assert_eq!(world.get("/services/PNONE/audit/records").await.status, 404);
    let too_wide = "/audit/records?since=2026-01-01T00:00:00Z&until=2026-02-02T00:00:00Z";
    assert_eq!(world.get(too_wide).await.status, 400);
    world.control("audit", &json!({ "forbidden": true })).await;
    for path in [path.as_str(), "/audit/records"] {
        assert_eq!(world.get(path).await.status, 403);
    }
}

#[tokio::test]
async fn an_orchestration_leads_events_to_services_or_nowhere() {
    let world = World::quick().await;
    let (shop, _) = world.service_named("EC").await;
    let made = world.control("orchestration", &json!({ "name": "All monitors" })).await;
    let (own, key) = (made["orchestration"].clone(), made["routing_key"].as_str().expect("a key").to_owned());
    let rule = |text: &str, actions: Value| json!({ "label": text, "conditions": [{ "expression": text }], "actions": actions });
    let router =
        json!([{ "id": "start", "rules": [rule("event.summary matches part 'shop'", json!({ "route_to": shop }))] }]);
    world.control("orchestration", &json!({ "orchestration": own, "path": "router", "sets": router })).await;
    let global = json!([{ "id": "start", "rules": [rule("event.summary matches part 'noise'", json!({ "drop_event": true }))] }]);
    world.control("orchestration", &json!({ "orchestration": own, "path": "global", "sets": global })).await;
    for (title, fate) in [("shop is slow", "incident"), ("shop noise", "dropped"), ("bank is slow", "unrouted")] {
        assert_eq!(enqueue(&world, &titled(&key, title, title)).await, 202);
        assert_eq!(fates(&world, title).await, [fate], "{title}");
    }
    assert_eq!(world.state().await["incidents"][0]["service"]["id"], json!(shop));
    assert_eq!(enqueue(&world, &event(&key, "resolve", "shop is slow")).await, 202);
    assert_eq!(fates(&world, "shop is slow").await, ["incident", "resolved"]);
}

#[tokio::test]
async fn a_suspended_or_paused_alert_may_be_resolved_in_time() {
    let world = World::quick().await;
    let (service, key) = world.service_named("EC").await;
    for (round, (what, body)) in [
        ("orchestration", rules(&service, json!({ "suspend": 120 }))),
        ("service", json!({ "service": service, "auto_pause_s": 120 })),
    ]
    .into_iter()
    .enumerate()
    {
        world.control(what, &body).await;
        let (short, long) = (format!("short{round}"), format!("long{round}"));
        for own in [&short, &long] {
            enqueue(&world, &event(&key, "trigger", own)).await;
        }
        enqueue(&world, &event(&key, "resolve", &short)).await;
        world.control("advance", &json!({ "seconds": 121 })).await;
        assert_eq!(fates(&world, &short).await, ["paused", "resolved_in_time", "resolved_in_time"]);
        assert_eq!(fates(&world, &long).await, ["paused", "incident"]);
        world.control("orchestration", &rules(&service, json!({}))).await;
    }
    let shown =
        world.get(&format!("/services/{service}")).await.body["service"]["auto_pause_notifications_parameters"].clone();
    assert_eq!(shown, json!({ "enabled": true, "timeout": 120 }));
    assert_eq!(open(&world).await, 2);
}

#[tokio::test]
async fn a_grouped_alert_joins_and_resolves_with_the_others() {
    for (kind, config, other, fate) in [
        ("time", json!({ "timeout": 600 }), "anything else", "grouped"),
        ("intelligent", json!({ "time_window": 600 }), "disk full on web02", "grouped"),
        ("intelligent", json!({ "time_window": 600 }), "network is down", "incident"),
        (
            "content_based",
            json!({ "time_window": 600, "aggregate": "all", "fields": ["source"] }),
            "anything else",
            "grouped",
        ),
        (
            "content_based",
            json!({ "time_window": 600, "aggregate": "all", "fields": ["summary"] }),
            "anything else",
            "incident",
        ),
    ] {
        let world = World::quick().await;
        let (service, key) = world.service_named("EC").await;
        world.control("grouping", &json!({ "service": service, "type": kind, "config": config })).await;
        enqueue(&world, &titled(&key, "one", "disk full on web01")).await;
        enqueue(&world, &titled(&key, "two", other)).await;
        assert_eq!(fates(&world, "two").await, [fate], "{kind} {other}");
        enqueue(&world, &event(&key, "resolve", "one")).await;
        let left = if fate == "grouped" { 1 } else { 2 };
        let incidents = world.state().await["incidents"].clone();
        assert_eq!(incidents.as_array().map(Vec::len), Some(left));
        let status = if fate == "grouped" { "triggered" } else { "resolved" };
        assert_eq!(incidents[0]["status"], status, "an incident ends with its last alert");
        assert!(incidents[0]["alert_grouping"].is_object());
    }
}

#[tokio::test]
async fn nobody_on_call_is_seen_by_who_asks() {
    let world = World::quick().await;
    let (service, key) = world.service_named("EC").await;
    let policy = world.get(&format!("/services/{service}")).await.body["service"]["escalation_policy"]["id"].clone();
    let path = format!("/oncalls?escalation_policy_ids[]={}", policy.as_str().expect("an id"));
    assert!(!world.get(&path).await.body["oncalls"].as_array().expect("a list").is_empty());
    world.control("oncall", &json!({ "policy": policy, "nobody": true, "incidents": "unassigned" })).await;
    assert_eq!(world.get(&path).await.body["oncalls"], json!([]));
    enqueue(&world, &event(&key, "trigger", "k")).await;
    assert_eq!(world.state().await["incidents"][0]["assignments"], json!([]));
    world.control("oncall", &json!({ "policy": policy, "nobody": true })).await;
    let new = json!({ "incident": { "type": "incident", "title": "x", "service": { "id": service, "type": "service_reference" } } });
    let refused = world.post("/incidents", &new).await;
    assert_eq!((refused.status.as_u16(), &refused.body["error"]["code"]), (400, &json!(1015)));
}

#[tokio::test]
async fn the_121st_event_of_a_minute_is_refused_and_said_so() {
    let world = World::new(Options { event_lag_ms: 0, events_per_minute: 3, ..Options::default() }).await;
    let (_, key) = world.service_named("EC").await;
    let mut told = Vec::new();
    for n in 0..5 {
        told.push(enqueue(&world, &event(&key, "trigger", &format!("k{n}"))).await);
    }
    assert_eq!(told, [202, 202, 202, 429, 429]);
    let rejected = world.effects().await.iter().filter(|e| e["kind"] == "event.rejected").count();
    assert_eq!((rejected, open(&world).await), (2, 3));
    world.control("advance", &json!({ "seconds": 61 })).await;
    assert_eq!(enqueue(&world, &event(&key, "trigger", "k4")).await, 202);
}
