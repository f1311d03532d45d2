//! What people say of their own hours on the page: leave, and days that are otherwise. Nothing is deleted: what was said and
//! withdrawn stays readable. Never judges.

use crate::{Row, StoreError, Tx, vals};
use model::Micros;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    pub id: String,
    /// The id of `[[person]]`.
    pub person: String,
    /// leave or exception.
    pub kind: String,
    pub from: Micros,
    pub until: Micros,
    /// As the hours model has it.
    pub body: String,
    pub said_by: String,
    pub said_at: Micros,
    pub withdrawn_by: Option<String>,
    pub withdrawn_at: Option<Micros>,
}

const DAY: &str = "id, person, kind, from_at, until_at, body, said_by, said_at, withdrawn_by, withdrawn_at";

/// False when it was said already: the same form sent twice says one thing.
pub async fn say(tx: &mut Tx, day: &Day) -> Result<bool, StoreError> {
    let said = tx
        .exec(
            "INSERT INTO person_day (id, person, kind, from_at, until_at, body, said_by, said_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO NOTHING",
            vals![&day.id, &day.person, &day.kind, day.from, day.until, &day.body, &day.said_by, day.said_at],
        )
        .await?;
    Ok(said == 1)
}

pub async fn withdraw(tx: &mut Tx, id: &str, by: &str) -> Result<bool, StoreError> {
    let now = tx.now();
    let sql = "UPDATE person_day SET withdrawn_by = ?2, withdrawn_at = ?3 WHERE id = ?1 AND withdrawn_at IS NULL";
    Ok(tx.exec(sql, vals![id, by, now]).await? == 1)
}

pub async fn get(tx: &mut Tx, id: &str) -> Result<Option<Day>, StoreError> {
    tx.one(&format!("SELECT {DAY} FROM person_day WHERE id = ?1"), vals![id]).await?.map(|row| day(&row)).transpose()
}

/// What holds and ends after this instant.
pub async fn standing(tx: &mut Tx, after: Micros) -> Result<Vec<Day>, StoreError> {
    let sql = format!(
        "SELECT {DAY} FROM person_day WHERE withdrawn_at IS NULL AND until_at > ?1 ORDER BY person, from_at, id LIMIT 10000"
    );
    tx.all(&sql, vals![after]).await?.iter().map(day).collect()
}

/// All that one person said, the latest first, withdrawn or not.
pub async fn of_person(tx: &mut Tx, person: &str, most: i64) -> Result<Vec<Day>, StoreError> {
    let sql = format!("SELECT {DAY} FROM person_day WHERE person = ?1 ORDER BY said_at DESC, id LIMIT ?2");
    tx.all(&sql, vals![person, most]).await?.iter().map(day).collect()
}

fn day(row: &Row) -> Result<Day, StoreError> {
    Ok(Day {
        id: row.string(0)?,
        person: row.string(1)?,
        kind: row.string(2)?,
        from: row.micros(3)?,
        until: row.micros(4)?,
        body: row.string(5)?,
        said_by: row.string(6)?,
        said_at: row.micros(7)?,
        withdrawn_by: row.opt_string(8)?,
        withdrawn_at: row.opt_micros(9)?,
    })
}
