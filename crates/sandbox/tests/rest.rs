//! REST and Events as an outside program meets them.

mod common;

use common::{World, event, send};
use reqwest::Method;
use sandbox::pagerduty::{Options, Story};
use serde_json::json;

#[tokio::test]
async fn the_authorization_header_must_be_exact() {
    let world = World::quick().await;
    let info = world.sandbox.info();
    for header in [format!("token={}", info.token), format!("Token {}", info.token), "Token token=wrong".into()] {
        let answer =
            send(world.bare(Method::GET, "/incidents").header("authorization", &header)).await.expect("an answer");
        assert_eq!((answer.status.as_u16(), &answer.body["error"]["code"]), (401, &json!(2006)), "{header}");
    }
    let bearer = world.bare(Method::GET, "/incidents").header("authorization", format!("Bearer {}", info.token));
    assert_eq!(send(bearer).await.expect("an answer").status, 200);
}

#[tokio::test]
async fn writes_need_rights_and_a_person() {
    let world = World::quick().await;
    let incident = world.trigger("k").await;
    let path = format!("/incidents/{}/notes", incident["id"].as_str().expect("an id"));
    let note = json!({ "note": { "content": "x" } });
    let info = world.sandbox.info();
    let with = |token: &str| {
        world.bare(Method::POST, &path).header("authorization", format!("Token token={token}")).json(&note)
    };
    assert_eq!(send(with(&info.read_only_token).header("from", &info.from)).await.expect("an answer").status, 403);
    assert_eq!(send(with(&info.token)).await.expect("an answer").status, 400);
    assert_eq!(send(with(&info.token).header("from", "nobody@example.com")).await.expect("an answer").status, 400);
    let (email, token) = info.user_tokens.iter().next().expect("a user");
    let own = send(with(token)).await.expect("an answer");
    assert_eq!(own.status, 200, "a user's key needs no From");
    let me = world.bare(Method::GET, "/users/me").header("authorization", format!("Token token={token}"));
    let me = send(me).await.expect("an answer").body;
    assert_eq!(me["user"]["email"], json!(email));
    assert_eq!(own.body["note"]["user"]["id"], me["user"]["id"]);
    assert_eq!(world.get("/users/me").await.status, 400, "an account key belongs to nobody");
}

#[tokio::test]
async fn pages_end_at_ten_thousand() {
    let world = World::quick().await;
    for i in 0..3 {
        world.trigger(&format!("k{i}")).await;
    }
    let page = world.get("/incidents?limit=2&total=true").await.body;
    assert_eq!(
        (&page["more"], &page["total"], page["incidents"].as_array().map(Vec::len)),
        (&json!(true), &json!(3), Some(2))
    );
    let rest = world.get("/incidents?limit=2&offset=2").await.body;
    assert_eq!((&rest["more"], &rest["total"]), (&json!(false), &json!(null)));
    assert_eq!(world.get("/incidents?limit=100&offset=9900").await.status, 200);
    assert_eq!(world.get("/incidents?limit=100&offset=9901").await.status, 400);
    assert_eq!(world.get("/incidents?limit=101").await.status, 400);
}

#[tokio::test]
async fn spans_filters_and_sorts() {
    let world = World::new(Options { story: Story::Past, history_days: 20, ..Options::default() }).await;
    assert_eq!(world.get("/incidents?since=2025-01-01&until=2025-07-02").await.body["error"]["code"], 2005);
    assert_eq!(world.get("/incidents?since=nonsense").await.body["error"]["code"], 2004);
    let all = world.get("/incidents?limit=100&total=1").await.body;
    assert!(all["total"].as_u64().is_some_and(|t| t > 60), "{}", all["total"]);
    assert_eq!(world.get("/incidents?statuses[]=triggered&statuses[]=acknowledged&total=1").await.body["total"], 0);
    let newest = world.get("/incidents?sort_by=created_at:desc&limit=2").await.body["incidents"].clone();
    assert!(newest[0]["incident_number"].as_u64() > newest[1]["incident_number"].as_u64());
    assert_eq!(world.get("/incidents?sort_by=title").await.status, 400);
    assert_eq!(world.get("/incidents?sort_by=created_at,urgency,resolved_at").await.status, 400);
    let key = all["incidents"][0]["incident_key"].as_str().expect("a key");
    let by_key = world.get(&format!("/incidents?incident_key={key}&limit=100")).await.body["incidents"].clone();
    assert!(
        by_key.as_array().expect("a list").iter().all(|i| i["incident_key"] == key || i["alert_counts"]["all"] != 0)
    );
    let tokyo = world.get("/log_entries?time_zone=Asia/Tokyo&limit=1").await.body;
    assert!(tokyo["log_entries"][0]["created_at"].as_str().is_some_and(|t| t.ends_with("+09:00")));
}

