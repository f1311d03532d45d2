//! Receives mail by SMTP and LMTP: the sockets and the protocol. Knows no store: whoever it hands a mail to says when it is
//! durable, and only then the sender hears 250.
//!
//! What it promises to whoever takes the mails:
//!
//! - A mail is handed over as it was sent, byte for byte: dots are un-stuffed, nothing is added, changed or checked but the count
//!   of `Received:` headers.
//! - **Line ends.** Only CR LF `.` CR LF ends DATA, and a dot is un-stuffed only after CR LF (or at the very beginning). A bare LF
//!   or a bare CR is a byte like any other and stays where it is, so that nobody's idea of a line end can smuggle a second mail
//!   into the first. A command may end with a bare LF, as typed by hand; one with any other control character is refused.
//! - It never relays: a recipient that is not on the list is refused.
//! - 250 is said after the taker said that the mail is durable. A taker that refuses, fails, panics or takes too long is 451.
//!   A sender whose 250 got lost sends again: the taker has to recognise that mail.
//! - Memory is bounded: 16 KiB and a command line a connection, and all bodies that are being received together have a cap.

mod accept;
mod allow;
mod body;
mod command;
mod counts;
mod data;
mod limits;
mod network;
mod session;
mod settings;
mod tls;
mod wire;

pub use accept::serve;
pub use counts::Counts;
pub use network::{Network, NoNetwork};
pub use settings::{Protocol, Settings, Timeouts};
pub use tls::{TlsError, tls_config};

use futures_util::future::BoxFuture;
use std::sync::Arc;

/// A mail that somebody sent to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// With every recipient that was accepted.
    pub envelope: model::mail::Envelope,
    /// As it was sent.
    pub raw: Vec<u8>,
}

/// Why a mail was not taken. The sender keeps it and tries again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It can't be made durable now.
    NotDurable,
    /// Too much is under way.
    Busy,
}

/// Takes a mail; `Ok` once it is durable.
pub type Deliver = Arc<dyn Fn(Received) -> BoxFuture<'static, Result<(), Refused>> + Send + Sync>;
