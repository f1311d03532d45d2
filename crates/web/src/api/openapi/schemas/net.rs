//! The shapes of mails, the ledger, monitors, outages, calls and canaries.

use super::{count, flag, list, maybe, maybe_time, more, object, one_of, text, time};
use crate::api::mails;
use model::mail::{CauseKind, Ledger};
use serde_json::{Value, json};

pub(super) fn all() -> Vec<(&'static str, Value)> {
    let mut all = vec![
        ("Mail", mail()),
        ("WholeMail", more("Mail", whole())),
        ("MailBytes", json!({ "type": "string", "format": "binary" })),
        ("Call", call()),
    ];
    all.extend(decisions());
    all.extend(ledger());
    all.extend(rest());
    all
}

fn nullable(mut schema: Value) -> Value {
    schema["type"] = json!([schema["type"], "null"]);
    schema
}

fn ledger_state() -> Value {
    let states: Vec<&str> = Ledger::ALL.into_iter().map(Ledger::as_str).collect();
    one_of(&states)
}

fn mail() -> Value {
    let mut schema = object(json!({
        "id": count(), "received_at": time(), "monitor": text(), "host": maybe("string"), "check": maybe("string"),
        "state": one_of(&mails::states()), "severity": maybe("string"), "ledger_state": ledger_state(),
        "reason": { "type": "object", "required": ["is"], "properties": { "is": text() } }, "reason_code": text(),
        "incident_id": maybe("string"), "subject": text(), "sender": text(), "trust": one_of(&mails::trusts()),
        "customer": maybe("string"), "service": maybe("string"), "key": text(), "score": maybe("integer"),
        "occurred_at": maybe_time(), "due": maybe_time(), "judged_at": maybe_time(), "door": text(),
        "message_id": maybe("string"), "alert_id": maybe("string"),
    }));
    schema["examples"] = json!([{
        "id": 4711, "received_at": "2026-11-22T18:14:07Z", "monitor": "zabbix-tokyo", "host": "web01", "check": "Disk full",
        "state": "problem", "severity": "critical", "ledger_state": "missing", "reason": { "is": "nothing" },
        "reason_code": "nothing", "incident_id": null, "subject": "PROBLEM: Disk full", "sender": "zabbix@example.jp",
        "trust": "trusted", "customer": null, "service": "Web", "key": "17", "score": null, "occurred_at": null,
        "due": "2026-11-22T18:15:07Z", "judged_at": "2026-11-22T18:15:09Z", "door": "mail-smtp", "message_id": null,
        "alert_id": "5e1f",
    }]);
    schema
}

fn whole() -> Value {
    let kinds: Vec<&str> = CauseKind::ALL.into_iter().map(CauseKind::as_str).collect();
    let cause = json!({ "type": ["object", "null"], "required": ["kind"], "properties": { "kind": one_of(&kinds) } });
    let registration = object(json!({
        "state": one_of(&["none", "asked", "seen", "unseen"]), "dedup_key": maybe("string"), "asked_at": maybe_time(),
        "tries": count(), "seen_at": maybe_time(), "incident_id": maybe("string"),
    }));
    let alert = object(json!({
        "open_since": maybe_time(), "ended_at": maybe_time(), "mails": count(), "in_storm": flag(), "cause": cause,
        "registration": registration,
    }));
    let brief = object(json!({
        "id": count(), "received_at": time(), "subject": text(), "state": text(), "ledger_state": ledger_state(),
        "incident_id": maybe("string"),
    }));
    json!({
        "reading": { "type": ["object", "null"] }, "text": maybe("string"), "to": list(text()), "trust_why": maybe("string"),
        "notes": list(text()), "envelope": { "type": ["object", "null"] }, "alert": nullable(alert),
        "mails_of_alert": list(brief), "calls": list(super::reference("Call")), "sealed_at": maybe_time(),
    })
}

fn call() -> Value {
    object(json!({
        "person": text(), "level": count(), "about": text(), "asked_at": time(), "sent_at": maybe_time(),
        "due": maybe_time(), "answered_at": maybe_time(), "answered_by": maybe("string"), "ended_at": maybe_time(),
    }))
}

