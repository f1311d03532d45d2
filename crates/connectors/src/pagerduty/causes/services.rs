//! Services with their integrations, windows of maintenance, grouping, and who is on call.

use super::{Shown, found, shown};
use crate::pagerduty::read::{PAGE_ROWS, paging};
use crate::pagerduty::{Client, checked_id, decode, json, map, wire};
use crate::{Call, CallError};
use model::Micros;
use model::incident::Ref;
use model::setting::{
    AlertGrouping, FilterMode, FilterPart, Integration, KeyPrint, MailCreation, MailFilter, MailIntegration,
    MailParser, MailPart, MaintenanceWindow, OnCall, ParserFallback, Predicate, Service, ServiceStatus,
};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::time::Instant;

impl Client {
    /// A service and its integrations. One that is gone is `Kind::NotFound`.
    pub async fn service(&self, call: &Call, id: &str) -> Result<Service, CallError> {
        let path = ["services", checked_id(id, false)?];
        let included = ["integrations", "auto_pause_notifications_parameters"];
        let query = included.map(|name| ("include[]", name.to_owned())).to_vec();
        let raw = self.ask(call, Instant::now(), &path, &query).await?;
        Ok(decode::<wire::One<WireService>>(&raw, false)?.one.into())
    }

    /// One integration with all that it is set to; `None` if it is gone.
    pub async fn integration(&self, call: &Call, service: &str, id: &str) -> Result<Option<Integration>, CallError> {
        let path = ["services", checked_id(service, false)?, "integrations", checked_id(id, false)?];
        let Some(raw) = found(self.ask(call, Instant::now(), &path, &Vec::new()).await)? else { return Ok(None) };
        Ok(Some(decode::<wire::One<WireIntegration>>(&raw, false)?.one.into()))
    }

    /// Windows that lie over the service now, or with those of the future.
    pub async fn maintenance_windows(
        &self,
        call: &Call,
        service: &str,
        only_ongoing: bool,
    ) -> Result<Vec<MaintenanceWindow>, CallError> {
        let mut query = paging(PAGE_ROWS, 0);
        query.push(("service_ids[]", checked_id(service, false)?.to_owned()));
        query.push(("filter", if only_ongoing { "ongoing" } else { "open" }.to_owned()));
        let raw = self.ask(call, Instant::now(), &["maintenance_windows"], &query).await?;
        let rows: wire::Rows<WireWindow> = decode(&raw, false)?;
        Ok(rows.rows.into_iter().map(MaintenanceWindow::from).collect())
    }

    /// How the service's alerts are grouped; none: they are not.
    pub async fn alert_grouping(&self, call: &Call, service: &str) -> Result<Shown<Vec<AlertGrouping>>, CallError> {
        let query = vec![("limit", PAGE_ROWS.to_string()), ("service_ids[]", checked_id(service, false)?.to_owned())];
        let asked = self.ask(call, Instant::now(), &["alert_grouping_settings"], &query).await;
        let rows = asked.and_then(|raw| decode::<wire::Rows<WireGrouping>>(&raw, false));
        shown(rows.map(|rows| rows.rows.into_iter().map(AlertGrouping::from).collect()))
    }

    /// Who is on call now for these policies. A policy that is missing in the answer has nobody.
    pub async fn on_calls(&self, call: &Call, policies: &[String]) -> Result<Vec<OnCall>, CallError> {
        // Without a policy PagerDuty would list those of the whole account.
        if policies.is_empty() {
            return Ok(Vec::new());
        }
        let started = Instant::now();
        let mut all = Vec::new();
        loop {
            let offset = u32::try_from(all.len()).unwrap_or(u32::MAX);
            let mut query = paging(PAGE_ROWS, offset);
            for policy in policies {
                query.push(("escalation_policy_ids[]", checked_id(policy, false)?.to_owned()));
            }
            let raw = self.ask(call, started, &["oncalls"], &query).await?;
            let page: wire::Rows<Box<RawValue>> = decode(&raw, false)?;
            let more = page.more.unwrap_or_default() && !page.rows.is_empty() && all.len() < MOST_ON_CALLS;
            all.extend(page.rows.iter().map(|row| on_call(row)));
            if !more {
                return Ok(all.into_iter().flatten().collect());
            }
        }
    }
}

/// More people than that nobody would wake.
const MOST_ON_CALLS: usize = 1_000;

