//! A person's own settings: language, zone, password, and where they are signed in.

use super::{Frame, LinkedRow};
use crate::markup::encode;
use model::Micros;

#[derive(Clone, Debug)]
pub struct AccountView {
    /// IANA name, e.g. `Asia/Tokyo`.
    pub zone: String,
    /// IANA names offered.
    pub zones: Vec<String>,
    pub sessions: Vec<SessionRow>,
    /// Slack accounts that act in this person's name.
    pub slack: Vec<LinkedRow>,
    pub notice: Option<AccountNotice>,
    pub password_problem: Option<PasswordProblem>,
    /// A zone that was asked for and that we do not know.
    pub unknown_zone: Option<String>,
}

#[derive(Clone, Debug)]
pub struct SessionRow {
    pub id: String,
    /// Browser and system in a few words.
    pub device: String,
    pub address: Option<String>,
    pub started_at: Micros,
    pub seen_at: Micros,
    pub current: bool,
}

impl SessionRow {
    pub fn revoke_href(&self) -> String {
        format!("/account/sessions/{}/revoke", encode(&self.id))
    }
}

/// What the last act did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountNotice {
    LanguageSet,
    ZoneSet,
    PasswordSet,
    SessionRevoked,
    OthersRevoked,
    SlackLinked,
    SlackUnlinked,
}

impl AccountNotice {
    pub fn text(self, f: &Frame) -> String {
        f.t(match self {
            Self::LanguageSet => "account-language-set",
            Self::ZoneSet => "account-zone-set",
            Self::PasswordSet => "account-password-set",
            Self::SessionRevoked => "account-session-revoked",
            Self::OthersRevoked => "account-others-revoked",
            Self::SlackLinked => "account-slack-linked",
            Self::SlackUnlinked => "account-slack-unlinked",
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordProblem {
    /// The present one was wrong.
    Present,
    Short {
        min: u32,
    },
    Differ,
    Guessable,
}

impl PasswordProblem {
    pub fn text(self, f: &Frame) -> String {
        match self {
            Self::Present => f.t("password-present-wrong"),
            Self::Short { min } => f.t1("password-short", "min", min),
            Self::Differ => f.t("password-differ"),
            Self::Guessable => f.t("password-guessable"),
        }
    }
}
