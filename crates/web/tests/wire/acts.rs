//! Acts in PagerDuty by page and by program: who may and why not, in whose name, once however often a form is sent, and
//! never beyond a scope.

use crate::bed::{Answer, Bed, as_who, bed, with};
use axum::http::{Request, StatusCode, header};
use model::Scope;
use model::act::Act;
use model::action::{Effect, Outcome, Queue};
use model::connection::{Owner, TokenState, poll};
use model::incident::Status;
use model::person::Role;
use model::reference::{Kind, Thing};
use serde_json::{Value, json};
use store::jobs::{Claim, Terms};
use store::{accounts, jobs, polls, reference, tokens};

const NONCE: &str = "0123456789abcdef01234567";

fn thing(kind: Kind, id: &str, name: &str, email: Option<&str>) -> Thing {
    Thing {
        kind,
        id: id.into(),
        name: name.into(),
        url: None,
        email: email.map(str::to_owned),
        status: (kind == Kind::User).then(|| "user".into()),
        user: None,
        starts_at: None,
        ends_at: None,
        level: None,
        names: Vec::new(),
    }
}

async fn save(bed: &Bed, thing: Thing) {
    let at = bed.clock.now();
    bed.store.write("test", move |tx| Box::pin(async move { reference::save(tx, &thing, at).await })).await.unwrap();
}

async fn know_token(bed: &Bed, state: TokenState) {
    bed.store
        .write("test", move |tx| {
            Box::pin(async move {
                polls::register(tx, poll::TOKEN).await?;
                polls::ended(tx, poll::TOKEN, Some(&state)).await
            })
        })
        .await
        .unwrap();
}

fn writes() -> TokenState {
    TokenState { owner: Owner::Account, can_write: Some(true), ..TokenState::default() }
}

/// A bed where hana may act as PHANA, with two open incidents of a customer and one of another.
async fn ready() -> (Bed, String) {
    let bed = bed().await;
    know_token(&bed, writes()).await;
    save(&bed, thing(Kind::User, "PHANA", "佐藤 花子", Some("hana@example.jp"))).await;
    save(&bed, thing(Kind::User, "PKEN", "Ken", Some("ken@example.jp"))).await;
    save(&bed, thing(Kind::Priority, "PP1", "P1", None)).await;
    bed.incident("Q1", 2, "db-01 lag", Some("aoba"), Status::Triggered).await;
    bed.incident("Q2", 4, "db-02 lag", Some("aoba"), Status::Triggered).await;
    bed.incident("Q3", 6, "other", Some("minato"), Status::Triggered).await;
    let hana = bed.person("hana", Role::Responder, Scope::All).await;
    (bed, hana)
}

fn form(rest: &str) -> String {
    format!("nonce={NONCE}&{rest}")
}

async fn api(bed: &Bed, who: &str, path: &str, body: Value) -> Answer {
    let request = as_who(Request::post(path), who)
        .header(header::CONTENT_TYPE, "application/json")
        .header("sec-fetch-site", "same-origin");
    bed.send(request, body.to_string()).await
}

/// The next act is tried, and ends so.
async fn ended(bed: &Bed, outcome: Outcome) -> i64 {
    let terms = Terms { lease_ms: 60_000, settle_ms: 0 };
    bed.store
        .write("test", move |tx| {
            let outcome = outcome.clone();
            Box::pin(async move {
                let Claim::Job(job) = jobs::claim(tx, Queue::Live, "w", terms).await? else { panic!("no act") };
                jobs::finish(tx, &job, &outcome).await?;
                Ok(job.id)
            })
        })
        .await
        .unwrap()
}

