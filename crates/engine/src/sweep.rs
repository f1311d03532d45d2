//! What has to be looked at from time to time: timers that are due, marks that nobody made a job of, and a wall clock
//! that jumped.

use crate::{Shared, read, wake};
use duties::mirror;
use std::time::Duration;
use store::{Clock, dirty, incidents, timers};
use tokio_util::sync::CancellationToken;

const TICK: Duration = Duration::from_millis(500);
const SWEEP_EVERY: Duration = Duration::from_secs(20);
/// A jump of the wall clock beyond this, against boot time, is no drift.
const JUMP_US: i64 = 30_000_000;
/// After a jump, effect timers wait this long: the sources are read afresh meanwhile.
const HOLD: Duration = Duration::from_secs(60);
/// A mark younger than this has its job on the way.
const OLD_ENOUGH_S: i64 = 30;
const MOST: i64 = 200;

/// Notices when wall time and boot time drift apart.
pub(crate) struct Jumps {
    clock: Clock,
    apart_us: i64,
    /// Until then, by boot time: whoever ticks may tick oftener when there is much to do.
    held_until: Duration,
}

impl Jumps {
    pub fn new(clock: Clock) -> Self {
        let apart_us = Self::apart(&clock, Clock::since_boot());
        Self { clock, apart_us, held_until: Duration::ZERO }
    }

    fn apart(clock: &Clock, boot: Duration) -> i64 {
        clock.now().0 - i64::try_from(boot.as_micros()).unwrap_or(0)
    }

    /// Whether effect timers are to be held back at this tick.
    pub fn tick(&mut self) -> bool {
        self.tick_at(Clock::since_boot())
    }

    fn tick_at(&mut self, boot: Duration) -> bool {
        let apart_us = Self::apart(&self.clock, boot);
        if (apart_us - self.apart_us).abs() > JUMP_US {
            tracing::warn!(
                jump_s = (apart_us - self.apart_us) / 1_000_000,
                "the wall clock jumped: effects of timers wait until the sources have been read afresh"
            );
            self.held_until = boot + HOLD;
        }
        self.apart_us = apart_us;
        boot < self.held_until
    }
}

pub async fn timers(shared: Shared, stop: CancellationToken) {
    let mut jumps = Jumps::new(shared.store.clock().clone());
    while wake::pause(TICK, &stop).await {
        let hold = jumps.tick();
        match shared.store.write("timers", move |tx| Box::pin(timers::fire(tx, hold, MOST))).await {
            Ok(0) => {}
            Ok(_) => shared.wake.read.notify_one(),
            Err(error) => shared.trouble.failed(&error, "looking at timers"),
        }
    }
}

/// Makes jobs of marks that have none: written while no token was set, or whose reading was dead.
pub async fn dirty(shared: Shared, stop: CancellationToken) {
    let can_read = shared.outside.pagerduty.is_some();
    while wake::pause(SWEEP_EVERY, &stop).await {
        if !can_read {
            continue;
        }
        match shared.store.write("sweep", move |tx| Box::pin(sweep(tx))).await {
            Ok(0) => {}
            Ok(_) => shared.wake.act.notify_waiters(),
            Err(error) => shared.trouble.failed(&error, "looking at marked incidents"),
        }
    }
}

async fn sweep(tx: &mut store::Tx) -> Result<usize, store::StoreError> {
    let before = tx.now().plus_s(-OLD_ENOUGH_S);
    let tries = mirror::most_tries();
    let mut marks = dirty::forgotten(tx, dirty::READ, mirror::LANE, before, tries, MOST).await?;
    // Subjects are locked in sorted order by everybody, so that nobody waits for each other.
    marks.sort_by(|a, b| a.subject.cmp(&b.subject));
    let mut made = 0;
    for mark in marks {
        tx.lock(std::slice::from_ref(&mark.subject)).await?;
        if dirty::try_again(tx, dirty::READ, &mark.subject).await?.is_some() {
            let customer = incidents::customer_of(tx, &mark.subject).await?;
            read::ask_for_reading(tx, &mark.subject, customer, true).await?;
            made += 1;
        }
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_holds_effects_for_a_while_and_drift_does_not() {
        let clock = Clock::default();
        let mut jumps = Jumps::new(clock.clone());
        assert!(!jumps.tick());
        clock.advance_s(20);
        assert!(!jumps.tick());
        clock.advance_s(-3_600);
        // Wall time and boot time go on together; how often somebody ticks does not shorten the hold.
        let boot = Clock::since_boot();
        assert!(jumps.tick_at(boot));
        assert!((0..1_000).all(|_| jumps.tick_at(boot)));
        assert!(jumps.tick_at(boot + HOLD / 3));
        clock.advance_s(60);
        assert!(!jumps.tick_at(boot + HOLD));
    }
}
