//! Kills at any instant while a story goes on. How many: `ARAYASHIKI_KILLS`; from which seed: `ARAYASHIKI_SEED`.

use crate::judge::judge;
use crate::outside::{Dice, parallel, seed};
use crate::story::Story;
use crate::world::{Arms, Database, SHORT, World};
use serde_json::Value;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

#[test]
fn killed_at_any_instant_nothing_is_lost_and_nothing_done_twice() {
    let (kills, seed) = (super::kills(), seed());
    let cases: Vec<_> = Database::at_hand().into_iter().map(|d| (format!("{d:?}, seed {seed}"), d)).collect();
    parallel::all(&cases, |database| survive(*database, kills, seed));
}

/// The story goes on in a thread of its own, chapter after chapter, until the last kill is survived.
fn survive(database: Database, kills: u32, seed: u64) {
    let mut world = World::started(database, SHORT);
    let mut dice = Dice::new(seed);
    let mut story = Story::new("night");
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let World { site, sandbox } = &mut world;
        let (told, over) = (&mut story, &over);
        // Also when a start fails: the teller would go on for ever.
        let _end = SetAtEnd(over);
        let sandbox = &*sandbox;
        scope.spawn(move || {
            loop {
                told.play(sandbox, 0, usize::MAX, 60);
                if over.load(Ordering::SeqCst) {
                    return;
                }
                told.next_chapter();
                // Time for the program to catch up, so that a long run does not drown it.
                sandbox.is_idle(Duration::from_secs(10));
            }
        });
        for _ in 0..kills {
            std::thread::sleep(Duration::from_millis(dice.below(1_200)));
            site.kill();
            site.start(&Arms::default());
        }
    });
    world.settle();
    let blamed = retry_the_blamed(&world);
    story.close(&world);
    eprintln!("{database:?}: {kills} kills, {} incidents, {blamed} jobs blamed and retried", story.all.len());
    judge(&world, &story);
}

/// A job that was under way at three kills is held to be their cause and put aside, where a person sees it and presses
/// "retry". That person is played here; everything else has to be right by itself.
pub fn retry_the_blamed(world: &World) -> usize {
    try_to_retry_the_blamed(world).unwrap()
}

/// The same on a program that may be away.
pub fn try_to_retry_the_blamed(world: &World) -> std::io::Result<usize> {
    let jobs = world.site.all("jobs?state=dead")?;
    let is_blamed = |job: &&Value| job["cause"].as_str().is_some_and(|cause| cause.starts_with("kills its worker"));
    let blamed: Vec<&Value> = jobs.iter().filter(is_blamed).collect();
    for job in &blamed {
        let path = format!("/api/v1/jobs/{}/retry", job["id"]);
        let answer = world.site.authorized("POST", &path).send(world.site.address)?;
        assert!(matches!(answer.status, 202 | 409 | 503), "{}", answer.text());
    }
    Ok(blamed.len())
}

struct SetAtEnd<'a>(&'a AtomicBool);

impl Drop for SetAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}
