//! The control interface: lets people fill and change calendars, disturbs what is told, moves the clock and shows the truth. Belongs to
//! tests and demos; nobody is asked who he is.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::Google;
use super::errors::Problem;
use super::shapes::event;
use super::when::When;
use super::world::{Event, Role, State};
use super::write::{changed, deleted, inserted};

type Outcome = Result<Value, String>;

/// None: there is no such control.
pub(super) fn handle(of: &Google, method: &str, what: &str, body: &Value) -> Option<Outcome> {
    let now = of.clock.now();
    let mut state = of.state();
    Some(match (method, what) {
        ("GET", "events") => Ok(events(&state)),
        ("GET", "channels") => {
            Ok(json!({ "channels": state.channels.iter().map(|c| c.shown(now)).collect::<Vec<_>>() }))
        }
        ("GET", "deliveries") => Ok(json!({ "deliveries": state.courier.shown() })),
        ("GET", "calls") => Ok(json!({ "calls": state.calls })),
        ("DELETE", "calls") => {
            state.calls.clear();
            Ok(json!({}))
        }
        ("GET", "settings") => Ok(json!(state.settings)),
        ("POST", "settings") => state.settings.change(body),
        ("POST", "advance") => of.clock.move_by(body),
        ("POST", "mischief") => state.courier.set_mischief(body),
        ("POST", "release") => state.courier.release(body),
        ("POST", "event") => create(&mut state, body, now),
        ("POST", "change" | "move") => change(&mut state, body, now),
        ("POST", "cancel") => cancel(&mut state, body, now),
        ("POST", other) => return trouble(&mut state, other, body, now),
        _ => return None,
    })
}

fn trouble(state: &mut State, what: &str, body: &Value, now: Timestamp) -> Option<Outcome> {
    Some(match what {
        "refuse" => refuse(state, body),
        "expire_sync" => expire_sync(state, body),
        "expire_tokens" => {
            state.tokens.iter_mut().for_each(|t| t.expires = Timestamp::UNIX_EPOCH);
            Ok(json!({ "expired": state.tokens.len() }))
        }
        "share" => share(state, body),
        "push" => push(state, body, now),
        "drop_channels" => {
            let count = state.channels.iter().filter(|c| c.is_live(now)).count();
            state.channels.clear();
            Ok(json!({ "dropped": count }))
        }
        "ics" => freeze(state, body, now),
        _ => return None,
    })
}

fn calendar(state: &State, body: &Value) -> Result<usize, String> {
    let wanted = body["calendar"].as_str().ok_or("calendar is missing: its name or id")?;
    state.calendar_like(wanted).ok_or_else(|| format!("no calendar {wanted}"))
}

/// `event`, or `event` and the `instance` that began at a time by the series.
fn id(state: &State, at: usize, body: &Value) -> Result<String, String> {
    let own = body["event"].as_str().ok_or("event is missing: its id")?;
    let Some(instance) = body["instance"].as_str() else { return Ok(own.to_owned()) };
    let when = When::short(instance, state.calendars[at].zone)?;
    Ok(format!("{own}_{}", when.stamp()))
}

/// Times in a short form, people by address, a rule with or without its name: as the API would be asked.
fn whole(state: &State, at: usize, body: &Value) -> Result<Value, String> {
    let mut out: Map<String, Value> = body.as_object().cloned().ok_or("an object is expected")?;
    for own in ["calendar", "event", "instance", "as", "rrule", "exdate", "minutes", "color", "start", "end"] {
        out.remove(own);
    }
    let in_zone = body["zone"].as_str().unwrap_or(state.calendars[at].zone);
    out.remove("zone");
    if let Some(start) = body["start"].as_str() {
        let start = When::short(start, in_zone)?;
        let end = match (body["end"].as_str(), body["minutes"].as_i64()) {
            (Some(end), _) => Some(When::short(end, in_zone)?),
            (None, Some(minutes)) => Some(later(&start, minutes * 60)),
            (None, None) if body["event"].is_null() => Some(later(&start, 3_600)),
            (None, None) => None,
        };
        out.insert("start".into(), start.shown(in_zone));
        if let Some(end) = end {
            out.insert("end".into(), end.shown(in_zone));
        }
    } else if let Some(end) = body["end"].as_str() {
        out.insert("end".into(), When::short(end, in_zone)?.shown(in_zone));
    }
    if let Some(rule) = body["rrule"].as_str() {
        let head = if rule.starts_with("RRULE:") { "" } else { "RRULE:" };
        out.insert("recurrence".into(), json!([format!("{head}{rule}")]));
    }
    if let Some(color) = body.get("color") {
        out.insert("colorId".into(), color.clone());
    }
    if let Some(list) = out.get_mut("attendees").and_then(Value::as_array_mut) {
        list.iter_mut().for_each(|own| *own = guest(state, own));
    }
    if let Some(mail) = body["organizer"].as_str() {
        out.insert("organizer".into(), guest(state, &json!(mail)));
    }
    Ok(out.into())
}

/// A day lasts a day, whatever was asked.
fn later(start: &When, seconds: i64) -> When {
    match start {
        When::Day(day) => When::Day(day.tomorrow().unwrap_or(*day)),
        When::At { at, zone } => When::At { at: crate::clock::plus_s(*at, seconds), zone: zone.clone() },
    }
}

