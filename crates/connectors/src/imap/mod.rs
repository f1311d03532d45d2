//! Follows one mailbox over IMAP and hands over every mail that comes. A mail is flagged or moved only after it was taken,
//! and the cursor moves only after that. Never deletes on its own, never keeps anything, never asks what time it is.
//!
//! `follow(settings, cursor, deliver, keep, tell, stop)` runs until `stop`, whatever happens on the way; `look_in(settings)`
//! signs in once and says what is there. `deliver` answers Ok only once the mail is durable, `keep` once the cursor is. A
//! crash between the two hands the same mail over again: the caller knows it by its content. Without a cursor it is the
//! first contact, and what lies in the mailbox is left alone.

mod follower;
mod groups;
mod name;
mod read;
mod stream;
mod trouble;
mod wire;

#[cfg(test)]
mod tests;

pub use follower::{follow, look_in};
pub use read::{received_at, return_path};
pub use trouble::{Trouble, TroubleKind};

use crate::Secret;
use futures_util::future::BoxFuture;
use model::Micros;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;

/// What an operator configures for one mailbox.
#[derive(Clone, Debug)]
pub struct Settings {
    pub host: String,
    pub port: u16,
    pub user: String,
    pub password: Secret,
    pub tls: Tls,
    /// PEM of authorities to trust besides those of this machine; read anew at every connection.
    pub extra_roots: Option<PathBuf>,
    /// As people write it; `INBOX` for most.
    pub mailbox: String,
    pub done: Done,
    /// The header that the mailbox's own server writes above its `Received`, such as `Delivered-To`; `None`: it writes none
    /// that may be believed.
    pub recipient_header: Option<String>,
    /// The longest time between two looks, whether the server promises to tell of news or not.
    pub poll: Duration,
    pub limits: Limits,
}

impl Settings {
    /// The inbox of a server that speaks TLS from the first byte; nothing is changed in it.
    pub fn new(host: impl Into<String>, user: impl Into<String>, password: Secret) -> Self {
        Self {
            host: host.into(),
            port: 993,
            user: user.into(),
            password,
            tls: Tls::Implicit,
            extra_roots: None,
            mailbox: "INBOX".to_owned(),
            done: Done::Nothing,
            recipient_header: None,
            poll: Duration::from_secs(60),
            limits: Limits::default(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// From the first byte; port 993.
    Implicit,
    /// Asked for in plain text and required; port 143.
    StartTls,
    /// The password goes over the wire as it is.
    None,
}

/// What becomes of a mail in the mailbox once it is taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Done {
    Nothing,
    /// `\Seen`, or a keyword such as `Arayashiki`.
    Flag(String),
    /// Into this folder, which is made if it is not there.
    Move(String),
}

/// How long to wait for what, and how much to read.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub connect_ms: u64,
    /// For an answer to a command that carries no mail.
    pub command_ms: u64,
    /// For one mail's text.
    pub fetch_ms: u64,
    /// Servers and the boxes on the way forget a connection that is idle for longer.
    pub idle_ms: u64,
    /// The wait after a first failure; it doubles up to the longest.
    pub wait_ms: u64,
    pub longest_wait_ms: u64,
    /// The same where the server refuses us: asking often locks accounts.
    pub refused_wait_ms: u64,
    pub longest_refused_wait_ms: u64,
    /// Above this a mail is handed over with its beginning only.
    pub whole_bytes: u32,
    pub part_bytes: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect_ms: 15_000,
            command_ms: 30_000,
            fetch_ms: 300_000,
            idle_ms: 300_000,
            wait_ms: 1_000,
            longest_wait_ms: 60_000,
            refused_wait_ms: 60_000,
            longest_refused_wait_ms: 600_000,
            whole_bytes: 40 << 20,
            part_bytes: 256 << 10,
        }
    }
}

/// How far a mailbox has been read. The caller keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    pub uid_validity: u32,
    pub last_uid: u32,
    /// What came in before this was there before: tells old from new when the server has numbered its mails anew.
    pub newest_internal_date: Option<Micros>,
}

/// One mail as it lay there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    pub raw: Vec<u8>,
    pub uid: u32,
    pub uid_validity: u32,
    /// INTERNALDATE: when the server took it.
    pub received_at: Option<Micros>,
    /// Lay there before the first look, as far as anybody can tell after the server has numbered its mails anew: a
    /// baseline, and most likely known by its content.
    pub is_old: bool,
    /// As in an envelope: `None` is the null sender, an empty text a mail without Return-Path.
    pub return_path: Option<String>,
    /// To whom its own server delivered it, as far as `recipient_header` tells.
    pub recipient: Option<String>,
    /// Why `raw` is not the whole mail, for people.
    pub note: Option<String>,
}

/// It could not be made durable: the mail stays where it is and is handed over again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct NotTaken {
    pub why: String,
}

/// What is told on the way; the listener notes when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    Connected(Mailbox),
    /// The first contact: so many mails lay there and are left alone.
    Baseline {
        left_alone: u32,
    },
    /// The server has numbered its mails anew, after a restore most likely.
    Renumbered {
        new: u32,
        old: u32,
        left_alone: u32,
    },
    /// A look is done. `gone` were deleted by somebody before they could be read.
    Looked {
        delivered: u32,
        gone: u32,
    },
    /// The mails are taken, but could not be flagged or moved; they stay as they are.
    NotDone {
        text: String,
    },
    /// What is wrong and what to do. The next try comes by itself after this wait.
    Trouble {
        trouble: Trouble,
        next_try_ms: u64,
    },
}

/// A mailbox as the server describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mailbox {
    pub exists: u32,
    pub uid_validity: u32,
    /// The server tells of news by itself.
    pub has_idle: bool,
    pub has_move: bool,
    /// Nothing can be flagged or moved in it.
    pub is_read_only: bool,
}

/// What `deliver` and `keep` give back.
pub type Taken = BoxFuture<'static, Result<(), NotTaken>>;
