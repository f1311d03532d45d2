//! What a step that came back, or did not, is written down as: its state, its findings, its capsule. Words and shapes alone.

use super::recorder::{Recorded, Side};
use super::work::Halt;
use duties::runbooks::{self, Came, Ended};
use model::Micros;
use model::capsule::{self, Capsule, CapsuleId, Output, RunId, Stored};
use model::plan::{Level, Plan, PlanStep, Words};
use model::redaction::{Rules, redact_str};
use model::visit::{Finding, worst_first};
use probe::{Exit, Stopped};
use std::collections::BTreeMap;
use store::hosts::Reach;
use store::runs::{self, Piece, Run, Step};

/// A step that has ended.
#[derive(Clone, Debug)]
pub struct Judged {
    /// As the store has it.
    pub state: &'static str,
    pub why: Option<Words>,
    pub findings: Vec<Finding>,
    exit_status: Option<i64>,
    signal: Option<String>,
    out_bytes: u64,
    err_bytes: u64,
    output: Output,
    redactions: BTreeMap<String, u64>,
    host_key: Option<String>,
    ended: capsule::Ended,
    /// The host was not reached: nothing else will be either.
    pub not_reached: Option<Words>,
    failed_at: Option<(&'static str, String, String)>,
}

/// From what the probe and the record say.
pub fn of(
    step: &PlanStep,
    came: Result<probe::Outcome, probe::Error>,
    recorded: Recorded,
    halt: Option<&Halt>,
) -> Judged {
    match came {
        Ok(outcome) => came_back(step, outcome, recorded, halt),
        Err(error) => not_sent(&error, halt),
    }
}

fn came_back(step: &PlanStep, outcome: probe::Outcome, recorded: Recorded, halt: Option<&Halt>) -> Judged {
    let ended = ended(&outcome);
    let (out, err) = (text(&recorded.out), text(&recorded.err));
    let is_whole = recorded.out.tail.is_empty() && outcome.stopped.is_none();
    let judged = runbooks::judge(step, &Came { ended: &ended, out: &out, err: &err, is_whole });
    let halted = outcome.stopped.is_some().then(|| halted(halt)).flatten();
    let (state, mut why) = match halted {
        Some((state, words)) => (state, Some(words)),
        None => (judged.state.as_str(), judged.why),
    };
    if let Some(trouble) = &recorded.trouble {
        let kept = Words::new(
            format!("not all of the output could be kept: {trouble}"),
            format!("出力の一部を保存できませんでした: {trouble}"),
        );
        why = Some(match why {
            Some(why) => Words::new(format!("{}; {}", why.en, kept.en), format!("{}。{}", why.ja, kept.ja)),
            None => kept,
        });
    }
    let is_cut = matches!(outcome.stopped, Some(Stopped::TooMuch { .. }));
    Judged {
        state,
        why,
        findings: named(step, judged.findings),
        exit_status: match &outcome.exit {
            Exit::Status(status) => Some(i64::from(*status)),
            _ => None,
        },
        signal: match &outcome.exit {
            Exit::Signal { name, .. } => Some(name.clone()),
            _ => None,
        },
        out_bytes: recorded.out.raw_bytes,
        err_bytes: recorded.err.raw_bytes,
        output: Output { out: stored(&recorded.out, is_cut), err: stored(&recorded.err, is_cut) },
        redactions: recorded.redactions.by_rule,
        host_key: Some(outcome.host_key.clone()),
        ended: of_capsule(&outcome),
        not_reached: None,
        failed_at: None,
    }
}

fn named(step: &PlanStep, findings: Vec<runbooks::Finding>) -> Vec<Finding> {
    let named = |finding: runbooks::Finding| Finding {
        step: step.name.clone(),
        level: finding.level,
        words: finding.words,
        value: finding.value,
    };
    findings.into_iter().map(named).collect()
}

fn text(side: &Side) -> String {
    let mut text = String::from_utf8_lossy(&side.head).into_owned();
    if !side.tail.is_empty() {
        text.push('\n');
        text.push_str(&String::from_utf8_lossy(&side.tail));
    }
    text
}

fn stored(side: &Side, is_cut: bool) -> Option<Stored> {
    side.kept.as_ref().map(|kept| Stored { is_cut, ..kept.clone() })
}

fn ended(outcome: &probe::Outcome) -> Ended {
    match (&outcome.stopped, &outcome.exit) {
        (Some(Stopped::StepTimeout | Stopped::TotalTimeout), _) => Ended::TimedOut,
        (Some(Stopped::TooMuch { .. }), _) => Ended::TooMuch,
        (Some(Stopped::Cut { .. }), _) | (None, Exit::Missing) => Ended::Cut,
        (Some(Stopped::Cancelled), _) => Ended::Cancelled,
        (None, Exit::Status(status)) => Ended::Exit(i32::try_from(*status).unwrap_or(i32::MAX)),
        (None, Exit::Signal { name, .. }) => Ended::Signal(name.clone()),
    }
}

fn of_capsule(outcome: &probe::Outcome) -> capsule::Ended {
    let stopped = |why: &str| capsule::Ended::Stopped { why: why.to_owned() };
    match (&outcome.stopped, &outcome.exit) {
        (Some(Stopped::StepTimeout), _) => stopped("its time was over"),
        (Some(Stopped::TotalTimeout), _) => stopped("the run's time was over"),
        (Some(Stopped::TooMuch { limit }), _) => stopped(&format!("more than {limit} bytes came")),
        (Some(Stopped::Cut { .. }), _) => stopped("the connection was lost"),
        (Some(Stopped::Cancelled), _) => stopped("it was stopped by us"),
        (None, Exit::Status(status)) => capsule::Ended::Exit { status: i64::from(*status) },
        (None, Exit::Signal { name, .. }) => capsule::Ended::Signal { name: name.clone() },
        (None, Exit::Missing) => stopped("it ended without an exit status"),
    }
}

fn halted(halt: Option<&Halt>) -> Option<(&'static str, Words)> {
    Some(match halt? {
        Halt::Asked(by) => ("stopped", Words::new(format!("{by} stopped it"), format!("{by} が停止しました"))),
        Halt::Leaving | Halt::LeaseLost => ("interrupted", interrupted_words()),
    })
}

fn interrupted_words() -> Words {
    Words::new(
        "the process that ran it ended; what had come until then is kept, and it is not sent again",
        "実行中のプロセスが終了しました。それまでの出力は保存済みで、再実行はされません",
    )
}

fn not_sent(error: &probe::Error, halt: Option<&Halt>) -> Judged {
    let text = error.to_string();
    let words = Words::new(text.clone(), text.clone());
    let (state, why, not_reached) = match halted(halt) {
        Some((state, words)) => (state, words, None),
        None => ("not_run", words.clone(), Some(words)),
    };
    Judged {
        failed_at: not_reached.is_some().then(|| (super::reach::state(&error.kind), error.hop.clone(), text.clone())),
        ..nothing(state, Some(why), capsule::Ended::NotStarted { why: text }, not_reached)
    }
}

fn nothing(state: &'static str, why: Option<Words>, ended: capsule::Ended, not_reached: Option<Words>) -> Judged {
    Judged {
        state,
        why,
        findings: Vec::new(),
        exit_status: None,
        signal: None,
        out_bytes: 0,
        err_bytes: 0,
        output: Output::default(),
        redactions: BTreeMap::new(),
        host_key: None,
        ended,
        not_reached,
        failed_at: None,
    }
}

/// A step that was under way when its worker died: what had been shown of it is what is known.
pub fn interrupted(pieces: &[Piece]) -> Judged {
    let bytes = |stream: &str| -> u64 {
        pieces.iter().filter(|piece| piece.stream == stream).map(|piece| piece.body.len() as u64).sum()
    };
    let ended = capsule::Ended::Stopped { why: "the process that ran it ended".to_owned() };
    let (out_bytes, err_bytes) = (bytes("out"), bytes("err"));
    Judged { out_bytes, err_bytes, ..nothing("interrupted", Some(interrupted_words()), ended, None) }
}

impl Judged {
    /// What the host shows of being reached, if anything.
    pub fn reach(&self, run: &Run) -> Option<Reach> {
        let plain = Reach { host: run.host.clone(), customer: run.customer.clone(), ..Reach::default() };
        if let Some(host_key) = &self.host_key {
            return Some(Reach { state: super::reach::REACHED.into(), host_key: Some(host_key.clone()), ..plain });
        }
        let (state, hop, cause) = self.failed_at.clone()?;
        Some(Reach { state: state.into(), hop: Some(hop), cause: Some(cause), ..plain })
    }

