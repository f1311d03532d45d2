//! What people ask of hosts: run a runbook, look for an incident's hosts again, stop a run, try a host. Who may is decided here,
//! and what is taken on goes in by the front door; the engine does it when it reads it. Never calls a host.

use super::said::{Meant, keep};
use crate::auth::Reader;
use crate::pages::{Decided, is_nonce};
use crate::problem::Fault;
use crate::state::{Desk, HostsShown, ParameterShown, RunbookShown};
use duties::safety_net::desk::Act;
use model::host::{Refusal, eligible};
use model::plan::Class;
use serde_json::json;
use std::collections::BTreeMap;
use store::{StoreError, Tx, incidents, runs};

/// A parameter is no file.
const MOST_VALUE_CHARS: usize = 1_000;
/// No runbook has more.
const MOST_PARAMETERS: usize = 50;

/// Something that was asked for, by whom it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Wished {
    pub act: Act,
    pub nonce: String,
}

/// Why it was not taken on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum No {
    /// Their role only looks.
    Role,
    /// There is nothing of the kind that they may see.
    Unseen,
    Nonce,
    /// The incident must not lead to this host.
    Refused(Refusal),
    Runbook(String),
    /// It would change something on the host.
    Changes(String),
    /// It is another than the one that was shown.
    Changed(String),
    Parameter(String, ParameterWrong),
    /// The run has ended.
    Over,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ParameterWrong {
    Unknown,
    Missing,
    Long,
}

/// The words of a refusal that a page's address names, if it is one of ours.
pub(in crate::pages) fn refused(f: &crate::view::Frame, code: &str) -> Option<String> {
    CODES.contains(&code).then(|| f.word("run-refused", code))
}

/// Refusals that a page tells; the others are faults.
const CODES: [&str; 10] = [
    "another-customer",
    "incident-of-nobody",
    "host-of-nobody",
    "no-runbook",
    "changes",
    "changed",
    "parameter-unknown",
    "parameter-missing",
    "parameter-long",
    "over",
];

impl No {
    /// What a page's address says of it; its words are the page's.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::Unseen => "unseen",
            Self::Nonce => "nonce",
            Self::Refused(Refusal::AnotherCustomer) => "another-customer",
            Self::Refused(Refusal::IncidentOfNobody) => "incident-of-nobody",
            Self::Refused(Refusal::HostOfNobody) => "host-of-nobody",
            Self::Runbook(_) => "no-runbook",
            Self::Changes(_) => "changes",
            Self::Changed(_) => "changed",
            Self::Parameter(_, ParameterWrong::Unknown) => "parameter-unknown",
            Self::Parameter(_, ParameterWrong::Missing) => "parameter-missing",
            Self::Parameter(_, ParameterWrong::Long) => "parameter-long",
            Self::Over => "over",
        }
    }

    pub fn fault(self) -> Fault {
        let unfit = |field: &str, detail: String| Fault::Unfit { field: field.to_owned(), detail };
        let conflict = |detail: &str| Fault::Conflict { detail: format!("Nothing was asked of the host: {detail}") };
        match self {
            Self::Role => Fault::Forbidden { needs: "the role responder, approver, leader or admin" },
            Self::Unseen => Fault::NotFound,
            Self::Nonce => unfit(
                "nonce",
                "It has 8 to 64 letters, digits, \"-\" and \"_\", new for everything that is asked for.".into(),
            ),
            Self::Refused(Refusal::AnotherCustomer) => conflict("the host is another customer's than the incident."),
            Self::Refused(Refusal::IncidentOfNobody) => {
                conflict("the incident is no customer's and the host is; give the incident's service a customer.")
            }
            Self::Refused(Refusal::HostOfNobody) => {
                conflict("the host is no customer's although there are customers; name one at the host.")
            }
            Self::Runbook(name) => {
                unfit("runbook", format!("There is no runbook \"{name}\"; /api/v1/runbooks has them."))
            }
            Self::Changes(name) => unfit(
                "runbook",
                format!("\"{name}\" would change something on the host; only runbooks that look are run."),
            ),
            Self::Changed(_) => conflict("the runbook is another than the one that was shown; look at it again."),
            Self::Parameter(name, ParameterWrong::Unknown) => {
                unfit("parameters", format!("The runbook has no parameter \"{name}\"."))
            }
            Self::Parameter(name, ParameterWrong::Missing) => {
                unfit("parameters", format!("\"{name}\" is to be given."))
            }
            Self::Parameter(name, ParameterWrong::Long) => {
                unfit("parameters", format!("\"{name}\" has more than {MOST_VALUE_CHARS} characters."))
            }
            Self::Over => conflict("the run has ended."),
        }
    }
}

/// Takes on what was asked for, or says why not.
pub(crate) async fn ask(desk: &Desk, reader: &Reader, wished: Wished) -> Result<Result<Decided, No>, Fault> {
    if !reader.person.role.may_act() {
        return Ok(Err(No::Role));
    }
    if !is_nonce(&wished.nonce) {
        return Ok(Err(No::Nonce));
    }
    let (by, shown, are_customers) = (reader.clone(), desk.hosts.now(), !desk.settings.customers.is_empty());
    let taken = desk.store.write("ask_of_host", move |tx| {
        let (by, shown, Wished { act, nonce }) = (by.clone(), shown.clone(), wished.clone());
        Box::pin(async move {
            let (act, meant) = match meant(tx, &by, &shown, act, are_customers).await? {
                Ok(found) => found,
                Err(no) => return Ok(Err(no)),
            };
            Ok(Ok(keep(tx, &by, act, &nonce, &meant).await?))
        })
    });
    let decided = taken.await?;
    if decided.is_ok() {
        desk.read.notify_one();
        desk.show.notify_waiters();
    }
    Ok(decided)
}

