//! `GET /runs.csv`: the present filter as a table for spreadsheets. The columns are the API's fields; the rows are those of the list.

use super::list::filter;
use crate::auth::Reader;
use crate::pages::Asks;
use crate::pages::table::{Column, Table, export, time};
use crate::problem::Fault;
use crate::state::Desk;
use crate::view::{Asked as _, RunFilters};
use axum::extract::State;
use axum::response::Response;
use model::Scope;
use model::plan::Words;
use store::runs::{self, Filter, Run};
use store::{Tx, Unit};

pub(in crate::pages) async fn runs_csv(
    State(desk): State<Desk>,
    reader: Reader,
    Asks(filters): Asks<RunFilters>,
) -> Result<Response, Fault> {
    export(&desk, &reader, filter(&filters), filters.query()).await
}

impl Table for Filter {
    type Item = Run;

    const NAME: &'static str = "runs";
    const PAGE_ROWS: i64 = 200;
    const COLUMNS: &'static [Column<Run>] = &[
        ("id", |one| one.id.to_string()),
        ("queued_at", |one| one.queued_at.rfc3339()),
        ("started_at", |one| time(one.started_at)),
        ("finished_at", |one| time(one.ended_at)),
        ("host", |one| one.host.clone()),
        ("customer", |one| one.customer.clone().unwrap_or_default()),
        ("runbook", |one| one.runbook.clone()),
        ("class", |one| one.class.clone()),
        ("state", |one| one.state.clone()),
        ("level", |one| one.level.clone().unwrap_or_default()),
        ("cause", |one| one.cause.as_deref().map(|cause| Words::kept(cause).en).unwrap_or_default()),
        ("reason", |one| one.reason.clone()),
        ("asked_by", |one| one.asked_by.clone()),
        ("incident_id", |one| one.incident.clone().unwrap_or_default()),
        ("plan_digest", |one| one.plan_digest.clone()),
        ("runbook_digest", |one| one.runbook_digest.clone()),
    ];

    fn page<'a>(&'a self, tx: &'a mut Tx, scope: &'a Scope) -> Unit<'a, Vec<Run>> {
        Box::pin(runs::list(tx, scope, self, Self::PAGE_ROWS))
    }

    fn after(self, last: Option<&Run>) -> Self {
        Self { before: last.map(|run| run.id), ..self }
    }
}
