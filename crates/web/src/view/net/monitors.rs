//! Monitors that send mail, settings that are to be mended, and rules that people made. What somebody accepted as it is stays
//! in sight, with who did and when.

use super::trust_why;
use crate::i18n::Arg;
use crate::markup::{Markup, encode};
use crate::view::{Frame, link};
use crate::when;
use model::Micros;

#[derive(Clone, Debug, Default)]
pub struct MonitorsView {
    pub rows: Vec<MonitorRow>,
    /// What is open first.
    pub mend: Vec<MendRow>,
    pub rules: Vec<RuleRow>,
    pub nonce: String,
    /// A rule was ended a moment ago.
    pub rule_ends: bool,
}

#[derive(Clone, Debug)]
pub struct MonitorRow {
    pub name: String,
    pub is_configured: bool,
    pub mails: u64,
    pub matched: u64,
    /// To the hour; `None`: it never sent.
    pub last_at: Option<Micros>,
    pub silent_since: Option<Micros>,
    /// It has a rule by which its sender can be proven.
    pub has_sender_rule: bool,
    pub proofs: ProofRow,
}

/// How far its latest mails of a week could be proven.
#[derive(Clone, Debug, Default)]
pub struct ProofRow {
    pub judged: u64,
    pub unproven: u64,
    /// Why not, most often, in the net's own words.
    pub why: String,
}

impl ProofRow {
    /// It sent, and nothing of it could be proven.
    pub const fn is_never(&self) -> bool {
        self.unproven > 0 && self.unproven == self.judged
    }
}

/// A setting that is to be mended.
#[derive(Clone, Debug)]
pub struct MendRow {
    /// What it is kept by.
    pub key: String,
    pub name: String,
    pub kind: Mend,
    pub url: Option<String>,
    /// Who accepted it as it is, and when.
    pub accepted: Option<(String, Micros)>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Mend {
    /// By its rhythm, so many mails should have come.
    Silent { since: Micros, expected: u64 },
    /// Configured, and nothing proves its sender.
    Unproven,
    /// It has a sender rule that never holds: none of so many mails could be proven, and why most often.
    NeverProven { mails: u64, why: String },
    /// It sends, and no `[[mail.monitor]]` names it.
    Unconfigured,
    /// Configured, and never sent.
    NeverSent,
    /// Mails came, and no alert ever stood against one.
    OnlyMails { mails: u64 },
    /// A service of PagerDuty's without an incident since then.
    NeverFired { since: Micros },
}

#[derive(Clone, Debug)]
pub struct RuleRow {
    pub id: String,
    pub name: String,
    pub monitor: String,
    /// Held back rather than no alert.
    pub holds_back: bool,
    pub by: String,
    pub at: Micros,
}

impl Mend {
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Silent { .. } => "silent",
            Self::Unproven => "unproven",
            Self::NeverProven { .. } => "never-proven",
            Self::Unconfigured => "unconfigured",
            Self::NeverSent => "never-sent",
            Self::OnlyMails { .. } => "only-mails",
            Self::NeverFired { .. } => "never-fired",
        }
    }
}

impl MendRow {
    pub fn what(&self, f: &Frame) -> String {
        let name = f.brief(&self.name);
        match &self.kind {
            Mend::Silent { since, expected } => {
                let since = when::exact(f.language, &f.zone, f.now, *since);
                let args = [("name", name.value()), ("since", since.value()), ("expected", expected.value())];
                f.t_args("mend-silent", &args)
            }
            Mend::Unproven => f.t1("mend-unproven", "name", name),
            Mend::NeverProven { mails, why } => {
                let why = trust_why(f, why);
                f.t_args("mend-never-proven", &[("name", name.value()), ("mails", mails.value()), ("why", why.value())])
            }
            Mend::Unconfigured => f.t1("mend-unconfigured", "name", name),
            Mend::NeverSent => f.t1("mend-never-sent", "name", name),
            Mend::OnlyMails { mails } => f.t2("mend-only-mails", "name", name, "mails", mails),
            Mend::NeverFired { since } => {
                f.t2("mend-never-fired", "name", name, "since", when::day(f.language, &f.zone, f.now, *since))
            }
        }
    }

