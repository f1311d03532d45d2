//! Diagnoses: what an incident leads to, which runbooks run on which of its hosts, and what people are told of what came back. Never
//! visits a host, and never lets a customer's incident lead to another's.

pub mod reach;

use crate::say::Language;
use model::plan::{Level, Words};
use model::visit::Finding;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

pub const DUTY: &str = "diagnose";

/// How far it may go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Shows what it would have run. People may still run it by a button.
    #[default]
    Observe,
    Run,
}

impl Mode {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Run => "run",
        }
    }
}

/// A run, as far as people are told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told<'a> {
    pub host: &'a str,
    pub runbook: &'a str,
    /// As the store has it.
    pub state: &'a str,
    pub cause: Option<&'a str>,
    pub findings: &'a [Finding],
    /// What it looks at is not on the host.
    pub is_absent: bool,
    /// How many of its steps gave an answer, and of how many.
    pub answered: (usize, usize),
}

/// The lines of a digest, the worst first, at most so many: the last one then says how many there are besides.
pub fn lines(told: &[Told<'_>], language: Language, most: usize) -> Vec<String> {
    let mut all: Vec<(u8, String)> = told.iter().flat_map(|run| of_run(run, language)).collect();
    all.sort_by_key(|(rank, _)| *rank);
    // What several steps or runbooks found on a host is told once, at its worst.
    let mut seen = BTreeSet::new();
    let mut lines: Vec<String> =
        all.into_iter().map(|(_, line)| line).filter(|line| seen.insert(line.clone())).collect();
    if lines.len() > most {
        let more = lines.len() - most.saturating_sub(1);
        lines.truncate(most.saturating_sub(1));
        lines.push(match language {
            Language::En => format!("… and {more} more"),
            Language::Ja => format!("… ほか {more} 件"),
        });
    }
    lines
}

fn of_run(run: &Told<'_>, language: Language) -> Vec<(u8, String)> {
    let mut lines: Vec<(u8, String)> = run
        .findings
        .iter()
        .map(|finding| (rank(finding.level), format!("{}: {}", run.host, pick(&finding.words, language))))
        .collect();
    if let Some(line) = standing(run, language) {
        lines.push(line);
    }
    lines
}

/// What is to be said of the run itself.
fn standing(run: &Told<'_>, language: Language) -> Option<(u8, String)> {
    let Told { host, runbook, .. } = run;
    let cause = run.cause.unwrap_or_default();
    let (answered, all) = run.answered;
    let line = match (run.state, language) {
        ("queued" | "running", Language::En) => (4, format!("{host}: {runbook} is running")),
        ("queued" | "running", Language::Ja) => (4, format!("{host}: {runbook} を実行中")),
        ("done", Language::En) if run.is_absent => (7, format!("{host}: nothing there for {runbook} to look at")),
        ("done", Language::Ja) if run.is_absent => (7, format!("{host}: {runbook} の対象なし")),
        ("done", Language::En) if answered < all => {
            (3, format!("{host}: {} of {all} steps of {runbook} gave no answer", all - answered))
        }
        ("done", Language::Ja) if answered < all => {
            (3, format!("{host}: {runbook} の {all} ステップ中 {} 件は応答なし", all - answered))
        }
        ("done", _) if !run.findings.is_empty() => return None,
        ("done", Language::En) => (5, format!("{host}: {runbook} found nothing wrong")),
        ("done", Language::Ja) => (5, format!("{host}: {runbook} では異常なし")),
        (_, Language::En) => (2, format!("{host}: {runbook} did not come to its end: {cause}")),
        (_, Language::Ja) => (2, format!("{host}: {runbook} は最後まで実行されませんでした: {cause}")),
    };
    Some(line)
}

const fn rank(level: Level) -> u8 {
    match level {
        Level::Critical => 0,
        Level::Warning => 1,
        Level::Info => 6,
    }
}

pub fn pick(words: &Words, language: Language) -> &str {
    match language {
        Language::En => &words.en,
        Language::Ja => &words.ja,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(level: Level, en: &str) -> Finding {
        Finding { step: "disk".into(), level, words: Words::new(en, "ja"), value: None }
    }

    fn told<'a>(host: &'a str, state: &'a str, findings: &'a [Finding], answered: (usize, usize)) -> Told<'a> {
        Told { host, runbook: "linux", state, cause: Some("no route"), findings, is_absent: false, answered }
    }

    #[test]
    fn the_worst_comes_first_and_what_did_not_answer_is_said() {
        let findings = [finding(Level::Info, "up 3 days"), finding(Level::Warning, "/var is 96 % full")];
        let critical = [finding(Level::Critical, "out of memory")];
        let all = [
            told("web-1", "done", &findings, (9, 10)),
            told("db-1", "done", &critical, (10, 10)),
            told("db-2", "done", &[], (10, 10)),
            told("app-1", "failed", &[], (0, 10)),
            told("app-2", "running", &[], (0, 10)),
        ];
        assert_eq!(
            lines(&all, Language::En, 10),
            [
                "db-1: out of memory",
                "web-1: /var is 96 % full",
                "app-1: linux did not come to its end: no route",
                "web-1: 1 of 10 steps of linux gave no answer",
                "app-2: linux is running",
                "db-2: linux found nothing wrong",
                "web-1: up 3 days",
            ]
        );
        assert_eq!(lines(&all, Language::En, 3)[2], "… and 5 more");
        assert_eq!(lines(&all, Language::Ja, 3).len(), 3);
        let twice = [finding(Level::Info, "it is full"), finding(Level::Warning, "it is full")];
        assert_eq!(lines(&[told("web-1", "done", &twice, (10, 10))], Language::En, 10), ["web-1: it is full"]);
    }
}
