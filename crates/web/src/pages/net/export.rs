//! `GET /safety-net.csv`: the present filter as a table for spreadsheets, read page by page while it is sent. The columns are
//! the API's fields; the rows are those of the list.

use super::list::filter;
use crate::auth::Reader;
use crate::csv;
use crate::pages::Asks;
use crate::problem::Fault;
use crate::state::Desk;
use crate::view::MailFilters;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use model::{Micros, Scope};
use serde_json::{Value, json};
use store::mails::{self, Filter, Item};
use store::{Store, StoreError, audit};

const PAGE_ROWS: i64 = 500;
const COLUMNS: &str = "id,received_at,ledger_state,reason,monitor,host,check,state,severity,subject,sender,trust,customer,\
     service,key,incident_id,score,judged_at\r\n";

pub(in crate::pages) async fn mails_csv(
    State(desk): State<Desk>,
    reader: Reader,
    Asks(filters): Asks<MailFilters>,
) -> Result<Response, Fault> {
    let zone = reader.person.zone.clone().unwrap_or_else(|| desk.settings.zone.clone());
    let filter = Filter { before: None, ..filter(&filters, &zone) };
    let (actor, mut trail) = (reader.person.actor(), reader.trail());
    trail["query"] = json!(filters.query());
    let unit = desk.store.write("export_mails", move |tx| {
        Box::pin(async move { audit::add(tx, &actor, "mails.export", "", None, &trail).await })
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
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"mails.csv\""));
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
            self.store.read(move |tx| Box::pin(async move { mails::list(tx, &scope, &filter, PAGE_ROWS).await }));
        match read.await {
            Ok(items) => {
                self.ended = (items.len() as i64) < PAGE_ROWS;
                self.filter.before = items.last().map(|item| item.id);
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
    let reason = serde_json::to_value(&item.reason).unwrap_or_default();
    let cells = [
        item.id.to_string(),
        item.received_at.rfc3339(),
        item.ledger.as_str().to_owned(),
        reason.get("is").and_then(Value::as_str).unwrap_or_default().to_owned(),
        item.monitor.clone(),
        some(&item.host),
        some(&item.check),
        item.state.as_str().to_owned(),
        some(&item.severity),
        item.subject.clone(),
        item.sender.clone(),
        item.trust.as_str().to_owned(),
        some(&item.customer),
        some(&item.service),
        item.key.clone(),
        some(&item.incident),
        item.score.map(|score| score.to_string()).unwrap_or_default(),
        time(item.judged_at),
    ];
    csv::line(cells.iter().map(String::as_str))
}
