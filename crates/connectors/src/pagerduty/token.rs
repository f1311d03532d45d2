//! What the token may: whose it is, which lists it can't read, whether it can write. Changes nothing: the one write that it
//! tries is about an incident that does not exist.

use super::whole::later;
use super::{Client, Identity, Write, decode, wire};
use crate::{Call, CallError, Kind};
use http::Method;
use serde::Deserialize;
use serde_json::json;

/// Whose token it is, and whether it may write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenLevel {
    pub identity: Identity,
    /// `None`: could not be found out.
    pub can_write: Option<bool>,
}

/// Some of the lists, asked for one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scopes {
    /// Which ones.
    pub asked: Vec<&'static str>,
    /// Those of them that the token may not read.
    pub missing: Vec<Missing>,
    /// Where to go on.
    pub next: Option<usize>,
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
    /// A few reads and the refused write. A failure that says nothing of permissions is the whole call's.
    pub async fn token(&self, call: &Call) -> Result<TokenLevel, CallError> {
        let started = tokio::time::Instant::now();
        let identity = self.identity_at_least(call).await?;
        let from = match &identity {
            Identity::User(user) => user.email.clone(),
            Identity::Account { .. } => match &self.from {
                Some(from) => Some(from.clone()),
                None => self.anybody(&later(call, started)).await?,
            },
        };
        let can_write = self.can_write(&later(call, started), from.as_deref()).await?;
        Ok(TokenLevel { identity, can_write })
    }

    /// Which of `most` lists, from one on, the token may not read. A failure that says nothing of permissions is the whole
    /// call's.
    pub async fn scopes(&self, call: &Call, from: usize, most: usize) -> Result<Scopes, CallError> {
        let started = tokio::time::Instant::now();
        let mut scopes = Scopes { asked: Vec::new(), missing: Vec::new(), next: None };
        for (what, lost) in LISTS.into_iter().skip(from).take(most) {
            scopes.asked.push(what);
            if let Err(error) = self.get(&later(call, started), &[what], &[("limit", "1".to_owned())]).await {
                scopes.missing.extend(judged(what, lost, error)?);
            }
        }
        scopes.next = Some(from.saturating_add(most)).filter(|next| *next < LISTS.len());
        Ok(scopes)
    }

    /// The mail address of any user: the probe needs a name.
    async fn anybody(&self, call: &Call) -> Result<Option<String>, CallError> {
        match self.get(call, &["users"], &[("limit", "1".to_owned())]).await {
            Ok(raw) => Ok(first_mail(&raw)),
            Err(error) => judged("users", "", error).map(|_| None),
        }
    }

    /// An app's token may have neither a user nor the right to ask for abilities.
    async fn identity_at_least(&self, call: &Call) -> Result<Identity, CallError> {
        match self.current_identity(call).await {
            Err(error) if error.kind == Kind::Forbidden => Ok(Identity::Account { abilities: Vec::new() }),
            other => other,
        }
    }

    /// Permission is judged before the incident is looked for: what is told "not found" could have written.
    async fn can_write(&self, call: &Call, from: Option<&str>) -> Result<Option<bool>, CallError> {
        let path = ["incidents", NO_INCIDENT, "snooze"];
        let write = Write { method: Method::POST, path: &path, from };
        let Err(error) = self.write(call, write, Some(&json!({ "duration": 1 }))).await else { return Ok(None) };
        Ok(match error.status {
            Some(401 | 403) => Some(false),
            Some(404) => Some(true),
            // Without a name to write in, the refusal may be for that alone.
            Some(400) => from.map(|_| true),
            // It can't have changed anything, whatever became of it.
            _ if tells_nothing(error.kind) => return Err(CallError { write: false, ..error }),
            _ => None,
        })
    }
}

/// What a refused read means: a missing permission, nothing of the kind, or that nothing can be told now.
fn judged(what: &str, lost: &str, error: CallError) -> Result<Option<Missing>, CallError> {
    match error.kind {
        Kind::Auth | Kind::Forbidden => {
            let text = format!("{}. Without it, {lost}.", error.text);
            Ok(error.status.map(|status| Missing { what: what.to_owned(), status, text }))
        }
        kind if tells_nothing(kind) => Err(error),
        _ => Ok(None),
    }
}

/// Trouble on the way, or over there: it says nothing of what the token may.
const fn tells_nothing(kind: Kind) -> bool {
    matches!(kind, Kind::Limited | Kind::Server | Kind::NoConnection | Kind::InTheWay | Kind::Refused | Kind::Unknown)
}

fn first_mail(raw: &[u8]) -> Option<String> {
    let users: wire::Rows<Mail> = decode(raw, false).ok()?;
    users.rows.into_iter().find_map(|user| user.email)
}
