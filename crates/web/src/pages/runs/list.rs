//! The list of runs, as the filters in the address ask for it, below the answer to the last day.

use super::rows::rows;
use crate::api::cursor;
use crate::auth::{Person, Reader};
use crate::page;
use crate::pages::frame::unsigned;
use crate::pages::{Asks, PAGE_ROWS, cut, live};
use crate::problem::Fault;
use crate::state::{Desk, HostsShown, Settings};
use crate::view::{Lately, MOST_COUNTED, RunFilters, RunsView, Section};
use axum::extract::State;
use axum::response::Response;
use model::Scope;
use store::runs::{self, Filter};
use store::{StoreError, Tx};

const DAY_S: i64 = 86_400;

pub(in crate::pages) async fn show(
    State(desk): State<Desk>,
    reader: Reader,
    Asks(filters): Asks<RunFilters>,
) -> Result<Response, Fault> {
    let frame = reader.frame(&desk, Section::Runs).await?;
    let (person, settings, shown) = (reader.person.clone(), desk.settings.clone(), desk.hosts.now());
    let view = desk.store.read(move |tx| Box::pin(async move { load(tx, &person, &settings, &shown, filters).await }));
    live(&reader, &frame, &view.await?, page::runs, page::runs_partial)
}

async fn load(
    tx: &mut Tx,
    person: &Person,
    settings: &Settings,
    shown: &HostsShown,
    filters: RunFilters,
) -> Result<RunsView, StoreError> {
    let scope = &person.sees;
    let filter = filter(&filters);
    let mut found = runs::list(tx, scope, &filter, PAGE_ROWS + 1).await?;
    let next_cursor = cursor::next(&mut found, PAGE_ROWS, |run| cursor::id(run.id));
    let lately = lately(tx, scope, !found.is_empty()).await?;
    let mut hosts: Vec<String> = shown
        .hosts
        .iter()
        .filter(|host| scope.allows(host.customer.as_deref()))
        .map(|host| host.name.clone())
        .collect();
    hosts.sort();
    let mut runbooks: Vec<String> = shown.runbooks.iter().map(|runbook| runbook.name.clone()).collect();
    runbooks.sort();
    Ok(RunsView {
        lately,
        rows: rows(tx, person, settings, &found).await?,
        filters,
        hosts,
        runbooks,
        next_cursor,
        text_unfit: false,
    })
}

/// How the last day's runs went, counted a little above a thousand at most.
async fn lately(tx: &mut Tx, scope: &Scope, ever: bool) -> Result<Lately, StoreError> {
    let since = tx.now().plus_s(-DAY_S);
    let mut lately = Lately { live: unsigned(runs::count_live(tx, scope).await?), ..Lately::default() };
    for (state, level, n) in runs::count_lately(tx, scope, since, MOST_COUNTED + 1).await? {
        let n = unsigned(n);
        lately.all += n;
        match (state.as_str(), level.as_deref()) {
            (_, Some("critical")) => lately.critical += n,
            (_, Some("warning")) => lately.warning += n,
            ("failed" | "interrupted" | "refused", _) => lately.broken += n,
            _ => {}
        }
    }
    let any = ever || lately.all > 0 || !runs::list(tx, scope, &Filter::default(), 1).await?.is_empty();
    Ok(Lately { ever: any, ..lately })
}

/// What the address asks for.
pub(crate) fn filter(filters: &RunFilters) -> Filter {
    let some = |text: &str| Some(cut(text)).filter(|text| !text.is_empty());
    Filter {
        incident: some(&filters.incident),
        host: some(&filters.host),
        runbook: some(&filters.runbook),
        state: some(&filters.state),
        before: cursor::read_id(&filters.cursor),
    }
}
