//! The shapes of connections, history and seats.

use super::{count, flag, list, maybe, maybe_time, object, one_of, reference, text, time};
use serde_json::{Value, json};

pub(super) fn all() -> Vec<(&'static str, Value)> {
    let mut all = vec![("Connections", connections()), ("SeatList", seats())];
    all.extend(backfills());
    all
}

fn nullable(mut schema: Value) -> Value {
    schema["type"] = json!([schema["type"], "null"]);
    schema
}

fn connections() -> Value {
    let mapped = |of: Value| json!({ "type": "object", "additionalProperties": of });
    let poll = object(json!({
        "name": text(), "due": time(), "begun_at": maybe_time(), "ended_at": maybe_time(), "refused": maybe("string"),
        "off": flag(), "waits_for": maybe("string"), "next_at": time(),
    }));
    let gap = object(json!({
        "id": text(), "subscription": text(), "why": text(), "state": one_of(&["open", "filling", "closed"]),
        "since": time(), "until": maybe_time(), "pass": count(), "entries": count(), "lacking": count(),
        "repaired": count(),
    }));
    let source = object(json!({ "source": text(), "last_at": time(), "received": count(), "duplicates": count() }));
    let process = object(json!({
        "id": text(), "role": text(), "host": text(), "version": text(), "started_at": time(), "seen_at": time(),
        "stopped_at": maybe_time(),
    }));
    object(json!({
        "as_of": time(), "rest": rest(), "webhooks": webhooks(),
        "events": object(json!({ "configured": flag(), "breaker": breaker() })),
        "slack": slack(), "calendars": list(calendar()), "log_covered_until": maybe_time(), "polls": list(poll), "gaps": list(gap), "account": account(),
        "sources": list(source),
        "database": object(json!({
            "kind": one_of(&["sqlite", "postgresql"]), "settings": mapped(text()), "spool": spool(),
        })),
        "processes": list(process),
        "backfill": { "oneOf": [reference("Backfill"), { "type": "null" }] },
        "mirrored": mapped(count()),
    }))
}

fn breaker() -> Value {
    nullable(object(json!({
        "failures": count(), "opened_at": maybe_time(), "open_until": maybe_time(), "why": maybe("string"),
    })))
}

fn slack() -> Value {
    let trouble = object(json!({ "channel": text(), "why": text(), "since": time(), "waiting": count() }));
    object(json!({
        "bot_configured": flag(), "webhook_configured": flag(), "reduced": flag(), "hears_http": flag(),
        "hears_socket": flag(), "incidents": one_of(&["observe", "post"]),
        "socket": nullable(object(json!({ "open_since": maybe_time(), "trouble": maybe("string"), "down_since": maybe_time() }))),
        "token": object(json!({
            "workspace": maybe("string"), "bot": maybe("string"), "refused": maybe("string"), "asked_at": maybe_time(),
        })),
        "troubles": list(trouble), "muted": list(object(json!({ "channel": text(), "until": time(), "by": text() }))),
        "breaker": breaker(),
    }))
}

fn calendar() -> Value {
    object(json!({
        "name": text(), "read_at": maybe_time(),
        "push": one_of(&["feed", "off", "no_address", "waits", "open", "works", "refused"]),
        "push_until": maybe_time(), "pushed_at": maybe_time(), "why": maybe("string"),
        "unread": { "type": ["object", "null"], "required": ["count", "first"], "properties": { "count": count(), "first": text() },
            "description": "How much of it could not be read, though the rest was; and the first of it, with the reason." },
    }))
}

fn rest() -> Value {
    let owner = json!({ "type": "object", "required": ["kind"], "properties": {
        "kind": one_of(&["unknown", "account", "user"]), "id": text(), "name": text() } });
    let missing = object(json!({ "what": text(), "status": count(), "text": text() }));
    object(json!({
        "configured": flag(), "answered_at": maybe_time(), "refused": maybe("string"), "owner": owner,
        "can_write": maybe("boolean"), "missing": list(missing), "rate_limit": maybe("integer"),
        "rate_left": maybe("integer"), "rate_at": maybe_time(), "clock_offset_ms": maybe("integer"), "checked_at": maybe_time(),
        "breaker": breaker(),
    }))
}

fn webhooks() -> Value {
    let subscription = object(json!({
        "id": text(), "description": maybe("string"), "url": maybe("string"),
        "health": { "enum": ["ok", "inactive", "temporarily_disabled", "deleted", "silent", null] },
        "since": maybe_time(), "asked_at": maybe_time(), "tries": count(), "would_enable": flag(),
        "refused": count(), "refused_since": maybe_time(),
    }));
    let lag = object(json!({ "median_ms": count(), "most_ms": count(), "of": count() }));
    object(json!({
        "secret_configured": flag(), "poll_s": count(), "last_at": maybe_time(), "looked_at": maybe_time(),
        "lag": nullable(lag), "refused": count(), "elsewhere": count(), "subscriptions": list(subscription),
    }))
}

fn account() -> Value {
    let sweep = object(json!({ "at": time(), "shown": count(), "lacked": count(), "ours_alone": count() }));
    object(json!({
        "received": count(), "duplicates": count(), "rows": count(), "lost_signals": count(),
        "lost_incidents": count(), "lost": count(), "sweep": nullable(sweep),
    }))
}

fn spool() -> Value {
    nullable(object(json!({
        "rows": count(), "oldest_at": maybe_time(), "away_since": maybe_time(), "stuck": count(), "lost": count(),
        "trouble": maybe("string"),
    })))
}

fn backfills() -> Vec<(&'static str, Value)> {
    let progress = object(json!({
        "percent": count(), "incidents": count(), "entries": count(), "alerts_waiting": count(),
        "left_s": maybe("integer"),
    }));
    let states = ["waiting", "running", "done", "stopped"];
    vec![
        (
            "Backfill",
            object(json!({
                "id": text(), "since": time(), "until": time(), "state": one_of(&states), "created_at": time(),
                "ended_at": maybe_time(), "calls": count(), "why": maybe("string"), "progress": nullable(progress),
            })),
        ),
        ("BackfillAccepted", object(json!({ "id": text(), "state": one_of(&states) }))),
        (
            "BackfillAsk",
            json!({ "type": "object", "required": ["since"], "additionalProperties": false, "properties": {
                "since": time(), "until": maybe_time() } }),
        ),
    ]
}

fn seats() -> Value {
    let seat = object(json!({
        "id": text(), "name": text(), "email": maybe("string"), "role": text(), "html_url": maybe("string"),
        "stakeholder": flag(), "unused": flag(), "always_on_call": flag(), "last_shift_ends_at": maybe_time(),
        "last_page_at": maybe_time(), "last_act_at": maybe_time(), "account_role": maybe("string"),
    }));
    object(json!({
        "items": list(seat), "next_cursor": maybe("string"), "unused": count(), "unused_days": count(),
        "known_since": maybe_time(),
    }))
}
