//! Who is at work when, as sentences. Times are read in the zone that the sentence names.

use super::super::*;
use crate::Micros;
use jiff::civil::Date;

/// The desk of an example: persons, groups, a customer, leave and exceptions.
pub fn desk() -> Roster {
    let person = |id: &str, groups: &[&str], pattern: Option<&str>| Person {
        id: id.into(),
        groups: groups.iter().map(|group| (*group).into()).collect(),
        pattern: pattern.map(Into::into),
    };
    let days = HolidayLayer::new(HolidaySource::Customer("minato".into()))
        .with(day("2026-06-01"), "港の日")
        .without(day("2026-11-23"));
    Roster {
        zone: Zone::parse("Asia/Tokyo").unwrap(),
        default_pattern: None,
        patterns: [
            pattern(
                "day",
                "Asia/Tokyo",
                "mon-fri 09:00-18:00",
                &["12:00-13:00 lunch"],
                "japan",
                &["12-29..01-03 年末年始"],
            ),
            pattern("night", "Asia/Tokyo", "mon-sun 22:00-07:00", &["02:00-03:00 仮眠"], "japan", &[]),
            pattern("shop", "Asia/Tokyo", "tue-sun 10:00-14:00 15:00-20:00", &[], "none", &[]),
            pattern("new york", "America/New_York", "mon-sun 01:30-02:30; sun 08:00-16:00", &[], "none", &[]),
            pattern("lord howe", "Australia/Lord_Howe", "mon-sun 01:45-02:15", &[], "none", &[]),
            pattern("apia", "Pacific/Apia", "mon-sun 09:00-17:00; thu 22:00-06:00", &[], "none", &[]),
            pattern("london", "Europe/London", "mon-sun 00:30-01:30", &[], "none", &[]),
            pattern("always", "Asia/Tokyo", "always", &[], "none", &[]),
            pattern("never", "Asia/Tokyo", "never", &[], "japan", &[]),
        ]
        .into(),
        holidays: [].into(),
        persons: vec![
            person("sato", &[], Some("day")),
            person("suzuki", &["watch"], None),
            person("tanaka", &["nobody", "watch"], None),
            person("ito", &[], None),
            person("york", &[], Some("new york")),
            person("howe", &[], Some("lord howe")),
            person("apia", &[], Some("apia")),
            person("london", &[], Some("london")),
            person("robot", &[], Some("always")),
            person("ghost", &[], Some("never")),
            person("lost", &[], Some("no such hours")),
        ],
        groups: vec![
            Group { id: "nobody".into(), pattern: None },
            Group { id: "watch".into(), pattern: Some("night".into()) },
        ],
        customers: vec![Customer { id: "minato".into(), pattern: Some("day".into()), days: Some(days) }],
        leaves: vec![
            leave("sato", "2026-11-25", "2026-11-27", "有給"),
            leave("sato", "2026-12-01", "2026-12-03", "trip"),
            Leave {
                who: "sato".into(),
                span: LeaveSpan::Time { from: at("2026-11-30T05:00Z"), until: at("2026-11-30T07:30Z") },
                note: "doctor".into(),
                source: LeaveSource::Page("sato".into()),
            },
            leave("sato", "2026-11-03", "2026-11-04", "a holiday's leave"),
        ],
        exceptions: [
            ("sato", "2026-12-02 10:00-12:00", "inventory"),
            ("sato", "2026-12-05 10:00-15:00", ""),
            ("sato", "2026-12-08 off", "moving house"),
            ("sato", "2026-12-31 20:00-02:00", "new year's eve"),
            ("ito", "2026-12-08 09:00-10:00", ""),
            ("suzuki", "2026-12-10 off", "swapped"),
        ]
        .map(|(who, hours, note)| Exception {
            who: who.into(),
            day: DayHours::parse(hours).unwrap(),
            note: note.into(),
        })
        .into(),
    }
}

pub fn day(text: &str) -> Date {
    text.parse().unwrap()
}

pub fn at(text: &str) -> Micros {
    Micros::parse(text).unwrap()
}

fn leave(who: &str, from: &str, until: &str, note: &str) -> Leave {
    let span = LeaveSpan::Days { from: day(from), until: day(until), zone: Zone::parse("Asia/Tokyo").unwrap() };
    Leave { who: who.into(), span, note: note.into(), source: LeaveSource::Calendar("team".into()) }
}

fn pattern(name: &str, zone: &str, week: &str, breaks: &[&str], holidays: &str, closed: &[&str]) -> Pattern {
    Pattern {
        name: name.into(),
        zone: Zone::parse(zone).unwrap(),
        week: Week::parse(week).unwrap(),
        breaks: breaks.iter().map(|text| Break::parse(text).unwrap()).collect(),
        holidays: Observed::from(holidays.to_owned()),
        closed: closed.iter().map(|text| YearSpan::parse(text).unwrap()).collect(),
    }
}

