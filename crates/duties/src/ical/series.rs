//! Events with one uid become occurrences: repeats, what stands instead of one, what is excepted, within a window.

use super::clock::Clock;
use super::event::{Event, Length, Point};
use super::expand::{Window, walls};
use super::occurrence::{Occurrence, When};
use super::problem::Fault;
use super::when::Stamp;
use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use model::Micros;
use model::hours::Zone;
use std::collections::BTreeSet;

/// How many occurrences one event may have within the window.
const MOST_OCCURRENCES: usize = 10_000;

/// What all series of a calendar are read with.
pub struct Expansion<'a> {
    pub from: Micros,
    pub until: Micros,
    /// Whole days are read in it.
    pub zone: &'a Zone,
    pub budget: usize,
    /// How many occurrences the calendar may still have.
    pub most: usize,
}

/// A repeat's own name: an instant, or a day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    At(i64),
    Day(Date),
}

impl Expansion<'_> {
    /// The occurrences of the events of one uid, and what went wrong with which.
    pub fn series(&mut self, mut events: Vec<Event>) -> (Vec<Occurrence>, Vec<(usize, Fault)>) {
        // The newest word on a repeat comes last, and rules.
        events.sort_by_key(|event| (event.details.sequence, event.details.last_modified));
        let (mut found, mut faults) = (Vec::new(), Vec::new());
        let mut taken = BTreeSet::new();
        for event in events.iter().rev().filter(|event| event.instead_of.is_some()) {
            let Some(key) = event.instead_of.as_ref().map(key) else { continue };
            if taken.insert(key) {
                found.extend(self.at(event, event.start.stamp.wall(), Some(key), &mut faults));
            }
        }
        let mut masters = events.iter().rev().filter(|event| event.instead_of.is_none());
        if let Some(master) = masters.next() {
            self.repeats(master, &taken, &mut found, &mut faults);
        }
        faults.extend(masters.map(|older| (older.line, Fault::SameUid)));
        (found, faults)
    }

    fn repeats(
        &mut self,
        master: &Event,
        taken: &BTreeSet<Key>,
        found: &mut Vec<Occurrence>,
        faults: &mut Vec<(usize, Fault)>,
    ) {
        let is_series = !master.rules.is_empty() || !master.added.is_empty();
        let excepted: BTreeSet<Key> = master.excepted.iter().map(key).collect();
        let mut times = self.times(master, faults);
        times.sort_unstable();
        times.dedup();
        let before = found.len();
        for wall in times {
            let names = names(master, wall);
            if names.iter().any(|name| excepted.contains(name) || taken.contains(name)) {
                continue;
            }
            if found.len() - before >= self.most.min(MOST_OCCURRENCES) {
                faults.push((master.line, Fault::TooMany));
                break;
            }
            found.extend(self.at(master, wall, names.first().copied().filter(|_| is_series), faults));
        }
    }

    /// The wall times of a series that may touch the window.
    fn times(&mut self, master: &Event, faults: &mut Vec<(usize, Fault)>) -> Vec<DateTime> {
        let (start, clock) = (master.start.stamp.wall(), &master.start.clock);
        let mut found = vec![start];
        let window = self.window(master);
        for rule in &master.rules {
            let until = rule.until.map(|until| match until {
                Stamp::Utc(_) if master.start.stamp.is_day() => until.wall().date().at(23, 59, 59, 0),
                Stamp::Utc(wall) => clock.wall(Clock::Zone(Zone::utc()).instant(wall)),
                Stamp::Day(day) => day.at(23, 59, 59, 0),
                Stamp::Local(wall) => wall,
            });
            let (times, is_whole) = walls(rule, start, until, &window, &mut self.budget);
            found.extend(times);
            if !is_whole {
                faults.push((master.line, Fault::TooMany));
            }
        }
        found.extend(master.added.iter().map(|point| local(master, point)));
        found
    }

    /// The window by the event's own clock, wide enough for its length and any offset.
    fn window(&self, master: &Event) -> Window {
        let wall = |at: Micros| master.start.clock.wall(at.second().clamp(-2_208_988_800, 7_258_118_400));
        let (days, seconds) = length(master);
        let back = (days + seconds.div_euclid(86_400)).clamp(0, 40_000) + 2;
        let first = wall(self.from).checked_sub(back.days());
        let last = wall(self.until).checked_add(2.days());
        Window { first: first.unwrap_or(DateTime::MIN), last: last.unwrap_or(DateTime::MAX) }
    }

    /// The occurrence that begins at a wall time, if it touches the window.
    fn at(
        &self,
        event: &Event,
        wall: DateTime,
        name: Option<Key>,
        faults: &mut Vec<(usize, Fault)>,
    ) -> Option<Occurrence> {
        let when = if event.start.stamp.is_day() { self.days(event, wall.date()) } else { time(event, wall) };
        let (from, until) = (when.from(), when.until());
        let when = if until < from {
            let fault = (event.line, Fault::Backwards);
            if !faults.contains(&fault) {
                faults.push(fault);
            }
            When::Time { from, until: from }
        } else {
            when
        };
        let touches = from < self.until && (when.until() > self.from || from >= self.from);
        touches.then(|| Occurrence {
            uid: event.uid.clone(),
            recurrence: name.map(spelled),
            when,
            details: event.details.clone(),
        })
    }

    fn days(&self, event: &Event, from: Date) -> When {
        let (days, _) = length(event);
        let until = from.checked_add(days.max(1).days()).unwrap_or(Date::MAX);
        When::Days { from, until, zone: self.zone.clone() }
    }
}

