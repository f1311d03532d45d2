//! Notes of an incident: written, changed in place, and found again by a marker in their text. PagerDuty knows no key for them.

use super::{Client, Write, bad_request, checked_id, decode, wire};
use crate::{Call, CallError, Kind};
use http::Method;
use model::Micros;
use serde_json::{Value, json};

/// A note that carries our marker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkedNote {
    pub id: String,
    /// As PagerDuty keeps it.
    pub content: String,
}

/// What became of a note that was to say something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoteUpdate {
    Done,
    /// It stays as it is: it is gone, or notes can't be changed in this account or by this key.
    Never(CallError),
}

impl Client {
    /// Adds a note in the name of `from` (or of the configured user) and returns its id.
    pub async fn add_note(
        &self,
        call: &Call,
        incident: &str,
        from: Option<&str>,
        content: &str,
    ) -> Result<String, CallError> {
        let path = ["incidents", checked_id(incident, true)?, "notes"];
        let raw = self.post(call, &path, from, Some(&body(content)?)).await?;
        Ok(decode::<wire::One<wire::Note>>(&raw, true)?.one.id)
    }

    /// Has a note say something else. Saying the same twice changes nothing, so an unknown outcome needs no look-up.
    pub async fn update_note(
        &self,
        call: &Call,
        incident: &str,
        note: &str,
        from: Option<&str>,
        content: &str,
    ) -> Result<NoteUpdate, CallError> {
        let path = ["incidents", checked_id(incident, true)?, "notes", checked_id(note, true)?];
        let write = Write { method: Method::PUT, path: &path, from: from.or(self.from.as_deref()) };
        match self.write(call, write, Some(&body(content)?)).await {
            Ok(raw) => decode::<wire::One<wire::Note>>(&raw, true).map(|_| NoteUpdate::Done),
            Err(error) if is_final(&error) => Ok(NoteUpdate::Never(error)),
            Err(error) => Err(error),
        }
    }

    /// The id of the note that carries the marker, if there is one.
    pub async fn find_note(&self, call: &Call, incident: &str, marker: &str) -> Result<Option<String>, CallError> {
        Ok(self.marked_note(call, incident, marker).await?.map(|note| note.id))
    }

    /// The note that carries the marker. Of several the oldest: what people copy out of it comes later.
    pub async fn marked_note(
        &self,
        call: &Call,
        incident: &str,
        marker: &str,
    ) -> Result<Option<MarkedNote>, CallError> {
        if marker.is_empty() {
            return Err(CallError::new(Kind::BadRequest, false, "a note can't be looked up by an empty marker"));
        }
        let path = ["incidents", checked_id(incident, false)?, "notes"];
        let (rows, _) = self.rows::<wire::Note>(call, &path, &[]).await?;
        let marked = rows.rows.into_iter().filter_map(|note| {
            let content = note.content.filter(|text| text.contains(marker))?;
            Some((note.created_at, MarkedNote { id: note.id, content }))
        });
        // Without an instant it is taken for the youngest.
        Ok(marked.min_by_key(|(at, _)| at.unwrap_or(Micros(i64::MAX))).map(|(_, note)| note))
    }
}

fn body(content: &str) -> Result<Value, CallError> {
    if content.trim().is_empty() {
        return Err(bad_request("an empty note says nothing; PagerDuty refuses it"));
    }
    Ok(json!({ "note": { "content": content } }))
}

/// Older accounts know no changing of notes and say so in one of these ways.
fn is_final(error: &CallError) -> bool {
    matches!(error.kind, Kind::NotFound | Kind::Forbidden)
        || (error.kind == Kind::BadRequest && error.status == Some(405))
}
