//! Reading alert mail: bytes as they came in, what they say of an alert, how far their sender is believed and whether they
//! are an alert at all. Never fails, never does IO, never asks the time.

mod draft;
mod fold;
mod letter;
mod network;
mod pattern;
mod patterns;
mod rx;
mod state;
mod time;

pub use network::{BadNetwork, Network};
pub use pattern::{BadPattern, Pattern};
pub use patterns::{PatternTexts, Patterns};

use model::Micros;
use model::mail::{Authentication, Envelope, Reading, Severity, State, Trust};

/// What is configured about mail.
#[derive(Clone, Debug)]
pub struct Desk {
    pub monitors: Vec<Monitor>,
    pub rules: Vec<Rule>,
    /// Addresses that we send from ourselves.
    pub own_senders: Vec<String>,
    /// Dates in bodies that name no zone are of this one.
    pub zone: jiff::tz::TimeZone,
}

impl Default for Desk {
    fn default() -> Self {
        Self { monitors: Vec::new(), rules: Vec::new(), own_senders: Vec::new(), zone: jiff::tz::TimeZone::UTC }
    }
}

/// A monitor whose mails are expected.
#[derive(Clone, Debug, Default)]
pub struct Monitor {
    pub name: String,
    /// The built-in reader that its mails must be read by; `None`: whichever recognises them.
    pub reader: Option<String>,
    pub patterns: Option<Patterns>,
    /// Addresses, or `@domain`: a mail to one of them is this monitor's.
    pub recipients: Vec<String>,
    /// Addresses of From or MAIL FROM, or `@domain`; an empty text is the null sender.
    pub senders: Vec<String>,
    /// Knowing the recipient address proves the sender.
    pub is_secret_recipient: bool,
    /// Peers that are believed.
    pub sources: Vec<Network>,
    /// Domains whose SPF pass is believed, subdomains included.
    pub spf: Vec<String>,
    /// Domains whose DKIM signature is believed, subdomains included.
    pub dkim: Vec<String>,
    pub customer: Option<String>,
    /// The id or name of the PagerDuty service that its alerts go to.
    pub service: Option<String>,
    pub grace_s: Option<i64>,
    pub zone: Option<jiff::tz::TimeZone>,
}

/// What makes a mail no alert, or one that is meant to have no incident. All that is given must match.
#[derive(Clone, Debug)]
pub struct Rule {
    pub name: String,
    pub monitor: Option<String>,
    pub subject: Option<Pattern>,
    pub body: Option<Pattern>,
    pub sender: Option<Pattern>,
    pub host: Option<Pattern>,
    pub check: Option<Pattern>,
    pub verdict: RuleVerdict,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleVerdict {
    NotAnAlert,
    Suppressed,
}

/// All that is known of a mail from the mail itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Read {
    pub message_id: Option<String>,
    pub sent_at: Option<Micros>,
    pub from: String,
    pub from_name: String,
    pub to: Vec<String>,
    pub subject: String,
    /// The readable text, at most 64 KiB.
    pub text: String,
    /// The configured name, else the reader's, else `unknown`.
    pub monitor: String,
    pub is_configured: bool,
    pub grace_s: Option<i64>,
    pub service: Option<String>,
    pub customer: Option<String>,
    pub reading: Reading,
    pub standing: Standing,
    pub trust: Trust,
    pub trust_why: String,
    /// What was broken in the mail and how it was read all the same.
    pub notes: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    Alert,
    NotAnAlert {
        rule: String,
    },
    Suppressed {
        rule: String,
    },
    /// Our own, to test a route: the value of the header `X-Arayashiki-Canary`.
    Canary {
        token: String,
    },
}

/// Reads a mail. Any bytes give an answer, in bounded time and memory.
pub fn read(
    desk: &Desk,
    envelope: &Envelope,
    raw: &[u8],
    authentication: Option<&Authentication>,
    received_at: Micros,
) -> Read {
    let _ = (desk, raw, authentication, received_at);
    Read {
        message_id: None,
        sent_at: None,
        from: envelope.from.clone().unwrap_or_default(),
        from_name: String::new(),
        to: envelope.recipients.clone(),
        subject: String::new(),
        text: String::new(),
        monitor: "unknown".into(),
        is_configured: false,
        grace_s: None,
        service: None,
        customer: None,
        reading: Reading {
            reader: "unknown".into(),
            rule: "nothing matched".into(),
            host: None,
            check: None,
            state: State::Unknown,
            severity: None::<Severity>,
            at: None,
            key: String::new(),
            names: Vec::new(),
            title: String::new(),
            details: Vec::new(),
        },
        standing: Standing::Alert,
        trust: Trust::Untrusted,
        trust_why: "no monitor is configured for this mail".into(),
        notes: Vec::new(),
    }
}

/// Equal for the same mail delivered twice; `None` without a Message-ID, when nobody can tell a repeat.
pub fn fingerprint(raw: &[u8]) -> Option<[u8; 32]> {
    let _ = raw;
    None
}

/// Whether SPF and DKIM have to be asked before it is known how far the sender is believed.
pub fn needs_authentication(_desk: &Desk, read: &Read) -> bool {
    read.trust == Trust::Waiting
}

/// What the readers make of an alert whose title and text were a mail's subject and text: PagerDuty's mail integrations
/// keep them so. `None` when no monitor's reader recognises it.
pub fn read_alert(_subject: &str, _text: &str) -> Option<Reading> {
    None
}
