//! What people do in the simulated Slack, as the app hears of it over HTTP: signed, watched by the clock, answered, sent again.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod workspace;

use hmac::{Hmac, KeyInit, Mac};
use sandbox::slack::{Limits, Options};
use serde_json::{Value, json};
use sha2::Sha256;
use workspace::{App, Came, Workspace};

async fn with_app(app: &App) -> Workspace {
    let url = Some(app.url.clone());
    let options = Options {
        burst: 0,
        limits: Limits::NONE,
        interactions_url: url.clone(),
        commands_url: url.clone(),
        events_url: url,
        deadline_ms: 20_000,
        event_retry_ms: [1, 1, 1],
        ..Options::default()
    };
    Workspace::new(options).await
}

/// As the vendor describes it: `v0:` time `:` body, keyed with the secret.
fn is_signed(own: &Workspace, came: &Came) -> bool {
    let base = format!("v0:{}:{}", came.headers["x-slack-request-timestamp"], came.body);
    let mut mac = Hmac::<Sha256>::new_from_slice(own.slack.info().signing_secret.as_bytes()).expect("a key");
    mac.update(base.as_bytes());
    came.headers["x-slack-signature"] == format!("v0={}", hex::encode(mac.finalize().into_bytes()))
}

fn stamp(came: &Came) -> i64 {
    came.headers["x-slack-request-timestamp"].parse().expect("seconds")
}

#[tokio::test]
async fn a_press_carries_the_message_as_it_stands() {
    let app = App::new([]).await;
    let own = with_app(&app).await;
    let ts = own.with_button("disk full").await;
    let told = own.control("press", json!({ "user": "hanako", "channel": "alerts", "action_id": "ack" })).await;
    assert_eq!((&told["ok"], &told["status"], &told["via"]), (&json!(true), &json!(200), &json!("http")), "{told}");
    let came = &app.all()[0];
    assert!(is_signed(&own, came));
    assert_eq!(came.headers["content-type"], "application/x-www-form-urlencoded");
    let payload = came.payload();
    assert_eq!((&payload["type"], &payload["user"]["id"]), (&json!("block_actions"), &json!(own.user("hanako"))));
    assert_eq!(
        payload["container"],
        json!({ "type": "message", "message_ts": ts, "channel_id": own.alerts(), "is_ephemeral": false })
    );
    let action = &payload["actions"][0];
    assert_eq!(
        (&action["action_id"], &action["block_id"], &action["value"]),
        (&json!("ack"), &json!("inc:4711"), &json!("4711"))
    );
    assert_eq!(payload["message"]["blocks"][0]["text"]["text"], "*disk full* on web01");
    own.api("chat.update", json!({ "channel": own.alerts(), "ts": ts, "text": "resolved" })).await;
    let gone = own.slack.control("press", &json!({ "user": "hanako", "channel": "alerts", "action_id": "ack" })).await;
    assert!(gone.expect_err("no button is left").contains("no message in alerts"));
    let kept = &own.slack.effects("slack.callback");
    assert_eq!((kept.len(), &kept[0]["what"], &kept[0]["ts"]), (1, &json!("block_actions"), &json!(ts)));
}

#[tokio::test]
async fn a_slow_or_failing_app_is_seen_and_not_asked_again() {
    let app = App::new([None, Some((500, "no"))]).await;
    let own = with_app(&app).await;
    own.with_button("disk full").await;
    let press = json!({ "user": "hanako", "channel": "alerts", "action_id": "ack" });
    own.control("set", json!({ "deadline_ms": 100 })).await;
    let slow = own.control("press", press.clone()).await;
    own.control("set", json!({ "deadline_ms": 20_000 })).await;
    assert_eq!((&slow["ok"], &slow["in_time"], &slow["status"]), (&json!(false), &json!(false), &json!(null)));
    let failing = own.control("press", press).await;
    assert_eq!((&failing["ok"], &failing["in_time"], &failing["status"]), (&json!(false), &json!(true), &json!(500)));
    assert_eq!(app.all().len(), 2);
    let page = own.page("/channel/alerts?as=hanako").await;
    assert!(page.contains("ack did not work: status 500"), "{page}");
}

