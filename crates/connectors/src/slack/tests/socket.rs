//! Socket Mode against a server of our own: envelopes and their confirmation, the end of a connection, and where we never connect to.

use super::shows_no_secret;
use crate::http::Settings;
use crate::slack::{Envelope, Hello, Inbound, Received, Socket, SocketSetup, Sockets};
use crate::testing::{Server, call, reply};
use crate::{CallError, Kind, Secret};
use futures_util::{SinkExt, StreamExt};
use model::action::{Fault, Outcome};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::{WebSocketStream, accept_async};

const TOKEN: &str = "xapp-made-up-token-0001";

type Wire = WebSocketStream<TcpStream>;

/// The API and, beside it, one WebSocket after another: each says its frames, then tells what it hears.
struct Slack {
    api: Server,
    heard: mpsc::UnboundedReceiver<Frame>,
    _tasks: JoinSet<()>,
}

async fn slack(connections: Vec<Vec<Frame>>) -> Slack {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/link/?ticket=made-up-ticket&app_id=A0APP0001", listener.local_addr().unwrap());
    let api = Server::start(move |_| reply(200, json!({ "ok": true, "url": url }).to_string())).await;
    let (tell, heard) = mpsc::unbounded_channel();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        for frames in connections {
            let (tcp, _) = listener.accept().await.unwrap();
            serve(accept_async(tcp).await.unwrap(), frames, &tell).await;
        }
    });
    Slack { api, heard, _tasks: tasks }
}

async fn serve(mut wire: Wire, frames: Vec<Frame>, tell: &mpsc::UnboundedSender<Frame>) {
    for frame in frames {
        let _ = wire.send(frame).await;
    }
    while let Some(Ok(frame)) = wire.next().await {
        let _ = tell.send(frame);
    }
}

fn frame(value: Value) -> Frame {
    Frame::text(value.to_string())
}

fn hello() -> Frame {
    frame(
        json!({ "type": "hello", "num_connections": 2, "debug_info": { "host": "applink-1", "approximate_connection_time": 18_060 } }),
    )
}

fn envelope(id: &str) -> Frame {
    frame(json!({ "envelope_id": id, "type": "slash_commands", "accepts_response_payload": true, "retry_attempt": 1,
        "retry_reason": "timeout", "payload": { "command": "/arayashiki", "user_id": "U0HANAKO1", "text": "status", "trigger_id": "1.2" } }))
}

fn disconnect(reason: &str) -> Frame {
    frame(json!({ "type": "disconnect", "reason": reason, "debug_info": { "host": "applink-1" } }))
}

fn setup(url: &str, silence_ms: u64) -> SocketSetup {
    SocketSetup { api_url: format!("{url}/api"), silence_ms, ..SocketSetup::new(Secret::new(TOKEN)) }
}

async fn open(slack: &Slack) -> Result<Socket, CallError> {
    Sockets::new(&setup(&slack.api.url, 30_000)).unwrap().open(&call()).await
}

