//! How PagerDuty is set up where it decides what becomes of an event: services, their integrations and mail filters, windows of
//! maintenance, grouping. Plain data as the API showed it at one instant; what it means for one mail is decided elsewhere.

use crate::Micros;
use crate::incident::Ref;
use crate::signature::sha256_hex;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    pub service: Ref,
    pub status: ServiceStatus,
    pub escalation_policy: Option<Ref>,
    /// `None`: it was not told. `Some(false)`: incidents without alerts.
    pub creates_alerts: Option<bool>,
    /// For how long an alert that looks passing is held back; `None`: it is not.
    pub auto_pause_s: Option<u32>,
    /// How alerts are grouped, by the older setting of the service itself.
    pub grouping: Option<String>,
    pub created_at: Option<Micros>,
    pub last_incident_at: Option<Micros>,
    pub integrations: Vec<Integration>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceStatus {
    Active,
    /// With open incidents, acknowledged ones alone.
    Warning,
    /// With open incidents that nobody has acknowledged.
    Critical,
    Maintenance,
    Disabled,
    Other(String),
}

impl ServiceStatus {
    pub fn parse(text: &str) -> Self {
        match text {
            "active" => Self::Active,
            "warning" => Self::Warning,
            "critical" => Self::Critical,
            "maintenance" => Self::Maintenance,
            "disabled" => Self::Disabled,
            other => Self::Other(other.to_owned()),
        }
    }

    /// In PagerDuty's word.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Active => "active",
            Self::Warning => "warning",
            Self::Critical => "critical",
            Self::Maintenance => "maintenance",
            Self::Disabled => "disabled",
            Self::Other(other) => other,
        }
    }

    /// Whether events open incidents; one that we don't know is taken to.
    pub const fn takes_events(&self) -> bool {
        !matches!(self, Self::Maintenance | Self::Disabled)
    }
}

/// A way into a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Integration {
    pub integration: Ref,
    /// PagerDuty's type, such as `generic_email_inbound_integration`.
    pub kind: String,
    /// Only its name was shown; what it is set to has to be asked for.
    pub is_reference: bool,
    pub vendor: Option<String>,
    pub key: Option<KeyPrint>,
    pub mail: Option<MailIntegration>,
    pub created_at: Option<Micros>,
}

impl Integration {
    pub fn is_mail(&self) -> bool {
        self.kind.contains("email")
    }

    pub fn takes_mail_for(&self, address: &str) -> bool {
        self.mail.as_ref().is_some_and(|mail| mail.address.eq_ignore_ascii_case(address.trim()))
    }
}

/// A key by which events come in, kept so that it can be recognised and not used: its digest and its last characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyPrint {
    digest: String,
    /// For people.
    pub tail: String,
}

impl KeyPrint {
    const TAIL_CHARS: usize = 4;

    pub fn of(key: &str) -> Self {
        let skipped = key.chars().count().saturating_sub(Self::TAIL_CHARS);
        // Of a short key the end would be most of it.
        let tail = if skipped < Self::TAIL_CHARS { String::new() } else { key.chars().skip(skipped).collect() };
        Self { digest: sha256_hex(key.as_bytes()), tail }
    }

    pub fn is(&self, key: &str) -> bool {
        self.digest == sha256_hex(key.as_bytes())
    }
}

/// What a mail integration does with mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailIntegration {
    pub address: String,
    pub creation: MailCreation,
    pub filter_mode: FilterMode,
    pub filters: Vec<MailFilter>,
    pub parsers: Vec<MailParser>,
    /// What happens to mail that no parser reads.
    pub fallback: Option<ParserFallback>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailCreation {
    /// Every mail opens an incident.
    EveryMail,
    /// While one of the same subject is open, mails join it.
    EverySubject,
    OnlyIfNoneIsOpen,
    /// As the parsers say.
    ByParsers,
    Other(String),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilterMode {
    All,
    /// Mail comes in that one of the filters lets through.
    AnyFilter,
    EveryFilter,
    Other(String),
}

/// All three parts have to hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailFilter {
    pub subject: FilterPart,
    pub body: FilterPart,
    pub from: FilterPart,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilterPart {
    Always,
    Match(String),
    NoMatch(String),
    /// A mode that we don't know.
    Other(String),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailParser {
    /// `trigger` or `resolve`.
    pub action: String,
    pub when: Predicate,
    /// The names of the values it takes out; `incident_key` decides what it joins.
    pub takes: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Predicate {
    All(Vec<Predicate>),
    Any(Vec<Predicate>),
    Not(Vec<Predicate>),
    Contains(MailPart, String),
    Exactly(MailPart, String),
    Regex(MailPart, String),
    /// Not understood.
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailPart {
    Subject,
    Body,
    From,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParserFallback {
    OpenIncident,
    Discard,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaintenanceWindow {
    pub window: Ref,
    pub starts_at: Option<Micros>,
    pub ends_at: Option<Micros>,
    pub created_by: Option<Ref>,
    pub services: Vec<Ref>,
}

/// How alerts of some services are put together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertGrouping {
    pub grouping: Ref,
    /// `intelligent`, `time`, `content_based` or `content_based_intelligent`.
    pub kind: String,
    pub window_s: Option<i64>,
    /// The fields that have to be equal.
    pub fields: Vec<String>,
    pub services: Vec<Ref>,
    pub updated_at: Option<Micros>,
}

/// Somebody on call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnCall {
    pub policy: Ref,
    /// From 1.
    pub level: i64,
    pub user: Ref,
    /// `None`: named by the policy itself.
    pub schedule: Option<Ref>,
    /// `None`: always.
    pub starts_at: Option<Micros>,
    pub ends_at: Option<Micros>,
}

/// Who changed what, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingChange {
    pub id: String,
    pub at: Micros,
    /// `create`, `update` or `delete`.
    pub action: String,
    /// How it was done, such as `browser` or `api_token`.
    pub method: Option<String>,
    pub by: Vec<Ref>,
    pub what: Option<Ref>,
    pub fields: Vec<FieldChange>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    pub name: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_recognised_and_not_kept() {
        let key = "R028EXAMPLEROUTINGKEY0000000ABCD";
        let print = KeyPrint::of(key);
        assert!(print.is(key) && !print.is("R028EXAMPLEROUTINGKEY0000000ABCE"));
        assert_eq!(print.tail, "ABCD");
        assert!(!serde_json::to_string(&print).unwrap().contains("EXAMPLE"));
        assert_eq!(KeyPrint::of("short").tail, "");
    }

    #[test]
    fn only_maintenance_and_disabled_take_nothing() {
        for (status, takes) in [
            ("active", true),
            ("warning", true),
            ("critical", true),
            ("maintenance", false),
            ("disabled", false),
            ("x", true),
        ] {
            let parsed = ServiceStatus::parse(status);
            assert_eq!((parsed.takes_events(), parsed.as_str()), (takes, status));
        }
    }
}
