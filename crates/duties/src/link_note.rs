//! The link note: each new incident gets one note with the address of its page here, so that whoever is paged finds the
//! storehouse from PagerDuty. Never touches an incident from history.

use crate::Decision;
use model::Micros;
use model::action::{Action, Effect, Precondition, Queue};
use model::incident::{Incident, Status};
use model::signal::Origin;

/// An incident that has been open longer than this has its readers already; a note would only wake them again.
const NEW_FOR_S: i64 = 15 * 60;

#[derive(Clone, Debug)]
pub struct Settings {
    /// Where people reach us, without a trailing slash; empty when nobody said.
    pub public_url: String,
}

/// Decides on the note, from the incident as it now is. The action's key makes it one note for ever.
pub fn decide(
    settings: &Settings,
    incident: &Incident,
    customer: Option<&str>,
    origin: Origin,
    now: Micros,
) -> Decision {
    let data = &incident.data;
    let created_at = data.created_at.unwrap_or(incident.changed_at);
    let is_new = now.since(created_at) <= NEW_FOR_S * 1_000_000;
    if settings.public_url.is_empty() || !origin.may_act() || data.status == Status::Resolved || !is_new {
        return Decision::default();
    }
    let marker = marker(&data.id);
    Decision::act(Action {
        key: format!("link_note/{}/new/1", data.id),
        duty: "link_note".into(),
        subject: data.id.clone(),
        lane: format!("incident:{}", data.id),
        effect: Effect::Note {
            incident: data.id.clone(),
            text: format!("Arayashiki: {}/incidents/{} {marker}", settings.public_url, data.id),
            marker,
        },
        not_before: None,
        not_after: Some(created_at.plus_s(2 * NEW_FOR_S)),
        precondition: Precondition::IncidentOpen { incident: data.id.clone() },
        why: "a new incident gets the address of its page".into(),
        customer: customer.map(str::to_owned),
        queue: Queue::Live,
    })
}

/// What the note is found by again, before it is ever sent twice.
pub fn marker(incident: &str) -> String {
    format!("[arayashiki:link:{incident}]")
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::incident::{IncidentData, Urgency};

    fn incident(status: Status) -> Incident {
        Incident {
            data: IncidentData {
                id: "Q1".into(),
                number: Some(1),
                title: "t".into(),
                status,
                urgency: Urgency::High,
                html_url: None,
                incident_key: None,
                incident_type: None,
                created_at: Some(Micros::from_seconds(1_000)),
                updated_at: None,
                resolved_at: None,
                service: None,
                teams: vec![],
                assignees: vec![],
                escalation_policy: None,
                priority: None,
                acknowledgements: None,
                resolve_reason: None,
                alert_counts: None,
                conference_bridge: None,
            },
            acknowledged_at: None,
            acknowledgements: vec![],
            notes: vec![],
            alerts: vec![],
            snapshot_at: None,
            stale: false,
            changed_at: Micros::from_seconds(1_000),
        }
    }

    #[test]
    fn one_note_for_a_new_open_live_incident_and_for_no_other() {
        let settings = Settings { public_url: "https://ops.example.jp".into() };
        let now = Micros::from_seconds(1_010);
        let decide = |i: &Incident, o, n| super::decide(&settings, i, None, o, n).actions.len();
        assert_eq!(decide(&incident(Status::Triggered), Origin::Live, now), 1);
        assert_eq!(decide(&incident(Status::Acknowledged), Origin::Repair, now), 1);
        assert_eq!(decide(&incident(Status::Resolved), Origin::Live, now), 0);
        assert_eq!(decide(&incident(Status::Triggered), Origin::Backfill, now), 0);
        assert_eq!(decide(&incident(Status::Triggered), Origin::Replay, now), 0);
        assert_eq!(decide(&incident(Status::Triggered), Origin::Live, now.plus_s(3_600)), 0);
        let nowhere = Settings { public_url: String::new() };
        assert_eq!(super::decide(&nowhere, &incident(Status::Triggered), None, Origin::Live, now), Decision::default());
    }

    #[test]
    fn the_text_carries_the_address_and_the_marker() {
        let settings = Settings { public_url: "https://ops.example.jp".into() };
        let decision = super::decide(
            &settings,
            &incident(Status::Triggered),
            Some("aoba"),
            Origin::Live,
            Micros::from_seconds(1_001),
        );
        let Effect::Note { text, marker, .. } = &decision.actions[0].effect else { unreachable!() };
        assert!(text.contains("https://ops.example.jp/incidents/Q1") && text.contains(marker.as_str()));
    }
}