/// The days and seconds of an event, by the wall clock where both of its ends are on the same one.
fn length(event: &Event) -> (i64, i64) {
    match &event.length {
        Length::None => (0, 0),
        Length::For(duration) => (i64::from(duration.days), duration.seconds),
        Length::Until(end) => {
            let (from, until) = (event.start.stamp.wall(), end.stamp.wall());
            if event.start.stamp.is_day() {
                (from.date().until(until.date()).map_or(0, |span| i64::from(span.get_days())), 0)
            } else {
                (0, until.duration_since(from).as_secs())
            }
        }
    }
}

fn time(event: &Event, wall: DateTime) -> When {
    let clock = &event.start.clock;
    let from = clock.instant(wall);
    let until = match &event.length {
        Length::None => from,
        Length::For(duration) => {
            let day = wall.checked_add(i64::from(duration.days).days()).unwrap_or(wall);
            clock.instant(day) + duration.seconds
        }
        // A shift that ends at six ends at six, however long the night was.
        Length::Until(end) if end.clock == *clock => {
            let long = end.stamp.wall().duration_since(event.start.stamp.wall());
            clock.instant(wall.checked_add(long).unwrap_or(wall))
        }
        Length::Until(end) => from + (end.instant() - event.start.instant()),
    };
    When::Time { from: Micros::from_seconds(from), until: Micros::from_seconds(until) }
}

fn key(point: &Point) -> Key {
    match point.stamp {
        Stamp::Day(day) => Key::Day(day),
        _ => Key::At(point.instant()),
    }
}

/// The names that an exception or a change may call a repeat by; its own first.
fn names(master: &Event, wall: DateTime) -> Vec<Key> {
    if master.start.stamp.is_day() {
        return vec![Key::Day(wall.date())];
    }
    vec![Key::At(master.start.clock.instant(wall)), Key::Day(wall.date())]
}

/// An extra date by the series' own clock.
fn local(master: &Event, point: &Point) -> DateTime {
    match point.stamp {
        Stamp::Day(day) if !master.start.stamp.is_day() => day.to_datetime(master.start.stamp.wall().time()),
        Stamp::Day(day) => day.at(0, 0, 0, 0),
        _ => master.start.clock.wall(point.instant()),
    }
}

fn spelled(key: Key) -> String {
    match key {
        Key::Day(day) => day.strftime("%Y%m%d").to_string(),
        Key::At(at) => Clock::Zone(Zone::utc()).wall(at).strftime("%Y%m%dT%H%M%SZ").to_string(),
    }
}
