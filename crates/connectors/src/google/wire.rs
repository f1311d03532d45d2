//! Google's JSON as it comes. Tolerant: null stands for absent, unknown fields are ignored. Never leaves this folder.

pub use crate::lenient::{list, text};
use serde::Deserialize;

/// One page of events, but for the events.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Envelope {
    pub summary: Option<String>,
    pub time_zone: Option<String>,
    pub access_role: Option<String>,
    pub next_page_token: Option<String>,
    pub next_sync_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    pub id: String,
    pub status: Option<String>,
    pub summary: Option<String>,
    pub description: Option<String>,
    pub location: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub color_id: Option<String>,
    pub creator: Option<Person>,
    pub organizer: Option<Person>,
    pub start: Option<When>,
    pub end: Option<When>,
    #[serde(default, deserialize_with = "list")]
    pub attendees: Vec<Person>,
    pub html_link: Option<String>,
    pub updated: Option<String>,
    pub transparency: Option<String>,
    pub recurring_event_id: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Person {
    pub email: Option<String>,
    pub display_name: Option<String>,
    pub response_status: Option<String>,
}

/// A day, or an instant.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct When {
    pub date: Option<String>,
    pub date_time: Option<String>,
    pub time_zone: Option<String>,
}
