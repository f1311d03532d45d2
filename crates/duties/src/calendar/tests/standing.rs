//! Where an event stands, as it is told to those who look.

use super::*;

/// The name of where it stands now.
fn stands(world: &World, event: &CalendarEvent, is_gone: bool) -> &'static str {
    standing(&world.settings, event, &world.memory, (is_gone, Some(world.baseline_at))).as_str()
}

#[test]
fn a_promise_is_planned_then_told_then_served() {
    let mut world = world();
    let one = event("05-08 21:00", "05-08 22:00");
    assert_eq!(stands(&world, &one, false), "planned");
    world.sees(&one, "05-08 09:00");
    assert_eq!(
        standing(&world.settings, &one, &world.memory, (false, None)),
        Standing::Planned { due: Some(at("05-08 20:50")) }
    );
    world.until("05-08 20:55");
    assert_eq!(stands(&world, &one, false), "told");
    world.acts("promise#1", Acted::Done, "05-08 21:10");
    let Standing::Served(notice, end) = standing(&world.settings, &one, &world.memory, (false, None)) else {
        panic!("{:?}", world.memory)
    };
    assert_eq!((notice.generation, end.by.as_deref()), (1, Some("Suzuki Jiro")));
    let written_down = event("05-08 20:30", "05-08 21:30");
    world.sees(&written_down, "05-08 23:00");
    assert_eq!(stands(&world, &written_down, false), "served", "it is moved to how it was");
}

#[test]
fn what_nobody_served_and_what_was_taken_back_are_told_apart() {
    let mut world = world();
    let one = event("05-08 21:00", "05-08 22:00");
    world.sees(&one, "05-08 20:55");
    world.until("05-08 23:30");
    assert_eq!(stands(&world, &one, false), "unserved");
    let moved = event("05-09 21:00", "05-09 22:00");
    world.sees(&moved, "05-09 09:00");
    assert_eq!(stands(&world, &moved, false), "planned", "another time is another generation");
    world.until("05-09 20:55");
    world.gone("05-09 20:56");
    assert_eq!(stands(&world, &moved, true), "cancelled");
    let mut late = super::world();
    late.sees(&one, "05-08 23:00");
    assert_eq!(stands(&late, &one, false), "unserved");
}

#[test]
fn what_had_begun_what_nobody_chose_and_maintenance_say_so() {
    let mut world = world();
    let begun = event("04-30 23:00", "05-01 02:00");
    world.sees(&begun, "05-01 00:01");
    assert_eq!(stands(&world, &begun, false), "baseline");
    let mut other = super::world();
    other.settings.rules[0].keywords = vec!["nothing like it".into()];
    let one = event("05-08 21:00", "05-08 22:00");
    other.sees(&one, "05-08 09:00");
    assert_eq!(stands(&other, &one, false), "not_chosen");
    let mut work = super::world();
    work.settings.rules[0].purpose = Purpose::Maintenance { services: vec!["web".into()] };
    work.sees(&one, "05-08 20:55");
    assert_eq!(stands(&work, &one, false), "window");
    work.until("05-08 22:30");
    assert_eq!(stands(&work, &one, false), "window_over");
    for name in
        ["planned", "told", "served", "unserved", "cancelled", "baseline", "not_chosen", "window", "window_over"]
    {
        assert!(Standing::NAMES.contains(&name));
    }
}
