//! `GET /incidents.csv`: the present filter as a table for spreadsheets. Reads page by page while it is sent, so that any
//! number of rows needs the memory of one page. The columns are the API's fields; the rows are those of the list.

use super::Asks;
use super::incidents::filter;
use crate::auth::Reader;
use crate::csv;
use crate::problem::Fault;
use crate::state::Desk;
use crate::view::Filters;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use model::incident::Ref;
use model::{Micros, Scope};
use serde_json::json;
use store::incidents::{self, Filter, Item};
use store::{Store, StoreError, audit};

const PAGE_ROWS: i64 = 500;
const COLUMNS: &str = "id,number,title,status,urgency,service_id,service_name,priority,customer,created_at,\
     acknowledged_at,resolved_at,changed_at,assignees,taken_by,html_url\r\n";

pub(super) async fn incidents_csv(
    State(desk): State<Desk>,
    reader: Reader,
    Asks(filters): Asks<Filters>,
) -> Result<Response, Fault> {
    let zone = reader.person.zone.clone().unwrap_or_else(|| desk.settings.zone.clone());
    let filter = Filter { after: None, ..filter(&filters, &zone) };
    let (actor, mut trail) = (reader.person.actor(), reader.trail());
    trail["query"] = json!(filters.query());
    let unit = desk.store.write("export_incidents", move |tx| {
        Box::pin(async move { audit::add(tx, &actor, "incidents.export", "", None, &trail).await })
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
    let name = HeaderValue::from_static("attachment; filename=\"incidents.csv\"");
    headers.insert(header::CONTENT_DISPOSITION, name);
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
        let read = self
            .store
            .read(move |tx| Box::pin(async move { incidents::list(tx, &scope, &filter, PAGE_ROWS).await }))
            .await;
        match read {
            Ok(items) => {
                self.ended = (items.len() as i64) < PAGE_ROWS;
                self.filter.after = items.last().map(|item| self.filter.order.place(item));
                let rows: String = items.iter().map(row).collect();
                Some(Ok(Bytes::from(rows)))
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
    let names = |refs: &[Ref]| refs.iter().map(|r| r.name.as_str()).collect::<Vec<_>>().join("; ");
    let service = item.service.as_ref();
    let cells = [
        item.id.clone(),
        item.number.map(|n| n.to_string()).unwrap_or_default(),
        item.title.clone(),
        item.status.clone(),
        item.urgency.clone(),
        service.map(|s| s.id.clone()).unwrap_or_default(),
        service.map(|s| s.name.clone()).unwrap_or_default(),
        item.priority.clone().unwrap_or_default(),
        item.customer.clone().unwrap_or_default(),
        item.created_at.rfc3339(),
        time(item.acknowledged_at),
        time(item.resolved_at),
        item.changed_at.rfc3339(),
        names(&item.assignees),
        names(&item.holders),
        item.html_url.clone().unwrap_or_default(),
    ];
    csv::line(cells.iter().map(String::as_str))
}
