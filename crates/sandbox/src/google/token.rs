//! The token endpoint (RFC 7523): an assertion in, an access token out; and who a token is.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::errors::Problem;
use super::world::State;
use crate::clock::plus_s;
use crate::web::{Ask, Told};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// Google's own name for the endpoint; its libraries write it whatever the key file's `token_uri` says.
const AUDIENCE: &str = "https://oauth2.googleapis.com/token";
const SCOPES: &str = "https://www.googleapis.com/auth/calendar";
/// An assertion lives an hour at most.
const LONGEST_S: i64 = 3_600;
const TOO_LONG: &str = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.";
const NOT_DELEGATED: &str = "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.";

/// What a token stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Caller {
    /// The service account, or the person whom it acts for.
    pub mail: String,
    pub is_delegate: bool,
    pub scopes: Vec<String>,
}

#[derive(Debug)]
pub(super) struct Token {
    value: String,
    caller: Caller,
    pub expires: Timestamp,
}

impl Caller {
    /// `calendar`, `calendar.events`, `calendar.readonly`…
    pub(super) fn has(&self, names: &[&str]) -> bool {
        let own = self.scopes.iter().filter_map(|s| s.strip_prefix("https://www.googleapis.com/auth/"));
        own.into_iter().any(|s| names.contains(&s))
    }

    pub(super) fn may_read(&self) -> bool {
        self.has(&["calendar", "calendar.readonly", "calendar.events", "calendar.events.readonly"])
    }

    pub(super) fn may_write(&self) -> bool {
        self.has(&["calendar", "calendar.events"])
    }
}

type Refusal = (u16, &'static str, &'static str);

impl State {
    pub(super) fn token(&mut self, ask: &Ask, now: Timestamp) -> Told {
        match self.granted(ask, now) {
            Ok(caller) => {
                let value = format!("ya29.{}", self.dice.secret(120));
                let ttl_s = i64::from(self.settings.token_ttl_s);
                self.tokens.push(Token { value: value.clone(), caller, expires: plus_s(now, ttl_s) });
                let body = json!({ "access_token": value, "expires_in": ttl_s - 1, "token_type": "Bearer" });
                super::told(200, &body)
            }
            Err((status, error, said)) => super::told(status, &json!({ "error": error, "error_description": said })),
        }
    }

    fn granted(&self, ask: &Ask, now: Timestamp) -> Result<Caller, Refusal> {
        let form = ask.form();
        let field = |name: &str| form.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str());
        if field("grant_type") != GRANT {
            return Err((400, "unsupported_grant_type", "Invalid grant_type"));
        }
        let claims = self.account.claims(field("assertion")).map_err(|said| (400, "invalid_grant", said))?;
        if claims["iss"] != self.account.email.as_str() {
            return Err((400, "invalid_grant", "Invalid grant: account not found"));
        }
        if claims["aud"] != self.account.token_url.as_str() && claims["aud"] != AUDIENCE {
            return Err((400, "invalid_grant", "Invalid JWT: Failed audience check."));
        }
        in_time(&claims, now.as_second(), i64::from(self.settings.skew_s))?;
        self.caller(&claims)
    }

    fn caller(&self, claims: &Value) -> Result<Caller, Refusal> {
        let scopes: Vec<String> =
            claims["scope"].as_str().unwrap_or_default().split_whitespace().map(str::to_owned).collect();
        let is_known = |s: &String| s.starts_with(SCOPES);
        if scopes.is_empty() || !scopes.iter().all(is_known) {
            return Err((400, "invalid_scope", "Invalid OAuth scope or ID token audience provided."));
        }
        let Some(mail) = claims["sub"].as_str() else {
            return Ok(Caller { mail: self.account.email.clone(), is_delegate: false, scopes });
        };
        if !self.settings.delegation {
            return Err((401, "unauthorized_client", NOT_DELEGATED));
        }
        if !self.people.iter().any(|p| p.mail == mail) {
            return Err((400, "invalid_grant", "Invalid email or User ID"));
        }
        Ok(Caller { mail: mail.to_owned(), is_delegate: true, scopes })
    }

    pub(super) fn who(&self, ask: &Ask, now: Timestamp) -> Result<Caller, Problem> {
        let value = ask.header("authorization").and_then(|v| v.strip_prefix("Bearer "));
        let own = self.tokens.iter().find(|t| Some(t.value.as_str()) == value && now < t.expires);
        own.map(|t| t.caller.clone()).ok_or_else(Problem::credentials)
    }
}

fn in_time(claims: &Value, now_s: i64, skew_s: i64) -> Result<(), Refusal> {
    let wrong = (400, "invalid_grant", TOO_LONG);
    let (Some(iat), Some(exp)) = (claims["iat"].as_i64(), claims["exp"].as_i64()) else { return Err(wrong) };
    let lives_s = exp.saturating_sub(iat);
    let fits = (1..=LONGEST_S).contains(&lives_s) && iat <= now_s + skew_s && exp > now_s - skew_s;
    if fits { Ok(()) } else { Err(wrong) }
}
