//! A calendar as an iCalendar feed (RFC 5545). Lines are folded by octets, so that a fold may fall inside a character.

use jiff::Timestamp;
use serde_json::Value;

use super::settings::IcsCancelled;
use super::shapes::uid;
use super::when::When;
use super::world::{Calendar, Event};

/// Octets of a line before it is folded.
const LONGEST: usize = 75;

pub(super) fn feed(of: &Calendar, cancelled: IcsCancelled, now: Timestamp) -> Vec<u8> {
    let mut lines: Vec<String> = [
        "BEGIN:VCALENDAR",
        "PRODID:-//Google Inc//Google Calendar 70.9054//EN",
        "VERSION:2.0",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
    ]
    .map(str::to_owned)
    .to_vec();
    lines.push(format!("X-WR-CALNAME:{}", escaped(of.summary)));
    lines.push(format!("X-WR-TIMEZONE:{}", of.zone));
    for name in zones(of) {
        lines.extend(timezone(&name));
    }
    for event in of.events.iter().filter(|e| is_shown(e, of, cancelled)) {
        lines.extend(vevent(event, of, cancelled, now));
    }
    lines.push("END:VCALENDAR".into());
    lines.iter().flat_map(|line| folded(line)).collect()
}

fn is_shown(event: &Event, of: &Calendar, cancelled: IcsCancelled) -> bool {
    let series = event.exception_of.as_ref().and_then(|(id, _)| of.find(id));
    let is_orphan = series.is_some_and(|at| of.events[at].is_cancelled);
    !is_orphan && (!event.is_cancelled || cancelled == IcsCancelled::Status)
}

/// Every zone that a series or a moved instance is written in.
fn zones(of: &Calendar) -> Vec<String> {
    let local = of.events.iter().filter(|e| is_local(e)).filter_map(|e| match &e.start {
        When::At { zone, .. } if zone != "UTC" => Some(zone.clone()),
        _ => None,
    });
    let mut all: Vec<String> = local.collect();
    all.sort();
    all.dedup();
    all
}

/// A single event is written in UTC.
fn is_local(event: &Event) -> bool {
    event.is_series() || event.exception_of.is_some()
}

fn vevent(of: &Event, calendar: &Calendar, cancelled: IcsCancelled, now: Timestamp) -> Vec<String> {
    let (utc, local) = (|t: Timestamp| t.strftime("%Y%m%dT%H%M%SZ").to_string(), is_local(of));
    let mut lines = vec!["BEGIN:VEVENT".into(), of.start.line("DTSTART", local), of.end.line("DTEND", local)];
    lines.extend(of.recurrence.iter().cloned());
    if cancelled == IcsCancelled::Exdate {
        let gone = calendar.exceptions(&of.id).filter(|e| e.is_cancelled);
        lines.extend(gone.filter_map(|e| e.exception_of.as_ref().map(|(_, original)| original.line("EXDATE", local))));
    }
    lines.push(format!("DTSTAMP:{}", utc(now)));
    lines.push(format!("UID:{}", uid(of)));
    if let Some((_, original)) = &of.exception_of {
        lines.push(original.line("RECURRENCE-ID", local));
    }
    lines.extend(people(of));
    lines.push(format!("CREATED:{}", utc(of.created)));
    lines.push(format!("LAST-MODIFIED:{}", utc(of.updated)));
    for (name, field) in [("DESCRIPTION", "description"), ("LOCATION", "location"), ("SUMMARY", "summary")] {
        if !of.text(field).is_empty() {
            lines.push(format!("{name}:{}", escaped(of.text(field))));
        }
    }
    let status = match (of.is_cancelled, of.text("status")) {
        (true, _) => "CANCELLED",
        (false, "tentative") => "TENTATIVE",
        _ => "CONFIRMED",
    };
    lines.push(format!("SEQUENCE:{}", of.sequence));
    lines.push(format!("STATUS:{status}"));
    lines.push(format!("TRANSP:{}", if of.text("transparency") == "transparent" { "TRANSPARENT" } else { "OPAQUE" }));
    lines.push("END:VEVENT".into());
    lines
}

