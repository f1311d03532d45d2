//! Maintenance windows that we open in PagerDuty: how each is wanted, and how it stands there as far as we know. What opens and ends
//! one is decided elsewhere.

use crate::inbox::scope_clause;
use crate::{Row, StoreError, Tx, Val, vals};
use model::{Micros, Scope};
use std::collections::BTreeSet;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    pub id: String,
    /// The calendar's event that it is for.
    pub event: String,
    pub rule: String,
    pub customer: Option<String>,
    pub title: String,
    /// As they are configured.
    pub services: Vec<String>,
    pub starts_at: Micros,
    pub ends_at: Micros,
    /// It is to be there; else it is to end.
    pub is_wanted: bool,
    /// Grows with every change of what is wanted.
    pub wanted: i64,
    /// The version that PagerDuty was last brought to; 0: none.
    pub shown: i64,
    pub made_at: Micros,
    /// When it was first about to be opened: from then on it may stand there, whatever we know.
    pub begun_at: Option<Micros>,
    /// PagerDuty's id of it.
    pub pagerduty: Option<String>,
    /// Ids and names of the services that it holds over there.
    pub names: Vec<String>,
    pub opened_at: Option<Micros>,
    /// The end that it was last given there.
    pub shown_ends_at: Option<Micros>,
    pub changed_at: Option<Micros>,
    /// When it was last looked at because the mirror lacked it.
    pub looked_at: Option<Micros>,
    /// Nothing more is to be done.
    pub over_at: Option<Micros>,
    /// Somebody ended it in PagerDuty.
    pub gone_at: Option<Micros>,
    /// Why it can't be opened or changed, in words for people.
    pub trouble: Option<String>,
}

impl Window {
    /// It is not as it should be, or its time went by without it.
    pub fn is_troubled(&self) -> bool {
        let was_missed = |over_at: Micros| self.opened_at.is_none() && over_at >= self.ends_at;
        self.trouble.is_some() && self.over_at.is_none_or(was_missed)
    }
}

/// How a window is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted<'a> {
    pub id: &'a str,
    pub event: &'a str,
    pub rule: &'a str,
    pub customer: Option<&'a str>,
    pub title: &'a str,
    pub services: &'a [String],
    pub starts_at: Micros,
    pub ends_at: Micros,
}

/// How it stands in PagerDuty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stands {
    pub pagerduty: String,
    pub names: Vec<String>,
    pub ends_at: Micros,
}

const WINDOW: &str = "id, event, rule, customer, title, services, starts_at, ends_at, is_wanted, wanted, shown, made_at, begun_at, \
     pagerduty, names, opened_at, shown_ends_at, changed_at, looked_at, over_at, gone_at, trouble";

/// It is to be like this; gives the version that says so.
pub async fn want(tx: &mut Tx, window: &Wanted<'_>) -> Result<i64, StoreError> {
    let now = tx.now();
    let services = serde_json::to_string(window.services).map_err(StoreError::shape)?;
    let title = window.title.replace('\0', "\u{fffd}");
    tx.sure(
        "INSERT INTO own_window (id, event, rule, customer, title, services, starts_at, ends_at, is_wanted, wanted, shown, made_at, \
         names) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1, 1, 0, ?9, '[]') ON CONFLICT (id) DO UPDATE SET \
         wanted = own_window.wanted + 1, title = excluded.title, services = excluded.services, \
         starts_at = excluded.starts_at, ends_at = excluded.ends_at, is_wanted = 1 RETURNING wanted",
        vals![
            window.id,
            window.event,
            window.rule,
            window.customer,
            title,
            services,
            window.starts_at,
            window.ends_at,
            now
        ],
    )
    .await?
    .int(0)
}

/// It is to end; `None` when it is over, or never was.
pub async fn unwant(tx: &mut Tx, id: &str) -> Result<Option<i64>, StoreError> {
    let sql =
        "UPDATE own_window SET is_wanted = 0, wanted = wanted + 1 WHERE id = ?1 AND over_at IS NULL RETURNING wanted";
    tx.one(sql, vals![id]).await?.map(|row| row.int(0)).transpose()
}

