//! `POST /webhooks/sns`: deliveries of Amazon SNS, checked by their signature and made durable before the answer. A topic that
//! asks is confirmed only if it is ours. What a delivery means is read later.

use crate::Shared;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use connectors::sns::{Said, Sns, SnsError};
use connectors::{Call, Class};
use model::signal::{Key, Origin, Signal, digest, source};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use store::crash_point;

/// A message of SNS has 256 KB at most, and its JSON a little more.
const MAX_BODY_BYTES: usize = 1 << 20;
/// SNS waits 15 seconds.
const ANSWER_DEADLINE: Duration = Duration::from_secs(12);
const RETRY_AFTER_S: &str = "30";

#[derive(Clone)]
struct Door {
    shared: Shared,
    sns: Arc<Sns>,
}

pub fn routes(shared: Shared, sns: Arc<Sns>) -> Router {
    Router::new()
        .route("/webhooks/sns", post(receive))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(Door { shared, sns })
}

async fn receive(State(door): State<Door>, headers: HeaderMap, body: Bytes) -> Response {
    match tokio::time::timeout(ANSWER_DEADLINE, take(&door, &headers, &body)).await {
        Ok(response) => response,
        Err(_) => again("it took too long: send it again"),
    }
}

async fn take(door: &Door, headers: &HeaderMap, body: &[u8]) -> Response {
    let now = door.shared.store.clock().now();
    let is_raw =
        headers.get("x-amz-sns-rawdelivery").is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true"));
    let call = Call::new(Class::Live, now);
    let said = match door.sns.understand(&call, is_raw, body).await {
        Ok(said) => said,
        Err(error) => return refuse(door, &error),
    };
    match said {
        Said::Notification { topic, id, .. } => accept(door, &topic, &id, body).await,
        Said::Confirm(confirmation) => match door.sns.confirm(&call, &confirmation).await {
            Ok(()) => {
                tracing::info!(topic = confirmation.topic, "a topic of Amazon SNS is confirmed");
                StatusCode::OK.into_response()
            }
            Err(error) => again(&format!("the topic could not be confirmed: {error}")),
        },
        Said::Unsubscribed { topic, .. } => {
            tracing::warn!(topic, "a topic of Amazon SNS says that nothing comes from it any more");
            StatusCode::OK.into_response()
        }
    }
}

/// The delivery as it came; its id is the same on every repeat.
async fn accept(door: &Door, topic: &str, id: &str, body: &[u8]) -> Response {
    let signal = Signal {
        source: source::SNS,
        key: Key::of(source::SNS, &[topic.as_bytes(), id.as_bytes()]),
        digest: digest(body),
        received_at: door.shared.store.clock().now(),
        origin: Origin::Live,
        raw: body.to_vec(),
        headers: serde_json::json!({ "topic": topic, "id": id }).to_string().replace('\0', "\u{fffd}"),
    };
    match door.shared.store.accept(signal).await {
        Ok(()) => {
            crash_point!("sns.before_answer");
            door.shared.wake.read.notify_one();
            StatusCode::OK.into_response()
        }
        Err(_) => {
            door.shared.metrics.refused_store.fetch_add(1, Relaxed);
            again("it could not be made durable: send it again")
        }
    }
}

/// SNS drops for good what is answered with 4xx, so only what will never be ours is.
fn refuse(door: &Door, error: &SnsError) -> Response {
    door.shared.metrics.refused_signature.fetch_add(1, Relaxed);
    tracing::warn!(%error, "a delivery to /webhooks/sns was refused");
    if error.is_temporary() {
        return again(&error.to_string());
    }
    let status = match error {
        SnsError::Unreadable { .. } | SnsError::Raw => StatusCode::BAD_REQUEST,
        SnsError::Topic { .. } => StatusCode::FORBIDDEN,
        _ => StatusCode::UNAUTHORIZED,
    };
    (status, error.to_string()).into_response()
}

fn again(text: &str) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, RETRY_AFTER_S)], text.to_owned()).into_response()
}
