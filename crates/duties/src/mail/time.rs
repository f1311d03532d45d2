//! Times as monitors write them, in one reader for all: a date, a time of day and a zone, in whatever order. Never guesses a date
//! that is not written.

use super::fold::fold;
use super::rx::Rx;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use model::Micros;

static YMD: Rx = Rx::new(r"\b(?P<y>(?:19|20)\d\d)\s?[-./年]\s?(?P<m>\d{1,2})\s?[-./月]\s?(?P<d>\d{1,2})(?:日|\D|$)");
static NAMED: Rx = Rx::new(
    r"\b(?P<d>\d{1,2})(?:st|nd|rd|th)?[ -](?P<m>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?[ ,-]+(?P<y>(?:19|20)\d\d)\b",
);
static AMERICAN: Rx = Rx::new(
    r"\b(?P<m>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?\b(?:.*?\b(?P<y>(?:19|20)\d\d)\b)",
);
static MDY: Rx = Rx::new(r"\b(?P<m>\d{1,2})[-/.](?P<d>\d{1,2})[-/.](?P<y>(?:19|20)\d\d)\b");
static CLOCK: Rx = Rx::new(
    r"(?:^|[^\d:+])(?P<h>\d{1,2})[:時](?P<min>\d{2})(?:[:分](?P<s>\d{2})秒?(?:[.,](?P<f>\d{1,9}))?)?分?\s*(?P<half>[ap]\.?m\b)?",
);
static ZONE: Rx = Rx::new(
    r"(?P<z>(?:\d\s?z|[\s(]z|utc|gmt)\b(?P<after>\s?[+-]\d{1,2}(?::?\d{2})?)?|\bjst\b|:\d{2}(?:[.,]\d+)?\s?\(?(?P<offset>[+-]\d{2}:?\d{2})\b|\b(?P<west>[ecmp][sd]t|cest|cet|bst|ist|kst|sgt)\b)",
);
static EPOCH: Rx = Rx::new(r"^\s*(?P<s>1\d{9})(?P<ms>\d{3})?\s*$");

/// The instant that is written; without a zone it is of `zone`.
pub fn instant(text: &str, zone: &TimeZone) -> Option<Micros> {
    let text = fold(super::letter::cut(text, 200));
    if let Some(found) = EPOCH.captures(&text) {
        let ms = found.name("ms").map_or(Some(0), |ms| ms.as_str().parse::<i64>().ok())?;
        return Some(Micros::from_seconds(found["s"].parse().ok()?).plus_ms(ms));
    }
    let civil = DateTime::from_parts(date(&text)?, clock(&text)?);
    let zone = written_zone(&text).unwrap_or_else(|| zone.clone());
    let instant = zone.to_ambiguous_zoned(civil).compatible().ok()?.timestamp();
    Some(Micros(instant.as_microsecond()))
}

fn date(text: &str) -> Option<Date> {
    let found =
        [&YMD, &NAMED, &AMERICAN].into_iter().find_map(|rx| rx.captures(text)).or_else(|| MDY.captures(text))?;
    let (year, month, day) = (found["y"].parse().ok()?, month(&found["m"])?, found["d"].parse::<i8>().ok()?);
    // American first; where that can't be, the day stands first.
    Date::new(year, month, day).or_else(|_| Date::new(year, day, month)).ok()
}

fn month(text: &str) -> Option<i8> {
    const NAMES: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let lower = text.to_ascii_lowercase();
    let named = NAMES.iter().position(|name| lower.starts_with(name)).and_then(|at| i8::try_from(at + 1).ok());
    named.or_else(|| text.parse().ok())
}

fn clock(text: &str) -> Option<Time> {
    let found = CLOCK.captures(text)?;
    let number = |name| found.name(name).map_or(Some(0), |n| n.as_str().parse::<i8>().ok());
    let half = found.name("half").map(|half| half.as_str().to_ascii_lowercase());
    let hour = match (number("h")?, half.as_deref().map(|half| half.starts_with('p'))) {
        (12, Some(false)) => 0,
        (hour, Some(true)) if hour < 12 => hour + 12,
        (hour, _) => hour,
    };
    let fraction = found.name("f").map_or("", |f| f.as_str());
    let nanos = format!("{fraction:0<9}").parse().ok()?;
    // A leap second is the last one.
    Time::new(hour, number("min")?, number("s")?.min(59), nanos).ok()
}

fn written_zone(text: &str) -> Option<TimeZone> {
    let found = ZONE.captures(text)?;
    if let Some(offset) = found.name("offset").or_else(|| found.name("after")) {
        return fixed(offset.as_str());
    }
    let name = found.name("west").map_or(&found["z"], |west| west.as_str()).to_ascii_lowercase();
    let seconds = match name.trim() {
        "jst" | "kst" => 9 * 3_600,
        "sgt" => 8 * 3_600,
        "ist" => 19_800,
        "est" | "cdt" => -5 * 3_600,
        "edt" => -4 * 3_600,
        "cst" | "mdt" => -6 * 3_600,
        "mst" | "pdt" => -7 * 3_600,
        "pst" => -8 * 3_600,
        "cet" | "bst" => 3_600,
        "cest" => 7_200,
        _ => 0,
    };
    Some(TimeZone::fixed(Offset::from_seconds(seconds).ok()?))
}

fn fixed(text: &str) -> Option<TimeZone> {
    let text = text.trim();
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes) = digits.split_at(digits.len().min(2));
    let seconds = hours.parse::<i32>().ok()? * 3_600 + minutes.parse::<i32>().unwrap_or(0) * 60;
    Some(TimeZone::fixed(Offset::from_seconds(sign * seconds).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_monitors_write_them() {
        let tokyo = TimeZone::fixed(Offset::from_hours(9).unwrap());
        for text in [
            "2026-05-01T00:00:00Z",
            "2026-05-01T00:00:00.000+0000",
            "2026-05-01 09:00:00 +0900",
            "2026-05-01 00:00:00 +0000 UTC",
            "09:00:00 on 2026.05.01",
            "2026.05.01 09:00:00",
            "2026/05/01 09:00:00",
            "Fri May 1 09:00:00 JST 2026",
            "Fri May  1 00:00:00 2026 UTC",
            "Friday 01 May, 2026 00:00:00 UTC",
            "Fri, 01 May 2026 09:00:00 +0900",
            "Fri, 1 May 2026 09:00:00 +0900 (JST)",
            "2026年5月1日 9時00分00秒",
            "２０２６年５月１日　９：００",
            "2026-05-01 09:00",
            "05-01-2026 09:00:00",
            "05/01/2026 9:00 AM",
            "Thu, 30 Apr 2026 20:00:00 EDT",
            "1777593600",
            "1777593600000",
        ] {
            assert_eq!(instant(text, &tokyo).map(Micros::rfc3339).as_deref(), Some("2026-05-01T00:00:00Z"), "{text}");
        }
        assert_eq!(instant("2026-05-01T00:00:00.5Z", &tokyo).map(|at| at.0 % 1_000_000), Some(500_000));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in ["", "09:00:00", "2026-05-01", "2026-13-41 09:00:00", "99:99:99 2026-05-01", "1.2.3.4:8080", "0"] {
            assert_eq!(instant(text, &TimeZone::UTC), None, "{text}");
        }
    }
}
