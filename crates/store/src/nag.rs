//! What the log says of a trouble that every try meets again: the first time at once, then once a minute with how many there
//! were, and one line when it is over. Changes nothing but the log.

use std::time::{Duration, Instant};

const EVERY: Duration = Duration::from_secs(60);

#[derive(Debug, Default)]
pub struct Nag {
    /// Of the trouble that lasts.
    since: Option<Instant>,
    said_at: Option<Instant>,
    /// Since it was last said.
    failures: u64,
    is_said: bool,
}

/// The end of a trouble that was told of.
#[derive(Debug, PartialEq, Eq)]
pub struct Over {
    pub seconds: u64,
}

impl Nag {
    /// How many failures there were since the last line, when it is time for the next one.
    pub fn failed(&mut self, now: Instant) -> Option<u64> {
        self.since.get_or_insert(now);
        self.failures += 1;
        if self.said_at.is_some_and(|at| now.duration_since(at) < EVERY) {
            return None;
        }
        (self.said_at, self.is_said) = (Some(now), true);
        Some(std::mem::take(&mut self.failures))
    }

    /// It works again. A trouble that comes and goes within a minute is told of by the next line's count.
    pub fn over(&mut self, now: Instant) -> Option<Over> {
        let since = self.since.take()?;
        std::mem::take(&mut self.is_said).then(|| Over { seconds: now.duration_since(since).as_secs() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_at_once_one_a_minute_with_the_count_and_one_at_the_end() {
        let (mut nag, begun) = (Nag::default(), Instant::now());
        let at = |s: u64| begun + Duration::from_secs(s);
        assert_eq!(nag.over(at(0)), None);
        assert_eq!(nag.failed(at(0)), Some(1));
        let told: Vec<u64> = (1..=120).filter_map(|s| nag.failed(at(s))).collect();
        assert_eq!(told, [60, 60]);
        assert_eq!(nag.over(at(130)), Some(Over { seconds: 130 }));
        assert_eq!(nag.over(at(131)), None);
    }

    #[test]
    fn what_comes_and_goes_is_no_flood_either() {
        let (mut nag, begun) = (Nag::default(), Instant::now());
        let mut lines = 0;
        for s in 0..60 {
            let now = begun + Duration::from_secs(s);
            lines += usize::from(nag.failed(now).is_some()) + usize::from(nag.over(now).is_some());
        }
        assert_eq!(lines, 2);
        assert_eq!(nag.failed(begun + Duration::from_secs(60)), Some(60));
    }
}
