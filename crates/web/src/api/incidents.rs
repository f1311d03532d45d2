//! `incidents`: the list, by the same filters as the page.

use super::params::{Params, bad_cursor};
use super::{cursor, instant, named, page};
use crate::auth::Reader;
use crate::problem::Fault;
use crate::state::Desk;
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};
use store::incidents::{self, By, Filter, Item, Order};

pub(super) const PARAMS: [&str; 12] = [
    "status", "urgency", "service", "team", "assignee", "customer", "text", "since", "until", "sort", "limit", "cursor",
];
pub(super) const STATUSES: [&str; 4] = ["triggered", "acknowledged", "resolved", "open"];
pub(super) const SORTS: [&str; 8] =
    ["opened", "-opened", "changed", "-changed", "status", "-status", "service", "-service"];

pub(super) async fn list(State(desk): State<Desk>, reader: Reader, params: Params) -> Result<Json<Value>, Fault> {
    params.only(&PARAMS)?;
    let (filter, limit) = (filter(&params)?, params.limit()?);
    let (scope, order) = (reader.person.scope.clone(), filter.order);
    let mut items = desk
        .store
        .read(move |tx| Box::pin(async move { incidents::list(tx, &scope, &filter, limit + 1).await }))
        .await?;
    let next = cursor::next(&mut items, limit, |item| cursor::incident(order, item));
    Ok(Json(page(items.iter().map(shown).collect(), next)))
}

fn filter(params: &Params) -> Result<Filter, Fault> {
    let order = order(params)?;
    let after = match params.one("cursor")? {
        None => None,
        Some(text) => Some(cursor::read_incident(text, order).ok_or_else(bad_cursor)?),
    };
    let (since, until) = (params.instant("since")?, params.instant("until")?);
    if since.zip(until).is_some_and(|(since, until)| since > until) {
        return Err(Fault::bad("since", "`since` lies after `until`: nothing can be between them."));
    }
    Ok(Filter {
        statuses: statuses(params)?,
        urgency: params.one_of("urgency", &["high", "low"])?,
        service: params.text("service")?,
        team: params.text("team")?,
        assignee: params.text("assignee")?,
        customer: params.text("customer")?,
        text: params.text("text")?,
        since,
        until,
        order,
        after,
    })
}

fn statuses(params: &Params) -> Result<Vec<String>, Fault> {
    let mut statuses = params.some_of("status", &STATUSES)?;
    if statuses.iter().any(|s| s == "open") {
        statuses.retain(|s| s == "resolved");
        statuses.extend(["triggered".to_owned(), "acknowledged".to_owned()]);
    }
    Ok(statuses)
}

/// Newest first unless asked otherwise; a leading minus turns an order round.
fn order(params: &Params) -> Result<Order, Fault> {
    let Some(sort) = params.one_of("sort", &SORTS)? else { return Ok(Order::default()) };
    let (name, descending) = match sort.strip_prefix('-') {
        Some(name) => (name, true),
        None => (sort.as_str(), false),
    };
    let by = match name {
        "changed" => By::Changed,
        "status" => By::Status,
        "service" => By::Service,
        _ => By::Opened,
    };
    Ok(Order { by, descending })
}

pub(super) fn shown(item: &Item) -> Value {
    json!({
        "id": item.id,
        "number": item.number,
        "title": item.title,
        "status": item.status,
        "urgency": item.urgency,
        "service": item.service.as_ref().map(named),
        "priority": item.priority,
        "customer": item.customer,
        "created_at": item.created_at.rfc3339(),
        "acknowledged_at": instant(item.acknowledged_at),
        "resolved_at": instant(item.resolved_at),
        "changed_at": item.changed_at.rfc3339(),
        "read_at": instant(item.read_at),
        "stale": item.stale,
        "not_shown_since": instant(item.hidden_at),
        "assignees": item.assignees.iter().map(named).collect::<Vec<_>>(),
        "taken_by": item.holders.iter().map(named).collect::<Vec<_>>(),
        "html_url": item.html_url,
    })
}
