//! Full objects of REST: incidents, alerts, notes, log entries and the account's things. Only renders; decides nothing.

use serde_json::{Value, json};

use super::account::{Account, Presence, ZONE};
use super::book::{Alert, Incident, LogEntry, Note, Status};
use super::clock::seconds;
use super::refs::{api, site, summary};
use super::state::State;

/// The `include[]` words of a request.
#[derive(Debug, Default, Clone)]
pub(crate) struct Include(pub Vec<String>);

impl Include {
    pub(crate) fn has(&self, word: &str) -> bool {
        self.0.iter().any(|w| w == word)
    }
}

impl State {
    pub(crate) fn incident(&self, index: usize, include: &Include) -> Value {
        let i = &self.book.incidents[index];
        let a = &self.account;
        let user = |u: usize, word: &str| {
            if include.has("users") || include.has(word) { a.user_full(u) } else { a.user_ref(u) }
        };
        let mut shown = json!({
            "id": i.id, "type": "incident", "summary": summary(i), "self": api(&format!("incidents/{}", i.id)),
            "html_url": site(&format!("incidents/{}", i.id)), "incident_number": i.number, "title": i.title,
            "created_at": seconds(i.created), "updated_at": seconds(i.updated), "status": i.status.word(), "incident_key": i.key,
            "service": if include.has("services") { self.service_full(i.service, &Include::default()) } else { a.service_ref(i.service) },
            "assignments": i.assignments.iter().map(|(at, u)| json!({ "at": seconds(*at), "assignee": user(*u, "assignees") })).collect::<Vec<_>>(),
            "acknowledgements": i.acks.iter().map(|(at, u)| json!({ "at": seconds(*at), "acknowledger": user(*u, "acknowledgers") })).collect::<Vec<_>>(),
            "assigned_via": i.assigned_via, "last_status_change_at": seconds(i.changed), "last_status_change_by": a.agent_ref(i.changed_by),
            "resolved_at": i.resolved.map(seconds), "first_trigger_log_entry": self.first_entry(i, include.has("first_trigger_log_entries")),
            "alert_counts": { "all": i.alerts.len(), "triggered": i.open_alerts(), "resolved": i.alerts.len() - i.open_alerts() },
            "is_mergeable": i.is_open(), "incident_type": { "name": i.kind },
        });
        let policy = if include.has("escalation_policies") {
            a.policy_full(i.policy, &Include::default())
        } else {
            a.policy_ref(i.policy)
        };
        let team = a.policies[i.policy].team;
        let rest = json!({
            "escalation_policy": policy,
            "teams": a.teams_shown(team, include.has("teams")),
            "pending_actions": pending(i), "alert_grouping": self.alert_grouping(i), "priority": i.priority.map(|p| a.priority_full(p)),
            "resolve_reason": self.resolve_reason(i), "conference_bridge": i.bridge, "urgency": i.urgency,
            "incidents_responders": i.responders.iter().map(|r| a.responder(i, r)).collect::<Vec<_>>(), "responder_requests": i.requests,
        });
        merge(&mut shown, rest);
        if let Some(body) = i.body.as_ref().filter(|_| include.has("body")) {
            shown["body"] = body.shown();
        }
        shown
    }

    pub(crate) fn resolve_reason(&self, incident: &Incident) -> Value {
        let Some(into) = incident.merged_into else { return Value::Null };
        json!({ "type": "merge_resolve_reason", "incident": self.account.incident_ref(&self.book.incidents[into]) })
    }

    fn first_entry(&self, incident: &Incident, whole: bool) -> Value {
        match incident.log.first() {
            Some(entry) if whole => self.log_entry(incident, entry, &Include::default()),
            Some(entry) => entry_ref(incident, entry),
            None => Value::Null,
        }
    }

    pub(crate) fn log_entry(&self, incident: &Incident, entry: &LogEntry, include: &Include) -> Value {
        let a = &self.account;
        let team = a.policies[incident.policy].team;
        let channel =
            if include.has("channels") { entry.channel.shown(a) } else { json!({ "type": entry.channel.kind() }) };
        let contexts = if entry.kind == "trigger" { entry.channel.contexts() } else { json!([]) };
        let mut shown = json!({
            "id": entry.id, "type": format!("{}_log_entry", entry.kind), "summary": entry.summary,
            "self": api(&format!("log_entries/{}?incident_id={}", entry.id, incident.id)),
            "html_url": site(&format!("incidents/{}/log_entries/{}", incident.id, entry.id)),
            "created_at": seconds(entry.at), "agent": a.agent_ref(entry.agent), "channel": channel,
            "incident": a.incident_ref(incident), "service": a.service_ref(incident.service),
            "teams": a.teams_shown(team, include.has("teams")), "contexts": contexts,
        });
        if entry.kind == "trigger" {
            shown["event_details"] = json!({ "description": incident.title });
        }
        if let Some(note) = &entry.note {
            shown["note"] = json!(note);
        }
        if include.has("services") {
            shown["service"] = self.service_full(incident.service, &Include::default());
        }
        entry.extra.write(a, &mut shown);
        shown
    }

