//! What changes in the world: the troubles that lie over hosts, what was written on them, and the tasks that serve.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use russh::keys::{PrivateKey, PublicKey};
use russh::server::Config;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::cast::Spec;
use super::faults::{Act, Faults};
use super::machine::Machine;
use super::machine::disk::Scratch;
use super::trouble::{Laid, Trouble};
use crate::clock::{Clock, plus_s};
use crate::journal::Journal;
use crate::script::Script;

/// What is over is still to be seen in logs for so long.
const REMEMBERED_S: i64 = 4 * 3600;

/// A bastion or a host.
pub(super) struct Node {
    pub spec: Spec,
    pub key: PrivateKey,
    pub config: Arc<Config>,
    /// The same with a key that nobody knows.
    pub changed: Arc<Config>,
    /// Changes when every connection to it is to be cut.
    pub cut: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Told {
    /// By who laid it: a hand, or an alert by its key.
    laid: BTreeMap<String, Laid>,
    past: Vec<Laid>,
    scratch: Scratch,
}

/// The world behind the sockets.
pub(super) struct Hosts {
    pub nodes: Vec<Node>,
    pub client: PublicKey,
    pub seed: u64,
    pub clock: Clock,
    pub journal: Arc<Journal>,
    pub script: Script,
    pub faults: Faults,
    /// Changes, or loses its sender, when the world ends.
    pub ends: watch::Receiver<u64>,
    told: Mutex<Vec<Told>>,
    tasks: Mutex<JoinSet<()>>,
}

impl Hosts {
    pub(super) fn new(
        nodes: Vec<Node>,
        (client, seed): (PublicKey, u64),
        (clock, journal): (Clock, Arc<Journal>),
        ends: watch::Receiver<u64>,
    ) -> Self {
        let told = nodes.iter().map(|_| Told::default()).collect();
        Self {
            nodes,
            client,
            seed,
            clock,
            journal,
            script: Script::default(),
            faults: Faults::default(),
            ends,
            told: Mutex::new(told),
            tasks: Mutex::default(),
        }
    }

    fn told(&self) -> MutexGuard<'_, Vec<Told>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// By its name in the inventory, or by the address and name that it has in the world.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        let by = |fits: &dyn Fn(&Spec) -> bool| self.nodes.iter().position(|own| fits(&own.spec));
        by(&|own| own.name == name || own.address == name)
    }

    pub(super) fn named(&self, name: &str) -> Result<usize, String> {
        self.find(name).ok_or_else(|| {
            let names: Vec<&str> = self.nodes.iter().map(|own| own.spec.name.as_str()).collect();
            format!("no host {name}; there are {}", names.join(", "))
        })
    }

    /// Does it beside everything else, until it is done or the world ends.
    pub(super) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(work);
    }

    pub(super) fn take_tasks(&self) -> JoinSet<()> {
        std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Lays a trouble over a host. `by` is who says so; what he said before is over.
    pub(super) fn lay(&self, node: usize, by: &str, trouble: Trouble, since: Timestamp) {
        let mut told = self.told();
        let own = &mut told[node];
        if own.laid.get(by).is_some_and(|laid| laid.trouble == trouble) {
            return;
        }
        own.end(by, since);
        own.laid.insert(by.to_owned(), Laid { trouble, since, ended: None });
    }

    /// Ends what `by` has laid there; without a name, everything.
    pub(super) fn heal(&self, node: usize, by: Option<&str>) -> usize {
        let now = self.clock.now();
        let mut told = self.told();
        let own = &mut told[node];
        let names: Vec<String> = own.laid.keys().filter(|name| by.is_none_or(|by| *name == by)).cloned().collect();
        names.iter().for_each(|name| own.end(name, now));
        names.len()
    }

    /// Who has laid what over a host.
    pub(super) fn laid(&self, node: usize) -> Vec<(String, Laid)> {
        self.told()[node].laid.iter().map(|(by, laid)| (by.clone(), laid.clone())).collect()
    }

    pub(super) fn scratch(&self, node: usize) -> Scratch {
        self.told()[node].scratch.clone()
    }

    /// What a command has changed, laid over what others have written meanwhile.
    pub(super) fn keep_scratch(&self, node: usize, before: &Scratch, after: &Scratch) {
        let mut told = self.told();
        let own = &mut told[node].scratch;
        own.retain(|path, _| after.contains_key(path) || !before.contains_key(path));
        let changed = after.iter().filter(|(path, written)| before.get(*path) != Some(*written));
        own.extend(changed.map(|(path, written)| (path.clone(), written.clone())));
    }

    /// The machine as it is now, with what the faults take from it.
    pub(super) fn machine(&self, node: usize, acts: &[Act]) -> Machine {
        let now = self.clock.now();
        let laid = {
            let told = self.told();
            let recent =
                told[node].past.iter().filter(|own| own.ended.is_some_and(|at| at > plus_s(now, -REMEMBERED_S)));
            recent.cloned().chain(told[node].laid.values().cloned()).collect()
        };
        let mut machine = Machine::new(&self.nodes[node].spec, self.seed, now, laid);
        for act in acts {
            match act {
                Act::SudoRefused => machine.sudo_works = false,
                Act::Missing { commands } => machine.missing.extend(commands.iter().cloned()),
                Act::NoSpace => machine.no_space = true,
                _ => {}
            }
        }
        machine
    }
}

impl Told {
    fn end(&mut self, by: &str, at: Timestamp) {
        if let Some(laid) = self.laid.remove(by) {
            self.past.push(Laid { ended: Some(at.max(laid.since)), ..laid });
        }
    }
}
