//! The rhythm of a source, learned by the hour of the week: whether its silence means something. Pure arithmetic.

use model::Micros;

/// Weeks that are learned from, and the least of them that tell anything.
pub const WEEKS: i64 = 8;
const LEAST_WEEKS: i64 = 2;
/// Fewer mails than that were to be expected in a silence: it tells nothing.
const LEAST_EXPECTED: f64 = 7.0;
const HOURS_A_WEEK: i64 = 168;

/// What is known of a source's silence.
#[derive(Clone, Debug, PartialEq)]
pub struct Silence {
    pub since: Micros,
    /// Mails that would have come by now, by its rhythm.
    pub expected: f64,
}

/// Whether a source is silent though it should not be. `hours`: (hour since the epoch, mails), of its last weeks; an hour
/// without mails is not in it.
pub fn silence(hours: &[(i64, i64)], last_mail: Micros, now: Micros) -> Option<Silence> {
    let hour = |at: Micros| at.0.div_euclid(3_600_000_000);
    let (first, this) = (hours.first()?.0, hour(now));
    let weeks = ((this - first) / HOURS_A_WEEK).clamp(0, WEEKS);
    if weeks < LEAST_WEEKS {
        return None;
    }
    // Whole weeks before the silence: each hour of the week was there equally often.
    let end = hour(last_mail);
    let from = end - weeks * HOURS_A_WEEK;
    let mut mean = vec![0.0_f64; HOURS_A_WEEK as usize];
    for (at, mails) in hours.iter().filter(|(at, _)| (from..end).contains(at)) {
        if let Some(slot) = usize::try_from(at.rem_euclid(HOURS_A_WEEK)).ok().and_then(|at| mean.get_mut(at)) {
            // A storm of one hour must not make a rhythm.
            *slot += (*mails as f64).min(4.0) / weeks as f64;
        }
    }
    let expected: f64 = (end + 1..=this)
        .map(|at| {
            let whole = usize::try_from(at.rem_euclid(HOURS_A_WEEK)).ok().and_then(|at| mean.get(at)).copied();
            let part = if at == this { (now.0.rem_euclid(3_600_000_000)) as f64 / 3_600_000_000.0 } else { 1.0 };
            whole.unwrap_or_default() * part
        })
        .sum();
    (expected >= LEAST_EXPECTED).then_some(Silence { since: last_mail, expected })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(weeks: i64, is: impl Fn(i64) -> i64) -> Vec<(i64, i64)> {
        (0..weeks * HOURS_A_WEEK).map(|at| (at, is(at))).filter(|(_, mails)| *mails > 0).collect()
    }

    const fn at(hour: i64) -> Micros {
        Micros::from_seconds(hour * 3_600)
    }

    #[test]
    fn a_source_of_every_hour_is_missed_within_hours() {
        let known = hours(4, |_| 2);
        let end = 4 * HOURS_A_WEEK - 1;
        assert_eq!(silence(&known, at(end), at(end + 2)), None);
        let silent = silence(&known, at(end), at(end + 6)).unwrap();
        assert!(silent.expected > 7.0 && silent.since == at(end));
    }

    #[test]
    fn one_that_sends_on_weekdays_is_not_missed_at_the_weekend() {
        let known = hours(4, |at| i64::from(at.rem_euclid(HOURS_A_WEEK) < 5 * 24) * 3);
        let friday = 3 * HOURS_A_WEEK + 5 * 24 - 1;
        let kept: Vec<_> = known.into_iter().filter(|(at, _)| *at <= friday).collect();
        assert_eq!(silence(&kept, at(friday), at(friday + 48)), None);
        assert!(silence(&kept, at(friday), at(friday + 48 + 6)).is_some());
    }

    #[test]
    fn a_rare_source_and_a_young_one_tell_nothing() {
        assert_eq!(
            silence(&hours(8, |at| i64::from(at % 100 == 0)), at(8 * HOURS_A_WEEK - 44), at(8 * HOURS_A_WEEK + 90)),
            None
        );
        assert_eq!(silence(&hours(1, |_| 5), at(167), at(240)), None);
        let storm = hours(4, |at| if at == 500 { 10_000 } else { i64::from(at == 0) });
        assert_eq!(silence(&storm, at(500), at(4 * HOURS_A_WEEK + 170)), None);
    }
}
