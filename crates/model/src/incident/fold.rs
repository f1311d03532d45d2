//! From a set of facts to the incident as we believe it is. Pure: the same set gives the same bytes in any order of
//! arrival, and any set plus a newest snapshot gives that snapshot. Never asks how a fact came to us.

use super::{
    Acknowledgement, Actor, ActorKind, Alert, Change, Fact, FactBody, IncidentData, Note, Ref, Source, Status,
};
use crate::Micros;
use crate::time::SECOND_US;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Two tellings of one happening may differ by this much: log entries have whole seconds and their own delay.
pub(super) const PAIR_WINDOW_US: i64 = 2 * SECOND_US;

/// An incident as it follows from the facts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    pub data: IncidentData,
    /// The first acknowledgement ever, also after it was taken back.
    pub acknowledged_at: Option<Micros>,
    /// Every acknowledgement that we know of, oldest first.
    pub acknowledgements: Vec<Acknowledgement>,
    pub notes: Vec<IncidentNote>,
    pub alerts: Vec<Alert>,
    /// `updated_at` of the snapshot that rules, if one was ever taken.
    pub snapshot_at: Option<Micros>,
    /// A change is newer than the ruling snapshot, or there is none: the API has more to tell.
    pub stale: bool,
    /// The latest instant at which anything happened to it.
    pub changed_at: Micros,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentNote {
    pub note: Note,
    pub at: Micros,
    pub by: Option<Ref>,
}

/// The incident that these facts amount to; `None` while nobody has told what it is (only notes, say).
pub fn fold(facts: &[Fact]) -> Option<Incident> {
    let ruling = ruling_snapshot(facts);
    let ruled_second = ruling.map(|(data, taken_at)| data.updated_at.unwrap_or(taken_at).second());
    let mut data = ruling.map(|(data, _)| data.clone());
    let mut stale = ruling.is_none_or(|(data, _)| disagrees_within_its_second(data, facts, ruled_second));
    for step in steps(facts, ruled_second) {
        stale |= step.changes_state();
        step.apply(&mut data);
    }
    let mut data = data?;
    data.teams.sort();
    let acknowledgements = acknowledgements(facts);
    Some(Incident {
        acknowledged_at: acknowledgements.first().map(|a| a.at),
        acknowledgements,
        notes: notes(facts),
        alerts: alerts(facts, ruling),
        snapshot_at: ruling.map(|(data, taken_at)| data.updated_at.unwrap_or(taken_at)),
        stale,
        changed_at: changed_at(&data, facts),
        data,
    })
}

/// Whether the API should be asked about this incident: nothing is known, or something newer than the last snapshot.
pub fn needs_read(incident: Option<&Incident>) -> bool {
    incident.is_none_or(|i| i.stale)
}

/// The newest snapshot by PagerDuty's own clock; ours breaks the tie, so that a stale read never beats a fresh one.
fn ruling_snapshot(facts: &[Fact]) -> Option<(&IncidentData, Micros)> {
    facts
        .iter()
        .filter_map(|fact| match &fact.body {
            FactBody::Snapshot { incident, taken_at } => {
                Some((incident.updated_at.unwrap_or(*taken_at), *taken_at, &fact.source_id, incident))
            }
            _ => None,
        })
        .max_by_key(|(version, taken_at, id, _)| (*version, *taken_at, (*id).clone()))
        .map(|(_, taken_at, _, incident)| (&**incident, taken_at))
}

/// A snapshot rules its whole second, but it may have been taken before that second's end: when the last webhook of the
/// same second tells another state, the API has to be asked once more.
fn disagrees_within_its_second(ruling: &IncidentData, facts: &[Fact], ruled_second: Option<i64>) -> bool {
    let last = facts
        .iter()
        .filter(|fact| Some(fact.at.second()) == ruled_second && fact.source == Source::Webhook)
        .filter_map(|fact| match &fact.body {
            FactBody::Changed { incident: Some(told), .. } => Some((fact.at, &fact.source_id, told)),
            _ => None,
        })
        .max_by_key(|(at, id, _)| (*at, (*id).clone()));
    last.is_some_and(|(_, _, told)| told.status != ruling.status)
}

/// A change that the ruling snapshot does not know yet, at the instant at which it takes effect.
struct Step<'a> {
    at: Micros,
    /// The vendor's own time, without the adjustment that orders it.
    told_at: Micros,
    fact: &'a Fact,
    change: &'a Change,
    incident: Option<&'a IncidentData>,
}

