//! The listener: reads a request, plays the scripted trouble around it, applies it and answers. A cut ends the connection
//! at the point that the fault names; whether the effect has happened by then is part of the name.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::stream;
use http::{Request, Response};
use http_body_util::{BodyExt, StreamBody, combinators::BoxBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::call::{Call, Reply};
use super::clock::plus_ms;
use super::disaster::Spoil;
use super::effects::Effect;
use super::faults::{Do, OutageMode, Point, Surface};
use super::hub::Hub;
use super::state::{State, Timer};
use super::{control, events, rest};

/// More than any request that the vendor takes; what is longer is read no further.
const MAX_READ_BYTES: usize = 4 * 1024 * 1024;
/// How long the first half of a reply is given to leave before the connection ends.
const HALF_REPLY: Duration = Duration::from_millis(50);

/// The end of a connection without a (whole) answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection was cut")]
pub(crate) struct Cut;

type Body = BoxBody<Bytes, Cut>;

pub(crate) async fn serve(hub: Arc<Hub>, listener: TcpListener) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let hub = Arc::clone(&hub);
                    connections.spawn(async move {
                        let service = service_fn(|request| exchange(Arc::clone(&hub), request));
                        // A connection that ends early is everyday life here.
                        let _ended = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Applies a REST or Events call to the account; also what a late effect runs.
pub(crate) fn apply(state: &mut State, call: &Call) -> Reply {
    match surface_of(&call.path) {
        Surface::Events => events::handle(state, call),
        _ => rest::handle(state, call),
    }
}

fn surface_of(path: &str) -> Surface {
    if path.starts_with("/v2/") { Surface::Events } else { Surface::Rest }
}

/// Every reply is dated by the sandbox's clock.
async fn exchange(hub: Arc<Hub>, request: Request<Incoming>) -> Result<Response<Body>, Cut> {
    let mut response = answer(Arc::clone(&hub), request).await?;
    if let Ok(date) = http::HeaderValue::try_from(hub.clock.date()) {
        response.headers_mut().entry(http::header::DATE).or_insert(date);
    }
    Ok(response)
}

async fn answer(hub: Arc<Hub>, request: Request<Incoming>) -> Result<Response<Body>, Cut> {
    let (head, mut incoming) = request.into_parts();
    let mut call = Call::new(&head.method, &head.uri, &head.headers);
    if call.segment(0) == "_control" {
        call.body = read(&mut incoming).await?;
        return finish(&hub, control_call(&hub, &call).await, &Do::default()).await;
    }
    let surface = surface_of(&call.path);
    if surface == Surface::Rest {
        hub.peek(|state| state.access.count(&call));
    }
    if let Some(mode) = hub.peek(|state| state.faults.outage.on(surface)) {
        if surface == Surface::Events {
            // Their senders are told nothing or 503, whatever they sent; that is an effect too.
            hub.with(|state| events::note_rejected(state, &call, &serde_json::json!(mode)));
        }
        return out_of_order(&hub, surface, mode).await;
    }
    let trouble = hub.peek(|state| state.faults.hit(surface, call.method.as_str(), &call.path)).unwrap_or_default();
    stop_here(&trouble, Point::BeforeRead)?;
    if trouble.ends_at(Point::MidBody) {
        // A request without a body is cut here all the same.
        let _half = incoming.frame().await;
        stop_here(&trouble, Point::MidBody)?;
    }
    call.body = read(&mut incoming).await?;
    let spoilt = hub.peek(|state| spoil(state, surface, &call));
    let was_spoilt = spoilt.is_some();
    let trouble = spoilt.unwrap_or(trouble);
    if let Some(delay_ms) = trouble.delay_ms {
        tokio::time::sleep(Duration::from_millis(delay_ms)).await;
    }
    if trouble.ends_at(Point::MidBody) {
        return silent_end(&hub).await;
    }
    if let Some(status) = trouble.status {
        if surface == Surface::Events && !was_spoilt {
            hub.with(|state| events::note_rejected(state, &call, &serde_json::json!(status)));
        }
        if surface == Surface::Rest && !was_spoilt {
            hub.with(|state| note_refused(state, &call, status));
        }
        return finish(&hub, scripted(status, &trouble), &Do::default()).await;
    }
    call.stale = trouble.stale;
    call.appear_ms = trouble.appear_ms;
    if let Some(late_ms) = trouble.late_ms {
        let due = plus_ms(hub.clock.now(), i64::try_from(late_ms).unwrap_or(i64::MAX));
        hub.with(|state| state.at(due, Timer::Late(Box::new(call))));
        return Err(Cut);
    }
    let reply = hub.with(|state| apply(state, &call));
    finish(&hub, reply, &trouble).await
}

/// When somebody was refused is what tells whether he kept to the wait.
fn note_refused(state: &mut State, call: &Call, status: u16) {
    let detail = json!({ "method": call.method.as_str(), "path": call.path, "status": status });
    state.record(&Effect { kind: "rest.refused", via: "rest", detail, ..Effect::default() });
}

/// What a scripted outage does to this request. Whatever an event's caller is told is on disk first.
fn spoil(state: &mut State, surface: Surface, call: &Call) -> Option<Do> {
    if surface == Surface::Rest {
        return state.spoil_rest(call.method.as_str(), &call.path);
    }
    let event = serde_json::from_slice::<Value>(&call.body).unwrap_or_default();
    let key = event["dedup_key"].as_str().or(event["payload"]["summary"].as_str()).unwrap_or_default();
    let (act, how) = state.spoil_event(key)?;
    if how != Spoil::CutAfter {
        events::note_rejected(state, call, &how.told());
    }
    Some(act)
}

fn stop_here(trouble: &Do, point: Point) -> Result<(), Cut> {
    trouble.kill(point);
    if trouble.ends_at(point) { Err(Cut) } else { Ok(()) }
}

async fn read(incoming: &mut Incoming) -> Result<Bytes, Cut> {
    let mut body = BytesMut::new();
    while let Some(frame) = incoming.frame().await {
        if let Some(data) = frame.map_err(|_| Cut)?.data_ref() {
            body.extend_from_slice(data);
        }
        if body.len() > MAX_READ_BYTES {
            return Err(Cut);
        }
    }
    Ok(body.freeze())
}

async fn out_of_order(hub: &Hub, surface: Surface, mode: OutageMode) -> Result<Response<Body>, Cut> {
    match mode {
        OutageMode::Refuse => Err(Cut),
        OutageMode::Error => Ok(whole(scripted(503, &Do::default()))),
        OutageMode::Hang => {
            let mut changes = hub.changes();
            while hub.peek(|state| state.faults.outage.on(surface)) == Some(OutageMode::Hang) {
                if changes.changed().await.is_err() {
                    break;
                }
            }
            Err(Cut)
        }
    }
}

/// The connection ends without an answer, once what is known of it is on disk.
async fn silent_end(hub: &Arc<Hub>) -> Result<Response<Body>, Cut> {
    let effects = hub.peek(|state| state.effects.all.len());
    if let Err(error) = hub.persist(effects).await {
        tracing::error!(%error, "the effects log cannot be written");
    }
    Err(Cut)
}

fn scripted(status: u16, trouble: &Do) -> Reply {
    let mut reply = match &trouble.body {
        Some(body) => Reply::json(status, body),
        None => Reply::empty(status),
    };
    reply.headers.extend(trouble.headers.clone());
    reply
}

/// Waits for the log, then answers: whole, half or not at all.
async fn finish(hub: &Arc<Hub>, reply: Reply, trouble: &Do) -> Result<Response<Body>, Cut> {
    let effects = hub.peek(|state| state.effects.all.len());
    if let Err(error) = hub.persist(effects).await {
        tracing::error!(%error, "the effects log cannot be written, so the reply is withheld");
        return Err(Cut);
    }
    stop_here(trouble, Point::AfterEffect)?;
    if trouble.ends_at(Point::MidReply) {
        return Ok(half(reply, trouble.clone()));
    }
    Ok(whole(reply))
}

fn response(reply: &Reply, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() =
        http::StatusCode::from_u16(reply.status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in &reply.headers {
        if let (Ok(name), Ok(value)) = (http::HeaderName::try_from(name), http::HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

fn whole(reply: Reply) -> Response<Body> {
    let body = http_body_util::Full::new(reply.body.clone()).map_err(|never: Infallible| match never {});
    response(&reply, BoxBody::new(body))
}

/// Promises the whole length, sends half of it and ends.
fn half(reply: Reply, trouble: Do) -> Response<Body> {
    let first = reply.body.slice(..reply.body.len() / 2);
    let frames = stream::unfold(Some((first, trouble)), |state| async move {
        let (first, trouble) = state?;
        if !first.is_empty() {
            return Some((Ok(Frame::data(first)), Some((Bytes::new(), trouble))));
        }
        tokio::time::sleep(HALF_REPLY).await;
        trouble.kill(Point::MidReply);
        Some((Err(Cut), None))
    });
    let mut response = response(&reply, BoxBody::new(StreamBody::new(frames)));
    response.headers_mut().insert(http::header::CONTENT_LENGTH, reply.body.len().max(1).into());
    response
}

/// `idle?wait_ms=…` answers as soon as nothing is pending, monitors when they have sent, a press when it was answered; every other control answers at once.
async fn control_call(hub: &Arc<Hub>, call: &Call) -> Reply {
    if call.segment(1) == "monitor" && call.method == http::Method::POST {
        return control::monitor::run(hub, call).await;
    }
    if call.segment(1) == "press" && call.method == http::Method::POST {
        return control::press::answer(hub, call).await;
    }
    let wait_ms = call.one("wait_ms").and_then(|w| w.parse::<u64>().ok());
    if let Some(wait_ms) = wait_ms.filter(|_| call.segment(1) == "idle") {
        let mut changes = hub.changes();
        let quiet = async {
            while hub.peek(|state| control::idle(state)["idle"] != true) {
                if changes.changed().await.is_err() {
                    break;
                }
            }
        };
        // Time out or not, the answer says how things stand.
        let _in_time = tokio::time::timeout(Duration::from_millis(wait_ms), quiet).await;
    }
    hub.with(|state| control::handle(state, &hub.clock, call))
}
