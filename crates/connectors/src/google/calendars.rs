//! What a calendar is and how much of it is shown to us, for checking a configuration. Never reads events.

use super::{Client, checked_calendar, decode, later, wire};
use crate::{Call, CallError};
use serde::Deserialize;

/// A calendar as we see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarSeen {
    /// Its own id.
    pub id: String,
    pub name: String,
    /// Its zone's name.
    pub time_zone: Option<String>,
    pub role: AccessRole,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessRole {
    /// Only that there is something, not what.
    FreeBusyReader,
    Reader,
    Writer,
    Owner,
    Unknown(String),
}

impl CalendarSeen {
    /// What is missing, for people; `None` when events can be read.
    pub fn lack(&self, email: &str) -> Option<String> {
        (self.role == AccessRole::FreeBusyReader).then(|| {
            format!(
                "the calendar {} shows {email} only when it is busy, no titles: share it with \u{201c}See all event details\u{201d}",
                self.id
            )
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct List {
    #[serde(default, deserialize_with = "wire::list")]
    items: Vec<Entry>,
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    id: String,
    summary: Option<String>,
    summary_override: Option<String>,
    time_zone: Option<String>,
    access_role: Option<String>,
}

const MOST_PAGES: usize = 20;

impl Client {
    /// One calendar by its id. Asked through its events, which is what has to work, and the only way that tells the role of a
    /// calendar that is shared but on no list.
    pub async fn calendar(&self, call: &Call, calendar: &str) -> Result<CalendarSeen, CallError> {
        let path = ["calendars", checked_calendar(calendar, false)?, "events"];
        let raw = self.get(call, &path, &[("maxResults", "1".to_owned())]).await?.body;
        let wire::Envelope { summary, time_zone, access_role, .. } = decode(&raw, false)?;
        Ok(CalendarSeen {
            id: calendar.to_owned(),
            name: summary.unwrap_or_default(),
            time_zone,
            role: role(access_role),
        })
    }

    /// The calendars on the account's own list. With a service account that is mostly empty: a shared calendar is not on it.
    pub async fn calendars(&self, call: &Call) -> Result<Vec<CalendarSeen>, CallError> {
        let started = tokio::time::Instant::now();
        let (mut seen, mut next) = (Vec::new(), None::<String>);
        for _ in 0..MOST_PAGES {
            let mut query = vec![("maxResults", "250".to_owned())];
            query.extend(next.take().map(|token| ("pageToken", token)));
            let raw = self.get(&later(call, started), &["users", "me", "calendarList"], &query).await?.body;
            let page: List = decode(&raw, false)?;
            seen.extend(page.items.into_iter().map(entry));
            next = page.next_page_token.filter(|token| !token.is_empty());
            if next.is_none() {
                break;
            }
        }
        Ok(seen)
    }
}

fn entry(entry: Entry) -> CalendarSeen {
    let name = entry.summary_override.or(entry.summary).unwrap_or_default();
    CalendarSeen { id: entry.id, name, time_zone: entry.time_zone, role: role(entry.access_role) }
}

fn role(text: Option<String>) -> AccessRole {
    match text.as_deref() {
        Some("freeBusyReader") => AccessRole::FreeBusyReader,
        Some("reader") => AccessRole::Reader,
        Some("writer") => AccessRole::Writer,
        Some("owner") => AccessRole::Owner,
        _ => AccessRole::Unknown(text.unwrap_or_default()),
    }
}
