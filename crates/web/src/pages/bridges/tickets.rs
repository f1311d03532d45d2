//! The list of tickets, as the filters in the address ask for it, below the answer to the whole.

use super::incidents;
use crate::api::cursor;
use crate::auth::{Person, Reader};
use crate::page;
use crate::pages::frame::{customers, unsigned};
use crate::pages::signals::links;
use crate::pages::{Asks, PAGE_ROWS, cut, live};
use crate::problem::Fault;
use crate::state::{Desk, Settings};
use crate::view::{
    Asked as _, HappeningRow, IncidentLink, PlaceRow, Raised, Section, Side, TicketFilters, TicketRow, TicketsAnswer,
    TicketsView,
};
use axum::extract::State;
use axum::response::Response;
use duties::Mode;
use duties::tickets::{MARKER, Memory, Party};
use model::ticket::Happening;
use std::collections::BTreeMap;
use store::concerns::Concern;
use store::tickets::{self, Filter, Item, Place, Watch};
use store::{StoreError, Tx};

/// Tickets that people were called for, above the list; the rest is one click away.
const MOST_CALLED: i64 = 20;

pub(in crate::pages) async fn show(
    State(desk): State<Desk>,
    reader: Reader,
    Asks(filters): Asks<TicketFilters>,
) -> Result<Response, Fault> {
    let frame = reader.frame(&desk, Section::Tickets).await?;
    let (person, settings) = (reader.person.clone(), desk.settings.clone());
    let view = desk.store.read(move |tx| Box::pin(async move { load(tx, &person, &settings, filters).await })).await?;
    live(&reader, &frame, &view, page::tickets, page::tickets_partial)
}

async fn load(
    tx: &mut Tx,
    person: &Person,
    settings: &Settings,
    filters: TicketFilters,
) -> Result<TicketsView, StoreError> {
    let scope = &person.sees;
    let filter = filter(&filters);
    let is_plain = filter == Filter { open_only: true, ..Filter::default() };
    // What stands above the list is not told twice.
    let listed = Filter { but: is_plain_list(&filters).then_some(Watch::Called), ..filter };
    let mut items = tickets::list(tx, scope, &listed, PAGE_ROWS + 1).await?;
    let next_cursor = cursor::next(&mut items, PAGE_ROWS, spot);
    let open = Filter { open_only: false, watch: Some(Watch::Called), ..Filter::default() };
    let above = if is_plain { tickets::list(tx, scope, &open, MOST_CALLED).await? } else { Vec::new() };
    let found = links(tx, scope, incidents(items.iter().chain(&above).filter_map(|item| item.last.as_ref()))).await?;
    let places = tickets::places(tx, scope).await?;
    let ever =
        !items.is_empty() || !places.is_empty() || !tickets::list(tx, scope, &Filter::default(), 1).await?.is_empty();
    Ok(TicketsView {
        answer: answer(settings, ever),
        places: places.iter().map(|one| place(one, settings)).collect(),
        customers: customers(settings, scope),
        called: above.iter().map(|item| row(item, settings, &found)).collect(),
        rows: items.iter().map(|item| row(item, settings, &found)).collect(),
        next_cursor,
        filters,
    })
}

/// Open tickets, nothing narrowed: what people were called for stands above.
fn is_plain_list(filters: &TicketFilters) -> bool {
    filters.state.is_empty() && filters.narrowing().is_empty()
}

fn answer(settings: &Settings, ever: bool) -> TicketsAnswer {
    let spaces = &settings.bridges.spaces;
    TicketsAnswer {
        has_space: !spaces.is_empty(),
        ever,
        mode: spaces.iter().map(|space| space.tickets.mode).max().unwrap_or(Mode::Page),
    }
}

fn place(place: &Place, settings: &Settings) -> PlaceRow {
    PlaceRow {
        space: place.space.clone(),
        project: place.project.clone(),
        open: unsigned(place.open),
        called: unsigned(place.called),
        read_at: place.read_at,
        hears: settings.bridges.space(&place.space).map(|space| space.hears),
    }
}

