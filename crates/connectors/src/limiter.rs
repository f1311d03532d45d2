//! One limiter a token: says whether a call may go out now or not before when, and learns from what the other side
//! says. Never sleeps and never asks the time: a wait is a reschedule, so no lease is held while waiting.

use http::HeaderMap;
use model::Micros;
use model::action::Queue;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// For whom a call is made. Pages may use the whole rate; history never more than half of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Live,
    Read,
    Bulk,
}

impl Class {
    pub const ALL: [Self; 3] = [Self::Live, Self::Read, Self::Bulk];

    /// How many calls of the window this class must leave to those before it.
    const fn leaves(self, limit: u32) -> u32 {
        match self {
            Self::Live => 0,
            Self::Read => limit / 10,
            Self::Bulk => limit.div_ceil(2),
        }
    }
}

impl From<Queue> for Class {
    fn from(queue: Queue) -> Self {
        match queue {
            Queue::Live => Self::Live,
            Queue::Read => Self::Read,
            Queue::Bulk | Queue::Ssh => Self::Bulk,
        }
    }
}

/// What a page shows of a limiter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snapshot {
    pub limit: u32,
    pub remaining: u32,
    /// When the window that the other side told us of ends; `None` while we only count for ourselves.
    pub reset_at: Option<Micros>,
    /// Set while the other side has told us to stop.
    pub blocked_until: Option<Micros>,
}

#[derive(Debug)]
pub struct Limiter {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    limit: u32,
    /// Our own calls of the last minute, for as long as nobody tells us better.
    sent: VecDeque<Micros>,
    told: Option<Told>,
    blocked_until: Option<Micros>,
    /// Refusals in a row that came without saying for how long.
    strikes: u32,
    /// All calls that ever were let through, by class.
    passed: [u64; Class::ALL.len()],
}

/// The window as the other side told it, less what we have sent since.
#[derive(Clone, Copy, Debug)]
struct Told {
    remaining: u32,
    reset_at: Micros,
}

const WINDOW_MS: i64 = 60_000;
const FIRST_WAIT_MS: i64 = 5_000;
const LONGEST_WAIT_MS: i64 = 60_000;
/// Nobody tells a longer wait that is worth keeping to.
const AHEAD_MS: i64 = 900_000;
/// Resets are told in whole seconds from an answer's time, so one window's ends differ by a little.
const SAME_WINDOW_US: i64 = 2_000_000;

impl Limiter {
    /// `limit` calls a minute, until the other side says otherwise.
    pub const fn new(limit: u32) -> Self {
        let state = State { limit, sent: VecDeque::new(), told: None, blocked_until: None, strikes: 0, passed: [0; 3] };
        Self { state: Mutex::new(state) }
    }

    /// May a call of this class go out now? `Ok` counts it as sent; `Err` is the instant not before which to ask again.
    pub fn check(&self, now: Micros, class: Class) -> Result<(), Micros> {
        self.lock().check(now, class)
    }

    /// Learns from an answer, whatever its status. `now` is when the answer came.
    pub fn observe(&self, status: u16, headers: &HeaderMap, now: Micros) {
        let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<u32>().ok();
        let reset_s = number("ratelimit-reset");
        let mut state = self.lock();
        if let Some(limit) = number("ratelimit-limit").filter(|limit| *limit > 0) {
            state.limit = limit;
        }
        if let (Some(remaining), Some(reset_s)) = (number("ratelimit-remaining"), reset_s) {
            state.learn(Told { remaining, reset_at: now.plus_s(i64::from(reset_s)) });
        }
        if status == 429 {
            state.refused(now, number("retry-after").max(reset_s));
        } else if state.blocked_until.is_none_or(|until| now >= until) {
            state.blocked_until = None;
            state.strikes = 0;
        }
    }

    /// How long a caller who was just refused should wait.
    pub fn wait_ms(&self, now: Micros) -> Option<u64> {
        let until = self.lock().blocked_until?;
        u64::try_from(until.since(now) / 1_000).ok().filter(|ms| *ms > 0)
    }

    /// How many calls of this class were let through since the start.
    pub fn passed(&self, class: Class) -> u64 {
        self.lock().passed[class as usize]
    }

