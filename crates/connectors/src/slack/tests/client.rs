//! Posts, updates, whispers, forms, people and answers, as Slack wants them.

use super::{TOKEN, client, form, hello, said, shows_no_secret, slack, who};
use crate::slack::{
    Block, Client, Element, Field, Input, Message, Metadata, Modal, Post, Posted, Press, Reply, Setup, Updated, UserId,
};
use crate::testing::{Server, call, reply};
use crate::{Kind, Secret};
use model::action::{Fault, Outcome};
use serde_json::{Value, json};

const POSTED: &str = r#"{"ok":true,"channel":"C0INCIDENT","ts":"1780000001.000200","message":{"text":"x"}}"#;

fn posted() -> Posted {
    Posted { channel: "C0INCIDENT".into(), ts: "1780000001.000200".into() }
}

#[tokio::test]
async fn a_post_goes_out_as_slack_wants_it_and_comes_back_as_a_pair() {
    let server = Server::always(200, POSTED).await;
    let (message, metadata) = (hello(), Metadata::new("arayashiki_post", "m-1").with("incident", "Q1"));
    let post = Post {
        thread_ts: Some("1780000000.000100"),
        reply_broadcast: true,
        metadata: Some(&metadata),
        ..Post::new("C0INCIDENT", &message)
    };
    assert_eq!(client(&server).post(&call(), &post).await.unwrap(), posted());
    let heard = &server.heard()[0];
    assert_eq!((heard.method.as_str(), heard.path.as_str()), ("POST", "/api/chat.postMessage"));
    assert_eq!(heard.headers["authorization"], format!("Bearer {TOKEN}"));
    assert_eq!(heard.headers["content-type"], "application/json; charset=utf-8");
    let body = heard.json();
    assert_eq!(
        body["metadata"],
        json!({ "event_type": "arayashiki_post", "event_payload": { "marker": "m-1", "incident": "Q1" } })
    );
    assert_eq!((&body["thread_ts"], &body["reply_broadcast"]), (&json!("1780000000.000100"), &json!(true)));
    assert_eq!((&body["channel"], &body["text"]), (&json!("C0INCIDENT"), &json!("障害 web01")));
    assert_eq!((&body["unfurl_links"], &body["blocks"][0]["text"]["verbatim"]), (&json!(false), &json!(true)));
}

#[tokio::test]
async fn a_post_without_an_id_may_have_happened() {
    for body in [r#"{"ok":true}"#, "<html>", "ok", r#"{"ok":"yes"}"#] {
        let server = Server::always(200, body).await;
        let error = client(&server).post(&call(), &Post::new("C1", &hello())).await.unwrap_err();
        assert!(matches!(error.to_outcome(call().now, 0), Outcome::Unknown { .. }), "{body}: {error}");
    }
}

#[tokio::test]
async fn an_update_leaves_the_metadata_and_parses_nothing() {
    let server = Server::always(200, POSTED).await;
    let slack = client(&server);
    assert_eq!(slack.update(&call(), &posted(), &hello(), None).await.unwrap(), Updated::Done(posted()));
    let body = server.heard()[0].json();
    assert_eq!((&body["channel"], &body["ts"]), (&json!("C0INCIDENT"), &json!("1780000001.000200")));
    assert_eq!((&body["parse"], &body["link_names"]), (&json!("none"), &json!(false)));
    for absent in ["metadata", "unfurl_links", "thread_ts"] {
        assert!(body.get(absent).is_none(), "{absent}");
    }
    slack.update(&call(), &posted(), &hello(), Some(&Metadata::new("t", "m-2"))).await.unwrap();
    assert_eq!(server.heard()[1].json()["metadata"]["event_payload"]["marker"], "m-2");
}

#[tokio::test]
async fn a_message_that_is_past_change_is_told_apart_from_a_channel_that_is_gone() {
    for word in ["message_not_found", "cant_update_message", "edit_window_closed", "is_inactive"] {
        let server = slack(move |_, _| json!({ "ok": false, "error": word })).await;
        let Updated::Never(error) = client(&server).update(&call(), &posted(), &hello(), None).await.unwrap() else {
            panic!("{word}")
        };
        assert!(error.text.contains("only a new one can say it"), "{error}");
    }
    let server = slack(|_, _| json!({ "ok": false, "error": "channel_not_found" })).await;
    let error = client(&server).update(&call(), &posted(), &hello(), None).await.unwrap_err();
    assert_eq!(error.kind, Kind::NotFound);
}

