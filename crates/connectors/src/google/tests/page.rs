//! A page's bytes as changes.

use super::EVENTS;
use crate::google::{Next, Page, changes_from_page};
use jiff::civil::date;
use jiff::tz::TimeZone;
use model::Micros;
use model::calendar::{CalendarEvent, Change};
use serde_json::{Value, json};

fn page(raw: &str) -> Page {
    changes_from_page("oncall", &TimeZone::UTC, raw.as_bytes()).unwrap()
}

fn at(text: &str) -> Micros {
    Micros::parse(text).unwrap()
}

fn event(page: &Page, id: &str) -> CalendarEvent {
    let found = page.changes.iter().find_map(|change| match change {
        Change::Event(event) if event.id == format!("oncall/{id}") => Some((**event).clone()),
        _ => None,
    });
    found.unwrap()
}

#[test]
fn an_instance_is_told_in_our_words() {
    let page = page(EVENTS);
    assert_eq!(page.next, Next::Sync("CPDAlvWDx70CEPDAlvWDx70CGAU=".into()));
    assert_eq!(page.time_zone.as_deref(), Some("Asia/Tokyo"));
    let event = event(&page, "oncall0001_20260501T000000Z");
    assert_eq!((event.calendar.as_str(), event.title.as_str()), ("oncall", "一次当番: 佐藤"));
    assert_eq!(event.text, "電話\n手順はここ (https://example.jp/runbook)");
    assert_eq!(event.place, "データセンター 3F");
    assert_eq!((event.starts_at, event.ends_at), (at("2026-05-01T00:00:00Z"), at("2026-05-02T00:00:00Z")));
    assert!(!event.is_all_day && !event.is_cancelled);
    let registrant = event.registrant.unwrap();
    assert_eq!(registrant.mail.as_deref(), Some("hanako@example.jp"), "who entered it, in small letters");
    assert_eq!(registrant.name.as_deref(), Some("佐藤花子"));
    let attendees: Vec<_> = event.attendees.iter().map(|a| (a.mail.as_deref().unwrap(), a.has_declined)).collect();
    assert_eq!(attendees, [("taro@example.jp", true), ("hanako@example.jp", false)]);
    assert_eq!(event.colours, ["11", "Tomato"]);
    assert_eq!(event.url.as_deref(), Some("https://www.google.com/calendar/event?eid=x"));
    assert_eq!(event.updated_at, Some(at("2026-04-20T05:06:07.123Z")));
    assert_eq!(event.recurring.as_deref(), Some("oncall/oncall0001"));
}

#[test]
fn whole_days_begin_and_end_in_the_calendars_own_zone() {
    let days = event(&page(EVENTS), "holiday1");
    assert!(days.is_all_day);
    assert_eq!((days.starts_at, days.ends_at), (at("2026-05-02T15:00:00Z"), at("2026-05-05T15:00:00Z")));
    assert_eq!(days.days, Some((date(2026, 5, 3), date(2026, 5, 6))), "as the calendar tells them");
    assert_eq!(
        days.registrant.unwrap().mail.as_deref(),
        Some("team@example.jp"),
        "the organizer where no creator is told"
    );
    assert_eq!(days.colours, ["99"], "a number without a name");
}

#[test]
fn days_are_as_long_as_the_zone_makes_them() {
    let day = |zone: &str, date: &str, end: Value| {
        let items = json!([{"id":"d","start":{"date":date},"end":end}]);
        let event = event(&page(&json!({"timeZone":zone,"items":items}).to_string()), "d");
        let (first, after) = event.days.unwrap();
        assert!(first.to_string() == date && first.tomorrow().unwrap() == after, "{first} {after}");
        (event.starts_at.rfc3339(), event.ends_at.since(event.starts_at) / 3_600_000_000)
    };
    let to = |date: &str| json!({"date":date});
    assert_eq!(day("Europe/Berlin", "2026-03-29", to("2026-03-30")), ("2026-03-28T23:00:00Z".into(), 23));
    assert_eq!(day("Europe/Berlin", "2026-10-25", to("2026-10-26")), ("2026-10-24T22:00:00Z".into(), 25));
    // Clocks go from 24:00 to 1:00 there: the day has no midnight.
    assert_eq!(day("Africa/Cairo", "2026-04-24", to("2026-04-25")), ("2026-04-23T22:00:00Z".into(), 23));
    for end in [Value::Null, to("2026-05-01"), to("2026-04-30")] {
        assert_eq!(day("Asia/Tokyo", "2026-05-01", end), ("2026-04-30T15:00:00Z".into(), 24), "a day at least");
    }
    assert_eq!(
        day("Nowhere/Land", "2026-05-01", Value::Null).0,
        "2026-05-01T00:00:00Z",
        "ours, where theirs is unknown"
    );
}

#[test]
fn what_was_deleted_is_gone_and_what_was_called_off_is_told_as_such() {
    let page = page(EVENTS);
    let gone: Vec<&str> = page
        .changes
        .iter()
        .filter_map(|change| match change {
            Change::Gone { id } => Some(id.as_str()),
            Change::Event(_) => None,
        })
        .collect();
    assert_eq!(gone, ["oncall/oncall0001_20260503T000000Z", "oncall/deleted1"]);
    let off = event(&page, "off1");
    assert!(off.is_cancelled && off.title == "停電作業");
}

#[test]
fn an_event_that_can_not_be_read_is_named_and_spoils_no_other() {
    let page = page(EVENTS);
    assert_eq!(page.changes.len(), 7);
    let seen: Vec<_> = page.unread.iter().map(|u| (u.id.as_deref(), u.why.place.as_str())).collect();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0], (Some("oncall/odd1"), "items[5]: start"));
    assert!(seen[1].0.is_none() && seen[1].1.starts_with("items[6]: "), "{seen:?}");
}

#[test]
fn sparse_and_odd_events_are_events_all_the_same() {
    let page = page(EVENTS);
    let busy = event(&page, "busy1");
    assert_eq!((busy.title.as_str(), busy.registrant, busy.attendees.len()), ("", None, 0));
    let odd = event(&page, "offset1");
    assert_eq!(odd.title, "\u{fffd}x");
    assert_eq!(odd.starts_at, at("2026-07-01T07:00:00Z"), "a local time in the zone beside it");
    assert_eq!(odd.ends_at, odd.starts_at, "an end before the beginning is none");
    assert_eq!(odd.url, None, "a link that runs something is no link");
}

#[test]
fn hostile_pages_are_errors_and_never_panics() {
    let zone = TimeZone::UTC;
    let read = |raw: &[u8]| changes_from_page("c", &zone, raw);
    let good = EVENTS.as_bytes();
    for cut in (0..good.len() - 2).step_by(7) {
        assert!(read(&good[..cut]).is_err(), "{cut}");
    }
    for at in (0..good.len()).step_by(3) {
        for byte in [0, b'"', b'\\', b'{', b'9', 0xff] {
            let mut touched = good.to_vec();
            touched[at] = byte;
            let _either = read(&touched);
        }
    }
    for odd in ["", "null", "1", "\"x\"", &"[".repeat(100_000), &"{\"items\":".repeat(100_000)] {
        assert!(read(odd.as_bytes()).is_err());
    }
    for date in ["9999-12-31", "-9999-01-01", "2026-02-30", "", "x"] {
        let items = json!({"items":[{"id":"d","start":{"date":date},"end":{"date":date}}]}).to_string();
        assert_eq!(read(items.as_bytes()).unwrap().unread.len(), 1, "{date}");
    }
}
