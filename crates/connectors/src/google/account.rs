//! A service account out of its key file, and the signed statement by which it asks for a token (RFC 7523). Never shows the key.

use crate::{CallError, Kind, Secret};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::Micros;
use model::signature::hmac_sha256;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Who asks, and the key that proves it.
#[derive(Clone)]
pub struct ServiceAccount {
    email: String,
    key_id: Option<String>,
    token_url: String,
    key: Arc<RsaKeyPair>,
    /// What the tokens of channels are derived by.
    channels: [u8; 32],
}

impl std::fmt::Debug for ServiceAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServiceAccount").field("email", &self.email).finish_non_exhaustive()
    }
}

/// A key file that can't be used. None of these quotes the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    #[error(
        "the key file is no JSON as Google writes it (line {line}, column {column}): download the key anew, as JSON"
    )]
    NotJson { line: usize, column: usize },
    #[error("the key file is that of another kind of account: make a key of type JSON for a service account")]
    NotAServiceAccount,
    #[error("the key file lacks {what}: was it edited? download the key anew, as JSON")]
    Lacks { what: &'static str },
    #[error("the private_key of the key file can't be read: was it cut or edited? make a new key")]
    NotAKey,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct KeyFile {
    #[serde(rename = "type")]
    kind: String,
    client_email: String,
    private_key_id: Option<String>,
    private_key: String,
    token_uri: Option<String>,
}

#[derive(Serialize)]
struct Header<'a> {
    alg: &'a str,
    typ: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'a str>,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    scope: &'a str,
    aud: &'a str,
    exp: i64,
    iat: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<&'a str>,
}

const TOKEN_URL: &str = "https://oauth2.googleapis.com/token";
/// Google takes no longer one.
const LIFETIME_S: i64 = 3_600;

impl ServiceAccount {
    pub fn from_key_file(raw: &[u8]) -> Result<Self, KeyFileError> {
        let file: KeyFile =
            serde_json::from_slice(raw).map_err(|e| KeyFileError::NotJson { line: e.line(), column: e.column() })?;
        if file.kind != "service_account" {
            return Err(KeyFileError::NotAServiceAccount);
        }
        if file.client_email.is_empty() {
            return Err(KeyFileError::Lacks { what: "client_email" });
        }
        if file.private_key.is_empty() {
            return Err(KeyFileError::Lacks { what: "private_key" });
        }
        Ok(Self {
            email: file.client_email,
            key_id: file.private_key_id.filter(|id| !id.is_empty()),
            token_url: file.token_uri.filter(|url| !url.is_empty()).unwrap_or_else(|| TOKEN_URL.to_owned()),
            key: Arc::new(key(&file.private_key)?),
            channels: hmac_sha256(file.private_key.trim().as_bytes(), b"arayashiki: tokens of channels"),
        })
    }

    /// Whom calendars have to be shared with.
    pub fn email(&self) -> &str {
        &self.email
    }

    pub fn token_url(&self) -> &str {
        &self.token_url
    }

    /// What pushes by a channel of ours are believed by: whoever has not the key file can't tell it, and nobody has to keep it.
    pub(super) fn channel_token(&self, channel: &str) -> Secret {
        Secret::new(hex::encode(hmac_sha256(&self.channels, channel.as_bytes())))
    }

    /// The statement of this instant: header, claims and signature, each in base64url.
    pub(super) fn assertion(&self, scope: &str, subject: Option<&str>, now: Micros) -> Result<String, CallError> {
        let header = Header { alg: "RS256", typ: "JWT", kid: self.key_id.as_deref() };
        let iat = now.second();
        let (iss, aud, exp) = (self.email.as_str(), self.token_url.as_str(), iat + LIFETIME_S);
        let claims = Claims { iss, scope, aud, exp, iat, sub: subject };
        let mut text = format!("{}.{}", encoded(&header)?, encoded(&claims)?);
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).map_err(|_| {
            CallError::new(Kind::BadRequest, false, "the service account's key does not sign: make a new one")
        })?;
        text.push('.');
        text.push_str(&URL_SAFE_NO_PAD.encode(signature));
        Ok(text)
    }
}

/// A key that was pasted through an environment has its line ends escaped twice.
fn key(pem: &str) -> Result<RsaKeyPair, KeyFileError> {
    let pem = pem.replace("\\n", "\n");
    let key = match PrivateKeyDer::from_pem_slice(pem.as_bytes()) {
        Ok(PrivateKeyDer::Pkcs8(der)) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()),
        Ok(PrivateKeyDer::Pkcs1(der)) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
        _ => return Err(KeyFileError::NotAKey),
    };
    key.map_err(|_| KeyFileError::NotAKey)
}

fn encoded(part: &impl Serialize) -> Result<String, CallError> {
    let text = serde_json::to_vec(part)
        .map_err(|e| CallError::new(Kind::BadRequest, false, format!("the statement can't be written: {e}")))?;
    Ok(URL_SAFE_NO_PAD.encode(text))
}
