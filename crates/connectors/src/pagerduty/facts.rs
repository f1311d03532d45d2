//! Facts out of what the API answered. Pure: the engine keeps the raw document in its inbox and reads it back through
//! here, so the same bytes give the same facts whenever they are read.

use super::json::{self, Unreadable};
use super::{map, wire};
use model::Micros;
use model::incident::{Change, Fact, FactBody, IncidentData, Source};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

/// One incident with all that the API has on it, each part in the bytes that PagerDuty sent (U+0000 replaced).
#[derive(Debug, Serialize)]
pub struct Document {
    pub incident: Box<RawValue>,
    pub log_entries: Vec<Box<RawValue>>,
    pub alerts: Vec<Box<RawValue>>,
    pub notes: Vec<Box<RawValue>>,
    /// More log entries or alerts exist than PagerDuty lets anybody page to.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
}

/// The alerts of one incident alone.
#[derive(Debug, Serialize, Deserialize)]
pub struct AlertsDocument {
    pub incident_id: String,
    pub alerts: Vec<Box<RawValue>>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
}

#[derive(Deserialize)]
struct Whole {
    incident: wire::Incident,
    #[serde(default, deserialize_with = "wire::list")]
    log_entries: Vec<Box<RawValue>>,
    #[serde(default, deserialize_with = "wire::list")]
    alerts: Vec<Box<RawValue>>,
    #[serde(default, deserialize_with = "wire::list")]
    notes: Vec<Box<RawValue>>,
    #[serde(default)]
    truncated: bool,
}

/// All facts of a document that `Client::incident_whole` made. A row that nobody can read spoils no other one: it is a line
/// of the timeline that says so, and its bytes stay in the document.
pub fn facts_from_whole(raw: &[u8], taken_at: Micros) -> Result<Vec<Fact>, Unreadable> {
    let whole: Whole = json::read(&json::without_nul(raw))?;
    let incident = map::incident(whole.incident);
    let (id, at) = (incident.id.clone(), incident.updated_at.unwrap_or(taken_at));
    let odd = |part, row: &RawValue, why: &Unreadable| unreadable_row(&id, part, row, why, at);
    let entries = each(&whole.log_entries, |entry| log_entry(&id, entry), |row, why| odd("log entry", row, why));
    let alerts = each(&whole.alerts, |from| alert(&id, from, taken_at), |row, why| odd("alert", row, why));
    let notes = each(&whole.notes, |from| note(&id, from, taken_at), |row, why| odd("note", row, why));
    let all = alert_ids(&alerts).filter(|_| !whole.truncated).map(|ids| all_alerts(&id, ids, at, taken_at));
    let mut facts = vec![snapshot(incident, taken_at)];
    facts.extend(entries.into_iter().chain(alerts).chain(all).chain(notes));
    Ok(facts)
}

/// The ids of all alerts, sorted; none where one could not be read.
fn alert_ids(facts: &[Fact]) -> Option<Vec<String>> {
    let ids = facts.iter().map(|fact| match &fact.body {
        FactBody::Alert(alert) => Some(alert.id.clone()),
        _ => None,
    });
    let mut ids: Vec<String> = ids.collect::<Option<_>>()?;
    ids.sort();
    Some(ids)
}

fn all_alerts(incident: &str, ids: Vec<String>, version: Micros, taken_at: Micros) -> Fact {
    Fact {
        incident: incident.to_owned(),
        source: Source::Alert,
        source_id: format!("all:{}:{}", version.rfc3339(), digest(&ids)),
        at: taken_at,
        actor: None,
        body: FactBody::AllAlerts { ids, version, taken_at },
    }
}

/// Each row by itself.
fn each<T: DeserializeOwned>(
    rows: &[Box<RawValue>],
    read: impl Fn(T) -> Fact,
    odd: impl Fn(&RawValue, &Unreadable) -> Fact,
) -> Vec<Fact> {
    rows.iter().map(|row| json::read(row.get().as_bytes()).map_or_else(|why| odd(row, &why), &read)).collect()
}

/// In a whole document at the snapshot's own instant, so that it is no news about the incident.
fn unreadable_row(incident: &str, part: &str, row: &RawValue, why: &Unreadable, at: Micros) -> Fact {
    let name = format!("unreadable {part}");
    Fact {
        incident: incident.to_owned(),
        source: Source::LogEntry,
        source_id: format!("{name}:{}", &hex::encode(Sha256::digest(row.get().as_bytes()))[..12]),
        at,
        actor: None,
        body: FactBody::Changed { what: Change::Other { name, summary: Some(why.to_string()) }, incident: None },
    }
}

