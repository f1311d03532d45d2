//! The API's promises: shapes, cursors, problem details, hostile input.

use crate::bed::{Bed, bed};
use axum::http::{Request, StatusCode, header};
use model::Scope;
use model::incident::Status;
use model::person::Role;
use std::collections::BTreeSet;

async fn filled(bed: &Bed) -> String {
    let states = [Status::Triggered, Status::Acknowledged, Status::Resolved];
    for n in 0..23 {
        // Half of them share an instant and a service, so that ties are met.
        let customer = if n % 3 == 0 { Some("aoba") } else { None };
        bed.incident(
            &format!("Q{n:02}"),
            100 + n / 2,
            &format!("title {n} 障害 100%_"),
            customer,
            states[n as usize % 3],
        )
        .await;
    }
    bed.token("t", Role::Admin, Scope::All).await
}

#[tokio::test]
async fn paging_visits_every_row_once_in_every_order() {
    let bed = bed().await;
    let who = filled(&bed).await;
    for sort in ["opened", "-opened", "changed", "-changed", "status", "-status", "service", "-service"] {
        let (mut seen, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let page = bed.get(&format!("/api/v1/incidents?limit=4&sort={sort}{cursor}"), &who).await.json();
            seen.extend(page["items"].as_array().unwrap().iter().map(|i| i["id"].as_str().unwrap().to_owned()));
            pages += 1;
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!((seen.len(), pages), (23, 6), "{sort}");
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 23, "{sort}");
    }
    let exact = bed.get("/api/v1/incidents?limit=23", &who).await.json();
    assert!(exact["next_cursor"].is_null(), "a full last page has no next one");
}

