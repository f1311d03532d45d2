//! The one place that asks what time it is. Tests move it; nothing else reads the system's clock.

use model::Micros;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Wall time, with an offset that tests (and nobody else) may change. Clones share the offset.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    offset_us: Arc<AtomicI64>,
}

impl Clock {
    pub fn now(&self) -> Micros {
        #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the system's clock")]
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Micros(i64::try_from(wall.as_micros()).unwrap_or(i64::MAX) + self.offset_us())
    }

    pub fn advance_s(&self, seconds: i64) {
        self.offset_us.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    pub(crate) fn offset_us(&self) -> i64 {
        self.offset_us.load(Ordering::SeqCst) + crate::faults::clock_offset_us()
    }

    /// Time since boot, suspended time included: what a jump of the wall clock is measured against.
    pub fn since_boot() -> Duration {
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        #[expect(unsafe_code, reason = "std has no boot-time clock; the pointer is to a local of the right type")]
        let answer = unsafe { libc::clock_gettime(libc::CLOCK_BOOTTIME, &raw mut time) };
        if answer != 0 {
            return Duration::ZERO;
        }
        Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
    }
}
