//! One mail: where it stands and why, what was read in it, what became of its alert, and what may be decided.

use super::{MailRow, cause, trust_why};
use crate::markup::Markup;
use crate::raw;
use crate::view::{Frame, IncidentLink};
use duties::Mode;
use model::Micros;
use model::mail::{Cause, Envelope, Ledger, Reading, Trust};
use store::nets::Registration;

#[derive(Clone, Debug)]
pub struct MailView {
    pub row: MailRow,
    pub sender: String,
    pub message_id: Option<String>,
    /// The signal's source: the door that it came in by.
    pub door: String,
    pub occurred_at: Option<Micros>,
    pub judged_at: Option<Micros>,
    pub due: Option<Micros>,
    pub score: Option<i64>,
    pub key: String,
    pub service: Option<String>,
    pub sealed_at: Option<Micros>,
    /// What was read; `None` of a mail that an older program read.
    pub read: Option<ReadMail>,
    pub alert: Option<AlertAt>,
    /// Other mails of the same alert, newest first.
    pub others: Vec<MailRow>,
    pub calls: Vec<CallRow>,
    pub acts: Acts,
    pub original: Original,
    pub mode: Mode,
}

/// What was read in a mail beside the columns of its row.
#[derive(Clone, Debug)]
pub struct ReadMail {
    pub reading: Reading,
    pub text: String,
    pub from_name: String,
    pub to: Vec<String>,
    pub trust_why: String,
    pub notes: Vec<String>,
    pub envelope: Envelope,
}

/// The alert at its monitor that the mail is about.
#[derive(Clone, Debug)]
pub struct AlertAt {
    pub open_since: Option<Micros>,
    pub ended_at: Option<Micros>,
    pub mails: u64,
    pub is_in_storm: bool,
    pub registered: Registered,
    pub cause: Option<Cause>,
}

/// Our own registration of it.
#[derive(Clone, Debug)]
pub struct Registered {
    pub state: Registration,
    pub dedup_key: Option<String>,
    pub asked_at: Option<Micros>,
    pub tries: u64,
    pub seen_at: Option<Micros>,
    pub incident: Option<IncidentLink>,
}

/// A call of the second path.
#[derive(Clone, Debug)]
pub struct CallRow {
    pub person: String,
    pub level: u64,
    /// What it was about, in a line.
    pub about: String,
    pub asked_at: Micros,
    pub sent_at: Option<Micros>,
    pub due: Option<Micros>,
    pub answered_at: Option<Micros>,
    pub answered_by: Option<String>,
    pub ended_at: Option<Micros>,
}

/// What may be decided about it.
#[derive(Clone, Debug, Default)]
pub struct Acts {
    /// The person's role allows it.
    pub may: bool,
    pub nonce: String,
    pub registers: bool,
    pub sets_aside: bool,
    /// What this person decided a moment ago, which is being done.
    pub done: Option<&'static str>,
}

/// The mail's own bytes.
#[derive(Clone, Debug)]
pub enum Original {
    /// This person's role may not open it.
    Refused,
    Sealed,
    Open(Vec<u8>),
}

impl CallRow {
    /// (shape, what became of it)
    pub fn said(&self, f: &Frame) -> (&'static str, String) {
        match self {
            c if c.answered_at.is_some() => {
                ("resolved", f.t1("call-answered", "by", f.short(c.answered_by.as_deref().unwrap_or_default())))
            }
            c if c.ended_at.is_some() => ("unknown", f.t("call-ended")),
            c if c.sent_at.is_none() => ("acknowledged", f.t("call-sending")),
            c if c.due.is_some_and(|due| due > f.now) => ("acknowledged", f.t("call-waits")),
            _ => ("triggered", f.t("call-unanswered")),
        }
    }

    /// When that became so.
    pub fn when(&self, f: &Frame) -> Markup {
        f.at(&self.answered_at.or(self.ended_at).or(self.sent_at).unwrap_or(self.asked_at))
    }
}

impl MailView {
    pub fn href(&self) -> String {
        self.row.href()
    }

