//! Socket Mode: the same door as `/webhooks/slack/…`, over a connection that we open, for installs without a public address. An envelope
//! is confirmed after its commit and never before; what is not confirmed Slack tells again.

use super::door;
use crate::{Shared, wake};
use connectors::slack::{Envelope, Received, Socket, Sockets};
use connectors::{Call, CallError, Class, Kind};
use model::connection::{SlackSocket, poll as names};
use std::time::Duration;
use store::polls;
use tokio_util::sync::CancellationToken;

const FIRST_WAIT_MS: u64 = 500;
const LONGEST_WAIT_MS: u64 = 60_000;
/// What only a person mends is tried again this seldom.
const FINAL_WAIT_MS: u64 = 600_000;

/// Keeps a connection open until told to stop.
pub async fn run(shared: Shared, stop: CancellationToken) {
    if shared.outside.sockets.is_none() {
        return;
    }
    let mut wait_ms = FIRST_WAIT_MS;
    while !stop.is_cancelled() {
        let ended = tokio::select! {
            ended = once(&shared) => ended,
            () = stop.cancelled() => return,
        };
        wait_ms = match &ended {
            Ok(()) => FIRST_WAIT_MS,
            Err(error) if matches!(error.kind, Kind::Auth | Kind::Forbidden) => FINAL_WAIT_MS,
            Err(_) => (wait_ms * 2).min(LONGEST_WAIT_MS),
        };
        if let Err(error) = &ended {
            tracing::warn!(%error, wait_ms, "Slack's socket is not open");
            keep(&shared, Some(error.text.clone())).await;
        }
        if !wake::pause(Duration::from_millis(jittered(wait_ms)), &stop).await {
            return;
        }
    }
}

/// Many processes must not come back at one instant.
fn jittered(wait_ms: u64) -> u64 {
    wait_ms / 2 + rand::random::<u64>() % (wait_ms / 2 + 1)
}

/// One connection, as long as it lasts. When Slack is about to close it, the next is opened before it is let go.
async fn once(shared: &Shared) -> Result<(), CallError> {
    let Some(sockets) = &shared.outside.sockets else { return Ok(()) };
    let mut socket = open(shared, sockets).await?;
    keep(shared, None).await;
    tracing::info!("Slack's socket is open");
    loop {
        match socket.next().await? {
            Received::Envelope(envelope) => take(shared, &mut socket, &envelope).await?,
            Received::Refresh { reason } => {
                tracing::info!(reason, "Slack renews the socket");
                let next = open(shared, sockets).await?;
                std::mem::replace(&mut socket, next).close().await;
            }
            Received::Odd(odd) => tracing::warn!(%odd, "Slack said something that can't be read"),
        }
    }
}

async fn open(shared: &Shared, sockets: &Sockets) -> Result<Socket, CallError> {
    sockets.open(&Call::new(Class::Live, shared.store.clock().now())).await
}

async fn take(shared: &Shared, socket: &mut Socket, envelope: &Envelope) -> Result<(), CallError> {
    let key = envelope.read().ok().and_then(|inbound| door::key(&inbound));
    let retried = (envelope.retry_attempt > 0).then(|| envelope.retry_attempt.to_string());
    let now = shared.store.clock().now();
    match door::accept(shared, &envelope.payload, key, retried.as_deref(), now).await {
        Ok(()) => socket.ack(&envelope.envelope_id, None).await,
        // Not confirmed: it is told again.
        Err(error) => {
            shared.trouble.failed(&error, "keeping what Slack told");
            Ok(())
        }
    }
}

/// How the connection is, for the page of connections.
async fn keep(shared: &Shared, trouble: Option<String>) {
    let kept = shared.store.write("slack_socket", move |tx| {
        let trouble = trouble.clone();
        Box::pin(async move {
            polls::register(tx, names::SLACK_SOCKET).await?;
            let before = polls::get(tx, names::SLACK_SOCKET).await?.map(|poll| poll.known::<SlackSocket>());
            let now = tx.now();
            let is_down = trouble.is_some();
            let down_since = is_down.then(|| before.and_then(|before| before.down_since).unwrap_or(now));
            let state = SlackSocket { open_since: (!is_down).then_some(now), trouble, down_since };
            polls::keep(tx, names::SLACK_SOCKET, &state).await
        })
    });
    if let Err(error) = kept.await {
        shared.trouble.failed(&error, "writing down how Slack's socket is");
    }
}
