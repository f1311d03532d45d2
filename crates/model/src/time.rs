//! Instants as microseconds since the epoch, the one form in which both databases keep them. Never asks what time it is.

use serde::{Deserialize, Serialize};

/// An instant in microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Micros(pub i64);

pub const SECOND_US: i64 = 1_000_000;

impl Micros {
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(SECOND_US))
    }

    /// Reads RFC 3339 / ISO 8601 with a zone; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|t| Self(t.as_microsecond()))
    }

    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms.saturating_mul(1_000)))
    }

    pub const fn plus_s(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(SECOND_US)))
    }

    /// Microseconds from `earlier` to `self`; negative when `self` is the earlier one.
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The whole second this instant lies in: what a vendor who prints seconds would print.
    pub const fn second(self) -> i64 {
        self.0.div_euclid(SECOND_US)
    }

    /// The beginning of its second.
    #[must_use]
    pub const fn floor_s(self) -> Self {
        Self(self.second() * SECOND_US)
    }

    pub fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    /// RFC 3339 in UTC with as many digits as it needs, e.g. `2026-05-01T00:10:03.414Z`.
    pub fn rfc3339(self) -> String {
        self.timestamp().to_string()
    }
}

impl std::fmt::Display for Micros {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.timestamp())
    }
}
