//! Events of outside calendars as they were told last, with what their duty remembers of them. Never decides.

mod list;

pub use list::{Filter, Item, list};

use crate::inbox::scope_clause;
use crate::{Row, StoreError, Tx, Val, vals};
use model::calendar::CalendarEvent;
use model::{Micros, Scope};

#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    pub event: CalendarEvent,
    pub customer: Option<String>,
    pub seen_at: Micros,
    /// Cancelled, or deleted.
    pub is_gone: bool,
    /// The duty's own data; empty: never judged.
    pub memory: String,
}

/// The duty whose concerns stand beside events.
const DUTY: &str = "calendar";

const KEPT: &str = "event, customer, seen_at, is_gone, memory";

pub async fn get(tx: &mut Tx, scope: &Scope, id: &str) -> Result<Option<Kept>, StoreError> {
    let mut vals = vec![Val::from(id)];
    let clause = scope_clause(scope, "customer", &mut vals);
    let row = tx.one(&format!("SELECT {KEPT} FROM calendar_event WHERE id = ?1 AND {clause}"), &vals).await?;
    row.map(|row| kept(&row)).transpose()
}

/// What was asked for before the one that is kept changes nothing: false.
pub async fn save(tx: &mut Tx, kept: &Kept) -> Result<bool, StoreError> {
    let event = &kept.event;
    let json = serde_json::to_string(event).map_err(StoreError::shape)?;
    let saved = tx
        .exec(
            "INSERT INTO calendar_event (id, calendar, title, starts_at, ends_at, is_gone, customer, seen_at, event, memory) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (id) DO UPDATE SET title = excluded.title, \
             starts_at = excluded.starts_at, ends_at = excluded.ends_at, is_gone = excluded.is_gone, \
             customer = excluded.customer, seen_at = excluded.seen_at, event = excluded.event, memory = excluded.memory \
             WHERE calendar_event.seen_at <= excluded.seen_at",
            vals![
                &event.id,
                &event.calendar,
                &event.title,
                event.starts_at,
                event.ends_at,
                kept.is_gone,
                kept.customer.clone(),
                kept.seen_at,
                json,
                &kept.memory
            ],
        )
        .await?;
    Ok(saved == 1)
}

/// The instances of a series of a calendar, which was deleted as a whole.
pub async fn of_series(tx: &mut Tx, calendar: &str, series: &str) -> Result<Vec<String>, StoreError> {
    let sql = format!("SELECT {KEPT} FROM calendar_event WHERE calendar = ?1 AND is_gone = 0 ORDER BY id");
    let kept: Result<Vec<Kept>, StoreError> = tx.all(&sql, vals![calendar]).await?.iter().map(kept).collect();
    let of = kept?.into_iter().filter(|kept| kept.event.recurring.as_deref() == Some(series));
    Ok(of.map(|kept| kept.event.id).collect())
}

pub async fn remember(tx: &mut Tx, id: &str, memory: &str) -> Result<(), StoreError> {
    tx.exec("UPDATE calendar_event SET memory = ?2 WHERE id = ?1", vals![id, memory]).await?;
    Ok(())
}

/// Those of a calendar that last beyond this instant and were not seen since then: a whole list that does not show them says that
/// they are gone.
pub async fn unseen(
    tx: &mut Tx,
    calendar: &str,
    ends_after: Micros,
    seen_before: Micros,
) -> Result<Vec<Kept>, StoreError> {
    let sql = format!(
        "SELECT {KEPT} FROM calendar_event WHERE calendar = ?1 AND is_gone = 0 AND ends_at > ?2 AND seen_at < ?3 ORDER BY id"
    );
    tx.all(&sql, vals![calendar, ends_after, seen_before]).await?.iter().map(kept).collect()
}

/// The events of these calendars that end after an instant, but for those that are gone.
pub async fn standing(
    tx: &mut Tx,
    calendars: &[&str],
    after: Micros,
    most: i64,
) -> Result<Vec<CalendarEvent>, StoreError> {
    let mut vals = vec![Val::from(after), Val::Int(most)];
    let marks: Vec<String> = (0..calendars.len()).map(|n| format!("?{}", n + 3)).collect();
    vals.extend(calendars.iter().map(|name| Val::from(*name)));
    let sql = format!(
        "SELECT {KEPT} FROM calendar_event WHERE ends_at > ?1 AND is_gone = 0 AND calendar IN ({}) ORDER BY starts_at, id LIMIT ?2",
        marks.join(", ")
    );
    tx.all(&sql, &vals).await?.iter().map(|row| kept(row).map(|kept| kept.event)).collect()
}

/// Those of some calendars that touch a span, in the order of their beginning.
pub async fn between(
    tx: &mut Tx,
    scope: &Scope,
    (from, until): (Micros, Micros),
    calendar: Option<&str>,
    most: i64,
) -> Result<Vec<Kept>, StoreError> {
    let mut vals = vec![Val::from(from), Val::from(until)];
    let mut wheres = vec!["ends_at > ?1 AND starts_at < ?2".to_owned(), scope_clause(scope, "customer", &mut vals)];
    if let Some(calendar) = calendar {
        vals.push(Val::from(calendar));
        wheres.push(format!("calendar = ?{}", vals.len()));
    }
    vals.push(Val::Int(most));
    let sql = format!(
        "SELECT {KEPT} FROM calendar_event WHERE {} ORDER BY starts_at, id LIMIT ?{}",
        wheres.join(" AND "),
        vals.len()
    );
    tx.all(&sql, &vals).await?.iter().map(kept).collect()
}

fn kept(row: &Row) -> Result<Kept, StoreError> {
    Ok(Kept {
        event: row.json(0)?,
        customer: row.opt_string(1)?,
        seen_at: row.micros(2)?,
        is_gone: row.bool(3)?,
        memory: row.string(4)?,
    })
}
