//! A mail that was read, in words for people and as JSON for programs. Shows nothing that could steer a terminal.

use duties::mail::{Read, Standing};
use jiff::tz::TimeZone;
use model::Micros;
use model::mail::State;
use serde_json::{Value, json};
use std::path::Path;

pub fn for_people(file: &Path, read: &Read, zone: &TimeZone) -> String {
    let reading = &read.reading;
    let is_ours = if read.is_configured { "" } else { " (no [[mail.monitor]] is this mail's)" };
    let none = || "-".to_owned();
    let mut rows: Vec<(&str, String)> = vec![
        ("subject", read.subject.clone()),
        ("from", read.from.clone()),
        ("monitor", format!("{}{is_ours}", read.monitor)),
        ("read by", format!("{}: {}", reading.reader, reading.rule)),
        ("state", format!("{}: {}", reading.state.as_str(), meaning(reading.state))),
        ("severity", reading.severity.map_or_else(none, |severity| severity.as_str().to_owned())),
        ("host", reading.host.clone().unwrap_or_else(none)),
        ("check", reading.check.clone().unwrap_or_else(none)),
        ("title", reading.title.clone()),
        ("time", reading.at.map_or_else(none, |at| local(at, zone))),
        ("key", reading.key.clone()),
        ("standing", standing(&read.standing)),
        ("trust", format!("{}: {}", read.trust.as_str(), read.trust_why)),
    ];
    if read.trust_why.contains(duties::mail::NO_RECIPIENT) {
        rows.push(("to judge", "say with --to ADDRESS where it was delivered".to_owned()));
    }
    rows.extend(read.service.iter().map(|service| ("service", service.clone())));
    rows.extend(read.customer.iter().map(|customer| ("customer", customer.clone())));
    rows.extend(read.notes.iter().map(|note| ("note", note.clone())));
    let lines = rows.iter().map(|(label, value)| format!("  {label:<9} {}", plain(value)));
    std::iter::once(file.display().to_string()).chain(lines).collect::<Vec<_>>().join("\n")
}

const fn meaning(state: State) -> &'static str {
    match state {
        State::Problem => "an incident has to stand against it",
        State::Recovery => "it is over",
        State::Update => "news that ask for nothing",
        State::Notice => "a test or a notice",
        State::Unknown => "nobody can read it, so an incident has to stand against it",
    }
}

fn standing(standing: &Standing) -> String {
    match standing {
        Standing::Alert => "counts as an alert mail".to_owned(),
        Standing::NotAnAlert { rule } => format!("is no alert, by the rule {rule}"),
        Standing::Suppressed { rule } => format!("is meant to have no incident, by the rule {rule}"),
        Standing::Canary { .. } => "our own, to test a route".to_owned(),
    }
}

fn local(at: Micros, zone: &TimeZone) -> String {
    at.timestamp().to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string()
}

/// On one line, and without what a terminal would obey.
fn plain(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let text: String = text.chars().map(|c| if c.is_control() || turns(c) { ' ' } else { c }).collect();
    text.trim().to_owned()
}

pub fn as_json(file: &Path, read: &Read) -> Value {
    let reading = &read.reading;
    let (standing, rule) = match &read.standing {
        Standing::Alert => ("alert", None),
        Standing::NotAnAlert { rule } => ("not_an_alert", Some(rule)),
        Standing::Suppressed { rule } => ("suppressed", Some(rule)),
        Standing::Canary { .. } => ("canary", None),
    };
    let instant = |at: Option<Micros>| at.map(Micros::rfc3339);
    json!({
        "file": file.display().to_string(),
        "monitor": read.monitor,
        "is_configured": read.is_configured,
        "reader": reading.reader,
        "reader_rule": reading.rule,
        "host": reading.host,
        "check": reading.check,
        "state": reading.state,
        "severity": reading.severity,
        "time": instant(reading.at),
        "key": reading.key,
        "names": reading.names,
        "title": reading.title,
        "details": reading.details.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect::<Vec<_>>(),
        "standing": standing,
        "rule": rule,
        "trust": read.trust,
        "trust_why": read.trust_why,
        "service": read.service,
        "customer": read.customer,
        "grace_s": read.grace_s,
        "subject": read.subject,
        "from": read.from,
        "to": read.to,
        "message_id": read.message_id,
        "sent_at": instant(read.sent_at),
        "notes": read.notes,
    })
}
