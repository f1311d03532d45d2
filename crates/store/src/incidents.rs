//! Incidents as folded from their facts, in columns for lists and whole as JSON. Written only by the reading of
//! signals; read only within a scope.

pub(crate) mod ask;
mod brief;
mod choices;
mod every;
mod idle;
mod links;
mod list;
mod save;

pub use brief::{Title, list_merged_from, list_titles};
pub use choices::list_choices;
pub use every::{Kept, list_every};
pub use idle::{Idle, list_idle_services};
pub use list::{count, count_up_to, list};
pub use save::save;

use crate::inbox::scope_clause;
use crate::{Row, StoreError, Tx, vals};
use model::incident::{Fact, Incident, Ref};
use model::{Micros, Scope};

/// What a list shows of an incident.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub id: String,
    pub number: Option<i64>,
    pub title: String,
    pub status: String,
    pub urgency: String,
    pub service: Option<Ref>,
    pub priority: Option<String>,
    pub customer: Option<String>,
    pub created_at: Micros,
    pub acknowledged_at: Option<Micros>,
    pub resolved_at: Option<Micros>,
    pub changed_at: Micros,
    pub read_at: Option<Micros>,
    pub stale: bool,
    pub html_url: Option<String>,
    /// Since when PagerDuty shows it to the key no more: what it is like now is not known.
    pub hidden_at: Option<Micros>,
    pub assignees: Vec<Ref>,
    /// Who holds it acknowledged now.
    pub holders: Vec<Ref>,
}

/// An incident with everything that we know of it.
#[derive(Clone, Debug)]
pub struct Whole {
    pub item: Item,
    pub incident: Incident,
    pub facts: Vec<Fact>,
}

/// Which incidents a list shows. All conditions hold together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    pub statuses: Vec<String>,
    pub urgency: Option<String>,
    pub service: Option<String>,
    pub team: Option<String>,
    pub assignee: Option<String>,
    pub customer: Option<String>,
    /// Words, by blanks, each of which the title contains, whatever its case and width; or the incident's number, with
    /// or without `#`, or its id.
    pub text: Option<String>,
    pub since: Option<Micros>,
    pub until: Option<Micros>,
    pub order: Order,
    /// The last row of the page before.
    pub after: Option<Place>,
}

/// By what a list is sorted, and which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    pub by: By,
    pub descending: bool,
}

impl Default for Order {
    fn default() -> Self {
        Self { by: By::Opened, descending: true }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Opened,
    Changed,
    Status,
    Service,
}

/// A row's place in an order: what a cursor remembers.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Place {
    pub number: Option<i64>,
    pub text: Option<String>,
    pub id: String,
}

impl Order {
    pub fn place(self, item: &Item) -> Place {
        let (number, text) = match self.by {
            By::Opened => (Some(item.created_at.0), None),
            By::Changed => (Some(item.changed_at.0), None),
            By::Status => (STATUSES.iter().position(|s| *s == item.status).or(Some(2)).map(|i| i as i64), None),
            By::Service => (None, Some(item.service.as_ref().map(|s| s.name.clone()).unwrap_or_default())),
        };
        Place { number, text, id: item.id.clone() }
    }
}

/// Open incidents behind this id, by id, with their customers.
pub async fn open_after(tx: &mut Tx, after: &str, most: i64) -> Result<Vec<(Incident, Option<String>)>, StoreError> {
    let sql = "SELECT s.state, i.customer FROM incident i JOIN incident_state s ON s.slot = i.slot \
               WHERE i.id > ?1 AND i.status IN ('triggered', 'acknowledged') ORDER BY i.id LIMIT ?2";
    tx.all(sql, vals![after, most]).await?.iter().map(|row| Ok((row.json(0)?, row.opt_string(1)?))).collect()
}

/// It is a canary of ours: no list and no figure shows it.
pub async fn mark_canary(tx: &mut Tx, id: &str) -> Result<(), StoreError> {
    tx.exec("UPDATE incident SET canary = 1 WHERE id = ?1 AND canary = 0", vals![id]).await?;
    Ok(())
}

const ITEM: &str = "id, number, title, status, urgency, service_id, service_name, priority, customer, created_at, \
     acknowledged_at, resolved_at, changed_at, read_at, stale, html_url, hidden_at";
/// How many columns that are: whatever is selected beside them begins here.
const WIDTH: usize = 17;

/// What needs somebody first comes first.
const STATUSES: [&str; 3] = ["triggered", "acknowledged", "resolved"];

