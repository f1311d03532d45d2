//! From a stream to a connection that is logged in: greeting, key exchange, host key, login. Nothing is proved to a server whose key is not known.

use super::door::{Check, Door, Offer, Seen};
use super::wire::{Duplex, Wire};
use super::{Link, Tunnel};
use crate::error::Kind;
use crate::known::{Known, algorithms};
use crate::login::{Keys, log_in};
use crate::settings::Settings;
use crate::way::Hop;
use russh::client::{Config, Handle, connect_stream};
use russh::keys::Algorithm;
use russh::{Preferred, SshId, cipher};
use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::{CancellationToken, DropGuard};

/// Hardware does AES; without it, what needs none.
const CIPHERS: &[cipher::Name] =
    &[cipher::AES_256_GCM, cipher::AES_128_GCM, cipher::CHACHA20_POLY1305, cipher::AES_256_CTR, cipher::AES_128_CTR];

/// A bastion's window for each tunnel. Room in a tunnel is bounded by what runs inside it; this one only must not be the narrow place,
/// and bounds what may be under way when keys are exchanged anew.
const TUNNEL_WINDOW_BYTES: u32 = 16 << 20;

/// What a connection is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Tunnels to the next hop.
    Bastion,
    /// One command at a time.
    Host,
}

/// Everything that a handshake needs to know.
pub(crate) struct Handshake<'a> {
    pub(crate) hop: &'a Hop,
    pub(crate) known: Known,
    pub(crate) now: u64,
    pub(crate) settings: &'a Settings,
    pub(crate) keys: &'a Keys,
    pub(crate) deadline: Instant,
    pub(crate) connect_ms: u64,
}

/// A session that has begun, before its login.
struct Begun {
    handle: Handle<Door>,
    seen: Seen,
    ended: CancellationToken,
    cut: DropGuard,
}

