//! From PagerDuty's words to ours. Pure; never fails: what can't be missing was already asked for when reading.

use super::wire;
use model::Micros;
use model::incident::{Acknowledgement, Actor, ActorKind, Alert, Change, IncidentData, Ref, ResolveReason, Urgency};
use model::incident::{Note, Status};
use serde_json::Value;

pub fn reference(from: wire::Reference) -> Option<Ref> {
    let id = from.id.filter(|id| !id.is_empty())?;
    let name = from.summary.or(from.name).filter(|name| !name.is_empty()).unwrap_or_else(|| id.clone());
    Some(Ref { id, name, url: web_url(from.html_url) })
}

pub fn references(from: Vec<wire::Reference>) -> Vec<Ref> {
    from.into_iter().filter_map(reference).collect()
}

pub fn actor(from: wire::Reference) -> Option<Actor> {
    let kind = match from.kind.as_deref().unwrap_or_default() {
        "user" | "user_reference" => ActorKind::User,
        "service" | "service_reference" => ActorKind::Service,
        kind if kind.contains("integration") => ActorKind::Integration,
        _ => ActorKind::Other,
    };
    Some(Actor { kind, who: reference(from)? })
}

/// Pages make links of these, and a monitor may write any text where a link belongs.
pub fn web_url(text: Option<String>) -> Option<String> {
    text.filter(|url| url.starts_with("https://") || url.starts_with("http://"))
}

pub fn incident(from: wire::Incident) -> IncidentData {
    let assigned = from.assignments.into_iter().filter_map(|a| a.assignee);
    let assignees = from.assignees.into_iter().chain(assigned).filter_map(reference).collect();
    IncidentData {
        title: from.title.or(from.summary).unwrap_or_default(),
        // One that says nothing of its urgency had better be urgent.
        urgency: from.urgency.as_deref().and_then(Urgency::parse).unwrap_or(Urgency::High),
        id: from.id,
        number: from.number,
        status: from.status,
        html_url: web_url(from.html_url),
        incident_key: from.incident_key,
        incident_type: from.incident_type.and_then(|t| t.name.or(t.summary).or(t.id)),
        created_at: from.created_at,
        updated_at: from.updated_at,
        resolved_at: from.resolved_at.filter(|_| from.status == Status::Resolved),
        service: from.service.and_then(reference),
        teams: references(from.teams),
        assignees,
        escalation_policy: from.escalation_policy.and_then(reference),
        priority: from.priority.and_then(reference),
        acknowledgements: from.acknowledgements.map(acknowledgements),
        resolve_reason: from.resolve_reason.and_then(resolve_reason),
        alert_counts: from.alert_counts.map(|c| (c.all, c.triggered, c.resolved)),
        conference_bridge: from.conference_bridge.and_then(bridge),
    }
}

fn acknowledgements(from: Vec<wire::Acknowledgement>) -> Vec<Acknowledgement> {
    from.into_iter()
        .filter_map(|ack| Some(Acknowledgement { at: ack.at?, by: ack.acknowledger.and_then(reference)? }))
        .collect()
}

fn resolve_reason(from: wire::ResolveReason) -> Option<ResolveReason> {
    Some(ResolveReason { kind: from.kind?, into: from.incident.and_then(reference) })
}

/// The address of a bridge, or else its first number.
pub fn bridge(from: wire::Bridge) -> Option<String> {
    let numbers = from.conference_numbers.into_iter().filter_map(|n| n.number);
    web_url(from.conference_url).into_iter().chain(from.conference_number).chain(numbers).find(|text| !text.is_empty())
}

pub fn note(from: wire::Note) -> Note {
    Note { id: from.id, content: from.content.unwrap_or_default(), trimmed: false }
}

pub fn alert(from: wire::Alert) -> Alert {
    Alert {
        title: from.summary.unwrap_or_default(),
        status: from.status.unwrap_or_else(|| "triggered".to_owned()),
        id: from.id,
        key: from.alert_key,
        severity: from.severity,
        suppressed: from.suppressed.unwrap_or_default(),
        created_at: from.created_at,
        html_url: web_url(from.html_url),
        integration: from.integration.and_then(reference),
        links: links(&from.body),
        body: details(from.body),
    }
}

/// What the monitor itself said: its details, else PagerDuty's normalised form of them.
fn details(mut body: Value) -> Value {
    ["details", "cef_details"]
        .into_iter()
        .map(|name| body.get_mut(name).map(Value::take).unwrap_or_default())
        .find(|value| !value.is_null())
        .unwrap_or_default()
}

fn links(body: &Value) -> Vec<(String, String, Option<String>)> {
    let contexts = body.get("contexts").and_then(Value::as_array).into_iter().flatten();
    contexts
        .filter_map(|context| {
            let href = text(context, "href").or_else(|| text(context, "src"));
            Some((text(context, "type")?, web_url(href)?, text(context, "text")))
        })
        .collect()
}

