//! Canaries: a route tested from mail to mirror by an alert of our own. Decides when one is due, what it pages, when it is
//! lost and where.

use super::{DUTY, OUR_KEYS, OUR_TITLES};
use model::Micros;
use model::action::{Action, Effect, Precondition, Queue};

/// A canary that is not through by then is lost.
pub const LOST_AFTER_S: i64 = 300;
/// The route that has no monitor of its own: our alarms' way.
pub const OWN_ROUTE: &str = "arayashiki";

/// What a route lacks, so that no canary can go it. One that were begun all the same would be held to be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// Nothing is set by which a mail could go out.
    Relay,
    /// Neither the monitor nor our own alarms have an integration key.
    Key,
}

impl Lack {
    /// What is so and what to do, for programs.
    pub const fn told(self) -> &'static str {
        match self {
            Self::Relay => {
                "No test can be sent: [mail.relay] is not set. Set its host and from, restart, then test the route again."
            }
            Self::Key => {
                "No test can be sent: neither routing_key of this [[mail.monitor]] nor [pagerduty] \
                 unconfigured_routing_key is set. Set one of them, restart, then test the route again."
            }
        }
    }
}

pub fn dedup_key(id: &str) -> String {
    format!("{OUR_KEYS}canary/{id}")
}

/// The canary that a PagerDuty key belongs to.
pub fn of_key(key: &str) -> Option<&str> {
    key.strip_prefix(OUR_KEYS)?.strip_prefix("canary/")
}

/// Sends the mail on its way.
pub fn send(id: &str, route: &str, began_at: Micros) -> Action {
    let effect = Effect::SendCanary { canary: id.to_owned(), route: route.to_owned() };
    while_live(id, began_at, action(id, "send", format!("canary:{id}"), effect, "a route is tested"))
}

/// What could not be sent in time tells nothing any more: after an outage nobody is sent the tests that were lost in it.
fn while_live(id: &str, began_at: Micros, action: Action) -> Action {
    Action {
        not_after: Some(began_at.plus_s(LOST_AFTER_S)),
        precondition: Precondition::CanaryLive { canary: id.to_owned() },
        ..action
    }
}

/// Its mail came: the event that the route's monitor would send.
pub fn page(id: &str, route: &str, began_at: Micros) -> Action {
    let key = dedup_key(id);
    let effect = Effect::Page {
        summary: format!("{OUR_TITLES}test of the route {route}; it resolves itself"),
        source: "arayashiki".into(),
        severity: "info".into(),
        details: serde_json::json!({
            "what": "A canary: an alert of our own that tests the way from mail to PagerDuty and back.",
            "do": "Nothing. It resolves itself within seconds.",
        }),
        links: Vec::new(),
        route: Some(route.to_owned()),
        tells_more: false,
        dedup_key: key.clone(),
    };
    while_live(id, began_at, action(id, "page", format!("events:{key}"), effect, "a route is tested"))
}

/// Resolves it, whether it came through or not.
pub fn settle(id: &str, route: &str) -> Action {
    let key = dedup_key(id);
    let effect = Effect::Settle { dedup_key: key.clone(), route: Some(route.to_owned()) };
    action(id, "settle", format!("events:{key}"), effect, "a test of a route ends")
}

/// The instants at which a canary passed its steps.
#[derive(Clone, Copy, Debug, Default)]
pub struct Steps {
    pub began_at: Micros,
    pub mailed: bool,
    pub received: bool,
    pub accepted: bool,
    pub heard: bool,
}

/// What is known of a canary's end; the text says where it was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Under,
    Through,
    Lost(&'static str),
}

pub fn end(steps: Steps, now: Micros) -> End {
    if steps.received && steps.accepted && steps.heard {
        return End::Through;
    }
    if now.since(steps.began_at) < LOST_AFTER_S * 1_000_000 {
        return End::Under;
    }
    End::Lost(match steps {
        Steps { mailed: false, .. } => "the relay did not take its mail",
        Steps { received: false, .. } => "its mail never came to our door",
        Steps { accepted: false, .. } => "PagerDuty did not take its event",
        _ => "no incident of it came to the mirror",
    })
}

fn action(id: &str, step: &str, lane: String, effect: Effect, why: &str) -> Action {
    Action {
        key: format!("{DUTY}/canary/{id}/{step}"),
        duty: DUTY.into(),
        subject: format!("canary:{id}"),
        lane,
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

    #[test]
    fn a_lost_canary_says_where() {
        let late = Micros::from_seconds(LOST_AFTER_S);
        let steps = Steps { mailed: true, received: true, ..Steps::default() };
        assert_eq!(end(steps, Micros(0)), End::Under);
        assert_eq!(end(steps, late), End::Lost("PagerDuty did not take its event"));
        assert_eq!(end(Steps::default(), late), End::Lost("the relay did not take its mail"));
        assert_eq!(end(Steps { accepted: true, heard: true, ..steps }, late), End::Through);
    }

    #[test]
    fn a_lost_one_is_not_sent_when_pagerduty_is_back_and_its_end_always_is() {
        let began_at = Micros::from_seconds(1_000);
        for action in [send("c1", "zbx", began_at), page("c1", "zbx", began_at)] {
            assert_eq!(action.not_after, Some(began_at.plus_s(LOST_AFTER_S)), "{}", action.key);
            assert_eq!(action.precondition, Precondition::CanaryLive { canary: "c1".into() }, "{}", action.key);
        }
        let settle = settle("c1", "zbx");
        assert_eq!((settle.not_after, settle.precondition), (None, Precondition::None));
    }

    #[test]
    fn its_key_names_it() {
        assert_eq!(of_key(&dedup_key("c1")), Some("c1"));
        assert_eq!(of_key("arayashiki/net/x/1"), None);
    }
}
