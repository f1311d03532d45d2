//! Events, written by programs: inserted, changed, deleted; an instance that is touched becomes an exception of its series.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::errors::Problem;
use super::rrule::occurrences;
use super::when::When;
use super::world::{Calendar, Event, State};
use crate::clock::plus_s;

/// What is not a plain field.
const OWN: [&str; 13] = [
    "kind",
    "etag",
    "id",
    "status",
    "htmlLink",
    "created",
    "updated",
    "start",
    "end",
    "recurrence",
    "recurringEventId",
    "originalStartTime",
    "sequence",
];
const TEXTS: [&str; 7] = ["summary", "description", "location", "colorId", "transparency", "visibility", "iCalUID"];

/// Made by somebody, with an id of his own or one that is made for him.
pub(super) fn inserted(state: &mut State, at: usize, body: &Value, by: &str, now: Timestamp) -> Result<Event, Problem> {
    let calendar = &state.calendars[at];
    let id = match body["id"].as_str() {
        Some(id) if is_id(id) => id.to_owned(),
        Some(_) => return Err(Problem::invalid("Invalid resource id value.")),
        None => state.dice.hex(26),
    };
    if calendar.find(&id).is_some() {
        return Err(Problem::duplicate());
    }
    let missing = |name: &str| Problem::required(&format!("Missing {name} time."));
    let time = |name: &str| match &body[name] {
        Value::Null => Err(missing(name)),
        own => When::read(own, calendar.zone).map_err(|said| Problem::invalid(&said)),
    };
    let mut event = Event {
        id,
        seq: 0,
        created: now,
        updated: now,
        sequence: 0,
        is_cancelled: false,
        start: time("start")?,
        end: time("end")?,
        recurrence: Vec::new(),
        exception_of: None,
        fields: Map::new(),
    };
    let own = json!({ "email": calendar.id, "displayName": calendar.summary });
    event.fields.insert("creator".into(), json!({ "email": by }));
    event.fields.insert("organizer".into(), own);
    fill(&mut event, calendar, body)?;
    checked(&event, calendar, body)?;
    Ok(state.put(at, event, now))
}

fn is_id(id: &str) -> bool {
    (5..=1_024).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'v').contains(&b))
}

/// Writes what was given over an event; null takes away.
pub(super) fn fill(event: &mut Event, calendar: &Calendar, body: &Value) -> Result<(), Problem> {
    let given = body.as_object().ok_or_else(|| Problem::new(400, "parseError", "Parse Error"))?;
    for (name, value) in given.iter().filter(|(name, _)| !OWN.contains(&name.as_str())) {
        if TEXTS.contains(&name.as_str()) && !(value.is_string() || value.is_null()) {
            return Err(Problem::invalid(&format!("Invalid value for: {name}")));
        }
        match value {
            Value::Null => drop(event.fields.remove(name)),
            value => drop(event.fields.insert(name.clone(), value.clone())),
        }
    }
    let time = |own: &Value| When::read(own, calendar.zone).map_err(|said| Problem::invalid(&said));
    if let Some(start) = given.get("start") {
        event.start = time(start)?;
    }
    if let Some(end) = given.get("end") {
        event.end = time(end)?;
    }
    if let Some(lines) = given.get("recurrence") {
        let lines: Option<Vec<String>> = serde_json::from_value(lines.clone()).ok();
        event.recurrence = lines.unwrap_or_default();
    }
    match given.get("status").and_then(Value::as_str) {
        Some("cancelled") => event.is_cancelled = true,
        Some(own @ ("confirmed" | "tentative")) => {
            event.is_cancelled = false;
            event.fields.insert("status".into(), json!(own));
        }
        Some(_) => return Err(Problem::invalid("Invalid value for: status")),
        None => {}
    }
    Ok(())
}

pub(super) fn checked(event: &Event, calendar: &Calendar, body: &Value) -> Result<(), Problem> {
    if event.start.is_day() != event.end.is_day() {
        return Err(Problem::invalid("Start and end times must either both be date or both be dateTime."));
    }
    let (start, end) = (event.start.instant(calendar.zone), event.end.instant(calendar.zone));
    if end < start || event.start.is_day() && end == start {
        return Err(Problem::new(400, "timeRangeEmpty", "The specified time range is empty."));
    }
    if event.is_series() {
        if !event.start.is_day() && body["start"].is_object() && body["start"]["timeZone"].is_null() {
            return Err(Problem::required("Missing time zone definition for start time."));
        }
        occurrences(&event.start, &event.recurrence, calendar.zone, plus_s(start, 1))
            .map_err(|said| Problem::invalid(&said))?;
    }
    let own = event.fields.get("extendedProperties");
    let sizes = ["private", "shared"].iter().filter_map(|w| own.and_then(|p| p[*w].as_object()));
    let fits = |p: &Map<String, Value>| {
        p.len() <= 300 && p.iter().all(|(k, v)| k.len() <= 44 && v.as_str().is_some_and(|v| v.len() <= 1_024))
    };
    if sizes.into_iter().all(fits) { Ok(()) } else { Err(Problem::invalid("Invalid extended property.")) }
}

/// `whole`: everything that is not given goes away, as PUT does.
pub(super) fn changed(
    state: &mut State,
    (at, id): (usize, &str),
    (body, whole): (&Value, bool),
    now: Timestamp,
) -> Result<Event, Problem> {
    let horizon = state.horizon(now);
    let calendar = &state.calendars[at];
    let mut event = calendar.any(id, horizon).ok_or_else(Problem::none)?;
    if whole {
        event.fields.retain(|name, _| ["creator", "organizer", "iCalUID"].contains(&name.as_str()));
        event.recurrence.clear();
    }
    fill(&mut event, calendar, body)?;
    checked(&event, calendar, body)?;
    event.sequence += 1;
    Ok(state.put(at, event, now))
}

pub(super) fn deleted(state: &mut State, at: usize, id: &str, now: Timestamp) -> Result<Event, Problem> {
    let mut event = state.calendars[at].any(id, state.horizon(now)).ok_or_else(Problem::none)?;
    if event.is_cancelled {
        return Err(Problem::deleted());
    }
    event.is_cancelled = true;
    event.sequence += 1;
    Ok(state.put(at, event, now))
}

impl State {
    pub(super) fn horizon(&self, now: Timestamp) -> Timestamp {
        plus_s(now, i64::from(self.settings.horizon_days) * 86_400)
    }
}
