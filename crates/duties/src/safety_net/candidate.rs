//! What an alert of PagerDuty's says, in the shape that matching needs: its words, the hosts that it names, what a reader
//! of ours makes of it. Pure.

use model::incident::Alert;
use model::text::{cut, fold};
use serde_json::Value;

/// Words beyond this tell nothing more.
const MOST_WORDS: usize = 4_000;
const MOST_HOSTS: usize = 20;
/// Fields that are made for a host's name.
const HOST_FIELDS: [&str; 14] = [
    "source",
    "host",
    "hostname",
    "host_name",
    "host.name",
    "hostalias",
    "instance",
    "server",
    "node",
    "device",
    "fqdn",
    "machine",
    "component",
    "dimension_instanceid",
];
/// Fields of a mail's text in an alert that came by mail.
const TEXT_FIELDS: [&str; 5] = ["body", "text", "message", "content", "details"];

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    pub words: String,
    pub hosts: Vec<String>,
    pub reading: Option<String>,
}

/// What this alert says.
pub fn words(alert: &Alert) -> Words {
    let mut found = Words { words: fold(&alert.title), ..Words::default() };
    let mut text = None;
    gather(&alert.body, "", 0, &mut found, &mut text);
    found.words = cut(&found.words, MOST_WORDS);
    found.hosts.sort();
    found.hosts.dedup();
    found.hosts.truncate(MOST_HOSTS);
    found.reading = text.and_then(|text| crate::mail::alike(&alert.title, &text));
    found
}

fn gather(value: &Value, name: &str, depth: usize, found: &mut Words, text: &mut Option<String>) {
    if depth > 6 || found.words.len() > MOST_WORDS * 4 {
        return;
    }
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| gather(value, name, depth + 1, found, text)),
        Value::Array(items) => items.iter().for_each(|value| gather(value, name, depth + 1, found, text)),
        Value::String(said) => said_of(name, said, found, text),
        Value::Number(number) => said_of(name, &number.to_string(), found, text),
        Value::Bool(_) | Value::Null => {}
    }
}

fn said_of(name: &str, said: &str, found: &mut Words, text: &mut Option<String>) {
    let folded = fold(&cut(said, MOST_WORDS));
    let field = name.to_ascii_lowercase();
    // A sentence is no host.
    if HOST_FIELDS.contains(&field.as_str()) && !folded.trim().is_empty() && !folded.trim().contains(' ') {
        // `web01:9100` is the port of an exporter on web01.
        let host = folded.trim();
        let bare = host.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).map_or(host, |(host, _)| host);
        found.hosts.push(bare.to_owned());
    }
    if TEXT_FIELDS.contains(&field.as_str()) && text.as_ref().is_none_or(|longest| longest.len() < said.len()) {
        *text = Some(said.to_owned());
    }
    found.words.push(' ');
    found.words.push_str(&folded);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_come_from_fields_made_for_them() {
        let alert = Alert {
            id: "A1".into(),
            key: None,
            title: "Disk full".into(),
            status: "triggered".into(),
            severity: None,
            suppressed: false,
            created_at: None,
            html_url: None,
            integration: None,
            body: serde_json::json!({
                "details": {"Host": "WEB01.example.jp", "instance": "db01:9100", "message": "disk /var is full", "source": "the whole site"}
            }),
            links: Vec::new(),
        };
        let said = words(&alert);
        assert_eq!(said.hosts, ["db01", "web01.example.jp"]);
        assert!(said.words.contains("disk /var is full"));
    }
}
