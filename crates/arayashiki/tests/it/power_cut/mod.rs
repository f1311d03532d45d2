//! The power goes, or the disk breaks. SIGKILL leaves the page cache, so here a library between the program and its
//! files drops what was never synced; and a trace shows in which order things reach the disk and the wire.

mod alarm;
mod disk;
mod machine;
pub mod mail;
mod settings;
mod trace;

use crate::outside::{Dice, seed};
use machine::{Machine, found_on, post_until_it_is_gone};
use std::time::Duration;

const CONNECTIONS: usize = 4;
/// Large enough that the log is moved into the database file while the test goes on.
const EVENT_BYTES: usize = 24_000;

#[test]
fn what_was_acknowledged_survives_a_power_cut() {
    let first = seed();
    for seed in first..first + 3 {
        let complaints = lost_words("", seed);
        assert!(complaints.is_empty(), "seed {seed}: {}", complaints.join("\n"));
    }
}

/// Cuts the power of a machine twice, once losing all that was not synced and once tearing it; what is missing then.
pub fn lost_words(sabotage: &str, seed: u64) -> Vec<String> {
    let mut dice = Dice::new(seed);
    let mut complaints = Vec::new();
    for torn in [false, true] {
        let Some(mut machine) = Machine::new() else { return sabotage_word(sabotage) };
        machine.start(sabotage);
        let promised = post_and_cut(&mut machine, &mut dice);
        let left = machine.cut(torn.then_some(&mut dice));
        assert!(!promised.is_empty(), "nothing was promised before the cut");
        match found_on(&machine.site, &left) {
            Ok(found) => {
                let lost: Vec<&String> = promised.iter().filter(|incident| !found.contains(*incident)).collect();
                if !lost.is_empty() {
                    complaints.push(format!("torn {torn}: {} of {} promised are lost", lost.len(), promised.len()));
                }
            }
            Err(why) => complaints.push(format!("torn {torn}: {why}")),
        }
    }
    complaints
}

/// What is promised while nothing can be written.
pub fn words_on_a_full_disk(sabotage: &str) -> Vec<String> {
    let Some(mut machine) = Machine::new() else { return sabotage_word(sabotage) };
    machine.start(sabotage);
    machine.breaks("ENOSPC");
    let answers = (0..4).map(|n| machine.post(&format!("QFULL{n}")).status);
    answers.filter(|status| *status != 503).map(|status| format!("answered {status} on a full disk")).collect()
}

/// Without the means to cut the power nothing can be shown, either way; that was said aloud.
fn sabotage_word(sabotage: &str) -> Vec<String> {
    if sabotage.is_empty() { Vec::new() } else { vec!["not shown: no C compiler".to_owned()] }
}

fn post_and_cut(machine: &mut Machine, dice: &mut Dice) -> Vec<String> {
    let live = Duration::from_millis(500 + dice.below(900));
    let id = machine.site.id();
    let site = &machine.site;
    std::thread::scope(|scope| {
        let posts: Vec<_> = (0..CONNECTIONS)
            .map(|n| {
                let bytes = if n == 0 { 0 } else { EVENT_BYTES };
                scope.spawn(move || post_until_it_is_gone(site, &format!("P{n}N"), bytes))
            })
            .collect();
        std::thread::sleep(live);
        crate::outside::process::signal(id, "KILL");
        posts.into_iter().flat_map(|post| post.join().unwrap()).collect()
    })
}
