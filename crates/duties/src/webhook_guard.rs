//! The webhook guard: a subscription of ours that PagerDuty switched off, that is gone, or that has fallen silent while
//! the log goes on. It is switched on again as far as that is allowed, and the gap it left is read again and proven closed.

use crate::Decision;
use model::Micros;
use model::action::{Action, Effect, Precondition, Queue};
use model::connection::SubscriptionSeen;
use serde::{Deserialize, Serialize};

pub const DUTY: &str = "webhook_guard";
/// The version of the stored state.
pub const VERSION: i64 = 1;

/// Asking PagerDuty to switch it on again more often would help nobody: twice as long each time, up to ten minutes.
const ASK_FIRST_S: i64 = 20;
const ASK_EVERY_S: i64 = 600;
/// So many changes that nobody told, or one that is so many times as old as a late one, mean that webhooks do not come.
const UNHEARD_MOST: i64 = 3;
const UNHEARD_OLD: i64 = 3;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    #[default]
    Ok,
    /// A person switched it off; that is theirs to undo.
    Inactive,
    /// PagerDuty gave up on our address for a day.
    TemporarilyDisabled,
    Deleted,
    /// It looks well, and what happens is not told.
    Silent,
}

impl Health {
    pub const ALL: [Self; 5] = [Self::Ok, Self::Inactive, Self::TemporarilyDisabled, Self::Deleted, Self::Silent];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Inactive => "inactive",
            Self::TemporarilyDisabled => "temporarily_disabled",
            Self::Deleted => "deleted",
            Self::Silent => "silent",
        }
    }
}

/// What is remembered of a subscription of ours.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    pub health: Health,
    /// Since when it is so.
    pub since: Option<Micros>,
    /// The gap that is open because of it.
    pub gap: Option<String>,
    /// When PagerDuty was last asked to switch it on again, and how often.
    pub asked_at: Option<Micros>,
    pub tries: u64,
    /// It would have been switched on again, if that were allowed.
    pub would_enable: bool,
    /// The look that this follows from: an older one that is read later changes nothing.
    pub looked_at: Option<Micros>,
}

/// What is known when a look at the subscriptions is read.
#[derive(Clone, Debug)]
pub struct View<'a> {
    pub subscription: &'a str,
    /// As listed; none when PagerDuty does not list it any more.
    pub seen: Option<&'a SubscriptionSeen>,
    /// The key may not list subscriptions: silence is all that can be noticed.
    pub is_refused: bool,
    /// Another subscription of ours works, so that one which is gone is not missed.
    pub is_replaced: bool,
    /// The last authentic delivery of this subscription, and of any.
    pub last_good_at: Option<Micros>,
    pub any_good_at: Option<Micros>,
    /// Changes that the log told and no webhook did, late ones set aside, and the first of them.
    pub unheard: i64,
    pub first_unheard_at: Option<Micros>,
    pub looked_at: Micros,
    /// How late a webhook may be before the change counts as not told.
    pub late_s: i64,
    /// Whether it may be switched on again.
    pub may_enable: bool,
}

/// What becomes of the gap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gap {
    Opens {
        id: String,
        why: Health,
        since: Micros,
    },
    /// Webhooks come again: the log of the span until now is to be read once more.
    Ends {
        id: String,
        until: Micros,
    },
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verdict {
    pub state: State,
    pub decision: Decision,
    pub gap: Option<Gap>,
}

pub fn decide(before: &State, view: &View<'_>) -> Verdict {
    if before.looked_at.is_some_and(|at| view.looked_at < at) {
        return Verdict { state: before.clone(), ..Verdict::default() };
    }
    let health = health(before, view);
    let mut state = State { looked_at: Some(view.looked_at), ..before.clone() };
    let mut gap = None;
    if health == Health::Ok {
        if let Some(id) = state.gap.take() {
            gap = Some(Gap::Ends { id, until: view.looked_at });
        }
        if before.health != Health::Ok || before.since.is_none() {
            state = State { since: Some(view.looked_at), looked_at: state.looked_at, ..State::default() };
        }
        return Verdict { state, decision: Decision::default(), gap };
    }
    if health != before.health {
        state.health = health;
        state.since = Some(view.looked_at);
    }
    if state.gap.is_none() {
        let id = format!("{}-{}", view.subscription, view.looked_at.second());
        gap = Some(Gap::Opens { id: id.clone(), why: health, since: gap_since(before, view) });
        state.gap = Some(id);
    }
    let decision = enable(&mut state, view);
    Verdict { state, decision, gap }
}

