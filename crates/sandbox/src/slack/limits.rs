//! How many calls Slack takes: by method and minute, and messages by channel and second. Counts; what a refusal looks like is said
//! where it is answered.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Value, json};

/// Calls of each method in a window; 0 takes all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    pub tier1: u32,
    pub tier2: u32,
    pub tier3: u32,
    pub tier4: u32,
    /// Of `chat.postMessage` in all channels together, and of `auth.test`.
    pub special: u32,
    pub window_s: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { tier1: 1, tier2: 20, tier3: 50, tier4: 100, special: 300, window_s: 60 }
    }
}

impl Limits {
    /// Takes everything.
    pub const NONE: Self = Self { tier1: 0, tier2: 0, tier3: 0, tier4: 0, special: 0, window_s: 60 };
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tier {
    Two,
    Three,
    Four,
    Special,
}

#[derive(Debug)]
pub(super) struct Book {
    pub limits: Limits,
    pub burst: u32,
    /// Limits of single methods, before their tier's.
    own: HashMap<String, u32>,
    windows: HashMap<&'static str, (Timestamp, u32)>,
    channels: HashMap<String, Allowance>,
}

/// Messages that may still be taken at once, and since when.
#[derive(Debug, Clone)]
pub(super) struct Allowance {
    left: f64,
    counted_us: i64,
}

impl Allowance {
    pub(super) fn full(burst: u32, now: Timestamp) -> Self {
        Self { left: f64::from(burst), counted_us: now.as_microsecond() }
    }

    /// One a second, and a burst after a silence; a burst of 0 takes all.
    pub(super) fn take(&mut self, burst: u32, now: Timestamp) -> bool {
        if burst == 0 {
            return true;
        }
        let gained = (now.as_microsecond() - self.counted_us).max(0) as f64 / 1_000_000.0;
        self.left = (self.left + gained).min(f64::from(burst));
        self.counted_us = now.as_microsecond();
        let fits = self.left >= 1.0;
        if fits {
            self.left -= 1.0;
        }
        fits
    }
}

impl Book {
    pub(super) fn new(limits: Limits, burst: u32) -> Self {
        Self { limits, burst, own: HashMap::new(), windows: HashMap::new(), channels: HashMap::new() }
    }

    /// The seconds to wait when one more call of the method is too many.
    pub(super) fn call(&mut self, method: &'static str, tier: Tier, now: Timestamp) -> Result<(), i64> {
        let of_tier = match tier {
            Tier::Two => self.limits.tier2,
            Tier::Three => self.limits.tier3,
            Tier::Four => self.limits.tier4,
            Tier::Special => self.limits.special,
        };
        let limit = self.own.get(method).copied().unwrap_or(of_tier);
        if limit == 0 {
            return Ok(());
        }
        let length_us = i64::from(self.limits.window_s.max(1)) * 1_000_000;
        let (began, count) = self.windows.entry(method).or_insert((now, 0));
        let past_us = now.as_microsecond() - began.as_microsecond();
        if past_us >= length_us || past_us < 0 {
            (*began, *count) = (now, 0);
        }
        if *count >= limit {
            let left_us = length_us - (now.as_microsecond() - began.as_microsecond());
            return Err((left_us.max(1) + 999_999) / 1_000_000);
        }
        *count += 1;
        Ok(())
    }

    pub(super) fn message(&mut self, channel: &str, now: Timestamp) -> Result<(), i64> {
        let burst = self.burst;
        let own = self.channels.entry(channel.to_owned()).or_insert_with(|| Allowance::full(burst, now));
        if own.take(burst, now) { Ok(()) } else { Err(1) }
    }

    /// `{"tier3": 2, "chat.update": 1, "window_s": 1, "burst": 0}`; null gives a method back to its tier.
    pub(super) fn set(&mut self, body: &Value) -> Result<(), String> {
        for (name, value) in body.as_object().ok_or("limits is an object of names and numbers")? {
            let number = value.as_u64().and_then(|n| u32::try_from(n).ok());
            if value.is_null() {
                self.own.remove(name);
                continue;
            }
            let number = number.ok_or_else(|| format!("limits: {name} is a whole number"))?;
            match name.as_str() {
                "tier1" => self.limits.tier1 = number,
                "tier2" => self.limits.tier2 = number,
                "tier3" => self.limits.tier3 = number,
                "tier4" => self.limits.tier4 = number,
                "special" => self.limits.special = number,
                "window_s" => self.limits.window_s = number,
                "burst" => self.burst = number,
                method if method.contains('.') => drop(self.own.insert(method.to_owned(), number)),
                other => return Err(format!("limits: {other} is no tier, method, window_s or burst")),
            }
        }
        self.windows.clear();
        self.channels.clear();
        Ok(())
    }

    pub(super) fn shown(&self) -> Value {
        let l = &self.limits;
        json!({ "tier1": l.tier1, "tier2": l.tier2, "tier3": l.tier3, "tier4": l.tier4, "special": l.special, "window_s": l.window_s,
            "burst": self.burst, "methods": self.own })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{plus_ms, plus_s};

    #[test]
    fn a_window_is_full_until_it_ends() {
        let mut book = Book::new(Limits { tier3: 2, ..Limits::NONE }, 0);
        let start = Timestamp::UNIX_EPOCH;
        assert_eq!(book.call("chat.update", Tier::Three, start), Ok(()));
        assert_eq!(book.call("chat.update", Tier::Three, plus_s(start, 10)), Ok(()));
        assert_eq!(book.call("chat.update", Tier::Three, plus_ms(start, 10_500)), Err(50));
        assert_eq!(book.call("chat.delete", Tier::Three, plus_s(start, 11)), Ok(()), "only that method waits");
        assert_eq!(book.call("views.open", Tier::Four, plus_s(start, 11)), Ok(()), "0 takes all");
        assert_eq!(book.call("chat.update", Tier::Three, plus_s(start, 60)), Ok(()));
    }

    #[test]
    fn a_channel_takes_a_burst_and_then_one_a_second() {
        let mut book = Book::new(Limits::NONE, 2);
        let start = Timestamp::UNIX_EPOCH;
        let taken: Vec<bool> =
            [0, 0, 0, 500, 1_000, 1_000].map(|ms| book.message("C1", plus_ms(start, ms)).is_ok()).to_vec();
        assert_eq!(taken, [true, true, false, false, true, false]);
        assert_eq!(book.message("C2", start), Ok(()));
    }
}
