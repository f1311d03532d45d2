//! What a key may do, what an account has, and how a reply is dated.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use std::collections::{BTreeSet, HashSet};

use common::{Answer, World, send};
use reqwest::Method;
use sandbox::pagerduty::{KeyLevel, Options, Story};
use serde_json::{Value, json};

async fn with(world: &World, token: &str, method: Method, path: &str, body: &Value) -> Answer {
    let request = world.bare(method, path).header("authorization", format!("Token token={token}"));
    send(request.header("from", "nobody@example.com").json(body)).await.expect("an answer")
}

fn refusal(answer: &Answer) -> (u16, Value) {
    (answer.status.as_u16(), answer.body["error"]["code"].clone())
}

#[tokio::test]
async fn a_read_only_key_writes_nothing_whatever_is_asked() {
    let world = World::quick().await;
    let token = world.sandbox.info().read_only_token.clone();
    for (method, path) in [
        (Method::POST, "/incidents"),
        (Method::PUT, "/incidents/QNONE"),
        (Method::POST, "/nothing/at/all"),
        (Method::DELETE, "/incidents"),
        (Method::POST, "/webhook_subscriptions/PNONE/enable"),
    ] {
        let answer = with(&world, &token, method, path, &json!("nonsense")).await;
        assert_eq!(refusal(&answer), (403, json!(2010)), "{path}");
        assert_eq!(answer.body["error"]["message"], "Access Denied");
    }
    assert_eq!(with(&world, &token, Method::GET, "/incidents", &Value::Null).await.status, 200);
}

#[tokio::test]
async fn a_users_key_acts_as_its_user_and_never_as_from() {
    let world = World::quick().await;
    let id = world.trigger("k").await["id"].as_str().expect("an id").to_owned();
    let info = world.sandbox.info().clone();
    let note = json!({ "note": { "content": "mine" } });
    let path = format!("/incidents/{id}/notes");
    let address = "tanaka.ken@example.com";
    let written = with(&world, &info.user_tokens[address], Method::POST, &path, &note).await;
    assert_eq!(written.body["note"]["user"]["summary"], "Tanaka Ken", "{}", written.body);
    let effect = world.effects().await.pop().expect("an effect");
    assert_eq!(effect["from"], address);
    for onlooker in ["watanabe.emi@example.com", "mori.daichi@example.com"] {
        let refused = with(&world, &info.user_tokens[onlooker], Method::POST, &path, &note).await;
        assert_eq!(refusal(&refused), (403, json!(2010)), "{onlooker} may only look");
    }
}

#[tokio::test]
async fn the_level_of_the_key_is_chosen_at_the_start() {
    for (level, status) in [(KeyLevel::Full, 400), (KeyLevel::ReadOnly, 403), (KeyLevel::User, 400)] {
        let world = World::new(Options { key_level: level, ..Options::default() }).await;
        let token = world.sandbox.info().token.clone();
        let answer = with(&world, &token, Method::POST, "/incidents", &json!({})).await;
        assert_eq!(answer.status, status, "{level:?}");
        let me = with(&world, &token, Method::GET, "/users/me", &Value::Null).await;
        assert_eq!(me.status == 200, level == KeyLevel::User, "{level:?}");
    }
}

#[tokio::test]
async fn single_scopes_can_be_taken_from_a_key() {
    let world = World::quick().await;
    let token = world.sandbox.info().token.clone();
    world.control("scopes", &json!({ "token": token, "deny": ["/schedules", "/oncalls", "PUT /incidents"] })).await;
    for path in ["/schedules", "/oncalls?limit=1"] {
        assert_eq!(refusal(&world.get(path).await), (403, json!(2010)), "{path}");
    }
    assert_eq!(world.put("/incidents/QNONE", &json!({})).await.status, 403);
    assert_eq!(world.get("/incidents").await.status, 200);
    let other = world.sandbox.info().read_only_token.clone();
    assert_eq!(with(&world, &other, Method::GET, "/schedules", &Value::Null).await.status, 200);
    world.control("scopes", &json!({ "token": token, "deny": [] })).await;
    assert_eq!(world.get("/schedules").await.status, 200);
    let unknown = world.post("/_control/scopes", &json!({ "token": "x", "deny": [] })).await;
    assert_eq!(unknown.status, 400);
}

