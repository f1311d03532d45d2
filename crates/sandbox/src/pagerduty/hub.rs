//! The one place where the state is locked, and the bell that wakes whoever waits for a change. The lock is never held
//! over an await.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;

use super::clock::Clock;
use super::effects::EffectsFile;
use super::state::State;

#[derive(Debug)]
pub(crate) struct Hub {
    state: Mutex<State>,
    changed: watch::Sender<u64>,
    pub clock: Clock,
    log: EffectsFile,
    pub at: At,
    /// What the monitors call with.
    pub client: reqwest::Client,
}

/// Where the account itself is reached.
#[derive(Debug)]
pub(crate) struct At {
    pub events_url: String,
    /// Host and port.
    pub mail: String,
}

impl Hub {
    pub(crate) fn new(state: State, clock: Clock, log: EffectsFile, (at, client): (At, reqwest::Client)) -> Self {
        Self { state: Mutex::new(state), changed: watch::Sender::new(0), clock, log, at, client }
    }

    /// Brings the account to the present, does the work and wakes the others.
    pub(crate) fn with<R>(&self, work: impl FnOnce(&mut State) -> R) -> R {
        let answer = self.peek(work);
        self.changed.send_modify(|n| *n += 1);
        answer
    }

    /// The same, but wakes the others only when a timer had to fire first.
    pub(crate) fn peek<R>(&self, work: impl FnOnce(&mut State) -> R) -> R {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let fired = state.run_until(self.clock.now());
        let answer = work(&mut state);
        drop(state);
        if fired {
            self.changed.send_modify(|n| *n += 1);
        }
        answer
    }

    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Until that instant by the sandbox's clock; for ever when there is none.
    pub(crate) async fn sleep_until(&self, due: Option<Timestamp>) {
        match due {
            Some(due) => {
                let ms = due.duration_since(self.clock.now()).as_millis().clamp(0, 60_000);
                tokio::time::sleep(Duration::from_millis(u64::try_from(ms).unwrap_or(0) + 1)).await;
            }
            None => std::future::pending().await,
        }
    }

    /// Waits until every effect so far is on disk.
    pub(crate) async fn persist(self: &Arc<Self>, upto: usize) -> std::io::Result<()> {
        if !self.log.is_behind(upto) {
            return Ok(());
        }
        let hub = Arc::clone(self);
        let written = tokio::task::spawn_blocking(move || hub.log.persist(upto, &hub.state)).await;
        written.unwrap_or_else(|e| Err(std::io::Error::other(e)))
    }

    /// Lets the account's own timers fire when they are due.
    pub(crate) async fn keep_time(self: Arc<Self>) {
        let mut changes = self.changes();
        loop {
            changes.borrow_and_update();
            let due = self.peek(|state| state.next_due());
            tokio::select! {
                _ = changes.changed() => {}
                () = self.sleep_until(due) => {
                    let effects = self.with(|state| state.effects.all.len());
                    if let Err(error) = self.persist(effects).await {
                        tracing::error!(%error, "the effects log cannot be written");
                    }
                }
            }
        }
    }
}
