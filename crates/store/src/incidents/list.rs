//! Lists and counts. Comes to the rows by whatever is fewest, in the order asked for, so that a page costs the same at a
//! thousand incidents and at a million.

use super::ask::{Ask, Drive, Query, Spot, column, proposed};
use super::{By, Filter, ITEM, Item, Order, STATUSES, WIDTH, choices, item, links};
use crate::inbox::scope_clause;
use crate::{Row, StoreError, Tx, Val, search, vals};
use model::Scope;

/// So few rows are had whole and sorted faster than an order's index finds a page of them.
const FEW: i64 = if cfg!(test) { 7 } else { 4_000 };
/// Places of an order that are looked at before the rows are had another way. A share of `FEW` in a million fills a page
/// well within this.
const WALK: i64 = if cfg!(test) { 11 } else { 16_000 };
/// The item's columns, then the slot.
const SLOT: usize = WIDTH;

type Rows = Vec<Row>;

pub async fn list(tx: &mut Tx, scope: &Scope, filter: &Filter, limit: i64) -> Result<Vec<Item>, StoreError> {
    let Some(ask) = ready(tx, scope, filter).await? else { return Ok(Vec::new()) };
    let rows = match filter.order.by {
        By::Opened => opened(tx, &ask, limit).await?,
        By::Status => by_status(tx, &ask, limit).await?,
        By::Changed | By::Service => sorted(tx, &ask, limit).await?,
    };
    let listed = rows.iter().map(|row| Ok((row.int(SLOT)?, item(row)?))).collect::<Result<Vec<_>, StoreError>>()?;
    links::fill(tx, listed).await
}

/// All that there are, however long it takes: for exports and tests. Pages ask `count_up_to`.
pub async fn count(tx: &mut Tx, scope: &Scope, filter: &Filter) -> Result<i64, StoreError> {
    count_up_to(tx, scope, filter, i64::MAX).await
}

/// How many there are, or `most` when there are as many or more.
pub async fn count_up_to(tx: &mut Tx, scope: &Scope, filter: &Filter, most: i64) -> Result<i64, StoreError> {
    let filter = Filter { after: None, ..filter.clone() };
    let Some(ask) = ready(tx, scope, &filter).await? else { return Ok(0) };
    let (drive, _) = choose(tx, &ask, false).await?;
    let (sql, vals) = Query { ask: &ask, drive, order: None, fence: None }.sql("1", most);
    tx.sure(&format!("SELECT count(*) FROM ({sql}) t"), &vals).await?.int(0)
}

/// The filter with its words folded and its cursor found. `None` when nothing can follow.
async fn ready<'a>(tx: &mut Tx, scope: &'a Scope, filter: &'a Filter) -> Result<Option<Ask<'a>>, StoreError> {
    let mut ask = Ask::new(scope, filter, tx.is_postgres());
    if !ask.needs.is_empty() && !search::is_whole(tx).await? {
        ask.needs.clear();
    }
    let Some(place) = &filter.after else { return Ok(Some(ask)) };
    let mut vals = vec![Val::from(&place.id)];
    let clause = scope_clause(scope, "customer", &mut vals);
    let sql = format!("SELECT slot FROM incident WHERE id = ?1 AND {clause}");
    let Some(row) = tx.one(&sql, &vals).await? else { return Ok(None) };
    let value = match &place.text {
        Some(text) => Val::from(text),
        None => place.number.unwrap_or_default().into(),
    };
    ask.after = Some(Spot { value, slot: row.int(0)? });
    Ok(Some(ask))
}

