//! Datadog monitors: the older and the newer subjects. A monitor's id is in its link; the group that triggered is in the subject.
//! Never merges two groups of one monitor.

use crate::mail::draft::Draft;
use crate::mail::fold::Hit;
use crate::mail::letter::Letter;
use crate::mail::rx::Rx;
use crate::mail::{state, time};
use jiff::tz::TimeZone;
use model::mail::{Severity, State};

static NEW: Rx = Rx::new(
    r"^(?P<test>\[test\]\s*)?(?:\[p(?P<p>[1-5])\]\s*)?(?P<test2>\[test\]\s*)?\[(?P<word>triggered|re-triggered|recovered|warn|re-warn|no data|re-no data|renotify)(?: on \{(?P<scope>[^}]*)\})?\]\s*(?P<title>.+)$",
);
static OLD: Rx = Rx::new(
    r"^(?P<test>\[test\]\s*)?\[monitor alert\]\s*(?P<word>triggered|re-triggered|recovered|warn|re-warn|no data|re-no data)\s*:\s*(?P<title>.+)$",
);
static MONITOR: Rx = Rx::new(r"^https://[\w.-]*(?:datadoghq\.(?:com|eu)|ddog-gov\.com)/monitors[/#](\d+)");
static GROUP: Rx = Rx::new(r"[?&]group=([^&#]+)");
static SCOPE_HOST: Rx = Rx::new(r"\bhost:([\w.-]+)");
static FORWARD: Rx = Rx::new(r"^(?:(?:fwd?|転送|re)\s*:\s*)+");

pub fn read(letter: &Letter, zone: &TimeZone) -> Option<Draft> {
    let id = letter.link(&MONITOR);
    let is_sender = letter.is_from("datadoghq.com") || letter.is_from("datadoghq.eu") || letter.is_from("dtdg.co");
    if id.is_none() && !is_sender {
        return None;
    }
    let subject = crate::mail::fold::Folded::new(&FORWARD.replace_all(&letter.subject.shown, ""));
    let hit = subject.find(&NEW).or_else(|| subject.find(&OLD))?;
    let title = hit.get("title")?;
    let (rule, state, severity) = standing(&hit);
    let scope = hit.get("scope").map(str::to_owned).or_else(|| letter.link(&GROUP).map(decoded));
    let text = scope.clone().unwrap_or_default() + " " + title;
    let host = SCOPE_HOST.find(&text).map(str::to_owned);
    let at = letter.label(&["triggered at", "time", "last triggered"]).and_then(|text| time::instant(text, zone));
    let draft = Draft::new(rule, state).on(host.as_deref(), Some(title)).severe(severity).titled(title).at(at);
    let draft = draft.telling(scope.iter().map(|scope| ("scope".to_owned(), scope.clone())).collect());
    let scope = scope.map(sorted).unwrap_or_default();
    Some(match id {
        // One monitor has an alert for each of its groups: its id is no name of one.
        Some(id) => draft.global().keyed(["monitor", id, if scope.is_empty() { title } else { &scope }]),
        None => draft.keyed(["title", title, &scope]),
    })
}

fn standing(hit: &Hit<'_>) -> (&'static str, State, Option<Severity>) {
    if hit.get("test").is_some() || hit.get("test2").is_some() {
        return ("test", State::Notice, Some(Severity::Info));
    }
    let priority = match hit.folded("p") {
        "" => None,
        p => state::severity(&format!("p{p}")),
    };
    match hit.folded("word").to_lowercase().as_str() {
        "recovered" => ("recovered", State::Recovery, Some(Severity::Info)),
        "warn" | "re-warn" => ("warn", State::Problem, Some(Severity::Warning)),
        "no data" | "re-no data" => ("no data", State::Problem, priority.or(Some(Severity::Warning))),
        _ => ("triggered", State::Problem, priority),
    }
}

/// The pairs of a scope come in any order.
fn sorted(scope: String) -> String {
    let mut pairs: Vec<&str> = scope.split(',').map(str::trim).collect();
    pairs.sort_unstable();
    pairs.join(",")
}

/// Percent signs of a link undone.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(&byte) = bytes.get(at) {
        let hex = bytes.get(at + 1..at + 3).and_then(|hex| hex::decode(hex).ok()).filter(|_| byte == b'%');
        at += if hex.is_some() { 3 } else { 1 };
        out.extend(hex.unwrap_or_else(|| vec![byte]));
    }
    String::from_utf8_lossy(&out).into_owned()
}
