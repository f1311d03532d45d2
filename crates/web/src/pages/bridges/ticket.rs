//! One ticket, with its history as we read it and everything that people were called for.

use super::tickets::{happening, raised, row};
use super::{called_whole, incidents};
use crate::auth::Reader;
use crate::page;
use crate::pages::live;
use crate::pages::signals::links;
use crate::problem::Fault;
use crate::state::{Desk, Settings};
use crate::view::{HappeningRow, Raised, Section, TicketView};
use axum::extract::{Path, State};
use axum::response::Response;
use model::Scope;
use model::signal::source;
use std::collections::BTreeSet;
use store::tickets::{self, Item, Kept};
use store::{StoreError, Tx, concerns, inbox};

pub(in crate::pages) async fn show(
    State(desk): State<Desk>,
    reader: Reader,
    Path((space, number)): Path<(String, String)>,
) -> Result<Response, Fault> {
    let frame = reader.frame(&desk, Section::Tickets).await?;
    let view = load(&desk, &reader, &format!("{space}/{number}")).await?;
    live(&reader, &frame, &view, page::ticket, page::ticket_partial)
}

/// All that is known of a ticket, as far as the reader may see it.
pub(crate) async fn load(desk: &Desk, reader: &Reader, id: &str) -> Result<TicketView, Fault> {
    let (scope, settings, id) = (reader.person.scope.clone(), desk.settings.clone(), id.to_owned());
    let opens = reader.person.role.may_open_raw();
    let found = desk
        .store
        .read(move |tx| {
            Box::pin(async move {
                let Some(kept) = tickets::get(tx, &scope, &id).await? else { return Ok(None) };
                view(tx, &scope, &settings, kept, opens).await.map(Some)
            })
        })
        .await?;
    found.ok_or(Fault::NotFound)
}

async fn view(
    tx: &mut Tx,
    scope: &Scope,
    settings: &Settings,
    kept: Kept,
    opens: bool,
) -> Result<TicketView, StoreError> {
    let ticket = kept.reading.ticket.clone();
    let all = concerns::of_subject(tx, scope, duties::TICKETS, &ticket.id).await?;
    let links = links(tx, scope, incidents(all.iter())).await?;
    let mut told = Vec::with_capacity(all.len());
    for one in &all {
        told.push(raised(one, called_whole(tx, one, &links).await?));
    }
    let last = all.first().cloned();
    let history = history(&kept, settings, &told);
    let signal = if opens { signal(tx, scope, &ticket.id).await? } else { None };
    let item = Item { kept, last };
    Ok(TicketView {
        row: row(&item, settings, &links),
        read_at: item.kept.read_at,
        ticket,
        history,
        raised: told,
        signal,
    })
}

/// Oldest first, with what called people and what ended that marked.
fn history(kept: &Kept, settings: &Settings, raised: &[Raised]) -> Vec<HappeningRow> {
    let real = || raised.iter().filter(|one| one.instead.is_none());
    let calls: BTreeSet<i64> = real().filter_map(|one| one.hit.as_ref().map(|hit| hit.happening)).collect();
    let ends: BTreeSet<i64> = real().filter_map(|one| one.end.as_ref().and_then(|end| end.happening)).collect();
    let space = &kept.reading.ticket.space;
    let mut history: Vec<HappeningRow> =
        kept.reading.history.iter().map(|one| happening(one, settings, space)).collect();
    for one in &mut history {
        one.calls = calls.contains(&one.id);
        one.ends = ends.contains(&one.id);
    }
    history.sort_by_key(|one| (one.at, one.id));
    history
}

/// The signal that it was read in last.
async fn signal(tx: &mut Tx, scope: &Scope, id: &str) -> Result<Option<i64>, StoreError> {
    let filter = inbox::Filter {
        source: Some(source::BACKLOG_API.to_owned()),
        subject: Some(format!("ticket:{id}")),
        ..inbox::Filter::default()
    };
    Ok(inbox::list(tx, scope, &filter, 1).await?.first().map(|item| item.id))
}
