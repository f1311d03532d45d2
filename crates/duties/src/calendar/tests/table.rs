//! Promises as sentences.

use super::*;

fn meeting() -> CalendarEvent {
    event("05-08 14:00", "05-08 15:00")
}

#[test]
fn people_hear_of_it_ten_minutes_before_and_whoever_acts_ends_it() {
    for (what, wanted) in [(Acted::Closed, "Closed"), (Acted::Done, "Done")] {
        let mut world = world();
        assert_eq!(world.sees(&meeting(), "05-08 09:00"), "timer 05-08 13:50");
        assert_eq!(world.sees(&meeting(), "05-08 09:05"), "nothing", "the same again");
        assert_eq!(world.until("05-08 14:05"), "notice promise#1 05-08 13:50; timer 05-08 16:00");
        assert_eq!(world.acts("promise#9", what, "05-08 14:06"), "nothing", "on another notice");
        let wanted = format!("ended promise#1: {wanted}; no timer");
        assert_eq!(world.acts("promise#1", what, "05-08 14:10"), wanted);
        assert_eq!(world.acts("promise#1", what, "05-08 14:11"), "nothing", "pressed twice");
        assert_eq!(world.sees(&meeting(), "05-08 14:20"), "nothing");
    }
}

#[test]
fn what_ends_unserved_is_reported_once() {
    let mut world = world();
    world.sees(&meeting(), "05-08 09:00");
    assert_eq!(
        world.until("05-09 00:00"),
        "notice promise#1 05-08 13:50; timer 05-08 16:00; ended promise#1: Unserved; unserved promise#1"
    );
    assert_eq!(world.sees(&meeting(), "05-09 01:00"), "nothing");
}

#[test]
fn moving_it_takes_the_notice_back_and_makes_another_generation() {
    let mut world = world();
    world.sees(&meeting(), "05-08 09:00");
    assert_eq!(
        world.sees(&event("05-08 13:00", "05-08 14:00"), "05-08 10:00"),
        "timer 05-08 12:50",
        "before the notice"
    );
    assert_eq!(world.until("05-08 12:55"), "notice promise#2 05-08 12:50; timer 05-08 15:00");
    let tomorrow = event("05-09 13:00", "05-09 14:00");
    assert_eq!(world.sees(&tomorrow, "05-08 12:56"), "ended promise#2: moved to 05-09 13:00; timer 05-09 12:50");
    assert_eq!(
        world.sees(&event("05-08 13:00", "05-08 14:00"), "05-08 12:57"),
        "notice promise#3 05-08 12:57; timer 05-08 15:00".replace("#3", "#4"),
        "and back"
    );
}

#[test]
fn who_moves_what_was_served_to_the_past_writes_down_how_it_was() {
    let mut world = world();
    world.sees(&meeting(), "05-08 09:00");
    world.until("05-08 13:50");
    world.acts("promise#1", Acted::Done, "05-08 14:30");
    assert_eq!(world.sees(&event("05-08 13:45", "05-08 14:30"), "05-08 14:31"), "nothing");
    assert_eq!(
        world.sees(&event("05-08 16:00", "05-08 17:00"), "05-08 14:32"),
        "timer 05-08 15:50",
        "not so to the future"
    );
}

#[test]
fn cancelling_takes_back_what_was_told_and_restoring_begins_anew() {
    let mut world = world();
    world.sees(&meeting(), "05-08 09:00");
    assert_eq!(world.gone("05-08 09:10"), "no timer");
    assert_eq!(world.gone("05-08 09:11"), "nothing");
    assert_eq!(world.sees(&meeting(), "05-08 09:20"), "timer 05-08 13:50");
    world.until("05-08 13:50");
    // Only its id is told of it.
    let stub = CalendarEvent { is_cancelled: true, starts_at: Micros(0), title: String::new(), ..meeting() };
    assert_eq!(world.sees(&stub, "05-08 13:55"), "ended promise#2: Cancelled; no timer");
    assert_eq!(world.memory.event.as_ref().unwrap().title, meeting().title, "its title is still known");
    assert_eq!(super::world().gone("05-08 09:00"), "nothing", "what nobody knew");
    assert_eq!(super::world().sees(&stub, "05-08 09:00"), "nothing");
}

