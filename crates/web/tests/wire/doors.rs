//! Signing in and out, one-time links, rate limits, sessions that end at once.

use crate::bed::{Bed, PASSWORD, as_who, bed};
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use model::Scope;
use model::person::Role;
use std::net::SocketAddr;
use store::accounts;
use web::auth;

fn form(email: &str, password: &str, next: &str) -> String {
    let encode = |t: &str| t.bytes().map(|b| format!("%{b:02X}")).collect::<String>();
    format!("email={}&password={}&next={}", encode(email), encode(password), encode(next))
}

async fn sign_in(bed: &Bed, email: &str, password: &str) -> crate::bed::Answer {
    bed.post("/sign-in", "", &form(email, password, "/incidents?status=open")).await
}

#[tokio::test]
async fn signing_in_sets_a_hardened_cookie_and_signing_out_ends_the_session() {
    let bed = bed().await;
    bed.person("hana", Role::Viewer, Scope::All).await;
    let answer = sign_in(&bed, " Hana@Example.jp", PASSWORD).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/incidents?status=open"));
    let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
    for part in ["; HttpOnly", "; SameSite=Lax", "; Path=/", "; Secure"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let who = format!("cookie:arayashiki_session={}", answer.session());
    assert_eq!(bed.get("/", &who).await.status, StatusCode::OK);
    let out = bed.post("/sign-out", &who, "").await;
    assert_eq!(out.location(), "/sign-in?out=1");
    assert!(bed.get("/", &who).await.location().starts_with("/sign-in"));
    let acts: Vec<String> = bed.audit().await.into_iter().map(|e| e.action).collect();
    assert_eq!(acts, ["session.sign-out", "session.sign-in"]);
}

#[tokio::test]
async fn signing_in_anew_gives_a_new_secret_and_ends_the_old_one() {
    let bed = bed().await;
    bed.person("hana", Role::Viewer, Scope::All).await;
    let first = sign_in(&bed, "hana@example.jp", PASSWORD).await.session();
    let old = format!("cookie:arayashiki_session={first}");
    let second = bed.post("/sign-in", &old, &form("hana@example.jp", PASSWORD, "/")).await.session();
    assert_ne!(first, second);
    assert_eq!(bed.get("/", &old).await.status, StatusCode::SEE_OTHER);
    assert_eq!(bed.get("/", &format!("cookie:arayashiki_session={second}")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn nobody_is_sent_outside_after_signing_in() {
    let bed = bed().await;
    bed.person("hana", Role::Viewer, Scope::All).await;
    for next in ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"] {
        let answer = bed.post("/sign-in", "", &form("hana@example.jp", PASSWORD, next)).await;
        assert_eq!(answer.location(), "/", "{next}");
    }
}

#[tokio::test]
async fn a_wrong_password_an_unknown_email_and_a_disabled_account_look_the_same() {
    let bed = bed().await;
    bed.person("hana", Role::Viewer, Scope::All).await;
    bed.person("gone", Role::Viewer, Scope::All).await;
    bed.store
        .write("test", |tx| Box::pin(async move { accounts::set_disabled(tx, "id-gone", true).await }))
        .await
        .unwrap();
    let mut pages = Vec::new();
    for (email, password) in
        [("hana@example.jp", "wrong wrong wrong"), ("nobody@example.jp", PASSWORD), ("gone@example.jp", PASSWORD)]
    {
        let answer = sign_in(&bed, email, password).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{email}");
        assert!(!answer.headers.contains_key(header::SET_COOKIE) && !answer.body.contains(password));
        pages.push(answer.body.replace(email, "E"));
    }
    assert!(pages.iter().all(|page| *page == pages[0]));
}

#[tokio::test]
async fn the_eleventh_wrong_password_waits_even_if_it_is_right_and_the_wait_ends() {
    let bed = bed().await;
    bed.person("hana", Role::Viewer, Scope::All).await;
    for _ in 0..10 {
        assert_eq!(sign_in(&bed, "hana@example.jp", "wrong wrong wrong").await.status, StatusCode::UNAUTHORIZED);
    }
    let held = sign_in(&bed, "hana@example.jp", PASSWORD).await;
    assert_eq!(held.status, StatusCode::TOO_MANY_REQUESTS);
    let wait_s: i64 = held.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((1..=900).contains(&wait_s) && held.body.contains("分"), "the wait is told in words");
    bed.clock.advance_s(901);
    assert_eq!(sign_in(&bed, "hana@example.jp", PASSWORD).await.status, StatusCode::SEE_OTHER);
}

/// The rows about refused sign-ins, newest first: (actor, subject, address).
async fn refusals(bed: &Bed) -> Vec<(String, String, String)> {
    // They are written without anybody waiting; what is written after them comes after them.
    bed.store.probe().await.unwrap();
    let refused = bed.audit().await.into_iter().filter(|e| e.action == "session.refused");
    let address = |detail: &str| serde_json::from_str::<serde_json::Value>(detail).unwrap()["from"].clone();
    refused.map(|e| (e.actor, e.subject, address(&e.detail).as_str().unwrap().to_owned())).collect()
}

#[tokio::test]
async fn refused_sign_ins_of_an_account_are_written_once_in_a_quarter_of_an_hour() {
    let bed = bed().await;
    let ada = bed.person("ada", Role::Admin, Scope::All).await;
    bed.person("hana", Role::Viewer, Scope::All).await;
    for _ in 0..12 {
        sign_in(&bed, "Hana@example.jp", "wrong wrong wrong").await;
    }
    let row = || ("id-hana".to_owned(), "hana@example.jp".to_owned(), "192.0.2.10".to_owned());
    assert_eq!(refusals(&bed).await, [row()]);
    assert!(bed.get("/audit?act=session.refused&lang=en", &ada).await.body.contains("was refused at sign-in"));
    bed.clock.advance_s(901);
    sign_in(&bed, "nobody@example.jp", PASSWORD).await;
    assert_eq!(refusals(&bed).await, [row()], "an e-mail that is nobody's writes nothing");
    sign_in(&bed, "hana@example.jp", "wrong wrong wrong").await;
    sign_in(&bed, "hana@example.jp", PASSWORD).await;
    assert_eq!(refusals(&bed).await, [row(), row()]);
}

#[tokio::test]
async fn one_address_that_tries_many_emails_waits_and_others_do_not() {
    let bed = bed().await;
    bed.person("hana", Role::Viewer, Scope::All).await;
    for n in 0..10 {
        sign_in(&bed, &format!("n{n}@example.jp"), "wrong wrong wrong").await;
    }
    assert_eq!(sign_in(&bed, "hana@example.jp", PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS);
    let elsewhere: SocketAddr = "198.51.100.9:1".parse().unwrap();
    let request = Request::post("/sign-in")
        .header("content-type", "application/x-www-form-urlencoded")
        .extension(ConnectInfo(elsewhere));
    let answer = bed.send(request, form("hana@example.jp", PASSWORD, "/")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_revoked_session_and_a_disabled_account_are_out_at_once() {
    let bed = bed().await;
    let hana = bed.person("hana", Role::Viewer, Scope::All).await;
    let other = bed.session("hana").await;
    let page = bed.get("/account", &hana).await.body;
    let ids: Vec<&str> = page.split("/account/sessions/").skip(1).filter_map(|t| t.split("/revoke\"").next()).collect();
    assert_eq!(ids.iter().filter(|id| id.len() == 20).count(), 2, "{ids:?}");
    for id in ids.iter().filter(|id| id.len() == 20) {
        bed.post(&format!("/account/sessions/{id}/revoke"), &hana, "").await;
    }
    assert_eq!(bed.get("/", &other).await.status, StatusCode::SEE_OTHER);

    let hana = bed.session("hana").await;
    let admin = bed.person("ada", Role::Admin, Scope::All).await;
    assert_eq!(bed.get("/", &hana).await.status, StatusCode::OK);
    assert_eq!(bed.post("/people/id-hana/disable", &admin, "").await.location(), "/people?done=disabled&who=id-hana");
    assert_eq!(bed.get("/", &hana).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn nobody_can_end_somebody_elses_session() {
    let bed = bed().await;
    let hana = bed.person("hana", Role::Viewer, Scope::All).await;
    let mallory = bed.person("mallory", Role::Viewer, Scope::All).await;
    let page = bed.get("/account", &hana).await.body;
    let id = page.split("/account/sessions/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    assert_eq!(bed.post(&format!("/account/sessions/{id}/revoke"), &mallory, "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(bed.get("/", &hana).await.status, StatusCode::OK);
}

#[tokio::test]
async fn thirty_idle_days_end_a_session_and_use_keeps_it() {
    let bed = bed().await;
    let hana = bed.person("hana", Role::Viewer, Scope::All).await;
    for _ in 0..2 {
        bed.clock.advance_s(29 * 86_400);
        assert_eq!(bed.get("/", &hana).await.status, StatusCode::OK);
    }
    bed.clock.advance_s(30 * 86_400 + 60);
    assert_eq!(bed.get("/", &hana).await.status, StatusCode::SEE_OTHER);
}

async fn link(bed: &Bed, purpose: &'static str, account: Option<&'static str>) -> String {
    let (secret, digest) = auth::new_secret();
    let until = bed.clock.now().plus_s(3_600);
    bed.store
        .write("test", move |tx| Box::pin(async move { accounts::add_link(tx, digest, purpose, account, until).await }))
        .await
        .unwrap();
    format!("/setup/{secret}")
}

#[tokio::test]
async fn a_setup_link_makes_the_first_admin_once() {
    let bed = bed().await;
    let path = link(&bed, auth::purpose::FIRST_ADMIN, None).await;
    assert_eq!(bed.get(&path, "").await.status, StatusCode::OK);
    assert_eq!(bed.get(&path, "").await.status, StatusCode::OK, "looking does not use it up");
    let weak = "email=ada%40example.jp&name=Ada&password=short&password_again=other";
    let refused = bed.post(&path, "", weak).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("ada@example.jp"), "what was typed stays");
    let good = "email=Ada%40example.jp&name=Ada&password=the+pond+is+very+still&password_again=the+pond+is+very+still";
    let made = bed.post(&path, "", good).await;
    assert_eq!((made.status, made.location()), (StatusCode::SEE_OTHER, "/"));
    let who = format!("cookie:arayashiki_session={}", made.session());
    assert_eq!(bed.get("/people", &who).await.status, StatusCode::OK);
    assert_eq!(bed.post(&path, "", good).await.status, StatusCode::GONE);
    assert_eq!(bed.get(&path, "").await.status, StatusCode::GONE);
    assert_eq!(bed.audit().await.last().unwrap().action, "setup.account");
    assert_eq!(sign_in(&bed, "ada@example.jp", "the pond is very still").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn two_who_use_a_link_at_once_make_one_account() {
    let bed = bed().await;
    let path = link(&bed, auth::purpose::FIRST_ADMIN, None).await;
    let one = "email=a%40example.jp&name=A&password=the+pond+is+very+still&password_again=the+pond+is+very+still";
    let two = one.replace("a%40", "b%40");
    let (a, b) = tokio::join!(bed.post(&path, "", one), bed.post(&path, "", &two));
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 410]);
}

#[tokio::test]
async fn a_password_link_ends_all_sessions_and_belongs_to_its_account_alone() {
    let bed = bed().await;
    let hana = bed.person("hana", Role::Viewer, Scope::All).await;
    let path = link(&bed, auth::purpose::SET_PASSWORD, Some("id-hana")).await;
    let page = bed.get(&path, "").await.body;
    assert!(page.contains("hana@example.jp") && !page.contains("name=\"name\""), "it only asks for the password");
    let form =
        "email=mallory%40example.jp&name=M&password=the+pond+is+very+still&password_again=the+pond+is+very+still";
    assert_eq!(bed.post(&path, "", form).await.status, StatusCode::SEE_OTHER);
    assert_eq!(bed.get("/", &hana).await.status, StatusCode::SEE_OTHER);
    assert_eq!(sign_in(&bed, "hana@example.jp", PASSWORD).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(sign_in(&bed, "hana@example.jp", "the pond is very still").await.status, StatusCode::SEE_OTHER);
    let bad = link(&bed, auth::purpose::SET_PASSWORD, Some("id-nobody")).await;
    assert_eq!(bed.get(&bad, "").await.status, StatusCode::GONE);
    bed.clock.advance_s(3_601);
    assert_eq!(bed.get("/setup/xyz", "").await.status, StatusCode::GONE);
}

#[tokio::test]
async fn changing_the_password_needs_the_present_one_and_ends_the_other_sessions() {
    let bed = bed().await;
    let hana = bed.person("hana", Role::Viewer, Scope::All).await;
    let other = bed.session("hana").await;
    let change = |present: &str| {
        let new = "the+pond+is+very+still";
        format!("present={}&password={new}&password_again={new}", present.replace(' ', "+"))
    };
    assert_eq!(bed.post("/account/password", &hana, &change("wrong")).await.location(), "/account?wrong=present");
    assert_eq!(bed.post("/account/password", &hana, &change(PASSWORD)).await.location(), "/account?done=password");
    assert_eq!(bed.get("/", &hana).await.status, StatusCode::OK);
    assert_eq!(bed.get("/", &other).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_last_admin_can_not_be_lost() {
    let bed = bed().await;
    let ada = bed.person("ada", Role::Admin, Scope::All).await;
    let ben = bed.person("ben", Role::Admin, Scope::All).await;
    assert_eq!(bed.post("/people/id-ada/disable", &ada, "").await.status, StatusCode::FORBIDDEN);
    assert_eq!(bed.post("/people/id-ben/role", &ada, "role=viewer").await.location(), "/people?done=role&who=id-ben");
    assert_eq!(bed.post("/people/id-ada/disable", &ben, "").await.status, StatusCode::FORBIDDEN);
    bed.post("/people/id-ben/role", &ada, "role=admin").await;
    // Both at once: one of them has to stay.
    let (a, b) =
        tokio::join!(bed.post("/people/id-ben/disable", &ada, ""), bed.post("/people/id-ada/disable", &ben, ""));
    assert!(a.location().contains("disabled") || b.location().contains("disabled"));
    let left = bed.store.read(|tx| Box::pin(accounts::working_admins(tx))).await.unwrap();
    assert_eq!(left, 1);
    assert!(bed.audit().await.iter().any(|e| e.action == "person.role" && e.detail.contains("\"before\":\"admin\"")));
}

#[tokio::test]
async fn a_token_is_shown_once_works_and_dies_when_revoked() {
    let bed = bed().await;
    let ada = bed.person("ada", Role::Admin, Scope::All).await;
    let made = bed.post("/tokens", &ada, "name=grafana&role=viewer").await;
    let start = made.body.find("ary_").expect("the token is shown");
    let secret: String = made.body[start..].chars().take_while(|c| c.is_alphanumeric() || "_-".contains(*c)).collect();
    let who = format!("bearer:{secret}");
    assert!(!bed.get("/people", &ada).await.body.contains(&secret));
    assert_eq!(bed.get("/api/v1/account", &who).await.status, StatusCode::OK);
    assert_eq!(bed.get("/", &who).await.status, StatusCode::SEE_OTHER, "tokens open no pages");
    assert_eq!(bed.post("/tokens", &ada, "name=grafana&role=viewer").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(bed.post("/tokens", &ada, "name=+&role=viewer").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = bed.get("/people", &ada).await.body;
    let id = page.split("/tokens/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    assert!(bed.post(&format!("/tokens/{id}/revoke"), &ada, "").await.location().contains("done=revoked"));
    assert_eq!(bed.get("/api/v1/account", &who).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn another_sites_form_is_refused_and_a_program_with_a_token_is_not() {
    let bed = bed().await;
    let hana = bed.person("hana", Role::Viewer, Scope::All).await;
    bed.incident("Q1", 2, "x", None, model::incident::Status::Triggered).await;
    let job = bed.dead_job("Q1", None).await;
    for (name, value) in
        [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "https://evil.example")]
    {
        let request = Request::post("/sign-out").header(name, value).header("host", "ops.example.jp");
        let answer = bed.send(as_who(request, &hana), Body::empty()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}: {value}");
        assert!(answer.body.contains("<html"), "as a page");
    }
    assert_eq!(bed.get("/", &hana).await.status, StatusCode::OK, "still signed in");
    let admin = bed.person("ada", Role::Admin, Scope::All).await;
    let retry = format!("/api/v1/jobs/{job}/retry");
    let cross = |who: &str| as_who(Request::post(&retry).header("sec-fetch-site", "cross-site"), who);
    let refused = bed.send(cross(&admin), Body::empty()).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(refused.json()["type"], "urn:arayashiki:problem:cross-site");
    // A made-up token beside a good cookie must not turn the check off.
    let both = cross(&admin).header(header::AUTHORIZATION, "Bearer ary_nonsense");
    assert_eq!(bed.send(both, Body::empty()).await.status, StatusCode::UNAUTHORIZED);
    let basic = cross(&admin).header(header::AUTHORIZATION, "Basic YTpi");
    assert_eq!(bed.send(basic, Body::empty()).await.status, StatusCode::FORBIDDEN);
    let token = bed.token("t", Role::Admin, Scope::All).await;
    assert_eq!(bed.send(cross(&token), Body::empty()).await.status, StatusCode::ACCEPTED);
}
