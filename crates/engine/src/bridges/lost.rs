//! What is remembered of a ticket or an event, and what becomes of that where nobody can read it: what people were called for last is
//! taken up again from its concern, so that it goes on and ends as ever. Decides nothing.

use super::{Space, concern};
use crate::Settings;
use duties::{calendar, tickets};
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::calendar_events::Kept as KeptEvent;
use store::concerns::{self, Concern};
use store::tickets::Kept as KeptTicket;
use store::{StoreError, Tx};

/// What people were called for last: the generation, the reason with what ended it, and the concern itself where it is open and nobody
/// can read its reason any more.
struct Last<R, E> {
    generation: i64,
    told: Option<(R, Option<E>)>,
    unreadable: Option<Concern>,
}

async fn last<R: DeserializeOwned, E: DeserializeOwned>(
    tx: &mut Tx,
    duty: &str,
    subject: &str,
    error: &serde_json::Error,
) -> Result<Last<R, E>, StoreError> {
    let last = concerns::last(tx, duty, subject).await?.filter(|one| one.generation > 0);
    let generation = last.as_ref().map_or(0, |one| one.generation);
    tracing::warn!(duty, subject, generation, %error, "what was remembered can't be read: what people were called for goes on");
    let Some(one) = last else { return Ok(Last { generation, told: None, unreadable: None }) };
    let end = one.ended.as_deref().map(serde_json::from_str).transpose();
    let told = serde_json::from_str(&one.reason).ok().zip(end.ok());
    let is_lost = told.is_none() && one.ended_at.is_none();
    Ok(Last { generation, told, unreadable: is_lost.then_some(one) })
}

pub async fn ticket(
    tx: &mut Tx,
    settings: &Settings,
    space: &Space,
    kept: &KeptTicket,
) -> Result<tickets::Memory, StoreError> {
    let error = match read(&kept.memory) {
        Ok(memory) => return Ok(memory),
        Err(error) => error,
    };
    let ticket = &kept.reading.ticket;
    let last = last(tx, tickets::DUTY, &ticket.id, &error).await?;
    if let Some(one) = &last.unreadable {
        let end = tickets::End { why: tickets::EndWhy::Lost, by: None, at: tx.now(), happening: None };
        let said = tickets::words::lost(&space.tickets, ticket, &one.title);
        concern::end(tx, settings, ending(settings, one, &end, "ticket_ended", said)?).await?;
    }
    let (hit, end) = last.told.unzip();
    Ok(tickets::Memory::after_loss(last.generation, hit, end.flatten()))
}

pub async fn event(tx: &mut Tx, settings: &Settings, kept: &KeptEvent) -> Result<calendar::Memory, StoreError> {
    let error = match read(&kept.memory) {
        Ok(memory) => return Ok(memory),
        Err(error) => error,
    };
    let event = &kept.event;
    let last = last(tx, calendar::DUTY, &event.id, &error).await?;
    if let Some(one) = &last.unreadable {
        let end = calendar::End { why: calendar::EndWhy::Lost, by: None, at: tx.now() };
        let said = calendar::words::lost(&settings.bridges.calendar_rules, event, &one.title);
        concern::end(tx, settings, ending(settings, one, &end, "event_ended", said)?).await?;
    }
    Ok(calendar::Memory::after_loss(last.generation, event, last.told))
}

/// Nothing is kept of what was never judged.
fn read<T: DeserializeOwned + Default>(memory: &str) -> Result<T, serde_json::Error> {
    if memory.is_empty() { Ok(T::default()) } else { serde_json::from_str(memory) }
}

/// Nobody can read what it was about: people are told to look for themselves.
fn ending(
    settings: &Settings,
    one: &Concern,
    end: &impl Serialize,
    template: &'static str,
    said: model::message::Message,
) -> Result<concern::Ending, StoreError> {
    let route = concern::route(settings, one);
    Ok(concern::Ending { id: one.id.clone(), ended: concern::json(end)?, template, said, route })
}
