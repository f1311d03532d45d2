//! `GET /safety-net.csv`: the present filter as a table for spreadsheets. The columns are the API's fields; the rows are those of the
//! list.

use super::list::filter;
use crate::auth::Reader;
use crate::pages::Asks;
use crate::pages::table::{Column, Table, export, time};
use crate::problem::Fault;
use crate::state::Desk;
use crate::view::{Asked as _, MailFilters};
use axum::extract::State;
use axum::response::Response;
use model::Scope;
use serde_json::Value;
use store::mails::{self, Filter, Item};
use store::{Tx, Unit};

pub(in crate::pages) async fn mails_csv(
    State(desk): State<Desk>,
    reader: Reader,
    Asks(filters): Asks<MailFilters>,
) -> Result<Response, Fault> {
    let zone = reader.person.zone.clone().unwrap_or_else(|| desk.settings.zone.clone());
    export(&desk, &reader, filter(&filters, &zone), filters.query()).await
}

impl Table for Filter {
    type Item = Item;

    const NAME: &'static str = "mails";
    const PAGE_ROWS: i64 = 500;
    const COLUMNS: &'static [Column<Item>] = &[
        ("id", |one| one.id.to_string()),
        ("received_at", |one| one.received_at.rfc3339()),
        ("ledger_state", |one| one.ledger.as_str().to_owned()),
        ("reason", reason),
        ("monitor", |one| one.monitor.clone()),
        ("host", |one| one.host.clone().unwrap_or_default()),
        ("check", |one| one.check.clone().unwrap_or_default()),
        ("state", |one| one.state.as_str().to_owned()),
        ("severity", |one| one.severity.clone().unwrap_or_default()),
        ("subject", |one| one.subject.clone()),
        ("sender", |one| one.sender.clone()),
        ("trust", |one| one.trust.as_str().to_owned()),
        ("customer", |one| one.customer.clone().unwrap_or_default()),
        ("service", |one| one.service.clone().unwrap_or_default()),
        ("key", |one| one.key.clone()),
        ("incident_id", |one| one.incident.clone().unwrap_or_default()),
        ("score", |one| one.score.map(|score| score.to_string()).unwrap_or_default()),
        ("judged_at", |one| time(one.judged_at)),
    ];

    fn page<'a>(&'a self, tx: &'a mut Tx, scope: &'a Scope) -> Unit<'a, Vec<Item>> {
        Box::pin(mails::list(tx, scope, self, Self::PAGE_ROWS))
    }

    fn after(self, last: Option<&Item>) -> Self {
        Self { before: last.map(|item| item.id), ..self }
    }
}

/// Its word alone; what belongs to it is on the mail's page.
fn reason(one: &Item) -> String {
    let reason = serde_json::to_value(&one.reason).unwrap_or_default();
    reason.get("is").and_then(Value::as_str).unwrap_or_default().to_owned()
}
