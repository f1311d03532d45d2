//! Customers: a person of one never sees, counts or changes another's rows, by any address.

use crate::bed::{Bed, as_who, bed};
use crate::bridges::{event, ticket};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use model::Scope;
use model::incident::Status;
use model::person::Role;

/// Mails, alerts and calls of both and of nobody; gives the mail of the other one.
async fn mails(bed: &Bed) -> i64 {
    bed.mail("aoba-mail", Some("aoba")).await;
    bed.mail("nobody-title-mail", None).await;
    bed.callout("call-minato", "token-minato", Some("minato")).await;
    bed.mail("minato-mail", Some("minato")).await
}

async fn two_customers(bed: &Bed) -> (i64, i64, i64) {
    bed.incident("QAOBA", 2, "aoba-title", Some("aoba"), Status::Triggered).await;
    bed.incident("QMINATO", 4, "minato-title", Some("minato"), Status::Acknowledged).await;
    bed.incident("QNOBODY", 6, "nobody-title", None, Status::Triggered).await;
    bed.signal(b"a", "QAOBA", Some("aoba")).await;
    let signal = bed.signal(b"minato-bytes", "QMINATO", Some("minato")).await;
    let unread = bed.signal(b"nobody-bytes", "QNOBODY", None).await;
    bed.dead_job("QAOBA", Some("aoba")).await;
    let job = bed.dead_job("QMINATO", Some("minato")).await;
    (signal, unread, job)
}

/// Pages and lists that anybody may look at.
const LOOKED_AT: &[&str] = &[
    "/tickets",
    "/tickets?customer=minato",
    "/tickets?state=all&text=title",
    "/tickets.csv",
    "/calendar",
    "/calendar?events=all",
    "/api/v1/tickets",
    "/api/v1/tickets?customer=minato",
    "/api/v1/calendar-events",
    "/api/v1/calendar-events?customer=minato",
    "/",
    "/incidents",
    "/incidents?customer=minato",
    "/incidents?service=S-minato",
    "/incidents?text=title",
    "/incidents?sort=service",
    "/incidents.csv",
    "/incidents/QAOBA",
    "/safety-net",
    "/safety-net?customer=minato",
    "/safety-net?text=mail",
    "/safety-net?ledger=lacking",
    "/safety-net.csv",
    "/safety-net/ledger",
    "/safety-net/monitors",
    "/safety-net/outages",
    "/connections",
    "/signals",
    "/signals?state=done",
    "/jobs",
    "/jobs?state=dead",
    "/audit",
    "/account",
    "/api/v1/incidents",
    "/api/v1/incidents?customer=minato",
    "/api/v1/incidents?assignee=U-minato",
    "/api/v1/incidents/QAOBA",
    "/api/v1/mails",
    "/api/v1/mails?customer=minato",
    "/api/v1/mails?ledger_state=lacking",
    "/api/v1/ledger",
    "/api/v1/ledger/days",
    "/api/v1/monitors",
    "/api/v1/outages",
    "/api/v1/callouts",
    "/api/v1/canaries",
    "/api/v1/inbox",
    "/api/v1/inbox?subject=QMINATO",
    "/api/v1/jobs",
    "/api/v1/audit",
    "/people/hours",
    "/people/rules",
    "/api/v1/people",
    "/runs",
    "/runs?text=said",
    "/runs.csv",
    "/hosts",
    "/runbooks",
    "/runbooks/own",
    "/api/v1/runs",
    "/api/v1/runs?text=said",
    "/api/v1/runs?incident=QMINATO",
    "/api/v1/hosts",
    "/api/v1/incidents/QAOBA/evidence",
    "/api/v1/incidents/QAOBA/runs",
];

/// A run of each customer and of nobody; gives that of the other one.
async fn runs(bed: &Bed) -> i64 {
    let mut other = 0;
    for (customer, name, incident) in
        [(Some("aoba"), "aoba", "QAOBA"), (Some("minato"), "minato", "QMINATO"), (None, "nobody-title", "QNOBODY")]
    {
        let said = format!("said by {name}\n");
        let id = crate::hosted::run(bed, &format!("{name}-host"), customer, Some(incident), said.as_bytes()).await;
        other = if name == "minato" { id } else { other };
    }
    other
}