    /// As the store takes it.
    pub fn rows(&self) -> Rows {
        Rows {
            why: self.why.as_ref().map(json),
            output: json(&self.output),
            findings: json(&self.findings),
            redactions: json(&self.redactions),
        }
    }

    pub fn ended<'a>(&'a self, rows: &'a Rows, capsule: &'a str) -> runs::Ended<'a> {
        let bytes = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
        runs::Ended {
            state: self.state,
            cause: rows.why.as_deref(),
            exit_status: self.exit_status,
            signal: self.signal.as_deref(),
            out_bytes: bytes(self.out_bytes),
            err_bytes: bytes(self.err_bytes),
            output: &rows.output,
            findings: &rows.findings,
            redactions: &rows.redactions,
            host_key: self.host_key.as_deref(),
            capsule: Some(capsule),
        }
    }
}

/// The parts of a step's end that are kept as JSON.
#[derive(Clone, Debug)]
pub struct Rows {
    why: Option<String>,
    output: String,
    findings: String,
    redactions: String,
}

/// As JSON. These shapes have no key that is no text, so that nothing can fail.
pub fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

/// The capsule of a step: its number follows from the run's and the step's, so that it is made once.
pub fn capsule(
    run: &Run,
    plan: &Plan,
    (n, step): (i64, &PlanStep),
    judged: &Judged,
    (started_at, ended_at): (Option<Micros>, Micros),
    rules: &Rules,
) -> Capsule {
    let command = step.stdin.as_deref().unwrap_or(&step.exec);
    let (command, hidden) = redact_str(rules, command);
    let mut redactions = judged.redactions.clone();
    for (rule, count) in hidden.by_rule {
        *redactions.entry(rule).or_default() += count;
    }
    Capsule {
        id: id(run.id, n),
        kind: if judged.failed_at.is_some() { capsule::kind::REACH } else { capsule::kind::COMMAND }.to_owned(),
        run: RunId(run.id.to_string()),
        step: step.name.clone(),
        incident: run.incident.clone(),
        customer: run.customer.clone(),
        host: run.host.clone(),
        hops: plan.hops.clone(),
        host_key: judged.host_key.clone(),
        command,
        runbook_digest: Some(run.runbook_digest.clone()),
        actor: run.asked_by.clone(),
        asked_at: run.queued_at,
        started_at,
        ended_at,
        ended: judged.ended.clone(),
        output: judged.output.clone(),
        redactions,
        judged: Some(judged.state.to_owned()),
    }
}

