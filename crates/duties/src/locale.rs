//! How people are spoken to: the language, the zone in which times are told, and where our pages are. Words only; decides nothing.

pub use crate::say::Language;
use model::Micros;

pub(crate) use crate::say::say;

const MINUTE_US: i64 = 60_000_000;
const HOUR_MIN: i64 = 60;
const DAY_MIN: i64 = 24 * HOUR_MIN;

#[derive(Clone, Debug)]
pub struct Locale {
    pub language: Language,
    pub zone: jiff::tz::TimeZone,
    /// Where people reach us; empty where nobody has said.
    pub public_url: String,
}

impl Default for Locale {
    fn default() -> Self {
        Self { language: Language::Ja, zone: jiff::tz::TimeZone::UTC, public_url: String::new() }
    }
}

impl Locale {
    /// An instant as people read it, with its zone: to the minute, for it is told of people's doings.
    pub fn when(&self, at: Micros) -> String {
        let zoned = at.timestamp().to_zoned(self.zone.clone());
        format!("{} {}", self.clock(&zoned), zoned.strftime("%Z"))
    }

    fn clock(&self, zoned: &jiff::Zoned) -> String {
        match self.language {
            Language::Ja => format!("{} {}", self.day(zoned), zoned.strftime("%H:%M")),
            Language::En => format!("{}, {}", self.day(zoned), zoned.strftime("%H:%M")),
        }
    }

    fn day(&self, zoned: &jiff::Zoned) -> String {
        match self.language {
            Language::Ja => crate::say::japanese_day(zoned.date()),
            Language::En => zoned.strftime("%a %-d %b").to_string(),
        }
    }

    /// From when to when: the day is said once where it is the same.
    pub fn span(&self, from: Micros, until: Micros) -> String {
        let (begins, ends) =
            (from.timestamp().to_zoned(self.zone.clone()), until.timestamp().to_zoned(self.zone.clone()));
        let end = if begins.date() == ends.date() { ends.strftime("%H:%M").to_string() } else { self.clock(&ends) };
        match self.language {
            Language::Ja => format!("{} ～ {end} {}", self.clock(&begins), ends.strftime("%Z")),
            Language::En => format!("{} to {end} {}", self.clock(&begins), ends.strftime("%Z")),
        }
    }

    /// The days that an all-day event takes; it ends with the midnight after its last.
    pub fn days(&self, from: Micros, until: Micros) -> String {
        let last = Micros(until.0.saturating_sub(1).max(from.0));
        let (begins, ends) =
            (from.timestamp().to_zoned(self.zone.clone()), last.timestamp().to_zoned(self.zone.clone()));
        let (first, last) = (self.day(&begins), self.day(&ends));
        match (self.language, first == last) {
            (Language::Ja, true) => format!("{first} 終日"),
            (Language::Ja, false) => format!("{first} ～ {last} 終日"),
            (Language::En, true) => format!("all day {first}"),
            (Language::En, false) => format!("all day {first} to {last}"),
        }
    }

    /// So long, as people say it.
    pub fn long(&self, us: i64) -> String {
        let minutes = us.max(0) / MINUTE_US;
        let (days, hours, minutes) = (minutes / DAY_MIN, minutes % DAY_MIN / HOUR_MIN, minutes % HOUR_MIN);
        let l = self.language;
        match (days, hours, minutes) {
            (0, 0, 0) => say!(l, ja: "1 分未満", en: "less than a minute"),
            (0, 0, m) => say!(l, ja: "{m} 分", en: "{m} min", m = m),
            (0, h, 0) => say!(l, ja: "{h} 時間", en: "{h} h", h = h),
            (0, h, m) => say!(l, ja: "{h} 時間 {m} 分", en: "{h} h {m} min", h = h, m = m),
            (d, 0, _) => say!(l, ja: "{d} 日", en: "{d} d", d = d),
            (d, h, _) => say!(l, ja: "{d} 日 {h} 時間", en: "{d} d {h} h", d = d, h = h),
        }
    }

    /// A page of ours; `None` where nobody has said where people reach us.
    pub fn link(&self, path: &str) -> Option<String> {
        (!self.public_url.is_empty()).then(|| format!("{}{path}", self.public_url))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokyo(language: Language) -> Locale {
        let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(9));
        Locale { language, zone, ..Locale::default() }
    }

    #[test]
    fn times_are_told_in_the_zone_of_the_install() {
        let at = Micros::parse("2026-05-01T12:05:09Z").unwrap();
        assert_eq!(tokyo(Language::Ja).when(at), "5月1日(金) 21:05 +09");
        assert_eq!(tokyo(Language::En).when(at), "Fri 1 May, 21:05 +09");
        assert_eq!(tokyo(Language::Ja).span(at, at.plus_s(3_600)), "5月1日(金) 21:05 ～ 22:05 +09");
        assert_eq!(tokyo(Language::En).span(at, at.plus_s(36_000)), "Fri 1 May, 21:05 to Sat 2 May, 07:05 +09");
        let midnight = Micros::parse("2026-04-30T15:00:00Z").unwrap();
        assert_eq!(tokyo(Language::Ja).days(midnight, midnight.plus_s(86_400)), "5月1日(金) 終日");
        assert_eq!(tokyo(Language::En).days(midnight, midnight.plus_s(2 * 86_400)), "all day Fri 1 May to Sat 2 May");
    }

    #[test]
    fn lengths_are_said_shortly() {
        for (seconds, ja, en) in [
            (-5, "1 分未満", "less than a minute"),
            (59, "1 分未満", "less than a minute"),
            (600, "10 分", "10 min"),
            (7_200, "2 時間", "2 h"),
            (8_100, "2 時間 15 分", "2 h 15 min"),
            (86_400, "1 日", "1 d"),
            (100_000, "1 日 3 時間", "1 d 3 h"),
        ] {
            assert_eq!(tokyo(Language::Ja).long(seconds * 1_000_000), ja);
            assert_eq!(tokyo(Language::En).long(seconds * 1_000_000), en);
        }
    }
}
