//! Roles by routes: who may do what, and that nobody unknown may do anything.

use crate::bed::{bed, with};
use axum::http::{Request, StatusCode};
use model::Scope;
use model::incident::Status;
use model::person::Role;

/// Every address behind the gate, (method, path, roles that may).
fn table(signal: i64, job: i64, mail: i64) -> Vec<(&'static str, String, Vec<Role>)> {
    use Role::{Admin, Approver, Auditor, Leader, Responder};
    let all = || Role::ALL.to_vec();
    let act = || vec![Responder, Approver, Leader, Admin];
    let raw = || vec![Responder, Approver, Leader, Auditor, Admin];
    let get = |path: &str, roles| ("GET", path.to_owned(), roles);
    vec![
        get("/", all()),
        get("/incidents", all()),
        get("/incidents/Q1", all()),
        get("/incidents.csv", all()),
        ("POST", "/filters".into(), all()),
        ("POST", "/jobs/retry".into(), vec![Admin]),
        get("/api/v1/incidents/Q1/acts", all()),
        get("/safety-net", all()),
        get("/safety-net.csv", all()),
        get("/safety-net/ledger", all()),
        get("/safety-net/monitors", all()),
        get("/safety-net/outages", all()),
        get("/safety-net/try", all()),
        get(&format!("/safety-net/mails/{mail}"), all()),
        ("POST", format!("/safety-net/mails/{mail}/open"), raw()),
        ("POST", format!("/safety-net/mails/{mail}/download"), raw()),
        ("POST", format!("/safety-net/mails/{mail}/register"), act()),
        ("POST", format!("/safety-net/mails/{mail}/not-an-alert"), act()),
        ("POST", format!("/safety-net/mails/{mail}/hold-back"), act()),
        ("POST", "/safety-net/rules/none/end".into(), act()),
        ("POST", "/safety-net/monitors/accept".into(), act()),
        ("POST", "/connections/routes/none/test".into(), all()),
        get("/api/v1/mails", all()),
        get(&format!("/api/v1/mails/{mail}"), all()),
        get(&format!("/api/v1/mails/{mail}/raw"), raw()),
        get("/api/v1/ledger", all()),
        get("/api/v1/ledger/days", all()),
        get("/api/v1/monitors", all()),
        get("/api/v1/outages", all()),
        get("/api/v1/callouts", all()),
        get("/api/v1/canaries", all()),
        get("/signals", all()),
        get(&format!("/signals/{signal}"), all()),
        get("/jobs", all()),
        get("/account", all()),
        get("/link/slack/none", all()),
        ("POST", "/link/slack/none".into(), all()),
        ("POST", "/account/slack/T0/U0/unlink".into(), all()),
        ("POST", "/people/id-target/slack/T0/U0/unlink".into(), vec![Admin]),
        get("/help", all()),
        get("/people", vec![Admin]),
        get("/audit", vec![Admin, Auditor, Leader]),
        get("/connections", all()),
        get("/backfills", all()),
        get("/seats", vec![Leader, Admin]),
        get("/seats.csv", vec![Leader, Admin]),
        get("/api/v1/connections", all()),
        get("/api/v1/backfills", all()),
        get("/api/v1/seats", vec![Leader, Admin]),
        ("POST", "/backfills".into(), vec![Leader, Admin]),
        ("POST", "/backfills/none/stop".into(), vec![Leader, Admin]),
        ("POST", "/api/v1/backfills/none/stop".into(), vec![Leader, Admin]),
        get("/api/v1/openapi.json", all()),
        get("/api/v1/account", all()),
        get("/api/v1/incidents", all()),
        get("/api/v1/incidents/Q1", all()),
        get("/api/v1/incidents/Q1/timeline", all()),
        get("/api/v1/incidents/Q1/alerts", all()),
        get("/api/v1/inbox", all()),
        get("/api/v1/jobs", all()),
        get(&format!("/api/v1/inbox/{signal}"), raw()),
        get("/api/v1/audit", vec![Admin, Auditor, Leader]),
        ("POST", format!("/signals/{signal}/open"), raw()),
        ("POST", format!("/signals/{signal}/read-again"), vec![Admin]),
        ("POST", format!("/jobs/{job}/retry"), vec![Admin]),
        ("POST", "/people/id-target/role".into(), vec![Admin]),
        ("POST", "/people/id-target/disable".into(), vec![Admin]),
        ("POST", "/people/id-target/enable".into(), vec![Admin]),
        ("POST", "/tokens".into(), vec![Admin]),
        ("POST", "/tokens/none/revoke".into(), vec![Admin]),
        ("POST", format!("/api/v1/inbox/{signal}/replay"), vec![Admin]),
        ("POST", format!("/api/v1/jobs/{job}/retry"), vec![Admin]),
    ]
}

