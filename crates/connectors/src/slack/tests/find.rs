//! Was it posted? What counts as ours, how far is read, and when the answer is that nobody can tell.

use super::{client, form, slack, who};
use crate::slack::{FoundPost, Look, Posted};
use crate::testing::{Heard, Server, call, reply};
use crate::{CallError, Kind};
use model::Micros;
use serde_json::{Value, json};

const SINCE: Micros = Micros(1_780_000_000_250_000);

fn look(thread_ts: Option<&'static str>) -> Look<'static> {
    Look { channel: "C0INCIDENT", thread_ts, marker: "m-1", oldest: SINCE }
}

fn row(ts: &str, user: &str, marker: &str) -> Value {
    json!({ "ts": ts, "user": user, "text": "x", "metadata": { "event_type": "t", "event_payload": { "marker": marker } } })
}

fn page(messages: Value, next: &str) -> Value {
    json!({ "ok": true, "messages": messages, "has_more": !next.is_empty(), "response_metadata": { "next_cursor": next } })
}

async fn found(
    thread_ts: Option<&'static str>,
    history: impl Fn(&Heard) -> Value + Send + Sync + 'static,
) -> (Result<FoundPost, CallError>, Vec<Heard>) {
    let server = slack(move |method, heard| if method == "auth.test" { who() } else { history(heard) }).await;
    let answer = client(&server).find_post(&call(), &look(thread_ts)).await;
    (answer, server.heard())
}

fn at(ts: &str) -> FoundPost {
    FoundPost::Found(Posted { channel: "C0INCIDENT".into(), ts: ts.into() })
}

#[tokio::test]
async fn our_own_message_with_the_marker_is_found_and_a_copy_of_it_is_not() {
    let by_bot_id =
        json!({ "ts": "9.000001", "bot_id": "B0BOT0001", "metadata": { "event_payload": { "marker": "m-1" } } });
    let (answer, heard) = found(None, move |_| {
        page(
            json!([
                row("1.1", "U0HANAKO1", "m-1"),
                row("2.2", "U0BOT0001", "m-2"),
                json!({ "ts": "3.3", "user": "U0BOT0001" }),
                by_bot_id
            ]),
            "",
        )
    })
    .await;
    assert_eq!(answer.unwrap(), at("9.000001"));
    assert_eq!(heard[1].path, "/api/conversations.history");
    let sent = form(&heard[1]);
    for (name, value) in [
        ("channel", "C0INCIDENT"),
        ("oldest", "1780000000.250000"),
        ("inclusive", "true"),
        ("include_all_metadata", "true"),
    ] {
        assert!(sent.contains(&(name.to_owned(), value.to_owned())), "{name} in {sent:?}");
    }
}

#[tokio::test]
async fn somebody_without_a_bot_id_is_not_us_for_lack_of_one() {
    let server = slack(|method, _| match method {
        "auth.test" => json!({ "ok": true, "team_id": "T1", "user_id": "U0BOT0001" }),
        _ => page(json!([{ "ts": "1.1", "user": "U2", "metadata": { "event_payload": { "marker": "m-1" } } }]), ""),
    })
    .await;
    assert_eq!(client(&server).find_post(&call(), &look(None)).await.unwrap(), FoundPost::Nothing);
}

#[tokio::test]
async fn a_thread_is_looked_through_by_its_root_to_the_last_page() {
    let (answer, heard) =
        found(Some("1780000000.000100"), |heard| match form(heard).iter().find(|(name, _)| name == "cursor") {
            None => page(json!([row("1.1", "U0BOT0001", "m-0")]), "next=="),
            Some(_) => page(json!([row("5.5", "U0BOT0001", "m-1")]), ""),
        })
        .await;
    assert_eq!(answer.unwrap(), at("5.5"));
    assert_eq!(heard.len(), 3);
    assert!(heard[1..].iter().all(|heard| heard.path == "/api/conversations.replies"));
    let last = form(&heard[2]);
    assert!(
        last.contains(&("cursor".into(), "next==".into())) && last.contains(&("ts".into(), "1780000000.000100".into())),
        "{last:?}"
    );
}

#[tokio::test]
async fn nothing_is_said_only_when_all_was_read() {
    let (answer, _) = found(None, |_| page(json!([]), "")).await;
    assert_eq!(answer.unwrap(), FoundPost::Nothing);
    let (answer, _) = found(None, |_| json!({ "ok": true, "messages": [], "has_more": true })).await;
    assert!(matches!(answer.unwrap(), FoundPost::CantTell(_)));
    let (answer, heard) = found(None, |_| page(json!([row("1.1", "U2", "m-1")]), "again")).await;
    assert!(matches!(answer.unwrap(), FoundPost::CantTell(why) if why.contains("two thousand")));
    assert_eq!(heard.len(), 21, "who we are, and twenty pages");
}

#[tokio::test]
async fn a_history_that_is_closed_to_us_tells_nothing() {
    for (word, advice) in [
        ("missing_scope", "channels:history"),
        ("channel_not_found", "/invite"),
        ("not_in_channel", "/invite"),
        ("thread_not_found", "deleted"),
        ("invalid_auth", "make a new token"),
    ] {
        let refused = move |_: &Heard| json!({ "ok": false, "error": word, "needed": "channels:history", "provided": "chat:write" });
        let (answer, _) = found(None, refused).await;
        let FoundPost::CantTell(why) = answer.unwrap() else { panic!("{word}") };
        assert!(why.contains(advice), "{why}");
    }
    let server = Server::always(200, "{}").await;
    let by_name = Look { channel: "#incidents", ..look(None) };
    let answer = client(&server).find_post(&call(), &by_name).await.unwrap();
    assert!(matches!(answer, FoundPost::CantTell(why) if why.contains("id")));
    assert!(server.heard().is_empty());
}

#[tokio::test]
async fn trouble_on_the_way_is_no_answer() {
    let (answer, _) = found(None, |_| json!({ "ok": false, "error": "internal_error" })).await;
    let error = answer.unwrap_err();
    assert_eq!((error.kind, error.write), (Kind::Server, false));
    let (answer, _) = found(None, |_| json!({ "ok": false, "error": "ratelimited" })).await;
    assert_eq!(answer.unwrap_err().kind, Kind::Limited);
}

#[tokio::test]
async fn an_app_that_may_read_one_short_page_a_minute_says_so() {
    let server = Server::start(|heard| match heard.path.as_str() {
        "/api/auth.test" => reply(200, who().to_string()),
        _ if form(heard).iter().any(|(name, _)| name == "cursor") => {
            reply(429, r#"{"ok":false,"error":"ratelimited"}"#)
        }
        _ => reply(200, page(json!(vec![row("1.1", "U2", "x"); 15]), "next").to_string()),
    })
    .await;
    let answer = client(&server).find_post(&call(), &look(None)).await.unwrap();
    assert!(matches!(answer, FoundPost::CantTell(why) if why.contains("Marketplace")));
}
