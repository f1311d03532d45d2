//! Tickets of outside trackers as they were read last, with what their duty remembers of them. Never decides.

mod list;

pub use list::{Filter, Item, Place, Watch, list, places};

use crate::inbox::scope_clause;
use crate::{Row, StoreError, Tx, Val, vals};
use model::ticket::Reading;
use model::{Micros, Scope};

#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    pub reading: Reading,
    pub customer: Option<String>,
    pub read_at: Micros,
    /// It was deleted over there.
    pub gone_at: Option<Micros>,
    /// The duty's own data; empty: never judged.
    pub memory: String,
}

/// The duty whose concerns stand beside tickets.
const DUTY: &str = "tickets";

const KEPT: &str = "reading, customer, read_at, gone_at, memory";

pub async fn get(tx: &mut Tx, scope: &Scope, id: &str) -> Result<Option<Kept>, StoreError> {
    let mut vals = vec![Val::from(id)];
    let clause = scope_clause(scope, "customer", &mut vals);
    let row = tx.one(&format!("SELECT {KEPT} FROM ticket WHERE id = ?1 AND {clause}"), &vals).await?;
    row.map(|row| kept(&row)).transpose()
}

/// The ticket of that key, which it keeps until it moves to another project.
pub async fn by_key(tx: &mut Tx, space: &str, key: &str) -> Result<Option<Kept>, StoreError> {
    let sql = format!("SELECT {KEPT} FROM ticket WHERE space = ?1 AND key = ?2 ORDER BY read_at DESC LIMIT 1");
    tx.one(&sql, vals![space, key]).await?.map(|row| kept(&row)).transpose()
}

/// A reading that was asked for before the one that is kept changes nothing: false.
pub async fn save(
    tx: &mut Tx,
    reading: &Reading,
    customer: Option<&str>,
    asked_at: Micros,
    memory: &str,
) -> Result<bool, StoreError> {
    let ticket = &reading.ticket;
    let json = serde_json::to_string(reading).map_err(StoreError::shape)?;
    let saved = tx
        .exec(
            "INSERT INTO ticket (id, space, key, project, title, kind, priority, status, is_done, assignee, customer, url, \
             created_at, updated_at, read_at, reading, memory) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17) \
             ON CONFLICT (id) DO UPDATE SET key = excluded.key, project = excluded.project, title = excluded.title, \
             kind = excluded.kind, priority = excluded.priority, status = excluded.status, is_done = excluded.is_done, \
             assignee = excluded.assignee, customer = excluded.customer, url = excluded.url, \
             updated_at = excluded.updated_at, read_at = excluded.read_at, reading = excluded.reading, \
             memory = excluded.memory, gone_at = NULL WHERE ticket.read_at <= excluded.read_at",
            vals![
                &ticket.id,
                &ticket.space,
                &ticket.key,
                &ticket.project,
                &ticket.title,
                &ticket.kind,
                ticket.priority.as_ref().map(|priority| priority.id),
                &ticket.status.name,
                ticket.is_done,
                ticket.assignee.as_ref().map(|who| who.name.clone()),
                customer,
                &ticket.url,
                ticket.created_at,
                ticket.updated_at,
                asked_at,
                json,
                memory
            ],
        )
        .await?;
    Ok(saved == 1)
}

/// What the duty remembers, without another reading.
pub async fn remember(tx: &mut Tx, id: &str, memory: &str) -> Result<(), StoreError> {
    tx.exec("UPDATE ticket SET memory = ?2 WHERE id = ?1", vals![id, memory]).await?;
    Ok(())
}

/// It is deleted over there. False when that was known, or the ticket is not.
pub async fn gone(tx: &mut Tx, id: &str, at: Micros) -> Result<bool, StoreError> {
    let sql = "UPDATE ticket SET gone_at = ?2 WHERE id = ?1 AND gone_at IS NULL";
    Ok(tx.exec(sql, vals![id, at]).await? == 1)
}

fn kept(row: &Row) -> Result<Kept, StoreError> {
    Ok(Kept {
        reading: row.json(0)?,
        customer: row.opt_string(1)?,
        read_at: row.micros(2)?,
        gone_at: row.opt_micros(3)?,
        memory: row.string(4)?,
    })
}