#[tokio::test]
async fn unknown_ways_are_told_from_wrong_methods() {
    let world = World::quick().await;
    let unknown = world.get("/nothing").await;
    assert_eq!((unknown.status.as_u16(), &unknown.body["error"]["code"]), (404, &json!(2100)));
    assert_eq!(world.delete("/incidents").await.status, 405);
    assert_eq!(world.get("/incidents/QNOTHERE").await.status, 404);
}

#[tokio::test]
async fn the_rate_limit_speaks_in_headers_and_then_refuses() {
    let world = World::new(Options { requests_per_minute: 2, ..Options::default() }).await;
    let first = world.get("/abilities").await;
    assert_eq!((first.headers["ratelimit-limit"].as_str(), first.headers["ratelimit-remaining"].as_str()), ("2", "1"));
    world.get("/abilities").await;
    let refused = world.get("/abilities").await;
    assert_eq!((refused.status.as_u16(), &refused.body["error"]["code"]), (429, &json!(2020)));
    world.control("advance", &json!({ "seconds": 60 })).await;
    assert_eq!(world.get("/abilities").await.status, 200);
}

#[tokio::test]
async fn statuses_change_by_the_rules() {
    let world = World::quick().await;
    let incident = world.trigger("k").await;
    let path = format!("/incidents/{}", incident["incident_number"]);
    let to = |status: &str| json!({ "incident": { "type": "incident_reference", "status": status } });
    assert_eq!(world.put(&path, &to("acknowledged")).await.body["incident"]["status"], "acknowledged");
    assert_eq!(world.put(&path, &to("acknowledged")).await.body["error"]["code"], 1002);
    assert_eq!(world.put(&path, &to("resolved")).await.body["incident"]["status"], "resolved");
    assert_eq!(world.put(&path, &to("resolved")).await.body["error"]["code"], 1001);
    assert_eq!(world.put(&path, &to("triggered")).await.body["incident"]["status"], "triggered");
    let many =
        |n: usize| json!({ "incidents": vec![json!({ "id": incident["id"], "type": "incident_reference" }); n] });
    assert_eq!(world.put("/incidents", &many(250)).await.status, 200);
    assert_eq!(world.put("/incidents", &many(251)).await.status, 413);
}

#[tokio::test]
async fn an_incident_key_opens_once() {
    let world = World::quick().await;
    let (service, _) = world.service();
    let body = json!({ "incident": { "type": "incident", "title": "by hand", "incident_key": "one", "service": { "id": service, "type": "service_reference" }, "body": { "type": "incident_body", "details": "text" } } });
    let made = world.post("/incidents", &body).await;
    assert_eq!(made.status, 201);
    assert_eq!(made.body["incident"]["alert_counts"]["all"], 0);
    assert_eq!(world.post("/incidents", &body).await.status, 400);
    let id = made.body["incident"]["id"].as_str().expect("an id");
    world
        .put(
            &format!("/incidents/{id}"),
            &json!({ "incident": { "type": "incident_reference", "status": "resolved" } }),
        )
        .await;
    assert_eq!(world.post("/incidents", &body).await.status, 201);
}

#[tokio::test]
async fn events_are_taken_or_told_what_is_wrong() {
    let world = World::quick().await;
    let (_, key) = world.service_named("EC").await;
    let post = |body: serde_json::Value| world.bare(Method::POST, "/v2/enqueue").json(&body);
    let taken = send(post(event(&key, "trigger", "web01/disk"))).await.expect("an answer");
    assert_eq!((taken.status.as_u16(), &taken.body["dedup_key"]), (202, &json!("web01/disk")));
    let mut nameless = event(&key, "trigger", "x");
    nameless.as_object_mut().expect("an object").remove("dedup_key");
    assert!(send(post(nameless)).await.expect("an answer").body["dedup_key"].as_str().is_some_and(|k| k.len() == 32));
    let mut wrong = event(&key, "trigger", "x");
    wrong["payload"]["severity"] = json!("bad");
    let refused = send(post(wrong)).await.expect("an answer");
    assert_eq!((refused.status.as_u16(), &refused.body["status"]), (400, &json!("invalid event")));
    assert!(refused.body["errors"][0].as_str().is_some_and(|e| e.contains("payload.severity")));
    assert_eq!(send(post(event(&"0".repeat(32), "trigger", "x"))).await.expect("an answer").status, 400);
    let garbled = send(world.bare(Method::POST, "/v2/enqueue").body("{")).await.expect("an answer");
    assert_eq!((garbled.status.as_u16(), &garbled.body["status"]), (400, &json!("Unrecognized object")));
    let huge = world.bare(Method::POST, "/v2/enqueue").body(" ".repeat(513 * 1024));
    assert_eq!(send(huge).await.expect("an answer").status, 413);
    assert_eq!(world.get("/incidents?incident_key=web01/disk&total=1").await.body["total"], 1);
}