#[tokio::test]
async fn who_asked_tells_whether_it_happened_and_what_waited_behind_it_goes_on() {
    let (bed, hana) = ready().await;
    let ken = bed.person("ken", Role::Responder, Scope::All).await;
    bed.post("/incidents/Q1/acts", &hana, &form("act=snooze&minutes=60")).await;
    let job = ended(&bed, Outcome::Human { why: "look there".into() }).await;
    let note = format!("/jobs/{job}/settle");
    bed.post("/incidents/Q1/acts", &hana, "nonce=0123456789abcdef00000002&act=note&text=x").await;
    assert!(waiting(&bed).await.is_empty(), "what is in doubt holds the incident");
    let page = bed.get("/incidents/Q1?lang=en", &hana).await.body;
    assert!(page.contains(&note) && page.contains("It happened"), "whoever asked may tell");
    assert!(!bed.get("/incidents/Q1?lang=en", &ken).await.body.contains(&note), "nobody else but an administrator");
    assert_eq!(bed.post(&note, &ken, "happened=yes").await.status, StatusCode::FORBIDDEN);
    assert_eq!(bed.post(&note, &hana, "happened=maybe").await.status, StatusCode::BAD_REQUEST);
    let told = bed.post(&note, &hana, "happened=yes&incident=Q1").await;
    assert_eq!((told.status, told.location()), (StatusCode::SEE_OTHER, "/incidents/Q1#acts"));
    assert_eq!(bed.post(&note, &hana, "happened=no").await.status, StatusCode::CONFLICT, "told once");
    let acts = waiting(&bed).await;
    assert!(
        matches!(acts.as_slice(), [(Act::Note { .. }, ..)]),
        "what waited goes on, and nothing is sent again: {acts:?}"
    );
    let page = bed.get("/incidents/Q1?lang=en", &hana).await.body;
    assert!(page.contains("hana looked: it happened"), "who told is shown");
}

#[tokio::test]
async fn an_administrator_tells_by_program_that_it_did_not_happen() {
    let (bed, hana) = ready().await;
    bed.post("/incidents/Q1/acts", &hana, &form("act=resolve")).await;
    let job = ended(&bed, Outcome::Human { why: "look there".into() }).await;
    let ada = bed.person("ada", Role::Admin, Scope::All).await;
    assert!(bed.get("/jobs?state=human&lang=en", &ada).await.body.contains(&format!("/jobs/{job}/settle")));
    let path = format!("/api/v1/jobs/{job}/settle");
    for odd in [json!({}), json!({ "happened": "no" }), json!({ "happened": true, "x": 1 }), json!([])] {
        assert_eq!(api(&bed, &ada, &path, odd).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let told = api(&bed, &ada, &path, json!({ "happened": false })).await;
    assert_eq!((told.status, told.json()["state"].as_str()), (StatusCode::OK, Some("skipped")));
    assert_eq!(api(&bed, &ada, &path, json!({ "happened": false })).await.status, StatusCode::CONFLICT);
    assert_eq!(api(&bed, &ada, "/api/v1/jobs/999999/settle", json!({ "happened": true })).await.status, 404);
}

#[tokio::test]
async fn nobody_sends_anothers_act_again() {
    let (bed, hana) = ready().await;
    bed.post("/incidents/Q1/acts", &hana, &form("act=resolve")).await;
    let job = ended(&bed, Outcome::Never { why: "refused".into() }).await;
    let ada = bed.person("ada", Role::Admin, Scope::All).await;
    assert_eq!(bed.post(&format!("/jobs/{job}/retry"), &ada, "").await.status, StatusCode::CONFLICT);
    bed.post("/jobs/retry", &ada, &format!("ids={job}")).await;
    assert!(waiting(&bed).await.is_empty());
    let jobs = bed.get("/jobs?state=dead", &ada).await.body;
    assert!(!jobs.contains(&format!("/jobs/{job}/retry")));
    let page = bed.get("/incidents/Q1?lang=en", &hana).await.body;
    assert!(page.contains("Not done") && page.contains("data-act=\"resolve\""), "told, and offered again");
}

/// The acts that wait to be sent, as (act, user, from).
async fn waiting(bed: &Bed) -> Vec<(Act, String, String)> {
    let terms = Terms { lease_ms: 60_000, settle_ms: 0 };
    let claim = async move || {
        let unit =
            bed.store.write("test", move |tx| Box::pin(async move { jobs::claim(tx, Queue::Live, "w", terms).await }));
        unit.await.unwrap()
    };
    let mut found = Vec::new();
    while let Claim::Job(job) = claim().await {
        let Effect::Act { act, user, from, .. } = &job.action.effect else { panic!("{:?}", job.action) };
        found.push((act.clone(), user.clone(), from.clone()));
        let done = model::action::Outcome::Done { external: None };
        bed.store.write("test", move |tx| Box::pin(async move { jobs::finish(tx, &job, &done).await })).await.unwrap();
    }
    found
}

#[tokio::test]
async fn a_form_sent_twice_is_one_act_in_ones_own_name_and_written_down_once() {
    let (bed, hana) = ready().await;
    for _ in 0..3 {
        let answer = bed.post("/incidents/Q1/acts", &hana, &form("act=acknowledge")).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/incidents/Q1#acts"));
    }
    let page = bed.get("/incidents/Q1?lang=en", &hana).await.body;
    assert!(page.contains("Waits to be sent") && !page.contains("data-act=\"acknowledge\""), "not offered twice");
    assert!(page.contains("data-act=\"resolve\"") && page.contains("data-act=\"note\""), "nothing else is disabled");
    let rows = bed.audit().await;
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].actor.as_str(), rows[0].action.as_str()), ("id-hana", "act.acknowledge"));
    assert_eq!(rows[0].subject, "incident/Q1");
    assert_eq!(waiting(&bed).await, [(Act::Acknowledge, "PHANA".into(), "hana@example.jp".into())]);
    let page = bed.get("/incidents/Q1?lang=en", &hana).await.body;
    assert!(page.contains("Done in PagerDuty"));
}

