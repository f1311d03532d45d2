//! What the wall clock says; the one place of the benchmark that asks it.

use std::time::{SystemTime, UNIX_EPOCH};

/// Microseconds since the epoch.
pub fn now_us() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "events and rows of a benchmark carry the real time")]
    let now = SystemTime::now();
    now.duration_since(UNIX_EPOCH).map_or(0, |time| u64::try_from(time.as_micros()).unwrap_or(0))
}
