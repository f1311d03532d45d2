//! One event, with everything that people were told of it.

use super::calendar::{baselines, notice, row};
use super::window::windows;
use super::{called_whole, incidents};
use crate::auth::Reader;
use crate::page;
use crate::pages::live;
use crate::pages::signals::links;
use crate::problem::Fault;
use crate::state::{Desk, Settings};
use crate::view::{EventRow, EventView, Section};
use axum::extract::{Path, State};
use axum::response::Response;
use model::Scope;
use store::calendar_events::{self, Item, Kept};
use store::{StoreError, Tx, concerns, polls};

pub(in crate::pages) async fn show(
    State(desk): State<Desk>,
    reader: Reader,
    Path((calendar, event)): Path<(String, String)>,
) -> Result<Response, Fault> {
    let frame = reader.frame(&desk, Section::Calendar).await?;
    let view = load(&desk, &reader, &format!("{calendar}/{event}")).await?;
    live(&reader, &frame, &view, page::event, page::event_partial)
}

/// All that is known of an event, as far as the reader may see it. Leave and holidays are shown to nobody here.
pub(crate) async fn load(desk: &Desk, reader: &Reader, id: &str) -> Result<EventView, Fault> {
    let (scope, settings, id) = (reader.person.scope.clone(), desk.settings.clone(), id.to_owned());
    let found = desk
        .store
        .read(move |tx| {
            Box::pin(async move {
                let kept = calendar_events::get(tx, &scope, &id).await?;
                let Some(kept) = kept.filter(|kept| !settings.bridges.is_private(&kept.event.calendar)) else {
                    return Ok(None);
                };
                view(tx, &scope, &settings, kept).await.map(Some)
            })
        })
        .await?;
    found.ok_or(Fault::NotFound)
}

async fn view(tx: &mut Tx, scope: &Scope, settings: &Settings, kept: Kept) -> Result<EventView, StoreError> {
    let all = concerns::of_subject(tx, scope, duties::CALENDAR, &kept.event.id).await?;
    let links = links(tx, scope, incidents(all.iter())).await?;
    let mut notices = Vec::with_capacity(all.len());
    for one in &all {
        notices.push(notice(one, called_whole(tx, one, &links).await?));
    }
    let known = baselines(&polls::list(tx, scope).await?);
    let windows = windows(tx, scope, settings, &kept.event.id).await?;
    let (seen_at, last) = (kept.seen_at, all.first().cloned());
    let row = row(&Item { kept, last }, settings, (&known, &links));
    let has_window_trouble = windows.iter().any(|window| window.trouble.is_some());
    Ok(EventView { row: EventRow { has_window_trouble, ..row }, seen_at, windows, notices })
}
