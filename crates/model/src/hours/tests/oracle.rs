//! A naive clock: looks at the wall clock of one minute and asks each rule in turn. Shares no arithmetic with the hours.

use super::super::*;
use crate::Micros;
use jiff::civil::{Date, DateTime};

const MINUTE_S: i64 = 60;

/// How far a zone's wall clock has come: what it shows, or showed within the last four hours if that was later.
fn furthest(zone: &Zone, at_s: i64) -> DateTime {
    let shown = |at_s: i64| zone.time_zone().to_datetime(jiff::Timestamp::from_second(at_s).unwrap());
    let offset = |at_s: i64| zone.time_zone().to_offset(jiff::Timestamp::from_second(at_s).unwrap());
    if offset(at_s) == offset(at_s - 240 * MINUTE_S) {
        return shown(at_s);
    }
    (0..=240).map(|back| shown(at_s - back * MINUTE_S)).max().unwrap()
}

fn minute_of(text: &str) -> i64 {
    let (hour, minute) = text.split_once(':').unwrap();
    hour.parse::<i64>().unwrap() * 60 + minute.parse::<i64>().unwrap()
}

/// Whether a wall clock lies in a span such as `22:00-07:00` of a day.
fn is_in(span: TimeSpan, day: Date, wall: DateTime) -> bool {
    let text = span.to_string();
    let (start, end) = text.split_once('-').unwrap();
    let (start, end) = (minute_of(start), minute_of(end));
    let end = if end <= start { end + 24 * 60 } else { end };
    let passed = wall.duration_since(day.at(0, 0, 0, 0)).as_secs().div_euclid(MINUTE_S);
    (start..end).contains(&passed)
}

fn in_line(line: &WeekSpan, day: Date, wall: DateTime) -> bool {
    line.days.has(day.weekday()) && line.spans.iter().any(|span| is_in(*span, day, wall))
}

fn on_leave(leave: &Leave, at_s: i64) -> bool {
    match &leave.span {
        LeaveSpan::Time { from, until } => (from.second()..until.second()).contains(&at_s),
        LeaveSpan::Days { from, until, zone } => (*from..*until).contains(&furthest(zone, at_s).date()),
    }
}

/// Whether the roster's first person, who has the roster's first pattern, is at work.
pub fn is_at_work(roster: &Roster, at: Micros) -> bool {
    let (pattern, at_s) = (&roster.patterns[0], at.second());
    let wall = furthest(&pattern.zone, at_s);
    let days = [wall.date(), wall.date().yesterday().unwrap()];
    days.iter().any(|day| {
        if let Some(exception) = roster.exceptions.iter().rev().find(|exception| exception.day.date == *day) {
            return exception.day.spans.iter().any(|span| is_in(*span, *day, wall));
        }
        let is_off = pattern.closed.iter().any(|span| span.has(*day))
            || (pattern.holidays == Observed::Japan && japan::holiday(*day).is_some())
            || roster.leaves.iter().any(|leave| on_leave(leave, at_s))
            || days.iter().any(|on| pattern.breaks.iter().any(|pause| in_line(&pause.hours, *on, wall)));
        !is_off && pattern.week.0.iter().any(|line| in_line(line, *day, wall))
    })
}