/// A snapshot for each incident of one page of GET /incidents. One that can't be read but names itself is told as such, so
/// that it is asked for by itself.
pub fn facts_from_list(raw: &[u8], taken_at: Micros) -> Result<Vec<Fact>, Unreadable> {
    #[derive(Deserialize)]
    struct Named {
        id: String,
    }
    let page: wire::Rows<Box<RawValue>> = json::read(&json::without_nul(raw))?;
    let fact = |row: &RawValue| match json::read(row.get().as_bytes()) {
        Ok(from) => Some(snapshot(map::incident(from), taken_at)),
        Err(why) => {
            let named: Named = json::read(row.get().as_bytes()).ok()?;
            Some(unreadable_row(&named.id, "incident in a list", row, &why, taken_at))
        }
    };
    Ok(page.rows.iter().filter_map(|row| fact(row)).collect())
}

/// A fact for each alert of a document that `Client::alerts_document` made. A row that nobody can read stays in the document
/// and makes no fact: history needs no news of it.
pub fn facts_from_alerts(raw: &[u8], asked_at: Micros) -> Result<Vec<Fact>, Unreadable> {
    let document: AlertsDocument = json::read(&json::without_nul(raw))?;
    let fact = |row: &RawValue| Some(alert(&document.incident_id, json::read(row.get().as_bytes()).ok()?, asked_at));
    Ok(document.alerts.iter().filter_map(|row| fact(row)).collect())
}

/// A fact for each entry of one page of the account-wide log. Entries that name no incident tell nothing of one.
pub fn facts_from_log_entries(raw: &[u8]) -> Result<Vec<Fact>, Unreadable> {
    let page: wire::Rows<Box<RawValue>> = json::read(&json::without_nul(raw))?;
    Ok(page.rows.iter().filter_map(|row| account_log_entry(row)).collect())
}

/// What one row of the account-wide log tells. One that can't be read spoils no other; if it says when and about what it is,
/// that alone is told, so that the incident is asked for by itself.
pub fn account_log_entry(row: &RawValue) -> Option<Fact> {
    #[derive(Deserialize)]
    struct Named {
        incident: wire::IncidentId,
        #[serde(deserialize_with = "wire::instant")]
        created_at: Micros,
    }
    let raw = json::without_nul(row.get().as_bytes());
    match json::read::<wire::LogEntry>(&raw) {
        Ok(mut entry) => {
            let incident = entry.incident.take()?.id.filter(|id| !id.is_empty())?;
            Some(log_entry(&incident, entry))
        }
        Err(why) => {
            let named: Named = json::read(&raw).ok()?;
            Some(unreadable_row(&named.incident.id, "log entry", row, &why, named.created_at))
        }
    }
}

pub fn snapshot(incident: IncidentData, taken_at: Micros) -> Fact {
    let version = incident.updated_at.map_or_else(|| "-".to_owned(), Micros::rfc3339);
    Fact {
        incident: incident.id.clone(),
        source: Source::Snapshot,
        source_id: format!("{version}:{}", digest(&incident)),
        at: incident.updated_at.unwrap_or(taken_at),
        actor: None,
        body: FactBody::Snapshot { incident: Box::new(incident), taken_at },
    }
}

pub fn log_entry(incident: &str, mut entry: wire::LogEntry) -> Fact {
    let what = map::log_entry(&mut entry);
    Fact {
        incident: incident.to_owned(),
        source: Source::LogEntry,
        source_id: entry.id,
        at: entry.created_at,
        actor: entry.agent.and_then(map::actor),
        body: FactBody::Changed { what, incident: None },
    }
}

/// A note may be edited: the digest makes the edited text a fact of its own, and the edit's time makes it the later one.
pub fn note(incident: &str, mut from: wire::Note, taken_at: Micros) -> Fact {
    let at = from.updated_at.or(from.created_at).unwrap_or(taken_at);
    let actor = from.user.take().and_then(map::actor);
    let note = map::note(from);
    Fact {
        incident: incident.to_owned(),
        source: Source::Note,
        source_id: format!("{}:{}", note.id, digest(&note)),
        at,
        actor,
        body: FactBody::Note(note),
    }
}

/// Alerts carry no time of their last change, so the reading's time orders two readings of one alert.
pub fn alert(incident: &str, from: wire::Alert, taken_at: Micros) -> Fact {
    let alert = map::alert(from);
    Fact {
        incident: incident.to_owned(),
        source: Source::Alert,
        source_id: format!("{}:{}:{}", alert.id, alert.status, digest(&alert)),
        at: taken_at,
        actor: None,
        body: FactBody::Alert(Box::new(alert)),
    }
}

/// Twelve hex digits of a digest of the content in our own words, so that fields we don't keep make no new fact.
fn digest(content: &impl Serialize) -> String {
    // Our own structs hold nothing that JSON can't; were it otherwise, the facts would only lose their difference.
    let canonical = serde_json::to_vec(content).unwrap_or_default();
    hex::encode(&Sha256::digest(&canonical)[..6])
}