    /// The answer in words.
    pub fn sentence(&self, f: &Frame) -> String {
        f.t(match self.row.ledger {
            Ledger::Expected => "mail-is-expected",
            Ledger::Matched => "mail-is-matched",
            Ledger::MatchedLate => "mail-is-matched-late",
            Ledger::Joined => "mail-is-joined",
            Ledger::Recovery => "mail-is-recovery",
            Ledger::Suppressed => "mail-is-suppressed",
            Ledger::NotAnAlert => "mail-is-no-alert",
            Ledger::Missing => "mail-is-missing",
            Ledger::Registered => "mail-is-registered",
            Ledger::Unreadable => "mail-is-unreadable",
            Ledger::UnreadableRegistered => "mail-is-unreadable-registered",
            Ledger::Baseline => "mail-is-baseline",
            Ledger::Canary => "mail-is-canary",
        })
    }

    /// What is done about one that lacks an incident, or why nothing is.
    pub fn step(&self, f: &Frame) -> Option<String> {
        if !self.row.is_lacking() {
            return None;
        }
        let registered = self.alert.as_ref().map(|alert| &alert.registered);
        Some(match registered.map(|r| (r.state, r)) {
            Some((Registration::Asked, _)) => f.t("mail-step-asked"),
            Some((Registration::Unseen, r)) => f.t1("mail-step-unseen", "tries", r.tries),
            Some((Registration::Seen, _)) => f.t("mail-step-seen"),
            _ if self.alert.as_ref().is_some_and(|alert| alert.open_since.is_none()) => f.t("mail-step-over"),
            _ if self.mode == Mode::Observe => f.t("mail-step-observe"),
            _ if self.mode == Mode::Post => f.t("mail-step-post"),
            _ if self.row.trust != Trust::Trusted => f.t("mail-step-untrusted"),
            _ => f.t("mail-step-none"),
        })
    }

    /// The incident of the original, which came after ours was registered, and what became of ours.
    pub fn late_original(&self) -> Option<(&IncidentLink, &'static str)> {
        let (original, alert) = (self.row.incident.as_ref()?, self.alert.as_ref()?);
        let ours = alert.registered.incident.as_ref();
        let is_late = self.row.ledger == Ledger::MatchedLate && alert.registered.asked_at.is_some();
        let is_another = ours.is_none_or(|ours| ours.id != original.id);
        let became = if ours.is_some() { "registered-late-merged" } else { "registered-late-settled" };
        (is_late && is_another && !alert.registered.state.is_live()).then_some((original, became))
    }

    pub fn cause(&self) -> Option<&Cause> {
        self.alert.as_ref().and_then(|alert| alert.cause.as_ref()).filter(|_| self.row.ledger.is_unbalanced())
    }

    pub fn cause_words(&self, f: &Frame) -> Option<String> {
        Some(cause(f, self.cause()?))
    }

    pub fn cause_href(&self) -> Option<&str> {
        super::cause_link(self.cause()?)
    }

    pub fn score_words(&self, f: &Frame) -> Option<String> {
        self.score.map(|score| f.t1("mail-score", "score", score))
    }

    pub fn trust_words(&self, f: &Frame) -> String {
        self.read.as_ref().map(|read| trust_why(f, &read.trust_why)).unwrap_or_default()
    }

    /// The sender as the mail shows it, with the envelope's where that is another.
    pub fn from(&self, f: &Frame) -> String {
        match &self.read {
            Some(read) if !read.from_name.is_empty() => {
                format!("{} <{}>", f.short(&read.from_name), f.brief(&self.sender))
            }
            _ => f.brief(&self.sender),
        }
    }

    /// The readable text as it is shown, invisible signs made visible; `None` for an empty one.
    pub fn text(&self) -> Option<String> {
        let text = self.read.as_ref()?.text.trim_end();
        (!text.is_empty()).then(|| raw::show(text.as_bytes()).text)
    }

    pub fn opened(&self) -> Option<raw::Shown> {
        match &self.original {
            Original::Open(bytes) => Some(raw::show_text_of(bytes)),
            _ => None,
        }
    }

    pub fn size(&self) -> u64 {
        match &self.original {
            Original::Open(bytes) => bytes.len() as u64,
            _ => 0,
        }
    }

    /// Anything at all is left to be decided.
    pub const fn offers_any(&self) -> bool {
        self.acts.may && (self.acts.registers || self.acts.sets_aside)
    }
}

/// A registration's state: a shape and words.
impl Registered {
    pub fn said(&self, f: &Frame) -> (&'static str, String) {
        match self.state {
            Registration::Asked => ("acknowledged", f.t("registration-asked")),
            Registration::Seen => ("resolved", f.t("registration-seen")),
            Registration::Unseen => ("triggered", f.t("registration-unseen")),
            Registration::None => ("unknown", f.t("registration-none")),
        }
    }
}
