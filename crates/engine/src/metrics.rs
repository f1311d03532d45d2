//! Counters of this process, for `/metrics`. What must survive a restart is counted in the store, not here.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Upper bounds of the acknowledgement's buckets, in milliseconds.
const BUCKETS_MS: [u64; 8] = [1, 2, 5, 10, 25, 100, 500, 2_000];

/// Counts of somebody else's, each by its name.
pub type Counts = Box<dyn Fn() -> Vec<(&'static str, u64)> + Send + Sync>;

#[derive(Default)]
pub struct Metrics {
    /// What the doors for mail count, by their names.
    doors: Mutex<Vec<(&'static str, Counts)>>,
    pub accepted: AtomicU64,
    pub refused_signature: AtomicU64,
    pub refused_size: AtomicU64,
    pub refused_slow: AtomicU64,
    pub refused_busy: AtomicU64,
    pub refused_store: AtomicU64,
    pub refused_secret: AtomicU64,
    pub signals_read: AtomicU64,
    pub attempts: AtomicU64,
    ack_buckets: [AtomicU64; BUCKETS_MS.len()],
    ack_count: AtomicU64,
    ack_sum_us: AtomicU64,
}

impl Metrics {
    /// A door for mail has opened.
    pub fn add_door(&self, door: &'static str, counts: Counts) {
        self.doors.lock().unwrap_or_else(PoisonError::into_inner).push((door, counts));
    }

    fn render_doors(&self, out: &mut String) {
        let doors = self.doors.lock().unwrap_or_else(PoisonError::into_inner);
        if doors.is_empty() {
            return;
        }
        out.push_str(
            "# HELP arayashiki_mail_total What the doors for mail did.\n# TYPE arayashiki_mail_total counter\n",
        );
        for (door, counts) in doors.iter() {
            for (what, count) in counts() {
                let _ = writeln!(out, "arayashiki_mail_total{{door=\"{door}\",what=\"{what}\"}} {count}");
            }
        }
    }

    pub fn acknowledged(&self, took: Duration) {
        self.accepted.fetch_add(1, Relaxed);
        let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        if let Some(i) = BUCKETS_MS.iter().position(|bound| took_ms < *bound) {
            self.ack_buckets[i].fetch_add(1, Relaxed);
        }
        self.ack_count.fetch_add(1, Relaxed);
        self.ack_sum_us.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Relaxed);
    }

    /// Prometheus text exposition.
    pub fn render(&self) -> String {
        let mut out = String::new();
        out.push_str("# HELP arayashiki_webhooks_total PagerDuty webhooks by how they were answered.\n");
        out.push_str("# TYPE arayashiki_webhooks_total counter\n");
        for (outcome, value) in [
            ("accepted", &self.accepted),
            ("bad_signature", &self.refused_signature),
            ("bad_signature_on_our_subscription", &self.refused_secret),
            ("too_large", &self.refused_size),
            ("too_slow", &self.refused_slow),
            ("too_many", &self.refused_busy),
            ("not_durable", &self.refused_store),
        ] {
            let _ = writeln!(out, "arayashiki_webhooks_total{{outcome=\"{outcome}\"}} {}", value.load(Relaxed));
        }
        self.render_acknowledgements(&mut out);
        self.render_doors(&mut out);
        for (name, help, value) in [
            ("arayashiki_signals_read_total", "Signals read from the inbox.", &self.signals_read),
            ("arayashiki_attempts_total", "Tries of jobs.", &self.attempts),
        ] {
            let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} counter\n{name} {}", value.load(Relaxed));
        }
        out
    }

    fn render_acknowledgements(&self, out: &mut String) {
        let name = "arayashiki_webhook_ack_seconds";
        let _ = writeln!(out, "# HELP {name} From the request's head to the durable answer.\n# TYPE {name} histogram");
        let mut below = 0;
        for (bound_ms, bucket) in BUCKETS_MS.iter().zip(&self.ack_buckets) {
            below += bucket.load(Relaxed);
            let _ = writeln!(out, "{name}_bucket{{le=\"{}\"}} {below}", Duration::from_millis(*bound_ms).as_secs_f64());
        }
        let count = self.ack_count.load(Relaxed);
        let sum = Duration::from_micros(self.ack_sum_us.load(Relaxed)).as_secs_f64();
        let _ = writeln!(out, "{name}_bucket{{le=\"+Inf\"}} {count}\n{name}_sum {sum}\n{name}_count {count}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_cumulative_and_the_slowest_count_only_in_infinity() {
        let metrics = Metrics::default();
        metrics.acknowledged(Duration::from_micros(300));
        metrics.acknowledged(Duration::from_millis(7));
        metrics.acknowledged(Duration::from_secs(3));
        let text = metrics.render();
        assert!(text.contains("ack_seconds_bucket{le=\"0.001\"} 1\n"), "{text}");
        assert!(text.contains("ack_seconds_bucket{le=\"2\"} 2\n"), "{text}");
        assert!(text.contains("ack_seconds_bucket{le=\"+Inf\"} 3\n"), "{text}");
        assert!(text.contains("webhooks_total{outcome=\"accepted\"} 3\n"), "{text}");
    }
}