    pub(crate) fn alert(&self, incident: &Incident, alert: &Alert) -> Value {
        let a = &self.account;
        json!({
            "id": alert.id, "type": "alert", "summary": alert.summary, "self": api(&format!("incidents/{}/alerts/{}", incident.id, alert.id)),
            "html_url": site(&format!("alerts/{}", alert.id)), "created_at": seconds(alert.created),
            "status": if alert.resolved.is_some() { "resolved" } else { "triggered" }, "resolved_at": alert.resolved.map(seconds),
            "alert_key": alert.key, "service": a.service_ref(alert.service), "first_trigger_log_entry": {
                "id": alert.first_entry, "type": "trigger_log_entry_reference", "summary": alert.raised.entry_summary(),
                "self": api(&format!("log_entries/{}?incident_id={}", alert.first_entry, incident.id)), "html_url": null },
            "incident": a.incident_ref(incident), "suppressed": false, "severity": alert.severity,
            "integration": a.source_ref(alert.raised.source(), alert.service),
            "body": alert.raised.alert_body(),
        })
    }

    pub(crate) fn note(&self, note: &Note) -> Value {
        json!({
            "id": note.id, "user": self.account.user_ref(note.user), "channel": { "summary": note.channel }, "content": note.content,
            "created_at": seconds(note.created), "updated_at": seconds(note.updated),
        })
    }

    /// A service's status follows its open incidents.
    fn service_status(&self, service: usize) -> &'static str {
        if self.account.services[service].disabled {
            return "disabled";
        }
        if self.account.in_maintenance(service, self.now) {
            return "maintenance";
        }
        let open = || self.book.open().map(|i| &self.book.incidents[i]).filter(|i| i.service == service);
        if open().any(|i| i.status == Status::Triggered) {
            "critical"
        } else if open().next().is_some() {
            "warning"
        } else {
            "active"
        }
    }

    pub(crate) fn service_full(&self, index: usize, include: &Include) -> Value {
        let s = &self.account.services[index];
        let a = &self.account;
        let mut shown = json!({
            "id": s.id, "type": "service", "summary": s.name, "self": api(&format!("services/{}", s.id)),
            "html_url": site(&format!("service-directory/{}", s.id)), "name": s.name, "description": s.description,
            "auto_resolve_timeout": s.auto_resolve_s, "acknowledgement_timeout": s.ack_timeout_s, "created_at": seconds(s.created),
            "status": self.service_status(index), "last_incident_timestamp": s.last_incident.map(seconds),
            "escalation_policy": if include.has("escalation_policies") { a.policy_full(s.policy, &Include::default()) } else { a.policy_ref(s.policy) },
            "teams": a.teams_shown(s.team, include.has("teams")), "integrations": a.integrations(index, include.has("integrations")),
        });
        let grouping = self.grouping_of(index);
        let rest = json!({
            "incident_urgency_rule": { "type": "constant", "urgency": s.urgency }, "support_hours": null, "scheduled_actions": [], "addons": [],
            "alert_creation": "create_alerts_and_incidents", "alert_grouping_parameters": { "type": grouping.map(|g| g.kind.word()), "config": grouping.map(|g| &g.config) },
            "auto_pause_notifications_parameters": { "enabled": s.auto_pause_s.is_some(), "timeout": s.auto_pause_s.unwrap_or_default() },
        });
        merge(&mut shown, rest);
        shown
    }
}

fn merge(into: &mut Value, more: Value) {
    if let (Value::Object(into), Value::Object(more)) = (into, more) {
        into.extend(more);
    }
}

fn entry_ref(incident: &Incident, entry: &LogEntry) -> Value {
    json!({
        "id": entry.id, "type": format!("{}_log_entry_reference", entry.kind), "summary": entry.summary,
        "self": api(&format!("log_entries/{}?incident_id={}", entry.id, incident.id)),
        "html_url": site(&format!("incidents/{}/log_entries/{}", incident.id, entry.id)),
    })
}

