//! A run in a line: what was run where, why, by whom, how far it has come and what it found.

use super::super::{Frame, IncidentLink};
use super::words::level_shape;
use crate::i18n::Arg;
use crate::markup::{Markup, encode};
use model::Micros;
use model::plan::Words;
use model::visit::Finding;
use std::collections::BTreeSet;

/// A worker says within this that it goes on; after it, somebody else ends its run.
pub(crate) const SILENT_S: i64 = 60;
/// Findings told in a line.
const TOLD: usize = 3;

#[derive(Clone, Debug, Default)]
pub struct RunRow {
    pub id: i64,
    pub host: String,
    /// The customer's name.
    pub customer: Option<String>,
    pub runbook: String,
    /// As its plan calls it.
    pub title: Words,
    pub class: String,
    pub reason: String,
    /// A name, `token:NAME` or `system`.
    pub asked_by: String,
    pub state: String,
    pub cause: Option<Words>,
    pub level: Option<String>,
    /// The worst first.
    pub findings: Vec<Finding>,
    pub is_healthy: bool,
    /// The highest of its steps'.
    pub exit_status: Option<i64>,
    pub queued_at: Micros,
    pub started_at: Option<Micros>,
    pub beat_at: Option<Micros>,
    pub ended_at: Option<Micros>,
    pub stop_asked_by: Option<String>,
    pub incident: Option<IncidentLink>,
}

impl RunRow {
    pub fn href(&self) -> String {
        format!("/runs/{}", self.id)
    }

    pub fn host_href(&self) -> String {
        format!("/hosts/{}", encode(&self.host))
    }

    pub fn runbook_href(&self) -> String {
        format!("/runbooks/{}", encode(&self.runbook))
    }

    pub const fn is_live(&self) -> bool {
        self.ended_at.is_none()
    }

    /// Its worker has said nothing for longer than one may be silent.
    pub fn is_silent(&self, f: &Frame) -> bool {
        let said = self.beat_at.or(self.started_at);
        self.is_live() && said.is_some_and(|at| f.now.since(at) > SILENT_S * 1_000_000)
    }

    pub(crate) fn shape(&self) -> &'static str {
        match self.state.as_str() {
            "queued" | "running" => "acknowledged",
            "done" => level_shape(self.level.as_deref().unwrap_or("ok")),
            "stopped" => "unknown",
            _ => "missing",
        }
    }

    /// Where it stands; of one that is done, the worst that it found.
    pub fn word(&self, f: &Frame) -> String {
        match (self.state.as_str(), &self.level) {
            ("done", Some(level)) => f.word("run-level", level),
            (state, _) => f.word("run-state", state),
        }
    }

    pub fn mark(&self, f: &Frame) -> Markup {
        f.mark(self.shape(), self.word(f))
    }

    pub fn name(&self, f: &Frame) -> String {
        let title = f.words(&self.title);
        if title.is_empty() { f.short(&self.runbook) } else { title }
    }

    pub fn reason(&self, f: &Frame) -> String {
        f.word("run-reason", &self.reason)
    }

    /// What it found, or why there is nothing.
    pub fn told(&self, f: &Frame) -> String {
        if let Some(cause) = self.cause.as_ref().filter(|_| self.state != "done") {
            return f.words(cause);
        }
        let found = self.found();
        let told: Vec<String> = found.iter().take(TOLD).map(|finding| f.finding(finding)).collect();
        match found.len() {
            0 if self.is_absent() => f.t("run-found-absent"),
            0 if self.level.as_deref() == Some("unclear") && self.state == "done" => f.t("run-found-unclear"),
            0 if self.state == "done" => f.t("run-found-nothing"),
            0 => String::new(),
            n if n > TOLD => f.t2("run-found-more", "first", told.join(" · "), "n", n - TOLD),
            _ => told.join(" · "),
        }
    }

    /// What several steps found is told once.
    pub fn found(&self) -> Vec<&Finding> {
        distinct(&self.findings)
    }

    /// What it looks at is not on the host.
    pub fn is_absent(&self) -> bool {
        self.level.as_deref() == Some("absent")
    }

    /// Since when it is so: the end, the beginning, the asking.
    pub fn since(&self) -> &Micros {
        self.ended_at.as_ref().or(self.started_at.as_ref()).unwrap_or(&self.queued_at)
    }

    pub fn took(&self, f: &Frame) -> Option<String> {
        let ended = self.ended_at?;
        Some(crate::when::tenths(f.language, ended.since(self.started_at?)))
    }

    /// What is so, in a sentence.
    pub fn sentence(&self, f: &Frame) -> String {
        let host = f.short(&self.host);
        let span = |from: Micros| f.between(&from, &f.now);
        match self.state.as_str() {
            "queued" => f.t2("run-is-queued", "host", host, "span", span(self.queued_at)),
            "running" => f.t2("run-is-running", "host", host, "span", span(self.started_at.unwrap_or(self.queued_at))),
            "done" => self.done(f, host),
            "failed" => f.t1("run-is-failed", "host", host),
            "interrupted" => f.t1("run-is-interrupted", "host", host),
            "stopped" => match &self.stop_asked_by {
                Some(who) => f.t2("run-is-stopped-by", "host", host, "who", f.asker(who)),
                None => f.t1("run-is-stopped", "host", host),
            },
            "refused" => f.t1("run-is-refused", "host", host),
            other => f.word("run-state", other),
        }
    }

    fn done(&self, f: &Frame, host: String) -> String {
        let took = self.took(f).unwrap_or_default();
        match (self.level.as_deref(), self.found().len()) {
            (Some("absent"), _) => f.t2("run-is-done-absent", "host", host, "took", took),
            (Some("unclear"), _) => f.t2("run-is-done-unclear", "host", host, "took", took),
            (Some("critical" | "warning" | "info"), n) if n > 0 => {
                f.t_args("run-is-done-found", &[("host", host.value()), ("took", took.value()), ("n", n.value())])
            }
            _ => f.t2("run-is-done", "host", host, "took", took),
        }
    }

    /// What to do about it, where there is anything to do.
    pub fn remedy(&self, f: &Frame) -> Option<String> {
        match self.state.as_str() {
            _ if self.is_silent(f) => {
                let since = self.beat_at.or(self.started_at).unwrap_or(self.queued_at);
                Some(f.t1("run-do-silent", "span", f.between(&since, &f.now)))
            }
            "queued" if f.now.since(self.queued_at) > SILENT_S * 1_000_000 => Some(f.t("run-do-queued")),
            "failed" => Some(f.t("run-do-failed")),
            "interrupted" => Some(f.t("run-do-interrupted")),
            "refused" => Some(f.t("run-do-refused")),
            "stopped" => Some(f.t("run-do-stopped")),
            _ => None,
        }
    }

    /// Somebody asked that it end, and it has not yet.
    pub fn stopping(&self, f: &Frame) -> Option<String> {
        let who = self.stop_asked_by.as_ref().filter(|_| self.is_live())?;
        Some(f.t1("run-stopping", "who", f.asker(who)))
    }
}

/// Those whose words are others', in their order.
pub(crate) fn distinct(findings: &[Finding]) -> Vec<&Finding> {
    let mut seen = BTreeSet::new();
    findings.iter().filter(|finding| seen.insert((&finding.words, finding.level.as_str()))).collect()
}
