//! The person or program that asks, as the store knows it at this very request. Never cached: a revoked session or a
//! changed role counts from the next request on.

use super::Asked;
use crate::Language;
use crate::problem::Fault;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use jiff::tz::TimeZone;
use model::Scope;
use model::person::Role;
use std::sync::Arc;
use store::accounts::Account;
use store::tokens::Token;

#[derive(Clone, Debug)]
pub struct Person {
    /// The account's id; the token's id for a program.
    pub id: String,
    pub name: String,
    pub email: String,
    pub role: Role,
    /// Whose rows they may see.
    pub scope: Scope,
    /// The same, narrowed to the customer that they chose to look at.
    pub sees: Scope,
    /// The chosen customer.
    pub chosen: Option<String>,
    pub language: Option<Language>,
    pub zone: Option<TimeZone>,
    pub via: Via,
    /// The account in whose name they act: their own; of a program, the one that made its token.
    pub account: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via {
    /// By the session of this id.
    Session(String),
    Token,
}

impl Person {
    pub(crate) fn of_account(account: Account, session: String) -> Self {
        Self {
            language: account.language.as_deref().and_then(Language::parse),
            zone: account.time_zone.as_deref().filter(|z| !z.is_empty()).and_then(|z| TimeZone::get(z).ok()),
            account: account.id.clone(),
            id: account.id,
            name: account.name,
            email: account.email,
            role: account.role,
            sees: account.scope.clone(),
            scope: account.scope,
            chosen: None,
            via: Via::Session(session),
        }
    }

    pub(super) fn of_token(token: Token) -> Self {
        Self {
            id: token.id,
            name: token.name,
            email: String::new(),
            role: token.role,
            sees: token.scope.clone(),
            scope: token.scope,
            chosen: None,
            language: None,
            zone: None,
            via: Via::Token,
            account: token.created_by,
        }
    }

    /// Narrows what they look at to one customer; never widens it.
    pub(super) fn choose(&mut self, customer: Option<&str>) {
        if let Some(customer) = customer
            && self.scope.allows(Some(customer))
        {
            self.sees = Scope::Customers(vec![customer.to_owned()]);
            self.chosen = Some(customer.to_owned());
        }
    }

    /// Who did it, in the audit record.
    pub fn actor(&self) -> String {
        match self.via {
            Via::Session(_) => self.id.clone(),
            Via::Token => format!("token:{}", self.name),
        }
    }

    pub fn need_raw(&self) -> Result<(), Fault> {
        allow(self.role.may_open_raw(), "the role responder, approver, leader, auditor or admin")
    }

    pub fn need_admin(&self) -> Result<(), Fault> {
        allow(self.role.may_administer(), "the role admin")
    }

    /// Accounts and tokens belong to no customer: only an admin who sees everything may touch them.
    pub fn need_whole_admin(&self) -> Result<(), Fault> {
        allow(self.role.may_administer() && self.scope == Scope::All, "the role admin for all customers")
    }

    /// History and seats are the whole account's: for those who lead and see everything.
    pub fn need_whole_leader(&self) -> Result<(), Fault> {
        let leads = matches!(self.role, Role::Leader | Role::Admin);
        allow(leads && self.scope == Scope::All, "the role leader or admin for all customers")
    }

    pub fn need_auditor(&self) -> Result<(), Fault> {
        allow(matches!(self.role, Role::Admin | Role::Auditor | Role::Leader), "the role auditor, leader or admin")
    }
}

fn allow(is_allowed: bool, needs: &'static str) -> Result<(), Fault> {
    if is_allowed { Ok(()) } else { Err(Fault::Forbidden { needs }) }
}

/// Who reads, and what the request says: what every handler behind a gate gets.
#[derive(Clone, Debug)]
pub struct Reader {
    pub person: Arc<Person>,
    pub asked: Arc<Asked>,
}

impl Reader {
    /// What the audit row says besides who and what.
    pub fn trail(&self) -> serde_json::Value {
        let door = if self.asked.path().starts_with("/api/") { "api" } else { "page" };
        serde_json::json!({ "door": door, "from": self.asked.from })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Reader {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        let person = parts.extensions.get::<Arc<Person>>().cloned();
        let asked = parts.extensions.get::<Arc<Asked>>().cloned();
        match (person, asked) {
            (Some(person), Some(asked)) => Ok(Self { person, asked }),
            _ => Err(Fault::Internal { why: "a handler for people stands outside the gate".into() }),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        let asked = parts.extensions.get::<Arc<Self>>();
        asked
            .map(|a| Self::clone(a))
            .ok_or_else(|| Fault::Internal { why: "a handler stands outside the frame".into() })
    }
}
