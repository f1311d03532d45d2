//! What an incident says that may lead to hosts: texts, fields that name a host, whose it is. Reads no store.

use serde_json::Value;

/// Of one incident, however it was told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    pub title: String,
    /// Texts of alerts: titles, bodies, summaries.
    pub bodies: Vec<String>,
    /// Custom details and the rest of what monitors send.
    pub details: Vec<Value>,
    pub service: Option<String>,
    /// Hosts that were read in mails of the same alerts.
    pub mail_hosts: Vec<String>,
    /// The id of the customer whose the incident is.
    pub customer: Option<String>,
}

/// How deep and how much of a monitor's details is read.
const MOST_DEPTH: usize = 12;
const MOST_TEXTS: usize = 2_000;
const MOST_TEXT_BYTES: usize = 64 << 10;

/// Names of fields that hold a host, without their signs and in small letters.
const FIELDS: [&str; 12] = [
    "host",
    "hostname",
    "instance",
    "node",
    "instanceid",
    "hostip",
    "hostaddress",
    "server",
    "servername",
    "nodename",
    "machine",
    "fqdn",
];

/// The texts of an incident, each once, by how surely it speaks of a host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    /// What stands in a field that holds a host, with that field's name.
    pub fields: Vec<(String, String)>,
    pub title: String,
    pub mail_hosts: Vec<String>,
    pub others: Vec<String>,
    pub service: String,
}

impl Facts {
    pub fn texts(&self) -> Texts {
        let mut found = Texts {
            title: self.title.clone(),
            mail_hosts: self.mail_hosts.clone(),
            service: self.service.clone().unwrap_or_default(),
            ..Texts::default()
        };
        for body in &self.bodies {
            text("", body, &mut found, 0);
        }
        for details in &self.details {
            value("", details, &mut found, 0);
        }
        found
    }
}

fn value(name: &str, it: &Value, found: &mut Texts, depth: usize) {
    if depth > MOST_DEPTH || found.fields.len() + found.others.len() > MOST_TEXTS {
        return;
    }
    match it {
        Value::String(it) => text(name, it, found, depth),
        Value::Array(items) => items.iter().for_each(|item| value(name, item, found, depth + 1)),
        Value::Object(entries) => {
            // A dimension of CloudWatch and its like: {"name": "InstanceId", "value": "i-…"}.
            if let Some((name, it)) = pair(entries) {
                return value(name, it, found, depth + 1);
            }
            entries.iter().for_each(|(name, it)| value(name, it, found, depth + 1));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn pair(entries: &serde_json::Map<String, Value>) -> Option<(&str, &Value)> {
    let get = |names: [&str; 2]| names.iter().find_map(|name| entries.get(*name));
    let name = get(["name", "Name"])?.as_str().filter(|name| is_field(name))?;
    Some((name, get(["value", "Value"])?))
}

fn text(name: &str, it: &str, found: &mut Texts, depth: usize) {
    let it = head(it);
    if is_field(name) {
        found.fields.push((name.to_owned(), it.trim().to_owned()));
        return;
    }
    // Some monitors put JSON into a text.
    if it.trim_start().starts_with('{')
        && let Ok(inner) = serde_json::from_str::<Value>(it)
    {
        return value(name, &inner, found, depth + 1);
    }
    found.fields.extend(it.lines().filter_map(line));
    found.others.push(it.to_owned());
}

fn head(text: &str) -> &str {
    let mut end = text.len().min(MOST_TEXT_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// `Host: web-1` or ` - instance = web-1:9100`, a line of a text.
fn line(line: &str) -> Option<(String, String)> {
    let line = line.trim_start_matches(|c: char| !c.is_alphanumeric());
    let (name, value) = line.split_once([':', '=', '：'])?;
    let value = value.trim().trim_matches(|c: char| matches!(c, '"' | '\'' | '`' | ','));
    let is_one = !value.is_empty() && !value.contains(char::is_whitespace);
    (is_one && is_field(name)).then(|| (name.trim().to_owned(), value.to_owned()))
}

/// `Host name`, `host_name` and `hostName` are one name.
pub(super) fn is_field(name: &str) -> bool {
    if name.len() > 40 {
        return false;
    }
    let bare: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    FIELDS.contains(&bare.as_str()) || matches!(name.trim(), "ホスト" | "ホスト名" | "サーバ" | "サーバー")
}
