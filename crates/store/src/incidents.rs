//! Incidents as folded from their facts, in columns for lists and whole as JSON. Written only by the reading of
//! signals; read only within a scope.

mod brief;
mod links;

pub use brief::{Title, list_merged_from, list_titles};

use crate::inbox::scope_clause;
use crate::{Row, StoreError, Tx, Val, vals};
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
    /// A text that the title contains, whatever its case in ASCII.
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
    const fn column(self) -> &'static str {
        match self.by {
            By::Opened => "created_at",
            By::Changed => "changed_at",
            // What needs somebody first comes first: triggered, acknowledged, resolved.
            By::Status => "CASE status WHEN 'triggered' THEN 0 WHEN 'acknowledged' THEN 1 ELSE 2 END",
            By::Service => "coalesce(service_name, '')",
        }
    }

    pub fn place(self, item: &Item) -> Place {
        let (number, text) = match self.by {
            By::Opened => (Some(item.created_at.0), None),
            By::Changed => (Some(item.changed_at.0), None),
            By::Status => (
                Some(["triggered", "acknowledged"].iter().position(|s| *s == item.status).map_or(2, |i| i as i64)),
                None,
            ),
            By::Service => (None, Some(item.service.as_ref().map(|s| s.name.clone()).unwrap_or_default())),
        };
        Place { number, text, id: item.id.clone() }
    }
}

/// Writes an incident as folded, with its customer.
pub async fn save(
    tx: &mut Tx,
    incident: &Incident,
    customer: Option<&str>,
    facts: usize,
    read_at: Option<Micros>,
) -> Result<(), StoreError> {
    let data = &incident.data;
    let state = serde_json::to_string(incident).map_err(StoreError::shape)?;
    tx.exec(
        "INSERT INTO incident (id, number, title, status, urgency, service_id, service_name, priority, customer, \
         created_at, acknowledged_at, resolved_at, changed_at, read_at, stale, facts, html_url, merged_into, state) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19) \
         ON CONFLICT (id) DO UPDATE SET number = excluded.number, title = excluded.title, status = excluded.status, \
         urgency = excluded.urgency, service_id = excluded.service_id, service_name = excluded.service_name, \
         priority = excluded.priority, customer = excluded.customer, created_at = excluded.created_at, \
         acknowledged_at = excluded.acknowledged_at, resolved_at = excluded.resolved_at, \
         changed_at = excluded.changed_at, read_at = coalesce(excluded.read_at, incident.read_at), \
         stale = excluded.stale, facts = excluded.facts, html_url = excluded.html_url, \
         merged_into = excluded.merged_into, state = excluded.state",
        vals![
            &data.id,
            data.number,
            &data.title,
            data.status.as_str(),
            data.urgency.as_str(),
            data.service.as_ref().map(|s| s.id.clone()),
            data.service.as_ref().map(|s| s.name.clone()),
            data.priority.as_ref().map(|p| p.name.clone()),
            customer,
            data.created_at.unwrap_or(incident.changed_at),
            incident.acknowledged_at,
            data.resolved_at,
            incident.changed_at,
            read_at,
            incident.stale,
            i64::try_from(facts).unwrap_or(i64::MAX),
            data.html_url.clone(),
            data.resolve_reason.as_ref().and_then(|r| r.into.as_ref()).map(|into| into.id.clone()),
            state
        ],
    )
    .await?;
    links::save(tx, incident).await
}

const ITEM: &str = "id, number, title, status, urgency, service_id, service_name, priority, customer, created_at, \
     acknowledged_at, resolved_at, changed_at, read_at, stale, html_url";

pub async fn list(tx: &mut Tx, scope: &Scope, filter: &Filter, limit: i64) -> Result<Vec<Item>, StoreError> {
    let mut vals = Vec::new();
    let clause = conditions(scope, filter, &mut vals);
    let (column, way) = (filter.order.column(), if filter.order.descending { "DESC" } else { "ASC" });
    let limit = Val::Int(limit);
    vals.push(limit);
    let sql =
        format!("SELECT {ITEM} FROM incident WHERE {clause} ORDER BY {column} {way}, id {way} LIMIT ?{}", vals.len());
    let rows = tx.all(&sql, &vals).await?;
    let mut items = rows.iter().map(item).collect::<Result<Vec<_>, _>>()?;
    links::fill(tx, &mut items).await?;
    Ok(items)
}

pub async fn count(tx: &mut Tx, scope: &Scope, filter: &Filter) -> Result<i64, StoreError> {
    let mut vals = Vec::new();
    let clause = conditions(scope, filter, &mut vals);
    tx.sure(&format!("SELECT count(*) FROM incident WHERE {clause}"), &vals).await?.int(0)
}