#[tokio::test]
async fn the_other_region_knows_no_key() {
    let world = World::new(Options { wrong_region: true, ..Options::default() }).await;
    assert_eq!(refusal(&world.get("/abilities").await), (401, json!(2006)));
    world.control("region", &json!({ "wrong": false })).await;
    assert_eq!(world.get("/abilities").await.status, 200);
    world.control("region", &json!({ "wrong": true })).await;
    assert_eq!(world.post("/incidents", &json!({})).await.status, 401);
}

#[tokio::test]
async fn a_feature_that_is_off_is_a_missing_ability() {
    let world = World::quick().await;
    let incident = world.trigger("k").await;
    let path = format!("/incidents/{}", incident["id"].as_str().expect("an id"));
    let first = world.get("/priorities").await.body["priorities"][0]["id"].clone();
    world.control("features", &json!({ "off": ["priorities", "teams"] })).await;
    assert_eq!(refusal(&world.get("/priorities").await), (402, json!(2014)));
    assert_eq!(refusal(&world.get("/teams").await), (402, json!(2014)));
    let abilities = world.get("/abilities").await.body["abilities"].clone();
    assert!(!abilities.as_array().expect("a list").contains(&json!("teams")));
    let set = json!({ "incident": { "type": "incident_reference", "priority": { "id": first, "type": "priority_reference" } } });
    assert_eq!(world.put(&path, &set).await.status, 402);
    world.control("features", &json!({ "off": [] })).await;
    assert_eq!(world.put(&path, &set).await.status, 200);
}

#[tokio::test]
async fn replies_are_dated_by_the_sandboxs_clock() {
    let world = World::quick().await;
    let at = |answer: &Answer| {
        let date = &answer.headers["date"];
        let parsed = jiff::fmt::rfc2822::parse(date).expect("a date");
        parsed.timestamp().as_second()
    };
    let before = at(&world.get("/abilities").await);
    world.control("clock_offset", &json!({ "seconds": 3600 })).await;
    let after = at(&world.get("/abilities").await);
    assert!(after - before >= 3600, "{after} {before}");
    let now = world.state().await["now"].as_str().expect("a time").parse::<jiff::Timestamp>().expect("a time");
    assert!(now.as_second() < before + 3600, "only the header is wrong");
    world.control("clock_offset", &json!({ "seconds": 0 })).await;
    world.control("advance", &json!({ "seconds": 7200 })).await;
    assert!(at(&world.get("/nothing").await) - before >= 7200, "refusals are dated too");
}

#[tokio::test]
async fn calls_are_counted_by_their_ways() {
    let world = World::quick().await;
    let id = world.trigger("k").await["id"].as_str().expect("an id").to_owned();
    world.get(&format!("/incidents/{id}/alerts")).await;
    world.get(&format!("/incidents/{id}/alerts?limit=1")).await;
    world.post(&format!("/incidents/{id}/notes"), &json!({ "note": { "content": "x" } })).await;
    let calls = world.get("/_control/calls").await.body;
    assert_eq!((&calls["GET /incidents/*/alerts"], &calls["POST /incidents/*/notes"]), (&json!(2), &json!(1)));
    assert_eq!(world.delete("/_control/calls").await.status, 200);
    assert_eq!(world.get("/_control/calls").await.body, json!({}));
}

#[tokio::test]
async fn shifts_are_known_backwards_and_ninety_days_ahead() {
    let world = World::quick().await;
    world.control("advance", &json!({ "seconds": 0 })).await;
    let now = world.state().await["now"].as_str().expect("a time").parse::<jiff::Timestamp>().expect("a time");
    let at = |days: i64| (now + jiff::SignedDuration::from_hours(24 * days)).strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let past = world.get(&format!("/oncalls?since={}&until={}&limit=100&total=true", at(-90), at(0))).await.body;
    assert!(past["total"].as_u64().is_some_and(|n| n > 500), "two shifts a day for three policies: {}", past["total"]);
    assert_eq!(world.get(&format!("/oncalls?since={}&until={}", at(0), at(89))).await.status, 200);
    assert_eq!(world.get(&format!("/oncalls?since={}&until={}", at(0), at(91))).await.status, 400);
    assert_eq!(refusal(&world.get(&format!("/oncalls?since={}&until={}", at(2), at(1))).await), (400, json!(2005)));
}

