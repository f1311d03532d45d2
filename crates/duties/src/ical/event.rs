//! The lines of one VEVENT into what they say. What can't be read as it was meant is told beside it, and the rest kept.

use super::clock::Clock;
use super::lines::{Line, texts, unescaped};
use super::occurrence::{Answer, Attendee, Details, Status};
use super::problem::{EventProblem, Fault};
use super::rule::Rule;
use super::when::{Duration, Stamp};
use model::Micros;
use std::collections::BTreeMap;
use std::sync::Arc;

const MOST_ATTENDEES: usize = 500;
/// Of what is wrong with one event.
const MOST_FAULTS: usize = 20;
/// Extra and excepted dates of one event.
const MOST_DATES: usize = 20_000;
const LONGEST_TEXT: usize = 64 * 1_024;

/// A stamp and the clock it is read by.
#[derive(Clone, Debug)]
pub struct Point {
    pub stamp: Stamp,
    pub clock: Clock,
}

impl Point {
    pub fn instant(&self) -> i64 {
        self.clock.instant(self.stamp.wall())
    }
}

#[derive(Clone, Debug)]
pub enum Length {
    /// Nothing said: a day, or no time at all.
    None,
    Until(Point),
    For(Duration),
}

#[derive(Clone, Debug)]
pub struct Event {
    pub line: usize,
    pub uid: String,
    pub details: Arc<Details>,
    pub start: Point,
    pub length: Length,
    pub rules: Vec<Rule>,
    pub added: Vec<Point>,
    pub excepted: Vec<Point>,
    /// It stands for this repeat of the series with its uid.
    pub instead_of: Option<Point>,
}

/// Whose zones the events are read by, and where what is wrong is told.
pub struct Reader {
    pub zones: BTreeMap<String, Clock>,
    pub default: Clock,
    pub default_name: String,
    pub problems: Vec<EventProblem>,
}

impl Reader {
    /// `None` if there is no start to be read.
    pub fn event(&mut self, line: usize, lines: &[Line]) -> Option<Event> {
        let uid = named(lines);
        let mut faults = Vec::new();
        let event = self.read(line, &uid, lines, &mut faults);
        self.problems.extend(faults.into_iter().map(|fault| EventProblem { line, uid: uid.clone(), fault }));
        event
    }

    fn read(&self, line: usize, uid: &str, lines: &[Line], faults: &mut Vec<Fault>) -> Option<Event> {
        let one = |name: &str| lines.iter().find(|line| line.name == name);
        let Some(start) = one("DTSTART") else {
            note(faults, Fault::NoStart);
            return None;
        };
        let start = self.point(start, "DTSTART", "it is left out", faults)?;
        let length = self.length(one("DTEND"), one("DURATION"), faults);
        let instead_of =
            one("RECURRENCE-ID").and_then(|line| self.point(line, "RECURRENCE-ID", "it stands for itself", faults));
        if one("RECURRENCE-ID").is_some_and(|line| line.param("RANGE").is_some()) {
            note(faults, Fault::ThisAndFuture);
        }
        Some(Event {
            line,
            uid: uid.to_owned(),
            details: Arc::new(details(lines)),
            rules: rules(lines, faults),
            added: self.points(lines, "RDATE", faults),
            excepted: self.points(lines, "EXDATE", faults),
            start,
            length,
            instead_of,
        })
    }

    fn length(&self, end: Option<&Line>, duration: Option<&Line>, faults: &mut Vec<Fault>) -> Length {
        if let Some(point) = end.and_then(|end| self.point(end, "DTEND", "it has no length", faults)) {
            return Length::Until(point);
        }
        let Some(line) = duration else { return Length::None };
        let read = Duration::parse(&line.value).filter(|duration| duration.days >= 0 && duration.seconds >= 0);
        if read.is_none() {
            note(faults, time_fault("DURATION", &line.value, "it has no length"));
        }
        read.map_or(Length::None, Length::For)
    }

    fn point(&self, line: &Line, name: &'static str, so: &'static str, faults: &mut Vec<Fault>) -> Option<Point> {
        let found = self.stamp(line, &line.value, faults);
        if found.is_none() {
            note(faults, time_fault(name, &line.value, so));
        }
        found
    }

    fn points(&self, lines: &[Line], name: &'static str, faults: &mut Vec<Fault>) -> Vec<Point> {
        let mut found = Vec::new();
        for line in lines.iter().filter(|line| line.name == name) {
            for value in line.value.split(',').filter(|value| !value.trim().is_empty()) {
                if found.len() >= MOST_DATES {
                    note(faults, Fault::TooMany);
                    return found;
                }
                // A period begins with its start.
                let start = value.split('/').next().unwrap_or_default();
                match self.stamp(line, start, faults) {
                    Some(point) => found.push(point),
                    None => note(faults, time_fault(name, value, "it is passed over")),
                }
            }
        }
        found
    }