#[tokio::test]
async fn two_at_once_are_one() {
    let (bed, hana) = ready().await;
    let sent = form("act=note&text=once");
    let (a, b) =
        tokio::join!(bed.post("/incidents/Q1/acts", &hana, &sent), bed.post("/incidents/Q1/acts", &hana, &sent));
    assert_eq!((a.status, b.status), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER));
    assert_eq!(waiting(&bed).await.len(), 1);
}

#[tokio::test]
async fn other_words_under_a_used_nonce_are_refused_and_kept() {
    let (bed, hana) = ready().await;
    bed.post("/incidents/Q1/acts", &hana, &form("act=note&text=first")).await;
    let second = bed.post("/incidents/Q1/acts?lang=en", &hana, &form("act=note&text=second+words")).await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    assert!(second.body.contains("second words") && second.body.contains("role=\"alert\""));
    assert!(second.body.contains("data-from=\"/incidents/Q1\""), "live from the page, not from the form's address");
    assert_eq!(waiting(&bed).await.len(), 1);
}

#[tokio::test]
async fn every_form_of_the_page_is_taken() {
    let (bed, hana) = ready().await;
    let policy = Thing { level: Some(3), ..thing(Kind::EscalationPolicy, "PEP", "policy", None) };
    save(&bed, policy).await;
    for (sent, expected) in [
        ("act=resolve&resolution=done+it", Act::Resolve { resolution: Some("done it".into()) }),
        ("act=note&text=%E9%9A%9C%E5%AE%B3", Act::Note { text: "障害".into() }),
        ("act=snooze&for=1h", Act::Snooze { seconds: 3_600 }),
        ("act=reassign&users=PKEN", Act::Reassign { users: vec!["PKEN".into()] }),
        ("act=escalate&level=2", Act::Escalate { level: 2 }),
        ("act=priority&to=PP1", Act::Priority { to: Some("PP1".into()) }),
        ("act=priority&to=", Act::Priority { to: None }),
        ("act=merge&sources=Q2", Act::Merge { sources: vec!["Q2".into()] }),
        ("act=merge&more=%234", Act::Merge { sources: vec!["Q2".into()] }),
    ] {
        // Each as from a rendering of its own.
        let nonce = format!("nonce={}", web::auth::new_id());
        let answer = bed.post("/incidents/Q1/acts", &hana, &format!("{nonce}&{sent}")).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{sent}");
        let acts: Vec<Act> = waiting(&bed).await.into_iter().map(|(act, ..)| act).collect();
        assert_eq!(acts, [expected], "{sent}");
    }
}

