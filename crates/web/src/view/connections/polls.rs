//! The polls: when each list was last read whole, what is in the way of the next time, and how fresh that makes the mirror.

use super::Said;
use crate::view::{Cause, Frame};
use crate::when;
use model::Micros;
use model::connection::poll;
use model::time::SECOND_US;

/// Rounds that did not come to their end, from which on a poll is overdue; the one under way not counted.
const OVERDUE_ROUNDS: i64 = 4;
/// A round that was wanted at once says nothing of how often the poll is asked.
const LEAST_EVERY_S: i64 = 60;
/// A round under way for longer than this is in trouble, if a try of it failed.
const WAITS_S: i64 = 120;

#[derive(Clone, Debug, Default)]
pub struct Polls {
    /// PagerDuty is asked from time to time.
    pub is_polling: bool,
    /// Everything in PagerDuty's log up to then is here.
    pub covered: Option<Micros>,
    /// Older than this the mirror is called old.
    pub stale_after_s: i64,
    pub rows: Vec<PollRow>,
}

#[derive(Clone, Debug, Default)]
pub struct PollRow {
    pub name: String,
    pub due: Micros,
    pub begun_at: Option<Micros>,
    /// When a round last came to its end.
    pub ended_at: Option<Micros>,
    pub refused: Option<String>,
    /// The configuration has switched it off.
    pub is_off: bool,
    /// What the round under way waits for, once a try of it failed.
    pub wait: Option<PollWait>,
}

/// A try that failed and is made again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PollWait {
    pub why: String,
    pub since: Micros,
    pub due: Micros,
}

/// Whether it asks PagerDuty; else a tracker, a calendar or Slack.
pub(crate) fn is_of_pagerduty(name: &str) -> bool {
    [poll::ACTIVITIES, poll::TICKETS, poll::CALENDAR, poll::SLACK].iter().all(|other| !name.starts_with(other))
}

/// What to do about a poll whose call came to nothing for this reason.
pub(in crate::view) fn remedy(f: &Frame, name: &str, why: &str) -> String {
    if is_of_pagerduty(name) { Cause::of(why).remedy(f) } else { f.t("cause-do-elsewhere") }
}

impl PollRow {
    /// The instant of the next try or round.
    pub fn next_at(&self) -> &Micros {
        self.wait.as_ref().map_or(&self.due, |wait| &wait.due)
    }

    /// Its time has come, or is so near that a span would say nothing.
    pub fn is_due(&self, f: &Frame) -> bool {
        *self.next_at() <= f.now.plus_s(5)
    }

    pub fn is_running(&self) -> bool {
        let has_begun = self.begun_at.is_some() && self.begun_at > self.ended_at;
        self.refused.is_none() && !self.is_off && self.wait.is_none() && has_begun
    }

    pub fn state(&self) -> &'static str {
        match self.ended_at {
            _ if self.is_off => "unknown",
            _ if self.refused.is_some() || self.wait.is_some() => "acknowledged",
            Some(_) => "resolved",
            None => "unknown",
        }
    }

    /// Why the last try of it came to nothing.
    pub fn why(&self) -> Option<&str> {
        self.refused.as_deref().or_else(|| self.wait.as_ref().map(|wait| wait.why.as_str()))
    }

    fn every_us(&self) -> i64 {
        let every_us = self.begun_at.map_or(0, |begun_at| self.due.since(begun_at));
        every_us.max(LEAST_EVERY_S * SECOND_US)
    }

    /// More than three rounds in a row have not come to their end.
    pub fn is_overdue(&self, now: Micros) -> bool {
        let is_late = |ended_at| now.since(ended_at) > OVERDUE_ROUNDS * self.every_us();
        !self.is_off && self.refused.is_none() && self.ended_at.is_some_and(is_late)
    }

    /// The round before the one under way came to nothing as well.
    fn has_failed_before(&self) -> bool {
        match (self.begun_at, self.ended_at) {
            (Some(begun_at), Some(ended_at)) => begun_at.since(ended_at) > self.every_us() + WAITS_S * SECOND_US,
            _ => false,
        }
    }

    /// Since when it has been in vain, if that is long.
    pub fn stuck_since(&self, now: Micros) -> Option<Micros> {
        let wait = self.wait.as_ref()?;
        let since = if self.has_failed_before() { self.ended_at? } else { wait.since };
        (now.since(since) > WAITS_S * SECOND_US).then_some(since)
    }

    fn is_whole(&self, now: Micros) -> bool {
        let has_ended = self.refused.is_none() && self.ended_at.is_some();
        self.is_off || (has_ended && !self.is_overdue(now) && self.stuck_since(now).is_none())
    }
}