#[derive(Deserialize)]
struct WireService {
    #[serde(deserialize_with = "wire::named")]
    id: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    summary: Option<String>,
    #[serde(default)]
    html_url: Option<String>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    escalation_policy: Option<wire::Reference>,
    #[serde(default)]
    alert_creation: Option<String>,
    #[serde(default)]
    auto_pause_notifications_parameters: Value,
    #[serde(default)]
    alert_grouping_parameters: Value,
    #[serde(default, deserialize_with = "wire::time")]
    created_at: Option<Micros>,
    #[serde(default, deserialize_with = "wire::time")]
    last_incident_timestamp: Option<Micros>,
    #[serde(default, deserialize_with = "wire::list")]
    integrations: Vec<WireIntegration>,
}

impl From<WireService> for Service {
    fn from(from: WireService) -> Self {
        let pause = &from.auto_pause_notifications_parameters;
        let timeout_s = pause["timeout"].as_u64().and_then(|seconds| u32::try_from(seconds).ok());
        Self {
            service: named(from.id, [from.name, from.summary], from.html_url),
            status: ServiceStatus::parse(&from.status.unwrap_or_default()),
            escalation_policy: from.escalation_policy.and_then(map::reference),
            creates_alerts: from.alert_creation.map(|how| how == "create_alerts_and_incidents"),
            auto_pause_s: timeout_s.filter(|seconds| *seconds > 0 && pause["enabled"] == true),
            grouping: map::text(&from.alert_grouping_parameters, "type"),
            created_at: from.created_at,
            last_incident_at: from.last_incident_timestamp,
            integrations: from.integrations.into_iter().map(Integration::from).collect(),
        }
    }
}

fn named(id: String, names: [Option<String>; 2], url: Option<String>) -> Ref {
    let name = names.into_iter().flatten().find(|name| !name.is_empty()).unwrap_or_else(|| id.clone());
    Ref { id, name, url: map::web_url(url) }
}

/// Tolerant in all but its id: an integration that could not be read would look like one that is gone.
#[derive(Deserialize)]
struct WireIntegration {
    #[serde(deserialize_with = "wire::named")]
    id: String,
    #[serde(flatten)]
    rest: Value,
}

impl From<WireIntegration> for Integration {
    fn from(from: WireIntegration) -> Self {
        let rest = &from.rest;
        let shown = map::text(rest, "type").unwrap_or_default();
        let kind = shown.trim_end_matches("_reference").to_owned();
        let names = [map::text(rest, "name"), map::text(rest, "summary")];
        let key = map::text(rest, "integration_key");
        Self {
            integration: named(from.id, names, map::text(rest, "html_url")),
            is_reference: shown != kind,
            kind,
            vendor: map::text(&rest["vendor"], "summary"),
            key: key.map(|key| KeyPrint::of(&key)),
            mail: map::text(rest, "integration_email").map(|address| mail(address, rest)),
            created_at: map::text(rest, "created_at").as_deref().and_then(Micros::parse),
        }
    }
}

fn mail(address: String, from: &Value) -> MailIntegration {
    let text = |name: &str| map::text(from, name).unwrap_or_default();
    MailIntegration {
        address,
        creation: match text("email_incident_creation").as_str() {
            // The default, and what PagerDuty leaves out.
            "on_new_email" | "" => MailCreation::EveryMail,
            "on_new_email_subject" => MailCreation::EverySubject,
            "only_if_no_open_incidents" => MailCreation::OnlyIfNoneIsOpen,
            "use_rules" => MailCreation::ByParsers,
            other => MailCreation::Other(other.to_owned()),
        },
        filter_mode: match text("email_filter_mode").as_str() {
            "all-email" | "" => FilterMode::All,
            "or-rules-email" => FilterMode::AnyFilter,
            "and-rules-email" => FilterMode::EveryFilter,
            other => FilterMode::Other(other.to_owned()),
        },
        filters: rows(from, "email_filters").map(filter).collect(),
        parsers: rows(from, "email_parsers").map(parser).collect(),
        fallback: match text("email_parsing_fallback").as_str() {
            "open_new_incident" => Some(ParserFallback::OpenIncident),
            "discard" => Some(ParserFallback::Discard),
            _ => None,
        },
    }
}

fn rows<'a>(from: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    from[name].as_array().into_iter().flatten()
}

fn filter(from: &Value) -> MailFilter {
    let part = |name: &str| {
        let regex = map::text(from, &format!("{name}_regex"));
        match (map::text(from, &format!("{name}_mode")).as_deref(), regex) {
            (Some("always"), _) => FilterPart::Always,
            (Some("match"), Some(regex)) => FilterPart::Match(regex),
            (Some("no-match"), Some(regex)) => FilterPart::NoMatch(regex),
            (mode, _) => FilterPart::Other(mode.unwrap_or_default().to_owned()),
        }
    };
    MailFilter { subject: part("subject"), body: part("body"), from: part("from_email") }
}

