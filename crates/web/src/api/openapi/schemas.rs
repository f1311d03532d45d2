//! The shapes of what goes in and out. Whatever an answer always has is `required` here.

mod bridges;
mod feed;
mod net;
mod runs;

use crate::api::{inbox, incidents, jobs};
use crate::health::COUNTED;
use crate::view::ActState;
use model::act::{Act, MOST_SOURCES, MOST_TEXT_CHARS, SNOOZE_S};
use serde_json::{Map, Value, json};

/// The lists and what stands in them.
const LISTS: &[(&str, &str)] = &[
    ("TicketList", "Ticket"),
    ("RunList", "Run"),
    ("HostList", "Host"),
    ("RunbookList", "Runbook"),
    ("CalendarEventList", "CalendarEvent"),
    ("BackfillList", "Backfill"),
    ("IncidentList", "Incident"),
    ("EntryList", "Entry"),
    ("AlertList", "Alert"),
    ("AskedActList", "AskedAct"),
    ("SignalList", "Signal"),
    ("JobList", "Job"),
    ("AuditList", "AuditRow"),
    ("PersonList", "Person"),
    ("MailList", "Mail"),
    ("LedgerDayList", "LedgerDay"),
    ("MonitorList", "Monitor"),
    ("OutageList", "Outage"),
    ("CallList", "Call"),
    ("CanaryList", "Canary"),
];

pub(super) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

pub(super) fn all() -> Map<String, Value> {
    let mut all = Map::new();
    let own = incident_schemas().into_iter().chain(desk_schemas()).chain(act_schemas());
    for (name, schema) in own.chain(feed::all()).chain(net::all()).chain(bridges::all()).chain(runs::all()) {
        all.insert(name.to_owned(), schema);
    }
    for (name, of) in LISTS {
        let items = json!({ "type": "array", "items": reference(of) });
        all.insert((*name).to_owned(), object(json!({ "items": items, "next_cursor": maybe("string") })));
    }
    all
}

/// An object that always has all of these.
fn object(properties: Value) -> Value {
    let required: Vec<&String> = properties.as_object().map(|p| p.keys().collect()).unwrap_or_default();
    json!({ "type": "object", "required": required, "properties": properties })
}

