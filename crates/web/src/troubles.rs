//! What is wrong with the way in which the mirror is fed, weighed from what the store knows, and how far what *Now* says
//! can be relied on. Makes no words: see `view/trouble.rs` and `view/doubt.rs`.

mod polls;
mod slack;

use crate::health::Pulse;
use crate::standing;
use crate::state::Settings;
use crate::view::{Doubt, Trouble};
use duties::webhook_guard::Health;
use model::connection::poll;
use model::{Micros, time::SECOND_US};
use store::gaps::Gap;

/// Signals that wait for so long are not on the pages, and that is told.
const UNREAD_S: i64 = 30;
/// So late, it is the worst kind of trouble.
const LONG_UNREAD_S: i64 = 120;
/// Workers say that they live every few seconds.
const SILENT_S: i64 = 30;
/// The story of a gap stays on *Now* for so long after it was closed.
const TOLD_S: i64 = 3_600;

/// Since when something is so, and what.
pub(crate) type Told = (Option<Micros>, Trouble);

/// The worst first.
pub(crate) fn of(pulse: &Pulse, settings: &Settings, now: Micros) -> Vec<Told> {
    let mut found: Vec<Told> = unread(pulse, now).or_else(|| no_worker(pulse, now)).into_iter().collect();
    let refused = pulse.key_refused().map(|why| (None, Trouble::KeyRefused { why: why.to_owned() }));
    let is_refused = refused.is_some();
    found.extend(refused);
    // A key that is no good lacks everything; that needs no list.
    found.extend(missing(pulse).filter(|_| !is_refused));
    if settings.is_polling() && !is_refused {
        found.extend(polls::refused(&pulse.standing));
        found.extend(polls::waiting(pulse, now));
    }
    found.extend(pulse.standing.stale(settings, now).map(|covered| (None, Trouble::Stale { covered })));
    found.extend(subscriptions(pulse, settings));
    found.extend(no_subscription(pulse, settings));
    found.extend(history(pulse, now));
    found.extend(unbalanced(pulse));
    found.extend(slack::troubles(pulse, settings, now));
    let told = pulse.standing.gaps.iter().filter(|gap| is_told(gap, now));
    found.extend(told.map(|gap| (None, Trouble::Gap(standing::gap_row(gap)))));
    found
}

/// Since when signals wait unread, if that is too long.
fn unread_since(pulse: &Pulse, now: Micros) -> Option<Micros> {
    pulse.standing.unread_since.filter(|since| is_older(*since, UNREAD_S, now))
}

fn unread(pulse: &Pulse, now: Micros) -> Option<Told> {
    let since = unread_since(pulse, now)?;
    let trouble = Trouble::Unread {
        waiting: waiting(pulse),
        since,
        is_long: is_older(since, LONG_UNREAD_S, now),
        silent_since: worker_silent(pulse, now),
    };
    Some((None, trouble))
}

/// At least the one whose age is known.
fn waiting(pulse: &Pulse) -> u64 {
    u64::try_from(pulse.account.waiting).unwrap_or(0).max(1)
}

fn no_worker(pulse: &Pulse, now: Micros) -> Option<Told> {
    Some((None, Trouble::NoWorker { seen: worker_silent(pulse, now)? }))
}

/// When the last worker was heard of, if none has been for a while.
fn worker_silent(pulse: &Pulse, now: Micros) -> Option<Micros> {
    pulse.standing.worker_seen.filter(|seen| is_older(*seen, SILENT_S, now))
}

fn missing(pulse: &Pulse) -> Option<Told> {
    // A list that was refused when it was asked for is told with what PagerDuty said.
    let missing = pulse.standing.token.missing.iter().filter(|m| !polls::is_told(&pulse.standing, &m.what));
    let what: Vec<String> = missing.map(|m| m.what.clone()).collect();
    (!what.is_empty()).then_some((None, Trouble::MissingScopes { what }))
}

fn subscriptions(pulse: &Pulse, settings: &Settings) -> impl Iterator<Item = Told> {
    pulse.standing.guards.iter().filter(|(_, state)| state.health != Health::Ok).map(|(id, state)| {
        let trouble = Trouble::Subscription {
            subscription: id.clone(),
            health: state.health,
            asked_at: state.asked_at,
            tries: state.tries,
            would_enable: state.would_enable,
            every_s: settings.poll_s,
        };
        (state.since, trouble)
    })
}

fn no_subscription(pulse: &Pulse, settings: &Settings) -> Option<Told> {
    let (address, has_url) = (settings.webhook_address(), !settings.public_url.is_empty());
    none_leads_here(pulse, settings).then_some((None, Trouble::NoSubscription { address, has_url }))
}

/// A secret is set, PagerDuty's list was read, and nothing in it leads here; nor has anything ever come.
pub(crate) fn none_leads_here(pulse: &Pulse, settings: &Settings) -> bool {
    let known = &pulse.standing.subscriptions;
    let is_listed = known.looked_at.is_some() && !known.is_refused;
    let has_come = pulse.account.last_webhook_at.is_some() || !pulse.refusals.is_empty();
    // One that is gone, or that nobody lists any more, is told by its guard.
    let is_guarded = !pulse.standing.guards.is_empty();
    settings.has_webhook_secret && is_listed && !has_come && !is_guarded && !known.seen.iter().any(|s| s.is_ours)
}

fn history(pulse: &Pulse, now: Micros) -> Option<Told> {
    let row = crate::pages::stopped_backfill(&pulse.standing, now)?;
    Some((row.ended_at, Trouble::History(Box::new(row))))
}

/// Days whose ledger lacks mails that were received, or has too many.
fn unbalanced(pulse: &Pulse) -> impl Iterator<Item = Told> {
    let days = pulse.standing.days.iter().map(|day| (day, day.balance.difference()));
    days.filter(|(_, difference)| *difference != 0)
        .map(|(day, difference)| (Some(day.closed_at), Trouble::Unbalanced { day: day.day.clone(), difference }))
}

/// An open gap is told by what opened it.
fn is_told(gap: &Gap, now: Micros) -> bool {
    match gap.closed_at {
        None => gap.state != "open",
        Some(at) => now.since(at) < TOLD_S * SECOND_US,
    }
}

fn is_older(at: Micros, seconds: i64, now: Micros) -> bool {
    now.since(at) > seconds * SECOND_US
}

/// Why the list of what is open can't be taken for the truth of this moment.
pub(crate) fn doubt(pulse: &Pulse, settings: &Settings, now: Micros) -> Option<Doubt> {
    let standing = &pulse.standing;
    if settings.can_read && (standing.lacks("incidents") || standing.refuses(poll::OPEN)) {
        return Some(Doubt::Blind);
    }
    if let Some(at) = unread_since(pulse, now) {
        return Some(Doubt::Unread { at, waiting: waiting(pulse) });
    }
    if let Some(at) = standing.stale(settings, now) {
        return Some(Doubt::Stale { at });
    }
    let open = standing.poll(poll::OPEN).filter(|_| settings.is_polling())?;
    let is_told = pulse.account.last_webhook_at.is_some();
    let is_deaf = !is_told && (standing.lacks("log_entries") || standing.refuses(poll::LOG));
    match open.ended_at {
        None => Some(Doubt::Unlisted),
        Some(at) => is_deaf.then_some(Doubt::Listed { at }),
    }
}
