//! Which customer an incident belongs to: by service, team or a text in the service's name. First match in the
//! configuration's order wins; what matches nothing belongs to nobody and is seen by those who see everything.

use crate::incident::{IncidentData, Ref};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What may leave to PagerDuty and Slack of what a customer's hosts answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Share {
    /// Only that something was looked at.
    None,
    /// The findings in short.
    #[default]
    Digest,
    /// The answers too.
    Full,
}

impl Share {
    pub const ALL: [Self; 3] = [Self::None, Self::Digest, Self::Full];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Digest => "digest",
            Self::Full => "full",
        }
    }
}

/// One `[[customer]]` of the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    pub id: String,
    pub name: String,
    /// PagerDuty service ids or exact names.
    pub services: Vec<String>,
    /// PagerDuty team ids or exact names.
    pub teams: Vec<String>,
    /// Texts that the service's name contains.
    pub service_contains: Vec<String>,
    /// The Slack channel that hears of its incidents.
    #[serde(default)]
    pub slack_channel: Option<String>,
    /// The name of the hours in which it is served.
    #[serde(default)]
    pub hours: Option<String>,
    /// Holidays of its own, by their names.
    #[serde(default)]
    pub days: BTreeMap<Date, String>,
    #[serde(default)]
    pub share: Share,
}

/// The id of the customer that this incident belongs to.
pub fn of_incident<'a>(customers: &'a [Customer], incident: &IncidentData) -> Option<&'a str> {
    customers.iter().find(|c| matches(c, incident)).map(|c| c.id.as_str())
}

/// The same of a service and the teams that own it.
pub fn of_service<'a>(customers: &'a [Customer], service: &Ref, teams: &[Ref]) -> Option<&'a str> {
    customers.iter().find(|c| has(c, service) || answers(c, teams)).map(|c| c.id.as_str())
}

fn matches(customer: &Customer, incident: &IncidentData) -> bool {
    incident.service.as_ref().is_some_and(|service| has(customer, service)) || answers(customer, &incident.teams)
}

fn has(customer: &Customer, service: &Ref) -> bool {
    customer.services.iter().any(|want| *want == service.id || *want == service.name)
        || customer.service_contains.iter().any(|part| service.name.contains(part.as_str()))
}

fn answers(customer: &Customer, teams: &[Ref]) -> bool {
    teams.iter().any(|team| customer.teams.iter().any(|want| *want == team.id || *want == team.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(id: &str, name: &str) -> Ref {
        Ref { id: id.into(), name: name.into(), ..Ref::default() }
    }

    #[test]
    fn the_first_customer_that_has_the_service_or_its_team_is_meant() {
        let customer = |id: &str, services: &[&str], teams: &[&str], parts: &[&str]| {
            let all = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
            let (services, teams, service_contains) = (all(services), all(teams), all(parts));
            Customer { id: id.into(), name: id.into(), services, teams, service_contains, ..Customer::default() }
        };
        let customers = [
            customer("hoshino", &["S1", "Shop"], &[], &[]),
            customer("minato", &[], &["T2", "Payments"], &[]),
            customer("kitakaze", &[], &[], &["Kitakaze /"]),
        ];
        let none: &[Ref] = &[];
        let (payments, other) = ([named("T2", "x")], [named("T9", "Payments")]);
        for (service, teams, wanted) in [
            (named("S1", "anything"), none, Some("hoshino")),
            (named("S9", "Shop"), &payments[..], Some("hoshino")),
            (named("S9", "x"), &payments[..], Some("minato")),
            (named("S9", "Kitakaze / db"), &other[..], Some("minato")),
            (named("S9", "Kitakaze / db"), none, Some("kitakaze")),
            (named("S9", "x"), none, None),
        ] {
            assert_eq!(of_service(&customers, &service, teams), wanted, "{service:?} {teams:?}");
        }
    }
}
