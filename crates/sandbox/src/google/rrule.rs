//! When a recurring event happens: DAILY, WEEKLY, MONTHLY and YEARLY with INTERVAL, COUNT, UNTIL, BYDAY and BYMONTHDAY, RDATE and EXDATE.
//! Refuses what it does not know, rather than being wrong about it.

use std::collections::HashSet;

use jiff::civil::{Date, Time, Weekday};
use jiff::{Timestamp, ToSpan};

use super::when::{When, zone};

/// No series of a test is longer.
const MOST: usize = 3_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Freq {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

#[derive(Debug, Clone)]
struct Rule {
    freq: Freq,
    interval: i32,
    count: Option<usize>,
    until: Option<Timestamp>,
    /// With the number in the month, 0 for every one.
    days: Vec<(i8, Weekday)>,
    month_days: Vec<i8>,
}

/// The starts, in order, none after `horizon`.
pub(super) fn occurrences(
    start: &When,
    lines: &[String],
    in_zone: &str,
    horizon: Timestamp,
) -> Result<Vec<When>, String> {
    let mut all = Vec::new();
    let mut out = HashSet::new();
    for line in lines {
        let (head, value) = line.split_once(':').ok_or_else(|| format!("Invalid recurrence: {line}"))?;
        match head.split(';').next().unwrap_or_default() {
            "RRULE" => all.extend(of_rule(start, &rule(value, in_zone)?, in_zone, horizon)),
            "RDATE" => all.extend(dates(head, value, start, in_zone)?),
            "EXDATE" => out.extend(dates(head, value, start, in_zone)?.iter().map(When::stamp)),
            _ => return Err(format!("Invalid recurrence: {line}")),
        }
    }
    all.retain(|w| !out.contains(&w.stamp()) && w.instant(in_zone) <= horizon);
    all.sort_by_key(|w| w.instant(in_zone));
    all.dedup_by_key(|w| w.stamp());
    Ok(all)
}

fn dates(head: &str, value: &str, start: &When, in_zone: &str) -> Result<Vec<When>, String> {
    let named = head.split(';').find_map(|p| p.strip_prefix("TZID="));
    let own = match start {
        When::At { zone, .. } => named.unwrap_or(zone),
        When::Day(_) => in_zone,
    };
    value.split(',').map(|text| date(text, start.is_day(), own)).collect()
}

fn date(text: &str, is_day: bool, in_zone: &str) -> Result<When, String> {
    let wrong = |_| format!("Invalid date in a recurrence: {text}");
    if text.len() == 8 || is_day {
        return Date::strptime("%Y%m%d", text.get(..8).unwrap_or(text)).map(When::Day).map_err(wrong);
    }
    let civil = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%S", text.trim_end_matches('Z')).map_err(wrong)?;
    let of = if text.ends_with('Z') { "UTC" } else { in_zone };
    let at = civil.to_zoned(zone(of)).map_err(wrong)?.timestamp();
    Ok(When::At { at, zone: in_zone.to_owned() })
}

fn rule(value: &str, in_zone: &str) -> Result<Rule, String> {
    let wrong = || format!("Invalid recurrence rule: {value}");
    let mut own =
        Rule { freq: Freq::Yearly, interval: 1, count: None, until: None, days: Vec::new(), month_days: Vec::new() };
    let mut has_freq = false;
    for part in value.split(';') {
        let (name, of) = part.split_once('=').ok_or_else(wrong)?;
        match name {
            "FREQ" => {
                own.freq = freq(of).ok_or_else(wrong)?;
                has_freq = true;
            }
            "INTERVAL" => own.interval = of.parse().ok().filter(|n| (1..=1_000).contains(n)).ok_or_else(wrong)?,
            "COUNT" => own.count = Some(of.parse().map_err(|_| wrong())?),
            "UNTIL" => own.until = Some(until(of, in_zone)?),
            "BYDAY" => own.days = of.split(',').map(by_day).collect::<Option<_>>().ok_or_else(wrong)?,
            "BYMONTHDAY" => {
                own.month_days = of.split(',').map(|d| d.parse().ok()).collect::<Option<_>>().ok_or_else(wrong)?
            }
            "WKST" if of == "MO" => {}
            _ => return Err(wrong()),
        }
    }
    if has_freq { Ok(own) } else { Err(wrong()) }
}

fn freq(of: &str) -> Option<Freq> {
    Some(match of {
        "DAILY" => Freq::Daily,
        "WEEKLY" => Freq::Weekly,
        "MONTHLY" => Freq::Monthly,
        "YEARLY" => Freq::Yearly,
        _ => return None,
    })
}

/// A day as a bound includes the whole day.
fn until(text: &str, in_zone: &str) -> Result<Timestamp, String> {
    Ok(match date(text, false, in_zone)? {
        When::Day(day) => When::Day(day.tomorrow().unwrap_or(day)).instant(in_zone) - 1.seconds(),
        own @ When::At { .. } => own.instant(in_zone),
    })
}

fn by_day(text: &str) -> Option<(i8, Weekday)> {
    let (number, day) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let day = match day {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        _ => return None,
    };
    Some((if number.is_empty() { 0 } else { number.parse().ok()? }, day))
}

fn of_rule(start: &When, rule: &Rule, in_zone: &str, horizon: Timestamp) -> Vec<When> {
    let (first, time, own_zone) = civil(start);
    let mut all = Vec::new();
    for n in 0..MOST as i32 {
        let Some(days) = period(first, rule, n) else { break };
        for day in days.into_iter().filter(|d| *d >= first) {
            let own = at(day, time, &own_zone);
            let instant = own.instant(in_zone);
            let is_over = instant > horizon || rule.until.is_some_and(|u| instant > u);
            if is_over || rule.count.is_some_and(|c| all.len() >= c) || all.len() >= MOST {
                return all;
            }
            all.push(own);
        }
    }
    all
}

fn civil(of: &When) -> (Date, Option<Time>, String) {
    match of {
        When::Day(day) => (*day, None, String::new()),
        When::At { at, zone: own } => {
            let local = at.to_zoned(zone(own));
            (local.date(), Some(local.time()), own.clone())
        }
    }
}

fn at(day: Date, time: Option<Time>, own_zone: &str) -> When {
    let local = time.and_then(|t| day.to_datetime(t).to_zoned(zone(own_zone)).ok());
    local.map_or(When::Day(day), |z| When::At { at: z.timestamp(), zone: own_zone.to_owned() })
}

/// The days of the n-th day, week, month or year from the first, in order; None past the end of all calendars.
fn period(first: Date, rule: &Rule, n: i32) -> Option<Vec<Date>> {
    let step = n.checked_mul(rule.interval)?;
    Some(match rule.freq {
        Freq::Daily => {
            let day = first.checked_add(step.days()).ok()?;
            let fits = rule.days.is_empty() || rule.days.iter().any(|(_, w)| *w == day.weekday());
            if fits { vec![day] } else { Vec::new() }
        }
        Freq::Weekly => {
            let monday = first.checked_sub(i32::from(first.weekday().to_monday_zero_offset()).days()).ok()?;
            let monday = monday.checked_add(step.weeks()).ok()?;
            let week = (0..7).filter_map(|d| monday.checked_add(d.days()).ok());
            let wanted = |d: &Date| match rule.days.as_slice() {
                [] => d.weekday() == first.weekday(),
                days => days.iter().any(|(_, w)| *w == d.weekday()),
            };
            week.filter(wanted).collect()
        }
        Freq::Monthly => of_month(first, first.first_of_month().checked_add(step.months()).ok()?, rule),
        Freq::Yearly => of_month(first, first.first_of_month().checked_add(step.years()).ok()?, rule),
    })
}

fn of_month(first: Date, month: Date, rule: &Rule) -> Vec<Date> {
    let length = month.days_in_month();
    let by_number = |n: i8| if n < 0 { length + 1 + n } else { n };
    let mut all: Vec<Date> = if !rule.days.is_empty() {
        rule.days.iter().flat_map(|(n, weekday)| of_weekday(month, *n, *weekday)).collect()
    } else if rule.month_days.is_empty() {
        Date::new(month.year(), month.month(), first.day()).into_iter().collect()
    } else {
        rule.month_days.iter().filter_map(|n| Date::new(month.year(), month.month(), by_number(*n)).ok()).collect()
    };
    all.sort_unstable();
    all
}

fn of_weekday(month: Date, n: i8, weekday: Weekday) -> Vec<Date> {
    if n == 0 {
        return (1..=5).filter_map(|n| month.nth_weekday_of_month(n, weekday).ok()).collect();
    }
    month.nth_weekday_of_month(n, weekday).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(start: &str, lines: &[&str]) -> Vec<String> {
        let start = When::short(start, "Asia/Tokyo").expect("a time");
        let lines: Vec<String> = lines.iter().map(|l| (*l).to_owned()).collect();
        let horizon = "2027-12-31T00:00:00Z".parse().expect("an instant");
        let all = occurrences(&start, &lines, "Asia/Tokyo", horizon).expect("a series");
        all.iter().map(When::stamp).collect()
    }

    #[test]
    fn series_are_what_a_calendar_shows() {
        for (start, lines, expected) in [
            ("2026-05-01", &["RRULE:FREQ=DAILY;COUNT=3"][..], &["20260501", "20260502", "20260503"][..]),
            ("2026-05-01", &["RRULE:FREQ=DAILY;INTERVAL=2;UNTIL=20260505"], &["20260501", "20260503", "20260505"]),
            (
                "2026-05-04T10:00:00+09:00",
                &["RRULE:FREQ=WEEKLY;BYDAY=MO,TH;COUNT=3"],
                &["20260504T010000Z", "20260507T010000Z", "20260511T010000Z"],
            ),
            (
                "2026-05-06",
                &["RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;COUNT=3"],
                &["20260508", "20260518", "20260522"],
            ),
            ("2026-01-31", &["RRULE:FREQ=MONTHLY;COUNT=3"], &["20260131", "20260331", "20260531"]),
            ("2026-01-31", &["RRULE:FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3"], &["20260131", "20260228", "20260331"]),
            ("2026-05-05", &["RRULE:FREQ=MONTHLY;BYDAY=1TU;COUNT=2"], &["20260505", "20260602"]),
            ("2026-05-29", &["RRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=2"], &["20260529", "20260626"]),
            ("2024-02-29", &["RRULE:FREQ=YEARLY;COUNT=2"], &["20240229"]),
            (
                "2026-05-01",
                &["RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20260502", "RDATE;VALUE=DATE:20260509"],
                &["20260501", "20260503", "20260509"],
            ),
        ] {
            assert_eq!(days(start, lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn the_hour_stays_when_summer_time_begins() {
        let start = When::read(
            &serde_json::json!({ "dateTime": "2026-03-07T09:00:00", "timeZone": "America/New_York" }),
            "UTC",
        );
        let lines = ["RRULE:FREQ=DAILY;UNTIL=20260309T130000Z".to_owned()];
        let horizon = "2027-01-01T00:00:00Z".parse().expect("an instant");
        let all = occurrences(&start.expect("a time"), &lines, "UTC", horizon).expect("a series");
        let stamps: Vec<String> = all.iter().map(When::stamp).collect();
        assert_eq!(stamps, ["20260307T140000Z", "20260308T130000Z", "20260309T130000Z"]);
    }

    #[test]
    fn what_is_not_known_is_refused() {
        let start = When::short("2026-05-01", "UTC").expect("a day");
        for line in [
            "RRULE:FREQ=HOURLY",
            "RRULE:COUNT=2",
            "RRULE:FREQ=DAILY;BYSETPOS=1",
            "NONSENSE",
            "EXRULE:FREQ=DAILY",
            "RRULE:FREQ=WEEKLY;BYDAY=XX",
        ] {
            assert!(occurrences(&start, &[line.to_owned()], "UTC", Timestamp::UNIX_EPOCH).is_err(), "{line}");
        }
    }
}
