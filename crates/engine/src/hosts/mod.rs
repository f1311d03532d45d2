//! Into the host: from an incident to its hosts, runs through the probe, what came back as evidence, and what people are told of it.
//! Decides nothing of what may run: `duties::diagnose` does. Looks only: a plan that would change anything is refused.

pub mod ask;
mod carry;
pub mod desk;
mod estate;
mod judged;
pub mod look;
mod outputs;
mod reach;
mod recorder;
pub mod say;
mod schedule;
mod way;
mod work;

pub use estate::{Estate, Follow, Load};
pub use outputs::Outputs;
pub use reach::state as reach_state;

use crate::Shared;
use duties::diagnose::Mode;
use duties::runbooks::Runbook;
use duties::say::Language;
use jiff::tz::TimeZone;
use model::customer::Share;
use model::redaction::Rules;
use probe::{Probe, Secret};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use store::hosts::HostKey;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// What is configured about visits.
#[derive(Clone)]
pub struct Settings {
    pub mode: Mode,
    /// Of an incident that names more hosts than this, the surest so many are visited: it must not be a storm of our own.
    pub most_hosts: usize,
    /// Runs at once in this process.
    pub runs_at_once: usize,
    pub connect_ms: u64,
    /// What a step, a run and a step's output may take at most, whatever the runbook says.
    pub step_ms: u64,
    pub total_ms: u64,
    pub output_bytes: u64,
    /// How often each host is tried.
    pub reach_every: Duration,
    pub rules: Rules,
    pub language: Language,
    /// In which schedules of runbooks are meant.
    pub zone: TimeZone,
    /// What may leave to PagerDuty and Slack, by the customer's id; `digest` where nothing is said.
    pub share: BTreeMap<String, Share>,
    /// By the files of the keys that they open.
    pub passphrases: BTreeMap<String, Secret>,
    pub load: Load,
    /// What `load` tells of without asking for it itself.
    pub follow: Option<Follow>,
}

impl Settings {
    /// The runbook, which takes no more than is configured.
    pub fn bounded(&self, runbook: &Runbook) -> Runbook {
        let mut runbook = runbook.clone();
        runbook.limits.time_ms = runbook.limits.time_ms.min(self.total_ms);
        for step in &mut runbook.steps {
            step.limits.time_ms = step.limits.time_ms.min(self.step_ms);
            step.limits.output_bytes = step.limits.output_bytes.min(self.output_bytes);
        }
        runbook
    }
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings").field("mode", &self.mode).finish_non_exhaustive()
    }
}

/// The hosts that may be visited, and how.
pub struct Hosts {
    pub settings: Settings,
    pub probe: Probe,
    pub outputs: Outputs,
    estate: RwLock<Arc<Estate>>,
    pinned: RwLock<Arc<BTreeSet<String>>>,
    /// What is wrong with files of known hosts.
    unread_keys: RwLock<Arc<Vec<String>>>,
    /// Until the trusted keys were read, every host would be a stranger.
    knows_keys: std::sync::atomic::AtomicBool,
}

impl std::fmt::Debug for Hosts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hosts").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Hosts {
    /// Reads the files once, so that the first incident finds its host.
    pub fn new(settings: Settings, probe: Probe, outputs: Outputs) -> Self {
        let estate = (settings.load)();
        Self {
            settings,
            probe,
            outputs,
            estate: RwLock::new(Arc::new(estate)),
            pinned: RwLock::default(),
            unread_keys: RwLock::default(),
            knows_keys: std::sync::atomic::AtomicBool::default(),
        }
    }

    pub fn estate(&self) -> Arc<Estate> {
        self.estate.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn share(&self, customer: Option<&str>) -> Share {
        customer.and_then(|id| self.settings.share.get(id)).copied().unwrap_or_default()
    }

    pub fn unread_keys(&self) -> Arc<Vec<String>> {
        self.unread_keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn read_again(&self) {
        let estate = Arc::new((self.settings.load)());
        *self.estate.write().unwrap_or_else(PoisonError::into_inner) = estate;
    }

    /// These keys are trusted from now on, and those of the files.
    pub fn know(&self, keys: &[HostKey]) {
        let (known, complaints) = estate::known(keys, &self.estate().known_hosts);
        let pinned = keys.iter().map(|key| way::alias(&key.host)).collect();
        *self.pinned.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(pinned);
        *self.unread_keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(complaints);
        self.probe.know(known);
        self.knows_keys.store(true, std::sync::atomic::Ordering::Release);
    }

    pub(crate) fn knows_keys(&self) -> bool {
        self.knows_keys.load(std::sync::atomic::Ordering::Acquire)
    }

    /// The way to a host or a bastion of the inventory.
    pub fn way(&self, name: &str) -> Option<probe::Way> {
        let (estate, pinned) = (self.estate(), self.pinned.read().unwrap_or_else(PoisonError::into_inner).clone());
        match estate.inventory.host(name) {
            Some(host) => Some(way::to(&self.settings, &estate.inventory, host, &pinned)),
            None => way::to_bastion(&self.settings, &estate.inventory, name, &pinned),
        }
    }
}

/// Everything that moves.
pub(crate) fn start(shared: &Shared, tasks: &mut JoinSet<()>, stop: &CancellationToken) {
    start_reading(shared, tasks, stop);
    let Some(hosts) = shared.settings.hosts.clone() else { return };
    tasks.spawn(work::run(shared.clone(), hosts.clone(), stop.clone()));
    tasks.spawn(schedule::run(shared.clone(), hosts, stop.clone()));
}

/// What every process needs that plans runs or tells of hosts: it follows the files and the keys that people change.
pub(crate) fn start_reading(shared: &Shared, tasks: &mut JoinSet<()>, stop: &CancellationToken) {
    let Some(hosts) = shared.settings.hosts.clone() else { return };
    if let Some(follow) = &hosts.settings.follow {
        tasks.spawn(follow(stop.clone()));
    }
    tasks.spawn(estate::run(shared.clone(), hosts, stop.clone()));
}
