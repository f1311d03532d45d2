//! Notes of an incident. No paging, as the vendor has none here. Changing or deleting one leaves no log entry and tells no webhook: the
//! vendor names none.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Caller, body, incident_of};
use crate::pagerduty::call::{Answer, Call, Fail, Reply};
use crate::pagerduty::happen::NewNote;
use crate::pagerduty::state::State;

const MAX_NOTES: usize = 2000;
const MAX_CHARS: usize = 25_000;

pub(super) fn list(state: &mut State, call: &Call, _: &Caller) -> Answer {
    let incident = &state.book.incidents[incident_of(state, call)?];
    let notes: Vec<Value> = incident.notes.iter().map(|n| state.note(n)).collect();
    Ok(Reply::json(200, &json!({ "notes": notes })))
}

pub(super) fn create(state: &mut State, call: &Call, caller: &Caller) -> Answer {
    let index = incident_of(state, call)?;
    let content = content_of(call)?;
    if state.book.incidents[index].notes.len() >= MAX_NOTES {
        return Err(Fail::invalid("an incident takes 2000 notes at most"));
    }
    let (user, by) = (caller.person()?, caller.by()?);
    let place = state.annotate(index, NewNote { user, content, channel: "The PagerDuty website or APIs" }, &by);
    told(state, caller, "note.created", (index, place))
}

pub(super) fn update(state: &mut State, call: &Call, caller: &Caller) -> Answer {
    let (index, place) = found(state, call)?;
    let content = content_of(call)?;
    caller.person()?;
    state.book.remember(index);
    let now = state.now;
    let note = Arc::make_mut(&mut state.book.incidents[index].notes[place]);
    (note.content, note.updated) = (content, now);
    told(state, caller, "note.updated", (index, place))
}

pub(super) fn delete(state: &mut State, call: &Call, caller: &Caller) -> Answer {
    let (index, place) = found(state, call)?;
    state.book.remember(index);
    let incident = &mut state.book.incidents[index];
    let (id, note) = (incident.id.clone(), incident.notes.remove(place));
    state.record(&caller.effect("note.deleted", Some(&id), json!({ "note": note.id, "content": note.content })));
    Ok(Reply::empty(204))
}

fn content_of(call: &Call) -> Result<String, Fail> {
    let wanted = body(call, "note")?;
    let content = wanted["content"].as_str().filter(|c| !c.trim().is_empty());
    let content = content.ok_or_else(|| Fail::invalid("Content can't be blank"))?;
    if content.chars().count() > MAX_CHARS {
        return Err(Fail::invalid("Content is too long"));
    }
    Ok(content.to_owned())
}

/// The incident and the note's place in it.
fn found(state: &State, call: &Call) -> Result<(usize, usize), Fail> {
    let index = incident_of(state, call)?;
    let place = state.book.incidents[index].notes.iter().position(|note| note.id == call.segment(3));
    place.map(|place| (index, place)).ok_or_else(Fail::not_found)
}

fn told(state: &mut State, caller: &Caller, kind: &str, (index, place): (usize, usize)) -> Answer {
    let incident = &state.book.incidents[index];
    let (id, note) = (incident.id.clone(), state.note(&incident.notes[place]));
    state.record(&caller.effect(kind, Some(&id), json!({ "note": note["id"], "content": note["content"] })));
    Ok(Reply::json(200, &json!({ "note": note })))
}
