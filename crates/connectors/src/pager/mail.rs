//! Text mail through a relay, one recipient a mail, so that nothing is half sent. Follows the dialogue step by step to know
//! what a failure means: before the text is handed over nothing was sent, after that only the relay's answer tells.

use crate::error::{CallError, Kind};
use crate::limiter::Limiter;
use crate::{Call, Secret};
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, transport::smtp::response::Response};
use model::Micros;
use std::net::IpAddr;
use std::time::{Duration, UNIX_EPOCH};

/// What an operator configures.
#[derive(Clone, Debug)]
pub struct MailerSetup {
    /// A name or an address; one on the own network is what most have.
    pub host: String,
    /// The encryption's usual one when absent.
    pub port: Option<u16>,
    pub encryption: Encryption,
    pub user: Option<String>,
    pub password: Option<Secret>,
    /// `Arayashiki <ops@example.jp>` or the address alone.
    pub from: String,
    /// A certificate in PEM that is trusted beside the public ones, for a relay of one's own.
    pub trusted_pem: Option<String>,
    /// Each for the dialogue up to the text, and for the text itself.
    pub timeout_ms: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// Begins in the clear and must become encrypted before anything else is said.
    StartTls,
    /// Encrypted from the first byte.
    Implicit,
    /// In the clear: no password goes out that way but to this machine or a private address.
    None,
}

impl Encryption {
    const fn port(self) -> u16 {
        match self {
            Self::StartTls => 587,
            Self::Implicit => 465,
            Self::None => 25,
        }
    }
}

/// A relay that can't be used as configured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailerError {
    #[error("{text:?} is no mail address to send from: {why}")]
    From { text: String, why: String },
    #[error("{host} would be sent the password in the clear: use STARTTLS or implicit TLS")]
    Clear { host: String },
    #[error("a relay's user and password go together: one of them is missing")]
    HalfALogin,
    #[error("TLS to {host} can't be set up: {why}")]
    Tls { host: String, why: String },
}

/// A mail to one person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mail {
    pub to: String,
    pub subject: String,
    pub text: String,
    /// Without its angle brackets, the same for every repeat, so that a repeat is seen as one.
    pub message_id: String,
    /// What stands in `X-Arayashiki`: by it we know our own mails when they come back.
    pub purpose: String,
    /// Further headers, of names that begin with `X-`.
    pub headers: Vec<(String, String)>,
}

/// Sends through one relay.
#[derive(Debug)]
pub struct Mailer {
    setup: MailerSetup,
    from: Mailbox,
    tls: Option<Tls>,
    limiter: Limiter,
}

/// Its own Debug would print all of the roots.
#[derive(Clone)]
struct Tls(TlsParameters);

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls")
    }
}

const MAILS_PER_MINUTE: u32 = 120;
/// A relay that has taken a mail owes us nothing more.
const GOODBYE_MS: u64 = 1_000;
const MAX_SAID_CHARS: usize = 300;

/// How far the dialogue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Connect,
    StartTls,
    Login,
    Sender,
    Recipient,
    Text,
}

impl Mailer {
    pub fn new(setup: &MailerSetup) -> Result<Self, MailerError> {
        let from = setup.from.parse::<Mailbox>();
        let from = from.map_err(|e| MailerError::From { text: setup.from.clone(), why: e.to_string() })?;
        if setup.user.is_some() != setup.password.is_some() {
            return Err(MailerError::HalfALogin);
        }
        if setup.password.is_some() && setup.encryption == Encryption::None && !is_near(&setup.host) {
            return Err(MailerError::Clear { host: setup.host.clone() });
        }
        let tls = if setup.encryption == Encryption::None { None } else { Some(tls(setup)?) };
        Ok(Self { setup: setup.clone(), from, tls, limiter: Limiter::new(MAILS_PER_MINUTE) })
    }

    pub fn limiter(&self) -> &Limiter {
        &self.limiter
    }

    /// Hands the mail to the relay and returns what that said, mostly the id in its queue.
    pub async fn send(&self, call: &Call, mail: &Mail) -> Result<String, CallError> {
        let to = address(&mail.to)?;
        let message = self.message(mail, &to, call.now)?;
        if let Err(not_before) = self.limiter.check(call.now, call.class) {
            let mut error = CallError::new(Kind::Limited, true, "waiting for our own limit of mails; nothing was sent");
            error.retry_after_ms = u64::try_from(not_before.since(call.now) / 1_000 + 1).ok();
            return Err(error);
        }
        let sent = self.hand_over(&to, &message).await;
        sent.map_err(|error| self.setup.password.iter().fold(error, CallError::redacted))
    }

