//! What is wrong in the account just now, for another part of the outside world that suffers from it. Looks and changes nothing.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::watch;

use super::hub::Hub;
use super::state::State;
use super::{account, customer};

/// An alert that is not resolved, in its monitor's words.
#[derive(Debug, Clone)]
pub struct OpenAlert {
    pub service: String,
    /// The id of the customer whose service it is.
    pub customer: Option<String>,
    pub key: String,
    pub summary: String,
    pub host: String,
    pub check: String,
    /// What the monitor has measured.
    pub value: Value,
    pub since: Timestamp,
}

#[derive(Debug, Clone)]
pub struct Watch(Arc<Hub>);

impl Watch {
    pub(super) fn new(hub: &Arc<Hub>) -> Self {
        Self(Arc::clone(hub))
    }

    /// Rises with every change of the account.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes()
    }

    pub fn open_alerts(&self) -> Vec<OpenAlert> {
        self.0.peek(|state| open(state))
    }
}

fn open(state: &State) -> Vec<OpenAlert> {
    let incidents = state.book.open().map(|index| &state.book.incidents[index]);
    let alerts = incidents.flat_map(|own| own.alerts.iter().filter(|alert| alert.resolved.is_none()));
    alerts.map(|alert| seen(&state.account, alert)).collect()
}

fn seen(account: &account::Account, alert: &super::book::Alert) -> OpenAlert {
    let service = &account.services[alert.service];
    let payload = alert.raised.event()["payload"].take();
    let details = &payload["custom_details"];
    let text = |of: &Value| of.as_str().unwrap_or_default().to_owned();
    let host =
        [&details["host"], &payload["component"], &payload["source"]].into_iter().map(text).find(|own| !own.is_empty());
    OpenAlert {
        service: service.id.clone(),
        customer: service.team.map(|team| customer(&account.teams[team]).id),
        key: alert.key.clone(),
        summary: alert.summary.clone(),
        host: host.unwrap_or_default(),
        check: text(&details["check"]),
        value: details["value"].clone(),
        since: alert.created,
    }
}