#[tokio::test]
async fn the_other_lists_page_alike() {
    let bed = bed().await;
    let who = bed.token("t", Role::Admin, Scope::All).await;
    for n in 0..5 {
        bed.incident(&format!("Q{n}"), n, "x", None, Status::Triggered).await;
        let signal = bed.signal(format!("{n}").as_bytes(), &format!("Q{n}"), None).await;
        bed.dead_job(&format!("Q{n}"), None).await;
        bed.get(&format!("/api/v1/inbox/{signal}"), &who).await;
    }
    for list in ["inbox", "jobs", "audit"] {
        let (mut ids, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = bed.get(&format!("/api/v1/{list}?limit=2{cursor}"), &who).await.json();
            ids.extend(page["items"].as_array().unwrap().iter().map(|i| i["id"].as_i64().unwrap()));
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(ids.len(), 5, "{list}");
        assert!(ids.is_sorted_by(|a, b| a > b), "{list}");
    }
}

#[tokio::test]
async fn filters_filter() {
    let bed = bed().await;
    let who = filled(&bed).await;
    let count = async |query: &str| {
        bed.get(&format!("/api/v1/incidents?limit=500&{query}"), &who).await.json()["items"].as_array().unwrap().len()
    };
    assert_eq!(count("status=open").await, 16);
    assert_eq!(count("status=triggered,resolved").await, 15);
    assert_eq!(count("status=triggered&status=resolved&status=triggered").await, 15);
    assert_eq!(count("urgency=high").await, 12);
    assert_eq!(count("customer=aoba").await, 8);
    assert_eq!(count("service=S-aoba").await, 8);
    assert_eq!(count("team=T-aoba&assignee=U-aoba").await, 8);
    assert_eq!(count("text=TITLE%2022").await, 1, "every word has to be there");
    assert_eq!(count("text=%E9%9A%9C%E5%AE%B3%20100%25_").await, 23);
    assert_eq!(count("text=1%25%25").await, 0, "a pattern's own signs are plain text");
    assert_eq!(count("since=2999-01-01T00:00:00Z").await, 0);
    assert_eq!(count("until=2999-01-01T00:00:00+09:00").await, 23);
    assert_eq!(count("status=&urgency=").await, 23, "an empty value filters by nothing");
}

#[tokio::test]
async fn one_incident_is_told_whole() {
    let bed = bed().await;
    let who = filled(&bed).await;
    let one = bed.get("/api/v1/incidents/Q00", &who).await.json();
    for field in [
        "id",
        "number",
        "title",
        "status",
        "urgency",
        "service",
        "created_at",
        "acknowledged_at",
        "resolved_at",
        "assignees",
        "html_url",
        "timeline",
        "alerts",
        "notes",
        "acknowledgements",
        "stale",
    ] {
        assert!(one.get(field).is_some(), "{field} is missing");
    }
    assert_eq!(one["service"], serde_json::json!({ "id": "S-aoba", "name": "service of aoba" }));
    let entry = &one["timeline"][0];
    assert_eq!((entry["kind"].as_str(), entry["actor"]["name"].as_str()), (Some("triggered"), Some("佐藤 花子")));
    assert!(entry["text"]["ja"] != entry["text"]["en"] && entry["told_by"][0]["source"] == "webhook");
    assert_eq!(one["alerts"][0]["body"]["host"], "db-01");
    assert!(one["created_at"].as_str().unwrap().ends_with('Z'));
    let by_number = bed.get("/api/v1/incidents/100", &who).await.json();
    assert_eq!(by_number["id"], "Q00");
    assert_eq!(bed.get("/api/v1/incidents/Q00/timeline", &who).await.json()["items"], one["timeline"]);
    assert_eq!(bed.get("/api/v1/incidents/Q00/alerts", &who).await.json()["items"], one["alerts"]);
}

#[tokio::test]
async fn the_account_adds_up() {
    let bed = bed().await;
    let who = bed.token("t", Role::Viewer, Scope::All).await;
    bed.signal(b"1", "Q1", None).await;
    bed.signal(b"2", "Q1", None).await;
    bed.incident("Q1", 1, "x", None, Status::Triggered).await;
    bed.dead_job("Q1", None).await;
    let account = bed.get("/api/v1/account", &who).await.json();
    assert_eq!(
        (&account["received"], &account["processed"], &account["waiting"], &account["lost"], &account["dead"]),
        (&2.into(), &2.into(), &0.into(), &0.into(), &1.into())
    );
    assert_eq!(account["jobs"]["dead"], 1);
    assert!(account["last_webhook_at"].as_str().unwrap().ends_with('Z'));
}

#[tokio::test]
async fn what_is_wrong_is_told_by_name() {
    let bed = bed().await;
    let who = bed.token("t", Role::Admin, Scope::All).await;
    for (query, parameter) in [
        ("statuss=open", "statuss"),
        ("status=closed", "status"),
        ("urgency=medium", "urgency"),
        ("urgency=high&urgency=low", "urgency"),
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=ten", "limit"),
        ("limit=9999999999999999999999", "limit"),
        ("cursor=nonsense", "cursor"),
        ("cursor=eyJieSI6Ik9wZW5lZC0ifQ", "cursor"),
        ("since=yesterday", "since"),
        ("until=2026-05-01", "until"),
        ("sort=id", "sort"),
        ("since=2026-05-02T00:00:00Z&until=2026-05-01T00:00:00Z", "since"),
    ] {
        let answer = bed.get(&format!("/api/v1/incidents?{query}"), &who).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json");
        let problem = answer.json();
        assert_eq!(problem["parameter"], parameter, "{query}");
        assert_eq!((&problem["status"], &problem["instance"]), (&400.into(), &"/api/v1/incidents".into()));
        for field in ["type", "title", "detail"] {
            assert!(problem[field].as_str().is_some_and(|t| t.len() > 5), "{field}");
        }
    }
    for path in ["/api/v1/account?x=1", "/api/v1/inbox?state=x", "/api/v1/jobs?cursor=x", "/api/v1/audit?who=x"] {
        assert_eq!(bed.get(path, &who).await.status, StatusCode::BAD_REQUEST, "{path}");
    }
    // A cursor of one order is no cursor of another.
    bed.incident("Q1", 1, "x", None, Status::Triggered).await;
    bed.incident("Q2", 2, "y", None, Status::Triggered).await;
    let next = bed.get("/api/v1/incidents?limit=1", &who).await.json()["next_cursor"].as_str().unwrap().to_owned();
    assert_eq!(bed.get(&format!("/api/v1/incidents?cursor={next}"), &who).await.status, StatusCode::OK);
    assert_eq!(
        bed.get(&format!("/api/v1/incidents?sort=opened&cursor={next}"), &who).await.status,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn unknown_paths_and_methods_are_problems() {
    let bed = bed().await;
    let who = bed.token("t", Role::Admin, Scope::All).await;
    for path in ["/api", "/api/", "/api/v1", "/api/v2/incidents", "/api/v1/incidents/", "/api/v1/incidents/NONE"] {
        let answer = bed.get(path, &who).await;
        assert_eq!((answer.status, &answer.json()["status"]), (StatusCode::NOT_FOUND, &404.into()), "{path}");
    }
    let answer = bed.send(crate::bed::as_who(Request::delete("/api/v1/incidents"), &who), String::new()).await;
    assert_eq!((answer.status, &answer.json()["status"]), (StatusCode::METHOD_NOT_ALLOWED, &405.into()));
    assert_eq!(answer.headers[header::ALLOW], "GET,HEAD");
}

#[tokio::test]
async fn retrying_and_replaying_do_so_once_and_are_written_down() {
    let bed = bed().await;
    let who = bed.token("t", Role::Admin, Scope::All).await;
    let signal = bed.signal(b"1", "Q1", None).await;
    let job = bed.dead_job("Q1", None).await;
    let again = bed.post(&format!("/api/v1/jobs/{job}/retry"), &who, "").await;
    assert_eq!((again.status, &again.json()["state"]), (StatusCode::ACCEPTED, &"ready".into()));
    let twice = bed.post(&format!("/api/v1/jobs/{job}/retry"), &who, "").await;
    assert_eq!((twice.status, &twice.json()["status"]), (StatusCode::CONFLICT, &409.into()));
    assert_eq!(bed.post(&format!("/api/v1/inbox/{signal}/replay"), &who, "").await.status, StatusCode::ACCEPTED);
    assert_eq!(bed.get("/api/v1/inbox", &who).await.json()["items"][0]["state"], "new");
    let acts: Vec<String> = bed.audit().await.into_iter().map(|e| e.action).collect();
    assert_eq!(acts, ["signal.read-again", "job.retry"]);
}
