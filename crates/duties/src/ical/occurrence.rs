//! What is read out of a calendar: plain occurrences. Never changed here.

use jiff::civil::Date;
use model::Micros;
use model::hours::Zone;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One happening of an event: a single one, or one repeat of a series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occurrence {
    /// The event's own name; with `recurrence` it names this occurrence for ever, wherever it is moved.
    pub uid: String,
    /// Which repeat it is: when it was first meant to begin, `20261127T000000Z` or `20261127`. `None`: no series.
    pub recurrence: Option<String>,
    pub when: When,
    /// Shared by the repeats of a series.
    #[serde(with = "shared")]
    pub details: Arc<Details>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// `until` is no longer part of it; equal to `from` where it has no length.
    Time { from: Micros, until: Micros },
    /// Whole days, to be read in a zone; `until` is the first day after.
    Days { from: Date, until: Date, zone: Zone },
}

impl When {
    /// Its first instant.
    pub fn from(&self) -> Micros {
        match self {
            Self::Time { from, .. } => *from,
            Self::Days { from, zone, .. } => Micros::from_seconds(zone.midnight(*from)),
        }
    }

    /// The first instant after it.
    pub fn until(&self) -> Micros {
        match self {
            Self::Time { until, .. } => *until,
            Self::Days { until, zone, .. } => Micros::from_seconds(zone.midnight(*until)),
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    pub summary: String,
    pub description: String,
    pub location: String,
    pub organizer: Option<Attendee>,
    pub attendees: Vec<Attendee>,
    pub categories: Vec<String>,
    pub color: Option<String>,
    pub status: Status,
    pub sequence: i64,
    pub last_modified: Option<Micros>,
    /// It does not make its people busy.
    pub is_transparent: bool,
    pub url: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    #[default]
    Confirmed,
    Tentative,
    Cancelled,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attendee {
    /// A mail address, without `mailto:`.
    pub address: String,
    pub name: String,
    pub answer: Answer,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    #[default]
    None,
    Accepted,
    Declined,
    Tentative,
}

/// As if every occurrence had its details to itself.
mod shared {
    use super::{Arc, Details};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(details: &Arc<Details>, to: S) -> Result<S::Ok, S::Error> {
        details.as_ref().serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<Details>, D::Error> {
        Details::deserialize(from).map(Arc::new)
    }
}
