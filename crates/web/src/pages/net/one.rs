//! One mail, with its alert, the other mails of it, and its original, which is sealed as any signal is.

use super::Kept;
use super::list::row;
use crate::acts::new_nonce;
use crate::auth::Reader;
use crate::markup;
use crate::page;
use crate::pages::frame::unsigned;
use crate::pages::signals::{links, number};
use crate::pages::{Asks, live};
use crate::problem::Fault;
use crate::state::{Desk, Settings};
use crate::view::{Acts, AlertAt, CallRow, IncidentLink, MailView, Original, Registered, Section};
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use model::Scope;
use model::message::Message;
use serde::Deserialize;
use std::collections::BTreeMap;
use store::callouts::{self, Callout};
use store::inbox::{self, Sealed};
use store::mails::{self, Whole};
use store::nets::{self, Net};
use store::{StoreError, Tx, audit, reference};

/// Other mails of the same alert that a page lists.
const MOST_OTHERS: i64 = 50;
const MOST_CALLS: i64 = 20;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::pages) struct Query {
    /// What was just decided.
    pub done: String,
}

pub(in crate::pages) async fn show(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
    Asks(query): Asks<Query>,
) -> Result<Response, Fault> {
    let original = if reader.person.role.may_open_raw() { Original::Sealed } else { Original::Refused };
    let mut view = load(&desk, &reader, number(&id)?, original).await?;
    view.acts.done = super::said::NAMES.into_iter().find(|name| *name == query.done);
    page_of(&desk, &reader, &view).await
}

/// Where a form is loaded again, or its language is changed.
pub(in crate::pages) async fn place(Path(id): Path<String>) -> Redirect {
    Redirect::to(&format!("/safety-net/mails/{}", markup::encode(&id)))
}

pub(in crate::pages) async fn place_of(Path((id, _)): Path<(String, String)>) -> Redirect {
    place(Path(id)).await
}

/// Opens the original: its bytes are in this answer and nowhere else.
pub(in crate::pages) async fn open(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    let id = number(&id)?;
    let sealed = open_original(&desk, &reader, id).await?;
    let view = load(&desk, &reader, id, Original::Open(sealed.raw)).await?;
    page_of(&desk, &reader, &view).await
}

/// The same as a file, for a mail program.
pub(in crate::pages) async fn download(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    let id = number(&id)?;
    Ok(file(id, open_original(&desk, &reader, id).await?.raw))
}

/// An .eml that no browser shows as a page.
pub(crate) fn file(id: i64, raw: Vec<u8>) -> Response {
    let mut response = raw.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    if let Ok(name) = HeaderValue::from_str(&format!("attachment; filename=\"mail-{id}.eml\"")) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    response
}

/// The bytes of a mail that the person may see, and the row that says who opened it: the same as of any signal.
pub(crate) async fn open_original(desk: &Desk, reader: &Reader, id: i64) -> Result<Sealed, Fault> {
    reader.person.need_raw()?;
    let (scope, actor, trail) = (reader.person.scope.clone(), reader.person.actor(), reader.trail());
    let found = desk
        .store
        .write("open_mail", move |tx| {
            Box::pin(async move {
                // Whose mail it is stands with the mail, not with the signal that brought it.
                let Some(whole) = mails::find(tx, &scope, id).await? else { return Ok(None) };
                let Some(sealed) = inbox::find(tx, &Scope::All, id).await? else { return Ok(None) };
                let customer = whole.item.customer.as_deref();
                audit::add(tx, &actor, "signal.open", &format!("signal/{id}"), customer, &trail).await?;
                Ok(Some(sealed))
            })
        })
        .await?;
    found.ok_or(Fault::NotFound)
}

async fn page_of(desk: &Desk, reader: &Reader, view: &MailView) -> Result<Response, Fault> {
    let frame = reader.frame(desk, Section::SafetyNet).await?;
    live(reader, &frame, view, page::mail, page::mail_partial)
}