#[test]
fn changed_words_are_shown_and_a_later_end_moves_the_report() {
    let mut world = world();
    world.sees(&meeting(), "05-08 09:00");
    let renamed = CalendarEvent { title: "証明書の更新 web02".into(), ..meeting() };
    assert_eq!(world.sees(&renamed, "05-08 09:10"), "nothing", "nobody was told yet");
    world.until("05-08 13:50");
    let longer = CalendarEvent { ends_at: at("05-08 18:00"), ..renamed.clone() };
    assert_eq!(world.sees(&meeting(), "05-08 13:55"), "update promise#1");
    assert_eq!(world.sees(&longer, "05-08 13:56"), "update promise#1; timer 05-08 19:00");
    assert_eq!(world.until("05-08 23:00"), "ended promise#1: Unserved; unserved promise#1");
}

#[test]
fn what_is_found_late_is_told_at_once_or_reported() {
    let changed = |at_text: &str| CalendarEvent { updated_at: Some(at(at_text)), ..meeting() };
    for (sentence, event, now, wanted) in [
        ("its time to be told has passed", meeting(), "05-08 13:55", "notice promise#1 05-08 13:55; timer 05-08 16:00"),
        ("it has begun", meeting(), "05-08 14:30", "notice promise#1 05-08 14:30; timer 05-08 16:00"),
        ("it is over", meeting(), "05-08 15:00", "missed promise#1"),
        ("it was over when it was entered", changed("05-08 15:30"), "05-08 15:31", "afterthought promise#1"),
        ("it is over, and was entered before", changed("05-08 09:00"), "05-08 15:31", "missed promise#1"),
    ] {
        let mut world = world();
        assert_eq!(world.sees(&event, now), wanted, "{sentence}");
        assert_eq!(world.sees(&event, now), "nothing", "{sentence}, again");
    }
    let mut world = world();
    world.sees(&meeting(), "05-08 09:00");
    assert_eq!(world.late("05-08 14:20"), "notice promise#1 05-08 14:20; timer 05-08 16:00", "we were down");
    let mut world = super::world();
    world.sees(&meeting(), "05-08 09:00");
    assert_eq!(world.late("05-09 14:20"), "missed promise#1", "we were down for long");
}

#[test]
fn a_timer_that_fires_early_is_set_again() {
    let mut world = world();
    world.sees(&meeting(), "05-08 09:00");
    assert_eq!(told(&world.steps(Sighting::Timer, None, at("05-08 13:49"))), "timer 05-08 13:50");
}

#[test]
fn what_had_begun_at_first_contact_calls_nobody() {
    let mut world = World { baseline_at: at("05-08 14:30"), origin: Origin::Backfill, ..world() };
    assert_eq!(world.sees(&meeting(), "05-08 14:30"), "would promise");
    world.origin = Origin::Live;
    assert_eq!(world.sees(&meeting(), "05-08 14:40"), "nothing");
    let longer = CalendarEvent { ends_at: at("05-09 15:00"), ..meeting() };
    assert_eq!(world.sees(&longer, "05-08 16:00"), "nothing", "nor if it lasts longer");
    assert_eq!(
        world.sees(&event("05-09 14:00", "05-09 15:00"), "05-08 16:00"),
        "timer 05-09 13:50",
        "but moved, it does"
    );
    let mut world = World { baseline_at: at("05-08 16:00"), ..super::world() };
    assert_eq!(world.sees(&meeting(), "05-08 16:00"), "nothing", "long over: not even listed");
}

#[test]
fn first_contact_sets_timers_and_acts_on_nothing_itself() {
    for (now, wanted) in [("05-08 09:00", "timer 05-08 13:50"), ("05-08 13:55", "timer 05-08 13:55")] {
        let mut world = World { baseline_at: at(now), origin: Origin::Backfill, ..world() };
        assert_eq!(world.sees(&meeting(), now), wanted);
        world.origin = Origin::Live;
        assert!(world.until("05-08 14:00").starts_with("notice promise#1"), "{now}");
        world.origin = Origin::Backfill;
        assert_eq!(
            world.sees(&event("05-09 14:00", "05-09 15:00"), "05-08 14:00"),
            "nothing",
            "what we know it leaves alone"
        );
    }
}

