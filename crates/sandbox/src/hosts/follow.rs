//! Hosts suffer from what the simulated PagerDuty's alerts say: while an alert is open its trouble lies over the host that it names, and it
//! is over when the alert is.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::state::Hosts;
use super::trouble;
use crate::pagerduty::{OpenAlert, Watch};

/// A storm changes much at once; more often nobody looks.
const PAUSE: Duration = Duration::from_millis(200);

pub(super) async fn follow(hosts: Arc<Hosts>, account: Watch) {
    let mut changes = account.changes();
    let mut laid: BTreeSet<(usize, String)> = BTreeSet::new();
    loop {
        changes.borrow_and_update();
        laid = tune(&hosts, &account.open_alerts(), &laid);
        tokio::time::sleep(PAUSE).await;
        if changes.changed().await.is_err() {
            return;
        }
    }
}

/// Lays what is new, ends what is over; returns what lies now.
fn tune(hosts: &Hosts, alerts: &[OpenAlert], before: &BTreeSet<(usize, String)>) -> BTreeSet<(usize, String)> {
    let mut now = BTreeSet::new();
    for alert in alerts {
        let Some(trouble) = trouble::of_alert(&alert.check, &alert.summary, &alert.value) else { continue };
        let Some(node) = named(hosts, alert) else { continue };
        let by = format!("alert/{}/{}", alert.service, alert.key);
        hosts.lay(node, &by, trouble, alert.since);
        now.insert((node, by));
    }
    for (node, by) in before.difference(&now) {
        hosts.heal(*node, Some(by));
    }
    now
}

/// The customer's host of that name.
fn named(hosts: &Hosts, alert: &OpenAlert) -> Option<usize> {
    let customer = alert.customer.as_deref()?;
    let own = |node: &super::state::Node| node.spec.customer == Some(customer) && node.spec.hostname == alert.host;
    hosts.nodes.iter().position(own)
}