pub fn id(run: i64, n: i64) -> CapsuleId {
    CapsuleId(format!("run-{run}-{n}"))
}

/// How a run ended, as the store takes it.
#[derive(Clone, Debug)]
pub struct Whole {
    pub state: &'static str,
    pub cause: Option<String>,
    pub level: &'static str,
    pub findings: String,
    pub is_healthy: bool,
}

/// All of it: the findings of its steps, the worst of them, and whether the host was well.
pub fn whole(steps: &[Step], state: &'static str, cause: Option<&Words>) -> Whole {
    let mut findings: Vec<Finding> = steps
        .iter()
        .flat_map(|step| serde_json::from_str::<Vec<Finding>>(&step.findings).unwrap_or_default())
        .collect();
    worst_first(&mut findings);
    let level = match findings.first().map(|finding| finding.level) {
        None if is_absent(steps) => ABSENT,
        None if steps.iter().any(|step| !is_answer(&step.state)) => UNCLEAR,
        None => "ok",
        Some(level) => level.as_str(),
    };
    let is_through = state == "done"
        && steps.iter().all(|step| is_answer(&step.state))
        && steps.iter().any(|step| step.state == "ok");
    let is_healthy = is_through && level != ABSENT && findings.iter().all(|finding| finding.level == Level::Info);
    let findings = json(&findings);
    Whole { state, cause: cause.map(json), level, findings, is_healthy }
}

/// What the runbook looks at is not there: a runbook for a database on a host that has none says nothing of the host.
pub const ABSENT: &str = "absent";

/// Nothing was found, and not every step had an answer: no news is no good news.
pub const UNCLEAR: &str = "unclear";

fn is_absent(steps: &[Step]) -> bool {
    steps.iter().filter(|step| step.state == "missing").count() * 2 > steps.len()
}

/// A host that lacks a tool is well all the same.
fn is_answer(state: &str) -> bool {
    matches!(state, "ok" | "finding" | "missing" | "denied")
}

impl Whole {
    pub fn as_end(&self) -> runs::End<'_> {
        runs::End {
            state: self.state,
            cause: self.cause.as_deref(),
            level: Some(self.level),
            findings: &self.findings,
            is_healthy: self.is_healthy,
        }
    }
}
