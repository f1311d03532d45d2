//! `incidents/{id}`: one incident whole, its timeline and its alerts. By PagerDuty's id or the incident's number.

use super::params::Params;
use super::{incidents::shown, instant, named, page};
use crate::auth::Reader;
use crate::problem::Fault;
use crate::state::Desk;
use crate::view::Frame;
use crate::{Language, text};
use axum::Json;
use axum::extract::{Path, State};
use jiff::tz::TimeZone;
use model::Micros;
use model::incident::{Actor, Alert, Change, Entry, Ref, timeline};
use serde_json::{Map, Value, json};
use store::incidents::{self, Title, Whole};
use store::{StoreError, Tx, actions};

struct Found {
    whole: Whole,
    /// What its duties would have done: (instant, duty, why).
    observed: Vec<(Micros, String, String)>,
    merged_from: Vec<Title>,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Value>, Fault> {
    let Found { whole, observed, merged_from } = find(&desk, &reader, id, &params).await?;
    let mut body = shown(&whole.item);
    let Value::Object(fields) = &mut body else { return Ok(Json(body)) };
    fields.append(&mut more(&whole));
    fields.insert("timeline".into(), Value::Array(entries(&desk, &reader, &whole)));
    let observed = observed.into_iter().map(|(at, duty, why)| json!({ "at": at.rfc3339(), "duty": duty, "why": why }));
    fields.insert("observed".into(), observed.collect());
    let merged = merged_from.iter().map(|t| json!({ "id": t.id, "number": t.number, "title": t.title }));
    fields.insert("merged_from".into(), merged.collect());
    let into = whole.incident.data.resolve_reason.as_ref().and_then(|reason| reason.into.as_ref());
    fields.insert("merged_into".into(), into.map_or(Value::Null, |into| json!({ "id": into.id, "name": into.name })));
    Ok(Json(body))
}

pub(super) async fn timeline_of(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Value>, Fault> {
    let Found { whole, .. } = find(&desk, &reader, id, &params).await?;
    Ok(Json(page(entries(&desk, &reader, &whole), None)))
}

pub(super) async fn alerts_of(
    State(desk): State<Desk>,
    reader: Reader,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Value>, Fault> {
    let Found { whole, .. } = find(&desk, &reader, id, &params).await?;
    Ok(Json(page(whole.incident.alerts.iter().map(alert).collect(), None)))
}

async fn find(desk: &Desk, reader: &Reader, id: String, params: &Params) -> Result<Found, Fault> {
    params.only(&[])?;
    let scope = reader.person.scope.clone();
    let load = async move |tx: &mut Tx| -> Result<Option<Found>, StoreError> {
        let Some(whole) = incidents::find(tx, &scope, &id).await? else { return Ok(None) };
        let observed = actions::observed(tx, &whole.item.id).await?;
        let merged_from = incidents::list_merged_from(tx, &scope, &whole.item.id).await?;
        Ok(Some(Found { whole, observed, merged_from }))
    };
    desk.store.read(move |tx| Box::pin(async move { load(tx).await })).await?.ok_or(Fault::NotFound)
}

fn more(whole: &Whole) -> Map<String, Value> {
    let (incident, data) = (&whole.incident, &whole.incident.data);
    let notes = incident.notes.iter().map(|n| {
        json!({ "id": n.note.id, "at": n.at.rfc3339(), "by": n.by.as_ref().map(named), "content": n.note.content,
            "trimmed": n.note.trimmed })
    });
    let acknowledgements =
        incident.acknowledgements.iter().map(|a| json!({ "at": a.at.rfc3339(), "by": named(&a.by) }));
    let counts =
        data.alert_counts.map(|(all, open, ended)| json!({ "all": all, "triggered": open, "resolved": ended }));
    let fields = json!({
        "teams": data.teams.iter().map(named).collect::<Vec<_>>(),
        "escalation_policy": data.escalation_policy.as_ref().map(named),
        "incident_key": data.incident_key,
        "incident_type": data.incident_type,
        "conference_bridge": data.conference_bridge,
        "resolve_reason": data.resolve_reason.as_ref().map(|r| json!({ "kind": r.kind, "into": r.into.as_ref().map(named) })),
        "alert_counts": counts,
        "snapshot_at": instant(incident.snapshot_at),
        "alerts": incident.alerts.iter().map(alert).collect::<Vec<_>>(),
        "notes": notes.collect::<Vec<_>>(),
        "acknowledgements": acknowledgements.collect::<Vec<_>>(),
    });
    match fields {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn alert(alert: &Alert) -> Value {
    json!({
        "id": alert.id,
        "key": alert.key,
        "title": alert.title,
        "status": alert.status,
        "severity": alert.severity,
        "suppressed": alert.suppressed,
        "created_at": instant(alert.created_at),
        "html_url": alert.html_url,
        "integration": alert.integration.as_ref().map(named),
        "body": alert.body,
        "links": alert.links.iter().map(|(kind, href, text)| json!({ "kind": kind, "href": href, "text": text }))
            .collect::<Vec<_>>(),
    })
}

fn entries(desk: &Desk, reader: &Reader, whole: &Whole) -> Vec<Value> {
    let frame = |language| {
        let bare = reader.bare_frame(&desk.settings, desk.store.clock().now());
        Frame { language, zone: TimeZone::UTC, ..bare }
    };
    let (ja, en) = (frame(Language::Ja), frame(Language::En));
    timeline(&whole.facts, Some(&whole.incident)).iter().map(|e| entry(&ja, &en, e)).collect()
}

fn entry(ja: &Frame, en: &Frame, entry: &Entry) -> Value {
    let (kind, what) = kind(&entry.what);
    let told = entry.told_by.iter().map(|o| json!({ "source": o.source.as_str(), "source_id": o.source_id }));
    let actor = entry.actor.as_ref();
    json!({
        "at": entry.at.rfc3339(),
        "kind": kind,
        "what": what,
        "actor": actor.map(who),
        "text": {
            "ja": text::happened(ja, actor, &entry.what, entry.again),
            "en": text::happened(en, actor, &entry.what, entry.again),
        },
        "quote": text::quote(&entry.what),
        "told_by": told.collect::<Vec<_>>(),
    })
}

fn who(actor: &Actor) -> Value {
    let Ref { id, name, .. } = &actor.who;
    json!({ "kind": actor.kind, "id": id, "name": name })
}

/// The name of a change and what it carries, in the model's own words; times as text.
fn kind(change: &Change) -> (String, Value) {
    let (kind, mut what) = match serde_json::to_value(change) {
        Ok(Value::String(name)) => (name, json!({})),
        Ok(Value::Object(map)) => map.into_iter().next().unwrap_or_default(),
        _ => (String::new(), Value::Null),
    };
    if let Change::Snoozed { until } = change {
        what["until"] = instant(*until);
    }
    (kind, what)
}
