//! The sandbox's own clock and the ways in which a vendor writes an instant.
//! Never asks the system under test what time it is.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// A year is further than any test goes.
const MAX_ADVANCE_S: f64 = 366.0 * 86_400.0;

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

    /// Begins at `start` and goes on from there; in real time without it.
    pub(crate) fn starting_at(start: Option<Timestamp>) -> Self {
        let clock = Self::default();
        clock.set(start.unwrap_or_else(real_now));
        clock
    }

    pub(crate) fn set(&self, to: Timestamp) {
        self.ahead_ms.store(to.as_millisecond() - real_now().as_millisecond(), Ordering::SeqCst);
    }

    /// `{"seconds": 90}` or `{"to": "2026-05-01T09:00:00+09:00"}`; back is possible too, as a vendor's clock may be set right.
    pub(crate) fn move_by(&self, body: &serde_json::Value) -> Result<serde_json::Value, String> {
        if let Some(to) = body["to"].as_str() {
            self.set(to.parse().map_err(|e| format!("to: {e}"))?);
        } else {
            let seconds = body["seconds"].as_f64().filter(|s| s.abs() <= MAX_ADVANCE_S);
            self.advance((seconds.ok_or("seconds (at most a year) or to (an instant) is missing")? * 1000.0) as i64);
        }
        Ok(serde_json::json!({ "now": micros(self.now()) }))
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
