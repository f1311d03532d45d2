//! Filters kept by name, the list as CSV, and running dead jobs again together.

use crate::bed::{Bed, bed};
use axum::http::{StatusCode, header};
use model::Scope;
use model::incident::Status;
use model::person::Role;

#[tokio::test]
async fn a_filter_is_kept_used_and_deleted_by_its_owner() {
    let bed = bed().await;
    let hana = bed.person("hana", Role::Viewer, Scope::All).await;
    let ken = bed.person("ken", Role::Leader, Scope::All).await;
    let kept = bed.post("/filters", &hana, "name=mine&query=status%3Dopen%26text%3D%25E5%25AE%25B3%26cursor%3Dx").await;
    assert_eq!((kept.status, kept.location()), (StatusCode::SEE_OTHER, "/incidents?status=open&text=%E5%AE%B3"));
    bed.post("/filters", &hana, "name=mine&query=status%3Dresolved").await;
    let page = bed.get("/incidents", &hana).await.body;
    assert!(page.contains(">mine</bdi>") && page.contains("/incidents?status=resolved"), "the newer of one name");
    assert_eq!(page.matches(">mine</bdi>").count(), 1);
    assert!(!bed.get("/incidents", &ken).await.body.contains(">mine</bdi>"), "nobody else's");
    assert_eq!(bed.post("/filters", &hana, "name=all&shared=1&query=").await.status, StatusCode::FORBIDDEN);
    assert_eq!(bed.post("/filters", &hana, "name=+&query=").await.status, StatusCode::BAD_REQUEST);
    bed.post("/filters", &ken, "name=shared&shared=1&query=urgency%3Dhigh").await;
    let page = bed.get("/incidents", &hana).await.body;
    assert!(page.contains(">shared</bdi>"));
    let ids: Vec<&str> = page.split("/filters/").skip(1).filter_map(|rest| rest.split('/').next()).collect();
    assert_eq!(ids.len(), 1, "only one's own can be deleted: {ids:?}");
    let delete = format!("/filters/{}/delete", ids[0]);
    assert_eq!(bed.post(&delete, &ken, "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(bed.post(&delete, &hana, "query=").await.status, StatusCode::SEE_OTHER);
    assert_eq!(bed.post(&delete, &hana, "query=").await.status, StatusCode::NOT_FOUND);
    let acts: Vec<String> = bed.audit().await.into_iter().map(|e| e.action).collect();
    assert_eq!(acts, ["filter.delete", "filter.add", "filter.add", "filter.add"]);
}

#[tokio::test]
async fn the_csv_holds_all_rows_of_the_filter_and_none_of_another_customer() {
    let bed = bed().await;
    for n in 0..601 {
        let title = if n == 0 { "=cmd|' /C calc'!A0".to_owned() } else { format!("title, {n}") };
        bed.incident(&format!("Q{n:03}"), 1_000 + n, &title, Some("aoba"), Status::Triggered).await;
    }
    bed.incident("QM", 2, "minato-title", Some("minato"), Status::Triggered).await;
    let hana = bed.person("hana", Role::Viewer, Scope::Customers(vec!["aoba".into()])).await;
    let answer = bed.get("/incidents.csv?status=open&sort=opened", &hana).await;
    assert_eq!(answer.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    assert!(answer.body.starts_with('\u{FEFF}'));
    let lines: Vec<&str> = answer.body.trim_start_matches('\u{FEFF}').split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 602, "every row once");
    assert!(lines[0].starts_with("id,number,title,"));
    let mut ids: Vec<&str> = lines[1..].iter().filter_map(|l| l.split(',').next()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 601);
    assert!(answer.body.contains("\"'=cmd|") && !answer.body.contains("minato"));
    let none = bed.get("/incidents.csv?status=resolved", &hana).await;
    assert_eq!(none.body.split_terminator("\r\n").count(), 1);
    let rows = bed.audit().await;
    assert!(rows.iter().all(|e| e.action == "incidents.export" && e.actor == "id-hana") && rows.len() == 2);
    assert!(rows[1].detail.contains("status=open"));
}

#[tokio::test]
async fn each_list_has_a_file_of_its_own_columns_and_its_taking_is_written_down() {
    let bed = bed().await;
    let ada = bed.person("ada", Role::Admin, Scope::All).await;
    let lists = [
        (
            "/incidents.csv?text=a",
            "incidents",
            "id,number,title,status,urgency,service_id,service_name,priority,customer,created_at,acknowledged_at,\
             resolved_at,changed_at,assignees,taken_by,html_url",
        ),
        (
            "/safety-net.csv?text=a",
            "mails",
            "id,received_at,ledger_state,reason,monitor,host,check,state,severity,subject,sender,trust,customer,service,\
             key,incident_id,score,judged_at",
        ),
        (
            "/tickets.csv?text=a",
            "tickets",
            "id,key,space,project,title,kind,priority,status,done,assignee,customer,created_at,updated_at,state,rule,\
             called_at,mode,taken_at,taken_by,ended_at,incident_id,url",
        ),
    ];
    for (path, name, columns) in lists {
        let answer = bed.get(path, &ada).await;
        assert_eq!(answer.body, format!("\u{FEFF}{columns}\r\n"), "{path}");
        assert_eq!(answer.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
        assert_eq!(answer.headers[header::CONTENT_DISPOSITION], format!("attachment; filename=\"{name}.csv\""));
        let last = bed.audit().await.swap_remove(0);
        assert_eq!(last.action, format!("{name}.export"));
        assert!(last.detail.contains("\"query\":\"text=a\""), "{}", last.detail);
    }
}

async fn states(bed: &Bed, who: &str) -> Vec<String> {
    let jobs = bed.get("/api/v1/jobs", who).await.json();
    jobs["items"].as_array().unwrap().iter().map(|j| j["state"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn dead_jobs_are_run_again_together_by_who_sees_them() {
    let bed = bed().await;
    let aoba = bed.dead_job("Q1", Some("aoba")).await;
    let minato = bed.dead_job("Q2", Some("minato")).await;
    let ada = bed.person("ada", Role::Admin, Scope::Customers(vec!["aoba".into()])).await;
    let ben = bed.person("ben", Role::Leader, Scope::All).await;
    let all = bed.token("t", Role::Admin, Scope::All).await;
    let ids = format!("ids={aoba},{minato}");
    assert_eq!(bed.post("/jobs/retry", &ben, &ids).await.status, StatusCode::FORBIDDEN);
    assert_eq!(bed.post("/jobs/retry", &ada, "ids=1,x").await.status, StatusCode::BAD_REQUEST);
    let many = (0..501).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
    assert_eq!(bed.post("/jobs/retry", &ada, &format!("ids={many}")).await.status, StatusCode::BAD_REQUEST);
    for _ in 0..2 {
        assert_eq!(bed.post("/jobs/retry", &ada, &ids).await.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(states(&bed, &all).await, ["dead", "ready"], "another customer's stays as it is");
    let acts: Vec<String> = bed.audit().await.into_iter().map(|e| format!("{} {}", e.action, e.subject)).collect();
    assert_eq!(acts, [format!("job.retry job/{aoba}")], "once");
}

#[tokio::test]
async fn dead_skipped_and_unreadable_are_one_step_away_with_reason_and_button() {
    let bed = bed().await;
    let ada = bed.person("ada", Role::Admin, Scope::All).await;
    bed.dead_job("Q1", None).await;
    let jobs = bed.get("/jobs?state=dead&lang=en", &ada).await.body;
    for part in
        ["/jobs?state=skipped", "/signals?state=unreadable", "/signals?state=dead", "secret cause of Q1", "Run again"]
    {
        assert!(jobs.contains(part), "{part}");
    }
    let now = bed.get("/", &ada).await.body;
    for part in ["/jobs?state=dead", "/jobs?state=skipped", "/signals?state=unreadable", "/signals?state=dead"] {
        assert!(now.contains(part), "{part}");
    }
}
