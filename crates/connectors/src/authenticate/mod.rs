//! SPF and DKIM of a mail, asked of DNS: for which domains its sender can be believed. Bounded in time and in the number of
//! questions; a DNS that does not answer is `is_incomplete`, never a proof and never an error.
//!
//! `Authenticator::new(&Settings)`, then `authenticate(&envelope, &raw).await -> Authentication` for each mail.

#[cfg(test)]
mod dns;
#[cfg(test)]
mod tests;

use crate::http::SetupError;
use mail_auth::hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use mail_auth::hickory_resolver::system_conf::read_system_conf;
use mail_auth::spf::verify::SpfParameters;
use mail_auth::{AuthenticatedMessage, DkimOutput, DkimResult, MessageAuthenticator, SpfResult};
use model::mail::{Authentication, Envelope};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Whom to ask, and for how long.
#[derive(Clone, Debug)]
pub struct Settings {
    /// DNS servers over UDP and TCP; the system's when there are none.
    pub servers: Vec<SocketAddr>,
    /// For all questions about one mail.
    pub limit: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { servers: Vec::new(), limit: Duration::from_secs(5) }
    }
}

/// More signatures than this are there to make us ask.
const MAX_SIGNATURES: usize = 5;
/// One answer; asked again once within the limit.
const ANSWER_MS: u64 = 1_500;
const CACHED_ANSWERS: u64 = 4_096;
/// A mail that goes through nobody's DKIM in one go.
const MAX_MAIL_BYTES: usize = 40 << 20;

/// Answers are kept for as long as DNS allows; one is enough for a program.
pub struct Authenticator {
    dns: MessageAuthenticator,
    limit: Duration,
}

impl std::fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authenticator").field("limit", &self.limit).finish_non_exhaustive()
    }
}

impl Authenticator {
    pub fn new(settings: &Settings) -> Result<Self, SetupError> {
        let failed =
            |why: String| SetupError::Client { why: format!("this machine's DNS settings can't be used: {why}") };
        let (config, mut options) = match settings.servers.as_slice() {
            [] => read_system_conf().map_err(|e| failed(e.to_string()))?,
            servers => (
                ResolverConfig::from_parts(None, vec![], servers.iter().map(server).collect()),
                ResolverOpts::default(),
            ),
        };
        options.timeout = Duration::from_millis(ANSWER_MS);
        options.attempts = 2;
        options.cache_size = CACHED_ANSWERS;
        let dns = MessageAuthenticator::new(config, options).map_err(|e| failed(e.to_string()))?;
        Ok(Self { dns, limit: settings.limit })
    }

    /// What the door has already checked counts; what it could not is asked.
    pub async fn authenticate(&self, envelope: &Envelope, raw: &[u8]) -> Authentication {
        let checked = match &envelope.checked {
            Some(checked) if !checked.is_incomplete => return checked.clone(),
            other => other.clone().unwrap_or_default(),
        };
        let (spf, dkim) = tokio::join!(self.spf(envelope, checked.spf), self.dkim(raw));
        let mut found = Authentication { spf: spf.0, dkim: dkim.0, ..Authentication::default() };
        for doubt in spf.1.into_iter().chain(dkim.1) {
            found.is_incomplete |= doubt.may_heal;
            found.why.push(doubt.why);
        }
        found
    }

    async fn spf(&self, envelope: &Envelope, checked: Option<String>) -> (Option<String>, Vec<Doubt>) {
        if checked.is_some() {
            return (checked, vec![]);
        }
        let asked = match question(envelope) {
            Ok(asked) => asked,
            Err(why) => return (None, vec![Doubt::lasting(format!("SPF: {why}"))]),
        };
        let Asked { ip, domain, helo, sender } = &asked;
        let question = match sender {
            Some(sender) => SpfParameters::verify_mail_from(*ip, helo, "localhost", sender),
            None => SpfParameters::verify_ehlo(*ip, helo, "localhost"),
        };
        match tokio::time::timeout(self.limit, self.dns.verify_spf(question)).await {
            Ok(output) => judged(output.result(), domain, *ip),
            Err(_) => (None, vec![Doubt::passing(format!("SPF of {domain}: DNS did not answer in time"))]),
        }
    }

