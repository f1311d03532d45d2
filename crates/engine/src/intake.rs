//! The webhook receiver: cap, verify, make durable, answer. 202 only after the commit; nothing is parsed before it; a
//! request that fails the signature touches no row. Always an answer within two seconds.

mod action;

use crate::{Shared, guard::Verdict};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http_body_util::BodyExt;
use model::signal::{Key, Origin, Signal, digest, source};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};
use store::{StoreError, crash_point};
use tokio::sync::Semaphore;

/// PagerDuty's own largest delivery is 256 KB.
const MAX_BODY_BYTES: usize = 1 << 20;
/// All bodies being received together; beyond it newcomers are told to come again.
const MAX_BUFFERED_BYTES: usize = 64 << 20;
/// A body has to be here by then, so that the commit still fits into the two seconds.
const BODY_DEADLINE: Duration = Duration::from_millis(1_200);
const ANSWER_DEADLINE: Duration = Duration::from_millis(1_900);
const RETRY_AFTER_S: &str = "30";

#[derive(Clone)]
struct Intake {
    shared: Shared,
    slots: Arc<Semaphore>,
    buffered: Arc<AtomicUsize>,
}

/// `POST /webhooks/pagerduty` and `POST /webhooks/pagerduty/action/{secret}`.
pub fn routes(shared: Shared) -> Router {
    let slots = Arc::new(Semaphore::new(shared.settings.in_flight));
    let intake = Intake { shared, slots, buffered: Arc::default() };
    Router::new()
        .route("/webhooks/pagerduty", post(receive))
        .route("/webhooks/pagerduty/action/{secret}", post(action::receive))
        .with_state(intake)
}

/// Why a delivery was not taken. Each answer says to PagerDuty what it must do: keep the event (503) or not (4xx).
enum Refusal {
    NoSignature,
    WrongSignature,
    /// No address of ours ends like this.
    WrongAddress,
    /// Wrong, but on a subscription that is ours: PagerDuty has to keep it.
    WrongSecret,
    TooLarge,
    TooSlow,
    TooMany,
    Cut,
    NotDurable,
}

async fn receive(State(intake): State<Intake>, request: Request) -> Response {
    let begun = Instant::now();
    let taken = take(&intake, request, begun).await;
    answered(&intake, begun, taken)
}

fn answered(intake: &Intake, begun: Instant, taken: Result<(), Refusal>) -> Response {
    let metrics = &intake.shared.metrics;
    match taken {
        Ok(()) => {
            metrics.acknowledged(begun.elapsed());
            crash_point!("intake.before_answer");
            StatusCode::ACCEPTED.into_response()
        }
        Err(refusal) => {
            let counter = match refusal {
                Refusal::NoSignature | Refusal::WrongSignature | Refusal::WrongAddress => &metrics.refused_signature,
                Refusal::WrongSecret => &metrics.refused_secret,
                Refusal::TooLarge => &metrics.refused_size,
                Refusal::TooSlow | Refusal::Cut => &metrics.refused_slow,
                Refusal::TooMany => &metrics.refused_busy,
                Refusal::NotDurable => &metrics.refused_store,
            };
            counter.fetch_add(1, Relaxed);
            answer(&refusal)
        }
    }
}

async fn take(intake: &Intake, request: Request, begun: Instant) -> Result<(), Refusal> {
    let _slot = intake.slots.try_acquire().map_err(|_| Refusal::TooMany)?;
    let (head, body) = request.into_parts();
    let signature = text(&head.headers, "x-pagerduty-signature").ok_or(Refusal::NoSignature)?;
    let raw = collect(intake, &head.headers, body, begun).await?;
    verify(intake, &head.headers, signature, &raw).await?;
    crash_point!("intake.verified");
    durable(intake, signal(intake, &head.headers, raw), begun).await
}

async fn durable(intake: &Intake, signal: Signal, begun: Instant) -> Result<(), Refusal> {
    let left = ANSWER_DEADLINE.saturating_sub(begun.elapsed());
    match tokio::time::timeout(left, intake.shared.store.accept(signal)).await {
        Ok(Ok(())) => {
            intake.shared.wake.read.notify_one();
            Ok(())
        }
        // Too late to promise anything. It may still be committed; PagerDuty's repeat is then a duplicate.
        Err(_) => Err(Refusal::NotDurable),
        Ok(Err(StoreError::Full)) => Err(Refusal::TooMany),
        Ok(Err(_)) => Err(Refusal::NotDurable),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok()).filter(|text| !text.is_empty())
}

