//! Slack from outside: the link that joins a Slack account to a person's own works once, for whoever is signed in, and leaks nowhere; what
//! keeps posts from being shown is told on *Now*, on *Connections* and by the API.

use crate::bed::{Answer, Bed, bed, with};
use crate::feed::write;
use crate::polls::well;
use axum::http::StatusCode;
use model::connection::{SlackSocket, poll};
use model::person::Role;
use model::signal::digest;
use model::{Micros, Scope};
use serde_json::json;
use store::slack_accounts::{self, Linked, Member};
use store::{duty_state, polls, posts};

const LINK_S: i64 = duties::wording::answers::LINK_S;

fn member() -> Member {
    Member { team: "T0EXAMPLE".into(), member: "U0HANAKO".into(), name: "hanako.sato <b>".into() }
}

/// A link that this member was shown in Slack.
async fn offered(bed: &Bed, token: &'static str) {
    write(bed, move |tx| Box::pin(async move { slack_accounts::offer(tx, digest(token.as_bytes()), &member()).await }))
        .await;
}

async fn linked(bed: &Bed) -> Vec<(String, String)> {
    let all: Vec<Linked> = bed.store.read(|tx| Box::pin(slack_accounts::all(tx))).await.unwrap();
    all.into_iter().map(|one| (one.who.member, one.account)).collect()
}

async fn acts(bed: &Bed) -> Vec<String> {
    bed.audit().await.into_iter().map(|entry| entry.action).filter(|act| act.starts_with("slack.")).collect()
}

fn is_secret(answer: &Answer) {
    assert_eq!(answer.headers["referrer-policy"], "no-referrer");
    assert_eq!(answer.headers["cache-control"], "no-store");
}

fn is_over(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::GONE);
    is_secret(answer);
    assert!(answer.body.contains("has run out") && answer.body.contains("Press the button in Slack again"));
    assert!(!answer.body.contains("hanako.sato") && !answer.body.contains("<form method=\"post\" action=\"/link/"));
}

#[tokio::test]
async fn a_stranger_signs_in_first_and_comes_back_to_the_link() {
    let bed = bed().await;
    offered(&bed, "token-one").await;
    let answer = bed.get("/link/slack/token-one", "").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.location(), "/sign-in?next=%2Flink%2Fslack%2Ftoken-one");
    bed.person("hanako", Role::Responder, Scope::All).await;
    let form = format!(
        "email=hanako@example.jp&password={}&next=%2Flink%2Fslack%2Ftoken-one",
        crate::bed::PASSWORD.replace(' ', "+")
    );
    assert_eq!(bed.post("/sign-in", "", &form).await.location(), "/link/slack/token-one");
    assert_eq!(bed.post("/link/slack/token-one", "", "").await.status, StatusCode::SEE_OTHER);
    assert!(linked(&bed).await.is_empty(), "a stranger links nothing");
}

#[tokio::test]
async fn the_link_joins_the_two_once_and_is_written_down() {
    let bed = bed().await;
    let hanako = bed.person("hanako", Role::Responder, Scope::All).await;
    offered(&bed, "token-one").await;
    for _ in 0..2 {
        let page = bed.get("/link/slack/token-one?lang=en", &hanako).await;
        assert_eq!(page.status, StatusCode::OK);
        is_secret(&page);
        for said in ["hanako.sato &#60;b&#62;", "U0HANAKO", "T0EXAMPLE", "hanako@example.jp", "your own Slack account"]
        {
            assert!(page.body.contains(said), "{said}: {}", page.body);
        }
        assert!(page.body.contains("name=\"referrer\" content=\"no-referrer\""));
    }
    assert!(linked(&bed).await.is_empty(), "looking links nothing");
    let done = bed.post("/link/slack/token-one", &hanako, "").await;
    is_secret(&done);
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/account?done=slack-linked"));
    assert_eq!(linked(&bed).await, [("U0HANAKO".to_owned(), "id-hanako".to_owned())]);
    let audit = bed.audit().await;
    let row = audit.iter().find(|row| row.action == "slack.link").unwrap();
    assert_eq!((row.actor.as_str(), row.subject.as_str()), ("id-hanako", "account/id-hanako"));
    assert!(row.detail.contains("U0HANAKO") && !row.detail.contains("token-one"), "{}", row.detail);
    is_over(&bed.get("/link/slack/token-one?lang=en", &hanako).await);
    is_over(&bed.post("/link/slack/token-one?lang=en", &hanako, "").await);
    assert_eq!(acts(&bed).await, ["slack.link"]);
    let own = bed.get("/account?done=slack-linked&lang=en", &hanako).await.body;
    assert!(
        own.contains("Your Slack account is linked") && own.contains("U0HANAKO in the workspace T0EXAMPLE"),
        "{own}"
    );
}

