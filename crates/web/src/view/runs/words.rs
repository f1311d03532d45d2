//! Small words that all pages about hosts share: texts in both languages, levels, states of runs and steps, how a host is reached.

use super::super::Frame;
use crate::markup::Markup;
use model::plan::{Level, Words};
use model::visit::Finding;

/// How states of reach are to be dealt with; what is not listed has no remedy of ours.
const REMEDIES: [(&str, &str); 17] = [
    ("unreachable", "reach-do-unreachable"),
    ("key_unknown", "reach-do-key-unknown"),
    ("key_changed", "reach-do-key-changed"),
    ("key_revoked", "reach-do-key-revoked"),
    ("certificate", "reach-do-certificate"),
    ("login_refused", "reach-do-login-refused"),
    ("timeout", "reach-do-timeout"),
    ("key_file", "reach-do-key-file"),
    ("agent", "reach-do-agent"),
    ("bastion_forbids", "reach-do-bastion-forbids"),
    ("protocol", "reach-do-protocol"),
    ("busy", "reach-do-busy"),
    ("run_refused", "reach-do-run-refused"),
    ("lost", "reach-do-lost"),
    ("no_common_algorithm", "reach-do-no-common-algorithm"),
    ("cancelled", "reach-do-cancelled"),
    ("no_way", "reach-do-no-way"),
];

impl Frame {
    /// Text that is kept in both languages.
    pub fn words(&self, words: &Words) -> String {
        let (own, other) = match self.language {
            crate::Language::Ja => (&words.ja, &words.en),
            crate::Language::En => (&words.en, &words.ja),
        };
        self.whole(if own.trim().is_empty() { other } else { own })
    }

    /// All of a text that is to be read letter by letter, what can't be seen made visible.
    pub fn exact(&self, text: &str) -> String {
        crate::raw::visible(text)
    }

    /// How much a finding matters: a shape and a word.
    pub fn level(&self, level: &Level) -> Markup {
        self.mark(level_shape(level.as_str()), self.word("run-level", level.as_str()))
    }

    /// What a finding says, with the figure that it was read from.
    pub fn finding(&self, finding: &Finding) -> String {
        self.words(&finding.words)
    }

    /// How a host was last reached: a shape and a word.
    pub fn reach(&self, state: &str) -> Markup {
        self.mark(reach_shape(state), self.word("reach", state))
    }

    /// What to do where a host was not reached.
    pub fn reach_remedy(&self, state: &str, host: &str) -> Option<String> {
        let (_, key) = REMEDIES.into_iter().find(|(known, _)| *known == state)?;
        Some(self.t1(key, "host", self.short(host)))
    }

    /// The name of whoever asked for a run.
    pub fn asker(&self, who: &str) -> String {
        match who.split_once(':') {
            Some(("token", name)) => self.t1("run-by-token", "name", self.short(name)),
            _ if who == "system" => self.t("run-by-system"),
            _ => self.short(who),
        }
    }
}

/// The shape of the worst that was found.
pub(crate) fn level_shape(level: &str) -> &'static str {
    match level {
        "critical" => "triggered",
        "warning" => "acknowledged",
        "ok" => "resolved",
        _ => "unknown",
    }
}

/// A changed key may be an attack; everything else that keeps from a host is something that lacks.
pub(crate) fn reach_shape(state: &str) -> &'static str {
    match state {
        "reached" => "resolved",
        "key_changed" | "key_revoked" => "triggered",
        "busy" => "acknowledged",
        "" => "unknown",
        _ => "missing",
    }
}

/// Whether somebody may stand between us and the host.
pub(crate) fn is_alarm(state: &str) -> bool {
    matches!(state, "key_changed" | "key_revoked")
}