/// By PagerDuty's id or the incident's number.
pub async fn find(tx: &mut Tx, scope: &Scope, id: &str) -> Result<Option<Whole>, StoreError> {
    let Some(slot) = list::named(tx, scope, id).await? else { return Ok(None) };
    let sql = format!(
        "SELECT {ITEM}, state FROM incident JOIN incident_state ON incident_state.slot = incident.slot \
         WHERE incident.slot = ?1"
    );
    let Some(row) = tx.one(&sql, vals![slot]).await? else { return Ok(None) };
    let mut item = item(&row)?;
    let incident: Incident = row.json(WIDTH)?;
    item.assignees.clone_from(&incident.data.assignees);
    item.holders = links::holders(&incident.data).cloned().collect();
    let facts = crate::facts::of(tx, &item.id).await?;
    Ok(Some(Whole { item, incident, facts }))
}

/// A pattern for LIKE that matches this text anywhere. Only ASCII is folded: SQLite's lower() knows no other.
pub(crate) fn like_pattern(text: &str) -> String {
    let escaped = text.to_ascii_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

fn item(row: &Row) -> Result<Item, StoreError> {
    let service = match (row.opt_string(5)?, row.opt_string(6)?) {
        (Some(id), name) => Some(Ref { id, name: name.unwrap_or_default(), url: None }),
        _ => None,
    };
    Ok(Item {
        id: row.string(0)?,
        number: row.opt_int(1)?,
        title: row.string(2)?,
        status: row.string(3)?,
        urgency: row.string(4)?,
        service,
        priority: row.opt_string(7)?,
        customer: row.opt_string(8)?,
        created_at: row.micros(9)?,
        acknowledged_at: row.opt_micros(10)?,
        resolved_at: row.opt_micros(11)?,
        changed_at: row.micros(12)?,
        read_at: row.opt_micros(13)?,
        stale: row.bool(14)?,
        html_url: row.opt_string(15)?,
        hidden_at: row.opt_micros(16)?,
        assignees: Vec::new(),
        holders: Vec::new(),
    })
}

/// Whether an incident is open as far as we know: for a precondition right before sending.
pub async fn is_open(tx: &mut Tx, id: &str) -> Result<Option<bool>, StoreError> {
    tx.one("SELECT status FROM incident WHERE id = ?1", vals![id])
        .await?
        .map(|row| Ok(row.text(0)? != "resolved"))
        .transpose()
}

/// Since when an incident is resolved, as far as we know; `None` while it is open.
pub async fn resolved_at(tx: &mut Tx, id: &str) -> Result<Option<Micros>, StoreError> {
    let sql = "SELECT coalesce(resolved_at, changed_at) FROM incident WHERE id = ?1 AND status = 'resolved'";
    tx.one(sql, vals![id]).await?.map(|row| row.micros(0)).transpose()
}

/// Whom an incident belongs to, for a job about it.
pub async fn customer_of(tx: &mut Tx, id: &str) -> Result<Option<String>, StoreError> {
    let row = tx.one("SELECT customer FROM incident WHERE id = ?1", vals![id]).await?;
    row.map_or(Ok(None), |row| row.opt_string(0))
}

/// PagerDuty was asked for it and shows it no more. Whatever is told of it afterwards ends that.
pub async fn hide(tx: &mut Tx, id: &str) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec("UPDATE incident SET hidden_at = coalesce(hidden_at, ?2), asked_at = ?2 WHERE id = ?1", vals![id, now])
        .await?;
    Ok(())
}

/// How many are open here that PagerDuty shows no more.
pub async fn count_hidden(tx: &mut Tx, scope: &Scope) -> Result<i64, StoreError> {
    let mut vals = Vec::new();
    let clause = scope_clause(scope, "customer", &mut vals);
    let sql = format!(
        "SELECT count(*) FROM incident WHERE hidden_at IS NOT NULL AND status <> 'resolved' AND canary = 0 AND {clause}"
    );
    tx.sure(&sql, &vals).await?.int(0)
}

/// How long an incident that PagerDuty showed no more is left alone before it is asked for once again.
const HIDDEN_S: i64 = 86_400;

/// Incidents that are open here and have not changed since before an instant, as far as a round of asking can repair.
pub async fn open_since_before(tx: &mut Tx, before: Micros) -> Result<Vec<String>, StoreError> {
    let hidden = tx.now().plus_s(-HIDDEN_S);
    tx.all(
        "SELECT id FROM incident WHERE status IN ('triggered', 'acknowledged') AND changed_at < ?1 \
         AND (asked_at IS NULL OR asked_at < ?2) ORDER BY status, created_at, id LIMIT 1000",
        vals![before, hidden],
    )
    .await?
    .iter()
    .map(|row| row.string(0))
    .collect()
}
