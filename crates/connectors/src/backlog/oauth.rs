//! OAuth: an access token that is renewed when it runs out, one renewal at a time. A refresh token that Backlog changes is kept
//! by the caller before its access token is used. Never shows a token.

use super::{FORM, form};
use crate::http::{Http, Request, Response};
use crate::{Call, CallError, Kind, Secret, gate};
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Method};
use model::Micros;
use serde::Deserialize;
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::Mutex;

/// A keeping under way; the error says why it was not kept.
pub type Keep = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

/// Keeps a new refresh token durably. Until it has said `Ok` no call goes out, and it is asked again before the next one.
#[derive(Clone)]
pub struct Keeper(Arc<dyn Fn(Secret) -> Keep + Send + Sync>);

impl Keeper {
    pub fn new<F>(keep: impl Fn(Secret) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), String>> + Send + 'static,
    {
        Self(Arc::new(move |token| Box::pin(keep(token))))
    }
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keeper")
    }
}

#[derive(Debug)]
pub struct OAuth {
    client_id: String,
    client_secret: Secret,
    keeper: Keeper,
    tokens: Mutex<Tokens>,
}

#[derive(Debug)]
struct Tokens {
    refresh: Secret,
    is_kept: bool,
    access: Option<Access>,
}

#[derive(Debug)]
struct Access {
    token: Secret,
    until: Micros,
}

/// A token that would run out on the way is renewed before.
const MARGIN_S: i64 = 60;
const LIFETIME_S: i64 = 3_600;

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: Option<i64>,
    refresh_token: Option<String>,
}

impl OAuth {
    pub fn new(client_id: &str, client_secret: &Secret, refresh_token: &Secret, keeper: &Keeper) -> Self {
        let tokens = Tokens { refresh: refresh_token.clone(), is_kept: true, access: None };
        Self {
            client_id: client_id.to_owned(),
            client_secret: client_secret.clone(),
            keeper: keeper.clone(),
            tokens: Mutex::new(tokens),
        }
    }

    /// A token that works as far as we know; `spent` is one that does not any more. Whoever comes while it is being renewed waits.
    pub async fn token(&self, http: &Http, call: &Call, spent: Option<&Secret>) -> Result<Secret, CallError> {
        let mut tokens = self.tokens.lock().await;
        let held = tokens.access.as_ref().filter(|held| spent != Some(&held.token) && call.now < held.until);
        let token = match held {
            Some(held) => held.token.clone(),
            None => self.renew(&mut tokens, http, call).await?,
        };
        self.keep(&mut tokens).await?;
        Ok(token)
    }

    /// Whatever goes wrong here, the call for which the token was meant has not gone out: so none of these errors is a write's.
    async fn renew(&self, tokens: &mut Tokens, http: &Http, call: &Call) -> Result<Secret, CallError> {
        tokens.access = None;
        let fields = [
            ("grant_type", "refresh_token".to_owned()),
            ("client_id", self.client_id.clone()),
            ("client_secret", self.client_secret.expose().to_owned()),
            ("refresh_token", tokens.refresh.expose().to_owned()),
        ];
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, FORM)]);
        let path = ["api", "v2", "oauth2", "token"];
        let request = Request { method: Method::POST, path: &path, query: &[], headers, body: Some(form(&fields)) };
        let answer = http.send(request).await.and_then(|response| granted(&response));
        let granted = answer.map_err(|e| CallError { write: false, ..e })?;
        if let Some(refresh) = granted.refresh_token.map(Secret::new).filter(|new| *new != tokens.refresh) {
            tokens.refresh = refresh;
            tokens.is_kept = false;
        }
        let token = Secret::new(granted.access_token);
        let lifetime_s = granted.expires_in.filter(|s| *s > 0).unwrap_or(LIFETIME_S);
        let until = call.now.plus_s(lifetime_s - MARGIN_S.min(lifetime_s / 2));
        tokens.access = Some(Access { token: token.clone(), until });
        Ok(token)
    }

    async fn keep(&self, tokens: &mut Tokens) -> Result<(), CallError> {
        if !tokens.is_kept {
            (self.keeper.0)(tokens.refresh.clone()).await.map_err(|why| {
                let text =
                    format!("Backlog's new refresh token could not be kept ({why}); nothing goes out before it is");
                CallError::new(Kind::Refused, false, text).redacted(&tokens.refresh)
            })?;
            tokens.is_kept = true;
        }
        Ok(())
    }
}

pub fn bearer(token: &Secret) -> Result<HeaderValue, CallError> {
    let text = "Backlog's access token can't be sent as a header";
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose()))
        .map_err(|_| CallError::new(Kind::Unreadable, false, text))?;
    value.set_sensitive(true);
    Ok(value)
}

/// What the answer holds is secret, so a parser's words about it are not told.
fn granted(response: &Response) -> Result<Granted, CallError> {
    if response.status != 200 {
        return Err(refused(response));
    }
    serde_json::from_slice(&response.body).map_err(|_| {
        let text = "Backlog's answer with a new access token can't be read; is the space's address right?";
        CallError::new(Kind::Unreadable, false, text)
    })
}

fn refused(response: &Response) -> CallError {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Body {
        error: String,
    }
    let body: Body = serde_json::from_slice(&response.body).unwrap_or_default();
    let word: String = body.error.chars().filter(|c| c.is_ascii_lowercase() || *c == '_').take(40).collect();
    let kind = match gate::kind(response) {
        Kind::BadRequest | Kind::Forbidden | Kind::NotFound | Kind::Conflict => Kind::Auth,
        kind => kind,
    };
    let advice = match (kind, word.as_str()) {
        (Kind::Auth, "invalid_client" | "unauthorized_client") => {
            "the client's id or secret is wrong: check [backlog] client_id and client_secret against the app's page"
        }
        (Kind::Auth, _) => "the refresh token is no longer good: connect Backlog again by signing in once more",
        (Kind::Limited, _) => "too many at once; it is tried again",
        (Kind::InTheWay, _) => "a proxy or a sign-in page is on the way: let this machine reach Backlog directly",
        _ => "it is tried again",
    };
    let text = format!("Backlog gave no new access token ({} {word}): {advice}", response.status);
    let retry_after_s = response.headers.get("retry-after").and_then(|s| s.to_str().ok()?.trim().parse::<u64>().ok());
    let retry_after_ms = retry_after_s.filter(|_| kind == Kind::Limited).map(|s| s.min(900) * 1_000);
    CallError { kind, status: Some(response.status), code: None, text, retry_after_ms, write: false }
}
