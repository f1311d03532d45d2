//! What can happen to an incident, whoever causes it: REST, events, the control interface, the clock or the story. Each act
//! changes the record, writes the log entry and tells the webhooks. Callers have checked that the act is allowed.

mod alerts;
mod assign;
mod people;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::book::{Agent, Alert, By, FIRST_NUMBER, Incident, LogEntry, Status};
use super::channel::{Body, Channel, Extra, Raised};
use super::clock::plus_s;
use super::state::{State, Timer};

pub(crate) use people::{NewNote, Request};

/// A new incident as its maker wants it.
#[derive(Debug, Clone)]
pub(crate) struct Opening {
    pub service: usize,
    pub title: String,
    pub key: String,
    pub kind: String,
    pub urgency: String,
    pub policy: Option<usize>,
    pub assignee: Option<usize>,
    pub priority: Option<usize>,
    pub body: Option<Body>,
    pub bridge: Option<Value>,
    pub alert: Option<NewAlert>,
}

#[derive(Debug, Clone)]
pub(crate) struct NewAlert {
    pub summary: String,
    pub service: usize,
    pub severity: String,
    pub raised: Arc<Raised>,
}

impl By {
    pub(crate) fn user(user: usize, channel: &'static str) -> Self {
        Self { agent: Agent::User(user), channel: Channel::Plain(channel), client: None }
    }

    fn clock(service: usize) -> Self {
        Self { agent: Agent::Clock(service), channel: Channel::Plain("timeout"), client: None }
    }
}

impl State {
    pub(crate) fn open(&mut self, opening: Opening, by: &By) -> usize {
        let id = self.dice.code("Q", 14);
        let index = self.book.push(self.blank(id, &opening, by));
        self.account.services[opening.service].last_incident = Some(self.now);
        let entry = self.log(index, "trigger", by, Extra::None);
        if let Some(alert) = opening.alert {
            self.attach_alert(index, alert, &opening.key, entry);
        }
        let users = match opening.assignee {
            Some(user) => vec![user],
            None => self.account.responders(self.book.incidents[index].policy, 0, self.now),
        };
        self.put_on(index, &users, by);
        self.arm_escalation(index);
        self.arm_auto_resolve(index);
        self.tell_incident(index, "incident.triggered", by);
        if opening.assignee.is_some_and(|user| by.agent == Agent::User(user)) {
            self.acknowledge(index, by);
        }
        index
    }

    /// A new alert joins an open incident: a log entry, and nobody is told again.
    pub(crate) fn join(&mut self, index: usize, alert: NewAlert, key: &str, by: &By) {
        self.book.remember(index);
        let entry = self.log(index, "trigger", by, Extra::None);
        self.attach_alert(index, alert, key, entry);
    }

    fn blank(&self, id: String, opening: &Opening, by: &By) -> Incident {
        let service = &self.account.services[opening.service];
        Incident {
            number: FIRST_NUMBER + self.book.incidents.len() as u64,
            id,
            title: opening.title.clone(),
            key: opening.key.clone(),
            kind: opening.kind.clone(),
            service: opening.service,
            created: self.now,
            updated: self.now,
            status: Status::Triggered,
            changed: self.now,
            changed_by: by.agent,
            resolved: None,
            reopened: None,
            assignments: Vec::new(),
            assigned_via: if opening.assignee.is_some() { "direct_assignment" } else { "escalation_policy" },
            policy: opening.policy.unwrap_or(service.policy),
            level: 0,
            loops_done: 0,
            acks: Vec::new(),
            priority: opening.priority,
            urgency: opening.urgency.clone(),
            bridge: opening.bridge.clone(),
            body: opening.body.clone(),
            merged_into: None,
            alerts: Vec::new(),
            notes: Vec::new(),
            log: Vec::new(),
            responders: Vec::new(),
            requests: Vec::new(),
            updates: Vec::new(),
            escalate_at: None,
            unack_at: None,
            auto_resolve_at: None,
        }
    }

