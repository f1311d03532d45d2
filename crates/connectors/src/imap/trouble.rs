//! What can go wrong with a mailbox, in words for people with what to do. Never shows a password or a mail's text.

use super::{Settings, Tls};
use crate::Secret;
use async_imap::error::Error;
use rustls::{CertificateError, Error as TlsError};
use std::io::{self, ErrorKind};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TroubleKind {
    /// No connection, or it was cut.
    Network,
    /// No answer in time.
    Slow,
    /// TLS did not come about: a certificate, or no TLS at all over there.
    Tls,
    /// The server does not let us in.
    Auth,
    /// The mailbox is not there, or not ours.
    Mailbox,
    /// The server said no to something else.
    No,
    /// The folder to move into is not there.
    NoTarget,
    /// It answered with something that is no IMAP.
    Garbled,
    /// Ours: the configuration can't work as it is.
    Setting,
    /// Ours: a mail could not be made durable.
    NotTaken,
    /// Asked to stop.
    Stopped,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Trouble {
    pub kind: TroubleKind,
    pub text: String,
}

/// Servers may say a lot.
const MAX_SAID_CHARS: usize = 200;

impl Trouble {
    pub(super) fn new(kind: TroubleKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }

    pub(super) fn stopped() -> Self {
        Self::new(TroubleKind::Stopped, "asked to stop")
    }

    /// Somebody has to change something before it can work: asking often only locks accounts.
    pub(super) const fn is_refusal(&self) -> bool {
        matches!(self.kind, TroubleKind::Auth | TroubleKind::Mailbox | TroubleKind::Setting | TroubleKind::Tls)
    }
}

/// The server's own words, short and without what could break a line.
pub fn said(text: Option<&str>, settings: &Settings) -> String {
    // The library hands on what it was told in quotes and with escapes.
    let escaped = Secret::new(settings.password.expose().escape_debug().to_string());
    let text = escaped.redact(&settings.password.redact(text.unwrap_or_default().trim()));
    let text: String = text.chars().filter(|c| !c.is_control()).take(MAX_SAID_CHARS).collect();
    if text.is_empty() { "without a reason".to_owned() } else { format!("{text:?}") }
}

fn place(settings: &Settings) -> String {
    format!("{}:{}", settings.host, settings.port)
}

pub fn of_connect(error: &io::Error, settings: &Settings) -> Trouble {
    let place = place(settings);
    let remedy = match error.kind() {
        ErrorKind::ConnectionRefused => {
            "nobody listens there: check [mail.imap] host and port, and firewalls on the way"
        }
        ErrorKind::TimedOut => "no answer: a firewall is in the way most likely, or [mail.imap] host is wrong",
        _ => "check [mail.imap] host and port, and this machine's DNS",
    };
    Trouble::new(TroubleKind::Network, format!("no connection to {place}: {error}; {remedy}"))
}

pub fn of_tls(error: &io::Error, settings: &Settings) -> Trouble {
    let place = place(settings);
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<TlsError>());
    let text = match inner {
        Some(TlsError::InvalidCertificate(why)) => certificate(why, settings),
        Some(TlsError::InvalidMessage(_)) => format!(
            "{place} speaks no TLS: set [mail.imap] tls = \"starttls\" (port 143 most likely), or check the port"
        ),
        _ => format!("TLS with {place} did not come about: {error}; check [mail.imap] port and tls"),
    };
    Trouble::new(TroubleKind::Tls, text)
}

fn certificate(why: &CertificateError, settings: &Settings) -> String {
    let (place, host) = (place(settings), &settings.host);
    match why {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            format!(
                "the certificate of {place} has expired: renew it on the mail server, or check this machine's clock"
            )
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            format!("the certificate of {place} is not valid yet: check this machine's clock")
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!(
                "the certificate of {place} is for another name than {host}: set [mail.imap] host to the name in it"
            )
        }
        CertificateError::UnknownIssuer => format!(
            "the certificate of {place} is signed by nobody whom this machine trusts: set [mail.imap] ca to the \
             PEM file of its authority"
        ),
        other => format!("the certificate of {place} can't be trusted: {other}"),
    }
}

pub fn of_login(error: Error, settings: &Settings) -> Trouble {
    let user = &settings.user;
    match error {
        Error::No(text) | Error::Bad(text) => {
            let said = said(Some(&text), settings);
            let busy = ["UNAVAILABLE", "INUSE", "LIMIT", "Maximum number"].iter().any(|word| text.contains(word));
            if busy {
                let text = format!("the mail server can't let {user} in now ({said}); it is tried again");
                return Trouble::new(TroubleKind::No, text);
            }
            let remedy = if settings.tls == Tls::None { ", and whether it wants TLS: [mail.imap] tls" } else { "" };
            let text = format!(
                "the mail server does not let {user} in ({said}): check [mail.imap] user and password{remedy}; some \
                 servers want a password of its own for programs"
            );
            Trouble::new(TroubleKind::Auth, text)
        }
        Error::Validate(_) => Trouble::new(
            TroubleKind::Setting,
            "[mail.imap] user or password holds a line break: was it pasted with one?",
        ),
        other => of_wire(other, settings),
    }
}

pub fn of_mailbox(refused: Trouble, settings: &Settings) -> Trouble {
    if !matches!(refused.kind, TroubleKind::No | TroubleKind::NoTarget) {
        return refused;
    }
    let text = format!(
        "the mailbox {:?} can't be opened ({}): check [mail.imap] mailbox, and that {} may read it",
        settings.mailbox, refused.text, settings.user
    );
    Trouble::new(TroubleKind::Mailbox, text)
}

/// What the parser stumbled over is never quoted: it may be a mail.
pub fn of_wire(error: Error, settings: &Settings) -> Trouble {
    let place = place(settings);
    match error {
        Error::Io(e) => of_io(&e, settings),
        Error::ConnectionLost => Trouble::new(TroubleKind::Network, format!("{place} closed the connection")),
        Error::No(text) | Error::Bad(text) => Trouble::new(TroubleKind::No, said(Some(&text), settings)),
        Error::Validate(_) => Trouble::new(TroubleKind::Setting, "[mail.imap] has a value that holds a line break"),
        _ => garbled(settings),
    }
}

pub fn of_io(error: &io::Error, settings: &Settings) -> Trouble {
    match error.kind() {
        // The library's own errors of parsing.
        ErrorKind::Other => garbled(settings),
        // TLS errors come up while reading, too.
        ErrorKind::InvalidData => of_tls(error, settings),
        _ => Trouble::new(TroubleKind::Network, format!("the connection to {} was cut: {error}", place(settings))),
    }
}

pub fn garbled(settings: &Settings) -> Trouble {
    let text = format!(
        "{} answered with something that is no IMAP: check [mail.imap] host, port and tls; it is tried again",
        place(settings)
    );
    Trouble::new(TroubleKind::Garbled, text)
}

pub fn slow(settings: &Settings) -> Trouble {
    Trouble::new(TroubleKind::Slow, format!("{} did not answer in time; it is tried again", place(settings)))
}
