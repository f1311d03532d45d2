//! Amazon RDS events. RDS tells no recovery as such: codes that belong together are paired here. Never calls a code that it does
//! not know harmless.

use super::aws;
use crate::mail::draft::Draft;
use crate::mail::letter::Letter;
use crate::mail::rx::Rx;
use crate::mail::time;
use jiff::tz::TimeZone;
use model::mail::{Severity, State};

static CODE: Rx = Rx::new(r"\b(RDS-EVENT-\d{4})\b");
static GREETING: Rx = Rx::new(r"rds will attempt to send you event notifications");

pub fn read(letter: &Letter, _: &TimeZone) -> Option<Draft> {
    if letter.text.is_match(&GREETING) {
        let draft = Draft::new("subscription", State::Notice).titled("RDS event notifications were subscribed");
        return Some(draft.keyed(["subscription"]));
    }
    let is_event = letter.shown().contains("RDS-EVENT-");
    let json = letter.shown().contains('{').then(|| aws::json(letter)).flatten().filter(|_| is_event);
    let said = |names: &[&str]| aws::said(letter, json.as_ref(), names);
    let code = said(&["Event ID", "EventID", "Event Id"]).and_then(|text| CODE.find(text)).filter(|_| is_event)?;
    let kind = said(&["Event Source", "EventSource"])?;
    let source = said(&["Source ID", "SourceId", "Source Identifier"])?;
    let message = said(&["Event Message", "EventMessage", "Message"]).unwrap_or("RDS event");
    let (group, state, severity) = pairing(code);
    let at = said(&["Event Time", "Notification time", "Event Date", "Notification Date"]);
    let at = at.and_then(|text| time::instant(text, &TimeZone::UTC));
    let arn = said(&["Source ARN", "SourceArn"]);
    let draft = Draft::new(group, state).on(Some(source), Some(code)).severe(Some(severity)).titled(message).at(at);
    let draft =
        draft.telling([("event source", kind), ("event id", code)].map(|(a, b)| (a.to_owned(), b.to_owned())).into());
    // An instance has many alarms in PagerDuty: its ARN is no name of one alert.
    Some(match arn {
        Some(arn) => draft.global().keyed(["event", arn, group_key(group, code)]),
        None => draft.keyed(["event", kind, source, group_key(group, code)]),
    })
}

/// Codes of no group stand for themselves.
fn group_key<'a>(group: &'a str, code: &'a str) -> &'a str {
    if ["notice", "unknown code"].contains(&group) { code } else { group }
}

/// What a code belongs to, and how it stands in it.
fn pairing(code: &str) -> (&'static str, State, Severity) {
    use Severity::{Critical, Error, Info, Warning};
    match code.rsplit('-').next().unwrap_or_default() {
        "0004" => ("shutdown", State::Problem, Critical),
        "0006" | "0088" => ("shutdown", State::Recovery, Info),
        "0087" => ("shutdown", State::Problem, Warning),
        "0013" => ("failover", State::Problem, Critical),
        "0015" | "0049" => ("failover", State::Recovery, Info),
        "0034" | "0050" | "0051" => ("failover", State::Update, Info),
        "0069" => ("cluster failover", State::Problem, Critical),
        "0073" | "0072" | "0070" => ("cluster failover", State::Problem, Critical),
        "0071" => ("cluster failover", State::Recovery, Info),
        "0026" => ("maintenance", State::Problem, Warning),
        "0027" | "0047" => ("maintenance", State::Recovery, Info),
        "0007" => ("storage", State::Problem, Critical),
        "0089" | "0223" | "0224" => ("storage", State::Problem, Warning),
        "0017" | "0218" => ("storage", State::Recovery, Info),
        "0217" => ("storage", State::Update, Info),
        "0020" => ("recovery", State::Problem, Error),
        "0021" | "0053" => ("recovery", State::Recovery, Info),
        "0031" | "0035" | "0036" | "0165" => ("failure", State::Problem, Critical),
        "0022" => ("failure", State::Problem, Error),
        "0058" | "0079" | "0080" | "0081" => ("setting", State::Problem, Warning),
        "0045" => ("replication", State::Problem, Error),
        "0046" => ("replication", State::Recovery, Info),
        "0057" => ("replication", State::Problem, Warning),
        "0001" | "0002" | "0003" | "0005" | "0008" | "0009" | "0010" | "0011" | "0012" | "0014" | "0016" | "0018"
        | "0019" | "0024" | "0025" | "0028" | "0029" | "0030" | "0033" | "0037" | "0038" | "0040" | "0041" | "0042"
        | "0043" | "0044" | "0048" | "0054" | "0055" | "0056" | "0062" | "0065" | "0067" | "0078" | "0092" | "0154"
        | "0170" | "0179" => ("notice", State::Notice, Info),
        _ => ("unknown code", State::Unknown, Warning),
    }
}
