//! The socket: lets connections in within the limits, gives each a session, and ends them gently. Speaks no SMTP but the goodbye
//! to those who are not let in.

use crate::allow::Allowed;
use crate::body::Budget;
use crate::counts::one_more;
use crate::limits::{Full, Limits, Place};
use crate::session::{self, Server};
use crate::wire::Wire;
use crate::{Counts, Deliver, Settings};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// So many may hear why they are not let in at one time; more are just closed.
const GOODBYES: usize = 64;
const AGAIN: Duration = Duration::from_millis(50);

/// Receives mail until told to stop. Then nobody is let in, idle connections hear 421, and mails under way have the grace time
/// to end; one that does not was not answered, so its sender keeps it.
pub async fn serve(
    listener: TcpListener,
    settings: Arc<Settings>,
    deliver: Deliver,
    counts: Arc<Counts>,
    stop: CancellationToken,
) {
    let grace = settings.timeouts.grace;
    let mut door = Door::new(settings, deliver, counts, stop.clone());
    let mut is_failing = false;
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            Some(ended) = door.sessions.join_next(), if !door.sessions.is_empty() => told(ended),
            Some(_) = door.goodbyes.join_next(), if !door.goodbyes.is_empty() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    is_failing = false;
                    door.take(stream, peer);
                }
                Err(error) => {
                    // Out of files, mostly: what is open must end before more can begin.
                    if !std::mem::replace(&mut is_failing, true) {
                        tracing::warn!(%error, "a connection for mail could not be accepted; it is tried again");
                    }
                    tokio::time::sleep(AGAIN).await;
                }
            },
        }
    }
    drop(listener);
    let _ = tokio::time::timeout(grace, door.all_ended()).await;
    door.sessions.shutdown().await;
    door.goodbyes.shutdown().await;
}

/// A session that panicked took only its own connection with it.
fn told(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!(%error, "a connection for mail ended by a bug; please report it");
    }
}

struct Door {
    server: Arc<Server>,
    limits: Arc<Limits>,
    sessions: JoinSet<()>,
    goodbyes: JoinSet<()>,
}

impl Door {
    fn new(settings: Arc<Settings>, deliver: Deliver, counts: Arc<Counts>, stop: CancellationToken) -> Self {
        let limits = Limits::new(settings.connections, settings.per_address, settings.rate_per_minute);
        let allowed = Allowed::new(&settings.hostname, &settings.recipients);
        // One mail of the greatest size has to find room, or it never will.
        let budget = Arc::new(Budget::new(settings.held_bytes.max(settings.max_bytes)));
        let server = Server { settings, allowed, deliver, counts, budget, limits: limits.clone(), stop };
        Self { server: Arc::new(server), limits, sessions: JoinSet::new(), goodbyes: JoinSet::new() }
    }

    fn take(&mut self, stream: TcpStream, peer: SocketAddr) {
        let peer = peer.ip().to_canonical();
        match self.place(peer) {
            Ok(place) => {
                let _ = stream.set_nodelay(true);
                let server = self.server.clone();
                self.sessions.spawn(async move {
                    session::run(stream, peer, server).await;
                    drop(place);
                });
            }
            Err(answer) => self.turn_away(stream, answer),
        }
    }

    /// A place, or what is said to whoever gets none. Always 421, so that the mail stays with its sender until somebody has
    /// mended the settings.
    fn place(&self, peer: IpAddr) -> Result<Place, String> {
        let Server { settings, counts, .. } = &*self.server;
        if !settings.networks.is_empty() && !settings.networks.iter().any(|network| network.contains(peer)) {
            one_more(&counts.network_refused);
            return Err(format!("421 4.7.1 {peer} is in no network that may hand over mail here"));
        }
        self.limits.enter(peer, Instant::now()).map_err(|full| match full {
            Full::Connections => {
                one_more(&counts.connections_refused);
                "421 4.3.2 Too many connections; try again later".to_owned()
            }
            Full::Address => {
                one_more(&counts.address_refused);
                format!("421 4.7.0 Too many connections from {peer}; try again later")
            }
        })
    }

    fn turn_away(&mut self, stream: TcpStream, answer: String) {
        if self.goodbyes.len() < GOODBYES {
            let write = self.server.settings.timeouts.write;
            self.goodbyes.spawn(async move {
                let mut wire = Wire::new(stream, write);
                wire.say(&answer);
                wire.close().await;
            });
        }
    }

    async fn all_ended(&mut self) {
        while let Some(ended) = self.sessions.join_next().await {
            told(ended);
        }
    }
}
