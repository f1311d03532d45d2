//! Which customer an incident belongs to: by service, team or a text in the service's name. First match in the
//! configuration's order wins; what matches nothing belongs to nobody and is seen by those who see everything.

use crate::incident::IncidentData;
use serde::{Deserialize, Serialize};

/// One `[[customer]]` of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    pub id: String,
    pub name: String,
    /// PagerDuty service ids or exact names.
    pub services: Vec<String>,
    /// PagerDuty team ids or exact names.
    pub teams: Vec<String>,
    /// Texts that the service's name contains.
    pub service_contains: Vec<String>,
}

/// The id of the customer that this incident belongs to.
pub fn of_incident<'a>(customers: &'a [Customer], incident: &IncidentData) -> Option<&'a str> {
    customers.iter().find(|c| matches(c, incident)).map(|c| c.id.as_str())
}

fn matches(customer: &Customer, incident: &IncidentData) -> bool {
    let service = incident.service.as_ref().is_some_and(|s| {
        customer.services.iter().any(|want| *want == s.id || *want == s.name)
            || customer.service_contains.iter().any(|part| s.name.contains(part.as_str()))
    });
    service || incident.teams.iter().any(|t| customer.teams.iter().any(|want| *want == t.id || *want == t.name))
}
