//! For administrators who see everything: accounts and their roles. The last administrator can't be locked out.

use super::{Asks, Sent, html};
use crate::auth::Reader;
use crate::page;
use crate::problem::Fault;
use crate::state::{Desk, Settings};
use crate::view::{FreshToken, PeopleNotice, PeopleView, PersonRow, Section, TokenRow};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use model::Scope;
use model::person::Role;
use serde::Deserialize;
use serde_json::json;
use std::collections::HashMap;
use store::accounts::{self, Account};
use store::tokens::{self, Token};
use store::{StoreError, Tx, audit, sessions};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Query {
    done: String,
    who: String,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    reader: Reader,
    Asks(query): Asks<Query>,
) -> Result<Response, Fault> {
    reader.person.need_whole_admin()?;
    let mut view = load(&desk, &reader).await?;
    view.notice = notice(&query, &view);
    render(&desk, &reader, &view).await
}

/// The page with a token that was just made, or with why it was not.
pub(super) async fn with(
    desk: &Desk,
    reader: &Reader,
    fresh: Option<FreshToken>,
    notice: Option<PeopleNotice>,
) -> Result<Response, Fault> {
    let view = PeopleView { fresh, notice, ..load(desk, reader).await? };
    render(desk, reader, &view).await
}

async fn render(desk: &Desk, reader: &Reader, view: &PeopleView) -> Result<Response, Fault> {
    let frame = reader.frame(desk, Section::Settings).await?;
    html(page::people(&frame, view))
}

async fn load(desk: &Desk, reader: &Reader) -> Result<PeopleView, Fault> {
    let (scope, own, settings) = (reader.person.scope.clone(), reader.person.id.clone(), desk.settings.clone());
    let view = desk
        .store
        .read(move |tx| {
            Box::pin(async move {
                let accounts = accounts::list(tx, &scope).await?;
                let names: HashMap<String, String> = accounts.iter().map(|a| (a.id.clone(), a.name.clone())).collect();
                let tokens = tokens::list(tx, &scope).await?;
                let mut people = Vec::with_capacity(accounts.len());
                for account in accounts {
                    people.push(person(tx, account, &own, &settings).await?);
                }
                let slack = super::slack::all(tx, &names).await?;
                let tokens = tokens.into_iter().map(|t| token(t, &names)).collect();
                Ok(PeopleView { people, slack, tokens, fresh: None, notice: None })
            })
        })
        .await?;
    Ok(view)
}

async fn person(tx: &mut Tx, account: Account, own: &str, settings: &Settings) -> Result<PersonRow, StoreError> {
    let last = sessions::of(tx, &account.id).await?.first().map(|s| s.seen_at);
    let customers = match account.scope {
        Scope::All => Vec::new(),
        Scope::Customers(ids) => ids.iter().map(|id| settings.customer_name(id)).collect(),
    };
    Ok(PersonRow {
        own: account.id == own,
        id: account.id,
        name: account.name,
        email: account.email,
        role: account.role,
        customers,
        seen_at: last,
        disabled_at: account.disabled_at,
    })
}

fn token(token: Token, names: &HashMap<String, String>) -> TokenRow {
    TokenRow {
        created_by: names.get(&token.created_by).cloned().unwrap_or(token.created_by),
        id: token.id,
        name: token.name,
        role: token.role,
        created_at: token.created_at,
        used_at: token.used_at,
        revoked_at: token.revoked_at,
    }
}

fn notice(query: &Query, view: &PeopleView) -> Option<PeopleNotice> {
    let person = view.people.iter().find(|p| p.id == query.who);
    let name = person.map(|p| p.name.clone()).unwrap_or_default();
    let token = view.tokens.iter().find(|t| t.id == query.who).map(|t| t.name.clone());
    match query.done.as_str() {
        "disabled" if person.is_some() => Some(PeopleNotice::Disabled { name }),
        "enabled" if person.is_some() => Some(PeopleNotice::Enabled { name }),
        "role" => person.map(|p| PeopleNotice::RoleSet { name, role: p.role }),
        "revoked" => token.map(|name| PeopleNotice::TokenRevoked { name }),
        "slack-unlinked" => person.map(|_| PeopleNotice::SlackUnlinked { name }),
        "last-admin" => Some(PeopleNotice::LastAdmin),
        _ => None,
    }
}

/// What an administrator does to an account.
#[derive(Clone, Copy)]
enum Act {
    Role(Role),
    Disable,
    Enable,
}

impl Act {
    /// (audit name, word in the address)
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Role(_) => ("person.role", "role"),
            Self::Disable => ("person.disable", "disabled"),
            Self::Enable => ("person.enable", "enabled"),
        }
    }

    /// Would it take an administrator away?
    const fn weakens(self) -> bool {
        match self {
            Self::Role(role) => !role.may_administer(),
            Self::Disable => true,
            Self::Enable => false,
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct RoleForm {
    role: String,
}

pub(super) async fn set_role(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
    Sent(form): Sent<RoleForm>,
) -> Result<Response, Fault> {
    let role = Role::parse(&form.role).ok_or_else(|| Fault::bad("role", "Choose one of the roles."))?;
    act(&desk, &reader, id, Act::Role(role)).await
}

pub(super) async fn disable(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    act(&desk, &reader, id, Act::Disable).await
}

pub(super) async fn enable(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    act(&desk, &reader, id, Act::Enable).await
}

async fn act(desk: &Desk, reader: &Reader, id: String, act: Act) -> Result<Response, Fault> {
    reader.person.need_whole_admin()?;
    if id == reader.person.id {
        return Err(Fault::Forbidden {
            needs: "another administrator: nobody changes their own role or disables themselves",
        });
    }
    let (by, who) = (reader.clone(), id.clone());
    let done =
        desk.store.write("change_person", move |tx| Box::pin(async move { apply(tx, &by, &who, act).await })).await?;
    let word = match done {
        None => return Err(Fault::NotFound),
        Some(false) => "last-admin",
        Some(true) => act.names().1,
    };
    Ok(Redirect::to(&format!("/people?done={word}&who={}", crate::markup::encode(&id))).into_response())
}

/// `None`: no such account. False: it is the last administrator who can sign in.
async fn apply(tx: &mut Tx, by: &Reader, id: &str, act: Act) -> Result<Option<bool>, StoreError> {
    // Two administrators who disable each other at once must not both succeed.
    tx.lock(&["accounts".to_owned()]).await?;
    let Some(account) = accounts::by_id(tx, id).await? else { return Ok(None) };
    let counts = account.role.may_administer() && account.disabled_at.is_none() && account.password.is_some();
    if counts && act.weakens() && accounts::working_admins(tx).await? <= 1 {
        return Ok(Some(false));
    }
    let mut trail = by.trail();
    match act {
        Act::Role(role) => {
            accounts::set_role(tx, id, role).await?;
            trail["before"] = json!(account.role.as_str());
            trail["role"] = json!(role.as_str());
        }
        Act::Disable => accounts::set_disabled(tx, id, true).await?,
        Act::Enable => accounts::set_disabled(tx, id, false).await?,
    }
    audit::add(tx, &by.person.actor(), act.names().0, &format!("account/{id}"), None, &trail).await?;
    Ok(Some(true))
}
