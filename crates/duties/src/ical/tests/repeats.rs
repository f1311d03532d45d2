//! Rules against the answers of another reader (python-dateutil, rules.txt), and series across clock changes.

use super::super::expand::{Window, walls};
use super::super::rule::Rule;
use super::super::when::Stamp;
use super::*;
use jiff::civil::DateTime;
use proptest::prelude::*;

fn wall(text: &str) -> DateTime {
    Stamp::parse(text).unwrap().wall()
}

#[test]
fn rules_name_the_days_that_another_reader_names() {
    let mut checked = 0;
    for line in include_str!("rules.txt").lines() {
        let (asked, answer) = line.split_once(" = ").unwrap();
        let (start, text) = asked.split_once(' ').unwrap();
        let is_whole = answer.ends_with(" end");
        let wanted: Vec<DateTime> = answer.trim_end_matches(" end").split(' ').map(wall).collect();
        let (rule, start) = (Rule::parse(text).unwrap(), wall(start));
        let last = if is_whole { wall("21200101T000000") } else { *wanted.last().unwrap() };
        let until = rule.until.map(Stamp::wall);
        let found = walls(&rule, start, until, &Window { first: start, last }, &mut 1_000_000);
        assert_eq!(found, (wanted.clone(), true), "{line}");
        // A window that begins later has the later ones, without the way there.
        let first = wanted[wanted.len() / 2];
        let found = walls(&rule, start, until, &Window { first, last }, &mut 1_000_000).0;
        assert_eq!(found, wanted[wanted.len() / 2..], "{line}");
        checked += 1;
    }
    assert!(checked >= 250);
}

#[test]
fn extra_and_excepted_days_and_a_start_that_no_rule_names() {
    for (lines, wanted) in [
        ("DTSTART:20261124\nRRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3", "11-24 11-30 12-07"),
        ("DTSTART:20261130\nRRULE:FREQ=WEEKLY;COUNT=3\nEXDATE;VALUE=DATE:20261207", "11-30 12-14"),
        ("DTSTART:20261130\nRDATE;VALUE=DATE:20261203,20261201\nRDATE:20261130", "11-30 12-01 12-03"),
        (
            "DTSTART;TZID=Asia/Tokyo:20261130T090000\nRRULE:FREQ=DAILY;COUNT=4\nEXDATE:20261201T000000Z,20261202",
            "11-30 12-03",
        ),
        ("DTSTART;TZID=Asia/Tokyo:20261130T090000\nRDATE;VALUE=PERIOD:20261201T000000Z/PT1H", "11-30 12-01"),
        ("DTSTART:20261130\nRRULE:FREQ=DAILY;UNTIL=20261202", "11-30 12-01 12-02"),
        ("DTSTART;TZID=Asia/Tokyo:20261130T090000\nRRULE:FREQ=DAILY;UNTIL=20261202T000000Z", "11-30 12-01 12-02"),
        ("DTSTART;TZID=Asia/Tokyo:20261130T090000\nRRULE:FREQ=DAILY;UNTIL=20261201T235959Z", "11-30 12-01"),
        ("DTSTART:20260131\nRRULE:FREQ=MONTHLY", "12-31 01-31"),
        (
            "DTSTART:20261130\nRRULE:FREQ=MONTHLY;BYDAY=-1MO\nRRULE:FREQ=MONTHLY;BYMONTHDAY=1",
            "11-30 12-01 12-28 01-01 01-25 02-01 02-22",
        ),
    ] {
        let calendar = winter(&event(&format!("UID:x\n{lines}")));
        let found: Vec<String> = all(&calendar).iter().map(|text| text[..5].to_owned()).collect();
        assert_eq!(found.join(" "), wanted, "{lines} {:?}", calendar.problems);
    }
}

#[test]
fn a_change_moves_one_repeat_whatever_comes_first_and_the_newest_rules() {
    let series = "BEGIN:VEVENT\nUID:a\nDTSTART:20261130T000000Z\nRRULE:FREQ=DAILY;COUNT=3\nSUMMARY:s\nEND:VEVENT";
    let old = "BEGIN:VEVENT\nUID:a\nRECURRENCE-ID:20261201T000000Z\nDTSTART:20261201T030000Z\nSEQUENCE:1\nSUMMARY:old\nEND:VEVENT";
    let new = "BEGIN:VEVENT\nUID:a\nRECURRENCE-ID:20261201T000000Z\nDTSTART:20261205T030000Z\nSEQUENCE:2\nSUMMARY:new\nEND:VEVENT";
    let day = "BEGIN:VEVENT\nUID:b\nRECURRENCE-ID;VALUE=DATE:20261210\nDTSTART;VALUE=DATE:20261211\nSUMMARY:alone\nEND:VEVENT";
    for order in [[series, old, new, day], [new, day, old, series], [old, series, day, new]] {
        let calendar = winter(&feed(&order.join("\n")));
        let expected = ["11-30 09:00..09:00 s", "12-02 09:00..09:00 s", "12-05 12:00..12:00 new", "12-11..12-12 alone"];
        assert_eq!(all(&calendar), expected);
        assert_eq!(calendar.occurrences[3].recurrence.as_deref(), Some("20261210"));
    }
}

#[test]
fn a_time_that_the_clock_jumps_over_is_read_by_the_offset_before_it() {
    let text = event(
        "UID:x\nDTSTART;TZID=America/New_York:20260307T023000\nDTEND;TZID=America/New_York:20260307T033000\nRRULE:FREQ=DAILY;COUNT=3",
    );
    let calendar = read(text.as_bytes(), &zone("UTC"), at("2026-01-01T00:00Z"), at("2027-01-01T00:00Z")).unwrap();
    let found: Vec<String> = calendar.occurrences.iter().map(|one| shown(one, &zone("UTC"))).collect();
    assert_eq!(found, ["03-07 07:30..08:30", "03-08 07:30..07:30", "03-09 06:30..07:30"]);
}

proptest! {
    #[test]
    fn a_series_keeps_its_wall_time_across_clock_changes(
        name in prop::sample::select(vec!["America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Tokyo", "America/Sao_Paulo"]),
        freq in prop::sample::select(vec!["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
        (month, day, hour) in (1i8..=12, 1i8..=28, 4i8..=20),
        long in 1i64..600,
        year in 2010i16..2024,
    ) {
        let (zone, start) = (zone(name), DateTime::constant(year, month, day, hour, 30, 0, 0));
        let text = event(&format!("UID:x\nDTSTART;TZID={name}:{}\nDTEND;TZID={name}:{}\nRRULE:FREQ={freq}", start.strftime("%Y%m%dT%H%M%S"), (start + jiff::Span::new().minutes(long)).strftime("%Y%m%dT%H%M%S")));
        let calendar = read(text.as_bytes(), &Zone::utc(), at("2024-01-01T00:00Z"), at("2026-01-01T00:00Z")).unwrap();
        let least = if freq == "YEARLY" { 1 } else { 20 };
        prop_assert!(calendar.occurrences.len() >= least);
        let local = |at: Micros| at.timestamp().to_zoned(zone.time_zone().clone()).datetime();
        for one in &calendar.occurrences {
            let from = local(one.when.from());
            prop_assert_eq!(from.time(), start.time());
            // Its end as well, but where the clock does not show that time.
            let until = from + jiff::Span::new().minutes(long);
            let instant = zone.time_zone().to_ambiguous_timestamp(until).compatible().unwrap();
            prop_assert_eq!(one.when.until().timestamp(), instant);
        }
    }
}
