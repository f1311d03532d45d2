//! Which instant a wall time of an event means: a zone by its IANA or Windows name, or one that the calendar itself
//! describes (VTIMEZONE). Never fails: a zone that is not known is told, and the calendar's own is taken.

use super::expand::{Window, walls};
use super::lines::Line;
use super::rule::Rule;
use super::when::Stamp;
use super::windows;
use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use model::hours::Zone;
use std::sync::Arc;

/// A clock that event times are read by.
#[derive(Clone, Debug, PartialEq)]
pub enum Clock {
    Zone(Zone),
    Described(Arc<Described>),
}

/// A zone that a calendar describes: when, by the wall clock before it, which offset begins.
#[derive(Debug, PartialEq, Eq)]
pub struct Described {
    pub id: String,
    /// In order.
    changes: Vec<Change>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Change {
    at: DateTime,
    before_s: i32,
    after_s: i32,
}

const MOST_CHANGES: usize = 2_000;

impl Clock {
    /// By its IANA name, also at the end of a path as some programs write it, or by its Windows name.
    pub fn named(name: &str) -> Option<Self> {
        let name = name.trim();
        let zone = |name: &str| Zone::parse(name).ok().map(Self::Zone);
        let parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty()).collect();
        let tail = |count: usize| zone(&parts.get(parts.len().checked_sub(count)?..)?.join("/"));
        let path = || name.starts_with('/').then(|| tail(3).or_else(|| tail(2)).or_else(|| tail(1))).flatten();
        zone(name).or_else(|| windows::iana(name).and_then(zone)).or_else(path)
    }

    /// The instant that a wall time means, in seconds: what the clock jumps over is read by the offset before the jump,
    /// what it shows twice the first time (RFC 5545, 3.3.5).
    pub fn instant(&self, wall: DateTime) -> i64 {
        match self {
            Self::Zone(zone) => {
                let found = zone.time_zone().to_ambiguous_timestamp(wall).compatible();
                found.map_or_else(|_| utc(wall), |at| at.as_second())
            }
            Self::Described(zone) => utc(wall) - i64::from(zone.offset(wall)),
        }
    }

    /// What the clock shows.
    pub fn wall(&self, at_s: i64) -> DateTime {
        let shown = |offset: i64| {
            let at = jiff::Timestamp::from_second(at_s.saturating_add(offset)).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
            jiff::tz::TimeZone::UTC.to_datetime(at)
        };
        match self {
            Self::Zone(zone) => {
                let at = jiff::Timestamp::from_second(at_s).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
                zone.time_zone().to_datetime(at)
            }
            Self::Described(zone) => shown(i64::from(zone.offset_at(at_s))),
        }
    }
}

fn utc(wall: DateTime) -> i64 {
    jiff::tz::TimeZone::UTC.to_timestamp(wall).map_or(0, |at| at.as_second())
}

impl Described {
    /// From the lines of a VTIMEZONE; `None` if it says no offset.
    pub fn read(lines: &[Line], budget: &mut usize) -> Option<Self> {
        let id = lines.iter().find(|line| line.name == "TZID")?.value.trim().to_owned();
        let mut changes = Vec::new();
        let begins = |line: &Line| line.is("BEGIN", "STANDARD") || line.is("BEGIN", "DAYLIGHT");
        let ends = |line: &Line| line.is("END", "STANDARD") || line.is("END", "DAYLIGHT");
        for part in lines.split(begins).skip(1) {
            let end = part.iter().position(ends).unwrap_or(part.len());
            changes.extend(observance(&part[..end], budget).unwrap_or_default());
        }
        changes.sort_unstable();
        changes.truncate(MOST_CHANGES);
        if changes.is_empty() { None } else { Some(Self { id, changes }) }
    }

    fn offset(&self, wall: DateTime) -> i32 {
        let Some(at) = self.changes.partition_point(|change| change.at <= wall).checked_sub(1) else {
            return self.first();
        };
        let change = self.changes[at];
        let jump = (change.after_s - change.before_s).max(0);
        let is_jumped_over = change.at.checked_add(jump.seconds()).is_ok_and(|end| wall < end);
        if is_jumped_over { change.before_s } else { change.after_s }
    }

    fn offset_at(&self, at_s: i64) -> i32 {
        let begins = |change: &Change| utc(change.at) - i64::from(change.before_s);
        let at = self.changes.partition_point(|change| begins(change) <= at_s).checked_sub(1);
        at.map_or_else(|| self.first(), |at| self.changes[at].after_s)
    }