    fn stamp(&self, line: &Line, value: &str, faults: &mut Vec<Fault>) -> Option<Point> {
        let stamp = Stamp::parse(value)?;
        let clock = match (stamp, line.param("TZID")) {
            (Stamp::Utc(_), _) => Clock::Zone(model::hours::Zone::utc()),
            (Stamp::Local(_), Some(name)) => self.clock(name, faults),
            _ => self.default.clone(),
        };
        Some(Point { stamp, clock })
    }

    /// A known name is believed before what the calendar says of it: its author may have described an older law.
    fn clock(&self, name: &str, faults: &mut Vec<Fault>) -> Clock {
        if let Some(found) = Clock::named(name).or_else(|| self.zones.get(name.trim()).cloned()) {
            return found;
        }
        let fault = Fault::Zone { name: cut(name), instead: self.default_name.clone() };
        note(faults, fault);
        self.default.clone()
    }
}

/// Each once, and not without end.
fn note(faults: &mut Vec<Fault>, fault: Fault) {
    if faults.len() < MOST_FAULTS && !faults.contains(&fault) {
        faults.push(fault);
    }
}

fn time_fault(name: &'static str, value: &str, so: &'static str) -> Fault {
    Fault::Time { name, value: cut(value), so }
}

fn cut(value: &str) -> String {
    value.chars().take(60).collect()
}

/// The event's own name, or one made of what it says.
fn named(lines: &[Line]) -> String {
    let value = |name: &str| lines.iter().find(|line| line.name == name).map(|line| line.value.trim());
    let uid = value("UID").filter(|uid| !uid.is_empty()).map(|uid| uid.chars().take(1_000).collect());
    let start = value("DTSTART").unwrap_or_default();
    uid.unwrap_or_else(|| format!("unnamed {} {}", cut(start), cut(value("SUMMARY").unwrap_or_default())))
}

fn rules(lines: &[Line], faults: &mut Vec<Fault>) -> Vec<Rule> {
    let mut found = Vec::new();
    for line in lines.iter().filter(|line| line.name == "RRULE").take(8) {
        match Rule::parse(&line.value) {
            Ok(rule) => found.push(rule),
            Err(fault) => note(faults, fault),
        }
    }
    found
}

fn details(lines: &[Line]) -> Details {
    let mut found = Details::default();
    for line in lines {
        let value = line.value.trim();
        match line.name.as_str() {
            "SUMMARY" => found.summary = text(value),
            "DESCRIPTION" => found.description = text(value),
            "LOCATION" => found.location = text(value),
            "ORGANIZER" => found.organizer = Some(attendee(line)),
            "ATTENDEE" if found.attendees.len() < MOST_ATTENDEES => found.attendees.push(attendee(line)),
            "CATEGORIES" => found.categories.extend(texts(value)),
            "COLOR" => found.color = Some(text(value)),
            "STATUS" => found.status = status(value),
            "SEQUENCE" => found.sequence = value.parse().unwrap_or(0),
            "LAST-MODIFIED" => found.last_modified = instant(value),
            "TRANSP" => found.is_transparent = value.eq_ignore_ascii_case("TRANSPARENT"),
            "URL" => found.url = Some(value.to_owned()),
            _ => {}
        }
    }
    found
}

fn text(value: &str) -> String {
    let mut found = unescaped(value);
    let end = (0..=LONGEST_TEXT.min(found.len())).rev().find(|at| found.is_char_boundary(*at)).unwrap_or(0);
    found.truncate(end);
    found
}

fn status(value: &str) -> Status {
    match value.to_ascii_uppercase().as_str() {
        "CANCELLED" => Status::Cancelled,
        "TENTATIVE" => Status::Tentative,
        _ => Status::Confirmed,
    }
}

fn instant(value: &str) -> Option<Micros> {
    let clock = Clock::Zone(model::hours::Zone::utc());
    Some(Micros::from_seconds(clock.instant(Stamp::parse(value)?.wall())))
}

fn attendee(line: &Line) -> Attendee {
    let value = line.value.trim();
    let address = value.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("mailto:")).map_or(value, |_| &value[7..]);
    let answer = match line.param("PARTSTAT").unwrap_or_default().to_ascii_uppercase().as_str() {
        "ACCEPTED" => Answer::Accepted,
        "DECLINED" => Answer::Declined,
        "TENTATIVE" => Answer::Tentative,
        _ => Answer::None,
    };
    Attendee {
        address: address.trim().to_owned(),
        name: line.param("CN").unwrap_or_default().trim().to_owned(),
        answer,
    }
}
