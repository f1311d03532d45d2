//! The list of runbooks and whether the present version of each may run unattended.

use super::rows::{name, names};
use crate::auth::Reader;
use crate::page;
use crate::pages::live;
use crate::problem::Fault;
use crate::state::{Desk, HostsShown, RunbookShown};
use crate::view::{RunbookRow, RunbooksView, Section};
use axum::extract::State;
use axum::response::Response;
use store::runbook_approvals::{self, Approval};
use store::{StoreError, Tx};

pub(in crate::pages) async fn show(State(desk): State<Desk>, reader: Reader) -> Result<Response, Fault> {
    let frame = reader.frame(&desk, Section::Runs).await?;
    let shown = desk.hosts.now();
    let view = desk.store.read(move |tx| Box::pin(async move { load(tx, &shown).await })).await?;
    live(&reader, &frame, &view, page::runbooks, page::runbooks_partial)
}

/// By name; those that wait for an approval first.
pub(crate) async fn load(tx: &mut Tx, shown: &HostsShown) -> Result<RunbooksView, StoreError> {
    let every = named(tx).await?;
    let mut rows: Vec<RunbookRow> = shown.runbooks.iter().map(|runbook| row(runbook, &every)).collect();
    rows.sort_by(|a, b| a.is_approved().cmp(&b.is_approved()).then_with(|| a.shown.name.cmp(&b.shown.name)));
    Ok(RunbooksView { mode: shown.mode, rows })
}

/// All approvals, with the names of those who gave and took them.
pub(super) async fn named(tx: &mut Tx) -> Result<Vec<Approval>, StoreError> {
    let every = runbook_approvals::every(tx).await?;
    let who =
        every.iter().flat_map(|one| std::iter::once(&one.approved_by).chain(&one.withdrawn_by)).cloned().collect();
    let names = names(tx, who).await?;
    let each = every.into_iter().map(|one| Approval {
        approved_by: name(&names, &one.approved_by),
        withdrawn_by: one.withdrawn_by.as_ref().map(|who| name(&names, who)),
        ..one
    });
    Ok(each.collect())
}

pub(super) fn row(runbook: &RunbookShown, every: &[Approval]) -> RunbookRow {
    let this =
        |one: &&Approval| one.runbook == runbook.name && one.digest == runbook.digest && one.withdrawn_at.is_none();
    let approved = every.iter().find(this).map(|one| (one.approved_by.clone(), one.approved_at));
    RunbookRow { shown: runbook.clone(), approved }
}
