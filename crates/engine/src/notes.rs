//! Notes of ours beside an incident: one of each name, brought to what it is to say now and never written twice. What it says is looked
//! up when it is sent, so that a hundred changes are one update. Whoever deletes one in PagerDuty is respected.

use crate::absorb::is_read_only;
use crate::effects::{Done, Hand, done, later};
use crate::follow::After;
use crate::{Settings, Shared, hosts};
use connectors::pagerduty::{Client, MarkedNote, NoteUpdate};
use connectors::{CallError, Kind};
use model::Micros;
use model::action::{Action, Effect, Fault, Outcome, Precondition, Queue};
use serde::{Deserialize, Serialize};
use store::actions::{self, Doing};
use store::{StoreError, Tx, crash_point, duty_state, faults, incidents, jobs};

#[cfg(test)]
mod tests;

pub const DUTY: &str = "note";
/// What was found on the incident's hosts.
pub const DIAGNOSIS: &str = "diagnosis";
const VERSION: i64 = 1;
/// An incident that was resolved longer ago than this gets no new note: its readers are gone.
const NEWS_FOR_S: i64 = 3_600;
/// PagerDuty takes 25,000 characters; the marker needs some of them.
const MOST_CHARS: usize = 24_000;

/// What is known of a note that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// PagerDuty's id of it.
    pub note: String,
    /// It can't be changed there any more, which was told.
    pub stays: bool,
}

/// What the note of this name is to say now; `None` while there is nothing to say.
pub async fn text(tx: &mut Tx, settings: &Settings, incident: &str, name: &str) -> Result<Option<String>, StoreError> {
    match name {
        DIAGNOSIS => hosts::say::note(tx, settings, incident).await,
        _ => Ok(None),
    }
}

/// What the note of this name is about has changed: it is brought up to date, unless that waits to be done already.
/// Says whether a job more was made. `version` is any number that grows with every change.
pub async fn want(
    tx: &mut Tx,
    settings: &Settings,
    incident: &str,
    name: &str,
    version: i64,
) -> Result<bool, StoreError> {
    if settings.key_mark.is_empty() || jobs::is_ready(tx, &lane(incident, name)).await? {
        return Ok(false);
    }
    if kept(tx, incident, name).await?.is_some_and(|kept| kept.stays) {
        return Ok(false);
    }
    let customer = incidents::customer_of(tx, incident).await?;
    // What a key that only looks can't do is shown once.
    let (which, doing) = match is_read_only(tx, settings).await? {
        true => ("observed".to_owned(), Doing::Observed),
        false => (version.to_string(), Doing::Really),
    };
    actions::add(tx, &action(incident, name, &which, customer), doing).await
}

fn action(incident: &str, name: &str, which: &str, customer: Option<String>) -> Action {
    Action {
        key: format!("{DUTY}/{incident}/{name}/{which}"),
        duty: DUTY.into(),
        subject: incident.to_owned(),
        lane: lane(incident, name),
        effect: Effect::KeepNote { incident: incident.to_owned(), name: name.to_owned() },
        not_before: None,
        not_after: None,
        precondition: Precondition::None,
        why: "what its note is about has changed".into(),
        customer,
        queue: Queue::Live,
    }
}

/// A lane of its own: a note that has to wait holds up nobody's act.
fn lane(incident: &str, name: &str) -> String {
    format!("{DUTY}:{incident}/{name}")
}

/// What a note is found by again.
pub fn marker(incident: &str, name: &str) -> String {
    format!("[arayashiki:{name}:{incident}]")
}

async fn kept(tx: &mut Tx, incident: &str, name: &str) -> Result<Option<Kept>, StoreError> {
    duty_state::get(tx, DUTY, &format!("{incident}/{name}"), VERSION).await
}

/// Written down with the outcome of the try that knows it.
pub async fn stands(tx: &mut Tx, incident: &str, name: &str, kept: &Kept) -> Result<(), StoreError> {
    duty_state::set(tx, DUTY, &format!("{incident}/{name}"), VERSION, kept).await
}

/// A note and all that decides what becomes of it.
struct Note<'a> {
    incident: &'a str,
    name: &'a str,
    /// With its marker.
    content: String,
    kept: Option<Kept>,
    resolved_at: Option<Micros>,
}

