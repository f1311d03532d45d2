//! What a judge does to a subscription: loses its webhooks, holds them back for hours, repeats them. Applies at the moment an event
//! is queued; what was queued before goes its usual way.

use jiff::Timestamp;
use serde_json::json;

use super::Delivery;
use crate::pagerduty::clock::{micros, plus_s};
use crate::pagerduty::state::{State, Timer};

#[derive(Debug, Default)]
pub(crate) struct Mischief {
    /// So many of the next deliveries count as delivered and are never sent.
    pub lose_next: u32,
    pub lost: u64,
    /// So many more copies of each delivery follow it.
    pub copies: u32,
    hold: Option<Hold>,
}

#[derive(Debug, Clone, Copy)]
struct Hold {
    until: Timestamp,
    reversed: bool,
}

impl Mischief {
    pub(crate) fn held_until(&self) -> Option<Timestamp> {
        self.hold.map(|h| h.until)
    }
}

impl State {
    /// True: this delivery is lost.
    pub(super) fn lose(&mut self, place: usize, delivery: &Delivery) -> bool {
        let own = &mut self.hooks.subscriptions[place];
        if own.mischief.lose_next == 0 {
            return false;
        }
        own.mischief.lose_next -= 1;
        own.mischief.lost += 1;
        self.hooks.attempts.push(json!({
            "at": micros(self.now), "id": delivery.id, "subscription": own.id, "event_type": delivery.event_type,
            "incident": delivery.incident, "attempt": 0, "status": null, "error": null, "ms": 0, "lost": true,
        }));
        true
    }

    /// Keeps everything that is queued from now on for so many seconds; 0 lets go of what is held.
    pub(crate) fn hold(&mut self, place: usize, seconds: i64, reversed: bool) {
        let until = plus_s(self.now, seconds);
        let own = &mut self.hooks.subscriptions[place];
        let id = own.id.clone();
        if seconds > 0 {
            own.mischief.hold = Some(Hold { until, reversed });
            // What an earlier hold still keeps waits for the end of this one.
            let kept = own.lanes.values_mut().flat_map(|l| &mut l.queue).filter(|d| d.held);
            kept.for_each(|d| (d.due, d.first) = (until, until));
            self.at(until, Timer::Release(id));
        } else {
            self.let_go(place);
        }
    }

    /// The end of a hold, unless another one has taken its place.
    pub(crate) fn release(&mut self, id: &str, due: Timestamp) {
        let due_here = |s: &super::Subscription| s.id == id && s.mischief.held_until() == Some(due);
        if let Some(place) = self.hooks.subscriptions.iter().position(due_here) {
            self.let_go(place);
        }
    }

    fn let_go(&mut self, place: usize) {
        let now = self.now;
        let own = &mut self.hooks.subscriptions[place];
        let reversed = own.mischief.hold.take().is_some_and(|h| h.reversed);
        let held = own.lanes.values().flat_map(|l| &l.queue).filter(|d| d.held).map(|d| d.made);
        let (first, last) = held.fold((u64::MAX, 0), |(first, last), made| (first.min(made), last.max(made)));
        for lane in own.lanes.values_mut() {
            let start = lane.queue.iter().position(|d| d.held).unwrap_or(lane.queue.len());
            let held = &mut lane.queue.make_contiguous()[start..];
            if reversed {
                held.reverse();
                held.iter_mut().for_each(|d| d.made = first + last - d.made);
            }
            for delivery in held {
                // The vendor's two days of trying begin when it may be sent at all.
                (delivery.held, delivery.due, delivery.first) = (false, now, now);
            }
        }
    }
}