/// By PagerDuty's id or the incident's number.
pub async fn find(tx: &mut Tx, scope: &Scope, id: &str) -> Result<Option<Whole>, StoreError> {
    let mut vals = vec![Val::from(id)];
    let named = match id.parse::<i64>() {
        Ok(number) => {
            vals.push(Val::Int(number));
            "(id = ?1 OR number = ?2)"
        }
        Err(_) => "id = ?1",
    };
    let clause = scope_clause(scope, "customer", &mut vals);
    let sql = format!("SELECT {ITEM}, state FROM incident WHERE {named} AND {clause} ORDER BY id LIMIT 1");
    let Some(row) = tx.one(&sql, &vals).await? else { return Ok(None) };
    let mut item = item(&row)?;
    let incident: Incident = row.json(16)?;
    item.assignees.clone_from(&incident.data.assignees);
    item.holders = links::holders(&incident.data).cloned().collect();
    let facts = crate::facts::of(tx, &item.id).await?;
    Ok(Some(Whole { item, incident, facts }))
}

/// The values that exist, for the choices of a filter: (id, name) of services, teams or assignees. Customers are given
/// by their ids alone: their names are in the configuration.
pub async fn list_choices(tx: &mut Tx, scope: &Scope, kind: &str) -> Result<Vec<(String, String)>, StoreError> {
    let mut vals = Vec::new();
    let sql = match kind {
        "service" => {
            let clause = scope_clause(scope, "customer", &mut vals);
            format!(
                "SELECT service_id, max(service_name) FROM incident WHERE service_id IS NOT NULL AND {clause} \
                 GROUP BY service_id ORDER BY 2, 1 LIMIT 500"
            )
        }
        "customer" => {
            let clause = scope_clause(scope, "customer", &mut vals);
            format!(
                "SELECT DISTINCT customer, customer FROM incident WHERE customer IS NOT NULL AND {clause} \
                 ORDER BY 1 LIMIT 500"
            )
        }
        kind => {
            vals.push(Val::from(kind));
            let clause = scope_clause(scope, "i.customer", &mut vals);
            format!(
                "SELECT l.other, max(l.name) FROM incident_link l JOIN incident i ON i.id = l.incident \
                 WHERE l.kind = ?1 AND {clause} GROUP BY l.other ORDER BY 2, 1 LIMIT 500"
            )
        }
    };
    tx.all(&sql, &vals).await?.iter().map(|row| Ok((row.string(0)?, row.string(1)?))).collect()
}

fn conditions(scope: &Scope, filter: &Filter, vals: &mut Vec<Val>) -> String {
    let mut wheres = vec![scope_clause(scope, "customer", vals)];
    if !filter.statuses.is_empty() {
        let marks: Vec<String> = filter.statuses.iter().map(|s| mark(vals, s.into())).collect();
        wheres.push(format!("status IN ({})", marks.join(", ")));
    }
    for (column, sign, value) in [
        ("urgency", "=", filter.urgency.as_ref().map(Val::from)),
        ("service_id", "=", filter.service.as_ref().map(Val::from)),
        ("customer", "=", filter.customer.as_ref().map(Val::from)),
        ("created_at", ">=", filter.since.map(Val::from)),
        ("created_at", "<", filter.until.map(Val::from)),
    ] {
        if let Some(value) = value {
            wheres.push(format!("{column} {sign} {}", mark(vals, value)));
        }
    }
    for (kind, value) in [("team", &filter.team), ("assignee", &filter.assignee)] {
        if let Some(value) = value {
            let other = mark(vals, value.into());
            wheres.push(format!(
                "EXISTS (SELECT 1 FROM incident_link l WHERE l.incident = incident.id AND l.kind = '{kind}' AND l.other = {other})"
            ));
        }
    }
    if let Some(text) = &filter.text {
        let pattern = mark(vals, like_pattern(text).into());
        wheres.push(format!("lower(title) LIKE {pattern} ESCAPE '\\'"));
    }
    if let Some(place) = &filter.after {
        let (column, sign) = (filter.order.column(), if filter.order.descending { "<" } else { ">" });
        let value = match &place.text {
            Some(text) => mark(vals, text.into()),
            None => mark(vals, place.number.unwrap_or_default().into()),
        };
        let id = mark(vals, (&place.id).into());
        wheres.push(format!("({column} {sign} {value} OR ({column} = {value} AND id {sign} {id}))"));
    }
    wheres.join(" AND ")
}

fn mark(vals: &mut Vec<Val>, value: Val) -> String {
    vals.push(value);
    format!("?{}", vals.len())
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

/// Whom an incident belongs to, for a job about it.
pub async fn customer_of(tx: &mut Tx, id: &str) -> Result<Option<String>, StoreError> {
    let row = tx.one("SELECT customer FROM incident WHERE id = ?1", vals![id]).await?;
    row.map_or(Ok(None), |row| row.opt_string(0))
}
