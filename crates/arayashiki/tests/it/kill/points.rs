//! Every named crash point: hit once at its first passing; hit later, and then another one during the recovery.

use super::{databases, finish, finish_alarm, of_bridges, of_hosts, of_net, of_record, of_spool};
use crate::outside::parallel;
use crate::story::{Alarm, Story};
use crate::world::{Arms, Database, SHORT, World};
use store::faults::POINTS;

struct Case {
    database: Database,
    point: &'static str,
    nth: u32,
    /// Armed again during the recovery.
    then: Option<&'static str>,
}

fn cases() -> Vec<(String, Case)> {
    let mut cases = Vec::new();
    for (i, point) in POINTS.iter().filter(|point| is_ours(point)).enumerate() {
        for database in databases(i) {
            cases.push((format!("{database:?}, {point}"), Case { database, point, nth: 1, then: None }));
        }
        let then = ordinary(i * 7 + 5);
        let nth = if point.starts_with("timers.") { later_timer(point) } else { 3 };
        for database in databases(i + 1) {
            let name = format!("{database:?}, {point} at its hit {nth}, then {then}");
            cases.push((name, Case { database, point, nth, then: Some(then) }));
        }
    }
    cases
}

/// Others have a story of their own.
fn is_ours(point: &str) -> bool {
    !of_spool(point) && !of_net(point) && !of_bridges(point) && !of_hosts(point) && !of_record(point)
}

/// Points that every story passes.
fn ordinary(n: usize) -> &'static str {
    let points: Vec<&str> =
        POINTS.iter().copied().filter(|point| !point.starts_with("timers.") && is_ours(point)).collect();
    points[n % points.len()]
}

/// The timers' unit runs twice a second; by then the alarm's timer has been set. It fires once.
const fn later_timer(point: &str) -> u32 {
    if point.len() == "timers.signal_written".len() { 1 } else { 9 }
}

#[test]
fn whatever_point_it_dies_at_nothing_is_lost_and_nothing_done_twice() {
    parallel::all(
        &cases(),
        |case| {
            if case.point.starts_with("timers.") { with_an_alarm(case) } else { with_a_story(case) }
        },
    );
}

fn with_a_story(case: &Case) {
    let mut world = World::new(case.database, SHORT);
    let mut story = Story::new("night");
    world.site.start(&Arms::point(case.point, case.nth));
    story.first_half(&world.sandbox);
    world.site.was_aborted(case.point);
    if let Some(then) = case.then {
        world.site.start(&Arms::point(then, 1));
        // Something for the point to be passed by, whatever the recovery itself needs.
        story.second_half(&world.sandbox);
        world.site.was_aborted(then);
        story.next_chapter();
        story.first_half(&world.sandbox);
    }
    world.site.start(&Arms::default());
    finish(&world, &mut story);
}

fn with_an_alarm(case: &Case) {
    let mut world = World::new(case.database, SHORT);
    world.site.start(&Arms::point(case.point, case.nth));
    let mut alarm = Alarm::begin(&world);
    world.site.was_aborted(case.point);
    if let Some(then) = case.then.filter(|then| !then.starts_with("intake.")) {
        world.site.start(&Arms::point(then, 1));
        world.site.was_aborted(then);
    }
    world.site.start(&Arms::default());
    finish_alarm(&mut world, &mut alarm);
}