#[tokio::test]
async fn what_pagerduty_would_refuse_is_refused_here_with_the_field() {
    let (bed, hana) = ready().await;
    for (sent, status) in [
        ("act=note&text=+", 422),
        ("act=snooze&minutes=0", 422),
        ("act=snooze&minutes=soon", 422),
        ("act=reassign&users=PNOBODY", 422),
        ("act=reassign", 422),
        ("act=escalate&level=1", 422),
        ("act=priority&to=PNONE", 422),
        ("act=merge&sources=Q1", 422),
        ("act=merge&sources=QNONE", 422),
        ("act=delete", 422),
        ("", 422),
    ] {
        let answer = bed.post("/incidents/Q1/acts?lang=en", &hana, &form(sent)).await;
        assert_eq!(answer.status.as_u16(), status, "{sent}");
        assert!(answer.body.contains("Not sent"), "{sent}");
    }
    let odd = bed.post("/incidents/Q1/acts", &hana, "nonce=short&act=acknowledge").await;
    assert_eq!(odd.status, StatusCode::UNPROCESSABLE_ENTITY);
    bed.incident("Q9", 9, "over", Some("aoba"), Status::Resolved).await;
    assert_eq!(bed.post("/incidents/Q9/acts", &hana, &form("act=resolve")).await.status, StatusCode::CONFLICT);
    assert_eq!(bed.post("/incidents/Q9/acts", &hana, &form("act=note&text=x")).await.status, StatusCode::SEE_OTHER);
    assert_eq!(waiting(&bed).await.len(), 1);
}

