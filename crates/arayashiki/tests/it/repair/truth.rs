//! The mirror held against the original, incident by incident, with notes, alerts and the whole log.

use crate::outside::wait;
use crate::world::World;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Asserts that before long every incident of the original is in the mirror as it is there, and nothing else is: what
/// only the polls tell comes with their next round.
pub fn assert_equal(world: &World) {
    let mut differences = Vec::new();
    let equal = wait::within(wait::LONG, || {
        differences = self::differences(world);
        differences.is_empty().then_some(())
    });
    if equal.is_some() {
        return;
    }
    let shown = differences.len().min(20);
    panic!("{}\nlog:\n{}", differences[..shown].join("\n"), world.site.log_tail());
}

pub fn truth(world: &World) -> Vec<Value> {
    let mut all = Vec::new();
    loop {
        let page = world.sandbox.get(&format!("truth?offset={}&limit=1000", all.len()));
        all.extend(page["incidents"].as_array().cloned().unwrap_or_default());
        if page["more"] != true {
            return all;
        }
    }
}

fn differences(world: &World) -> Vec<String> {
    let truth = truth(world);
    let ours: BTreeMap<String, Value> =
        world.site.all("incidents").unwrap().into_iter().map(|i| (text(&i["id"]), i)).collect();
    let mut found = Vec::new();
    if ours.len() != truth.len() {
        found.push(format!("{} incidents outside, {} in the mirror", truth.len(), ours.len()));
    }
    for theirs in &truth {
        let id = text(&theirs["id"]);
        let Some(listed) = ours.get(&id) else {
            found.push(format!("incident {id} is missing"));
            continue;
        };
        compare(&id, theirs, listed, &mut found);
        whole(world, &id, theirs, &mut found);
    }
    found
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn compare(id: &str, theirs: &Value, ours: &Value, found: &mut Vec<String>) {
    let mut same = |name: &str, left: String, right: String| {
        if left != right {
            found.push(format!("incident {id}: {name} is {left} outside and {right} here"));
        }
    };
    for name in ["number", "title", "status", "urgency"] {
        same(name, theirs[name].to_string(), ours[name].to_string());
    }
    same("service", text(&theirs["service"]), text(&ours["service"]["id"]));
    let assignees: BTreeSet<String> = theirs["assignees"].as_array().into_iter().flatten().map(text).collect();
    let held: BTreeSet<String> =
        ours["assignees"].as_array().into_iter().flatten().map(|one| text(&one["id"])).collect();
    same("assignees", format!("{assignees:?}"), format!("{held:?}"));
    for name in ["created_at", "resolved_at"] {
        same(name, second(&theirs[name]), second(&ours[name]));
    }
}

fn second(value: &Value) -> String {
    let at: Option<jiff::Timestamp> = value.as_str().and_then(|text| text.parse().ok());
    at.map_or_else(|| "never".to_owned(), |at| at.as_second().to_string())
}

/// Notes by their words (history knows them by the log, which has no ids of notes), alerts by id and state, and how it
/// ended.
fn whole(world: &World, id: &str, theirs: &Value, found: &mut Vec<String>) {
    let answer = world.site.authorized("GET", &format!("/api/v1/incidents/{id}")).send(world.site.address).unwrap();
    let ours = answer.json();
    let list = |value: &Value, of: &dyn Fn(&Value) -> String| -> Vec<String> {
        let mut all: Vec<String> = value.as_array().into_iter().flatten().map(of).collect();
        all.sort();
        all
    };
    let notes = (list(&theirs["notes"], &|n| text(&n["content"])), list(&ours["notes"], &|n| text(&n["content"])));
    let alert = |a: &Value| format!("{} {}", text(&a["id"]), text(&a["status"]));
    let alerts = (list(&theirs["alerts"], &alert), list(&ours["alerts"], &alert));
    for (name, (theirs, ours)) in [("notes", notes), ("alerts", alerts)] {
        if theirs != ours {
            found.push(format!("incident {id}: {name} are {theirs:?} outside and {ours:?} here"));
        }
    }
    let into = text(&theirs["merged_into"]);
    if into != text(&ours["merged_into"]["id"]) && into != text(&ours["merged_into"]) {
        found.push(format!("incident {id}: merged into {into:?} outside and {} here", ours["merged_into"]));
    }
}
