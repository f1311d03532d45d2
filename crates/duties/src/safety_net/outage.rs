//! Whether PagerDuty does its work, judged by our own evidence alone; and what an outage came to.

use model::Micros;
use serde::{Deserialize, Serialize};

/// A destination that fails for so long is no hiccup.
const EVENTS_S: i64 = 30;
const REST_S: i64 = 60;
/// Nothing speaks against it for so long: it is over.
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
    /// A canary that PagerDuty had taken was lost, and when. One that never got there says nothing against it.
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
            || self.is_silent_both_ways()
            || (self.canary_lost.is_some() && self.unseen > 0)
    }

    /// A lost canary alone may be the route's fault, missing webhooks alone the subscription's.
    const fn is_silent_both_ways(&self) -> bool {
        self.canary_lost.is_some() && self.silent_since.is_some()
    }

    /// Whether nothing speaks against it: whatever makes it out is not clean, so that what begins an outage never ends one.
    pub const fn is_clean(&self) -> bool {
        self.events_fail_since.is_none()
            && self.rest_fails_since.is_none()
            && self.unseen == 0
            && !self.is_silent_both_ways()
    }

    /// The same, knowing when it was last anything but well. An instant that the clock has left counts as the present.
    #[must_use]
    pub fn after(self, before: &Self, now: Micros) -> Self {
        let last_at = if self.is_clean() { before.last_at.map(|at| at.min(now)) } else { Some(now) };
        Self { last_at, ..self }
    }

    /// Whether an outage that lasts is over by this.
    pub fn is_over(&self, now: Micros) -> bool {
        self.is_clean() && self.last_at.is_none_or(|at| now.since(at) >= OVER_S * 1_000_000)
    }

    /// Since when nothing speaks against it, and when an outage that lasts is over if that stays so.
    pub fn quiet(&self) -> Option<(Micros, Micros)> {
        let since = self.last_at.filter(|_| self.is_clean())?;
        Some((since, since.plus_s(OVER_S)))
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
    use proptest::prelude::*;

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
        assert_eq!(quiet(60).quiet(), Some((NOW.plus_s(-60), NOW.plus_s(120))));
        assert!(quiet(60).is_over(quiet(60).quiet().unwrap().1), "what is promised is kept");
        assert_eq!(Evidence { unseen: 1, ..quiet(60) }.quiet(), None);
        let deaf = Evidence { canary_lost: Some(NOW), silent_since: Some(NOW), ..quiet(900) };
        assert!(deaf.is_out(NOW) && !deaf.is_over(NOW));
        assert!(Evidence { canary_lost: Some(NOW), ..quiet(900) }.is_over(NOW), "a lost canary alone is no outage");
    }

    #[test]
    fn a_clock_that_went_back_keeps_no_outage_open() {
        let before = Evidence { last_at: Some(NOW.plus_s(3_600)), ..Evidence::default() };
        let after = Evidence::default().after(&before, NOW);
        assert!(!after.is_over(NOW) && after.is_over(NOW.plus_s(OVER_S)));
    }

    fn evidence() -> impl Strategy<Value = Evidence> {
        let since = || proptest::option::of((0_i64..7_200).prop_map(|s| NOW.plus_s(-s)));
        (since(), since(), 0_i64..4, since(), since()).prop_map(|(events, rest, unseen, silent, canary)| Evidence {
            events_fail_since: events,
            rest_fails_since: rest,
            unseen,
            silent_since: silent,
            canary_lost: canary,
            ..Evidence::default()
        })
    }

    /// How often an outage begins or ends while each of these is all that is seen for so many seconds.
    fn changes(seen: &[(Evidence, i64)]) -> Vec<i64> {
        let (mut is_open, mut before, mut at_s, mut changes) = (false, Evidence::default(), 0, Vec::new());
        for (evidence, lasts_s) in seen {
            for _ in (0..*lasts_s).step_by(2) {
                at_s += 2;
                let now = NOW.plus_s(at_s);
                let evidence = evidence.clone().after(&before, now);
                let changes_now = if is_open { evidence.is_over(now) } else { evidence.is_out(now) };
                if changes_now {
                    is_open = !is_open;
                    changes.push(at_s);
                }
                before = evidence;
            }
        }
        changes
    }

    proptest! {
        #[test]
        fn what_begins_an_outage_never_ends_it(evidence in evidence(), last_s in proptest::option::of(0_i64..7_200)) {
            let evidence = Evidence { last_at: last_s.map(|s| NOW.plus_s(-s)), ..evidence };
            prop_assert!(!(evidence.is_out(NOW) && evidence.is_over(NOW)), "{evidence:?}");
        }

        #[test]
        fn constant_evidence_never_makes_it_flap(evidence in evidence()) {
            let changes = changes(&[(evidence.clone(), 3_600)]);
            prop_assert!(changes.len() <= 1, "{evidence:?}: {changes:?}");
        }

        #[test]
        fn whatever_is_seen_an_outage_lasts_three_minutes(seen in proptest::collection::vec((evidence(), 2_i64..400), 1..12)) {
            let changes = changes(&seen);
            for pair in changes.chunks_exact(2) {
                prop_assert!(pair[1] - pair[0] >= OVER_S, "{changes:?}");
            }
        }
    }
}
