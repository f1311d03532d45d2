//! Connections that are kept: one for each bastion, shared by all that lies behind it; on hosts one for each run, left to the next one.

mod connect;
mod sweep;

use crate::error::{Error, Kind};
use crate::gate::Gates;
use crate::known::Known;
use crate::link::{Link, Stage};
use crate::login::Keys;
use crate::settings::{Clock, Settings};
use crate::way::{Hop, Way};
use connect::Attempt;
use futures_util::future::join_all;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) struct Pool {
    pub(crate) settings: Settings,
    pub(crate) gates: Gates,
    pub(crate) tasks: TaskTracker,
    pub(crate) closing: CancellationToken,
    clock: Clock,
    known: RwLock<Known>,
    keys: Keys,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    bastions: HashMap<Vec<Hop>, Attempt>,
    hosts: HashMap<Way, Vec<Link>>,
    /// Whether somebody closes what is idle.
    is_swept: bool,
}

impl Pool {
    pub(crate) fn new(settings: Settings, clock: Clock) -> Arc<Self> {
        Arc::new(Self {
            settings,
            gates: Gates::new(),
            tasks: TaskTracker::new(),
            closing: CancellationToken::new(),
            clock,
            known: RwLock::default(),
            keys: Keys::default(),
            held: Mutex::default(),
        })
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self) -> Known {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Trusts these keys from now on, and nothing new begins on a connection to a host whose key is none of them.
    pub(crate) fn know(&self, known: Known) {
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = known.clone();
        let now = (self.clock)();
        let mut held = self.held();
        let bastions = held.bastions.iter().filter_map(|(hops, attempt)| Some((hops, connect::made(attempt)?)));
        let doubtful = bastions.filter(|(_, link)| link.judge(&known, now).is_err());
        let doubtful: Vec<Vec<Hop>> = doubtful.map(|(hops, _)| hops.clone()).collect();
        // Whatever goes through a bastion that is not trusted is not either.
        let is_behind = |hops: &[Hop]| doubtful.iter().any(|doubtful| hops.starts_with(doubtful));
        for (_, attempt) in held.bastions.iter().filter(|(hops, _)| is_behind(hops)) {
            if let Some(link) = connect::made(attempt) {
                link.retire();
            }
        }
        for (way, links) in &mut held.hosts {
            links.retain(|link| !is_behind(&way.hops) && link.judge(&known, now).is_ok());
        }
    }

    /// A connection to the host that nobody else uses, and whether it is one that was kept.
    pub(crate) async fn host(self: &Arc<Self>, way: &Way, connect_ms: u64) -> Result<(Link, bool), Error> {
        while let Some(link) = self.kept(way) {
            if self.is_alive(&link).await {
                return Ok((link, true));
            }
        }
        Ok((self.fresh(way, connect_ms).await?, false))
    }

    /// A new connection to the host.
    pub(crate) async fn fresh(self: &Arc<Self>, way: &Way, connect_ms: u64) -> Result<Link, Error> {
        let (host, before) = way.hops.split_last().ok_or_else(|| Kind::NoHop.at("(no host)"))?;
        self.connect(host, before, Stage::Host, connect_ms).await
    }

    fn kept(&self, way: &Way) -> Option<Link> {
        let mut held = self.held();
        let links = held.hosts.get_mut(way)?;
        std::iter::from_fn(|| links.pop()).find(Link::is_usable)
    }

    /// Keeps a host's connection for the next run: as many as there may be runs.
    pub(crate) fn keep(self: &Arc<Self>, way: &Way, link: Link) {
        let is_good = link.is_usable() && link.judge(&self.known(), (self.clock)()).is_ok();
        if !is_good || self.closing.is_cancelled() {
            return;
        }
        link.touch();
        let mut held = self.held();
        let links = held.hosts.entry(way.clone()).or_default();
        if links.len() < self.settings.per_host.max(1) {
            links.push(link);
        }
        drop(held);
        self.see_to_sweeping();
    }

    /// One that was just used is alive; any other is asked.
    async fn is_alive(&self, link: &Link) -> bool {
        let is_fresh = link.idle().is_none_or(|idle| idle < Duration::from_millis(self.settings.ask_after_ms));
        is_fresh || link.answers(Duration::from_millis(self.settings.answer_ms)).await
    }

    /// Says goodbye to everybody, hosts first.
    pub(crate) async fn close(&self) {
        self.closing.cancel();
        self.tasks.close();
        let (hosts, bastions) = {
            let mut held = self.held();
            (std::mem::take(&mut held.hosts), std::mem::take(&mut held.bastions))
        };
        let hosts: Vec<Link> = hosts.into_values().flatten().collect();
        join_all(hosts.iter().map(Link::close)).await;
        drop(hosts);
        join_all(bastions.values().filter_map(connect::made).map(|link| link.close())).await;
        drop(bastions);
        self.tasks.wait().await;
    }
}
