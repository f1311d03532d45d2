//! Backlog (Nulab): tickets with their history, people, activities and webhook bodies in, comments out, one `Client` a space.
//! Never repeats a call but once with a fresh OAuth token, never sleeps, never shows a key.

mod activities;
mod comments;
mod document;
mod history;
mod limits;
mod oauth;
mod read;
mod refusal;
mod wire;

#[cfg(test)]
mod tests;

pub use activities::{Activities, Scope, hints_from_activities, parse_webhook};
pub use document::{Whole, reading_from_document, tickets_from_list};
pub use limits::{Rate, RateLimits};
pub use oauth::{Keep, Keeper};
pub use read::{ListTickets, Project, Sort, Team, TicketPage};

pub use crate::pagerduty::Unreadable;

use crate::gate::Sent;
use crate::http::{Http, Request, Response, SetupError};
use crate::pagerduty::json;
use crate::{Call, CallError, Kind, Limiter, Secret, gate};
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Method};
use limits::{Bucket, Limits};
use oauth::OAuth;
use serde::de::DeserializeOwned;

/// What an operator configures for one space.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Our own name of the space; it begins every ticket's id, so it must never change.
    pub space: String,
    /// `https://NAME.backlog.jp`, `.backlog.com` or `.backlogtool.com`.
    pub url: String,
    pub auth: Auth,
    pub http: crate::http::Settings,
}

#[derive(Clone, Debug)]
pub enum Auth {
    /// Goes out in the query of every call, so it is kept out of everything that shows addresses.
    ApiKey(Secret),
    OAuth {
        client_id: String,
        client_secret: Secret,
        refresh_token: Secret,
        /// Keeps a refresh token that has taken the place of the one above.
        keeper: Keeper,
    },
}

/// The API of one space by one user's key.
#[derive(Debug)]
pub struct Client {
    space: String,
    http: Http,
    /// Where people open tickets, without a slash at the end.
    pages: String,
    limits: Limits,
    door: Door,
}

#[derive(Debug)]
enum Door {
    ApiKey(Secret),
    OAuth(Box<OAuth>),
}

/// A call below `/api/v2`.
struct Ask<'a> {
    method: Method,
    path: &'a [&'a str],
    query: &'a [(&'a str, String)],
    form: Option<&'a [(&'a str, String)]>,
    bucket: Bucket,
}

const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

impl Client {
    pub fn new(settings: &Settings) -> Result<Self, SetupError> {
        let url = settings.url.trim_end_matches('/').trim_end_matches("/api/v2").trim_end_matches('/');
        let http = Http::new(url, settings.http)?;
        let door = match &settings.auth {
            Auth::ApiKey(key) => Door::ApiKey(Secret::new(key.expose().trim())),
            Auth::OAuth { client_id, client_secret, refresh_token, keeper } => {
                Door::OAuth(Box::new(OAuth::new(client_id, client_secret, refresh_token, keeper)))
            }
        };
        Ok(Self { space: settings.space.clone(), http, pages: url.to_owned(), limits: Limits::published(), door })
    }

    /// By kind of call: reading, changing, searching.
    pub fn limiters(&self) -> [(&'static str, &Limiter); 3] {
        self.limits.all()
    }

    async fn get(&self, call: &Call, path: &[&str], query: &[(&str, String)]) -> Result<Bytes, CallError> {
        let ask = Ask { method: Method::GET, path, query, form: None, bucket: Bucket::Read };
        Ok(self.send(call, &ask).await?.body)
    }

    /// A call that was refused for an expired token has done nothing, so it goes out once more with a fresh one.
    async fn send(&self, call: &Call, ask: &Ask<'_>) -> Result<Response, CallError> {
        let started = tokio::time::Instant::now();
        match &self.door {
            Door::ApiKey(key) => {
                let answer = self.send_once(call, ask, &self.door, key).await;
                answer.and_then(|sent| self.checked(sent, ask)).map_err(|error| error.redacted(key))
            }
            Door::OAuth(oauth) => {
                let token = oauth.token(&self.http, call, None).await?;
                let mut answer = self.send_once(call, ask, &self.door, &token).await;
                if answer.as_ref().is_ok_and(|sent| refusal::is_expired_token(&sent.response)) {
                    let call = later(call, started);
                    let fresh = oauth.token(&self.http, &call, Some(&token)).await?;
                    answer = self.send_once(&call, ask, &self.door, &fresh).await.map_err(|e| e.redacted(&fresh));
                }
                answer.and_then(|sent| self.checked(sent, ask)).map_err(|error| error.redacted(&token))
            }
        }
    }

    async fn send_once(&self, call: &Call, ask: &Ask<'_>, door: &Door, secret: &Secret) -> Result<Sent, CallError> {
        let path: Vec<&str> = ["api", "v2"].into_iter().chain(ask.path.iter().copied()).collect();
        let mut query = ask.query.to_vec();
        let mut headers = HeaderMap::new();
        match door {
            Door::ApiKey(_) => query.push(("apiKey", secret.expose().to_owned())),
            Door::OAuth(_) => {
                headers.insert(AUTHORIZATION, oauth::bearer(secret)?);
            }
        }
        let body = ask.form.map(|fields| {
            headers.insert(CONTENT_TYPE, FORM);
            form(fields)
        });
        let request = Request { method: ask.method.clone(), path: &path, query: &query, headers, body };
        self.limits.send(&self.http, call, ask.bucket, request).await
    }

    fn checked(&self, sent: Sent, ask: &Ask<'_>) -> Result<Response, CallError> {
        let is_key = matches!(self.door, Door::ApiKey(_));
        refusal::check(sent, &refusal::Asked { what: &ask.path.join("/"), host: self.http.host(), is_key })
    }
}

/// Fields may repeat, as `notifiedUserId[]` does.
fn form(fields: &[(&str, String)]) -> Vec<u8> {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields.iter().map(|(name, value)| (*name, value.as_str())));
    body.finish().into_bytes()
}

/// A second call of one task goes out later than the first; the limiter has to count it in the right minute.
fn later(call: &Call, started: tokio::time::Instant) -> Call {
    let took_ms = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
    Call { now: call.now.plus_ms(took_ms), ..*call }
}

/// Reads what came back. `write` says what a body that can't be read means: that it may have been done.
fn decode<T: DeserializeOwned>(raw: &[u8], write: bool) -> Result<T, CallError> {
    json::read(&json::without_nul(raw)).map_err(|e| match gate::is_page(raw) {
        true if !write => {
            let text = "a page for people came instead of Backlog's answer: is the space's address right? Otherwise a proxy \
                        or a sign-in page is on the way: let this machine reach it directly; it is tried again";
            CallError::new(Kind::InTheWay, write, text)
        }
        _ => unreadable(&e, write),
    })
}

fn unreadable(error: &Unreadable, write: bool) -> CallError {
    CallError::new(Kind::Unreadable, write, format!("Backlog's answer can't be read at {}: {}", error.place, error.why))
}

/// A ticket's number or key, or a project's: letters, digits, `_` and `-`; anything else would address another resource.
fn is_key(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn checked_key(key: &str, write: bool) -> Result<&str, CallError> {
    if is_key(key) {
        Ok(key)
    } else {
        Err(CallError::new(Kind::BadRequest, write, format!("{key:?} is no key of Backlog")))
    }
}
