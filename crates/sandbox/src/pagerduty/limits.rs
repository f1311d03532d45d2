//! The vendor's rate limits: a minute's window per REST token, a sliding minute per integration key.

use std::collections::{HashMap, VecDeque};

use jiff::Timestamp;

use super::clock::plus_s;

#[derive(Debug, Default)]
pub(crate) struct Limits {
    rest: HashMap<String, Window>,
    events: HashMap<String, VecDeque<Timestamp>>,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    started: Timestamp,
    used: u32,
}

/// What the ratelimit headers say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allowance {
    pub limit: u32,
    pub remaining: u32,
    pub reset_s: i64,
    pub exceeded: bool,
}

impl Limits {
    pub(crate) fn take(&mut self, token: &str, limit: u32, now: Timestamp) -> Allowance {
        let window = self.rest.entry(token.to_owned()).or_insert(Window { started: now, used: 0 });
        if now >= plus_s(window.started, 60) {
            *window = Window { started: now, used: 0 };
        }
        let exceeded = window.used >= limit;
        if !exceeded {
            window.used += 1;
        }
        let reset_s = 60 - (now.as_second() - window.started.as_second());
        Allowance { limit, remaining: limit - window.used, reset_s, exceeded }
    }

    /// False: too many events with this key in the last minute.
    pub(crate) fn take_event(&mut self, key: &str, limit: u32, now: Timestamp) -> bool {
        let seen = self.events.entry(key.to_owned()).or_default();
        let since = plus_s(now, -60);
        while seen.front().is_some_and(|at| *at <= since) {
            seen.pop_front();
        }
        let fits = seen.len() < limit as usize;
        if fits {
            seen.push_back(now);
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_refuses_the_excess_and_opens_again_after_a_minute() {
        let (mut limits, now) = (Limits::default(), Timestamp::UNIX_EPOCH);
        assert!(!limits.take("t", 2, now).exceeded);
        assert_eq!(limits.take("t", 2, now).remaining, 0);
        assert!(limits.take("t", 2, plus_s(now, 59)).exceeded);
        assert!(!limits.take("t", 2, plus_s(now, 60)).exceeded);
    }

    #[test]
    fn events_slide() {
        let (mut limits, now) = (Limits::default(), Timestamp::UNIX_EPOCH);
        assert!(limits.take_event("k", 1, now));
        assert!(!limits.take_event("k", 1, plus_s(now, 59)));
        assert!(limits.take_event("k", 1, plus_s(now, 61)));
    }
}