    async fn hand_over(&self, to: &Address, message: &[u8]) -> Result<String, CallError> {
        let timeout = Duration::from_millis(self.setup.timeout_ms);
        let mut step = Step::Connect;
        let opened = tokio::time::timeout(timeout, self.open(to, &mut step)).await;
        let mut relay = match opened {
            Ok(Ok(relay)) => relay,
            Ok(Err(error)) => return Err(self.not_sent(step, &error)),
            Err(_) => return Err(self.silent(step)),
        };
        let answer = tokio::time::timeout(timeout, relay.message(message)).await;
        let said = match answer {
            Ok(Ok(response)) => said(&response),
            Ok(Err(error)) if error.status().is_some() => return Err(self.not_sent(Step::Text, &error)),
            Ok(Err(error)) => return Err(self.unknown(&reason(&error))),
            Err(_) => return Err(self.unknown("it did not answer in time")),
        };
        // It is sent, whatever comes of the goodbye.
        drop(tokio::time::timeout(Duration::from_millis(GOODBYE_MS), relay.quit()).await);
        Ok(said)
    }

    /// Everything up to the text.
    async fn open(&self, to: &Address, step: &mut Step) -> Result<AsyncSmtpConnection, Error> {
        let server = (self.setup.host.as_str(), self.setup.port.unwrap_or(self.setup.encryption.port()));
        let hello = ClientId::Domain(self.from.email.domain().to_owned());
        let implicit = self.tls.clone().filter(|_| self.setup.encryption == Encryption::Implicit).map(|tls| tls.0);
        let mut relay = AsyncSmtpConnection::connect_tokio1(server, None, &hello, implicit, None).await?;
        if let (Encryption::StartTls, Some(tls)) = (self.setup.encryption, &self.tls) {
            *step = Step::StartTls;
            relay.starttls(tls.0.clone(), &hello).await?;
        }
        if let (Some(user), Some(password)) = (&self.setup.user, &self.setup.password) {
            *step = Step::Login;
            let credentials = Credentials::new(user.clone(), password.expose().to_owned());
            relay.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await?;
        }
        *step = Step::Sender;
        relay.command(MailFrom::new(Some(self.from.email.clone()), Vec::new())).await?;
        *step = Step::Recipient;
        relay.command(Rcpt::new(to.clone(), Vec::new())).await?;
        *step = Step::Text;
        relay.command(Data).await?;
        Ok(relay)
    }

    fn message(&self, mail: &Mail, to: &Address, now: Micros) -> Result<Vec<u8>, CallError> {
        let since_epoch = Duration::from_micros(u64::try_from(now.0).unwrap_or_default());
        let mut builder = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to.clone()))
            .subject(one_line(&mail.subject))
            .date(UNIX_EPOCH + since_epoch)
            .message_id(Some(format!("<{}>", checked_id(&mail.message_id)?)))
            .header(ContentType::TEXT_PLAIN);
        let ours = [("Auto-Submitted", "auto-generated"), ("X-Arayashiki", mail.purpose.as_str())];
        let given = mail.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in ours.into_iter().chain(given) {
            builder = builder.raw_header(raw_header(name, value)?);
        }
        let message = builder.body(mail.text.clone()).map_err(|e| bad(format!("the mail can't be written: {e}")))?;
        Ok(message.formatted())
    }

    fn not_sent(&self, step: Step, error: &Error) -> CallError {
        let host = &self.setup.host;
        let code = error.status().map(|code| i64::from(u16::from(code)));
        let kind = match code {
            Some(code) => refused(step, code),
            // The library has nothing it could say in the dialogue: no STARTTLS, no way to sign in.
            None if error.is_client() => Kind::Refused,
            None => Kind::NoConnection,
        };
        let text = format!("{host}, {}: {}; {}", step.name(), reason(error), self.remedy(step, kind));
        CallError { code, ..CallError::new(kind, is_a_write(kind), text) }
    }

    fn silent(&self, step: Step) -> CallError {
        let text = format!("{} did not answer in time, {}; nothing was sent", self.setup.host, step.name());
        CallError::new(Kind::NoConnection, true, text)
    }

    fn unknown(&self, why: &str) -> CallError {
        let text = format!("{} was handed the mail and then {why}; whether it went out can't be told", self.setup.host);
        CallError::new(Kind::Unknown, true, text)
    }

    fn remedy(&self, step: Step, kind: Kind) -> String {
        match (kind, step) {
            (Kind::NoConnection, _) => "check the relay's host, port and kind of TLS; nothing was sent".to_owned(),
            (Kind::Server, _) => "it says later; nothing was sent".to_owned(),
            (Kind::Refused, Step::StartTls) => {
                "it offers no STARTTLS: nothing is sent in the clear unless configured".to_owned()
            }
            (Kind::Refused | Kind::Auth, _) => "check the relay's user and password; nothing was sent".to_owned(),
            (_, Step::Sender) => format!("it does not let us send as {}; nothing was sent", self.from.email),
            (_, Step::Recipient) => {
                "check the recipient's address, and whether this machine may relay through it; nothing was sent"
                    .to_owned()
            }
            _ => "it does not take the mail as it is; nothing was sent".to_owned(),
        }
    }
}

