//! Reading: takes new signals, understands them outside of any transaction, then writes facts, incidents, actions and
//! timers in one. Never calls out. Reading a signal twice changes nothing.

use crate::absorb::Context;
use crate::interpret::{Interpreted, interpret};
use crate::{Shared, wake};
use duties::{Decision, Timer, mirror};
use model::action::Queue;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};
use store::actions::{self, Doing};
use store::inbox::{self, Reading};
use store::{StoreError, Tx, dirty, jobs, timers};
use tokio_util::sync::CancellationToken;

const BATCH: i64 = 64;
/// Facts, and signals, in one transaction.
const MOST_WEIGHT: usize = 128;
const LOOK_EVERY: Duration = Duration::from_millis(1_000);
/// In a storm of signals the acknowledgements go first: reading takes a small part of the machine, then catches up.
const STORM_REST: u32 = 12;
const STORM_REST_LEAST: Duration = Duration::from_millis(60);
const STORM_REST_MOST: Duration = Duration::from_millis(600);

pub async fn run(shared: Shared, reader: usize, readers: usize, stop: CancellationToken) {
    let (reader, readers) = (reader as i64, readers as i64);
    let mut slow = Slow::default();
    loop {
        let begun = Instant::now();
        match read_some(&shared, reader, readers, &mut slow).await {
            Ok(0) => {
                if !wake::wait(&shared.wake.read, LOOK_EVERY, &stop).await {
                    return;
                }
            }
            Ok(_) if stop.is_cancelled() => return,
            Ok(_) if shared.store.is_storm() => {
                let rest = (begun.elapsed() * STORM_REST).clamp(STORM_REST_LEAST, STORM_REST_MOST);
                if !wake::pause(rest, &stop).await {
                    return;
                }
            }
            Ok(_) => {}
            Err(error) => {
                shared.trouble.failed(&error, "reading signals");
                if !wake::pause(Duration::from_millis(300), &stop).await {
                    return;
                }
            }
        }
    }
}

/// Reads one batch; says how many rows it had.
async fn read_some(shared: &Shared, reader: i64, readers: i64, slow: &mut Slow) -> Result<usize, StoreError> {
    let rows = shared.store.read(move |tx| Box::pin(inbox::waiting(tx, BATCH, reader, readers))).await?;
    shared.trouble.over();
    if rows.is_empty() {
        return Ok(0);
    }
    let count = rows.len();
    let desk = &shared.settings.desk;
    let batch: Arc<Vec<Interpreted>> = Arc::new(rows.iter().map(|row| interpret(row, desk)).collect());
    let mut from = 0;
    while from < count {
        let to = end_of_unit(&batch, from);
        unit(shared, &batch, from, to, slow).await?;
        from = to;
    }
    shared.metrics.signals_read.fetch_add(count as u64, Relaxed);
    shared.wake.act.notify_waiters();
    shared.wake.net.notify_one();
    shared.wake.show.notify_waiters();
    Ok(count)
}

/// One transaction holds so much and no more: a page of a list weighs as much as its incidents.
fn end_of_unit(batch: &[Interpreted], from: usize) -> usize {
    let mut weight = 0;
    let fits = batch[from..].iter().take_while(|row| {
        weight += row.meaning.weight();
        weight <= MOST_WEIGHT
    });
    from + fits.count().max(1)
}

/// A bug of ours in one signal, or a database that is too slow for all of them, must not hold up the others: then each is
/// read by itself, and a culprit is put aside.
async fn unit(
    shared: &Shared,
    batch: &Arc<Vec<Interpreted>>,
    from: usize,
    to: usize,
    slow: &mut Slow,
) -> Result<(), StoreError> {
    match write(shared, batch.clone(), from, to).await {
        Err(error @ (StoreError::Bug(_) | StoreError::Away(_))) if to - from > 1 => {
            if matches!(error, StoreError::Bug(_)) {
                tracing::error!(%error, "a batch could not be read whole; each signal is now read by itself");
            }
            for i in from..to {
                one_by_itself(shared, batch.clone(), i, slow).await?;
            }
            Ok(())
        }
        Err(StoreError::Bug(_) | StoreError::Away(_)) => one_by_itself(shared, batch.clone(), from, slow).await,
        other => other,
    }
}

/// The signal whose reading ended in a time-out, and how often in a row.
#[derive(Default)]
struct Slow {
    signal: i64,
    times: u32,
}

impl Slow {
    const MOST: u32 = 3;
    /// A database that is away says so sooner, or does not answer right afterwards either.
    const LEAST: Duration = Duration::from_secs(10);

