//! Who carries an incident: assignment, escalation, delegation, and the properties that people set by hand.

use serde_json::{Value, json};

use super::State;
use crate::pagerduty::book::{By, Status};
use crate::pagerduty::channel::{Channel, Extra};

impl State {
    /// Assigns and notifies, without a webhook of its own.
    pub(super) fn put_on(&mut self, index: usize, users: &[usize], by: &By) {
        let now = self.now;
        self.book.incidents[index].assignments = users.iter().map(|u| (now, *u)).collect();
        self.log(index, "assign", by, Extra::Assignees(users.into()));
        for &user in users {
            self.notify(index, user);
        }
    }

    fn notify(&mut self, index: usize, user: usize) {
        let service = self.book.incidents[index].service;
        let mut by = By::clock(service);
        by.channel = Channel::Push;
        self.log(index, "notify", &by, Extra::User(user));
    }

    pub(crate) fn reassign(&mut self, index: usize, users: &[usize], by: &By) {
        self.book.remember(index);
        self.put_on(index, users, by);
        let incident = &mut self.book.incidents[index];
        incident.assigned_via = "direct_assignment";
        incident.escalate_at = None;
        self.tell_incident(index, "incident.reassigned", by);
    }

    /// `level` counts from 0.
    pub(crate) fn escalate(&mut self, index: usize, level: usize, by: &By) {
        self.book.remember(index);
        let policy = self.book.incidents[index].policy;
        let users = self.account.responders(policy, level, self.now);
        let incident = &mut self.book.incidents[index];
        incident.level = level;
        incident.assigned_via = "escalation_policy";
        if incident.status == Status::Acknowledged {
            incident.status = Status::Triggered;
            incident.changed = self.now;
            incident.changed_by = by.agent;
            incident.acks.clear();
            incident.unack_at = None;
        }
        self.log(index, "escalate", by, Extra::Assignees(users.as_slice().into()));
        self.put_on(index, &users, by);
        self.arm_escalation(index);
        self.tell_incident(index, "incident.escalated", by);
    }

    pub(crate) fn escalate_by_clock(&mut self, index: usize) {
        let incident = &self.book.incidents[index];
        let by = By::clock(incident.service);
        let policy = &self.account.policies[incident.policy];
        if incident.level + 1 < policy.rules.len() {
            let next = incident.level + 1;
            self.escalate(index, next, &by);
        } else if incident.loops_done < policy.loops {
            self.book.incidents[index].loops_done += 1;
            self.log(index, "repeat_escalation_path", &by, Extra::None);
            self.escalate(index, 0, &by);
        } else {
            self.book.remember(index);
            self.book.incidents[index].escalate_at = None;
            self.log(index, "exhaust_escalation_path", &by, Extra::None);
        }
    }

    pub(crate) fn delegate(&mut self, index: usize, policy: usize, by: &By) {
        self.book.remember(index);
        let incident = &mut self.book.incidents[index];
        incident.policy = policy;
        incident.level = 0;
        incident.assigned_via = "escalation_policy";
        let users = self.account.responders(policy, 0, self.now);
        self.log(index, "delegate", by, Extra::Assignees(users.as_slice().into()));
        self.put_on(index, &users, by);
        self.arm_escalation(index);
        self.tell_incident(index, "incident.delegated", by);
    }

    pub(crate) fn set_priority(&mut self, index: usize, priority: Option<usize>, by: &By) {
        self.book.remember(index);
        let before = std::mem::replace(&mut self.book.incidents[index].priority, priority);
        let id = |p: Option<usize>| p.map(|p| self.account.priorities[p].id.clone());
        let field = json!({ "id": "priority", "name": "priority", "namespace": "incidents", "value": id(priority).unwrap_or_default(), "old_value": id(before) });
        let by = &self.with_changeset(by, &field);
        self.log(index, "field_value_change", by, Extra::None);
        self.tell_incident(index, "incident.priority_updated", by);
    }

    pub(crate) fn set_urgency(&mut self, index: usize, urgency: &str, by: &By) {
        self.book.remember(index);
        self.book.incidents[index].urgency = urgency.to_owned();
        self.log(index, "urgency_change", by, Extra::None);
    }

    /// No webhook tells of a new title; the log does.
    pub(crate) fn set_title(&mut self, index: usize, title: &str, by: &By) {
        self.book.remember(index);
        let before = std::mem::replace(&mut self.book.incidents[index].title, title.to_owned());
        let field =
            json!({ "id": "title", "name": "title", "namespace": "incidents", "value": title, "old_value": before });
        let by = &self.with_changeset(by, &field);
        self.log(index, "field_value_change", by, Extra::None);
    }

    fn with_changeset(&self, by: &By, field: &Value) -> By {
        let mut channel = by.channel.shown(&self.account);
        channel["changeset"] = json!({ "application_fields": [field] });
        By { channel: Channel::own(channel), ..by.clone() }
    }

    pub(crate) fn set_kind(&mut self, index: usize, kind: &str, by: &By) {
        self.book.remember(index);
        let incident = &mut self.book.incidents[index];
        incident.kind = kind.to_owned();
        incident.updated = self.now;
        self.tell_incident(index, "incident.incident_type.changed", by);
    }

    pub(crate) fn set_service(&mut self, index: usize, service: usize, by: &By) {
        self.book.remember(index);
        let incident = &mut self.book.incidents[index];
        incident.service = service;
        incident.updated = self.now;
        self.tell_incident(index, "incident.service_updated", by);
    }
}
