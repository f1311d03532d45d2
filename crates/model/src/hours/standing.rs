//! Is somebody at work at an instant, why, and until when. Never asks what time it is.
//!
//! What rules over what: an exception over leave, leave over a yearly closed span, that over a holiday, that over the
//! week. A span belongs to the day it begins on: the night shift that begins on a holiday is off until its morning, the
//! one that began the evening before goes on into the holiday.

use super::holidays::HolidaySource;
use super::pieces::Owner;
use super::roster::{LeaveSource, Roster};
use super::subject::{Hours, Layer, Subject};
use super::zone::second;
use crate::Micros;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// How far the next and the last change are looked for; the shorter reaches answer nearly always.
const REACH_DAYS: [i32; 3] = [2, 12, 367];

/// Whether somebody is at work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    pub is_at_work: bool,
    pub why: Why,
    /// Which layer the hours are from.
    pub hours_of: Option<Layer>,
    /// Since when `is_at_work` is so; `None`: for a year and longer.
    pub since: Option<Micros>,
    /// The first instant at which it is otherwise; `None`: not within a year.
    pub until: Option<Micros>,
}

/// The reason, precise enough to be said in any language. `day` is the day that a span belongs to, which is yesterday
/// in the morning after a night shift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "why")]
pub enum Why {
    /// At work by a line of a pattern.
    InHours {
        pattern: String,
        span: String,
        day: Date,
    },
    /// The day's hours are still to come.
    BeforeHours {
        pattern: String,
        next: Option<Micros>,
    },
    /// Between two spans of one day.
    BetweenHours {
        pattern: String,
        next: Option<Micros>,
    },
    /// The day's hours are over.
    AfterHours {
        pattern: String,
        next: Option<Micros>,
    },
    /// The day of the week has none.
    NoHoursThatDay {
        pattern: String,
        next: Option<Micros>,
    },
    /// A break of a pattern; `name` may be empty.
    Break {
        pattern: String,
        name: String,
        span: String,
    },
    Holiday {
        name: String,
        source: HolidaySource,
        day: Date,
    },
    /// Closed every year; `name` may be empty.
    Closed {
        pattern: String,
        name: String,
        span: String,
        day: Date,
    },
    Leave {
        note: String,
        source: LeaveSource,
        from: Micros,
        until: Micros,
    },
    /// A day with hours of its own, at work or not; `hours` is `off` or its spans.
    Exception {
        day: Date,
        hours: String,
        note: String,
    },
    /// Nothing is known about their hours.
    NoPattern,
}

/// Whether a person is at work, perhaps in their work for a customer.
pub fn standing(roster: &Roster, person: &str, customer: Option<&str>, at: Micros) -> Standing {
    standing_of(roster, Subject::Person { id: person, customer }, at)
}

/// The same of whoever has hours.
pub fn standing_of(roster: &Roster, subject: Subject<'_>, at: Micros) -> Standing {
    let hours = Hours::of(roster, subject);
    let (at_s, day) = (second(at), hours.zone.day_of(second(at)));
    let owner = hours.owner(at_s, day);
    let (since, until) = (hours.edge_before(at_s, day), hours.edge_after(at_s, day));
    let until = until.map(Micros::from_seconds);
    let why = owner.as_ref().map_or_else(|| hours.why_not(at_s, day, until), |(day, owner)| hours.why(*day, *owner));
    Standing {
        is_at_work: owner.is_some(),
        why,
        hours_of: hours.pattern.map(|(_, layer)| layer),
        since: since.map(Micros::from_seconds),
        until,
    }
}

impl<'a> Hours<'a> {
    /// What is being worked at this second, and the day it belongs to.
    fn owner(&self, at_s: i64, day: Date) -> Option<(Date, Owner<'a>)> {
        let days = [Ok(day), day.yesterday()].into_iter().filter_map(Result::ok);
        days.flat_map(|day| self.worked(day).into_iter().map(move |piece| (day, piece)))
            .find(|(_, piece)| piece.from <= at_s && at_s < piece.until)
            .map(|(day, piece)| (day, piece.owner))
    }

    fn why(&self, day: Date, owner: Owner<'a>) -> Why {
        match owner {
            Owner::Week(line) => Why::InHours { pattern: self.name(), span: line.to_string(), day },
            Owner::Exception(exception) => exceptional(exception),
        }
    }

    fn name(&self) -> String {
        self.pattern.as_ref().map(|(pattern, _)| pattern.name.clone()).unwrap_or_default()
    }

