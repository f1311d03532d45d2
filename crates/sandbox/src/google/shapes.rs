//! How events and calendars are written in JSON.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::world::{Calendar, Event, Role};
use crate::clock::millis;

/// What somebody sees who may only know that a time is taken.
const BARE: [&str; 2] = ["transparency", "eventType"];

pub(super) fn event(of: &Event, calendar: &Calendar, role: Role, in_zone: &str) -> Value {
    let mut shown = Map::new();
    let hidden = role == Role::FreeBusyReader || role == Role::Reader && of.text("visibility") == "private";
    shown.insert("kind".into(), json!("calendar#event"));
    shown.insert("etag".into(), json!(of.etag()));
    shown.insert("id".into(), json!(of.id));
    shown.insert("status".into(), json!(if of.text("status").is_empty() { "confirmed" } else { of.text("status") }));
    shown.insert("created".into(), json!(millis(of.created)));
    shown.insert("updated".into(), json!(millis(of.updated)));
    let own = of.fields.iter().filter(|(name, _)| *name != "status" && (!hidden || BARE.contains(&name.as_str())));
    shown.extend(own.map(|(name, value)| (name.clone(), value.clone())));
    if hidden {
        shown.insert("visibility".into(), json!("private"));
    } else {
        shown.insert("htmlLink".into(), json!(format!("https://www.google.com/calendar/event?eid={}", of.id)));
        shown.insert("sequence".into(), json!(of.sequence));
        shown.insert("reminders".into(), json!({ "useDefault": true }));
    }
    shown.insert("iCalUID".into(), json!(uid(of)));
    shown.insert("start".into(), of.start.shown(in_zone));
    shown.insert("end".into(), of.end.shown(in_zone));
    shown.entry("eventType").or_insert(json!("default"));
    if of.is_series() {
        shown.insert("recurrence".into(), json!(of.recurrence));
    }
    if let Some((series, original)) = &of.exception_of {
        shown.insert("recurringEventId".into(), json!(series));
        shown.insert("originalStartTime".into(), original.shown(in_zone));
    }
    mark_self(&mut shown, &calendar.id);
    shown.into()
}

fn mark_self(shown: &mut Map<String, Value>, calendar: &str) {
    for name in ["organizer", "creator"] {
        if let Some(own) = shown.get_mut(name).filter(|o| o["email"] == calendar) {
            own["self"] = json!(true);
        }
    }
}

pub(super) fn uid(of: &Event) -> String {
    if !of.text("iCalUID").is_empty() {
        return of.text("iCalUID").to_owned();
    }
    let base = of.exception_of.as_ref().map_or(of.id.as_str(), |(series, _)| series);
    format!("{base}@google.com")
}

/// What is left of an event that is gone.
pub(super) fn stub(of: &Event, in_zone: &str) -> Value {
    let mut shown = json!({ "kind": "calendar#event", "etag": of.etag(), "id": of.id, "status": "cancelled" });
    if let Some((series, original)) = &of.exception_of {
        shown["recurringEventId"] = json!(series);
        shown["originalStartTime"] = original.shown(in_zone);
    }
    shown
}

pub(super) fn either(of: &Event, calendar: &Calendar, role: Role, in_zone: &str) -> Value {
    if of.is_cancelled { stub(of, in_zone) } else { event(of, calendar, role, in_zone) }
}

/// The head of a list.
pub(super) fn head(calendar: &Calendar, role: Role, updated: Timestamp, in_zone: &str) -> Value {
    json!({
        "kind": "calendar#events", "etag": format!("\"p{:010}\"", calendar.last_seq), "summary": calendar.summary, "description": "",
        "updated": millis(updated), "timeZone": in_zone, "accessRole": role, "defaultReminders": [],
    })
}

pub(super) fn calendar(of: &Calendar) -> Value {
    json!({ "kind": "calendar#calendar", "etag": "\"c1\"", "id": of.id, "summary": of.summary, "timeZone": of.zone })
}

pub(super) fn entry(of: &Calendar, role: Role) -> Value {
    json!({
        "kind": "calendar#calendarListEntry", "etag": "\"e1\"", "id": of.id, "summary": of.summary, "timeZone": of.zone, "colorId": "9",
        "backgroundColor": "#7bd148", "foregroundColor": "#000000", "selected": true, "accessRole": role, "defaultReminders": [],
    })
}
