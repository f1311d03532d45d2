//! What came back from a step, judged: findings, or why nothing could be found. A missing tool or a denied one is a finding
//! about the host, never a failure of the run. Never claims that something is absent from output that is not whole.

mod expectations;

use expectations::Text;
use model::plan::{Expect, Level, PlanStep, Says, Words};
use serde::{Deserialize, Serialize};

pub(super) use expectations::{pattern, placeholders};

use super::exec::{DENIED_STATUS, MISSING_STATUS, TIMEOUT_STATUS, TORN_STATUS};

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    Exit(i32),
    Signal(String),
    /// Our time-out, of the step or of the run.
    TimedOut,
    /// The output went past its limit and was stopped.
    TooMuch,
    /// The connection was lost.
    Cut,
    Cancelled,
    /// It was never begun, for this reason.
    NotRun(Words),
}

/// What came back. Output as text: what is no UTF-8 replaced, secrets hidden.
#[derive(Clone, Copy, Debug)]
pub struct Came<'a> {
    pub ended: &'a Ended,
    pub out: &'a str,
    pub err: &'a str,
    /// `out` is all of it, not its head and tail.
    pub is_whole: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Ok,
    Finding,
    Missing,
    Denied,
    TimedOut,
    Failed,
    /// Part of it is there.
    Cut,
    NotRun,
}

impl State {
    pub const ALL: [Self; 8] =
        [Self::Ok, Self::Finding, Self::Missing, Self::Denied, Self::TimedOut, Self::Failed, Self::Cut, Self::NotRun];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Finding => "finding",
            Self::Missing => "missing",
            Self::Denied => "denied",
            Self::TimedOut => "timed_out",
            Self::Failed => "failed",
            Self::Cut => "cut",
            Self::NotRun => "not_run",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether the step told all that it was asked for.
    pub const fn is_read(self) -> bool {
        matches!(self, Self::Ok | Self::Finding)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub level: Level,
    pub words: Words,
    /// The figure, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    pub state: State,
    pub findings: Vec<Finding>,
    /// Why less came back than was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Words>,
}

/// Judges a step by what came back.
pub fn judge(step: &PlanStep, came: &Came<'_>) -> Judged {
    let (state, why, said) = ended(step, came);
    let is_told = state.is_read() && came.is_whole;
    let text = Text { out: came.out, is_told };
    let mut findings: Vec<Finding> = said.map(|says| Finding::of(says, says.words.clone())).into_iter().collect();
    findings.extend(step.expect.iter().flat_map(|expect| text.against(expect)));
    let findings = distinct(findings);
    // What failed and says why in its output has been read after all.
    let is_explained = matches!(state, State::Ok | State::Failed) && !findings.is_empty();
    let state = if is_explained { State::Finding } else { state };
    Judged { state, findings, why }
}

impl Finding {
    fn of(says: &Says, words: Words) -> Self {
        Self { level: says.level, words, value: None }
    }
}

/// One sentence is said once, at its highest level.
fn distinct(findings: Vec<Finding>) -> Vec<Finding> {
    let mut kept: Vec<Finding> = Vec::new();
    for finding in findings {
        match kept.iter_mut().find(|other| other.words == finding.words) {
            Some(other) => other.level = other.level.max(finding.level),
            None => kept.push(finding),
        }
    }
    kept
}

type Verdict<'s> = (State, Option<Words>, Option<&'s Says>);

fn ended<'s>(step: &'s PlanStep, came: &Came<'_>) -> Verdict<'s> {
    let seconds = step.limits.time_ms.div_ceil(1_000);
    let plain = |state, en: String, ja: String| (state, Some(Words::new(en, ja)), None);
    match came.ended {
        Ended::Exit(status) => exited(step, *status, came),
        Ended::Signal(name) => plain(
            State::Failed,
            format!("it was ended by the signal {name}"),
            format!("シグナル {name} で終了しました"),
        ),
        Ended::TimedOut => late(seconds),
        Ended::TooMuch => plain(
            State::Cut,
            format!("more than {} bytes came; the rest was not read", step.limits.output_bytes),
            format!("出力が {} バイトを超えたため、残りは読んでいません", step.limits.output_bytes),
        ),
        Ended::Cut => plain(State::Cut, "the connection was lost".into(), "接続が切れました".into()),
        Ended::Cancelled => plain(State::Cut, "it was stopped".into(), "中止されました".into()),
        Ended::NotRun(why) => (State::NotRun, Some(why.clone()), None),
    }
}