    /// Whether it has happened so often, to the same signal and with a database that is there, that it is the signal's own.
    fn again(&mut self, signal: i64, took: Duration, answers: bool) -> bool {
        if took < Self::LEAST || !answers {
            self.times = 0;
            return false;
        }
        self.times = if self.signal == signal { self.times + 1 } else { 1 };
        self.signal = signal;
        self.times >= Self::MOST
    }
}

async fn one_by_itself(
    shared: &Shared,
    batch: Arc<Vec<Interpreted>>,
    i: usize,
    slow: &mut Slow,
) -> Result<(), StoreError> {
    let (id, begun) = (batch[i].id, Instant::now());
    match write(shared, batch, i, i + 1).await {
        Err(StoreError::Bug(why)) => put_aside(shared, id, why).await,
        Err(StoreError::Away(why)) => {
            if slow.again(id, begun.elapsed(), answers(shared).await) {
                let why = format!("reading it takes longer than a transaction may: {why}");
                return put_aside(shared, id, why).await;
            }
            Err(StoreError::Away(why))
        }
        other => other,
    }
}

async fn answers(shared: &Shared) -> bool {
    shared.store.read(|tx| Box::pin(inbox::waiting(tx, 1, 0, 1))).await.is_ok()
}

async fn put_aside(shared: &Shared, id: i64, why: String) -> Result<(), StoreError> {
    tracing::error!(signal = id, why, "a signal can't be read; it is kept as dead");
    let why = why.replace('\0', "\u{fffd}");
    let reading = Reading { dead: Some(format!("our own fault: {why}")), ..Reading::default() };
    shared.store.write("dead_signal", move |tx| Box::pin(async move { inbox::mark_read(tx, id, &reading).await })).await
}

async fn write(shared: &Shared, batch: Arc<Vec<Interpreted>>, from: usize, to: usize) -> Result<(), StoreError> {
    let settings = shared.settings.clone();
    let can_read = shared.outside.pagerduty.is_some();
    shared
        .store
        .write("read", move |tx| {
            Box::pin(async move {
                let context =
                    Context { settings: &settings, can_read, hears_webhooks: !settings.webhook_secrets.is_empty() };
                context.write(tx, &batch[from..to]).await
            })
        })
        .await
}

/// Makes a job of a marked incident, unless one waits already.
pub async fn ask_for_reading(
    tx: &mut Tx,
    id: &str,
    customer: Option<String>,
    can_read: bool,
) -> Result<(), StoreError> {
    // Without a token the mark waits for one; asking what else is so would cost every signal three statements.
    if !can_read {
        return Ok(());
    }
    let Some(mark) = dirty::of(tx, dirty::READ, id).await? else { return Ok(()) };
    let lane = mirror::lane(id);
    if mark.origin.may_act() {
        // History that waits in line is not to hold up what is happening now.
        jobs::promote(tx, &lane, Queue::Bulk, Queue::Read).await?;
    }
    let view = mirror::View {
        incident: id.to_owned(),
        customer,
        generation: mark.generation,
        tries: mark.tries,
        origin: mark.origin,
        is_waiting: jobs::is_ready(tx, &lane).await?,
        can_read,
    };
    let now = tx.now();
    apply(tx, mirror::decide(&view, now), Doing::Really).await
}

/// Writes what was decided: actions with their jobs, timers.
pub async fn apply(tx: &mut Tx, decision: Decision, doing: Doing) -> Result<(), StoreError> {
    for action in &decision.actions {
        actions::add(tx, action, doing).await?;
    }
    for timer in decision.timers {
        set_timer(tx, timer).await?;
    }
    Ok(())
}

pub async fn set_timer(tx: &mut Tx, timer: Timer) -> Result<(), StoreError> {
    match timer {
        Timer::Set { key, duty, subject, due, effect, payload } => {
            timers::set(tx, &key, duty, &subject, due, effect, &payload).await.map(|_| ())
        }
        Timer::Cancel { key } => timers::cancel(tx, &key).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_database_that_is_there_and_one_signal_alone_make_it_the_signals_fault() {
        let long = Duration::from_secs(20);
        let mut slow = Slow::default();
        assert!(!slow.again(1, long, true) && !slow.again(1, long, true));
        assert!(slow.again(1, long, true));
        let mut away = Slow::default();
        assert!((0..9).all(|_| !away.again(1, long, false) && !away.again(1, Duration::from_secs(1), true)));
        let mut others = Slow::default();
        assert!((0..9).all(|n| !others.again(n % 2, long, true)));
    }
}
