//! By which way something reached an incident. A large account holds hundreds of thousands of these, so they are kept small
//! and rendered only when somebody asks; nothing here changes an incident.

use std::sync::Arc;

use serde_json::{Value, json};

use super::account::{Account, Source};
use super::events::EventJob;

#[derive(Debug, Clone)]
pub(crate) enum Channel {
    /// Nothing but its type.
    Plain(&'static str),
    /// A notification that the account sent by itself.
    Push,
    /// A monitor's event or mail.
    Event(Arc<Raised>),
    Own(Arc<Value>),
}

impl Channel {
    pub(crate) fn own(value: Value) -> Self {
        Self::Own(Arc::new(value))
    }

    pub(crate) fn kind(&self) -> &str {
        match self {
            Self::Plain(kind) => kind,
            Self::Push => "auto",
            Self::Event(raised) => raised.kind(),
            Self::Own(value) => value["type"].as_str().unwrap_or_default(),
        }
    }

    pub(crate) fn shown(&self, account: &Account) -> Value {
        match self {
            Self::Plain(kind) => json!({ "type": kind }),
            Self::Push => {
                json!({ "type": "auto", "notification": { "type": "push_notification", "status": "success" } })
            }
            Self::Event(raised) => raised.channel(account),
            Self::Own(value) => (**value).clone(),
        }
    }

    pub(crate) fn contexts(&self) -> Value {
        match self {
            Self::Event(raised) => contexts(&raised.event()),
            _ => json!([]),
        }
    }
}

/// A monitor's event as it came, in its own words.
#[derive(Debug)]
pub(crate) struct Raised {
    source: Source,
    key: String,
    text: String,
}

impl Raised {
    pub(crate) fn new(job: &EventJob) -> Self {
        Self { source: job.source, key: job.key.clone(), text: job.event.to_string() }
    }

    pub(crate) fn source(&self) -> Source {
        self.source
    }

    /// A mail's channel has its own words.
    fn kind(&self) -> &'static str {
        if matches!(self.source, Source::Mail(_)) { "email" } else { "api" }
    }

    /// What the log calls its first entry.
    pub(crate) fn entry_summary(&self) -> &'static str {
        if matches!(self.source, Source::Mail(_)) { "Triggered via email" } else { "Triggered through the API" }
    }

    pub(crate) fn event(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    fn channel(&self, account: &Account) -> Value {
        let event = self.event();
        if event["mail"].is_object() {
            return event["mail"].clone();
        }
        let service = account.service_of(self.source);
        let summary = event["payload"]["summary"].as_str().unwrap_or_default();
        let mut channel = json!({
            "type": "api", "summary": summary, "description": summary,
            "service_key": service.map(|s| &account.services[s].routing_key), "incident_key": self.key,
            "details": details(&event), "cef_details": cef(&event, &self.key),
        });
        if !event["client"].is_null() {
            channel["client"] = event["client"].clone();
            channel["client_url"] = event["client_url"].clone();
        }
        channel
    }

    /// What an alert's body says of it.
    pub(crate) fn alert_body(&self) -> Value {
        let event = self.event();
        json!({
            "type": "alert_body", "contexts": contexts(&event), "details": details(&event), "cef_details": cef(&event, &self.key),
        })
    }

    fn incident_body(&self) -> Value {
        json!({ "type": "incident_body", "details": details(&self.event()) })
    }
}

/// What an incident says of itself beyond its title.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    Text(String),
    Event(Arc<Raised>),
}

impl Body {
    pub(crate) fn shown(&self) -> Value {
        match self {
            Self::Text(text) => json!({ "type": "incident_body", "details": text }),
            Self::Event(raised) => raised.incident_body(),
        }
    }
}

fn details(event: &Value) -> Value {
    let details = &event["payload"]["custom_details"];
    if details.is_object() { details.clone() } else { json!({}) }
}

fn cef(event: &Value, key: &str) -> Value {
    let payload = &event["payload"];
    json!({
        "client": event["client"], "client_url": event["client_url"], "contexts": contexts(event), "dedup_key": key,
        "description": payload["summary"], "details": details(event), "event_class": payload["class"],
        "service_group": payload["group"], "severity": payload["severity"], "source_component": payload["component"],
        "source_origin": payload["source"], "creation_time": payload["timestamp"],
    })
}

fn contexts(event: &Value) -> Value {
    let items = |name: &str| event[name].as_array().cloned().unwrap_or_default();
    let or_empty = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let links = items("links");
    let links = links.iter().map(|l| json!({ "type": "link", "href": l["href"], "text": or_empty(&l["text"]) }));
    let images = items("images");
    let images = images.iter().map(
        |i| json!({ "type": "image", "src": i["src"], "href": or_empty(&i["href"]), "text": or_empty(&i["alt"]) }),
    );
    links.chain(images).collect()
}

/// What a kind of log entry says beyond the common fields.
#[derive(Debug, Clone)]
pub(crate) enum Extra {
    None,
    Assignees(Box<[usize]>),
    User(usize),
    AckTimeout(i64),
    Changed(jiff::Timestamp),
}

impl Extra {
    /// The people it names.
    pub(crate) fn names(&self, account: &Account) -> String {
        let name = |user: &usize| account.users[*user].name.as_str();
        match self {
            Self::Assignees(users) => users.iter().map(name).collect::<Vec<_>>().join(", "),
            Self::User(user) => name(user).to_owned(),
            _ => String::new(),
        }
    }

    pub(crate) fn write(&self, account: &Account, into: &mut Value) {
        match self {
            Self::None => {}
            Self::Assignees(users) => into["assignees"] = users.iter().map(|u| account.user_ref(*u)).collect(),
            Self::User(user) => into["user"] = account.user_ref(*user),
            Self::AckTimeout(seconds) => into["acknowledgement_timeout"] = json!(seconds),
            Self::Changed(until) => {
                into["changed_actions"] = json!([{ "type": "unacknowledge", "at": super::clock::seconds(*until) }]);
            }
        }
    }
}
