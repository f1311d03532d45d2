//! The span of time that somebody wants, read from words. Pure: the zone and the time are handed in.

use duties::backfill::LONGEST_S;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::Micros;

const FORMS: &str = "write a day such as 2025-11-01, or an instant such as 2025-11-01T00:00:00Z";
/// A clock that is a little behind ours gave "now".
const SLACK_S: i64 = 60;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub since: Micros,
    pub until: Micros,
    /// Nobody named an end: it goes until now, whenever that is.
    pub is_open_ended: bool,
}

enum End {
    First,
    Last,
}

impl Span {
    pub fn read(since: &str, until: Option<&str>, zone: &TimeZone, now: Micros) -> Result<Self, String> {
        let from = instant("--since", since, zone, End::First)?;
        if from >= now {
            return Err(format!("--since {since:?} lies in the future: history ends now"));
        }
        if now.since(from) > LONGEST_S * 1_000_000 {
            return Err(format!("--since {since:?} is more than 20 years ago: {FORMS}"));
        }
        let to = match until {
            None => now,
            Some(text) => ending(text, zone, now)?,
        };
        if to <= from {
            return Err(
                "--until lies before --since: exchange them, or leave --until out to fetch until now".to_owned()
            );
        }
        Ok(Self { since: from.floor_s(), until: to.floor_s(), is_open_ended: until.is_none() })
    }
}

/// Today has begun and not ended: it goes until now.
fn ending(text: &str, zone: &TimeZone, now: Micros) -> Result<Micros, String> {
    let end = instant("--until", text, zone, End::Last)?;
    let begin = instant("--until", text, zone, End::First)?;
    if begin > now.plus_s(SLACK_S) {
        return Err(format!("--until {text:?} lies in the future: leave it out to fetch until now"));
    }
    Ok(end.min(now))
}

fn instant(option: &str, text: &str, zone: &TimeZone, end: End) -> Result<Micros, String> {
    let wrong = || format!("{option} {text:?} is no date: {FORMS}");
    if let Some(at) = Micros::parse(text) {
        return Ok(at);
    }
    // A date with anything behind it that we would leave out is no date.
    let day: Date = Some(text).filter(|text| text.len() == 10).and_then(|text| text.parse().ok()).ok_or_else(wrong)?;
    let day = match end {
        End::First => day,
        End::Last => day.tomorrow().map_err(|_| wrong())?,
    };
    let at = day.to_zoned(zone.clone()).map_err(|_| wrong())?;
    Ok(Micros(at.timestamp().as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-05-10T12:00:00Z";

    fn read(since: &str, until: Option<&str>) -> Result<(String, String), String> {
        let zone = TimeZone::get("Asia/Tokyo").unwrap();
        let span = Span::read(since, until, &zone, Micros::parse(NOW).unwrap())?;
        assert_eq!(span.is_open_ended, until.is_none());
        Ok((span.since.rfc3339(), span.until.rfc3339()))
    }

    #[test]
    fn days_are_those_of_the_zone_and_the_last_one_counts_whole() {
        let both = |a: &str, b: &str| Ok((a.to_owned(), b.to_owned()));
        assert_eq!(read("2026-05-01", None), both("2026-04-30T15:00:00Z", NOW));
        assert_eq!(read("2026-05-01", Some("2026-05-02")), both("2026-04-30T15:00:00Z", "2026-05-02T15:00:00Z"));
        assert_eq!(read("2026-05-01", Some("2026-05-01")), both("2026-04-30T15:00:00Z", "2026-05-01T15:00:00Z"));
        assert_eq!(read("2026-05-01", Some("2026-05-10")), both("2026-04-30T15:00:00Z", NOW), "today ends now");
        let exact = read("2026-05-01T00:00:00.5+09:00", Some("2026-05-02T00:00:00Z"));
        assert_eq!(exact, both("2026-04-30T15:00:00Z", "2026-05-02T00:00:00Z"));
    }

    #[test]
    fn what_is_no_span_says_why() {
        for (since, until, word) in [
            ("yesterday", None, "no date"),
            ("2026-13-01", None, "no date"),
            ("2026-05-01 10:00", None, "no date"),
            ("2026-05-11", None, "future"),
            ("2026-05-01", Some("2026-05-12"), "future"),
            ("2026-05-01", Some("2026-05-11T00:00:00Z"), "future"),
            ("2026-05-05", Some("2026-05-01"), "exchange"),
            ("2026-05-05T10:00:00Z", Some("2026-05-05T10:00:00Z"), "exchange"),
            ("1990-01-01", None, "20 years"),
        ] {
            let error = read(since, until).unwrap_err();
            assert!(error.contains(word), "{since} {until:?}: {error}");
        }
    }
}
