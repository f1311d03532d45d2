//! How often Slack may be called: a limiter for each method, and for posts one for each channel. A method that Slack tells to wait
//! stops no other. Never sleeps and never asks the time.

use super::method::Method;
use crate::Limiter;
use model::Micros;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

#[derive(Debug)]
pub struct Limits {
    methods: [Limiter; Method::ALL.len()],
    channels: Channels,
}

/// For each channel, when it will have made up for all that was posted there.
#[derive(Debug, Default)]
struct Channels(Mutex<HashMap<String, Micros>>);

const POST_EVERY_MS: i64 = 1_000;
/// Slack bears short bursts.
const BURST: i64 = 3;
/// What lies further ahead was noted before the clock was set back.
const AHEAD_MS: i64 = POST_EVERY_MS * BURST;
/// More than these are looked through for what is over.
const MANY: usize = 1_000;

impl Limits {
    pub fn new() -> Self {
        Self { methods: Method::ALL.map(|method| Limiter::new(method.per_minute())), channels: Channels::default() }
    }

    pub fn of(&self, method: Method) -> &Limiter {
        &self.methods[method as usize]
    }

    /// May something be posted into this channel now? `Ok` counts it; `Err` is the instant not before which to ask again.
    pub fn post_into(&self, channel: &str, now: Micros) -> Result<(), Micros> {
        self.channels.check(channel, now)
    }

    /// The methods that Slack has told to stop, and until when.
    pub fn stopped(&self, now: Micros) -> Vec<(&'static str, Micros)> {
        let until = |method: Method| Some((method.name(), self.of(method).snapshot(now).blocked_until?));
        Method::ALL.into_iter().filter_map(until).collect()
    }
}

impl Channels {
    fn check(&self, channel: &str, now: Micros) -> Result<(), Micros> {
        // Every change leaves the map whole, so a panic elsewhere has not spoilt it.
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() > MANY {
            all.retain(|_, free_at| *free_at > now);
        }
        let held = all.get(channel).copied().filter(|free_at| *free_at <= now.plus_ms(AHEAD_MS));
        let free_at = held.map_or(now, |free_at| free_at.max(now));
        let not_before = free_at.plus_ms(-POST_EVERY_MS * (BURST - 1));
        if not_before > now {
            return Err(not_before);
        }
        all.insert(channel.to_owned(), free_at.plus_ms(POST_EVERY_MS));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Class;
    use http::HeaderMap;

    const T0: Micros = Micros::from_seconds(1_000_000);

    #[test]
    fn a_channel_bears_a_burst_and_then_one_a_second() {
        let limits = Limits::new();
        for _ in 0..BURST {
            assert_eq!(limits.post_into("C1", T0), Ok(()));
        }
        assert_eq!(limits.post_into("C1", T0), Err(T0.plus_s(1)));
        assert_eq!(limits.post_into("C2", T0), Ok(()), "another channel is another matter");
        assert_eq!(limits.post_into("C1", T0.plus_ms(999)), Err(T0.plus_s(1)));
        assert_eq!(limits.post_into("C1", T0.plus_s(1)), Ok(()));
        assert_eq!(limits.post_into("C1", T0.plus_s(1)), Err(T0.plus_s(2)), "what was refused is not counted");
        for _ in 0..BURST {
            assert_eq!(limits.post_into("C1", T0.plus_s(60)), Ok(()), "rest gives the burst back");
        }
    }

    #[test]
    fn a_clock_that_is_set_back_blocks_no_channel() {
        let limits = Limits::new();
        for _ in 0..BURST {
            assert_eq!(limits.post_into("C1", T0), Ok(()));
        }
        assert_eq!(limits.post_into("C1", T0.plus_s(-3_600)), Ok(()));
    }

    #[test]
    fn channels_that_are_over_are_forgotten() {
        let limits = Limits::new();
        for n in 0..=MANY {
            assert_eq!(limits.post_into(&format!("C{n}"), T0), Ok(()));
        }
        assert_eq!(limits.post_into("C1", T0.plus_s(9)), Ok(()));
        assert_eq!(limits.channels.0.lock().unwrap().len(), 1);
    }

    #[test]
    fn only_the_method_that_was_told_to_wait_waits() {
        let limits = Limits::new();
        let headers = HeaderMap::from_iter([(http::header::RETRY_AFTER, 30.into())]);
        limits.of(Method::Update).observe(429, &headers, T0);
        for method in Method::ALL {
            let said = limits.of(method).check(T0, Class::Live);
            assert_eq!(said.is_ok(), method != Method::Update, "{}", method.name());
        }
        assert_eq!(limits.stopped(T0), [("chat.update", T0.plus_s(30))]);
        assert_eq!(limits.stopped(T0.plus_s(30)), []);
    }
}
