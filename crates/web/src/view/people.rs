//! For administrators: who has an account, which tokens programs hold.

use super::{Frame, LinkedRow};
use crate::markup::encode;
use model::Micros;
use model::person::Role;

#[derive(Clone, Debug)]
pub struct PeopleView {
    pub people: Vec<PersonRow>,
    /// Slack accounts that act in somebody's name.
    pub slack: Vec<LinkedRow>,
    pub tokens: Vec<TokenRow>,
    /// Shown once, right after it was made.
    pub fresh: Option<FreshToken>,
    pub notice: Option<PeopleNotice>,
}

#[derive(Clone, Debug)]
pub struct PersonRow {
    pub id: String,
    pub name: String,
    pub email: String,
    pub role: Role,
    /// Names of the customers that this person sees; empty is all.
    pub customers: Vec<String>,
    pub seen_at: Option<Micros>,
    pub disabled_at: Option<Micros>,
    /// The reader's own account, which can't be disabled here.
    pub own: bool,
}

#[derive(Clone, Debug)]
pub struct TokenRow {
    pub id: String,
    pub name: String,
    pub role: Role,
    pub created_at: Micros,
    pub created_by: String,
    pub used_at: Option<Micros>,
    pub revoked_at: Option<Micros>,
}

#[derive(Clone, Debug)]
pub struct FreshToken {
    pub name: String,
    pub secret: String,
}

/// What the last act did, or why it did nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeopleNotice {
    Disabled { name: String },
    Enabled { name: String },
    RoleSet { name: String, role: Role },
    TokenRevoked { name: String },
    TokenNameMissing,
    TokenNameTaken { name: String },
    LastAdmin,
    SlackUnlinked { name: String },
}

impl PeopleNotice {
    pub const fn is_problem(&self) -> bool {
        matches!(self, Self::TokenNameMissing | Self::TokenNameTaken { .. } | Self::LastAdmin)
    }

    pub fn text(&self, f: &Frame) -> String {
        match self {
            Self::Disabled { name } => f.t1("people-disabled", "name", name),
            Self::Enabled { name } => f.t1("people-enabled", "name", name),
            Self::RoleSet { name, role } => f.t2("people-role-set", "name", name, "role", f.role(role)),
            Self::TokenRevoked { name } => f.t1("token-revoked-notice", "name", name),
            Self::TokenNameMissing => f.t("token-name-missing"),
            Self::TokenNameTaken { name } => f.t1("token-name-taken", "name", name),
            Self::LastAdmin => f.t("people-last-admin"),
            Self::SlackUnlinked { name } => f.t1("people-slack-unlinked", "name", name),
        }
    }
}

impl PersonRow {
    pub fn href(&self, act: &str) -> String {
        format!("/people/{}/{act}", encode(&self.id))
    }

    pub fn customers_text(&self, f: &Frame) -> String {
        if self.customers.is_empty() { f.t("people-all-customers") } else { f.join(&self.customers) }
    }
}

impl TokenRow {
    pub fn revoke_href(&self) -> String {
        format!("/tokens/{}/revoke", encode(&self.id))
    }
}

impl PeopleView {
    pub fn sentence(&self, f: &Frame) -> String {
        let active = self.people.iter().filter(|p| p.disabled_at.is_none()).count();
        let tokens = self.tokens.iter().filter(|t| t.revoked_at.is_none()).count();
        f.t2("people-count", "people", active, "tokens", tokens)
    }

    pub fn roles(&self) -> [Role; 6] {
        Role::ALL
    }
}