impl Step {
    const fn name(self) -> &'static str {
        match self {
            Self::Connect => "connecting",
            Self::StartTls => "starting TLS",
            Self::Login => "signing in",
            Self::Sender => "naming the sender",
            Self::Recipient => "naming the recipient",
            Self::Text => "handing over the text",
        }
    }
}

/// What a refusal means at this point. 4xx is for now, 5xx is for good.
const fn refused(step: Step, code: i64) -> Kind {
    match (code, step) {
        (400..=499, _) => Kind::Server,
        (530 | 534 | 535 | 538, _) | (_, Step::Login) => Kind::Auth,
        (_, Step::Recipient) => Kind::NotFound,
        (_, Step::Text) => Kind::BadRequest,
        _ => Kind::Forbidden,
    }
}

/// A relay that says "later" has sent nothing, unlike a server that stumbles while it does something.
fn is_a_write(kind: Kind) -> bool {
    kind != Kind::Server
}

fn tls(setup: &MailerSetup) -> Result<Tls, MailerError> {
    let failed = |e: Error| MailerError::Tls { host: setup.host.clone(), why: e.to_string() };
    let mut builder = TlsParameters::builder(setup.host.clone());
    if let Some(pem) = &setup.trusted_pem {
        if !pem.contains("-----BEGIN CERTIFICATE-----") {
            let why = "the trusted file holds no certificate in PEM".to_owned();
            return Err(MailerError::Tls { host: setup.host.clone(), why });
        }
        builder = builder.add_root_certificate(Certificate::from_pem(pem.as_bytes()).map_err(failed)?);
    }
    builder.build().map(Tls).map_err(failed)
}

/// This machine, or a private address by number.
fn is_near(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(ip) => !crate::http::is_public(ip),
        Err(_) => host == "localhost",
    }
}

/// Only ASCII: a relay need not know anything else, and one that does not would fail at 3 a.m.
fn address(text: &str) -> Result<Address, CallError> {
    let unfit = |why: String| bad(format!("{text:?} is no mail address to send to: {why}; nothing was sent"));
    if !text.is_ascii() {
        return Err(unfit("it has characters beyond ASCII".to_owned()));
    }
    text.trim().parse().map_err(|e: lettre::address::AddressError| unfit(e.to_string()))
}

fn checked_id(id: &str) -> Result<&str, CallError> {
    let is_plain = id.bytes().all(|b| b.is_ascii_graphic() && !b"<>".contains(&b));
    let has_both = id.split_once('@').is_some_and(|(left, right)| !left.is_empty() && !right.is_empty());
    if is_plain && has_both && id.len() <= 200 { Ok(id) } else { Err(bad(format!("{id:?} is no Message-ID"))) }
}

/// A line break in a value would begin a header of somebody else's making.
fn raw_header(name: &str, value: &str) -> Result<HeaderValue, CallError> {
    let unfit = || bad(format!("{name:?} with this value is no header that we send; nothing was sent"));
    let is_ours = name == "Auto-Submitted" || name.starts_with("X-");
    let is_token = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !is_ours || !is_token || value.chars().any(char::is_control) {
        return Err(unfit());
    }
    let header = HeaderName::new_from_ascii(name.to_owned()).map_err(|_| unfit())?;
    Ok(HeaderValue::new(header, value.to_owned()))
}

fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_control() || c.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn said(response: &Response) -> String {
    let lines: Vec<&str> = response.message().collect();
    lines.join(" ").chars().take(MAX_SAID_CHARS).collect()
}

fn reason(error: &Error) -> String {
    error.to_string().chars().filter(|c| !c.is_control()).take(MAX_SAID_CHARS).collect()
}

fn bad(text: String) -> CallError {
    CallError::new(Kind::BadRequest, true, text)
}
