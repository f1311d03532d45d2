//! Alerts inside incidents: repeats, resolutions, moves between incidents and merges.

use serde_json::json;

use super::State;
use crate::pagerduty::account::Source;
use crate::pagerduty::book::{Alert, By};
use crate::pagerduty::channel::Extra;

impl State {
    /// Another trigger for an open alert: a log entry, no webhook and no new page.
    pub(crate) fn repeat_trigger(&mut self, index: usize, by: &By) {
        self.book.remember(index);
        self.log(index, "trigger", by, Extra::None);
    }

    /// Resolves one alert; the last one takes the incident with it.
    pub(crate) fn resolve_alert(&mut self, index: usize, alert: usize, by: &By) {
        if self.book.incidents[index].open_alerts() <= 1 && self.book.incidents[index].is_open() {
            self.resolve(index, by, None);
            return;
        }
        self.book.remember(index);
        let now = self.now;
        let incident = &mut self.book.incidents[index];
        incident.updated = now;
        incident.alerts[alert].resolved = Some(now);
        let key = incident.alerts[alert].open_key();
        self.book.open_keys.remove(&key);
    }

    pub(crate) fn move_alert(&mut self, from: usize, alert: usize, to: usize, by: &By) {
        self.book.remember(from);
        self.book.remember(to);
        let moved = self.book.incidents[from].alerts.remove(alert);
        if moved.resolved.is_none() {
            self.book.open_keys.insert(moved.open_key(), to);
        }
        self.book.incidents[to].alerts.push(moved);
        self.book.incidents[to].updated = self.now;
        if self.book.incidents[from].open_alerts() == 0 && self.book.incidents[from].is_open() {
            self.resolve(from, by, None);
        }
    }

    /// The sources' alerts go to the target; the sources are resolved for that reason.
    pub(crate) fn merge(&mut self, target: usize, sources: &[usize], by: &By) {
        self.book.remember(target);
        let by = &By { client: Some(json!({ "name": "PagerDuty" })), ..by.clone() };
        for &source in sources {
            self.book.remember(source);
            let alerts = std::mem::take(&mut self.book.incidents[source].alerts);
            for alert in alerts.iter().filter(|a| a.resolved.is_none()) {
                self.book.open_keys.insert(alert.open_key(), target);
            }
            self.book.incidents[target].alerts.extend(alerts);
            self.book.incidents[source].merged_into = Some(target);
            if self.book.incidents[source].is_open() {
                self.settle(source, by);
                self.log(source, "resolve", by, Extra::None);
                self.tell_incident(source, "incident.resolved", by);
            } else {
                self.log(source, "merge", by, Extra::None);
            }
        }
        self.log(target, "merge", by, Extra::None);
    }

    /// The open incident that holds this source's alert of that key, and the alert's place in it.
    pub(crate) fn open_alert_by(&self, source: Source, key: &str) -> Option<(usize, usize)> {
        let index = *self.book.open_keys.get(&(source, key.to_owned()))?;
        let place = |a: &Alert| a.raised.source() == source && a.key == key && a.resolved.is_none();
        Some((index, self.book.incidents[index].alerts.iter().position(place)?))
    }

    /// The same for the Events v2 integration of a service.
    pub(crate) fn open_alert(&self, service: usize, key: &str) -> Option<(usize, usize)> {
        self.open_alert_by(Source::Events(service), key)
    }
}
