//! What is wrong with a text about hours: which text, where, and what to write instead. Never a bare "invalid".

use thiserror::Error;

/// Why a text about hours, days or holidays could not be read. `at` is the part at fault, as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Problem {
    #[error(
        "{text:?}: {at:?} is no day of the week; write mon, tue, wed, thu, fri, sat, sun, or a range such as mon-fri"
    )]
    Day { text: String, at: String },
    #[error("{text:?}: {at:?} is no span of time; write it as 09:00-18:00, with 24:00 for midnight at the end")]
    Time { text: String, at: String },
    #[error(
        "{text:?}: {at:?} begins and ends at the same time; write 00:00-24:00 for the whole day, or leave it out for none"
    )]
    Empty { text: String, at: String },
    #[error("{text:?} has days but no hours; write both, such as mon-fri 09:00-18:00, or \"never\"")]
    NoHours { text: String },
    #[error("{text:?}: {at:?} is no day of the year; write month-day, such as 12-29..01-03")]
    DayOfYear { text: String, at: String },
    #[error("{text:?}: {at:?} is no date; write year-month-day, such as 2026-12-01")]
    Date { text: String, at: String },
    #[error("no time zone is called {name:?}; write its IANA name, such as Asia/Tokyo")]
    Zone { name: String },
    #[error("line {line}: {at:?} is no date; the list of holidays has one a line, as 2026/1/1,name")]
    CsvDate { line: usize, at: String },
    #[error(
        "no holiday was found in the list; it has a heading and then a date and a name a line, as 2026/1/1,name \
         (the Cabinet Office of Japan publishes one as syukujitsu.csv)"
    )]
    CsvEmpty,
}

impl Problem {
    pub(super) fn day(text: &str, at: &str) -> Self {
        Self::Day { text: text.into(), at: at.into() }
    }

    pub(super) fn time(text: &str, at: &str) -> Self {
        Self::Time { text: text.into(), at: at.into() }
    }

    pub(super) fn date(text: &str, at: &str) -> Self {
        Self::Date { text: text.into(), at: at.into() }
    }
}
