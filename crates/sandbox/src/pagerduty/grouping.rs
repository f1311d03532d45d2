//! Alert grouping: settings of services by which a new alert joins an open incident instead of opening one.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::book::Incident;
use super::clock::{millis, plus_s};
use super::state::State;

#[derive(Debug, Clone)]
pub(crate) struct Setting {
    pub id: String,
    pub name: String,
    pub kind: Kind,
    pub config: Value,
    pub services: Vec<usize>,
    pub created: Timestamp,
    pub updated: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Time,
    ContentBased,
    ContentBasedIntelligent,
    Intelligent,
}

impl Kind {
    pub(crate) fn of(word: &str) -> Option<Self> {
        Some(match word {
            "time" => Self::Time,
            "content_based" => Self::ContentBased,
            "content_based_intelligent" => Self::ContentBasedIntelligent,
            "intelligent" => Self::Intelligent,
            _ => return None,
        })
    }

    /// Incidents know three classes of grouping only.
    fn class(self) -> &'static str {
        match self {
            Self::Time => "basic",
            Self::Intelligent => "advanced",
            Self::ContentBased | Self::ContentBasedIntelligent => "rules",
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::ContentBased => "content_based",
            Self::ContentBasedIntelligent => "content_based_intelligent",
            Self::Intelligent => "intelligent",
        }
    }
}

impl Setting {
    /// How long an incident takes more alerts in.
    fn window_s(&self) -> i64 {
        let named = self.config["timeout"].as_i64().or(self.config["time_window"].as_i64());
        named.filter(|s| *s > 0).unwrap_or(86_400)
    }

    fn fits(&self, incident: &Incident, event: &Value) -> bool {
        let summary = event["payload"]["summary"].as_str().unwrap_or_default();
        match self.kind {
            Kind::Time => true,
            Kind::Intelligent => is_alike(&incident.title, summary),
            Kind::ContentBased | Kind::ContentBasedIntelligent => {
                incident.alerts.first().is_some_and(|first| self.same_content(&first.raised.event(), event))
            }
        }
    }

    fn same_content(&self, first: &Value, event: &Value) -> bool {
        let of = |event: &Value, field: &str| event.pointer(&format!("/payload/{}", field.replace('.', "/"))).cloned();
        let same = |field: &str| of(event, field).is_some() && of(first, field) == of(event, field);
        let fields: Vec<&str> =
            self.config["fields"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        match self.config["aggregate"].as_str() {
            Some("any") => fields.iter().any(|f| same(f)),
            _ => !fields.is_empty() && fields.iter().all(|f| same(f)),
        }
    }
}

/// At least half of the words of either are in both.
fn is_alike(one: &str, other: &str) -> bool {
    let words = |text: &str| -> std::collections::BTreeSet<String> {
        text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase).collect()
    };
    let (one, other) = (words(one), words(other));
    let both = one.intersection(&other).count();
    both > 0 && 2 * both >= one.union(&other).count()
}

impl State {
    pub(crate) fn grouping_of(&self, service: usize) -> Option<&Setting> {
        self.account.groupings.iter().find(|s| s.services.contains(&service))
    }

    /// The open incident that a new alert of this service joins.
    pub(crate) fn incident_to_join(&self, service: usize, event: &Value) -> Option<usize> {
        let setting = self.grouping_of(service)?;
        let fits = |index: &usize| {
            let incident = &self.book.incidents[*index];
            let own_service = incident.service == service || setting.services.contains(&incident.service);
            let until = plus_s(incident.created, setting.window_s());
            own_service && self.now < until && !incident.alerts.is_empty() && setting.fits(incident, event)
        };
        self.book.open().filter(fits).last()
    }

    pub(crate) fn grouping_full(&self, setting: &Setting) -> Value {
        let services: Vec<Value> = setting.services.iter().map(|s| self.account.service_ref(*s)).collect();
        json!({
            "id": setting.id, "name": setting.name, "description": "", "type": setting.kind.word(), "config": setting.config,
            "services": services, "created_at": millis(setting.created), "updated_at": millis(setting.updated),
        })
    }

    /// What an incident says of the grouping that it is under.
    pub(crate) fn alert_grouping(&self, incident: &Incident) -> Value {
        let Some(setting) = self.grouping_of(incident.service).filter(|_| !incident.alerts.is_empty()) else {
            return Value::Null;
        };
        let ends = plus_s(incident.created, setting.window_s());
        json!({
            "grouping_type": setting.kind.class(), "started_at": super::clock::seconds(incident.created),
            "ended_at": super::clock::seconds(ends), "alert_grouping_active": incident.is_open() && self.now < ends,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_alike_by_their_words() {
        assert!(is_alike("Disk full on web01", "disk full on web02"));
        assert!(!is_alike("Disk full on web01", "Replication lag on db1"));
        assert!(!is_alike("", ""));
    }
}
