//! What a receiver is told: where it stands, whom it lets in and how much it bears. Reads no file.

use crate::network::Network;
use model::mail::Door;
use std::sync::Arc;
use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Smtp,
    /// As SMTP, but with one answer for each recipient after the mail (RFC 2033): for a relay of one's own.
    Lmtp,
}

impl Protocol {
    pub const fn door(self) -> Door {
        match self {
            Self::Smtp => Door::Smtp,
            Self::Lmtp => Door::Lmtp,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Settings {
    pub protocol: Protocol,
    /// How we greet.
    pub hostname: String,
    /// Whom mail is taken for: `alerts@example.com`, `@example.com` (everybody there) or `alerts+*@example.com` (every tag of
    /// it). The postmaster of the hostname and of each domain is always one. Compared without regard to case.
    pub recipients: Vec<String>,
    pub max_bytes: usize,
    /// RFC 5321 wants at least a hundred.
    pub max_recipients: usize,
    /// What all bodies that are being received and handed over may take together; never less than one mail may have.
    pub held_bytes: usize,
    /// From [`crate::tls_config`]; without it there is no STARTTLS.
    pub tls: Option<Arc<rustls::ServerConfig>>,
    /// No mail without STARTTLS.
    pub tls_required: bool,
    /// Who may connect; empty: everybody.
    pub networks: Vec<Network>,
    /// Connections at once; 0: no limit.
    pub connections: usize,
    /// Connections at once from one address (of IPv6: one /64); 0: no limit.
    pub per_address: usize,
    /// Mails a minute from one address; 0: no limit.
    pub rate_per_minute: u32,
    pub timeouts: Timeouts,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            protocol: Protocol::Smtp,
            hostname: "localhost".to_owned(),
            recipients: Vec::new(),
            max_bytes: 40 << 20,
            max_recipients: 1_000,
            held_bytes: 256 << 20,
            tls: None,
            tls_required: false,
            networks: Vec::new(),
            connections: 1_000,
            per_address: 200,
            rate_per_minute: 0,
            timeouts: Timeouts::default(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For a whole command line, and for a TLS handshake.
    pub command: Duration,
    /// For a whole body, and for one chunk of BDAT.
    pub data: Duration,
    /// For an answer to be read by the other side.
    pub write: Duration,
    /// For the taker of a mail.
    pub deliver: Duration,
    /// No further mail begins on a connection that is older.
    pub session: Duration,
    /// What mails under way get when we stop.
    pub grace: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            command: Duration::from_secs(300),
            data: Duration::from_secs(600),
            write: Duration::from_secs(60),
            deliver: Duration::from_secs(240),
            session: Duration::from_secs(3_600),
            grace: Duration::from_secs(10),
        }
    }
}
