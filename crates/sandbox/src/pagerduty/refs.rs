//! References, as every answer and webhook carries them. Never a full object.

use serde_json::{Value, json};

use super::account::{Account, Source, Target};
use super::book::{Agent, Incident, Responder};
use super::clock::seconds;

const API: &str = "https://api.pagerduty.com";
const SITE: &str = "https://example.pagerduty.com";

pub(crate) fn api(path: &str) -> String {
    format!("{API}/{path}")
}

pub(crate) fn site(path: &str) -> String {
    format!("{SITE}/{path}")
}

fn reference(kind: &str, id: &str, summary: &str, (own, shown): (&str, &str)) -> Value {
    json!({ "id": id, "type": kind, "summary": summary, "self": api(&format!("{own}/{id}")), "html_url": site(&format!("{shown}/{id}")) })
}

impl Account {
    pub(crate) fn user_ref(&self, user: usize) -> Value {
        let user = &self.users[user];
        reference("user_reference", &user.id, &user.name, ("users", "users"))
    }

    pub(crate) fn service_ref(&self, service: usize) -> Value {
        let service = &self.services[service];
        reference("service_reference", &service.id, &service.name, ("services", "service-directory"))
    }

    /// Webhooks still carry the older page address of a service.
    pub(crate) fn service_ref_in_webhook(&self, service: usize) -> Value {
        let service = &self.services[service];
        reference("service_reference", &service.id, &service.name, ("services", "services"))
    }

    pub(crate) fn team_ref(&self, team: usize) -> Value {
        let team = &self.teams[team];
        reference("team_reference", &team.id, &team.name, ("teams", "teams"))
    }

    /// The teams of what one team owns, or nobody.
    pub(crate) fn teams_shown(&self, team: Option<usize>, is_full: bool) -> Vec<Value> {
        team.into_iter().map(|team| if is_full { self.team_full(team) } else { self.team_ref(team) }).collect()
    }

    pub(crate) fn policy_ref(&self, policy: usize) -> Value {
        let policy = &self.policies[policy];
        reference(
            "escalation_policy_reference",
            &policy.id,
            &policy.name,
            ("escalation_policies", "escalation_policies"),
        )
    }

    pub(crate) fn schedule_ref(&self, schedule: usize) -> Value {
        let schedule = &self.schedules[schedule];
        reference("schedule_reference", &schedule.id, &schedule.name, ("schedules", "schedules"))
    }

    pub(crate) fn target_ref(&self, target: Target) -> Value {
        match target {
            Target::User(user) => self.user_ref(user),
            Target::Schedule(schedule) => self.schedule_ref(schedule),
        }
    }

    pub(crate) fn priority_ref(&self, priority: usize) -> Value {
        let priority = &self.priorities[priority];
        reference("priority_reference", &priority.id, priority.name, ("priorities", "account/incident_priorities"))
    }

    pub(crate) fn integration_ref(&self, service: usize, kind: &str) -> Value {
        let service = &self.services[service];
        let own = format!("services/{}/integrations", service.id);
        let shown = format!("services/{}/integrations", service.id);
        reference(kind, &service.integration, "Events API V2", (&own, &shown))
    }

    pub(crate) fn mailbox_ref(&self, mailbox: usize, kind: &str) -> Value {
        let own = &self.mailboxes[mailbox];
        let path = format!("services/{}/integrations", self.services[own.service].id);
        reference(kind, &own.id, &own.name, (&path, &path))
    }

    /// The integration by which an alert came. An orchestration hands its events on to the service's own.
    pub(crate) fn source_ref(&self, source: Source, service: usize) -> Value {
        match source {
            Source::Mail(mailbox) => self.mailbox_ref(mailbox, "generic_email_inbound_integration_reference"),
            Source::Events(own) => self.integration_ref(own, "events_api_v2_inbound_integration_reference"),
            Source::Orchestration(_) => self.integration_ref(service, "events_api_v2_inbound_integration_reference"),
        }
    }

    pub(crate) fn incident_ref(&self, incident: &Incident) -> Value {
        reference("incident_reference", &incident.id, &summary(incident), ("incidents", "incidents"))
    }

    /// REST knows a monitor by its service.
    pub(crate) fn agent_ref(&self, agent: Agent) -> Value {
        match agent {
            Agent::User(user) => self.user_ref(user),
            Agent::Monitor(service) | Agent::Clock(service) => self.service_ref(service),
            Agent::Mailbox(mailbox) => self.service_ref(self.mailboxes[mailbox].service),
        }
    }

    /// Webhooks know a monitor by its integration, and the clock by nothing.
    pub(crate) fn agent_in_webhook(&self, agent: Agent) -> Value {
        match agent {
            Agent::User(user) => self.user_ref(user),
            Agent::Monitor(service) => self.integration_ref(service, "inbound_integration_reference"),
            Agent::Mailbox(mailbox) => self.mailbox_ref(mailbox, "inbound_integration_reference"),
            Agent::Clock(_) => Value::Null,
        }
    }

    pub(crate) fn responder(&self, incident: &Incident, responder: &Responder) -> Value {
        json!({
            "state": responder.state, "user": self.user_ref(responder.user), "incident": self.incident_ref(incident),
            "updated_at": seconds(responder.updated), "message": responder.message,
            "requester": self.user_ref(responder.requester), "requested_at": seconds(responder.requested), "escalation_policy_requests": [],
        })
    }
}

pub(crate) fn summary(incident: &Incident) -> String {
    format!("[#{}] {}", incident.number, incident.title)
}