fn parser(from: &Value) -> MailParser {
    MailParser {
        action: map::text(from, "action").unwrap_or_default(),
        when: predicate(&from["match_predicate"]),
        takes: rows(from, "value_extractors").filter_map(|value| map::text(value, "value_name")).collect(),
    }
}

/// JSON's own depth, which the parser bounds, bounds this one.
fn predicate(from: &Value) -> Predicate {
    let children = || rows(from, "children").map(predicate).collect();
    let part = match map::text(from, "part").as_deref() {
        Some("subject") => Some(MailPart::Subject),
        Some("body") => Some(MailPart::Body),
        Some("from_addresses") => Some(MailPart::From),
        _ => None,
    };
    match (map::text(from, "type").as_deref(), part, map::text(from, "matcher")) {
        (Some("all"), ..) => Predicate::All(children()),
        (Some("any"), ..) => Predicate::Any(children()),
        (Some("not"), ..) => Predicate::Not(children()),
        (Some("contains"), Some(part), Some(text)) => Predicate::Contains(part, text),
        (Some("exactly"), Some(part), Some(text)) => Predicate::Exactly(part, text),
        (Some("regex"), Some(part), Some(text)) => Predicate::Regex(part, text),
        _ => Predicate::Other,
    }
}

#[derive(Deserialize)]
pub(in crate::pagerduty) struct WireWindow {
    #[serde(deserialize_with = "wire::named")]
    id: String,
    #[serde(default)]
    summary: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    html_url: Option<String>,
    #[serde(default, deserialize_with = "wire::time")]
    start_time: Option<Micros>,
    #[serde(default, deserialize_with = "wire::time")]
    end_time: Option<Micros>,
    #[serde(default)]
    created_by: Option<wire::Reference>,
    #[serde(default, deserialize_with = "wire::list")]
    services: Vec<wire::Reference>,
}

impl WireWindow {
    pub fn says(&self, marker: &str) -> bool {
        self.description.as_deref().or(self.summary.as_deref()).is_some_and(|text| text.contains(marker))
    }
}

impl From<WireWindow> for MaintenanceWindow {
    fn from(from: WireWindow) -> Self {
        Self {
            window: named(from.id, [from.summary, from.description], from.html_url),
            starts_at: from.start_time,
            ends_at: from.end_time,
            created_by: from.created_by.and_then(map::reference),
            services: map::references(from.services),
        }
    }
}

#[derive(Deserialize)]
struct WireGrouping {
    #[serde(deserialize_with = "wire::named")]
    id: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(rename = "type", default)]
    kind: Option<String>,
    #[serde(default)]
    config: Value,
    #[serde(default, deserialize_with = "wire::list")]
    services: Vec<wire::Reference>,
    #[serde(default, deserialize_with = "wire::time")]
    updated_at: Option<Micros>,
}

impl From<WireGrouping> for AlertGrouping {
    fn from(from: WireGrouping) -> Self {
        let config = &from.config;
        let fields = ["fields", "iag_fields"].into_iter().flat_map(|name| rows(config, name));
        Self {
            grouping: named(from.id, [from.name, from.description], None),
            kind: from.kind.unwrap_or_default(),
            window_s: ["time_window", "timeout"].into_iter().find_map(|name| config[name].as_i64()),
            fields: fields.filter_map(Value::as_str).map(str::to_owned).collect(),
            services: map::references(from.services),
            updated_at: from.updated_at,
        }
    }
}

#[derive(Deserialize)]
struct WireOnCall {
    escalation_policy: wire::Reference,
    #[serde(default)]
    escalation_level: Option<i64>,
    user: wire::Reference,
    #[serde(default)]
    schedule: Option<wire::Reference>,
    #[serde(default, deserialize_with = "wire::time")]
    start: Option<Micros>,
    #[serde(default, deserialize_with = "wire::time")]
    end: Option<Micros>,
}

/// A row without a user is nobody.
fn on_call(row: &RawValue) -> Option<OnCall> {
    let from: WireOnCall = json::read(row.get().as_bytes()).ok()?;
    Some(OnCall {
        policy: map::reference(from.escalation_policy)?,
        level: from.escalation_level.unwrap_or(1),
        user: map::reference(from.user)?,
        schedule: from.schedule.and_then(map::reference),
        starts_at: from.start,
        ends_at: from.end,
    })
}