#[tokio::test]
async fn windows_are_past_ongoing_and_future() {
    let world = World::quick().await;
    let count = async |filter: &str| {
        let body = world.get(&format!("/maintenance_windows?filter={filter}&total=true")).await.body;
        body["total"].as_u64().expect("a total")
    };
    let counts = [count("past").await, count("ongoing").await, count("future").await, count("open").await];
    assert_eq!((counts, count("all").await), ([1, 1, 1, 2], 3));
}

#[tokio::test]
async fn windows_are_opened_changed_and_ended_by_programs_too() {
    let world = World::quick().await;
    let now = world.state().await["now"].as_str().expect("a time").parse::<jiff::Timestamp>().expect("a time");
    let services = world.get("/services").await.body["services"].clone();
    let body = |start_s: i64, end_s: i64| {
        let at = |s: i64| (now + jiff::SignedDuration::from_secs(s)).to_string();
        let services = json!([{ "id": services[0]["id"], "type": "service_reference" }]);
        json!({ "maintenance_window": { "type": "maintenance_window", "start_time": at(start_s), "end_time": at(end_s),
            "description": "x [m]", "services": services } })
    };
    let all = "/maintenance_windows";
    assert_eq!(refusal(&world.post(all, &body(-7_200, -3_600)).await), (400, json!(2001)), "one that is over");
    let opened = world.post(all, &body(-3_600, 3_600)).await;
    assert_eq!(opened.status, 201, "{}", opened.body);
    let own = format!("{all}/{}", opened.body["maintenance_window"]["id"].as_str().expect("an id"));
    let begun = opened.body["maintenance_window"]["start_time"].clone();
    let changed = world.put(&own, &body(1_800, 7_200)).await;
    assert_eq!((changed.status.as_u16(), &changed.body["maintenance_window"]["start_time"]), (200, &begun));
    assert_eq!(world.delete(&own).await.status, 204);
    assert_eq!(world.delete(&own).await.status, 405, "it is over");
    let later = world.post(all, &body(3_600, 7_200)).await;
    let own = format!("{all}/{}", later.body["maintenance_window"]["id"].as_str().expect("an id"));
    assert_eq!(world.delete(&own).await.status, 204);
    assert_eq!(world.get(&own).await.status, 404, "one to come is gone");
    let kinds: Vec<Value> = world.effects().await.iter().map(|effect| effect["kind"].clone()).collect();
    let (o, c, e) = ("maintenance.opened", "maintenance.changed", "maintenance.ended");
    assert_eq!(json!(kinds), json!([o, c, e, o, e]));
}

#[tokio::test]
async fn some_people_have_a_seat_and_nothing_else() {
    let options = Options { story: Story::Past, history_days: 90, services: 40, ..Options::default() };
    let world = World::new(Options { requests_per_minute: 10_000, ..options }).await;
    let users = world.get("/users?limit=100").await.body["users"].as_array().expect("a list").clone();
    let roles: BTreeSet<&str> = users.iter().filter_map(|u| u["role"].as_str()).collect();
    assert_eq!(roles, BTreeSet::from(["admin", "limited_user", "observer", "read_only_user", "user"]));
    let mut busy: HashSet<Value> = HashSet::default();
    let mut offset = 0;
    loop {
        let body = world.get(&format!("/log_entries?limit=100&offset={offset}")).await.body;
        let entries = body["log_entries"].as_array().expect("a list");
        busy.extend(entries.iter().flat_map(|e| [e["agent"]["id"].clone(), e["user"]["id"].clone()]));
        offset += 100;
        if body["more"] != true {
            break;
        }
    }
    let on_call = world.get("/oncalls?limit=100").await.body["oncalls"].clone();
    busy.extend(on_call.as_array().expect("a list").iter().map(|o| o["user"]["id"].clone()));
    let idle: Vec<&Value> = users.iter().filter(|u| !busy.contains(&u["id"])).collect();
    assert!(idle.len() >= 6 && idle.len() < users.len() - 6, "{} of {} are idle", idle.len(), users.len());
    let schedules = world.get("/schedules?limit=100").await.body["schedules"].clone();
    assert!(!idle.iter().any(|u| schedules.to_string().contains(u["id"].as_str().expect("an id"))));
}
