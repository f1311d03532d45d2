//! Tickets: hints mark, a mark is one reading, a reading is judged in the transaction that keeps it. Decides nothing itself, and never
//! calls out.

use super::{Settings as Bridges, Space, concern, locks, lost, page, roster};
use crate::Settings;
use duties::tickets::{self as duty, Closed, DUTY, Decision, Memory, Sighting, Step, Timer, View};
use model::action::{Action, Effect, Precondition, Queue};
use model::connection::{ActivitiesState, TicketsState, poll as names};
use model::signal::Origin;
use model::ticket::{Hint, Reading, Ticket, Who};
use model::{Micros, Scope};
use serde::{Deserialize, Serialize};
use store::actions::{self, Doing};
use store::concerns::Concern;
use store::{StoreError, Tx, crash_point, dirty, polls, tickets, timers};

/// What every lane of readings of tickets begins with.
pub const LANE: &str = "ticket:";

/// What a timer of a ticket carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    pub space: String,
    pub key: String,
}

/// Something happened to these tickets: each is read.
pub async fn hinted(
    tx: &mut Tx,
    bridges: &Bridges,
    space: &str,
    hint: &Hint,
    origin: Origin,
) -> Result<(), StoreError> {
    if bridges.space(space).is_none() {
        return Ok(());
    }
    let mut keys = hint.keys.clone();
    keys.sort();
    keys.dedup();
    for key in keys {
        mark(tx, space, &key, origin).await?;
    }
    Ok(())
}

async fn mark(tx: &mut Tx, space: &str, key: &str, origin: Origin) -> Result<(), StoreError> {
    let subject = format!("{space}/{key}");
    dirty::mark(tx, dirty::TICKET, &subject, origin).await?;
    read_marked(tx, &subject).await.map(|_| ())
}

/// One reading a mark, unless one waits already that will see everything.
pub async fn read_marked(tx: &mut Tx, subject: &str) -> Result<bool, StoreError> {
    let Some(mark) = dirty::of(tx, dirty::TICKET, subject).await? else { return Ok(false) };
    let Some((space, key)) = subject.split_once('/') else { return Ok(false) };
    let lane = format!("{LANE}{subject}");
    if store::jobs::is_ready(tx, &lane).await? {
        return Ok(false);
    }
    let action = Action {
        key: format!("{DUTY}/{subject}/read/{}", mark.generation),
        duty: DUTY.into(),
        subject: subject.to_owned(),
        lane,
        effect: Effect::ReadTicket { space: space.to_owned(), key: key.to_owned() },
        not_before: None,
        not_after: None,
        precondition: Precondition::None,
        why: "something happened to it".into(),
        customer: None,
        queue: if mark.origin.may_act() { Queue::Live } else { Queue::Bulk },
    };
    actions::add(tx, &action, Doing::Really).await
}

/// What happened in a space since the last time.
pub async fn activities(
    tx: &mut Tx,
    bridges: &Bridges,
    space: &str,
    (hints, newest, more): (Vec<Hint>, Option<i64>, bool),
) -> Result<(), StoreError> {
    for hint in &hints {
        hinted(tx, bridges, space, hint, Origin::Repair).await?;
    }
    let name = format!("{}{space}", names::ACTIVITIES);
    let state = ActivitiesState { newest, asked_at: Some(tx.now()) };
    polls::ended(tx, &name, Some(&state)).await?;
    if more { polls::hurry(tx, &name).await } else { Ok(()) }
}

/// A page of a space's tickets: what we don't know, or know as it was before, is read. Those that are done and unknown are nobody's
/// business.
pub async fn listed(
    tx: &mut Tx,
    space: &Space,
    own: Option<Who>,
    (found, since, more): (&[Ticket], Micros, Option<u32>),
) -> Result<(), StoreError> {
    let name = format!("{}{}", names::TICKETS, space.name);
    let Some(poll) = polls::get(tx, &name).await? else { return Ok(()) };
    let mut state: TicketsState = poll.known();
    let baseline = state.baseline_at.unwrap_or_else(|| tx.now());
    if own.is_some() {
        state.own = own;
        polls::keep(tx, &name, &state).await?;
    }
    for ticket in found {
        let known = tickets::get(tx, &Scope::All, &ticket.id).await?;
        let is_news = match &known {
            Some(kept) => kept.reading.ticket.updated_at < ticket.updated_at,
            None => !ticket.is_done,
        };
        if is_news {
            // What was so before we first looked is history; later it is something that nobody told us.
            let is_history = known.is_none() && ticket.updated_at <= baseline;
            mark(tx, &space.name, &ticket.key, if is_history { Origin::Backfill } else { Origin::Repair }).await?;
        }
    }
    if let Some(offset) = more {
        let effect = Effect::ListTickets { space: space.name.clone(), since, offset };
        let action = super::poll::page(&name, poll.round, offset, effect, space.customer.clone());
        return actions::add(tx, &action, Doing::Really).await.map(|_| ());
    }
    state.listed = poll.begun_at;
    polls::ended(tx, &name, Some(&state)).await
}

