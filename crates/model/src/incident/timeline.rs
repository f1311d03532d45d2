//! The story of an incident as a person reads it: one entry a happening, each with its actor and everybody who told us.
//! Never adds a fact; what only a snapshot knows is marked as such.

use super::fold::{same_happening, same_kind};
use super::{Actor, ActorKind, Change, Fact, FactBody, Incident, Source};
use crate::Micros;
use crate::time::SECOND_US;
use serde::{Deserialize, Serialize};

/// One line of the story.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub at: Micros,
    pub actor: Option<Actor>,
    pub what: Change,
    /// It had happened before: the monitor told of trouble that was open already.
    #[serde(default)]
    pub again: bool,
    /// Everybody who told this happening; empty never.
    pub told_by: Vec<Origin>,
}

/// Who told a happening, and by which id there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Origin {
    pub source: Source,
    pub source_id: String,
}

/// The timeline, oldest first. Webhook and log entry of one happening are one entry, at the exact time.
pub fn timeline(facts: &[Fact], incident: Option<&Incident>) -> Vec<Entry> {
    let mut sorted: Vec<&Fact> = facts.iter().collect();
    // Webhooks first, so that the exact telling makes the entry and the rounded one joins it.
    sorted.sort_by(|a, b| (a.source, a.at, &a.source_id).cmp(&(b.source, b.at, &b.source_id)));
    sorted.dedup_by(|a, b| (a.source, &a.source_id) == (b.source, &b.source_id));
    let mut lines: Vec<(Entry, &Fact)> = Vec::new();
    for fact in sorted {
        let Some(what) = told(fact) else { continue };
        let origin = Origin { source: fact.source, source_id: fact.source_id.clone() };
        match lines.iter_mut().find(|(entry, first)| joins(entry, first, fact, &what)) {
            Some((entry, _)) => {
                complete(entry, fact, what);
                // Of a note that was edited, the versions are one telling.
                if entry.told_by.iter().all(|known| known.source != origin.source) {
                    entry.told_by.push(origin);
                }
            }
            None => {
                lines.push((
                    Entry { at: fact.at, actor: fact.actor.clone(), what, again: false, told_by: vec![origin] },
                    fact,
                ));
            }
        }
    }
    let mut entries: Vec<Entry> = lines.into_iter().map(|(entry, _)| entry).collect();
    if let Some(incident) = incident {
        entries.extend(known_from_snapshot(incident, &entries));
    }
    entries.sort_by(|a, b| (place(a), rank(&a.what), &a.told_by).cmp(&(place(b), rank(&b.what), &b.told_by)));
    let triggers = entries.iter_mut().filter(|e| matches!(e.what, Change::Triggered { .. }));
    triggers.skip(1).for_each(|entry| entry.again = true);
    entries
}

/// Only webhooks tell more than whole seconds. What nobody told exactly followed from what was told so within its second, as
/// the fold has it; but everything follows from a trigger.
fn place(entry: &Entry) -> Micros {
    let is_exact = entry.told_by.iter().any(|origin| origin.source == Source::Webhook);
    if is_exact || matches!(entry.what, Change::Triggered { .. }) {
        return entry.at;
    }
    Micros((entry.at.second() + 1) * SECOND_US - 1)
}

/// What a fact adds to the story; snapshots and alerts are shown elsewhere.
fn told(fact: &Fact) -> Option<Change> {
    match &fact.body {
        FactBody::Changed { what, .. } => Some(what.clone()),
        FactBody::Note(note) => Some(Change::Annotated(note.clone())),
        FactBody::Snapshot { .. } | FactBody::AllAlerts { .. } | FactBody::Alert(_) => None,
    }
}

fn joins(entry: &Entry, first: &Fact, fact: &Fact, what: &Change) -> bool {
    if is_edited(&entry.what, fact) {
        return true;
    }
    if entry.told_by.iter().any(|o| o.source == fact.source) {
        return false;
    }
    match (&entry.what, what) {
        (Change::Annotated(a), Change::Annotated(b)) => {
            a.id == b.id
                || (fact.source == Source::LogEntry || first.source == Source::LogEntry)
                    && same_text(&a.content, &b.content)
        }
        _ => same_happening(first, fact),
    }
}

/// The same note as it was read again, maybe with another text.
fn is_edited(what: &Change, fact: &Fact) -> bool {
    matches!((what, &fact.body), (Change::Annotated(held), FactBody::Note(note)) if held.id == note.id)
}

/// One note told by a webhook (maybe trimmed) and by a log entry (which has an id of its own).
fn same_text(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    !short.is_empty() && long.starts_with(short.trim_end_matches('…'))
}

/// A later telling may know more: the channel of a trigger, the whole text of a trimmed note, the actor.
fn complete(entry: &mut Entry, fact: &Fact, what: Change) {
    if entry.actor.is_none() {
        entry.actor.clone_from(&fact.actor);
    }
    match (&mut entry.what, what) {
        (Change::Triggered { channel, summary }, Change::Triggered { channel: c, summary: s }) => {
            *channel = channel.take().or(c);
            *summary = summary.take().or(s);
        }
        (Change::Resolved { resolution }, Change::Resolved { resolution: r }) => *resolution = resolution.take().or(r),
        (Change::Annotated(held), Change::Annotated(whole))
            if !whole.trimmed && (held.trimmed || matches!(fact.body, FactBody::Note(_))) =>
        {
            held.content = whole.content;
            held.trimmed = false;
        }
        _ => {}
    }
}

/// History read from a list has snapshots only: opening, acknowledgements and end follow from those.
fn known_from_snapshot(incident: &Incident, entries: &[Entry]) -> Vec<Entry> {
    if incident.snapshot_at.is_none() {
        return Vec::new();
    }
    let near = |at: Micros, wanted: &Change| {
        entries.iter().any(|e| same_kind(&e.what, wanted) && e.at.since(at).abs() <= 3 * SECOND_US)
    };
    let data = &incident.data;
    let mut derived = Vec::new();
    let mut push = |at: Option<Micros>, actor: Option<Actor>, what: Change| {
        if let Some(at) = at
            && !near(at, &what)
        {
            let told_by = vec![Origin { source: Source::Snapshot, source_id: data.id.clone() }];
            derived.push(Entry { at, actor, what, again: false, told_by });
        }
    };
    push(data.created_at, None, Change::Triggered { channel: None, summary: None });
    for ack in &incident.acknowledgements {
        let actor = (!ack.by.id.is_empty()).then(|| Actor { kind: ActorKind::User, who: ack.by.clone() });
        push(Some(ack.at), actor, Change::Acknowledged);
    }
    match data.resolve_reason.as_ref().and_then(|r| r.into.clone()) {
        Some(into) => push(data.resolved_at, None, Change::Merged { into: Some(into) }),
        None => push(data.resolved_at, None, Change::Resolved { resolution: None }),
    }
    derived
}

/// Within one instant a trigger comes before what follows from it.
const fn rank(what: &Change) -> u8 {
    match what {
        Change::Triggered { .. } => 0,
        Change::Notified { .. } => 2,
        Change::Resolved { .. } | Change::Merged { .. } => 3,
        _ => 1,
    }
}
