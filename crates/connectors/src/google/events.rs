//! One page of a calendar's events as bytes: everything from an instant on, or what has changed since the last time. Never reads
//! the events; `page` does.

use super::{Ask, Client, checked_calendar, decode, refusal, wire};
use crate::{Call, CallError};
use bytes::Bytes;
use http::Method;
use model::Micros;

/// What to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Since {
    /// Everything that ends after this.
    Full { time_min: Micros },
    /// What has changed since the token was given.
    Changes { sync_token: String },
}

/// Which page of which calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListEvents<'a> {
    /// The calendar's own id, e.g. `team@example.jp`.
    pub calendar: &'a str,
    pub since: Since,
    pub page_token: Option<String>,
    /// 1 to 2500; 0 means 250, Google's own.
    pub max_results: u32,
}

#[derive(Clone, Debug)]
pub enum EventsAnswer {
    /// For `changes_from_page`.
    Page { raw: Bytes, next: Next },
    /// The token is no longer good: forget what is held of the calendar and list it in full.
    FullSyncNeeded { why: String },
}

/// What follows a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Ask for it with the same `since`.
    Page(String),
    /// That was the last one. Keep the token only when the changes of all pages are kept.
    Sync(String),
    /// That was the last one, and Google gave no token: list in full the next time.
    Nothing,
}

const MOST_RESULTS: u32 = 2_500;
const RESULTS: u32 = 250;

impl Client {
    /// Recurring events come as their instances. Both kinds of listing ask with the same parameters, as Google demands.
    pub async fn events(&self, call: &Call, list: &ListEvents<'_>) -> Result<EventsAnswer, CallError> {
        let path = ["calendars", checked_calendar(list.calendar, false)?, "events"];
        let query = query(list);
        let ask = Ask { method: Method::GET, path: &path, query: &query, body: None };
        let sent = self.send(call, &ask).await?;
        let is_incremental = matches!(list.since, Since::Changes { .. });
        if is_incremental && refusal::asks_for_full_sync(&sent.response) {
            let told = refusal::told(&sent.response.body);
            return Ok(EventsAnswer::FullSyncNeeded {
                why: format!("{} {}", told.reason, told.message).trim().to_owned(),
            });
        }
        let asked = refusal::Asked { what: &path.join("/"), host: self.http.host(), email: self.email() };
        let raw = refusal::check(sent, &asked)?.body;
        let next = next(decode(&raw, false)?);
        Ok(EventsAnswer::Page { raw, next })
    }
}

pub(super) fn next(envelope: wire::Envelope) -> Next {
    let filled = |token: Option<String>| token.filter(|token| !token.is_empty());
    match (filled(envelope.next_page_token), filled(envelope.next_sync_token)) {
        (Some(page), _) => Next::Page(page),
        (None, Some(sync)) => Next::Sync(sync),
        (None, None) => Next::Nothing,
    }
}

fn query(list: &ListEvents<'_>) -> Vec<(&'static str, String)> {
    let results = if list.max_results == 0 { RESULTS } else { list.max_results.min(MOST_RESULTS) };
    let mut query = vec![("singleEvents", "true".to_owned()), ("maxResults", results.to_string())];
    query.push(match &list.since {
        Since::Full { time_min } => ("timeMin", time_min.floor_s().rfc3339()),
        Since::Changes { sync_token } => ("syncToken", sync_token.clone()),
    });
    query.extend(list.page_token.clone().map(|token| ("pageToken", token)));
    query
}