fn late<'s>(seconds: u64) -> Verdict<'s> {
    let words =
        Words::new(format!("it did not end within {seconds} s"), format!("{seconds} 秒以内に終わりませんでした"));
    (State::TimedOut, Some(words), None)
}

fn exited<'s>(step: &'s PlanStep, status: i32, came: &Came<'_>) -> Verdict<'s> {
    let exits = step.expect.iter().filter_map(|expect| match expect {
        Expect::Exit { any_of, says } => Some((any_of, says.as_ref())),
        _ => None,
    });
    let exits: Vec<(&Vec<i32>, Option<&Says>)> = exits.collect();
    let is_right =
        if exits.is_empty() { status == 0 } else { exits.iter().all(|(any_of, _)| any_of.contains(&status)) };
    if is_right {
        return (State::Ok, None, None);
    }
    if let Some(special) = special(step, status, came.err) {
        return special;
    }
    let unmet = exits.into_iter().find(|(any_of, says)| says.is_some() && !any_of.contains(&status));
    if let Some((_, says)) = unmet {
        return (State::Ok, None, says);
    }
    // Many steps send their errors the way of their output.
    let tail = if came.err.trim().is_empty() { end_of(came.out) } else { came.err };
    if is_denial(tail) {
        return denied(tail);
    }
    let last = last_line(tail);
    let tail = if last.is_empty() { String::new() } else { format!(": {last}") };
    let words = Words::new(format!("it ended with status {status}{tail}"), format!("終了コード {status}{tail}"));
    (State::Failed, Some(words), None)
}

/// Statuses that mean the same for every step.
fn special<'s>(step: &PlanStep, status: i32, err: &str) -> Option<Verdict<'s>> {
    match status {
        MISSING_STATUS | 127 => Some(missing(err)),
        DENIED_STATUS | 126 => Some(denied(err)),
        TIMEOUT_STATUS => Some(late(step.limits.time_ms.div_ceil(1_000))),
        TORN_STATUS => {
            let words = Words::new("the script did not arrive whole", "スクリプトがすべて届きませんでした");
            Some((State::NotRun, Some(words), None))
        }
        _ => None,
    }
}

fn missing<'s>(err: &str) -> Verdict<'s> {
    let named = err.lines().find_map(|line| line.trim().strip_prefix("not on this host: "));
    let what = model::text::cut(named.map_or_else(|| last_line(err), str::to_owned).trim(), 120);
    let words = Words::new(format!("not on this host: {what}"), format!("このホストにありません: {what}"));
    (State::Missing, Some(words), None)
}

fn denied<'s>(err: &str) -> Verdict<'s> {
    let last = last_line(err);
    (State::Denied, Some(Words::new(format!("not allowed: {last}"), format!("許可されていません: {last}"))), None)
}

/// What tools say when it is a matter of rights.
fn is_denial(err: &str) -> bool {
    let err = err.to_lowercase();
    let signs = [
        "permission denied",
        "operation not permitted",
        "access denied",
        "must be root",
        "a password is required",
        "not in the sudoers",
        "authentication failed",
        "noauth ",
    ];
    signs.iter().any(|sign| err.contains(sign))
}

fn end_of(text: &str) -> &str {
    let from = text.char_indices().rev().take(2_000).last().map_or(0, |(at, _)| at);
    text.get(from..).unwrap_or_default()
}

fn last_line(err: &str) -> String {
    let line = err.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    expectations::tame(line)
}
