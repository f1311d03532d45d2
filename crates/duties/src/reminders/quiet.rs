//! Quiet hours: a daily span by the wall clock, or whatever lies outside of a pattern's hours. Says until when it is quiet;
//! drops nothing.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use model::Micros;
use model::hours::{Roster, Subject, standing_of};
use serde::{Deserialize, Serialize};
use std::fmt;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Quiet {
    #[default]
    None,
    Daily(Daily),
    /// Outside of the hours of the pattern that is called so. One that is not known is never quiet.
    Outside(String),
}

/// From one time of the day to another, over midnight or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Daily {
    from: Time,
    until: Time,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    #[error("quiet hours \"{0}\": write a span such as 22:00-07:00, or the name of a pattern of hours")]
    Span(String),
    #[error("quiet hours \"{0}\" begin and end at the same time: a reminder would never come; write a shorter span")]
    Always(String),
}

impl Quiet {
    /// "22:00-07:00", the name of a pattern, or nothing.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let text = text.trim();
        if text.is_empty() || text.eq_ignore_ascii_case("none") {
            return Ok(Self::None);
        }
        if !text.starts_with(|c: char| c.is_ascii_digit()) {
            return Ok(Self::Outside(text.to_owned()));
        }
        let wrong = || Problem::Span(text.to_owned());
        let (from, until) = text.split_once('-').ok_or_else(wrong)?;
        let (from, until) = (clock(from).ok_or_else(wrong)?, clock(until).ok_or_else(wrong)?);
        if from == until { Err(Problem::Always(text.to_owned())) } else { Ok(Self::Daily(Daily { from, until })) }
    }

    /// When it ends, if it is quiet now.
    pub fn until(&self, zone: &TimeZone, roster: &Roster, now: Micros) -> Option<Micros> {
        let until = match self {
            Self::None => None,
            Self::Daily(daily) => daily.until(zone, now),
            Self::Outside(name) => {
                let standing = standing_of(roster, Subject::Pattern(roster.pattern(name)?), now);
                standing.until.filter(|_| !standing.is_at_work)
            }
        };
        until.filter(|until| *until > now)
    }
}

impl Daily {
    fn until(self, zone: &TimeZone, now: Micros) -> Option<Micros> {
        let here = now.timestamp().to_zoned(zone.clone());
        let (day, time) = (here.date(), here.time());
        let (begun, over) = (time >= self.from, time >= self.until);
        let ends_on = match self.from < self.until {
            true if begun && !over => day,
            false if begun => day.tomorrow().ok()?,
            false if !over => day,
            _ => return None,
        };
        self.ends(zone, ends_on, now)
    }

    /// A wall clock that is set back shows the end twice: the one that is still to come is meant.
    fn ends(self, zone: &TimeZone, day: Date, now: Micros) -> Option<Micros> {
        let ends = zone.to_ambiguous_zoned(day.to_datetime(self.until));
        let both = [ends.clone().compatible().ok()?, ends.later().ok()?];
        both.iter().map(|ends| Micros(ends.timestamp().as_microsecond())).find(|ends| *ends > now)
    }
}

/// "7:00", and "24:00" for midnight.
fn clock(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    let digits = |part: &str| part.len() <= 2 && !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(hour) || minute.len() != 2 || !digits(minute) {
        return None;
    }
    let (hour, minute) = (hour.parse::<i8>().ok()?, minute.parse::<i8>().ok()?);
    let hour = if hour == 24 && minute == 0 { 0 } else { hour };
    Time::new(hour, minute, 0, 0).ok()
}

impl TryFrom<String> for Quiet {
    type Error = Problem;

    fn try_from(text: String) -> Result<Self, Problem> {
        Self::parse(&text)
    }
}

impl From<Quiet> for String {
    fn from(quiet: Quiet) -> Self {
        quiet.to_string()
    }
}

impl fmt::Display for Quiet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Daily(Daily { from, until }) => write!(f, "{}-{}", from.strftime("%H:%M"), until.strftime("%H:%M")),
            Self::Outside(name) => f.write_str(name),
        }
    }
}