pub(super) fn spot(item: &Item) -> String {
    let ticket = &item.kept.reading.ticket;
    cursor::spot(ticket.updated_at, &ticket.id)
}

/// What the address asks for. A value that means nothing filters by nothing.
pub(super) fn filter(filters: &TicketFilters) -> Filter {
    let some = |text: &str| Some(cut(text)).filter(|t| !t.is_empty());
    let watch = Watch::parse(&filters.state);
    Filter {
        // What people were called for is listed whether or not the ticket is done.
        open_only: watch.is_none() && filters.state != "all",
        watch,
        but: None,
        space: some(&filters.space),
        project: some(&filters.project),
        customer: some(&filters.customer),
        text: some(&filters.text),
        before: cursor::read_spot(&filters.cursor),
    }
}

/// A row of a list.
pub(crate) fn row(item: &Item, settings: &Settings, links: &BTreeMap<String, IncidentLink>) -> TicketRow {
    let kept = &item.kept;
    let ticket = &kept.reading.ticket;
    let memory: Memory = serde_json::from_str(&kept.memory).unwrap_or_default();
    let last = kept.reading.history.iter().max_by_key(|happening| (happening.at, happening.id));
    TicketRow {
        id: ticket.id.clone(),
        space: ticket.space.clone(),
        key: ticket.key.clone(),
        project: ticket.project.clone(),
        title: ticket.title.clone(),
        status: ticket.status.name.clone(),
        is_done: ticket.is_done,
        gone_at: kept.gone_at,
        customer: kept.customer.as_ref().map(|id| settings.customer_name(id)),
        assignee: ticket.assignee.as_ref().map(|who| who.name.clone()),
        updated_at: ticket.updated_at,
        watch: item.watch(),
        raised: item.last.as_ref().map(|one| raised(one, super::called(one, links))),
        last: last.map(|happening| self::happening(happening, settings, &ticket.space)),
        wait: memory.wait.filter(|_| !ticket.is_done && kept.gone_at.is_none()),
    }
}

/// What people were called for, in its duty's own words.
pub(super) fn raised(one: &Concern, called: crate::view::Called) -> Raised {
    let ended = one.ended.as_deref().unwrap_or_default();
    let is_would = one.generation == 0;
    Raised {
        called,
        title: one.title.clone(),
        hit: serde_json::from_str(&one.reason).ok(),
        end: if is_would { None } else { serde_json::from_str(ended).ok() },
        instead: if is_would { serde_json::from_str(ended).ok() } else { None },
    }
}

pub(super) fn happening(one: &Happening, settings: &Settings, space: &str) -> HappeningRow {
    let directory = settings.bridges.space(space).map(|space| &space.tickets.directory);
    let is_tool = one.text.as_deref().is_some_and(|text| text.contains(MARKER));
    HappeningRow {
        id: one.id,
        at: one.at,
        by: directory.map_or_else(|| one.by.name.clone(), |directory| directory.name(&one.by)),
        side: directory.map(|directory| match directory.who(&one.by) {
            _ if is_tool && directory.is_own(&one.by) => Side::Tool,
            Party::Customer => Side::Customer,
            _ => Side::Ours,
        }),
        text: one.text.clone(),
        changes: one.changes.clone(),
        calls: false,
        ends: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonsense_filters_by_nothing_and_a_state_lists_what_is_done_as_well() {
        let of = |state: &str, cursor: &str| {
            filter(&TicketFilters { state: state.into(), cursor: cursor.into(), ..TicketFilters::default() })
        };
        assert_eq!(of("nonsense", "%%"), Filter { open_only: true, ..Filter::default() });
        assert_eq!(of("ended", ""), Filter { watch: Some(Watch::Ended), ..Filter::default() });
        assert_eq!(of("all", ""), Filter::default());
    }
}
