//! What the log says while the store does not answer: the first failure, then one line a minute with how many there were,
//! and that it is over. Every loop would otherwise say so at each of its tries. Changes nothing but the log.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use store::StoreError;

const EVERY: Duration = Duration::from_secs(60);

#[derive(Debug, Default)]
pub struct Trouble {
    is_open: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    since: Option<Instant>,
    said_at: Option<Instant>,
    failures: u64,
}

impl Trouble {
    /// A loop's try failed and is made again. What does not pass by itself is said each time.
    pub fn failed(&self, error: &StoreError, what: &'static str) {
        if !error.is_passing() {
            tracing::error!(%error, what, "failed; tried again");
            return;
        }
        if let Some(failures) = self.count(Instant::now()) {
            tracing::error!(%error, what, failures, "the store does not answer; everything waits and is tried again");
        }
    }

    /// How many failures there were, when it is time to say so.
    fn count(&self, now: Instant) -> Option<u64> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.is_open.store(true, Relaxed);
        state.since.get_or_insert(now);
        state.failures += 1;
        if state.said_at.is_some_and(|at| now.duration_since(at) < EVERY) {
            return None;
        }
        state.said_at = Some(now);
        Some(state.failures)
    }

    /// The store has answered.
    pub fn over(&self) {
        if !self.is_open.swap(false, Relaxed) {
            return;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);

        if let Some(since) = state.since.take() {
            let seconds = since.elapsed().as_secs();
            tracing::info!(failures = state.failures, seconds, "the store answers again");
        }
        state.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_a_minute_with_the_count_and_none_between() {
        let (trouble, begun) = (Trouble::default(), Instant::now());
        let at = |s: u64| begun + Duration::from_secs(s);
        assert_eq!(trouble.count(at(0)), Some(1));
        assert_eq!(trouble.count(at(1)), None);
        assert_eq!(trouble.count(at(59)), None);
        assert_eq!(trouble.count(at(60)), Some(4));
        trouble.over();
        assert!(!trouble.is_open.load(Relaxed));
        assert_eq!(trouble.count(at(61)), None, "it flaps: still a line a minute");
        assert_eq!(trouble.count(at(121)), Some(2));
    }
}
