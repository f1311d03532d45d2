//! How far each calendar has been read: whole at first and now and then, changes in between. A token is kept only with the last page.

use super::calendar::{self, Calendar};
use super::poll::page;
use super::push;
use crate::Settings;
use model::Micros;
use model::action::Effect;
use model::connection::{CalendarState, poll as names};
use model::signal::source;
use store::actions::{self, Doing};
use store::polls::{self, Poll};
use store::{StoreError, Tx, inbox, jobs};

/// Everything that ends later than this long ago is listed.
const BACK_S: i64 = 2 * 86_400;
/// The window does not slide by itself: it is listed anew so often.
const ANEW_S: i64 = 7 * 86_400;
/// Feeds are copies that are minutes to hours old.
const FEED_LEAST_S: i64 = 60;

fn name(calendar: &str) -> String {
    format!("{}{calendar}", names::CALENDAR)
}

/// What had begun by now calls nobody.
pub async fn first_contact(tx: &mut Tx, calendar: &Calendar) -> Result<(), StoreError> {
    let name = name(&calendar.name);
    polls::register(tx, &name).await?;
    let Some(poll) = polls::get(tx, &name).await? else { return Ok(()) };
    let mut state: CalendarState = poll.known();
    if state.baseline_at.is_none() {
        state.baseline_at = Some(tx.now());
        polls::keep(tx, &name, &state).await?;
    }
    Ok(())
}

pub async fn tick(tx: &mut Tx, settings: &Settings) -> Result<usize, StoreError> {
    let mut made = 0;
    for calendar in &settings.bridges.calendars {
        let Some(poll) = polls::get(tx, &name(&calendar.name)).await? else { continue };
        sweep(tx, settings, calendar, &poll).await?;
        if poll.due <= tx.now() {
            made += usize::from(begin(tx, settings, calendar, &poll).await?);
        }
    }
    Ok(made)
}

/// Once all of a whole list has been read, what it did not show is gone.
async fn sweep(tx: &mut Tx, settings: &Settings, calendar: &Calendar, poll: &Poll) -> Result<(), StoreError> {
    let mut state: CalendarState = poll.known();
    let source = if calendar.google_id.is_some() { source::CALENDAR_API } else { source::CALENDAR_FEED };
    if state.is_swept || state.listed_at.is_none() || inbox::is_waiting(tx, source).await? {
        return Ok(());
    }
    calendar::sweep(tx, settings, calendar, &state).await?;
    state.is_swept = true;
    polls::keep(tx, &poll.name, &state).await
}

async fn begin(tx: &mut Tx, settings: &Settings, calendar: &Calendar, poll: &Poll) -> Result<bool, StoreError> {
    if jobs::is_live(tx, &format!("poll:{}", poll.name)).await? {
        return Ok(false);
    }
    let now = tx.now();
    let state: CalendarState = poll.known();
    let least_s = match calendar.google_id.is_some() {
        false => FEED_LEAST_S,
        // Pushes are not certain to come, so that it is asked all the same.
        true if push::works(tx, &calendar.name).await? => push::REPAIR_S,
        true => 1,
    };
    let every_s = settings.bridges.calendar_poll_s.max(least_s);
    let is_old = state.listed_at.is_none_or(|at| now.since(at) > ANEW_S * 1_000_000);
    let effect = match &calendar.google_id {
        None => Effect::ReadFeed { calendar: calendar.name.clone() },
        Some(_) => {
            let token = state.token.clone().filter(|_| !is_old);
            let since = token.is_none().then(|| now.plus_s(-BACK_S).floor_s());
            Effect::SyncCalendar { calendar: calendar.name.clone(), since, token, page: None }
        }
    };
    let Some(round) = polls::begin(tx, poll, now.plus_s(every_s)).await? else { return Ok(false) };
    polls::forget(tx, &poll.name, round - 1).await?;
    let action = page(&poll.name, round, 0, effect, calendar.customer.clone());
    actions::add(tx, &action, Doing::Really).await
}

/// What a page was asked with, and what comes after it.
pub struct Turned {
    pub calendar: String,
    /// Everything that ends after this was asked for; `None`: what changed.
    pub since: Option<Micros>,
    pub page: Option<String>,
    pub token: Option<String>,
}

/// A page of a round was read: the next one, or the end of the round.
pub async fn turned(
    tx: &mut Tx,
    settings: &Settings,
    turned: Turned,
    (asked, offset): (&Effect, u32),
) -> Result<(), StoreError> {
    let name = name(&turned.calendar);
    let Some(poll) = polls::get(tx, &name).await? else { return Ok(()) };
    let Effect::SyncCalendar { since, token, .. } = asked else { return Ok(()) };
    if let Some(next) = turned.page {
        let calendar = turned.calendar.clone();
        let customer = settings.bridges.calendar(&calendar).and_then(|known| known.customer.clone());
        let effect = Effect::SyncCalendar { calendar, since: *since, token: token.clone(), page: Some(next) };
        let action = page(&name, poll.round, offset + 1, effect, customer);
        return actions::add(tx, &action, Doing::Really).await.map(|_| ());
    }
    let mut state: CalendarState = poll.known();
    state.token = turned.token;
    if let Some(since) = turned.since {
        (state.listed_at, state.listed_since, state.is_swept) = (poll.begun_at, Some(since), false);
    }
    polls::ended(tx, &name, Some(&state)).await
}

/// Its token is no longer good.
pub async fn anew(tx: &mut Tx, calendar: &str) -> Result<(), StoreError> {
    let name = name(calendar);
    let Some(poll) = polls::get(tx, &name).await? else { return Ok(()) };
    let mut state: CalendarState = poll.known();
    state.token = None;
    polls::ended(tx, &name, Some(&state)).await?;
    polls::hurry(tx, &name).await
}

/// A feed was fetched whole, or is the same as before.
pub async fn fed(
    tx: &mut Tx,
    calendar: &str,
    version: Option<(Option<String>, Option<String>)>,
) -> Result<(), StoreError> {
    let name = name(calendar);
    let Some(poll) = polls::get(tx, &name).await? else { return Ok(()) };
    let mut state: CalendarState = poll.known();
    if let Some((etag, last_modified)) = version {
        (state.etag, state.last_modified) = (etag, last_modified);
        (state.listed_at, state.is_swept) = (poll.begun_at, false);
        state.listed_since = poll.begun_at.map(|at| at.plus_s(-BACK_S));
    }
    polls::ended(tx, &name, Some(&state)).await
}