#[tokio::test]
async fn forged_old_and_replayed_requests_can_be_made() {
    let app = App::new([]).await;
    let own = with_app(&app).await;
    own.with_button("disk full").await;
    let press = |more: Value| {
        let mut body = json!({ "user": "hanako", "channel": "alerts", "action_id": "ack" });
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        body
    };
    let first = own.control("press", press(json!({}))).await;
    own.control("press", press(json!({ "wrong_signature": true }))).await;
    own.control("press", press(json!({ "skew_s": -301 }))).await;
    own.control("replay", json!({ "id": first["id"] })).await;
    let all = app.all();
    assert_eq!(all.iter().map(|came| is_signed(&own, came)).collect::<Vec<_>>(), [true, false, true, true]);
    assert!((300..=302).contains(&(stamp(&all[0]) - stamp(&all[2]))), "{} {}", stamp(&all[0]), stamp(&all[2]));
    assert_eq!(
        (&all[3].body, &all[3].headers["x-slack-signature"]),
        (&all[0].body, &all[0].headers["x-slack-signature"])
    );
    let kept = own.slack.effects("slack.callback");
    assert_eq!(kept[3]["replay_of"], first["id"]);
}

#[tokio::test]
async fn a_command_is_answered_at_once_or_later() {
    let said = r#"{"response_type":"ephemeral","text":"nobody is on call"}"#;
    let app = App::new([
        Some((200, said)),
        Some((200, "")),
        Some((200, r#"{"response_type":"in_channel","text":"for all"}"#)),
    ])
    .await;
    let own = with_app(&app).await;
    let command = json!({ "user": "yoko", "channel": "alerts", "command": "/arayashiki", "text": "status 障害" });
    let told = own.control("command", command.clone()).await;
    assert_eq!(told["answered"]["did"], "ephemeral");
    let fields = app.all()[0].fields();
    assert_eq!(
        (fields["command"].as_str(), fields["text"].as_str(), fields["user_name"].as_str()),
        ("/arayashiki", "status 障害", "yoko")
    );
    assert!(is_signed(&own, &app.all()[0]));
    assert_eq!(own.control("command", command.clone()).await["answered"], json!(null));
    assert_eq!(own.control("command", command).await["answered"]["did"], "posted");
    let only = &own.slack.effects("slack.ephemeral")[0];
    assert_eq!((&only["only_for"], &only["text"]), (&json!(own.user("yoko")), &json!("nobody is on call")));
    assert!(own.page("/channel/alerts?as=yoko").await.contains("nobody is on call"));
    assert!(!own.page("/channel/alerts?as=hanako").await.contains("nobody is on call"));
}

#[tokio::test]
async fn a_response_url_is_good_for_five_uses_and_half_an_hour() {
    let app = App::new([]).await;
    let own = with_app(&app).await;
    let ts = own.with_button("disk full").await;
    let press = async || {
        own.control("press", json!({ "user": "hanako", "channel": "alerts", "action_id": "ack", "ts": ts })).await;
        app.all().last().expect("a press").payload()["response_url"].as_str().expect("an address").to_owned()
    };
    let answer = async |url: &str, body: Value| {
        let reply = own.http.post(url).body(body.to_string()).send().await.expect("an answer");
        (reply.status().as_u16(), reply.text().await.expect("a text"))
    };
    let url = press().await;
    let changed = json!({ "replace_original": true, "text": "taken", "blocks": workspace::buttons() });
    assert_eq!(answer(&url, changed).await, (200, "ok".into()));
    assert_eq!(own.slack.effects("slack.updated")[0]["ts"], json!(ts));
    assert_eq!(answer(&url, json!({ "text": "only you" })).await.0, 200);
    assert_eq!(answer(&url, json!({ "text": "all", "response_type": "in_channel", "thread_ts": ts })).await.0, 200);
    assert_eq!(answer(&url, json!({})).await, (400, r#"{"error":"no_text","ok":false}"#.into()));
    assert_eq!(answer(&url, json!({ "text": "fifth" })).await.0, 200);
    let (status, word) = answer(&url, json!({ "text": "sixth" })).await;
    assert!(status == 404 && word.contains("used_url"), "{word}");
    let uses: Vec<Value> = own.slack.effects("slack.responded").iter().map(|e| e["did"].clone()).collect();
    assert_eq!(uses, [json!("updated"), json!("ephemeral"), json!("posted"), json!("ephemeral")]);
    assert_eq!(own.slack.messages()[1]["thread_ts"], json!(ts));
    let (second, third) = (press().await, press().await);
    assert_eq!(answer(&second, json!({ "delete_original": true })).await.0, 200);
    assert_eq!(own.slack.effects("slack.deleted").len(), 1);
    own.control("advance", json!({ "seconds": 1800 })).await;
    let (status, word) = answer(&third, json!({ "text": "late" })).await;
    assert!(status == 404 && word.contains("expired_url"), "{word}");
}

#[tokio::test]
async fn a_view_is_opened_with_a_fresh_trigger_and_sent() {
    let errors = r#"{"response_action":"errors","errors":{"note":"say more"}}"#;
    let app = App::new([Some((200, "")), Some((200, "")), Some((200, errors)), Some((200, ""))]).await;
    let own = with_app(&app).await;
    own.with_button("disk full").await;
    let press = json!({ "user": "hanako", "channel": "alerts", "action_id": "ack" });
    own.control("press", press.clone()).await;
    own.control("press", press).await;
    let triggers: Vec<Value> = app.all().iter().map(|c| c.payload()["trigger_id"].clone()).collect();
    let input = json!({ "type": "input", "block_id": "note", "label": { "type": "plain_text", "text": "Note" }, "element": { "type": "plain_text_input", "action_id": "text" } });
    let view = json!({ "type": "modal", "callback_id": "note", "private_metadata": "4711", "title": { "type": "plain_text", "text": "Note" }, "blocks": [input] });
    // However slow this machine is, the first trigger is fresh.
    own.control("advance", json!({ "seconds": -60 })).await;
    let opened = own.api("views.open", json!({ "trigger_id": triggers[0], "view": view })).await;
    assert_eq!(opened["ok"], true, "{opened}");
    assert_eq!(
        own.api("views.open", json!({ "trigger_id": triggers[0], "view": view })).await["error"],
        "exchanged_trigger_id"
    );
    assert!(own.page("/channel/alerts?as=hanako").await.contains("name=\"/values/note/text\""));
    own.control("advance", json!({ "seconds": 64 })).await;
    assert_eq!(
        own.api("views.open", json!({ "trigger_id": triggers[1], "view": view })).await["error"],
        "expired_trigger_id"
    );
    let submit =
        json!({ "user": "hanako", "view": opened["view"]["id"], "values": { "note": { "text": "rebooted" } } });
    let told = own.control("submit", submit.clone()).await;
    assert_eq!(told["answered"]["errors"]["note"], "say more");
    let payload = app.all()[2].payload();
    assert_eq!((&payload["type"], &payload["view"]["private_metadata"]), (&json!("view_submission"), &json!("4711")));
    assert_eq!(
        payload["view"]["state"]["values"]["note"]["text"],
        json!({ "type": "plain_text_input", "value": "rebooted" })
    );
    assert_eq!(own.control("submit", submit.clone()).await["answered"]["action"], "close");
    assert!(own.slack.control("submit", &submit).await.is_err(), "it is closed");
}

#[tokio::test]
async fn an_event_is_sent_again_until_it_is_taken() {
    let app = App::new([Some((500, "")), None, Some((200, "")), Some((410, ""))]).await;
    let own = with_app(&app).await;
    own.control("set", json!({ "deadline_ms": 1_500 })).await;
    let event = json!({ "event": { "type": "app_mention", "text": "hello" }, "wait": true });
    let told = own.control("event", event.clone()).await;
    assert_eq!((&told["ok"], told["attempts"].as_array().map(Vec::len)), (&json!(true), Some(3)), "{told}");
    let retries: Vec<(Option<String>, Option<String>)> = app
        .all()
        .iter()
        .map(|c| (c.headers.get("x-slack-retry-num").cloned(), c.headers.get("x-slack-retry-reason").cloned()))
        .collect();
    let some = |n: &str, why: &str| (Some(n.to_owned()), Some(why.to_owned()));
    assert_eq!(retries, [(None, None), some("1", "http_error"), some("2", "http_timeout")]);
    let ids: Vec<Value> =
        app.all().iter().map(|c| serde_json::from_str::<Value>(&c.body).expect("JSON")["event_id"].clone()).collect();
    assert!(ids.iter().all(|id| *id == told["event_id"]) && app.all().iter().all(|c| is_signed(&own, c)));
    let refused = own.control("event", event).await;
    assert_eq!(refused["attempts"].as_array().map(Vec::len), Some(1), "the app wanted no retry");
}

#[tokio::test]
async fn an_address_for_events_is_verified() {
    let app = App::new([Some((200, "nonsense"))]).await;
    let own = with_app(&app).await;
    assert_eq!(own.control("verify", json!({})).await["verified"], false);
    let asked: Value = serde_json::from_str(&app.all()[0].body).expect("JSON");
    assert_eq!(asked["type"], "url_verification");
    let said = own.control("say", json!({ "user": "ken", "channel": "alerts", "text": "hello", "event": true })).await;
    let event: Value = serde_json::from_str(&app.all()[1].body).expect("JSON");
    assert_eq!((&event["event"]["ts"], &event["event"]["channel_type"]), (&said["ts"], &json!("channel")));
}
