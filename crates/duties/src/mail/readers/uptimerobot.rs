//! UptimeRobot. Never takes a test for an alert.

use crate::mail::draft::Draft;
use crate::mail::letter::Letter;
use crate::mail::rx::Rx;
use crate::mail::time;
use jiff::tz::TimeZone;
use model::mail::{Severity, State};

static SUBJECT: Rx = Rx::new(r"^(?P<test>test:\s*)?monitor is (?P<word>down|up):\s*(?P<name>.+)$");
static URL: Rx = Rx::new(r"https?://(?:[^/\s@]*@)?([^/\s:?#]+)");

pub fn read(letter: &Letter, zone: &TimeZone) -> Option<Draft> {
    let hit = letter.bare.find(&SUBJECT)?;
    let name = hit.get("name")?;
    let (rule, state, severity) = match (hit.get("test"), hit.folded("word").to_lowercase().as_str()) {
        (Some(_), _) => ("test", State::Notice, Severity::Info),
        (None, "down") => ("down", State::Problem, Severity::Critical),
        _ => ("up", State::Recovery, Severity::Info),
    };
    let url = letter.label(&["monitor url", "checked url", "url"]);
    let host = url.map(|url| URL.find(url).unwrap_or(url));
    let at =
        letter.label(&["incident started at", "date/time", "event timestamp", "down since", "resolved at", "time"]);
    let at = at.and_then(|text| time::instant(text, zone));
    let details = letter.details(&["monitor url", "reason", "root cause", "down for", "duration", "checked url"]);
    let draft = Draft::new(rule, state).on(host, Some(name)).severe(Some(severity)).titled(name).at(at);
    Some(draft.telling(details).keyed(["monitor", name]))
}