/// How to come to the rows, and whether they are few. `counts` when the words of a search may turn out to be few.
async fn choose(tx: &mut Tx, ask: &Ask<'_>, counts: bool) -> Result<(Drive, bool), StoreError> {
    if !ask.statuses.is_empty() {
        let marks: Vec<String> = (1..=ask.statuses.len()).map(|n| format!("?{n}")).collect();
        let vals: Vec<Val> = ask.statuses.iter().map(Val::from).collect();
        let within = format!("SELECT 1 FROM incident WHERE status IN ({})", marks.join(", "));
        if are_few(tx, &within, vals).await? {
            return Ok((Drive::Statuses, true));
        }
    }
    if let Some(assignee) = &ask.filter.assignee {
        let within = "SELECT 1 FROM incident_link WHERE kind = 'assignee' AND other = ?1";
        if are_few(tx, within, vec![assignee.into()]).await? {
            return Ok((Drive::Assignee, true));
        }
    }
    let is_worded = !ask.terms.is_empty() || ask.filter.assignee.is_none();
    if !ask.needs.is_empty() && is_worded {
        let mut vals = Vec::new();
        let within = format!("SELECT 1 FROM incident_gram WHERE {}", proposed(ask, &mut vals));
        return Ok((Drive::Grams, counts && are_few(tx, &within, vals).await?));
    }
    Ok((if ask.filter.assignee.is_some() { Drive::Assignee } else { many_rows(ask) }, false))
}

fn many_rows(ask: &Ask<'_>) -> Drive {
    let is_ranged = ask.filter.since.or(ask.filter.until).is_some();
    match (ask.statuses.is_empty(), is_ranged) {
        (_, true) => Drive::Range,
        (false, false) => Drive::Statuses,
        (true, false) => Drive::Rows,
    }
}

async fn are_few(tx: &mut Tx, within: &str, mut vals: Vec<Val>) -> Result<bool, StoreError> {
    vals.push(FEW.into());
    let sql = format!("SELECT count(*) FROM ({within} LIMIT ?{}) t", vals.len());
    Ok(tx.sure(&sql, &vals).await?.int(0)? < FEW)
}

async fn run(tx: &mut Tx, query: Query<'_>, limit: i64) -> Result<Rows, StoreError> {
    let (sql, vals) = query.sql(&format!("{ITEM}, incident.slot"), limit);
    tx.all(&sql, &vals).await
}

/// By slot, which every drive gives in order, but for several large statuses.
async fn opened(tx: &mut Tx, ask: &Ask<'_>, limit: i64) -> Result<Rows, StoreError> {
    let order = Some(Order { by: By::Opened, ..ask.filter.order });
    let (drive, are_few) = choose(tx, ask, false).await?;
    if drive != Drive::Statuses || are_few || ask.statuses.len() == 1 {
        return run(tx, Query { ask, drive, order, fence: None }, limit).await;
    }
    let mut rows = Vec::new();
    for status in &ask.statuses {
        let one = ask.of_status(status, ask.after.clone());
        rows.extend(run(tx, Query { ask: &one, drive, order, fence: None }, limit).await?);
    }
    let mut keyed = rows.into_iter().map(|row| Ok((row.int(SLOT)?, row))).collect::<Result<Vec<_>, StoreError>>()?;
    keyed.sort_by_key(|(slot, _)| if ask.filter.order.descending { -*slot } else { *slot });
    keyed.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(keyed.into_iter().map(|(_, row)| row).collect())
}

/// One status after the other, each by slot.
async fn by_status(tx: &mut Tx, ask: &Ask<'_>, limit: i64) -> Result<Rows, StoreError> {
    let order = ask.filter.order;
    let from = ask.filter.after.as_ref().and_then(|place| place.number);
    let mut ranks: Vec<i64> = (0..).take(STATUSES.len()).collect();
    if order.descending {
        ranks.reverse();
    }
    let mut rows = Vec::new();
    for (rank, status) in ranks.iter().filter_map(|rank| Some((*rank, *STATUSES.get(usize::try_from(*rank).ok()?)?))) {
        let is_past = from.is_some_and(|from| if order.descending { rank > from } else { rank < from });
        let is_wanted = ask.statuses.is_empty() || ask.statuses.iter().any(|s| s == status);
        let left = limit - i64::try_from(rows.len()).unwrap_or(limit);
        if is_past || !is_wanted || left <= 0 {
            continue;
        }
        let after = ask.after.clone().filter(|_| from == Some(rank));
        rows.extend(opened(tx, &ask.of_status(status, after), left).await?);
    }
    Ok(rows)
}

