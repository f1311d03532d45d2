//! Socket Mode: connections with a ticket, envelopes that go to one of them and again to another until they are acknowledged, and
//! disconnects as Slack announces them. What an envelope carries is built elsewhere.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::deliver::{Got, Parcel};
use super::world::World;
use super::{Slack, locked};
use crate::web::{Ask, Told};

const TICKET_MS: i64 = 30_000;
const MOST_CONNECTIONS: usize = 10;
const MOST_ATTEMPTS: usize = 4;

type Stream = WebSocketStream<TokioIo<Upgraded>>;

#[derive(Debug, Default)]
pub(super) struct Sockets {
    inner: Mutex<Inner>,
    /// Rises when a connection comes or goes.
    changed: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Inner {
    last: u64,
    lines: Vec<Line>,
    waiting: HashMap<String, oneshot::Sender<(u64, Value)>>,
    turn: usize,
}

#[derive(Debug, Clone)]
struct Line {
    number: u64,
    out: mpsc::UnboundedSender<Out>,
}

#[derive(Debug)]
enum Out {
    Text(String),
    Close,
    /// Ends without a word.
    Drop,
}

impl Sockets {
    pub(super) fn count(&self) -> usize {
        locked(&self.inner).lines.len()
    }

    fn join(&self) -> (u64, mpsc::UnboundedReceiver<Out>, usize) {
        let (out, queue) = mpsc::unbounded_channel();
        let mut inner = locked(&self.inner);
        inner.last += 1;
        let number = inner.last;
        inner.lines.push(Line { number, out });
        (number, queue, inner.lines.len())
    }

    fn announce(&self) {
        self.changed.send_modify(|n| *n += 1);
    }

    fn leave(&self, number: u64) {
        locked(&self.inner).lines.retain(|line| line.number != number);
        self.announce();
    }

    /// The next in turn, rather one that has not had this envelope yet.
    fn pick(&self, tried: &[u64]) -> Option<Line> {
        let mut inner = locked(&self.inner);
        inner.turn += 1;
        let turn = inner.turn;
        let fresh: Vec<&Line> = inner.lines.iter().filter(|l| !tried.contains(&l.number)).collect();
        let of = if fresh.is_empty() { inner.lines.iter().collect() } else { fresh };
        (!of.is_empty()).then(|| of[turn % of.len()].clone())
    }

    fn has(&self, number: u64) -> bool {
        locked(&self.inner).lines.iter().any(|l| l.number == number)
    }

    fn hear(&self, number: u64, text: &str) {
        let Ok(told) = serde_json::from_str::<Value>(text) else { return };
        let waiting = told["envelope_id"].as_str().and_then(|id| locked(&self.inner).waiting.remove(id));
        if let Some(waiting) = waiting {
            // Whoever waited may have given up.
            let _gone = waiting.send((number, told["payload"].clone()));
        }
    }

    pub(super) fn shown(&self) -> Value {
        let numbers: Vec<u64> = locked(&self.inner).lines.iter().map(|l| l.number).collect();
        json!({ "connections": numbers })
    }

    /// Announces the end of one connection or of all, or ends them without a word.
    pub(super) fn disconnect(&self, act: &str, connection: Option<u64>) -> Result<Value, String> {
        let lines: Vec<Line> = locked(&self.inner).lines.clone();
        let wanted: Vec<&Line> = lines.iter().filter(|l| connection.is_none_or(|n| n == l.number)).collect();
        if !["warning", "refresh_requested", "link_disabled", "drop"].contains(&act) {
            return Err("act is warning, refresh_requested, link_disabled or drop".into());
        }
        let say = |out: &mpsc::UnboundedSender<Out>, what: Out| drop(out.send(what));
        for line in &wanted {
            if act == "drop" {
                say(&line.out, Out::Drop);
                continue;
            }
            say(
                &line.out,
                Out::Text(
                    json!({ "type": "disconnect", "reason": act, "debug_info": { "host": "applink-1" } }).to_string(),
                ),
            );
            if act != "warning" {
                say(&line.out, Out::Close);
            }
        }
        Ok(json!({ "told": wanted.iter().map(|l| l.number).collect::<Vec<_>>() }))
    }
}

/// 101 for an address that was given out and not used yet.
pub(super) fn admit(world: &mut World, ask: &Ask) -> Told {
    let now = world.now;
    let is_good = |(ticket, made): &(String, jiff::Timestamp)| {
        Some(ticket.as_str()) == ask.one("ticket") && now.as_millisecond() - made.as_millisecond() <= TICKET_MS
    };
    let Some(place) = world.tickets.iter().position(is_good) else {
        return Told::text(401, "this ticket is unknown, used or too old; ask apps.connections.open for another");
    };
    let Some(key) = ask.header("sec-websocket-key") else {
        return Told::text(400, "this address speaks WebSocket");
    };
    world.tickets.remove(place);
    let accept = tokio_tungstenite::tungstenite::handshake::derive_accept_key(key.as_bytes());
    let told = Told { status: 101, headers: Vec::new(), body: bytes::Bytes::new() };
    told.with("connection", "Upgrade").with("upgrade", "websocket").with("sec-websocket-accept", &accept)
}

impl Slack {
    pub(super) async fn talk(&self, upgraded: Upgraded) {
        let mut stream = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, None).await;
        if self.sockets.count() >= MOST_CONNECTIONS {
            let told = json!({ "type": "disconnect", "reason": "too_many_websockets" });
            // It is told and forgotten, whether it hears it or not.
            let _gone = stream.send(Frame::text(told.to_string())).await;
            let _gone = stream.close(None).await;
            return;
        }
        let (number, mut queue, count) = self.sockets.join();
        let app_id = self.with(|world| world.app.id.clone());
        let hello = json!({
            "type": "hello", "num_connections": count, "connection_info": { "app_id": app_id },
            "debug_info": { "host": "applink-1", "build_number": 1, "approximate_connection_time": 18_060 },
        });
        // Only after hello may an envelope come.
        if stream.send(Frame::text(hello.to_string())).await.is_ok() {
            self.sockets.announce();
            self.converse(number, &mut queue, &mut stream).await;
        }
        self.sockets.leave(number);
    }

