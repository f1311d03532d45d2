//! What is wrong with a calendar as a whole, and with single events of it. Never a reason to lose the other events.

use thiserror::Error;

/// Why bytes are no calendar that can be believed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Problem {
    #[error("the calendar has {bytes} bytes, and at most {most} are read; give an address with fewer or newer events")]
    TooLarge { bytes: usize, most: usize },
    #[error("this is no iCalendar: there is no BEGIN:VCALENDAR; check the address, which may answer with a page")]
    NoCalendar,
    #[error("line {line}: parts lie in parts deeper than in any calendar; check what the address answers with")]
    TooDeep { line: usize },
    #[error("the calendar ends in the middle, after line {line}; events may lack, so none is read: fetch it again")]
    CutShort { line: usize },
}

/// Something about one event (or one of the calendar's own lines) that could not be read as it was meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventProblem {
    /// Where the event begins, as lines are counted in the bytes.
    pub line: usize,
    /// Empty when it is not about an event.
    pub uid: String,
    pub fault: Fault,
}

impl std::fmt::Display for EventProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}", self.line)?;
        if !self.uid.is_empty() {
            write!(f, ", event {}", self.uid)?;
        }
        write!(f, ": {}", self.fault)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    #[error("it has no DTSTART, so it is left out")]
    NoStart,
    #[error("{name} {value:?} is no date or time, so {so}")]
    Time { name: &'static str, value: String, so: &'static str },
    #[error("it ends before it begins, so it has no length")]
    Backwards,
    #[error("the time zone {name:?} is not known and not described, so its times are read in {instead}")]
    Zone { name: String, instead: String },
    #[error("the rule {rule:?} is not understood, so it does not repeat")]
    Rule { rule: String },
    #[error("it repeats {freq}, which is not expanded, so it does not repeat")]
    TooFrequent { freq: String },
    #[error("it repeats more often than is expanded, so its later repeats are left out")]
    TooMany,
    #[error("a change for all later repeats is taken for the one repeat alone")]
    ThisAndFuture,
    #[error("another event has the same UID; the newer one counts")]
    SameUid,
    #[error("there are more than {most} events, so this and the ones after it are left out")]
    TooManyEvents { most: usize },
}
