//! The webhook subscriptions that are ours: whether what happens is told to us at once, and if not, why.

use super::Said;
use crate::view::{Frame, trouble};
use crate::when;
use duties::webhook_guard::Health;
use model::Micros;

#[derive(Clone, Debug, Default)]
pub struct Webhooks {
    /// A webhook secret is set; without one, polling alone feeds the mirror.
    pub has_secret: bool,
    /// PagerDuty is asked from time to time.
    pub is_polling: bool,
    /// Every so often PagerDuty is asked.
    pub poll_s: i64,
    pub last_at: Option<Micros>,
    /// When PagerDuty last listed its subscriptions.
    pub looked_at: Option<Micros>,
    pub subscriptions: Vec<SubscriptionRow>,
    /// How late the last ones came.
    pub lag: Option<Lag>,
    /// Subscriptions of the account that lead elsewhere.
    pub elsewhere: u64,
    /// Where PagerDuty should send them.
    pub address: String,
    /// It is known how we are reached.
    pub has_url: bool,
    /// A secret is set, nothing that PagerDuty lists leads here, and nothing ever came.
    pub none_leads_here: bool,
}

/// From what PagerDuty says of when it happened to our receiving it: both clocks are in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lag {
    pub median_us: i64,
    pub most_us: i64,
    /// Of so many webhooks.
    pub of: u64,
}

impl Lag {
    pub fn of(mut lags_us: Vec<i64>) -> Option<Self> {
        lags_us.sort_unstable();
        let most_us = *lags_us.last()?;
        let median_us = *lags_us.get(lags_us.len().saturating_sub(1) / 2)?;
        Some(Self { median_us, most_us, of: lags_us.len() as u64 })
    }

    pub fn text(&self, f: &Frame) -> String {
        let say = |us| when::tenths(f.language, us).into();
        f.t_args(
            "conn-hooks-lag-is",
            &[("median", say(self.median_us)), ("most", say(self.most_us)), ("n", self.of.into())],
        )
    }
}

#[derive(Clone, Debug, Default)]
pub struct SubscriptionRow {
    pub id: String,
    pub description: Option<String>,
    pub url: Option<String>,
    /// `None`: nobody has looked.
    pub health: Option<Health>,
    pub since: Option<Micros>,
    pub asked_at: Option<Micros>,
    pub tries: u64,
    pub would_enable: bool,
    /// Deliveries refused for a wrong signature, while that lasts.
    pub refused: Option<u64>,
    pub refused_since: Option<Micros>,
}

impl SubscriptionRow {
    fn is_bad(&self) -> bool {
        self.refused.is_some() || self.health.is_some_and(|h| h != Health::Ok)
    }

    pub fn state(&self) -> &'static str {
        match self.health {
            _ if self.is_bad() => "triggered",
            Some(_) => "resolved",
            None => "unknown",
        }
    }

    pub fn what(&self, f: &Frame) -> String {
        if let Some(refused) = self.refused {
            return f.t1("conn-sub-refused", "n", refused);
        }
        f.t(match self.health {
            None => "conn-sub-unknown",
            Some(Health::Ok) => "conn-sub-ok",
            Some(Health::Inactive) => "conn-sub-inactive",
            Some(Health::TemporarilyDisabled) => "conn-sub-given-up",
            Some(Health::Deleted) => "conn-sub-deleted",
            Some(Health::Silent) => "conn-sub-silent",
        })
    }

    pub fn at(&self) -> Option<Micros> {
        self.refused_since.or(self.since)
    }

    pub fn remedy(&self, f: &Frame) -> Option<String> {
        if self.refused.is_some() {
            return Some(f.t("alarm-signature-do"));
        }
        let health = self.health.filter(|h| *h != Health::Ok)?;
        Some(trouble::subscription_remedy(f, health, self.asked_at, self.tries, self.would_enable))
    }
}

impl Webhooks {
    pub(super) fn narrowed(self) -> Self {
        let subscriptions = self.subscriptions.into_iter();
        let bare = |row| SubscriptionRow { description: None, url: None, ..row };
        let subscriptions = subscriptions.map(bare).collect();
        Self { subscriptions, elsewhere: 0, address: String::new(), ..self }
    }

    pub fn said(&self, f: &Frame) -> Said {
        let bad = self.subscriptions.iter().filter(|s| s.is_bad()).count();
        if !self.has_secret && bad == 0 {
            let what = poll_only(f, self.is_polling, self.poll_s);
            return Said { state: "unknown", what, remedy: self.connect(f) };
        }
        if bad > 0 {
            let what = f.t2("conn-hooks-bad", "n", bad, "of", self.subscriptions.len());
            return Said::new("triggered", what, f.t("conn-hooks-bad-do"));
        }
        if self.none_leads_here {
            return Said { state: "acknowledged", what: f.t("trouble-no-sub"), remedy: self.subscribe(f) };
        }
        match self.last_at {
            None => Said { state: "unknown", what: f.t("conn-hooks-never"), remedy: self.subscribe(f) },
            Some(_) => Said::good(f.t("conn-hooks-good")),
        }
    }

    /// Refused for a wrong signature, while that lasts.
    pub fn refused(&self) -> u64 {
        self.subscriptions.iter().filter_map(|s| s.refused).sum()
    }

    /// The secret is set already.
    fn subscribe(&self, f: &Frame) -> Option<String> {
        (!self.address.is_empty()).then(|| trouble::subscribe(f, &self.address, self.has_url))
    }

    /// For those who may know the address.
    fn connect(&self, f: &Frame) -> Option<String> {
        (!self.address.is_empty()).then(|| f.t1("conn-hooks-connect", "address", &self.address))
    }
}

/// No webhook is configured: a supported state, said calmly.
fn poll_only(f: &Frame, is_polling: bool, poll_s: i64) -> String {
    if is_polling { f.t1("conn-hooks-none", "every", f.span(&poll_s)) } else { f.t("conn-hooks-nothing") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_came_within_the_median_and_all_within_the_most() {
        let lag = |lags: &[i64]| Lag::of(lags.to_vec()).map(|lag| (lag.median_us, lag.most_us, lag.of));
        assert_eq!(lag(&[]), None);
        assert_eq!(lag(&[7]), Some((7, 7, 1)));
        assert_eq!(lag(&[9, 1, 5, 3]), Some((3, 9, 4)));
        assert_eq!(lag(&[9, 1, 5]), Some((5, 9, 3)));
    }
}
