//! The list of incidents, as the filters in the address ask for it.

use super::frame::{count_incidents, customers, unsigned};
use super::{Asks, PAGE_ROWS, cut, filters as saved, live};
use crate::api::cursor;
use crate::auth::{Person, Reader};
use crate::page;
use crate::problem::Fault;
use crate::state::{Desk, Settings};
use crate::view::{Choices, Filters, IncidentRow, IncidentsView, MOST_COUNTED, Named, Section};
use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use model::incident::{Status, Urgency};
use model::{Micros, Scope};
use store::incidents::{self, By, Filter, Item, Order};
use store::{StoreError, Tx};

pub(super) async fn show(
    State(desk): State<Desk>,
    reader: Reader,
    Asks(filters): Asks<Filters>,
) -> Result<Response, Fault> {
    let frame = reader.frame(&desk, Section::Incidents).await?;
    let (person, settings) = (reader.person.clone(), desk.settings.clone());
    let filter = filter(&filters, &frame.zone);
    let view = desk
        .store
        .read(move |tx| Box::pin(async move { load(tx, &person, &settings, filters, &filter).await }))
        .await?;
    live(&reader, &frame, &view, page::incidents, page::incidents_partial)
}

async fn load(
    tx: &mut Tx,
    person: &Person,
    settings: &Settings,
    filters: Filters,
    filter: &Filter,
) -> Result<IncidentsView, StoreError> {
    let scope = &person.sees;
    let mut items = incidents::list(tx, scope, filter, PAGE_ROWS + 1).await?;
    let next_cursor = cursor::next(&mut items, PAGE_ROWS, |item| cursor::incident(filter.order, item));
    let counted = Filter { after: None, ..filter.clone() };
    let total = count_incidents(tx, scope, &counted).await?;
    Ok(IncidentsView {
        choices: Choices {
            services: choices(tx, scope, "service").await?,
            teams: choices(tx, scope, "team").await?,
            assignees: choices(tx, scope, "assignee").await?,
            customers: customers(settings, scope),
        },
        rows: items.iter().map(|item| row(item, settings)).collect(),
        total: Some(total.min(unsigned(MOST_COUNTED))),
        total_is_least: total > unsigned(MOST_COUNTED),
        saved: saved::list(tx, scope, &person.id).await?,
        may_share: saved::may_share(person.role),
        any_known: !items.is_empty() || incidents::count_up_to(tx, scope, &Filter::default(), 1).await? > 0,
        next_cursor,
        filters,
    })
}

async fn choices(tx: &mut Tx, scope: &Scope, kind: &str) -> Result<Vec<Named>, StoreError> {
    let found = incidents::list_choices(tx, scope, kind).await?;
    Ok(found.into_iter().map(|(id, name)| Named { id, name }).collect())
}

/// A row of a list.
pub(super) fn row(item: &Item, settings: &Settings) -> IncidentRow {
    IncidentRow {
        id: item.id.clone(),
        number: item.number,
        title: item.title.clone(),
        status: Status::parse(&item.status).unwrap_or(Status::Triggered),
        urgency: Urgency::parse(&item.urgency).unwrap_or(Urgency::High),
        service: item.service.as_ref().map(|s| s.name.clone()),
        customer: item.customer.as_ref().map(|id| settings.customer_name(id)),
        assignees: item.assignees.iter().map(|a| a.name.clone()).collect(),
        taken_by: item.holders.iter().map(|h| h.name.clone()).collect(),
        opened_at: Some(item.created_at),
        acknowledged_at: item.acknowledged_at,
        resolved_at: item.resolved_at,
        changed_at: item.changed_at,
        is_hidden: item.hidden_at.is_some(),
    }
}

/// What the address asks for. A value that means nothing filters by nothing.
pub(super) fn filter(filters: &Filters, zone: &TimeZone) -> Filter {
    let some = |text: &str| Some(cut(text)).filter(|t| !t.is_empty());
    let (column, descending) = filters.sorting();
    let by = match column {
        "changed" => By::Changed,
        "status" => By::Status,
        "service" => By::Service,
        _ => By::Opened,
    };
    let order = Order { by, descending };
    Filter {
        statuses: filters.statuses().unwrap_or_default().into_iter().map(|s| s.as_str().to_owned()).collect(),
        urgency: filters.urgency().map(|u| u.as_str().to_owned()),
        service: some(&filters.service),
        team: some(&filters.team),
        assignee: some(&filters.assignee),
        customer: some(&filters.customer),
        text: some(&filters.text),
        since: day_begins(&filters.since, zone, 0),
        until: day_begins(&filters.until, zone, 1),
        order,
        after: cursor::read_incident(&filters.cursor, order),
    }
}

/// The instant at which a day begins in a person's zone, some days on.
fn day_begins(text: &str, zone: &TimeZone, plus_days: i32) -> Option<Micros> {
    let day: Date = text.trim().parse().ok()?;
    let day = day.checked_add(plus_days.days()).ok()?;
    let begins: Timestamp = zone.to_zoned(day.at(0, 0, 0, 0)).ok()?.timestamp();
    Some(Micros(begins.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_persons_own_zone_and_the_last_one_counts_whole() {
        let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
        let f =
            filter(&Filters { since: "2026-05-01".into(), until: "2026-05-01".into(), ..Filters::default() }, &tokyo);
        assert_eq!(f.since, Micros::parse("2026-04-30T15:00:00Z"));
        assert_eq!(f.until, Micros::parse("2026-05-01T15:00:00Z"));
    }

    #[test]
    fn nonsense_filters_by_nothing() {
        let nonsense = Filters {
            status: "x".into(),
            urgency: "?".into(),
            since: "9999-12-31T".into(),
            until: "9999-12-31".into(),
            sort: "-drop".into(),
            cursor: "%%%".into(),
            ..Filters::default()
        };
        let f = filter(&nonsense, &TimeZone::UTC);
        assert_eq!(f, Filter::default());
    }
}
