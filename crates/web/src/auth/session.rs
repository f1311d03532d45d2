//! Sessions and cookies: begun with a fresh secret, over after thirty idle days. Never reuses a secret that a browser
//! brought along.

use super::asked::SESSION_COOKIE;
use super::{Asked, claimed, new_id, new_secret};
use crate::state::Settings;
use axum::http::HeaderValue;
use model::Micros;
use model::time::SECOND_US;
use store::{StoreError, Tx, sessions};

const IDLE_S: i64 = 30 * 86_400;
/// However busy, a session ends after this.
const LONGEST_S: i64 = 180 * 86_400;

/// Begins a session and ends the one that the browser still held; gives the secret for the cookie.
pub(crate) async fn begin(tx: &mut Tx, account: &str, asked: &Asked) -> Result<String, StoreError> {
    if let Some(old) = asked.session.as_deref().and_then(claimed) {
        sessions::end(tx, old).await?;
    }
    let (secret, digest) = new_secret();
    let now = tx.now();
    let session = sessions::Session {
        id: new_id(),
        account: account.to_owned(),
        created_at: now,
        seen_at: now,
        expires_at: now.plus_s(LONGEST_S),
        address: asked.from.clone(),
        agent: asked.agent.clone(),
    };
    sessions::add(tx, digest, &session).await?;
    Ok(secret)
}

pub(super) const fn is_idle(seen_at: Micros, now: Micros) -> bool {
    now.since(seen_at) > IDLE_S * SECOND_US
}

/// The cookie that holds a session's secret.
pub(crate) fn session_cookie(settings: &Settings, secret: &str) -> Option<HeaderValue> {
    cookie(settings, SESSION_COOKIE, secret, LONGEST_S)
}

pub(crate) fn forget_cookie(settings: &Settings) -> Option<HeaderValue> {
    cookie(settings, SESSION_COOKIE, "", 0)
}

/// A cookie that scripts can't read and other sites' requests don't carry.
pub(crate) fn cookie(settings: &Settings, name: &str, value: &str, age_s: i64) -> Option<HeaderValue> {
    let secure = if settings.secure_cookies { "; Secure" } else { "" };
    HeaderValue::from_str(&format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age_s}{secure}")).ok()
}
