//! One incident, by PagerDuty's id or its number. Shown to whoever may see it, whatever customer they chose to look at:
//! a link in a chat has to open.

use super::acts::{self, Looker};
use super::frame::unsigned;
use super::net::row as mail_row;
use super::runs::{OfIncident, load_evidence};
use super::signals::{link, state};
use super::{Asks, live};
use crate::acts::Key;
use crate::auth::Reader;
use crate::page;
use crate::problem::Fault;
use crate::state::{Desk, HostsShown, Settings};
use crate::view::{ActProblem, IncidentView, Named, RawEvent, Section};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use model::Scope;
use model::incident::timeline;
use serde::Deserialize;
use std::collections::BTreeMap;
use store::inbox::{self, Filter};
use store::{StoreError, Tx, incidents, mails};

/// Signals listed below an incident.
const MOST_RAW: usize = 50;
/// Alert mails listed below an incident.
const MOST_MAILS: usize = 20;

/// Why a form on the page was not taken.
pub(super) struct Refused {
    pub status: StatusCode,
    pub problem: ActProblem,
    /// Which act, and what was typed.
    pub draft: (String, String),
}

/// What became of something that was asked of hosts.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Query {
    asked: String,
    refused: String,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
    Asks(query): Asks<Query>,
) -> Result<Response, Fault> {
    page_of(&desk, &reader, &id, (None, query)).await
}

/// The page, with what became of a form on it.
pub(super) async fn page_of(
    desk: &Desk,
    reader: &Reader,
    id: &str,
    (refused, query): (Option<Refused>, Query),
) -> Result<Response, Fault> {
    let frame = reader.frame(desk, Section::Incidents).await?;
    let (by, settings, shown, id) = (reader.clone(), desk.settings.clone(), desk.hosts.now(), id.to_owned());
    let (language, zone) = (frame.language, frame.zone.clone());
    let found = desk
        .store
        .read(move |tx| {
            Box::pin(async move {
                let looker = Looker { reader: &by, language, zone: &zone, key: Key::of(&settings) };
                load(tx, &looker, &settings, &shown, &id).await
            })
        })
        .await?;
    let mut view = found.ok_or(Fault::NotFound)?;
    view.evidence.asked = super::runs::evidence::asked(&query.asked);
    view.evidence.refused = super::runs::ask::refused(&frame, &query.refused);
    let mut status = StatusCode::OK;
    if let Some(refused) = refused {
        status = refused.status;
        view.acts.problem = Some(refused.problem);
        view.acts.draft = Some(refused.draft);
    }
    let mut response = live(reader, &frame, &view, page::incident, page::incident_partial)?;
    *response.status_mut() = status;
    Ok(response)
}

async fn load(
    tx: &mut Tx,
    looker: &Looker<'_>,
    settings: &Settings,
    shown: &HostsShown,
    id: &str,
) -> Result<Option<IncidentView>, StoreError> {
    let scope: &Scope = &looker.reader.person.scope;
    let Some(whole) = incidents::find(tx, scope, id).await? else { return Ok(None) };
    let acts = acts::load(tx, looker, &whole).await?;
    let filter = Filter { subject: Some(whole.item.id.clone()), ..Filter::default() };
    let mut raw = inbox::list(tx, scope, &filter, MOST_RAW as i64 + 1).await?;
    let raw_more = raw.len() > MOST_RAW;
    raw.truncate(MOST_RAW);
    let mut mails = mails::list_of_incident(tx, scope, &whole.item.id, MOST_MAILS as i64 + 1).await?;
    let mails_more = mails.len() > MOST_MAILS;
    mails.truncate(MOST_MAILS);
    let merged = incidents::list_merged_from(tx, scope, &whole.item.id).await?;
    let of = OfIncident { incident: &whole.item.id, customer: whole.item.customer.as_deref() };
    let evidence = load_evidence(tx, &looker.reader.person, settings, shown, of).await?;
    let data = &whole.incident.data;
    let is_ours = duties::safety_net::is_ours(data.incident_key.as_deref(), &data.title);
    Ok(Some(IncidentView {
        is_ours,
        hidden_at: whole.item.hidden_at,
        timeline: timeline(&whole.facts, Some(&whole.incident)),
        customer: whole.item.customer.map(|id| Named { name: settings.customer_name(&id), id }),
        read_at: whole.item.read_at,
        merged_from: merged.into_iter().map(link).collect(),
        raw: raw.into_iter().map(raw_event).collect(),
        raw_more,
        // Each of them stands against this very incident: no link beside it.
        mails: mails.iter().map(|item| mail_row(item, settings, &BTreeMap::new())).collect(),
        mails_more,
        acts,
        evidence,
        incident: whole.incident,
    }))
}

fn raw_event(item: inbox::Item) -> RawEvent {
    RawEvent {
        state: state(&item),
        id: item.id.to_string(),
        received_at: item.received_at,
        source: item.source,
        what: item.event_type,
        size_bytes: unsigned(item.bytes),
    }
}