pub async fn get(tx: &mut Tx, id: &str) -> Result<Option<Window>, StoreError> {
    tx.one(&format!("SELECT {WINDOW} FROM own_window WHERE id = ?1"), vals![id]).await?.map(|r| window(&r)).transpose()
}

/// Those of an event, the latest first.
pub async fn list_of_event(tx: &mut Tx, scope: &Scope, event: &str) -> Result<Vec<Window>, StoreError> {
    let mut vals = vals![event].to_vec();
    let clause = scope_clause(scope, "customer", &mut vals);
    let sql = format!("SELECT {WINDOW} FROM own_window WHERE event = ?1 AND {clause} ORDER BY made_at DESC, id");
    tx.all(&sql, &vals).await?.iter().map(window).collect()
}

/// Which of these events have a window that is not as it should be.
pub async fn troubled_events(tx: &mut Tx, scope: &Scope, events: &[&str]) -> Result<BTreeSet<String>, StoreError> {
    if events.is_empty() {
        return Ok(BTreeSet::new());
    }
    let mut vals: Vec<Val> = events.iter().map(|event| Val::from(*event)).collect();
    let marks: Vec<String> = (1..=events.len()).map(|n| format!("?{n}")).collect();
    let clause = scope_clause(scope, "customer", &mut vals);
    let sql = format!("SELECT {WINDOW} FROM own_window WHERE event IN ({}) AND {clause}", marks.join(", "));
    let windows: Vec<Window> = tx.all(&sql, &vals).await?.iter().map(window).collect::<Result<_, _>>()?;
    Ok(windows.into_iter().filter(Window::is_troubled).map(|window| window.event).collect())
}

/// Those that PagerDuty was told of and that end after this, as they are wanted or as they were last told; those that ended before
/// their time too.
pub async fn told(tx: &mut Tx, after: Micros) -> Result<Vec<Window>, StoreError> {
    let sql =
        format!("SELECT {WINDOW} FROM own_window WHERE pagerduty IS NOT NULL AND (ends_at > ?1 OR shown_ends_at > ?1)");
    by_id(tx.all(&sql, vals![after]).await?.iter().map(window).collect())
}

/// Those that were to begin by this instant, are known so long too, were never opened, and of whose trouble nobody has heard.
pub async fn unopened(tx: &mut Tx, by: Micros) -> Result<Vec<Window>, StoreError> {
    let now = tx.now();
    let sql = format!(
        "SELECT {WINDOW} FROM own_window WHERE ends_at > ?1 AND starts_at <= ?2 AND made_at <= ?2 AND is_wanted = 1 \
         AND over_at IS NULL AND opened_at IS NULL AND trouble IS NULL"
    );
    by_id(tx.all(&sql, vals![now, by]).await?.iter().map(window).collect())
}

/// Sorted here: asked for by id, SQLite walks over all by their key instead of reading the few by their ends.
fn by_id(windows: Result<Vec<Window>, StoreError>) -> Result<Vec<Window>, StoreError> {
    let mut windows = windows?;
    windows.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(windows)
}

/// Those that ended before this are forgotten, so many at a time; gives how many.
pub async fn forget(tx: &mut Tx, before: Micros, most: i64) -> Result<usize, StoreError> {
    let sql = "DELETE FROM own_window WHERE id IN (SELECT id FROM own_window WHERE ends_at < ?1 \
               AND (over_at IS NULL OR over_at < ?1) AND (shown_ends_at IS NULL OR shown_ends_at < ?1) LIMIT ?2)";
    Ok(usize::try_from(tx.exec(sql, vals![before, most]).await?).unwrap_or(0))
}

/// It is about to be opened. Written before it is sent, so that whoever comes after a crash looks for it first.
pub async fn begin(tx: &mut Tx, id: &str) -> Result<(), StoreError> {
    let now = tx.now();
    tx.exec("UPDATE own_window SET begun_at = coalesce(begun_at, ?2) WHERE id = ?1", vals![id, now]).await?;
    Ok(())
}