fn steps(facts: &[Fact], ruled_second: Option<i64>) -> Vec<Step<'_>> {
    let mut steps: Vec<Step<'_>> = facts
        .iter()
        .filter(|fact| ruled_second.is_none_or(|second| fact.at.second() > second))
        .filter_map(|fact| match &fact.body {
            FactBody::Changed { what, incident } => Some(Step {
                at: effective_at(fact),
                told_at: fact.at,
                fact,
                change: what,
                incident: incident.as_deref(),
            }),
            _ => None,
        })
        .filter(|step| step.fact.source != Source::LogEntry || !is_paired(step.fact, facts))
        .collect();
    steps.sort_by(|a, b| (a.at, a.fact.source, &a.fact.source_id).cmp(&(b.at, b.fact.source, &b.fact.source_id)));
    steps.dedup_by(|a, b| (a.fact.source, &a.fact.source_id) == (b.fact.source, &b.fact.source_id));
    steps
}

/// Log entries have whole seconds. One without a webhook beside it takes effect at its second's end, since anything
/// that we know more exactly within that second may have come before it.
fn effective_at(fact: &Fact) -> Micros {
    match fact.source {
        Source::LogEntry => Micros((fact.at.second() + 1) * SECOND_US - 1),
        _ => fact.at,
    }
}

/// Did a webhook tell the same happening?
fn is_paired(entry: &Fact, facts: &[Fact]) -> bool {
    facts.iter().any(|other| other.source == Source::Webhook && same_happening(entry, other))
}

/// One happening told twice: the same kind of change, by the same actor where both name one, at about the same time.
pub(super) fn same_happening(a: &Fact, b: &Fact) -> bool {
    let (FactBody::Changed { what: left, .. }, FactBody::Changed { what: right, .. }) = (&a.body, &b.body) else {
        return false;
    };
    same_kind(left, right) && same_actor(a.actor.as_ref(), b.actor.as_ref()) && a.at.since(b.at).abs() <= PAIR_WINDOW_US
}

/// The same kind of change. A merge may be told as the resolution that it also is, a change of a field by its own name
/// or as a changed field, and what we have no words for by the vendor's.
pub(super) fn same_kind(a: &Change, b: &Change) -> bool {
    if let (Change::Other { name: left, .. }, Change::Other { name: right, .. }) = (a, b) {
        return left == right;
    }
    std::mem::discriminant(a) == std::mem::discriminant(b)
        || is_end(a) && is_end(b)
        || is_field(a) && is_changed_field(b)
        || is_changed_field(a) && is_field(b)
}

const fn is_end(change: &Change) -> bool {
    matches!(change, Change::Resolved { .. } | Change::Merged { into: Some(_) })
}

const fn is_field(change: &Change) -> bool {
    matches!(change, Change::PriorityChanged { .. } | Change::UrgencyChanged | Change::FieldsChanged { .. })
}

fn is_changed_field(change: &Change) -> bool {
    matches!(change, Change::Other { name, .. } if name.contains("field_value_change"))
}

/// Two persons are told apart. A machine may be named by its integration in one telling and by its service in the other.
fn same_actor(a: Option<&Actor>, b: Option<&Actor>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => match (a.kind == ActorKind::User, b.kind == ActorKind::User) {
            (true, true) => a.who.id == b.who.id,
            (left, right) => left == right,
        },
        _ => true,
    }
}

