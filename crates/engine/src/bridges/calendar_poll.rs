//! How far each calendar has been read: whole at first and now and then, changes in between. A token is kept only with the last page.

use super::calendar::{self, Calendar};
use super::poll::page;
use super::push;
use crate::Settings;
use model::Micros;
use model::action::Effect;
use model::connection::{CalendarState, PartUnread, poll as names};
use store::actions::{self, Doing};
use store::polls::{self, Poll};
use store::{StoreError, Tx, inbox, jobs};

/// Everything that ends later than this long ago is listed.
const BACK_S: i64 = 2 * 86_400;
/// The window does not slide by itself: it is listed anew so often.
pub(super) const ANEW_S: i64 = 7 * 86_400;
/// So many of what a whole list did not show are judged in a transaction.
const MOST_SWEPT: i64 = 200;
/// Feeds are copies that are minutes to hours old.
const FEED_LEAST_S: i64 = 60;

/// How well a page or a feed could be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// What of it could not.
    pub unread: Option<PartUnread>,
    /// What it does not show may stand all the same.
    pub is_cut: bool,
}

/// A feed that was fetched whole.
pub struct Fed {
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    pub read: Read,
}

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
        if poll.due <= tx.now() {
            made += usize::from(begin(tx, settings, calendar, &poll).await?);
        }
    }
    Ok(made)
}

/// Once all of a whole list has been read, what it did not show is gone.
pub async fn sweep(tx: &mut Tx, settings: &Settings, calendar: &Calendar) -> Result<(), StoreError> {
    let Some(poll) = polls::get(tx, &name(&calendar.name)).await? else { return Ok(()) };
    let state: CalendarState = poll.known();
    if state.is_swept || state.listed_at.is_none() || inbox::is_waiting(tx, calendar.source()).await? {
        return Ok(());
    }
    if calendar::sweep(tx, settings, calendar, &state, MOST_SWEPT).await? == 0 {
        swept(tx, &poll.name, state.listed_at).await?;
    }
    Ok(())
}

/// Meanwhile a round may have come to its end: what it wrote stays.
async fn swept(tx: &mut Tx, name: &str, listed_at: Option<Micros>) -> Result<(), StoreError> {
    let Some(poll) = held(tx, name).await? else { return Ok(()) };
    let mut state: CalendarState = poll.known();
    if state.listed_at == listed_at {
        state.is_swept = true;
        polls::keep(tx, name, &state).await?;
    }
    Ok(())
}

/// The poll, for whoever is about to write its state.
async fn held(tx: &mut Tx, name: &str) -> Result<Option<Poll>, StoreError> {
    tx.lock(&[format!("poll:{name}")]).await?;
    polls::get(tx, name).await
}

/// The poll, if this job is of its latest round. Of an earlier one nothing follows but what it brought.
async fn of_round(tx: &mut Tx, name: &str, job: &str) -> Result<Option<(Poll, u32)>, StoreError> {
    let Some(poll) = held(tx, name).await? else { return Ok(None) };
    let Some((round, offset)) = place(job) else { return Ok(None) };
    Ok((poll.round == round).then_some((poll, offset)))
}

