//! The mirror: an incident about which something new was heard is read once from PagerDuty's API, which is the truth.
//! Never acts on the outside; reading changes nothing there.

use crate::Decision;
use model::Micros;
use model::action::{Action, Effect, Precondition, Queue};
use model::signal::Origin;

/// Readings that still lack what a webhook told, before the API is taken at its word.
const MOST_TRIES: i64 = 5;

/// What is known about the need to read an incident.
#[derive(Clone, Debug)]
pub struct View {
    pub incident: String,
    pub customer: Option<String>,
    /// The mark's generation: part of the action's identity.
    pub generation: i64,
    /// Readings since the mark that were not enough.
    pub tries: i64,
    pub origin: Origin,
    /// A reading of this incident waits already and will see everything that is true by then.
    pub is_waiting: bool,
    /// There is a token to read with.
    pub can_read: bool,
}

/// Decides on the reading of an incident that was marked.
pub fn decide(view: &View, now: Micros) -> Decision {
    if !view.can_read || view.is_waiting || view.tries > MOST_TRIES {
        return Decision::default();
    }
    let queue = if view.origin.may_act() { Queue::Read } else { Queue::Bulk };
    Decision::act(Action {
        key: format!("mirror/{}/read/{}", view.incident, view.generation),
        duty: "mirror".into(),
        subject: view.incident.clone(),
        lane: lane(&view.incident),
        effect: Effect::ReadIncident { incident: view.incident.clone() },
        not_before: (view.tries > 0).then(|| now.plus_ms(pause_ms(view.tries))),
        not_after: None,
        precondition: Precondition::None,
        why: match view.tries {
            0 => "something new was heard about it".into(),
            n => format!("the API did not show it yet (reading {n})"),
        },
        customer: view.customer.clone(),
        queue,
    })
}

/// Marks that were tried more often than this have no reading to come: a person looks at their dead jobs.
pub const fn most_tries() -> i64 {
    MOST_TRIES
}

/// Whether the API may now be taken at its word although a webhook told something newer.
pub const fn believes_the_api(tries: i64) -> bool {
    tries >= MOST_TRIES
}

/// What every lane of readings begins with.
pub const LANE: &str = "read:";

/// The lane in which readings of one incident queue up.
pub fn lane(incident: &str) -> String {
    format!("{LANE}{incident}")
}

/// 1 s, 2 s, 4 s, 8 s, 16 s: a replica that lags catches up within that, or it is broken.
fn pause_ms(tries: i64) -> i64 {
    1_000 << (tries - 1).clamp(0, 5)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view() -> View {
        View {
            incident: "Q1".into(),
            customer: None,
            generation: 7,
            tries: 0,
            origin: Origin::Live,
            is_waiting: false,
            can_read: true,
        }
    }

    #[test]
    fn a_marked_incident_is_read_once_however_many_webhooks_tell_of_it() {
        let first = decide(&view(), Micros(0));
        assert_eq!(first.actions[0].key, "mirror/Q1/read/7");
        assert_eq!(first.actions[0].queue, Queue::Read);
        assert_eq!(decide(&View { is_waiting: true, ..view() }, Micros(0)), Decision::default());
    }

    #[test]
    fn without_a_token_nothing_is_asked() {
        assert_eq!(decide(&View { can_read: false, ..view() }, Micros(0)), Decision::default());
    }

    #[test]
    fn history_is_read_in_the_bulk_queue() {
        assert_eq!(decide(&View { origin: Origin::Backfill, ..view() }, Micros(0)).actions[0].queue, Queue::Bulk);
    }

    #[test]
    fn a_lagging_api_is_asked_again_with_growing_pauses_and_then_believed() {
        let pauses: Vec<_> = (1..=5)
            .map(|tries| decide(&View { tries, ..view() }, Micros(0)).actions[0].not_before.map(|m| m.0 / 1_000_000))
            .collect();
        assert_eq!(pauses, [Some(1), Some(2), Some(4), Some(8), Some(16)]);
        // The reading that the fifth pause led to is the last one, and it is believed.
        assert!(believes_the_api(5) && !believes_the_api(4));
        assert_eq!(decide(&View { tries: 6, ..view() }, Micros(0)), Decision::default());
    }
}
