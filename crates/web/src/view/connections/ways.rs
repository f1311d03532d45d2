//! The ways of alert mail: doors that it comes in by, routes that canaries test from mail to mirror, and the ways out that
//! tell people besides PagerDuty.

use super::{BreakerRow, Said};
use crate::i18n::Arg;
use crate::markup::encode;
use crate::view::Frame;
use crate::when;
use duties::safety_net::canary::Lack;
use model::Micros;

#[derive(Clone, Debug, Default)]
pub struct Ways {
    pub doors: Vec<DoorRow>,
    pub routes: Vec<RouteRow>,
    pub out: Vec<WayOut>,
    pub nonce: String,
}

/// A door for mail: open by the configuration, or one that mails came in by.
#[derive(Clone, Debug)]
pub struct DoorRow {
    /// The signal's source.
    pub source: String,
    pub is_open: bool,
    pub received: u64,
    pub last_at: Option<Micros>,
}

/// A route and how its canaries fared.
#[derive(Clone, Debug, Default)]
pub struct RouteRow {
    pub name: String,
    pub last: Option<CanaryRow>,
    /// The last that came through or was lost: one that is under way says nothing yet.
    pub ended: Option<CanaryRow>,
    /// What keeps a canary from going it.
    pub lacks: Option<Lack>,
    /// The latest that came through, by which the way is told.
    pub through: u64,
    pub p50_us: Option<i64>,
    pub p99_us: Option<i64>,
    /// The median of each step: mailed, received, accepted, heard.
    pub steps: [Option<i64>; 4],
}

#[derive(Clone, Debug)]
pub struct CanaryRow {
    pub began_at: Micros,
    pub ended_at: Option<Micros>,
    /// Where it was lost, in the net's own words.
    pub lost: Option<String>,
    pub took_us: Option<i64>,
    pub asked_by: String,
}

/// A way out: Slack, or one of the second path's.
#[derive(Clone, Debug)]
pub struct WayOut {
    pub name: &'static str,
    pub configured: bool,
    pub breaker: Option<BreakerRow>,
}

const STEPS: [&str; 4] = ["canary-step-mailed", "canary-step-received", "canary-step-accepted", "canary-step-heard"];

/// The value below which this share of all lies; nothing of nothing.
pub fn share(values: &[i64], per_cent: usize) -> Option<i64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let at = (sorted.len() * per_cent).div_ceil(100).saturating_sub(1);
    sorted.get(at).copied()
}

impl Ways {
    /// Anything of it is set up, or was used.
    pub fn is_used(&self) -> bool {
        !self.routes.is_empty() || self.doors.iter().any(|door| door.is_open || door.received > 0)
    }

    pub fn doors_said(&self, f: &Frame) -> Said {
        match self.doors.iter().filter(|door| door.is_open).count() {
            0 if self.doors.iter().all(|door| door.received == 0) => {
                Said::new("unknown", f.t("conn-doors-none"), f.t("net-never-door"))
            }
            0 => Said::new("unknown", f.t("conn-doors-closed"), f.t("net-never-door")),
            n => Said::good(f.t1("conn-doors-good", "n", n)),
        }
    }

    pub fn routes_said(&self, f: &Frame) -> Said {
        let lost: Vec<String> =
            self.routes.iter().filter(|route| route.is_lost()).map(|route| f.short(&route.name)).collect();
        if self.routes.is_empty() {
            return Said::new("unknown", f.t("conn-routes-none"), f.t("conn-routes-none-do"));
        }
        if !lost.is_empty() {
            return Said::new(
                "triggered",
                f.t1("conn-routes-lost", "which", f.join(&lost)),
                f.t("conn-routes-lost-do"),
            );
        }
        let count = |is: fn(&RouteRow) -> bool| self.routes.iter().filter(|route| is(route)).count();
        let barred = count(|route| route.lacks.is_some());
        if barred > 0 {
            let what = f.t1("conn-routes-barred", "n", barred);
            return Said::new("unknown", what, f.t("conn-routes-barred-do"));
        }
        match (count(|route| route.last.is_none()), count(RouteRow::is_under_way)) {
            (0, 0) => Said::good(f.t("conn-routes-good")),
            (0, n) => Said { state: "acknowledged", what: f.t1("conn-routes-under-way", "n", n), remedy: None },
            (n, _) => Said { state: "unknown", what: f.t1("conn-routes-untested", "n", n), remedy: None },
        }
    }

