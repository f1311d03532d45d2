//! Prometheus Alertmanager: the default mail of a group of alerts. Never reads Grafana's, whose subject is the same.

use crate::mail::draft::Draft;
use crate::mail::letter::Letter;
use crate::mail::rx::Rx;
use crate::mail::{state, time};
use jiff::tz::TimeZone;
use model::mail::State;

static SUBJECT: Rx = Rx::new(
    r"\[(?P<word>firing|resolved)(?::(?P<count>\d+))?(?:,\s*resolved:\d+)?\]\s*(?P<group>.*?)\s*(?:\((?P<common>[^()]*)\))?\s*$",
);
static GRAFANA: Rx = Rx::new(r"grafana_folder|/alerting/grafana/|sent by grafana|grafana labs|grafana v\d");
static LABEL: Rx = Rx::new(r#"(?m)^[\s*•-]*(?P<name>[a-z_][a-z0-9_]*)\s*=\s*"?(?P<value>[^"\n]+?)"?\s*$"#);
static BODY: Rx = Rx::new(r"view in alertmanager|sent by alertmanager|\balertname\s*=|\d+ alerts? for ");

/// A group's mail as both Alertmanager and Grafana write it.
pub struct Group<'a> {
    pub state: State,
    pub rule: &'static str,
    pub group: Option<&'a str>,
    pub common: Option<&'a str>,
    pub labels: Vec<(String, String)>,
}

pub fn read(letter: &Letter, zone: &TimeZone) -> Option<Draft> {
    let group = group(letter).filter(|_| !is_grafana(letter) && letter.text.is_match(&BODY))?;
    Some(draft(letter, &group, zone))
}

pub fn is_grafana(letter: &Letter) -> bool {
    letter.text.is_match(&GRAFANA)
        || letter.from_name.eq_ignore_ascii_case("grafana")
        || letter.from.starts_with("grafana@")
        || letter.links.iter().any(|link| link.contains("/alerting/grafana/"))
}

pub fn group(letter: &Letter) -> Option<Group<'_>> {
    let hit = letter.subject.find(&SUBJECT)?;
    let (rule, state) = match hit.folded("word").to_lowercase().as_str() {
        "firing" => ("firing", State::Problem),
        _ => ("resolved", State::Recovery),
    };
    let all = LABEL.get().into_iter().flat_map(|rx| rx.captures_iter(&letter.text.text)).take(400);
    let labels = all.map(|hit| (hit["name"].to_lowercase(), hit["value"].to_owned())).collect();
    Some(Group { state, rule, group: hit.get("group"), common: hit.get("common"), labels })
}

pub fn draft(letter: &Letter, group: &Group<'_>, zone: &TimeZone) -> Draft {
    let host = ["instance", "host", "hostname", "node"].iter().find_map(|name| only(&group.labels, name));
    let host = host.map(|host| without_port(host).to_owned());
    let check = only(&group.labels, "alertname").or(group.group);
    let severity = worst(&group.labels);
    let summary = only(&group.labels, "summary").or_else(|| letter.label(&["summary"]));
    let title = summary.or(group.group).or(group.common).unwrap_or(&letter.bare.shown);
    let at = letter.label(&["starts at", "startsat", "started"]).and_then(|text| time::instant(text, zone));
    let draft = Draft::new(group.rule, group.state).on(host.as_deref(), check).severe(severity).titled(title).at(at);
    let wanted = ["instance", "job", "description", "summary", "namespace", "pod", "grafana_folder"];
    let details = group.labels.iter().filter(|(name, _)| wanted.contains(&name.as_str())).take(20).cloned().collect();
    // The group's labels make the alert; what its members have in common changes as they come and go.
    let draft = draft.telling(details);
    match group.group {
        Some(labels) => draft.keyed(["group", labels]),
        None => draft.keyed(["common", group.common.unwrap_or_default()]),
    }
}

/// The value, when all that is said under that name is one.
fn only<'a>(labels: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut all = labels.iter().filter(|(n, _)| n == name).map(|(_, value)| value.as_str());
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}

fn worst(labels: &[(String, String)]) -> Option<model::mail::Severity> {
    let all = labels.iter().filter(|(name, _)| name == "severity" || name == "priority");
    all.filter_map(|(_, value)| state::severity(value)).max()
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !name.is_empty() && port.chars().all(|c| c.is_ascii_digit()) => name,
        _ => host,
    }
}
