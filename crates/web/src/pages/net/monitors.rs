//! *Monitors and settings*: who sends, what is to be mended, what somebody accepted as it is, and the rules that people made.
//! What is to be mended is found anew at each look; only the acceptance is kept.

use super::list::monitor_is_seen;
use crate::acts::new_nonce;
use crate::auth::Reader;
use crate::page;
use crate::pages::frame::unsigned;
use crate::pages::{Asks, Sent, live};
use crate::problem::Fault;
use crate::state::{Desk, Settings};
use crate::view::{Mend, MendRow, MonitorRow, MonitorsView, ProofRow, RuleRow, Section};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use duties::mail::Monitor as Configured;
use model::{Micros, Scope};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::mails::{self, Monitor, Proofs};
use store::{StoreError, Tx, audit, duty_state, incidents, ledger};

/// Monitors are counted over this time.
pub(crate) const COUNTED_S: i64 = 91 * 86_400;
/// Whether its sender is proven is judged by the latest mails of this time.
const PROVEN_S: i64 = 7 * 86_400;
const MOST_PROVEN: i64 = 200;
const YEAR_S: i64 = 365 * 86_400;
/// A mirror that goes back no further says nothing of services that never fired.
const LEAST_KNOWN_S: i64 = 30 * 86_400;
const MOST_SERVICES: i64 = 500;
/// Fewer mails without an alert are no finding.
const LEAST_MAILS: i64 = 3;
/// Where acceptances are kept.
const DUTY: &str = "to_mend";
const VERSION: i64 = 1;

/// A silence as the engine keeps it.
#[derive(Clone, Debug, Default, Deserialize)]
struct Silent {
    since: Option<Micros>,
    expected: f64,
}

const SILENCE: &str = "silence";

/// What somebody said of a finding.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Said {
    state: String,
    by: String,
    at: Micros,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::pages) struct Query {
    done: String,
}

pub(in crate::pages) async fn show(
    State(desk): State<Desk>,
    reader: Reader,
    Asks(query): Asks<Query>,
) -> Result<Response, Fault> {
    let frame = reader.frame(&desk, Section::SafetyNet).await?;
    let (scope, settings) = (reader.person.sees.clone(), desk.settings.clone());
    let mut view = desk.store.read(move |tx| Box::pin(async move { load(tx, &scope, &settings).await })).await?;
    view.rule_ends = query.done == "rule";
    live(&reader, &frame, &view, page::monitors, page::monitors_partial)
}

async fn load(tx: &mut Tx, scope: &Scope, settings: &Settings) -> Result<MonitorsView, StoreError> {
    let rows = rows(tx, scope, settings).await?;
    let mut mend = findings(tx, scope, &rows).await?;
    mend.sort_by_key(|row| row.accepted.is_some());
    let rules = ledger::list_rules_of(tx, scope).await?;
    Ok(MonitorsView {
        rows: rows.into_iter().map(|(row, _)| row).collect(),
        mend,
        rules: rules.into_iter().map(rule).collect(),
        nonce: new_nonce(),
        rule_ends: false,
    })
}

fn rule(rule: ledger::Rule) -> RuleRow {
    RuleRow {
        holds_back: rule.verdict == "suppressed",
        id: rule.id,
        name: rule.name,
        monitor: rule.monitor,
        by: rule.created_by,
        at: rule.created_at,
    }
}

/// Every monitor that sent or is configured, with how many mails its silence lacks.
async fn rows(tx: &mut Tx, scope: &Scope, settings: &Settings) -> Result<Vec<(MonitorRow, u64)>, StoreError> {
    let since = tx.now().plus_s(-COUNTED_S);
    let sent: BTreeMap<String, Monitor> =
        mails::list_monitors(tx, scope, since).await?.into_iter().map(|one| (one.name.clone(), one)).collect();
    let silent: BTreeMap<String, Silent> = duty_state::all::<Silent>(tx, SILENCE, VERSION)
        .await?
        .into_iter()
        .map(|(name, silent, _)| (name, silent))
        .collect();
    let configured = &settings.safety_net.desk.monitors;
    let mut names: Vec<&str> =
        sent.keys().map(String::as_str).chain(configured.iter().map(|one| one.name.as_str())).collect();
    names.sort_unstable();
    names.dedup();
    names.retain(|name| monitor_is_seen(settings, scope, name));
    let mut proofs = proven(tx, scope, &names).await?;
    let of = |name: &str| {
        let known = configured.iter().find(|one| one.name == name);
        let silence = silent.get(name).filter(|silent| silent.since.is_some());
        let expected = silence.map_or(0, |silent| silent.expected.round().max(0.0) as u64);
        let row = row(name, sent.get(name), known, silence.and_then(|silent| silent.since));
        (MonitorRow { proofs: proofs.remove(name).unwrap_or_default(), ..row }, expected)
    };
    Ok(names.into_iter().map(of).collect())
}

/// Why a mail could not be proven, of all that is kept of it.
#[derive(Deserialize)]
struct Why {
    trust_why: String,
}

/// How far each one's mails of the last week could be proven, and why not most often.
async fn proven(tx: &mut Tx, scope: &Scope, monitors: &[&str]) -> Result<BTreeMap<String, ProofRow>, StoreError> {
    let since = tx.now().plus_s(-PROVEN_S);
    let proofs = mails::list_proofs(tx, scope, monitors, (since, MOST_PROVEN)).await?;
    Ok(proofs.into_iter().map(|(name, proofs)| (name, proof(&proofs))).collect())
}

