//! The past is full and consistent, the night begins with something to do and goes on.

use std::collections::BTreeSet;

use crate::pagerduty::book::{Agent, Incident, Status};
use crate::pagerduty::clock::plus_s;
use crate::pagerduty::state::{State, for_tests};

fn past(days: u32, seed: u64) -> State {
    let mut state = for_tests();
    let now = state.now;
    super::live_through_history(&mut state, (days, 0), now, seed);
    state
}

fn check(incident: &Incident) {
    assert!(incident.log.windows(2).all(|w| w[0].at <= w[1].at), "log entries are in order");
    assert_eq!(incident.log[0].kind, "trigger");
    assert_eq!(incident.is_open(), incident.resolved.is_none());
    if !incident.is_open() {
        assert_eq!(incident.open_alerts(), 0, "#{} is resolved with open alerts", incident.number);
        assert!(incident.assignments.is_empty());
        let ends = incident.log.iter().filter(|e| e.kind == "resolve").count();
        assert_eq!(ends, 1, "#{} was resolved {ends} times", incident.number);
    }
    let notes = incident.log.iter().filter(|e| e.kind == "annotate").count();
    assert_eq!(notes, incident.notes.len());
}

#[test]
fn a_month_of_history_is_plausible_and_closed() {
    let state = past(30, 3);
    let all = &state.book.incidents;
    assert!((120..=330).contains(&all.len()), "about seven a day, but {} in all", all.len());
    assert!(all.iter().all(|i| !i.is_open()));
    all.iter().for_each(check);
    let count = |fits: &dyn Fn(&Incident) -> bool| all.iter().filter(|i| fits(i)).count();
    assert!(count(&|i| i.merged_into.is_some()) > 0, "some merged");
    assert!(count(&|i| matches!(i.changed_by, Agent::Clock(_))) > 0, "some resolved by the clock");
    assert!(count(&|i| !i.log.iter().any(|e| e.kind == "acknowledge")) > 0, "some never acknowledged");
    assert!(count(&|i| i.log.iter().any(|e| e.kind == "escalate")) > 0, "some escalated");
    assert!(count(&|i| i.title.chars().any(|c| c > '\u{3000}')) > 20, "some in Japanese");
    let keys: BTreeSet<&str> = all.iter().map(|i| i.key.as_str()).collect();
    assert!(keys.len() < all.len(), "some checks are noisy");
    assert!(all.windows(2).all(|w| w[0].created <= w[1].created));
}

#[test]
fn one_seed_tells_one_story() {
    let titles =
        |seed| past(10, seed).book.incidents.iter().map(|i| (i.id.clone(), i.title.clone())).collect::<Vec<_>>();
    assert_eq!(titles(5), titles(5));
    assert_ne!(titles(5), titles(6));
}

#[test]
fn the_night_begins_with_open_incidents_and_goes_on() {
    let mut state = past(3, 9);
    let now = "2026-05-01T00:00:00Z".parse().expect("an instant");
    let before = state.book.incidents.len();
    super::begin_night(&mut state, 9, 60.0, Some(40), now);
    let open: Vec<&Incident> = state.book.incidents.iter().filter(|i| i.is_open()).collect();
    assert!((3..=6).contains(&open.len()), "{} are open", open.len());
    assert!(open.iter().any(|i| i.status == Status::Triggered), "one has nobody yet");
    assert!(open.iter().any(|i| i.status == Status::Acknowledged));
    state.book.incidents.iter().for_each(check);
    let begun = state.book.incidents.len();
    assert!(begun > before);
    state.run_until(plus_s(now, 600));
    let first_hours = state.book.incidents.len();
    assert!(first_hours > begun + 10, "ten hours at speed 60 brought only {}", first_hours - begun);
    state.run_until(plus_s(now, 1200));
    assert!(state.book.incidents.len() > first_hours, "it does not end");
    assert!(state.book.incidents.iter().any(|i| i.number > 1000 + begun as u64 && !i.is_open()), "things get resolved");
    state.book.incidents.iter().for_each(check);
}

#[test]
fn a_night_without_a_past_still_begins() {
    let mut state = past(0, 2);
    let now = "2026-05-01T00:00:00Z".parse().expect("an instant");
    super::begin_night(&mut state, 2, 1.0, None, now);
    let ages: BTreeSet<i64> = state.book.incidents.iter().map(|i| now.as_second() - i.created.as_second()).collect();
    assert!(ages.len() >= 3, "they began at different times: {ages:?}");
}