async fn next_envelope(socket: &mut Socket) -> Envelope {
    match socket.next().await.unwrap() {
        Received::Envelope(envelope) => envelope,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn envelopes_come_and_are_confirmed_when_the_caller_says_so() {
    let mut slack =
        slack(vec![vec![hello(), Frame::Ping(b"alive?".to_vec().into()), envelope("e-1"), envelope("e-2")]]).await;
    let mut socket = open(&slack).await.unwrap();
    assert_eq!(socket.hello(), Hello { connections: Some(2), lasts_s: Some(18_060) });
    let (one, two) = (next_envelope(&mut socket).await, next_envelope(&mut socket).await);
    assert_eq!((one.envelope_id.as_str(), one.kind.as_str(), one.accepts_response), ("e-1", "slash_commands", true));
    assert_eq!((one.retry_attempt, one.retry_reason.as_deref()), (1, Some("timeout")));
    assert!(matches!(one.read().unwrap(), Inbound::Command(command) if command.text == "status"));
    socket.ack(&two.envelope_id, Some(&json!({ "text": "ok" }))).await.unwrap();
    socket.ack(&one.envelope_id, None).await.unwrap();
    let mut said = Vec::new();
    while said.len() < 2 {
        match slack.heard.recv().await.unwrap() {
            Frame::Text(text) => said.push(serde_json::from_str::<Value>(&text).unwrap()),
            Frame::Pong(bytes) => assert_eq!(&bytes[..], b"alive?"),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(said, [json!({ "envelope_id": "e-2", "payload": { "text": "ok" } }), json!({ "envelope_id": "e-1" })]);
    let asked = &slack.api.heard()[0];
    assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", "/api/apps.connections.open"));
    assert_eq!(asked.headers["authorization"], format!("Bearer {TOKEN}"));
    let shown = format!("{socket:?} {:?}", setup("https://x", 1));
    assert!(!shown.contains("made-up"), "{shown}");
    socket.close().await;
    assert!(matches!(slack.heard.recv().await, Some(Frame::Close(_))));
}

#[tokio::test]
async fn a_connection_that_is_about_to_end_is_followed_by_another() {
    let slack = slack(vec![
        vec![hello(), disconnect("warning"), envelope("e-1"), Frame::Close(None)],
        vec![hello(), disconnect("refresh_requested")],
    ])
    .await;
    let mut socket = open(&slack).await.unwrap();
    assert!(matches!(socket.next().await.unwrap(), Received::Refresh { reason } if reason == "warning"));
    assert_eq!(next_envelope(&mut socket).await.envelope_id, "e-1", "until it ends it still tells");
    let ended = socket.next().await.unwrap_err();
    assert!(matches!(ended.to_outcome(call().now, 0), Outcome::Later { fault: Fault::Destination, .. }), "{ended}");
    drop(socket);
    let mut second = open(&slack).await.unwrap();
    assert!(matches!(second.next().await.unwrap(), Received::Refresh { reason } if reason == "refresh_requested"));
}

#[tokio::test]
async fn socket_mode_that_is_switched_off_is_final_and_says_what_to_do() {
    for frames in [vec![hello(), disconnect("link_disabled")], vec![disconnect("link_disabled")]] {
        let slack = slack(vec![frames]).await;
        let error = match open(&slack).await {
            Ok(mut socket) => socket.next().await.unwrap_err(),
            Err(error) => error,
        };
        assert!(matches!(error.to_outcome(call().now, 0), Outcome::Never { .. }), "{error}");
        assert!(error.text.contains("switch it on") && error.text.contains("app_token"), "{error}");
    }
}

#[tokio::test]
async fn what_can_not_be_confirmed_is_told_and_ends_nothing() {
    let slack = slack(vec![vec![
        hello(),
        Frame::text("{nonsense"),
        frame(json!({ "type": "tea" })),
        Frame::Binary(vec![0xff, 0].into()),
        frame(json!({ "envelope_id": "e-1", "type": "tea", "retry_attempt": "many", "payload": 7 })),
        frame(json!({ "envelope_id": "e-2", "type": 7 })),
    ]])
    .await;
    let mut socket = open(&slack).await.unwrap();
    for _ in 0..3 {
        assert!(matches!(socket.next().await.unwrap(), Received::Odd(_)));
    }
    let odd = next_envelope(&mut socket).await;
    assert_eq!((odd.kind.as_str(), odd.payload.as_slice(), odd.retry_attempt), ("tea", b"7" as &[u8], 0));
    assert!(odd.read().is_err());
    assert_eq!(next_envelope(&mut socket).await.payload, b"null");
}

#[tokio::test]
async fn a_connection_that_falls_silent_is_asked_and_then_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/link/?ticket=made-up-ticket", listener.local_addr().unwrap());
    let api = Server::start(move |_| reply(200, json!({ "ok": true, "url": url }).to_string())).await;
    let kept = Arc::new(Mutex::new(None));
    let keep = kept.clone();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut wire = accept_async(listener.accept().await.unwrap().0).await.unwrap();
        wire.send(hello()).await.unwrap();
        // Never read again, so that no ping is answered.
        *keep.lock().unwrap() = Some(wire);
    });
    let mut socket = Sockets::new(&setup(&api.url, 50)).unwrap().open(&call()).await.unwrap();
    let error = socket.next().await.unwrap_err();
    assert_eq!((error.kind, error.write), (Kind::Unknown, false));
    assert!(error.text.contains("did not answer in time"), "{error}");
}

#[tokio::test]
async fn a_sign_of_life_keeps_a_quiet_connection() {
    let slack = slack(vec![vec![hello()]]).await;
    let mut socket = Sockets::new(&setup(&slack.api.url, 20)).unwrap().open(&call()).await.unwrap();
    let mut slack = slack;
    let waited = tokio::select! {
        ended = socket.next() => panic!("{ended:?}"),
        asked = async { (slack.heard.recv().await, slack.heard.recv().await, slack.heard.recv().await) } => asked,
    };
    assert!(matches!(waited, (Some(Frame::Ping(_)), Some(Frame::Ping(_)), Some(Frame::Ping(_)))), "{waited:?}");
}

async fn not_opened(answer: Value) -> CallError {
    let api = Server::start(move |_| reply(200, answer.to_string())).await;
    let error = Sockets::new(&setup(&api.url, 30_000)).unwrap().open(&call()).await.unwrap_err();
    shows_no_secret(&error);
    assert!(!error.write);
    error
}

#[tokio::test]
async fn we_connect_to_nobody_but_the_one_who_was_configured() {
    for url in [
        "wss://192.0.2.7/link/?ticket=made-up",
        "ws://localhost/link/?ticket=made-up",
        "wss://user:pw@127.0.0.1/?made-up",
        "http://127.0.0.1/made-up",
        "made-up",
    ] {
        assert_eq!(not_opened(json!({ "ok": true, "url": url })).await.kind, Kind::Refused, "{url}");
    }
    let error = not_opened(json!({ "ok": false, "error": "not_allowed_token_type" })).await;
    assert!(error.kind == Kind::Auth && error.text.contains("xapp-"), "{error}");
    assert_eq!(not_opened(json!({ "ok": true })).await.kind, Kind::Unreadable);
}

#[tokio::test]
async fn what_is_no_websocket_is_something_in_the_way() {
    let page = Server::always(200, "<html>sign in</html>").await;
    let url = page.url.replace("http://", "ws://") + "/link/?ticket=made-up";
    assert_eq!(not_opened(json!({ "ok": true, "url": url })).await.kind, Kind::InTheWay);
    let troubled = Server::always(503, "").await;
    let url = troubled.url.replace("http://", "ws://");
    assert_eq!(not_opened(json!({ "ok": true, "url": url })).await.kind, Kind::Server);
    let nobody = crate::testing::nobody().await.replace("http://", "ws://");
    assert_eq!(not_opened(json!({ "ok": true, "url": nobody })).await.kind, Kind::NoConnection);
}

#[tokio::test]
async fn a_message_that_is_too_large_ends_the_connection() {
    let slack = slack(vec![vec![hello(), Frame::text("x".repeat(70_000))]]).await;
    let http = Settings { max_response_bytes: 60_000, ..Settings::default() };
    let setup = SocketSetup { http, ..setup(&slack.api.url, 30_000) };
    let mut socket = Sockets::new(&setup).unwrap().open(&call()).await.unwrap();
    assert_eq!(socket.next().await.unwrap_err().kind, Kind::TooLarge);
}
