//! First contact, what is found late or twice, what ends outside of the history, and the one rule of time.

use super::*;

#[test]
fn what_was_there_at_first_contact_is_listed_and_calls_nobody() {
    let old = [creates("04-20 10:00", CUSTOMER), says("04-21 21:00", CUSTOMER)];
    let answered = [old.to_vec(), vec![says("04-22 09:00", SATO)]].concat();
    for (story, listed) in [(&old[..], "would off hours"), (&answered[..], "nothing")] {
        let mut world = World { origin: Origin::Backfill, ..world() };
        assert_eq!(world.soon(SATO, story), listed);
        assert_eq!(world.soon(SATO, story), "nothing", "it is listed once");
        world.origin = Origin::Live;
        assert_eq!(world.soon(SATO, story), "nothing", "and stays history");
        let more = [story.to_vec(), vec![says("05-08 21:00", CUSTOMER)]].concat();
        assert_eq!(world.soon(SATO, &more), "hit off hours#1", "what happens afterwards does not");
    }
}

#[test]
fn a_ticket_that_comes_late_is_judged_by_what_happened_since_first_contact() {
    let story = [creates("04-20 10:00", CUSTOMER), says("04-21 21:00", CUSTOMER), says("05-08 21:00", CUSTOMER)];
    assert_eq!(world().soon(SATO, &story), "hit off hours#1");
    assert_eq!(world().soon(SATO, &story[..2]), "nothing");
}

#[test]
fn what_happens_while_the_first_reading_goes_on_is_not_swallowed() {
    let story = [creates("04-20 10:00", CUSTOMER), says("05-08 21:00", CUSTOMER)];
    let mut world = World { origin: Origin::Backfill, ..world() };
    assert_eq!(world.soon(SATO, &story), "nothing");
    world.origin = Origin::Repair;
    assert_eq!(world.soon(SATO, &story), "hit off hours#1");
}

#[test]
fn a_backfill_of_a_ticket_that_we_know_changes_nothing() {
    let story = [creates("05-01 00:00", CUSTOMER), says("05-08 21:00", CUSTOMER), says("05-08 21:30", SUZUKI)];
    let mut world = world();
    assert_eq!(world.soon(SATO, &story[..2]), "hit off hours#1");
    let before = world.memory.clone();
    world.origin = Origin::Backfill;
    assert_eq!(world.soon(SATO, &story), "nothing");
    assert_eq!(world.memory, before);
    world.origin = Origin::Repair;
    assert_eq!(world.soon(SATO, &story), "ended off hours#1: answered by Suzuki Jiro");
}

#[test]
fn the_clock_alone_never_calls_anybody() {
    let story = [creates("05-08 10:00", CUSTOMER)];
    let reading = read(SATO, &story);
    let mut world = world();
    for now in ["05-08 10:01", "05-08 21:00", "05-09 03:00", "05-14 12:00"] {
        assert_eq!(world.read(&reading, now), "nothing", "{now}");
    }
}

#[test]
fn what_is_found_late_is_judged_at_its_own_time() {
    let night = [creates("05-01 00:00", CUSTOMER), says("05-08 21:00", CUSTOMER)];
    let mut world = World { origin: Origin::Repair, ..world() };
    assert_eq!(world.read(&read(SATO, &night), "05-11 10:00"), "hit off hours#1");
    let day = [creates("05-01 00:00", CUSTOMER), says("05-08 10:00", CUSTOMER)];
    let mut world = World { origin: Origin::Repair, ..super::world() };
    assert_eq!(world.read(&read(SATO, &day), "05-08 23:00"), "nothing");
}

#[test]
fn an_older_reading_that_comes_later_changes_nothing() {
    let story = [creates("05-01 00:00", CUSTOMER), says("05-08 21:00", CUSTOMER), says("05-08 21:05", SUZUKI)];
    let mut world = world();
    let (older, newer) = (read(SATO, &story[..2]), read(SATO, &story));
    assert_eq!(world.read(&newer, "05-08 21:10"), "over off hours: answered by Suzuki Jiro");
    let before = world.memory.clone();
    assert_eq!(world.read(&older, "05-08 21:06"), "nothing");
    assert_eq!(world.memory, before);
}

