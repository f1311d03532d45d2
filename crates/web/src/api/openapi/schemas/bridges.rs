//! The shapes of tickets and of events of calendars.

use super::{count, flag, list, maybe, maybe_time, more, object, one_of, or_null, text, time};
use crate::api::tickets;
use crate::view::WindowState;
use duties::calendar::Standing;
use serde_json::{Value, json};

pub(super) fn all() -> Vec<(&'static str, Value)> {
    vec![
        ("Ticket", ticket()),
        ("WholeTicket", more("Ticket", whole_ticket())),
        ("TicketHappening", happening()),
        ("CalendarEvent", event()),
        ("WholeCalendarEvent", more("CalendarEvent", whole_event())),
        ("OwnWindow", own_window()),
        ("CalledBriefly", object(both(brief(), json!({ "id": text(), "would_have": flag() })))),
        ("CalledForTicket", object(both(called(), ticket_call()))),
        ("CalledForEvent", object(both(called(), event_call()))),
    ]
}

/// What both of these always have.
fn both(mut one: Value, other: Value) -> Value {
    if let (Some(one), Value::Object(other)) = (one.as_object_mut(), other) {
        one.extend(other);
    }
    one
}

fn mode() -> Value {
    one_of(&["observe", "post", "page"])
}

fn any_or_null() -> Value {
    json!({ "type": ["object", "string", "null"], "description": "What the duty wrote down, by its own names." })
}

fn ticket() -> Value {
    object(json!({
        "id": text(), "key": text(), "space": text(), "project": text(), "title": text(), "kind": text(),
        "priority": maybe("string"), "status": text(), "done": flag(), "assignee": maybe("string"),
        "customer": maybe("string"), "created_at": time(), "updated_at": time(), "read_at": time(),
        "deleted_at": maybe_time(), "html_url": text(), "state": one_of(&tickets::states()),
        "last_happening": or_null("TicketHappening"),
        "waits": json!({ "type": ["object", "null"], "required": ["rule", "since", "due"],
            "properties": { "rule": text(), "since": time(), "due": time() } }),
        "called": or_null("CalledBriefly"),
    }))
}

fn happening() -> Value {
    json!({ "type": "object", "required": ["id", "at", "by", "commented", "changes"], "properties": {
        "id": count(), "at": time(), "by": text(), "commented": flag(), "changes": list(json!({ "type": "object" })),
        "text": { "type": ["string", "null"], "description": "What was written; of one ticket alone." } } })
}

fn whole_ticket() -> Value {
    let who = object(json!({ "id": count(), "login": maybe("string"), "name": text() }));
    json!({
        "text": text(), "categories": list(text()), "created_by": who,
        "history": list(super::reference("TicketHappening")), "calls": list(super::reference("CalledForTicket")),
    })
}

fn brief() -> Value {
    json!({
        "rule": text(), "mode": mode(), "severity": text(), "since": time(), "incident_id": maybe("string"),
        "taken_at": maybe_time(), "taken_by": maybe("string"), "ended_at": maybe_time(),
    })
}

fn called() -> Value {
    let mut called = brief();
    called["remind_at"] = maybe_time();
    called["slack"] = json!({ "type": ["object", "null"], "required": ["channel", "posted_at", "url", "trouble"],
        "properties": { "channel": text(), "posted_at": maybe_time(), "url": maybe("string"), "trouble": maybe("string") } });
    called
}

fn ticket_call() -> Value {
    json!({
        "why": object(json!({ "ja": text(), "en": text() })), "reason": any_or_null(), "happening": maybe("integer"),
        "ended": any_or_null(), "would_have": flag(), "instead": any_or_null(),
    })
}

fn event_call() -> Value {
    json!({ "due": maybe_time(), "ended": any_or_null(), "baseline": flag() })
}

fn event() -> Value {
    let window = json!({ "type": ["object", "null"], "required": ["services", "starts_at", "ends_at", "mode"], "properties": {
        "services": list(text()), "starts_at": time(), "ends_at": time(), "mode": mode() } });
    object(json!({
        "id": text(), "calendar": text(), "title": text(), "starts_at": time(), "ends_at": time(), "all_day": flag(),
        "place": text(), "customer": maybe("string"), "html_url": maybe("string"), "recurring": flag(),
        "updated_at": maybe_time(), "state": one_of(&Standing::NAMES), "rule": maybe("string"),
        "told_early_at": list(time()), "due": maybe_time(), "window": window,
        "window_troubled": { "type": "boolean", "description": "Its window is not as it should be in PagerDuty." },
        "called": or_null("CalledForEvent"),
    }))
}

fn whole_event() -> Value {
    let person = || object(json!({ "name": maybe("string"), "mail": maybe("string"), "declined": flag() }));
    let mut registrant = person();
    registrant["type"] = json!(["object", "null"]);
    json!({
        "text": text(), "registrant": registrant, "attendees": list(person()), "seen_at": time(),
        "windows": list(super::reference("OwnWindow")), "calls": list(super::reference("CalledForEvent")),
    })
}

fn own_window() -> Value {
    let mut window = object(json!({
        "starts_at": time(), "ends_at": time(), "services": list(text()),
        "state": one_of(&WindowState::ALL.map(WindowState::as_str)), "pagerduty_id": maybe("string"),
        "html_url": maybe("string"), "opened_at": maybe_time(), "over_at": maybe_time(),
        "trouble": { "type": ["object", "null"], "required": ["ja", "en"], "properties": { "ja": text(), "en": text() } },
    }));
    window["description"] = json!(
        "A maintenance window that we keep in PagerDuty. State: waits (wanted, not there yet), stands, changes (stands, wanted \
         otherwise since), ends (wanted no more), over, never (over, and was never opened), gone (somebody ended it there). \
         `trouble`: why it is not as it should be."
    );
    window
}
