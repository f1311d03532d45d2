//! The evidence beside an incident: what looking for its hosts came to, the last run of each runbook on each of them with what its
//! steps said first, and the form that asks for more.

use super::ask::{No, Wished, ask};
use super::one::Nonce;
use super::rows::{Room, rows, steps};
use crate::acts::{Form, new_nonce};
use crate::auth::{Person, Reader};
use crate::markup::encode;
use crate::pages::Sent;
use crate::problem::Fault;
use crate::state::{Desk, HostsShown, Settings};
use crate::view::{EvidenceView, Looked, RunForm, RunShown, RunbookChoice, field, seen};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use duties::safety_net::desk::Act;
use model::host::eligible;
use model::plan::Class;
use model::visit::Visit;
use std::collections::{BTreeMap, BTreeSet};
use store::runs::{self, Filter};
use store::{StoreError, Tx, visits};

/// Runs of one incident that are looked at.
const MOST_RUNS: i64 = 100;
/// Of them, those that are shown with what their steps said.
const MOST_WHOLE: usize = 12;

/// Whose incident it is and which.
pub(crate) struct Of<'a> {
    pub incident: &'a str,
    pub customer: Option<&'a str>,
}

pub(crate) async fn load(
    tx: &mut Tx,
    person: &Person,
    settings: &Settings,
    shown: &HostsShown,
    of: Of<'_>,
) -> Result<EvidenceView, StoreError> {
    let scope = &person.scope;
    let filter = Filter { incident: Some(of.incident.to_owned()), ..Filter::default() };
    let mut all = runs::list(tx, scope, &filter, MOST_RUNS + 1).await?;
    let more = all.len() as i64 > MOST_RUNS;
    all.truncate(usize::try_from(MOST_RUNS).unwrap_or_default());
    let looked = visits::find(tx, scope, of.incident).await?.map(|visit| Looked {
        visit: serde_json::from_str::<Visit>(&visit.found).unwrap_or_default(),
        mode: visit.mode,
        at: visit.looked_at,
    });
    let mut told = BTreeSet::new();
    // Those that are on their way are told of as well as the last that came to its end.
    let is_first = |run: &runs::Run| told.insert((run.host.clone(), run.runbook.clone(), run.ended_at.is_none()));
    let (mut whole, mut earlier): (Vec<_>, Vec<_>) = all.into_iter().partition(is_first);
    earlier.splice(0..0, whole.split_off(whole.len().min(MOST_WHOLE)));
    let mut said = steps(tx, scope, &whole, Room::BESIDE).await?;
    let shown_runs = rows(tx, person, settings, &whole)
        .await?
        .into_iter()
        .map(|row| RunShown { steps: said.remove(&row.id).unwrap_or_default(), row });
    let earlier = rows(tx, person, settings, &earlier).await?;
    Ok(EvidenceView {
        runs: shown_runs.collect(),
        earlier,
        more,
        mode: shown.mode,
        has_hosts: shown.hosts.iter().any(|host| scope.allows(host.customer.as_deref())),
        form: form(person, settings, shown, &of, looked.as_ref()),
        looked,
        incident: of.incident.to_owned(),
        asked: None,
        refused: None,
    })
}

fn form(person: &Person, settings: &Settings, shown: &HostsShown, of: &Of<'_>, looked: Option<&Looked>) -> RunForm {
    let are_customers = !settings.customers.is_empty();
    let named: BTreeSet<&str> =
        looked.iter().flat_map(|looked| &looked.visit.hosts).map(|seen| seen.host.as_str()).collect();
    let fits = shown.hosts.iter().filter(|host| {
        person.scope.allows(host.customer.as_deref()) && eligible(host, of.customer, are_customers).is_ok()
    });
    let mut hosts: Vec<String> = fits.map(|host| host.name.clone()).collect();
    hosts.sort_by(|a, b| named.contains(b.as_str()).cmp(&named.contains(a.as_str())).then_with(|| a.cmp(b)));
    RunForm {
        may: person.role.may_act(),
        nonce: new_nonce(),
        hosts,
        runbooks: choices(shown),
        incident: Some(of.incident.to_owned()),
    }
}

/// The runbooks that look and change nothing.
pub(super) fn choices(shown: &HostsShown) -> Vec<RunbookChoice> {
    let looks = shown.runbooks.iter().filter(|runbook| runbook.class == Class::Read);
    let choice = |runbook: &crate::state::RunbookShown| RunbookChoice {
        name: runbook.name.clone(),
        digest: runbook.digest.clone(),
        title: runbook.title.clone(),
        parameters: runbook.parameters.clone(),
    };
    looks.map(choice).collect()
}

/// *Look again*.
pub(in crate::pages) async fn diagnose(
    State(desk): State<Desk>,
    reader: Reader,
    Path(incident): Path<String>,
    Sent(form): Sent<Nonce>,
) -> Result<Response, Fault> {
    let wished = Wished { act: Act::Diagnose { incident: incident.clone() }, nonce: form.nonce };
    let back = format!("/incidents/{}", encode(&incident));
    led_back(ask(&desk, &reader, wished).await?, &back, "look", "#evidence")
}

/// *Run on a host*, from whichever page has the form.
pub(in crate::pages) async fn run(
    State(desk): State<Desk>,
    reader: Reader,
    Sent(pairs): Sent<Vec<(String, String)>>,
) -> Result<Response, Fault> {
    let form = Form(pairs);
    let (host, runbook) = (form.one("host").to_owned(), form.one("runbook").to_owned());
    let incident = Some(form.one("incident").to_owned()).filter(|incident| !incident.is_empty());
    let parameters = parameters(&form, &runbook);
    let (back, part) = match &incident {
        Some(incident) => (format!("/incidents/{}", encode(incident)), "#evidence"),
        None => (format!("/hosts/{}", encode(&host)), "#runs"),
    };
    let digest = Some(form.one(&seen(&runbook)).to_owned()).filter(|digest| !digest.is_empty());
    let act = Act::Run { host, runbook, parameters, incident, digest };
    let wished = Wished { act, nonce: form.one("nonce").to_owned() };
    led_back(ask(&desk, &reader, wished).await?, &back, "run", part)
}

/// Those of the runbook that was chosen. An empty field leaves the runbook's own value.
fn parameters(form: &Form, runbook: &str) -> BTreeMap<String, String> {
    let start = field(runbook, "");
    let own = form.0.iter().filter_map(|(name, value)| Some((name.strip_prefix(&start)?, value.trim())));
    own.filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Back to the page, which says what was taken on or why nothing was.
pub(super) fn led_back(
    asked: Result<crate::pages::Decided, No>,
    back: &str,
    what: &str,
    part: &str,
) -> Result<Response, Fault> {
    match asked {
        Ok(_) => Ok(Redirect::to(&format!("{back}?asked={what}{part}")).into_response()),
        Err(no @ (No::Role | No::Unseen | No::Nonce)) => Err(no.fault()),
        Err(no) => Ok(Redirect::to(&format!("{back}?refused={}{part}", no.code())).into_response()),
    }
}

/// What a page's address says was asked for, if it is something that can be.
pub(in crate::pages) fn asked(text: &str) -> Option<&'static str> {
    ["run", "look", "test", "approve", "withdraw"].into_iter().find(|known| *known == text)
}
