//! `GET /tickets.csv`: the present filter as a table for spreadsheets, read page by page while it is sent. The columns are the API's
//! fields; the rows are those of the list.

use super::tickets::{filter, spot};
use crate::api::cursor;
use crate::auth::Reader;
use crate::csv;
use crate::pages::Asks;
use crate::problem::Fault;
use crate::state::Desk;
use crate::view::TicketFilters;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use model::{Micros, Scope};
use serde_json::json;
use store::tickets::{self, Filter, Item};
use store::{Store, StoreError, audit};

const PAGE_ROWS: i64 = 200;
const COLUMNS: &str = "id,key,space,project,title,kind,priority,status,done,assignee,customer,created_at,updated_at,state,rule,\
     called_at,mode,taken_at,taken_by,ended_at,incident_id,url\r\n";

pub(in crate::pages) async fn tickets_csv(
    State(desk): State<Desk>,
    reader: Reader,
    Asks(filters): Asks<TicketFilters>,
) -> Result<Response, Fault> {
    let filter = Filter { before: None, ..filter(&filters) };
    let (actor, mut trail) = (reader.person.actor(), reader.trail());
    trail["query"] = json!(filters.query());
    let unit = desk.store.write("export_tickets", move |tx| {
        Box::pin(async move { audit::add(tx, &actor, "tickets.export", "", None, &trail).await })
    });
    unit.await?;
    let export =
        Export { store: desk.store.clone(), scope: reader.person.sees.clone(), filter, begun: false, ended: false };
    let rows = unfold(export, |mut export| async move {
        let piece = export.next().await?;
        Some((piece, export))
    });
    let mut response = Body::from_stream(rows).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"tickets.csv\""));
    Ok(response)
}

struct Export {
    store: Store,
    scope: Scope,
    filter: Filter,
    begun: bool,
    ended: bool,
}

impl Export {
    /// The next piece of the file. An error cuts the connection: half a file must not look whole.
    async fn next(&mut self) -> Option<Result<Bytes, StoreError>> {
        if !self.begun {
            self.begun = true;
            return Some(Ok(Bytes::from(format!("{}{COLUMNS}", csv::MARK))));
        }
        if self.ended {
            return None;
        }
        let (scope, filter) = (self.scope.clone(), self.filter.clone());
        let read =
            self.store.read(move |tx| Box::pin(async move { tickets::list(tx, &scope, &filter, PAGE_ROWS).await }));
        match read.await {
            Ok(items) => {
                self.ended = (items.len() as i64) < PAGE_ROWS;
                self.filter.before = items.last().and_then(|item| cursor::read_spot(&spot(item)));
                Some(Ok(Bytes::from(items.iter().map(row).collect::<String>())))
            }
            Err(error) => {
                self.ended = true;
                tracing::error!(%error, "a CSV export broke off");
                Some(Err(error))
            }
        }
    }
}

fn row(item: &Item) -> String {
    let time = |at: Option<Micros>| at.map(Micros::rfc3339).unwrap_or_default();
    let some = |text: &Option<String>| text.clone().unwrap_or_default();
    let (ticket, last) = (&item.kept.reading.ticket, item.last.as_ref());
    let cells = [
        ticket.id.clone(),
        ticket.key.clone(),
        ticket.space.clone(),
        ticket.project.clone(),
        ticket.title.clone(),
        ticket.kind.clone(),
        ticket.priority.as_ref().map(|priority| priority.name.clone()).unwrap_or_default(),
        ticket.status.name.clone(),
        ticket.is_done.to_string(),
        ticket.assignee.as_ref().map(|who| who.name.clone()).unwrap_or_default(),
        some(&item.kept.customer),
        ticket.created_at.rfc3339(),
        ticket.updated_at.rfc3339(),
        item.watch().as_str().to_owned(),
        last.map(|one| one.rule.clone()).unwrap_or_default(),
        time(last.map(|one| one.since)),
        last.map(|one| one.mode.clone()).unwrap_or_default(),
        time(last.and_then(|one| one.moved_at)),
        last.and_then(|one| one.moved_by.clone()).unwrap_or_default(),
        time(last.and_then(|one| one.ended_at)),
        last.and_then(|one| one.incident.clone()).unwrap_or_default(),
        ticket.url.clone(),
    ];
    csv::line(cells.iter().map(String::as_str))
}
