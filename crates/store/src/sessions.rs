//! Sessions: known by the digest of a secret that only the browser holds; revocable at any time.

use crate::accounts::{self, Account};
use crate::{StoreError, Tx, vals};
use model::Micros;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub id: String,
    pub account: String,
    pub created_at: Micros,
    pub seen_at: Micros,
    pub expires_at: Micros,
    pub address: String,
    pub agent: String,
}

pub async fn add(tx: &mut Tx, digest: [u8; 32], session: &Session) -> Result<(), StoreError> {
    let s = session;
    // What is over is tidied away by the one who comes in.
    let now = tx.now();
    tx.exec("DELETE FROM session WHERE expires_at <= ?1", vals![now]).await?;
    tx.exec(
        "INSERT INTO session (digest, id, account, created_at, seen_at, expires_at, address, agent) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        vals![digest, &s.id, &s.account, s.created_at, s.seen_at, s.expires_at, &s.address, &s.agent],
    )
    .await?;
    Ok(())
}

/// Whose session this is, if it is good and the account not disabled.
pub async fn who(tx: &mut Tx, digest: [u8; 32]) -> Result<Option<(Session, Account)>, StoreError> {
    let now = tx.now();
    let row = tx
        .one(
            "SELECT id, account, created_at, seen_at, expires_at, address, agent FROM session \
             WHERE digest = ?1 AND expires_at > ?2",
            vals![digest, now],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let session = session(&row)?;
    let account = accounts::by_id(tx, &session.account).await?.filter(|a| a.disabled_at.is_none());
    Ok(account.map(|account| (session, account)))
}

pub async fn seen(tx: &mut Tx, digest: [u8; 32]) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec("UPDATE session SET seen_at = ?2 WHERE digest = ?1", vals![digest, now]).await?;
    Ok(())
}

pub async fn end(tx: &mut Tx, digest: [u8; 32]) -> Result<(), StoreError> {
    tx.exec("DELETE FROM session WHERE digest = ?1", vals![digest]).await?;
    Ok(())
}

/// Ends one of an account's sessions, or all but one.
pub async fn revoke(tx: &mut Tx, account: &str, id: &str) -> Result<bool, StoreError> {
    Ok(tx.exec("DELETE FROM session WHERE account = ?1 AND id = ?2", vals![account, id]).await? == 1)
}

pub async fn revoke_others(tx: &mut Tx, account: &str, keep: &str) -> Result<u64, StoreError> {
    tx.exec("DELETE FROM session WHERE account = ?1 AND id <> ?2", vals![account, keep]).await
}

/// An account's own sessions.
pub async fn of(tx: &mut Tx, account: &str) -> Result<Vec<Session>, StoreError> {
    let now = tx.now();
    tx.all(
        "SELECT id, account, created_at, seen_at, expires_at, address, agent FROM session \
         WHERE account = ?1 AND expires_at > ?2 ORDER BY seen_at DESC",
        vals![account, now],
    )
    .await?
    .iter()
    .map(session)
    .collect()
}

fn session(row: &crate::Row) -> Result<Session, StoreError> {
    Ok(Session {
        id: row.string(0)?,
        account: row.string(1)?,
        created_at: row.micros(2)?,
        seen_at: row.micros(3)?,
        expires_at: row.micros(4)?,
        address: row.string(5)?,
        agent: row.string(6)?,
    })
}
