//! Munin: the sections that munin-limits writes. The subject is whatever somebody gave to `mail`, so that it does not count.
//! Never takes the heading for a problem: a mail with nothing but OKs is a recovery.

use crate::mail::draft::Draft;
use crate::mail::letter::Letter;
use crate::mail::rx::Rx;
use jiff::tz::TimeZone;
use model::mail::{Severity, State};

static HEADING: Rx = Rx::new(r"(?m)^\s*(?P<group>\S[^\n]*?) :: (?P<host>[^\s:][^\n:]*?) :: (?P<graph>[^\n]+?)\s*$");
static SECTION: Rx = Rx::new(r"(?m)^\s*(?P<kind>criticals|warnings|unknowns|oks): (?P<what>.+?)\s*$");

pub fn read(letter: &Letter, _: &TimeZone) -> Option<Draft> {
    let heading = letter.text.find(&HEADING)?;
    let mut sections: Vec<(String, String)> = Vec::new();
    for hit in SECTION.get()?.captures_iter(&letter.text.text).take(50) {
        sections.push((hit["kind"].to_lowercase(), hit["what"].to_owned()));
    }
    let has = |kind: &str| sections.iter().any(|(k, _)| k == kind);
    let (rule, state, severity) = if has("criticals") {
        ("criticals", State::Problem, Severity::Critical)
    } else if has("warnings") {
        ("warnings", State::Problem, Severity::Warning)
    } else if has("unknowns") {
        ("unknowns", State::Problem, Severity::Warning)
    } else if has("oks") {
        ("oks", State::Recovery, Severity::Info)
    } else {
        return None;
    };
    let (group, host, graph) = (heading.get("group")?, heading.get("host")?, heading.get("graph")?);
    let first = sections.first().map(|(_, what)| what.as_str()).unwrap_or_default();
    let title = format!("{graph}: {first}");
    let draft = Draft::new(rule, state).on(Some(host), Some(graph)).severe(Some(severity)).titled(&title);
    Some(draft.telling(sections).keyed(["graph", group, host, graph]))
}
