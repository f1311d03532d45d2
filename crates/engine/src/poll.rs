//! What is asked of PagerDuty again and again: the account's log, all that is open, what is configured, how the webhook
//! subscriptions are. Each poll is a chain of jobs in a lane of its own; a round begins only when the one before it ended.
//! Also keeps backfills and the filling of gaps going. Never calls out itself.

use crate::{Shared, wake};
use duties::backfill;
use model::Micros;
use model::action::{Action, Effect, Precondition, Queue};
use model::connection::{LogState, RecentState, TokenState, poll as names};
use model::reference::Kind;
use std::time::Duration;
use store::actions::{self, Doing};
use store::backfills::{self, Backfill, Slice};
use store::gaps::{self, Gap};
use store::polls::{self, Poll};
use store::{StoreError, Tx, breakers, dirty, inbox, jobs};
use tokio_util::sync::CancellationToken;

/// Duties of the jobs.
pub const POLL: &str = "poll";
pub const BACKFILL: &str = "backfill";
pub const GAP: &str = "gap";

/// What is switched off is looked at again after this.
const OFF_S: i64 = 3_600;
const TICK: Duration = Duration::from_secs(1);
/// The log may show an entry this much after its own time; what is known already is not kept twice.
const OVERLAP_S: i64 = 300;
const SHIFTS_EVERY_S: i64 = 86_400;
const TOKEN_EVERY_S: i64 = 3_600;
const RECENT_EVERY_S: i64 = 3_600;
/// Readings for history that wait as jobs at any time; the rest waits as marks.
const MOST_BULK: i64 = 100;
/// Passes over a gap, each later than the one before; then it is closed with what is lacking said.
const MOST_PASSES: i64 = 12;
/// Now and then the log is read further back: an entry may show much later than its own time.
const DEEP_EVERY: i64 = 60;
const DEEP_S: i64 = 6 * 3_600;
/// The first start's backfill.
pub const FIRST_SIGHT: &str = "first-sight";

/// A span of the log, from an offset on.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    pub since: Micros,
    pub until: Micros,
    pub offset: u32,
}

/// How often each is asked, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    pub log_s: i64,
    pub open_s: i64,
    pub subscriptions_s: i64,
    pub reference_s: i64,
    /// How far back the very first start looks.
    pub first_sight_s: i64,
}

const REFERENCE: [Kind; 9] = Kind::ALL;

pub async fn run(shared: Shared, stop: CancellationToken) {
    if shared.outside.pagerduty.is_none() {
        return;
    }
    let pace = shared.settings.pace;
    let mut is_registered = false;
    loop {
        let ticked = async {
            if !is_registered {
                let mark = shared.settings.key_mark.clone();
                shared.store.write("polls", move |tx| Box::pin(async move { register(tx, pace, &mark).await })).await?;
                is_registered = true;
            }
            if shared.store.read(|tx| Box::pin(has_work(tx))).await? {
                return shared.store.write("polls", move |tx| Box::pin(tick(tx, pace))).await;
            }
            Ok(0)
        };
        match ticked.await {
            Ok(0) => {}
            Ok(_) => shared.wake.act.notify_waiters(),
            Err(error) => shared.trouble.failed(&error, "looking at polls"),
        }
        if !wake::pause(TICK, &stop).await {
            return;
        }
    }
}

