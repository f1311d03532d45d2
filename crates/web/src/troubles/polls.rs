//! Lists that PagerDuty or somebody else refuses, and those that do not come through.

use super::Told;
use crate::health::{PAGERDUTY, Pulse};
use crate::standing::Standing;
use crate::view::{PollRow, Trouble, is_of_pagerduty};
use model::Micros;
use model::connection::poll;

/// What the mirror lives by is told each for itself, the rest together.
const VITAL: [&str; 2] = [poll::OPEN, poll::LOG];

/// The list that a poll asks for, by PagerDuty's name.
fn list_of(name: &str) -> &str {
    match name {
        poll::LOG => "log_entries",
        poll::OPEN => "incidents",
        poll::SUBSCRIPTIONS => "webhook_subscriptions",
        "reference-on_call" | "reference-shift" => "oncalls",
        "reference-priority" => "priorities",
        "reference-escalation_policy" => "escalation_policies",
        other => other.strip_prefix(poll::REFERENCE).unwrap_or(other),
    }
}

/// A poll that is refused tells that this list may not be read.
pub(super) fn is_told(standing: &Standing, list: &str) -> bool {
    let is_of = |name: &str| list_of(name).trim_end_matches('s') == list.trim_end_matches('s');
    standing.polls.iter().any(|poll| standing.refuses(&poll.name) && is_of(&poll.name))
}

pub(super) fn refused(standing: &Standing) -> Vec<Told> {
    let refused = standing.poll_rows().into_iter().filter(|row| row.refused.is_some());
    let (vital, others): (Vec<PollRow>, Vec<PollRow>) = refused.partition(|row| VITAL.contains(&row.name.as_str()));
    let (its, of_others): (Vec<PollRow>, Vec<PollRow>) = others.into_iter().partition(|row| is_of_pagerduty(&row.name));
    let alone = vital.into_iter().map(|row| vec![row]);
    alone.chain([its, of_others]).filter_map(|group| Some((None, together(&group)?))).collect()
}

fn together(group: &[PollRow]) -> Option<Trouble> {
    let why = group.first()?.refused.clone()?;
    Some(Trouble::PollsRefused {
        names: group.iter().map(|row| row.name.clone()).collect(),
        why,
        read_at: group.iter().filter_map(|row| row.ended_at).min(),
        due: group.iter().map(|row| row.due).min()?,
    })
}

/// Those that have been in vain for a while. Where nothing at all comes through, that is told already.
pub(super) fn waiting(pulse: &Pulse, now: Micros) -> Option<Told> {
    if pulse.failing().any(|breaker| breaker.destination == PAGERDUTY) {
        return None;
    }
    let rows = pulse.standing.poll_rows();
    let stuck: Vec<(&PollRow, Micros)> = rows.iter().filter_map(|row| Some((row, row.stuck_since(now)?))).collect();
    let wait = stuck.first()?.0.wait.as_ref()?;
    let trouble = Trouble::PollsWait {
        names: stuck.iter().map(|(row, _)| row.name.clone()).collect(),
        why: wait.why.clone(),
        due: stuck.iter().map(|(row, _)| *row.next_at()).min()?,
    };
    Some((stuck.iter().map(|(_, since)| *since).min(), trouble))
}
