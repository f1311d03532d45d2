//! A step of a run: what was asked, what came back, and why nothing did.

use super::super::Frame;
use super::row::distinct;
use super::words::level_shape;
use crate::Captured;
use crate::markup::Markup;
use model::Micros;
use model::plan::Words;
use model::visit::Finding;

#[derive(Clone, Debug, Default)]
pub struct StepRow {
    pub run: i64,
    pub n: i64,
    pub name: String,
    pub title: Words,
    pub state: String,
    pub cause: Option<Words>,
    pub exit_status: Option<i64>,
    pub signal: Option<String>,
    pub started_at: Option<Micros>,
    pub ended_at: Option<Micros>,
    pub streams: Vec<StreamRow>,
    /// The worst first.
    pub findings: Vec<Finding>,
    /// How often each rule hid something.
    pub redactions: Vec<(String, u64)>,
    pub host_key: Option<String>,
    pub capsule: Option<String>,
    /// Exactly what was asked of the host; `None` where the plan can't be read.
    pub command: Option<String>,
    /// Exactly what was sent to it on standard input.
    pub input: Option<String>,
}

/// One of a step's two streams.
#[derive(Clone, Debug, Default)]
pub struct StreamRow {
    /// out or err.
    pub name: &'static str,
    /// As the host said them, before redaction.
    pub bytes: u64,
    /// The host had more to say than was kept.
    pub is_cut: bool,
    /// Of what was kept.
    pub sha256: Option<String>,
    pub shown: Captured,
}

impl StreamRow {
    /// There is more than is shown.
    pub const fn has_more(&self) -> bool {
        match &self.shown {
            Captured::Nothing => self.bytes > 0,
            Captured::Text { before, after, .. } => *before || *after,
            Captured::Bytes { .. } => true,
        }
    }

    pub const fn text(&self) -> Option<&String> {
        match &self.shown {
            Captured::Text { text, .. } => Some(text),
            _ => None,
        }
    }

    pub const fn hex(&self) -> Option<&String> {
        match &self.shown {
            Captured::Bytes { hex, .. } => Some(hex),
            _ => None,
        }
    }

    /// The end is shown, and the beginning is not.
    pub const fn is_end(&self) -> bool {
        matches!(self.shown, Captured::Text { before: true, .. })
    }

    pub fn label(&self, f: &Frame) -> String {
        f.word("run-stream", self.name)
    }
}

impl StepRow {
    /// Unique on a page.
    pub fn id(&self) -> String {
        format!("run-{}-step-{}", self.run, self.n)
    }

    pub fn href(&self, stream: &StreamRow) -> String {
        format!("/runs/{}/steps/{}/{}", self.run, self.n, stream.name)
    }

    pub fn title(&self, f: &Frame) -> String {
        let title = f.words(&self.title);
        if title.is_empty() { f.short(&self.name) } else { title }
    }

    pub fn mark(&self, f: &Frame) -> Markup {
        let shape = match self.state.as_str() {
            "ok" => "resolved",
            "finding" => self.findings.first().map_or("unknown", |finding| level_shape(finding.level.as_str())),
            "running" => "acknowledged",
            "queued" | "missing" | "denied" | "stopped" | "not_run" => "unknown",
            _ => "missing",
        };
        f.mark(shape, f.word("step-state", &self.state))
    }

    pub fn is_live(&self) -> bool {
        self.state == "running"
    }

    /// What it found, each once.
    pub fn found(&self) -> Vec<&Finding> {
        distinct(&self.findings)
    }

    /// Something was found, or something else than its end became of it.
    pub fn is_telling(&self) -> bool {
        !matches!(self.state.as_str(), "ok" | "queued" | "not_run")
    }

    /// How its command ended: a status or a signal.
    pub fn ended(&self, f: &Frame) -> Option<String> {
        match (&self.signal, self.exit_status) {
            (Some(signal), _) => Some(f.t1("step-signal", "signal", f.short(signal))),
            (None, Some(status)) => Some(f.t1("step-exit", "status", status.to_string())),
            (None, None) => None,
        }
    }

    pub fn took(&self, f: &Frame) -> Option<String> {
        Some(crate::when::tenths(f.language, self.ended_at?.since(self.started_at?)))
    }

    /// "3 secrets hidden: password 2, token 1".
    pub fn hidden(&self, f: &Frame) -> Option<String> {
        let all: u64 = self.redactions.iter().map(|(_, n)| n).sum();
        let rules: Vec<String> = self.redactions.iter().map(|(rule, n)| format!("{} {n}", f.short(rule))).collect();
        (all > 0).then(|| f.t2("step-hidden", "n", all, "rules", rules.join(&f.t("list-comma"))))
    }

    pub fn says_nothing(&self) -> bool {
        self.streams.iter().all(|stream| stream.bytes == 0 && stream.shown == Captured::Nothing)
    }
}
