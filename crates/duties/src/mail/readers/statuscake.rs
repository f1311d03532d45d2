//! StatusCake. Never reads another service's word for being down.

use crate::mail::draft::Draft;
use crate::mail::letter::Letter;
use crate::mail::rx::Rx;
use crate::mail::time;
use jiff::tz::TimeZone;
use model::mail::{Severity, State};

static SUBJECT: Rx = Rx::new(r"^website (?P<word>down|up)\s*\|\s*(?P<name>.+)$");
static URL: Rx = Rx::new(r"https?://([^/\s:?#]+)");

pub fn read(letter: &Letter, zone: &TimeZone) -> Option<Draft> {
    let hit = letter.bare.find(&SUBJECT)?;
    let name = hit.get("name")?;
    let (rule, state, severity) = match hit.folded("word").to_lowercase().as_str() {
        "down" => ("down", State::Problem, Severity::Critical),
        _ => ("up", State::Recovery, Severity::Info),
    };
    let host = letter.label(&["url", "website", "website url"]).map(|url| URL.find(url).unwrap_or(url));
    let at = letter.label(&["time", "date", "detected at"]).and_then(|text| time::instant(text, zone));
    let draft = Draft::new(rule, state).on(host, Some(name)).severe(Some(severity)).titled(name).at(at);
    Some(draft.telling(letter.details(&["status code", "test type", "downtime", "tags"])).keyed(["test", name]))
}
