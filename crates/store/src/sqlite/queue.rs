//! What waits for a store thread: signals first, then units of work. Bounded; a full queue is an answer, not a wait.

use crate::StoreError;
use crate::tx::Tx;
use model::signal::Signal;
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

pub struct Intake {
    pub signal: Signal,
    pub reply: oneshot::Sender<Result<(), StoreError>>,
}

/// Told the fate of the commit; sends the unit's result to whoever waits for it.
pub type Finish = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
/// Runs the unit on an open transaction (or is told why there is none). Says whether its writes are to be kept.
pub type Run = Box<dyn FnOnce(Result<&mut Tx, StoreError>) -> (bool, Finish) + Send>;

pub struct Work {
    pub name: &'static str,
    pub run: Run,
}

#[derive(Default)]
struct Waiting {
    intake: VecDeque<Intake>,
    units: VecDeque<Work>,
    closed: bool,
}

#[derive(Default)]
pub struct Queue {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
}

/// What a thread takes in one go.
pub struct Batch {
    pub intake: Vec<Intake>,
    pub units: Vec<Work>,
}

impl Queue {
    // A panic while the lock is held can only come from an allocation; the queues stay whole.
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn push_intake(&self, intake: Intake, most: usize) -> Result<(), StoreError> {
        let mut waiting = self.lock();
        if waiting.closed {
            return Err(StoreError::Away("the store is closing".into()));
        }
        if waiting.intake.len() >= most {
            return Err(StoreError::Full);
        }
        waiting.intake.push_back(intake);
        // The writer sleeps only when nothing waits, so one wake-up for the first is enough.
        if waiting.intake.len() == 1 {
            self.arrived.notify_one();
        }
        Ok(())
    }

    pub fn push_unit(&self, work: Work, most: usize) -> Result<(), StoreError> {
        let mut waiting = self.lock();
        if waiting.closed {
            return Err(StoreError::Away("the store is closing".into()));
        }
        if waiting.units.len() >= most {
            return Err(StoreError::Full);
        }
        waiting.units.push_back(work);
        drop(waiting);
        self.arrived.notify_one();
        Ok(())
    }

    /// Waits for work. `units_may_run` is asked only while signals wait: units then run in their share of the time.
    /// `None` when the queue is closed and empty.
    pub fn take(&self, most_intake: usize, most_units: usize, units_may_run: impl Fn() -> bool) -> Option<Batch> {
        let mut waiting = self.lock();
        loop {
            if !waiting.intake.is_empty() || !waiting.units.is_empty() {
                break;
            }
            if waiting.closed {
                return None;
            }
            waiting = self.arrived.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        let intake_len = waiting.intake.len().min(most_intake);
        let intake: Vec<Intake> = waiting.intake.drain(..intake_len).collect();
        let units_len = if intake.is_empty() || units_may_run() { waiting.units.len().min(most_units) } else { 0 };
        let units = waiting.units.drain(..units_len).collect();
        Some(Batch { intake, units })
    }

    pub fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_all();
    }

    /// Sleeps, but not past the closing; true while the queue is open.
    pub fn idle(&self, time: Duration) -> bool {
        let until = std::time::Instant::now() + time;
        loop {
            if self.lock().closed {
                return false;
            }
            let left = until.saturating_duration_since(std::time::Instant::now());
            if left.is_zero() {
                return true;
            }
            std::thread::sleep(left.min(Duration::from_millis(50)));
        }
    }
}