async fn register(tx: &mut Tx, pace: Pace, key_mark: &str) -> Result<usize, StoreError> {
    for name in [names::OPEN, names::LOG, names::SUBSCRIPTIONS, names::TOKEN, names::RECENT] {
        polls::register(tx, name).await?;
    }
    for kind in REFERENCE {
        polls::register(tx, &format!("{}{}", names::REFERENCE, kind.as_str())).await?;
    }
    polls::try_refused(tx).await?;
    breakers::try_again(tx).await?;
    let now = tx.now();
    backfills::reopen(tx, now).await?;
    // Another key than before may do other things, in another name.
    if polls::get(tx, names::TOKEN).await?.is_some_and(|poll| poll.known::<TokenState>().key != key_mark) {
        polls::hurry(tx, names::TOKEN).await?;
        breakers::forget(tx, Effect::LookAtToken.destination()).await?;
    }
    // The ends lie a little ahead: PagerDuty's clock may be.
    let (since, until) = (now.plus_s(-pace.first_sight_s).floor_s(), now.plus_s(3_600).floor_s());
    if pace.first_sight_s > 0 {
        backfills::add(tx, FIRST_SIGHT, since, until, "", &backfill::slices(since, until)).await?;
    }
    Ok(0)
}

/// Other systems' polls are begun by those who know them.
fn is_pagerdutys(poll: &Poll) -> bool {
    let own = [names::OPEN, names::LOG, names::SUBSCRIPTIONS, names::TOKEN, names::RECENT];
    own.contains(&poll.name.as_str()) || poll.name.starts_with(names::REFERENCE)
}

/// Asked every second, so it has to cost next to nothing.
async fn has_work(tx: &mut Tx) -> Result<bool, StoreError> {
    Ok(polls::due(tx).await?.iter().any(is_pagerdutys)
        || !backfills::live(tx).await?.is_empty()
        || !gaps::live(tx).await?.is_empty()
        || dirty::is_any(tx, dirty::ALERTS).await?)
}

async fn tick(tx: &mut Tx, pace: Pace) -> Result<usize, StoreError> {
    // Several processes may tick; the jobs' names and this lock make it one round.
    tx.lock(&["poll".to_owned()]).await?;
    let mut made = 0;
    for poll in polls::due(tx).await?.into_iter().filter(is_pagerdutys) {
        made += usize::from(begin(tx, pace, &poll).await?);
    }
    for gap in gaps::live(tx).await? {
        made += usize::from(gap_step(tx, &gap).await?);
    }
    let live = backfills::live(tx).await?;
    // Lists and the log fill every page; alerts, a call each, come when those are through.
    let lists_go_on = match live.first() {
        Some(backfill) => backfills::next_slice(tx, &backfill.id).await?.is_some(),
        None => false,
    };
    if !lists_go_on {
        made += alerts(tx).await?;
    }
    if let Some(backfill) = live.first() {
        made += backfill_step(tx, backfill).await?;
    }
    Ok(made)
}

async fn begin(tx: &mut Tx, pace: Pace, poll: &Poll) -> Result<bool, StoreError> {
    if jobs::is_live(tx, &lane(&poll.name)).await? {
        return Ok(false);
    }
    let now = tx.now();
    let Some((every_s, effect, tail)) = first_page(pace, poll, now) else {
        // Switched off: looked at again with the next configuration.
        polls::switch_off(tx, &poll.name, now.plus_s(OFF_S)).await?;
        return Ok(false);
    };
    // What the last whole round did not show is gone; by now everything of it has been read.
    if let (Effect::ListReference { kind, .. }, Some(begun_at), Some(ended_at)) =
        (&effect, poll.begun_at, poll.ended_at)
        && ended_at >= begun_at
        && !inbox::is_waiting(tx, model::signal::source::PAGERDUTY_API).await?
    {
        store::reference::round_ended(tx, *kind, begun_at).await?;
    }
    let Some(round) = polls::begin(tx, poll, now.plus_s(every_s)).await? else { return Ok(false) };
    let action = Action {
        key: format!("{POLL}/{}/{round:09}/{tail}0", poll.name),
        duty: POLL.into(),
        subject: poll.name.clone(),
        lane: lane(&poll.name),
        effect,
        not_before: None,
        not_after: None,
        precondition: Precondition::None,
        why: "it is time to look again".into(),
        customer: None,
        queue: if poll.name == names::RECENT { Queue::Live } else { Queue::Read },
    };
    polls::forget(tx, &poll.name, round - 1).await?;
    if poll.name == names::RECENT {
        // What mails asked for is under way: the next of them ask anew, and know what this round answers.
        let state = RecentState { since: None, asked_since: Some(recent_since(poll, now)) };
        polls::keep(tx, &poll.name, &state).await?;
    }
    actions::add(tx, &action, Doing::Really).await
}

