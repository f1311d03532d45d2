//! Tokens for programs: made with a name and a role, shown once, revoked at once.

use super::{Sent, cut, people};
use crate::auth::{Reader, new_id, new_token};
use crate::problem::Fault;
use crate::state::Desk;
use crate::view::{FreshToken, PeopleNotice};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use model::Scope;
use model::person::Role;
use serde::Deserialize;
use serde_json::json;
use store::tokens::{self, Token};
use store::{StoreError, Tx, audit};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct NewToken {
    name: String,
    role: String,
}

pub(super) async fn create(
    State(desk): State<Desk>,
    reader: Reader,
    Sent(form): Sent<NewToken>,
) -> Result<Response, Fault> {
    reader.person.need_whole_admin()?;
    let role = Role::parse(&form.role).ok_or_else(|| Fault::bad("role", "Choose one of the roles."))?;
    let name = cut(&form.name);
    if name.is_empty() {
        return refuse(&desk, &reader, PeopleNotice::TokenNameMissing).await;
    }
    let (secret, digest) = new_token();
    let (by, named) = (reader.clone(), name.clone());
    let new =
        desk.store.write("create_token", move |tx| Box::pin(async move { add(tx, &by, digest, named, role).await }));
    if !new.await? {
        return refuse(&desk, &reader, PeopleNotice::TokenNameTaken { name }).await;
    }
    // No redirect: the secret stands in this answer and nowhere else.
    people::with(&desk, &reader, Some(FreshToken { name, secret }), None).await
}

async fn refuse(desk: &Desk, reader: &Reader, notice: PeopleNotice) -> Result<Response, Fault> {
    let mut response = people::with(desk, reader, None, Some(notice)).await?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

/// False when a working token has this name already.
async fn add(tx: &mut Tx, by: &Reader, digest: [u8; 32], name: String, role: Role) -> Result<bool, StoreError> {
    tx.lock(&["tokens".to_owned()]).await?;
    let known = tokens::list(tx, &Scope::All).await?;
    if known.iter().any(|t| t.revoked_at.is_none() && t.name == name) {
        return Ok(false);
    }
    let token = Token {
        id: new_id(),
        name,
        role,
        scope: Scope::All,
        created_by: by.person.id.clone(),
        created_at: tx.now(),
        used_at: None,
        revoked_at: None,
    };
    tokens::add(tx, digest, &token).await?;
    let mut trail = by.trail();
    trail["name"] = json!(token.name);
    trail["role"] = json!(role.as_str());
    audit::add(tx, &by.person.actor(), "token.create", &format!("token/{}", token.id), None, &trail).await?;
    Ok(true)
}

pub(super) async fn revoke(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    reader.person.need_whole_admin()?;
    let (by, who) = (reader, id.clone());
    let done = desk.store.write("revoke_token", move |tx| Box::pin(async move { end(tx, &by, &who).await })).await?;
    if !done {
        return Err(Fault::NotFound);
    }
    Ok(Redirect::to(&format!("/people?done=revoked&who={}", crate::markup::encode(&id))).into_response())
}

async fn end(tx: &mut Tx, by: &Reader, id: &str) -> Result<bool, StoreError> {
    let Some(token) = tokens::list(tx, &Scope::All).await?.into_iter().find(|t| t.id == id) else { return Ok(false) };
    tokens::revoke(tx, id).await?;
    let mut trail = by.trail();
    trail["name"] = json!(token.name);
    audit::add(tx, &by.person.actor(), "token.revoke", &format!("token/{id}"), None, &trail).await?;
    Ok(true)
}
