//! What people decide about mails, rules and routes: it goes into the inbox as a signal, with its audit row, in one
//! transaction; the engine does it within a second. The form's nonce is the signal's key, so that a second press is nothing.

use crate::auth::Reader;
use crate::pages::Sent;
use crate::pages::runs::said::{Meant, keep};
use crate::pages::signals::number;
use crate::problem::Fault;
use crate::state::Desk;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use duties::safety_net::desk::Act;
use serde::Deserialize;
use store::{StoreError, Tx, ledger, mails};

/// What may be decided about a mail, as addresses and forms name it.
pub(crate) const NAMES: [&str; 3] = ["register", "not-an-alert", "hold-back"];

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::pages) struct Form {
    nonce: String,
    always: String,
}

/// Something that was decided, by whom it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Decision {
    pub act: Act,
    pub nonce: String,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decided {
    New,
    /// The same nonce was taken on before.
    Again,
}

impl Decision {
    /// A decision about a mail by its name in the address.
    pub(crate) fn about(mail: i64, name: &str, always: bool, nonce: &str) -> Option<Self> {
        let act = match name {
            "register" => Act::Register { mail },
            "not-an-alert" => Act::NotAnAlert { mail, always },
            "hold-back" => Act::HoldBack { mail },
            _ => return None,
        };
        Some(Self { act, nonce: nonce.to_owned() })
    }
}

pub(in crate::pages) async fn about_mail(
    State(desk): State<Desk>,
    reader: Reader,
    Path((id, name)): Path<(String, String)>,
    Sent(form): Sent<Form>,
) -> Result<Response, Fault> {
    let id = number(&id)?;
    let decision = Decision::about(id, &name, !form.always.is_empty(), &form.nonce).ok_or(Fault::NotFound)?;
    decide(&desk, &reader, decision).await?;
    Ok(Redirect::to(&format!("/safety-net/mails/{id}?done={name}")).into_response())
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::pages) struct Nonce {
    nonce: String,
}

pub(in crate::pages) async fn end_rule(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
    Sent(form): Sent<Nonce>,
) -> Result<Response, Fault> {
    decide(&desk, &reader, Decision { act: Act::EndRule { rule: id }, nonce: form.nonce }).await?;
    Ok(Redirect::to("/safety-net/monitors?done=rule#rules").into_response())
}

/// Whoever may look may test: people without a seat want to know that their alerts arrive.
pub(in crate::pages) async fn test_route(
    State(desk): State<Desk>,
    reader: Reader,
    Path(name): Path<String>,
    Sent(form): Sent<Nonce>,
) -> Result<Response, Fault> {
    decide(&desk, &reader, Decision { act: Act::TestRoute { route: name }, nonce: form.nonce }).await?;
    Ok(Redirect::to("/connections?done=test#routes").into_response())
}

/// Takes a decision on.
pub(crate) async fn decide(desk: &Desk, reader: &Reader, decision: Decision) -> Result<Decided, Fault> {
    let is_test = matches!(decision.act, Act::TestRoute { .. });
    if !is_test && !reader.person.role.may_act() {
        return Err(Fault::Forbidden { needs: "the role responder, approver, leader or admin" });
    }
    if let Act::TestRoute { route } = &decision.act
        && (reader.person.scope != model::Scope::All || !desk.settings.safety_net.routes.contains(route))
    {
        return Err(Fault::NotFound);
    }
    if let Act::TestRoute { route } = &decision.act
        && let Some(lack) = desk.settings.safety_net.lacks.get(route)
    {
        return Err(Fault::Conflict { detail: lack.told().to_owned() });
    }
    if !is_nonce(&decision.nonce) {
        return Err(Fault::Unfit {
            field: "nonce".into(),
            detail: "It has 8 to 64 letters, digits, \"-\" and \"_\", new for every new decision.".into(),
        });
    }
    let by = reader.clone();
    let taken = desk.store.write("decide", move |tx| {
        let (by, decision) = (by.clone(), decision.clone());
        Box::pin(async move { take(tx, &by, decision).await })
    });
    let decided = taken.await?.ok_or(Fault::NotFound)?;
    desk.read.notify_one();
    desk.show.notify_waiters();
    Ok(decided)
}

pub(in crate::pages) fn is_nonce(text: &str) -> bool {
    (8..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

async fn take(tx: &mut Tx, by: &Reader, decision: Decision) -> Result<Option<Decided>, StoreError> {
    let Some((action, subject, customer)) = meant(tx, by, &decision.act).await? else { return Ok(None) };
    let mut trail = by.trail();
    if let Act::NotAnAlert { always: true, .. } = decision.act {
        trail["always"] = true.into();
    }
    let meant = Meant { action, subject, customer, trail };
    Ok(Some(keep(tx, by, decision.act, &decision.nonce, &meant).await?))
}

/// How the audit calls it, and whose it is; `None` for what this person can't see.
async fn meant(
    tx: &mut Tx,
    by: &Reader,
    act: &Act,
) -> Result<Option<(&'static str, String, Option<String>)>, StoreError> {
    let scope = &by.person.scope;
    let (action, mail) = match act {
        Act::Register { mail } => ("mail.register", *mail),
        Act::NotAnAlert { mail, .. } => ("mail.not-an-alert", *mail),
        Act::HoldBack { mail } => ("mail.hold-back", *mail),
        Act::EndRule { rule } => {
            let known = ledger::list_rules_of(tx, scope).await?.into_iter().any(|known| known.id == *rule);
            return Ok(known.then(|| ("mail.rule-end", format!("rule/{rule}"), None)));
        }
        Act::TestRoute { route } => return Ok(Some(("route.test", format!("route/{route}"), None))),
        // What is asked of hosts has a door of its own.
        Act::Run { .. } | Act::Diagnose { .. } | Act::StopRun { .. } | Act::TestHost { .. } => return Ok(None),
    };
    let found = mails::find(tx, scope, mail).await?;
    Ok(found.map(|whole| (action, format!("mail/{mail}"), whole.item.customer)))
}