/// A field's text, if it is one and not empty.
pub fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// What a log entry tells. Kinds that PagerDuty does not document but sends are among them; the rest stays `Other`.
pub fn log_entry(entry: &mut wire::LogEntry) -> Change {
    let kind = entry.kind.trim_end_matches("_reference").trim_end_matches("_log_entry");
    let channel = &entry.channel;
    let summary = entry.summary.clone();
    match kind {
        "trigger" => Change::Triggered { channel: text(channel, "type"), summary: trigger_summary(entry) },
        "acknowledge" => Change::Acknowledged,
        "unacknowledge" => Change::Unacknowledged,
        "resolve" => Change::Resolved { resolution: entry.note.take().or_else(|| text(channel, "note")) },
        "reopen" => Change::Reopened,
        "annotate" => Change::Annotated(annotation(entry)),
        "assign" => Change::Reassigned { to: references(std::mem::take(&mut entry.assignees)) },
        "escalate" => Change::Escalated { to: references(std::mem::take(&mut entry.assignees)) },
        // What is delegated to is a policy; the assignees are whom that policy pages, a change of their own.
        "delegate" => Change::Delegated { to: named(channel, "escalation_policy") },
        "priority_change" => Change::PriorityChanged { to: named(channel, "new_priority") },
        "urgency_change" => Change::UrgencyChanged,
        "snooze" => Change::Snoozed { until: snoozed_until(&entry.changed_actions) },
        "merge" => Change::Merged { into: None },
        "notify" => Change::Notified { user: entry.user.take().and_then(reference), channel: notified_by(channel) },
        "responder_request" => Change::ResponderAsked { who: None, message: summary },
        "responder_accept" => Change::ResponderReplied { who: agent(entry), state: "accepted".to_owned() },
        "responder_decline" => Change::ResponderReplied { who: agent(entry), state: "declined".to_owned() },
        "status_update" => Change::StatusUpdate { message: text(channel, "message").or(summary).unwrap_or_default() },
        "custom_field_value_change" => Change::FieldsChanged { fields: changed_fields(channel) },
        kind => Change::Other { name: kind.to_owned(), summary },
    }
}

fn trigger_summary(entry: &wire::LogEntry) -> Option<String> {
    ["summary", "subject"]
        .into_iter()
        .find_map(|name| text(&entry.channel, name))
        .or_else(|| text(&entry.event_details, "description"))
        .or_else(|| entry.summary.clone())
}

/// The entry has an id of its own, which is not the note's.
fn annotation(entry: &mut wire::LogEntry) -> Note {
    let said =
        entry.note.take().or_else(|| text(&entry.channel, "content")).or_else(|| text(&entry.channel, "summary"));
    // Without the words themselves the entry only says that there is a note.
    let trimmed = said.is_none();
    Note { id: entry.id.clone(), content: said.or_else(|| entry.summary.clone()).unwrap_or_default(), trimmed }
}

fn agent(entry: &wire::LogEntry) -> Option<Ref> {
    let from = entry.agent.as_ref()?;
    reference(wire::Reference {
        id: from.id.clone(),
        kind: None,
        summary: from.summary.clone(),
        name: from.name.clone(),
        html_url: from.html_url.clone(),
    })
}

fn named(value: &Value, name: &str) -> Option<Ref> {
    let field = value.get(name)?;
    let id = text(field, "id")?;
    let name = text(field, "summary").or_else(|| text(field, "name")).unwrap_or_else(|| id.clone());
    Some(Ref { id, name, url: web_url(text(field, "html_url")) })
}

fn snoozed_until(actions: &Value) -> Option<Micros> {
    let actions = actions.as_array()?;
    let wakes = actions.iter().find(|a| text(a, "type").as_deref() == Some("unacknowledge"))?;
    text(wakes, "at").as_deref().and_then(Micros::parse)
}

fn notified_by(channel: &Value) -> Option<String> {
    channel.get("notification").and_then(|n| text(n, "type")).or_else(|| text(channel, "type"))
}

/// The document calls the list "customer" fields; "custom" is read too, should that be a slip.
fn changed_fields(channel: &Value) -> Vec<(String, String)> {
    let Some(changes) = channel.get("changeset") else { return Vec::new() };
    let rows = ["customer_fields", "custom_fields"].into_iter().filter_map(|name| changes.get(name)?.as_array());
    rows.flatten().filter_map(|row| Some((text(row, "name")?, shown(row.get("value")?)))).collect()
}

/// A value as a reader wants it: text bare, nothing as nothing, the rest as JSON.
pub fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
