//! The names under which tickets and events are judged. A transaction that needs several takes all of them first, in their order, so
//! that two processes never wait for each other. Judges nothing.

use crate::interpret::Meaning;
use connectors::slack::Inbound;
use duties::{OUR_EVENTS, OUR_TICKETS};
use model::calendar::Change;
use std::collections::BTreeSet;
use store::concerns::{self, Concern};
use store::{StoreError, Tx, calendar_events};

pub fn ticket(id: &str) -> String {
    format!("ticket:{id}")
}

pub fn event(id: &str) -> String {
    format!("event:{id}")
}

/// What a concern is about.
pub fn of_concern(one: &Concern) -> String {
    match one.duty.as_str() {
        duties::CALENDAR => event(&one.subject),
        _ => ticket(&one.subject),
    }
}

pub async fn take(tx: &mut Tx, names: BTreeSet<String>) -> Result<(), StoreError> {
    tx.lock(&names.into_iter().collect::<Vec<_>>()).await
}

/// All that reading these signals may need; `incidents`: what they tell of.
pub(crate) async fn of_signals<'a>(
    tx: &mut Tx,
    signals: impl Iterator<Item = &'a Meaning> + Send,
    incidents: &[String],
) -> Result<BTreeSet<String>, StoreError> {
    let mut names = BTreeSet::new();
    let mut keys = Vec::new();
    for meaning in signals {
        keys.extend(meaning.facts().iter().filter_map(crate::net::key_of).filter(is_ours).map(str::to_owned));
        of_signal(tx, meaning, &mut names).await?;
    }
    for one in concerns::of_incidents(tx, incidents, &keys).await? {
        names.insert(of_concern(&one));
    }
    Ok(names)
}

fn is_ours(key: &&str) -> bool {
    key.starts_with(OUR_TICKETS) || key.starts_with(OUR_EVENTS)
}

async fn of_signal(tx: &mut Tx, meaning: &Meaning, names: &mut BTreeSet<String>) -> Result<(), StoreError> {
    match meaning {
        Meaning::Ticket { reading, .. } => {
            names.insert(ticket(&reading.ticket.id));
        }
        Meaning::EventTimer(told) => {
            names.insert(event(&told.event));
        }
        Meaning::Slack(inbound) => {
            if let Inbound::Pressed(pressed) = inbound.as_ref()
                && let Some(one) = concerns::get(tx, pressed.value.as_deref().unwrap_or_default()).await?
            {
                names.insert(of_concern(&one));
            }
        }
        // What is too much for one transaction is judged in parts, and none of it here.
        Meaning::Events(news) if !news.is_too_much() => {
            for change in &news.changes {
                names.extend(of_change(tx, &news.calendar, change).await?.iter().map(|id| event(id)));
            }
            for id in &news.unread {
                let named = calendar_events::named_after(tx, id, news.asked_at).await?;
                names.extend(named.iter().map(|id| event(id)));
            }
        }
        _ => {}
    }
    Ok(())
}

/// An event; or, of a series that is told by its own id alone, its instances as well.
async fn of_change(tx: &mut Tx, calendar: &str, change: &Change) -> Result<Vec<String>, StoreError> {
    match change {
        Change::Event(event) => Ok(vec![event.id.clone()]),
        Change::Gone { id } => {
            let mut ids = super::calendar::gone_with(tx, calendar, id).await?;
            ids.push(id.clone());
            Ok(ids)
        }
    }
}
