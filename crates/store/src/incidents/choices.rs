//! The values that exist, for the choices of a filter: kept beside the incidents, so that no page walks all of them.
//! What was once seen stays a choice.

use super::Filter;
use crate::inbox::scope_clause;
use crate::{StoreError, Tx, vals};
use model::Scope;

pub(super) const SERVICE: &str = "service";
pub(super) const CUSTOMER: &str = "customer";

/// The values of a kind that exist: (id, name) of services, teams or assignees. Customers are given by their ids alone:
/// their names are in the configuration.
pub async fn list_choices(tx: &mut Tx, scope: &Scope, kind: &str) -> Result<Vec<(String, String)>, StoreError> {
    let mut vals = vec![kind.into()];
    let clause = scope_clause(scope, "customer", &mut vals);
    let sql =
        format!("SELECT id, max(name) FROM choice WHERE kind = ?1 AND {clause} GROUP BY id ORDER BY 2, 1 LIMIT 500");
    tx.all(&sql, &vals).await?.iter().map(|row| Ok((row.string(0)?, row.string(1)?))).collect()
}

/// Which services, by every name they ever had, belong to which teams: what lets a list by service begin with those it
/// can be about.
const NAMED: &str = "named";
/// More of them narrow nothing down.
const MOST_NAMES: i64 = 1_000;

/// Every name under which a service that a filter may be about was ever written; `None` when they are too many.
pub(super) async fn names(tx: &mut Tx, scope: &Scope, filter: &Filter) -> Result<Option<Vec<String>>, StoreError> {
    let mut vals = vec![NAMED.into()];
    let mut clause = scope_clause(scope, "customer", &mut vals);
    if let Some(customer) = &filter.customer {
        vals.push(customer.into());
        clause.push_str(&format!(" AND customer = ?{}", vals.len()));
    }
    vals.push((MOST_NAMES + 1).into());
    let sql = format!("SELECT id, name FROM choice WHERE kind = ?1 AND {clause} LIMIT ?{}", vals.len());
    let rows = tx.all(&sql, &vals).await?;
    if i64::try_from(rows.len()).unwrap_or(i64::MAX) > MOST_NAMES {
        return Ok(None);
    }
    let mut names = Vec::new();
    for row in &rows {
        let mut parts = row.text(0)?.split('\n');
        let is = |wanted: &Option<String>, part: Option<&str>| wanted.as_deref().is_none_or(|w| part == Some(w));
        if is(&filter.service, parts.next()) && is(&filter.team, parts.next()) {
            names.push(row.string(1)?);
        }
    }
    names.sort();
    names.dedup();
    Ok(Some(names))
}

/// Remembers a service by its name, for each of the teams.
pub(super) async fn keep_name(
    tx: &mut Tx,
    customer: Option<&str>,
    service: (&str, &str),
    teams: &[&str],
) -> Result<(), StoreError> {
    let (id, name) = service;
    for team in if teams.is_empty() { &[""] } else { teams } {
        keep(tx, NAMED, customer, &format!("{id}\n{team}\n{name}"), name).await?;
    }
    Ok(())
}

/// Remembers a value. Read first: an upsert would lock the row of every busy service on PostgreSQL.
pub(super) async fn keep(
    tx: &mut Tx,
    kind: &str,
    customer: Option<&str>,
    id: &str,
    name: &str,
) -> Result<(), StoreError> {
    let customer = customer.unwrap_or_default();
    let known = "SELECT name FROM choice WHERE kind = ?1 AND customer = ?2 AND id = ?3";
    if let Some(row) = tx.one(known, vals![kind, customer, id]).await?
        && row.text(0)? == name
    {
        return Ok(());
    }
    tx.exec(
        "INSERT INTO choice (kind, customer, id, name) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (kind, customer, id) DO UPDATE SET name = excluded.name",
        vals![kind, customer, id, name],
    )
    .await?;
    Ok(())
}
