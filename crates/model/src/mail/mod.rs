//! The words of alert mail: how a mail came, what it says, how far it is believed, and where it stands in the ledger.

mod reason;

pub use reason::{Cause, CauseKind, Reason};

use crate::Micros;
use serde::{Deserialize, Serialize};

/// The door a mail came in by. Its name is the signal's source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Door {
    Smtp,
    Lmtp,
    Imap,
    Ses,
}

impl Door {
    pub const ALL: [Self; 4] = [Self::Smtp, Self::Lmtp, Self::Imap, Self::Ses];

    /// The signal's source in the inbox and in the receipts.
    pub const fn source(self) -> &'static str {
        match self {
            Self::Smtp => "mail-smtp",
            Self::Lmtp => "mail-lmtp",
            Self::Imap => "mail-imap",
            Self::Ses => "mail-ses",
        }
    }

    pub fn of_source(source: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|door| door.source() == source)
    }
}

/// How a mail was handed over: kept as the signal's headers, never part of the mail itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    pub door: Door,
    /// MAIL FROM. `None` is the null sender `<>`; a door that has no envelope gives the Return-Path, or an empty text.
    pub from: Option<String>,
    /// RCPT TO, as they were given.
    pub recipients: Vec<String>,
    /// The address that handed it over, without its port.
    pub peer: Option<String>,
    pub helo: Option<String>,
    pub tls: bool,
    /// What a door already checked itself (Amazon SES).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked: Option<Authentication>,
    /// Where it lay: mailbox, UIDVALIDITY and UID of IMAP, or the message id of SES; or where it still lies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

impl Envelope {
    /// How the place of a mail begins that could not be fetched: what stands for it is ours, and none of its words are its own.
    pub const UNFETCHED: &str = "not fetched: ";

    pub fn is_unfetched(&self) -> bool {
        self.place.as_deref().is_some_and(|place| place.starts_with(Self::UNFETCHED))
    }
}

/// What SPF and DKIM said of a mail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authentication {
    /// The domain of MAIL FROM (or of HELO for the null sender) that SPF allows this peer for.
    pub spf: Option<String>,
    /// Domains (`d=`) whose DKIM signature holds.
    pub dkim: Vec<String>,
    /// What did not hold or could not be asked, for people.
    #[serde(default)]
    pub why: Vec<String>,
    /// DNS did not answer: asking again may bring more.
    #[serde(default)]
    pub is_incomplete: bool,
}

/// What a mail says of its alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Something is wrong: has to be balanced by an incident.
    Problem,
    /// It is over.
    Recovery,
    /// News of an alert that ask for nothing: acknowledged at the monitor, a comment, a downtime that began.
    Update,
    /// A test or a notice that says of itself that nothing is wrong.
    Notice,
    /// An alert of a kind that nobody can read: has to be balanced like a problem.
    Unknown,
}

impl State {
    pub const ALL: [Self; 5] = [Self::Problem, Self::Recovery, Self::Update, Self::Notice, Self::Unknown];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Problem => "problem",
            Self::Recovery => "recovery",
            Self::Update => "update",
            Self::Notice => "notice",
            Self::Unknown => "unknown",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether an incident has to stand against it.
    pub const fn needs_balance(self) -> bool {
        matches!(self, Self::Problem | Self::Unknown)
    }
}

/// How bad, in the words of PagerDuty's events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Info,
    Warning,
    Error,
    Critical,
}

impl Severity {
    pub const ALL: [Self; 4] = [Self::Info, Self::Warning, Self::Error, Self::Critical];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.as_str() == text)
    }
}

/// What was read in an alert mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The kind of monitor: `zabbix`, `nagios`, … ; `patterns` for one that is configured by patterns; `unknown`.
    pub reader: String,
    /// Which of the reader's rules matched, for people.
    pub rule: String,
    pub host: Option<String>,
    pub check: Option<String>,
    pub state: State,
    pub severity: Option<Severity>,
    /// When it happened, by the monitor's own words.
    pub at: Option<Micros>,
    /// What makes it the same alert again: equal for a problem, its repeats and its recovery, different for everything else.
    pub key: String,
    /// The texts under which PagerDuty may know it: an event id, an ARN, a link's id. Nothing that two alerts may share.
    pub names: Vec<String>,
    /// The problem in the monitor's words, without words of state.
    pub title: String,
    /// Further labelled values, in the mail's order.
    pub details: Vec<(String, String)>,
}

/// How far the sender is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// The monitor's sender rule holds.
    Trusted,
    /// It does not, or there is none: a problem counts, a recovery resolves nothing.
    Untrusted,
    /// It hangs on SPF or DKIM, which have not been asked yet.
    Waiting,
}

impl Trust {
    pub const ALL: [Self; 3] = [Self::Trusted, Self::Untrusted, Self::Waiting];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trusted => "trusted",
            Self::Untrusted => "untrusted",
            Self::Waiting => "waiting",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|trust| trust.as_str() == text)
    }
}

/// Where a mail stands in the ledger. Every mail is in exactly one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ledger {
    /// Its incident is awaited: the grace time runs, or PagerDuty is being asked.
    Expected,
    /// An alert in PagerDuty is this mail's.
    Matched,
    /// So it is, and it came after the mail had been found missing.
    MatchedLate,
    /// A repeat: its alert has an incident that is open.
    Joined,
    /// Says that it is over.
    Recovery,
    /// Nothing in PagerDuty, and meant so: a rule or a maintenance window, which is named.
    Suppressed,
    /// A rule, which is named, says that it is no alert.
    NotAnAlert,
    /// No incident, and not registered: the mode does not allow it, or it is under way.
    Missing,
    /// No incident, so it was registered, and the incident was seen open and assigned.
    Registered,
    /// Nobody can read it and no incident stands against it; not registered.
    Unreadable,
    /// Nobody can read it, so it was registered.
    UnreadableRegistered,
    /// It lay in a mailbox before we looked at it first, or is history.
    Baseline,
    /// Our own: it tests a route.
    Canary,
}

impl Ledger {
    pub const ALL: [Self; 13] = [
        Self::Expected,
        Self::Matched,
        Self::MatchedLate,
        Self::Joined,
        Self::Recovery,
        Self::Suppressed,
        Self::NotAnAlert,
        Self::Missing,
        Self::Registered,
        Self::Unreadable,
        Self::UnreadableRegistered,
        Self::Baseline,
        Self::Canary,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expected => "expected",
            Self::Matched => "matched",
            Self::MatchedLate => "matched_late",
            Self::Joined => "joined",
            Self::Recovery => "recovery",
            Self::Suppressed => "suppressed",
            Self::NotAnAlert => "not_an_alert",
            Self::Missing => "missing",
            Self::Registered => "registered",
            Self::Unreadable => "unreadable",
            Self::UnreadableRegistered => "unreadable_registered",
            Self::Baseline => "baseline",
            Self::Canary => "canary",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ledger| ledger.as_str() == text)
    }

    /// Whether an incident is still lacking.
    pub const fn is_unbalanced(self) -> bool {
        matches!(self, Self::Missing | Self::Registered | Self::Unreadable | Self::UnreadableRegistered)
    }
}
