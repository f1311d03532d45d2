//! Bells between the parts of one process. Only a hint: whoever waits also looks by himself from time to time.

use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Rung when there may be signals to read, jobs to run, or news to show.
#[derive(Clone, Default)]
pub struct Wake {
    pub read: Arc<Notify>,
    pub act: Arc<Notify>,
    pub show: Arc<Notify>,
    /// A mail came, or something that may stand against one.
    pub net: Arc<Notify>,
}

/// Waits for the bell or the time; false when it is time to stop.
pub async fn wait(bell: &Notify, time: Duration, stop: &CancellationToken) -> bool {
    tokio::select! {
        () = stop.cancelled() => false,
        () = bell.notified() => !stop.is_cancelled(),
        () = tokio::time::sleep(time) => !stop.is_cancelled(),
    }
}

/// Waits for the time alone; false when it is time to stop.
pub async fn pause(time: Duration, stop: &CancellationToken) -> bool {
    tokio::select! {
        () = stop.cancelled() => false,
        () = tokio::time::sleep(time) => !stop.is_cancelled(),
    }
}