    async fn dkim(&self, raw: &[u8]) -> (Vec<String>, Vec<Doubt>) {
        let none = |why: &str| (vec![], vec![Doubt::lasting(format!("DKIM: {why}"))]);
        if raw.len() > MAX_MAIL_BYTES {
            return none("the mail is too large to check");
        }
        let Some(mut mail) = AuthenticatedMessage::parse(raw) else { return none("the mail has no headers") };
        let surplus = mail.dkim_headers.len().saturating_sub(MAX_SIGNATURES);
        mail.dkim_headers.truncate(MAX_SIGNATURES);
        if mail.dkim_headers.is_empty() && !mail.has_dkim_errors {
            return none("the mail is not signed");
        }
        let asked = tokio::time::timeout(self.limit, self.dns.verify_dkim(&mail)).await;
        let Ok(outputs) = asked else {
            return (vec![], vec![Doubt::passing("DKIM: DNS did not answer in time".into())]);
        };
        signers(&outputs, surplus)
    }
}

/// Something that was not proven, and whether asking again may prove it.
struct Doubt {
    why: String,
    may_heal: bool,
}

impl Doubt {
    const fn lasting(why: String) -> Self {
        Self { why, may_heal: false }
    }

    const fn passing(why: String) -> Self {
        Self { why, may_heal: true }
    }
}

fn server(address: &SocketAddr) -> NameServerConfig {
    let mut connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
    for connection in &mut connections {
        connection.port = address.port();
    }
    let mut server = NameServerConfig::udp_and_tcp(address.ip());
    server.connections = connections;
    server
}

/// What SPF is asked: whether this address may send for this domain.
struct Asked {
    ip: IpAddr,
    domain: String,
    helo: String,
    sender: Option<String>,
}

fn question(envelope: &Envelope) -> Result<Asked, &'static str> {
    let peer = envelope.peer.as_deref().ok_or("nobody knows which address sent it")?;
    let ip: IpAddr = peer.parse().map_err(|_| "the sender's address is none")?;
    let ip = ip.to_canonical();
    let helo = envelope.helo.clone().unwrap_or_default();
    match envelope.from.as_deref() {
        Some("") => Err("the mail has no envelope"),
        Some(sender) => {
            let (_, domain) = sender.rsplit_once('@').ok_or("the sender has no domain")?;
            Ok(Asked { ip, domain: domain.to_ascii_lowercase(), helo, sender: Some(sender.to_owned()) })
        }
        None if helo.is_empty() => Err("a null sender and no greeting"),
        None => Ok(Asked { ip, domain: helo.to_ascii_lowercase(), helo, sender: None }),
    }
}

fn judged(result: SpfResult, domain: &str, ip: IpAddr) -> (Option<String>, Vec<Doubt>) {
    let why = match result {
        SpfResult::Pass => return (Some(domain.to_owned()), vec![]),
        SpfResult::TempError => return (None, vec![Doubt::passing(format!("SPF of {domain}: DNS does not answer"))]),
        SpfResult::Fail => format!("SPF: {domain} forbids {ip} to send for it"),
        SpfResult::SoftFail => format!("SPF: {domain} doubts that {ip} sends for it"),
        SpfResult::Neutral => format!("SPF: {domain} says nothing of {ip}"),
        SpfResult::PermError => format!("SPF: the record of {domain} can't be used"),
        SpfResult::None => format!("SPF: {domain} has no record"),
    };
    (None, vec![Doubt::lasting(why)])
}

fn signers(outputs: &[DkimOutput<'_>], surplus: usize) -> (Vec<String>, Vec<Doubt>) {
    let mut domains = Vec::new();
    let mut doubts = Vec::new();
    for output in outputs {
        let domain = output.signature().map(|signature| signature.d.to_ascii_lowercase());
        match (output.result(), domain) {
            (DkimResult::Pass, Some(domain)) => domains.push(domain),
            (DkimResult::TempError(_), domain) => {
                doubts.push(Doubt::passing(format!("DKIM of {}: DNS does not answer", domain.unwrap_or_default())));
            }
            (DkimResult::Neutral(why) | DkimResult::Fail(why) | DkimResult::PermError(why), Some(domain)) => {
                doubts.push(Doubt::lasting(format!("DKIM of {domain}: {why}")));
            }
            _ => {}
        }
    }
    if surplus > 0 {
        doubts.push(Doubt::lasting(format!("DKIM: {surplus} more signatures are not looked at")));
    } else if domains.is_empty() && doubts.is_empty() {
        doubts.push(Doubt::lasting("DKIM: no signature can be read".to_owned()));
    }
    domains.sort();
    domains.dedup();
    (domains, doubts)
}
