//! Runbooks: what each does, when it runs, and whether its present version may run unattended.

use super::super::Frame;
use super::{RunForm, RunRow};
use crate::markup::{Markup, encode};
use crate::{HostsMode, RunbookShown};
use model::Micros;
use model::plan::Class;

#[derive(Clone, Debug, Default)]
pub struct RunbooksView {
    pub mode: HostsMode,
    pub rows: Vec<RunbookRow>,
}

#[derive(Clone, Debug, Default)]
pub struct RunbookRow {
    pub shown: RunbookShown,
    /// Who let this very version run unattended, and when.
    pub approved: Option<(String, Micros)>,
}

#[derive(Clone, Debug, Default)]
pub struct RunbookView {
    pub row: RunbookRow,
    /// All that ever were, the latest first.
    pub approvals: Vec<ApprovalRow>,
    pub runs: Vec<RunRow>,
    /// An admin may approve and withdraw.
    pub may_approve: bool,
    pub nonce: String,
    pub form: RunForm,
    pub asked: Option<&'static str>,
}

/// A version that an admin let run unattended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApprovalRow {
    pub digest: String,
    pub at: Micros,
    pub by: String,
    pub withdrawn: Option<(String, Micros)>,
}

/// Of a digest, what tells it from others at a glance.
const DIGEST_CHARS: usize = 12;

impl RunbookRow {
    pub fn href(&self) -> String {
        format!("/runbooks/{}", encode(&self.shown.name))
    }

    pub const fn is_approved(&self) -> bool {
        self.shown.is_shipped || self.approved.is_some()
    }

    pub fn title(&self, f: &Frame) -> String {
        let title = f.words(&self.shown.title);
        if title.is_empty() { f.short(&self.shown.name) } else { title }
    }

    pub fn short_digest(&self) -> String {
        self.shown.digest.chars().take(DIGEST_CHARS).collect()
    }

    /// Whether it may run unattended: a shape and a word.
    pub fn mark(&self, f: &Frame) -> Markup {
        let (shape, key) = match self {
            row if !row.shown.problems.is_empty() => ("missing", "runbook-problems-word"),
            row if row.shown.is_shipped => ("resolved", "runbook-shipped"),
            row if row.approved.is_some() => ("resolved", "runbook-approved"),
            _ => ("acknowledged", "runbook-unapproved"),
        };
        f.mark(shape, f.t(key))
    }

    pub fn class(&self, f: &Frame) -> String {
        f.word("run-class", self.shown.class.as_str())
    }

    pub fn looks(&self) -> bool {
        self.shown.class == Class::Read
    }

    /// By whom this version was let, in a sentence.
    pub fn approved_words(&self, f: &Frame) -> String {
        match &self.approved {
            _ if self.shown.is_shipped => f.t("runbook-is-shipped"),
            Some((who, at)) => f.t2(
                "runbook-is-approved",
                "who",
                f.asker(who),
                "at",
                crate::when::exact(f.language, &f.zone, f.now, *at),
            ),
            None => f.t("runbook-is-unapproved"),
        }
    }
}

impl RunbooksView {
    fn waiting(&self) -> usize {
        self.rows.iter().filter(|row| !row.is_approved()).count()
    }

    pub fn sentence(&self, f: &Frame) -> String {
        match (self.rows.len(), self.waiting()) {
            (0, _) => f.t("runbooks-none"),
            (n, 0) => f.t1("runbooks-all", "n", n),
            (n, waiting) => f.t2("runbooks-waiting", "n", n, "waiting", waiting),
        }
    }

    pub fn state(&self) -> &'static str {
        match (self.rows.is_empty(), self.rows.iter().any(|row| !row.shown.problems.is_empty()), self.waiting()) {
            (true, ..) => "unknown",
            (_, true, _) => "missing",
            (.., 0) => "resolved",
            _ => "acknowledged",
        }
    }
}

impl RunbookView {
    pub fn href(&self) -> String {
        self.row.href()
    }

    pub fn asked_words(&self, f: &Frame) -> Option<String> {
        self.asked.map(|what| f.word("run-asked", what))
    }
}