fn decisions() -> Vec<(&'static str, Value)> {
    let nonce = || json!({ "type": "string", "pattern": "^[0-9A-Za-z_-]{8,64}$", "minLength": 8, "maxLength": 64 });
    vec![
        (
            "Decision",
            json!({ "type": "object", "required": ["nonce"], "additionalProperties": false,
                "properties": { "nonce": nonce(), "always": { "type": "boolean" } },
                "examples": [{ "nonce": "0f3a9c71d2", "always": true }] }),
        ),
        (
            "Nonce",
            json!({ "type": "object", "required": ["nonce"], "additionalProperties": false,
                "properties": { "nonce": nonce() }, "examples": [{ "nonce": "0f3a9c71d2" }] }),
        ),
        (
            "DecisionAccepted",
            object(json!({ "id": count(), "decision": one_of(&["register", "not-an-alert", "hold-back"]) })),
        ),
        (
            "TryMail",
            json!({ "type": "object", "additionalProperties": false, "properties": {
                "raw": { "type": "string", "contentEncoding": "base64", "description": "The mail's bytes, 1 MiB at most." },
                "text": { "type": "string", "description": "The same as text, where `raw` is not given." },
                "to": list(text()), "from": text(), "peer": text() },
                "examples": [{ "text": "From: zabbix@example.jp\r\nSubject: PROBLEM: Disk full\r\n\r\nHost: web01\r\n" }] }),
        ),
        ("TriedMail", tried()),
        ("TestAccepted", object(json!({ "route": text() }))),
    ]
}

fn tried() -> Value {
    let reason = || json!({ "type": "object", "required": ["is"], "properties": { "is": text() } });
    let found = object(json!({
        "ledger_state": ledger_state(), "reason": reason(), "score": count(), "incident_id": maybe("string"),
    }));
    object(json!({
        "monitor": text(), "configured": flag(), "subject": text(), "sender": text(), "reading": { "type": "object" },
        "trust": one_of(&mails::trusts()), "trust_why": text(), "notes": list(text()), "service": maybe("string"),
        "ledger_state": ledger_state(), "reason": reason(), "reason_code": text(), "would_end_as": ledger_state(),
        "allowed": one_of(&["observe", "post", "page"]), "grace_s": count(), "match": nullable(found),
    }))
}

fn ledger() -> Vec<(&'static str, Value)> {
    let counts = json!({ "type": "object", "additionalProperties": count() });
    let mut balance = object(json!({
        "since": time(), "until": time(), "received": maybe("integer"), "duplicates": maybe("integer"),
        "waiting": maybe("integer"), "entries": count(), "difference": maybe("integer"), "counts": counts,
    }));
    balance["examples"] = json!([{
        "since": "2026-11-21T15:00:00Z", "until": "2026-11-22T15:00:00Z", "received": 1210, "duplicates": 6, "waiting": 0,
        "entries": 1204, "difference": 0, "counts": { "matched": 801, "recovery": 399, "missing": 4 },
    }]);
    vec![("Balance", balance), ("LedgerDay", more("Balance", json!({ "day": text(), "closed_at": time() })))]
}

fn rest() -> Vec<(&'static str, Value)> {
    vec![
        (
            "Monitor",
            object(json!({
                "name": text(), "configured": flag(), "customer": maybe("string"), "mails": count(), "matched": count(),
                "first_at": time(), "last_at": time(),
            })),
        ),
        (
            "Outage",
            object(json!({
                "id": text(), "began_at": time(), "ended_at": maybe_time(), "evidence": { "type": "object" },
                "report": { "type": ["object", "null"] }, "balances": maybe("boolean"),
            })),
        ),
        (
            "Canary",
            object(json!({
                "id": text(), "route": text(), "asked_by": text(), "began_at": time(), "mailed_at": maybe_time(),
                "received_at": maybe_time(), "accepted_at": maybe_time(), "heard_at": maybe_time(), "ended_at": maybe_time(),
                "incident_id": maybe("string"), "lost": maybe("string"),
            })),
        ),
    ]
}