fn guest(state: &State, of: &Value) -> Value {
    let Some(mail) = of.as_str() else { return of.clone() };
    let name = state.people.iter().find(|p| p.mail == mail).map(|p| p.name);
    json!({ "email": mail, "displayName": name, "responseStatus": "accepted" })
}

fn shown(of: &Event, state: &State, at: usize) -> Value {
    let own = event(of, &state.calendars[at], Role::Owner, state.calendars[at].zone);
    json!({ "event": of.id, "calendar": state.calendars[at].name, "change": of.seq, "shown": own })
}

fn said(problem: &Problem) -> String {
    String::from_utf8_lossy(&problem.told().body).into_owned()
}

fn create(state: &mut State, body: &Value, now: Timestamp) -> Outcome {
    let at = calendar(state, body)?;
    let by = body["as"].as_str().unwrap_or("sato@example.jp").to_owned();
    let asked = whole(state, at, body)?;
    let own = inserted(state, at, &asked, &by, now).map_err(|p| said(&p))?;
    Ok(shown(&own, state, at))
}

/// A new start alone keeps how long it lasts.
fn change(state: &mut State, body: &Value, now: Timestamp) -> Outcome {
    let at = calendar(state, body)?;
    let id = id(state, at, body)?;
    let mut asked = whole(state, at, body)?;
    if asked["end"].is_null() && !asked["start"].is_null() {
        let zone = state.calendars[at].zone;
        let start = When::read(&asked["start"], zone)?;
        let old = state.calendars[at].any(&id, state.horizon(now)).ok_or_else(|| format!("no event {id}"))?;
        asked["end"] = start.shifted(&old.start, &old.end).shown(zone);
    }
    let own = changed(state, (at, &id), (&asked, false), now).map_err(|p| said(&p))?;
    Ok(shown(&own, state, at))
}

fn cancel(state: &mut State, body: &Value, now: Timestamp) -> Outcome {
    let at = calendar(state, body)?;
    let id = id(state, at, body)?;
    let own = deleted(state, at, &id, now).map_err(|p| said(&p))?;
    Ok(shown(&own, state, at))
}

/// The next so many answers of the API are this error.
fn refuse(state: &mut State, body: &Value) -> Outcome {
    let status = body["status"].as_u64().and_then(|s| u16::try_from(s).ok()).ok_or("status is missing")?;
    let problem = Problem::scripted(status, body["reason"].as_str());
    let problem = problem.ok_or("status is 401, 403, 404, 410, 412, 429, 500 or 503")?;
    let times = body["times"].as_u64().unwrap_or(1).min(100_000);
    if times == 0 {
        state.refusals.clear();
    }
    state.refusals.extend((0..times).map(|_| problem.clone()));
    Ok(json!({ "refusals": state.refusals.len() }))
}

/// Every sync token that was ever given is too old, of one calendar or of all.
fn expire_sync(state: &mut State, body: &Value) -> Outcome {
    let only = if body["calendar"].is_null() { None } else { Some(calendar(state, body)?) };
    let all = state.calendars.iter_mut().enumerate();
    for (_, own) in all.filter(|(at, _)| only.is_none_or(|o| o == *at)) {
        own.last_seq += 1;
        own.oldest_token = own.last_seq;
    }
    Ok(json!({}))
}

fn share(state: &mut State, body: &Value) -> Outcome {
    let at = calendar(state, body)?;
    let role: Role = serde_json::from_value(body["role"].clone())
        .map_err(|_| "role is none, freeBusyReader, reader, writer or owner".to_owned())?;
    state.calendars[at].role = role;
    Ok(json!({ "calendar": state.calendars[at].name, "role": role }))
}

/// A message although nothing has changed, to every live channel of a calendar.
fn push(state: &mut State, body: &Value, now: Timestamp) -> Outcome {
    let at = calendar(state, body)?;
    let word = body["state"].as_str().unwrap_or("exists").to_owned();
    if !["sync", "exists", "not_exists"].contains(&word.as_str()) {
        return Err("state is sync, exists or not_exists".into());
    }
    let calendar = state.calendars[at].id.clone();
    let ids: Vec<String> = state.channels.iter().filter(|c| c.calendar == calendar).map(|c| c.id.clone()).collect();
    let sent: Vec<u64> = ids.iter().filter_map(|id| state.push(id, &word, now)).collect();
    Ok(json!({ "deliveries": sent }))
}

/// The feed lags behind: it shows what is now until it is thawed.
fn freeze(state: &mut State, body: &Value, now: Timestamp) -> Outcome {
    let is_frozen = body["frozen"].as_bool().ok_or("frozen is true or false")?;
    let how = state.settings.ics_cancelled;
    for own in &mut state.calendars {
        own.frozen = is_frozen.then(|| super::ical::feed(own, how, now));
    }
    Ok(json!({ "frozen": is_frozen }))
}

/// Every event as it really is, cancelled ones and exceptions too.
fn events(state: &State) -> Value {
    let all = state.calendars.iter().map(|c| {
        let own = c.events.iter().map(|e| {
            let mut shown = event(e, c, Role::Owner, c.zone);
            shown["status"] = if e.is_cancelled { json!("cancelled") } else { shown["status"].clone() };
            shown
        });
        (c.name.to_owned(), own.collect::<Value>())
    });
    json!({ "events": all.collect::<Map<String, Value>>() })
}
