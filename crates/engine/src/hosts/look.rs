//! An incident's hosts are looked for when it begins, and again while what it says changes; what fits runs there. Never for history,
//! and never twice the same.

use super::ask::{self, For, Made, Wish};
use super::{Estate, Hosts};
use crate::Settings;
use duties::diagnose::Mode;
use duties::inventory::facts::Facts;
use duties::inventory::find::find;
use duties::runbooks::{Facts as Known, Runbook};
use model::Scope;
use model::host::Host;
use model::incident::{Incident, Status, fold};
use model::plan::Words;
use model::signal::Origin;
use model::visit::{Asked, Held, Visit};
use std::collections::BTreeMap;
use store::runs::{self, Filter};
use store::{StoreError, Tx, facts, mails, visits};

/// An incident that has been open longer has been looked at by people.
const NEW_FOR_S: i64 = 15 * 60;
/// A host that was looked at so short ago is not asked again: what came back then stands beside the incident.
const FRESH_S: i64 = 120;

/// Mails of an incident that may name a host.
const MOST_MAILS: i64 = 20;

/// By whom hosts are looked at, beside the incident's beginning.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// This one alone, whatever it is made for.
    pub runbook: Option<&'a str>,
    pub reason: &'static str,
    pub by: &'a str,
    pub nonce: &'a str,
}

/// An incident is another than it was.
pub async fn incident_changed(
    tx: &mut Tx,
    settings: &Settings,
    incident: &Incident,
    customer: Option<&str>,
    origin: Option<Origin>,
) -> Result<(), StoreError> {
    let Some(hosts) = &settings.hosts else { return Ok(()) };
    let data = &incident.data;
    let created_at = data.created_at.unwrap_or(incident.changed_at);
    let is_new = tx.now().since(created_at) <= NEW_FOR_S * 1_000_000;
    if !origin.is_some_and(Origin::may_act) || data.status == Status::Resolved || !is_new {
        return Ok(());
    }
    let told = told(tx, incident, customer).await?;
    let digest = digest(&told, incident);
    let before = visits::get(tx, &data.id).await?;
    if before.as_ref().is_some_and(|visit| visit.facts == digest) {
        return Ok(());
    }
    let visit = visit(tx, hosts, incident, &told, None).await?;
    take_in(tx, settings, &data.id, &visit).await?;
    save(tx, hosts, incident, customer, &digest, visit, before).await
}

/// Runs that were made for something else a moment before stand beside this incident too, and what they found is told there.
async fn take_in(tx: &mut Tx, settings: &Settings, incident: &str, visit: &Visit) -> Result<(), StoreError> {
    for asked in &visit.asked {
        let Some(run) = runs::get(tx, asked.run).await? else { continue };
        if run.incident.as_deref() == Some(incident) {
            continue;
        }
        runs::stand_beside(tx, run.id, incident).await?;
        if run.ended_at.is_some() {
            super::say::told_of(tx, settings, incident, &run).await?;
        }
    }
    Ok(())
}

/// Somebody wants it looked at now. `None`: there is no such incident.
pub async fn again(
    tx: &mut Tx,
    settings: &Settings,
    hosts: &Hosts,
    id: &str,
    asking: Asking<'_>,
) -> Result<Option<Visit>, StoreError> {
    let all = facts::of(tx, id).await?;
    let Some(incident) = fold(&all) else { return Ok(None) };
    let customer = crate::net::customer(tx, settings, &incident).await?;
    let told = told(tx, &incident, customer.as_deref()).await?;
    let visit = visit(tx, hosts, &incident, &told, Some(asking)).await?;
    let before = visits::get(tx, id).await?;
    save(tx, hosts, &incident, customer.as_deref(), &digest(&told, &incident), visit.clone(), before).await?;
    Ok(Some(visit))
}

/// What was asked for earlier stays beside the incident.
async fn save(
    tx: &mut Tx,
    hosts: &Hosts,
    incident: &Incident,
    customer: Option<&str>,
    digest: &str,
    mut visit: Visit,
    before: Option<visits::Visit>,
) -> Result<(), StoreError> {
    let earlier = before.and_then(|before| serde_json::from_str::<Visit>(&before.found).ok()).unwrap_or_default();
    for asked in earlier.asked {
        if !visit.asked.contains(&asked) {
            visit.asked.push(asked);
        }
    }
    visit.asked.sort_by_key(|asked| asked.run);
    let found = serde_json::to_string(&visit).map_err(|error| StoreError::Bug(error.to_string()))?;
    let mode = hosts.settings.mode.as_str();
    visits::save(tx, &incident.data.id, customer, digest, &found, mode).await
}

async fn told(tx: &mut Tx, incident: &Incident, customer: Option<&str>) -> Result<Facts, StoreError> {
    let service = incident.data.service.as_ref().map(|service| service.name.clone());
    let mails = mails::list_of_incident(tx, &Scope::All, &incident.data.id, MOST_MAILS).await?;
    let mail_hosts = mails.into_iter().filter_map(|mail| mail.host).collect();
    Ok(Facts {
        title: incident.data.title.clone(),
        bodies: incident.alerts.iter().map(|alert| alert.title.clone()).collect(),
        details: incident.alerts.iter().map(|alert| alert.body.clone()).filter(|body| !body.is_null()).collect(),
        service,
        mail_hosts,
        customer: customer.map(str::to_owned),
    })
}

/// Of all that a host or a runbook may be found by.
fn digest(told: &Facts, incident: &Incident) -> String {
    let text = serde_json::json!([
        told.title,
        told.bodies,
        told.details,
        told.service,
        told.mail_hosts,
        told.customer,
        incident.data.urgency
    ]);
    model::connection::short_digest(text.to_string().as_bytes())
}