pub async fn keep(shared: &Shared, client: &Client, hand: &Hand<'_>, (incident, name): (&str, &str)) -> Done {
    let note = match load(shared, incident, name).await {
        Ok(Some(note)) => note,
        Ok(None) => return skipped("there is nothing to say any more"),
        Err(error) => return later(hand.now().plus_s(2), Fault::Limit, &error.to_string()),
    };
    let found = match find(client, hand, &note).await {
        Ok(found) => found,
        Err(error) if error.kind == Kind::NotFound => return skipped(&error.text),
        Err(error) => return hand.failed(shared, &error),
    };
    match found {
        Some(there) if is_same(&there.content, &note.content) => note.stands(&there.id),
        Some(there) => change(shared, client, hand, &note, &there.id).await,
        None => missing(shared, client, hand, &note).await,
    }
}

async fn load<'a>(shared: &Shared, incident: &'a str, name: &'a str) -> Result<Option<Note<'a>>, StoreError> {
    let (settings, id, named) = (shared.settings.clone(), incident.to_owned(), name.to_owned());
    let read = shared.store.read(move |tx| {
        let (settings, id, named) = (settings.clone(), id.clone(), named.clone());
        Box::pin(async move {
            let Some(text) = text(tx, &settings, &id, &named).await? else { return Ok(None) };
            Ok(Some((text, kept(tx, &id, &named).await?, incidents::resolved_at(tx, &id).await?)))
        })
    });
    Ok(read.await?.map(|(text, kept, resolved_at)| {
        let content = format!("{}\n{}", model::text::cut(text.trim(), MOST_CHARS), marker(incident, name));
        Note { incident, name, content, kept, resolved_at }
    }))
}

/// Every try looks first: whether it is to be written or changed shows only there.
async fn find(client: &Client, hand: &Hand<'_>, note: &Note<'_>) -> Result<Option<MarkedNote>, CallError> {
    if hand.job.unsettled.is_some() && faults::sabotaged("no_look_up") {
        return Ok(None);
    }
    client.marked_note(&hand.call(), note.incident, &marker(note.incident, note.name)).await
}

/// PagerDuty may write the ends of lines, and blanks at the end, in its own way.
fn is_same(there: &str, wanted: &str) -> bool {
    let plain = |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    plain(there.trim()) == plain(wanted.trim())
}

/// It is not shown. One that we wrote is not written again: it was deleted, or a list is behind, which changing it tells.
async fn missing(shared: &Shared, client: &Client, hand: &Hand<'_>, note: &Note<'_>) -> Done {
    if let Some(kept) = &note.kept {
        return change(shared, client, hand, note, &kept.note).await;
    }
    if note.resolved_at.is_some_and(|at| hand.now().since(at) > NEWS_FOR_S * 1_000_000) {
        return skipped("the incident was resolved more than an hour ago: it gets no new note");
    }
    if let Some(ended) = hand.kept_from_sending() {
        return ended;
    }
    crash_point!("act.before_send");
    let from = shared.settings.from.as_deref();
    match client.add_note(&hand.call(), note.incident, from, &note.content).await {
        Ok(id) => note.stands(&id),
        Err(error) => hand.failed(shared, &error),
    }
}

async fn change(shared: &Shared, client: &Client, hand: &Hand<'_>, note: &Note<'_>, id: &str) -> Done {
    if let Some(ended) = hand.kept_from_sending() {
        return ended;
    }
    crash_point!("act.before_send");
    let from = shared.settings.from.as_deref();
    match client.update_note(&hand.call(), note.incident, id, from, &note.content).await {
        Ok(NoteUpdate::Done) => {
            let (outcome, mut after) = note.stands(id);
            // No webhook tells of a change.
            after.push(After::Reread(note.incident.to_owned()));
            (outcome, after)
        }
        Ok(NoteUpdate::Never(error)) => {
            let why = format!("the note stays as it is, and no second one is written: {}", error.text);
            (Outcome::Skipped { why }, vec![note.kept_as(id, true)])
        }
        Err(error) => hand.failed(shared, &error),
    }
}

impl Note<'_> {
    fn stands(&self, id: &str) -> Done {
        (done(Some(id.to_owned())), vec![self.kept_as(id, false)])
    }

    fn kept_as(&self, id: &str, stays: bool) -> After {
        let (incident, name) = (self.incident.to_owned(), self.name.to_owned());
        After::NoteStands { incident, name, kept: Kept { note: id.to_owned(), stays } }
    }
}

fn skipped(why: &str) -> Done {
    (Outcome::Skipped { why: why.to_owned() }, Vec::new())
}