#[tokio::test]
async fn a_whisper_names_whom_it_is_for() {
    let server = Server::always(200, r#"{"ok":true,"message_ts":"1.000001"}"#).await;
    let user = UserId::parse("U0HANAKO1").unwrap();
    client(&server).post_ephemeral(&call(), "C0INCIDENT", &user, &hello(), Some("1.000002")).await.unwrap();
    let heard = &server.heard()[0];
    let body = heard.json();
    assert_eq!(heard.path, "/api/chat.postEphemeral");
    assert_eq!((&body["user"], &body["thread_ts"]), (&json!("U0HANAKO1"), &json!("1.000002")));
}

#[tokio::test]
async fn nothing_is_sent_that_says_nothing() {
    let server = Server::always(200, POSTED).await;
    let slack = client(&server);
    for text in ["", " \n", "\u{200b}\u{202e}"] {
        let message = Message::text(text);
        assert_eq!(slack.post(&call(), &Post::new("C1", &message)).await.unwrap_err().kind, Kind::BadRequest);
        assert_eq!(slack.update(&call(), &posted(), &message, None).await.unwrap_err().kind, Kind::BadRequest);
    }
    assert!(server.heard().is_empty());
}

#[tokio::test]
async fn who_we_are_is_asked_once_and_brings_the_scopes() {
    let server = Server::start(|_| {
        let mut answer = reply(200, who().to_string());
        answer.headers_mut().insert("x-oauth-scopes", http::HeaderValue::from_static("chat:write, users:read.email"));
        answer
    })
    .await;
    let slack = client(&server);
    let told = slack.auth_test(&call()).await.unwrap();
    assert_eq!(
        (told.team_id.as_str(), told.user_id.as_str(), told.bot_id.as_deref()),
        ("T0AAA0001", "U0BOT0001", Some("B0BOT0001"))
    );
    assert_eq!(told.scopes.as_deref(), Some(["chat:write".to_owned(), "users:read.email".to_owned()].as_slice()));
    assert_eq!(slack.who(&call()).await.unwrap(), told);
    assert_eq!(server.heard().len(), 1);
    assert_eq!(server.heard()[0].headers["content-type"], "application/x-www-form-urlencoded");
}

#[tokio::test]
async fn people_are_found_by_address_and_id_or_not_there() {
    let hanako = json!({ "ok": true, "user": { "id": "U0HANAKO1", "team_id": "T0AAA0001", "name": "sato.hanako", "deleted": false,
        "tz": "Asia/Tokyo", "profile": { "email": "sato@example.jp", "real_name": "Sato Hanako" }, "is_bot": false } });
    let server = slack(move |method, heard| match (method, form(heard)[0].1.as_str()) {
        ("users.lookupByEmail", "sato+ops@example.jp") | ("users.info", "U0HANAKO1") => hanako.clone(),
        ("users.lookupByEmail", _) => json!({ "ok": false, "error": "users_not_found" }),
        _ => json!({ "ok": false, "error": "user_not_found" }),
    })
    .await;
    let slack = client(&server);
    let found = slack.person_by_email(&call(), "sato+ops@example.jp").await.unwrap().unwrap();
    assert_eq!(
        (found.id.as_str(), found.real_name.as_deref(), found.email.as_deref()),
        ("U0HANAKO1", Some("Sato Hanako"), Some("sato@example.jp"))
    );
    assert_eq!((found.time_zone.as_deref(), found.is_deleted, found.is_guest), (Some("Asia/Tokyo"), false, false));
    assert_eq!(slack.person_by_email(&call(), "nobody@example.jp").await.unwrap(), None);
    assert_eq!(slack.person(&call(), &UserId::parse("U0HANAKO1").unwrap()).await.unwrap(), Some(found));
    assert_eq!(slack.person(&call(), &UserId::parse("U0NOBODY1").unwrap()).await.unwrap(), None);
    assert_eq!(form(&server.heard()[0]), said(&[("email", "sato+ops@example.jp")]));
}

#[tokio::test]
async fn channels_are_looked_at_and_direct_ones_opened() {
    let server = slack(|method, _| match method {
        "conversations.info" => json!({ "ok": true, "channel": { "id": "C0INCIDENT", "name": "incidents", "is_archived": true, "is_member": true } }),
        _ => json!({ "ok": true, "no_op": true, "already_open": true, "channel": { "id": "D0HANAKO1" } }),
    })
    .await;
    let slack = client(&server);
    let channel = slack.channel(&call(), "C0INCIDENT").await.unwrap();
    assert_eq!(
        (channel.name.as_deref(), channel.is_archived, channel.is_member, channel.is_private),
        (Some("incidents"), true, true, false)
    );
    assert_eq!(slack.open_direct(&call(), &UserId::parse("U0HANAKO1").unwrap()).await.unwrap(), "D0HANAKO1");
    assert_eq!(server.heard()[1].json(), json!({ "users": "U0HANAKO1" }));
}

fn modal() -> Modal {
    let field = Field::Text {
        placeholder: "何をしましたか".into(),
        initial: String::new(),
        is_multiline: true,
        max_chars: 500,
    };
    let input = Input {
        block_id: "text".into(),
        action_id: "note".into(),
        label: "メモ".into(),
        hint: None,
        is_optional: false,
        field,
    };
    Modal {
        callback_id: "note".into(),
        title: "メモを書く".into(),
        submit: "送る".into(),
        close: "やめる".into(),
        private_metadata: "inc:4711".into(),
        notify_on_close: true,
        blocks: vec![Block::Input(input)],
    }
}

#[tokio::test]
async fn a_form_is_opened_for_whoever_pressed() {
    let server = Server::always(200, r#"{"ok":true,"view":{"id":"V0FORM0001"}}"#).await;
    assert_eq!(client(&server).open_modal(&call(), "1.2.abc", &modal()).await.unwrap(), "V0FORM0001");
    let plain = |text: &str| json!({ "type": "plain_text", "text": text, "emoji": false });
    let element = json!({ "type": "plain_text_input", "action_id": "note", "multiline": true, "max_length": 500, "placeholder": plain("何をしましたか") });
    let expected = json!({ "trigger_id": "1.2.abc", "view": { "type": "modal", "callback_id": "note", "title": plain("メモを書く"),
        "submit": plain("送る"), "close": plain("やめる"), "private_metadata": "inc:4711", "notify_on_close": true,
        "blocks": [{ "type": "input", "block_id": "text", "label": plain("メモ"), "optional": false, "element": element }] } });
    assert_eq!(server.heard()[0].json(), expected);
}

#[tokio::test]
async fn a_form_that_could_not_come_back_is_not_opened() {
    let server = Server::always(200, r#"{"ok":true}"#).await;
    for odd in [
        Modal { title: " ".into(), ..modal() },
        Modal { callback_id: String::new(), ..modal() },
        Modal { private_metadata: "x".repeat(3_001), ..modal() },
        Modal { submit: String::new(), ..modal() },
    ] {
        let error = client(&server).open_modal(&call(), "1.2.abc", &odd).await.unwrap_err();
        assert_eq!(error.kind, Kind::BadRequest);
        assert!(error.text.contains("the form will not work"), "{error}");
    }
    assert!(server.heard().is_empty());
}

#[tokio::test]
async fn an_answer_goes_to_the_address_that_came_with_the_press() {
    let server = Server::always(200, "ok").await;
    let address = Secret::new(format!("{}/actions/T0AAA0001/1/made%2Fup?x=a%20b", server.url));
    let slack = client(&server);
    let row = Block::Actions { block_id: "b".into(), elements: vec![Element::Press(Press::new("x", "ack", "1"))] };
    let message = Message { blocks: vec![row], ..hello() };
    for reply in [Reply::Whisper(hello()), Reply::Say(hello()), Reply::Replace(message), Reply::Delete] {
        slack.respond(&call(), &address, &reply).await.unwrap();
    }
    let heard = server.heard();
    assert_eq!((heard[0].path.as_str(), heard[0].query("x")), ("/actions/T0AAA0001/1/made%2Fup", vec!["a b"]));
    assert!(heard.iter().all(|heard| heard.headers.get("authorization").is_none()), "the token is for the API alone");
    let told: Vec<[Value; 3]> = heard
        .iter()
        .map(|heard| ["response_type", "replace_original", "delete_original"].map(|name| heard.json()[name].clone()))
        .collect();
    let expected = [
        [json!("ephemeral"), json!(false), Value::Null],
        [json!("in_channel"), json!(false), Value::Null],
        [Value::Null, json!(true), Value::Null],
        [Value::Null, Value::Null, json!(true)],
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn an_answer_goes_nowhere_else() {
    let server = Server::always(200, "ok").await;
    let elsewhere = Server::always(200, "ok").await;
    let of_slack = Client::new(&Setup::new(Secret::new(TOKEN))).unwrap();
    let other = elsewhere.url.clone();
    let port = server.url.rsplit_once(':').unwrap().1.to_owned();
    for address in [
        format!("{other}/actions/made-up"),
        format!("http://localhost:{port}/actions/made-up"),
        format!("http://user@127.0.0.1:{port}/actions/made-up"),
        format!("https://127.0.0.1:{port}/actions/made-up"),
        "http://hooks.slack.com/actions/made-up".into(),
        "https://hooks.slack.com:8443/actions/made-up".into(),
        "https://hooks.slack.com.example.com/actions/made-up".into(),
        "https://hooks.slack.com@192.0.2.1/actions/made-up".into(),
        "https://slack.com/actions/made-up".into(),
        "https://169.254.169.254/made-up".into(),
        "file:///made-up".into(),
        "made-up".into(),
        String::new(),
    ] {
        for slack in [&client(&server), &of_slack] {
            let error = slack.respond(&call(), &Secret::new(address.clone()), &Reply::Delete).await.unwrap_err();
            assert_eq!(error.kind, Kind::Refused, "{address}");
            shows_no_secret(&error);
        }
    }
    assert!(server.heard().is_empty() && elsewhere.heard().is_empty());
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_final() {
    for (status, body) in [
        (404, "expired_url"),
        (404, ""),
        (404, "<html>gone</html>"),
        (200, r#"{"ok":false,"error":"used_url"}"#),
        (200, r#"{"ok":false,"error":"expired_url"}"#),
        (410, "used_url"),
        (400, "no_text"),
    ] {
        let server = Server::always(status, body).await;
        let address = Secret::new(format!("{}/actions/made-up-0001", server.url));
        let error = client(&server).respond(&call(), &address, &Reply::Delete).await.unwrap_err();
        assert!(matches!(error.to_outcome(call().now, 0), Outcome::Never { .. }), "{status} {body}: {error}");
        shows_no_secret(&error);
    }
    for (status, body) in [(500, ""), (200, "<html>"), (200, "")] {
        let server = Server::always(status, body).await;
        let address = Secret::new(format!("{}/actions/made-up-0001", server.url));
        let error = client(&server).respond(&call(), &address, &Reply::Delete).await.unwrap_err();
        assert!(matches!(error.to_outcome(call().now, 0), Outcome::Unknown { .. }), "{status} {body}: {error}");
    }
}

#[tokio::test]
async fn a_limit_stops_its_own_method_for_as_long_as_slack_says() {
    let server = Server::start(|heard| {
        let (status, body) = match heard.path.as_str() {
            "/api/chat.postMessage" => (429, r#"{"ok":false,"error":"ratelimited"}"#),
            "/api/chat.update" => (200, r#"{"ok":false,"error":"rate_limited"}"#),
            _ => (200, r#"{"ok":true,"channel":{"id":"D0HANAKO1"}}"#),
        };
        let mut answer = reply(status, body);
        answer.headers_mut().insert("retry-after", http::HeaderValue::from_static("30"));
        answer
    })
    .await;
    let slack = client(&server);
    for _ in 0..2 {
        let error = slack.post(&call(), &Post::new("C1", &hello())).await.unwrap_err();
        assert_eq!((error.kind, error.write), (Kind::Limited, true));
        assert!(error.retry_after_ms.is_some_and(|ms| (29_000..=31_000).contains(&ms)), "{error:?}");
        assert!(matches!(error.to_outcome(call().now, 0), Outcome::Later { fault: Fault::Limit, .. }));
        let error = slack.update(&call(), &posted(), &hello(), None).await.unwrap_err();
        assert!(error.retry_after_ms.is_some_and(|ms| (29_000..=31_000).contains(&ms)), "{error:?}");
    }
    slack.open_direct(&call(), &UserId::parse("U0HANAKO1").unwrap()).await.unwrap();
    let paths: Vec<String> = server.heard().into_iter().map(|heard| heard.path).collect();
    assert_eq!(
        paths,
        ["/api/chat.postMessage", "/api/chat.update", "/api/conversations.open"],
        "the second time nothing goes out"
    );
    let stopped: Vec<&str> = slack.stopped(call().now).into_iter().map(|(method, _)| method).collect();
    assert_eq!(stopped, ["chat.postMessage", "chat.update"]);
}

#[tokio::test]
async fn a_channel_takes_one_post_a_second_after_a_burst() {
    let server = Server::always(200, POSTED).await;
    let slack = client(&server);
    let message = hello();
    for channel in ["C1", "C1", "C1", "C2"] {
        slack.post(&call(), &Post::new(channel, &message)).await.unwrap();
    }
    let error = slack.post(&call(), &Post::new("C1", &message)).await.unwrap_err();
    assert_eq!((error.kind, error.retry_after_ms), (Kind::Limited, Some(1_001)));
    assert_eq!(server.heard().len(), 4);
}
