//! Acts over REST: each by the rules, with its log entry by the acting person and its webhook, or refused with its own code.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use common::{Answer, Receiver, World};
use sandbox::pagerduty::Options;
use serde_json::{Value, json};

fn change(fields: Value) -> Value {
    let mut incident = json!({ "type": "incident_reference" });
    incident.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
    json!({ "incident": incident })
}

fn code(answer: &Answer) -> (u16, Value) {
    (answer.status.as_u16(), answer.body["error"]["code"].clone())
}

/// The newest log entry of a kind: its agent's name.
async fn agent(world: &World, path: &str, kind: &str) -> Value {
    let entries = world.get(&format!("{path}/log_entries?limit=100")).await.body["log_entries"].clone();
    let wanted = format!("{kind}_log_entry");
    let found = entries.as_array().expect("a list").iter().find(|e| e["type"] == wanted).cloned();
    found.expect("an entry of that kind")["agent"]["summary"].clone()
}

#[tokio::test]
async fn each_act_leaves_its_log_entry_and_its_webhook() {
    let receiver = Receiver::new(&[]).await;
    let options = Options { event_lag_ms: 0, webhook_url: Some(receiver.url.clone()), ..Options::default() };
    let world = World::new(options).await;
    let path = format!("/incidents/{}", world.trigger("k").await["id"].as_str().expect("an id"));
    let users = world.get("/users").await.body["users"].clone();
    let priority = world.get("/priorities").await.body["priorities"][1]["id"].clone();
    let assign = json!({ "assignments": [{ "assignee": { "id": users[3]["id"], "type": "user_reference" } }] });
    let acts = [
        (json!({ "status": "acknowledged" }), "acknowledge", "incident.acknowledged"),
        (assign, "assign", "incident.reassigned"),
        (json!({ "escalation_level": 2 }), "escalate", "incident.escalated"),
        (
            json!({ "priority": { "id": priority, "type": "priority_reference" } }),
            "field_value_change",
            "incident.priority_updated",
        ),
        (json!({ "status": "resolved" }), "resolve", "incident.resolved"),
    ];
    for (act, kind, event) in acts {
        let answer = world.put(&path, &change(act.clone())).await;
        assert_eq!(answer.status, 200, "{act}: {}", answer.body);
        assert_eq!(agent(&world, &path, kind).await, "NOC Automation", "{kind}");
        world.settle().await;
        assert_eq!(receiver.kinds().last().map(String::as_str), Some(event));
    }
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_with_its_code() {
    let world = World::quick().await;
    let path = format!("/incidents/{}", world.trigger("k").await["id"].as_str().expect("an id"));
    let put = async |fields: Value| code(&world.put(&path, &change(fields)).await);
    assert_eq!(put(json!({ "escalation_level": 9 })).await, (400, json!(1006)));
    assert_eq!(put(json!({ "priority": { "id": "PNONE", "type": "priority_reference" } })).await, (400, json!(1020)));
    assert_eq!(put(json!({ "priority": {} })).await, (400, json!(1020)));
    let nobody = json!({ "assignments": [{ "assignee": { "id": "PNONE", "type": "user_reference" } }] });
    assert_eq!(put(nobody).await, (400, json!(1007)));
    let snooze = |duration: i64| json!({ "duration": duration });
    let snooze_path = format!("{path}/snooze");
    assert_eq!(code(&world.post(&snooze_path, &snooze(0)).await), (400, json!(1013)));
    assert_eq!(code(&world.post(&snooze_path, &snooze(604_801)).await), (400, json!(1013)));
    assert_eq!(put(json!({ "status": "acknowledged" })).await.0, 200);
    assert_eq!(put(json!({ "status": "acknowledged" })).await, (400, json!(1002)));
    assert_eq!(put(json!({ "status": "resolved" })).await.0, 200);
    assert_eq!(put(json!({ "status": "acknowledged" })).await, (400, json!(1001)));
    assert_eq!(put(json!({ "escalation_level": 2 })).await, (400, json!(1006)));
    assert_eq!(code(&world.post(&snooze_path, &snooze(60)).await), (400, json!(1001)));
}

#[tokio::test]
async fn a_snooze_shows_what_is_pending() {
    let world = World::quick().await;
    let path = format!("/incidents/{}", world.trigger("k").await["id"].as_str().expect("an id"));
    let snoozed = world.post(&format!("{path}/snooze"), &json!({ "duration": 3600 })).await;
    assert_eq!(snoozed.status, 201);
    assert_eq!(snoozed.body["incident"]["status"], "acknowledged");
    let pending = snoozed.body["incident"]["pending_actions"].as_array().expect("a list").clone();
    assert!(pending.iter().any(|p| p["type"] == "unacknowledge"), "{pending:?}");
    assert_eq!(agent(&world, &path, "snooze").await, "NOC Automation");
    world.control("advance", &json!({ "seconds": 3600 })).await;
    assert_eq!(world.get(&path).await.body["incident"]["status"], "triggered");
}

#[tokio::test]
async fn a_merge_wants_an_open_target_and_resolves_its_sources() {
    let world = World::quick().await;
    let mut ids = Vec::new();
    for key in ["a", "b", "c"] {
        ids.push(world.trigger(key).await["id"].as_str().expect("an id").to_owned());
    }
    let sources = |id: &str| json!({ "source_incidents": [{ "id": id, "type": "incident_reference" }] });
    let merge = async |into: &str, from: &str| world.put(&format!("/incidents/{into}/merge"), &sources(from)).await;
    world.put(&format!("/incidents/{}", ids[2]), &change(json!({ "status": "resolved" }))).await;
    assert_eq!(code(&merge(&ids[2], &ids[1]).await), (400, json!(1001)));
    assert_eq!(code(&merge(&ids[0], &ids[0]).await).0, 400);
    assert_eq!(merge(&ids[0], &ids[1]).await.status, 200);
    assert_eq!(code(&merge(&ids[0], &ids[1]).await), (400, json!(1019)));
    let source = world.get(&format!("/incidents/{}", ids[1])).await.body["incident"].clone();
    assert_eq!(source["status"], "resolved");
    assert_eq!(source["resolve_reason"]["incident"]["id"], json!(ids[0]));
    assert_eq!(agent(&world, &format!("/incidents/{}", ids[0]), "merge").await, "NOC Automation");
    let before = world.get(&format!("/incidents/{}", ids[2])).await.body["incident"]["resolved_at"].clone();
    world.control("advance", &json!({ "seconds": 60 })).await;
    assert_eq!(merge(&ids[0], &ids[2]).await.status, 200);
    let closed = world.get(&format!("/incidents/{}", ids[2])).await.body["incident"].clone();
    assert_eq!(closed["resolved_at"], before, "what was resolved already stays resolved since then");
    assert_eq!(closed["resolve_reason"]["type"], "merge_resolve_reason");
}

#[tokio::test]
async fn a_new_title_stands_in_the_log() {
    let world = World::quick().await;
    let path = format!("/incidents/{}", world.trigger("k").await["id"].as_str().expect("an id"));
    assert_eq!(world.put(&path, &change(json!({ "title": "新しい件名" }))).await.status, 200);
    assert_eq!(agent(&world, &path, "field_value_change").await, "NOC Automation");
}
