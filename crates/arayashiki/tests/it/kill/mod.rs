//! The program is killed wherever it can be killed, and started again; the judge stands outside. Nothing acknowledged
//! may be lost and nothing done twice.

mod from_outside;
mod points;
mod random;
mod trouble;

use crate::judge::judge;
use crate::story::{Alarm, Story};
use crate::world::{Arms, World};

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
