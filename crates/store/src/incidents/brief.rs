//! Incidents in one line, for pages that only point at them. Read only within a scope.

use crate::inbox::scope_clause;
use crate::{Row, StoreError, Tx, Val, many};
use model::Scope;
use std::collections::BTreeMap;

/// Most incidents that are named as merged into one.
const MOST_MERGED: i64 = 200;

/// What an incident is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Title {
    pub id: String,
    pub number: Option<i64>,
    pub title: String,
}

/// The titles of these ids by id, as far as the person may see them. What is no incident is left out.
pub async fn list_titles(tx: &mut Tx, scope: &Scope, ids: &[String]) -> Result<BTreeMap<String, Title>, StoreError> {
    let mut titles = BTreeMap::new();
    for mut vals in many::groups(ids) {
        let clause = scope_clause(scope, "customer", &mut vals);
        let sql = format!("SELECT id, number, title FROM incident WHERE id IN ({}) AND {clause}", many::marks());
        for row in tx.all(&sql, &vals).await? {
            let title = title(&row)?;
            titles.insert(title.id.clone(), title);
        }
    }
    Ok(titles)
}

/// The incidents that were merged into this one, oldest first.
pub async fn list_merged_from(tx: &mut Tx, scope: &Scope, id: &str) -> Result<Vec<Title>, StoreError> {
    let mut vals = vec![Val::from(id)];
    let clause = scope_clause(scope, "customer", &mut vals);
    let sql = format!(
        "SELECT id, number, title FROM incident WHERE merged_into = ?1 AND {clause} \
         ORDER BY slot LIMIT {MOST_MERGED}"
    );
    tx.all(&sql, &vals).await?.iter().map(title).collect()
}

fn title(row: &Row) -> Result<Title, StoreError> {
    Ok(Title { id: row.string(0)?, number: row.opt_int(1)?, title: row.string(2)? })
}