fn proof(proofs: &Proofs) -> ProofRow {
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for reading in &proofs.unproven_readings {
        if let Ok(Why { trust_why }) = serde_json::from_str(reading) {
            *reasons.entry(trust_why).or_default() += 1;
        }
    }
    let why = reasons.into_iter().max_by_key(|(_, n)| *n).map(|(why, _)| why).unwrap_or_default();
    ProofRow { judged: unsigned(proofs.judged), unproven: unsigned(proofs.unproven), why }
}

fn row(
    name: &str,
    sent: Option<&Monitor>,
    configured: Option<&Configured>,
    silent_since: Option<Micros>,
) -> MonitorRow {
    MonitorRow {
        name: name.to_owned(),
        is_configured: configured.is_some(),
        mails: sent.map_or(0, |sent| unsigned(sent.mails)),
        matched: sent.map_or(0, |sent| unsigned(sent.matched)),
        last_at: sent.map(|sent| sent.last_at),
        silent_since,
        has_sender_rule: configured.is_some_and(has_sender_rule),
        proofs: ProofRow::default(),
    }
}

fn has_sender_rule(monitor: &Configured) -> bool {
    monitor.is_secret_recipient || !(monitor.sources.is_empty() && monitor.spf.is_empty() && monitor.dkim.is_empty())
}

async fn findings(tx: &mut Tx, scope: &Scope, rows: &[(MonitorRow, u64)]) -> Result<Vec<MendRow>, StoreError> {
    let said: BTreeMap<String, Said> =
        duty_state::all::<Said>(tx, DUTY, VERSION).await?.into_iter().map(|(key, said, _)| (key, said)).collect();
    let mut found = Vec::new();
    for (row, expected) in rows {
        let kinds = kinds(row, *expected);
        found.extend(
            kinds.into_iter().map(|kind| mend(format!("monitor:{}:{}", row.name, kind.name()), &row.name, kind)),
        );
    }
    let now = tx.now();
    let (since, services) = incidents::list_idle_services(tx, scope, now.plus_s(-YEAR_S), MOST_SERVICES).await?;
    if let Some(since) = since.filter(|since| now.since(*since) >= LEAST_KNOWN_S * 1_000_000) {
        found.extend(services.into_iter().map(|service| {
            let one = mend(format!("service:{}:never-fired", service.id), &service.name, Mend::NeverFired { since });
            MendRow { url: service.url, ..one }
        }));
    }
    for one in &mut found {
        let accepted = said.get(&one.key).filter(|said| said.state == "accepted");
        one.accepted = accepted.map(|said| (said.by.clone(), said.at));
    }
    Ok(found)
}

fn mend(key: String, name: &str, kind: Mend) -> MendRow {
    MendRow { key, name: name.to_owned(), kind, url: None, accepted: None }
}

fn kinds(row: &MonitorRow, expected: u64) -> Vec<Mend> {
    let mut kinds = Vec::new();
    if let Some(since) = row.silent_since {
        kinds.push(Mend::Silent { since, expected });
    }
    match (row.is_configured, row.has_sender_rule, row.last_at) {
        (false, _, _) => kinds.push(Mend::Unconfigured),
        (true, _, None) => kinds.push(Mend::NeverSent),
        (true, false, _) => kinds.push(Mend::Unproven),
        (true, true, _) if row.proofs.is_never() => {
            kinds.push(Mend::NeverProven { mails: row.proofs.judged, why: row.proofs.why.clone() });
        }
        _ => {}
    }
    if row.matched == 0 && row.mails >= LEAST_MAILS.unsigned_abs() {
        kinds.push(Mend::OnlyMails { mails: row.mails });
    }
    kinds
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::pages) struct Form {
    key: String,
}

/// Accepts a finding as it is, or takes that back.
pub(in crate::pages) async fn say(
    State(desk): State<Desk>,
    reader: Reader,
    Path(what): Path<String>,
    Sent(form): Sent<Form>,
) -> Result<Response, Fault> {
    if !reader.person.role.may_act() {
        return Err(Fault::Forbidden { needs: "the role responder, approver, leader or admin" });
    }
    let is_accepted = match what.as_str() {
        "accept" => true,
        "take-back" => false,
        _ => return Err(Fault::NotFound),
    };
    let (by, settings) = (reader.clone(), desk.settings.clone());
    let unit = desk.store.write("to_mend", move |tx| {
        let (by, settings, key) = (by.clone(), settings.clone(), form.key.clone());
        Box::pin(async move { keep(tx, &by, &settings, &key, is_accepted).await })
    });
    if !unit.await? {
        return Err(Fault::NotFound);
    }
    desk.show.notify_waiters();
    Ok(Redirect::to("/safety-net/monitors#mend").into_response())
}

async fn keep(tx: &mut Tx, by: &Reader, settings: &Settings, key: &str, is_accepted: bool) -> Result<bool, StoreError> {
    let scope = &by.person.scope;
    let rows = rows(tx, scope, settings).await?;
    let Some(finding) = findings(tx, scope, &rows).await?.into_iter().find(|finding| finding.key == key) else {
        return Ok(false);
    };
    if finding.accepted.is_some() == is_accepted {
        return Ok(true);
    }
    let state = if is_accepted { "accepted" } else { "open" };
    let said = Said { state: state.into(), by: by.person.name.clone(), at: tx.now() };
    duty_state::set(tx, DUTY, key, VERSION, &said).await?;
    let action = if is_accepted { "mend.accept" } else { "mend.take-back" };
    let monitors = &settings.safety_net.desk.monitors;
    let customer = monitors.iter().find(|one| one.name == finding.name).and_then(|one| one.customer.as_deref());
    audit::add(tx, &by.person.actor(), action, &format!("mend/{key}"), customer, &by.trail()).await?;
    Ok(true)
}
