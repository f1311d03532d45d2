//! API tokens: known by the digest of a secret that was shown once.

use crate::{Row, StoreError, Tx, vals};
use model::person::Role;
use model::{Micros, Scope};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub id: String,
    pub name: String,
    pub role: Role,
    pub scope: Scope,
    pub created_by: String,
    pub created_at: Micros,
    pub used_at: Option<Micros>,
    pub revoked_at: Option<Micros>,
}

pub async fn add(tx: &mut Tx, digest: [u8; 32], token: &Token) -> Result<(), StoreError> {
    let scope = serde_json::to_string(&token.scope).map_err(StoreError::shape)?;
    tx.exec(
        "INSERT INTO api_token (digest, id, name, role, scope, created_by, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        vals![digest, &token.id, &token.name, token.role.as_str(), scope, &token.created_by, token.created_at],
    )
    .await?;
    Ok(())
}

const TOKEN: &str = "id, name, role, scope, created_by, created_at, used_at, revoked_at";

pub async fn who(tx: &mut Tx, digest: [u8; 32]) -> Result<Option<Token>, StoreError> {
    // A program is as good as who made it: one whose account was disabled has left.
    let sql = format!(
        "SELECT {TOKEN} FROM api_token WHERE digest = ?1 AND revoked_at IS NULL AND NOT EXISTS \
         (SELECT 1 FROM account a WHERE a.id = api_token.created_by AND a.disabled_at IS NOT NULL)"
    );
    tx.one(&sql, vals![digest]).await?.map(|row| token(&row)).transpose()
}

pub async fn used(tx: &mut Tx, digest: [u8; 32]) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec("UPDATE api_token SET used_at = ?2 WHERE digest = ?1", vals![digest, now]).await?;
    Ok(())
}

/// All tokens, for those who see everything.
pub async fn list(tx: &mut Tx, scope: &Scope) -> Result<Vec<Token>, StoreError> {
    if *scope != Scope::All {
        return Ok(Vec::new());
    }
    let sql = format!("SELECT {TOKEN} FROM api_token ORDER BY revoked_at IS NOT NULL, created_at DESC, id");
    tx.all(&sql, &[]).await?.iter().map(token).collect()
}

/// By id or by name; says how many ended.
pub async fn revoke(tx: &mut Tx, id_or_name: &str) -> Result<u64, StoreError> {
    let now = tx.now();
    tx.exec(
        "UPDATE api_token SET revoked_at = ?2 WHERE (id = ?1 OR name = ?1) AND revoked_at IS NULL",
        vals![id_or_name, now],
    )
    .await
}

fn token(row: &Row) -> Result<Token, StoreError> {
    let role = row.text(2)?;
    Ok(Token {
        id: row.string(0)?,
        name: row.string(1)?,
        role: Role::parse(role).ok_or_else(|| StoreError::shape(format!("no role {role}")))?,
        scope: row.json(3)?,
        created_by: row.string(4)?,
        created_at: row.micros(5)?,
        used_at: row.opt_micros(6)?,
        revoked_at: row.opt_micros(7)?,
    })
}