/// The same and more.
fn more(base: &str, properties: Value) -> Value {
    json!({ "allOf": [reference(base), object(properties)] })
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn count() -> Value {
    json!({ "type": "integer" })
}

fn flag() -> Value {
    json!({ "type": "boolean" })
}

fn maybe(kind: &str) -> Value {
    json!({ "type": [kind, "null"] })
}

fn time() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

fn maybe_time() -> Value {
    json!({ "type": ["string", "null"], "format": "date-time" })
}

fn one_of(values: &[&str]) -> Value {
    json!({ "type": "string", "enum": values })
}

fn list(of: Value) -> Value {
    json!({ "type": "array", "items": of })
}

fn or_null(name: &str) -> Value {
    json!({ "oneOf": [reference(name), { "type": "null" }] })
}

fn incident_schemas() -> Vec<(&'static str, Value)> {
    let named = || reference("Named");
    let brief = object(json!({ "id": text(), "number": maybe("integer"), "title": text() }));
    vec![
        ("Named", object(json!({ "id": text(), "name": text() }))),
        ("Incident", incident()),
        (
            "WholeIncident",
            more(
                "Incident",
                json!({
                    "teams": list(named()), "escalation_policy": or_null("Named"), "incident_key": maybe("string"),
                    "incident_type": maybe("string"), "conference_bridge": maybe("string"),
                    "resolve_reason": { "type": ["object", "null"] }, "alert_counts": { "type": ["object", "null"] },
                    "snapshot_at": maybe_time(), "alerts": list(reference("Alert")), "notes": list(reference("Note")),
                    "acknowledgements": list(object(json!({ "at": time(), "by": named() }))),
                    "timeline": list(reference("Entry")), "merged_from": list(brief),
                    "merged_into": { "anyOf": [object(json!({ "id": text(), "name": text() })), { "type": "null" }] },
                    "observed": list(object(json!({ "at": time(), "duty": text(), "why": text() }))),
                }),
            ),
        ),
        (
            "Note",
            object(json!({ "id": text(), "at": time(), "by": or_null("Named"), "content": text(), "trimmed": flag() })),
        ),
        ("Alert", alert()),
        ("Entry", entry()),
    ]
}

fn incident() -> Value {
    object(json!({
        "id": text(), "number": maybe("integer"), "title": text(), "status": one_of(&incidents::STATUSES[..3]),
        "urgency": one_of(&["high", "low"]), "service": or_null("Named"), "priority": maybe("string"),
        "customer": maybe("string"), "created_at": time(), "acknowledged_at": maybe_time(),
        "resolved_at": maybe_time(), "changed_at": time(), "read_at": maybe_time(), "stale": flag(),
        "not_shown_since": maybe_time(),
        "assignees": list(reference("Named")), "taken_by": list(reference("Named")), "html_url": maybe("string"),
    }))
}

fn alert() -> Value {
    object(json!({
        "id": text(), "key": maybe("string"), "title": text(), "status": text(), "severity": maybe("string"),
        "suppressed": flag(), "created_at": maybe_time(), "html_url": maybe("string"),
        "integration": or_null("Named"), "body": { "description": "Whatever the monitor sent." },
        "links": list(object(json!({ "kind": text(), "href": text(), "text": maybe("string") }))),
    }))
}

fn entry() -> Value {
    object(json!({
        "at": time(), "kind": text(), "what": { "description": "What the kind of change carries." },
        "actor": { "type": ["object", "null"] }, "text": object(json!({ "ja": text(), "en": text() })),
        "quote": maybe("string"),
        "told_by": list(object(json!({ "source": text(), "source_id": text() }))),
    }))
}

const WHYS: [&str; 11] = [
    "in_hours",
    "before_hours",
    "between_hours",
    "after_hours",
    "no_hours_that_day",
    "break",
    "holiday",
    "closed",
    "leave",
    "exception",
    "no_pattern",
];

fn person() -> Value {
    let mut hours_of = object(json!({ "of": one_of(&["own", "group", "customer", "default"]) }));
    hours_of["type"] = json!(["object", "null"]);
    hours_of["properties"]["id"] = text();
    object(json!({
        "id": text(), "name": text(), "groups": list(text()), "at": time(), "at_work": maybe("boolean"),
        "why": one_of(&WHYS), "hours_of": hours_of, "since": maybe_time(), "until": maybe_time(), "words": list(text()),
    }))
}

fn desk_schemas() -> Vec<(&'static str, Value)> {
    let attempt = object(json!({
        "token": count(), "worker": text(), "started_at": time(), "ended_at": maybe_time(),
        "outcome": maybe("string"), "detail": maybe("string"),
    }));
    let counts: Map<String, Value> = COUNTED.iter().map(|s| ((*s).to_owned(), count())).collect();
    vec![
        ("Person", person()),
        ("Document", json!({ "type": "object", "required": ["openapi", "info", "paths", "components"] })),
        (
            "Account",
            object(json!({
                "received": count(), "processed": count(), "waiting": count(), "dead": count(), "lost": count(),
                "lost_signals": count(), "lost_incidents": count(), "duplicates": count(), "unreadable": count(), "dead_signals": count(),
                "jobs": object(Value::Object(counts)), "last_webhook_at": maybe_time(),
            })),
        ),
        (
            "Signal",
            object(json!({
                "id": count(), "source": text(), "dedup_key": text(), "received_at": time(),
                "state": one_of(&inbox::STATES), "origin": text(), "event_type": maybe("string"),
                "subject": maybe("string"), "customer": maybe("string"), "bytes": count(),
                "note": maybe("string"), "read_at": maybe_time(),
            })),
        ),
        (
            "OpenSignal",
            more(
                "Signal",
                json!({ "digest": text(), "headers": {}, "raw": { "type": "string", "contentEncoding": "base64" } }),
            ),
        ),
        (
            "Job",
            object(json!({
                "id": count(), "key": text(), "effect": text(), "subject": text(), "queue": text(),
                "state": one_of(&jobs::STATES), "due": time(), "spent": count(), "tries": count(),
                "cause": maybe("string"), "why": text(), "customer": maybe("string"), "created_at": time(),
                "ended_at": maybe_time(),
            })),
        ),
        ("WholeJob", more("Job", json!({ "attempts": list(attempt) }))),
        (
            "Settlement",
            json!({ "type": "object", "required": ["happened"], "properties": { "happened": { "type": "boolean" } },
                "additionalProperties": false }),
        ),
        ("Accepted", object(json!({ "id": count(), "state": text() }))),
        (
            "AuditRow",
            object(
                json!({ "id": count(), "at": time(), "actor": text(), "action": text(), "subject": text(), "detail": {} }),
            ),
        ),
        ("Problem", problem()),
    ]
}

fn problem() -> Value {
    json!({ "type": "object", "required": ["type", "title", "status", "detail", "instance", "reference"],
        "properties": {
            "type": { "type": "string", "format": "uri-reference" }, "title": text(), "status": count(),
            "detail": text(), "instance": text(),
            "reference": { "type": "string", "description": "Names this request in the log." },
            "parameter": { "type": "string", "description": "The parameter or field at fault." },
            "reason": { "type": "string", "description": "Of 403 on acts: why, as a word for programs." } } })
}

fn act_schemas() -> Vec<(&'static str, Value)> {
    let states = [
        ActState::Waiting,
        ActState::Sending,
        ActState::Later,
        ActState::Unknown,
        ActState::Done,
        ActState::Human,
        ActState::Dead,
        ActState::Skipped,
    ];
    vec![
        ("Act", json!({ "oneOf": variants() })),
        (
            "AskedAct",
            object(json!({
                "id": count(), "act": one_of(&Act::NAMES), "arguments": { "type": "object" }, "user": text(),
                "from": text(), "nonce": text(), "asked_at": time(), "state": one_of(&states.map(ActState::as_str)),
                "cause": maybe("string"), "next_at": maybe_time(), "ended_at": maybe_time(),
            })),
        ),
    ]
}

/// Each act with what it takes; what it does not take is refused.
fn variants() -> Vec<Value> {
    let id = || json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$" });
    let words = || json!({ "type": "string", "maxLength": MOST_TEXT_CHARS });
    let ids = |of| json!({ "type": "array", "items": of, "minItems": 1, "maxItems": MOST_SOURCES });
    vec![
        variant("acknowledge", &[]),
        variant(
            "resolve",
            &[("resolution", json!({ "type": ["string", "null"], "maxLength": MOST_TEXT_CHARS }), false)],
        ),
        variant("note", &[("text", words(), true)]),
        variant(
            "snooze",
            &[("seconds", json!({ "type": "integer", "minimum": SNOOZE_S.start(), "maximum": SNOOZE_S.end() }), true)],
        ),
        variant("reassign", &[("users", ids(id()), true)]),
        variant("escalate", &[("level", json!({ "type": "integer", "minimum": 2, "maximum": 20 }), true)]),
        variant("priority", &[("to", json!({ "oneOf": [id(), { "type": "null" }] }), true)]),
        variant("merge", &[("sources", ids(id()), true)]),
    ]
}

fn variant(name: &str, fields: &[(&str, Value, bool)]) -> Value {
    let nonce = json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]{8,64}$",
        "description": "New for every new act; the same nonce of the same kind of act is the same act." });
    let mut properties = Map::from_iter([("act".to_owned(), json!({ "const": name })), ("nonce".to_owned(), nonce)]);
    let mut required = vec!["act", "nonce"];
    for (field, schema, is_required) in fields {
        properties.insert((*field).to_owned(), schema.clone());
        if *is_required {
            required.push(field);
        }
    }
    json!({ "type": "object", "title": name, "required": required, "properties": properties,
        "additionalProperties": false })
}