#[test]
fn a_comment_that_was_deleted_does_not_stop_the_ticket() {
    let story = [creates("05-01 00:00", CUSTOMER), says("05-08 20:00", SUZUKI), says("05-08 21:00", CUSTOMER)];
    let mut world = world();
    assert_eq!(world.read(&read(SATO, &story), "05-08 21:01"), "hit off hours#1");
    let mut cut = read(SATO, &story[..2]);
    cut.ticket.assignee = Some(account(SUZUKI));
    assert_eq!(world.read(&cut, "05-08 21:30"), "ended off hours#1: assigned to Suzuki Jiro");
}

#[test]
fn the_history_may_be_newer_than_the_ticket_that_was_read_before_it() {
    let story = [creates("05-01 00:00", CUSTOMER), says("05-08 21:00", CUSTOMER)];
    let mut reading = read("", &story);
    let mut newer = assigns("05-08 21:01", SUZUKI, "", SUZUKI);
    newer.id = 2;
    reading.history.push(newer);
    assert_eq!(world().read(&reading, "05-08 21:02"), "over unassigned: assigned to Suzuki Jiro by Suzuki Jiro");
}

#[test]
fn the_history_may_be_newer_within_the_very_second_in_which_the_ticket_was_read() {
    let story = |when: &str| [creates("05-01 00:00", CUSTOMER), assigns(when, SUZUKI, "", SUZUKI)];
    let mut reading = read("", &story("05-08 21:00"));
    for (id, by, from, to) in [(2, CUSTOMER, SUZUKI, ""), (3, SUZUKI, "", SUZUKI), (4, CUSTOMER, SUZUKI, "")] {
        let newer = Happening { id, ..assigns("05-08 21:00", by, from, to) };
        reading.history.push(newer);
    }
    let mut world = world();
    let taken = "over unassigned: assigned to Suzuki Jiro by Suzuki Jiro";
    assert_eq!(world.read(&reading, "05-08 21:00"), format!("{taken}; hit unassigned#2"));
    reading.ticket.assignee = None;
    assert_eq!(world.read(&reading, "05-08 21:01"), "nothing");
    let mut closing = read(SATO, &[creates("05-01 00:00", CUSTOMER), says("05-08 21:00", CUSTOMER)]);
    closing.history.push(Happening { id: 2, ..sets("05-08 21:00", SUZUKI, "未対応", "完了") });
    let mut world = super::world();
    world.settings.done = vec!["完了".into()];
    assert_eq!(world.read(&closing, "05-08 21:00"), "over off hours: closed as 完了 by Suzuki Jiro");
}

#[test]
fn what_no_history_tells_ends_a_hit_too() {
    let story = [creates("05-01 00:00", CUSTOMER), says("05-08 21:00", CUSTOMER)];
    let changed = |change: fn(&mut Ticket)| {
        let mut reading = read(SATO, &story);
        reading.ticket.updated_at = at("05-08 22:00");
        change(&mut reading.ticket);
        reading
    };
    for (sentence, reading, wanted) in [
        (
            "given to Suzuki",
            changed(|t| t.assignee = Some(account(SUZUKI))),
            "ended off hours#1: assigned to Suzuki Jiro",
        ),
        ("taken from Sato", changed(|t| t.assignee = None), "nothing"),
        (
            "done",
            changed(|t| {
                t.is_done = true;
                t.status.name = "完了".into();
            }),
            "ended off hours#1: it stands at 完了",
        ),
        (
            "moved to where nobody looks",
            changed(|t| t.project = "LAB".into()),
            "ended off hours#1: moved to LAB, which is not watched",
        ),
        ("moved to another project", changed(|t| t.project = "WEB".into()), "nothing"),
    ] {
        let mut world = world();
        assert_eq!(world.soon(SATO, &story), "hit off hours#1");
        assert_eq!(world.read(&reading, "05-08 22:01"), wanted, "{sentence}");
    }
}

