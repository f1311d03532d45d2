//! `POST /webhooks/slack/…`: what people press, ask for and do in Slack, checked by its signature and made durable before the answer.
//! What it means is read later; Slack gives three seconds and never asks twice.

use crate::Shared;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use connectors::slack::{self, Inbound};
use model::Micros;
use model::signal::{Key, Origin, Signal, digest, source};
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use store::{StoreError, crash_point};

/// A form's answer, or a message with all its blocks, comes back whole.
const MAX_BODY_BYTES: usize = 1 << 20;
const ANSWER_DEADLINE: Duration = Duration::from_millis(2_500);

pub fn routes(shared: Shared) -> Router {
    Router::new()
        .route("/webhooks/slack/interactions", post(receive))
        .route("/webhooks/slack/commands", post(receive))
        .route("/webhooks/slack/events", post(receive))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(shared)
}

async fn receive(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    match tokio::time::timeout(ANSWER_DEADLINE, take(&shared, &headers, &body)).await {
        Ok(response) => response,
        Err(_) => away("it could not be made durable in time"),
    }
}

async fn take(shared: &Shared, headers: &HeaderMap, body: &[u8]) -> Response {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let now = shared.store.clock().now();
    let secrets = shared.settings.slack.as_ref().map(|own| own.signing_secrets.as_slice()).unwrap_or_default();
    let (timestamp, signature) = (text("x-slack-request-timestamp"), text("x-slack-signature"));
    if let Err(refused) = slack::verify(secrets, timestamp, signature, body, now.second()) {
        shared.metrics.refused_signature.fetch_add(1, Relaxed);
        tracing::warn!(%refused, "a request to /webhooks/slack was refused");
        // Whoever forges learns nothing; whoever set it up finds the reason in the log.
        return (StatusCode::UNAUTHORIZED, "not signed by Slack").into_response();
    }
    let retried = headers.get("x-slack-retry-num").and_then(|value| value.to_str().ok());
    match slack::parse(body) {
        Ok(Inbound::Challenge(challenge)) => {
            ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], challenge).into_response()
        }
        Ok(Inbound::SslCheck) => StatusCode::OK.into_response(),
        parsed => {
            let key = parsed.ok().and_then(|inbound| key(&inbound));
            match accept(shared, body, key, retried, now).await {
                Ok(()) => {
                    crash_point!("slack.before_answer");
                    StatusCode::OK.into_response()
                }
                Err(_) => away("it could not be made durable"),
            }
        }
    }
}

/// Says to Slack, and by that to whoever pressed, that it did not work.
fn away(why: &'static str) -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, why).into_response()
}

/// What makes a request the same request again.
pub fn key(inbound: &Inbound) -> Option<String> {
    Some(match inbound {
        Inbound::Pressed(one) => one.key.clone(),
        Inbound::Submitted(one) => one.key.clone(),
        Inbound::Closed(one) => one.key.clone(),
        Inbound::Command(one) => one.key.clone(),
        Inbound::Event(one) => one.key.clone(),
        Inbound::Unknown(one) => one.key.clone(),
        Inbound::Overflow { team, minute_s } => format!("overflow:{team}:{minute_s}"),
        Inbound::Challenge(_) | Inbound::SslCheck => return None,
    })
}

/// What can't be read is kept as well.
pub async fn accept(
    shared: &Shared,
    raw: &[u8],
    key: Option<String>,
    retried: Option<&str>,
    now: Micros,
) -> Result<(), StoreError> {
    let digest = digest(raw);
    let named = key.unwrap_or_else(|| hex::encode(digest));
    let signal = Signal {
        source: source::SLACK,
        key: Key::of(source::SLACK, &[named.as_bytes()]),
        digest,
        received_at: now,
        origin: Origin::Live,
        raw: raw.to_vec(),
        headers: serde_json::json!({ "retry": retried }).to_string().replace('\0', "\u{fffd}"),
    };
    shared.store.accept(signal).await?;
    shared.wake.read.notify_one();
    Ok(())
}
