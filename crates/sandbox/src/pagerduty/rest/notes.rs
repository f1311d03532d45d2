//! Notes of an incident. No paging, as the vendor has none here.

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
    let wanted = body(call, "note")?;
    let content = wanted["content"].as_str().filter(|c| !c.trim().is_empty());
    let content = content.ok_or_else(|| Fail::invalid("Content can't be blank"))?.to_owned();
    if content.chars().count() > MAX_CHARS {
        return Err(Fail::invalid("Content is too long"));
    }
    if state.book.incidents[index].notes.len() >= MAX_NOTES {
        return Err(Fail::invalid("an incident takes 2000 notes at most"));
    }
    let (user, by) = (caller.person()?, caller.by()?);
    let place = state.annotate(
        index,
        NewNote { user, content: content.clone(), channel: "The PagerDuty website or APIs" },
        &by,
    );
    let incident = &state.book.incidents[index];
    let (id, note) = (incident.id.clone(), state.note(&incident.notes[place]));
    state.record(&caller.effect("note.created", Some(&id), json!({ "note": note["id"], "content": content })));
    Ok(Reply::json(200, &json!({ "note": note })))
}
