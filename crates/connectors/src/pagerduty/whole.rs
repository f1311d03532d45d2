//! One incident read whole: itself, then its log entries, alerts and notes, page after page, into one raw document
//! and the facts it holds. The incident comes first, so that whatever happens while we read is newer than it.

use super::facts::{self, AlertsDocument, Document};
use super::read::{MAX_OFFSET, PAGE_ROWS, Query, paging};
use super::{Client, checked_id, decode, unreadable, wire};
use crate::{Call, CallError, Kind};
use model::incident::Fact;
use serde::Deserialize;
use serde_json::value::RawValue;

/// An incident with all its facts, and the document to keep as evidence.
#[derive(Clone, Debug)]
pub struct Whole {
    pub facts: Vec<Fact>,
    /// `{"incident":…,"log_entries":[…],"alerts":[…],"notes":[…]}`, each part in the bytes that came (U+0000 replaced).
    pub raw: Vec<u8>,
}

#[derive(Deserialize)]
struct RawIncident {
    incident: Box<RawValue>,
}

pub(super) type Rows = Vec<Box<RawValue>>;

impl Client {
    pub async fn incident_whole(&self, call: &Call, id: &str) -> Result<Whole, CallError> {
        let started = tokio::time::Instant::now();
        let id = checked_id(id, false)?;
        let raw = self.get(call, &["incidents", id], &[]).await?;
        let incident = decode::<RawIncident>(&raw, false)?.incident;
        let channels = [("include[]", "channels".to_owned())];
        let (log_entries, cut) =
            self.all_rows(&later(call, started), &["incidents", id, "log_entries"], &channels).await?;
        let (alerts, also_cut) = self.all_rows(&later(call, started), &["incidents", id, "alerts"], &[]).await?;
        let path = ["incidents", id, "notes"];
        let notes = self.rows::<Box<RawValue>>(&later(call, started), &path, &[]).await?.0.rows;
        let document = Document { incident, log_entries, alerts, notes, truncated: cut || also_cut };
        let raw = super::encode(&document).map_err(|e| CallError { write: false, ..e })?;
        let facts = facts::facts_from_whole(&raw, call.now).map_err(|e| unreadable(&e, false))?;
        Ok(Whole { facts, raw })
    }

    /// All alerts of one incident, for history that needs nothing else, and the document to keep as evidence:
    /// `{"incident_id":…,"alerts":[…]}`.
    pub async fn alerts_document(&self, call: &Call, incident: &str) -> Result<(Vec<Fact>, Vec<u8>), CallError> {
        let path = ["incidents", checked_id(incident, false)?, "alerts"];
        let (alerts, truncated) = self.all_rows(call, &path, &[]).await?;
        let document = AlertsDocument { incident_id: incident.to_owned(), alerts, truncated };
        let raw = super::encode(&document).map_err(|e| CallError { write: false, ..e })?;
        let facts = facts::facts_from_alerts(&raw, call.now).map_err(|e| unreadable(&e, false))?;
        Ok((facts, raw))
    }

    /// Every row of a list that is paged by offset, and whether PagerDuty's ceiling cut it short.
    pub(super) async fn all_rows(
        &self,
        call: &Call,
        path: &[&str],
        asked: &[(&'static str, String)],
    ) -> Result<(Rows, bool), CallError> {
        let started = tokio::time::Instant::now();
        let mut all = Rows::new();
        let mut limit = PAGE_ROWS;
        loop {
            let offset = u32::try_from(all.len()).unwrap_or(u32::MAX);
            if offset.saturating_add(limit) > MAX_OFFSET {
                return Ok((all, true));
            }
            let query: Query = paging(limit, offset).into_iter().chain(asked.iter().cloned()).collect();
            match self.rows::<Box<RawValue>>(&later(call, started), path, &query).await {
                Ok((page, _)) => {
                    let more = next_page(&page);
                    all.extend(page.rows);
                    if !more {
                        return Ok((all, false));
                    }
                }
                // A hundred alert mails may weigh more than we read at once; smaller pages bring the same rows.
                Err(error) if error.kind == Kind::TooLarge && limit > 1 => limit = (limit / 4).max(1),
                Err(error) => return Err(error),
            }
        }
    }
}

fn next_page(page: &wire::Rows<Box<RawValue>>) -> bool {
    page.more.unwrap_or_default() && !page.rows.is_empty()
}

/// The same call, as much later as it has taken so far, so that the limiter counts in the right minute.
pub(super) fn later(call: &Call, started: tokio::time::Instant) -> Call {
    let took_ms = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
    Call { now: call.now.plus_ms(took_ms), ..*call }
}