    fn attach_alert(&mut self, index: usize, new: NewAlert, key: &str, first_entry: String) {
        let alert = Alert {
            id: self.dice.code("Q", 14),
            key: key.to_owned(),
            summary: new.summary,
            service: new.service,
            created: self.now,
            resolved: None,
            severity: new.severity,
            raised: new.raised,
            first_entry,
        };
        self.book.open_keys.insert(alert.open_key(), index);
        self.book.incidents[index].alerts.push(alert);
    }

    /// Adds a log entry and returns its id.
    pub(crate) fn log(&mut self, index: usize, kind: &'static str, by: &By, extra: Extra) -> String {
        let id = self.dice.code("R", 26);
        let summary = self.summary_of(kind, by, &extra);
        let entry = LogEntry {
            id: id.clone(),
            kind,
            at: self.now,
            agent: by.agent,
            channel: by.channel.clone(),
            summary,
            note: None,
            extra,
        };
        self.book.write_down(index, entry);
        id
    }

    fn summary_of(&self, kind: &str, by: &By, extra: &Extra) -> String {
        let who = match by.agent {
            Agent::User(user) => self.account.users[user].name.clone(),
            Agent::Monitor(_) => "the API".into(),
            Agent::Mailbox(_) => "email".into(),
            Agent::Clock(_) => "timeout".into(),
        };
        let whom = extra.names(&self.account);
        match kind {
            "trigger" if matches!(by.agent, Agent::Monitor(_)) => "Triggered through the API".into(),
            "trigger" if matches!(by.agent, Agent::Mailbox(_)) => "Triggered via email".into(),
            "assign" => format!("Assigned to {whom} by {who}"),
            "notify" => format!("Notified {whom}"),
            "exhaust_escalation_path" => "Escalation path exhausted".into(),
            "repeat_escalation_path" => "Escalation path repeated".into(),
            _ => format!("{} by {who}", past_word(kind)),
        }
    }

    fn change_status(&mut self, index: usize, status: Status, by: &By) {
        let now = self.now;
        let incident = &mut self.book.incidents[index];
        incident.status = status;
        incident.changed = now;
        incident.changed_by = by.agent;
        self.book.refresh(index);
    }

    pub(crate) fn acknowledge(&mut self, index: usize, by: &By) {
        self.book.remember(index);
        self.change_status(index, Status::Acknowledged, by);
        let timeout_s = self.account.services[self.book.incidents[index].service].ack_timeout_s;
        let unack_at = timeout_s.map(|s| plus_s(self.now, s));
        let incident = &mut self.book.incidents[index];
        incident.escalate_at = None;
        if let Agent::User(user) = by.agent {
            incident.acks.retain(|(_, u)| *u != user);
            incident.acks.push((self.now, user));
        }
        self.arm_unacknowledge(index, unack_at);
        self.log(index, "acknowledge", by, timeout_s.map_or(Extra::None, Extra::AckTimeout));
        self.tell_incident(index, "incident.acknowledged", by);
    }

    pub(crate) fn unacknowledge(&mut self, index: usize, by: &By) {
        self.book.remember(index);
        self.change_status(index, Status::Triggered, by);
        let incident = &mut self.book.incidents[index];
        incident.acks.clear();
        incident.unack_at = None;
        self.log(index, "unacknowledge", by, Extra::None);
        self.arm_escalation(index);
        self.tell_incident(index, "incident.unacknowledged", by);
    }

    pub(crate) fn unacknowledge_by_clock(&mut self, index: usize) {
        let by = By::clock(self.book.incidents[index].service);
        self.unacknowledge(index, &by);
    }

