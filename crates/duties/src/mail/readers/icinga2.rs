//! Icinga 2: the messages of its notification scripts. Never reads Icinga 1, whose message is that of Nagios.

use super::nagios::{notification, severity};
use crate::mail::draft::Draft;
use crate::mail::letter::Letter;
use crate::mail::rx::Rx;
use crate::mail::time;
use jiff::tz::TimeZone;

static SUBJECT: Rx = Rx::new(
    r"\[(?P<type>problem|recovery|acknowledgement|custom|downtimestart|downtimeend|downtimeremoved|flappingstart|flappingend)\]\s+(?:host (?P<h>.+?)|(?P<check>.+) on (?P<host>.+?)) is (?P<state>[a-z]+)!",
);
static BANNER: Rx = Rx::new(r"\*{3,}\s*(?:service|host) monitoring on [^*\n]{1,120}\*{3,}");

pub fn read(letter: &Letter, zone: &TimeZone) -> Option<Draft> {
    let subject = letter.subject.find(&SUBJECT)?;
    if !letter.text.is_match(&BANNER) && !letter.has_label("when") {
        return None;
    }
    let (rule, state) = notification(&subject.folded("type").to_uppercase())?;
    let word = subject.get("state").unwrap_or_default();
    let host = letter.label(&["host"]).or_else(|| subject.get("host")).or_else(|| subject.get("h"))?;
    let check = letter.label(&["service"]).or_else(|| subject.get("check"));
    let info = info(letter).unwrap_or_default();
    let title = format!("{} {word} {info}", check.unwrap_or("host"));
    let at = letter.label(&["when"]).and_then(|text| time::instant(text, zone));
    let draft = Draft::new(rule, state).on(Some(host), check).severe(severity(word)).titled(&title).at(at);
    let details = letter.details(&["when", "ipv4", "ipv6", "address", "icinga web"]);
    Some(draft.telling(details).keyed(["alert", host, check.unwrap_or("")]))
}

fn info(letter: &Letter) -> Option<&str> {
    if let Some(text) = letter.label(&["info"]) {
        return Some(text);
    }
    let rest = letter.shown().split_once("Info:")?.1;
    rest.lines().map(str::trim).find(|line| !line.is_empty())
}
