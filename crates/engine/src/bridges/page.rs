//! What leaders keep on the page beside the file: rules of tickets and hours of groups, as they hold at this instant. Read in the
//! transaction that goes by them, so that a change holds from the next happening on. Never writes.

use super::Space;
use duties::page_rules::{self, GROUP_HOURS, Kept, TICKET_RULE, Unread};
use duties::tickets::{self, Identity};
use model::hours::Roster;
use model::ticket::Who;
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
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

/// Each version once: it is asked for with every ticket that is judged. The page names it as long as it stands.
fn say(unread: &[Unread], what: &str) {
    static SAID: Mutex<BTreeSet<(String, String, i64)>> = Mutex::new(BTreeSet::new());
    for row in unread {
        let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
        if !said.insert((what.to_owned(), row.name.clone(), row.version)) {
            continue;
        }
        tracing::warn!(name = row.name, version = row.version, "the page's {what} holds nothing: {}", row.why);
    }
}