/// A timer of a ticket fired: it is read anew and judged as ever.
pub async fn timer(tx: &mut Tx, told: &Told) -> Result<(), StoreError> {
    mark(tx, &told.space, &told.key, Origin::Live).await
}

/// A ticket was read whole. Whoever calls this holds its lock.
pub async fn absorb(
    tx: &mut Tx,
    settings: &Settings,
    reading: &Reading,
    asked_at: Micros,
    origin: Origin,
) -> Result<(), StoreError> {
    let ticket = &reading.ticket;
    let Some(space) = settings.bridges.space(&ticket.space) else { return Ok(()) };
    let subject = format!("{}/{}", ticket.space, ticket.key);
    // What it was marked for by history acts as history; what was told meanwhile makes it live.
    let mark = dirty::of(tx, dirty::TICKET, &subject).await?;
    let origin = mark.as_ref().map_or(origin, |mark| mark.origin.min(origin));
    judge(tx, settings, space, reading, (asked_at, origin), None).await?;
    crash_point!("ticket.judged");
    if mark.is_some_and(|mark| mark.since <= asked_at) {
        dirty::clear(tx, dirty::TICKET, &subject).await?;
    } else {
        read_marked(tx, &subject).await?;
    }
    Ok(())
}

/// Somebody closed in PagerDuty what people were called for: the ticket as it was read last is judged with that.
pub async fn closed(tx: &mut Tx, settings: &Settings, ticket: &str, closed: Closed) -> Result<(), StoreError> {
    tx.lock(&[locks::ticket(ticket)]).await?;
    let Some(kept) = tickets::get(tx, &Scope::All, ticket).await? else { return Ok(()) };
    let Some(space) = settings.bridges.space(&kept.reading.ticket.space) else { return Ok(()) };
    judge(tx, settings, space, &kept.reading, (kept.read_at, Origin::Live), Some(&closed)).await
}

async fn judge(
    tx: &mut Tx,
    settings: &Settings,
    space: &Space,
    reading: &Reading,
    (asked_at, origin): (Micros, Origin),
    closed: Option<&Closed>,
) -> Result<(), StoreError> {
    let ticket = &reading.ticket;
    let kept = tickets::get(tx, &Scope::All, &ticket.id).await?;
    let memory = match &kept {
        Some(kept) => lost::ticket(tx, settings, space, kept).await?,
        None => Memory::default(),
    };
    let customer = space.customer_of(&ticket.project);
    let roster = roster(tx, &settings.bridges).await?;
    let known = known(tx, &space.name).await?;
    let view = View {
        sighting: Sighting::Read(reading),
        memory: &memory,
        customer,
        origin,
        read_at: asked_at,
        baseline_at: known.baseline_at.unwrap_or_else(|| tx.now()),
        roster: &roster,
        has_fired: memory.wait.as_ref().is_some_and(|wait| wait.due <= tx.now()),
        closed,
    };
    let decision = duty::decide(&page::tickets(tx, space, known.own.as_ref()).await?, &view, tx.now());
    let json = serde_json::to_string(&decision.memory).map_err(|error| StoreError::Bug(error.to_string()))?;
    if tickets::save(tx, reading, customer, asked_at, &json).await? {
        steps(tx, settings, space, ticket, decision).await?;
    }
    Ok(())
}

