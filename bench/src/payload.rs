//! The requests: distinct, signed deliveries of PagerDuty's V3 shape, and alerts of the same incidents and size for
//! Alertmanager. A template is filled in place, so that a request costs little more than its signature.

use crate::fill::{self, Field};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

/// What the signatures of a benchmark are made with; the servers under test are told.
pub const SECRET: &str = "bench-secret-not-a-real-one";

/// An incident's life as it is told: triggered, acknowledged, resolved.
const LIFE: [(&str, &str); 3] =
    [("incident.triggered", "triggered"), ("incident.acknowledged", "acknowledged"), ("incident.resolved", "resolved")];

/// Events that share one millisecond of the told time: about real time at 20,000 a second.
const EVENTS_A_MS: u64 = 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Shape {
    Pagerduty,
    Alertmanager,
}

pub struct Maker {
    templates: [Template; LIFE.len()],
    key: Option<Hmac<Sha256>>,
    seed: u64,
    begun_ms: u64,
    /// Incidents that are open side by side; each gets its next event when all have had one.
    abreast: u64,
}

struct Template {
    bytes: Vec<u8>,
    body_at: usize,
    holes: Vec<(usize, Field)>,
}

impl Maker {
    /// `begun_ms` is the time of the first event, since the epoch.
    pub fn new(shape: Shape, seed: u64, begun_ms: u64, abreast: u64) -> Self {
        let make = |step: usize| match shape {
            Shape::Pagerduty => Template::new(&pagerduty_head, &pagerduty_body(LIFE[step])),
            Shape::Alertmanager => Template::new(&alertmanager_head, &alertmanager_body(step == LIFE.len() - 1)),
        };
        Self {
            templates: [make(0), make(1), make(2)],
            key: (shape == Shape::Pagerduty).then(|| Hmac::new_from_slice(SECRET.as_bytes()).ok()).flatten(),
            seed,
            begun_ms,
            abreast: abreast.max(1),
        }
    }

    /// Appends the request of event `i`.
    pub fn append(&self, i: u64, out: &mut Vec<u8>) {
        let life = LIFE.len() as u64;
        let (generation, slot) = (i / (self.abreast * life), i % self.abreast);
        let template = &self.templates[(i / self.abreast % life) as usize];
        let from = out.len();
        out.extend_from_slice(&template.bytes);
        let request = &mut out[from..];
        let values = fill::Values {
            event: i,
            incident: generation * self.abreast + slot,
            at_ms: self.begun_ms + i / EVENTS_A_MS,
            created_ms: self.begun_ms + (generation * self.abreast * life + slot) / EVENTS_A_MS,
            seed: self.seed,
        };
        for (at, field) in &template.holes {
            values.fill(*field, &mut request[*at..*at + field.width()]);
        }
        if let Some(key) = &self.key {
            let mut mac = key.clone();
            mac.update(&request[template.body_at..]);
            let signature = mac.finalize().into_bytes();
            for (at, _) in template.holes.iter().filter(|(_, field)| *field == Field::Signature) {
                // Both lengths are fixed: 32 bytes make 64 digits.
                let _ = hex::encode_to_slice(signature, &mut request[*at..*at + 64]);
            }
        }
    }
}

impl Template {
    fn new(head: &dyn Fn(usize) -> String, body: &Value) -> Self {
        let body = body.to_string();
        let head = head(body.len());
        let bytes = format!("{head}{body}").into_bytes();
        Self { body_at: head.len(), holes: fill::holes(&bytes), bytes }
    }
}

fn pagerduty_head(body_bytes: usize) -> String {
    format!(
        "POST /webhooks/pagerduty HTTP/1.1\r\nhost: bench\r\naccept: application/json\r\n\
         content-type: application/json\r\nuser-agent: PagerDuty-Webhook/V3.0\r\nx-webhook-id: {}\r\n\
         x-webhook-subscription: PBENCH1\r\nx-pagerduty-signature: v1={}\r\ncontent-length: {body_bytes}\r\n\r\n",
        Field::WebhookId.hole(),
        Field::Signature.hole(),
    )
}

fn alertmanager_head(body_bytes: usize) -> String {
    format!(
        "POST /api/v2/alerts HTTP/1.1\r\nhost: bench\r\naccept: application/json\r\n\
         content-type: application/json\r\nuser-agent: Prometheus/2.42.0\r\ncontent-length: {body_bytes}\r\n\r\n"
    )
}

fn reference(kind: &str, id: &str, name: &str) -> Value {
    json!({
        "html_url": format!("https://example.pagerduty.com/{kind}s/{id}"),
        "id": id,
        "self": format!("https://api.pagerduty.com/{kind}s/{id}"),
        "summary": name,
        "type": format!("{kind}_reference"),
    })
}

