//! What a row of each kind says. Times are RFC 3339 in UTC; lists of people stand in one CSV column, by "; ".

use super::What;
use super::sink::Sink;
use super::table::Record;
use model::incident::{Alert, Incident, IncidentNote, Ref};
use model::{Micros, Scope};
use serde_json::{Value, json};
use store::audit::{self, Entry, Filter};
use store::incidents::{self, Kept};
use store::mails::{self, Whole};
use store::{StoreError, Tx};

const PAGE: i64 = 200;

/// How far the writing is: after this incident or mail, or before this row of the audit.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    Begin,
    At(i64),
    End,
}

const INCIDENTS: &[&str] = &[
    "id",
    "number",
    "title",
    "status",
    "urgency",
    "service_id",
    "service",
    "priority",
    "customer",
    "created_at",
    "acknowledged_at",
    "resolved_at",
    "changed_at",
    "read_at",
    "stale",
    "assignees",
    "taken_by",
    "teams",
    "escalation_policy",
    "incident_key",
    "merged_into",
    "notes_count",
    "alerts_count",
    "html_url",
];
const ALERTS: &[&str] = &[
    "incident_id",
    "id",
    "key",
    "title",
    "status",
    "severity",
    "suppressed",
    "created_at",
    "integration",
    "html_url",
    "details",
];
const MAILS: &[&str] = &[
    "id",
    "received_at",
    "ledger_state",
    "reason",
    "monitor",
    "host",
    "check",
    "state",
    "severity",
    "subject",
    "sender",
    "trust",
    "customer",
    "service",
    "key",
    "incident_id",
    "score",
    "occurred_at",
    "judged_at",
    "door",
    "message_id",
];
const AUDIT: &[&str] = &["id", "at", "actor", "action", "subject", "detail"];

pub const fn columns(what: What) -> &'static [&'static str] {
    match what {
        What::Incidents => INCIDENTS,
        What::Alerts => ALERTS,
        What::Mails => MAILS,
        What::Audit => AUDIT,
        What::Runs => &[],
    }
}

/// Writes the next page; what the writing itself met stands apart from what the store met.
pub async fn page(
    tx: &mut Tx,
    what: What,
    place: Place,
    sink: &mut Sink,
) -> Result<std::io::Result<Place>, StoreError> {
    match what {
        What::Incidents | What::Alerts => {
            let after = if let Place::At(slot) = place { Some(slot) } else { None };
            let page = incidents::list_every(tx, &Scope::All, after, PAGE).await?;
            Ok(of_incidents(what, &page, sink))
        }
        What::Audit => {
            let before = if let Place::At(id) = place { Some(id) } else { None };
            let filter = Filter { before, ..Filter::default() };
            let page = audit::list(tx, &Scope::All, &filter, PAGE).await?;
            Ok(of_audit(&page, sink))
        }
        What::Mails => {
            let after = if let Place::At(id) = place { Some(id) } else { None };
            let page = mails::list_every(tx, &Scope::All, after, PAGE).await?;
            Ok(of_mails(&page, sink))
        }
        What::Runs => Ok(Ok(Place::End)),
    }
}

fn of_incidents(what: What, page: &[Kept], sink: &mut Sink) -> std::io::Result<Place> {
    for kept in page {
        if what == What::Incidents {
            sink.row(&incident(kept))?;
            continue;
        }
        for one in &kept.incident.alerts {
            sink.row(&alert(&kept.item.id, one))?;
        }
    }
    Ok(page.last().map_or(Place::End, |kept| Place::At(kept.slot)))
}

fn of_mails(page: &[Whole], sink: &mut Sink) -> std::io::Result<Place> {
    for whole in page {
        sink.row(&mail(whole))?;
    }
    Ok(page.last().map_or(Place::End, |whole| Place::At(whole.item.id)))
}

fn of_audit(page: &[Entry], sink: &mut Sink) -> std::io::Result<Place> {
    for entry in page {
        sink.row(&trail(entry))?;
    }
    Ok(page.last().map_or(Place::End, |entry| Place::At(entry.id)))
}

fn time(at: Option<Micros>) -> Option<String> {
    at.map(Micros::rfc3339)
}

fn named(thing: &Ref) -> Value {
    json!({ "id": thing.id, "name": thing.name })
}

/// Names for CSV, ids and names for JSON.
fn people(people: &[Ref]) -> (String, Value) {
    let names: Vec<&str> = people.iter().map(|one| one.name.as_str()).collect();
    (names.join("; "), people.iter().map(named).collect())
}

