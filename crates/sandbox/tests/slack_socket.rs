//! Socket Mode of the simulated Slack: hello, envelopes to one of several connections, again to another when nobody acknowledges, and
//! disconnects.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod workspace;

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use sandbox::slack::{Limits, Options};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use workspace::Workspace;

type Socket = WebSocketStream<TcpStream>;

async fn url(own: &Workspace) -> String {
    let info = own.slack.info();
    let reply = own.http.post(format!("{}/apps.connections.open", info.api_url)).bearer_auth(&info.app_token).send();
    let told: Value = reply.await.expect("an answer").json().await.expect("JSON");
    told["url"].as_str().expect("an address").to_owned()
}

async fn dial(own: &Workspace, url: &str) -> Result<Socket, String> {
    let address = own.slack.info().url.strip_prefix("http://").expect("an address");
    let stream = TcpStream::connect(address).await.expect("a connection");
    tokio_tungstenite::client_async(url, stream).await.map(|(socket, _)| socket).map_err(|error| error.to_string())
}

/// A connection that has been greeted.
async fn connect(own: &Workspace) -> (Socket, Value) {
    let mut socket = dial(own, &url(own).await).await.expect("a socket");
    let hello = hear(&mut socket).await.expect("hello");
    assert_eq!(hello["type"], "hello");
    (socket, hello)
}

async fn hear(socket: &mut Socket) -> Option<Value> {
    loop {
        let heard = tokio::time::timeout(Duration::from_secs(20), socket.next()).await.expect("something is said");
        match heard?.ok()? {
            Message::Text(text) => return serde_json::from_str(&text).ok(),
            Message::Close(_) => return None,
            _ => {}
        }
    }
}

async fn ack(socket: &mut Socket, envelope: &Value, payload: Value) {
    let mut told = json!({ "envelope_id": envelope["envelope_id"] });
    if !payload.is_null() {
        told["payload"] = payload;
    }
    socket.send(Message::text(told.to_string())).await.expect("it is sent");
}

async fn quick(deadline_ms: u64) -> Workspace {
    Workspace::new(Options { burst: 0, limits: Limits::NONE, deadline_ms, ..Options::default() }).await
}

#[tokio::test]
async fn an_envelope_is_acknowledged_and_its_answer_shown() {
    let own = quick(5_000).await;
    own.with_button("disk full").await;
    let nothing =
        own.slack.control("press", &json!({ "user": "hanako", "channel": "alerts", "action_id": "ack" })).await;
    assert!(nothing.expect_err("no way").contains("no socket is connected"));
    let (mut socket, hello) = connect(&own).await;
    assert_eq!(hello["num_connections"], 1);
    let press = json!({ "user": "hanako", "channel": "alerts", "action_id": "ack" });
    let (told, ()) = tokio::join!(own.control("press", press), async {
        let envelope = hear(&mut socket).await.expect("an envelope");
        assert_eq!((&envelope["type"], &envelope["payload"]["type"]), (&json!("interactive"), &json!("block_actions")));
        ack(&mut socket, &envelope, Value::Null).await;
    });
    assert_eq!(
        (&told["ok"], &told["via"], told["attempts"].as_array().map(Vec::len)),
        (&json!(true), &json!("socket"), Some(1))
    );
    let command = json!({ "user": "hanako", "channel": "alerts", "command": "/arayashiki", "text": "status" });
    let (told, ()) = tokio::join!(own.control("command", command), async {
        let envelope = hear(&mut socket).await.expect("an envelope");
        assert_eq!((&envelope["type"], &envelope["payload"]["text"]), (&json!("slash_commands"), &json!("status")));
        assert_eq!(envelope["accepts_response_payload"], true);
        ack(&mut socket, &envelope, json!({ "text": "all is well" })).await;
    });
    assert_eq!(told["answered"]["did"], "ephemeral");
    assert_eq!(own.slack.effects("slack.ephemeral")[0]["text"], "all is well");
    let event = json!({ "event": { "type": "app_mention" } });
    let (told, ()) = tokio::join!(own.control("event", event), async {
        let envelope = hear(&mut socket).await.expect("an envelope");
        assert_eq!((&envelope["type"], &envelope["payload"]["type"]), (&json!("events_api"), &json!("event_callback")));
        ack(&mut socket, &envelope, Value::Null).await;
    });
    assert_eq!(told["ok"], true);
}

#[tokio::test]
async fn what_one_connection_leaves_lying_goes_to_another() {
    let own = quick(1_000).await;
    own.with_button("disk full").await;
    let (mut first, _) = connect(&own).await;
    let (mut second, hello) = connect(&own).await;
    assert_eq!(hello["num_connections"], 2);
    let press = json!({ "user": "hanako", "channel": "alerts", "action_id": "ack" });
    let (told, ids) = tokio::join!(own.control("press", press.clone()), async {
        let seen = tokio::join!(hear(&mut first), hear(&mut second));
        let (one, other) = (seen.0.expect("an envelope"), seen.1.expect("an envelope"));
        let is_first = one["retry_attempt"].is_null();
        let (first_sent, again) = if is_first { (&one, &other) } else { (&other, &one) };
        assert_eq!((&again["retry_attempt"], &again["retry_reason"]), (&json!(1), &json!("timeout")));
        let ids = (first_sent["envelope_id"].clone(), again["envelope_id"].clone());
        let by = if is_first { &mut second } else { &mut first };
        ack(by, again, Value::Null).await;
        ids
    });
    assert_eq!(ids.0, ids.1);
    assert_eq!((&told["ok"], &told["attempts"][0]["acked_by"]), (&json!(true), &json!(null)), "{told}");
    drop((first, second));
}

#[tokio::test]
async fn an_envelope_waits_for_the_next_connection() {
    let own = quick(20_000).await;
    own.with_button("disk full").await;
    let (mut socket, _) = connect(&own).await;
    let press = json!({ "user": "hanako", "channel": "alerts", "action_id": "ack" });
    let (told, ()) = tokio::join!(own.control("press", press), async {
        hear(&mut socket).await.expect("an envelope");
        drop(socket);
        let (mut next, _) = connect(&own).await;
        let envelope = hear(&mut next).await.expect("an envelope");
        ack(&mut next, &envelope, Value::Null).await;
    });
    assert_eq!((&told["ok"], told["attempts"].as_array().map(Vec::len)), (&json!(true), Some(2)), "{told}");
}

#[tokio::test]
async fn disconnects_are_announced_and_tickets_are_good_once() {
    let own = quick(5_000).await;
    let ticket = url(&own).await;
    let mut socket = dial(&own, &ticket).await.expect("a socket");
    hear(&mut socket).await.expect("hello");
    assert!(dial(&own, &ticket).await.expect_err("only once").contains("401"));
    own.control("socket", json!({ "act": "warning" })).await;
    assert_eq!(hear(&mut socket).await.expect("a warning")["reason"], "warning");
    own.control("socket", json!({ "act": "refresh_requested" })).await;
    assert_eq!(hear(&mut socket).await.expect("an end")["reason"], "refresh_requested");
    assert!(hear(&mut socket).await.is_none());
    let (mut socket, _) = connect(&own).await;
    own.control("socket", json!({ "act": "drop" })).await;
    assert!(hear(&mut socket).await.is_none());
    own.control("advance", json!({ "seconds": 1 })).await;
    let old = url(&own).await;
    own.control("advance", json!({ "seconds": 31 })).await;
    assert!(dial(&own, &old).await.expect_err("too old").contains("401"));
}
