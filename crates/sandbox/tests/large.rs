//! An account with many services and a long history: complete, consistent, and read page by page.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::World;
use sandbox::pagerduty::Options;
use serde_json::{Value, json};

const INCIDENTS: usize = 2_000;

async fn large() -> World {
    let options = Options { services: 80, incidents: INCIDENTS, history_days: 365, ..Options::default() };
    World::new(Options { requests_per_minute: 100_000, ..options }).await
}

/// Every row of a list, page by page.
async fn all(world: &World, path: &str, name: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    loop {
        let sign = if path.contains('?') { '&' } else { '?' };
        let body = world.get(&format!("{path}{sign}limit=100&offset={}", rows.len())).await.body;
        rows.extend(body[name].as_array().expect("a list").clone());
        if body["more"] != true {
            return rows;
        }
    }
}

async fn truth(world: &World) -> Vec<Value> {
    let mut rows = Vec::new();
    loop {
        let body = world.get(&format!("/_control/truth?limit=700&offset={}", rows.len())).await.body;
        rows.extend(body["incidents"].as_array().expect("a list").clone());
        if body["more"] != true {
            assert_eq!(body["total"], json!(rows.len()));
            return rows;
        }
    }
}

#[tokio::test]
async fn it_has_what_was_asked_for_spread_over_the_year() {
    let world = large().await;
    assert_eq!(all(&world, "/services", "services").await.len(), 80);
    let truth = truth(&world).await;
    assert_eq!(truth.len(), INCIDENTS);
    let months: BTreeSet<&str> = truth.iter().filter_map(|i| i["created_at"].as_str()?.get(..7)).collect();
    assert!(months.len() >= 12, "{months:?}");
    let services: BTreeSet<&str> = truth.iter().filter_map(|i| i["service"].as_str()).collect();
    assert!(services.len() > 70, "{} services have incidents", services.len());
    let count = |fits: &dyn Fn(&Value) -> bool| truth.iter().filter(|i| fits(i)).count();
    let len = |i: &Value, name: &str| i[name].as_array().map_or(0, Vec::len);
    assert!(count(&|i| len(i, "notes") > 0) >= INCIDENTS / 5, "notes on a fifth");
    assert!(count(&|i| !i["merged_into"].is_null()) > 20, "some merged");
    assert!(count(&|i| len(i, "alerts") > 0) > INCIDENTS * 3 / 4);
    assert!(count(&|i| i["title"].as_str().is_some_and(|t| t.chars().any(|c| c > '\u{3000}'))) > INCIDENTS / 5);
    assert!(truth.iter().all(|i| i["status"] == "resolved" && len(i, "log_entries") >= 3));
}

#[tokio::test]
async fn the_truth_is_what_rest_tells() {
    let world = large().await;
    let truth: BTreeMap<String, Value> =
        truth(&world).await.into_iter().map(|i| (i["id"].as_str().expect("an id").to_owned(), i)).collect();
    let listed = all(&world, "/incidents?date_range=all", "incidents").await;
    assert_eq!(listed.len(), truth.len());
    for shown in &listed {
        let known = &truth[shown["id"].as_str().expect("an id")];
        for (of_rest, own) in [
            (&shown["incident_number"], "number"),
            (&shown["title"], "title"),
            (&shown["status"], "status"),
            (&shown["urgency"], "urgency"),
            (&shown["service"]["id"], "service"),
            (&shown["priority"]["id"], "priority"),
            (&shown["created_at"], "created_at"),
            (&shown["resolved_at"], "resolved_at"),
            (&shown["resolve_reason"]["incident"]["id"], "merged_into"),
        ] {
            assert_eq!(of_rest, &known[own], "{own} of {}", shown["id"]);
        }
    }
    for known in truth.values().step_by(97) {
        let path = format!("/incidents/{}", known["id"].as_str().expect("an id"));
        let notes = world.get(&format!("{path}/notes")).await.body["notes"].clone();
        let notes: Vec<Value> = notes
            .as_array()
            .expect("a list")
            .iter()
            .map(|n| json!({ "id": n["id"], "content": n["content"] }))
            .collect();
        assert_eq!(json!(notes), known["notes"]);
        let alerts = all(&world, &format!("{path}/alerts"), "alerts").await;
        let alerts: Vec<Value> = alerts.iter().map(|a| json!({ "id": a["id"], "status": a["status"] })).collect();
        assert_eq!(json!(alerts), known["alerts"]);
        let mut entries: Vec<Value> =
            all(&world, &format!("{path}/log_entries"), "log_entries").await.iter().map(|e| e["id"].clone()).collect();
        entries.reverse();
        assert_eq!(json!(entries), known["log_entries"]);
    }
}

