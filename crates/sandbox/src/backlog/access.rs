//! Who asks: an API key or a Bearer token, and how tokens come about (code and refresh grants). Consent is given without asking,
//! for the API user.

use jiff::Timestamp;
use serde_json::json;

use super::errors::Problem;
use super::world::State;
use crate::clock::plus_s;
use crate::dice::Dice;
use crate::web::{Ask, Told};

#[derive(Debug)]
struct Token {
    value: String,
    user: u64,
    expires: Timestamp,
}

#[derive(Debug)]
pub(super) struct Access {
    pub client_id: String,
    pub client_secret: String,
    tokens: Vec<Token>,
    /// value → user
    refresh: Vec<(String, u64)>,
    codes: Vec<(String, u64)>,
}

/// Why a request is nobody's.
#[derive(Debug)]
pub(super) enum Stranger {
    Problem(Problem),
    /// No errors list, as the vendor answers a Bearer token that is not good any more.
    Bearer(&'static str),
}

impl Stranger {
    pub(super) fn told(&self) -> Told {
        match self {
            Self::Problem(problem) => problem.told(),
            Self::Bearer(said) => {
                let challenge = format!("Bearer error=\"invalid_token\", error_description=\"{said}\"");
                Told::empty(401).with("www-authenticate", &challenge)
            }
        }
    }
}

impl Access {
    pub(super) fn new(dice: &mut Dice) -> Self {
        let (client_id, client_secret) = (dice.secret(32), dice.secret(64));
        Self { client_id, client_secret, tokens: Vec::new(), refresh: Vec::new(), codes: Vec::new() }
    }

    pub(super) fn new_refresh(&mut self, user: u64, dice: &mut Dice) -> String {
        let value = dice.secret(40);
        self.refresh.push((value.clone(), user));
        value
    }

    pub(super) fn new_code(&mut self, user: u64, dice: &mut Dice) -> String {
        let value = dice.secret(32);
        self.codes.push((value.clone(), user));
        value
    }

    /// Every access token is over, as if its time had come.
    pub(super) fn expire(&mut self) -> usize {
        for token in &mut self.tokens {
            token.expires = Timestamp::UNIX_EPOCH;
        }
        self.tokens.len()
    }

    /// Nothing that was ever given out is good any more.
    pub(super) fn revoke(&mut self) {
        self.tokens.clear();
        self.refresh.clear();
        self.codes.clear();
    }
}

impl State {
    pub(super) fn who(&self, ask: &Ask, now: Timestamp) -> Result<u64, Stranger> {
        if let Some(value) = ask.header("authorization").and_then(|v| v.strip_prefix("Bearer ")) {
            let own = self.access.tokens.iter().find(|t| t.value == value);
            let own = own.ok_or(Stranger::Bearer("The access token is invalid"))?;
            return if now < own.expires { Ok(own.user) } else { Err(Stranger::Bearer("The access token expired")) };
        }
        let own = ask.one("apiKey").and_then(|key| self.users.iter().find(|u| u.api_key == key));
        own.map(|u| u.id).ok_or_else(|| Stranger::Problem(Problem::authentication()))
    }

    pub(super) fn token(&mut self, ask: &Ask, now: Timestamp) -> Told {
        let form = ask.form();
        let field = |name: &str| form.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str());
        if (field("client_id"), field("client_secret")) != (&self.access.client_id, &self.access.client_secret) {
            return refused(401, "invalid_client", "The client is not known or its secret is wrong.");
        }
        let access = &mut self.access;
        let user = match field("grant_type") {
            "authorization_code" => take(&mut access.codes, field("code")),
            "refresh_token" if self.settings.refresh_once => take(&mut access.refresh, field("refresh_token")),
            "refresh_token" => access.refresh.iter().find(|(v, _)| v == field("refresh_token")).map(|(_, user)| *user),
            _ => return refused(400, "unsupported_grant_type", "Only authorization_code and refresh_token."),
        };
        match user {
            Some(user) => self.issue(user, now),
            None => refused(400, "invalid_grant", "The provided grant is invalid, expired or revoked."),
        }
    }

    fn issue(&mut self, user: u64, now: Timestamp) -> Told {
        let ttl_s = self.settings.token_ttl_s;
        let value = self.dice.secret(48);
        self.access.tokens.push(Token { value: value.clone(), user, expires: plus_s(now, ttl_s.into()) });
        let refresh = self.access.new_refresh(user, &mut self.dice);
        super::told(
            200,
            &json!({ "access_token": value, "token_type": "Bearer", "expires_in": ttl_s, "refresh_token": refresh }),
        )
    }

    /// The page of consent, already agreed to: back to the program with a code.
    pub(super) fn consent(&mut self, ask: &Ask, user: u64) -> Told {
        let known = ask.one("client_id") == Some(&self.access.client_id) && ask.one("response_type") == Some("code");
        let back = ask.one("redirect_uri").and_then(|uri| url::Url::parse(uri).ok());
        let (true, Some(mut back)) = (known, back) else {
            return Told::text(400, "client_id, response_type=code and redirect_uri are needed");
        };
        back.query_pairs_mut().append_pair("code", &self.access.new_code(user, &mut self.dice));
        if let Some(state) = ask.one("state") {
            back.query_pairs_mut().append_pair("state", state);
        }
        Told::empty(302).with("location", back.as_str())
    }
}

fn take(of: &mut Vec<(String, u64)>, value: &str) -> Option<u64> {
    let at = of.iter().position(|(v, _)| v == value)?;
    Some(of.swap_remove(at).1)
}

fn refused(status: u16, error: &str, said: &str) -> Told {
    super::told(status, &json!({ "error": error, "error_description": said }))
}