    fn first(&self) -> i32 {
        self.changes.first().map_or(0, |change| change.before_s)
    }
}

/// The changes that one STANDARD or DAYLIGHT part tells.
fn observance(lines: &[Line], budget: &mut usize) -> Option<Vec<Change>> {
    let value = |name: &str| lines.iter().find(|line| line.name == name).map(|line| line.value.as_str());
    let (before_s, after_s) = (offset(value("TZOFFSETFROM")?)?, offset(value("TZOFFSETTO")?)?);
    let start = Stamp::parse(value("DTSTART")?)?.wall();
    let mut times = vec![start];
    for line in lines.iter().filter(|line| line.name == "RRULE") {
        let Ok(rule) = Rule::parse(&line.value) else { continue };
        let until = rule.until.map(|until| match until {
            Stamp::Utc(wall) => wall.checked_add(before_s.seconds()).unwrap_or(wall),
            other => other.wall(),
        });
        let window = Window { first: start, last: Date::constant(2150, 1, 1).at(0, 0, 0, 0) };
        times.extend(walls(&rule, start, until, &window, budget).0.into_iter().take(MOST_CHANGES));
    }
    let dates = lines.iter().filter(|line| line.name == "RDATE").flat_map(|line| line.value.split(','));
    times.extend(dates.filter_map(|date| Some(Stamp::parse(date)?.wall())));
    times.sort_unstable();
    times.dedup();
    Some(times.into_iter().map(|at| Change { at, before_s, after_s }).collect())
}

/// `+0900`, `-033000`.
fn offset(text: &str) -> Option<i32> {
    let text = text.trim();
    let (sign, digits) = match text.split_at_checked(1)? {
        ("-", digits) => (-1, digits),
        ("+", digits) => (1, digits),
        _ => return None,
    };
    if !matches!(digits.len(), 4 | 6) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize| digits.get(from..from + 2).map_or(Some(0), |part| part.parse::<i32>().ok());
    let all = part(0)? * 3_600 + part(2)? * 60 + part(4)?;
    (all < 26 * 3_600).then_some(sign * all)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW_YORK: &str = "BEGIN:VTIMEZONE\r\nTZID:Our own\r\n\
        BEGIN:DAYLIGHT\r\nDTSTART:20070311T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\r\nTZOFFSETFROM:-0500\r\nTZOFFSETTO:-0400\r\nEND:DAYLIGHT\r\n\
        BEGIN:STANDARD\r\nDTSTART:20071104T020000\r\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\r\nTZOFFSETFROM:-0400\r\nTZOFFSETTO:-0500\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";

    #[test]
    fn names_of_many_kinds_lead_to_a_zone() {
        for (name, wanted) in [
            ("Asia/Tokyo", Some("Asia/Tokyo")),
            ("Tokyo Standard Time", Some("Asia/Tokyo")),
            ("/example.org/20260101/Europe/London", Some("Europe/London")),
            ("/example.org/America/Argentina/Buenos_Aires", Some("America/Argentina/Buenos_Aires")),
            ("Somewhere", None),
            ("", None),
            ("/", None),
        ] {
            let found = Clock::named(name);
            assert_eq!(found, wanted.map(|zone| Clock::Zone(Zone::parse(zone).unwrap())), "{name}");
        }
    }

    #[test]
    fn a_described_zone_tells_the_same_time_as_the_one_it_describes() {
        let lines: Vec<Line> = super::super::lines::read(NEW_YORK.as_bytes()).collect();
        let own = Clock::Described(Arc::new(Described::read(&lines, &mut 1_000_000).unwrap()));
        let known = Clock::Zone(Zone::parse("America/New_York").unwrap());
        let first = Date::constant(2025, 12, 30).at(0, 0, 0, 0);
        for wall in first.series(13.minutes()).take(50_000) {
            assert_eq!(own.instant(wall), known.instant(wall), "{wall}");
            let at = known.instant(wall);
            assert_eq!(own.wall(at), known.wall(at), "{wall}");
        }
    }

    #[test]
    fn offsets_are_read_or_refused() {
        assert_eq!((offset("+0900"), offset("-033015"), offset("-0000")), (Some(32_400), Some(-12_615), Some(0)));
        for wrong in ["", "0900", "+9", "+9999", "+09:00", "+０９"] {
            assert_eq!(offset(wrong), None, "{wrong}");
        }
    }
}