fn pending(incident: &Incident) -> Vec<Value> {
    let actions = [
        ("escalate", incident.escalate_at),
        ("unacknowledge", incident.unack_at),
        ("resolve", incident.auto_resolve_at),
    ];
    actions.into_iter().filter_map(|(kind, at)| at.map(|at| json!({ "type": kind, "at": seconds(at) }))).collect()
}

impl Account {
    pub(crate) fn user_full(&self, index: usize) -> Value {
        let u = &self.users[index];
        json!({
            "id": u.id, "type": "user", "summary": u.name, "self": api(&format!("users/{}", u.id)), "html_url": site(&format!("users/{}", u.id)),
            "name": u.name, "email": u.email, "time_zone": ZONE, "color": "green", "role": u.role,
            "avatar_url": site(&format!("avatars/{}.png", u.id)), "description": null, "invitation_sent": false, "job_title": u.title,
            "teams": u.teams.iter().map(|t| self.team_ref(*t)).collect::<Vec<_>>(), "contact_methods": [], "notification_rules": [],
        })
    }

    pub(crate) fn team_full(&self, index: usize) -> Value {
        let t = &self.teams[index];
        json!({
            "id": t.id, "type": "team", "summary": t.name, "self": api(&format!("teams/{}", t.id)), "html_url": site(&format!("teams/{}", t.id)),
            "name": t.name, "description": format!("Everything we run for {}", t.name), "default_role": "manager",
        })
    }

    pub(crate) fn policy_full(&self, index: usize, include: &Include) -> Value {
        let p = &self.policies[index];
        let rules: Vec<Value> = p
            .rules
            .iter()
            .map(|r| {
                let targets: Vec<Value> = r.targets.iter().map(|t| self.target_ref(*t)).collect();
                json!({ "id": r.id, "escalation_delay_in_minutes": r.delay_min, "targets": targets })
            })
            .collect();
        let of_policy = |s: &usize| self.services[*s].policy == index;
        json!({
            "id": p.id, "type": "escalation_policy", "summary": p.name, "self": api(&format!("escalation_policies/{}", p.id)),
            "html_url": site(&format!("escalation_policies/{}", p.id)), "name": p.name, "description": "The desk first, then the engineer of the week, then the leader",
            "num_loops": p.loops, "on_call_handoff_notifications": "if_has_services", "escalation_rules": rules,
            "services": (0..self.services.len()).filter(of_policy).map(|s| self.service_ref(s)).collect::<Vec<_>>(),
            "teams": self.teams_shown(p.team, include.has("teams")),
        })
    }

    pub(crate) fn priority_full(&self, index: usize) -> Value {
        let p = &self.priorities[index];
        json!({
            "id": p.id, "type": "priority", "summary": p.name, "self": api(&format!("priorities/{}", p.id)), "html_url": null,
            "name": p.name, "description": p.description, "color": p.color,
        })
    }

    /// Those that are not deleted: Events v2 first, then e-mail.
    fn integrations(&self, service: usize, whole: bool) -> Vec<Value> {
        let events = (self.services[service].events == Presence::Live).then(|| match whole {
            true => self.integration_full(service),
            false => self.integration_ref(service, "events_api_v2_inbound_integration_reference"),
        });
        let own = |m: &usize| self.mailboxes[*m].service == service && !self.mailboxes[*m].deleted;
        let mail = (0..self.mailboxes.len()).filter(own).map(|m| match whole {
            true => self.mailbox_full(m),
            false => self.mailbox_ref(m, "generic_email_inbound_integration_reference"),
        });
        events.into_iter().chain(mail).collect()
    }

    /// An e-mail integration with its rules.
    pub(crate) fn mailbox_full(&self, mailbox: usize) -> Value {
        let own = &self.mailboxes[mailbox];
        let mut shown = self.mailbox_ref(mailbox, "generic_email_inbound_integration");
        let rest = json!({
            "name": own.name, "service": self.service_ref(own.service), "created_at": seconds(own.created), "integration_email": own.address,
        });
        merge(&mut shown, rest);
        merge(&mut shown, serde_json::to_value(&own.rules).unwrap_or_default());
        shown
    }

    pub(crate) fn integration_full(&self, service: usize) -> Value {
        let s = &self.services[service];
        let mut shown = self.integration_ref(service, "events_api_v2_inbound_integration");
        shown["name"] = json!("Events API V2");
        shown["service"] = self.service_ref(service);
        shown["created_at"] = json!(seconds(s.created));
        shown["integration_key"] = json!(s.routing_key);
        shown
    }
}
