//! How PagerDuty does by our own evidence: an outage that lasts, with who is on call and what waits; those that are over, with
//! what they came to; and the page behind a one-time link.

use super::one::CallRow;
use crate::i18n::Arg;
use crate::markup::encode;
use crate::view::Frame;
use crate::when;
use duties::Mode;
use duties::safety_net::outage::{Evidence, Report};
use model::Micros;
use model::text::with_host;

#[derive(Clone, Debug)]
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
    /// Alerts that are being registered in PagerDuty.
    pub waiting: u64,
    /// Alerts that lack an incident, and for which nothing is under way.
    pub unregistered: u64,
    pub mode: Mode,
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
            Some(outage) => {
                let span = f.between(&outage.began_at, &f.now);
                let key = if self.quiet().is_some() { "outage-returns" } else { "outage-lasts" };
                f.t2(key, "span", span, "n", self.waiting)
            }
            None if !self.is_judged => f.t("outage-unjudged"),
            None if self.evidence.is_clean() => f.t("outage-none"),
            None => f.t("outage-signs"),
        }
    }

    pub fn state(&self) -> &'static str {
        match &self.lasts {
            Some(_) if self.quiet().is_some() => "acknowledged",
            Some(_) => "triggered",
            None if !self.is_judged => "unknown",
            None if self.evidence.is_clean() => "resolved",
            None => "acknowledged",
        }
    }

    /// An outage lasts that nothing speaks for any more: since when, and when it is over.
    fn quiet(&self) -> Option<(Micros, Micros)> {
        self.evidence.quiet().filter(|_| self.lasts.is_some())
    }

    /// Why it still lasts.
    pub fn quiet_words(&self, f: &Frame) -> Option<String> {
        let (since, over) = self.quiet()?;
        let (since, over) = (when::clock(&f.zone, since), when::clock(&f.zone, over));
        Some(f.t2("outage-quiet", "since", since, "over", over))
    }

    /// How we know: what speaks against it, or did.
    pub fn known_by(&self, f: &Frame) -> Vec<String> {
        match &self.lasts {
            Some(outage) if self.quiet().is_some() => outage.known_by(f),
            Some(outage) => evidence_words(f, &outage.evidence, false),
            None => evidence_words(f, &self.evidence, false),
        }
    }

    pub fn known_key(&self) -> &'static str {
        if self.quiet().is_some() { "outage-known-before" } else { "outage-known-by" }
    }

    pub fn on_call_words(&self, f: &Frame) -> String {
        if self.on_call.is_empty() {
            f.t("outage-on-call-unknown")
        } else {
            f.t1("outage-on-call", "who", f.join(&self.on_call))
        }
    }

    /// What lacks an incident and waits for nothing, with the reason.
    pub fn unregistered_words(&self, f: &Frame) -> Option<String> {
        let key = match self.mode {
            Mode::Observe => "outage-unregistered-observe",
            Mode::Post => "outage-unregistered-post",
            Mode::Page => "outage-unregistered",
        };
        (self.unregistered > 0).then(|| f.t1(key, "n", self.unregistered))
    }

    pub fn path_words(&self, f: &Frame) -> String {
        f.t(if self.calls_people { "outage-path" } else { "outage-no-path" })
    }
}

/// What speaks against PagerDuty, a sentence each; or what did, where that is over.
fn evidence_words(f: &Frame, evidence: &Evidence, is_over: bool) -> Vec<String> {
    let at = |at: Micros| when::exact_seconds(f.language, &f.zone, at);
    let tense = |is: &'static str, was: &'static str| if is_over { was } else { is };
    let since = |key: &str, since: Option<Micros>, why: &Option<String>| {
        Some(f.t2(key, "since", at(since?), "why", f.fault(why.as_deref().unwrap_or_default())))
    };
    let silent = tense("evidence-silent", "evidence-silent-was");
    let lines = [
        since(tense("evidence-events", "evidence-events-was"), evidence.events_fail_since, &evidence.events_why),
        since(tense("evidence-rest", "evidence-rest-was"), evidence.rest_fails_since, &evidence.rest_why),
        (evidence.unseen > 0).then(|| f.t1("evidence-unseen", "n", evidence.unseen)),
        evidence.silent_since.map(|since| f.t1(silent, "since", at(since))),
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
        Some(match r.calls {
            0 => f.t("outage-report-no-calls"),
            calls => f.t2("outage-report-calls", "calls", calls, "answered", r.answered),
        })
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
        evidence_words(f, &self.evidence, true)
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
    /// What it is for and lasts, and how many more there are.
    pub alerts: Vec<CalledAlert>,
    pub more: u64,
    /// PagerDuty is out since then.
    pub outage: Option<Micros>,
    pub asked_at: Micros,
    pub state: AnswerState,
}

/// An alert that somebody is called for.
#[derive(Clone, Debug)]
pub struct CalledAlert {
    pub title: String,
    pub host: Option<String>,
    pub monitor: String,
    pub customer: Option<String>,
    pub since: Micros,
    /// The page of its mail.
    pub mail: Option<String>,
}

impl CalledAlert {
    pub fn named(&self, f: &Frame) -> String {
        f.brief(&with_host(&self.title, self.host.as_deref()))
    }
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

    /// What was sent, where nothing better is known of what it is for.
    pub fn lines(&self) -> &[String] {
        if self.alerts.is_empty() && self.is_open() { &self.lines } else { &[] }
    }

    /// What to do now, in its order.
    pub fn next(&self, f: &Frame) -> Vec<String> {
        let keys: &[&str] = match &self.state {
            AnswerState::Open => &["answer-next-press", "answer-next-look", "answer-next-cause"],
            AnswerState::Taken { by, .. } if *by == self.person => &["answer-next-look", "answer-next-cause"],
            _ => &[],
        };
        let pager = if self.outage.is_some() { "answer-next-outage" } else { "answer-next-unseen" };
        let mut steps: Vec<String> = keys.iter().map(|key| f.t(key)).collect();
        if !steps.is_empty() {
            steps.push(f.t(pager));
        }
        steps
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