fn people(of: &Event) -> Vec<String> {
    let text = |v: &Value, name: &str| v[name].as_str().unwrap_or_default().to_owned();
    let quoted = |name: String| name.replace(['"', '\r', '\n'], " ");
    let mut lines = Vec::new();
    if let Some(own) = of.fields.get("organizer") {
        lines.push(format!("ORGANIZER;CN=\"{}\":mailto:{}", quoted(text(own, "displayName")), text(own, "email")));
    }
    for own in of.fields.get("attendees").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default() {
        let status = match own["responseStatus"].as_str() {
            Some("accepted") => "ACCEPTED",
            Some("declined") => "DECLINED",
            Some("tentative") => "TENTATIVE",
            _ => "NEEDS-ACTION",
        };
        let name = quoted(text(own, "displayName"));
        lines.push(format!(
            "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={status};CN=\"{name}\";X-NUM-GUESTS=0:mailto:{}",
            text(own, "email")
        ));
    }
    lines
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,").replace("\r\n", "\\n").replace('\n', "\\n")
}

/// One content line with its folds and its end.
fn folded(line: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(line.len() + 8);
    let mut room = LONGEST;
    for byte in line.bytes() {
        if room == 0 {
            out.extend_from_slice(b"\r\n ");
            room = LONGEST - 1;
        }
        out.push(byte);
        room -= 1;
    }
    out.extend_from_slice(b"\r\n");
    out
}

/// The rules of today; a zone that is not written out here has Tokyo's shape with its own name.
fn timezone(name: &str) -> Vec<String> {
    let (standard, summer) = match name {
        "America/New_York" => {
            (("-0400", "-0500", "EST", "1101T020000", "11;BYDAY=1SU"), Some(("EDT", "0308T020000", "3;BYDAY=2SU")))
        }
        "Europe/London" => {
            (("+0100", "+0000", "GMT", "1025T020000", "10;BYDAY=-1SU"), Some(("BST", "0329T010000", "3;BYDAY=-1SU")))
        }
        _ => (("+0900", "+0900", "JST", "0101T000000", ""), None),
    };
    let (from, to, short, at, rule) = standard;
    let mut lines = vec!["BEGIN:VTIMEZONE".into(), format!("TZID:{name}"), format!("X-LIC-LOCATION:{name}")];
    if let Some((short, at, rule)) = summer {
        lines.extend([
            "BEGIN:DAYLIGHT".into(),
            format!("TZOFFSETFROM:{to}"),
            format!("TZOFFSETTO:{from}"),
            format!("TZNAME:{short}"),
        ]);
        lines.extend([format!("DTSTART:1970{at}"), format!("RRULE:FREQ=YEARLY;BYMONTH={rule}"), "END:DAYLIGHT".into()]);
    }
    lines.extend([
        "BEGIN:STANDARD".into(),
        format!("TZOFFSETFROM:{from}"),
        format!("TZOFFSETTO:{to}"),
        format!("TZNAME:{short}"),
    ]);
    lines.push(format!("DTSTART:1970{at}"));
    if !rule.is_empty() {
        lines.push(format!("RRULE:FREQ=YEARLY;BYMONTH={rule}"));
    }
    lines.extend(["END:STANDARD".into(), "END:VTIMEZONE".into()]);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_count_octets_and_lose_nothing() {
        let line = format!("SUMMARY:{}", "保守".repeat(40));
        let bytes = folded(&line);
        let parts: Vec<&[u8]> = bytes.split(|b| *b == b'\n').collect();
        assert!(parts.iter().all(|p| p.len() <= LONGEST + 1), "the end of a line has one octet more here");
        assert!(parts.iter().any(|p| std::str::from_utf8(p).is_err()), "a fold falls inside a character");
        let joined = bytes.strip_suffix(b"\r\n").expect("an end").to_vec();
        let mut whole = Vec::new();
        let mut at = 0;
        while at < joined.len() {
            if joined[at..].starts_with(b"\r\n ") {
                at += 3;
            } else {
                whole.push(joined[at]);
                at += 1;
            }
        }
        assert_eq!(String::from_utf8(whole).expect("UTF-8"), line);
    }
}
