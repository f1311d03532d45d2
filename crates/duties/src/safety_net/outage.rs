//! Whether PagerDuty does its work, judged by our own evidence alone; and what an outage came to.

use model::Micros;
use serde::{Deserialize, Serialize};

/// A destination that fails for so long is no hiccup.
const EVENTS_S: i64 = 30;
const REST_S: i64 = 60;
/// Quiet for so long, it is over.
const OVER_S: i64 = 180;
/// Events that were taken and came to nothing, in ten minutes.
const UNSEEN: i64 = 2;

/// What we see of PagerDuty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Events v2 refuses or does not answer since then.
    pub events_fail_since: Option<Micros>,
    pub events_why: Option<String>,
    /// The API does not answer since then.
    pub rest_fails_since: Option<Micros>,
    pub rest_why: Option<String>,
    /// Registrations taken in the last ten minutes of which no incident came in a minute.
    pub unseen: i64,
    /// Webhooks are missing while the log shows changes, since then.
    pub silent_since: Option<Micros>,
    /// A canary was lost, and when.
    pub canary_lost: Option<Micros>,
    /// When this was last anything but well.
    pub last_at: Option<Micros>,
}

impl Evidence {
    /// Whether PagerDuty is held to be out.
    pub fn is_out(&self, now: Micros) -> bool {
        let lasts = |since: Option<Micros>, s: i64| since.is_some_and(|since| now.since(since) >= s * 1_000_000);
        lasts(self.events_fail_since, EVENTS_S)
            || lasts(self.rest_fails_since, REST_S)
            || self.unseen >= UNSEEN
            || (self.canary_lost.is_some() && (self.silent_since.is_some() || self.unseen > 0))
    }

    /// Whether anything at all speaks against it.
    pub const fn is_clean(&self) -> bool {
        self.events_fail_since.is_none() && self.rest_fails_since.is_none() && self.unseen == 0
    }

    /// Whether an outage that lasts is over by this.
    pub fn is_over(&self, now: Micros) -> bool {
        self.is_clean() && self.last_at.is_none_or(|at| now.since(at) >= OVER_S * 1_000_000)
    }
}

/// What an outage came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Mails of problems that came meanwhile.
    pub problems: i64,
    /// Of them, those that have an incident of PagerDuty's own.
    pub matched: i64,
    /// Those that only our registration brought to PagerDuty: they would have been lost.
    pub registered: i64,
    /// Those that were over before PagerDuty was back.
    pub recovered: i64,
    /// Those that no incident stands against yet.
    pub lacking: i64,
    /// Not alerts, held back on purpose.
    pub set_aside: i64,
    pub calls: i64,
    pub answered: i64,
}

impl Report {
    /// Every problem is in one place.
    pub const fn balances(&self) -> bool {
        self.problems == self.matched + self.registered + self.recovered + self.lacking + self.set_aside
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Micros = Micros::from_seconds(10_000);

    #[test]
    fn each_kind_of_evidence_is_enough_after_its_time() {
        let out = |evidence: Evidence| evidence.is_out(NOW);
        assert!(!out(Evidence::default()));
        assert!(!out(Evidence { events_fail_since: Some(NOW.plus_s(-29)), ..Evidence::default() }));
        assert!(out(Evidence { events_fail_since: Some(NOW.plus_s(-30)), ..Evidence::default() }));
        assert!(out(Evidence { rest_fails_since: Some(NOW.plus_s(-60)), ..Evidence::default() }));
        assert!(
            !out(Evidence { unseen: 1, ..Evidence::default() }) && out(Evidence { unseen: 2, ..Evidence::default() })
        );
        assert!(!out(Evidence { canary_lost: Some(NOW), ..Evidence::default() }));
        assert!(out(Evidence { canary_lost: Some(NOW), silent_since: Some(NOW), ..Evidence::default() }));
    }

    #[test]
    fn it_is_over_only_after_three_quiet_minutes() {
        let quiet = |s: i64| Evidence { last_at: Some(NOW.plus_s(-s)), ..Evidence::default() };
        assert!(!quiet(179).is_over(NOW) && quiet(180).is_over(NOW));
        assert!(!Evidence { unseen: 1, ..quiet(900) }.is_over(NOW));
    }
}
