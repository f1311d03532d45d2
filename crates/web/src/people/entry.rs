//! Leave and days that are otherwise: from a form into what the hours model keeps, and what is wrong with a form. Whether it fits
//! beside what was said before is asked where that is known.

use jiff::civil::{Date, Time};
use model::Micros;
use model::hours::{DayHours, LeaveSpan, Zone};
use serde::Deserialize;

/// Leave and days are told this far ahead.
const MOST_DAYS_AHEAD: i32 = 800;
/// Nobody is on leave for longer in one piece.
const MOST_LEAVE_DAYS: i32 = 400;
const MOST_NOTE_CHARS: usize = 200;
const MOST_HOURS_CHARS: usize = 100;

/// The form, as it was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// leave or day.
    pub kind: String,
    /// The entry that this one takes the place of.
    pub replaces: String,
    pub from: String,
    pub from_time: String,
    pub until: String,
    pub until_time: String,
    /// Of a day: empty for off.
    pub hours: String,
    pub note: String,
    pub nonce: String,
}

/// What is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entered {
    Leave(LeaveSpan),
    Day(DayHours),
}

/// Why nothing was entered; each is a sentence of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    NoDate {
        text: String,
    },
    NoTime {
        text: String,
    },
    /// One of the two times is missing.
    OneTime,
    Order,
    Past,
    TooFar,
    TooLong,
    NoHours {
        text: String,
    },
    Note {
        most: usize,
    },
    /// What was entered before and stands in its way.
    Overlaps {
        with: String,
    },
    SameDay {
        with: String,
    },
    TooMany {
        most: usize,
    },
    /// Somebody changed or ended it meanwhile.
    Stale,
    /// It is over; what was is not changed.
    Over,
    Kind,
}

/// Reads a form in the zone of the person's hours. What it replaces may keep its first day, however long ago that is.
pub(crate) fn read(draft: &Draft, zone: &Zone, now: Micros, kept: Option<Date>) -> Result<Entered, Wrong> {
    if draft.note.trim().chars().count() > MOST_NOTE_CHARS {
        return Err(Wrong::Note { most: MOST_NOTE_CHARS });
    }
    let today = zone.day_of(now.0.div_euclid(1_000_000));
    let first = date(&draft.from)?;
    if first < today && kept != Some(first) {
        return Err(Wrong::Past);
    }
    if days_between(today, first) > MOST_DAYS_AHEAD {
        return Err(Wrong::TooFar);
    }
    match draft.kind.as_str() {
        "leave" => leave(draft, zone, (today, first), now).map(Entered::Leave),
        "day" => hours(draft, first).map(Entered::Day),
        _ => Err(Wrong::Kind),
    }
}

fn leave(draft: &Draft, zone: &Zone, (today, first): (Date, Date), now: Micros) -> Result<LeaveSpan, Wrong> {
    let last = if draft.until.trim().is_empty() { first } else { date(&draft.until)? };
    if last < first {
        return Err(Wrong::Order);
    }
    if days_between(first, last) >= MOST_LEAVE_DAYS {
        return Err(Wrong::TooLong);
    }
    match (draft.from_time.trim(), draft.until_time.trim()) {
        ("", "") if last < today => Err(Wrong::Past),
        ("", "") => {
            Ok(LeaveSpan::Days { from: first, until: last.tomorrow().map_err(|_| Wrong::TooFar)?, zone: zone.clone() })
        }
        ("", _) | (_, "") => Err(Wrong::OneTime),
        (from, until) => {
            let from = zone.instant(first.to_datetime(time(from)?));
            let until = zone.instant(last.to_datetime(time(until)?));
            match () {
                () if until <= from => Err(Wrong::Order),
                () if until <= now => Err(Wrong::Past),
                () => Ok(LeaveSpan::Time { from, until }),
            }
        }
    }
}

fn hours(draft: &Draft, date: Date) -> Result<DayHours, Wrong> {
    let text = draft.hours.trim();
    let wrong = || Wrong::NoHours { text: text.chars().take(MOST_HOURS_CHARS).collect() };
    if text.is_empty() {
        return Ok(DayHours { date, spans: Vec::new() });
    }
    if text.chars().count() > MOST_HOURS_CHARS {
        return Err(wrong());
    }
    // What an input method writes: full width digits, colons and dashes.
    let plain: String =
        model::text::fold(text).chars().map(|c| if "〜～~–—ー−".contains(c) { '-' } else { c }).collect();
    DayHours::parse(&format!("{date} {plain}")).map_err(|_| wrong())
}

fn date(text: &str) -> Result<Date, Wrong> {
    let text = text.trim();
    let found = if text.len() == 10 { text.parse().ok() } else { None };
    found.ok_or_else(|| Wrong::NoDate { text: text.chars().take(40).collect() })
}

fn time(text: &str) -> Result<Time, Wrong> {
    let found = if text.len() == 5 { text.parse().ok() } else { None };
    found.ok_or_else(|| Wrong::NoTime { text: text.chars().take(40).collect() })
}

fn days_between(from: Date, until: Date) -> i32 {
    from.until(until).map_or(i32::MAX, |span| span.get_days())
}

