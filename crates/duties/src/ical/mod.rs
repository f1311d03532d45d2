//! iCalendar (RFC 5545): the bytes of a feed into plain occurrences within a window. Never fetches, never asks the time.
//! Hostile bytes cost a bounded amount of work, and what can't be read as it was meant is listed with the event it is of.

mod clock;
mod event;
mod expand;
mod holiday_file;
mod lines;
mod occurrence;
mod problem;
mod promises;
mod rule;
mod series;
mod when;
mod windows;

#[cfg(test)]
mod tests;

pub use holiday_file::holiday_file;
pub use occurrence::{Answer, Attendee, Details, Occurrence, Status, When};
pub use problem::{EventProblem, Fault, Problem};
pub use promises::{Feed, events};

use clock::{Clock, Described};
use event::{Event, Reader};
use lines::Line;
use model::Micros;
use model::hours::Zone;
use series::Expansion;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The largest feed that is read.
pub const MOST_BYTES: usize = 16 * 1_024 * 1_024;
/// The most events of one feed.
pub const MOST_EVENTS: usize = 20_000;
/// The most occurrences of one feed.
pub const MOST_OCCURRENCES: usize = 100_000;
/// The most lines that are kept; what is shorter a line than any calendar is none.
const MOST_LINES: usize = 1_000_000;
const DEEPEST: usize = 32;
/// The properties of an event that mean something here.
const KEPT: [&str; 20] = [
    "UID",
    "DTSTART",
    "DTEND",
    "DURATION",
    "RRULE",
    "RDATE",
    "EXDATE",
    "RECURRENCE-ID",
    "SUMMARY",
    "DESCRIPTION",
    "LOCATION",
    "ORGANIZER",
    "ATTENDEE",
    "CATEGORIES",
    "COLOR",
    "STATUS",
    "SEQUENCE",
    "LAST-MODIFIED",
    "TRANSP",
    "URL",
];
/// How many days and times all rules of a feed may look at.
const BUDGET: usize = 5_000_000;

/// A calendar as it stands within a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    pub name: Option<String>,
    /// What whole days and times without a zone are read in.
    pub zone: Zone,
    /// In order of time; cancelled ones too, with that status.
    pub occurrences: Vec<Occurrence>,
    pub problems: Vec<EventProblem>,
}

/// Reads what of a calendar touches `[from, until)`. `zone` is for a calendar that names none.
pub fn read(bytes: &[u8], zone: &Zone, from: Micros, until: Micros) -> Result<Calendar, Problem> {
    if bytes.len() > MOST_BYTES {
        return Err(Problem::TooLarge { bytes: bytes.len(), most: MOST_BYTES });
    }
    let mut parts = Parts::read(bytes)?;
    let mut budget = BUDGET;
    let (reader, events) = parts.understood(zone, &mut budget);
    let zone = if let Clock::Zone(zone) = &reader.default { zone.clone() } else { zone.clone() };
    let mut problems = reader.problems;
    let mut expansion = Expansion { from, until, zone: &zone, budget, most: MOST_OCCURRENCES };
    let mut occurrences = Vec::new();
    for (uid, events) in events {
        let (found, faults) = expansion.series(events);
        expansion.most = expansion.most.saturating_sub(found.len());
        occurrences.extend(found);
        problems.extend(faults.into_iter().map(|(line, fault)| EventProblem { line, uid: uid.clone(), fault }));
    }
    occurrences.sort_by_cached_key(|one| (one.when.from(), one.uid.clone(), one.recurrence.clone()));
    problems.sort_by_key(|problem| problem.line);
    Ok(Calendar { name: parts.text("X-WR-CALNAME"), zone, occurrences, problems })
}

/// The lines of a calendar by the component they stand in. Deeper components (alarms) are passed over.
#[derive(Default)]
struct Parts {
    own: Vec<Line>,
    zones: Vec<Vec<Line>>,
    events: Vec<(usize, Vec<Line>)>,
    too_many: Option<usize>,
    kept: usize,
}

impl Parts {
    fn read(bytes: &[u8]) -> Result<Self, Problem> {
        let (mut parts, mut open, mut last, mut has_calendar) = (Self::default(), Vec::new(), 0, false);
        for line in lines::read(bytes) {
            last = line.number;
            has_calendar |= open.is_empty() && line.is("BEGIN", "VCALENDAR");
            parts.take(&mut open, line);
            if open.len() > DEEPEST {
                return Err(Problem::TooDeep { line: last });
            }
            if parts.kept > MOST_LINES {
                return Err(Problem::TooLarge { bytes: bytes.len(), most: MOST_BYTES });
            }
        }
        match (has_calendar, open.is_empty()) {
            (false, _) => Err(Problem::NoCalendar),
            (true, false) => Err(Problem::CutShort { line: last }),
            (true, true) => Ok(parts),
        }
    }

