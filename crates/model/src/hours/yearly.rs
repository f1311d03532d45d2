//! Days that are closed every year, over the year's end as well: `12-29..01-03 年末年始`. Knows no zone.

use super::Problem;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;

/// From one day of the year to another, both closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct YearSpan {
    first: (i8, i8),
    last: (i8, i8),
    /// What people call it; may be empty.
    pub name: String,
}

impl YearSpan {
    /// `12-29..01-03 年末年始`, `05-01`, `02-29..03-01`.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let (days, name) = text.trim().split_once(char::is_whitespace).unwrap_or((text.trim(), ""));
        let (first, last) = days.split_once("..").unwrap_or((days, days));
        Ok(Self { first: month_day(text, first)?, last: month_day(text, last)?, name: name.trim().into() })
    }

    pub fn has(&self, date: Date) -> bool {
        let day = (date.month(), date.day());
        if self.first <= self.last {
            (self.first..=self.last).contains(&day)
        } else {
            day >= self.first || day <= self.last
        }
    }
}

fn month_day(text: &str, part: &str) -> Result<(i8, i8), Problem> {
    // A leap year, since 29 February is a day of the year.
    let date: Option<Date> =
        if part.len() == 5 && part.is_ascii() { format!("2000-{part}").parse().ok() } else { None };
    let wrong = || Problem::DayOfYear { text: text.into(), at: part.into() };
    date.map(|date| (date.month(), date.day())).ok_or_else(wrong)
}

impl TryFrom<String> for YearSpan {
    type Error = Problem;

    fn try_from(text: String) -> Result<Self, Problem> {
        Self::parse(&text)
    }
}

impl From<YearSpan> for String {
    fn from(span: YearSpan) -> Self {
        span.to_string()
    }
}

impl fmt::Display for YearSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{:02}", self.first.0, self.first.1)?;
        if self.first != self.last {
            write!(f, "..{:02}-{:02}", self.last.0, self.last.1)?;
        }
        if self.name.is_empty() { Ok(()) } else { write!(f, " {}", self.name) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_year_is_one_span() {
        let span = YearSpan::parse("12-29..01-03 年末年始").unwrap();
        assert_eq!((span.to_string().as_str(), span.name.as_str()), ("12-29..01-03 年末年始", "年末年始"));
        for (day, wanted) in [
            ("2026-12-28", false),
            ("2026-12-29", true),
            ("2026-12-31", true),
            ("2027-01-01", true),
            ("2027-01-03", true),
            ("2027-01-04", false),
        ] {
            assert_eq!(span.has(day.parse().unwrap()), wanted, "{day}");
        }
    }

    #[test]
    fn one_day_and_a_leap_day_read_back_and_what_is_no_day_is_named() {
        for text in ["05-01", "02-29..03-01", "08-13..08-16 お盆"] {
            assert_eq!(YearSpan::parse(text).unwrap().to_string(), text);
        }
        for text in ["12-32", "2-30", "", "12-29..", "12-29...01-03", "年末"] {
            let told = YearSpan::parse(text).unwrap_err().to_string();
            assert!(told.contains("is no day of the year; write month-day, such as 12-29..01-03"), "{text}: {told}");
        }
    }
}
