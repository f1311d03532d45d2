//! Connections: one for each bastion, shared by all that lies behind it; on hosts one for each run, kept for the next one. What is dead,
//! no longer trusted or idle for long is let go.

use crate::error::{Error, Kind};
use crate::gate::Gates;
use crate::known::Known;
use crate::link::{Duplex, Handshake, Link, Offer, Stage, Use};
use crate::login::Keys;
use crate::settings::{Clock, Settings};
use crate::way::{Hop, Way};
use futures_util::future::{BoxFuture, FutureExt, Shared};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A server with too many half-open logins hangs up on some (`MaxStartups`): they may come again, so often and after so long.
const GREETINGS: u32 = 5;
const AGAIN_AFTER: Duration = Duration::from_millis(150);

/// An attempt to connect to a bastion, shared by all who wait for it.
type Attempt = Shared<BoxFuture<'static, Result<Arc<Link>, Error>>>;

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
    is_kept: bool,
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
        let doubtful: Vec<Vec<Hop>> = held
            .bastions
            .iter()
            .filter(|(_, attempt)| ready(attempt).is_some_and(|link| link.judge(&known, now).is_err()))
            .map(|(hops, _)| hops.clone())
            .collect();
        // Whatever goes through a bastion that is not trusted is not either.
        let is_behind = |hops: &[Hop]| doubtful.iter().any(|doubtful| hops.starts_with(doubtful));
        held.bastions
            .iter()
            .filter(|(hops, _)| is_behind(hops))
            .filter_map(|(_, made)| ready(made))
            .for_each(|link| link.retire());
        held.hosts.retain(|way, links| {
            links.retain(|link| !is_behind(&way.hops) && link.judge(&known, now).is_ok());
            !links.is_empty()
        });
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

    /// Keeps a host's connection for the next run.
    pub(crate) fn keep(self: &Arc<Self>, way: &Way, link: Link) {
        if link.is_usable() && !self.closing.is_cancelled() && link.judge(&self.known(), (self.clock)()).is_ok() {
            link.touch();
            self.held().hosts.entry(way.clone()).or_default().push(link);
            self.look_after();
        }
    }

    fn kept(&self, way: &Way) -> Option<Link> {
        let mut held = self.held();
        let links = held.hosts.get_mut(way)?;
        std::iter::from_fn(|| links.pop()).find(Link::is_usable)
    }

    async fn is_alive(&self, link: &Link) -> bool {
        let is_fresh = link.idle().is_none_or(|idle| idle < Duration::from_millis(self.settings.ask_after_ms));
        is_fresh || link.answers(Duration::from_millis(self.settings.answer_ms)).await
    }

    /// The connection to the last of these hops, for tunnels: the one that is there, or a new one that everybody waits for
    /// who wants it; and whether it was there.
    pub(crate) fn bastion(
        self: &Arc<Self>,
        hops: &[Hop],
        connect_ms: u64,
    ) -> BoxFuture<'static, Result<(Use, bool), Error>> {
        let (pool, hops) = (self.clone(), hops.to_vec());
        async move {
            let (attempt, was_there) = pool.attempt(&hops, connect_ms);
            let link = attempt.await?;
            if !was_there || pool.is_alive(&link).await {
                return Ok((Use::of(link), was_there));
            }
            link.retire();
            let (attempt, _) = pool.attempt(&hops, connect_ms);
            Ok((Use::of(attempt.await?), false))
        }
        .boxed()
    }

    /// The attempt that is under way or has succeeded, or a new one; and whether it had succeeded.
    fn attempt(self: &Arc<Self>, hops: &[Hop], connect_ms: u64) -> (Attempt, bool) {
        let mut held = self.held();
        if let Some(attempt) = held.bastions.get(hops) {
            match attempt.peek() {
                None => return (attempt.clone(), false),
                Some(Ok(link)) if link.is_usable() => return (attempt.clone(), true),
                Some(_) => {}
            }
        }
        let (pool, way) = (self.clone(), hops.to_vec());
        // A task of its own: whoever wanted it first may go away, and others wait for it as well.
        let made = self.tasks.spawn(async move { pool.make_bastion(&way, connect_ms).await });
        let name = hops.last().map(|hop| hop.name.clone()).unwrap_or_default();
        let broken = move |why: String| Kind::Protocol { why }.at(&name);
        let attempt = async move { made.await.unwrap_or_else(|e| Err(broken(e.to_string()))) }.boxed().shared();
        held.bastions.insert(hops.to_vec(), attempt.clone());
        drop(held);
        self.look_after();
        (attempt, false)
    }

    async fn make_bastion(self: &Arc<Self>, hops: &[Hop], connect_ms: u64) -> Result<Arc<Link>, Error> {
        let (hop, before) = hops.split_last().ok_or_else(|| Kind::NoHop.at("(no host)"))?;
        self.connect(hop, before, Stage::Bastion, connect_ms).await.map(Arc::new)
    }

    async fn connect(
        self: &Arc<Self>,
        hop: &Hop,
        before: &[Hop],
        stage: Stage,
        connect_ms: u64,
    ) -> Result<Link, Error> {
        if !before.is_empty() {
            // Its time is its own, and no part of this hop's.
            self.bastion(before, connect_ms).await?;
        }
        let _place = self.gates.login(before, &self.settings).await;
        let from = Instant::now();
        let mut tries = 0;
        loop {
            tries += 1;
            let handshake = self.handshake(hop, from, connect_ms);
            let stream = self.stream(&handshake, before, connect_ms).await?;
            match handshake.link(stream, stage, from).await {
                Err(Kind::Lost { doing: "shaking hands", .. })
                    if tries < GREETINGS && from.elapsed().as_millis() * 2 < u128::from(connect_ms) =>
                {
                    tracing::debug!(hop = %hop.name, tries, "hung up on the handshake: once more");
                    sleep(AGAIN_AFTER * tries).await;
                }
                outcome => return outcome.map_err(|kind| kind.at(&hop.name)),
            }
        }
    }

    /// A stream to the hop: a socket, or a tunnel through those before it.
    async fn stream(
        self: &Arc<Self>,
        handshake: &Handshake<'_>,
        before: &[Hop],
        connect_ms: u64,
    ) -> Result<Box<dyn Duplex>, Error> {
        let Some(last) = before.last() else {
            return Ok(Box::new(handshake.dial().await.map_err(|kind| kind.at(&handshake.hop.name))?));
        };
        let (bastion, _) = self.bastion(before, connect_ms).await?;
        let opening = bastion.tunnel(handshake.hop, self.max_held_bytes(), &self.tasks);
        let tunnel = handshake.through(opening).await.map_err(|kind| match kind {
            // It is the bastion that has to be mended, or that is gone.
            Kind::BastionForbids { .. } | Kind::Lost { .. } => kind.at(&last.name),
            kind => kind.at(&handshake.hop.name),
        })?;
        Ok(Box::new(tunnel))
    }

    /// What may wait in one tunnel: the windows of all runs behind it, should it lead to a bastion, and what protocol adds.
    fn max_held_bytes(&self) -> usize {
        let windows = (self.settings.window_bytes as usize).saturating_mul(self.settings.per_bastion.max(1));
        windows.saturating_mul(2).saturating_add(4 << 20)
    }

    fn handshake<'a>(&'a self, hop: &'a Hop, from: Instant, connect_ms: u64) -> Handshake<'a> {
        Handshake {
            hop,
            known: self.known(),
            now: (self.clock)(),
            settings: &self.settings,
            keys: &self.keys,
            deadline: from + Duration::from_millis(connect_ms),
            connect_ms,
        }
    }

    /// What the last hop shows of itself: its key, and its certificate when it has one.
    pub(crate) async fn look(self: &Arc<Self>, way: &Way) -> Result<(Offer, Option<Offer>), Error> {
        let (host, before) = way.hops.split_last().ok_or_else(|| Kind::NoHop.at("(no host)"))?;
        let _place = self.gates.login(before, &self.settings).await;
        let connect_ms = self.settings.connect_ms;
        let at = |kind: Kind| kind.at(&host.name);
        let handshake = self.handshake(host, Instant::now(), connect_ms);
        let certificate = handshake.look(self.stream(&handshake, before, connect_ms).await?, true).await.map_err(at)?;
        let key = handshake.look(self.stream(&handshake, before, connect_ms).await?, false).await.map_err(at)?;
        Ok((key.ok_or_else(|| at(Kind::Protocol { why: "it showed no key".to_owned() }))?, certificate))
    }

    /// Sees to it that somebody closes what is idle.
    fn look_after(self: &Arc<Self>) {
        if !std::mem::replace(&mut self.held().is_kept, true) {
            self.tasks.spawn(sweep(Arc::downgrade(self), self.closing.clone(), self.every()));
        }
    }

    fn every(&self) -> Duration {
        Duration::from_millis((self.settings.idle_close_ms / 4).clamp(50, 15_000))
    }

    /// Lets go what is dead or was idle for too long.
    fn tidy(&self) {
        let longest = Duration::from_millis(self.settings.idle_close_ms);
        let is_worth_it = |link: &Link| link.is_usable() && link.idle().is_none_or(|idle| idle < longest);
        let mut old = Vec::new();
        let mut held = self.held();
        for links in held.hosts.values_mut() {
            old.extend(links.extract_if(.., |link| !is_worth_it(link)).map(Arc::new));
        }
        held.hosts.retain(|_, links| !links.is_empty());
        held.bastions.retain(|_, attempt| match attempt.peek() {
            None => true,
            Some(Err(_)) => false,
            Some(Ok(link)) => {
                is_worth_it(link) || link.idle().is_none() || {
                    old.push(link.clone());
                    false
                }
            }
        });
        drop(held);
        self.gates.tidy();
        for link in old {
            self.tasks.spawn(async move { link.close().await });
        }
    }

    /// Says goodbye to everybody.
    pub(crate) async fn close(&self) {
        self.closing.cancel();
        let (hosts, bastions) = {
            let mut held = self.held();
            (std::mem::take(&mut held.hosts), std::mem::take(&mut held.bastions))
        };
        let hosts: Vec<Link> = hosts.into_values().flatten().collect();
        futures_util::future::join_all(hosts.iter().map(Link::close)).await;
        drop(hosts);
        let bastions: Vec<Arc<Link>> = bastions.values().filter_map(|attempt| ready(attempt).cloned()).collect();
        futures_util::future::join_all(bastions.iter().map(|link| link.close())).await;
        drop(bastions);
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// The link of an attempt that has succeeded.
fn ready(attempt: &Attempt) -> Option<&Arc<Link>> {
    attempt.peek().and_then(|made| made.as_ref().ok())
}

/// Goes round until the pool is gone or closed.
async fn sweep(pool: Weak<Pool>, closing: CancellationToken, every: Duration) {
    loop {
        tokio::select! {
            () = closing.cancelled() => return,
            () = sleep(every) => {}
        }
        match pool.upgrade() {
            Some(pool) => pool.tidy(),
            None => return,
        }
    }
}
