//! The one-time link of the second path: whoever holds it sees what they were called for and takes it, without signing in.
//! A wrong link and one that never was look the same, and trying many is slowed down as signing in is.

use crate::auth::Asked;
use crate::page;
use crate::pages::frame::unsigned;
use crate::pages::{Door, html, secret};
use crate::problem::Fault;
use crate::server::stranger;
use crate::state::Settings;
use crate::view::{AnswerState, AnswerView, CalledAlert};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use model::Scope;
use model::message::Message;
use serde_json::json;
use store::callouts::{self, Callout};
use store::nets::{self, Net};
use store::{StoreError, Tx, audit, mails, outages};

/// Our tokens are shorter than this.
const MOST_TOKEN: usize = 128;
/// Alerts of one call that the page names.
const MOST_ALERTS: i64 = 20;
const MOST_MAILS: i64 = 10;

pub(in crate::pages) async fn show(
    State(door): State<Door>,
    asked: Asked,
    Path(token): Path<String>,
) -> Result<Response, Fault> {
    let call = find(&door, &asked, &token).await?;
    let frame = stranger(&door.settings, &asked, door.store.clock().now());
    let settings = door.settings.clone();
    let view = door.store.read(move |tx| {
        let (settings, call, token) = (settings.clone(), call.clone(), token.clone());
        Box::pin(async move { view(tx, &settings, call, token).await })
    });
    Ok(secret(html(page::answer(&frame, &view.await?))?))
}

pub(in crate::pages) async fn take(
    State(door): State<Door>,
    asked: Asked,
    Path(token): Path<String>,
) -> Result<Response, Fault> {
    let call = find(&door, &asked, &token).await?;
    let by = door.settings.safety_net.person(&call.person);
    if call.answered_at.is_none() && call.ended_at.is_none() {
        let trail = json!({ "door": "page", "from": asked.from });
        let unit = door.store.write("answer", move |tx| {
            let (call, by, trail) = (call.clone(), by.clone(), trail.clone());
            Box::pin(async move { answer(tx, &call, &by, &trail).await })
        });
        if unit.await? {
            tracing::info!("somebody answered a call of the second path");
        }
    }
    Ok(secret(Redirect::to(&format!("/answer/{}", crate::markup::encode(&token))).into_response()))
}

/// Answered with its audit row, or neither: somebody else may have been faster.
async fn answer(tx: &mut Tx, call: &Callout, by: &str, trail: &serde_json::Value) -> Result<bool, StoreError> {
    let is_first = callouts::answer(tx, &call.id, by).await?;
    if is_first {
        let (actor, subject) = (format!("person:{}", call.person), format!("callout/{}", call.id));
        audit::add(tx, &actor, "callout.answer", &subject, call.customer.as_deref(), trail).await?;
    }
    Ok(is_first)
}

async fn find(door: &Door, asked: &Asked, token: &str) -> Result<Callout, Fault> {
    // The link is the name that is tried, so that one wrong link never bars a right one from elsewhere.
    let begun = door.tries.begin(token, &asked.from, door.store.clock().now());
    let begun = begun.map_err(|wait_s| Fault::TooMany { wait_s })?;
    if token.len() > MOST_TOKEN {
        return Err(Fault::NotFound);
    }
    let digest = model::signal::digest(token.as_bytes());
    let found = door.store.read(move |tx| Box::pin(async move { callouts::by_digest(tx, digest).await })).await;
    match found {
        Ok(Some(call)) => {
            door.tries.right(&begun);
            Ok(call)
        }
        Ok(None) => Err(Fault::NotFound),
        Err(error) => {
            door.tries.void(&begun);
            Err(error.into())
        }
    }
}

async fn view(tx: &mut Tx, settings: &Settings, call: Callout, token: String) -> Result<AnswerView, StoreError> {
    let (nets, count) = nets::of_call(tx, &call.subject, MOST_ALERTS).await?;
    let mut alerts = Vec::new();
    for net in nets {
        alerts.push(alert(tx, settings, net).await?);
    }
    let outage = outages::open(tx, &Scope::All).await?.map(|outage| outage.began_at);
    let message: Message = serde_json::from_str(&call.text).unwrap_or_default();
    let state = match (call.answered_at, &call.answered_by, call.ended_at) {
        (Some(at), by, _) => AnswerState::Taken { by: by.clone().unwrap_or_default(), at },
        (None, _, Some(_)) => AnswerState::Over,
        _ => AnswerState::Open,
    };
    Ok(AnswerView {
        token,
        person: settings.safety_net.person(&call.person),
        headline: message.headline,
        lines: message.lines,
        more: unsigned(count).saturating_sub(alerts.len() as u64),
        alerts,
        outage,
        asked_at: call.asked_at,
        state,
    })
}

/// What the call is for, with the mail whose page tells the rest: the last that told of a problem, or any.
async fn alert(tx: &mut Tx, settings: &Settings, net: Net) -> Result<CalledAlert, StoreError> {
    // Whoever holds the link was called for exactly these.
    let mails = mails::list_of_net(tx, &Scope::All, &net.id, MOST_MAILS).await?;
    let mail = mails.iter().find(|mail| mail.state.needs_balance()).or(mails.first()).map(|mail| mail.id);
    Ok(CalledAlert {
        title: net.title,
        host: net.host,
        customer: net.customer.as_ref().map(|id| settings.customer_name(id)),
        since: net.missing_since.or(net.open_since).unwrap_or(net.changed_at),
        mail: mail.map(|id| format!("/safety-net/mails/{id}")),
        monitor: net.monitor,
    })
}
