//! A time zone by its IANA name, and the one rule by which a wall clock's time becomes an instant. The zones are those
//! that were compiled in: nothing is read from the machine it runs on.

use super::Problem;
use crate::time::{Micros, SECOND_US};
use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Serialize};

/// The years about which hours can be told. What lies outside is told as their first or last day.
const EARLIEST_S: i64 = -2_208_988_800; // 1900-01-01T00:00:00Z
const LATEST_S: i64 = 7_258_118_400; // 2200-01-01T00:00:00Z

/// A time zone that has a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone(TimeZone);

impl Zone {
    /// By its IANA name, whatever the case of its letters.
    pub fn parse(name: &str) -> Result<Self, Problem> {
        TimeZoneDatabase::bundled().get(name.trim()).map(Self).map_err(|_| Problem::Zone { name: name.into() })
    }

    pub const fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    pub const fn time_zone(&self) -> &TimeZone {
        &self.0
    }

    /// The first second at which the wall clock has come as far as `local`, or further. A time that the clock jumps
    /// over is reached at the jump; one that it shows twice is reached the first time. It never falls as `local` grows,
    /// so spans that touch on the wall touch in time, and none is counted twice.
    pub fn reaches(&self, local: DateTime) -> i64 {
        let found = self.0.to_ambiguous_timestamp(local);
        let jump = matches!(found.offset(), AmbiguousOffset::Gap { .. });
        let Ok(at) = (if jump { found.later() } else { found.earlier() }) else {
            return if local.year() < 2000 { EARLIEST_S } else { LATEST_S };
        };
        if jump { self.last_jump(at) } else { at.as_second() }
    }

    /// The same as an instant.
    pub fn instant(&self, local: DateTime) -> Micros {
        Micros::from_seconds(self.reaches(local))
    }

    fn last_jump(&self, at: jiff::Timestamp) -> i64 {
        let after = at.as_second().saturating_add(1);
        let next = jiff::Timestamp::from_second(after).unwrap_or(at);
        self.0.preceding(next).next().map_or(at.as_second(), |jump| jump.timestamp().as_second())
    }

    /// The first second of a day.
    pub fn midnight(&self, date: Date) -> i64 {
        self.reaches(date.at(0, 0, 0, 0))
    }

    /// The day that this second belongs to: the furthest that the wall clock has come.
    pub fn day_of(&self, at_s: i64) -> Date {
        let at = jiff::Timestamp::from_second(at_s.clamp(EARLIEST_S, LATEST_S)).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let shown = self.0.to_datetime(at).date();
        // A clock that is set back over midnight shows yesterday again; it is today all the same.
        let next = shown.tomorrow().unwrap_or(shown);
        if self.midnight(next) <= at_s && next != shown { next } else { shown }
    }
}

/// The second in which an instant lies, within the years that can be told.
pub(super) fn second(at: Micros) -> i64 {
    at.0.div_euclid(SECOND_US).clamp(EARLIEST_S, LATEST_S)
}

impl TryFrom<String> for Zone {
    type Error = Problem;

    fn try_from(name: String) -> Result<Self, Problem> {
        Self::parse(&name)
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.name().to_owned()
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self::utc()
    }
}

impl std::fmt::Display for Zone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reached(zone: &str, local: &str) -> String {
        Zone::parse(zone).unwrap().instant(local.parse().unwrap()).rfc3339()
    }

    #[test]
    fn a_wall_clock_is_read_the_first_time_it_gets_there() {
        for (zone, local, wanted) in [
            ("Asia/Tokyo", "2026-05-01T09:00", "2026-05-01T00:00:00Z"),
            // New York, 8 March: 02:00 becomes 03:00.
            ("America/New_York", "2026-03-08T01:59", "2026-03-08T06:59:00Z"),
            ("America/New_York", "2026-03-08T02:00", "2026-03-08T07:00:00Z"),
            ("America/New_York", "2026-03-08T02:30", "2026-03-08T07:00:00Z"),
            ("America/New_York", "2026-03-08T03:00", "2026-03-08T07:00:00Z"),
            // 1 November: 02:00 becomes 01:00.
            ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30:00Z"),
            ("America/New_York", "2026-11-01T02:00", "2026-11-01T07:00:00Z"),
            // Half an hour on Lord Howe Island, 4 October and 5 April.
            ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30:00Z"),
            ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45:00Z"),
            // Samoa had no 30 December 2011.
            ("Pacific/Apia", "2011-12-30T00:00", "2011-12-30T10:00:00Z"),
            ("Pacific/Apia", "2011-12-30T18:00", "2011-12-30T10:00:00Z"),
            ("Pacific/Apia", "2011-12-31T00:00", "2011-12-30T10:00:00Z"),
        ] {
            assert_eq!(reached(zone, local), wanted, "{zone} {local}");
        }
    }

    #[test]
    fn a_zone_reads_back_from_its_name_and_a_wrong_one_says_what_to_write() {
        assert_eq!(Zone::parse("asia/tokyo").unwrap().name(), "Asia/Tokyo");
        let told = Zone::parse("Tokyo").unwrap_err().to_string();
        assert_eq!(told, "no time zone is called \"Tokyo\"; write its IANA name, such as Asia/Tokyo");
    }

    #[test]
    fn a_second_midnight_does_not_bring_yesterday_back() {
        let zone = Zone::parse("America/Havana").unwrap();
        // 2026-11-01 01:00 becomes 00:00: the day stays.
        let midnight = zone.midnight("2026-11-01".parse().unwrap());
        assert_eq!(zone.day_of(midnight - 1).to_string(), "2026-10-31");
        assert_eq!(zone.day_of(midnight + 5_400).to_string(), "2026-11-01");
        // St. John's was set back at 00:01, to 23:01 of the day before.
        let zone = Zone::parse("America/St_Johns").unwrap();
        let midnight = zone.midnight("2010-11-07".parse().unwrap());
        assert_eq!(zone.day_of(midnight + 600).to_string(), "2010-11-07");
    }
}
