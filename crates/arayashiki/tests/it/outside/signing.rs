//! Webhooks as PagerDuty sends them, made by hand: a body and its signature.

use super::http::{Answer, Request};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;
use std::net::SocketAddr;

pub const PATH: &str = "/webhooks/pagerduty";

pub fn signature(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    format!("v1={}", hex::encode(mac.finalize().into_bytes()))
}

/// An incident that is triggered, with an id of its own.
pub fn triggered(incident: &str) -> Vec<u8> {
    let service = json!({ "id": "PSERVICE", "type": "service_reference", "summary": "Shop" });
    let event = json!({ "event": {
        "id": format!("01{incident}"), "event_type": "incident.triggered", "resource_type": "incident",
        "occurred_at": "2026-05-01T00:00:00.123Z", "agent": null, "client": null,
        "data": {
            "id": incident, "type": "incident", "number": 7, "status": "triggered", "title": format!("trouble {incident}"),
            "html_url": format!("https://example.pagerduty.com/incidents/{incident}"), "created_at": "2026-05-01T00:00:00Z",
            "incident_key": incident, "urgency": "high", "service": service, "assignees": [], "teams": [],
            "escalation_policy": { "id": "PPOLICY", "type": "escalation_policy_reference", "summary": "Night" },
            "priority": null, "conference_bridge": null, "resolve_reason": null,
        },
    }});
    event.to_string().into_bytes()
}

/// A delivery with a right signature, ready to be sent or spoilt.
pub fn delivery<'a>(secret: &str, body: Vec<u8>) -> Request<'a> {
    let signature = signature(secret, &body);
    unsigned(body).with("x-pagerduty-signature", signature)
}

pub fn unsigned<'a>(body: Vec<u8>) -> Request<'a> {
    let request = Request { body, ..Request::new("POST", PATH) };
    request.with("content-type", "application/json").with("x-webhook-subscription", "PSTRANGER")
}

/// Delivers it on a connection of its own.
pub fn deliver(to: SocketAddr, secret: &str, body: Vec<u8>) -> std::io::Result<Answer> {
    delivery(secret, body).send(to)
}