fn incident(kept: &Kept) -> Record {
    let (item, data) = (&kept.item, &kept.incident.data);
    let service = item.service.as_ref();
    let (assignees, holders, teams) = (people(&item.assignees), people(&item.holders), people(&data.teams));
    let policy = data.escalation_policy.as_ref();
    Record::default()
        .put("id", item.id.as_str())
        .put("number", item.number)
        .put("title", item.title.as_str())
        .put("status", item.status.as_str())
        .put("urgency", item.urgency.as_str())
        .csv_only(service.map(|s| s.id.as_str()).unwrap_or_default())
        .put_both("service", service.map(|s| s.name.as_str()).unwrap_or_default(), service.map(named))
        .put("priority", item.priority.as_deref())
        .put("customer", item.customer.as_deref())
        .put("created_at", item.created_at.rfc3339())
        .put("acknowledged_at", time(item.acknowledged_at))
        .put("resolved_at", time(item.resolved_at))
        .put("changed_at", item.changed_at.rfc3339())
        .put("read_at", time(item.read_at))
        .put("stale", item.stale)
        .put_both("assignees", assignees.0, assignees.1)
        .put_both("taken_by", holders.0, holders.1)
        .put_both("teams", teams.0, teams.1)
        .put_both("escalation_policy", policy.map(|p| p.name.as_str()).unwrap_or_default(), policy.map(named))
        .put("incident_key", data.incident_key.as_deref())
        .put("merged_into", kept.merged_into.as_deref())
        .put("notes_count", kept.incident.notes.len())
        .put("alerts_count", alerts_count(&kept.incident))
        .put("html_url", item.html_url.as_deref())
        .json_only("notes", kept.incident.notes.iter().map(note).collect::<Value>())
}

/// As PagerDuty counts them, where it did; what we hold otherwise.
fn alerts_count(incident: &Incident) -> i64 {
    let held = i64::try_from(incident.alerts.len()).unwrap_or(i64::MAX);
    incident.data.alert_counts.map_or(held, |(all, _, _)| all.max(held))
}

fn note(note: &IncidentNote) -> Value {
    json!({ "id": note.note.id, "at": note.at.rfc3339(), "by": note.by.as_ref().map(named), "content": note.note.content })
}

fn alert(incident: &str, alert: &Alert) -> Record {
    let details = if alert.body.is_null() { String::new() } else { alert.body.to_string() };
    let integration = alert.integration.as_ref();
    Record::default()
        .put("incident_id", incident)
        .put("id", alert.id.as_str())
        .put("key", alert.key.as_deref())
        .put("title", alert.title.as_str())
        .put("status", alert.status.as_str())
        .put("severity", alert.severity.as_deref())
        .put("suppressed", alert.suppressed)
        .put("created_at", time(alert.created_at))
        .put_both("integration", integration.map(|i| i.name.as_str()).unwrap_or_default(), integration.map(named))
        .put("html_url", alert.html_url.as_deref())
        .put_both("details", details, alert.body.clone())
}

fn mail(whole: &Whole) -> Record {
    let item = &whole.item;
    let reason = serde_json::to_value(&item.reason).unwrap_or_default();
    let code = reason.get("is").and_then(Value::as_str).unwrap_or_default().to_owned();
    Record::default()
        .put("id", item.id)
        .put("received_at", item.received_at.rfc3339())
        .put("ledger_state", item.ledger.as_str())
        .put_both("reason", code, reason)
        .put("monitor", item.monitor.as_str())
        .put("host", item.host.as_deref())
        .put("check", item.check.as_deref())
        .put("state", item.state.as_str())
        .put("severity", item.severity.as_deref())
        .put("subject", item.subject.as_str())
        .put("sender", item.sender.as_str())
        .put("trust", item.trust.as_str())
        .put("customer", item.customer.as_deref())
        .put("service", item.service.as_deref())
        .put("key", item.key.as_str())
        .put("incident_id", item.incident.as_deref())
        .put("score", item.score)
        .put("occurred_at", time(item.occurred_at))
        .put("judged_at", time(item.judged_at))
        .put("door", item.door.as_str())
        .put("message_id", item.message_id.as_deref())
        .json_only("reading", whole.reading::<Value>())
}

fn trail(entry: &Entry) -> Record {
    let detail = serde_json::from_str(&entry.detail).unwrap_or_else(|_| Value::from(entry.detail.as_str()));
    Record::default()
        .put("id", entry.id)
        .put("at", entry.at.rfc3339())
        .put("actor", entry.actor.as_str())
        .put("action", entry.action.as_str())
        .put("subject", entry.subject.as_str())
        .put_both("detail", entry.detail.as_str(), detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_as_many_columns_as_its_header() {
        let alert_of = |body| Alert {
            id: "A1".into(),
            key: None,
            title: "t".into(),
            status: "triggered".into(),
            severity: None,
            suppressed: false,
            created_at: Some(Micros::from_seconds(0)),
            html_url: None,
            integration: None,
            body,
            links: Vec::new(),
        };
        assert_eq!(alert("Q1", &alert_of(Value::Null)).columns(), ALERTS.len());
        assert!(alert("Q1", &alert_of(json!({ "a": 1 }))).csv_line().ends_with(",\"{\"\"a\"\":1}\"\r\n"));
        let at = Micros::from_seconds(0);
        let (actor, action, subject) = ("system".into(), "a.b".into(), "x".into());
        let entry = Entry { id: 1, at, actor, action, subject, detail: "{}".into() };
        assert_eq!(trail(&entry).columns(), AUDIT.len());
        assert_eq!(trail(&entry).csv_line(), "1,1970-01-01T00:00:00Z,system,a.b,x,{}\r\n");
    }
}