/// What a page in English would say, with the next change as its wall clock shows it.
fn said(roster: &Roster, subject: Subject<'_>, at: Micros, zone: &Zone) -> String {
    let standing = standing_of(roster, subject, at);
    let until = standing.until.map_or("-".into(), |until| {
        until.timestamp().to_zoned(zone.time_zone().clone()).strftime("%m-%d %H:%M").to_string()
    });
    let is = if standing.is_at_work { "works" } else { "away" };
    format!("{is}: {}, until {until}", reason(&standing.why))
}

fn reason(why: &Why) -> String {
    match why {
        Why::InHours { pattern, span, day } => format!("{pattern} {span} of {}", day.strftime("%m-%d")),
        Why::BeforeHours { pattern, .. } => format!("before the hours of {pattern}"),
        Why::BetweenHours { pattern, .. } => format!("between the hours of {pattern}"),
        Why::AfterHours { pattern, .. } => format!("after the hours of {pattern}"),
        Why::NoHoursThatDay { pattern, .. } => format!("{pattern} has no such day"),
        Why::Break { name, .. } => name.clone(),
        Why::Holiday { name, source, .. } => format!("{name} by {source:?}"),
        Why::Closed { name, .. } => format!("closed {name}"),
        Why::Leave { note, .. } => format!("leave {note}"),
        Why::Exception { hours, note, .. } => format!("exception {hours} {note}").trim().to_owned(),
        Why::NoPattern => "nothing known".into(),
    }
}

fn check(zone: &str, table: &[(&str, &str, &str)]) {
    let (roster, zone) = (desk(), Zone::parse(zone).unwrap());
    for (who, when, wanted) in table {
        let (id, customer) = who.split_once(" for ").map_or((*who, None), |(id, customer)| (id, Some(customer)));
        let subject = match id.split_once(' ') {
            Some(("group", id)) => Subject::Group(id),
            Some(("customer", id)) => Subject::Customer(id),
            _ => Subject::Person { id, customer },
        };
        let at = zone.instant(when.replace(' ', "T").parse().unwrap());
        assert_eq!(said(&roster, subject, at, &zone), *wanted, "{who} {when}");
    }
}

#[test]
fn an_ordinary_week_at_the_desk() {
    check(
        "Asia/Tokyo",
        &[
            ("sato", "2026-11-20 08:59", "away: before the hours of day, until 11-20 09:00"),
            ("sato", "2026-11-20 09:00", "works: day mon-fri 09:00-18:00 of 11-20, until 11-20 12:00"),
            ("sato", "2026-11-20 12:30", "away: lunch, until 11-20 13:00"),
            ("sato", "2026-11-20 17:59", "works: day mon-fri 09:00-18:00 of 11-20, until 11-20 18:00"),
            // The Monday after is 勤労感謝の日.
            ("sato", "2026-11-20 18:00", "away: after the hours of day, until 11-24 09:00"),
            ("sato", "2026-11-21 10:00", "away: day has no such day, until 11-24 09:00"),
            ("sato", "2026-11-23 10:00", "away: 勤労感謝の日 by Computed, until 11-24 09:00"),
            ("sato", "2026-11-23 03:00", "away: 勤労感謝の日 by Computed, until 11-24 09:00"),
            ("robot", "2026-11-23 03:00", "works: always always of 11-23, until -"),
            ("ghost", "2026-11-24 10:00", "away: never has no such day, until -"),
        ],
    );
}

#[test]
fn the_years_end_is_closed_and_new_years_day_says_so_before_it_says_holiday() {
    check(
        "Asia/Tokyo",
        &[
            ("sato", "2026-12-28 17:00", "works: day mon-fri 09:00-18:00 of 12-28, until 12-28 18:00"),
            ("sato", "2026-12-28 18:00", "away: after the hours of day, until 12-31 20:00"),
            ("sato", "2026-12-29 10:00", "away: closed 年末年始, until 12-31 20:00"),
            ("sato", "2026-12-31 23:00", "works: exception 20:00-02:00 new year's eve, until 01-01 02:00"),
            ("sato", "2027-01-01 01:00", "works: exception 20:00-02:00 new year's eve, until 01-01 02:00"),
            ("sato", "2027-01-01 10:00", "away: closed 年末年始, until 01-04 09:00"),
            ("sato", "2027-01-03 23:59", "away: closed 年末年始, until 01-04 09:00"),
            ("sato", "2027-01-04 00:00", "away: before the hours of day, until 01-04 09:00"),
            // A shift that keeps no year's end keeps the holiday.
            ("suzuki", "2026-12-31 23:30", "works: night mon-sun 22:00-07:00 of 12-31, until 01-01 02:00"),
            ("suzuki", "2027-01-01 06:00", "works: night mon-sun 22:00-07:00 of 12-31, until 01-01 07:00"),
            ("suzuki", "2027-01-01 23:00", "away: 元日 by Computed, until 01-02 22:00"),
        ],
    );
}

