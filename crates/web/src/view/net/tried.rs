//! *Try a mail*: what would be read in it and what would happen, said beforehand. Nothing of it is kept.

use super::{reason, trust_why};
use crate::view::{Frame, IncidentLink};
use crate::when;
use duties::Mode;
use duties::mail::Read;
use duties::safety_net::arrive::First;
use model::mail::{Ledger, Reason};

/// The largest mail that is taken.
pub const MOST_MAIL_BYTES: usize = 1024 * 1024;

#[derive(Clone, Debug, Default)]
pub struct TryView {
    /// As typed.
    pub text: String,
    pub to: String,
    pub from: String,
    pub peer: String,
    pub problem: Option<TryProblem>,
    pub tried: Option<Box<Tried>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TryProblem {
    Empty,
    TooLarge,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Tried {
    pub read: Read,
    pub first: First,
    /// By the customers' service map, or the monitor.
    pub service: Option<String>,
    pub customer: Option<String>,
    pub found: Option<Match>,
    /// How far one may go for it, if nothing stands against it.
    pub allowed: Mode,
    pub grace_s: i64,
}

/// An alert of the mirror that would stand against it now.
#[derive(Clone, Debug)]
pub struct Match {
    pub ledger: Ledger,
    pub reason: Reason,
    pub score: i64,
    pub incident: Option<IncidentLink>,
}

impl TryView {
    pub fn sentence(&self, f: &Frame) -> String {
        self.tried.as_ref().map_or_else(|| f.t("try-title"), |tried| tried.sentence(f))
    }

    pub fn state(&self) -> &'static str {
        self.tried.as_ref().map_or("unknown", |tried| super::ledger_shape(tried.ends()))
    }

    pub fn problem_words(&self, f: &Frame) -> Option<String> {
        Some(f.t(match self.problem? {
            TryProblem::Empty => "try-empty",
            TryProblem::TooLarge => "try-too-large",
        }))
    }
}

impl Tried {
    /// Where it would stand once its time is over, as the mirror is now.
    pub fn ends(&self) -> Ledger {
        match (&self.found, self.first.ledger) {
            (Some(found), Ledger::Expected) => found.ledger,
            (None, Ledger::Expected) => Ledger::Missing,
            (_, ledger) => ledger,
        }
    }

    /// What would happen, in words.
    pub fn sentence(&self, f: &Frame) -> String {
        match (&self.found, self.first.ledger) {
            (Some(_), Ledger::Expected) => f.t("try-would-match"),
            (None, Ledger::Expected) => f.t(match self.allowed {
                Mode::Observe => "try-would-show",
                Mode::Post => "try-would-post",
                Mode::Page => "try-would-page",
            }),
            (_, ledger) => f.t1("try-would-stand", "ledger", f.ledger_word(&ledger)),
        }
    }

    /// Why.
    pub fn why(&self, f: &Frame) -> String {
        match (&self.found, self.first.ledger) {
            (Some(found), Ledger::Expected) => reason(f, &found.reason),
            (None, Ledger::Expected) => f.t1("try-after-grace", "span", when::span(f.language, self.grace_s)),
            _ => reason(f, &self.first.reason),
        }
    }

    pub fn trust_words(&self, f: &Frame) -> String {
        trust_why(f, &self.read.trust_why)
    }

    pub fn severity(&self, f: &Frame) -> Option<String> {
        self.read.reading.severity.map(|severity| f.word("severity", severity.as_str()))
    }

    pub fn text(&self) -> Option<String> {
        let text = self.read.text.trim_end();
        (!text.is_empty()).then(|| crate::raw::show(text.as_bytes()).text)
    }
}