/// From when to when it may count. A day's hours may go on until the next morning.
pub(crate) fn bounds(entered: &Entered, zone: &Zone) -> (Micros, Micros) {
    let begins = |date: Date| Micros::from_seconds(zone.midnight(date));
    match entered {
        Entered::Leave(LeaveSpan::Time { from, until }) => (*from, *until),
        Entered::Leave(LeaveSpan::Days { from, until, zone }) => {
            (Micros::from_seconds(zone.midnight(*from)), Micros::from_seconds(zone.midnight(*until)))
        }
        Entered::Day(day) => {
            let after = day.date.tomorrow().and_then(|next| next.tomorrow()).unwrap_or(day.date);
            (begins(day.date), begins(after))
        }
    }
}

/// The part of a leave that is over now.
pub(crate) fn leave_now(from: Micros, now: Micros) -> LeaveSpan {
    LeaveSpan::Time { from, until: now.floor_s() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(kind: &str, from: &str, until: &str) -> Draft {
        let (from, from_time) = from.split_once(' ').unwrap_or((from, ""));
        let (until, until_time) = until.split_once(' ').unwrap_or((until, ""));
        let text = |text: &str| text.to_owned();
        Draft {
            kind: kind.into(),
            from: text(from),
            from_time: text(from_time),
            until: text(until),
            until_time: text(until_time),
            ..Draft::default()
        }
    }

    /// Thursday 26 November 2026, 12:00 in Tokyo.
    fn read_at_noon(draft: &Draft, kept: Option<&str>) -> Result<Entered, Wrong> {
        let (zone, now) = (Zone::parse("Asia/Tokyo").unwrap(), Micros::parse("2026-11-26T03:00:00Z").unwrap());
        read(draft, &zone, now, kept.map(|date| date.parse().unwrap()))
    }

    fn told(draft: &Draft) -> String {
        match read_at_noon(draft, None) {
            Ok(Entered::Leave(LeaveSpan::Days { from, until, zone })) => format!("days {from} {until} {zone}"),
            Ok(Entered::Leave(LeaveSpan::Time { from, until })) => format!("{} {}", from.rfc3339(), until.rfc3339()),
            Ok(Entered::Day(day)) => day.to_string(),
            Err(wrong) => format!("{wrong:?}"),
        }
    }

    #[test]
    fn leave_is_whole_days_or_a_span_and_what_is_wrong_is_told() {
        for (from, until, wanted) in [
            ("2026-12-01", "2026-12-03", "days 2026-12-01 2026-12-04 Asia/Tokyo"),
            ("2026-12-01", "", "days 2026-12-01 2026-12-02 Asia/Tokyo"),
            ("2026-11-26", "2026-11-26", "days 2026-11-26 2026-11-27 Asia/Tokyo"),
            ("2026-12-01 13:00", "2026-12-01 18:00", "2026-12-01T04:00:00Z 2026-12-01T09:00:00Z"),
            ("2026-12-01 22:00", "2026-12-02 07:00", "2026-12-01T13:00:00Z 2026-12-01T22:00:00Z"),
            ("2026-11-26 09:00", "2026-11-26 18:00", "2026-11-26T00:00:00Z 2026-11-26T09:00:00Z"),
            ("2026-11-26 09:00", "2026-11-26 11:00", "Past"),
            ("2026-11-25", "2026-11-30", "Past"),
            ("2026-12-03", "2026-12-01", "Order"),
            ("2026-12-01 18:00", "2026-12-01 18:00", "Order"),
            ("2026-12-01 18:00", "2026-12-01", "OneTime"),
            ("2026-12-01 25:00", "2026-12-01 26:00", "NoTime { text: \"25:00\" }"),
            ("2026-02-30", "", "NoDate { text: \"2026-02-30\" }"),
            ("", "", "NoDate { text: \"\" }"),
            ("2030-01-01", "", "TooFar"),
            ("2026-12-01", "2028-12-01", "TooLong"),
        ] {
            assert_eq!(told(&draft("leave", from, until)), wanted, "{from} {until}");
        }
        assert_eq!(told(&draft("holiday", "2026-12-01", "")), "Kind");
        let long = Draft { note: "あ".repeat(201), ..draft("leave", "2026-12-01", "") };
        assert_eq!(read_at_noon(&long, None), Err(Wrong::Note { most: 200 }));
    }

    #[test]
    fn a_day_has_hours_as_people_type_them_or_none() {
        for (hours, wanted) in [
            ("13:00-22:00", "2026-12-05 13:00-22:00"),
            ("１３：００〜２２：００", "2026-12-05 13:00-22:00"),
            ("9:00-12:00 13:00-17:00", "2026-12-05 09:00-12:00 13:00-17:00"),
            ("22:00-07:00", "2026-12-05 22:00-07:00"),
            ("", "2026-12-05 off"),
            ("off", "2026-12-05 off"),
            ("all day", "NoHours { text: \"all day\" }"),
            ("13:00", "NoHours { text: \"13:00\" }"),
        ] {
            assert_eq!(told(&Draft { hours: hours.into(), ..draft("day", "2026-12-05", "") }), wanted, "{hours}");
        }
        assert_eq!(told(&draft("day", "2026-11-25", "")), "Past");
    }

    #[test]
    fn a_leave_that_has_begun_keeps_its_first_day_when_it_is_changed() {
        let longer = draft("leave", "2026-11-20", "2026-11-30");
        assert!(read_at_noon(&longer, Some("2026-11-20")).is_ok());
        assert_eq!(read_at_noon(&longer, Some("2026-11-19")), Err(Wrong::Past));
        assert_eq!(read_at_noon(&draft("leave", "2026-11-20", "2026-11-25"), Some("2026-11-20")), Err(Wrong::Past));
    }
}
