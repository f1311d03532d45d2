//! An event of an outside calendar: a promise with a time. Plain data as the calendar showed it; whether and when people hear of
//! it is decided elsewhere.

use crate::Micros;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// One event, or one instance of a recurring one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarEvent {
    /// "CALENDAR/ID", the same for ever; of an instance its own, whenever it is moved to.
    pub id: String,
    /// The name of the configured calendar.
    pub calendar: String,
    pub title: String,
    /// Plain text, whatever the calendar writes it in.
    pub text: String,
    pub place: String,
    pub starts_at: Micros,
    pub ends_at: Micros,
    pub is_all_day: bool,
    /// Of whole days: the first one and the first one after, as they stand in the calendar, whatever its zone.
    #[serde(default)]
    pub days: Option<(Date, Date)>,
    /// Who entered it.
    pub registrant: Option<Attendee>,
    pub attendees: Vec<Attendee>,
    /// The calendar's own name or number of a colour, or a category.
    pub colours: Vec<String>,
    pub is_cancelled: bool,
    /// Whoever entered it counts as free meanwhile.
    #[serde(default)]
    pub is_free: bool,
    /// Where people open it; a feed may have none.
    pub url: Option<String>,
    pub updated_at: Option<Micros>,
    /// The recurring event that it is an instance of.
    pub recurring: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attendee {
    /// In small letters.
    pub mail: Option<String>,
    pub name: Option<String>,
    pub has_declined: bool,
}

/// A change that a calendar told: an event as it is now, or that one is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    Event(Box<CalendarEvent>),
    /// Only its id is told of what was deleted.
    Gone {
        id: String,
    },
}