impl Step<'_> {
    fn changes_state(&self) -> bool {
        !matches!(
            self.change,
            Change::Annotated(_)
                | Change::StatusUpdate { .. }
                | Change::Notified { .. }
                | Change::Task { .. }
                | Change::ActionRun { .. }
                | Change::Workflow { .. }
        )
    }

    fn apply(&self, data: &mut Option<IncidentData>) {
        if let Some(told) = self.incident {
            *data = Some(overlay(data.take(), told));
        }
        if let Some(data) = data {
            self.transition(data);
            if self.changes_state() {
                data.updated_at = Some(data.updated_at.map_or(self.told_at, |known| known.max(self.told_at)));
            }
        }
    }

    fn transition(&self, data: &mut IncidentData) {
        match self.change {
            Change::Triggered { .. } => {
                data.created_at.get_or_insert(self.told_at);
            }
            Change::Acknowledged => {
                data.status = Status::Acknowledged;
                if let Some(actor) = &self.fact.actor {
                    let held = data.acknowledgements.get_or_insert_default();
                    held.retain(|a| a.by.id != actor.who.id);
                    held.push(Acknowledgement { at: self.told_at, by: actor.who.clone() });
                }
            }
            Change::Unacknowledged => reopen(data),
            Change::Reopened => reopen(data),
            // A merge resolves what went into another one; told without that, it is the story of the one it went into.
            Change::Resolved { .. } | Change::Merged { into: Some(_) } => {
                data.status = Status::Resolved;
                data.resolved_at = Some(self.told_at);
                data.assignees.clear();
                data.acknowledgements = Some(Vec::new());
            }
            Change::Reassigned { to } | Change::Escalated { to } if !to.is_empty() => data.assignees.clone_from(to),
            Change::Delegated { to: Some(to) } => data.escalation_policy = Some(to.clone()),
            Change::ServiceChanged { to: Some(to) } => data.service = Some(to.clone()),
            Change::PriorityChanged { to: Some(to) } => data.priority = Some(to.clone()),
            _ => {}
        }
    }
}

fn reopen(data: &mut IncidentData) {
    data.status = Status::Triggered;
    data.resolved_at = None;
    data.resolve_reason = None;
    data.acknowledgements = Some(Vec::new());
}

/// A webhook brings the incident whole but for what only the API tells; that stays as it was known.
fn overlay(known: Option<IncidentData>, told: &IncidentData) -> IncidentData {
    let mut data = told.clone();
    let Some(known) = known else { return data };
    data.created_at = data.created_at.or(known.created_at);
    data.updated_at = data.updated_at.or(known.updated_at);
    data.resolved_at = data.resolved_at.or(known.resolved_at).filter(|_| !data.status.is_open());
    data.acknowledgements = data.acknowledgements.or(known.acknowledgements);
    data.alert_counts = data.alert_counts.or(known.alert_counts);
    data.number = data.number.or(known.number);
    data.html_url = data.html_url.or(known.html_url);
    data.incident_key = data.incident_key.or(known.incident_key);
    data
}

/// Every acknowledgement that anybody told us of, the exact time before the rounded one.
fn acknowledgements(facts: &[Fact]) -> Vec<Acknowledgement> {
    let mut exact = Vec::new();
    let mut rounded = Vec::new();
    for fact in facts {
        match &fact.body {
            FactBody::Changed { what: Change::Acknowledged, .. } => {
                let by = fact.actor.as_ref().map_or_else(unknown_actor, |a| a.who.clone());
                let list = if fact.source == Source::Webhook { &mut exact } else { &mut rounded };
                list.push(Acknowledgement { at: fact.at, by });
            }
            FactBody::Snapshot { incident, .. } => {
                rounded.extend(incident.acknowledgements.iter().flatten().cloned());
            }
            _ => {}
        }
    }
    exact.sort();
    rounded.sort();
    for ack in rounded {
        let known =
            exact.iter().any(|e: &Acknowledgement| e.by.id == ack.by.id && e.at.since(ack.at).abs() <= PAIR_WINDOW_US);
        if !known {
            exact.push(ack);
        }
    }
    exact.sort();
    exact.dedup();
    exact
}

fn unknown_actor() -> Ref {
    Ref { id: String::new(), name: String::new(), url: None }
}

/// Every note that anybody told us of. The log tells a note's text and not its id: it counts where nobody told the notes
/// themselves up to then, which spares history a call for each incident.
fn notes(facts: &[Fact]) -> Vec<IncidentNote> {
    let mut notes = told_notes(facts);
    let read_up_to = facts.iter().filter(|fact| fact.source == Source::Note).map(|fact| fact.at).max();
    let mut logged: Vec<(&Fact, &Note)> = facts
        .iter()
        .filter(|fact| fact.source == Source::LogEntry && read_up_to.is_none_or(|at| fact.at > at))
        .filter_map(|fact| match &fact.body {
            FactBody::Changed { what: Change::Annotated(note), .. }
                if !note.trimmed && !note.content.trim().is_empty() =>
            {
                Some((fact, note))
            }
            _ => None,
        })
        .collect();
    logged.sort_by(|(a, _), (b, _)| (a.at, &a.source_id).cmp(&(b.at, &b.source_id)));
    logged.dedup_by(|(a, _), (b, _)| a.source_id == b.source_id);
    let mut paired = vec![false; notes.len()];
    for (fact, note) in logged {
        let is_same = |i: &usize| {
            let told = &notes[*i];
            !paired[*i] && told.at.since(fact.at).abs() <= PAIR_WINDOW_US && has_words(&told.note, &note.content)
        };
        if let Some(i) = (0..paired.len()).find(is_same) {
            paired[i] = true;
        } else {
            let by = fact.actor.as_ref().map(|a| a.who.clone());
            notes.push(IncidentNote { note: note.clone(), at: fact.at, by });
        }
    }
    notes.sort_by(|a, b| (a.at, &a.note).cmp(&(b.at, &b.note)));
    notes
}

