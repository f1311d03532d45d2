//! The reader of calendars put to the test: a feed as a calendar program writes it, rules against another reader's
//! answers, random series across clock changes, and bytes that mean harm.

mod feed;
mod hostile;
mod repeats;

use super::{Calendar, Occurrence, When, read};
use model::Micros;
use model::hours::Zone;

pub fn zone(name: &str) -> Zone {
    Zone::parse(name).unwrap()
}

pub fn at(text: &str) -> Micros {
    Micros::parse(text).unwrap()
}

/// The events between the calendar's own lines.
pub fn feed(events: &str) -> String {
    let lines = events.lines().map(str::trim_start).filter(|line| !line.is_empty());
    let text: Vec<&str> =
        ["BEGIN:VCALENDAR", "VERSION:2.0"].into_iter().chain(lines).chain(["END:VCALENDAR"]).collect();
    text.join("\r\n") + "\r\n"
}

/// One event of these lines.
pub fn event(lines: &str) -> String {
    feed(&format!("BEGIN:VEVENT\n{lines}\nEND:VEVENT"))
}

/// What a calendar has in the winter of 2026/27, in Tokyo.
pub fn winter(text: &str) -> Calendar {
    let (from, until) = (at("2026-11-01T00:00+09:00"), at("2027-03-01T00:00+09:00"));
    read(text.as_bytes(), &zone("Asia/Tokyo"), from, until).unwrap()
}

/// `11-27 09:00..18:00 name`, as a zone shows it.
pub fn shown(one: &Occurrence, zone: &Zone) -> String {
    let when = match &one.when {
        When::Days { from, until, .. } => format!("{}..{}", from.strftime("%m-%d"), until.strftime("%m-%d")),
        When::Time { from, until } => {
            let local = |at: &Micros, format: &str| {
                at.timestamp().to_zoned(zone.time_zone().clone()).strftime(format).to_string()
            };
            format!("{}..{}", local(from, "%m-%d %H:%M"), local(until, "%H:%M"))
        }
    };
    format!("{when} {}", one.details.summary).trim().to_owned()
}

pub fn all(calendar: &Calendar) -> Vec<String> {
    calendar.occurrences.iter().map(|one| shown(one, &zone("Asia/Tokyo"))).collect()
}
