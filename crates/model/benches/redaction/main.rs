//! How fast output passes the redaction, ordinary and hostile: `cargo bench -p model`, with a word to ask only of what has it in its name. Prints
//! figures and judges nothing.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench speaks to whoever runs it, and is no production code"
)]

mod hostile;
#[path = "../../tests/redaction/random.rs"]
mod random;

use model::redaction::{Redactor, Rules};
use random::Random;
use std::time::{Duration, Instant};

const TARGET_BYTES: usize = 100 << 20;
const PIECE_BYTES: usize = 32 << 10;
const ROUNDS: usize = 3;

/// What is as slow as this is not asked again.
const LONG: Duration = Duration::from_secs(1);

fn main() {
    let began = Instant::now();
    let rules = Rules::shipped();
    println!("{} rules compiled in {:?}", rules.names().len(), began.elapsed());
    let asked = std::env::args().skip(1).find(|word| !word.starts_with('-')).unwrap_or_default();
    if asked.is_empty() {
        ordinary(&rules);
    }
    for (name, text) in hostile::families().filter(|(name, _)| name.contains(&asked)) {
        measure(name, &rules, &text);
    }
}

fn ordinary(rules: &Rules) {
    measure("every command's output in turn", rules, &filled(|_| true));
    measure(
        "logs of sshd, nginx and the kernel",
        rules,
        &filled(|line| line.starts_with("Nov 27") || line.contains("HTTP/1")),
    );
    measure(
        "counters and ids",
        rules,
        &filled(|line| line.starts_with("cpu") || line.starts_with("inode") || line.starts_with("17{")),
    );
    measure("zeros without an end of line", rules, &vec![0; TARGET_BYTES]);
}

/// Lines of the corpus that a test holds to be ordinary, over and over with other values.
fn filled(wanted: fn(&str) -> bool) -> Vec<u8> {
    let lines: Vec<&str> =
        include_str!("../../tests/redaction/ordinary.txt").lines().filter(|line| wanted(line)).collect();
    let mut random = Random::new(1);
    let once: String = (0..40).flat_map(|_| &lines).map(|line| random.fill(line) + "\n").collect();
    once.into_bytes().into_iter().cycle().take(TARGET_BYTES).collect()
}

/// The best of some rounds: others use the machine too.
fn measure(what: &str, rules: &Rules, text: &[u8]) {
    let (mut best, mut hidden) = (Duration::MAX, 0);
    for _ in 0..ROUNDS {
        let (took, found) = once(rules, text);
        (best, hidden) = (best.min(took), found);
        if took > LONG {
            break;
        }
    }
    println!("{:8.1} MB/s  {what}, {hidden} hidden", text.len() as f64 / 1e6 / best.as_secs_f64());
}

fn once(rules: &Rules, text: &[u8]) -> (Duration, u64) {
    let began = Instant::now();
    let mut redactor = Redactor::new(rules);
    let mut out = Vec::with_capacity(2 * PIECE_BYTES);
    for piece in text.chunks(PIECE_BYTES) {
        out.clear();
        redactor.push(piece, &mut out);
    }
    let found = redactor.finish(&mut out);
    (began.elapsed(), found.total())
}
