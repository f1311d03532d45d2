//! What a delivery says. Shapes are those of Webhooks V3, which differ from REST; alert details never travel by webhook.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{Delivery, Filter};
use crate::pagerduty::book::{By, Incident};
use crate::pagerduty::clock::{millis, plus_ms, seconds};
use crate::pagerduty::faults::Do;
use crate::pagerduty::refs::{api, site};
use crate::pagerduty::state::State;

impl State {
    pub(crate) fn tell_incident(&mut self, index: usize, event_type: &str, by: &By) {
        if self.hooks.subscriptions.is_empty() {
            return;
        }
        let mut data = self.incident_data(&self.book.incidents[index]);
        if event_type == "incident.reopened" {
            data["reopened_at"] = json!(self.book.incidents[index].reopened.map(seconds));
        }
        self.tell(index, event_type, by, &data);
    }

    pub(crate) fn incident_data(&self, i: &Incident) -> Value {
        let a = &self.account;
        let bridge = i
            .bridge
            .as_ref()
            .map(|b| json!({ "conference_number": b["conference_number"], "conference_url": b["conference_url"] }));
        json!({
            "id": i.id, "type": "incident", "self": api(&format!("incidents/{}", i.id)), "html_url": site(&format!("incidents/{}", i.id)),
            "number": i.number, "status": i.status.word(), "incident_key": i.key, "created_at": seconds(i.created), "title": i.title,
            "service": a.service_ref_in_webhook(i.service), "assignees": i.assignments.iter().map(|(_, u)| a.user_ref(*u)).collect::<Vec<_>>(),
            "escalation_policy": a.policy_ref(i.policy), "teams": a.teams_shown(a.policies[i.policy].team, false),
            "priority": i.priority.map(|p| a.priority_ref(p)), "urgency": i.urgency, "conference_bridge": bridge,
            "resolve_reason": self.resolve_reason(i), "incident_type": { "name": i.kind },
        })
    }

    /// Queues one event for every subscription that wants it.
    pub(crate) fn tell(&mut self, index: usize, event_type: &str, by: &By, data: &Value) {
        let incident = &self.book.incidents[index];
        let (service, team) = (incident.service, self.account.policies[incident.policy].team);
        let id = incident.id.clone();
        for place in 0..self.hooks.subscriptions.len() {
            if self.hooks.subscriptions[place].wants(event_type, service, team) {
                let agent = self.account.agent_in_webhook(by.agent);
                let client = by.client.clone().unwrap_or(Value::Null);
                let event = self.envelope(event_type, "incident", (&agent, &client), data);
                self.enqueue(place, &id, event_type, Some(id.clone()), &event);
            }
        }
    }

    /// A friendly test delivery, asked for by REST.
    pub(crate) fn ping(&mut self, place: usize) {
        let data = json!({ "message": "Hello from your friend Pagey!", "type": "ping" });
        let event = self.envelope("pagey.ping", "pagey", (&Value::Null, &Value::Null), &data);
        self.enqueue(place, "pagey", "pagey.ping", None, &event);
    }

    /// A service's own event.
    pub(crate) fn tell_service(&mut self, service: usize, event_type: &str, by: &By) {
        let team = self.account.services[service].team;
        let mut data = self.account.service_ref_in_webhook(service);
        data["type"] = json!("service");
        data["alert_creation"] = json!("create_alerts_and_incidents");
        data["teams"] = json!(self.account.teams_shown(team, false));
        let lane = self.account.services[service].id.clone();
        for place in 0..self.hooks.subscriptions.len() {
            if self.hooks.subscriptions[place].wants(event_type, service, team) {
                let agent = self.account.agent_in_webhook(by.agent);
                let event = self.envelope(event_type, "service", (&agent, &Value::Null), &data);
                self.enqueue(place, &lane, event_type, None, &event);
            }
        }
    }

    fn envelope(&mut self, event_type: &str, resource: &str, (agent, client): (&Value, &Value), data: &Value) -> Value {
        json!({ "event": {
            "id": self.dice.ulid(self.now), "event_type": event_type, "resource_type": resource, "occurred_at": millis(self.now),
            "agent": agent, "client": client, "data": data,
        } })
    }

    fn enqueue(&mut self, place: usize, lane: &str, event_type: &str, incident: Option<String>, event: &Value) {
        let subscription = &self.hooks.subscriptions[place];
        if !subscription.active || subscription.url.is_none() || subscription.is_disabled(self.now) {
            return;
        }
        let held_until = subscription.mischief.held_until();
        let (late_ms, copies) = self.spoil_webhook(&format!("{lane} {event_type}"));
        let due = held_until.unwrap_or(plus_ms(self.now, late_ms));
        self.hooks.made += 1;
        let delivery = Delivery {
            id: self.dice.uuid(),
            made: self.hooks.made,
            event_type: event_type.to_owned(),
            incident,
            body: Bytes::from(event.to_string()),
            attempts: 0,
            first: due,
            due,
            // Drawn now, so that a scripted fault of its own no longer meets it.
            trouble: (copies > 0).then(|| Do { duplicate: Some(copies), ..Do::default() }),
            delayed: false,
            held_until: None,
            held: held_until.is_some(),
        };
        if self.lose(place, &delivery) {
            return;
        }
        let lanes = &mut self.hooks.subscriptions[place].lanes;
        lanes.entry(lane.to_owned()).or_default().queue.push_back(delivery);
    }

    /// The filter of a subscription as REST asks for it; None when it names nothing that exists.
    pub(crate) fn filter_from(&self, filter: &Value) -> Option<Filter> {
        let id = filter["id"].as_str().unwrap_or_default();
        match filter["type"].as_str()? {
            "account_reference" => Some(Filter::Account),
            "service_reference" => self.account.service(id).map(Filter::Service),
            "team_reference" => self.account.team(id).map(Filter::Team),
            _ => None,
        }
    }
}
