//! Accounts and the one-time links that set their passwords. Never sees a password, only its hash; never a link's
//! secret, only its digest.

use crate::{Row, StoreError, Tx, vals};
use model::person::Role;
use model::{Micros, Scope};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: String,
    pub email: String,
    pub name: String,
    pub role: Role,
    pub scope: Scope,
    pub password: Option<String>,
    pub language: Option<String>,
    pub time_zone: Option<String>,
    pub created_at: Micros,
    pub disabled_at: Option<Micros>,
}

const ACCOUNT: &str = "id, email, name, role, scope, password, language, time_zone, created_at, disabled_at";

/// Adds an account. An address that is taken is refused with words for people.
pub async fn add(tx: &mut Tx, account: &Account) -> Result<(), StoreError> {
    let scope = serde_json::to_string(&account.scope).map_err(StoreError::shape)?;
    let added = tx
        .exec(
            "INSERT INTO account (id, email, name, role, scope, password, language, time_zone, created_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (email) DO NOTHING",
            vals![
                &account.id,
                account.email.to_lowercase(),
                &account.name,
                account.role.as_str(),
                scope,
                account.password.clone(),
                account.language.clone(),
                account.time_zone.clone(),
                account.created_at
            ],
        )
        .await?;
    if added == 0 {
        return Err(StoreError::Refused(format!("{} has an account already", account.email)));
    }
    Ok(())
}

pub async fn by_email(tx: &mut Tx, email: &str) -> Result<Option<Account>, StoreError> {
    let sql = format!("SELECT {ACCOUNT} FROM account WHERE email = ?1");
    tx.one(&sql, vals![email.trim().to_lowercase()]).await?.map(|row| account(&row)).transpose()
}

pub async fn by_id(tx: &mut Tx, id: &str) -> Result<Option<Account>, StoreError> {
    let sql = format!("SELECT {ACCOUNT} FROM account WHERE id = ?1");
    tx.one(&sql, vals![id]).await?.map(|row| account(&row)).transpose()
}

/// All accounts, for those who administer them: only somebody who sees everything may.
pub async fn list(tx: &mut Tx, scope: &Scope) -> Result<Vec<Account>, StoreError> {
    if *scope != Scope::All {
        return Ok(Vec::new());
    }
    tx.all(&format!("SELECT {ACCOUNT} FROM account ORDER BY email"), &[]).await?.iter().map(account).collect()
}

pub async fn set_password(tx: &mut Tx, id: &str, hash: &str) -> Result<(), StoreError> {
    tx.exec("UPDATE account SET password = ?2 WHERE id = ?1", vals![id, hash]).await?;
    Ok(())
}

pub async fn set_role(tx: &mut Tx, id: &str, role: Role) -> Result<(), StoreError> {
    tx.exec("UPDATE account SET role = ?2 WHERE id = ?1", vals![id, role.as_str()]).await?;
    Ok(())
}

pub async fn set_preferences(tx: &mut Tx, id: &str, language: &str, time_zone: &str) -> Result<(), StoreError> {
    tx.exec("UPDATE account SET language = ?2, time_zone = ?3 WHERE id = ?1", vals![id, language, time_zone]).await?;
    Ok(())
}

/// Disables or enables an account; disabling ends its sessions at once.
pub async fn set_disabled(tx: &mut Tx, id: &str, disabled: bool) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec("UPDATE account SET disabled_at = ?2 WHERE id = ?1", vals![id, disabled.then_some(now)]).await?;
    if disabled {
        tx.exec("DELETE FROM session WHERE account = ?1", vals![id]).await?;
    }
    Ok(())
}

/// Admins who can sign in; the last one can't be disabled or made less.
pub async fn working_admins(tx: &mut Tx) -> Result<i64, StoreError> {
    tx.sure("SELECT count(*) FROM account WHERE role = 'admin' AND disabled_at IS NULL AND password IS NOT NULL", &[])
        .await?
        .int(0)
}

/// Makes a link. Earlier unused links of the same purpose and account end with it.
pub async fn add_link(
    tx: &mut Tx,
    digest: [u8; 32],
    purpose: &str,
    account: Option<&str>,
    expires_at: Micros,
) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec(
        "UPDATE one_time_link SET used_at = ?3 WHERE purpose = ?1 AND coalesce(account, '') = ?2 AND used_at IS NULL",
        vals![purpose, account.unwrap_or(""), now],
    )
    .await?;
    tx.exec(
        "INSERT INTO one_time_link (digest, purpose, account, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        vals![digest, purpose, account, now, expires_at],
    )
    .await?;
    Ok(())
}

/// Is this link still good? (purpose, account)
pub async fn link(tx: &mut Tx, digest: [u8; 32]) -> Result<Option<(String, Option<String>)>, StoreError> {
    let now = tx.now();
    tx.one(
        "SELECT purpose, account FROM one_time_link WHERE digest = ?1 AND used_at IS NULL AND expires_at > ?2",
        vals![digest, now],
    )
    .await?
    .map(|row| Ok((row.string(0)?, row.opt_string(1)?)))
    .transpose()
}

/// Uses a link up; false when somebody was faster or it is over.
pub async fn use_link(tx: &mut Tx, digest: [u8; 32]) -> Result<bool, StoreError> {
    let now = tx.now();
    let used = tx
        .exec(
            "UPDATE one_time_link SET used_at = ?2 WHERE digest = ?1 AND used_at IS NULL AND expires_at > ?2",
            vals![digest, now],
        )
        .await?;
    Ok(used == 1)
}

fn account(row: &Row) -> Result<Account, StoreError> {
    let role = row.text(3)?;
    Ok(Account {
        id: row.string(0)?,
        email: row.string(1)?,
        name: row.string(2)?,
        role: Role::parse(role).ok_or_else(|| StoreError::shape(format!("no role {role}")))?,
        scope: row.json(4)?,
        password: row.opt_string(5)?,
        language: row.opt_string(6)?,
        time_zone: row.opt_string(7)?,
        created_at: row.micros(8)?,
        disabled_at: row.opt_micros(9)?,
    })
}