#[tokio::test]
async fn an_old_link_an_unknown_one_and_an_endless_one_say_what_to_do() {
    let bed = bed().await;
    offered(&bed, "token-one").await;
    bed.clock.advance_s(LINK_S + 1);
    let hanako = bed.person("hanako", Role::Responder, Scope::All).await;
    let endless = "x".repeat(4_000);
    for token in ["token-one", "never-made", "%E9%9D%92", endless.as_str()] {
        is_over(&bed.get(&format!("/link/slack/{token}?lang=en"), &hanako).await);
        is_over(&bed.post(&format!("/link/slack/{token}?lang=en"), &hanako, "").await);
    }
    assert!(linked(&bed).await.is_empty() && acts(&bed).await.is_empty());
}

#[tokio::test]
async fn another_site_can_not_link_in_somebodys_name() {
    let bed = bed().await;
    let hanako = bed.person("hanako", Role::Admin, Scope::All).await;
    offered(&bed, "token-one").await;
    let request = axum::http::Request::post("/link/slack/token-one")
        .header("sec-fetch-site", "cross-site")
        .header("origin", "https://evil.example");
    let answer = bed.send(crate::bed::as_who(request, &hanako), "").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(linked(&bed).await.is_empty());
}

#[tokio::test]
async fn a_slack_account_that_is_linked_anew_acts_as_nobody_else_any_more() {
    let bed = bed().await;
    let hanako = bed.person("hanako", Role::Responder, Scope::All).await;
    let ichiro = bed.person("ichiro", Role::Viewer, Scope::All).await;
    for token in ["token-one", "token-two"] {
        offered(&bed, token).await;
    }
    bed.post("/link/slack/token-one", &hanako, "").await;
    let page = bed.get("/link/slack/token-two?lang=en", &ichiro).await.body;
    assert!(page.contains("acts in another person") && page.contains("Your role looks only"), "{page}");
    bed.post("/link/slack/token-two", &ichiro, "").await;
    assert_eq!(linked(&bed).await, [("U0HANAKO".to_owned(), "id-ichiro".to_owned())]);
    assert!(bed.audit().await[0].detail.contains("id-hanako"), "whose it was is written down");
}

#[tokio::test]
async fn each_parts_their_own_and_an_administrator_anybodys() {
    let bed = bed().await;
    let hanako = bed.person("hanako", Role::Responder, Scope::All).await;
    let ichiro = bed.person("ichiro", Role::Responder, Scope::All).await;
    let admin = bed.person("admin", Role::Admin, Scope::All).await;
    offered(&bed, "token-one").await;
    bed.post("/link/slack/token-one", &hanako, "").await;
    let own = "/account/slack/T0EXAMPLE/U0HANAKO/unlink";
    assert_eq!(bed.post(own, &ichiro, "").await.status, StatusCode::NOT_FOUND, "it is not theirs");
    let of = "/people/id-hanako/slack/T0EXAMPLE/U0HANAKO/unlink";
    assert_eq!(bed.post(of, &ichiro, "").await.status, StatusCode::FORBIDDEN);
    assert_eq!(linked(&bed).await.len(), 1);
    assert_eq!(bed.post(own, &hanako, "").await.location(), "/account?done=slack-unlinked");
    assert!(linked(&bed).await.is_empty());
    offered(&bed, "token-two").await;
    bed.post("/link/slack/token-two", &hanako, "").await;
    let people = bed.get("/people?lang=en", &admin).await.body;
    assert!(people.contains(&format!("action=\"{of}\"")), "{people}");
    assert_eq!(bed.post(of, &admin, "").await.location(), "/people?done=slack-unlinked&who=id-hanako");
    assert_eq!(bed.post(of, &admin, "").await.status, StatusCode::NOT_FOUND);
    assert!(linked(&bed).await.is_empty());
    assert_eq!(acts(&bed).await, ["slack.unlink", "slack.link", "slack.unlink", "slack.link"]);
    let told = bed.get("/people?done=slack-unlinked&who=id-hanako&lang=en", &admin).await.body;
    assert!(told.contains("A Slack account of hanako is unlinked"));
}

fn by_bot() -> web::Slack {
    web::Slack { bot: true, socket: true, posts_incidents: true, ..web::Slack::default() }
}

async fn set(slack: web::Slack) -> Bed {
    with(|settings| web::Settings { slack, ..settings }).await
}

async fn socket(bed: &Bed, state: SlackSocket) {
    write(bed, move |tx| {
        let state = state.clone();
        Box::pin(async move {
            polls::register(tx, poll::SLACK_SOCKET).await?;
            polls::keep(tx, poll::SLACK_SOCKET, &state).await
        })
    })
    .await;
    bed.clock.advance_s(3);
}

