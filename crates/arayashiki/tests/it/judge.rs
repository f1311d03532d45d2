//! The judge: compares what happened outside with what the program shows and with what it did there. Every sentence it
//! gives is a broken promise; none means that all were kept.

use crate::story::{Story, is_alarm};
use crate::world::World;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Times of a log entry are whole seconds; a webhook's of the same happening may fall into the next.
const SAME_US: i64 = 1_500_000;

/// Asserts that every promise was kept.
pub fn judge(world: &World, story: &Story) {
    let complaints = complaints(world, story);
    assert!(complaints.is_empty(), "{}\nlog:\n{}", complaints.join("\n"), world.site.log_tail());
}

/// What is wrong, everything settled.
pub fn complaints(world: &World, story: &Story) -> Vec<String> {
    let mut found = Vec::new();
    account(world, &mut found);
    inbox(world, &mut found);
    let outside = world.sandbox.incidents();
    mirror(world, &outside, &mut found);
    timelines(world, &mut found);
    notes(world, story, &outside, &mut found);
    alarms(world, &outside, &mut found);
    found
}

/// What holds whatever the story: the account, the inbox, the mirror and its timelines.
pub fn account_and_mirror(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    account(world, &mut found);
    inbox(world, &mut found);
    let is_canary = |key: &Value| key.as_str().is_some_and(|key| key.starts_with("arayashiki/canary/"));
    let mut outside = world.sandbox.incidents();
    // No list shows them.
    outside.retain(|incident| !is_canary(&incident["incident_key"]));
    mirror(world, &outside, &mut found);
    timelines(world, &mut found);
    found
}

fn account(world: &World, found: &mut Vec<String>) {
    let account = world.site.account().unwrap();
    let number = |name: &str| account[name].as_i64().unwrap_or_else(|| panic!("no {name} in {account}"));
    if number("lost") != 0 || number("unreadable") != 0 || number("dead_signals") != 0 {
        found.push(format!("the account shows loss: {account}"));
    }
    let rows = world.site.all("inbox").unwrap().len() as i64;
    if number("received") - number("duplicates") != rows {
        found.push(format!("{rows} rows in the inbox do not match the account {account}"));
    }
    for job in world.site.all("jobs").unwrap() {
        let is_in = |states: [&str; 2]| states.iter().any(|state| job["state"] == *state);
        // Polls go on for ever.
        let goes_on = ["poll/", "gap/"].iter().any(|duty| job["key"].as_str().is_some_and(|key| key.starts_with(duty)));
        if !(is_in(["done", "skipped"]) || goes_on && is_in(["ready", "leased"])) {
            found.push(format!("a job did not end well: {job}"));
        }
    }
}

/// Every acknowledged delivery is a row, and every row was delivered.
fn inbox(world: &World, found: &mut Vec<String>) {
    let mut told: Vec<_> = world.sandbox.delivered().into_iter().map(|(_, incident, kind)| (incident, kind)).collect();
    told.sort();
    let kept = world.site.webhook_rows().unwrap();
    if told.is_empty() {
        found.push("nothing was delivered at all".to_owned());
    }
    if told != kept {
        let (missing, extra) = (minus(&told, &kept), minus(&kept, &told));
        found
            .push(format!("acknowledged and not in the inbox: {missing:?}; in the inbox and not delivered: {extra:?}"));
    }
}

/// Multiset difference.
fn minus<T: Ord + Clone>(left: &[T], right: &[T]) -> Vec<T> {
    let mut rest = right.to_vec();
    let is_missing = |item: &&T| match rest.iter().position(|other| other == *item) {
        Some(at) => {
            rest.swap_remove(at);
            false
        }
        None => true,
    };
    left.iter().filter(is_missing).cloned().collect()
}

/// The mirror equals the original.
fn mirror(world: &World, outside: &[Value], found: &mut Vec<String>) {
    let ours = world.site.all("incidents").unwrap();
    let ours: BTreeMap<&str, &Value> = ours.iter().map(|i| (i["id"].as_str().unwrap(), i)).collect();
    for theirs in outside {
        let id = theirs["id"].as_str().unwrap();
        let Some(mine) = ours.get(id) else {
            found.push(format!("incident {id} is missing in the mirror"));
            continue;
        };
        for (name, theirs, mine) in pairs(theirs, mine) {
            if theirs != mine {
                found.push(format!("incident {id}: {name} is {theirs} outside and {mine} in the mirror"));
            }
        }
        for (name, theirs, mine) in times(theirs, mine) {
            let equal = match (theirs, mine) {
                (Some(a), Some(b)) => (a - b).abs() <= SAME_US,
                (a, b) => a == b,
            };
            if !equal {
                found.push(format!("incident {id}: {name} is {theirs:?} outside and {mine:?} in the mirror"));
            }
        }
    }
    if ours.len() != outside.len() {
        found.push(format!("{} incidents outside, {} in the mirror", outside.len(), ours.len()));
    }
}

fn pairs(theirs: &Value, mine: &Value) -> Vec<(&'static str, String, String)> {
    let people = |list: &Value, of: &dyn Fn(&Value) -> String| -> String {
        let all: BTreeSet<String> = list.as_array().into_iter().flatten().map(of).collect();
        format!("{all:?}")
    };
    vec![
        ("status", theirs["status"].to_string(), mine["status"].to_string()),
        ("title", theirs["title"].to_string(), mine["title"].to_string()),
        ("number", theirs["incident_number"].to_string(), mine["number"].to_string()),
        ("urgency", theirs["urgency"].to_string(), mine["urgency"].to_string()),
        ("service", theirs["service"]["id"].to_string(), mine["service"]["id"].to_string()),
        (
            "assignees",
            people(&theirs["assignments"], &|one| one["assignee"]["id"].to_string()),
            people(&mine["assignees"], &|one| one["id"].to_string()),
        ),
    ]
}

