//! What differs between two captures, step by step: lines that went and came, numbers that changed, and nothing of what stayed the
//! same but how much of it there is.

use super::super::Frame;
use super::RunRow;
use crate::i18n::Arg;
use model::Micros;
use model::plan::Words;

#[derive(Clone, Debug, Default)]
pub struct DiffView {
    /// The later capture.
    pub row: RunRow,
    /// What it is held against; `None`: there is nothing of the kind.
    pub with: Option<RunRow>,
    /// The last one with nothing wrong was asked for.
    pub is_healthy: bool,
    pub steps: Vec<StepDiff>,
    /// OtherCapture captures that it may be held against, the latest first.
    pub others: Vec<OtherCapture>,
}

/// Another capture of the same runbook on the same host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OtherCapture {
    pub id: i64,
    pub at: Micros,
    pub is_healthy: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepDiff {
    pub n: i64,
    pub name: String,
    pub title: Words,
    /// How it ended then and now, where that differs.
    pub states: Option<(String, String)>,
    pub parts: Vec<DiffPart>,
    pub gone: u64,
    pub come: u64,
    /// Lines that differ in numbers alone.
    pub numbers: u64,
    /// There is more than was compared, or more that differs than is shown.
    pub is_cut: bool,
    /// One of the two is no text: whether they differ at all.
    pub bytes_differ: Option<bool>,
    /// The other capture has no such step.
    pub is_new: bool,
    /// Only the other one has it.
    pub is_lost: bool,
}

/// Lines of a difference, or so many that are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiffPart {
    Same(u64),
    Lines(Vec<DiffLine>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffLine {
    /// `-` went, `+` came, a blank is there for the reader to find the place.
    pub sign: char,
    pub pieces: Vec<Piece>,
}

/// A part of a line; `is_number`: a number that is another one on the other side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    pub is_number: bool,
}

impl DiffView {
    pub fn href(&self, other: &OtherCapture) -> String {
        format!("/runs/{}/diff?with={}", self.row.id, other.id)
    }

    fn changed(&self) -> usize {
        self.steps.iter().filter(|step| !step.is_same()).count()
    }

    pub fn sentence(&self, f: &Frame) -> String {
        match &self.with {
            None if self.is_healthy => f.t("diff-no-healthy"),
            None => f.t("diff-no-other"),
            Some(_) => match self.changed() {
                0 => f.t("diff-none"),
                n => f.t2("diff-steps", "n", n, "all", self.steps.len()),
            },
        }
    }

    pub fn state(&self) -> &'static str {
        match (&self.with, self.changed()) {
            (None, _) => "unknown",
            (Some(_), 0) => "resolved",
            _ => "acknowledged",
        }
    }
}

impl StepDiff {
    pub fn is_same(&self) -> bool {
        let is_there = !self.is_new && !self.is_lost && self.bytes_differ != Some(true);
        is_there && self.states.is_none() && self.gone + self.come + self.numbers == 0
    }

    pub fn title(&self, f: &Frame) -> String {
        let title = f.words(&self.title);
        if title.is_empty() { f.short(&self.name) } else { title }
    }

    /// What differs, in words.
    pub fn count(&self, f: &Frame) -> String {
        match self {
            step if step.is_new => f.t("diff-new"),
            step if step.is_lost => f.t("diff-lost"),
            step if step.bytes_differ == Some(true) => f.t("diff-bytes"),
            step if step.is_same() => f.t("diff-same"),
            step if step.gone + step.come == 0 && step.numbers > 0 => f.t1("diff-numbers", "n", step.numbers),
            step if step.gone + step.come == 0 => f.t("diff-said-same"),
            step => f.t_args(
                "diff-lines",
                &[("come", step.come.value()), ("gone", step.gone.value()), ("numbers", step.numbers.value())],
            ),
        }
    }

    pub fn state_words(&self, f: &Frame) -> Option<String> {
        let (then, now) = self.states.as_ref()?;
        Some(f.t2("diff-states", "then", f.word("step-state", then), "now", f.word("step-state", now)))
    }
}

impl DiffPart {
    pub const fn same(&self) -> Option<u64> {
        match self {
            Self::Same(n) => Some(*n),
            Self::Lines(_) => None,
        }
    }

    pub fn lines(&self) -> &[DiffLine] {
        match self {
            Self::Same(_) => &[],
            Self::Lines(lines) => lines,
        }
    }
}

impl DiffLine {
    pub const fn class(&self) -> &'static str {
        match self.sign {
            '-' => "gone",
            '+' => "come",
            _ => "same",
        }
    }
}