async fn troubled(bed: &Bed) {
    write(bed, |tx| {
        Box::pin(async move {
            for n in 0..3 {
                let (id, channel) = (format!("incident/Q{n}"), "C0GONE".to_owned());
                let wanted =
                    posts::Wanted { id: id.clone(), parent: None, subject: "Q".into(), customer: None, channel };
                posts::want(tx, &wanted).await?;
                posts::troubled(tx, &id, "the channel is gone (channel_not_found)").await?;
            }
            Ok(())
        })
    })
    .await;
    bed.clock.advance_s(3);
}

#[tokio::test]
async fn a_socket_that_is_open_is_no_list_of_pagerdutys_and_one_that_is_shut_is_told() {
    let bed = set(by_bot()).await;
    let ada = bed.person("ada", Role::Viewer, Scope::All).await;
    well(&bed).await;
    let open_since = Some(bed.clock.now());
    socket(&bed, SlackSocket { open_since, trouble: None, down_since: None }).await;
    assert!(bed.get("/?lang=en", &ada).await.body.contains("All well"));
    let page = bed.get("/connections?lang=en", &ada).await.body;
    assert!(page.contains("Every connection works") && page.contains("Socket Mode (open for"), "{page}");
    assert!(!page.contains("slack-socket"), "it stands among the polls: {page}");
    socket(
        &bed,
        SlackSocket { open_since: None, trouble: Some("the token is refused (invalid_auth)".into()), down_since: None },
    )
    .await;
    for address in ["/?lang=en", "/connections?lang=en"] {
        let page = bed.get(address, &ada).await.body;
        assert!(page.contains("Socket Mode is not open") && page.contains("invalid_auth"), "{page}");
    }
    let told = bed.get("/api/v1/connections", &ada).await.json();
    assert_eq!(told["slack"]["socket"]["trouble"], "the token is refused (invalid_auth)");
    let names: Vec<&str> = told["polls"].as_array().unwrap().iter().filter_map(|row| row["name"].as_str()).collect();
    assert!(!names.contains(&"slack-socket"), "{names:?}");
}

#[tokio::test]
async fn posts_in_trouble_are_told_at_once_on_connections_and_on_now_when_they_have_waited() {
    let bed = set(by_bot()).await;
    let ada = bed.person("ada", Role::Viewer, Scope::All).await;
    let own = bed.person("own", Role::Viewer, Scope::Customers(vec!["aoba".into()])).await;
    well(&bed).await;
    troubled(&bed).await;
    let told = bed.get("/api/v1/connections", &ada).await.json();
    let one = &told["slack"]["troubles"][0];
    assert_eq!((&one["channel"], &one["waiting"]), (&json!("C0GONE"), &json!(3)));
    assert!(bed.get("/connections?lang=en", &ada).await.body.contains("3 messages wait for C0GONE"));
    let alarm = "3 messages can't be shown in Slack, for C0GONE";
    let page = async |address: &str, who: &str| bed.get(address, who).await.body.replace("&#39;", "'");
    assert!(!page("/?lang=en", &ada).await.contains(alarm));
    bed.clock.advance_s(301);
    assert!(page("/?lang=en", &ada).await.contains(alarm));
    // Channels may be a customer's.
    assert!(!page("/?lang=en", &own).await.contains("C0GONE"));
    assert!(!page("/connections?lang=en", &own).await.contains("C0GONE"));
    assert_eq!(bed.get("/api/v1/connections", &own).await.json()["slack"]["troubles"], json!([]));
}

#[tokio::test]
async fn an_incoming_webhook_alone_is_called_reduced_and_muted_channels_are_named() {
    let bed = set(web::Slack { webhook: true, ..web::Slack::default() }).await;
    let ada = bed.person("ada", Role::Viewer, Scope::All).await;
    write(&bed, |tx| {
        Box::pin(async move {
            let mute = |until: Micros| json!({ "until": until.0, "by": "id-ada" });
            let now = tx.now();
            duty_state::set(tx, "slack_mute", "C0OVER", 1, &mute(now.plus_s(-1))).await?;
            duty_state::set(tx, "slack_mute", "C0QUIET", 1, &mute(now.plus_s(600))).await
        })
    })
    .await;
    let page = bed.get("/connections?lang=en", &ada).await.body;
    assert!(page.contains("Reduced mode") && page.contains("no threads and no buttons"), "{page}");
    assert!(page.contains("C0QUIET") && !page.contains("C0OVER"));
    let slack = bed.get("/api/v1/connections", &ada).await.json()["slack"].clone();
    assert_eq!((&slack["reduced"], &slack["muted"][0]["by"]), (&json!(true), &json!("ada")));
    let none = set(web::Slack::default()).await;
    let eve = none.person("eve", Role::Viewer, Scope::All).await;
    assert!(none.get("/connections?lang=en", &eve).await.body.contains("Slack is not set"));
}
