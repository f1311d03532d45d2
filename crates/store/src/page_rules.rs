//! Rules, shifts and patterns of hours that leaders keep on the page, beside those of the file. Each change is a version of its own,
//! a deletion too; the last one holds, and none is ever taken away. What a rule means is not known here.

use crate::{Row, StoreError, Tx, vals};
use model::Micros;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Of the form that made this version: sent twice it makes one.
    pub id: String,
    /// What kind of rule it is.
    pub kind: String,
    pub name: String,
    pub version: i64,
    /// Where it stands among the rules of its kind.
    pub position: i64,
    pub body: String,
    /// It is kept and does not hold.
    pub is_off: bool,
    /// It holds no more and stands in no list; its versions stay readable.
    pub is_deleted: bool,
    pub said_by: String,
    pub said_at: Micros,
}

const RULE: &str = "id, kind, name, version, position, body, is_off, is_deleted, said_by, said_at";

/// The next version of a rule. False when somebody else has changed it since `version`, or this form was taken already.
pub async fn say(tx: &mut Tx, rule: &Rule) -> Result<bool, StoreError> {
    let last = tx
        .sure(
            "SELECT coalesce(max(version), 0) FROM page_rule WHERE kind = ?1 AND name = ?2",
            vals![&rule.kind, &rule.name],
        )
        .await?
        .int(0)?;
    if last + 1 != rule.version {
        return Ok(false);
    }
    let said = tx
        .exec(
            "INSERT INTO page_rule (id, kind, name, version, position, body, is_off, is_deleted, said_by, said_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING",
            vals![
                &rule.id,
                &rule.kind,
                &rule.name,
                rule.version,
                rule.position,
                &rule.body,
                rule.is_off,
                rule.is_deleted,
                &rule.said_by,
                rule.said_at
            ],
        )
        .await?;
    Ok(said == 1)
}

/// The last version of each of a kind that nobody deleted, in their order; those that are off too.
pub async fn of_kind(tx: &mut Tx, kind: &str) -> Result<Vec<Rule>, StoreError> {
    let sql = format!(
        "SELECT {RULE} FROM page_rule r WHERE kind = ?1 AND version = \
         (SELECT max(version) FROM page_rule l WHERE l.kind = r.kind AND l.name = r.name) AND is_deleted = 0 ORDER BY position, name"
    );
    tx.all(&sql, vals![kind]).await?.iter().map(rule).collect()
}

/// Every version of one, the latest first.
pub async fn versions(tx: &mut Tx, kind: &str, name: &str) -> Result<Vec<Rule>, StoreError> {
    let sql = format!("SELECT {RULE} FROM page_rule WHERE kind = ?1 AND name = ?2 ORDER BY version DESC LIMIT 200");
    tx.all(&sql, vals![kind, name]).await?.iter().map(rule).collect()
}

fn rule(row: &Row) -> Result<Rule, StoreError> {
    Ok(Rule {
        id: row.string(0)?,
        kind: row.string(1)?,
        name: row.string(2)?,
        version: row.int(3)?,
        position: row.int(4)?,
        body: row.string(5)?,
        is_off: row.bool(6)?,
        is_deleted: row.bool(7)?,
        said_by: row.string(8)?,
        said_at: row.micros(9)?,
    })
}
