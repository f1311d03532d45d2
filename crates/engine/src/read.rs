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
    loop {
        let begun = Instant::now();
        match read_some(&shared, reader, readers).await {
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
async fn read_some(shared: &Shared, reader: i64, readers: i64) -> Result<usize, StoreError> {
    let rows = shared.store.read(move |tx| Box::pin(inbox::waiting(tx, BATCH, reader, readers))).await?;
    shared.trouble.over();
    if rows.is_empty() {
        return Ok(0);
    }
    let count = rows.len();
    let batch: Arc<Vec<Interpreted>> = Arc::new(rows.iter().map(interpret).collect());
    let mut from = 0;
    while from < count {
        let to = end_of_unit(&batch, from);
        unit(shared, &batch, from, to).await?;
        from = to;
    }
    shared.metrics.signals_read.fetch_add(count as u64, Relaxed);
    shared.wake.act.notify_waiters();
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
async fn unit(shared: &Shared, batch: &Arc<Vec<Interpreted>>, from: usize, to: usize) -> Result<(), StoreError> {
    match write(shared, batch.clone(), from, to).await {
        Err(error @ (StoreError::Bug(_) | StoreError::Away(_))) if to - from > 1 => {
            if matches!(error, StoreError::Bug(_)) {
                tracing::error!(%error, "a batch could not be read whole; each signal is now read by itself");
            }
            for i in from..to {
                one_by_itself(shared, batch.clone(), i).await?;
            }
            Ok(())
        }
        Err(StoreError::Bug(_)) => one_by_itself(shared, batch.clone(), from).await,
        other => other,
    }
}

async fn one_by_itself(shared: &Shared, batch: Arc<Vec<Interpreted>>, i: usize) -> Result<(), StoreError> {
    match write(shared, batch.clone(), i, i + 1).await {
        Err(StoreError::Bug(why)) => {
            let id = batch[i].id;
            tracing::error!(signal = id, why, "a signal can't be read; it is kept as dead");
            let why = why.replace('\0', "\u{fffd}");
            let reading = Reading { dead: Some(format!("our own fault: {why}")), ..Reading::default() };
            shared
                .store
                .write("dead_signal", move |tx| Box::pin(async move { inbox::mark_read(tx, id, &reading).await }))
                .await
        }
        other => other,
    }
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
