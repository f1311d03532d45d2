//! How hard signals are coming in right now, so that whoever does work that can wait leaves the machine to the
//! acknowledgements. Only a hint: nothing is correct or wrong by it.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

const WINDOW_MS: u64 = 100;
/// Signals in one window from which on they count as a storm: two thousand a second.
const STORM: u64 = 200;

pub struct Pressure {
    since: Instant,
    /// The window that is being counted, by its number since the start.
    window: AtomicU64,
    count: AtomicU64,
    before: AtomicU64,
}

impl Default for Pressure {
    fn default() -> Self {
        Self { since: Instant::now(), window: AtomicU64::new(0), count: AtomicU64::new(0), before: AtomicU64::new(0) }
    }
}

impl Pressure {
    pub fn took(&self, signals: usize) {
        let now = self.now();
        let window = self.window.swap(now, Relaxed);
        if window == now {
            self.count.fetch_add(signals as u64, Relaxed);
        } else {
            let last = self.count.swap(signals as u64, Relaxed);
            self.before.store(if window + 1 == now { last } else { 0 }, Relaxed);
        }
    }

    /// Did a storm's worth of signals come in within this window or the one before?
    pub fn is_storm(&self) -> bool {
        let age = self.now().saturating_sub(self.window.load(Relaxed));
        let count = self.count.load(Relaxed).max(self.before.load(Relaxed));
        age <= 1 && count >= STORM
    }

    fn now(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX) / WINDOW_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_a_storm_and_a_trickle_is_none() {
        let pressure = Pressure::default();
        assert!(!pressure.is_storm());
        pressure.took(3);
        assert!(!pressure.is_storm());
        pressure.took(1_000);
        assert!(pressure.is_storm());
    }
}
