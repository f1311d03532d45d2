//! How PagerDuty does by our own evidence: an outage that lasts, with who is on call and what waits; those that are over, with
//! what they came to; and the page behind a one-time link.

use super::one::CallRow;
use crate::i18n::Arg;
use crate::markup::encode;
use crate::view::Frame;
use crate::when;
use duties::safety_net::outage::{Evidence, Report};
use model::Micros;

#[derive(Clone, Debug, Default)]
pub struct OutagesView {
    pub lasts: Option<OutageRow>,
    /// The latest first.
    pub past: Vec<OutageRow>,
    /// What we see just now, whether that makes an outage or not.
    pub evidence: Evidence,
    /// A key or a routing key is set: there is something to judge by.
    pub is_judged: bool,
    /// At the first level, by the schedule that was read last.
    pub on_call: Vec<String>,
    /// Alerts that nothing in PagerDuty stands against yet.
    pub waiting: u64,
    pub calls: Vec<CallRow>,
    /// The second path is set up.
    pub calls_people: bool,
}

#[derive(Clone, Debug)]
pub struct OutageRow {
    pub id: String,
    pub began_at: Micros,
    pub ended_at: Option<Micros>,
    pub evidence: Evidence,
    /// Sums of everybody's mails: only for those who see all of them.
    pub report: Option<Report>,
}

impl OutagesView {
    pub fn sentence(&self, f: &Frame) -> String {
        match &self.lasts {
            Some(outage) => f.t2("outage-lasts", "span", f.between(&outage.began_at, &f.now), "n", self.waiting),
            None if !self.is_judged => f.t("outage-unjudged"),
            None if self.evidence.is_clean() => f.t("outage-none"),
            None => f.t("outage-signs"),
        }
    }

    pub fn state(&self) -> &'static str {
        match &self.lasts {
            Some(_) => "triggered",
            None if !self.is_judged => "unknown",
            None if self.evidence.is_clean() => "resolved",
            None => "acknowledged",
        }
    }

    /// How we know.
    pub fn known_by(&self, f: &Frame) -> Vec<String> {
        match &self.lasts {
            Some(outage) => evidence_words(f, &outage.evidence),
            None => evidence_words(f, &self.evidence),
        }
    }

    pub fn on_call_words(&self, f: &Frame) -> String {
        if self.on_call.is_empty() {
            f.t("outage-on-call-unknown")
        } else {
            f.t1("outage-on-call", "who", f.join(&self.on_call))
        }
    }

    pub fn path_words(&self, f: &Frame) -> String {
        f.t(if self.calls_people { "outage-path" } else { "outage-no-path" })
    }
}

/// What speaks against PagerDuty, a sentence each.
pub(crate) fn evidence_words(f: &Frame, evidence: &Evidence) -> Vec<String> {
    let at = |at: Micros| when::exact_seconds(f.language, &f.zone, at);
    let since = |key: &str, since: Option<Micros>, why: &Option<String>| {
        Some(f.t2(key, "since", at(since?), "why", f.whole(why.as_deref().unwrap_or_default())))
    };
    let lines = [
        since("evidence-events", evidence.events_fail_since, &evidence.events_why),
        since("evidence-rest", evidence.rest_fails_since, &evidence.rest_why),
        (evidence.unseen > 0).then(|| f.t1("evidence-unseen", "n", evidence.unseen)),
        evidence.silent_since.map(|since| f.t1("evidence-silent", "since", at(since))),
        evidence.canary_lost.map(|lost| f.t1("evidence-canary", "at", at(lost))),
    ];
    lines.into_iter().flatten().collect()
}

impl OutageRow {
    pub fn took(&self, f: &Frame) -> String {
        self.ended_at.map_or_else(String::new, |ended| f.between(&self.began_at, &ended))
    }

    /// What it came to.
    pub fn report_words(&self, f: &Frame) -> Option<String> {
        let r = self.report.as_ref()?;
        let args = [
            ("problems", r.problems.value()),
            ("matched", r.matched.value()),
            ("registered", r.registered.value()),
            ("recovered", r.recovered.value()),
            ("lacking", r.lacking.value()),
            ("aside", r.set_aside.value()),
        ];
        Some(f.t_args("outage-report", &args))
    }

    pub fn calls_words(&self, f: &Frame) -> Option<String> {
        let r = self.report.as_ref()?;
        Some(f.t2("outage-report-calls", "calls", r.calls, "answered", r.answered))
    }

    /// (shape, whether every problem mail is in one place)
    pub fn balance(&self, f: &Frame) -> Option<(&'static str, String)> {
        let report = self.report.as_ref()?;
        Some(match (report.balances(), report.lacking) {
            (false, _) => ("triggered", f.t("outage-report-off")),
            (true, 0) => ("resolved", f.t("outage-report-good")),
            (true, n) => ("missing", f.t1("outage-report-lacking", "n", n)),
        })
    }

    pub fn known_by(&self, f: &Frame) -> Vec<String> {
        evidence_words(f, &self.evidence)
    }
}

/// The page behind a one-time link of the second path.
#[derive(Clone, Debug)]
pub struct AnswerView {
    pub token: String,
    /// Who was called.
    pub person: String,
    pub headline: String,
    pub lines: Vec<String>,
    pub asked_at: Micros,
    pub state: AnswerState,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerState {
    Open,
    Taken { by: String, at: Micros },
    Over,
}

impl AnswerView {
    pub fn action(&self) -> String {
        format!("/answer/{}", encode(&self.token))
    }

    pub fn is_open(&self) -> bool {
        self.state == AnswerState::Open
    }

    /// (shape, what is so)
    pub fn said(&self, f: &Frame) -> (&'static str, String) {
        match &self.state {
            AnswerState::Open => ("triggered", f.t1("answer-open", "person", f.short(&self.person))),
            AnswerState::Taken { by, at } => {
                let at = when::exact(f.language, &f.zone, f.now, *at);
                let key = if *by == self.person { "answer-yours" } else { "answer-taken" };
                ("resolved", f.t2(key, "by", f.short(by), "at", at))
            }
            AnswerState::Over => ("unknown", f.t("answer-over")),
        }
    }
}
