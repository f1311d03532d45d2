//! What is doubtful about the vendor, or differs between plans, as switches. Each default is what seems likeliest.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Requests a minute that a user has, of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PerMinute {
    pub read: u32,
    pub update: u32,
    pub search: u32,
    pub icon: u32,
}

impl Default for PerMinute {
    fn default() -> Self {
        Self { read: 600, update: 150, search: 150, icon: 60 }
    }
}

/// Changed over `/_control/settings`, which takes any of these by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    pub per_minute: PerMinute,
    /// An update that changes nothing is an error.
    pub refuse_no_change: bool,
    /// Every list of tickets counts as a search, not only one with a keyword.
    pub list_is_search: bool,
    /// In which zone the days of filters are meant.
    pub date_zone: String,
    /// How long an access token lives.
    pub token_ttl_s: u32,
    /// A refresh token is good for one use, and the answer holds the next.
    pub refresh_once: bool,
    /// A status in a webhook's changes is written by name instead of by number.
    pub status_by_name: bool,
    /// Webhooks of comments and updates hold the whole ticket, not only its head.
    pub whole_ticket: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            per_minute: PerMinute::default(),
            refuse_no_change: true,
            list_is_search: false,
            date_zone: "Asia/Tokyo".into(),
            token_ttl_s: 3_600,
            refresh_once: false,
            status_by_name: false,
            whole_ticket: true,
        }
    }
}

impl Settings {
    /// What is not named stays as it is.
    pub(super) fn change(&mut self, body: &Value) -> Result<Value, String> {
        let mut all = json!(self);
        for (name, value) in body.as_object().ok_or("settings are an object")? {
            all[name.as_str()] = value.clone();
        }
        let new: Self = serde_json::from_value(all).map_err(|e| format!("settings: {e}"))?;
        jiff::tz::TimeZone::get(&new.date_zone).map_err(|e| format!("date_zone: {e}"))?;
        *self = new;
        Ok(json!(self))
    }

    pub(super) fn zone(&self) -> jiff::tz::TimeZone {
        jiff::tz::TimeZone::get(&self.date_zone).unwrap_or(jiff::tz::TimeZone::UTC)
    }
}
