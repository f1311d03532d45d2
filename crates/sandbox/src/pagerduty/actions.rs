//! Custom incident actions: a button on the incidents of a service, kept as an extension, and the webhook that a press of it sends. That
//! webhook is of the older kind, without a signature; whether newer accounts send another is not known, so both shapes are played.

use serde_json::{Value, json};

use super::book::By;
use super::clock::{millis, seconds};
use super::refs::{api, site};
use super::shapes::Include;
use super::state::State;

pub(crate) const EVENT: &str = "incident.custom";
/// The vendor's pages take no more on one service.
pub(crate) const MOST_PER_SERVICE: usize = 3;

#[derive(Debug, Clone)]
pub(crate) struct Extension {
    pub id: String,
    pub service: usize,
    pub label: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
}

/// Which of the two shapes a press is told in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    V2,
    V3,
}

impl State {
    /// A press by a user: in the log of the incident, whatever becomes of its webhook. Returns the entry's id.
    pub(crate) fn press(&mut self, index: usize, user: usize) -> String {
        self.book.remember(index);
        self.log(index, "custom", &By::user(user, "website"), super::channel::Extra::None)
    }

    /// What the webhook of a press says.
    pub(crate) fn pressed(&mut self, own: &Extension, index: usize, user: usize, shape: Shape) -> Value {
        match shape {
            Shape::V2 => self.pressed_v2(own, index),
            Shape::V3 => {
                let incident = self.incident_data(&self.book.incidents[index]);
                json!({ "event": {
                    "id": self.dice.ulid(self.now), "event_type": EVENT, "resource_type": "incident",
                    "occurred_at": millis(self.now), "agent": self.account.user_ref(user), "client": null, "data": incident,
                } })
            }
        }
    }

    fn pressed_v2(&mut self, own: &Extension, index: usize) -> Value {
        let id = self.dice.uuid();
        let incident = &self.book.incidents[index];
        let entries: Vec<Value> =
            incident.log.last().map(|entry| self.log_entry(incident, entry, &Include::default())).into_iter().collect();
        json!({ "messages": [{
            "id": id, "event": EVENT, "created_on": seconds(self.now), "incident": self.incident(index, &Include::default()),
            "log_entries": entries, "webhook": self.extension(own),
        }] })
    }

    pub(crate) fn extension(&self, own: &Extension) -> Value {
        let headers: Vec<Value> = own.headers.iter().map(|(name, _)| json!({ "name": name })).collect();
        json!({
            "id": own.id, "type": "webhook", "name": own.label, "summary": own.label, "description": null, "endpoint_url": own.url,
            "webhook_object": self.account.service_ref(own.service), "config": { "headers": headers },
            "self": api(&format!("webhooks/{}", own.id)), "html_url": site(&format!("extensions/{}", own.id)),
        })
    }
}