    /// What to do.
    pub fn remedy(&self, f: &Frame) -> String {
        f.t(match self.kind {
            Mend::Silent { .. } => "mend-silent-do",
            Mend::Unproven => "mend-unproven-do",
            Mend::NeverProven { .. } => "mend-never-proven-do",
            Mend::Unconfigured => "mend-unconfigured-do",
            Mend::NeverSent => "mend-never-sent-do",
            Mend::OnlyMails { .. } => "mend-only-mails-do",
            Mend::NeverFired { .. } => "mend-never-fired-do",
        })
    }

    pub fn state(&self, f: &Frame) -> Markup {
        match (&self.accepted, &self.kind) {
            (Some(_), _) => f.mark("unknown", f.t("mend-accepted")),
            (None, Mend::Silent { .. }) => f.mark("triggered", f.t("mend-open")),
            (None, _) => f.mark("acknowledged", f.t("mend-open")),
        }
    }

    pub fn accepted_words(&self, f: &Frame) -> Option<String> {
        let (by, at) = self.accepted.as_ref()?;
        Some(f.t2("mend-accepted-by", "by", f.short(by), "at", when::exact(f.language, &f.zone, f.now, *at)))
    }

    pub fn href(&self) -> Option<&str> {
        link(self.url.as_deref()?)
    }
}

impl MonitorRow {
    pub fn href(&self) -> String {
        format!("/safety-net?monitor={}", encode(&self.name))
    }

    /// A shape and a word for how it is.
    pub fn state(&self, f: &Frame) -> Markup {
        let (shape, word) = self.said(f);
        f.mark(shape, word)
    }

    pub fn word(&self, f: &Frame) -> String {
        self.said(f).1
    }

    fn said(&self, f: &Frame) -> (&'static str, String) {
        match self {
            m if m.silent_since.is_some() => ("triggered", f.t("monitor-silent")),
            m if m.last_at.is_none() => ("unknown", f.t("monitor-never")),
            _ => ("resolved", f.t("monitor-sends")),
        }
    }

    pub fn sender(&self, f: &Frame) -> String {
        let ProofRow { judged, unproven, why } = &self.proofs;
        if self.has_sender_rule && *unproven > 0 {
            let why = trust_why(f, why);
            return f.t_args(
                "monitor-not-proven",
                &[("n", unproven.value()), ("of", judged.value()), ("why", why.value())],
            );
        }
        f.t(match (self.is_configured, self.has_sender_rule) {
            (false, _) => "monitor-unconfigured",
            (true, false) => "monitor-unproven",
            (true, true) => "monitor-proven",
        })
    }
}

impl RuleRow {
    pub fn end_href(&self) -> String {
        format!("/safety-net/rules/{}/end", encode(&self.id))
    }

    pub fn verdict(&self, f: &Frame) -> String {
        f.word("ledger", if self.holds_back { "suppressed" } else { "not-an-alert" })
    }
}

impl MonitorsView {
    fn open(&self) -> usize {
        self.mend.iter().filter(|row| row.accepted.is_none()).count()
    }

    pub fn sentence(&self, f: &Frame) -> String {
        match (self.open(), self.mend.len()) {
            (0, 0) if self.rows.is_empty() => f.t("monitors-none"),
            (0, 0) => f.t("mend-none"),
            (0, accepted) => f.t1("mend-all-accepted", "n", accepted),
            (open, all) if open == all => f.t1("mend-some", "n", open),
            (open, all) => f.t2("mend-some-accepted", "n", open, "accepted", all - open),
        }
    }

    pub fn state(&self) -> &'static str {
        match self {
            v if v.rows.is_empty() && v.mend.is_empty() => "unknown",
            v if v.open() == 0 => "resolved",
            _ => "acknowledged",
        }
    }
}