impl Polls {
    /// Nothing is refused, overdue or still to be read for the first time.
    pub(super) fn is_whole(&self, now: Micros) -> bool {
        self.covered.is_some() && self.rows.iter().all(|row| row.is_whole(now))
    }

    pub fn said(&self, f: &Frame) -> Said {
        if !self.is_polling {
            return Said { state: "unknown", what: f.t("conn-polls-none"), remedy: None };
        }
        if let Some(said) = self.stale(f).or_else(|| self.refused(f)).or_else(|| self.late(f)) {
            return said;
        }
        let unread = self.rows.iter().filter(|row| row.ended_at.is_none() && !row.is_off).count();
        match self.covered {
            None => Said { state: "unknown", what: f.t("conn-polls-never"), remedy: None },
            Some(_) if unread > 0 => {
                let what = f.t2("conn-polls-first", "n", unread, "of", self.rows.len());
                Said { state: "unknown", what, remedy: None }
            }
            Some(covered) => Said::good(f.t1("conn-polls-good", "span", when::between(f.language, covered, f.now))),
        }
    }

    fn stale(&self, f: &Frame) -> Option<Said> {
        let covered = self.covered.filter(|at| f.now.since(*at) > self.stale_after_s * SECOND_US)?;
        let span = when::between(f.language, covered, f.now);
        Some(Said::new("triggered", f.t1("trouble-stale", "span", span), f.t("trouble-stale-do")))
    }

    fn refused(&self, f: &Frame) -> Option<Said> {
        let refused: Vec<&PollRow> = self.rows.iter().filter(|row| row.refused.is_some()).collect();
        let first = refused.first()?;
        let state = if refused.iter().any(|row| row.name == poll::OPEN) { "triggered" } else { "acknowledged" };
        let are_its = refused.iter().all(|row| is_of_pagerduty(&row.name));
        let key = if are_its { "conn-polls-refused" } else { "conn-polls-unread" };
        let what = f.t2(key, "n", refused.len(), "which", names(f, &refused));
        Some(Said::new(state, what, remedy(f, &first.name, first.why().unwrap_or_default())))
    }

    /// In vain for a while, or overdue for whatever reason.
    fn late(&self, f: &Frame) -> Option<Said> {
        let is_late = |row: &&PollRow| row.stuck_since(f.now).is_some() || row.is_overdue(f.now);
        let late: Vec<&PollRow> = self.rows.iter().filter(is_late).collect();
        let first = late.first()?;
        let told = late.iter().find_map(|row| Some((row.name.as_str(), row.why()?)));
        let what = f.t2("conn-polls-late", "n", late.len(), "which", names(f, &late));
        let since = first.ended_at.map(|_| f.t("trouble-stale-do"));
        let remedy = told.map(|(name, why)| remedy(f, name, why)).or(since);
        Some(Said { state: "acknowledged", what, remedy })
    }
}

fn names(f: &Frame, rows: &[&PollRow]) -> String {
    f.join(&rows.iter().map(|row| f.poll(&row.name)).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Micros = Micros::from_seconds(1_000_000);

    fn before(seconds: i64) -> Micros {
        NOW.plus_s(-seconds)
    }

    /// Asked every minute; begun and ended so long ago.
    fn row(begun_s: i64, ended_s: Option<i64>) -> PollRow {
        let (begun_at, ended_at) = (Some(before(begun_s)), ended_s.map(before));
        PollRow { name: "log".into(), due: before(begun_s - 60), begun_at, ended_at, ..PollRow::default() }
    }

    #[test]
    fn a_poll_is_overdue_after_three_more_of_its_intervals() {
        assert!(!row(20, Some(19)).is_overdue(NOW) && !row(200, Some(200)).is_overdue(NOW));
        assert!(row(10, Some(250)).is_overdue(NOW));
        let hourly = PollRow { due: before(-3_000), ..row(600, Some(599)) };
        assert!(!hourly.is_overdue(NOW));
        // It was wanted at once.
        assert!(!PollRow { due: before(1), ..row(2, Some(200)) }.is_overdue(NOW));
        assert!(!PollRow { is_off: true, ..row(10, Some(9_000)) }.is_overdue(NOW));
    }

    #[test]
    fn a_wait_counts_once_it_is_long_or_the_round_before_it_failed() {
        let wait = |since_s| Some(PollWait { why: "(429)".into(), since: before(since_s), due: before(-5) });
        let stuck = |row: PollRow| row.stuck_since(NOW);
        assert_eq!(stuck(row(300, None)), None);
        assert_eq!(stuck(PollRow { wait: wait(30), ..row(30, Some(80)) }), None);
        assert_eq!(stuck(PollRow { wait: wait(130), ..row(130, Some(180)) }), Some(before(130)));
        assert_eq!(stuck(PollRow { wait: wait(10), ..row(10, Some(260)) }), Some(before(260)));
    }
}