#[test]
fn early_leads_are_posted_and_the_last_one_is_the_notice() {
    let leads = ["1d 18:00", "1h", "5m"].map(|lead| Lead::parse(lead).unwrap()).to_vec();
    let with_leads = || {
        let mut world = world();
        world.settings.rules[0].leads = leads.clone();
        world
    };
    let mut world = with_leads();
    assert_eq!(world.sees(&meeting(), "05-01 09:00"), "timer 05-07 18:00");
    assert_eq!(
        world.until("05-08 14:00"),
        "announce promise; timer 05-08 13:00; announce promise; timer 05-08 13:55; notice promise#1 05-08 13:55; timer 05-08 16:00"
    );
    let mut world = with_leads();
    assert_eq!(
        world.sees(&meeting(), "05-08 13:30"),
        "announce promise; timer 05-08 13:55",
        "two at once are one post"
    );
    let mut world = with_leads();
    assert_eq!(world.sees(&meeting(), "05-08 13:57"), "notice promise#1 05-08 13:57; timer 05-08 16:00");
}

#[test]
fn events_of_whole_days_are_told_in_the_morning() {
    let day = CalendarEvent { is_all_day: true, ..event("05-08 00:00", "05-09 00:00") };
    let mut world = world();
    assert_eq!(world.sees(&day, "05-07 09:00"), "timer 05-08 09:00");
    world.settings.rules[0].all_day_leads = vec![Lead::parse("1d 17:00").unwrap()];
    assert_eq!(world.sees(&day, "05-07 09:01"), "timer 05-07 17:00", "a rule that was changed counts at once");
    assert_eq!(
        world.until("05-09 02:00"),
        "notice promise#1 05-07 17:00; timer 05-09 01:00; ended promise#1: Unserved; unserved promise#1"
    );
}

#[test]
fn an_event_without_a_length_can_be_served() {
    let mut world = world();
    world.settings.rules[0].leads = vec![Lead::parse("0m").unwrap()];
    world.sees(&event("05-08 14:00", "05-08 14:00"), "05-08 09:00");
    assert_eq!(world.until("05-08 14:30"), "notice promise#1 05-08 14:00; timer 05-08 15:00");
}

#[test]
fn an_event_that_no_rule_chooses_any_more_is_taken_back_and_may_be_chosen_again() {
    let mut world = world();
    world.settings.rules[0].keywords = vec!["更新".into()];
    world.sees(&meeting(), "05-08 09:00");
    world.until("05-08 13:50");
    let other = CalendarEvent { title: "雑談".into(), text: String::new(), ..meeting() };
    assert_eq!(world.sees(&other, "05-08 13:55"), "update promise#1; ended promise#1: NotChosen; no timer");
    assert_eq!(world.sees(&meeting(), "05-08 13:56"), "notice promise#2 05-08 13:56; timer 05-08 16:00");
}

#[test]
fn what_lasts_longer_after_it_was_reported_is_told_again() {
    let mut world = world();
    world.sees(&meeting(), "05-08 09:00");
    world.until("05-08 16:00");
    let longer = CalendarEvent { ends_at: at("05-08 18:00"), ..meeting() };
    assert_eq!(world.sees(&longer, "05-08 16:30"), "notice promise#2 05-08 16:30; timer 05-08 19:00");
}

#[test]
fn older_news_change_nothing() {
    let of = |event: CalendarEvent, updated: &str| CalendarEvent { updated_at: Some(at(updated)), ..event };
    let mut world = world();
    world.sees(&of(event("05-08 16:00", "05-08 17:00"), "05-08 09:00"), "05-08 09:01");
    assert_eq!(world.sees(&of(meeting(), "05-08 08:00"), "05-08 09:02"), "nothing");
    world.gone("05-08 09:03");
    let same = of(event("05-08 16:00", "05-08 17:00"), "05-08 09:00");
    assert_eq!(world.sees(&same, "05-08 09:04"), "nothing", "what was deleted is told once more");
    assert_eq!(world.sees(&of(meeting(), "05-08 09:05"), "05-08 09:06"), "timer 05-08 13:50", "restored");
}

