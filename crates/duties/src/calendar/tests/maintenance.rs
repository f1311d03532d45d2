//! Maintenance as sentences.

use super::*;

fn desk() -> World {
    let mut world = world();
    let purpose = Purpose::Maintenance { services: vec!["PWEB".into()] };
    world.settings.rules = vec![Rule { name: "work".into(), purpose, ..Rule::default() }];
    world
}

fn work() -> CalendarEvent {
    event("05-08 22:00", "05-08 23:00")
}

/// With its window open: at 21:55 it is still to come, at 22:10 it has begun.
fn opened() -> World {
    let mut world = desk();
    assert_eq!(world.sees(&work(), "05-08 09:00"), "timer 05-08 21:50");
    assert_eq!(world.until("05-08 21:50"), "open work#1 05-08 22:00 to 05-08 23:00; timer 05-08 23:00");
    world
}

#[test]
fn a_window_is_opened_before_it_begins_and_is_over_at_its_end() {
    let mut world = opened();
    assert_eq!(world.sees(&work(), "05-08 22:10"), "nothing");
    assert_eq!(world.until("05-09 00:00"), "close work#1: Over");
    assert_eq!(world.sees(&work(), "05-09 00:00"), "nothing");
}

#[test]
fn a_window_follows_its_event() {
    for (sentence, event, now, wanted) in [
        (
            "longer",
            event("05-08 22:00", "05-08 23:30"),
            "05-08 22:10",
            "change work#1 05-08 22:00 to 05-08 23:30; timer 05-08 23:30",
        ),
        (
            "shorter",
            event("05-08 22:00", "05-08 22:30"),
            "05-08 22:10",
            "change work#1 05-08 22:00 to 05-08 22:30; timer 05-08 22:30",
        ),
        ("done early", event("05-08 22:00", "05-08 22:05"), "05-08 22:10", "close work#1: Shortened; no timer"),
        (
            "later, before it began",
            event("05-09 01:00", "05-09 02:00"),
            "05-08 21:55",
            "change work#1 05-09 01:00 to 05-09 02:00; timer 05-09 02:00",
        ),
        (
            "earlier, before it began",
            event("05-08 21:52", "05-08 22:30"),
            "05-08 21:55",
            "change work#1 05-08 21:55 to 05-08 22:30; timer 05-08 22:30",
        ),
        (
            "later, after it began",
            event("05-09 01:00", "05-09 02:00"),
            "05-08 22:10",
            "close work#1: Moved; timer 05-09 00:50",
        ),
        ("another beginning, after it began", event("05-08 22:05", "05-08 23:00"), "05-08 22:10", "nothing"),
        ("another title", CalendarEvent { title: "x".into(), ..work() }, "05-08 22:10", "nothing"),
    ] {
        assert_eq!(opened().sees(&event, now), wanted, "{sentence}");
    }
}

#[test]
fn a_window_ends_with_its_event() {
    assert_eq!(opened().gone("05-08 21:55"), "close work#1: Cancelled; no timer");
    assert_eq!(opened().gone("05-08 22:10"), "close work#1: Cancelled; no timer");
    let mut world = opened();
    world.settings.rules[0].keywords = vec!["停電".into()];
    assert_eq!(world.sees(&work(), "05-08 22:10"), "close work#1: NotChosen; no timer");
    world.settings.rules[0].keywords.clear();
    assert_eq!(world.sees(&work(), "05-08 22:15"), "open work#2 05-08 22:15 to 05-08 23:00; timer 05-08 23:00");
}

#[test]
fn what_is_moved_after_it_began_gets_another_window() {
    let mut world = opened();
    world.sees(&event("05-09 01:00", "05-09 02:00"), "05-08 22:10");
    assert_eq!(
        world.until("05-09 03:00"),
        "open work#2 05-09 01:00 to 05-09 02:00; timer 05-09 02:00; close work#2: Over"
    );
}

#[test]
fn work_that_overruns_gets_another_window_when_the_event_says_so() {
    let mut world = opened();
    world.until("05-08 23:00");
    assert_eq!(
        world.sees(&event("05-08 22:00", "05-09 00:00"), "05-08 23:05"),
        "open work#2 05-08 23:05 to 05-09 00:00; timer 05-09 00:00"
    );
}

#[test]
fn work_that_is_found_late_has_a_window_from_now_or_none() {
    assert_eq!(desk().sees(&work(), "05-08 22:30"), "open work#1 05-08 22:30 to 05-08 23:00; timer 05-08 23:00");
    assert_eq!(desk().sees(&work(), "05-08 23:30"), "missed work#1");
    assert_eq!(desk().sees(&event("05-08 22:00", "05-08 22:00"), "05-08 21:55"), "missed work#1", "work of no length");
}

#[test]
fn work_that_had_begun_at_first_contact_opens_no_window() {
    let mut world = World { baseline_at: at("05-08 22:10"), origin: Origin::Backfill, ..desk() };
    assert_eq!(world.sees(&work(), "05-08 22:10"), "would work");
    world.origin = Origin::Live;
    assert_eq!(world.sees(&work(), "05-08 22:20"), "nothing");
}

#[test]
fn work_of_a_whole_day_has_its_window_from_midnight() {
    let mut world = World { baseline_at: at("05-07 09:00"), origin: Origin::Backfill, ..desk() };
    let day = CalendarEvent { is_all_day: true, ..event("05-09 00:00", "05-10 00:00") };
    assert_eq!(world.sees(&day, "05-07 09:00"), "timer 05-09 00:00");
    world.origin = Origin::Live;
    assert_eq!(world.until("05-09 00:00"), "open work#1 05-09 00:00 to 05-10 00:00; timer 05-10 00:00");
}
