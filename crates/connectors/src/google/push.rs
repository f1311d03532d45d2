//! A push, which has no body and no signature: believed by the token of a channel that we opened. Says only that something has
//! changed, or may have. Pure.

use crate::Secret;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use http::HeaderMap;
use jiff::fmt::rfc2822::DateTimeParser;
use model::Micros;
use sha2::{Digest, Sha256};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    pub channel: String,
    pub state: State,
    /// What a channel is closed by, together with its id.
    pub resource_id: Option<String>,
    /// Rises, but not by one.
    pub message_number: Option<u64>,
    /// When the channel ends.
    pub expires_at: Option<Micros>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// The channel was opened; nothing has changed.
    Sync,
    Exists,
    NotExists,
    Other(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PushRefused {
    #[error("no push of Google's: it names no channel")]
    NoChannel,
    #[error(
        "a push with a channel and token that are none of ours; an old channel of another install pushes so until it ends"
    )]
    NotOurs,
}

/// The channel that a push says it comes by; whether it is ours is not asked.
pub fn channel_of(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-goog-channel-id").and_then(|value| value.to_str().ok()).map(str::trim).filter(|id| !id.is_empty())
}

/// `expected` are the ids of the channels that are open, each with its token. How long it takes tells nothing of either.
pub fn verify_push(headers: &HeaderMap, expected: &[(&str, &Secret)]) -> Result<Push, PushRefused> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let channel = channel_of(headers).ok_or(PushRefused::NoChannel)?;
    // A header's bytes, since a token may hold any letter.
    let token = headers.get("x-goog-channel-token").map_or(&[][..], |value| value.as_bytes());
    let is_ours = expected.iter().fold(false, |found, (id, secret)| {
        let is_it = same(channel.as_bytes(), id.as_bytes()) & same(token, secret.expose().as_bytes());
        found | (is_it & !secret.is_empty())
    });
    if !is_ours {
        return Err(PushRefused::NotOurs);
    }
    Ok(Push {
        channel: channel.to_owned(),
        state: state(text("x-goog-resource-state").unwrap_or_default()),
        resource_id: text("x-goog-resource-id").filter(|id| !id.is_empty()).map(str::to_owned),
        message_number: text("x-goog-message-number").and_then(|number| number.parse().ok()),
        expires_at: text("x-goog-channel-expiration").and_then(instant),
    })
}

/// Digests have one length, so that neither the content nor the length shows in the time.
fn same(a: &[u8], b: &[u8]) -> bool {
    verify_slices_are_equal(&Sha256::digest(a), &Sha256::digest(b)).is_ok()
}

fn state(text: &str) -> State {
    match text {
        "sync" => State::Sync,
        "exists" => State::Exists,
        "not_exists" => State::NotExists,
        other => State::Other(other.chars().take(40).collect()),
    }
}

/// HTTP's date is a form of the mails' one.
fn instant(text: &str) -> Option<Micros> {
    DateTimeParser::new().parse_timestamp(text).ok().map(|at| Micros(at.as_microsecond()))
}
