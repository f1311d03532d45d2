//! Pingdom. Never reads another service's word for being down.

use crate::mail::draft::Draft;
use crate::mail::letter::Letter;
use crate::mail::rx::Rx;
use crate::mail::time;
use jiff::tz::TimeZone;
use model::mail::{Severity, State};

static SUBJECT: Rx = Rx::new(
    r"^(?P<word>down|up) alert:\s*(?P<check>.+?)(?:\s+\((?P<host>[^()]+)\))?\s+(?:is|has been)\s+(?:down|up)\b",
);

pub fn read(letter: &Letter, zone: &TimeZone) -> Option<Draft> {
    let hit = letter.bare.find(&SUBJECT)?;
    let (check, host) = (hit.get("check")?, hit.get("host"));
    let (rule, state, severity) = match hit.folded("word").to_lowercase().as_str() {
        "down" => ("down", State::Problem, Severity::Critical),
        _ => ("up", State::Recovery, Severity::Info),
    };
    let at = letter.label(&["time", "down since", "up since", "date"]).and_then(|text| time::instant(text, zone));
    let draft = Draft::new(rule, state).on(host, Some(check)).severe(Some(severity)).titled(check).at(at);
    Some(draft.telling(letter.details(&["error", "cause", "downtime", "url"])).keyed([
        "check",
        check,
        host.unwrap_or(""),
    ]))
}
