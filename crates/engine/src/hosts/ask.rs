//! What people ask of hosts, and the runs that come of it. Never runs anything itself.

use crate::Settings;
use store::{StoreError, Tx};

/// What came of a button that was pressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pressed {
    /// Runs that were asked for.
    Asked(Vec<i64>),
    /// Why nothing was, in words for people.
    Nothing(String),
}

/// Somebody who may do so pressed the button on an incident: the runbook of that name, or what fits the incident.
pub async fn pressed(
    _tx: &mut Tx,
    _settings: &Settings,
    _incident: &str,
    _runbook: Option<&str>,
    _by: &str,
    _nonce: &str,
) -> Result<Pressed, StoreError> {
    Ok(Pressed::Nothing("no host is configured: add [[host]] to the configuration".to_owned()))
}
