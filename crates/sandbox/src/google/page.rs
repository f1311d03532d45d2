//! The page that people look at in a demo: what the calendars hold in the coming days. Not Google's own look.

use jiff::Timestamp;
use serde_json::Value;

use super::when::{When, zone};
use super::world::{Calendar, Event, State};
use crate::clock::plus_s;
use crate::page::{page, text};

const DAYS: i64 = 14;

pub(super) fn coming(state: &State, now: Timestamp) -> String {
    let until = plus_s(now, DAYS * 86_400);
    let mut all: Vec<(Timestamp, String)> = Vec::new();
    for calendar in &state.calendars {
        let own = calendar.events.iter().filter(|e| e.exception_of.is_none());
        for event in own.flat_map(|e| if e.is_series() { calendar.instances(e, until) } else { vec![e.clone()] }) {
            let (start, end) = (event.start.instant(calendar.zone), event.end.instant(calendar.zone));
            if end > now && start < until {
                all.push((start, article(&event, calendar)));
            }
        }
    }
    all.sort();
    let body: String = all.into_iter().map(|(_, article)| article).collect();
    page("simulated Google Calendar", &body)
}

fn article(of: &Event, calendar: &Calendar) -> String {
    let gone = if of.is_cancelled { " class=\"gone\"" } else { "" };
    let guests = of.fields.get("attendees").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let names: Vec<&str> = guests.iter().filter_map(|g| g["displayName"].as_str().or(g["email"].as_str())).collect();
    let by = of.fields.get("creator").and_then(|c| c["email"].as_str()).unwrap_or_default();
    format!(
        "<article><h2{gone}>{summary}</h2><p>{when} <span class=\"tag\">{calendar}</span> {place}</p>\
         <p class=\"dim\">{by} {names}</p><div class=\"said\">{description}</div></article>",
        summary = text(of.text("summary")),
        when = text(&span(of, calendar)),
        calendar = text(calendar.summary),
        place = text(of.text("location")),
        by = text(by),
        names = text(&names.join("、")),
        description = text(of.text("description")),
    )
}

fn span(of: &Event, calendar: &Calendar) -> String {
    match (&of.start, &of.end) {
        (When::Day(start), When::Day(end)) => {
            let last = end.yesterday().unwrap_or(*end);
            if last == *start { format!("{start} 終日") } else { format!("{start} – {last} 終日") }
        }
        (start, end) => {
            let local = |w: &When| w.instant(calendar.zone).to_zoned(zone(calendar.zone));
            format!("{} – {}", local(start).strftime("%Y-%m-%d %H:%M"), local(end).strftime("%m-%d %H:%M"))
        }
    }
}
