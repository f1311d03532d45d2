//! The intake guard: deliveries with a wrong signature on a subscription that is ours mean that PagerDuty's events are
//! kept there and do not reach us. One alarm while it lasts, settled by the first good delivery.

use crate::Decision;
use model::Micros;
use model::action::{Action, Effect, Precondition, Queue};
use serde::{Deserialize, Serialize};

pub const DUTY: &str = "intake_guard";
/// The version of the stored state.
pub const VERSION: i64 = 1;

/// What the receiver noticed: the body of a signal of source `guard`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Noticed {
    BadSignature {
        subscription: String,
        count: u64,
    },
    GoodAgain {
        subscription: String,
    },
    /// A good delivery by a subscription not heard of before: it is ours from now on.
    Learned {
        subscription: String,
    },
}

impl Noticed {
    pub fn subscription(&self) -> &str {
        match self {
            Self::BadSignature { subscription, .. }
            | Self::GoodAgain { subscription }
            | Self::Learned { subscription } => subscription,
        }
    }
}

/// What is remembered of a subscription.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// An alarm is open since then.
    pub open_since: Option<Micros>,
    /// Deliveries refused since the alarm opened.
    pub refused: u64,
    pub last_refused_at: Option<Micros>,
    /// How many alarms there have been: part of the page's identity.
    pub generation: u64,
    /// The newest thing that was noticed: what was noticed before it and is read later changes nothing.
    #[serde(default)]
    pub noticed_at: Option<Micros>,
    /// The last page. The subscription's id is no secret, so a stranger can open an alarm; he must not page all night.
    #[serde(default)]
    pub paged_at: Option<Micros>,
}

/// One page in this time, however often the alarm opens anew; it is shown all the same.
const PAGE_EVERY_S: i64 = 3_600;

/// The new state, and what is to be done.
pub fn decide(before: &State, noticed: &Noticed, now: Micros) -> (State, Decision) {
    let mut state = before.clone();
    if before.noticed_at.is_some_and(|newest| now < newest) {
        return (state, Decision::default());
    }
    state.noticed_at = Some(now);
    match noticed {
        Noticed::BadSignature { subscription, count } => {
            state.refused += count;
            state.last_refused_at = Some(now);
            if state.open_since.is_some() {
                return (state, Decision::default());
            }
            state.open_since = Some(now);
            state.generation += 1;
            if before.paged_at.is_some_and(|at| now.since(at) < PAGE_EVERY_S * 1_000_000) {
                return (state, Decision::default());
            }
            state.paged_at = Some(now);
            let page = page(subscription, state.generation);
            (state, Decision::act(page))
        }
        Noticed::GoodAgain { subscription } if state.open_since.is_some() => {
            state.open_since = None;
            state.refused = 0;
            let settle = settle(subscription, state.generation);
            (state, Decision::act(settle))
        }
        Noticed::GoodAgain { .. } | Noticed::Learned { .. } => (state, Decision::default()),
    }
}

fn dedup_key(subscription: &str, generation: u64) -> String {
    format!("arayashiki/{DUTY}/{subscription}/{generation}")
}

fn page(subscription: &str, generation: u64) -> Action {
    let effect = Effect::Page {
        dedup_key: dedup_key(subscription, generation),
        summary: format!(
            "Arayashiki refuses webhooks of subscription {subscription}: wrong signature. PagerDuty keeps them for 48 hours."
        ),
        source: "arayashiki".into(),
        severity: "error".into(),
        details: serde_json::json!({
            "what": "Deliveries of a webhook subscription that is ours carry a signature that none of our secrets makes.",
            "do": "Put the subscription's current secret into [pagerduty] webhook_secrets (the old one may stay beside it) and restart.",
            "subscription": subscription,
        }),
        links: Vec::new(),
        route: None,
        tells_more: false,
    };
    action(subscription, generation, "open", effect, "a wrong signature on a subscription that is ours")
}

fn settle(subscription: &str, generation: u64) -> Action {
    let effect = Effect::Settle { dedup_key: dedup_key(subscription, generation), route: None };
    action(subscription, generation, "settle", effect, "the signature is right again")
}

fn action(subscription: &str, generation: u64, step: &str, effect: Effect, why: &str) -> Action {
    Action {
        key: format!("{DUTY}/{subscription}/{step}/{generation}"),
        duty: DUTY.into(),
        subject: subscription.into(),
        lane: format!("events:{}", dedup_key(subscription, generation)),
        effect,
        not_before: None,
        not_after: None,
        precondition: Precondition::None,
        why: why.into(),
        customer: None,
        queue: Queue::Live,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bad(count: u64) -> Noticed {
        Noticed::BadSignature { subscription: "PSUB1".into(), count }
    }

    fn good() -> Noticed {
        Noticed::GoodAgain { subscription: "PSUB1".into() }
    }

    #[test]
    fn one_page_while_it_lasts_and_one_settle_at_its_end() {
        let (open, first) = decide(&State::default(), &bad(1), Micros(1));
        assert_eq!(first.actions[0].key, "intake_guard/PSUB1/open/1");
        let (still, second) = decide(&open, &bad(20), Micros(2));
        assert_eq!(second, Decision::default());
        assert_eq!(still.refused, 21);
        let (closed, third) = decide(&still, &good(), Micros(3));
        assert_eq!(third.actions[0].key, "intake_guard/PSUB1/settle/1");
        assert_eq!(third.actions[0].lane, first.actions[0].lane);
        assert_eq!(decide(&closed, &good(), Micros(4)).1, Decision::default());
        let (shown, again) = decide(&closed, &bad(1), Micros(5));
        assert!(shown.open_since.is_some());
        assert_eq!(again, Decision::default(), "within the hour it is shown, not paged");
        let (_, later) = decide(&closed, &bad(1), Micros::from_seconds(4_000));
        assert_eq!(later.actions[0].key, "intake_guard/PSUB1/open/2");
    }

    #[test]
    fn what_was_noticed_earlier_and_is_read_later_changes_nothing() {
        let (open, _) = decide(&State::default(), &bad(1), Micros(10));
        let (closed, _) = decide(&open, &good(), Micros(20));
        let (still, late) = decide(&closed, &bad(1), Micros(15));
        assert_eq!((still, late), (closed, Decision::default()));
    }
}
