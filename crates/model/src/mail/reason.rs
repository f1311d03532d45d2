//! Why a mail stands where it stands in the ledger, and why an alert never became an incident. Data, not words: pages and
//! posts say it in their reader's language.

use crate::Micros;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Reason {
    /// Its time runs until then.
    Grace {
        until: Micros,
    },
    /// PagerDuty is being asked.
    Asked,
    /// PagerDuty knows the alert by this key, which the mail names.
    SameKey {
        key: String,
    },
    /// PagerDuty's alert says the same, read by the same reader: its integration got this mail or its twin.
    SameReading,
    /// The titles are equal and the host is the same.
    SameTitle,
    /// Host and check are found in the alert's words.
    Similar,
    /// Its alert has an incident that is open.
    IsOpen,
    /// We registered it before, and that is open.
    IsRegistered,
    /// Part of a storm that has one incident.
    InStorm {
        storm: String,
    },
    /// A rule of ours says that it is no alert.
    Rule {
        rule: String,
    },
    /// A rule of ours holds it back.
    HeldBack {
        rule: String,
    },
    /// A person said so.
    Person {
        name: String,
    },
    MaintenanceWindow {
        id: String,
        name: String,
    },
    /// The alert is there and suppressed.
    SuppressedThere,
    /// A rule of an event orchestration drops or suppresses it.
    OrchestrationRule {
        rule: String,
        url: Option<String>,
    },
    /// It is over.
    Over,
    /// It says that it is over, and its sender is not proven: nothing is resolved.
    OverUntrusted {
        why: String,
    },
    /// News that ask for nothing.
    News,
    /// PagerDuty was asked and has nothing.
    Nothing,
    /// PagerDuty could not be asked.
    Blind {
        why: String,
    },
    /// Nothing came of it, and it is over by now.
    RecoveredMeanwhile,
    /// The sender's cap is reached: a loop must not page.
    Capped {
        most: i64,
    },
    Baseline,
    Canary {
        id: String,
    },
}

/// What kept an alert from becoming an incident, as far as it could be found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    pub kind: CauseKind,
    /// What it is about: a service, an integration, a rule.
    #[serde(default)]
    pub name: String,
    /// The setting's page.
    #[serde(default)]
    pub url: Option<String>,
    /// Who changed it last, and when.
    #[serde(default)]
    pub changed_by: Option<String>,
    #[serde(default)]
    pub changed_at: Option<Micros>,
    /// The setting in PagerDuty's own words.
    #[serde(default)]
    pub detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CauseKind {
    ServiceDisabled,
    Maintenance,
    ServiceGone,
    IntegrationGone,
    /// The monitor's PagerDuty address is no integration's.
    AddressUnknown,
    MailFilter,
    MailParser,
    OrchestrationDrops,
    OrchestrationSuppresses,
    OrchestrationPauses,
    /// No rule was found, and none can be ruled out.
    OrchestrationUnclear,
    /// Alerts are grouped: it may have joined another incident.
    Grouped,
    AutoPause,
    RateLimit,
    EventsRejected,
    NotAnswering,
    /// No service is named for this monitor or host.
    NoService,
    NobodyOnCall,
    /// The incident is there and no webhook told us; polls told it.
    WebhookLost,
    /// Our own reading of PagerDuty stands still.
    PollDead,
    /// Everything that can be seen is right: the monitor may not have sent it.
    NothingFound,
}

impl CauseKind {
    pub const ALL: [Self; 21] = [
        Self::ServiceDisabled,
        Self::Maintenance,
        Self::ServiceGone,
        Self::IntegrationGone,
        Self::AddressUnknown,
        Self::MailFilter,
        Self::MailParser,
        Self::OrchestrationDrops,
        Self::OrchestrationSuppresses,
        Self::OrchestrationPauses,
        Self::OrchestrationUnclear,
        Self::Grouped,
        Self::AutoPause,
        Self::RateLimit,
        Self::EventsRejected,
        Self::NotAnswering,
        Self::NoService,
        Self::NobodyOnCall,
        Self::WebhookLost,
        Self::PollDead,
        Self::NothingFound,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ServiceDisabled => "service_disabled",
            Self::Maintenance => "maintenance",
            Self::ServiceGone => "service_gone",
            Self::IntegrationGone => "integration_gone",
            Self::AddressUnknown => "address_unknown",
            Self::MailFilter => "mail_filter",
            Self::MailParser => "mail_parser",
            Self::OrchestrationDrops => "orchestration_drops",
            Self::OrchestrationSuppresses => "orchestration_suppresses",
            Self::OrchestrationPauses => "orchestration_pauses",
            Self::OrchestrationUnclear => "orchestration_unclear",
            Self::Grouped => "grouped",
            Self::AutoPause => "auto_pause",
            Self::RateLimit => "rate_limit",
            Self::EventsRejected => "events_rejected",
            Self::NotAnswering => "not_answering",
            Self::NoService => "no_service",
            Self::NobodyOnCall => "nobody_on_call",
            Self::WebhookLost => "webhook_lost",
            Self::PollDead => "poll_dead",
            Self::NothingFound => "nothing_found",
        }
    }
}
