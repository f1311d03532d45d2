//! One SSH connection that is logged in: made, used, asked whether it lives, ended.

mod door;
mod handshake;
mod tunnel;
mod wire;

use crate::error::Kind;
use crate::known::Known;
use crate::way::Hop;
use russh::client::{Handle, Msg};
use russh::{Channel, ChannelOpenFailure, Disconnect};
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, timeout};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

pub(crate) use door::{Door, Offer};
pub(crate) use handshake::{Handshake, Stage};
pub(crate) use tunnel::Tunnel;
pub(crate) use wire::Duplex;

/// So many tunnels that had to be closed from this side, and a connection is replaced: each leaves a little behind in it.
const WORN_OUT: usize = 1000;

/// How long a connection has to say goodbye.
const GOODBYE: Duration = Duration::from_millis(500);

pub(crate) struct Link {
    handle: Handle<Door>,
    hop: Hop,
    seen: door::Seen,
    offer: Offer,
    ended: CancellationToken,
    /// How long it took to connect and log in.
    opened_ms: u64,
    is_retired: AtomicBool,
    worn: AtomicUsize,
    users: AtomicUsize,
    last_used: Mutex<Instant>,
    _cut: DropGuard,
}

impl Link {
    /// Whether something new may begin on it.
    pub(crate) fn is_usable(&self) -> bool {
        !self.handle.is_closed()
            && !self.is_retired.load(Ordering::Relaxed)
            && self.worn.load(Ordering::Relaxed) < WORN_OUT
    }

    pub(crate) fn name(&self) -> &str {
        &self.hop.name
    }

    /// The fingerprint of the key that it has proved to hold.
    pub(crate) fn host_key(&self) -> String {
        self.offer.fingerprint()
    }

    pub(crate) fn opened_ms(&self) -> u64 {
        self.opened_ms
    }

    /// For how long nobody has used it; `None` while somebody does.
    pub(crate) fn idle(&self) -> Option<Duration> {
        let is_used = self.users.load(Ordering::SeqCst) > 0;
        (!is_used).then(|| self.last_used.lock().unwrap_or_else(PoisonError::into_inner).elapsed())
    }

    pub(crate) fn touch(&self) {
        *self.last_used.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Takes nothing new from now on; what is under way goes on.
    pub(crate) fn retire(&self) {
        self.is_retired.store(true, Ordering::Relaxed);
    }

    /// Whether its key is good by what is known now.
    pub(crate) fn judge(&self, known: &Known, now: u64) -> Result<(), Kind> {
        known.judge(&self.hop.names(), &self.offer.as_shown(), now)
    }

    /// Asks the peer whether it lives.
    pub(crate) async fn answers(&self, within: Duration) -> bool {
        matches!(timeout(within, self.handle.send_ping()).await, Ok(Ok(()))) && !self.handle.is_closed()
    }

    /// A channel to run a command on.
    pub(crate) async fn open(&self) -> Result<Channel<Msg>, Kind> {
        self.handle.channel_open_session().await.map_err(|e| match e {
            russh::Error::ChannelOpenFailure(reason) => Kind::RunRefused { why: words(&reason).to_owned() },
            e => self.lost("opening a session", &e),
        })
    }

    /// The connection is gone; says how, when it said so itself.
    pub(crate) fn lost(&self, doing: &'static str, error: &russh::Error) -> Kind {
        Kind::Lost { doing, why: self.end().unwrap_or_else(|| error.to_string()) }
    }

    /// How it ended.
    pub(crate) fn end(&self) -> Option<String> {
        self.seen.end()
    }

    /// Says goodbye and waits for the end, for a moment.
    pub(crate) async fn close(&self) {
        self.retire();
        let goodbye = async {
            let _ = self.handle.disconnect(Disconnect::ByApplication, "", "").await;
            self.ended.cancelled().await;
        };
        let _ = timeout(GOODBYE, goodbye).await;
    }
}

/// A use of a connection that several share; it stays open as long as there is one.
pub(crate) struct Use(Arc<Link>);

impl Use {
    pub(crate) fn of(link: Arc<Link>) -> Self {
        link.users.fetch_add(1, Ordering::SeqCst);
        Self(link)
    }

    /// A stream to the next hop, over this one.
    pub(crate) async fn tunnel(self, to: &Hop, max_held_bytes: usize, tasks: &TaskTracker) -> Result<Tunnel, Kind> {
        let asked = self.handle.channel_open_direct_tcpip(to.address.clone(), u32::from(to.port), "127.0.0.1", 0);
        let channel = asked.await.map_err(|e| self.refused(&e, to))?;
        let (tunnel, pump) = tunnel::over(channel, self, max_held_bytes);
        tasks.spawn(pump.run());
        Ok(tunnel)
    }

    fn refused(&self, error: &russh::Error, to: &Hop) -> Kind {
        match error {
            russh::Error::ChannelOpenFailure(ChannelOpenFailure::ConnectFailed) => {
                Kind::Unreachable { place: to.place(), why: format!("{} can't connect to it", self.name()) }
            }
            russh::Error::ChannelOpenFailure(ChannelOpenFailure::AdministrativelyProhibited) => {
                Kind::BastionForbids { target: to.place() }
            }
            russh::Error::ChannelOpenFailure(reason) => {
                Kind::Protocol { why: format!("no tunnel to {}: {}", to.place(), words(reason)) }
            }
            e => self.lost("opening a tunnel", e),
        }
    }

    /// A tunnel had to be closed from this side.
    fn wear(&self) {
        self.worn.fetch_add(1, Ordering::Relaxed);
    }
}

impl Deref for Use {
    type Target = Link;

    fn deref(&self) -> &Link {
        &self.0
    }
}

impl Drop for Use {
    fn drop(&mut self) {
        self.touch();
        self.users.fetch_sub(1, Ordering::SeqCst);
    }
}

fn words(reason: &ChannelOpenFailure) -> &'static str {
    match reason {
        ChannelOpenFailure::AdministrativelyProhibited => "it is prohibited there",
        ChannelOpenFailure::ConnectFailed => "it could not connect",
        ChannelOpenFailure::UnknownChannelType => "it does not know that kind of channel",
        ChannelOpenFailure::ResourceShortage => "it has no room left",
        _ => "it gave no reason",
    }
}
