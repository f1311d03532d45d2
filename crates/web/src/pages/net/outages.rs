//! *Outages*: whether PagerDuty does its work, by our own evidence, and what it came to when it did not. Asks nobody outside.

use super::one::call_row;
use crate::auth::Reader;
use crate::page;
use crate::pages::frame::unsigned;
use crate::pages::live;
use crate::problem::Fault;
use crate::state::{Desk, Settings};
use crate::view::{MOST_COUNTED, OutageRow, OutagesView, Section};
use axum::extract::State;
use axum::response::Response;
use duties::safety_net::callout;
use duties::safety_net::outage::{Evidence, Report};
use model::Scope;
use store::outages::{self, Outage};
use store::{StoreError, Tx, callouts, duty_state, nets, reference};

const MOST_OUTAGES: i64 = 50;
const MOST_CALLS: i64 = 50;
/// Where the duty keeps what it sees of PagerDuty.
const SUBJECT: &str = "pagerduty";
const VERSION: i64 = 1;

pub(in crate::pages) async fn show(State(desk): State<Desk>, reader: Reader) -> Result<Response, Fault> {
    let frame = reader.frame(&desk, Section::SafetyNet).await?;
    let (scope, settings) = (reader.person.scope.clone(), desk.settings.clone());
    let view = desk.store.read(move |tx| Box::pin(async move { load(tx, &scope, &settings).await })).await?;
    live(&reader, &frame, &view, page::outages, page::outages_partial)
}

async fn load(tx: &mut Tx, scope: &Scope, settings: &Settings) -> Result<OutagesView, StoreError> {
    let all = outages::list(tx, scope, MOST_OUTAGES).await?;
    let (lasts, past): (Vec<OutageRow>, Vec<OutageRow>) =
        all.iter().map(|outage| row(outage, scope)).partition(|row| row.ended_at.is_none());
    let net = &settings.safety_net.net;
    let missing = nets::count_missing(tx, scope, MOST_COUNTED + 1).await?;
    let calls = callouts::list(tx, scope, None, MOST_CALLS).await?;
    let now = tx.now();
    let rows = reference::on_duty(tx, scope, now).await?;
    let mut on_call: Vec<String> =
        callout::on_call(net, 1, now, &rows).into_iter().map(|row| row.name.clone()).collect();
    on_call.sort();
    on_call.dedup();
    Ok(OutagesView {
        lasts: lasts.into_iter().next(),
        past,
        evidence: evidence(tx).await?,
        is_judged: settings.can_read || settings.has_routing_key,
        on_call,
        waiting: unsigned(missing.registering),
        unregistered: unsigned(missing.lacking - missing.registering),
        mode: net.mode,
        calls: calls.iter().map(|call| call_row(call, settings)).collect(),
        calls_people: net.calls,
    })
}

async fn evidence(tx: &mut Tx) -> Result<Evidence, StoreError> {
    Ok(duty_state::get(tx, duties::safety_net::DUTY, SUBJECT, VERSION).await?.unwrap_or_default())
}

/// An outage as it is told: sums of everybody's mails are for those who see them all.
pub(crate) fn row(outage: &Outage, scope: &Scope) -> OutageRow {
    let report = outage.report.as_deref().and_then(|json| serde_json::from_str::<Report>(json).ok());
    OutageRow {
        id: outage.id.clone(),
        began_at: outage.began_at,
        ended_at: outage.ended_at,
        evidence: serde_json::from_str(&outage.evidence).unwrap_or_default(),
        report: report.filter(|_| *scope == Scope::All),
    }
}
