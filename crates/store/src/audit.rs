//! Who did what, when: rows that are only ever added, in the transaction of what they tell, and entered into the record's chain
//! soon after.

use crate::inbox::scope_clause;
use crate::incidents::like_pattern;
use crate::{Row, StoreError, Tx, Val, chain, vals};
use model::chain::kind;
use model::{Micros, Scope};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub id: i64,
    pub at: Micros,
    pub actor: String,
    pub action: String,
    pub subject: String,
    pub detail: String,
}

/// `actor` is an account's id, `token:NAME` or `system`; `detail` is JSON and holds no secret.
pub async fn add(
    tx: &mut Tx,
    actor: &str,
    action: &str,
    subject: &str,
    customer: Option<&str>,
    detail: &serde_json::Value,
) -> Result<(), StoreError> {
    let now = tx.now();
    let row = tx
        .sure(
            "INSERT INTO audit (at, actor, action, subject, customer, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING id",
            vals![now, actor, action, subject, customer, detail.to_string()],
        )
        .await?;
    chain::wait(tx, kind::AUDIT, &row.int(0)?.to_string()).await
}

/// Adds a row unless the same was written of the same subject within this time; says whether it did. For what somebody
/// outside can make happen as often as he likes.
pub async fn add_seldom(
    tx: &mut Tx,
    actor: &str,
    action: &str,
    subject: &str,
    detail: &serde_json::Value,
    within_s: i64,
) -> Result<bool, StoreError> {
    tx.lock(&[format!("audit/{action}/{subject}")]).await?;
    let since = tx.now().plus_s(-within_s);
    let sql = "SELECT 1 FROM audit WHERE subject = ?1 AND action = ?2 AND at > ?3 LIMIT 1";
    if tx.one(sql, vals![subject, action, since]).await?.is_some() {
        return Ok(false);
    }
    add(tx, actor, action, subject, None, detail).await?;
    Ok(true)
}

/// Which rows a list shows. All conditions hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// An actor exactly as written down.
    pub actor: Option<String>,
    /// An actor as people call one: as written down, or a part of the name of a person or a token, whatever its case in
    /// ASCII. Names are known only to those who see everything.
    pub named: Option<String>,
    pub action: Option<String>,
    /// Rows older than this one.
    pub before: Option<i64>,
}

pub async fn list(tx: &mut Tx, scope: &Scope, filter: &Filter, limit: i64) -> Result<Vec<Entry>, StoreError> {
    let mut vals = vec![Val::Int(filter.before.unwrap_or(i64::MAX)), Val::Int(limit)];
    let mut wheres = vec!["id < ?1".to_owned(), scope_clause(scope, "customer", &mut vals)];
    for (column, value) in [("actor", &filter.actor), ("action", &filter.action)] {
        if let Some(value) = value {
            vals.push(value.into());
            wheres.push(format!("{column} = ?{}", vals.len()));
        }
    }
    if let Some(named) = &filter.named {
        wheres.push(called(named, scope, &mut vals));
    }
    let sql = format!(
        "SELECT id, at, actor, action, subject, detail FROM audit WHERE {} ORDER BY id DESC LIMIT ?2",
        wheres.join(" AND ")
    );
    tx.all(&sql, &vals).await?.iter().map(entry).collect()
}

fn called(named: &str, scope: &Scope, vals: &mut Vec<Val>) -> String {
    vals.push(named.into());
    let exact = format!("actor = ?{}", vals.len());
    if *scope != Scope::All {
        return exact;
    }
    vals.push(like_pattern(named).into());
    let part = format!("lower(name) LIKE ?{} ESCAPE '\\'", vals.len());
    format!(
        "({exact} OR actor IN (SELECT id FROM account WHERE {part} \
         UNION ALL SELECT 'token:' || name FROM api_token WHERE {part}))"
    )
}

fn entry(row: &Row) -> Result<Entry, StoreError> {
    Ok(Entry {
        id: row.int(0)?,
        at: row.micros(1)?,
        actor: row.string(2)?,
        action: row.string(3)?,
        subject: row.string(4)?,
        detail: row.string(5)?,
    })
}
