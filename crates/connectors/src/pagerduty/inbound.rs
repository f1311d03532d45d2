//! A V3 webhook's bytes into events in our words. Pure, and never panics on hostile bytes. The signature has been
//! checked before anybody comes here.

use super::json::{self, Unreadable};
use super::{map, wire};
use model::Micros;
use model::event::Event;
use model::incident::{Actor, Change, Fact, FactBody, IncidentData, Note, Source};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What a webhook said.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    pub event_id: Option<String>,
    pub event_type: String,
    pub events: Vec<Event>,
}

/// Every type that we have words for; a subscription asks for these.
pub const EVENT_TYPES: &[&str] = &[
    "incident.triggered",
    "incident.acknowledged",
    "incident.unacknowledged",
    "incident.resolved",
    "incident.reopened",
    "incident.reassigned",
    "incident.escalated",
    "incident.delegated",
    "incident.priority_updated",
    "incident.service_updated",
    "incident.incident_type.changed",
    "incident.annotated",
    "incident.status_update_published",
    "incident.responder.added",
    "incident.responder.replied",
    "incident.conference_bridge.updated",
    "incident.custom_field_values.updated",
    "incident.role.assigned",
    "incident.task.created",
    "incident.task.updated",
    "incident.task.completed",
    "incident.action_invocation.created",
    "incident.action_invocation.updated",
    "incident.action_invocation.terminated",
    "incident.workflow.started",
    "incident.workflow.completed",
    "service.created",
    "service.updated",
    "service.deleted",
    "service.custom_field_values.updated",
];

/// Reads one delivery.
pub fn parse_webhook(raw: &[u8]) -> Result<Parsed, Unreadable> {
    let raw = json::without_nul(raw);
    let Head { event: head } = json::read::<Head>(&raw)?;
    let events = read_events(&raw, &head.event_type)?;
    Ok(Parsed { event_id: Some(head.id), event_type: head.event_type, events })
}

#[derive(Deserialize)]
struct Head {
    event: HeadEvent,
}

#[derive(Deserialize)]
struct HeadEvent {
    #[serde(deserialize_with = "wire::named")]
    id: String,
    event_type: String,
}

/// The document once more, now that we know what its data are. Reading it twice costs microseconds and keeps the exact
/// place of an error, which a detour over a generic value would lose.
#[derive(Deserialize)]
struct Envelope<T> {
    event: Told<T>,
}

#[derive(Deserialize)]
struct Told<T> {
    id: String,
    #[serde(deserialize_with = "wire::instant")]
    occurred_at: Micros,
    #[serde(default)]
    agent: Option<wire::Reference>,
    data: T,
}

fn read_events(raw: &[u8], event_type: &str) -> Result<Vec<Event>, Unreadable> {
    let (family, name) = event_type.split_once('.').unwrap_or((event_type, ""));
    // The last word of a type says what became of the thing.
    let verb = name.rsplit('.').next().unwrap_or_default();
    match (family, name) {
        ("incident", "annotated") => one(raw, annotated),
        ("incident", "status_update_published") => one(raw, status_update),
        ("incident", "responder.added") => one(raw, responder_added),
        ("incident", "responder.replied") => one(raw, responder_replied),
        ("incident", "conference_bridge.updated") => one(raw, bridge),
        ("incident", "custom_field_values.updated") => one(raw, fields),
        ("incident", "role.assigned") => roles(raw),
        ("incident", "task.created" | "task.updated" | "task.completed") => one(raw, |data| task(data, verb)),
        ("incident", "action_invocation.created" | "action_invocation.updated" | "action_invocation.terminated") => {
            one(raw, |data| invocation(data, verb))
        }
        ("incident", "workflow.started" | "workflow.completed") => one(raw, |data| workflow(data, verb)),
        ("service", "created" | "updated" | "deleted" | "custom_field_values.updated") => service(raw, event_type),
        ("pagey", "ping") => ping(raw),
        ("incident", name) if is_state_change(name) => one(raw, |data| state_change(data, name)),
        _ => Ok(unknown(raw, event_type)),
    }
}

/// One fact from one delivery: `tell` gives the incident's id, the change, and the incident where the delivery has it.
fn one<T: DeserializeOwned>(raw: &[u8], tell: impl FnOnce(T) -> Said) -> Result<Vec<Event>, Unreadable> {
    let Envelope { event } = json::read::<Envelope<T>>(raw)?;
    let actor = event.agent.and_then(map::actor);
    Ok(vec![event_of(tell(event.data), event.id, event.occurred_at, actor)])
}

struct Said {
    incident: String,
    what: Change,
    data: Option<Box<IncidentData>>,
}