#[test]
fn a_rule_asks_for_what_it_names() {
    let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let any = || Rule { name: "it".into(), ..Rule::default() };
    let cases: Vec<(&str, Rule, bool)> = vec![
        ("nothing", any(), true),
        ("the calendar", Rule { calendars: texts(&["OPS"]), ..any() }, true),
        ("another calendar", Rule { calendars: texts(&["sales"]), ..any() }, false),
        ("a word of the title in full width", Rule { keywords: texts(&["ＷＥＢ０１"]), ..any() }, true),
        ("a word of the text", Rule { keywords: texts(&["手順書"]), ..any() }, true),
        ("a word of the place", Rule { keywords: texts(&["会議室a"]), ..any() }, true),
        ("a word that is not there", Rule { keywords: texts(&["停電", " "]), ..any() }, false),
        ("the colour", Rule { colours: texts(&["11", "5"]), ..any() }, true),
        ("another colour", Rule { colours: texts(&["1"]), ..any() }, false),
        ("an attendee by address", Rule { attendees: texts(&["Suzuki@example.jp"]), ..any() }, true),
        ("an attendee by name", Rule { attendees: texts(&["Suzuki Jiro"]), ..any() }, true),
        ("an attendee by domain", Rule { attendees: texts(&["@example.jp"]), ..any() }, true),
        ("an attendee of another domain", Rule { attendees: texts(&["@example.com", "@"]), ..any() }, false),
        ("one who only entered it as an attendee", Rule { attendees: texts(&["sato@example.jp"]), ..any() }, false),
        ("who entered it", Rule { registrants: texts(&["sato@example.jp"]), ..any() }, true),
        ("somebody else who entered it", Rule { registrants: texts(&["suzuki@example.jp"]), ..any() }, false),
        ("nothing, to leave it alone", Rule { ignore: true, ..any() }, false),
    ];
    for (asks, rule, matches) in cases {
        let settings = Settings { rules: vec![rule], ..settings() };
        assert_eq!(settings.rule(&meeting()).is_some(), matches, "a rule that asks for {asks}");
    }
    let mut declined = meeting();
    declined.attendees[0].has_declined = true;
    let rule = Rule { attendees: texts(&["suzuki@example.jp"]), ..any() };
    assert_eq!(Settings { rules: vec![rule], ..settings() }.rule(&declined), None, "who has declined does not come");
}

#[test]
fn how_far_it_goes_follows_from_duty_and_rule_and_early_posts_never_page() {
    for (duty, rule, wanted) in [
        (Mode::Page, None, Mode::Page),
        (Mode::Page, Some(Mode::Post), Mode::Post),
        (Mode::Observe, Some(Mode::Page), Mode::Observe),
    ] {
        let mut world = world();
        world.settings.mode = duty;
        world.settings.rules[0].outcome.mode = rule;
        world.settings.rules[0].leads = vec![Lead::parse("1h").unwrap(), Lead::TEN_MINUTES];
        world.sees(&meeting(), "05-08 09:00");
        let mut modes = Vec::new();
        while let Some(due) = world.timer {
            for step in world.steps(Sighting::Timer, None, due) {
                match step {
                    Step::Announce(early) => modes.push(early.mode),
                    Step::Notice(notice) => modes.push(notice.mode),
                    Step::Unserved(unserved) => modes.push(unserved.mode),
                    _ => {}
                }
            }
        }
        assert_eq!(modes, [wanted.min(Mode::Post), wanted, wanted.min(Mode::Post)]);
    }
}

#[test]
fn lead_times_read_back_as_they_are_written() {
    for (text, shown) in [
        ("10m", "10m"),
        ("120m", "2h"),
        ("24h", "1d"),
        ("1d 18:00", "1d 18:00"),
        ("0d  9:00", "0d 09:00"),
        ("0m", "0m"),
    ] {
        assert_eq!(Lead::parse(text).unwrap().to_string(), shown);
        assert_eq!(Lead::parse(shown).unwrap(), Lead::parse(text).unwrap());
    }
    for text in ["", "m", "10", "-5m", "10 m", "1d 25:00", "1d 9", "400d", "999999999999d", "１０m", "é"] {
        assert!(Lead::parse(text).unwrap_err().to_string().contains("write 10m, 2h, 1d"), "{text}");
    }
}

#[test]
fn settings_that_can_not_be_meant_are_named_with_the_remedy() {
    let rule = |name: &str| Rule { name: name.into(), ..Rule::default() };
    let nothing = Purpose::Maintenance { services: Vec::new() };
    for (rules, wanted) in [
        (vec![rule("a"), rule("a")], "two calendar rules are called \"a\""),
        (vec![rule("")], "calendar rule 1 has no name"),
        (vec![Rule { purpose: nothing, ..rule("a") }], "a maintenance needs services"),
        (vec![Rule { grace_minutes: -1, ..rule("a") }], "grace_minutes must be 0 or more"),
    ] {
        let found = Settings { rules, ..settings() }.problems();
        assert!(found.len() == 1 && found[0].contains(wanted), "{found:?}");
    }
}

#[test]
fn what_was_remembered_when_taking_still_ended_it_is_read() {
    let read: Acted = serde_json::from_str("\"taken\"").unwrap();
    assert_eq!(read, Acted::Done);
}