    pub fn out_said(&self, f: &Frame) -> Said {
        let failing = self.out.iter().find(|way| way.breaker.as_ref().is_some_and(|breaker| breaker.is_open(f.now)));
        match failing {
            Some(way) => {
                Said::new("acknowledged", f.t1("conn-out-away", "way", f.t(way.name)), f.t("alarm-breaker-do"))
            }
            None if self.out.iter().any(|way| way.configured) => Said::good(f.t("conn-out-good")),
            None => Said::new("unknown", f.t("conn-out-none"), f.t("conn-out-none-do")),
        }
    }
}

impl DoorRow {
    pub fn state(&self) -> &'static str {
        match (self.is_open, self.received) {
            (true, 0) => "unknown",
            (true, _) => "resolved",
            (false, _) => "dot",
        }
    }

    pub fn word(&self, f: &Frame) -> String {
        f.t(if self.is_open { "door-open" } else { "door-closed" })
    }
}

impl RouteRow {
    /// Until another comes through.
    pub fn is_lost(&self) -> bool {
        self.ended.as_ref().is_some_and(|ended| ended.lost.is_some())
    }

    pub fn is_under_way(&self) -> bool {
        self.last.as_ref().is_some_and(|last| last.ended_at.is_none())
    }

    /// Why it can't be tested, and what to do.
    pub fn barred(&self, f: &Frame) -> Option<String> {
        Some(f.t(match self.lacks? {
            Lack::Relay => "route-lacks-relay",
            Lack::Key => "route-lacks-key",
        }))
    }

    pub fn test_href(&self) -> String {
        format!("/connections/routes/{}/test", encode(&self.name))
    }

    /// (shape, what became of the last one)
    pub fn said(&self, f: &Frame) -> (&'static str, String) {
        let Some(last) = &self.last else { return ("unknown", f.t("canary-never")) };
        match (&last.lost, last.ended_at) {
            (Some(lost), _) => ("triggered", f.t1("canary-lost", "where", lost_words(f, lost))),
            (None, None) => ("acknowledged", f.t1("canary-under-way", "span", f.between(&last.began_at, &f.now))),
            (None, Some(_)) => {
                let took = last.took_us.map_or_else(String::new, |us| when::tenths(f.language, us));
                ("resolved", f.t1("canary-through", "took", took))
            }
        }
    }

    /// How long the way takes.
    pub fn way(&self, f: &Frame) -> Option<String> {
        let (p50, p99) = (self.p50_us?, self.p99_us?);
        let args = [
            ("p50", when::tenths(f.language, p50).value()),
            ("p99", when::tenths(f.language, p99).value()),
            ("n", self.through.value()),
        ];
        Some(f.t_args("canary-way", &args))
    }

    /// The median of each step that is known.
    pub fn step_words(&self, f: &Frame) -> Vec<String> {
        let known = STEPS.iter().zip(self.steps).filter_map(|(key, us)| Some((key, us?)));
        known.map(|(key, us)| f.t1(key, "took", when::tenths(f.language, us))).collect()
    }
}

fn lost_words(f: &Frame, lost: &str) -> String {
    f.t(match lost {
        "the relay did not take its mail" => "lost-relay",
        "its mail never came to our door" => "lost-door",
        "PagerDuty did not take its event" => "lost-event",
        "no incident of it came to the mirror" => "lost-mirror",
        other => return f.brief(other),
    })
}

impl WayOut {
    pub fn state(&self, f: &Frame) -> &'static str {
        match &self.breaker {
            Some(breaker) if breaker.is_open(f.now) => "acknowledged",
            _ if self.configured => "resolved",
            _ => "dot",
        }
    }

    pub fn said(&self, f: &Frame) -> String {
        let told = super::rest::breaker_text(self.breaker.as_ref(), f);
        told.unwrap_or_else(|| f.t(if self.configured { "way-out-set" } else { "way-out-none" }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_values_that_were_measured() {
        let hundred: Vec<i64> = (1..=100).rev().collect();
        assert_eq!((share(&hundred, 50), share(&hundred, 99)), (Some(50), Some(99)));
        assert_eq!((share(&[7], 50), share(&[7], 99)), (Some(7), Some(7)));
        assert_eq!(share(&[], 50), None);
    }
}
