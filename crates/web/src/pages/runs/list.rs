//! The list of runs, as the filters in the address ask for it, below the answer to the last day.

use super::rows::rows;
use crate::api::cursor;
use crate::auth::{Person, Reader};
use crate::page;
use crate::pages::frame::unsigned;
use crate::pages::{Asks, PAGE_ROWS, cut, live};
use crate::problem::Fault;
use crate::state::{Desk, HostsShown, Settings};
use crate::view::{HitRow, Lately, MOST_COUNTED, RunFilters, RunsView, Section};
use axum::extract::State;
use axum::response::Response;
use model::Scope;
use std::collections::BTreeMap;
use store::runs::{self, Filter, Run};
use store::{StoreError, Tx};

const DAY_S: i64 = 86_400;
/// Runs that one search looks through.
pub(crate) const MOST_LOOKED: i64 = 1_000;

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
    let text = cut(&filters.text);
    let Found { runs: found, next_cursor, hits, looked } = match text.is_empty() {
        true => listed(tx, scope, &filter).await?,
        false => searched(tx, scope, &filter, &text).await?,
    };
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
        hits,
        looked,
    })
}

#[derive(Default)]
struct Found {
    runs: Vec<Run>,
    next_cursor: Option<String>,
    hits: BTreeMap<i64, HitRow>,
    looked: Option<u64>,
}

async fn listed(tx: &mut Tx, scope: &Scope, filter: &Filter) -> Result<Found, StoreError> {
    let mut runs = runs::list(tx, scope, filter, PAGE_ROWS + 1).await?;
    let next_cursor = cursor::next(&mut runs, PAGE_ROWS, |run| cursor::id(run.id));
    Ok(Found { runs, next_cursor, ..Found::default() })
}

async fn searched(tx: &mut Tx, scope: &Scope, filter: &Filter, text: &str) -> Result<Found, StoreError> {
    let rows = usize::try_from(PAGE_ROWS).unwrap_or_default();
    let found = runs::search(tx, scope, filter, text, (rows, MOST_LOOKED)).await?;
    let mut all =
        Found { next_cursor: found.before.map(cursor::id), looked: Some(unsigned(found.looked)), ..Found::default() };
    for hit in found.hits {
        all.hits.insert(hit.run.id, HitRow { n: hit.n, stream: hit.stream, line: hit.line });
        all.runs.push(hit.run);
    }
    Ok(all)
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