#[tokio::test]
async fn another_customers_rows_are_nowhere() {
    let bed = crate::hosted::bed_of(&["aoba-host", "minato-host", "nobody-title-host"]).await;
    let (signal, unread, job) = two_customers(&bed).await;
    let (mail, run) = (mails(&bed).await, runs(&bed).await);
    for (customer, name) in [(Some("aoba"), "aoba"), (Some("minato"), "minato"), (None, "nobody-title")] {
        ticket(&bed, &format!("{name}/1"), &format!("{name}-title"), customer).await;
        event(&bed, &format!("{name}/1"), &format!("{name}-title"), customer, &Default::default()).await;
    }
    let scope = Scope::Customers(vec!["aoba".into()]);
    let page = bed.person("hana", Role::Admin, scope.clone()).await;
    let api = bed.token("t", Role::Admin, scope).await;
    for path in LOOKED_AT {
        let who = if path.starts_with("/api") { &api } else { &page };
        let answer = bed.get(path, who).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        // What was asked for stands in the page again; nothing else of another customer may.
        let body = answer.body.replace("customer=minato", "").replace("S-minato", "").replace("value=\"minato\"", "");
        let body = body.replace("<bdi>minato</bdi>", "");
        for word in ["QMINATO", "minato", "みなと", "QNOBODY", "nobody-title"] {
            assert!(
                !body.contains(word),
                "{path} shows {word}: {}",
                &body[body.find(word).unwrap().saturating_sub(200)..]
            );
        }
    }
    for path in [
        "/incidents/QMINATO".to_owned(),
        "/incidents/4".to_owned(),
        "/incidents/QNOBODY".to_owned(),
        format!("/signals/{signal}"),
        format!("/signals/{unread}"),
        format!("/safety-net/mails/{mail}"),
        "/tickets/minato/1".to_owned(),
        "/tickets/nobody-title/1".to_owned(),
        "/calendar/minato/1".to_owned(),
        "/api/v1/tickets/minato/1".to_owned(),
        "/api/v1/calendar-events/minato/1".to_owned(),
        format!("/api/v1/mails/{mail}"),
        format!("/api/v1/mails/{mail}/raw"),
        format!("/runs/{run}"),
        format!("/runs/{run}/diff"),
        format!("/runs/{run}/steps/0/out"),
        "/hosts/minato-host".to_owned(),
        format!("/api/v1/runs/{run}"),
        format!("/api/v1/runs/{run}/steps/0/out"),
        "/api/v1/incidents/QMINATO/evidence".to_owned(),
        "/api/v1/incidents/QMINATO/runs".to_owned(),
        "/api/v1/incidents/QMINATO".to_owned(),
        "/api/v1/incidents/4/timeline".to_owned(),
        "/api/v1/incidents/QMINATO/alerts".to_owned(),
        "/api/v1/incidents/QMINATO/acts".to_owned(),
        format!("/api/v1/inbox/{signal}"),
        format!("/api/v1/jobs/{job}"),
    ] {
        let who = if path.starts_with("/api") { &api } else { &page };
        assert_eq!(bed.get(&path, who).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for path in [
        format!("/signals/{signal}/open"),
        format!("/signals/{signal}/read-again"),
        format!("/jobs/{job}/retry"),
        format!("/api/v1/jobs/{job}/retry"),
        format!("/api/v1/inbox/{signal}/replay"),
        format!("/safety-net/mails/{mail}/open"),
        format!("/safety-net/mails/{mail}/download"),
        format!("/safety-net/mails/{mail}/register"),
        format!("/safety-net/mails/{mail}/not-an-alert"),
        format!("/safety-net/mails/{mail}/hold-back"),
        "/safety-net/rules/rule-1/end".to_owned(),
        "/connections/routes/minato/test".to_owned(),
        format!("/runs/{run}/stop"),
        "/hosts/minato-host/test".to_owned(),
        "/incidents/QMINATO/diagnose".to_owned(),
    ] {
        let who = if path.starts_with("/api") { &api } else { &page };
        assert_eq!(bed.post(&path, who, "nonce=0123456789").await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let done = bed.audit().await.into_iter().filter(|e| !e.action.ends_with(".export")).count();
    assert_eq!(done, 0, "nothing was done, so nothing is written down");
}

#[tokio::test]
async fn choosing_a_customer_narrows_and_never_widens() {
    let bed = bed().await;
    two_customers(&bed).await;
    let all = bed.person("ada", Role::Viewer, Scope::All).await;
    let chosen = bed.post("/scope", &all, "customer=minato&back=%2Fincidents%3Fstatus%3Dopen").await;
    assert_eq!(chosen.location(), "/incidents?status=open");
    let cookie = chosen.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let narrowed = |who: &str| format!("{who}; {cookie}");
    let list = bed.get("/incidents", &narrowed(&all)).await.body;
    assert!(list.contains("minato-title") && !list.contains("aoba-title"));
    // A link from a chat opens all the same.
    assert_eq!(bed.get("/incidents/QAOBA", &narrowed(&all)).await.status, StatusCode::OK);

    let own = bed.person("hana", Role::Viewer, Scope::Customers(vec!["aoba".into()])).await;
    let list = bed.get("/incidents", &narrowed(&own)).await.body;
    assert!(list.contains("aoba-title") && !list.contains("minato-title"), "the cookie of another customer is nothing");
    assert_eq!(bed.post("/scope", &own, "customer=minato").await.status, StatusCode::NOT_FOUND);
    let outside = bed.post("/scope", &own, "customer=aoba&back=%2F%2Fevil.example").await;
    assert_eq!(outside.location(), "/");
}

#[tokio::test]
async fn a_scope_of_no_customers_sees_nothing() {
    let bed = bed().await;
    two_customers(&bed).await;
    let none = bed.token("t", Role::Admin, Scope::Customers(Vec::new())).await;
    for path in ["/api/v1/incidents", "/api/v1/inbox", "/api/v1/jobs", "/api/v1/audit"] {
        let answer = bed.send(as_who(Request::get(path), &none), Body::empty()).await.json();
        assert_eq!(answer, serde_json::json!({ "items": [], "next_cursor": null }), "{path}");
    }
}
