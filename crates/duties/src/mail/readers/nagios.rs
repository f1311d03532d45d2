//! Nagios Core and what kept its message: Icinga 1, Naemon, Centreon. Never reads Icinga 2.

use crate::mail::draft::Draft;
use crate::mail::letter::Letter;
use crate::mail::rx::Rx;
use crate::mail::{state, time};
use jiff::tz::TimeZone;
use model::mail::{Severity, State};

static SUBJECT: Rx = Rx::new(
    r"\*\*\s*(?P<type>[A-Z]+)(?:\s+\([^)]*\))?\s+(?P<what>host|service) alert:\s*(?P<host>[^/]+?)(?:/(?P<check>.+?))?\s+is\s+(?P<state>[A-Z]+)\s*\*\*",
);
static BANNER: Rx = Rx::new(r"\*{3,}\s*(?:nagios|icinga|naemon|centreon)\b[^*\n]{0,40}\*{3,}");

pub fn read(letter: &Letter, zone: &TimeZone) -> Option<Draft> {
    let subject = letter.subject.find(&SUBJECT);
    let is_body = letter.text.is_match(&BANNER) && letter.has_label("notification type") && letter.has_label("host");
    if subject.is_none() && !is_body {
        return None;
    }
    let of = |label: &[&str], group: &str| {
        letter.label(label).or_else(|| subject.as_ref().and_then(|hit| hit.get(group))).map(str::to_owned)
    };
    let kind = of(&["notification type"], "type")?.to_uppercase();
    let word = of(&["state"], "state").unwrap_or_default();
    let host = of(&["host"], "host")?;
    let check = of(&["service"], "check");
    let (rule, state) = notification(&kind)?;
    let info = letter.label(&["info"]).or_else(|| additional(letter)).unwrap_or_default();
    let title = format!("{} {word} {info}", check.as_deref().unwrap_or("host"));
    let draft = Draft::new(rule, state).on(Some(&host), check.as_deref()).severe(severity(&word)).titled(&title);
    let at = letter.label(&["date/time"]).and_then(|text| time::instant(text, zone));
    let draft = draft.at(at).telling(letter.details(&["address", "info", "comment", "author", "date/time"]));
    Some(draft.keyed(["alert", &host, check.as_deref().unwrap_or("")]))
}

pub fn notification(kind: &str) -> Option<(&'static str, State)> {
    Some(match kind {
        "PROBLEM" => ("problem", State::Problem),
        "RECOVERY" => ("recovery", State::Recovery),
        "ACKNOWLEDGEMENT" => ("acknowledgement", State::Update),
        "CUSTOM" => ("custom", State::Update),
        "FLAPPINGSTART" | "FLAPPINGSTOP" | "FLAPPINGEND" | "FLAPPINGDISABLED" => ("flapping", State::Update),
        "DOWNTIMESTART" | "DOWNTIMEEND" | "DOWNTIMECANCELLED" | "DOWNTIMEREMOVED" => ("downtime", State::Update),
        _ => return None,
    })
}

pub fn severity(word: &str) -> Option<Severity> {
    match word.trim().to_uppercase().as_str() {
        "DOWN" | "CRITICAL" | "UNREACHABLE" => Some(Severity::Critical),
        "WARNING" => Some(Severity::Warning),
        "UNKNOWN" => Some(Severity::Warning),
        "OK" | "UP" => Some(Severity::Info),
        word => state::severity(word),
    }
}

/// The plugin's output stands below its label.
fn additional(letter: &Letter) -> Option<&str> {
    if let Some(text) = letter.label(&["additional info"]) {
        return Some(text);
    }
    let rest = letter.shown().split_once("Additional Info:")?.1;
    rest.lines().map(str::trim).find(|line| !line.is_empty())
}
