//! The sandbox's own clock and the ways in which a vendor writes an instant.
//! Never asks the system under test what time it is.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// Real time plus whatever `/_control/advance` has added.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    ahead_ms: AtomicI64,
    /// How wrong the clock is that replies are dated by.
    header_ms: AtomicI64,
}

impl Clock {
    pub(crate) fn behind(seconds: u32) -> Self {
        let clock = Self::default();
        clock.advance(-i64::from(seconds) * 1_000);
        clock
    }

    pub(crate) fn now(&self) -> Timestamp {
        plus_ms(real_now(), self.ahead_ms.load(Ordering::SeqCst))
    }

    pub(crate) fn offset_headers(&self, ms: i64) {
        self.header_ms.store(ms, Ordering::SeqCst);
    }

    /// The time as a reply's `Date` tells it.
    pub(crate) fn date(&self) -> String {
        let at = plus_ms(self.now(), self.header_ms.load(Ordering::SeqCst));
        at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }

    pub(crate) fn advance(&self, ms: i64) {
        self.ahead_ms.fetch_add(ms, Ordering::SeqCst);
    }
}

#[expect(clippy::disallowed_methods, reason = "the outside world keeps its own time, apart from the system it judges")]
pub(crate) fn real_now() -> Timestamp {
    Timestamp::now()
}

/// `t` moved by `ms`; stays where it is when that would leave the calendar.
pub(crate) fn plus_ms(t: Timestamp, ms: i64) -> Timestamp {
    t.checked_add(SignedDuration::from_millis(ms)).unwrap_or(t)
}

pub(crate) fn plus_s(t: Timestamp, seconds: i64) -> Timestamp {
    t.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(t)
}

/// REST writes whole seconds.
pub(crate) fn seconds(t: Timestamp) -> String {
    t.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Webhooks and the audit trail write milliseconds.
pub(crate) fn millis(t: Timestamp) -> String {
    t.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// The effects log writes microseconds.
pub(crate) fn micros(t: Timestamp) -> String {
    t.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}
