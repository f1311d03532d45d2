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

/// The instances of a series of a calendar that end after an instant; it was deleted as a whole.
pub async fn of_series(
    tx: &mut Tx,
    calendar: &str,
    series: &str,
    ends_after: Micros,
) -> Result<Vec<String>, StoreError> {
    let sql =
        format!("SELECT {KEPT} FROM calendar_event WHERE calendar = ?1 AND is_gone = 0 AND ends_at > ?2 ORDER BY id");
    let kept: Result<Vec<Kept>, StoreError> =
        tx.all(&sql, vals![calendar, ends_after]).await?.iter().map(kept).collect();
    let of = kept?.into_iter().filter(|kept| kept.event.recurring.as_deref() == Some(series));
    Ok(of.map(|kept| kept.event.id).collect())
}

/// An event, and the repeats of it that a feed names after it, by their ids in order: those that were not seen since an instant.
pub async fn named_after(tx: &mut Tx, id: &str, seen_before: Micros) -> Result<Vec<String>, StoreError> {
    // '0' is what comes next after '/'.
    let (first, end) = (format!("{id}/"), format!("{id}0"));
    let sql = "SELECT id FROM calendar_event WHERE (id = ?1 OR (id >= ?2 AND id < ?3)) AND seen_at < ?4 ORDER BY id";
    tx.all(sql, vals![id, first, end, seen_before]).await?.iter().map(|row| row.string(0)).collect()
}

/// It was shown, and nobody could read what it says now: what is known stands.
pub async fn seen(tx: &mut Tx, id: &str, at: Micros) -> Result<(), StoreError> {
    tx.exec("UPDATE calendar_event SET seen_at = ?2 WHERE id = ?1 AND seen_at < ?2", vals![id, at]).await?;
    Ok(())
}

/// Those of a calendar that last beyond this instant and were not seen since then: a whole list that does not show them says that
/// they are gone. At most so many.
pub async fn unseen(
    tx: &mut Tx,
    calendar: &str,
    (ends_after, seen_before): (Micros, Micros),
    most: i64,
) -> Result<Vec<Kept>, StoreError> {
    let sql = format!(
        "SELECT {KEPT} FROM calendar_event WHERE calendar = ?1 AND is_gone = 0 AND ends_at > ?2 AND seen_at < ?3 \
         ORDER BY id LIMIT ?4"
    );
    tx.all(&sql, vals![calendar, ends_after, seen_before, most]).await?.iter().map(kept).collect()
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

fn kept(row: &Row) -> Result<Kept, StoreError> {
    Ok(Kept {
        event: row.json(0)?,
        customer: row.opt_string(1)?,
        seen_at: row.micros(2)?,
        is_gone: row.bool(3)?,
        memory: row.string(4)?,
    })
}
