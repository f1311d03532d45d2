//! How often somebody may try a password: ten failures in fifteen minutes by e-mail and by address. Kept in memory and
//! bounded; never knows whether an e-mail exists.

use model::Micros;
use model::time::SECOND_US;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

const MOST_FAILURES: u32 = 10;
const WINDOW_S: i64 = 15 * 60;
/// Beyond this the oldest give way: somebody who can make so many keys is not held by them anyway.
const MOST_KEYS: usize = 20_000;

type Key = [u8; 16];

#[derive(Default)]
pub(crate) struct Tries {
    refused: AtomicU64,
    held: Mutex<HashMap<Key, Held>>,
}

#[derive(Clone, Copy)]
struct Held {
    failures: u32,
    since: Micros,
}

/// One try: counted as a failure from the start, so that many at once can't slip through together.
pub(crate) struct Try {
    email: Key,
    address: Key,
}

impl Tries {
    /// Begins a try, or says how many seconds to wait.
    pub(crate) fn begin(&self, email: &str, address: &str, now: Micros) -> Result<Try, i64> {
        let new = Try { email: key("email", &email.trim().to_lowercase()), address: key("address", address) };
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let wait_s = [new.email, new.address].iter().filter_map(|k| held.get(k)?.wait_s(now)).max();
        if let Some(wait_s) = wait_s {
            return Err(wait_s);
        }
        for key in [new.email, new.address] {
            make_room(&mut held, now);
            let entry = held.entry(key).or_insert(Held { failures: 0, since: now });
            if entry.is_over(now) {
                *entry = Held { failures: 0, since: now };
            }
            entry.failures += 1;
        }
        Ok(new)
    }

    /// One more refusal; how many there were since the start.
    pub(crate) fn refused(&self) -> u64 {
        self.refused.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// It was the right password: this person's failures are forgotten, and the address gets its try back.
    pub(crate) fn right(&self, done: &Try) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.remove(&done.email);
        if let Some(entry) = held.get_mut(&done.address) {
            entry.failures = entry.failures.saturating_sub(1);
        }
    }

    /// Nothing was learned from it: the store was away, say.
    pub(crate) fn void(&self, done: &Try) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        for key in [done.email, done.address] {
            if let Some(entry) = held.get_mut(&key) {
                entry.failures = entry.failures.saturating_sub(1);
            }
        }
    }
}

impl Held {
    const fn is_over(self, now: Micros) -> bool {
        now.since(self.since) >= WINDOW_S * SECOND_US
    }

    fn wait_s(self, now: Micros) -> Option<i64> {
        let left_us = WINDOW_S * SECOND_US - now.since(self.since);
        (self.failures >= MOST_FAILURES && left_us > 0).then(|| (left_us / SECOND_US).max(1))
    }
}

/// A quarter goes at once, so that a flood of new keys is not a walk over all of them each time.
fn make_room(held: &mut HashMap<Key, Held>, now: Micros) {
    if held.len() < MOST_KEYS {
        return;
    }
    held.retain(|_, entry| !entry.is_over(now));
    if held.len() < MOST_KEYS {
        return;
    }
    let mut oldest: Vec<(Micros, Key)> = held.iter().map(|(key, entry)| (entry.since, *key)).collect();
    let (going, _, _) = oldest.select_nth_unstable(MOST_KEYS / 4);
    for (_, key) in going.iter() {
        held.remove(key);
    }
}

fn key(kind: &str, name: &str) -> Key {
    let mut hash = Sha256::new();
    hash.update(kind.as_bytes());
    hash.update([0]);
    hash.update(name.as_bytes());
    let mut key = [0; 16];
    key.copy_from_slice(&hash.finalize()[..16]);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Micros = Micros(1_000_000_000);

    #[test]
    fn the_eleventh_try_waits_and_the_wait_ends() {
        let tries = Tries::default();
        for _ in 0..10 {
            assert!(tries.begin("a@example.jp", "192.0.2.1", NOW).is_ok());
        }
        assert_eq!(tries.begin("A@example.jp ", "192.0.2.2", NOW.plus_s(60)).err(), Some(14 * 60));
        assert!(tries.begin("b@example.jp", "192.0.2.1", NOW).is_err(), "the address waits as well");
        assert!(tries.begin("b@example.jp", "192.0.2.9", NOW).is_ok());
        assert!(tries.begin("a@example.jp", "192.0.2.1", NOW.plus_s(WINDOW_S)).is_ok());
    }

    #[test]
    fn being_right_gives_the_tries_back() {
        let tries = Tries::default();
        for _ in 0..40 {
            let one = tries.begin("a@example.jp", "192.0.2.1", NOW).unwrap_or_else(|_| panic!("never held"));
            tries.right(&one);
        }
    }

    #[test]
    fn the_memory_is_bounded() {
        let tries = Tries::default();
        for n in 0..MOST_KEYS + 50 {
            let _ = tries.begin(&format!("{n}@example.jp"), "192.0.2.1", NOW.plus_s(WINDOW_S * n as i64));
        }
        assert!(tries.held.lock().unwrap().len() <= MOST_KEYS);
        let flood = Tries::default();
        for n in 0..MOST_KEYS + 50 {
            let _ = flood.begin(&format!("{n}@example.jp"), &format!("a{n}"), NOW);
        }
        assert!(flood.held.lock().unwrap().len() <= MOST_KEYS);
    }
}