fn about(incident: wire::IncidentId, what: Change) -> Said {
    Said { incident: incident.id, what, data: None }
}

fn event_of(said: Said, source_id: String, at: Micros, actor: Option<Actor>) -> Event {
    let body = FactBody::Changed { what: said.what, incident: said.data };
    Event::Incident(Box::new(Fact { incident: said.incident, source: Source::Webhook, source_id, at, actor, body }))
}

fn is_state_change(name: &str) -> bool {
    matches!(
        name,
        "triggered"
            | "acknowledged"
            | "unacknowledged"
            | "resolved"
            | "reopened"
            | "reassigned"
            | "escalated"
            | "delegated"
            | "priority_updated"
            | "service_updated"
            | "incident_type.changed"
    )
}

fn state_change(from: wire::Incident, name: &str) -> Said {
    let data = map::incident(from);
    let merged = data.resolve_reason.as_ref().filter(|reason| reason.kind == "merge_resolve_reason");
    let what = match name {
        "triggered" => Change::Triggered { channel: None, summary: None },
        "acknowledged" => Change::Acknowledged,
        "unacknowledged" => Change::Unacknowledged,
        "resolved" => match merged {
            Some(reason) => Change::Merged { into: reason.into.clone() },
            None => Change::Resolved { resolution: None },
        },
        "reopened" => Change::Reopened,
        "reassigned" => Change::Reassigned { to: data.assignees.clone() },
        "escalated" => Change::Escalated { to: data.assignees.clone() },
        "delegated" => Change::Delegated { to: data.escalation_policy.clone() },
        "priority_updated" => Change::PriorityChanged { to: data.priority.clone() },
        "service_updated" => Change::ServiceChanged { to: data.service.clone() },
        _ => Change::TypeChanged { to: data.incident_type.clone() },
    };
    Said { incident: data.id.clone(), what, data: Some(Box::new(data)) }
}

#[derive(Deserialize)]
struct NoteData {
    incident: wire::IncidentId,
    #[serde(deserialize_with = "wire::named")]
    id: String,
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    trimmed: Option<bool>,
}

fn annotated(data: NoteData) -> Said {
    let trimmed = data.trimmed.unwrap_or_default();
    let note = Note { id: data.id, content: data.content.unwrap_or_default(), trimmed };
    about(data.incident, Change::Annotated(note))
}

#[derive(Deserialize)]
struct StatusUpdateData {
    incident: wire::IncidentId,
    #[serde(default)]
    message: Option<String>,
}

fn status_update(data: StatusUpdateData) -> Said {
    about(data.incident, Change::StatusUpdate { message: data.message.unwrap_or_default() })
}

#[derive(Deserialize)]
struct ResponderData {
    incident: wire::IncidentId,
    #[serde(default)]
    user: Option<wire::Reference>,
    #[serde(default)]
    escalation_policy: Option<wire::Reference>,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    state: Option<String>,
}

fn responder_added(data: ResponderData) -> Said {
    let who = data.user.or(data.escalation_policy).and_then(map::reference);
    about(data.incident, Change::ResponderAsked { who, message: data.message.filter(|m| !m.is_empty()) })
}

fn responder_replied(data: ResponderData) -> Said {
    let who = data.user.or(data.escalation_policy).and_then(map::reference);
    about(data.incident, Change::ResponderReplied { who, state: data.state.unwrap_or_default() })
}

#[derive(Deserialize)]
struct BridgeData {
    incident: wire::IncidentId,
    #[serde(default)]
    conference_url: Option<String>,
    #[serde(default, deserialize_with = "wire::list")]
    conference_numbers: Vec<wire::BridgeNumber>,
}

fn bridge(data: BridgeData) -> Said {
    let BridgeData { incident, conference_url, conference_numbers } = data;
    let url = map::bridge(wire::Bridge { conference_url, conference_numbers, conference_number: None });
    about(incident, Change::BridgeChanged { url })
}

