//! Whose things are: a mail by the service that its alert should go to, an incident by its service, our own registration by
//! the alert that it stands for, wherever it lies. Reads rows only; decides nothing else.

use crate::Settings;
use crate::read::ask_for_reading;
use duties::safety_net::of_dedup_key;
use model::customer;
use model::incident::{Incident, Ref};
use model::reference::{Kind, Thing};
use model::signal::Origin;
use model::{Scope, incident::IncidentData};
use std::collections::BTreeSet;
use store::{StoreError, Tx, dirty, nets, reference};

/// The customer of an incident.
pub async fn of_incident(tx: &mut Tx, settings: &Settings, incident: &Incident) -> Result<Option<String>, StoreError> {
    if let Some(customer) = of_registration(tx, incident).await? {
        return Ok(customer);
    }
    Ok(customer::of_incident(&settings.customers, &incident.data).map(str::to_owned))
}

/// Whose the alerts are that our registration stands for: it lies on a service that says nothing of that. Grouping over there
/// may put several into one incident, which is then nobody's unless all are one customer's. `None`: it is no registration.
async fn of_registration(tx: &mut Tx, incident: &Incident) -> Result<Option<Option<String>>, StoreError> {
    if !is_registration(&incident.data, incident) {
        return Ok(None);
    }
    let mut whose = BTreeSet::new();
    for net in keys(incident).filter_map(of_dedup_key).map(|(net, _)| net).collect::<BTreeSet<_>>() {
        if let Some(net) = nets::get(tx, net).await? {
            whose.insert(net.customer);
        }
    }
    let first = whose.first().cloned();
    Ok(if whose.len() > 1 { Some(None) } else { first })
}

fn is_registration(data: &IncidentData, incident: &Incident) -> bool {
    let is_ours = |key: Option<&str>| key.and_then(of_dedup_key).is_some();
    match data.incident_key.as_deref() {
        Some(key) => is_ours(Some(key)),
        None => !incident.alerts.is_empty() && incident.alerts.iter().all(|alert| is_ours(alert.key.as_deref())),
    }
}

fn keys(incident: &Incident) -> impl Iterator<Item = &str> {
    incident.alerts.iter().filter_map(|alert| alert.key.as_deref()).chain(incident.data.incident_key.as_deref())
}

/// The alert is another customer's, or nobody's, by now: so is the incident that we registered for it.
pub async fn moved(tx: &mut Tx, settings: &Settings, ours: Option<&str>) -> Result<(), StoreError> {
    let Some(ours) = ours else { return Ok(()) };
    dirty::mark(tx, dirty::READ, ours, Origin::Live).await?;
    ask_for_reading(tx, ours, None, !settings.key_mark.is_empty()).await
}

/// The customer of a service that a configuration names by id or name: by the customers' own words, else by what is known
/// of the service in PagerDuty.
pub async fn of_service(tx: &mut Tx, settings: &Settings, service: Option<&str>) -> Result<Option<String>, StoreError> {
    let Some(service) = service.filter(|_| !settings.customers.is_empty()) else { return Ok(None) };
    let as_told = Ref { id: service.to_owned(), name: service.to_owned(), ..Ref::default() };
    if let Some(customer) = customer::of_service(&settings.customers, &as_told, &[]) {
        return Ok(Some(customer.to_owned()));
    }
    let Some(known) = reference::service(tx, service).await? else { return Ok(None) };
    let teams = teams(tx, &known).await?;
    let known = Ref { id: known.id, name: known.name, ..Ref::default() };
    Ok(customer::of_service(&settings.customers, &known, &teams).map(str::to_owned))
}

/// The teams that own a service, of which it keeps the names.
async fn teams(tx: &mut Tx, service: &Thing) -> Result<Vec<Ref>, StoreError> {
    if service.names.is_empty() {
        return Ok(Vec::new());
    }
    let all = reference::list(tx, &Scope::All, Kind::Team).await?;
    let id = |name: &String| all.iter().find(|team| team.name == *name).map(|team| team.id.clone());
    let own = service.names.iter();
    Ok(own.map(|name| Ref { id: id(name).unwrap_or_default(), name: name.clone(), ..Ref::default() }).collect())
}
