//! What is doubtful about the vendor, or a matter of its mood, as switches.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How the feed says that something was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IcsCancelled {
    /// An instance as EXDATE; a single event is simply gone.
    Exdate,
    /// As an event with STATUS:CANCELLED.
    Status,
}

/// Changed over `/_control/settings`, which takes any of these by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// How long an access token lives.
    pub token_ttl_s: u32,
    /// How wrong a caller's clock may be.
    pub skew_s: u32,
    /// The account may act for the people of the domain.
    pub delegation: bool,
    /// Pages hold at most so many, whatever was asked; 0 leaves it to the request.
    pub page_cap: u32,
    /// Before each page comes an empty one.
    pub empty_pages: bool,
    /// A sync token is good for so long.
    pub sync_token_days: u32,
    /// Other parameters than in the first call are refused beside a sync token.
    pub strict_sync: bool,
    /// A sync token comes after a list with orderBy, q, updatedMin and the like too.
    pub token_after_filters: bool,
    /// Requests a minute and user; 0 takes all.
    pub requests_per_minute: u32,
    /// The longest that a channel lives, and how long without a wish.
    pub channel_max_s: u32,
    pub channel_default_s: u32,
    /// Receivers must be https.
    pub https_only: bool,
    /// Pushes go to this server, whatever host the channel's address names: it stands for the network in between. Empty: they don't.
    pub receiver: String,
    pub ics_cancelled: IcsCancelled,
    /// How far recurring events are expanded.
    pub horizon_days: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            token_ttl_s: 3_600,
            skew_s: 300,
            delegation: false,
            page_cap: 0,
            empty_pages: false,
            sync_token_days: 28,
            strict_sync: true,
            token_after_filters: false,
            requests_per_minute: 600,
            channel_max_s: 604_800,
            channel_default_s: 604_800,
            https_only: false,
            receiver: String::new(),
            ics_cancelled: IcsCancelled::Exdate,
            horizon_days: 730,
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
        *self = serde_json::from_value(all).map_err(|e| format!("settings: {e}"))?;
        Ok(json!(self))
    }
}
