//! The access token: asked for by a signed statement, kept until five minutes before its end, by one caller at a time. Never shown.

use super::ServiceAccount;
use crate::http::{Http, Request, Response, Settings, SetupError};
use crate::{Call, CallError, Kind, Secret, gate};
use http::header::{CONTENT_TYPE, DATE, HeaderValue, RETRY_AFTER};
use http::{HeaderMap, Method};
use jiff::fmt::rfc2822::DateTimeParser;
use model::Micros;
use serde::Deserialize;
use tokio::sync::Mutex;

#[derive(Debug)]
pub struct Tokens {
    http: Http,
    account: ServiceAccount,
    subject: Option<String>,
    held: Mutex<Option<Held>>,
}

#[derive(Debug)]
struct Held {
    token: Secret,
    until: Micros,
}

/// Reading events and calendars, and opening channels, is all that we do.
const SCOPE: &str = "https://www.googleapis.com/auth/calendar.readonly";
const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
const MARGIN_S: i64 = 300;
const LIFETIME_S: i64 = 3_600;
/// Further apart than this, clocks are worth a word.
const SKEW_S: i64 = 60;

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: Option<i64>,
}

fn form(assertion: &Secret) -> Vec<u8> {
    let fields = [("grant_type", GRANT_TYPE), ("assertion", assertion.expose())];
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish().into_bytes()
}

impl Tokens {
    pub fn new(account: &ServiceAccount, subject: Option<&str>, http: Settings) -> Result<Self, SetupError> {
        let http = Http::new(account.token_url(), http)?;
        let subject = subject.filter(|subject| !subject.is_empty()).map(str::to_owned);
        Ok(Self { http, account: account.clone(), subject, held: Mutex::new(None) })
    }

    pub fn email(&self) -> &str {
        self.account.email()
    }

    /// A token that works as far as we know; `spent` is one that does not any more. Whoever comes while it is being fetched waits.
    pub async fn token(&self, call: &Call, spent: Option<&Secret>) -> Result<Secret, CallError> {
        let mut held = self.held.lock().await;
        if let Some(held) = held.as_ref().filter(|held| spent != Some(&held.token) && call.now < held.until) {
            return Ok(held.token.clone());
        }
        *held = None;
        let granted = self.ask(call).await?;
        let token = Secret::new(granted.access_token);
        let lifetime_s = granted.expires_in.filter(|s| *s > 0).unwrap_or(LIFETIME_S);
        let until = call.now.plus_s(lifetime_s - MARGIN_S.min(lifetime_s / 2));
        *held = Some(Held { token: token.clone(), until });
        Ok(token)
    }

    /// Whatever goes wrong here, the call for which the token was meant has not gone out: so none of these errors is a write's.
    async fn ask(&self, call: &Call) -> Result<Granted, CallError> {
        let assertion = Secret::new(self.account.assertion(SCOPE, self.subject.as_deref(), call.now)?);
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, FORM)]);
        let body = Some(form(&assertion));
        let request = Request { method: Method::POST, path: &[], query: &[], headers, body };
        let answer = self.http.send(request).await;
        let granted = answer.and_then(|response| {
            let now = call.now.plus_ms(response.took_ms);
            self.granted(&response, now)
        });
        granted.map_err(|e| CallError { write: false, ..e }.redacted(&assertion))
    }

    /// What the answer holds is secret, so a parser's words about it are not told.
    fn granted(&self, response: &Response, now: Micros) -> Result<Granted, CallError> {
        if response.status != 200 {
            return Err(self.refused(response, now));
        }
        serde_json::from_slice(&response.body).map_err(|_| {
            let text = format!(
                "the answer of {} with an access token can't be read: is a proxy on the way?",
                self.http.host()
            );
            CallError::new(Kind::Unreadable, false, text)
        })
    }

    fn refused(&self, response: &Response, now: Micros) -> CallError {
        let Told { error, error_description } = told(&response.body);
        let kind = match gate::kind(response) {
            Kind::BadRequest | Kind::Forbidden | Kind::NotFound | Kind::Conflict => Kind::Auth,
            kind => kind,
        };
        let advice = match kind {
            Kind::Auth => self.advice(&error, &error_description, skew_s(response, now)),
            Kind::InTheWay => {
                "a proxy or a sign-in page is on the way: let this machine reach Google directly".to_owned()
            }
            _ => "it is tried again".to_owned(),
        };
        let said: String = [error, error_description].join(" ").trim().chars().take(300).collect();
        let status = response.status;
        let text = format!("Google gave no access token ({status}) \u{201c}{said}\u{201d}: {advice}");
        let retry_after_s = response.headers.get(RETRY_AFTER).and_then(|s| s.to_str().ok()?.trim().parse::<u64>().ok());
        let retry_after_ms = retry_after_s.filter(|_| kind == Kind::Limited).map(|s| s.min(900) * 1_000);
        CallError { kind, status: Some(status), code: None, text, retry_after_ms, write: false }
    }

    fn advice(&self, error: &str, description: &str, skew_s: Option<i64>) -> String {
        let description = description.to_ascii_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| description.contains(word));
        let email = self.email();
        match error {
            "invalid_grant" if has(&["timeframe", "short-lived", "iat", "expir"]) => clock(skew_s),
            "invalid_grant" if has(&["signature"]) => {
                format!(
                    "the key is no longer one of {email}: make a new key and put its file in the place of the old one"
                )
            }
            "invalid_grant" if has(&["email", "user id", "account not found"]) => {
                "the account, or the user it stands for, does not exist (any more): check the key file and the subject"
                    .to_owned()
            }
            "unauthorized_client" | "access_denied" => format!(
                "let an administrator of the Workspace delegate {SCOPE} to {email} (API controls, domain-wide delegation), or set \
                 no subject and share the calendars with {email}"
            ),
            "invalid_scope" => format!("the delegation of {email} must name {SCOPE} exactly"),
            "invalid_client" => {
                format!("Google does not know {email}: was it deleted? make a new service account and key")
            }
            _ if skew_s.is_some_and(|s| s.abs() > SKEW_S) => clock(skew_s),
            _ => format!("check the key file of {email}; a deleted or disabled key needs a new one"),
        }
    }

    /// For tests that are about something else than tokens.
    #[cfg(test)]
    pub fn hold(&mut self, token: &str) {
        *self.held.get_mut() = Some(Held { token: Secret::new(token), until: Micros(i64::MAX) });
    }
}

struct Told {
    error: String,
    error_description: String,
}

/// Elsewhere than here Google says `error` as an object.
fn told(body: &[u8]) -> Told {
    let value: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let error = if value["error"].is_object() { text(&value["error"]["message"]) } else { text(&value["error"]) };
    Told { error, error_description: text(&value["error_description"]) }
}

fn clock(skew_s: Option<i64>) -> String {
    let how_far = match skew_s {
        Some(s) if s.abs() > SKEW_S => {
            format!("this machine's clock is {} s {} Google's", s.abs(), if s > 0 { "behind" } else { "ahead of" })
        }
        _ => "this machine's clock is wrong".to_owned(),
    };
    format!("{how_far}: set it by NTP (timedatectl set-ntp true)")
}

/// Google's clock less ours, by the answer's Date, to the second.
fn skew_s(response: &Response, now: Micros) -> Option<i64> {
    let date = response.headers.get(DATE)?.to_str().ok()?;
    let at = DateTimeParser::new().parse_timestamp(date).ok()?;
    Some((Micros(at.as_microsecond()).since(now) + 500_000).div_euclid(1_000_000))
}