fn times(theirs: &Value, mine: &Value) -> Vec<(&'static str, Option<i64>, Option<i64>)> {
    let log = theirs["log_entries"].as_array().cloned().unwrap_or_default();
    let acknowledged = log.iter().filter(|entry| entry["type"] == "acknowledge_log_entry");
    let first = acknowledged.filter_map(|entry| micros(&entry["created_at"])).min();
    vec![
        ("created_at", micros(&theirs["created_at"]), micros(&mine["created_at"])),
        ("acknowledged_at", first, micros(&mine["acknowledged_at"])),
        ("resolved_at", micros(&theirs["resolved_at"]), micros(&mine["resolved_at"])),
    ]
}

fn micros(value: &Value) -> Option<i64> {
    let at: jiff::Timestamp = value.as_str()?.parse().unwrap();
    Some(at.as_microsecond())
}

/// Each webhook event is told once in its incident's story.
fn timelines(world: &World, found: &mut Vec<String>) {
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    for (_, incident, _) in world.sandbox.delivered() {
        *told.entry(incident.unwrap_or_default()).or_default() += 1;
    }
    for (incident, events) in told {
        let Ok(timeline) = world.site.api(&format!("incidents/{incident}/timeline")) else {
            found.push(format!("incident {incident} has no timeline"));
            continue;
        };
        let timeline = timeline["items"].as_array().cloned().unwrap_or_default();
        let origins = timeline.iter().flat_map(|entry| entry["told_by"].as_array().cloned().unwrap_or_default());
        let shown = origins.filter(|origin| origin["source"] == "webhook").count();
        if shown != events {
            found.push(format!("incident {incident}: {events} webhooks were delivered, its timeline has {shown}"));
        }
    }
}

/// One link note for each incident that was new and open, never two.
fn notes(world: &World, story: &Story, outside: &[Value], found: &mut Vec<String>) {
    found.extend(doubled(world));
    let written = written(world);
    let jobs = world.site.all("jobs").unwrap();
    for incident in outside.iter().filter(|incident| !written.contains_key(incident["id"].as_str().unwrap())) {
        let id = incident["id"].as_str().unwrap();
        if incident["status"] != "resolved" || story.noted.contains(id) {
            let job = jobs.iter().find(|job| job["key"] == format!("link_note/{id}/new/1"));
            let shown = world.site.api(&format!("incidents/{id}")).unwrap_or_default();
            found.push(format!("incident {id} has no note; its job is {job:?}, and it is shown as {shown}"));
        } else {
            found.extend(unexplained(id, &jobs));
        }
    }
}

/// The program's notes by incident, as the outside's log has them.
fn written(world: &World) -> BTreeMap<String, Vec<String>> {
    let mut written: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for effect in world.sandbox.effects() {
        if effect["kind"] == "note.created" && effect["via"] == "rest" {
            let text = effect["detail"]["content"].as_str().unwrap_or_default().to_owned();
            written.entry(effect["incident"].as_str().unwrap_or_default().to_owned()).or_default().push(text);
        }
    }
    written
}

/// Notes that were written twice, or that nobody asked for; true at any time, not only at rest.
pub fn doubled(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    for (id, texts) in written(world) {
        if texts.len() > 1 {
            found.push(format!("incident {id} has a doubled note: {}", texts.len()));
        }
        let marker = format!("[arayashiki:link:{id}]");
        found.extend(
            texts.iter().filter(|text| !text.contains(&marker)).map(|text| format!("a note of nobody's: {text}")),
        );
    }
    found
}

/// Resolved before the note could go: the job says so, or there never was one.
fn unexplained(id: &str, jobs: &[Value]) -> Option<String> {
    let job = jobs.iter().find(|job| job["key"] == format!("link_note/{id}/new/1"))?;
    let explained = job["state"] == "skipped" && job["cause"].as_str().is_some_and(|cause| !cause.is_empty());
    (!explained).then(|| format!("incident {id} has no note and its job does not say why: {job}"))
}

/// The program's own alarms: each paged once and settled once, in that order, as the people there see it.
fn alarms(world: &World, outside: &[Value], found: &mut Vec<String>) {
    let effects = world.sandbox.effects();
    let own: Vec<&Value> = effects.iter().filter(|e| is_alarm(e["key"].as_str()) && e["via"] != "control").collect();
    let keys: BTreeSet<&str> = own.iter().filter_map(|effect| effect["key"].as_str()).collect();
    for key in keys {
        let of = |kind: &str| own.iter().filter(|e| e["key"] == key && e["kind"] == kind).count();
        let kinds: Vec<&Value> = own.iter().filter(|e| e["key"] == key).map(|e| &e["kind"]).collect();
        let incidents: Vec<&Value> = outside.iter().filter(|i| i["incident_key"] == key).collect();
        if of("event.trigger") != 1 || of("event.resolve") == 0 || kinds.first() != Some(&&Value::from("event.trigger"))
        {
            found.push(format!("the alarm {key} was sent as {kinds:?}"));
        }
        let resolved = incidents.iter().all(|incident| incident["status"] == "resolved");
        if incidents.len() != 1 || !resolved {
            found.push(format!("the alarm {key} became {} incidents, all resolved: {resolved}", incidents.len()));
        }
    }
}
