//! Grafana: the groups of unified alerting, and the panels of the alerting before it. Never reads Alertmanager's own.

use super::alertmanager::{draft, group, is_grafana};
use crate::mail::draft::Draft;
use crate::mail::letter::Letter;
use crate::mail::rx::Rx;
use jiff::tz::TimeZone;
use model::mail::{Severity, State};

static LEGACY: Rx = Rx::new(r"\[(?P<word>alerting|ok|no data|pending|paused)\]\s*(?P<title>.+)$");
static RULE: Rx = Rx::new(r"/alerting/grafana/([\w-]+)/view");

pub fn read(letter: &Letter, zone: &TimeZone) -> Option<Draft> {
    if !is_grafana(letter) {
        return None;
    }
    if let Some(group) = group(letter) {
        return Some(draft(letter, &group, zone).named(letter.link(&RULE)));
    }
    legacy(letter)
}

fn legacy(letter: &Letter) -> Option<Draft> {
    let hit = letter.subject.find(&LEGACY)?;
    let title = hit.get("title")?;
    let (rule, state, severity) = match hit.folded("word").to_lowercase().as_str() {
        "alerting" => ("alerting", State::Problem, None),
        "no data" => ("no data", State::Problem, Some(Severity::Warning)),
        "ok" => ("ok", State::Recovery, Some(Severity::Info)),
        _ => ("paused", State::Update, Some(Severity::Info)),
    };
    Some(Draft::new(rule, state).on(None, Some(title)).severe(severity).titled(title).keyed(["panel", title]))
}