/// It stands there as this version wanted it.
pub async fn stands(tx: &mut Tx, id: &str, version: i64, stands: &Stands) -> Result<(), StoreError> {
    let now = tx.now();
    let names = serde_json::to_string(&stands.names).map_err(StoreError::shape)?;
    tx.exec(
        "UPDATE own_window SET shown = CASE WHEN shown < ?2 THEN ?2 ELSE shown END, pagerduty = ?3, names = ?4, \
         opened_at = coalesce(opened_at, ?6), shown_ends_at = ?5, changed_at = ?6, trouble = NULL WHERE id = ?1",
        vals![id, version, &stands.pagerduty, names, stands.ends_at, now],
    )
    .await?;
    Ok(())
}

/// The mirror lacks it: it is looked at. False when it was a moment ago.
pub async fn look(tx: &mut Tx, id: &str, not_since: Micros) -> Result<bool, StoreError> {
    let now = tx.now();
    let sql = "UPDATE own_window SET looked_at = ?2 WHERE id = ?1 AND over_at IS NULL \
               AND (looked_at IS NULL OR looked_at < ?3)";
    Ok(tx.exec(sql, vals![id, now, not_since]).await? == 1)
}

/// Nothing more is to be done for it. False when that was so, or something else is wanted since this version.
pub async fn over(tx: &mut Tx, id: &str, version: i64) -> Result<bool, StoreError> {
    let now = tx.now();
    let sql = "UPDATE own_window SET over_at = ?2 WHERE id = ?1 AND over_at IS NULL AND wanted = ?3";
    Ok(tx.exec(sql, vals![id, now, version]).await? == 1)
}

/// We ended it and something else is wanted since: what is opened next is another.
pub async fn ended(tx: &mut Tx, id: &str) -> Result<(), StoreError> {
    let sql = "UPDATE own_window SET pagerduty = NULL, shown_ends_at = NULL, begun_at = NULL \
               WHERE id = ?1 AND over_at IS NULL AND pagerduty IS NOT NULL";
    tx.exec(sql, vals![id]).await.map(|_| ())
}

/// Somebody ended it in PagerDuty, which stands. False when that was known, or something else is wanted since this version.
pub async fn gone(tx: &mut Tx, id: &str, version: i64) -> Result<bool, StoreError> {
    let now = tx.now();
    let sql = "UPDATE own_window SET gone_at = ?2, over_at = coalesce(over_at, ?2) \
               WHERE id = ?1 AND gone_at IS NULL AND wanted = ?3";
    Ok(tx.exec(sql, vals![id, now, version]).await? == 1)
}

/// It can't be brought to what is wanted. False when people know that reason.
pub async fn troubled(tx: &mut Tx, id: &str, why: &str) -> Result<bool, StoreError> {
    let sql = "UPDATE own_window SET trouble = ?2 WHERE id = ?1 AND (trouble IS NULL OR trouble <> ?2)";
    Ok(tx.exec(sql, vals![id, why]).await? == 1)
}

fn window(row: &Row) -> Result<Window, StoreError> {
    Ok(Window {
        id: row.string(0)?,
        event: row.string(1)?,
        rule: row.string(2)?,
        customer: row.opt_string(3)?,
        title: row.string(4)?,
        services: row.json(5)?,
        starts_at: row.micros(6)?,
        ends_at: row.micros(7)?,
        is_wanted: row.int(8)? == 1,
        wanted: row.int(9)?,
        shown: row.int(10)?,
        made_at: row.micros(11)?,
        begun_at: row.opt_micros(12)?,
        pagerduty: row.opt_string(13)?,
        names: row.json(14)?,
        opened_at: row.opt_micros(15)?,
        shown_ends_at: row.opt_micros(16)?,
        changed_at: row.opt_micros(17)?,
        looked_at: row.opt_micros(18)?,
        over_at: row.opt_micros(19)?,
        gone_at: row.opt_micros(20)?,
        trouble: row.opt_string(21)?,
    })
}
