//! `GET /tickets.csv`: the present filter as a table for spreadsheets. The columns are the API's fields; the rows are those of the
//! list.

use super::tickets::{filter, spot};
use crate::api::cursor;
use crate::auth::Reader;
use crate::pages::Asks;
use crate::pages::table::{Column, Table, export, time};
use crate::problem::Fault;
use crate::state::Desk;
use crate::view::{Asked as _, TicketFilters};
use axum::extract::State;
use axum::response::Response;
use model::Scope;
use model::ticket::Ticket;
use store::concerns::Concern;
use store::tickets::{self, Filter, Item};
use store::{Tx, Unit};

pub(in crate::pages) async fn tickets_csv(
    State(desk): State<Desk>,
    reader: Reader,
    Asks(filters): Asks<TicketFilters>,
) -> Result<Response, Fault> {
    export(&desk, &reader, filter(&filters), filters.query()).await
}

impl Table for Filter {
    type Item = Item;

    const NAME: &'static str = "tickets";
    const PAGE_ROWS: i64 = 200;
    const COLUMNS: &'static [Column<Item>] = &[
        ("id", |one| ticket(one).id.clone()),
        ("key", |one| ticket(one).key.clone()),
        ("space", |one| ticket(one).space.clone()),
        ("project", |one| ticket(one).project.clone()),
        ("title", |one| ticket(one).title.clone()),
        ("kind", |one| ticket(one).kind.clone()),
        ("priority", |one| ticket(one).priority.as_ref().map(|priority| priority.name.clone()).unwrap_or_default()),
        ("status", |one| ticket(one).status.name.clone()),
        ("done", |one| ticket(one).is_done.to_string()),
        ("assignee", |one| ticket(one).assignee.as_ref().map(|who| who.name.clone()).unwrap_or_default()),
        ("customer", |one| one.kept.customer.clone().unwrap_or_default()),
        ("created_at", |one| ticket(one).created_at.rfc3339()),
        ("updated_at", |one| ticket(one).updated_at.rfc3339()),
        ("state", |one| one.watch().as_str().to_owned()),
        ("rule", |one| last(one, |call| Some(call.rule.clone()))),
        ("called_at", |one| last(one, |call| Some(call.since.rfc3339()))),
        ("mode", |one| last(one, |call| Some(call.mode.clone()))),
        ("taken_at", |one| last(one, |call| Some(time(call.moved_at)))),
        ("taken_by", |one| last(one, |call| call.moved_by.clone())),
        ("ended_at", |one| last(one, |call| Some(time(call.ended_at)))),
        ("incident_id", |one| last(one, |call| call.incident.clone())),
        ("url", |one| ticket(one).url.clone()),
    ];

    fn page<'a>(&'a self, tx: &'a mut Tx, scope: &'a Scope) -> Unit<'a, Vec<Item>> {
        Box::pin(tickets::list(tx, scope, self, Self::PAGE_ROWS))
    }

    fn after(self, last: Option<&Item>) -> Self {
        Self { before: last.and_then(|item| cursor::read_spot(&spot(item))), ..self }
    }
}

const fn ticket(one: &Item) -> &Ticket {
    &one.kept.reading.ticket
}

/// A cell about what people were last called for.
fn last(one: &Item, cell: impl Fn(&Concern) -> Option<String>) -> String {
    one.last.as_ref().and_then(cell).unwrap_or_default()
}