/// The round and the page that a job is of; the end of its key.
fn place(job: &str) -> Option<(i64, u32)> {
    let (rest, offset) = job.rsplit_once('/')?;
    let (_, round) = rest.rsplit_once('/')?;
    Some((round.parse().ok()?, offset.parse().ok()?))
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
    let is_old = is_old(&state, now);
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

/// Whether the whole of it is to be read again, whatever its server says has not changed.
pub(super) fn is_old(state: &CalendarState, now: Micros) -> bool {
    state.listed_at.is_none_or(|at| now.since(at) > ANEW_S * 1_000_000)
}

/// What a page was asked with, and what comes after it.
pub struct Turned {
    pub calendar: String,
    /// Everything that ends after this was asked for; `None`: what changed.
    pub since: Option<Micros>,
    pub page: Option<String>,
    pub token: Option<String>,
    pub read: Read,
}

/// A page of a round was read: the next one, or the end of the round.
pub async fn turned(
    tx: &mut Tx,
    settings: &Settings,
    turned: Turned,
    (asked, job): (&Effect, &str),
) -> Result<(), StoreError> {
    let name = name(&turned.calendar);
    let Some((poll, offset)) = of_round(tx, &name, job).await? else { return Ok(()) };
    let Effect::SyncCalendar { since, token, .. } = asked else { return Ok(()) };
    let mut state: CalendarState = poll.known();
    read(&mut state, turned.read, (turned.since.is_some(), offset == 0));
    if let Some(next) = turned.page {
        let calendar = turned.calendar.clone();
        let customer = settings.bridges.calendar(&calendar).and_then(|known| known.customer.clone());
        let effect = Effect::SyncCalendar { calendar, since: *since, token: token.clone(), page: Some(next) };
        polls::keep(tx, &name, &state).await?;
        let action = page(&name, poll.round, offset + 1, effect, customer);
        return actions::add(tx, &action, Doing::Really).await.map(|_| ());
    }
    state.token = turned.token;
    if let Some(since) = turned.since {
        (state.listed_at, state.listed_since, state.is_swept) = (poll.begun_at, Some(since), state.is_cut);
    }
    polls::ended(tx, &name, Some(&state)).await
}

/// A whole list begins with nothing unread; changes alone do not show again what could not be read before.
fn read(state: &mut CalendarState, read: Read, (is_whole, is_first): (bool, bool)) {
    if is_whole && is_first {
        (state.is_cut, state.unread) = (false, None);
    }
    state.is_cut |= is_whole && read.is_cut;
    state.unread = read.unread.or(state.unread.take());
}

/// Its token is no longer good.
pub async fn anew(tx: &mut Tx, calendar: &str, job: &str) -> Result<(), StoreError> {
    let name = name(calendar);
    let Some((poll, _)) = of_round(tx, &name, job).await? else { return Ok(()) };
    let mut state: CalendarState = poll.known();
    state.token = None;
    polls::ended(tx, &name, Some(&state)).await?;
    polls::hurry(tx, &name).await
}

/// A feed was fetched whole, or is the same as before.
pub async fn fed(tx: &mut Tx, calendar: &str, fed: Option<Fed>, job: &str) -> Result<(), StoreError> {
    let name = name(calendar);
    let Some((poll, _)) = of_round(tx, &name, job).await? else { return Ok(()) };
    let mut state: CalendarState = poll.known();
    if let Some(fed) = fed {
        (state.etag, state.last_modified) = (fed.etag, fed.last_modified);
        read(&mut state, fed.read, (true, true));
        (state.listed_at, state.is_swept) = (poll.begun_at, state.is_cut);
        state.listed_since = poll.begun_at.map(|at| at.plus_s(-BACK_S));
    }
    polls::ended(tx, &name, Some(&state)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jobs_key_tells_its_round_and_page_whatever_the_calendar_is_called() {
        let effect = || Effect::ReadFeed { calendar: "a/1".into() };
        assert_eq!(place(&page(&name("a/1"), 12, 3, effect(), None).key), Some((12, 3)));
        assert_eq!(place(&page(&name("work"), 1, 0, effect(), None).key), Some((1, 0)));
        assert_eq!((place("poll/x"), place(""), place("poll/calendar/x/y/0")), (None, None, None));
    }

    #[test]
    fn a_list_is_read_anew_after_a_week_and_never_before() {
        let now = Micros::from_seconds(100 * 86_400);
        let listed = |ago_s: i64| CalendarState { listed_at: Some(now.plus_s(-ago_s)), ..CalendarState::default() };
        assert!(is_old(&CalendarState::default(), now), "never listed");
        assert!(!is_old(&listed(ANEW_S), now));
        assert!(is_old(&listed(ANEW_S + 1), now));
    }

    #[test]
    fn what_was_unread_is_told_until_a_whole_list_is_read_without_it() {
        let bad = |is_cut: bool| Read { unread: Some(PartUnread { count: 1, first: "a".into() }), is_cut };
        let mut state = CalendarState::default();
        read(&mut state, bad(true), (true, true));
        read(&mut state, Read::default(), (true, false));
        assert!(state.is_cut && state.unread.is_some(), "a later page of the same list mends nothing");
        read(&mut state, Read::default(), (true, true));
        assert!(!state.is_cut && state.unread.is_none(), "another list does");
        read(&mut state, bad(true), (false, true));
        assert!(!state.is_cut && state.unread.is_some(), "changes tell nothing of what is not shown");
        read(&mut state, Read::default(), (false, true));
        assert!(state.unread.is_some(), "it is not told again by what has changed since");
    }
}
