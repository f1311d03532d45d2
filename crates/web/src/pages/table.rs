//! A list as a table for spreadsheets: the present filter, read page by page while it is sent, so that any number of rows needs the
//! memory of one page. That it was taken is written down before the first byte. What a table holds is said beside its list.

use crate::auth::Reader;
use crate::csv;
use crate::problem::Fault;
use crate::state::Desk;
use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use model::{Micros, Scope};
use serde_json::json;
use std::mem;
use store::{Store, StoreError, Unit, audit};

/// A column by the API's name of it, and how a row's cell is made.
pub(super) type Column<T> = (&'static str, fn(&T) -> String);

/// A list's filter, which knows its table.
pub(super) trait Table: Clone + Send + Sync + 'static {
    type Item: Send + 'static;

    /// The file's name and the audit row's.
    const NAME: &'static str;
    const COLUMNS: &'static [Column<Self::Item>];
    const PAGE_ROWS: i64;

    /// The next rows, at most `PAGE_ROWS`.
    fn page<'a>(&'a self, tx: &'a mut store::Tx, scope: &'a Scope) -> Unit<'a, Vec<Self::Item>>;

    /// The same list from its beginning (`None`), or after this row.
    fn after(self, last: Option<&Self::Item>) -> Self;
}

/// The rows of `filter` that the reader sees. `query`: what the audit row keeps.
pub(super) async fn export<T: Table>(
    desk: &Desk,
    reader: &Reader,
    filter: T,
    query: String,
) -> Result<Response, Fault> {
    let (actor, mut trail) = (reader.person.actor(), reader.trail());
    trail["query"] = json!(query);
    let action = format!("{}.export", T::NAME);
    let unit = desk
        .store
        .write("export", move |tx| Box::pin(async move { audit::add(tx, &actor, &action, "", None, &trail).await }));
    unit.await?;
    let next = Next::Head(filter.after(None));
    let export = Export { store: desk.store.clone(), scope: reader.person.sees.clone(), next };
    let pieces = unfold(export, |mut export| async move {
        let piece = export.piece().await?;
        Some((piece, export))
    });
    Ok(file(T::NAME, Body::from_stream(pieces)))
}

/// The answer that a browser keeps as a file.
pub(super) fn file(name: &str, body: Body) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\"")),
    ];
    (headers, body).into_response()
}

/// An instant that may lack, as a cell.
pub(super) fn time(at: Option<Micros>) -> String {
    at.map(Micros::rfc3339).unwrap_or_default()
}

/// What the next piece of the file is.
enum Next<T> {
    Head(T),
    Page(T),
    Nothing,
}

struct Export<T> {
    store: Store,
    scope: Scope,
    next: Next<T>,
}

impl<T: Table> Export<T> {
    /// The next piece. An error cuts the connection: half a file must not look whole.
    async fn piece(&mut self) -> Option<Result<Bytes, StoreError>> {
        match mem::replace(&mut self.next, Next::Nothing) {
            Next::Head(filter) => {
                self.next = Next::Page(filter);
                Some(Ok(Bytes::from(head(T::COLUMNS))))
            }
            Next::Page(filter) => Some(self.page(filter).await.inspect_err(|error| {
                tracing::error!(%error, "a CSV export broke off");
            })),
            Next::Nothing => None,
        }
    }

    async fn page(&mut self, filter: T) -> Result<Bytes, StoreError> {
        let (scope, asked) = (self.scope.clone(), filter.clone());
        let items = self.store.read(move |tx| Box::pin(async move { asked.page(tx, &scope).await })).await?;
        if items.len() as i64 >= T::PAGE_ROWS {
            self.next = Next::Page(filter.after(items.last()));
        }
        Ok(Bytes::from(items.iter().map(|item| line(T::COLUMNS, item)).collect::<String>()))
    }
}

fn head<T>(columns: &[Column<T>]) -> String {
    csv::MARK.to_owned() + &csv::line(columns.iter().map(|(name, _)| *name))
}

fn line<T>(columns: &[Column<T>], item: &T) -> String {
    let cells: Vec<String> = columns.iter().map(|(_, cell)| cell(item)).collect();
    csv::line(cells.iter().map(String::as_str))
}
