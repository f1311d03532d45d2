//! The safety net at work: mails as they come, their grace time, what is missing and registered, what PagerDuty shows of
//! that, calls of the second path, canaries, the days' balance. Loads views for `duties::safety_net` and writes what it
//! decides; calls nobody itself.

mod arrive;
mod balance;
mod calls;
mod canary;
mod desk;
mod judge;
mod late;
mod missing;
mod ours;
mod outage;
mod proof;
mod silence;
mod storm;
#[cfg(test)]
pub(crate) mod tests;
mod unfetched;
mod view;
mod whose;

pub use arrive::{arrive, checked, subjects};
pub use canary::step as canary_step;
pub use desk::said;
pub use late::rows as alert_rows;
pub use missing::explained;
pub use ours::{key_of, seen, shown, subject_of, unseen};
pub use whose::of_incident as customer;

use crate::{Shared, wake};
use duties::safety_net::{DUTY, storm_monitor};
use std::time::Duration;
use store::{StoreError, Tx, mails, nets};
use tokio_util::sync::CancellationToken;

const TICK: Duration = Duration::from_millis(500);
/// What need not be looked at twice a second.
const SLOW_EVERY: u32 = 4;
const SLOWEST_EVERY: u32 = 120;
/// Mails judged, or alerts compared, in one transaction.
pub const AT_ONCE: i64 = 100;

/// Everything that the net does by itself, until told to stop.
pub async fn run(shared: Shared, stop: CancellationToken) {
    let mut jumps = crate::sweep::Jumps::new(shared.store.clock().clone());
    while !stop.is_cancelled() {
        match shared.store.write("net_catch_up", |tx| Box::pin(late::catch_up(tx))).await {
            Ok(false) => break,
            Ok(true) => {}
            Err(error) => {
                shared.trouble.failed(&error, "looking at open incidents");
                wake::pause(TICK, &stop).await;
            }
        }
    }
    let (mut tick, mut was_held) = (0_u32, true);
    while wake::wait(&shared.wake.net, TICK, &stop).await || !stop.is_cancelled() {
        // After a jump of the clock everything would seem to be missing, unanswered and lost.
        let is_held = jumps.tick();
        let is_anew = was_held && !is_held;
        let done = if is_anew { by_this_clock(&shared).await } else { Ok(()) };
        was_held = is_held || (is_anew && done.is_err());
        if let Err(error) = done.and(once(&shared, tick, is_held).await) {
            shared.trouble.failed(&error, "looking after alert mails");
            wake::pause(Duration::from_millis(500), &stop).await;
        }
        tick = tick.wrapping_add(1);
    }
}

/// At the start and after a jump: no mail waits for a time that the clock has left.
async fn by_this_clock(shared: &Shared) -> Result<(), StoreError> {
    let moved = shared.store.write("net_clock", |tx| {
        Box::pin(async move {
            alone(tx).await?;
            Ok((mails::by_this_clock(tx).await?, nets::by_this_clock(tx).await?))
        })
    });
    let (mails, alerts) = moved.await?;
    if mails + alerts > 0 {
        tracing::warn!(mails, alerts, "the clock went back: what came before counts as come now");
    }
    Ok(())
}

async fn once(shared: &Shared, tick: u32, is_held: bool) -> Result<(), StoreError> {
    late::compare(shared).await?;
    if is_held {
        return Ok(());
    }
    judge::run(shared).await?;
    if tick.is_multiple_of(SLOW_EVERY) && slow(shared).await? > 0 {
        shared.wake.act.notify_waiters();
    }
    if tick.is_multiple_of(SLOWEST_EVERY) {
        let settings = shared.settings.clone();
        shared
            .store
            .write("net_day", move |tx| {
                Box::pin(async move {
                    alone(tx).await?;
                    balance::close_days(tx, &settings).await?;
                    silence::look(tx, &settings).await
                })
            })
            .await?;
    }
    Ok(())
}

/// Each in a transaction of its own: one that locks alerts locks all of them at once, in their order. Says how many jobs were made.
async fn slow(shared: &Shared) -> Result<i64, StoreError> {
    let (settings, can_read) = (shared.settings.clone(), shared.outside.pagerduty.is_some());
    let looked = shared.store.write("net", move |tx| {
        Box::pin(async move {
            alone(tx).await?;
            outage::look(tx, &settings, can_read).await?;
            Ok((unfetched::stand_in(tx).await?, canary::look(tx, &settings).await?))
        })
    });
    let (stood_in, tested) = looked.await?;
    if stood_in > 0 {
        shared.wake.read.notify_one();
    }
    let settings = shared.settings.clone();
    let sent = shared.store.write("net_again", move |tx| {
        Box::pin(async move {
            alone(tx).await?;
            ours::again(tx, &settings).await
        })
    });
    let sent = sent.await?;
    let settings = shared.settings.clone();
    let called = shared.store.write("net_call", move |tx| {
        Box::pin(async move {
            alone(tx).await?;
            calls::look(tx, &settings).await
        })
    });
    Ok(tested + sent + called.await?)
}

/// One process at a time looks after the net, or reads what changes its rows; several may try.
pub async fn alone(tx: &mut Tx) -> Result<(), StoreError> {
    tx.lock(&[DUTY.to_owned()]).await
}

/// The lock of an alert at its monitor, or of a storm.
pub fn lock_name(net: &str) -> String {
    storm_monitor(net).map_or_else(|| format!("net:{net}"), storm_lock)
}

/// The one lock of whatever storms a monitor has.
pub fn storm_lock(monitor: &str) -> String {
    format!("net:storm:{monitor}")
}
