//! A button of ours in PagerDuty: what the webhook of a press claims. Anybody who knows its address can claim anything, so that none of
//! it is believed before PagerDuty's own log shows it.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Claim {
    pub incident: String,
    /// PagerDuty's id of whoever pressed.
    pub user: Option<String>,
    /// The entry in the incident's log that the press has made.
    pub entry: Option<String>,
    /// What stands on the button.
    pub label: Option<String>,
    /// The runbook that the button is for, as its address or header names it; without one, whatever fits the incident.
    pub runbook: Option<String>,
}