async fn visit(
    tx: &mut Tx,
    hosts: &Hosts,
    incident: &Incident,
    told: &Facts,
    asking: Option<Asking<'_>>,
) -> Result<Visit, StoreError> {
    let estate = hosts.estate();
    let found = find(&estate.inventory, told, hosts.settings.most_hosts);
    let mut visit = found.visit();
    for (host, _) in &found.hosts {
        for runbook in chosen(&estate, incident, told, host, asking) {
            one(tx, hosts, &estate, (incident, told), (host, runbook), asking, &mut visit).await?;
        }
    }
    Ok(visit)
}

/// The runbooks that know the incident on this host, or the one that was asked for.
fn chosen<'a>(
    estate: &'a Estate,
    incident: &Incident,
    told: &Facts,
    host: &Host,
    asking: Option<Asking<'_>>,
) -> Vec<&'a Runbook> {
    if let Some(name) = asking.and_then(|asking| asking.runbook) {
        return estate.runbooks.get(name).into_iter().collect();
    }
    let known = Known {
        title: told.title.clone(),
        service: told.service.clone().unwrap_or_default(),
        urgency: incident.data.urgency.as_str().to_owned(),
        customer: told.customer.clone().unwrap_or_default(),
        host: host.name.clone(),
        kinds: host.groups.iter().cloned().chain(host.tags.values().cloned()).collect(),
        ..Known::default()
    };
    estate.runbooks.for_incident(&known)
}

async fn one(
    tx: &mut Tx,
    hosts: &Hosts,
    estate: &Estate,
    (incident, told): (&Incident, &Facts),
    (host, runbook): (&Host, &Runbook),
    asking: Option<Asking<'_>>,
    visit: &mut Visit,
) -> Result<(), StoreError> {
    let id = &incident.data.id;
    let held = |why: Words| Held { host: host.name.clone(), runbook: runbook.name.clone(), why };
    if let Some(why) = held_back(tx, hosts, estate, runbook, asking).await? {
        visit.held_back.push(held(why));
        return Ok(());
    }
    if asking.is_none()
        && let Some(run) = fresh(tx, host, runbook).await?
    {
        visit.asked.push(Asked { run, host: host.name.clone(), runbook: runbook.name.clone() });
        return Ok(());
    }
    let nothing = BTreeMap::new();
    let (reason, by, nonce) = asking.map_or(("incident", "system", "1"), |a| (a.reason, a.by, a.nonce));
    let wish = Wish {
        key: format!("diagnose/{id}/{}/{}/{nonce}", host.name.to_ascii_lowercase(), runbook.name),
        host,
        runbook,
        parameters: &nothing,
        incident: Some(For { id, customer: told.customer.as_deref() }),
        reason,
        asked_by: by,
    };
    match ask::make(tx, hosts, estate, &wish).await? {
        Made::Run(run) => {
            visit.asked.push(Asked { run, host: host.name.clone(), runbook: runbook.name.clone() });
        }
        Made::Refused(why) => visit.held_back.push(held(why)),
    }
    Ok(())
}

/// Why it does not run by itself.
async fn held_back(
    tx: &mut Tx,
    hosts: &Hosts,
    estate: &Estate,
    runbook: &Runbook,
    asking: Option<Asking<'_>>,
) -> Result<Option<Words>, StoreError> {
    if asking.is_some() {
        return Ok(None);
    }
    if hosts.settings.mode == Mode::Observe {
        return Ok(Some(Words::new(
            "[diagnose] mode is \"observe\": it would have been run; a person may run it here",
            "[diagnose] の mode が \"observe\" のため実行していません。ここから手動で実行できます",
        )));
    }
    if !ask::is_free(tx, estate, runbook).await? {
        return Ok(Some(Words::new(
            "this version of the runbook is approved by nobody yet: an admin does that on its page; until then a person may run it here",
            "この版の手順書はまだ承認されていません。管理者が手順書のページで承認してください。それまではここから手動で実行できます",
        )));
    }
    Ok(None)
}

/// A run of the same on the same host that is under way or was a moment ago.
async fn fresh(tx: &mut Tx, host: &Host, runbook: &Runbook) -> Result<Option<i64>, StoreError> {
    let filter = Filter { host: Some(host.name.clone()), runbook: Some(runbook.name.clone()), ..Filter::default() };
    let since = tx.now().plus_s(-FRESH_S);
    let last = runs::list(tx, &Scope::All, &filter, 1).await?.into_iter().next();
    Ok(last
        .filter(|run| run.runbook_digest == runbook.digest && run.customer == host.customer)
        .filter(|run| run.queued_at >= since && (run.ended_at.is_none() || run.state == "done"))
        .map(|run| run.id))
}

/// A run that somebody asked for stands beside the incident.
pub async fn beside(
    tx: &mut Tx,
    incident: Option<&str>,
    run: i64,
    host: &str,
    runbook: &str,
) -> Result<(), StoreError> {
    let Some(incident) = incident else { return Ok(()) };
    let Some(kept) = visits::get(tx, incident).await? else { return Ok(()) };
    let mut visit: Visit = serde_json::from_str(&kept.found).unwrap_or_default();
    visit.asked.push(Asked { run, host: host.to_owned(), runbook: runbook.to_owned() });
    let found = serde_json::to_string(&visit).map_err(|error| StoreError::Bug(error.to_string()))?;
    visits::save(tx, incident, kept.customer.as_deref(), &kept.facts, &found, &kept.mode).await
}