    fn take(&mut self, open: &mut Vec<String>, line: Line) {
        let name = || line.value.trim().to_ascii_uppercase();
        match line.name.as_str() {
            "BEGIN" => {
                let name = name();
                // These lie in nothing but the calendar: what was open before has lost its end.
                if matches!(name.as_str(), "VEVENT" | "VTIMEZONE") {
                    open.truncate(1);
                }
                self.begin(open, &name, &line);
                open.push(name);
            }
            // An end that is missing ends with what it stands in.
            "END" => {
                let name = name();
                let at = open.iter().rposition(|begun| *begun == name);
                self.line(open, line);
                open.truncate(at.unwrap_or(open.len()));
            }
            _ => self.line(open, line),
        }
    }

    fn begin(&mut self, open: &[String], name: &str, line: &Line) {
        match (open, name) {
            ([_], "VTIMEZONE") if self.zones.len() < 500 => self.zones.push(Vec::new()),
            ([_], "VEVENT") if self.events.len() < MOST_EVENTS => self.events.push((line.number, Vec::new())),
            ([_], "VEVENT") => {
                self.too_many.get_or_insert(line.number);
            }
            _ => self.line(open, line.clone()),
        }
    }

    fn line(&mut self, open: &[String], line: Line) {
        let (first, second) = (open.first().map(String::as_str), open.get(1).map(String::as_str));
        let into = match (first, second, open.len()) {
            (Some("VCALENDAR"), None, _) => Some(&mut self.own),
            (Some("VCALENDAR"), Some("VTIMEZONE"), _) => self.zones.last_mut(),
            (Some("VCALENDAR"), Some("VEVENT"), 2) if self.too_many.is_none() && KEPT.contains(&line.name.as_str()) => {
                self.events.last_mut().map(|(_, event)| event)
            }
            _ => None,
        };
        self.kept += usize::from(into.is_some());
        into.into_iter().for_each(|list| list.push(line.clone()));
    }

    fn text(&self, name: &str) -> Option<String> {
        let line = self.own.iter().find(|line| line.name == name)?;
        Some(lines::unescaped(line.value.trim())).filter(|text| !text.is_empty())
    }

    /// The events by their uid, and the reader with all that was wrong.
    fn understood(&mut self, zone: &Zone, budget: &mut usize) -> (Reader, BTreeMap<String, Vec<Event>>) {
        let mut reader = self.reader(zone, budget);
        let mut events: BTreeMap<String, Vec<Event>> = BTreeMap::new();
        for (line, lines) in std::mem::take(&mut self.events) {
            if let Some(event) = reader.event(line, &lines) {
                events.entry(event.uid.clone()).or_default().push(event);
            }
        }
        if let Some(line) = self.too_many {
            let fault = Fault::TooManyEvents { most: MOST_EVENTS };
            reader.problems.push(EventProblem { line, uid: String::new(), fault });
        }
        (reader, events)
    }

    fn reader(&self, zone: &Zone, budget: &mut usize) -> Reader {
        let described = self.zones.iter().filter_map(|lines| {
            // Some programs say in a line of their own which zone it is.
            let meant = lines.iter().find(|line| line.name == "X-LIC-LOCATION");
            let meant = meant.and_then(|line| Clock::named(&line.value));
            let id = lines.iter().find(|line| line.name == "TZID")?.value.trim().to_owned();
            let own = || Described::read(lines, budget).map(|zone| Clock::Described(Arc::new(zone)));
            Some((id, meant.or_else(own)?))
        });
        let zones = described.collect();
        let named = self.own.iter().find(|line| matches!(line.name.as_str(), "X-WR-TIMEZONE" | "TIMEZONE-ID"));
        let known = named.and_then(|line| Clock::named(&line.value));
        let mut problems = Vec::new();
        if let Some(line) = named.filter(|line| known.is_none() && !line.value.trim().is_empty()) {
            let fault = Fault::Zone { name: line.value.chars().take(60).collect(), instead: zone.name().into() };
            problems.push(EventProblem { line: line.number, uid: String::new(), fault });
        }
        let default = known.unwrap_or_else(|| Clock::Zone(zone.clone()));
        let default_name = if let Clock::Zone(zone) = &default { zone.name().to_owned() } else { String::new() };
        Reader { zones, default, default_name, problems }
    }
}