/// Hours are everybody's to see; rules and groups' hours are leaders'.
fn hours_and_rules() -> Vec<(&'static str, String, Vec<Role>)> {
    let get = |path: &str, roles| ("GET", path.to_owned(), roles);
    let (all, lead) = (|| Role::ALL.to_vec(), || vec![Role::Leader, Role::Admin]);
    vec![
        get("/people/hours", all()),
        get("/people/rules", lead()),
        get("/people/rules/edit", lead()),
        ("POST", "/people/rules".into(), lead()),
        ("POST", "/people/rules/turn".into(), lead()),
        get("/people/groups/desk", lead()),
        ("POST", "/people/groups/desk".into(), lead()),
        ("POST", "/people/groups/desk/turn".into(), lead()),
        get("/api/v1/people", all()),
    ]
}

/// What is run on hosts is everybody's to see, and to be asked for by those who act.
fn of_hosts(run: i64) -> Vec<(&'static str, String, Vec<Role>)> {
    use Role::{Admin, Approver, Leader, Responder};
    let get = |path: String| ("GET", path, Role::ALL.to_vec());
    let act = |path: String| ("POST", path, vec![Responder, Approver, Leader, Admin]);
    let admin = |path: &str| ("POST", path.to_owned(), vec![Admin]);
    let seen =
        ["/runs", "/runs.csv", "/hosts", "/hosts/web-1", "/runbooks", "/runbooks/own", "/api/v1/runs", "/api/v1/hosts"];
    let of_run = ["", "/diff", "/steps/0/out"].map(|part| format!("/runs/{run}{part}"));
    let of_incident = ["evidence", "runs"].map(|part| format!("/api/v1/incidents/Q1/{part}"));
    let mut all: Vec<_> = seen.map(str::to_owned).into_iter().chain(of_run).chain(of_incident).map(get).collect();
    all.extend([act("/runs".into()), act("/incidents/Q1/diagnose".into()), act("/hosts/web-1/test".into())]);
    all.extend([act(format!("/runs/{run}/stop")), admin("/runbooks/own/approve"), admin("/runbooks/own/withdraw")]);
    all.push(admin("/api/v1/runbooks/own/approve"));
    all
}

#[tokio::test]
async fn each_role_may_do_what_the_table_says_and_strangers_nothing() {
    let bed = crate::hosted::bed().await;
    bed.incident("Q1", 2, "x", None, Status::Triggered).await;
    let run = crate::hosted::run(&bed, "web-1", None, None, b"x").await;
    let signal = bed.signal(b"{}", "Q1", None).await;
    let job = bed.dead_job("Q1", None).await;
    let mail = bed.mail("m", None).await;
    bed.person("target", Role::Viewer, Scope::All).await;
    let mut people = Vec::new();
    for role in Role::ALL {
        people.push((role, bed.person(role.as_str(), role, Scope::All).await));
    }
    let all = table(signal, job, mail).into_iter().chain(hours_and_rules()).chain(of_hosts(run));
    for (method, path, allowed) in all {
        let ask = async |who: &str| match method {
            "GET" => bed.get(&path, who).await,
            _ => bed.post(&path, who, "role=viewer&name=n&nonce=0123456789").await,
        };
        let stranger = ask("").await;
        if path.starts_with("/api/") {
            assert_eq!(stranger.status, StatusCode::UNAUTHORIZED, "{path}");
            assert_eq!(stranger.json()["status"], 401);
        } else {
            assert_eq!(stranger.status, StatusCode::SEE_OTHER, "{path}");
            assert!(stranger.location().starts_with("/sign-in?next="), "{path}");
        }
        for (role, who) in &people {
            let status = ask(who).await.status;
            let refused = status == StatusCode::FORBIDDEN;
            assert_eq!(refused, !allowed.contains(role), "{method} {path} as {}: {status}", role.as_str());
            assert!(!status.is_server_error(), "{method} {path}: {status}");
        }
    }
}

