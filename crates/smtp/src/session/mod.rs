//! One conversation: what was said so far, and how it ends. What a mail is made of stands in `envelope.rs` and `content.rs`.

mod content;
mod envelope;

use crate::allow::Allowed;
use crate::body::{Body, Budget};
use crate::command::{self, Command};
use crate::counts::one_more;
use crate::limits::Limits;
use crate::wire::{Gone, Wire};
use crate::{Counts, Deliver, Protocol, Settings};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

/// So many lines that are no command, or stand at the wrong place, are borne.
const MOST_BAD: u32 = 20;
/// So many commands without a mail, refused recipients included.
const MOST_USELESS: u32 = 1_000;

/// What all conversations of a listener share.
pub struct Server {
    pub settings: Arc<Settings>,
    pub allowed: Allowed,
    pub deliver: Deliver,
    pub counts: Arc<Counts>,
    pub budget: Arc<Budget>,
    pub limits: Arc<Limits>,
    pub stop: CancellationToken,
}

/// Serves one connection to its end.
pub async fn run(stream: TcpStream, peer: IpAddr, server: Arc<Server>) {
    one_more(&server.counts.sessions);
    let _open = Open::new(server.counts.clone());
    let timeouts = server.settings.timeouts;
    let old_at = Instant::now() + timeouts.session;
    let mut first = Session::new(stream, peer, server.clone(), old_at);
    first.greet();
    let Some((stream, patience)) = first.talk().await else { return };
    let Some(config) = server.settings.tls.clone() else { return };
    match timeout(timeouts.command, TlsAcceptor::from(config).accept(stream)).await {
        Ok(Ok(stream)) => {
            one_more(&server.counts.tls_sessions);
            let mut second = Session::new(stream, peer, server, old_at);
            (second.is_tls, second.patience) = (true, patience);
            second.talk().await;
        }
        Ok(Err(error)) => {
            one_more(&server.counts.tls_failed);
            tracing::debug!(%peer, %error, "no TLS with a sender of mail");
        }
        Err(_) => one_more(&server.counts.tls_failed),
    }
}

/// The count of open sessions, right however one ends.
struct Open(Arc<Counts>);

