//! The inbox: signals as they came. Their bytes are sealed; opening one is an audit row in the same transaction.

use super::frame::unsigned;
use super::{Asks, PAGE_ROWS, html, live};
use crate::api::cursor;
use crate::auth::Reader;
use crate::health::Pulse;
use crate::page;
use crate::problem::Fault;
use crate::state::Desk;
use crate::view::{InboxCounts, InboxView, IncidentLink, SealedBody, Section, SignalRow, SignalState, SignalView};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use model::Scope;
use model::signal::Origin;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use store::inbox::{self, Filter, Item, Sealed};
use store::incidents::{self, Title};
use store::{StoreError, Tx, audit, facts, receipts};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Query {
    state: String,
    source: String,
    cursor: String,
}

pub(super) async fn list(
    State(desk): State<Desk>,
    reader: Reader,
    Asks(query): Asks<Query>,
) -> Result<Response, Fault> {
    let frame = reader.frame(&desk, Section::Signals).await?;
    let scope = reader.person.sees.clone();
    let pulse = desk.pulse().await?;
    let view = desk.store.read(move |tx| Box::pin(async move { load(tx, &scope, query, &pulse).await })).await?;
    live(&reader, &frame, &view, page::signals, page::signals_partial)
}

async fn load(tx: &mut Tx, scope: &Scope, query: Query, pulse: &Pulse) -> Result<InboxView, StoreError> {
    let sources = receipts::list_sources(tx, scope).await?;
    let wanted = SignalState::parse(&query.state);
    let filter = Filter {
        state: wanted.map(|s| stored(s).to_owned()),
        source: sources.iter().find(|s| **s == query.source).cloned(),
        before: cursor::read_id(&query.cursor),
        ..Filter::default()
    };
    let mut items = inbox::list(tx, scope, &filter, PAGE_ROWS + 1).await?;
    let next_cursor = cursor::next(&mut items, PAGE_ROWS, |item| cursor::id(item.id));
    let links = links(tx, scope, items.iter().filter_map(|i| i.subject.clone())).await?;
    Ok(InboxView {
        counts: InboxCounts {
            received: unsigned(pulse.account.received),
            waiting: unsigned(pulse.account.waiting),
            unreadable: unsigned(pulse.account.unreadable),
            dead: unsigned(pulse.account.dead_signals),
        },
        rows: items.iter().map(|item| row(item, &links)).collect(),
        state: wanted.map_or_else(String::new, |s| s.as_str().to_owned()),
        source: filter.source.unwrap_or_default(),
        sources,
        next_cursor,
    })
}

/// The store's word for a state.
const fn stored(state: SignalState) -> &'static str {
    match state {
        SignalState::Waiting => "new",
        other => other.as_str(),
    }
}

pub(super) fn state(item: &Item) -> SignalState {
    match item.state.as_str() {
        "new" => SignalState::Waiting,
        other => SignalState::parse(other).unwrap_or(SignalState::Done),
    }
}

/// The incidents that these subjects name, as far as this person may see them.
pub(super) async fn links(
    tx: &mut Tx,
    scope: &Scope,
    subjects: impl Iterator<Item = String>,
) -> Result<BTreeMap<String, IncidentLink>, StoreError> {
    let ids: Vec<String> = subjects.collect::<BTreeSet<_>>().into_iter().collect();
    let titles = incidents::list_titles(tx, scope, &ids).await?;
    Ok(titles.into_iter().map(|(id, title)| (id, link(title))).collect())
}

pub(super) fn link(title: Title) -> IncidentLink {
    let Title { id, number, title } = title;
    IncidentLink { id, number, title }
}

fn row(item: &Item, links: &BTreeMap<String, IncidentLink>) -> SignalRow {
    SignalRow {
        id: item.id.to_string(),
        source: item.source.clone(),
        what: item.event_type.clone(),
        state: state(item),
        origin: Origin::parse(&item.origin).unwrap_or(Origin::Live),
        received_at: item.received_at,
        incident: item.subject.as_ref().and_then(|s| links.get(s).cloned()),
        size_bytes: unsigned(item.bytes),
        why: item.note.clone(),
    }
}

pub(super) async fn show(State(desk): State<Desk>, reader: Reader, Path(id): Path<String>) -> Result<Response, Fault> {
    let id = number(&id)?;
    let scope = reader.person.scope.clone();
    let body = if reader.person.role.may_open_raw() { SealedBody::Sealed } else { SealedBody::Refused };
    let found = desk
        .store
        .read(move |tx| {
            Box::pin(async move {
                let Some(sealed) = inbox::find(tx, &scope, id).await? else { return Ok(None) };
                Ok(Some(view(tx, &scope, sealed, body).await?))
            })
        })
        .await?;
    page_of(&desk, &reader, &found.ok_or(Fault::NotFound)?).await
}

