//! Confirmation: 202 from Events v2 is not an incident. After a page was accepted, somebody has to be found assigned to
//! an open incident of its key within a minute; otherwise PagerDuty counts as not doing it, and a person is told.

use crate::{Decision, Timer};
use model::Micros;
use model::action::{Action, Effect, Precondition, Queue};
use serde::{Deserialize, Serialize};

pub const DUTY: &str = "confirm";
/// Looks for an incident, seconds after the page was accepted.
const LOOKS_AT_S: [i64; 4] = [5, 15, 35, 60];

/// What a confirm timer carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    pub dedup_key: String,
    pub paged_at: Micros,
    pub look: u32,
}

/// The timer for the next look, if there is one left.
pub fn next_timer(pending: &Pending) -> Option<Timer> {
    let after_s = LOOKS_AT_S.get(pending.look as usize)?;
    Some(Timer::Set {
        key: format!("{DUTY}/{}", pending.dedup_key),
        duty: DUTY,
        subject: pending.dedup_key.clone(),
        due: pending.paged_at.plus_s(*after_s),
        effect: true,
        payload: serde_json::to_string(pending).unwrap_or_default(),
    })
}

/// The timer fired: look.
pub fn decide(pending: &Pending) -> Decision {
    Decision::act(Action {
        // A key that is paged once more is looked for once more.
        key: format!("{DUTY}/{}/{}/look/{}", pending.dedup_key, pending.paged_at.0, pending.look),
        duty: DUTY.into(),
        subject: pending.dedup_key.clone(),
        lane: format!("confirm:{}", pending.dedup_key),
        effect: Effect::Confirm {
            dedup_key: pending.dedup_key.clone(),
            paged_at: pending.paged_at,
            look: pending.look,
        },
        not_before: None,
        not_after: None,
        precondition: Precondition::None,
        why: "a page that was accepted must become an incident".into(),
        customer: None,
        queue: Queue::Live,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_looks_four_times_within_a_minute_and_no_more() {
        let at: Vec<_> = (0..5)
            .map(|look| match next_timer(&Pending { dedup_key: "k".into(), paged_at: Micros(0), look }) {
                Some(Timer::Set { due, .. }) => Some(due.0 / 1_000_000),
                _ => None,
            })
            .collect();
        assert_eq!(at, [Some(5), Some(15), Some(35), Some(60), None]);
    }
}