#[derive(Deserialize)]
struct FieldsData {
    incident: wire::IncidentId,
    #[serde(default, deserialize_with = "wire::list")]
    custom_fields: Vec<Field>,
    #[serde(default, deserialize_with = "wire::list")]
    changed_custom_fields: Vec<Field>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Field {
    name: Option<String>,
    value: Value,
}

/// The list of changed fields has their former values, so it only says which of the current ones to tell.
fn fields(data: FieldsData) -> Said {
    let changed: Vec<String> = data.changed_custom_fields.into_iter().filter_map(|f| f.name).collect();
    let fields = data
        .custom_fields
        .into_iter()
        .filter_map(|field| Some((field.name?, map::shown(&field.value))))
        .filter(|(name, _)| changed.is_empty() || changed.contains(name))
        .collect();
    about(data.incident, Change::FieldsChanged { fields })
}

#[derive(Deserialize)]
struct RolesData {
    incident_role_assignments: Vec<RoleData>,
}

#[derive(Deserialize)]
struct RoleData {
    incident: wire::IncidentId,
    #[serde(default)]
    assignee: Option<wire::Reference>,
    #[serde(default)]
    role: Option<wire::Reference>,
}

/// One delivery may hold several assignments, and a fact's identity must be its own: the second and later ones carry
/// their place in the list.
fn roles(raw: &[u8]) -> Result<Vec<Event>, Unreadable> {
    let Envelope { event } = json::read::<Envelope<RolesData>>(raw)?;
    let actor = event.agent.and_then(map::actor);
    let told = event.data.incident_role_assignments.into_iter().enumerate().map(|(place, data)| {
        let source_id = if place == 0 { event.id.clone() } else { format!("{}#{place}", event.id) };
        let role = data.role.and_then(map::reference).map(|role| role.name);
        let what = Change::RoleAssigned { role, who: data.assignee.and_then(map::reference) };
        event_of(about(data.incident, what), source_id, event.occurred_at, actor.clone())
    });
    Ok(told.collect())
}

#[derive(Deserialize)]
struct TaskData {
    incident: wire::IncidentId,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    summary: Option<String>,
    #[serde(default)]
    status: Option<String>,
}

fn task(data: TaskData, verb: &str) -> Said {
    let name = data.name.or(data.summary).unwrap_or_default();
    about(data.incident, Change::Task { name, state: data.status.unwrap_or_else(|| verb.to_owned()) })
}

#[derive(Deserialize)]
struct InvocationData {
    incident: wire::IncidentId,
    #[serde(default)]
    action: Option<wire::Reference>,
    #[serde(default)]
    state: Option<String>,
}

fn invocation(data: InvocationData, verb: &str) -> Said {
    let action = data.action.and_then(map::reference);
    about(data.incident, Change::ActionRun { action, state: data.state.unwrap_or_else(|| verb.to_owned()) })
}

#[derive(Deserialize)]
struct WorkflowData {
    incident: wire::IncidentId,
    #[serde(default)]
    summary: Option<String>,
    #[serde(default)]
    incident_workflow: Option<wire::Reference>,
}

fn workflow(data: WorkflowData, verb: &str) -> Said {
    let named = data.incident_workflow.and_then(map::reference).map(|workflow| workflow.name);
    about(data.incident, Change::Workflow { name: named.or(data.summary).unwrap_or_default(), state: verb.to_owned() })
}

/// The custom fields of a service come with the service beside them, everything else is the service itself.
#[derive(Deserialize)]
struct ServiceData {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    service: Option<wire::Reference>,
}

fn service(raw: &[u8], event_type: &str) -> Result<Vec<Event>, Unreadable> {
    let Envelope { event } = json::read::<Envelope<ServiceData>>(raw)?;
    let named = event.data.service.and_then(|service| service.id).or(event.data.id);
    match named.filter(|id| !id.is_empty()) {
        Some(service_id) => Ok(vec![Event::Service { service_id, what: event_type.to_owned() }]),
        None => Err(Unreadable { place: "event.data.id".to_owned(), why: "the service is not named".to_owned() }),
    }
}

#[derive(Deserialize)]
struct PingData {
    #[serde(default)]
    message: Option<String>,
}

fn ping(raw: &[u8]) -> Result<Vec<Event>, Unreadable> {
    let Envelope { event } = json::read::<Envelope<PingData>>(raw)?;
    Ok(vec![Event::Ping { message: event.data.message.unwrap_or_default() }])
}

#[derive(Deserialize)]
struct UnknownData {
    #[serde(default)]
    summary: Option<String>,
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    incident: Option<wire::Reference>,
}

/// A type we have no words for is counted as such; where it names an incident it is told on that incident's timeline
/// too, and makes us read the incident afresh. It is never an error, whatever it looks like.
fn unknown(raw: &[u8], event_type: &str) -> Vec<Event> {
    let mut events = vec![Event::Unknown { event_type: event_type.to_owned() }];
    let Ok(Envelope { event }) = json::read::<Envelope<UnknownData>>(raw) else { return events };
    let UnknownData { summary, kind, id, incident } = event.data;
    let itself = id.filter(|_| kind.as_deref() == Some("incident"));
    if let Some(incident) = incident.and_then(|i| i.id).or(itself).filter(|id| !id.is_empty()) {
        let what = Change::Other { name: event_type.to_owned(), summary };
        let actor = event.agent.and_then(map::actor);
        events.push(event_of(Said { incident, what, data: None }, event.id, event.occurred_at, actor));
    }
    events
}