fn lane(name: &str) -> String {
    format!("poll:{name}")
}

/// How often, what first, and what its key has beside the round. `None`: it is switched off.
fn first_page(pace: Pace, poll: &Poll, now: Micros) -> Option<(i64, Effect, String)> {
    let none = String::new();
    Some(match poll.name.as_str() {
        names::LOG if pace.log_s == 0 => return None,
        names::LOG => {
            let covered = poll.known::<LogState>().covered.unwrap_or(now);
            let back_s = if poll.round % DEEP_EVERY == DEEP_EVERY - 1 { DEEP_S } else { OVERLAP_S };
            let since = covered.min(now).plus_s(-back_s).floor_s();
            let until = now.floor_s();
            (pace.log_s, Effect::ListLog { since, until, offset: 0 }, span(since, until))
        }
        names::OPEN => {
            (pace.open_s, Effect::ListIncidents { since: Micros(0), until: now, open_only: true, offset: 0 }, none)
        }
        names::SUBSCRIPTIONS => (pace.subscriptions_s, Effect::LookAtSubscriptions, none),
        names::TOKEN => (TOKEN_EVERY_S, Effect::LookAtToken, none),
        names::RECENT => {
            // Hurried by mails that have no alert; by itself it only keeps in step.
            let since = recent_since(poll, now);
            let until = now.plus_s(OVERLAP_S).floor_s();
            (RECENT_EVERY_S, Effect::ListRecent { since, until, offset: 0 }, none)
        }
        other => {
            let kind = other.strip_prefix(names::REFERENCE).and_then(Kind::parse)?;
            let (every_s, since, until) = match kind {
                Kind::OnCall => (pace.reference_s.min(300), None, None),
                Kind::Shift => {
                    // Three months tell who uses a seat; two weeks ahead who will be on call.
                    let (since, until) = (now.plus_s(-90 * 86_400).floor_s(), now.plus_s(14 * 86_400).floor_s());
                    (SHIFTS_EVERY_S, Some(since), Some(until))
                }
                _ => (pace.reference_s, None, None),
            };
            (every_s, Effect::ListReference { kind, since, until, end: until, offset: 0, round_at: now }, none)
        }
    })
}

fn recent_since(poll: &Poll, now: Micros) -> Micros {
    poll.known::<RecentState>().since.unwrap_or(now).min(now.plus_s(-OVERLAP_S)).floor_s()
}

fn span(since: Micros, until: Micros) -> String {
    format!("{}-{}/", since.second(), until.second())
}

/// A window of the log holds more than PagerDuty pages through: its first half instead.
pub fn too_long(action: &Action, window: Window) -> crate::follow::After {
    use crate::follow::After;
    let Window { since, until, .. } = window;
    if action.duty == BACKFILL {
        return After::BackfillSplit { backfill: action.subject.clone(), step: backfills::LOG, since, until };
    }
    let middle = Micros(since.0 + (until.0 - since.0) / 2).floor_s();
    let mut half = action.clone();
    half.effect = Effect::ListLog { since, until: middle, offset: 0 };
    // poll/log/ROUND/SPAN/OFFSET, and gap/ID/PASS/SPAN/OFFSET alike.
    let stem = half.key.rsplitn(3, '/').nth(2).unwrap_or(&half.key).to_owned();
    half.key = format!("{stem}/{}0", span(since, middle));
    After::Next(Box::new(half))
}

/// The pass that a gap's job belongs to.
pub fn pass_of(key: &str) -> i64 {
    key.rsplitn(3, '/').nth(2).and_then(|stem| stem.rsplit('/').next()).and_then(|pass| pass.parse().ok()).unwrap_or(0)
}

