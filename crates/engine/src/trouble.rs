//! What the log says while the store does not answer: every loop would otherwise say so at each of its tries. Changes
//! nothing but the log.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;
use store::StoreError;
use store::nag::{Nag, Over};

#[derive(Debug, Default)]
pub struct Trouble {
    /// Asked at every reading, so that it has to cost next to nothing.
    is_open: AtomicBool,
    nag: Mutex<Nag>,
}

impl Trouble {
    /// A loop's try failed and is made again. What does not pass by itself is said each time.
    pub fn failed(&self, error: &StoreError, what: &'static str) {
        if !error.is_passing() {
            tracing::error!(%error, what, "failed; tried again");
            return;
        }
        self.is_open.store(true, Relaxed);
        let said = self.nag.lock().unwrap_or_else(PoisonError::into_inner).failed(Instant::now());
        if let Some(failures) = said {
            tracing::error!(%error, what, failures, "the store does not answer; everything waits and is tried again");
        }
    }

    /// The store has answered.
    pub fn over(&self) {
        if !self.is_open.swap(false, Relaxed) {
            return;
        }
        let ended = self.nag.lock().unwrap_or_else(PoisonError::into_inner).over(Instant::now());
        if let Some(Over { seconds }) = ended {
            tracing::info!(seconds, "the store answers again");
        }
    }
}
