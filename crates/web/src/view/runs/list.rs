//! The list of runs and the answer above it: what is under way, and what came of those of the last day.

use super::super::Frame;
use super::super::frame::counted;
use super::{RunFilters, RunRow};
use crate::i18n::Arg;
use crate::view::Asked as _;
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default)]
pub struct RunsView {
    pub lately: Lately,
    pub filters: RunFilters,
    /// Names of hosts and runbooks that may be chosen.
    pub hosts: Vec<String>,
    pub runbooks: Vec<String>,
    pub rows: Vec<RunRow>,
    pub next_cursor: Option<String>,
    /// The lines in which a text that was looked for stands, by run.
    pub hits: BTreeMap<i64, HitRow>,
    /// So many runs were looked through for it.
    pub looked: Option<u64>,
}

/// Where a text that was looked for stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HitRow {
    pub n: i64,
    pub stream: String,
    pub line: String,
}

/// How the last day's runs went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lately {
    /// Whether there ever was a run that this person may see.
    pub ever: bool,
    pub live: u64,
    pub all: u64,
    pub critical: u64,
    pub warning: u64,
    /// They came to no end of their own.
    pub broken: u64,
}

/// What may be chosen above the list.
const STATES: [&str; 7] = ["queued", "running", "done", "failed", "interrupted", "stopped", "refused"];

impl RunsView {
    pub fn sentence(&self, f: &Frame) -> String {
        let l = &self.lately;
        if !l.ever {
            return f.t("runs-never");
        }
        let day = match (l.all, l.critical + l.warning, l.broken) {
            (0, ..) => f.t("runs-day-none"),
            (all, 0, 0) => f.t_args("runs-day-good", &[("n", counted(all))]),
            (all, found, 0) => f.t_args("runs-day-found", &[("n", counted(all)), ("found", counted(found))]),
            (all, found, broken) => f.t_args(
                "runs-day-broken",
                &[("n", counted(all)), ("found", counted(found)), ("broken", counted(broken))],
            ),
        };
        if l.live == 0 { day } else { f.t_args("runs-live", &[("n", counted(l.live)), ("day", day.value())]) }
    }

    pub const fn state(&self) -> &'static str {
        match self.lately {
            Lately { ever: false, .. } | Lately { all: 0, live: 0, .. } => "unknown",
            Lately { critical: 1.., .. } => "triggered",
            Lately { broken: 1.., .. } => "missing",
            Lately { warning: 1.., .. } | Lately { live: 1.., .. } => "acknowledged",
            _ => "resolved",
        }
    }

    pub fn tabs(&self, f: &Frame) -> Vec<(&'static str, String)> {
        let states = STATES.into_iter().map(|state| (state, f.word("run-state", state)));
        std::iter::once(("", f.t("filter-all"))).chain(states).collect()
    }

    /// How far was looked for a text.
    pub fn looked_words(&self, f: &Frame) -> Option<String> {
        let looked = self.looked?;
        let key = if self.next_cursor.is_some() { "runs-looked-part" } else { "runs-looked-all" };
        Some(f.t2(key, "n", looked, "found", self.rows.len()))
    }

    pub fn hit(&self, row: &RunRow) -> Option<&HitRow> {
        self.hits.get(&row.id)
    }

    pub fn is_narrowed(&self) -> bool {
        !self.filters.narrowing().is_empty()
    }

    pub fn filter_value(&self, f: &Frame, _: &str, value: &str) -> String {
        f.brief(value)
    }
}
