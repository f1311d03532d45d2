//! Runs are asked for: a plan of exactly what is to be run where, once for each key, as a job in its host's lane. Whoever asks, the
//! same is checked here.

use super::{Estate, Hosts};
use crate::Settings;
use duties::diagnose::DUTY;
use duties::runbooks::{Runbook, Where};
use model::action::{Action, Effect, Precondition, Queue};
use model::host::{Host, Refusal, eligible};
use model::plan::{Class, Words};
use std::collections::BTreeMap;
use store::actions::{self, Doing};
use store::runs::{self, New};
use store::{StoreError, Tx, incidents, runbook_approvals};

/// A run that somebody wants.
#[derive(Clone, Debug)]
pub struct Wish<'a> {
    /// Unique for ever: the same wish is one run.
    pub key: String,
    pub host: &'a Host,
    pub runbook: &'a Runbook,
    pub parameters: &'a BTreeMap<String, String>,
    pub incident: Option<For<'a>>,
    /// As the store has it: incident, button, schedule, baseline, command or pagerduty.
    pub reason: &'static str,
    pub asked_by: &'a str,
}

/// The incident that a run is for.
#[derive(Clone, Copy, Debug)]
pub struct For<'a> {
    pub id: &'a str,
    pub customer: Option<&'a str>,
}

/// What became of a wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Made {
    /// Its number. The same wish again gives the same run.
    Run(i64),
    Refused(Words),
}

/// Makes the run, unless it is not to be.
pub async fn make(tx: &mut Tx, hosts: &Hosts, estate: &Estate, wish: &Wish<'_>) -> Result<Made, StoreError> {
    if let Some(why) = refused(estate, wish) {
        return Ok(Made::Refused(why));
    }
    let at = Where { host: wish.host.name.clone(), hops: wish.host.via.clone(), customer: wish.host.customer.clone() };
    let plan = match hosts.settings.bounded(wish.runbook).plan(at, wish.parameters) {
        Ok(plan) => plan,
        Err(wrong) => {
            let wrong: Vec<String> = wrong.iter().map(ToString::to_string).collect();
            let wrong = wrong.join("; ");
            return Ok(Made::Refused(Words::new(wrong.clone(), wrong)));
        }
    };
    let (text, digest) = match (serde_json::to_string(&plan), plan.digest()) {
        (Ok(text), Ok(digest)) => (text, digest),
        (Err(error), _) => return Err(StoreError::Bug(error.to_string())),
        (_, Err(error)) => return Err(StoreError::Bug(error.to_string())),
    };
    let steps: Vec<String> = plan.steps.iter().map(|step| step.name.clone()).collect();
    let new = New {
        key: &wish.key,
        incident: wish.incident.map(|incident| incident.id),
        host: &wish.host.name,
        customer: wish.host.customer.as_deref(),
        runbook: &wish.runbook.name,
        runbook_digest: &wish.runbook.digest,
        class: plan.class.as_str(),
        reason: wish.reason,
        asked_by: wish.asked_by,
        plan: &text,
        plan_digest: &digest,
        steps: &steps,
    };
    let Some(run) = runs::add(tx, &new).await? else {
        let known = runs::by_key(tx, &wish.key).await?;
        return known.map(|run| Made::Run(run.id)).ok_or_else(|| StoreError::Bug("a run went away".into()));
    };
    actions::add(tx, &action(wish, run), Doing::Really).await?;
    Ok(Made::Run(run))
}

fn action(wish: &Wish<'_>, run: i64) -> Action {
    Action {
        key: wish.key.clone(),
        duty: DUTY.into(),
        subject: wish.incident.map_or_else(|| format!("host/{}", wish.host.name), |incident| incident.id.to_owned()),
        // One run at a time on a host: it may be in trouble enough.
        lane: format!("host:{}", wish.host.name.to_ascii_lowercase()),
        effect: Effect::Run { run },
        not_before: None,
        not_after: None,
        precondition: Precondition::None,
        why: format!("{} on {}", wish.runbook.name, wish.host.name),
        customer: wish.host.customer.clone(),
        queue: Queue::Ssh,
    }
}

