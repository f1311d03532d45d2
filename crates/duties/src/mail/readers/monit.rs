//! Monit: its events come in pairs of one that fails and one that succeeds. Never trusts the subject, which is often made by hand.

use crate::mail::draft::Draft;
use crate::mail::letter::Letter;
use crate::mail::rx::Rx;
use crate::mail::time;
use jiff::tz::TimeZone;
use model::mail::{Severity, State};

static FIRST: Rx = Rx::new(r"(?m)^\s*(?P<event>[A-Za-z][A-Za-z' ]{2,48}?) Service (?P<service>\S+)\s*$");
static SUBJECT: Rx = Rx::new(r"\bmonit alert\b");

/// What the ending of an event says, and whether it is a part of what the event is about.
const ENDINGS: [(&str, State); 25] = [
    ("not changed", State::Recovery),
    ("changed not", State::Recovery),
    ("does exist", State::Problem),
    ("exists not", State::Recovery),
    ("recovery", State::Recovery),
    ("recovered", State::Recovery),
    ("does not exist", State::Problem),
    // Versions differ in what of the two is the alert: neither may be lost.
    ("doesn't match", State::Unknown),
    ("limit matched", State::Problem),
    ("limit succeeded", State::Recovery),
    ("limit passed", State::Recovery),
    ("access error", State::Problem),
    ("invalid type", State::Problem),
    ("succeeded", State::Recovery),
    ("passed", State::Recovery),
    ("exists", State::Recovery),
    ("exceeded", State::Problem),
    ("failed", State::Problem),
    ("timeout", State::Problem),
    ("match", State::Problem),
    ("down", State::Problem),
    ("up", State::Recovery),
    (" ok", State::Recovery),
    ("error", State::Problem),
    ("changed", State::Problem),
];

pub fn read(letter: &Letter, zone: &TimeZone) -> Option<Draft> {
    let first = letter.text.find(&FIRST)?;
    let has = |label: &str| letter.has_label(label);
    let is_signed = letter.shown().contains("Your faithful employee") || letter.subject.is_match(&SUBJECT);
    let is_from = letter.from.starts_with("monit@") || letter.from_name.eq_ignore_ascii_case("monit");
    if !(has("date") && has("action") && has("host") && (is_signed || is_from)) {
        return None;
    }
    let (event, service) = (first.get("event")?, first.get("service")?);
    let (family, state) = family(&event.to_lowercase());
    let host = letter.label(&["host"]);
    let severity = match state {
        State::Problem if family == "existence" || family == "connection" => Some(Severity::Critical),
        State::Problem => Some(Severity::Error),
        _ => Some(Severity::Info),
    };
    let at = letter.label(&["date"]).and_then(|text| time::instant(text, zone));
    let title = format!("{service}: {}", letter.label(&["description"]).unwrap_or(event));
    let draft = Draft::new("event", state).on(host, Some(service)).severe(severity).titled(&title).at(at);
    let details = [("event", event), ("action", letter.label(&["action"]).unwrap_or_default())];
    let draft = draft.telling(details.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    Some(draft.keyed(["service", host.unwrap_or_default(), service, &family]))
}

/// What the event is about without how it stands, so that a failure and its success are one.
fn family(event: &str) -> (String, State) {
    if event.starts_with("monit instance") || event == "action done" {
        return ("instance".into(), State::Notice);
    }
    let Some((ending, state)) = ENDINGS.iter().find(|(ending, _)| event.ends_with(ending)) else {
        return (event.to_owned(), State::Unknown);
    };
    let about = event.strip_suffix(ending).unwrap_or(event).trim();
    let about = match (*ending, about) {
        ("does not exist" | "exists" | "does exist" | "exists not", _) => "existence",
        ("limit matched" | "limit succeeded" | "limit passed", _) => "limit",
        ("access error", _) | ("succeeded", "data access") => "data access",
        ("invalid type", _) | ("succeeded", "type") => "type",
        ("timeout", _) | ("recovery" | "recovered", "timeout") => "timeout",
        ("doesn't match" | "match", _) => "content",
        (_, about) => about,
    };
    (about.to_owned(), *state)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_and_its_success_are_one_family() {
        for (fails, succeeds) in [
            ("does not exist", "exists"),
            ("connection failed", "connection succeeded"),
            ("resource limit matched", "resource limit succeeded"),
            ("timeout", "timeout recovery"),
            ("data access error", "data access succeeded"),
            ("invalid type", "type succeeded"),
            ("checksum changed", "checksum changed not"),
            ("checksum failed", "checksum succeeded"),
            ("pid changed", "pid not changed"),
            ("saturation exceeded", "saturation ok"),
            ("link down", "link up"),
        ] {
            let (a, b) = (family(fails), family(succeeds));
            assert_eq!((a.1, b.1), (State::Problem, State::Recovery), "{fails}");
            assert_eq!(a.0, b.0);
        }
        assert_eq!((family("content match").1, family("content doesn't match").1), (State::Problem, State::Unknown));
        assert_eq!(family("monit instance changed").1, State::Notice);
        assert_eq!(family("something new").1, State::Unknown);
    }
}