#[test]
fn a_ticket_that_is_deleted_ends_its_hit_and_its_wait() {
    let mut world = waiting(HoursOf::Person("suzuki".into()));
    assert_eq!(world.soon(SATO, &[creates("05-08 21:00", CUSTOMER)]), "hit off hours#1; timer Fri 8 May, 21:30 +09");
    let gone = Sighting::Deleted { at: at("05-08 21:10"), by: Some(CUSTOMER) };
    assert_eq!(
        told(&world.steps(gone, at("05-08 21:11"))),
        "ended off hours#1: the ticket was deleted by 山田; no timer"
    );
    assert!(world.memory.is_deleted);
    assert_eq!(told(&world.steps(gone, at("05-08 21:12"))), "nothing");
}

#[test]
fn who_closes_it_in_pagerduty_closes_that_hit_alone() {
    let story = [creates("05-01 00:00", CUSTOMER), says("05-08 21:00", CUSTOMER), says("05-08 21:20", CUSTOMER)];
    let mut world = world();
    assert_eq!(world.soon(SATO, &story[..2]), "hit off hours#1");
    world.closed = Some(Closed { hit: "off hours#1".into(), by: "Suzuki Jiro".into(), at: at("05-08 21:05") });
    assert_eq!(
        world.soon(SATO, &story),
        "ended off hours#1: resolved in PagerDuty by Suzuki Jiro; hit off hours#2",
        "what is written afterwards is a new case"
    );
    assert_eq!(world.soon(SATO, &story), "nothing", "it was meant for the first");
}

/// The rules of old, and one for a customer who waits for half an hour.
fn waiting(of: HoursOf) -> World {
    let mut world = world();
    let waits = Some(Waits { minutes: 30, of });
    world.settings.rules.push(Rule { name: "waits".into(), waits, ..Rule::default() });
    world
}

#[test]
fn a_customer_who_waits_for_half_an_hour_of_the_desks_time_is_a_case() {
    let desk = || HoursOf::Group("desk".into());
    for (sentence, when, due) in [
        ("by day", "05-08 10:00", "timer Fri 8 May, 10:30 +09"),
        ("before lunch", "05-08 11:50", "timer Fri 8 May, 13:20 +09"),
        ("on Friday at 17:45", "05-08 17:45", "timer Mon 11 May, 09:15 +09"),
    ] {
        assert_eq!(waiting(desk()).soon(SATO, &[creates(when, CUSTOMER)]), due, "{sentence}");
    }
    let story = [creates("05-08 10:00", CUSTOMER), says("05-08 10:20", CUSTOMER)];
    let mut world = waiting(desk());
    assert_eq!(world.soon(SATO, &story[..1]), "timer Fri 8 May, 10:30 +09");
    assert_eq!(world.soon(SATO, &story), "nothing", "a second word does not begin the time anew");
    world.has_fired = true;
    assert_eq!(world.read(&read(SATO, &story), "05-08 10:29"), "timer Fri 8 May, 10:30 +09", "one that fires early");
    world.has_fired = false;
    assert_eq!(world.read(&read(SATO, &story), "05-08 10:30"), "no timer; hit waits#1");
    assert_eq!(world.read(&read(SATO, &story), "05-08 12:30"), "nothing", "told once");
    let assigned = [story.to_vec(), vec![assigns("05-08 12:40", SUZUKI, SATO, SUZUKI)]].concat();
    assert_eq!(world.soon(SATO, &assigned), "nothing", "whoever has it has not answered");
    let answered = [assigned, vec![says("05-08 12:50", SUZUKI)]].concat();
    assert_eq!(world.soon(SATO, &answered), "ended waits#1: answered by Suzuki Jiro");
    let again = [answered, vec![says("05-08 13:50", CUSTOMER)]].concat();
    assert_eq!(world.soon(SUZUKI, &again), "hit off hours#2; timer Fri 8 May, 14:20 +09");
}

