//! Linking a Slack account to the reader's own, by the one-time link that only that Slack account was shown, and parting them again.
//! Looking at a link does not use it up: previews and scanners look, too.

use super::{html, secret};
use crate::auth::Reader;
use crate::page;
use crate::problem::Fault;
use crate::state::Desk;
use crate::view::{LinkView, LinkedRow, Offer, Section};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use duties::wording::answers::LINK_S;
use serde_json::json;
use std::collections::HashMap;
use store::slack_accounts::{self, Linked, Member};
use store::{StoreError, Tx, audit};

/// Our tokens are shorter than this.
const MOST_TOKEN: usize = 128;

/// By which a link is known; nothing for what can't be one.
fn digest(token: &str) -> Option<[u8; 32]> {
    (token.len() <= MOST_TOKEN).then(|| model::signal::digest(token.as_bytes()))
}

pub(super) async fn show(
    State(desk): State<Desk>,
    reader: Reader,
    Path(token): Path<String>,
) -> Result<Response, Fault> {
    let offer = match digest(&token) {
        None => None,
        Some(digest) => {
            let by = reader.clone();
            desk.store.read(move |tx| Box::pin(async move { offer(tx, digest, &by).await })).await?
        }
    };
    offer_page(&desk, &reader, token, offer).await
}

pub(super) async fn link(
    State(desk): State<Desk>,
    reader: Reader,
    Path(token): Path<String>,
) -> Result<Response, Fault> {
    let is_used = match digest(&token) {
        None => false,
        Some(digest) => {
            let by = reader.clone();
            desk.store
                .write("use_slack_link", move |tx| Box::pin(async move { use_link(tx, digest, &by).await }))
                .await?
        }
    };
    if !is_used {
        return offer_page(&desk, &reader, token, None).await;
    }
    Ok(secret(Redirect::to("/account?done=slack-linked").into_response()))
}

async fn offer_page(desk: &Desk, reader: &Reader, token: String, offer: Option<Offer>) -> Result<Response, Fault> {
    let frame = reader.frame(desk, Section::Settings).await?;
    let status = if offer.is_some() { StatusCode::OK } else { StatusCode::GONE };
    let mut response = html(page::link_slack(&frame, &LinkView { token, offer, lasts_s: LINK_S }))?;
    *response.status_mut() = status;
    Ok(secret(response))
}

async fn offer(tx: &mut Tx, digest: [u8; 32], by: &Reader) -> Result<Option<Offer>, StoreError> {
    let since = tx.now().plus_s(-LINK_S);
    let Some(Member { team, member, name }) = slack_accounts::offered(tx, digest, since).await? else {
        return Ok(None);
    };
    let so_far = slack_accounts::account_of(tx, &team, &member).await?;
    Ok(Some(Offer {
        is_moved: so_far.is_some_and(|account| account != by.person.id),
        team,
        member,
        name,
        person: by.person.name.clone(),
        email: by.person.email.clone(),
        role: by.person.role,
    }))
}

/// Used with its audit row, or neither.
async fn use_link(tx: &mut Tx, digest: [u8; 32], by: &Reader) -> Result<bool, StoreError> {
    let since = tx.now().plus_s(-LINK_S);
    let Some(offered) = slack_accounts::offered(tx, digest, since).await? else { return Ok(false) };
    let before = slack_accounts::account_of(tx, &offered.team, &offered.member).await?;
    let Some(who) = slack_accounts::link(tx, digest, since, &by.person.id).await? else { return Ok(false) };
    let mut trail = trail(by, &who);
    if let Some(before) = before.filter(|account| *account != by.person.id) {
        trail["before"] = json!(before);
    }
    audit::add(tx, &by.person.actor(), "slack.link", &format!("account/{}", by.person.id), None, &trail).await?;
    Ok(true)
}

fn trail(by: &Reader, who: &Member) -> serde_json::Value {
    let mut trail = by.trail();
    trail["slack"] = json!(who.name);
    trail["member"] = json!(who.member);
    trail["team"] = json!(who.team);
    trail
}

/// One's own.
pub(super) async fn unlink(
    State(desk): State<Desk>,
    reader: Reader,
    Path((team, member)): Path<(String, String)>,
) -> Result<Response, Fault> {
    let account = reader.person.id.clone();
    part(&desk, &reader, account, team, member).await?;
    Ok(Redirect::to("/account?done=slack-unlinked").into_response())
}

/// Anybody's, for administrators who see everything.
pub(super) async fn unlink_of(
    State(desk): State<Desk>,
    reader: Reader,
    Path((account, team, member)): Path<(String, String, String)>,
) -> Result<Response, Fault> {
    reader.person.need_whole_admin()?;
    part(&desk, &reader, account.clone(), team, member).await?;
    Ok(Redirect::to(&format!("/people?done=slack-unlinked&who={}", crate::markup::encode(&account))).into_response())
}

async fn part(desk: &Desk, reader: &Reader, account: String, team: String, member: String) -> Result<(), Fault> {
    let by = reader.clone();
    let unit = desk
        .store
        .write("unlink_slack", move |tx| Box::pin(async move { end(tx, &by, &account, (&team, &member)).await }));
    if unit.await? { Ok(()) } else { Err(Fault::NotFound) }
}

/// False: no such Slack account acts in this account's name.
async fn end(tx: &mut Tx, by: &Reader, account: &str, (team, member): (&str, &str)) -> Result<bool, StoreError> {
    let linked = slack_accounts::of_account(tx, account).await?;
    let Some(one) = linked.into_iter().find(|one| one.who.team == team && one.who.member == member) else {
        return Ok(false);
    };
    slack_accounts::unlink(tx, team, member).await?;
    let subject = format!("account/{account}");
    audit::add(tx, &by.person.actor(), "slack.unlink", &subject, None, &trail(by, &one.who)).await?;
    Ok(true)
}

/// Those of one account.
pub(super) async fn of(tx: &mut Tx, account: &str) -> Result<Vec<LinkedRow>, StoreError> {
    let linked = slack_accounts::of_account(tx, account).await?;
    Ok(linked.into_iter().map(|one| row(one, &HashMap::new())).collect())
}

/// Everybody's, with whose account it is.
pub(super) async fn all(tx: &mut Tx, names: &HashMap<String, String>) -> Result<Vec<LinkedRow>, StoreError> {
    let linked = slack_accounts::all(tx).await?;
    Ok(linked.into_iter().map(|one| row(one, names)).collect())
}

fn row(one: Linked, names: &HashMap<String, String>) -> LinkedRow {
    let Linked { who, account, linked_at } = one;
    LinkedRow {
        person: names.get(&account).cloned().unwrap_or_else(|| account.clone()),
        team: who.team,
        member: who.member,
        name: who.name,
        linked_at,
        account,
    }
}