#[tokio::test]
async fn an_admin_of_one_customer_has_no_say_over_accounts_and_tokens() {
    let bed = bed().await;
    bed.person("target", Role::Viewer, Scope::All).await;
    let admin = bed.person("ada", Role::Admin, Scope::Customers(vec!["aoba".into()])).await;
    for path in ["/people/id-target/role", "/people/id-target/disable", "/tokens", "/tokens/none/revoke"] {
        assert_eq!(bed.post(path, &admin, "role=admin&name=n").await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(bed.get("/people", &admin).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn strangers_learn_nothing_from_addresses_that_do_not_exist() {
    let bed = bed().await;
    for path in ["/nowhere", "/incidents/Q1", "/people", "/live", "/jobs/1/retry", "/setup", "/sign-in/x"] {
        let answer = bed.get(path, "").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
    }
    assert_eq!(bed.get("/api/v1/nowhere", "").await.status, StatusCode::UNAUTHORIZED);
    let viewer = bed.person("hana", Role::Viewer, Scope::All).await;
    assert_eq!(bed.get("/nowhere", &viewer).await.status, StatusCode::NOT_FOUND);
    for path in ["/sign-in", "/healthz", "/readyz", "/metrics"] {
        assert_eq!(bed.get(path, "").await.status, StatusCode::OK, "{path}");
    }
    assert_eq!(bed.get(&web::static_files::href("arayashiki.css").unwrap(), "").await.status, StatusCode::OK);
}

#[tokio::test]
async fn opening_a_signal_is_written_down_with_name_and_door() {
    let bed = bed().await;
    let hana = bed.person("hana", Role::Responder, Scope::All).await;
    let token = bed.token("robot", Role::Auditor, Scope::All).await;
    let signal = bed.signal(br#"{"password":"hunter2"}"#, "Q1", Some("aoba")).await;
    let sealed = bed.get(&format!("/signals/{signal}"), &hana).await;
    assert!(!sealed.body.contains("read-again"), "only an administrator is offered that");
    assert!(!sealed.body.contains("hunter2") && bed.audit().await.is_empty());
    let open = bed.post(&format!("/signals/{signal}/open"), &hana, "").await;
    assert!(open.body.contains("hunter2"));
    let api = bed.get(&format!("/api/v1/inbox/{signal}"), &token).await.json();
    assert_eq!(api["raw"], "eyJwYXNzd29yZCI6Imh1bnRlcjIifQ==");
    let rows = bed.audit().await;
    let told: Vec<(&str, &str, bool)> =
        rows.iter().map(|e| (e.actor.as_str(), e.subject.as_str(), e.detail.contains("\"api\""))).collect();
    let subject = format!("signal/{signal}");
    assert_eq!(told, [("token:robot", subject.as_str(), true), ("id-hana", subject.as_str(), false)]);
    let scoped = bed.person("mio", Role::Auditor, Scope::Customers(vec!["minato".into()])).await;
    assert!(!bed.get("/audit", &scoped).await.body.contains("signal/"), "the row belongs to another customer");
}

#[tokio::test]
async fn plain_http_sets_no_secure_cookie_and_no_hsts() {
    let bed = with(|s| web::Settings { public_url: String::new(), secure_cookies: false, ..s }).await;
    let hana = bed.person("hana", Role::Viewer, Scope::All).await;
    let answer = bed.send(crate::bed::as_who(Request::post("/sign-out"), &hana), String::new()).await;
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(!cookie.contains("Secure") && cookie.contains("Max-Age=0"), "{cookie}");
    assert!(!answer.headers.contains_key("strict-transport-security"));
}
