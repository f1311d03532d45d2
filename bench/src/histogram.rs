//! Latencies in microseconds, counted in buckets less than 1 % wide, so that a run of any length takes the same memory.

/// Buckets for each doubling; 2^7 keeps a value within 0.8 %.
const FINE_BITS: u32 = 7;
const FINE: u64 = 1 << FINE_BITS;
const BUCKETS: usize = (FINE as usize) * 40;

pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
    largest: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: vec![0; BUCKETS], total: 0, largest: 0 }
    }
}

impl Histogram {
    pub fn record(&mut self, value_us: u64) {
        let bucket = bucket(value_us).min(BUCKETS - 1);
        self.counts[bucket] += 1;
        self.total += 1;
        self.largest = self.largest.max(value_us);
    }

    /// The smallest value that at least this share of the recorded ones do not exceed; never below the true one.
    pub fn quantile(&self, share: f64) -> u64 {
        let wanted = ((self.total as f64 * share).ceil() as u64).max(1);
        let mut seen = 0;
        for (i, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return upper(i).min(self.largest);
            }
        }
        self.largest
    }

    pub const fn largest(&self) -> u64 {
        self.largest
    }
}

fn bucket(value: u64) -> usize {
    if value < FINE {
        return value as usize;
    }
    let doublings = u64::from(63 - value.leading_zeros() - FINE_BITS);
    let within = (value >> doublings) - FINE;
    (FINE * (doublings + 1) + within) as usize
}

/// The largest value that falls into a bucket.
fn upper(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    if bucket < FINE {
        return bucket;
    }
    let doublings = bucket / FINE - 1;
    ((FINE + bucket % FINE + 1) << doublings) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_in_its_bucket_and_the_bucket_is_narrow() {
        for value in (0..2_000).chain((0..40).map(|shift| (1 << shift) + (1 << shift) / 3)) {
            let top = upper(bucket(value));
            assert!(top >= value, "{value} above its bucket's {top}");
            assert!((top - value) as f64 <= value as f64 * 0.008 + 0.001, "{value} told as {top}");
            assert!(value == 0 || upper(bucket(value) - 1) < value, "{value} fits the bucket below");
        }
    }

    #[test]
    fn quantiles_are_those_of_the_recorded_values() {
        let mut histogram = Histogram::default();
        (1..=1_000).for_each(|value| histogram.record(value * 100));
        for (share, exact) in [(0.5, 50_000), (0.99, 99_000), (0.999, 99_900), (1.0, 100_000)] {
            let told = histogram.quantile(share);
            assert!(told >= exact && told <= exact + exact / 100, "{share}: {told}");
        }
        assert_eq!(histogram.largest(), 100_000);
        assert_eq!(Histogram::default().quantile(0.99), 0);
    }
}