type Found = Result<(Act, Meant), No>;

/// The act with the incident's own name in it, and how the audit calls it.
async fn meant(
    tx: &mut Tx,
    by: &Reader,
    shown: &HostsShown,
    act: Act,
    are_customers: bool,
) -> Result<Found, StoreError> {
    match act {
        Act::Run { host, runbook, parameters, incident, digest } => {
            let runs = Runs { host, runbook, parameters, incident, digest };
            run(tx, by, shown, runs, are_customers).await
        }
        Act::Diagnose { incident } => {
            let Some(whole) = incidents::find(tx, &by.person.scope, &incident).await? else {
                return Ok(Err(No::Unseen));
            };
            let id = whole.item.id;
            let meant = of(by, "incident.diagnose", format!("incident/{id}"), whole.item.customer);
            Ok(Ok((Act::Diagnose { incident: id }, meant)))
        }
        Act::StopRun { run } => {
            let Some(found) = runs::find(tx, &by.person.scope, run).await? else { return Ok(Err(No::Unseen)) };
            if found.ended_at.is_some() {
                return Ok(Err(No::Over));
            }
            Ok(Ok((Act::StopRun { run }, of(by, "run.stop", format!("run/{run}"), found.customer))))
        }
        Act::TestHost { host } => {
            let known = shown.host(&host).filter(|known| by.person.scope.allows(known.customer.as_deref()));
            let Some(known) = known else { return Ok(Err(No::Unseen)) };
            let meant = of(by, "host.test", format!("host/{host}"), known.customer.clone());
            Ok(Ok((Act::TestHost { host }, meant)))
        }
        _ => Ok(Err(No::Unseen)),
    }
}

fn of(by: &Reader, action: &'static str, subject: String, customer: Option<String>) -> Meant {
    Meant { action, subject, customer, trail: by.trail() }
}

struct Runs {
    host: String,
    runbook: String,
    parameters: BTreeMap<String, String>,
    incident: Option<String>,
    digest: Option<String>,
}

async fn run(
    tx: &mut Tx,
    by: &Reader,
    shown: &HostsShown,
    runs: Runs,
    are_customers: bool,
) -> Result<Found, StoreError> {
    let scope = &by.person.scope;
    let Runs { host, runbook, parameters, incident, digest } = runs;
    let known = shown.host(&host).filter(|known| scope.allows(known.customer.as_deref()));
    let Some(known) = known else { return Ok(Err(No::Unseen)) };
    let incident = match incident {
        None => None,
        Some(incident) => match incidents::find(tx, scope, &incident).await? {
            None => return Ok(Err(No::Unseen)),
            Some(whole) => Some(whole.item),
        },
    };
    if let Some(of) = &incident
        && let Err(why) = eligible(known, of.customer.as_deref(), are_customers)
    {
        return Ok(Err(No::Refused(why)));
    }
    let digest = match fits(shown, &runbook, &parameters) {
        Ok(known) if digest.is_some_and(|digest| digest != known.digest) => return Ok(Err(No::Changed(runbook))),
        Ok(known) => known.digest.clone(),
        Err(no) => return Ok(Err(no)),
    };
    let mut meant = of(by, "host.run", format!("host/{host}"), known.customer.clone());
    meant.trail["runbook"] = json!(runbook);
    let incident = incident.map(|of| of.id);
    if let Some(incident) = &incident {
        meant.trail["incident"] = json!(incident);
    }
    Ok(Ok((Act::Run { host, runbook, parameters, incident, digest: Some(digest) }, meant)))
}

/// The runbook is there, changes nothing, and takes these parameters. What values mean is checked where they are put in.
fn fits<'a>(shown: &'a HostsShown, name: &str, parameters: &BTreeMap<String, String>) -> Result<&'a RunbookShown, No> {
    let runbook: &RunbookShown = shown.runbook(name).ok_or_else(|| No::Runbook(name.to_owned()))?;
    if runbook.class != Class::Read {
        return Err(No::Changes(name.to_owned()));
    }
    let wrong = |name: &str, wrong| Err(No::Parameter(name.to_owned(), wrong));
    if parameters.len() > MOST_PARAMETERS {
        return wrong("parameters", ParameterWrong::Long);
    }
    for (name, value) in parameters {
        if !runbook.parameters.iter().any(|known| known.name == *name) {
            return wrong(name, ParameterWrong::Unknown);
        }
        if value.chars().count() > MOST_VALUE_CHARS {
            return wrong(name, ParameterWrong::Long);
        }
    }
    let lacks =
        |known: &&ParameterShown| known.is_required && known.default.is_none() && !parameters.contains_key(&known.name);
    match runbook.parameters.iter().find(lacks) {
        Some(known) => wrong(&known.name, ParameterWrong::Missing),
        None => Ok(runbook),
    }
}
