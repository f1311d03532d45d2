//! Working time, as sentences.

use super::super::*;
use super::tables::{at, desk};
use crate::Micros;

#[test]
fn working_time_leaves_out_lunch_nights_holidays_and_leave() {
    let roster = desk();
    let sato = Subject::Person { id: "sato", customer: None };
    for (from, until, wanted_min, what) in [
        ("2026-11-20T00:00Z", "2026-11-20T09:00Z", 8 * 60, "a Friday, 9 to 18"),
        ("2026-11-20T02:30Z", "2026-11-20T04:30Z", 60, "over lunch"),
        ("2026-11-20T08:30Z", "2026-11-24T00:15Z", 45, "over a week-end and a holiday"),
        ("2026-11-24T08:00Z", "2026-11-27T01:00Z", 120, "over two days of leave"),
        ("2026-11-20T09:00Z", "2026-11-20T00:00Z", 0, "backwards"),
        ("2026-12-28T08:00Z", "2027-01-04T00:30Z", 60 + 360 + 30, "over the year's end, with an exception in it"),
    ] {
        assert_eq!(working_s(&roster, sato, at(from), at(until)), wanted_min * 60, "{what}");
    }
}

#[test]
fn a_night_that_the_clock_changes_in_is_as_long_as_it_is() {
    let roster = desk();
    let york = Subject::Person { id: "york", customer: None };
    let night = |day: &str, next: &str| working_s(&roster, york, at(day), at(next)) / 60;
    assert_eq!(night("2026-03-07T12:00Z", "2026-03-08T11:00Z"), 30, "the hour that is not there");
    assert_eq!(night("2026-10-31T21:00Z", "2026-11-01T12:00Z"), 120, "the hour that is there twice");
}

#[test]
fn thirty_working_minutes_end_when_so_much_has_been_worked() {
    let roster = desk();
    for (who, from, minutes, wanted) in [
        ("sato", "2026-11-20T08:45Z", 30, Some("2026-11-24T00:15:00Z")),
        ("sato", "2026-11-20T02:50Z", 30, Some("2026-11-20T04:20:00Z")),
        ("sato", "2026-11-20T02:30Z", 30, Some("2026-11-20T03:00:00Z")),
        ("sato", "2026-11-20T12:00Z", 0, Some("2026-11-20T12:00:00Z")),
        ("robot", "2026-11-20T12:00Z", 90, Some("2026-11-20T13:30:00Z")),
        ("ghost", "2026-11-20T12:00Z", 1, None),
        ("nobody", "2026-11-20T12:00Z", 1, None),
        ("robot", "2026-11-20T12:00Z", 4 * 366 * 24 * 60, None),
    ] {
        let subject = Subject::Person { id: who, customer: None };
        let found = after_working(&roster, subject, at(from), minutes * 60).map(Micros::rfc3339);
        assert_eq!(found.as_deref(), wanted, "{who} {from} {minutes}");
    }
    let customer = Subject::Customer("minato");
    let found = after_working(&roster, customer, at("2026-11-20T08:45Z"), 1_800).map(Micros::rfc3339);
    assert_eq!(found.as_deref(), Some("2026-11-23T00:15:00Z"), "the customer works on that holiday");
    let pattern = roster.pattern("shop").unwrap();
    assert_eq!(
        working_s(&roster, Subject::Pattern(pattern), at("2026-11-20T00:00Z"), at("2026-11-21T00:00Z")),
        9 * 3_600
    );
}

#[test]
fn instants_that_no_calendar_has_do_no_harm() {
    let roster = desk();
    for at in [i64::MIN, -1, i64::MAX].map(Micros) {
        for who in ["sato", "robot", "apia", "nobody"] {
            let told = standing(&roster, who, None, at);
            assert!(told.is_at_work || who != "robot", "{told:?}");
            assert!(!told.is_at_work || who != "nobody", "{told:?}");
        }
        let sato = Subject::Person { id: "sato", customer: None };
        assert_eq!(working_s(&roster, sato, at, at), 0);
        assert!(after_working(&roster, sato, at, i64::MAX).is_none());
    }
}
