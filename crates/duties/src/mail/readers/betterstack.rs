//! Better Stack (Better Uptime before), known by its sender or its incident's link. Never reads a mail that says no state.

use crate::mail::draft::Draft;
use crate::mail::letter::Letter;
use crate::mail::rx::Rx;
use crate::mail::time;
use jiff::tz::TimeZone;
use model::mail::{Severity, State};

static SUBJECT: Rx = Rx::new(
    r"^(?:new incident:\s*|incident (?:started|resolved|acknowledged):\s*|resolved:\s*|acknowledged:\s*)?(?P<name>\S.*?)(?:\s+(?:is|has been|was)\s+(?P<word>down|resolved|up|acknowledged|back up)\b.*)?$",
);
static LEAD: Rx =
    Rx::new(r"^(?:new incident|incident started|incident resolved|incident acknowledged|resolved|acknowledged)\b");
static INCIDENT: Rx = Rx::new(r"(?:uptime\.betterstack\.com|betteruptime\.com)/team/\w+/incidents/(\d+)");
static URL: Rx = Rx::new(r"https?://([^/\s:?#]+)");

pub fn read(letter: &Letter, zone: &TimeZone) -> Option<Draft> {
    let id = letter.link(&INCIDENT);
    if !(id.is_some() || letter.is_from("betterstack.com") || letter.is_from("betteruptime.com")) {
        return None;
    }
    let hit = letter.bare.find(&SUBJECT)?;
    let lead = letter.bare.find(&LEAD).map(|lead| lead.first().to_lowercase()).unwrap_or_default();
    let word = hit.folded("word").to_lowercase();
    let said = format!("{lead} {word}");
    let (rule, state, severity) = if said.contains("resolved") || word.ends_with("up") {
        ("resolved", State::Recovery, Severity::Info)
    } else if said.contains("acknowledged") {
        ("acknowledged", State::Update, Severity::Info)
    } else if word == "down" || lead.contains("incident") {
        ("down", State::Problem, Severity::Critical)
    } else {
        return None;
    };
    let monitor = letter.label(&["monitor"]);
    let name = monitor.or_else(|| hit.get("name"))?;
    let url = letter.label(&["checked url", "url"]).or(Some(name)).map(|url| URL.find(url).unwrap_or(url));
    let at = letter.label(&["started at", "resolved at", "time"]).and_then(|text| time::instant(text, zone));
    let draft = Draft::new(rule, state).on(url, Some(name)).severe(Some(severity)).titled(name).at(at).named(id);
    let draft = draft.telling(letter.details(&["cause", "length", "checked url"]));
    Some(match id {
        Some(id) => draft.global().keyed(["incident", id]),
        None => draft.keyed(["monitor", name]),
    })
}