fn refused(estate: &Estate, wish: &Wish<'_>) -> Option<Words> {
    if wish.runbook.class != Class::Read {
        return Some(Words::new(
            format!("{} changes hosts; only runbooks that look can be run", wish.runbook.name),
            format!("{} はホストを変更します。実行できるのは参照のみの手順書です", wish.runbook.name),
        ));
    }
    let incident = wish.incident?;
    let refusal = eligible(wish.host, incident.customer, estate.inventory.are_customers()).err()?;
    let host = &wish.host.name;
    Some(match refusal {
        Refusal::AnotherCustomer => Words::new(
            format!("{host} is another customer's than the incident"),
            format!("{host} はこのインシデントとは別のお客様のホストです"),
        ),
        Refusal::IncidentOfNobody => Words::new(
            format!("the incident is no customer's, and {host} is one's"),
            format!("このインシデントはお客様に紐付いていませんが、{host} はお客様のホストです"),
        ),
        Refusal::HostOfNobody => Words::new(
            format!("{host} is no customer's: name its customer in the inventory"),
            format!("{host} にお客様が設定されていません。インベントリでお客様を指定してください"),
        ),
    })
}

/// Whether it may run with nobody at hand: as it ships, or as an admin approved it.
pub async fn is_free(tx: &mut Tx, estate: &Estate, runbook: &Runbook) -> Result<bool, StoreError> {
    if estate.shipped.contains(&runbook.digest) {
        return Ok(true);
    }
    runbook_approvals::is_approved(tx, &runbook.name, &runbook.digest).await
}

/// What came of pressing the button in PagerDuty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pressed {
    Asked(Vec<i64>),
    /// Why nothing was asked for.
    Nothing(String),
}

/// Somebody pressed a button on an incident in PagerDuty, which was confirmed there: the runbook that it names is run on the incident's
/// hosts, or all that know the incident.
pub async fn pressed(
    tx: &mut Tx,
    settings: &Settings,
    incident: &str,
    runbook: Option<&str>,
    by: &str,
    nonce: &str,
) -> Result<Pressed, StoreError> {
    let Some(hosts) = settings.hosts.clone() else {
        return Ok(Pressed::Nothing("no host is configured: write [[host]] tables or [inventory]".into()));
    };
    let asked = super::look::again(
        tx,
        settings,
        &hosts,
        incident,
        super::look::Asking { runbook, reason: "pagerduty", by, nonce },
    );
    Ok(match asked.await? {
        Some(visit) if !visit.asked.is_empty() => Pressed::Asked(visit.asked.iter().map(|asked| asked.run).collect()),
        Some(visit) => {
            let held = visit.held_back.first().map(|held| held.why.en.clone());
            Pressed::Nothing(held.unwrap_or(visit.says.en))
        }
        None => Pressed::Nothing(format!("the incident {incident} is not known")),
    })
}

/// The customer whose incident it is, and that there is one.
pub async fn incident_of(tx: &mut Tx, id: &str) -> Result<Option<Option<String>>, StoreError> {
    let known = incidents::is_open(tx, id).await?.is_some();
    Ok(if known { Some(incidents::customer_of(tx, id).await?) } else { None })
}

/// A host of the inventory and a runbook, by their names.
pub fn named<'a>(estate: &'a Estate, host: &str, runbook: &str) -> Result<(&'a Host, &'a Runbook), Words> {
    let Some(known) = estate.inventory.host(host) else {
        return Err(Words::new(
            format!("no host is called {host}: see the page of hosts"),
            format!("{host} というホストはありません。ホストのページをご覧ください"),
        ));
    };
    let Some(runbook) = estate.runbooks.get(runbook) else {
        return Err(Words::new(
            format!("no runbook is called {runbook}: see the page of runbooks"),
            format!("{runbook} という手順書はありません。手順書のページをご覧ください"),
        ));
    };
    Ok((known, runbook))
}

impl Hosts {
    /// What the files say now, for whoever shows it.
    pub fn shown(&self) -> std::sync::Arc<Estate> {
        self.estate()
    }
}
