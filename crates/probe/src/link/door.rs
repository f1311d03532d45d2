//! What a connection does with what its server says of itself: judges the host key, remembers how it ended, lets the server open nothing.

use crate::error::Kind;
use crate::known::{Known, fingerprint};
use russh::client::{ChannelOpenHandle, DisconnectReason, Handler, Msg, Session};
use russh::keys::{Certificate, PublicKey, PublicKeyOrCertificate};
use russh::{Channel, Error};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio_util::sync::{CancellationToken, DropGuard};

/// What has been seen of the server; outlives the connection.
#[derive(Clone, Default)]
pub(crate) struct Seen(Arc<Mutex<Sight>>);

#[derive(Default)]
struct Sight {
    offered: Option<Offer>,
    verdict: Option<Kind>,
    end: Option<String>,
}

/// The key that the server has proved to hold, and the certificate that it showed for it.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) key: PublicKey,
    pub(crate) certificate: Option<Certificate>,
}

impl Seen {
    pub(crate) fn offered(&self) -> Option<Offer> {
        self.look().offered.clone()
    }

    /// Why its key was not good enough.
    pub(crate) fn verdict(&self) -> Option<Kind> {
        self.look().verdict.clone()
    }

    /// How the connection ended, once it has.
    pub(crate) fn end(&self) -> Option<String> {
        self.look().end.clone()
    }

    fn look(&self) -> MutexGuard<'_, Sight> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Offer {
    pub(crate) fn fingerprint(&self) -> String {
        fingerprint(self.key.key_data())
    }

    pub(crate) fn as_shown(&self) -> PublicKeyOrCertificate {
        self.certificate.clone().map_or_else(|| self.key.clone().into(), PublicKeyOrCertificate::from)
    }
}

/// What to do with the host key.
pub(crate) enum Check {
    /// Go on only if it is known.
    Known { known: Known, names: Vec<String>, now: u64 },
    /// Look at it, and leave.
    Look,
}

/// The handler of one connection.
pub(crate) struct Door {
    check: Check,
    seen: Seen,
    _ended: DropGuard,
}

impl Door {
    /// `ended` is told when the session is over.
    pub(super) fn new(check: Check, seen: Seen, ended: CancellationToken) -> Self {
        Self { check, seen, _ended: ended.drop_guard() }
    }
}

impl Handler for Door {
    type Error = Error;

    async fn check_server_key(&mut self, shown: &PublicKeyOrCertificate) -> Result<bool, Error> {
        let mut sight = self.seen.look();
        sight.offered = Some(Offer { key: shown.public_key(), certificate: shown.certificate().cloned() });
        let Check::Known { known, names, now } = &self.check else { return Ok(false) };
        sight.verdict = known.judge(names, shown, *now).err();
        Ok(sight.verdict.is_none())
    }

    async fn disconnected(&mut self, reason: DisconnectReason<Error>) -> Result<(), Error> {
        let (text, end) = match reason {
            DisconnectReason::ReceivedDisconnect(said) => (format!("it said: {}", said.message.trim()), Ok(())),
            DisconnectReason::Error(e) => (e.to_string(), Err(e)),
        };
        self.seen.look().end = Some(text);
        end
    }

    // A server opens channels to its client only when it was asked to forward something, and it never is. A reply that is dropped refuses.

    async fn server_channel_open_forwarded_tcpip(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        _: u32,
        _: &str,
        _: u32,
        _: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Error> {
        Ok(())
    }

    async fn server_channel_open_forwarded_streamlocal(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        _: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Error> {
        Ok(())
    }

    async fn server_channel_open_agent_forward(
        &mut self,
        _: Channel<Msg>,
        _: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Error> {
        Ok(())
    }

    async fn server_channel_open_session(
        &mut self,
        _: Channel<Msg>,
        _: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Error> {
        Ok(())
    }

    async fn server_channel_open_direct_tcpip(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        _: u32,
        _: &str,
        _: u32,
        _: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Error> {
        Ok(())
    }

    async fn server_channel_open_direct_streamlocal(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        _: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Error> {
        Ok(())
    }

    async fn server_channel_open_x11(
        &mut self,
        _: Channel<Msg>,
        _: &str,
        _: u32,
        _: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), Error> {
        Ok(())
    }
}
