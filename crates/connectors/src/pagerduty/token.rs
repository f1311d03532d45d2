//! What the token may: whose it is, which lists it can't read, whether it can write. Changes nothing: the one write that it
//! tries is about an incident that does not exist.

use super::whole::later;
use super::{Client, Identity, Write, decode, wire};
use crate::{Call, CallError, Kind};
use http::Method;
use serde::Deserialize;
use serde_json::json;

/// What a token may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenLevel {
    pub identity: Identity,
    /// `None`: could not be found out.
    pub can_write: Option<bool>,
    /// What it may not read.
    pub missing: Vec<Missing>,
}

/// A list that the token may not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The list's path, e.g. `schedules`.
    pub what: String,
    pub status: u16,
    /// For people: what to grant, and what does not work without it.
    pub text: String,
}

/// All lists that we read, and what does not work without each.
const LISTS: [(&str, &str); 11] = [
    ("incidents", "no incident can be mirrored"),
    ("log_entries", "what webhooks missed can't be found, nor history be fetched cheaply"),
    ("services", "services are known by what incidents say of them only"),
    (
        "users",
        "people can't be matched with their PagerDuty users, so nobody can act from here, and seats can't be told",
    ),
    ("teams", "teams are known by what incidents say of them only"),
    ("escalation_policies", "levels to escalate to can't be offered"),
    ("schedules", "schedules can't be shown"),
    ("oncalls", "who is on call can't be shown, nor which seats are never on call"),
    ("priorities", "priorities can't be offered"),
    ("maintenance_windows", "maintenance windows can't be shown"),
    ("webhook_subscriptions", "a subscription that PagerDuty has switched off can't be noticed or switched on again"),
];

/// No incident has this id: it is of another length than PagerDuty's, and no incident's number.
const NO_INCIDENT: &str = "PARAYASHIKI0";

#[derive(Deserialize)]
struct Mail {
    email: Option<String>,
}

impl Client {
    /// A dozen reads and the refused write. A failure that says nothing of permissions is the whole call's.
    pub async fn token(&self, call: &Call) -> Result<TokenLevel, CallError> {
        let started = tokio::time::Instant::now();
        let identity = self.identity_at_least(call).await?;
        let mut missing = Vec::new();
        let mut anybody = None;
        for (what, lost) in LISTS {
            match self.get(&later(call, started), &[what], &[("limit", "1".to_owned())]).await {
                Ok(raw) if what == "users" => anybody = first_mail(&raw),
                Ok(_) => {}
                Err(error) => missing.extend(judged(what, lost, error)?),
            }
        }
        let from = match &identity {
            Identity::User(user) => user.email.clone(),
            Identity::Account { .. } => self.from.clone().or(anybody),
        };
        let can_write = self.can_write(&later(call, started), from.as_deref()).await;
        Ok(TokenLevel { identity, can_write, missing })
    }

    /// An app's token may have neither a user nor the right to ask for abilities.
    async fn identity_at_least(&self, call: &Call) -> Result<Identity, CallError> {
        match self.current_identity(call).await {
            Err(error) if error.kind == Kind::Forbidden => Ok(Identity::Account { abilities: Vec::new() }),
            other => other,
        }
    }

    /// Permission is judged before the incident is looked for: what is told "not found" could have written.
    async fn can_write(&self, call: &Call, from: Option<&str>) -> Option<bool> {
        let path = ["incidents", NO_INCIDENT, "snooze"];
        let write = Write { method: Method::POST, path: &path, from };
        let status = self.write(call, write, Some(&json!({ "duration": 1 }))).await.err()?.status;
        match status {
            Some(401 | 403) => Some(false),
            Some(404) => Some(true),
            // Without a name to write in, the refusal may be for that alone.
            Some(400) => from.map(|_| true),
            _ => None,
        }
    }
}

/// What a refused read means: a missing permission, nothing of the kind, or that nothing can be told now.
fn judged(what: &str, lost: &str, error: CallError) -> Result<Option<Missing>, CallError> {
    match error.kind {
        Kind::Auth | Kind::Forbidden => {
            let text = format!("{}. Without it, {lost}.", error.text);
            Ok(error.status.map(|status| Missing { what: what.to_owned(), status, text }))
        }
        Kind::NotFound | Kind::BadRequest | Kind::Conflict | Kind::TooLarge | Kind::Unreadable => Ok(None),
        Kind::Limited | Kind::Server | Kind::NoConnection | Kind::Refused | Kind::Unknown => Err(error),
    }
}

fn first_mail(raw: &[u8]) -> Option<String> {
    let users: wire::Rows<Mail> = decode(raw, false).ok()?;
    users.rows.into_iter().find_map(|user| user.email)
}