    fn why_not(&self, at_s: i64, day: Date, until: Option<Micros>) -> Why {
        if let Some(exception) = self.exception(day).or_else(|| self.exception_of_the_night(at_s, day)) {
            return exceptional(exception);
        }
        if let Some(leave) = self.leave(at_s) {
            return leave;
        }
        let days = self.days_meant(at_s, day);
        let closed = days.iter().find_map(|day| Some((*day, self.closed(*day)?)));
        if let Some((day, (pattern, span))) = closed {
            let (pattern, name) = (pattern.name.clone(), span.name.clone());
            return Why::Closed { pattern, name, span: span.to_string(), day };
        }
        if let Some(holiday) = days.iter().find_map(|day| self.holiday(*day)) {
            return Why::Holiday { name: holiday.name, source: holiday.source, day: holiday.date };
        }
        self.paused(at_s, &days).unwrap_or_else(|| self.outside(at_s, day, until))
    }

    /// Yesterday's exception, where its usual hours would go on until now.
    fn exception_of_the_night(&self, at_s: i64, day: Date) -> Option<&'a super::Exception> {
        let yesterday = day.yesterday().ok()?;
        let exception = self.exception(yesterday)?;
        let covers = self.usual(yesterday).iter().any(|piece| piece.from <= at_s && at_s < piece.until);
        covers.then_some(exception)
    }

    /// The days whose hours this second would lie in if nothing took from them, or else the day itself.
    fn days_meant(&self, at_s: i64, day: Date) -> Vec<Date> {
        let days = [Ok(day), day.yesterday()].into_iter().filter_map(Result::ok);
        let covers = |day: &Date| self.nominal(*day).iter().any(|piece| piece.from <= at_s && at_s < piece.until);
        let meant: Vec<Date> = days.filter(covers).collect();
        if meant.is_empty() { vec![day] } else { meant }
    }

    fn leave(&self, at_s: i64) -> Option<Why> {
        let (from, until, leave) = self.leaves.iter().find(|(from, until, _)| *from <= at_s && at_s < *until)?;
        let (from, until) = (Micros::from_seconds(*from), Micros::from_seconds(*until));
        Some(Why::Leave { note: leave.note.clone(), source: leave.source.clone(), from, until })
    }

    fn paused(&self, at_s: i64, days: &[Date]) -> Option<Why> {
        let mut within = days.iter().filter(|day| self.nominal(**day).iter().any(|p| p.from <= at_s && at_s < p.until));
        let day = within.next()?;
        let (_, _, pause) = self.pauses(*day).find(|(from, until, _)| *from <= at_s && at_s < *until)?;
        let span = pause.hours.to_string();
        Some(Why::Break { pattern: self.name(), name: pause.name.clone(), span })
    }

    fn outside(&self, at_s: i64, day: Date, next: Option<Micros>) -> Why {
        if self.pattern.is_none() {
            return Why::NoPattern;
        }
        let pattern = self.name();
        let spans = self.nominal(day);
        let (first, last) = (spans.first().map(|piece| piece.from), spans.iter().map(|piece| piece.until).max());
        match (first, last) {
            (Some(first), _) if at_s < first => Why::BeforeHours { pattern, next },
            (_, Some(last)) if at_s >= last => Why::AfterHours { pattern, next },
            (Some(_), _) => Why::BetweenHours { pattern, next },
            _ => Why::NoHoursThatDay { pattern, next },
        }
    }

    /// The last second up to this one at which work began or ended.
    fn edge_before(&self, at_s: i64, day: Date) -> Option<i64> {
        self.edge(day, |found, (sure, _)| found.filter(|edge| sure <= *edge && *edge <= at_s).max())
    }

    /// The first second after this one at which work begins or ends.
    fn edge_after(&self, at_s: i64, day: Date) -> Option<i64> {
        self.edge(day, |found, (_, sure)| found.filter(|edge| at_s < *edge && *edge <= sure).min())
    }

    /// Looks for an edge of the blocks around a day, further and further. Those at the rim of what was looked at may be
    /// the rim alone.
    fn edge(&self, day: Date, pick: impl Fn(&mut dyn Iterator<Item = i64>, (i64, i64)) -> Option<i64>) -> Option<i64> {
        let reaches: &[i32] = if self.never_change() { &[] } else { &REACH_DAYS };
        reaches.iter().find_map(|reach| {
            let (first, last) = (shift(day, -reach), shift(day, *reach));
            let sure = (self.zone.midnight(shift(first, 1)) + 1, self.zone.midnight(last));
            let blocks = self.blocks(first, last);
            pick(&mut blocks.iter().flat_map(|(from, until)| [*from, *until]), sure)
        })
    }
}

pub(super) fn shift(day: Date, days: i32) -> Date {
    day.checked_add(jiff::Span::new().days(days)).unwrap_or(day)
}

fn exceptional(exception: &super::Exception) -> Why {
    let hours = exception.day.to_string();
    let hours = hours.split_once(' ').map(|(_, hours)| hours.to_owned()).unwrap_or_default();
    Why::Exception { day: exception.day.date, hours, note: exception.note.clone() }
}