    pub fn snapshot(&self, now: Micros) -> Snapshot {
        let mut state = self.lock();
        state.forget(now);
        Snapshot {
            limit: state.limit,
            remaining: state.available(),
            reset_at: state.told.map(|told| told.reset_at),
            blocked_until: state.blocked_until.filter(|until| now < *until),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change leaves the state whole, so a panic elsewhere has not spoilt it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn check(&mut self, now: Micros, class: Class) -> Result<(), Micros> {
        self.mistrust(now);
        if let Some(until) = self.blocked_until.filter(|until| now < *until) {
            return Err(until);
        }
        self.forget(now);
        let leaves = class.leaves(self.limit);
        if self.available() <= leaves {
            return Err(self.next_slot(now, leaves));
        }
        self.sent.push_back(now);
        self.passed[class as usize] += 1;
        if let Some(told) = &mut self.told {
            told.remaining = told.remaining.saturating_sub(1);
        }
        Ok(())
    }

    /// What lies further ahead than any window or wait was noted before the clock was set back.
    fn mistrust(&mut self, now: Micros) {
        let ahead = now.plus_ms(AHEAD_MS);
        self.sent.retain(|at| *at <= ahead);
        self.told = self.told.filter(|told| told.reset_at <= ahead);
        self.blocked_until = self.blocked_until.filter(|until| *until <= ahead);
    }

    fn forget(&mut self, now: Micros) {
        while self.sent.front().is_some_and(|at| now >= at.plus_ms(WINDOW_MS)) {
            self.sent.pop_front();
        }
        self.told = self.told.filter(|told| now < told.reset_at);
    }

    fn available(&self) -> u32 {
        let ours = self.limit.saturating_sub(u32::try_from(self.sent.len()).unwrap_or(u32::MAX));
        self.told.map_or(ours, |told| told.remaining)
    }

    fn next_slot(&self, now: Micros, leaves: u32) -> Micros {
        if let Some(told) = self.told {
            return told.reset_at;
        }
        // Enough of our calls must leave the window for one more to fit.
        let may_be_out = self.limit.saturating_sub(leaves).saturating_sub(1) as usize;
        let leaving = self.sent.len().saturating_sub(may_be_out).max(1);
        self.sent.get(leaving - 1).map_or(now.plus_ms(WINDOW_MS), |at| at.plus_ms(WINDOW_MS))
    }

    /// Answers overtake each other: within one window the lower number is the truer one.
    fn learn(&mut self, told: Told) {
        self.told = Some(match self.told {
            Some(held) if held.reset_at.since(told.reset_at).abs() <= SAME_WINDOW_US => {
                Told { remaining: held.remaining.min(told.remaining), reset_at: held.reset_at.max(told.reset_at) }
            }
            _ => told,
        });
    }

    /// Several calls may be refused at once: they are one refusal, and only the next one waits longer.
    fn refused(&mut self, now: Micros, told_s: Option<u32>) {
        let until = match told_s {
            Some(seconds) => {
                self.strikes = 0;
                now.plus_s(i64::from(seconds.max(1)))
            }
            None if self.blocked_until.is_some_and(|until| now < until) => return,
            None => {
                let wait_ms = (FIRST_WAIT_MS << self.strikes.min(4)).min(LONGEST_WAIT_MS);
                self.strikes = self.strikes.saturating_add(1);
                now.plus_ms(wait_ms)
            }
        };
        self.blocked_until = Some(self.blocked_until.map_or(until, |held| held.max(until)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(limit: u32, remaining: u32, reset_s: u32) -> HeaderMap {
        let mut map = HeaderMap::new();
        map.insert("ratelimit-limit", limit.into());
        map.insert("ratelimit-remaining", remaining.into());
        map.insert("ratelimit-reset", reset_s.into());
        map
    }

    fn take(limiter: &Limiter, now: Micros, class: Class) -> u32 {
        let mut taken = 0;
        while limiter.check(now, class).is_ok() {
            taken += 1;
            assert!(taken <= 10_000, "the limiter never says no");
        }
        taken
    }

    const T0: Micros = Micros::from_seconds(1_000_000);

    #[test]
    fn until_told_otherwise_each_class_keeps_to_its_share_of_our_own_count() {
        let limiter = Limiter::new(960);
        assert_eq!(take(&limiter, T0, Class::Bulk), 480, "history never takes more than half");
        assert_eq!(take(&limiter, T0, Class::Read), 384, "reads leave a tenth");
        assert_eq!(take(&limiter, T0, Class::Live), 96, "pages take what is left");
        assert_eq!(limiter.check(T0, Class::Live), Err(T0.plus_ms(60_000)));
        assert_eq!(Class::ALL.map(|class| limiter.passed(class)), [96, 384, 480], "a refusal is no call");
        assert_eq!(limiter.check(T0.plus_ms(59_999), Class::Live), Err(T0.plus_ms(60_000)));
        assert_eq!(limiter.check(T0.plus_ms(60_000), Class::Live), Ok(()));
    }

    #[test]
    fn the_window_slides_and_says_exactly_when_a_slot_comes_free() {
        let limiter = Limiter::new(4);
        for second in 0..4 {
            assert_eq!(limiter.check(T0.plus_s(second), Class::Live), Ok(()));
        }
        assert_eq!(limiter.check(T0.plus_s(5), Class::Live), Err(T0.plus_s(60)));
        // Bulk leaves two of four, so all but one must have left the window.
        assert_eq!(limiter.check(T0.plus_s(5), Class::Bulk), Err(T0.plus_s(62)));
        assert_eq!(limiter.check(T0.plus_s(62), Class::Bulk), Ok(()));
    }

    #[test]
    fn a_clock_that_is_set_back_blocks_nothing() {
        let limiter = Limiter::new(4);
        assert_eq!(take(&limiter, T0, Class::Live), 4);
        limiter.observe(429, &headers(4, 0, 30), T0);
        let earlier = T0.plus_s(-9 * 3_600);
        assert_eq!(take(&limiter, earlier, Class::Live), 4);
        assert_eq!(limiter.check(earlier, Class::Live), Err(earlier.plus_ms(60_000)));
    }

    #[test]
    fn what_the_other_side_says_beats_our_own_count_until_its_window_ends() {
        let limiter = Limiter::new(960);
        limiter.observe(200, &headers(100, 51, 30), T0);
        assert_eq!(limiter.check(T0, Class::Bulk), Ok(()));
        assert_eq!(limiter.check(T0, Class::Bulk), Err(T0.plus_s(30)), "fifty left, half of a hundred");
        assert_eq!(take(&limiter, T0, Class::Live), 50);
        assert_eq!(limiter.check(T0.plus_s(29), Class::Live), Err(T0.plus_s(30)));
        assert_eq!(limiter.check(T0.plus_s(30), Class::Live), Ok(()));
        let shown = limiter.snapshot(T0.plus_s(1));
        assert_eq!((shown.limit, shown.remaining, shown.reset_at), (100, 48, None), "52 sent in our own minute");
    }

    #[test]
    fn an_answer_that_was_overtaken_does_not_give_back_what_is_spent() {
        let limiter = Limiter::new(960);
        limiter.observe(200, &headers(960, 10, 30), T0);
        limiter.observe(200, &headers(960, 500, 31), T0);
        assert_eq!(limiter.snapshot(T0).remaining, 10);
        limiter.observe(200, &headers(960, 959, 60), T0.plus_s(20));
        assert_eq!(limiter.snapshot(T0.plus_s(20)).remaining, 959, "a new window");
    }

    #[test]
    fn a_refusal_stops_every_class_for_as_long_as_told() {
        let limiter = Limiter::new(960);
        limiter.observe(429, &headers(960, 0, 17), T0);
        assert_eq!(limiter.check(T0.plus_s(16), Class::Live), Err(T0.plus_s(17)));
        assert_eq!(limiter.wait_ms(T0), Some(17_000));
        assert_eq!(limiter.check(T0.plus_s(17), Class::Live), Ok(()));
    }

    #[test]
    fn bare_refusals_wait_longer_each_time_and_forget_after_a_success() {
        let limiter = Limiter::new(960);
        let bare = HeaderMap::new();
        let mut now = T0;
        for wait_s in [5, 10, 20, 40, 60, 60] {
            limiter.observe(429, &bare, now);
            limiter.observe(429, &bare, now.plus_s(1));
            assert_eq!(limiter.check(now, Class::Live), Err(now.plus_s(wait_s)));
            now = now.plus_s(wait_s);
        }
        limiter.observe(200, &bare, now);
        limiter.observe(429, &bare, now);
        assert_eq!(limiter.check(now, Class::Live), Err(now.plus_s(5)));
    }

    #[test]
    fn a_success_that_was_on_its_way_does_not_lift_the_stop() {
        let limiter = Limiter::new(960);
        limiter.observe(429, &HeaderMap::new(), T0);
        limiter.observe(200, &HeaderMap::new(), T0.plus_ms(100));
        assert!(limiter.check(T0.plus_s(1), Class::Live).is_err());
    }
}