fn health(before: &State, view: &View<'_>) -> Health {
    // Silence ends with a delivery, not with nothing having happened since.
    let is_still_silent = before.health == Health::Silent && view.any_good_at <= before.since;
    let is_old =
        view.first_unheard_at.is_some_and(|at| view.looked_at.since(at) > UNHEARD_OLD * view.late_s * 1_000_000);
    let is_silent = is_still_silent || view.unheard >= UNHEARD_MOST || (view.unheard > 0 && is_old);
    let Some(seen) = view.seen else {
        return match (view.is_refused, view.is_replaced) {
            // Which services it tells of is not known, so that only silence all round means something.
            (true, _)
                if is_silent && view.any_good_at.map(Micros::floor_s) <= view.first_unheard_at.max(before.since) =>
            {
                Health::Silent
            }
            (true, _) | (_, true) => Health::Ok,
            (false, false) => Health::Deleted,
        };
    };
    if seen.temporarily_disabled {
        Health::TemporarilyDisabled
    } else if !seen.active {
        Health::Inactive
    } else if !seen.tells_all {
        // What it is not asked to tell is no sign of its silence.
        Health::Ok
    } else if is_silent {
        Health::Silent
    } else {
        Health::Ok
    }
}

/// Webhooks may have been lost since the last good one; without any, since it was last seen to be well.
fn gap_since(before: &State, view: &View<'_>) -> Micros {
    let known = [view.last_good_at, view.first_unheard_at].into_iter().flatten().min();
    let well = before.looked_at.filter(|_| before.health == Health::Ok);
    let earliest = view.looked_at.plus_s(-48 * 3_600);
    known.or(well).unwrap_or(view.looked_at).clamp(earliest, view.looked_at)
}

