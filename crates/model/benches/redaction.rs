//! How fast ordinary output passes the redaction: `cargo bench -p model`. Prints figures and judges nothing.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench speaks to whoever runs it, and is no production code"
)]

#[path = "../tests/redaction/random.rs"]
mod random;

use model::redaction::{Redactor, Rules};
use random::Random;
use std::time::Instant;

const TARGET_BYTES: usize = 100 << 20;
const PIECE_BYTES: usize = 32 << 10;
const ROUNDS: usize = 3;

fn main() {
    let began = Instant::now();
    let rules = Rules::shipped();
    println!("{} rules compiled in {:?}", rules.names().len(), began.elapsed());
    measure("every command's output in turn", &rules, &filled(|_| true));
    measure(
        "logs of sshd, nginx and the kernel",
        &rules,
        &filled(|line| line.starts_with("Nov 27") || line.contains("HTTP/1")),
    );
    measure(
        "counters and ids",
        &rules,
        &filled(|line| line.starts_with("cpu") || line.starts_with("inode") || line.starts_with("17{")),
    );
    measure("zeros without an end of line", &rules, &vec![0; TARGET_BYTES]);
}

/// Lines of the corpus that a test holds to be ordinary, over and over with other values.
fn filled(wanted: fn(&str) -> bool) -> Vec<u8> {
    let lines: Vec<&str> =
        include_str!("../tests/redaction/ordinary.txt").lines().filter(|line| wanted(line)).collect();
    let mut random = Random::new(1);
    let once: String = (0..40).flat_map(|_| &lines).map(|line| random.fill(line) + "\n").collect();
    once.into_bytes().into_iter().cycle().take(TARGET_BYTES).collect()
}

/// The best of some rounds: others use the machine too.
fn measure(what: &str, rules: &Rules, text: &[u8]) {
    let rounds = (0..ROUNDS).map(|_| {
        let began = Instant::now();
        let mut redactor = Redactor::new(rules);
        let mut out = Vec::with_capacity(2 * PIECE_BYTES);
        for piece in text.chunks(PIECE_BYTES) {
            out.clear();
            redactor.push(piece, &mut out);
        }
        let found = redactor.finish(&mut out);
        (began.elapsed(), found.total())
    });
    if let Some((best, found)) = rounds.min_by_key(|(took, _)| *took) {
        let speed = text.len() as f64 / 1e6 / best.as_secs_f64();
        println!("{what}: {speed:.0} MB/s, {found} hidden");
    }
}
