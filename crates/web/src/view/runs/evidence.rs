//! The evidence beside an incident: whether its hosts were found, what was run there, what came back, what was held back and why.

use super::super::{Frame, IncidentLink};
use super::{RunForm, RunRow, StepRow};
use crate::markup::encode;
use crate::{HostsMode, when};
use model::Micros;
use model::visit::{Seen, Visit};

#[derive(Clone, Debug, Default)]
pub struct EvidenceView {
    /// The incident's id.
    pub incident: String,
    pub looked: Option<Looked>,
    /// The last run of each runbook on each host, by host.
    pub runs: Vec<RunShown>,
    /// Those before them, the latest first.
    pub earlier: Vec<RunRow>,
    /// There are more than these.
    pub more: bool,
    pub mode: HostsMode,
    /// The inventory holds hosts that this person may see.
    pub has_hosts: bool,
    pub form: RunForm,
    /// What this person asked for a moment ago.
    pub asked: Option<&'static str>,
    /// Why what they asked for was not taken on.
    pub refused: Option<String>,
}

/// What came of looking for the incident's hosts.
#[derive(Clone, Debug, Default)]
pub struct Looked {
    pub visit: Visit,
    pub mode: String,
    pub at: Micros,
}

/// A run with what its steps said first.
#[derive(Clone, Debug, Default)]
pub struct RunShown {
    pub row: RunRow,
    pub steps: Vec<StepRow>,
}

/// The runs on one host.
#[derive(Debug)]
pub struct OfHost<'a> {
    pub host: &'a str,
    /// Why the incident led there.
    pub seen: Option<&'a Seen>,
    pub runs: Vec<&'a RunShown>,
}

impl OfHost<'_> {
    pub fn href(&self) -> String {
        format!("/hosts/{}", encode(self.host))
    }
}

impl RunShown {
    /// Steps that have something to tell, or are under way; the others are on the run's page.
    pub fn telling(&self) -> Vec<&StepRow> {
        self.steps.iter().filter(|step| self.is_telling(step)).collect()
    }

    pub fn quiet(&self) -> Vec<&StepRow> {
        self.steps.iter().filter(|step| !self.is_telling(step)).collect()
    }

    /// Where nothing is there to look at, no step need say so again.
    fn is_telling(&self, step: &StepRow) -> bool {
        step.is_telling() && !(self.row.is_absent() && step.state == "missing")
    }
}

impl EvidenceView {
    /// The incident that a run was asked for, where it is another.
    pub fn other<'a>(&self, run: &'a RunShown) -> Option<&'a IncidentLink> {
        run.row.incident.as_ref().filter(|of| of.id != self.incident)
    }

    pub fn href(&self) -> String {
        format!("/incidents/{}", encode(&self.incident))
    }

    /// Where the part that moves is read again, with what was asked for a moment ago.
    pub fn from(&self) -> String {
        match self.asked {
            Some(what) => format!("{}?asked={what}", self.href()),
            None => self.href(),
        }
    }

    /// What was found, in a sentence.
    pub fn sentence(&self, f: &Frame) -> String {
        match &self.looked {
            Some(looked) => f.words(&looked.visit.says),
            None if !self.runs.is_empty() => f.t("evidence-by-hand"),
            None if !self.has_hosts => f.t("evidence-no-inventory"),
            None => f.t("evidence-not-looked"),
        }
    }

    pub fn shape(&self) -> &'static str {
        let worst = self.runs.iter().map(|run| run.row.shape());
        let rank = |shape: &&str| {
            ["unknown", "resolved", "acknowledged", "missing", "triggered"].iter().position(|s| s == shape)
        };
        worst.max_by_key(rank).unwrap_or(match &self.looked {
            Some(looked) if looked.visit.hosts.is_empty() => "missing",
            _ => "unknown",
        })
    }

    /// The hosts with their runs, those that the incident names first.
    pub fn hosts(&self) -> Vec<OfHost<'_>> {
        let seen: &[Seen] = self.looked.as_ref().map_or(&[], |looked| &looked.visit.hosts);
        let mut all: Vec<OfHost<'_>> =
            seen.iter().map(|one| OfHost { host: &one.host, seen: Some(one), runs: Vec::new() }).collect();
        for run in &self.runs {
            match all.iter_mut().find(|of| of.host == run.row.host) {
                Some(of) => of.runs.push(run),
                None => all.push(OfHost { host: &run.row.host, seen: None, runs: vec![run] }),
            }
        }
        all
    }

    pub fn looked_words(&self, f: &Frame) -> Option<String> {
        let looked = self.looked.as_ref()?;
        Some(f.t1("evidence-looked", "ago", when::ago(f.language, f.now, looked.at)))
    }

    /// Nothing is run by itself, where it is so.
    pub fn mode_words(&self, f: &Frame) -> Option<String> {
        let mode = self.looked.as_ref().map_or(self.mode.as_str(), |looked| &looked.mode);
        (mode == HostsMode::Observe.as_str() && self.has_hosts).then(|| f.t("evidence-observe"))
    }

    pub fn asked_words(&self, f: &Frame) -> Option<String> {
        self.asked.map(|what| f.word("run-asked", what))
    }
}
