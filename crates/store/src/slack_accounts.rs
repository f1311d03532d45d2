//! Whose account here a Slack account is: said once by signing in with a link that only that Slack account was shown. The link's
//! secret is never kept, its digest alone is.

use crate::{Row, StoreError, Tx, vals};
use model::Micros;

/// Somebody in Slack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub team: String,
    pub member: String,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    pub who: Member,
    pub account: String,
    pub linked_at: Micros,
}

/// The account that this member signed in as.
pub async fn account_of(tx: &mut Tx, team: &str, member: &str) -> Result<Option<String>, StoreError> {
    let sql = "SELECT account FROM slack_account WHERE team = ?1 AND member = ?2";
    tx.one(sql, vals![team, member]).await?.map(|row| row.string(0)).transpose()
}

/// The Slack accounts of an account.
pub async fn of_account(tx: &mut Tx, account: &str) -> Result<Vec<Linked>, StoreError> {
    let sql = "SELECT team, member, name, account, linked_at FROM slack_account WHERE account = ?1 ORDER BY linked_at, member";
    tx.all(sql, vals![account]).await?.iter().map(linked).collect()
}

pub async fn all(tx: &mut Tx) -> Result<Vec<Linked>, StoreError> {
    let sql = "SELECT team, member, name, account, linked_at FROM slack_account ORDER BY team, member";
    tx.all(sql, &[]).await?.iter().map(linked).collect()
}

/// A link that was made for this member alone.
pub async fn offer(tx: &mut Tx, digest: [u8; 32], who: &Member) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec(
        "INSERT INTO slack_link (digest, team, member, name, made_at) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (digest) DO NOTHING",
        vals![digest.to_vec(), &who.team, &who.member, &who.name, now],
    )
    .await?;
    Ok(())
}

/// Whose link it is, as long as nobody used it and it is younger than `since`.
pub async fn offered(tx: &mut Tx, digest: [u8; 32], since: Micros) -> Result<Option<Member>, StoreError> {
    let sql = "SELECT team, member, name FROM slack_link WHERE digest = ?1 AND used_at IS NULL AND made_at >= ?2";
    tx.one(sql, vals![digest.to_vec(), since]).await?.map(|row| member(&row)).transpose()
}

/// Uses the link: its member is this account from now on. `None` when it was used, or is too old.
pub async fn link(tx: &mut Tx, digest: [u8; 32], since: Micros, account: &str) -> Result<Option<Member>, StoreError> {
    let now = tx.now();
    let sql = "UPDATE slack_link SET used_at = ?3 WHERE digest = ?1 AND used_at IS NULL AND made_at >= ?2 \
               RETURNING team, member, name";
    let Some(row) = tx.one(sql, vals![digest.to_vec(), since, now]).await? else { return Ok(None) };
    let who = member(&row)?;
    tx.exec(
        "INSERT INTO slack_account (team, member, name, account, linked_at) VALUES (?1, ?2, ?3, ?4, ?5) \
         ON CONFLICT (team, member) DO UPDATE SET name = excluded.name, account = excluded.account, \
         linked_at = excluded.linked_at",
        vals![&who.team, &who.member, &who.name, account, now],
    )
    .await?;
    Ok(Some(who))
}

/// The two are parted; whoever presses a button there next is asked to sign in anew.
pub async fn unlink(tx: &mut Tx, team: &str, member: &str) -> Result<bool, StoreError> {
    let gone = tx.exec("DELETE FROM slack_account WHERE team = ?1 AND member = ?2", vals![team, member]).await?;
    Ok(gone == 1)
}

fn member(row: &Row) -> Result<Member, StoreError> {
    Ok(Member { team: row.string(0)?, member: row.string(1)?, name: row.string(2)? })
}

fn linked(row: &Row) -> Result<Linked, StoreError> {
    Ok(Linked { who: member(row)?, account: row.string(3)?, linked_at: row.micros(4)? })
}