/// Reads the body within its cap, its time, and the receiver's memory.
async fn collect(intake: &Intake, headers: &HeaderMap, body: Body, begun: Instant) -> Result<Vec<u8>, Refusal> {
    let announced = text(headers, header::CONTENT_LENGTH.as_str()).and_then(|n| n.parse::<usize>().ok());
    if announced.is_some_and(|bytes| bytes > MAX_BODY_BYTES) {
        return Err(Refusal::TooLarge);
    }
    let held = Held { buffered: &intake.buffered, bytes: 0 };
    let left = BODY_DEADLINE.saturating_sub(begun.elapsed());
    tokio::time::timeout(left, read_frames(body, announced.unwrap_or(2_048), held))
        .await
        .map_err(|_| Refusal::TooSlow)?
}

async fn read_frames(mut body: Body, expected_bytes: usize, mut held: Held<'_>) -> Result<Vec<u8>, Refusal> {
    let mut raw = Vec::with_capacity(expected_bytes.min(16 << 10));
    while let Some(frame) = body.frame().await {
        let frame: Bytes = match frame.map_err(|_| Refusal::Cut)?.into_data() {
            Ok(data) => data,
            Err(_) => continue,
        };
        if raw.len() + frame.len() > MAX_BODY_BYTES {
            return Err(Refusal::TooLarge);
        }
        if !held.add(frame.len()) {
            return Err(Refusal::TooMany);
        }
        raw.extend_from_slice(&frame);
    }
    Ok(raw)
}

/// This request's share of the buffered bytes, given back when it is dropped.
struct Held<'a> {
    buffered: &'a AtomicUsize,
    bytes: usize,
}

impl Held<'_> {
    fn add(&mut self, bytes: usize) -> bool {
        self.bytes += bytes;
        self.buffered.fetch_add(bytes, Relaxed) + bytes <= MAX_BUFFERED_BYTES
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.buffered.fetch_sub(self.bytes, Relaxed);
    }
}

async fn verify(intake: &Intake, headers: &HeaderMap, signature: &str, raw: &[u8]) -> Result<(), Refusal> {
    let shared = &intake.shared;
    let subscription = text(headers, "x-webhook-subscription").unwrap_or_default();
    if model::signature::pagerduty(signature, raw, &shared.settings.webhook_secrets) {
        shared.guard.good(shared, subscription).await;
        return Ok(());
    }
    match shared.guard.bad(shared, subscription).await {
        Verdict::Ours => Err(Refusal::WrongSecret),
        Verdict::Stranger => Err(Refusal::WrongSignature),
    }
}

/// The id of the delivery is the same on every retry but not signed, so the body's digest stands beside it: nobody can
/// make us take his event for one that we have.
fn signal(intake: &Intake, headers: &HeaderMap, raw: Vec<u8>) -> Signal {
    let id = text(headers, "x-webhook-id").unwrap_or_default();
    let digest = digest(&raw);
    let kept = serde_json::json!({
        "x-webhook-id": id,
        "x-webhook-subscription": text(headers, "x-webhook-subscription"),
        "content-type": text(headers, "content-type"),
        "user-agent": text(headers, "user-agent"),
    });
    Signal {
        source: source::PAGERDUTY_WEBHOOK,
        key: Key::of(source::PAGERDUTY_WEBHOOK, &[id.as_bytes(), &digest]),
        digest,
        received_at: intake.shared.store.clock().now(),
        origin: Origin::Live,
        raw,
        headers: kept.to_string().replace('\0', "\u{fffd}"),
    }
}

fn answer(refusal: &Refusal) -> Response {
    let (status, text) = match refusal {
        Refusal::NoSignature => {
            (StatusCode::UNAUTHORIZED, "no X-PagerDuty-Signature header: only PagerDuty V3 webhooks are taken here")
        }
        Refusal::WrongSignature => {
            (StatusCode::UNAUTHORIZED, "the signature is wrong: check [pagerduty] webhook_secrets")
        }
        // Whoever guesses learns nothing of what there is.
        Refusal::WrongAddress => (StatusCode::NOT_FOUND, "nothing is taken at this address"),
        Refusal::WrongSecret => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the signature is wrong although the subscription is ours: keep the event; the operators have been told",
        ),
        Refusal::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "larger than 1 MiB"),
        Refusal::TooSlow => (StatusCode::SERVICE_UNAVAILABLE, "the body came too slowly: send it again"),
        Refusal::Cut => (StatusCode::SERVICE_UNAVAILABLE, "the body was cut: send it again"),
        Refusal::TooMany => (StatusCode::SERVICE_UNAVAILABLE, "too many deliveries at once: send it again"),
        Refusal::NotDurable => (StatusCode::SERVICE_UNAVAILABLE, "it could not be made durable: send it again"),
    };
    if status == StatusCode::SERVICE_UNAVAILABLE {
        return (status, [(header::RETRY_AFTER, RETRY_AFTER_S)], text).into_response();
    }
    (status, text).into_response()
}