/// The ticket is not there any more.
pub async fn gone(tx: &mut Tx, settings: &Settings, space: &str, key: &str, at: Micros) -> Result<(), StoreError> {
    dirty::clear(tx, dirty::TICKET, &format!("{space}/{key}")).await?;
    let Some(space) = settings.bridges.space(space) else { return Ok(()) };
    let Some(kept) = tickets::by_key(tx, &space.name, key).await? else { return Ok(()) };
    tx.lock(&[locks::ticket(&kept.reading.ticket.id)]).await?;
    // What somebody else did meanwhile counts.
    let Some(kept) = tickets::get(tx, &Scope::All, &kept.reading.ticket.id).await? else { return Ok(()) };
    let ticket = kept.reading.ticket.clone();
    if !tickets::gone(tx, &ticket.id, at).await? {
        return Ok(());
    }
    let memory = lost::ticket(tx, settings, space, &kept).await?;
    let roster = roster(tx, &settings.bridges).await?;
    let known = known(tx, &space.name).await?;
    let view = View {
        sighting: Sighting::Deleted { at, by: None },
        memory: &memory,
        customer: kept.customer.as_deref(),
        origin: Origin::Live,
        read_at: at,
        baseline_at: known.baseline_at.unwrap_or_else(|| tx.now()),
        roster: &roster,
        has_fired: false,
        closed: None,
    };
    let decision = duty::decide(&page::tickets(tx, space, known.own.as_ref()).await?, &view, tx.now());
    let json = serde_json::to_string(&decision.memory).map_err(|error| StoreError::Bug(error.to_string()))?;
    tickets::remember(tx, &ticket.id, &json).await?;
    steps(tx, settings, space, &ticket, decision).await
}

/// What is known of a space.
async fn known(tx: &mut Tx, space: &str) -> Result<TicketsState, StoreError> {
    let poll = polls::get(tx, &format!("{}{space}", names::TICKETS)).await?;
    Ok(poll.map(|poll| poll.known()).unwrap_or_default())
}

async fn steps(
    tx: &mut Tx,
    settings: &Settings,
    space: &Space,
    ticket: &Ticket,
    decision: Decision,
) -> Result<(), StoreError> {
    for step in decision.steps {
        match step {
            Step::Hit(hit) => concern::raise_ticket(tx, settings, space, ticket, &hit).await?,
            Step::Comment { hit } => comment(tx, space, ticket, &hit, decision.memory.hit.as_ref()).await?,
            Step::Again(again) => concern::again(tx, space, ticket, &again).await?,
            Step::Ended { hit, end } => concern::end_ticket(tx, settings, space, ticket, (&hit, &end)).await?,
            Step::WouldHave { hit, instead } => concern::would_have(tx, space, ticket, &hit, &instead).await?,
            Step::Timer(Timer::Set { due }) => set_timer(tx, ticket, due).await?,
            Step::Timer(Timer::Cancel) => timers::cancel(tx, &timer_key(ticket)).await?,
        }
    }
    Ok(())
}

fn timer_key(ticket: &Ticket) -> String {
    format!("{DUTY}/{}", ticket.id)
}

async fn set_timer(tx: &mut Tx, ticket: &Ticket, due: Micros) -> Result<(), StoreError> {
    let told = Told { space: ticket.space.clone(), key: ticket.key.clone() };
    let payload = serde_json::to_string(&told).map_err(|error| StoreError::Bug(error.to_string()))?;
    timers::set(tx, &timer_key(ticket), DUTY, &ticket.id, due, true, &payload).await.map(|_| ())
}

/// The customer's side is told that somebody was called, where the rule says so and somebody really was.
async fn comment(
    tx: &mut Tx,
    space: &Space,
    ticket: &Ticket,
    key: &str,
    hit: Option<&duty::Hit>,
) -> Result<(), StoreError> {
    let Some(hit) = hit.filter(|hit| hit.key == key) else { return Ok(()) };
    let doing = if hit.mode == duties::Mode::Page { Doing::Really } else { Doing::Observed };
    let marker = duty::marker(&ticket.id, key);
    let action = Action {
        key: format!("{DUTY}/{}/{key}/comment", ticket.id),
        duty: DUTY.into(),
        subject: ticket.id.clone(),
        lane: format!("{LANE}{}/{}:comments", ticket.space, ticket.key),
        effect: Effect::Comment {
            space: space.name.clone(),
            key: ticket.key.clone(),
            text: duty::words::comment(&space.tickets, ticket, hit),
            marker,
        },
        not_before: None,
        not_after: Some(tx.now().plus_s(3_600)),
        precondition: Precondition::None,
        why: "the rule says that the customer's side is told".into(),
        customer: space.customer_of(&ticket.project).map(str::to_owned),
        queue: Queue::Live,
    };
    actions::add(tx, &action, doing).await.map(|_| ())
}

/// The hit that a concern is about.
pub fn hit_of(concern: &Concern) -> Option<duty::Hit> {
    serde_json::from_str(&concern.reason).ok()
}