/// All that is known of a mail, as far as the reader may see it.
pub(crate) async fn load(desk: &Desk, reader: &Reader, id: i64, original: Original) -> Result<MailView, Fault> {
    let (scope, settings, may) = (reader.person.scope.clone(), desk.settings.clone(), reader.person.role.may_act());
    let found = desk
        .store
        .read(move |tx| {
            Box::pin(async move {
                let Some(whole) = mails::find(tx, &scope, id).await? else { return Ok(None) };
                view(tx, &scope, &settings, whole, (may, original)).await.map(Some)
            })
        })
        .await?;
    found.ok_or(Fault::NotFound)
}

async fn view(
    tx: &mut Tx,
    scope: &Scope,
    settings: &Settings,
    whole: Whole,
    (may, original): (bool, Original),
) -> Result<MailView, StoreError> {
    let read = whole.reading::<Kept>().map(Kept::shown);
    let item = whole.item;
    let (net, mut others) = match &item.net {
        Some(id) => (nets::find(tx, scope, id).await?, mails::list_of_net(tx, scope, id, MOST_OTHERS + 1).await?),
        None => (None, Vec::new()),
    };
    others.retain(|other| other.id != item.id);
    let calls = match net.as_ref().and_then(|net| net.called.as_deref()) {
        Some(called) => callouts::list(tx, scope, Some(called), MOST_CALLS).await?,
        None => Vec::new(),
    };
    let named = others.iter().chain([&item]).filter_map(|mail| mail.incident.clone());
    let links = links(tx, scope, named.chain(net.as_ref().and_then(|net| net.ours.clone()))).await?;
    // A configuration may name it by its id.
    let service = match item.service.clone() {
        Some(named) => Some(reference::service(tx, &named).await?.map_or(named, |known| known.name)),
        None => None,
    };
    let row = row(&item, settings, &links);
    let alert = net.map(|net| alert(net, &links));
    Ok(MailView {
        acts: acts(&row, alert.as_ref(), may),
        sender: item.sender,
        message_id: item.message_id,
        door: item.door,
        occurred_at: item.occurred_at,
        judged_at: item.judged_at,
        due: item.due,
        score: item.score,
        key: item.key,
        service,
        sealed_at: item.sealed_at,
        read,
        others: others.iter().map(|other| super::row(other, settings, &links)).collect(),
        calls: calls.iter().map(|call| call_row(call, settings)).collect(),
        original,
        mode: settings.safety_net.net.mode,
        row,
        alert,
    })
}

fn alert(net: Net, links: &BTreeMap<String, IncidentLink>) -> AlertAt {
    AlertAt {
        open_since: net.open_since,
        ended_at: net.ended_at,
        mails: unsigned(net.mails),
        is_in_storm: net.storm.is_some(),
        registered: Registered {
            state: net.registration,
            incident: net.ours.as_ref().and_then(|id| links.get(id).cloned()),
            dedup_key: net.dedup_key,
            asked_at: net.asked_at,
            tries: unsigned(net.tries),
            seen_at: net.seen_at,
        },
        cause: net.cause,
    }
}

fn acts(row: &crate::view::MailRow, alert: Option<&AlertAt>, may: bool) -> Acts {
    use model::mail::Ledger::Expected;
    let is_live = alert.is_some_and(|alert| alert.registered.state.is_live());
    let is_open = row.state.needs_balance() && (row.ledger.is_unbalanced() || row.ledger == Expected);
    Acts {
        may,
        nonce: new_nonce(),
        registers: is_open && alert.is_some() && !is_live && (row.is_lacking() || row.ledger == Expected),
        sets_aside: is_open,
        done: None,
    }
}

/// A call of the second path, by the name of whom it called.
pub(crate) fn call_row(call: &Callout, settings: &Settings) -> CallRow {
    let about = serde_json::from_str::<Message>(&call.text).map(|message| message.headline).unwrap_or_default();
    let net = &settings.safety_net;
    CallRow {
        person: net.person(&call.person),
        level: unsigned(call.level),
        about,
        asked_at: call.asked_at,
        sent_at: call.sent_at,
        due: call.due,
        answered_at: call.answered_at,
        answered_by: call.answered_by.clone(),
        ended_at: call.ended_at,
    }
}
