//! `POST /webhooks/pagerduty/action/{secret}`: a custom incident action was pressed in PagerDuty. Nobody signs it, so the address is the
//! secret; it is compared by its digest and stands in no log. What comes is a claim and nothing more: PagerDuty's own log is asked before
//! anything is done.

use super::{Intake, Refusal, answered, collect, durable, text};
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use model::signal::{Key, Origin, Signal, digest, source};
use serde::Deserialize;
use std::time::Instant;
use store::crash_point;

/// Which runbook a button is for, where its extension can send a header of its own.
const RUNBOOK: &str = "x-arayashiki-runbook";
/// No runbook has a longer name.
const MOST_RUNBOOK: usize = 120;

pub async fn receive(State(intake): State<Intake>, Path(secret): Path<String>, request: Request) -> Response {
    let begun = Instant::now();
    let taken = take(&intake, &secret, request, begun).await;
    answered(&intake, begun, taken)
}

async fn take(intake: &Intake, secret: &str, request: Request, begun: Instant) -> Result<(), Refusal> {
    let _slot = intake.slots.try_acquire().map_err(|_| Refusal::TooMany)?;
    let (head, body) = request.into_parts();
    // Read before the refusal: whoever is still sending would not hear it.
    let raw = collect(intake, &head.headers, body, begun).await?;
    // Digests, so that how much of a guess is right does not show in the time it takes.
    if !intake.shared.settings.action_secrets.contains(&digest(secret.as_bytes())) {
        return Err(Refusal::WrongAddress);
    }
    crash_point!("intake.verified");
    durable(intake, signal(intake, runbook(&head.headers, &head.uri), raw), begun).await
}

/// The header goes before the address: an address is copied more easily than a header.
fn runbook(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    #[derive(Default, Deserialize)]
    struct Asked {
        runbook: Option<String>,
    }
    let in_address = || Query::<Asked>::try_from_uri(uri).ok()?.0.runbook;
    let named = text(headers, RUNBOOK).map(str::to_owned).or_else(in_address)?;
    let named = named.trim();
    (!named.is_empty()).then(|| model::text::cut(named, MOST_RUNBOOK).replace('\0', "\u{fffd}"))
}

/// The same bytes for the same runbook are the same happening: a body carries its message's id.
fn signal(intake: &Intake, runbook: Option<String>, raw: Vec<u8>) -> Signal {
    let digest = digest(&raw);
    let parts = [runbook.as_deref().unwrap_or_default().as_bytes(), &digest];
    Signal {
        source: source::PAGERDUTY_ACTION,
        key: Key::of(source::PAGERDUTY_ACTION, &parts),
        digest,
        received_at: intake.shared.store.clock().now(),
        origin: Origin::Live,
        raw,
        headers: serde_json::json!({ "runbook": runbook }).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_names_the_runbook_or_else_the_address_does() {
        let uri = |text: &str| text.parse::<Uri>().unwrap();
        let bare = HeaderMap::new();
        let named = |address: &str| runbook(&bare, &uri(address));
        assert_eq!(named("/webhooks/pagerduty/action/s?runbook=linux%20disk&x=1").as_deref(), Some("linux disk"));
        for nothing in ["/a", "/a?", "/a?runbook=", "/a?runbook=%20", "/a?other=1", "/a?runbook=a&runbook=b"] {
            assert_eq!(named(nothing), None, "{nothing}");
        }
        let mut headers = HeaderMap::new();
        headers.insert(RUNBOOK, " nginx ".parse().unwrap());
        assert_eq!(runbook(&headers, &uri("/a?runbook=linux")).as_deref(), Some("nginx"));
        assert_eq!(named(&format!("/a?runbook={}", "x".repeat(9_000))).unwrap().chars().count(), MOST_RUNBOOK);
    }
}
