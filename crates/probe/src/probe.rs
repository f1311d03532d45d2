//! The probe: run a command on a host, see whether a host can be reached, look at a host's key.

use crate::error::{Error, Kind};
use crate::known::{Known, fingerprint};
use crate::link::{Link, Offer};
use crate::outcome::{Chunk, Offered, OfferedCertificate, Outcome, Reached, ReachedHop};
use crate::pool::Pool;
use crate::run::{Command, End, run};
use crate::settings::{Clock, Limits, Settings};
use crate::way::Way;
use russh::keys::{Certificate, PublicKey};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// Visits hosts. Cheap to clone; all clones share their connections.
#[derive(Clone)]
pub struct Probe {
    pool: Arc<Pool>,
}

impl Probe {
    /// Knows no host yet.
    pub fn new(settings: Settings, clock: Clock) -> Self {
        Self { pool: Pool::new(settings, clock) }
    }

    /// Replaces the host keys that are trusted. Connections to hosts whose key is none of them are not used again.
    pub fn know(&self, known: Known) {
        self.pool.know(known);
    }

    /// Runs a command on the last hop and hands on what it says. An error: the command never began. Whoever drops this future, or
    /// the receiver of `out`, has the command stopped on the host.
    ///
    /// A slow receiver slows the command down, and nothing else.
    pub async fn exec(
        &self,
        way: &Way,
        command: &str,
        stdin: Option<Vec<u8>>,
        limits: &Limits,
        out: mpsc::Sender<Chunk>,
        stop: CancellationToken,
    ) -> Result<Outcome, Error> {
        let stop = stop.child_token();
        let _gone = stop.clone().drop_guard();
        let command = Command {
            text: command.to_owned(),
            stdin,
            limits: *limits,
            began: Instant::now(),
            out,
            stop,
            closing: self.pool.closing.clone(),
        };
        let host = name_of(way);
        // A task of its own: it ends what it began, even when nobody waits for it any more.
        let running = self.pool.tasks.spawn(visit(self.pool.clone(), way.clone(), command));
        running.await.unwrap_or_else(|e| Err(Kind::Protocol { why: e.to_string() }.at(&host)))
    }

    /// Logs in to the host, over a connection of its own.
    pub async fn reach(&self, way: &Way) -> Result<Reached, Error> {
        let began = Instant::now();
        let connect_ms = self.pool.settings.connect_ms;
        let mut hops = Vec::new();
        for n in 1..way.hops.len() {
            let (link, was_open) = self.pool.bastion(&way.hops[..n], connect_ms).await?;
            hops.push(reached(&link, was_open));
        }
        let link = self.pool.fresh(way, connect_ms).await?;
        hops.push(reached(&link, false));
        self.pool.keep(way, link);
        Ok(Reached { hops, elapsed_ms: millis(began) })
    }

    /// What the host shows of itself. It is not trusted by that; the hops before it have to be.
    pub async fn fingerprint(&self, way: &Way) -> Result<Offered, Error> {
        let (key, certificate) = self.pool.look(way).await?;
        Ok(offered(&key, certificate.and_then(|offer| offer.certificate)))
    }

    /// Stops what is under way and says goodbye to everybody.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// One call of `exec`, from the queue to the end.
async fn visit(pool: Arc<Pool>, way: Way, command: Command) -> Result<Outcome, Error> {
    let host = name_of(&way);
    let deadline = command.began + Duration::from_millis(command.limits.total_ms);
    let not_in_time = async {
        tokio::select! {
            () = command.stop.cancelled() => Kind::Cancelled,
            () = command.closing.cancelled() => Kind::Cancelled,
            () = sleep_until(deadline) => Kind::Busy,
        }
    };
    tokio::pin!(not_in_time);
    let _places = tokio::select! {
        biased;
        why = &mut not_in_time => return Err(why.at(&host)),
        places = pool.gates.admit(&way, &pool.settings) => places,
    };
    let ready = tokio::select! {
        biased;
        why = &mut not_in_time => return Err(late(why, &command).at(&host)),
        ready = ready(&pool, &way, &command) => ready,
    };
    let (link, channel) = ready?;
    match run(channel, &command, &pool.settings, link.host_key(), || link.end()).await {
        Ok(End::Ran { outcome, is_clean }) => {
            if is_clean {
                pool.keep(&way, link);
            }
            Ok(outcome)
        }
        Ok(End::Refused) => Err(Kind::RunRefused { why: "it refused the request".to_owned() }.at(&host)),
        Err(e) => Err(link.lost("starting a command", &e).at(&host)),
    }
}

/// A connection with a channel that is open. One that was kept may have died unseen: then a new one is made, once. No command has been sent by then.
async fn ready(
    pool: &Arc<Pool>,
    way: &Way,
    command: &Command,
) -> Result<(Link, russh::Channel<russh::client::Msg>), Error> {
    let host = name_of(way);
    let connect_ms = command.limits.connect_ms;
    let (link, was_kept) = pool.host(way, connect_ms).await?;
    match open(&link, connect_ms).await {
        Ok(channel) => return Ok((link, channel)),
        Err(Kind::Lost { .. } | Kind::Timeout { .. }) if was_kept => drop(link),
        Err(kind) => return Err(kind.at(&host)),
    }
    let link = pool.fresh(way, connect_ms).await?;
    let channel = open(&link, connect_ms).await.map_err(|kind| kind.at(&host))?;
    Ok((link, channel))
}

async fn open(link: &Link, connect_ms: u64) -> Result<russh::Channel<russh::client::Msg>, Kind> {
    let opening = tokio::time::timeout(Duration::from_millis(connect_ms), link.open());
    opening.await.unwrap_or(Err(Kind::Timeout { doing: "opening a session", waited_ms: connect_ms }))
}

/// The time was up after a place was found.
fn late(why: Kind, command: &Command) -> Kind {
    match why {
        Kind::Busy => Kind::Timeout { doing: "connecting", waited_ms: command.limits.total_ms },
        why => why,
    }
}

fn name_of(way: &Way) -> String {
    way.hops.last().map(|hop| hop.name.clone()).unwrap_or_default()
}

fn reached(link: &Link, was_open: bool) -> ReachedHop {
    ReachedHop { name: link.name().to_owned(), host_key: link.host_key(), elapsed_ms: link.opened_ms(), was_open }
}

fn offered(offer: &Offer, certificate: Option<Certificate>) -> Offered {
    let certificate = certificate.map(|certificate| OfferedCertificate {
        key_id: certificate.key_id().to_owned(),
        authority: line(&PublicKey::new(certificate.signature_key().clone(), "")),
        authority_fingerprint: fingerprint(certificate.signature_key()),
        hosts: certificate.valid_principals().to_vec(),
        valid_after: certificate.valid_after(),
        valid_before: certificate.valid_before(),
    });
    Offered { key: line(&offer.key), fingerprint: offer.fingerprint(), certificate }
}

/// As in a public key file, without a comment.
fn line(key: &PublicKey) -> String {
    // A key that was read can be written.
    key.to_openssh().unwrap_or_default().trim_end().to_owned()
}

fn millis(from: Instant) -> u64 {
    u64::try_from(from.elapsed().as_millis()).unwrap_or(u64::MAX)
}