#[test]
fn a_night_belongs_to_the_day_it_begins_on() {
    check(
        "Asia/Tokyo",
        &[
            ("suzuki", "2026-11-22 23:00", "works: night mon-sun 22:00-07:00 of 11-22, until 11-23 02:00"),
            ("suzuki", "2026-11-23 02:30", "away: 仮眠, until 11-23 03:00"),
            ("suzuki", "2026-11-23 05:00", "works: night mon-sun 22:00-07:00 of 11-22, until 11-23 07:00"),
            ("suzuki", "2026-11-23 12:00", "away: 勤労感謝の日 by Computed, until 11-24 22:00"),
            ("suzuki", "2026-11-23 22:30", "away: 勤労感謝の日 by Computed, until 11-24 22:00"),
            // The night of the holiday is off until its morning.
            ("suzuki", "2026-11-24 05:00", "away: 勤労感謝の日 by Computed, until 11-24 22:00"),
            // So is one that an exception takes away.
            ("suzuki", "2026-12-10 05:00", "works: night mon-sun 22:00-07:00 of 12-09, until 12-10 07:00"),
            ("suzuki", "2026-12-11 05:00", "away: exception off swapped, until 12-11 22:00"),
            ("suzuki", "2026-12-11 12:00", "away: before the hours of night, until 12-11 22:00"),
            ("suzuki", "2026-11-24 12:00", "away: before the hours of night, until 11-24 22:00"),
        ],
    );
}

#[test]
fn leave_and_exceptions_rule_over_holidays_and_exceptions_over_leave() {
    check(
        "Asia/Tokyo",
        &[
            ("sato", "2026-11-24 18:00", "away: after the hours of day, until 11-27 09:00"),
            ("sato", "2026-11-25 00:00", "away: leave 有給, until 11-27 09:00"),
            ("sato", "2026-11-26 23:59", "away: leave 有給, until 11-27 09:00"),
            ("sato", "2026-11-30 13:59", "works: day mon-fri 09:00-18:00 of 11-30, until 11-30 14:00"),
            ("sato", "2026-11-30 15:00", "away: leave doctor, until 11-30 16:30"),
            ("sato", "2026-11-30 17:00", "works: day mon-fri 09:00-18:00 of 11-30, until 11-30 18:00"),
            ("sato", "2026-11-03 10:00", "away: leave a holiday's leave, until 11-04 09:00"),
            ("sato", "2026-12-01 10:00", "away: leave trip, until 12-02 10:00"),
            ("sato", "2026-12-02 11:00", "works: exception 10:00-12:00 inventory, until 12-02 12:00"),
            ("sato", "2026-12-02 14:00", "away: exception 10:00-12:00 inventory, until 12-03 09:00"),
            // A Saturday, and no lunch in it.
            ("sato", "2026-12-05 12:30", "works: exception 10:00-15:00, until 12-05 15:00"),
            ("sato", "2026-12-08 10:00", "away: exception off moving house, until 12-09 09:00"),
        ],
    );
}