    /// Resolves the incident and every alert in it.
    pub(crate) fn resolve(&mut self, index: usize, by: &By, resolution: Option<&str>) {
        self.book.remember(index);
        self.settle(index, by);
        self.log(index, "resolve", by, Extra::None);
        if let (Some(text), Some(entry)) = (resolution, self.book.incidents[index].log.last_mut().map(Arc::make_mut)) {
            entry.note = Some(text.to_owned());
        }
        self.tell_incident(index, "incident.resolved", by);
        if let (Some(text), Agent::User(user)) = (resolution, by.agent) {
            let content = format!("Resolution Note: {text}");
            self.annotate(index, NewNote { user, content, channel: "Resolution note" }, by);
        }
    }

    /// The part of a resolution that a merge shares.
    fn settle(&mut self, index: usize, by: &By) {
        self.change_status(index, Status::Resolved, by);
        let now = self.now;
        let incident = &mut self.book.incidents[index];
        incident.resolved = Some(now);
        incident.assignments.clear();
        incident.acks.clear();
        incident.escalate_at = None;
        incident.unack_at = None;
        incident.auto_resolve_at = None;
        for alert in incident.alerts.iter_mut().filter(|a| a.resolved.is_none()) {
            alert.resolved = Some(now);
            self.book.open_keys.remove(&alert.open_key());
        }
    }

    pub(crate) fn resolve_by_clock(&mut self, index: usize) {
        let by = By::clock(self.book.incidents[index].service);
        self.resolve(index, &by, None);
    }

    pub(crate) fn reopen(&mut self, index: usize, by: &By) {
        self.book.remember(index);
        self.change_status(index, Status::Triggered, by);
        let incident = &mut self.book.incidents[index];
        incident.resolved = None;
        incident.merged_into = None;
        incident.reopened = Some(self.now);
        incident.level = 0;
        let policy = incident.policy;
        let users = self.account.responders(policy, 0, self.now);
        self.log(index, "trigger", by, Extra::None);
        self.put_on(index, &users, by);
        self.arm_escalation(index);
        self.arm_auto_resolve(index);
        self.tell_incident(index, "incident.reopened", by);
    }

    pub(crate) fn arm_escalation(&mut self, index: usize) {
        let incident = &self.book.incidents[index];
        let rule = self.account.policies[incident.policy].rules.get(incident.level);
        let due = rule.filter(|_| incident.status == Status::Triggered).map(|r| plus_s(self.now, r.delay_min * 60));
        self.book.incidents[index].escalate_at = due;
        self.arm(due, Timer::Escalate(index));
    }

    fn arm_unacknowledge(&mut self, index: usize, due: Option<Timestamp>) {
        self.book.incidents[index].unack_at = due;
        self.arm(due, Timer::Unacknowledge(index));
    }

    fn arm_auto_resolve(&mut self, index: usize) {
        let service = self.book.incidents[index].service;
        let due = self.account.services[service].auto_resolve_s.map(|s| plus_s(self.now, s));
        self.book.incidents[index].auto_resolve_at = due;
        self.arm(due, Timer::AutoResolve(index));
    }

    fn arm(&mut self, due: Option<Timestamp>, timer: Timer) {
        if let Some(due) = due {
            self.at(due, timer);
        }
    }

    pub(crate) fn snooze(&mut self, index: usize, seconds: i64, by: &By) {
        if self.book.incidents[index].status != Status::Acknowledged {
            self.acknowledge(index, by);
        }
        self.book.remember(index);
        let until = plus_s(self.now, seconds);
        self.arm_unacknowledge(index, Some(until));
        self.log(index, "snooze", by, Extra::Changed(until));
    }
}

fn past_word(kind: &str) -> &str {
    match kind {
        "trigger" => "Triggered",
        "acknowledge" => "Acknowledged",
        "unacknowledge" => "Unacknowledged",
        "resolve" => "Resolved",
        "annotate" => "Note added",
        "escalate" => "Escalated",
        "delegate" => "Delegated",
        "snooze" => "Snoozed",
        "merge" => "Merged",
        "urgency_change" => "Urgency changed",
        "field_value_change" => "Field changed",
        "status_update" => "Status update published",
        "responder_request" => "Responders requested",
        "custom" => "Custom incident action run",
        _ => "Changed",
    }
}