#[tokio::test]
async fn the_accounts_log_is_read_in_windows_that_share_nothing() {
    let world = large().await;
    let expected: BTreeSet<String> = truth(&world)
        .await
        .iter()
        .flat_map(|i| i["log_entries"].as_array().expect("a list").clone())
        .map(|e| e.as_str().expect("an id").to_owned())
        .collect();
    let total = world.get("/log_entries?limit=1&total=true").await.body["total"].clone();
    assert_eq!(total, json!(expected.len()));
    let now = world.get("/_control/truth?limit=1&offset=1999").await.body["incidents"][0]["created_at"].clone();
    let end = now.as_str().expect("a time").parse::<jiff::Timestamp>().expect("a time");
    let mut seen = BTreeSet::new();
    for month in 0..14_i64 {
        let at = |months: i64| (end + jiff::SignedDuration::from_hours(48 - 24 * 30 * months)).to_string();
        let path = format!("/log_entries?since={}&until={}&include[]=channels", at(month + 1), at(month));
        let entries = all(&world, &path, "log_entries").await;
        let times: Vec<&str> = entries.iter().filter_map(|e| e["created_at"].as_str()).collect();
        assert!(times.windows(2).all(|w| w[0] >= w[1]), "newest first");
        for entry in &entries {
            assert!(seen.insert(entry["id"].as_str().expect("an id").to_owned()), "{} came twice", entry["id"]);
        }
    }
    assert_eq!(seen, expected);
    let overview = world.get("/log_entries?limit=100&is_overview=true&total=true").await.body;
    assert!(overview["total"].as_u64() < total.as_u64());
    assert!(overview["log_entries"].as_array().expect("a list").iter().all(|e| e["type"] != "notify_log_entry"));
    let second = world.get("/log_entries?limit=100&offset=100&is_overview=true").await.body;
    assert_eq!((&second["more"], &second["total"]), (&json!(true), &Value::Null));
    assert_eq!(world.get("/log_entries?offset=10000").await.status, 400);
    assert_eq!(world.get("/log_entries?since=2026-05-02&until=2026-05-01").await.body["error"]["code"], 2005);
}

#[tokio::test]
async fn lists_filter_and_sort_the_same_from_any_side() {
    let world = large().await;
    let numbers =
        |rows: &[Value]| rows.iter().map(|i| i["incident_number"].as_u64().expect("a number")).collect::<Vec<_>>();
    let up = numbers(&all(&world, "/incidents?date_range=all", "incidents").await);
    let mut down = numbers(&all(&world, "/incidents?date_range=all&sort_by=created_at:desc", "incidents").await);
    down.reverse();
    assert_eq!(up, down);
    let by_end = all(&world, "/incidents?date_range=all&sort_by=resolved_at:desc,created_at", "incidents").await;
    let ends: Vec<&str> = by_end.iter().filter_map(|i| i["resolved_at"].as_str()).collect();
    assert!(ends.windows(2).all(|w| w[0] >= w[1]));
    let mut sorted = numbers(&by_end);
    sorted.sort_unstable();
    assert_eq!(sorted, up, "every page has its own rows");
    let service = by_end[0]["service"]["id"].as_str().expect("an id");
    let of_service = all(&world, &format!("/incidents?date_range=all&service_ids[]={service}"), "incidents").await;
    let expected = by_end.iter().filter(|i| i["service"]["id"] == service).count();
    assert_eq!(of_service.len(), expected);
    assert_eq!(all(&world, "/incidents?date_range=all&service_ids[]=PNONE", "incidents").await.len(), 0);
}
