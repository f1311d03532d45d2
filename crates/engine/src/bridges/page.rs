//! What leaders keep on the page beside the file: rules of tickets and hours of groups, as they hold at this instant. Read in the
//! transaction that goes by them, so that a change holds from the next happening on. Never writes.

use super::{Settings, Space};
use duties::page_rules::{self, GROUP_HOURS, Kept, TICKET_RULE, Unread};
use duties::tickets::{self, Identity};
use model::hours::Roster;
use model::ticket::Who;
use store::page_rules::Rule;
use store::{StoreError, Tx};

/// How the tickets of a space are judged. `own`: whose key we ask it with.
pub(crate) async fn tickets(tx: &mut Tx, space: &Space, own: Option<&Who>) -> Result<tickets::Settings, StoreError> {
    let rows = store::page_rules::of_kind(tx, TICKET_RULE).await?;
    let (mut settings, unread) = page_rules::over_tickets(&space.tickets, &kept(&rows));
    say(&unread, "rule of tickets");
    settings.directory.own.extend(own.map(Identity::of));
    Ok(settings)
}

/// Gives groups the hours that the page has for them.
pub(crate) async fn group_hours(tx: &mut Tx, roster: &mut Roster) -> Result<(), StoreError> {
    let rows = store::page_rules::of_kind(tx, GROUP_HOURS).await?;
    say(&page_rules::over_hours(roster, &kept(&rows)), "hours of a group");
    Ok(())
}

fn kept(rows: &[Rule]) -> Vec<Kept<'_>> {
    let kept =
        rows.iter().map(|row| Kept { name: &row.name, version: row.version, body: &row.body, is_off: row.is_off });
    kept.collect()
}

fn say(unread: &[Unread], what: &str) {
    for row in unread {
        tracing::warn!(name = row.name, version = row.version, "the page's {what} holds nothing: {}", row.why);
    }
}

/// Who works when, as everything here goes by it: for the pages and the command line.
pub async fn hours(tx: &mut Tx, settings: &Settings) -> Result<Roster, StoreError> {
    super::roster(tx, settings).await
}