fn has_words(note: &Note, content: &str) -> bool {
    note.content == content || note.trimmed && content.starts_with(&note.content)
}

/// Notes by id; the whole text beats a trimmed one, a later telling an earlier one.
fn told_notes(facts: &[Fact]) -> Vec<IncidentNote> {
    let mut best: BTreeMap<&str, (&Fact, &Note)> = BTreeMap::new();
    for fact in facts {
        let note = match &fact.body {
            FactBody::Note(note) => note,
            FactBody::Changed { what: Change::Annotated(note), .. } if fact.source == Source::Webhook => note,
            _ => continue,
        };
        let rank = |(fact, note): &(&Fact, &Note)| (!note.trimmed, fact.source, fact.at, fact.source_id.clone());
        let candidate = (fact, note);
        best.entry(note.id.as_str())
            .and_modify(|held| {
                if rank(&candidate) > rank(held) {
                    *held = candidate;
                }
            })
            .or_insert(candidate);
    }
    let mut notes: Vec<IncidentNote> = best
        .into_values()
        .map(|(fact, note)| IncidentNote {
            note: note.clone(),
            at: fact.at,
            by: fact.actor.as_ref().map(|a| a.who.clone()),
        })
        .collect();
    notes.sort_by(|a, b| (a.at, &a.note).cmp(&(b.at, &b.note)));
    notes
}

/// Alerts by id. An alert goes from triggered to resolved and never back, so resolved wins; then the later reading. A merge,
/// or a person, moves alerts to another incident: what was read before and is not there any more is not this one's.
fn alerts(facts: &[Fact], ruling: Option<(&IncidentData, Micros)>) -> Vec<Alert> {
    let none_since =
        ruling.filter(|(data, _)| matches!(data.alert_counts, Some((0, ..)))).map(|(_, taken_at)| taken_at);
    let read = last_read_alerts(facts);
    let is_gone = |fact: &Fact, alert: &Alert| {
        none_since.is_some_and(|at| fact.at < at)
            || read.is_some_and(|(ids, at)| fact.at < at && ids.binary_search(&alert.id).is_err())
    };
    let mut best: BTreeMap<&str, (bool, Micros, &str, &Alert)> = BTreeMap::new();
    for fact in facts {
        let FactBody::Alert(alert) = &fact.body else { continue };
        if is_gone(fact, alert) {
            continue;
        }
        let candidate = (alert.status == "resolved", fact.at, fact.source_id.as_str(), &**alert);
        best.entry(alert.id.as_str())
            .and_modify(|held| {
                if (candidate.0, candidate.1, candidate.2) > (held.0, held.1, held.2) {
                    *held = candidate;
                }
            })
            .or_insert(candidate);
    }
    let mut alerts: Vec<Alert> = best.into_values().map(|(_, _, _, alert)| alert.clone()).collect();
    alerts.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    alerts
}

/// The newest list of all the alerts, by PagerDuty's own clock first, and when it was taken.
fn last_read_alerts(facts: &[Fact]) -> Option<(&[String], Micros)> {
    let lists = facts.iter().filter_map(|fact| match &fact.body {
        FactBody::AllAlerts { ids, version, taken_at } => Some((*version, *taken_at, ids)),
        _ => None,
    });
    lists.max().map(|(_, taken_at, ids)| (ids.as_slice(), taken_at))
}

fn changed_at(data: &IncidentData, facts: &[Fact]) -> Micros {
    let told = facts.iter().filter(|f| matches!(f.body, FactBody::Changed { .. })).map(|f| f.at).max();
    [told, data.updated_at, data.created_at].into_iter().flatten().max().unwrap_or_default()
}
