//! Time that the test lets pass: for the program, and for all the systems beside it. Nobody's clock ever goes back.

use super::desk::Desk;
use crate::world::Arms;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

/// Below what the program takes for a jump of its clock, with room for a machine that is slow.
const SPEED: i64 = 15;
const STEP: Duration = Duration::from_millis(200);

pub struct Clock {
    file: PathBuf,
    offset_us: AtomicI64,
}

impl Clock {
    pub fn of(desk: &Desk) -> Self {
        let clock = Self { file: desk.world.site.folder.path().join("clock"), offset_us: AtomicI64::new(0) };
        write_whole(&clock.file, "0");
        clock
    }

    /// What the program is started with.
    pub fn arms(&self) -> Arms {
        let variables = vec![("ARAYASHIKI_CLOCK".to_owned(), self.file.display().to_string())];
        Arms { variables, ..Arms::default() }
    }

    /// The program's clock alone.
    pub fn jump_s(&self, seconds: i64) {
        let offset_us = self.offset_us.fetch_add(seconds * 1_000_000, Ordering::SeqCst) + seconds * 1_000_000;
        write_whole(&self.file, &offset_us.to_string());
    }

    /// How far the clocks are ahead of real time.
    pub fn ahead_s(&self) -> i64 {
        self.offset_us.load(Ordering::SeqCst) / 1_000_000
    }

    /// Runs the test's part while time passes quickly for everybody.
    pub fn while_time_flies<T>(&self, desk: &Desk, part: impl FnOnce() -> T) -> T {
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let _end = SetAtEnd(&over);
            scope.spawn(|| self.hurry(desk, &over));
            part()
        })
    }

    /// Whole seconds, since not every system's clock takes less.
    fn hurry(&self, desk: &Desk, over: &AtomicBool) {
        let (begun, mut told_s) = (Instant::now(), 0);
        while !over.load(Ordering::SeqCst) {
            std::thread::sleep(STEP);
            let ahead_s = begun.elapsed().as_millis() as i64 * (SPEED - 1) / 1_000;
            // However long this thread had to wait: no step is one that the program would take for a jump.
            let step_s = (ahead_s - told_s).min(STEP.as_millis() as i64 * SPEED * 2 / 1_000);
            told_s = ahead_s;
            if step_s == 0 {
                continue;
            }
            let step = json!({ "seconds": step_s });
            desk.sandbox().control("advance", &step);
            desk.slack.control("advance", &step);
            desk.tracker().control("advance", &step);
            desk.google().control("advance", &step);
            self.jump_s(step_s);
        }
    }
}

/// Nobody ever reads half of it.
fn write_whole(file: &Path, text: &str) {
    let beside = file.with_extension("new");
    std::fs::write(&beside, text).unwrap();
    std::fs::rename(&beside, file).unwrap();
}

/// Says that it is over when it goes, also when a test fails.
struct SetAtEnd<'a>(&'a AtomicBool);

impl Drop for SetAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}