/// Reads a part of a gap's log.
pub fn gap_action(gap: &Gap, since: Micros, until: Micros, offset: u32) -> Action {
    Action {
        key: format!("{GAP}/{}/{}/{}{offset}", gap.id, gap.pass, span(since, until)),
        duty: GAP.into(),
        subject: gap.id.clone(),
        lane: format!("gap:{}", gap.id),
        effect: Effect::ListLog { since, until, offset },
        not_before: None,
        not_after: None,
        precondition: Precondition::None,
        why: "webhooks were missing in this time: the log is read again".into(),
        customer: None,
        queue: Queue::Read,
    }
}

/// Begins a pass over a gap whose end is known.
pub async fn begin_pass(tx: &mut Tx, id: &str, until: Micros) -> Result<bool, StoreError> {
    if gaps::begin_pass(tx, id, until).await?.is_none() {
        return Ok(false);
    }
    let Some(gap) = gaps::get(tx, id).await? else { return Ok(false) };
    let since = gap.since.plus_s(-OVERLAP_S).floor_s();
    let until = gap.until.unwrap_or(until).plus_s(1).floor_s();
    polls::hurry(tx, names::OPEN).await?;
    actions::add(tx, &gap_action(&gap, since, until, 0), Doing::Really).await
}

/// A pass that found nothing lacking, once everything fetched has been read, proves the gap closed; else once more.
async fn gap_step(tx: &mut Tx, gap: &Gap) -> Result<bool, StoreError> {
    let is_through = gap.state == "filled";
    if jobs::is_live(tx, &format!("gap:{}", gap.id)).await?
        || inbox::is_waiting(tx, model::signal::source::PAGERDUTY_API).await?
    {
        return Ok(false);
    }
    // Proven, or asked so often that it can only be told as it is.
    if is_through && (gap.lacking == 0 || gap.pass >= MOST_PASSES) {
        gaps::close(tx, &gap.id).await?;
        tracing::info!(gap = gap.id, passes = gap.pass, lacking = gap.lacking, "a gap is closed");
        return Ok(true);
    }
    // The next pass waits a little longer each time; also one whose job came to nothing is made again.
    let wait_s = 1_i64 << gap.pass.clamp(0, 11);
    if gap.passed_at.is_some_and(|at| tx.now() < at.plus_s(wait_s)) {
        return Ok(false);
    }
    begin_pass(tx, &gap.id, gap.until.unwrap_or_else(|| tx.now())).await
}

/// Keeps the oldest backfill going: its next slice when no page is under way, and readings of alerts.
async fn backfill_step(tx: &mut Tx, backfill: &Backfill) -> Result<usize, StoreError> {
    let lane = format!("backfill:{}", backfill.id);
    if jobs::is_live(tx, &lane).await? {
        return Ok(0);
    }
    let Some(slice) = backfills::next_slice(tx, &backfill.id).await? else {
        let is_read = !inbox::is_waiting(tx, model::signal::source::PAGERDUTY_API).await?;
        if is_read && !dirty::is_any(tx, dirty::ALERTS).await? {
            end_backfill(tx, &backfill.id).await?;
        }
        return Ok(0);
    };
    if backfill.begun_at.is_none() {
        tracing::info!(backfill = backfill.id, since = %backfill.since, until = %backfill.until, "a backfill begins");
    }
    backfills::begin_slice(tx, &backfill.id, &slice).await?;
    if actions::add(tx, &backfill_action(backfill, &slice), Doing::Really).await? {
        return Ok(1);
    }
    // Its job came to nothing; the rest of the history is worth having without it.
    backfills::fail_slice(tx, &backfill.id, &slice).await?;
    Ok(1)
}

