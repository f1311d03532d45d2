//! The program is killed wherever it can be killed, and started again; the judge stands outside. Nothing acknowledged
//! may be lost and nothing done twice.

mod bridges;
mod from_outside;
mod hosts;
pub mod net;
mod points;
pub mod random;
mod reminders;
mod trouble;

use crate::judge::judge;
use crate::outside::environment;
use crate::story::{Alarm, Story};
use crate::world::{Arms, Database, World};

/// The second part of a story, on a program that runs again, and the verdict.
pub fn finish(world: &World, story: &mut Story) {
    story.second_half(&world.sandbox);
    story.close(world);
    judge(world, story);
}

/// The same for the alarm's story.
pub fn finish_alarm(world: &mut World, alarm: &mut Alarm) {
    Alarm::wait_until_confirmed(world);
    alarm.mend(world, &Arms::default());
    alarm.go_on(world);
    judge(world, &alarm.story);
    assert!(Alarm::incident(world).is_some(), "there was no alarm");
}

/// Points that are passed only while PostgreSQL is away, or has just come back.
pub fn of_spool(point: &str) -> bool {
    ["spool.", "drain.", "drained."].iter().any(|unit| point.starts_with(unit))
}

/// Points that only mails, and what follows from them, pass.
pub fn of_net(point: &str) -> bool {
    ["post.", "sns.", "judge.", "late.", "net.", "net_again.", "net_call.", "net_day.", "seal."]
        .iter()
        .any(|unit| point.starts_with(unit))
}

/// Points that only what is told in Slack and heard from trackers and calendars passes.
pub fn of_bridges(point: &str) -> bool {
    ["slack.", "show.", "backlog.", "ticket.", "event.", "remind.", "concern.", "push.", "channel.", "window."]
        .iter()
        .any(|unit| point.starts_with(unit))
        || of_reminders(point)
}

/// Points that only a run on a host passes.
pub fn of_hosts(point: &str) -> bool {
    point.starts_with("run.")
}

/// Points of the unit that looks for whom to remind: of use only while somebody is to be reminded.
pub fn of_reminders(point: &str) -> bool {
    point.starts_with("reminders.")
}

/// Points of giving places in the record: a story has too few acts to pass them often; the store's own tests kill there.
pub fn of_record(point: &str) -> bool {
    ["record.", "checkpoint."].iter().any(|unit| point.starts_with(unit))
}

/// How many kills at random instants a database gets.
pub fn kills() -> u32 {
    environment("ARAYASHIKI_KILLS").and_then(|text| text.parse().ok()).unwrap_or(5)
}

/// The databases of the nth case: a short run takes turns, a long one takes all.
fn databases(n: usize) -> Vec<Database> {
    let all = Database::at_hand();
    if kills() >= 50 { all } else { vec![all[n % all.len()]] }
}
