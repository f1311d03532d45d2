//! Classes of mails: each state of the ledger with each state at the monitor and each trust. Finds those that exist and
//! that a filter asks for, by leaps through their index; never reads a mail.

use super::Filter;
use crate::{Row, StoreError, Tx, vals};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Class {
    pub ledger: String,
    pub state: String,
    pub trust: String,
}

impl Class {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self { ledger: row.string(0)?, state: row.string(1)?, trust: row.string(2)? })
    }

    fn is_asked_for(&self, filter: &Filter) -> bool {
        let is = |wanted: &Option<String>, value: &str| wanted.as_deref().is_none_or(|wanted| wanted == value);
        (filter.ledgers.is_empty() || filter.ledgers.iter().any(|ledger| ledger.as_str() == self.ledger))
            && is(&filter.state, &self.state)
            && is(&filter.trust, &self.trust)
    }
}

/// The classes a filter asks for. There are two hundred at most, and as many leaps as exist.
pub(crate) async fn asked_for(tx: &mut Tx, filter: &Filter) -> Result<Vec<Class>, StoreError> {
    let from = tx.by("mail", "mail_class");
    // Three comparisons of one column each: SQLite begins that of a row at its equals, and walks over all of them.
    let next = |within: &str, by: &str| {
        format!("SELECT * FROM (SELECT ledger, state, trust FROM {from} WHERE {within} ORDER BY {by} LIMIT 1) t")
    };
    let sql = format!(
        "SELECT ledger, state, trust FROM ({} UNION ALL {} UNION ALL {}) t ORDER BY ledger, state, trust LIMIT 1",
        next("ledger = ?1 AND state = ?2 AND trust > ?3", "trust"),
        next("ledger = ?1 AND state > ?2", "state, trust"),
        next("ledger > ?1", "ledger, state, trust"),
    );
    let (mut found, mut last) =
        (Vec::new(), Class { ledger: String::new(), state: String::new(), trust: String::new() });
    while let Some(row) = tx.one(&sql, vals![&last.ledger, &last.state, &last.trust]).await? {
        last = Class::read(&row)?;
        found.extend(last.is_asked_for(filter).then(|| last.clone()));
    }
    Ok(found)
}
