//! What the sandbox knows, for judges: the whole state, the queue lengths, every delivery attempt and every effect.

use serde_json::{Value, json};

use super::Outcome;
use crate::pagerduty::call::Reply;
use crate::pagerduty::shapes::Include;
use crate::pagerduty::state::State;

pub(super) fn handle(state: &State, what: &str) -> Outcome {
    let shown = match what {
        "state" => whole(state),
        "idle" => idle(state),
        "calls" => json!(state.access.calls),
        "deliveries" => json!({ "deliveries": state.hooks.attempts }),
        "effects" => json!({ "effects": state.effects.all }),
        "mails" => json!({ "mails": state.mails }),
        "monitors" => json!({ "sent": sent(state) }),
        "alerts" => json!({ "alerts": state.loose.suppressed.iter().map(|s| &s.shown).collect::<Vec<_>>() }),
        "outcomes" => json!({ "outcomes": outcomes(state) }),
        "disaster" => state.disaster_shown(),
        "faults" => json!({ "faults": state.faults.all, "outage": state.faults.outage }),
        _ => return Ok(Reply::json(404, &json!({ "error": "no such control" }))),
    };
    Ok(Reply::json(200, &shown))
}

/// Nothing waits for delivery and no promised effect is pending.
pub(crate) fn idle(state: &State) -> Value {
    let (queued, in_flight, scheduled) = (state.hooks.queued(), state.hooks.in_flight, state.scheduled());
    json!({ "idle": queued + in_flight + scheduled == 0, "queued": queued, "in_flight": in_flight, "scheduled": scheduled })
}

/// The monitors' own count.
fn sent(state: &State) -> Vec<&Value> {
    state.effects.all.iter().filter(|e| e["kind"] == "monitor.sent").map(|e| &e["detail"]).collect()
}

/// What senders were told and what became of it.
fn outcomes(state: &State) -> Vec<&Value> {
    let kinds = ["event.rejected", "event.became", "mail.became"];
    state.effects.all.iter().filter(|e| e["kind"].as_str().is_some_and(|k| kinds.contains(&k))).collect()
}

fn whole(state: &State) -> Value {
    let incidents = (0..state.book.incidents.len()).map(|index| incident(state, index));
    let subscriptions = (0..state.hooks.subscriptions.len()).map(|place| {
        let own = &state.hooks.subscriptions[place];
        let mut shown = state.subscription(place, false);
        shown["queued"] = json!(own.lanes.values().map(|l| l.queue.len()).sum::<usize>());
        shown["dropped_in_a_row"] = json!(own.drops);
        shown["delivered"] = json!(own.done);
        shown["lost"] = json!(own.mischief.lost);
        shown["held_until"] = json!(own.mischief.held_until().map(crate::pagerduty::clock::micros));
        shown
    });
    json!({
        "now": crate::pagerduty::clock::micros(state.now), "incidents": incidents.collect::<Vec<_>>(),
        "webhook_subscriptions": subscriptions.collect::<Vec<_>>(), "change_events": state.change_events,
        "scheduled": state.scheduled(), "in_flight": state.hooks.in_flight,
    })
}

fn incident(state: &State, index: usize) -> Value {
    let own = &state.book.incidents[index];
    let mut shown = state.incident(index, &Include::default());
    let channels = Include(vec!["channels".into()]);
    shown["log_entries"] = own.log.iter().map(|e| state.log_entry(own, e, &channels)).collect();
    shown["notes"] = own.notes.iter().map(|n| state.note(n)).collect();
    shown["alerts"] = own.alerts.iter().map(|a| state.alert(own, a)).collect();
    shown["status_updates"] = own.updates.iter().cloned().collect();
    shown
}