impl Open {
    fn new(counts: Arc<Counts>) -> Self {
        one_more(&counts.open);
        Self(counts)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

struct Session<S> {
    wire: Wire<S>,
    server: Arc<Server>,
    peer: IpAddr,
    is_tls: bool,
    helo: Option<String>,
    mail: Option<Mail>,
    patience: Patience,
    old_at: Instant,
}

/// The mail that was begun.
struct Mail {
    from: Option<String>,
    recipients: Vec<String>,
    /// Once BDAT has begun.
    body: Option<Body>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Patience {
    bad: u32,
    useless: u32,
}

/// How a conversation ends.
enum Leave {
    Quit,
    StartTls,
    Gone(Gone),
    /// Nothing but nonsense came.
    Tired,
    Old,
    /// The last word, already chosen.
    Saying(&'static str),
}

impl From<Gone> for Leave {
    fn from(gone: Gone) -> Self {
        Self::Gone(gone)
    }
}

type Step = Result<(), Leave>;

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    fn new(stream: S, peer: IpAddr, server: Arc<Server>, old_at: Instant) -> Self {
        let wire = Wire::new(stream, server.settings.timeouts.write);
        let patience = Patience::default();
        Self { wire, server, peer, is_tls: false, helo: None, mail: None, patience, old_at }
    }

    fn settings(&self) -> &Settings {
        &self.server.settings
    }

    fn is_lmtp(&self) -> bool {
        self.settings().protocol == Protocol::Lmtp
    }

    /// When a wait from now has to end; a connection that is too old has no more time than for one mail.
    fn until(&self, wait: Duration) -> Instant {
        (Instant::now() + wait).min(self.old_at + self.settings().timeouts.data)
    }

    fn greet(&mut self) {
        let name = if self.is_lmtp() { "LMTP" } else { "ESMTP" };
        self.wire.say(&format!("220 {} {name}", self.server.settings.hostname));
    }

    /// To its end; gives the stream back when TLS is to begin.
    async fn talk(mut self) -> Option<(S, Patience)> {
        let leave = loop {
            if let Err(leave) = self.turn().await {
                break leave;
            }
        };
        self.leave(leave).await
    }

    async fn turn(&mut self) -> Step {
        let is_idle = self.mail.is_none();
        if is_idle && Instant::now() >= self.old_at {
            return Err(Leave::Old);
        }
        self.wire.flush_if_much().await?;
        let until = self.until(self.settings().timeouts.command);
        let stop = is_idle.then_some(&self.server.stop);
        let Some(length) = self.wire.line(until, stop).await? else {
            return self.bad("500 5.5.2 That line is too long for a command");
        };
        let command = command::read(&self.wire.unread()[..length]);
        self.wire.consume(length);
        self.obey(command).await
    }

    async fn obey(&mut self, command: Command) -> Step {
        match command {
            Command::Ehlo(host) if !self.is_lmtp() => self.hello(host, true),
            Command::Helo(host) if !self.is_lmtp() => self.hello(host, false),
            Command::Lhlo(host) if self.is_lmtp() => self.hello(host, true),
            Command::Lhlo(_) => self.bad("500 5.5.1 This is SMTP: EHLO"),
            Command::Ehlo(_) | Command::Helo(_) => self.bad("500 5.5.1 This is LMTP: LHLO"),
            Command::Mail(sender) => self.mail(sender),
            Command::Rcpt(to) => self.recipient(to),
            Command::Data => self.data().await,
            Command::Bdat { bytes, is_last } => self.chunk(bytes, is_last).await,
            Command::StartTls => self.start_tls().await,
            Command::Rset => {
                self.mail = None;
                self.useless("250 2.0.0 Ok")
            }
            Command::Noop => self.useless("250 2.0.0 Ok"),
            Command::Vrfy => self.useless("252 2.1.5 Send it, and you will see"),
            Command::Help => self.useless("214 2.0.0 RFC 5321 (SMTP) and RFC 2033 (LMTP)"),
            Command::Quit => Err(Leave::Quit),
            Command::Unsupported => self.bad("502 5.5.1 That command is not supported"),
            Command::Bad(answer) => self.bad(&answer),
            Command::Lost => Err(Leave::Saying("501 5.5.4 BDAT size [LAST]; what follows can't be understood")),
        }
    }

    fn hello(&mut self, host: String, is_extended: bool) -> Step {
        self.helo = Some(host);
        self.mail = None;
        let name = self.server.settings.hostname.clone();
        if !is_extended {
            return self.useless(&format!("250 {name}"));
        }
        let size = format!("SIZE {}", self.settings().max_bytes);
        let mut lines = vec![&*name, "PIPELINING", &size, "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "CHUNKING"];
        if self.settings().tls.is_some() && !self.is_tls {
            lines.push("STARTTLS");
        }
        let (last, before) = lines.split_last().unwrap_or((&"", &[]));
        for line in before {
            self.wire.say(&format!("250-{line}"));
        }
        self.useless(&format!("250 {last}"))
    }

    async fn start_tls(&mut self) -> Step {
        if self.is_tls {
            return self.bad("503 5.5.1 TLS is on already");
        }
        if self.settings().tls.is_none() {
            return self.bad("502 5.5.1 There is no certificate for STARTTLS here");
        }
        self.wire.say("220 2.0.0 Begin TLS");
        self.wire.flush().await?;
        Err(Leave::StartTls)
    }

    /// Answers what is allowed but brings no mail.
    fn useless(&mut self, answer: &str) -> Step {
        self.wire.say(answer);
        self.patience.useless += 1;
        if self.patience.useless > MOST_USELESS { Err(Leave::Tired) } else { Ok(()) }
    }

    fn bad(&mut self, answer: &str) -> Step {
        one_more(&self.server.counts.bad_commands);
        self.wire.say(answer);
        self.patience.bad += 1;
        if self.patience.bad > MOST_BAD { Err(Leave::Tired) } else { Ok(()) }
    }

    async fn leave(mut self, leave: Leave) -> Option<(S, Patience)> {
        let counts = self.server.counts.clone();
        if self.mail.is_some() && !matches!(leave, Leave::Quit | Leave::StartTls) {
            one_more(&counts.aborted);
        }
        let last = match leave {
            // Whatever came in the clear behind STARTTLS goes with the buffer.
            Leave::StartTls => return Some((self.wire.into_stream(), self.patience)),
            Leave::Gone(Gone::Closed) => return None,
            Leave::Quit => "221 2.0.0 Goodbye",
            Leave::Saying(answer) => answer,
            Leave::Old => "421 4.4.2 This connection is old; begin another",
            Leave::Gone(Gone::Stopping) => "421 4.3.2 This server is stopping; try again later",
            Leave::Gone(Gone::TimedOut) => {
                one_more(&counts.timed_out);
                "421 4.4.2 Nothing came for too long; begin again"
            }
            Leave::Tired | Leave::Gone(Gone::Endless) => {
                one_more(&counts.flooded);
                "421 4.7.0 Too much that is no mail; begin again"
            }
        };
        self.wire.say(last);
        self.wire.close().await;
        None
    }
}
