//! `POST /webhooks/backlog/{secret}`: Backlog signs nothing, so the address is the secret; it is compared by its digest and stands in no
//! log. `POST /webhooks/google-calendar`: a push is believed by the token of its channel. What comes is a hint and nothing more: the
//! ticket or the calendar is read before anything is done.

use super::push::Heard;
use crate::Shared;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use connectors::google::{self, Push};
use model::signal::{Key, Origin, Signal, digest, source};
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use store::crash_point;

/// A ticket's text and comment come whole.
const MAX_BODY_BYTES: usize = 2 << 20;
const ANSWER_DEADLINE: Duration = Duration::from_secs(5);
const RETRY_AFTER_S: &str = "30";

pub fn routes(shared: Shared) -> Router {
    Router::new()
        .route("/webhooks/backlog/{secret}", post(receive))
        .route("/webhooks/google-calendar", post(pushed))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(shared)
}

async fn receive(State(shared): State<Shared>, Path(secret): Path<String>, body: Bytes) -> Response {
    let asked = digest(secret.as_bytes());
    // Digests, so that how much of a guess is right does not show in the time it takes.
    let space = shared.settings.bridges.spaces.iter().find(|space| space.webhook == Some(asked));
    let Some(space) = space else { return refused(&shared) };
    if !accepted(&shared, signal(&shared, &space.name, &body)).await {
        return again(&shared);
    }
    crash_point!("backlog.before_answer");
    StatusCode::OK.into_response()
}

/// Whoever guesses learns nothing of what there is.
fn refused(shared: &Shared) -> Response {
    shared.metrics.refused_signature.fetch_add(1, Relaxed);
    (StatusCode::NOT_FOUND, "nothing is taken at this address").into_response()
}

async fn accepted(shared: &Shared, signal: Signal) -> bool {
    let taken = tokio::time::timeout(ANSWER_DEADLINE, shared.store.accept(signal)).await;
    let is_taken = matches!(taken, Ok(Ok(())));
    if is_taken {
        shared.wake.read.notify_one();
    }
    is_taken
}

fn again(shared: &Shared) -> Response {
    shared.metrics.refused_store.fetch_add(1, Relaxed);
    let text = "it could not be made durable: send it again";
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, RETRY_AFTER_S)], text).into_response()
}

async fn pushed(State(shared): State<Shared>, headers: HeaderMap) -> Response {
    let Some(push) = ours(&shared, &headers) else { return refused(&shared) };
    if !accepted(&shared, push_signal(&shared, push)).await {
        return again(&shared);
    }
    crash_point!("push.before_answer");
    StatusCode::OK.into_response()
}

/// Any channel that was ever opened with our key: one that was given up is known as well, and stopped.
fn ours(shared: &Shared, headers: &HeaderMap) -> Option<Push> {
    let client = shared.outside.google.as_ref()?;
    let channel = google::channel_of(headers)?;
    let token = client.channel_token(channel);
    google::verify_push(headers, &[(channel, &token)]).ok()
}

/// A message has a number of its own on its channel. The first says only that the channel stands, and what changed while it was opened
/// is asked for like all else.
fn push_signal(shared: &Shared, push: Push) -> Signal {
    let now = shared.store.clock().now();
    let number = push.message_number.map_or(now.0.to_le_bytes(), u64::to_le_bytes);
    let heard = Heard { channel: push.channel, resource: push.resource_id, expires_at: push.expires_at };
    Signal {
        source: source::CALENDAR_PUSH,
        key: Key::of(source::CALENDAR_PUSH, &[heard.channel.as_bytes(), &number]),
        digest: digest(b""),
        received_at: now,
        origin: Origin::Live,
        raw: Vec::new(),
        headers: serde_json::json!(heard).to_string(),
    }
}

/// The same bytes twice are the same happening: a body carries its activity's number.
fn signal(shared: &Shared, space: &str, body: &[u8]) -> Signal {
    let digest = digest(body);
    Signal {
        source: source::BACKLOG_WEBHOOK,
        key: Key::of(source::BACKLOG_WEBHOOK, &[space.as_bytes(), &digest]),
        digest,
        received_at: shared.store.clock().now(),
        origin: Origin::Live,
        raw: body.to_vec(),
        headers: serde_json::json!({ "space": space }).to_string(),
    }
}
