//! `GET /incidents.csv`: the present filter as a table for spreadsheets. The columns are the API's fields; the rows are those of the
//! list.

use super::Asks;
use super::incidents::filter;
use super::table::{Column, Table, export, time};
use crate::auth::Reader;
use crate::problem::Fault;
use crate::state::Desk;
use crate::view::{Asked as _, Filters};
use axum::extract::State;
use axum::response::Response;
use model::Scope;
use model::incident::Ref;
use store::incidents::{self, Filter, Item};
use store::{Tx, Unit};

pub(super) async fn incidents_csv(
    State(desk): State<Desk>,
    reader: Reader,
    Asks(filters): Asks<Filters>,
) -> Result<Response, Fault> {
    let zone = reader.person.zone.clone().unwrap_or_else(|| desk.settings.zone.clone());
    export(&desk, &reader, filter(&filters, &zone), filters.query()).await
}

impl Table for Filter {
    type Item = Item;

    const NAME: &'static str = "incidents";
    const PAGE_ROWS: i64 = 500;
    const COLUMNS: &'static [Column<Item>] = &[
        ("id", |one| one.id.clone()),
        ("number", |one| one.number.map(|n| n.to_string()).unwrap_or_default()),
        ("title", |one| one.title.clone()),
        ("status", |one| one.status.clone()),
        ("urgency", |one| one.urgency.clone()),
        ("service_id", |one| one.service.as_ref().map(|s| s.id.clone()).unwrap_or_default()),
        ("service_name", |one| one.service.as_ref().map(|s| s.name.clone()).unwrap_or_default()),
        ("priority", |one| one.priority.clone().unwrap_or_default()),
        ("customer", |one| one.customer.clone().unwrap_or_default()),
        ("created_at", |one| one.created_at.rfc3339()),
        ("acknowledged_at", |one| time(one.acknowledged_at)),
        ("resolved_at", |one| time(one.resolved_at)),
        ("changed_at", |one| one.changed_at.rfc3339()),
        ("assignees", |one| names(&one.assignees)),
        ("taken_by", |one| names(&one.holders)),
        ("html_url", |one| one.html_url.clone().unwrap_or_default()),
    ];

    fn page<'a>(&'a self, tx: &'a mut Tx, scope: &'a Scope) -> Unit<'a, Vec<Item>> {
        Box::pin(incidents::list(tx, scope, self, Self::PAGE_ROWS))
    }

    fn after(self, last: Option<&Item>) -> Self {
        Self { after: last.map(|item| self.order.place(item)), ..self }
    }
}

fn names(refs: &[Ref]) -> String {
    refs.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join("; ")
}