impl Handshake<'_> {
    /// A socket to the first hop.
    pub(crate) async fn dial(&self) -> Result<TcpStream, Kind> {
        let unreachable = |e: std::io::Error| Kind::Unreachable { place: self.hop.place(), why: e.to_string() };
        let dialling = TcpStream::connect((self.hop.address.as_str(), self.hop.port));
        let socket = timeout_at(self.deadline, dialling).await.map_err(|_| self.late("connecting"))?;
        let socket = socket.map_err(unreachable)?;
        socket.set_nodelay(true).map_err(unreachable)?;
        Ok(socket)
    }

    /// A stream to a later hop, through the one before.
    pub(crate) async fn through(&self, opening: impl Future<Output = Result<Tunnel, Kind>>) -> Result<Tunnel, Kind> {
        timeout_at(self.deadline, opening).await.map_err(|_| self.late("the bastion connects to it"))?
    }

    /// Logs in over the stream. `from` is when the connecting began.
    pub(crate) async fn link(&self, stream: Box<dyn Duplex>, stage: Stage, from: Instant) -> Result<Link, Kind> {
        let names = self.hop.names();
        let (kinds, certificates) = self.known.wanted(&names);
        let certificates = if certificates { kinds.clone() } else { Vec::new() };
        let check = Check::Known { known: self.known.clone(), names, now: self.now };
        let begun = self.begin(stream, check, self.config(stage, kinds, certificates)).await;
        let Begun { mut handle, seen, ended, cut } = begun.map_err(|(kind, _)| kind)?;
        let login = timeout_at(self.deadline, log_in(&mut handle, self.hop, self.keys));
        login.await.map_err(|_| self.late("logging in"))??;
        let offer = seen.offered().ok_or_else(|| protocol("it showed no host key"))?;
        Ok(Link {
            handle,
            hop: self.hop.clone(),
            seen,
            offer,
            ended,
            opened_ms: u64::try_from(from.elapsed().as_millis()).unwrap_or(u64::MAX),
            is_retired: AtomicBool::new(false),
            worn: AtomicUsize::new(0),
            users: AtomicUsize::new(0),
            last_used: Mutex::new(Instant::now()),
            _cut: cut,
        })
    }

    /// What the server shows of itself, without trusting it: its certificate, or else its key. `None`: it has no certificate.
    pub(crate) async fn look(&self, stream: Box<dyn Duplex>, as_certificate: bool) -> Result<Option<Offer>, Kind> {
        let (keys, certificates) = if as_certificate { (Vec::new(), algorithms()) } else { (algorithms(), Vec::new()) };
        match self.begin(stream, Check::Look, self.config(Stage::Host, keys, certificates)).await {
            Ok(_) => Err(protocol("it went on without showing its key")),
            Err((kind, seen)) => match seen.offered() {
                Some(offer) => Ok(Some(offer)),
                None if as_certificate && matches!(kind, Kind::NoCommonAlgorithm { .. }) => Ok(None),
                None => Err(kind),
            },
        }
    }

    async fn begin(&self, stream: Box<dyn Duplex>, check: Check, config: Config) -> Result<Begun, (Kind, Seen)> {
        let (cut, ended, seen) = (CancellationToken::new(), CancellationToken::new(), Seen::default());
        let stall = self.settings.keepalive_ms.saturating_mul(self.settings.keepalive_tries as u64 + 1);
        let wire = Wire::new(stream, cut.clone(), Duration::from_millis(stall));
        // Ends the session, wherever it waits, when this future is dropped.
        let cut = cut.drop_guard();
        let door = Door::new(check, seen.clone(), ended.clone());
        let shaking = timeout_at(self.deadline, connect_stream(Arc::new(config), wire, door));
        match shaking.await {
            Ok(Ok(handle)) => Ok(Begun { handle, seen, ended, cut }),
            Ok(Err(e)) => Err((seen.verdict().unwrap_or_else(|| kind_of(e)), seen)),
            Err(_) => Err((self.late("shaking hands"), seen)),
        }
    }

    fn config(&self, stage: Stage, keys: Vec<Algorithm>, certificates: Vec<Algorithm>) -> Config {
        Config {
            client_id: SshId::Standard(Cow::Borrowed(concat!("SSH-2.0-arayashiki_", env!("CARGO_PKG_VERSION")))),
            window_size: if stage == Stage::Bastion { TUNNEL_WINDOW_BYTES } else { self.settings.window_bytes },
            channel_buffer_size: 16,
            keepalive_interval: Some(Duration::from_millis(self.settings.keepalive_ms)),
            keepalive_max: self.settings.keepalive_tries,
            preferred: Preferred {
                key: Cow::Owned(keys),
                host_key_certificates: Cow::Owned(certificates),
                cipher: Cow::Borrowed(CIPHERS),
                compression: Cow::Borrowed(&[russh::compression::NONE]),
                ..Preferred::DEFAULT
            },
            ..Config::default()
        }
    }

    fn late(&self, doing: &'static str) -> Kind {
        Kind::Timeout { doing, waited_ms: self.connect_ms }
    }
}

fn protocol(why: &str) -> Kind {
    Kind::Protocol { why: why.to_owned() }
}

/// What a handshake failed at.
fn kind_of(error: russh::Error) -> Kind {
    use russh::Error as E;
    match error {
        E::NoCommonAlgo { kind, ours, theirs } => Kind::NoCommonAlgorithm {
            what: format!("{kind:?}").to_lowercase(),
            ours: ours.join(", "),
            theirs: theirs.join(", "),
        },
        E::Version => protocol("what answers there is no SSH server"),
        E::WrongServerSig => protocol("it could not prove that its host key is its own"),
        E::IO(e) => Kind::Lost { doing: "shaking hands", why: e.to_string() },
        E::Disconnect | E::HUP => Kind::Lost { doing: "shaking hands", why: "it hung up".to_owned() },
        e => protocol(&e.to_string()),
    }
}