/// By a column: few rows are sorted; of many, a stretch of the order's index is walked, which fills the page unless they
/// all lie elsewhere; then they are sorted after all.
async fn sorted(tx: &mut Tx, ask: &Ask<'_>, limit: i64) -> Result<Rows, StoreError> {
    let order = Some(ask.filter.order);
    if !ask.restricts() {
        return run(tx, Query { ask, drive: Drive::Rows, order, fence: None }, limit).await;
    }
    let (drive, are_few) = choose(tx, ask, true).await?;
    if are_few {
        return run(tx, Query { ask, drive, order, fence: None }, limit).await;
    }
    let Some(ask) = narrowed(tx, ask).await? else { return Ok(Vec::new()) };
    let fence = fence(tx, &ask).await?;
    let walked = run(tx, Query { ask: &ask, drive: Drive::Rows, order, fence: fence.as_ref() }, limit).await?;
    let is_full = i64::try_from(walked.len()).unwrap_or(limit) >= limit;
    if is_full || fence.is_none() {
        return Ok(walked);
    }
    run(tx, Query { ask: &ask, drive, order, fence: None }, limit).await
}

/// In the order of services, with the names that are left for this page. `None` when there are none.
async fn narrowed<'a>(tx: &mut Tx, ask: &Ask<'a>) -> Result<Option<Ask<'a>>, StoreError> {
    let mut narrow = ask.clone();
    let f = ask.filter;
    let is_told = *ask.scope != Scope::All || [&f.service, &f.team, &f.customer].iter().any(|value| value.is_some());
    if f.order.by != By::Service || !is_told {
        return Ok(Some(narrow));
    }
    let Some(mut names) = choices::names(tx, ask.scope, f).await? else { return Ok(Some(narrow)) };
    if let Some(Spot { value: Val::Text(last), .. }) = &ask.after {
        names.retain(|name| if f.order.descending { name <= last } else { name >= last });
    }
    if names.is_empty() {
        return Ok(None);
    }
    narrow.names = names;
    Ok(Some(narrow))
}

/// The place in the order so far on; `None` when the order ends before, or when the walk reads nothing but the index.
async fn fence(tx: &mut Tx, ask: &Ask<'_>) -> Result<Option<Spot>, StoreError> {
    let (order, filter) = (ask.filter.order, ask.filter);
    let Some(column) = column(order.by) else { return Ok(None) };
    let dates = Filter { order, since: filter.since, until: filter.until, ..Filter::default() };
    if *ask.scope == Scope::All && dates == (Filter { after: None, ..filter.clone() }) {
        return Ok(None);
    }
    let bare = ask.bare(&dates);
    let query = Query { ask: &bare, drive: Drive::Rows, order: Some(order), fence: None };
    let (sql, mut vals) = query.places(column);
    vals.push(WALK.into());
    let row = tx.one(&format!("{sql} LIMIT 1 OFFSET ?{}", vals.len()), &vals).await?;
    let Some(row) = row else { return Ok(None) };
    let value = if order.by == By::Service { row.string(0)?.into() } else { row.int(0)?.into() };
    Ok(Some(Spot { value, slot: row.int(1)? }))
}

/// By PagerDuty's id or the incident's number: the slots that are meant, the lowest id first.
pub(super) async fn named(tx: &mut Tx, scope: &Scope, id: &str) -> Result<Option<i64>, StoreError> {
    let number = id.parse::<i64>().ok();
    for (sql, value) in [("id = ?1", Some(Val::from(id))), ("number = ?1", number.map(Val::from))] {
        let Some(value) = value else { continue };
        let mut vals = vals![value].to_vec();
        let clause = scope_clause(scope, "customer", &mut vals);
        let sql = format!("SELECT slot FROM incident WHERE {sql} AND {clause} ORDER BY id LIMIT 1");
        if let Some(row) = tx.one(&sql, &vals).await? {
            return row.int(0).map(Some);
        }
    }
    Ok(None)
}