async fn end_backfill(tx: &mut Tx, id: &str) -> Result<(), StoreError> {
    let failed = backfills::failed(tx, id).await?;
    tracing::info!(backfill = id, failed_slices = failed, "a backfill came to its end");
    if failed == 0 {
        return backfills::end(tx, id, "done", None).await.map(|_| ());
    }
    let why = format!(
        "{failed} of its slices could not be fetched; it is tried again by itself every few minutes, the jobs say why"
    );
    backfills::end(tx, id, "stopped", Some(&why)).await.map(|_| ())
}

/// A slice of this backfill has come to its end.
pub async fn backfill_goes_on(tx: &mut Tx, id: &str) -> Result<(), StoreError> {
    let live = backfills::live(tx).await?;
    match live.iter().find(|backfill| backfill.id == id) {
        Some(backfill) => backfill_step(tx, backfill).await.map(|_| ()),
        None => Ok(()),
    }
}

fn backfill_action(backfill: &Backfill, slice: &Slice) -> Action {
    let (since, until) = (slice.since, slice.until);
    let effect = if slice.step == backfills::INCIDENTS {
        Effect::ListIncidents { since, until, open_only: false, offset: 0 }
    } else {
        Effect::ListLog { since, until, offset: 0 }
    };
    Action {
        key: format!("{BACKFILL}/{}/{}/{}0", backfill.id, slice.step, span(since, until)),
        duty: BACKFILL.into(),
        subject: backfill.id.clone(),
        lane: format!("backfill:{}", backfill.id),
        effect,
        not_before: None,
        not_after: None,
        precondition: Precondition::None,
        why: if backfill.id == FIRST_SIGHT { "the first sight of the account" } else { "a backfill was asked for" }
            .into(),
        customer: None,
        queue: Queue::Bulk,
    }
}

/// Jobs for incidents of history whose alerts are marked, a few at a time.
async fn alerts(tx: &mut Tx) -> Result<usize, StoreError> {
    if jobs::live_up_to(tx, Queue::Bulk, MOST_BULK).await? >= MOST_BULK / 2 {
        return Ok(0);
    }
    let mut made = 0;
    for mark in dirty::idle(tx, dirty::ALERTS, duties::mirror::LANE, MOST_BULK).await? {
        let action = Action {
            key: format!("alerts/{}/{}", mark.subject, mark.generation),
            duty: BACKFILL.into(),
            subject: mark.subject.clone(),
            lane: duties::mirror::lane(&mark.subject),
            effect: Effect::ReadAlerts { incident: mark.subject.clone() },
            not_before: None,
            not_after: None,
            precondition: Precondition::None,
            why: "its alerts belong to the history".into(),
            customer: store::incidents::customer_of(tx, &mark.subject).await?,
            queue: Queue::Bulk,
        };
        if actions::add(tx, &action, Doing::Really).await? {
            made += 1;
        } else {
            // Its job came to nothing; a person finds it among the dead ones.
            dirty::clear(tx, dirty::ALERTS, &mark.subject).await?;
        }
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::follow::After;

    fn gap() -> Gap {
        Gap {
            id: "PSUB-7".into(),
            subscription: "PSUB".into(),
            why: "silent".into(),
            state: "filling".into(),
            since: Micros(0),
            until: None,
            pass: 3,
            entries: 0,
            lacking: 0,
            repaired: 0,
            opened_at: Micros(0),
            passed_at: None,
            closed_at: None,
        }
    }

    #[test]
    fn a_window_that_holds_too_much_is_halved_under_a_key_of_its_own() {
        let (since, until) = (Micros::from_seconds(0), Micros::from_seconds(1_000));
        let whole = gap_action(&gap(), since, until, 0);
        assert_eq!(pass_of(&whole.key), 3);
        let After::Next(half) = too_long(&whole, Window { since, until, offset: 0 }) else { panic!("a half") };
        assert_eq!(half.effect, Effect::ListLog { since, until: Micros::from_seconds(500), offset: 0 });
        assert_eq!((half.key.as_str(), pass_of(&half.key)), ("gap/PSUB-7/3/0-500/0", 3));
    }
}
