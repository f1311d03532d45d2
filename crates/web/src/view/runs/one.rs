//! One run as its record: what was asked, where and on which way, who asked and why, what came back.

use super::super::Frame;
use super::{RunRow, StepRow};
use model::Micros;

#[derive(Clone, Debug, Default)]
pub struct RunView {
    pub row: RunRow,
    /// The bastions on the way, the first one first.
    pub hops: Vec<String>,
    pub parameters: Vec<(String, String)>,
    pub plan_digest: String,
    pub runbook_digest: String,
    /// The runbook's file is still the one that was run; `None`: there is none of that name now.
    pub is_present: Option<bool>,
    pub steps: Vec<StepRow>,
    /// The last capture before it that found nothing wrong.
    pub healthy: Option<(i64, Micros)>,
    /// The person's role allows to stop it, and it goes on.
    pub may_stop: bool,
    pub nonce: String,
    /// What this person asked for a moment ago.
    pub stops: bool,
    /// All that was said does not lie in an evidence store that this process knows.
    pub why_not_whole: Option<String>,
}

impl RunView {
    pub fn href(&self) -> String {
        self.row.href()
    }

    /// The key that the host showed.
    pub fn host_key(&self) -> Option<&String> {
        self.steps.iter().find_map(|step| step.host_key.as_ref())
    }

    /// What was hidden in all of it.
    pub fn hidden(&self, f: &Frame) -> Option<String> {
        let mut all = StepRow::default();
        for (rule, n) in self.steps.iter().flat_map(|step| &step.redactions) {
            match all.redactions.iter_mut().find(|(known, _)| known == rule) {
                Some((_, sum)) => *sum += n,
                None => all.redactions.push((rule.clone(), *n)),
            }
        }
        all.redactions.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        all.hidden(f)
    }

    /// How many of its steps have come to their end.
    pub fn progress(&self, f: &Frame) -> Option<String> {
        let ended = self.steps.iter().filter(|step| step.ended_at.is_some()).count();
        self.row.is_live().then(|| f.t2("run-progress", "n", ended, "all", self.steps.len()))
    }

    /// Whether the runbook has changed since.
    pub fn present(&self, f: &Frame) -> String {
        f.t(match self.is_present {
            Some(true) => "run-runbook-same",
            Some(false) => "run-runbook-other",
            None => "run-runbook-gone",
        })
    }
}