#[tokio::test]
async fn a_scope_bounds_acts_and_what_they_name() {
    let (bed, _) = ready().await;
    save(&bed, thing(Kind::User, "PMIO", "Mio", Some("mio@example.jp"))).await;
    let mio = bed.person("mio", Role::Responder, Scope::Customers(vec!["aoba".into()])).await;
    for path in ["/incidents/Q3/acts", "/incidents/6/acts", "/incidents/NONE/acts"] {
        assert_eq!(bed.post(path, &mio, &form("act=acknowledge")).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let merge = bed.post("/incidents/Q1/acts", &mio, &form("act=merge&sources=Q3")).await;
    assert_eq!(merge.status, StatusCode::UNPROCESSABLE_ENTITY);
    let by_number = bed.post("/incidents/Q1/acts", &mio, &form("act=merge&more=6")).await;
    assert_eq!(by_number.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = bed.get("/incidents/Q1", &mio).await.body;
    assert!(page.contains("value=\"Q2\"") && !page.contains("Q3"));
    assert!(waiting(&bed).await.is_empty() && bed.audit().await.is_empty());
}

#[tokio::test]
async fn who_may_not_is_told_why_and_sees_nothing_to_press() {
    let (bed, _) = ready().await;
    let ask = async |bed: &Bed, who: &str| {
        let page = bed.get("/incidents/Q1?lang=en", who).await.body;
        let acts = page.split("id=\"acts\"").nth(1).and_then(|rest| rest.split("</section>").next()).unwrap();
        assert!(!page.contains("data-act=") && !acts.contains("name=\"nonce\""), "{page}");
        let sent = bed.post("/incidents/Q1/acts?lang=en", who, &form("act=acknowledge")).await;
        assert_eq!(sent.status, StatusCode::FORBIDDEN);
        let body = json!({ "act": "acknowledge", "nonce": NONCE });
        let told = api(bed, who, "/api/v1/incidents/Q1/acts", body).await;
        assert_eq!(told.status, StatusCode::FORBIDDEN);
        let problem = told.json();
        let (reason, detail) = (problem["reason"].as_str().unwrap(), problem["detail"].as_str().unwrap());
        let plain = page.replace("&#39;", "'").replace("&#x27;", "'");
        assert!(plain.contains(detail), "the page and the API say the same: {detail}");
        reason.to_owned()
    };
    let viewer = bed.person("vic", Role::Viewer, Scope::All).await;
    let auditor = bed.person("aud", Role::Auditor, Scope::All).await;
    assert_eq!((ask(&bed, &viewer).await, ask(&bed, &auditor).await), ("role".into(), "role".into()));
    let nobody = bed.person("nobody", Role::Responder, Scope::All).await;
    assert_eq!(ask(&bed, &nobody).await, "no_user");
    assert!(bed.get("/incidents/Q1", &nobody).await.body.contains("nobody@example.jp"));
    let looks =
        Thing { status: Some("read_only_user".into()), ..thing(Kind::User, "PLOOK", "L", Some("look@example.jp")) };
    save(&bed, looks).await;
    let look = bed.person("look", Role::Leader, Scope::All).await;
    assert_eq!(ask(&bed, &look).await, "read_only_user");
    let hana = bed.session("hana").await;
    know_token(&bed, TokenState { can_write: Some(false), ..writes() }).await;
    assert_eq!(ask(&bed, &hana).await, "read_only_key");
    know_token(&bed, TokenState { can_write: None, ..writes() }).await;
    assert_eq!(ask(&bed, &hana).await, "not_known_yet");
    let ken = Owner::User { id: "PKEN".into(), name: "Ken of Ops".into(), email: None };
    know_token(&bed, TokenState { owner: ken, ..writes() }).await;
    assert_eq!(ask(&bed, &hana).await, "somebody_elses_key");
    assert!(bed.get("/incidents/Q1", &hana).await.body.contains("Ken of Ops"));
    assert!(waiting(&bed).await.is_empty() && bed.audit().await.is_empty());

    let bare = with(|s| web::Settings { can_read: false, ..s }).await;
    bare.incident("Q1", 2, "x", None, Status::Triggered).await;
    let hana = bare.person("hana", Role::Responder, Scope::All).await;
    assert_eq!(ask(&bare, &hana).await, "no_token");
}

#[tokio::test]
async fn another_sites_form_does_nothing() {
    let (bed, hana) = ready().await;
    let request = as_who(Request::post("/incidents/Q1/acts"), &hana)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "cross-site")
        .header("origin", "https://evil.example");
    assert_eq!(bed.send(request, form("act=resolve")).await.status, StatusCode::FORBIDDEN);
    let request = as_who(Request::post("/api/v1/incidents/Q1/acts"), &hana)
        .header("sec-fetch-site", "cross-site")
        .header("origin", "https://evil.example");
    let body = json!({ "act": "resolve", "nonce": NONCE }).to_string();
    assert_eq!(bed.send(request, body).await.status, StatusCode::FORBIDDEN);
    assert!(waiting(&bed).await.is_empty());
}

/// A token that this account made.
async fn token_of(bed: &Bed, maker: &str, role: Role) -> String {
    let (secret, digest) = web::auth::new_token();
    let token = tokens::Token {
        id: web::auth::new_id(),
        name: format!("of {maker} {}", role.as_str()),
        role,
        scope: Scope::All,
        created_by: maker.to_owned(),
        created_at: bed.clock.now(),
        used_at: None,
        revoked_at: None,
    };
    bed.store.write("test", move |tx| Box::pin(async move { tokens::add(tx, digest, &token).await })).await.unwrap();
    format!("bearer:{secret}")
}

#[tokio::test]
async fn a_program_acts_as_who_made_its_token_once_a_nonce() {
    let (bed, _) = ready().await;
    let robot = token_of(&bed, "id-hana", Role::Responder).await;
    let path = "/api/v1/incidents/Q1/acts";
    let body = json!({ "act": "note", "text": "from a program", "nonce": NONCE });
    let first = api(&bed, &robot, path, body.clone()).await;
    assert_eq!(first.status, StatusCode::ACCEPTED);
    let item = first.json();
    assert_eq!((&item["act"], &item["state"], &item["user"]), (&json!("note"), &json!("waiting"), &json!("PHANA")));
    assert_eq!((&item["arguments"]["text"], &item["nonce"]), (&json!("from a program"), &json!(NONCE)));
    let again = api(&bed, &robot, path, body).await;
    assert_eq!((again.status, again.json()), (StatusCode::OK, item.clone()));
    assert_eq!(bed.get(first.location(), &robot).await.json(), item);
    let list = bed.get(path, &robot).await.json();
    assert_eq!(list["items"], json!([item]));
    let other = api(&bed, &robot, path, json!({ "act": "note", "text": "other", "nonce": NONCE })).await;
    assert_eq!(other.status, StatusCode::CONFLICT);
    let elsewhere = format!("/api/v1/incidents/Q2/acts/{}", item["id"]);
    assert_eq!(bed.get(&elsewhere, &robot).await.status, StatusCode::NOT_FOUND);
    assert_eq!(bed.audit().await[0].actor, "token:of id-hana responder");
    assert_eq!(waiting(&bed).await.len(), 1);
    assert_eq!(bed.get(first.location(), &robot).await.json()["state"], "done");
}

#[tokio::test]
async fn a_token_acts_for_nobody_but_a_person_who_may() {
    let (bed, _) = ready().await;
    let path = "/api/v1/incidents/Q1/acts";
    let body = json!({ "act": "acknowledge", "nonce": NONCE });
    let reason = async |who: &str| {
        let answer = api(&bed, who, path, body.clone()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        answer.json()["reason"].as_str().unwrap().to_owned()
    };
    let of_the_command_line = bed.token("cli", Role::Admin, Scope::All).await;
    assert_eq!(reason(&of_the_command_line).await, "nobodys_token");
    assert_eq!(reason(&token_of(&bed, "id-hana", Role::Viewer).await).await, "role");
    bed.person("vic", Role::Viewer, Scope::All).await;
    assert_eq!(reason(&token_of(&bed, "id-vic", Role::Admin).await).await, "role");
    save(&bed, thing(Kind::User, "PMIO", "Mio", Some("mio@example.jp"))).await;
    bed.person("mio", Role::Admin, Scope::Customers(vec!["minato".into()])).await;
    assert_eq!(reason(&token_of(&bed, "id-mio", Role::Admin).await).await, "maker_scope");
    let hanas = token_of(&bed, "id-hana", Role::Admin).await;
    bed.store
        .write("test", |tx| Box::pin(async move { accounts::set_disabled(tx, "id-hana", true).await }))
        .await
        .unwrap();
    let left = api(&bed, &hanas, path, body.clone()).await;
    assert_eq!(left.status, StatusCode::UNAUTHORIZED, "whoever made it has left: it may not even look");
    assert_eq!(bed.get("/api/v1/account", &hanas).await.status, StatusCode::UNAUTHORIZED);
    assert!(waiting(&bed).await.is_empty());
}

#[tokio::test]
async fn a_body_that_is_unfit_names_its_field() {
    let (bed, hana) = ready().await;
    let path = "/api/v1/incidents/Q1/acts";
    for (body, field) in [
        (json!({ "act": "note", "text": " ", "nonce": NONCE }), "text"),
        (json!({ "act": "snooze", "seconds": 0, "nonce": NONCE }), "seconds"),
        (json!({ "act": "reassign", "users": [], "nonce": NONCE }), "users"),
        (json!({ "act": "escalate", "level": 1, "nonce": NONCE }), "level"),
        (json!({ "act": "priority", "to": "no such", "nonce": NONCE }), "to"),
        (json!({ "act": "merge", "sources": ["Q1"], "nonce": NONCE }), "sources"),
        (json!({ "act": "acknowledge", "nonce": "x" }), "nonce"),
        (json!({ "act": "acknowledge", "to": "P1", "nonce": NONCE }), "to"),
    ] {
        let answer = api(&bed, &hana, path, body.clone()).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert_eq!(answer.json()["parameter"], field, "{body}");
    }
    let broken = as_who(Request::post(path), &hana).header("sec-fetch-site", "same-origin");
    assert_eq!(bed.send(broken, "{").await.status, StatusCode::BAD_REQUEST);
    assert!(waiting(&bed).await.is_empty());
}

#[tokio::test]
async fn more_acts_than_a_page_holds_are_listed_page_by_page() {
    let (bed, _) = ready().await;
    let robot = token_of(&bed, "id-hana", Role::Responder).await;
    let path = "/api/v1/incidents/Q1/acts";
    for n in 0..55 {
        let body = json!({ "act": "note", "text": format!("note {n}"), "nonce": format!("nonce-{n:04}") });
        assert_eq!(api(&bed, &robot, path, body).await.status, StatusCode::ACCEPTED);
    }
    let (mut seen, mut next) = (Vec::new(), String::new());
    loop {
        let page = bed.get(&format!("{path}?limit=20&cursor={next}"), &robot).await.json();
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].as_i64().unwrap()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        next = cursor.to_owned();
    }
    let distinct: std::collections::BTreeSet<i64> = seen.iter().copied().collect();
    assert_eq!((seen.len(), distinct.len()), (55, 55));
    let whole = bed.get(path, &robot).await.json();
    assert_eq!(whole["items"].as_array().unwrap().len(), 50);
    assert!(whole["next_cursor"].is_string());
    for bad in ["limit=0", "cursor=x", "sort=id"] {
        assert_eq!(bed.get(&format!("{path}?{bad}"), &robot).await.status, StatusCode::BAD_REQUEST, "{bad}");
    }
}
