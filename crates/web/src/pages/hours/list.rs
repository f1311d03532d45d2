//! Everybody's line: at work or not, why, and what comes next; for the page and the API.

use super::{Asks, html};
use crate::auth::Reader;
use crate::page;
use crate::people::{People, known, right};
use crate::problem::Fault;
use crate::state::Desk;
use crate::view::{HoursRow, HoursView, Section};
use axum::extract::State;
use axum::response::Response;
use model::hours::{Roster, Standing, Subject, Why, standing_of};
use model::{Micros, Scope};
use store::{StoreError, Tx};

#[derive(serde::Deserialize, Default)]
pub(in crate::pages) struct Query {}

/// Somebody's standing, as this reader may know it.
pub(crate) struct Told {
    pub row: HoursRow,
    pub group_ids: Vec<String>,
}

pub(in crate::pages) async fn show(
    State(desk): State<Desk>,
    reader: Reader,
    Asks(Query {}): Asks<Query>,
) -> Result<Response, Fault> {
    let frame = reader.frame(&desk, Section::Settings).await?;
    let customer = chosen(&reader);
    let (roster, told) = load(&desk, &reader, customer.clone(), frame.now).await?;
    let people = &desk.settings.people;
    let mut persons: Vec<HoursRow> = told.into_iter().map(|told| told.row).collect();
    let is_whole = reader.person.scope == Scope::All;
    let view = HoursView {
        own: persons.iter().find(|row| row.is_own).map(|row| row.id.clone()),
        groups: if is_whole { groups(people, &roster, frame.now) } else { Vec::new() },
        customer: customer.map(|id| desk.settings.customer_name(&id)),
        is_configured: !people.persons.is_empty(),
        edits_groups: reader.person.need_whole_leader().is_ok(),
        persons: {
            persons.sort_by_key(rank);
            persons
        },
    };
    html(page::hours(&frame, &view))
}

/// The reader first, then those at work; in the file's order otherwise.
fn rank(row: &HoursRow) -> (bool, u8) {
    let state = match row.is_at_work() {
        Some(true) => 0,
        Some(false) => 1,
        None => 2,
    };
    (!row.is_own, state)
}

/// The one customer whose eyes a page is seen with.
pub(super) fn chosen(reader: &Reader) -> Option<String> {
    match &reader.person.sees {
        Scope::Customers(ids) if ids.len() == 1 => ids.first().cloned(),
        _ => None,
    }
}

/// Whoever this reader may see, in the file's order, in their work for a customer if one is named.
pub(crate) async fn load(
    desk: &Desk,
    reader: &Reader,
    customer: Option<String>,
    at: Micros,
) -> Result<(Roster, Vec<Told>), Fault> {
    let (people, by) = (desk.settings.people.clone(), reader.clone());
    let found =
        desk.store.read(move |tx| Box::pin(async move { told(tx, &people, &by, customer.as_deref(), at).await }));
    Ok(found.await?)
}

async fn told(
    tx: &mut Tx,
    people: &People,
    by: &Reader,
    customer: Option<&str>,
    at: Micros,
) -> Result<(Roster, Vec<Told>), StoreError> {
    let since = at.min(tx.now());
    let roster = (people.roster.0)(tx, since).await?;
    let known = known(tx).await?;
    let mut all = Vec::new();
    for member in &people.persons {
        let right = right(people, &known, &by.person, member);
        if !right.sees {
            continue;
        }
        let mut standing = standing_of(&roster, Subject::Person { id: &member.id, customer }, at);
        if !right.edits {
            hush(&mut standing);
        }
        all.push(Told {
            row: HoursRow {
                id: member.id.clone(),
                name: member.name.clone(),
                is_own: right.is_own,
                with: people.groups_of(&member.id),
                standing,
            },
            group_ids: people
                .groups
                .iter()
                .filter(|team| team.members.contains(&member.id))
                .map(|team| team.id.clone())
                .collect(),
        });
    }
    Ok((roster, all))
}

/// What somebody wrote to their leave is theirs and their leader's.
pub(super) fn hush(standing: &mut Standing) {
    hush_why(&mut standing.why);
}

pub(super) fn hush_why(why: &mut Why) {
    if let Why::Leave { note, .. } | Why::Exception { note, .. } = why {
        note.clear();
    }
}

fn groups(people: &People, roster: &Roster, at: Micros) -> Vec<HoursRow> {
    let name = |id: &String| people.person(id).map_or_else(|| id.clone(), |member| member.name.clone());
    let row = |team: &crate::people::Team| HoursRow {
        id: team.id.clone(),
        name: team.name.clone(),
        is_own: false,
        with: team.members.iter().map(name).collect(),
        standing: standing_of(roster, Subject::Group(&team.id), at),
    };
    people.groups.iter().map(row).collect()
}