#[test]
fn hours_come_from_the_person_their_group_the_customer_or_the_installation() {
    check(
        "Asia/Tokyo",
        &[
            ("suzuki", "2026-11-20 23:00", "works: night mon-sun 22:00-07:00 of 11-20, until 11-21 02:00"),
            ("tanaka for minato", "2026-11-20 23:00", "works: night mon-sun 22:00-07:00 of 11-20, until 11-21 02:00"),
            ("ito for minato", "2026-11-20 10:00", "works: day mon-fri 09:00-18:00 of 11-20, until 11-20 12:00"),
            ("ito", "2026-11-20 10:00", "away: nothing known, until 12-08 09:00"),
            ("ito", "2026-12-08 09:30", "works: exception 09:00-10:00, until 12-08 10:00"),
            ("lost", "2026-11-20 10:00", "away: nothing known, until -"),
            ("nobody we know", "2026-11-20 10:00", "away: nothing known, until -"),
            ("group watch", "2026-11-20 23:00", "works: night mon-sun 22:00-07:00 of 11-20, until 11-21 02:00"),
            ("group nobody", "2026-11-20 23:00", "away: nothing known, until -"),
            // A customer's own days count for its hours, and for whoever has them from it.
            ("customer minato", "2026-06-01 10:00", "away: 港の日 by Customer(\"minato\"), until 06-02 09:00"),
            ("customer minato", "2026-11-23 10:00", "works: day mon-fri 09:00-18:00 of 11-23, until 11-23 12:00"),
            ("ito for minato", "2026-06-01 10:00", "away: 港の日 by Customer(\"minato\"), until 06-02 09:00"),
            ("sato for minato", "2026-06-01 10:00", "works: day mon-fri 09:00-18:00 of 06-01, until 06-01 12:00"),
        ],
    );
    let roster = Roster { default_pattern: Some("shop".into()), ..desk() };
    let found = standing(&roster, "ito", None, at("2026-11-20T05:30Z"));
    let next = Some(at("2026-11-20T06:00Z"));
    assert_eq!(found.why, Why::BetweenHours { pattern: "shop".into(), next });
    assert_eq!((found.hours_of, found.since, found.until), (Some(Layer::Default), Some(at("2026-11-20T05:00Z")), next));
}

#[test]
fn new_york_loses_an_hour_in_march_and_has_one_twice_in_november() {
    check(
        "UTC",
        &[
            // 8 March: 01:30 EST is 06:30Z; 02:00 becomes 03:00 EDT at 07:00Z, past the end of the span.
            ("york", "2026-03-08 06:29", "away: before the hours of new york, until 03-08 06:30"),
            ("york", "2026-03-08 06:30", "works: new york mon-sun 01:30-02:30 of 03-08, until 03-08 07:00"),
            ("york", "2026-03-08 07:00", "away: between the hours of new york, until 03-08 12:00"),
            ("york", "2026-03-08 12:00", "works: new york sun 08:00-16:00 of 03-08, until 03-08 20:00"),
            // 1 November: 01:30 EDT is 05:30Z, 02:00 becomes 01:00 EST at 06:00Z, 02:30 EST is 07:30Z.
            ("york", "2026-11-01 05:30", "works: new york mon-sun 01:30-02:30 of 11-01, until 11-01 07:30"),
            ("york", "2026-11-01 06:15", "works: new york mon-sun 01:30-02:30 of 11-01, until 11-01 07:30"),
            ("york", "2026-11-01 07:30", "away: between the hours of new york, until 11-01 13:00"),
        ],
    );
}

#[test]
fn london_and_lord_howe_change_too_and_samoa_skipped_a_day() {
    check(
        "UTC",
        &[
            // London, 29 March: 01:00 GMT becomes 02:00 BST; 25 October: 02:00 BST becomes 01:00 GMT.
            ("london", "2026-03-29 00:45", "works: london mon-sun 00:30-01:30 of 03-29, until 03-29 01:00"),
            ("london", "2026-10-24 23:45", "works: london mon-sun 00:30-01:30 of 10-25, until 10-25 00:30"),
            ("london", "2026-10-25 01:15", "away: after the hours of london, until 10-26 00:30"),
            // Lord Howe, 4 October: 02:00 (+10:30) becomes 02:30; 5 April: 02:00 (+11) becomes 01:30.
            ("howe", "2026-10-03 15:20", "works: lord howe mon-sun 01:45-02:15 of 10-04, until 10-03 15:30"),
            ("howe", "2026-04-04 15:05", "works: lord howe mon-sun 01:45-02:15 of 04-05, until 04-04 15:45"),
            // Samoa, 29 December 2011 is a Thursday and ends at 10:00Z; the next day is the 31st.
            ("apia", "2011-12-30 02:00", "works: apia mon-sun 09:00-17:00 of 12-29, until 12-30 03:00"),
            ("apia", "2011-12-30 09:00", "works: apia thu 22:00-06:00 of 12-29, until 12-30 10:00"),
            ("apia", "2011-12-30 10:00", "away: before the hours of apia, until 12-30 19:00"),
        ],
    );
}

#[test]
fn what_is_told_reads_back() {
    let roster = desk();
    let kept: Roster = serde_json::from_str(&serde_json::to_string(&roster).unwrap()).unwrap();
    assert_eq!(kept, roster);
    let told = standing(&roster, "sato", None, at("2026-11-23T01:00Z"));
    let text = serde_json::to_string(&told).unwrap();
    assert!(
        text.contains(r#""why":{"why":"holiday","name":"勤労感謝の日","source":{"by":"computed"},"day":"2026-11-23"}"#),
        "{text}"
    );
    assert_eq!(serde_json::from_str::<Standing>(&text).unwrap(), told);
}