#[tokio::test]
async fn an_accepted_event_is_no_incident_yet() {
    let world = World::new(Options { event_lag_ms: 3_600_000, ..Options::default() }).await;
    let (_, key) = world.service_named("EC").await;
    let taken =
        send(world.bare(Method::POST, "/v2/enqueue").json(&event(&key, "trigger", "k"))).await.expect("an answer");
    assert_eq!(taken.status, 202);
    assert_eq!(world.get("/incidents?total=1").await.body["total"], 0);
    assert_eq!(world.get("/_control/idle").await.body["scheduled"], 1);
    world.control("advance", &json!({ "seconds": 3600 })).await;
    assert_eq!(world.get("/incidents?total=1").await.body["total"], 1);
}

#[tokio::test]
async fn too_many_events_are_refused_and_not_taken() {
    let world = World::new(Options { events_per_minute: 1, event_lag_ms: 0, ..Options::default() }).await;
    let (_, key) = world.service_named("EC").await;
    for (dedup, status) in [("a", 202), ("b", 429)] {
        let answer = send(world.bare(Method::POST, "/v2/enqueue").json(&event(&key, "trigger", dedup)))
            .await
            .expect("an answer");
        assert_eq!(answer.status, status);
    }
    assert_eq!(world.get("/incidents?total=1").await.body["total"], 1);
}

#[tokio::test]
async fn notes_end_at_two_thousand() {
    let world = World::new(Options { requests_per_minute: 10_000, ..Options::default() }).await;
    let id = world.trigger("k").await["id"].as_str().expect("an id").to_owned();
    for n in 0..1999 {
        world.control("act", &json!({ "incident": id, "act": "note", "content": format!("{n}") })).await;
    }
    let path = format!("/incidents/{id}/notes");
    assert_eq!(world.post(&path, &json!({ "note": { "content": "the last" } })).await.status, 200);
    assert_eq!(world.post(&path, &json!({ "note": { "content": "too many" } })).await.status, 400);
    assert_eq!(world.get(&path).await.body["notes"].as_array().map(Vec::len), Some(2000));
}

#[tokio::test]
async fn effects_are_on_disk_when_the_reply_comes() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("effects.jsonl");
    let world = World::new(Options { log: Some(log.clone()), event_lag_ms: 0, ..Options::default() }).await;
    let (_, key) = world.service_named("EC").await;
    send(world.bare(Method::POST, "/v2/enqueue").json(&event(&key, "trigger", "k"))).await.expect("an answer");
    let lines = || -> Vec<serde_json::Value> {
        let text = std::fs::read_to_string(&log).expect("the log");
        text.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect()
    };
    assert_eq!(
        (lines().len(), lines()[0]["kind"].clone(), lines()[0]["key"].clone()),
        (2, json!("event.trigger"), json!("k"))
    );
    assert_eq!((&lines()[1]["kind"], &lines()[1]["detail"]["became"]), (&json!("event.became"), &json!("incident")));
    let id = world.get("/incidents").await.body["incidents"][0]["id"].as_str().expect("an id").to_owned();
    world.post(&format!("/incidents/{id}/notes"), &json!({ "note": { "content": "marker-1" } })).await;
    let last = lines().pop().expect("a line");
    assert_eq!((&last["kind"], &last["via"], &last["incident"]), (&json!("note.created"), &json!("rest"), &json!(id)));
    assert_eq!(last["detail"]["content"], "marker-1");
    assert_eq!(last["from"], json!(world.sandbox.info().from));
    assert!(last["at"].as_str().is_some_and(|t| t.len() == "2026-05-01T00:00:00.000000Z".len()));
    assert_eq!(lines(), world.effects().await);
}