#[test]
fn who_has_an_answer_waits_no_longer() {
    let answers = [
        ("ours answered", says("05-08 10:10", SATO)),
        ("ours closed it", sets("05-08 10:10", SATO, "未対応", "完了")),
        ("they closed it", sets("05-08 10:10", CUSTOMER, "未対応", "完了")),
    ];
    for (sentence, then) in answers {
        let mut world = waiting(HoursOf::Group("desk".into()));
        let story = [creates("05-08 10:00", CUSTOMER), then];
        assert_eq!(world.soon(SATO, &story[..1]), "timer Fri 8 May, 10:30 +09");
        assert_eq!(world.soon(SATO, &story), "no timer", "{sentence}");
        assert_eq!(world.read(&read(SATO, &story), "05-08 10:30"), "nothing", "{sentence}");
    }
    let mut world = waiting(HoursOf::Group("desk".into()));
    let tool = did("05-08 10:10", BOT, Some("[arayashiki:ticket:0a]"), Vec::new());
    assert_eq!(world.soon(SATO, &[creates("05-08 10:00", CUSTOMER), tool]), "timer Fri 8 May, 10:30 +09");
}

#[test]
fn ours_who_worked_before_the_time_was_over_do_not_end_a_wait_afterwards() {
    let mut world = waiting(HoursOf::Group("desk".into()));
    let story = [creates("05-08 10:00", CUSTOMER), sets("05-08 10:10", SATO, "未対応", "処理中")];
    let reading = read(SATO, &story);
    assert_eq!(world.read(&reading, "05-08 10:11"), "timer Fri 8 May, 10:30 +09");
    assert_eq!(world.read(&reading, "05-08 10:31"), "no timer; hit waits#1");
    assert_eq!(world.read(&reading, "05-08 10:32"), "nothing");
}

#[test]
fn a_wait_that_began_before_first_contact_is_history() {
    let story = [creates("04-20 10:00", CUSTOMER)];
    let mut world = waiting(HoursOf::Group("desk".into()));
    world.origin = Origin::Backfill;
    assert_eq!(world.soon(SATO, &story), "nothing");
    let mut world = World { origin: Origin::Backfill, ..waiting(HoursOf::Group("desk".into())) };
    assert_eq!(world.read(&read(SATO, &story), "05-01 00:10"), "would waits");
    world.origin = Origin::Live;
    assert_eq!(world.read(&read(SATO, &story), "05-08 10:00"), "nothing");
}

#[test]
fn a_wait_in_an_open_case_is_noted_there_and_ends_with_it() {
    let mut world = waiting(HoursOf::Person("suzuki".into()));
    let story = [creates("05-08 21:00", CUSTOMER), assigns("05-08 21:40", SUZUKI, SATO, SUZUKI)];
    assert_eq!(world.soon(SATO, &story[..1]), "hit off hours#1; timer Fri 8 May, 21:30 +09");
    assert_eq!(world.read(&read(SATO, &story[..1]), "05-08 21:30"), "no timer; again waits");
    assert_eq!(world.soon(SATO, &story), "ended off hours#1: assigned to Suzuki Jiro by Suzuki Jiro");
}

#[test]
fn settings_that_can_not_be_meant_are_named_with_the_remedy() {
    let rule = |name: &str| Rule { name: name.into(), ..Rule::default() };
    let waits = |minutes, of| Some(Waits { minutes, of });
    for (rules, wanted) in [
        (vec![rule("a"), rule("a")], "two ticket rules are called \"a\""),
        (vec![rule(" ")], "ticket rule 1 has no name"),
        (vec![Rule { while_off: Some("x".into()), ..rule("a") }], "there is no group \"x\""),
        (vec![Rule { waits: waits(5, HoursOf::Group("x".into())), ..rule("a") }], "there is no group \"x\""),
        (vec![Rule { waits: waits(5, HoursOf::Person("x".into())), ..rule("a") }], "there is no person \"x\""),
        (vec![Rule { waits: waits(0, HoursOf::Customer), ..rule("a") }], "waits.minutes must be 1 or more"),
        (vec![Rule { waits: waits(5, HoursOf::Customer), ignore: true, ..rule("a") }], "can't wait and ignore"),
    ] {
        let found = Settings { rules, ..settings() }.problems();
        assert!(found.len() == 1 && found[0].contains(wanted), "{found:?}");
    }
    assert_eq!(settings().problems(), Vec::<String>::new());
}