/// Opens a signal: its bytes are in this answer and nowhere else, and the audit row is in the same transaction.
pub(super) async fn open(State(desk): State<Desk>, reader: Reader, Path(id): Path<String>) -> Result<Response, Fault> {
    reader.person.need_raw()?;
    let id = number(&id)?;
    let sealed = open_sealed(&desk, &reader, id).await?;
    let scope = reader.person.scope.clone();
    let view = desk
        .store
        .read(move |tx| {
            Box::pin(async move {
                let bytes = sealed.raw.clone();
                view(tx, &scope, sealed, SealedBody::Open { bytes }).await
            })
        })
        .await?;
    page_of(&desk, &reader, &view).await
}

/// The bytes of a signal, and the row that says who opened it. The caller has asked for the role.
pub(crate) async fn open_sealed(desk: &Desk, reader: &Reader, id: i64) -> Result<Sealed, Fault> {
    let (scope, actor, trail) = (reader.person.scope.clone(), reader.person.actor(), reader.trail());
    let found = desk
        .store
        .write("open_signal", move |tx| {
            Box::pin(async move {
                let Some(sealed) = inbox::find(tx, &scope, id).await? else { return Ok(None) };
                let customer = sealed.item.customer.as_deref();
                audit::add(tx, &actor, "signal.open", &format!("signal/{id}"), customer, &trail).await?;
                Ok(Some(sealed))
            })
        })
        .await?;
    found.ok_or(Fault::NotFound)
}

async fn page_of(desk: &Desk, reader: &Reader, view: &SignalView) -> Result<Response, Fault> {
    let frame = reader.frame(desk, Section::Signals).await?;
    html(page::signal(&frame, view))
}

async fn view(tx: &mut Tx, scope: &Scope, sealed: Sealed, body: SealedBody) -> Result<SignalView, StoreError> {
    let links = links(tx, scope, sealed.item.subject.clone().into_iter()).await?;
    let row = row(&sealed.item, &links);
    let facts = match row.state {
        SignalState::Done => Some(unsigned(facts::count_of_signal(tx, scope, sealed.item.id).await?)),
        _ => None,
    };
    Ok(SignalView {
        row,
        key: sealed.item.key,
        digest: sealed.digest,
        read_at: sealed.item.read_at,
        why: sealed.item.note,
        facts,
        headers: headers(&sealed.headers),
        body,
    })
}

fn headers(json: &str) -> Vec<(String, String)> {
    let kept: BTreeMap<String, serde_json::Value> = serde_json::from_str(json).unwrap_or_default();
    let text = |v: serde_json::Value| match v {
        serde_json::Value::String(text) => Some(text),
        serde_json::Value::Null => None,
        other => Some(other.to_string()),
    };
    kept.into_iter().filter_map(|(name, value)| Some((name, text(value)?))).filter(|(_, v)| !v.is_empty()).collect()
}

/// Puts a signal back to be read once more, by the same rules.
pub(super) async fn read_again(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    let id = number(&id)?;
    replay(&desk, &reader, id).await?;
    Ok(Redirect::to(&format!("/signals/{id}")).into_response())
}

pub(crate) async fn replay(desk: &Desk, reader: &Reader, id: i64) -> Result<(), Fault> {
    reader.person.need_admin()?;
    let (scope, actor, trail) = (reader.person.scope.clone(), reader.person.actor(), reader.trail());
    let found = desk
        .store
        .write("read_again", move |tx| {
            Box::pin(async move {
                let Some(item) = find_item(tx, &scope, id).await? else { return Ok(None) };
                let again = inbox::read_again(tx, id).await?;
                if again {
                    let customer = item.customer.as_deref();
                    audit::add(tx, &actor, "signal.read-again", &format!("signal/{id}"), customer, &trail).await?;
                }
                Ok(Some(again))
            })
        })
        .await?;
    if found.ok_or(Fault::NotFound)? {
        tracing::info!(signal = id, "a signal is read again");
        desk.read.notify_one();
    }
    Ok(())
}

/// A signal without its bytes.
pub(crate) async fn find_item(tx: &mut Tx, scope: &Scope, id: i64) -> Result<Option<Item>, StoreError> {
    let filter = Filter { before: Some(id.saturating_add(1)), ..Filter::default() };
    Ok(inbox::list(tx, scope, &filter, 1).await?.into_iter().find(|item| item.id == id))
}

/// An id as it stands in an address.
pub(super) fn number(id: &str) -> Result<i64, Fault> {
    id.parse().map_err(|_| Fault::NotFound)
}
