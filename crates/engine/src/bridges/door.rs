//! `POST /webhooks/backlog/{secret}`: Backlog signs nothing, so the address is the secret; it is compared by its digest and stands in no
//! log. What comes is a hint and nothing more: the ticket is read before anything is done.

use crate::Shared;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
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
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(shared)
}

async fn receive(State(shared): State<Shared>, Path(secret): Path<String>, body: Bytes) -> Response {
    let asked = digest(secret.as_bytes());
    // Digests, so that how much of a guess is right does not show in the time it takes.
    let space = shared.settings.bridges.spaces.iter().find(|space| space.webhook == Some(asked));
    let Some(space) = space else {
        shared.metrics.refused_signature.fetch_add(1, Relaxed);
        return (StatusCode::NOT_FOUND, "nothing is taken at this address").into_response();
    };
    let taken = tokio::time::timeout(ANSWER_DEADLINE, shared.store.accept(signal(&shared, &space.name, &body))).await;
    match taken {
        Ok(Ok(())) => {
            crash_point!("backlog.before_answer");
            shared.wake.read.notify_one();
            StatusCode::OK.into_response()
        }
        _ => {
            shared.metrics.refused_store.fetch_add(1, Relaxed);
            let text = "it could not be made durable: send it again";
            (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, RETRY_AFTER_S)], text).into_response()
        }
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