fn pagerduty_body((event_type, status): (&str, &str)) -> Value {
    let id = Field::Incident.hole();
    let user = reference("user", "PUSR001", "佐藤 花子");
    let is_over = status == "resolved";
    // The hole of a number is a number itself, so that the JSON stays one.
    let number: Value = Field::Number.hole().parse::<u64>().map_or(Value::Null, Value::from);
    json!({"event": {
        "id": Field::EventId.hole(),
        "event_type": event_type,
        "resource_type": "incident",
        "occurred_at": Field::OccurredAt.hole(),
        "agent": if status == "triggered" { reference("service", "PSVC001", "Web: core") } else { user.clone() },
        "client": null,
        "data": {
            "id": id,
            "type": "incident",
            "self": format!("https://api.pagerduty.com/incidents/{id}"),
            "html_url": format!("https://example.pagerduty.com/incidents/{id}"),
            "number": number,
            "status": status,
            "incident_key": format!("disk/{id}"),
            "created_at": Field::CreatedAt.hole(),
            "title": "【重大】ディスク使用率が90%を超えています: web01.example.jp /var (93.4%)",
            "service": reference("service", "PSVC001", "Web: core"),
            "assignees": if is_over { json!([]) } else { json!([user]) },
            "escalation_policy": reference("escalation_policy", "PESC001", "Web on-call"),
            "teams": [reference("team", "PTEAM01", "Operations"), reference("team", "PTEAM02", "Web")],
            "priority": reference("priority", "PPRIO01", "P2"),
            "urgency": "high",
            "conference_bridge": null,
            "resolve_reason": null,
            "incident_type": {"name": "incident_default"},
        },
    }})
}

/// The same incident as Prometheus would tell of it; the description makes up for the references.
fn alertmanager_body(is_over: bool) -> Value {
    let id = Field::Incident.hole();
    let mut alert = json!({
        "labels": {
            "alertname": "DiskFull", "incident": id, "instance": "web01.example.jp:9100", "job": "node",
            "mountpoint": "/var", "service": "web-core", "severity": "critical", "team": "operations",
        },
        "annotations": {
            "summary": "【重大】ディスク使用率が90%を超えています: web01.example.jp /var (93.4%)",
            "description": "The file system /var of web01.example.jp is more than 90 % full. ".repeat(22),
            "event": Field::EventId.hole(),
            "runbook": "https://ops.example.jp/runbooks/disk-full",
        },
        "startsAt": Field::CreatedAt.hole(),
        "generatorURL": format!("https://prometheus.example.jp/graph?incident={id}"),
    });
    if is_over {
        alert["endsAt"] = Value::from(Field::OccurredAt.hole());
    }
    json!([alert])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn request(shape: Shape, i: u64) -> (String, Value) {
        let mut out = b"already there".to_vec();
        Maker::new(shape, 5, 1_790_000_000_000, 4).append(i, &mut out);
        let text = String::from_utf8(out.split_off(13)).unwrap();
        assert_eq!(out, b"already there");
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let announced = head.split("content-length: ").nth(1).unwrap();
        assert_eq!(announced.parse(), Ok(body.len()));
        assert!((1_750..2_100).contains(&body.len()), "{shape:?} {i}: {} bytes", body.len());
        (head.to_owned(), serde_json::from_str(body).unwrap())
    }

    #[test]
    fn an_incident_is_triggered_acknowledged_and_resolved_and_then_comes_the_next() {
        let told: Vec<_> = [1, 5, 9, 13]
            .iter()
            .map(|i| {
                let event = request(Shape::Pagerduty, *i).1["event"].take();
                assert!(event["data"]["number"].is_u64());
                let data = &event["data"];
                [&event["event_type"], &data["status"], &data["id"]].map(|v| v.as_str().unwrap().to_owned())
            })
            .collect();
        assert_eq!(told[0][..2], ["incident.triggered", "triggered"]);
        assert_eq!(told[1][..2], ["incident.acknowledged", "acknowledged"]);
        assert_eq!(told[2][..2], ["incident.resolved", "resolved"]);
        assert_eq!(told[3][1], "triggered");
        assert_eq!(told[0][2], told[2][2]);
        assert_ne!(told[0][2], told[3][2]);
    }

    #[test]
    fn every_delivery_has_ids_of_its_own_and_no_hole_is_left() {
        let mut ids = BTreeSet::new();
        for i in 0..500 {
            let (head, body) = request(Shape::Pagerduty, i);
            let webhook = head.split("x-webhook-id: ").nth(1).unwrap().lines().next().unwrap().to_owned();
            assert!(ids.insert(webhook) && ids.insert(body["event"]["id"].as_str().unwrap().to_owned()));
            assert!(fill::holes(head.as_bytes()).is_empty() && fill::holes(body.to_string().as_bytes()).is_empty());
        }
    }

    #[test]
    fn the_signature_is_that_of_the_body() {
        let mut out = Vec::new();
        Maker::new(Shape::Pagerduty, 5, 1_790_000_000_000, 4).append(6, &mut out);
        let text = String::from_utf8(out).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
        mac.update(body.as_bytes());
        assert!(head.contains(&format!("x-pagerduty-signature: v1={}\r\n", hex::encode(mac.finalize().into_bytes()))));
    }

    #[test]
    fn an_alert_ends_with_its_incident() {
        assert!(request(Shape::Alertmanager, 1).1[0]["endsAt"].is_null());
        let over = request(Shape::Alertmanager, 9).1;
        assert_eq!(over[0]["endsAt"].as_str().unwrap().len(), 24);
        assert_eq!(over[0]["labels"], request(Shape::Alertmanager, 1).1[0]["labels"]);
    }
}
