//! Custom incident actions: what the webhook of a pressed button claims, and whether PagerDuty's own log shows the press. The webhook is
//! signed by nobody, so that only the log is believed.

use super::find_act::type_of;
use super::json::{self, Unreadable};
use super::read::span;
use super::{Client, checked_id, decode, map, wire};
use crate::{Call, CallError};
use model::Micros;
use model::press::Claim;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

/// A press that the log shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Press {
    /// The entry's id: one for each press.
    pub entry: String,
    /// Who it was, by PagerDuty's id.
    pub user: String,
    pub at: Option<Micros>,
}

/// A button has room for less.
const MOST_LABEL: usize = 120;
/// The event of a press, in either shape.
const EVENT: &str = "incident.custom";

/// The older shape is what receivers have seen, the newer one what other webhooks have by now.
#[derive(Deserialize)]
struct Shape {
    #[serde(default)]
    event: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Older {
    messages: Vec<Message>,
}

#[derive(Deserialize)]
struct Newer {
    event: NewEvent,
}

#[derive(Deserialize)]
struct Message {
    event: Option<String>,
    incident: Option<wire::IncidentId>,
    #[serde(default, deserialize_with = "wire::list")]
    log_entries: Vec<Entry>,
    #[serde(default)]
    webhook: Option<wire::Reference>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    id: Option<String>,
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    agent: Option<wire::Reference>,
}

#[derive(Deserialize)]
struct NewEvent {
    event_type: String,
    #[serde(default)]
    agent: Option<wire::Reference>,
    data: Value,
}

/// Reads one delivery. Empty: it is about something else.
pub fn parse_custom_action(raw: &[u8]) -> Result<Vec<Claim>, Unreadable> {
    let raw = json::without_nul(raw);
    if json::read::<Shape>(&raw)?.event.is_some() {
        return newer(json::read::<Newer>(&raw)?.event).map(|action| action.into_iter().collect());
    }
    let messages = json::read::<Older>(&raw)?.messages;
    messages.into_iter().filter_map(|message| older(message).transpose()).collect()
}

fn older(message: Message) -> Result<Option<Claim>, Unreadable> {
    if message.event.as_deref() != Some(EVENT) {
        return Ok(None);
    }
    let incident = id(message.incident.map(|incident| incident.id), "messages.incident.id")?;
    let entry = message.log_entries.into_iter().find(|entry| entry.kind.as_deref().is_none_or(is_press));
    let (entry, agent) = entry.map(|entry| (entry.id, entry.agent)).unwrap_or_default();
    let label = message.webhook.and_then(|webhook| webhook.name.or(webhook.summary));
    Ok(Some(Claim {
        incident: incident.ok_or_else(|| lacks("messages.incident.id"))?,
        user: user(agent, "messages.log_entries.agent.id")?,
        entry: id(entry, "messages.log_entries.id")?,
        label: named(label).map(|label| model::text::cut(&label, MOST_LABEL)),
        runbook: None,
    }))
}

fn newer(event: NewEvent) -> Result<Option<Claim>, Unreadable> {
    if event.event_type != EVENT {
        return Ok(None);
    }
    // Most events are about the incident itself, some name it.
    let data = &event.data;
    let incident = if data["incident"].is_object() { &data["incident"] } else { data };
    let incident = id(map::text(incident, "id"), "event.data.id")?.ok_or_else(|| lacks("event.data.id"))?;
    Ok(Some(Claim { incident, user: user(event.agent, "event.agent.id")?, ..Claim::default() }))
}

fn user(agent: Option<wire::Reference>, place: &str) -> Result<Option<String>, Unreadable> {
    id(agent.and_then(|agent| agent.id), place)
}

/// What is claimed in vain must not become a claim of nothing, which everything fits.
fn id(text: Option<String>, place: &str) -> Result<Option<String>, Unreadable> {
    let Some(text) = named(text) else { return Ok(None) };
    match checked_id(&text, false) {
        Ok(_) => Ok(Some(text)),
        Err(_) => Err(Unreadable { place: place.to_owned(), why: "it is no id".to_owned() }),
    }
}

fn named(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

fn lacks(place: &str) -> Unreadable {
    Unreadable { place: place.to_owned(), why: "it is missing".to_owned() }
}

/// Newer accounts may call it a little differently; a field that people define themselves is none.
fn is_press(kind: &str) -> bool {
    let kind = type_of(kind);
    kind.starts_with("custom") && !kind.contains("field")
}

impl Client {
    /// The press in the incident's log, by this entry and this user where they are claimed; the newest that is not older than
    /// `since`.
    pub async fn find_press(&self, call: &Call, claimed: &Claim, since: Micros) -> Result<Option<Press>, CallError> {
        let path = ["incidents", checked_id(&claimed.incident, false)?, "log_entries"];
        let since = self.not_before(since);
        let asked: Vec<_> = span(Some(since), None).collect();
        let (rows, _) = self.all_rows(call, &path, &asked).await?;
        let mut found: Option<Press> = None;
        for row in &rows {
            let entry: Value = decode(row.get().as_bytes(), false)?;
            let press = press(&entry).filter(|press| fits(press, claimed, since));
            found = found.into_iter().chain(press).max_by_key(|press| press.at);
        }
        Ok(found)
    }
}

fn press(entry: &Value) -> Option<Press> {
    let is_user = map::text(&entry["agent"], "type").is_some_and(|kind| kind.starts_with("user"));
    if !is_user || !is_press(&map::text(entry, "type")?) {
        return None;
    }
    let at = map::text(entry, "created_at").as_deref().and_then(Micros::parse);
    Some(Press { entry: named(map::text(entry, "id"))?, user: named(map::text(&entry["agent"], "id"))?, at })
}

/// PagerDuty prints whole seconds. What says nothing of its time may be of any.
fn fits(press: &Press, claimed: &Claim, since: Micros) -> bool {
    let is_claimed = |claim: &Option<String>, is: &str| claim.as_deref().is_none_or(|claim| claim == is);
    press.at.is_some_and(|at| at.second() >= since.second())
        && is_claimed(&claimed.user, &press.user)
        && is_claimed(&claimed.entry, &press.entry)
}
