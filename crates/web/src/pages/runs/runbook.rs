//! One runbook: what it does, its exact commands, when it runs; and the buttons by which an admin lets this very version run
//! unattended, or takes that back. Both are written here, with their audit row, in one transaction.

use super::evidence::{asked, choices};
use super::host::Query;
use super::rows::rows;
use super::runbooks::{named, row};
use crate::acts::new_nonce;
use crate::auth::{Person, Reader};
use crate::markup::encode;
use crate::page;
use crate::pages::{Asks, Sent, is_nonce, live};
use crate::problem::Fault;
use crate::state::{Desk, HostsShown, Settings};
use crate::view::{ApprovalRow, RunForm, RunbookView, Section};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::json;
use store::runbook_approvals::{self, Approval};
use store::runs::{self, Filter};
use store::{StoreError, Tx, audit};

/// Runs listed on a runbook's page.
const MOST_RUNS: i64 = 20;

pub(in crate::pages) async fn show(
    State(desk): State<Desk>,
    reader: Reader,
    Path(wanted): Path<String>,
    Asks(query): Asks<Query>,
) -> Result<Response, Fault> {
    let frame = reader.frame(&desk, Section::Runs).await?;
    let (person, settings, shown) = (reader.person.clone(), desk.settings.clone(), desk.hosts.now());
    let found = desk.store.read(move |tx| Box::pin(async move { load(tx, &person, &settings, &shown, &wanted).await }));
    let mut view = found.await?.ok_or(Fault::NotFound)?;
    view.asked = asked(&query.asked);
    live(&reader, &frame, &view, page::runbook, page::runbook_partial)
}

async fn load(
    tx: &mut Tx,
    person: &Person,
    settings: &Settings,
    shown: &HostsShown,
    wanted: &str,
) -> Result<Option<RunbookView>, StoreError> {
    let Some(runbook) = shown.runbook(wanted) else { return Ok(None) };
    let every = named(tx).await?;
    let filter = Filter { runbook: Some(runbook.name.clone()), ..Filter::default() };
    let runs = runs::list(tx, &person.scope, &filter, MOST_RUNS).await?;
    let own = |host: &&model::host::Host| person.scope.allows(host.customer.as_deref());
    let mut hosts: Vec<String> = shown.hosts.iter().filter(own).map(|host| host.name.clone()).collect();
    hosts.sort();
    Ok(Some(RunbookView {
        row: row(runbook, &every),
        approvals: every.into_iter().filter(|one| one.runbook == runbook.name).map(approval).collect(),
        runs: rows(tx, person, settings, &runs).await?,
        may_approve: person.need_whole_admin().is_ok() && !runbook.is_shipped,
        nonce: new_nonce(),
        form: RunForm {
            may: person.role.may_act(),
            nonce: new_nonce(),
            hosts,
            runbooks: choices(shown).into_iter().filter(|choice| choice.name == runbook.name).collect(),
            incident: None,
        },
        asked: None,
    }))
}

fn approval(one: Approval) -> ApprovalRow {
    ApprovalRow {
        digest: one.digest,
        at: one.approved_at,
        by: one.approved_by,
        withdrawn: one.withdrawn_by.zip(one.withdrawn_at),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::pages) struct Said {
    nonce: String,
    /// What the person saw.
    digest: String,
}

pub(in crate::pages) async fn approve(
    state: State<Desk>,
    reader: Reader,
    path: Path<String>,
    form: Sent<Said>,
) -> Result<Response, Fault> {
    said(state, reader, path, form, true).await
}

pub(in crate::pages) async fn withdraw(
    state: State<Desk>,
    reader: Reader,
    path: Path<String>,
    form: Sent<Said>,
) -> Result<Response, Fault> {
    said(state, reader, path, form, false).await
}

async fn said(
    State(desk): State<Desk>,
    reader: Reader,
    Path(name): Path<String>,
    Sent(form): Sent<Said>,
    approves: bool,
) -> Result<Response, Fault> {
    decide(&desk, &reader, Wish { name: name.clone(), digest: form.digest, nonce: form.nonce, approves }).await?;
    let what = if approves { "approve" } else { "withdraw" };
    Ok(Redirect::to(&format!("/runbooks/{}?asked={what}", encode(&name))).into_response())
}

/// What an admin says of one version of a runbook.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    pub name: String,
    pub digest: String,
    pub nonce: String,
    pub approves: bool,
}

/// Writes it down. False when it was so already.
pub(crate) async fn decide(desk: &Desk, reader: &Reader, wish: Wish) -> Result<bool, Fault> {
    // A runbook is no customer's: it runs on everybody's hosts.
    reader.person.need_whole_admin()?;
    if !is_nonce(&wish.nonce) {
        let detail = "It has 8 to 64 letters, digits, \"-\" and \"_\", new for every new decision.".into();
        return Err(Fault::Unfit { field: "nonce".into(), detail });
    }
    let shown = desk.hosts.now();
    let known = shown.runbook(&wish.name).ok_or(Fault::NotFound)?;
    if known.is_shipped {
        return Err(Fault::Conflict { detail: "It ships with the program, whose maker approved it.".into() });
    }
    // Taking back is for any version that was ever approved; an approval binds to what stands in the file now.
    if wish.approves && known.digest != wish.digest {
        let detail = "The file has changed since the page was shown: look at what it does now, and approve that.";
        return Err(Fault::Conflict { detail: detail.into() });
    }
    let by = reader.clone();
    let unit = desk.store.write("runbook_approval", move |tx| {
        let (by, wish) = (by.clone(), wish.clone());
        Box::pin(async move { write(tx, &by, &wish).await })
    });
    let is_new = unit.await?;
    desk.show.notify_waiters();
    Ok(is_new)
}

async fn write(tx: &mut Tx, by: &Reader, wish: &Wish) -> Result<bool, StoreError> {
    let actor = by.person.actor();
    let was = runbook_approvals::is_approved(tx, &wish.name, &wish.digest).await?;
    if was == wish.approves {
        return Ok(false);
    }
    let subject = format!("runbook/{}", wish.name);
    let mut trail = by.trail();
    trail["digest"] = json!(wish.digest);
    if wish.approves {
        runbook_approvals::approve(tx, &wish.name, &wish.digest, &actor).await?;
        audit::add(tx, &actor, "runbook.approve", &subject, None, &trail).await?;
    } else {
        runbook_approvals::withdraw(tx, &wish.name, &wish.digest, &actor).await?;
        audit::add(tx, &actor, "runbook.withdraw", &subject, None, &trail).await?;
    }
    Ok(true)
}
