//! What is asked of Backlog again and again: what happened in each space since the last time, which repairs webhooks that were lost, and
//! now and then its open tickets. Also marks without a job. Never calls out itself.

use super::{Space, calendar_poll, push, tickets, windows};
use crate::{Settings, Shared, wake};
use model::action::{Action, Effect, Precondition, Queue};
use model::connection::{ActivitiesState, TicketsState, poll as names};
use std::time::Duration;
use store::actions::{self, Doing};
use store::polls::{self, Poll};
use store::{StoreError, Tx, dirty, jobs, push_channels};
use tokio_util::sync::CancellationToken;

const TICK: Duration = Duration::from_secs(1);
/// The open tickets are listed this often: what neither a webhook nor an activity told.
const LIST_EVERY_S: i64 = 6 * 3_600;
/// How far back the first list goes.
const FIRST_S: i64 = 365 * 86_400;
const OLD_ENOUGH_S: i64 = 60;
const MOST: i64 = 100;
const MOST_TRIES: i64 = 5;

pub async fn run(shared: Shared, stop: CancellationToken) {
    // Channels of calendars that are configured no more have to be stopped.
    let has_google = shared.outside.google.is_some();
    if !shared.settings.bridges.has_any() && !has_google {
        return;
    }
    let mut is_registered = false;
    while wake::pause(TICK, &stop).await {
        match looked(&shared, !is_registered).await {
            Ok(made) => {
                is_registered = true;
                if made > 0 {
                    shared.wake.act.notify_waiters();
                }
            }
            Err(error) => shared.trouble.failed(&error, "looking at the bridges"),
        }
    }
}

/// Each look that judges events has a transaction of its own: it takes their locks before it touches anything else.
async fn looked(shared: &Shared, register: bool) -> Result<usize, StoreError> {
    let settings = shared.settings.clone();
    let ticked = shared.store.write("bridges", move |tx| Box::pin(async move { tick(tx, &settings, register).await }));
    let made = ticked.await?;
    for calendar in shared.settings.bridges.calendars.clone() {
        let settings = shared.settings.clone();
        let swept = shared.store.write("sweep_calendar", move |tx| {
            Box::pin(async move { calendar_poll::sweep(tx, &settings, &calendar).await })
        });
        swept.await?;
    }
    let settings = shared.settings.clone();
    let watched = shared.store.write("windows", move |tx| Box::pin(async move { windows::tick(tx, &settings).await }));
    Ok(made + watched.await?)
}

async fn tick(tx: &mut Tx, settings: &Settings, register: bool) -> Result<usize, StoreError> {
    let spaces = &settings.bridges.spaces;
    // Several processes may tick; the jobs' names and this lock make it one round.
    tx.lock(&["bridges".to_owned()]).await?;
    if register {
        for space in spaces {
            first_contact(tx, &space.name).await?;
        }
        for calendar in &settings.bridges.calendars {
            calendar_poll::first_contact(tx, calendar).await?;
        }
        push_channels::forgive(tx).await?;
    }
    let mut made = calendar_poll::tick(tx, settings).await?;
    made += push::tick(tx, settings).await?;
    for space in spaces {
        for name in [format!("{}{}", names::ACTIVITIES, space.name), format!("{}{}", names::TICKETS, space.name)] {
            if let Some(poll) = polls::get(tx, &name).await?.filter(|poll| poll.due <= tx.now()) {
                made += usize::from(begin(tx, space, &poll).await?);
            }
        }
    }
    for mark in
        dirty::forgotten(tx, dirty::TICKET, tickets::LANE, tx.now().plus_s(-OLD_ENOUGH_S), MOST_TRIES, MOST).await?
    {
        made += usize::from(tickets::read_marked(tx, &mark.subject).await?);
    }
    Ok(made)
}

/// What happened before this instant pages nobody.
async fn first_contact(tx: &mut Tx, space: &str) -> Result<(), StoreError> {
    let lists = format!("{}{space}", names::TICKETS);
    polls::register(tx, &format!("{}{space}", names::ACTIVITIES)).await?;
    polls::register(tx, &lists).await?;
    let Some(poll) = polls::get(tx, &lists).await? else { return Ok(()) };
    let mut state: TicketsState = poll.known();
    if state.baseline_at.is_none() {
        // Backlog tells whole seconds: what happens within this one is news.
        state.baseline_at = Some(tx.now().floor_s().plus_s(-1));
        polls::keep(tx, &lists, &state).await?;
    }
    Ok(())
}

async fn begin(tx: &mut Tx, space: &Space, poll: &Poll) -> Result<bool, StoreError> {
    let lane = format!("poll:{}", poll.name);
    if jobs::is_live(tx, &lane).await? {
        return Ok(false);
    }
    // Webhooks alone tell, as it is set.
    if poll.name.starts_with(names::ACTIVITIES) && space.poll_s == 0 {
        return Ok(false);
    }
    let (every_s, effect) = if poll.name.starts_with(names::ACTIVITIES) {
        let since = poll.known::<ActivitiesState>().newest;
        (space.poll_s, Effect::ListActivities { space: space.name.clone(), since })
    } else {
        // The bound is a day in a zone that nobody has told.
        let back_s = if poll.known::<TicketsState>().listed.is_none() { FIRST_S } else { 2 * 86_400 };
        let since = poll.known::<TicketsState>().listed.unwrap_or_else(|| tx.now()).plus_s(-back_s);
        (LIST_EVERY_S, Effect::ListTickets { space: space.name.clone(), since, offset: 0 })
    };
    let due = tx.now().plus_s(every_s.max(1));
    let Some(round) = polls::begin(tx, poll, due).await? else { return Ok(false) };
    polls::forget(tx, &poll.name, round - 1).await?;
    let action = page(&poll.name, round, 0, effect, space.customer.clone());
    actions::add(tx, &action, Doing::Really).await
}

/// A page of a round.
pub fn page(name: &str, round: i64, offset: u32, effect: Effect, customer: Option<String>) -> Action {
    Action {
        key: format!("{}/{name}/{round:09}/{offset}", crate::poll::POLL),
        duty: crate::poll::POLL.into(),
        subject: name.to_owned(),
        lane: format!("poll:{name}"),
        effect,
        not_before: None,
        not_after: None,
        precondition: Precondition::None,
        why: "it is time to look again".into(),
        customer,
        queue: Queue::Read,
    }
}
