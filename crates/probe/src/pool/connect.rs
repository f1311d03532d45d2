//! Makes connections: a bastion's once for all who wait for it, each hop through those before it, and again when a server with too many
//! half-open logins hangs up.

use super::Pool;
use crate::error::{Error, Kind};
use crate::link::{Duplex, Handshake, Link, Offer, Stage, Tunnel, Use};
use crate::way::{Hop, Way};
use futures_util::future::{BoxFuture, FutureExt, Shared};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// A server beyond its `MaxStartups` hangs up on some who greet it: they come again, so often and after so long.
const GREETINGS: u32 = 5;
const AGAIN_AFTER: Duration = Duration::from_millis(150);

/// What a tunnel may hold beyond the windows of what runs in it: what the protocol itself adds.
const SLACK_BYTES: usize = 1 << 20;

/// An attempt to connect to a bastion, shared by all who wait for it.
pub(super) type Attempt = Shared<BoxFuture<'static, Result<Arc<Link>, Error>>>;

/// The link of an attempt that has succeeded.
pub(super) fn made(attempt: &Attempt) -> Option<&Arc<Link>> {
    attempt.peek().and_then(|made| made.as_ref().ok())
}

impl Pool {
    /// The connection to the last of these hops, for tunnels: the one that is there, or a new one that everybody waits for who wants it;
    /// and whether it was there.
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
        let attempt = self.begin(hops, connect_ms);
        held.bastions.insert(hops.to_vec(), attempt.clone());
        drop(held);
        self.see_to_sweeping();
        (attempt, false)
    }

    /// A task of its own: whoever wanted the bastion first may go away, and others wait for it as well.
    fn begin(self: &Arc<Self>, hops: &[Hop], connect_ms: u64) -> Attempt {
        let (pool, way) = (self.clone(), hops.to_vec());
        let name = hops.last().map(|hop| hop.name.clone()).unwrap_or_default();
        let making = self.tasks.spawn(async move {
            let (hop, before) = way.split_last().ok_or_else(|| Kind::NoHop.at("(no host)"))?;
            pool.connect(hop, before, Stage::Bastion, connect_ms).await.map(Arc::new)
        });
        let broken = move |why: String| Kind::Protocol { why }.at(&name);
        async move { making.await.unwrap_or_else(|e| Err(broken(e.to_string()))) }.boxed().shared()
    }

    pub(super) async fn connect(
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
        let mut place = self.gates.login(before, &self.settings).await;
        let (mut from, mut tries) = (Instant::now(), 0);
        loop {
            tries += 1;
            let handshake = self.handshake(hop, from, connect_ms);
            let stream = self.stream(&handshake, before, stage, connect_ms).await?;
            let is_early = tries < GREETINGS && from.elapsed().as_millis() * 2 < u128::from(connect_ms);
            match handshake.link(stream, stage, from).await {
                Err(Kind::Lost { doing: "shaking hands", why }) if is_early => {
                    tracing::debug!(hop = %hop.name, tries, why, "hung up on the handshake: once more");
                    sleep(AGAIN_AFTER * tries).await;
                    let waiting = Instant::now();
                    place.was_refused().await;
                    // Its time is for connecting, not for its turn.
                    from += waiting.elapsed();
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
        stage: Stage,
        connect_ms: u64,
    ) -> Result<Box<dyn Duplex>, Error> {
        if before.is_empty() {
            return Ok(Box::new(handshake.dial().await.map_err(|kind| kind.at(&handshake.hop.name))?));
        }
        let first = self.tunnel(handshake, before, stage, connect_ms).await;
        let tunnel = match first {
            // The bastion's connection died unseen: once more, over a new one.
            Err((error, true)) if matches!(error.kind, Kind::Lost { .. }) => {
                self.tunnel(handshake, before, stage, connect_ms).await
            }
            outcome => outcome,
        };
        Ok(Box::new(tunnel.map_err(|(error, _)| error)?))
    }

    /// A tunnel through the hops before; when it fails, with whether the last one's connection had been there already.
    async fn tunnel(
        self: &Arc<Self>,
        handshake: &Handshake<'_>,
        before: &[Hop],
        stage: Stage,
        connect_ms: u64,
    ) -> Result<Tunnel, (Error, bool)> {
        let (bastion, was_there) = self.bastion(before, connect_ms).await.map_err(|error| (error, false))?;
        let opening = bastion.tunnel(handshake.hop, self.max_held_bytes(stage), &self.tasks);
        handshake.through(opening).await.map_err(|kind| (blame(kind, handshake.hop, before), was_there))
    }

    /// What may wait in one tunnel: one run's window, or those of all runs when it leads to a bastion; some of it twice, while more is
    /// granted before the last of it has come.
    fn max_held_bytes(&self, stage: Stage) -> usize {
        let runs = if stage == Stage::Bastion { self.settings.per_bastion.max(1) } else { 1 };
        (self.settings.window_bytes as usize).saturating_mul(2).saturating_mul(runs).saturating_add(SLACK_BYTES)
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
        let (host, _) = way.hops.split_last().ok_or_else(|| Kind::NoHop.at("(no host)"))?;
        let certificate = self.look_at(way, true).await?;
        let key = self.look_at(way, false).await?;
        let none = || Kind::Protocol { why: "it showed no key".to_owned() }.at(&host.name);
        Ok((key.ok_or_else(none)?, certificate))
    }

    async fn look_at(self: &Arc<Self>, way: &Way, as_certificate: bool) -> Result<Option<Offer>, Error> {
        let (host, before) = way.hops.split_last().ok_or_else(|| Kind::NoHop.at("(no host)"))?;
        if !before.is_empty() {
            self.bastion(before, self.settings.connect_ms).await?;
        }
        let _place = self.gates.login(before, &self.settings).await;
        let handshake = self.handshake(host, Instant::now(), self.settings.connect_ms);
        let stream = self.stream(&handshake, before, Stage::Host, self.settings.connect_ms).await?;
        handshake.look(stream, as_certificate).await.map_err(|kind| kind.at(&host.name))
    }
}

/// Whether it is the bastion that has to be mended, or the hop behind it.
fn blame(kind: Kind, hop: &Hop, before: &[Hop]) -> Error {
    let is_the_bastions = matches!(kind, Kind::BastionForbids { .. } | Kind::Lost { .. });
    let at_fault = before.last().filter(|_| is_the_bastions).unwrap_or(hop);
    kind.at(&at_fault.name)
}