fn enable(state: &mut State, view: &View<'_>) -> Decision {
    let wait_s = (ASK_FIRST_S << state.tries.min(5)).min(ASK_EVERY_S);
    let wants = state.health == Health::TemporarilyDisabled
        && state.asked_at.is_none_or(|at| view.looked_at.since(at) >= wait_s * 1_000_000);
    if !wants {
        return Decision::default();
    }
    state.asked_at = Some(view.looked_at);
    state.tries += 1;
    state.would_enable = !view.may_enable;
    Decision::act(Action {
        key: format!("{DUTY}/{}/enable/{}-{}", view.subscription, state.since.map_or(0, Micros::second), state.tries),
        duty: DUTY.into(),
        subject: view.subscription.into(),
        lane: format!("subscription:{}", view.subscription),
        effect: Effect::EnableSubscription { subscription: view.subscription.into() },
        not_before: None,
        not_after: Some(view.looked_at.plus_s(ASK_EVERY_S)),
        precondition: Precondition::None,
        why: "PagerDuty switched the webhook subscription off".into(),
        customer: None,
        queue: Queue::Live,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Micros = Micros::from_seconds(1_000_000);

    fn seen(active: bool, temporarily_disabled: bool) -> SubscriptionSeen {
        SubscriptionSeen {
            id: "PSUB".into(),
            description: None,
            url: None,
            active,
            temporarily_disabled,
            is_ours: true,
            tells_all: true,
        }
    }

    fn view(seen: Option<&SubscriptionSeen>) -> View<'_> {
        View {
            subscription: "PSUB",
            seen,
            is_refused: false,
            is_replaced: false,
            last_good_at: Some(NOW.plus_s(-120)),
            any_good_at: Some(NOW.plus_s(-120)),
            unheard: 0,
            first_unheard_at: None,
            looked_at: NOW,
            late_s: 300,
            may_enable: true,
        }
    }

    #[test]
    fn one_that_was_given_up_is_switched_on_again_with_growing_pauses_and_its_gap_is_filled() {
        let off = seen(true, true);
        let first = decide(&State::default(), &view(Some(&off)));
        assert_eq!(first.state.health, Health::TemporarilyDisabled);
        assert_eq!(first.decision.actions.len(), 1);
        let Some(Gap::Opens { id, since, .. }) = first.gap else { panic!("a gap opens") };
        assert_eq!(since, NOW.plus_s(-120), "since the last good delivery");
        let again = decide(&first.state, &View { looked_at: NOW.plus_s(30), ..view(Some(&off)) });
        assert!(again.decision.actions.is_empty() && again.gap.is_none());
        let later = decide(&again.state, &View { looked_at: NOW.plus_s(700), ..view(Some(&off)) });
        assert_ne!(later.decision.actions[0].key, first.decision.actions[0].key);
        let on = seen(true, false);
        let well = decide(&later.state, &View { looked_at: NOW.plus_s(800), ..view(Some(&on)) });
        assert_eq!(well.gap, Some(Gap::Ends { id, until: NOW.plus_s(800) }));
        assert_eq!((well.state.health, well.state.gap, well.state.tries), (Health::Ok, None, 0));
    }

    #[test]
    fn what_a_person_switched_off_or_deleted_is_told_and_left_alone() {
        let off = seen(false, false);
        for (seen, health) in [(Some(&off), Health::Inactive), (None, Health::Deleted)] {
            let verdict = decide(&State::default(), &view(seen));
            assert_eq!(verdict.state.health, health);
            assert!(verdict.decision.actions.is_empty() && verdict.gap.is_some());
        }
        let replaced = decide(&State::default(), &View { is_replaced: true, ..view(None) });
        assert_eq!(replaced.state.health, Health::Ok);
    }

    #[test]
    fn silence_needs_several_changes_or_an_old_one() {
        let on = seen(true, false);
        let of = |unheard, age_s: i64| {
            let view = View { unheard, first_unheard_at: Some(NOW.plus_s(-age_s)), ..view(Some(&on)) };
            decide(&State::default(), &view).state.health
        };
        assert_eq!(of(0, 10_000), Health::Ok);
        assert_eq!(of(1, 400), Health::Ok);
        assert_eq!(of(1, 1_000), Health::Silent);
        assert_eq!(of(3, 400), Health::Silent);
    }

    #[test]
    fn silence_lasts_until_a_delivery_comes() {
        let on = seen(true, false);
        let silent = decide(&State::default(), &View { unheard: 3, first_unheard_at: Some(NOW), ..view(Some(&on)) });
        let quiet = View { looked_at: NOW.plus_s(60), ..view(Some(&on)) };
        let still = decide(&silent.state, &quiet);
        assert_eq!((still.state.health, still.gap), (Health::Silent, None));
        let heard = View { looked_at: NOW.plus_s(120), any_good_at: Some(NOW.plus_s(90)), ..quiet };
        let well = decide(&still.state, &heard);
        assert_eq!(well.state.health, Health::Ok);
        assert!(matches!(well.gap, Some(Gap::Ends { .. })));
    }

    #[test]
    fn a_key_that_may_list_no_subscription_is_told_of_silence_alone() {
        let of = |unheard, first_s: i64, any_s: i64| {
            let first_unheard_at = (unheard > 0).then(|| NOW.plus_s(-first_s));
            let any_good_at = Some(NOW.plus_s(-any_s));
            let view = View { is_refused: true, unheard, first_unheard_at, any_good_at, ..view(None) };
            decide(&State::default(), &view).state.health
        };
        assert_eq!(of(0, 0, 10_000), Health::Ok, "it is not gone because it is not shown");
        assert_eq!(of(5, 900, 1_200), Health::Silent);
        assert_eq!(of(5, 900, 60), Health::Ok, "others are heard: it may be told of some services only");
    }

    #[test]
    fn a_gap_begins_with_the_last_delivery_of_the_very_subscription() {
        let off = seen(true, true);
        let view =
            View { last_good_at: Some(NOW.plus_s(-7_200)), any_good_at: Some(NOW.plus_s(-1)), ..view(Some(&off)) };
        let Some(Gap::Opens { since, .. }) = decide(&State::default(), &view).gap else { panic!("a gap opens") };
        assert_eq!(since, NOW.plus_s(-7_200));
    }

    #[test]
    fn a_look_that_is_read_late_changes_nothing() {
        let on = seen(true, false);
        let well = decide(&State::default(), &view(Some(&on))).state;
        let off = seen(true, true);
        let late = decide(&well, &View { looked_at: NOW.plus_s(-10), ..view(Some(&off)) });
        assert_eq!(late.state, well);
    }
}