    async fn converse(&self, number: u64, queue: &mut mpsc::UnboundedReceiver<Out>, stream: &mut Stream) {
        loop {
            tokio::select! {
                out = queue.recv() => match out {
                    Some(Out::Text(text)) => {
                        if stream.send(Frame::text(text)).await.is_err() {
                            return;
                        }
                    }
                    Some(Out::Close) => {
                        // The other side may have gone first.
                        let _gone = stream.close(None).await;
                        return;
                    }
                    Some(Out::Drop) | None => return,
                },
                heard = stream.next() => match heard {
                    Some(Ok(Frame::Text(text))) => self.sockets.hear(number, &text),
                    Some(Ok(Frame::Close(_)) | Err(_)) | None => return,
                    Some(Ok(_)) => {}
                },
            }
        }
    }

    /// Sends the envelope until somebody has acknowledged it.
    pub(super) async fn by_socket(&self, parcel: &Parcel) -> Got {
        let (id, deadline_ms) = self.with(|world| (world.dice.uuid(), world.deadline_ms));
        let deadline = Duration::from_millis(deadline_ms);
        let (heard, mut ack) = oneshot::channel();
        locked(&self.sockets.inner).waiting.insert(id.clone(), heard);
        let mut got = Got { id: id.clone(), ..Got::default() };
        let mut tried: Vec<u64> = Vec::new();
        for attempt in 0..MOST_ATTEMPTS {
            let Some(line) = self.line(&tried, deadline).await else {
                (got.error, got.reason) = (Some("no socket is connected".into()), Some("connection_failed"));
                break;
            };
            let began = Instant::now();
            let envelope = envelope(parcel, &id, attempt);
            // A line that has just ended is noticed below.
            let _gone = line.out.send(Out::Text(envelope.to_string()));
            tried.push(line.number);
            let end = self.wait_for_ack(&mut ack, line.number, deadline).await;
            got.took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
            let by = end.as_ref().ok().map(|(number, _)| *number);
            got.attempts.push(json!({ "connection": line.number, "acked_by": by, "took_ms": got.took_ms }));
            match end {
                Ok((_, payload)) => {
                    got.is_well = true;
                    (got.error, got.reason) = (None, None);
                    got.body = if payload.is_null() { Vec::new() } else { payload.to_string().into_bytes() };
                    break;
                }
                Err(reason) => (got.error, got.reason) = (Some("not acknowledged".into()), Some(reason)),
            }
        }
        locked(&self.sockets.inner).waiting.remove(&id);
        got
    }

    /// A connection to send on; waits for one when there is none just now.
    async fn line(&self, tried: &[u64], wait: Duration) -> Option<Line> {
        let mut changes = self.sockets.changed.subscribe();
        let found = async {
            loop {
                if let Some(line) = self.sockets.pick(tried) {
                    return Some(line);
                }
                changes.changed().await.ok()?;
            }
        };
        tokio::time::timeout(wait, found).await.ok().flatten()
    }

    async fn wait_for_ack(
        &self,
        ack: &mut oneshot::Receiver<(u64, Value)>,
        number: u64,
        deadline: Duration,
    ) -> Result<(u64, Value), &'static str> {
        let mut changes = self.sockets.changed.subscribe();
        let ended = async {
            while self.sockets.has(number) {
                if changes.changed().await.is_err() {
                    break;
                }
            }
        };
        tokio::select! {
            biased;
            heard = ack => heard.map_err(|_| "unknown_error"),
            () = ended => Err("connection_failed"),
            () = tokio::time::sleep(deadline) => Err("http_timeout"),
        }
    }
}

fn envelope(parcel: &Parcel, id: &str, attempt: usize) -> Value {
    let mut envelope = json!({
        "envelope_id": id, "type": parcel.envelope, "payload": parcel.payload, "accepts_response_payload": parcel.takes_answer,
    });
    if parcel.envelope == "events_api" || attempt > 0 {
        envelope["retry_attempt"] = json!(attempt);
        envelope["retry_reason"] = json!(if attempt > 0 { "timeout" } else { "" });
    }
    envelope
}
