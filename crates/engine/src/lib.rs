//! What moves: intake, read, act, timers. Joins the store, the connectors and the pure decisions; never renders a page
//! and never holds a transaction open across a call.

mod absorb;
mod act;
pub mod bridges;
mod buttons;
mod effects;
mod fetch;
mod follow;
mod guard;
pub mod hosts;
pub mod intake;
mod interpret;
mod metrics;
mod minute;
mod net;
pub mod notes;
mod person;
mod poll;
pub mod post;
mod reach;
mod read;
pub mod record;
pub mod seal;
mod settings;
pub mod slack;
pub mod sns;
mod sweep;
#[cfg(test)]
mod testing;
mod trouble;
mod upkeep;
mod wake;
pub mod watch;
mod webhook_guard;
mod why;

pub use guard::Guard;
pub use interpret::Kept as MailKept;
pub use metrics::Metrics;
pub use poll::Pace;
pub use settings::{Outside, Route, Settings};
pub use trouble::Trouble;
pub use wake::Wake;

use std::sync::Arc;
use store::Store;
use tokio::sync::RwLock;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// What every moving part shares: the store, the settings, the outside, and the bells.
#[derive(Clone)]
pub struct Shared {
    pub store: Store,
    pub settings: Arc<Settings>,
    pub outside: Arc<Outside>,
    pub wake: Wake,
    pub metrics: Arc<Metrics>,
    pub guard: Arc<Guard>,
    pub trouble: Arc<Trouble>,
    /// Held for reading by every job under way, for writing by one that has to run alone.
    pub alone: Arc<RwLock<()>>,
    /// What PagerDuty said of services, for causes.
    pub causes: Arc<why::Cache>,
}

/// The running workers. Dropping it without `stop` ends them wherever they are; the store's leases heal that.
pub struct Engine {
    tasks: JoinSet<()>,
    stop: CancellationToken,
}

impl Engine {
    /// Starts readers, workers, timers and sweeps.
    pub fn start(shared: &Shared) -> Self {
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let readers = shared.settings.readers.max(1);
        for reader in 0..readers {
            tasks.spawn(read::run(shared.clone(), reader, readers, stop.clone()));
        }
        for (queue, workers) in settings::WORKERS {
            for n in 0..workers {
                tasks.spawn(act::run(shared.clone(), queue, n, stop.clone()));
            }
        }
        tasks.spawn(act::run_suspects(shared.clone(), stop.clone()));
        tasks.spawn(sweep::timers(shared.clone(), stop.clone()));
        tasks.spawn(sweep::dirty(shared.clone(), stop.clone()));
        tasks.spawn(guard::refresh(shared.clone(), stop.clone()));
        tasks.spawn(poll::run(shared.clone(), stop.clone()));
        tasks.spawn(net::run(shared.clone(), stop.clone()));
        tasks.spawn(bridges::run(shared.clone(), stop.clone()));
        tasks.spawn(bridges::run_reminders(shared.clone(), stop.clone()));
        tasks.spawn(slack::run_socket(shared.clone(), stop.clone()));
        tasks.spawn(slack::run_whose(shared.clone(), stop.clone()));
        tasks.spawn(slack::run(shared.clone(), stop.clone()));
        tasks.spawn(seal::run(shared.clone(), stop.clone()));
        tasks.spawn(record::run(shared.clone(), stop.clone()));
        tasks.spawn(upkeep::run(shared.clone(), stop.clone()));
        hosts::start(shared, &mut tasks, &stop);
        Self { tasks, stop }
    }

    /// What a process needs that only receives: it learns which subscriptions are ours.
    pub fn start_ingest(shared: &Shared) -> Self {
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        tasks.spawn(guard::refresh(shared.clone(), stop.clone()));
        Self { tasks, stop }
    }

    /// What a process needs that only shows: runs are planned where they are asked for.
    pub fn start_web(shared: &Shared) -> Self {
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        hosts::start_reading(shared, &mut tasks, &stop);
        Self { tasks, stop }
    }

    /// Lets every worker finish what it has in hand, then returns.
    pub async fn stop(mut self) {
        self.stop.cancel();
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(error) = ended
                && error.is_panic()
            {
                tracing::error!(%error, "a worker had panicked");
            }
        }
    }
}
