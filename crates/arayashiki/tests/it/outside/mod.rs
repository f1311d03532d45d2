//! What the tests need to stand outside: a small HTTP client, processes, waiting, signing. Knows nothing of the program.

pub mod http;
pub mod parallel;
pub mod process;
pub mod signing;
pub mod smtp;
pub mod wait;

/// A variable that a person or CI may set for the tests.
#[expect(clippy::disallowed_methods, reason = "where a test's servers are and how long it may run comes from outside")]
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Says that a part is left out, and why. CI leaves nothing out.
pub fn skip(what: &str, why: &str) {
    assert!(environment("CI").as_deref() != Some("true"), "CI must not skip {what}: {why}");
    eprintln!("skipped: {what}: {why}");
}

/// Numbers that look random and repeat with their seed (xorshift).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }
}

/// The seed of this run, said aloud so that a failure can be had again.
pub fn seed() -> u64 {
    let seed = environment("ARAYASHIKI_SEED").and_then(|text| text.parse().ok()).unwrap_or_else(|| {
        let now = std::time::UNIX_EPOCH.elapsed().unwrap();
        now.as_micros() as u64 % 1_000_000
    });
    eprintln!("ARAYASHIKI_SEED={seed}");
    seed
}
