//! Event orchestrations: rules between an event and its service. Holds the paths as the API shows them and plays the actions that
//! swallow, delay, move or rewrite an event; automation, custom fields and cache variables are shown and not played.

mod condition;
mod play;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::dice::Dice;

pub(crate) use condition::Condition;

#[derive(Debug, Clone, Default)]
pub(crate) struct Orchestrations {
    pub all: Vec<Orchestration>,
    /// The path of a service.
    pub services: BTreeMap<usize, ServicePath>,
}

#[derive(Debug, Clone)]
pub(crate) struct Orchestration {
    pub id: String,
    pub name: String,
    pub description: String,
    pub team: Option<usize>,
    pub integration: String,
    pub routing_key: String,
    pub created: Timestamp,
    pub created_by: usize,
    pub global: Path,
    pub router: Path,
    pub unrouted: Path,
}

#[derive(Debug, Clone)]
pub(crate) struct ServicePath {
    pub active: bool,
    pub path: Path,
}

/// Sets of rules and what applies when none does.
#[derive(Debug, Clone)]
pub(crate) struct Path {
    pub sets: Value,
    pub catch_all: Value,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub created_by: usize,
    pub updated_by: usize,
    pub version: String,
}

impl Path {
    pub(crate) fn new(dice: &mut Dice, catch_all: Value, by: usize, now: Timestamp) -> Self {
        Self {
            sets: json!([{ "id": "start", "rules": [] }]),
            catch_all,
            created: now,
            updated: now,
            created_by: by,
            updated_by: by,
            version: dice.secret(32),
        }
    }

    /// Replaces what `wanted` names; rules without an id get one.
    pub(crate) fn change(
        &mut self,
        wanted: &Value,
        dice: &mut Dice,
        (by, now): (usize, Timestamp),
    ) -> Result<(), String> {
        if let Some(sets) = wanted.get("sets") {
            let mut sets = sets.clone();
            check(&mut sets, dice)?;
            self.sets = sets;
        }
        if let Some(catch_all) = wanted.get("catch_all") {
            if !catch_all["actions"].is_object() {
                return Err("catch_all must be {\"actions\": {…}}".into());
            }
            self.catch_all = catch_all.clone();
        }
        (self.updated, self.updated_by, self.version) = (now, by, dice.secret(32));
        Ok(())
    }
}

fn check(sets: &mut Value, dice: &mut Dice) -> Result<(), String> {
    let list = sets.as_array_mut().ok_or("sets must be a list")?;
    if list.first().is_none_or(|set| set["id"] != "start") {
        return Err("the first set must have the id \"start\"".into());
    }
    for rule in list.iter_mut().filter_map(|set| set["rules"].as_array_mut()).flatten() {
        let Some(rule) = rule.as_object_mut() else { return Err("a rule must be an object".into()) };
        rule.entry("id").or_insert_with(|| json!(dice.hex(8)));
        rule.entry("label").or_insert(Value::Null);
        rule.entry("conditions").or_insert_with(|| json!([]));
        rule.entry("actions").or_insert_with(|| json!({}));
        for condition in rule["conditions"].as_array().into_iter().flatten() {
            let text = condition["expression"].as_str().ok_or("a condition must be {\"expression\": \"…\"}")?;
            Condition::parse(text).map_err(|e| format!("{text}: {e}"))?;
        }
    }
    Ok(())
}

impl Orchestrations {
    pub(crate) fn by_key(&self, routing_key: &str) -> Option<usize> {
        self.all.iter().position(|o| o.routing_key == routing_key)
    }

    pub(crate) fn find(&self, id: &str) -> Option<usize> {
        self.all.iter().position(|o| o.id == id || o.name == id)
    }

    pub(crate) fn add(
        &mut self,
        (name, team): (&str, Option<usize>),
        dice: &mut Dice,
        (by, now): (usize, Timestamp),
    ) -> usize {
        let unrouted = json!({ "actions": { "route_to": "unrouted" } });
        let suppressed = json!({ "actions": { "suppress": true } });
        self.all.push(Orchestration {
            id: dice.uuid(),
            name: name.to_owned(),
            description: String::new(),
            team,
            integration: dice.uuid(),
            routing_key: format!("R{}", dice.hex(31).to_uppercase()),
            created: now,
            created_by: by,
            global: Path::new(dice, json!({ "actions": {} }), by, now),
            router: Path::new(dice, unrouted, by, now),
            unrouted: Path::new(dice, suppressed, by, now),
        });
        self.all.len() - 1
    }

    pub(crate) fn of_service(
        &mut self,
        service: usize,
        dice: &mut Dice,
        by: usize,
        now: Timestamp,
    ) -> &mut ServicePath {
        let path = || ServicePath { active: false, path: Path::new(dice, json!({ "actions": {} }), by, now) };
        self.services.entry(service).or_insert_with(path)
    }
}

impl Orchestration {
    pub(crate) fn path(&self, which: &str) -> Option<&Path> {
        match which {
            "global" => Some(&self.global),
            "router" => Some(&self.router),
            "unrouted" => Some(&self.unrouted),
            _ => None,
        }
    }

    pub(crate) fn path_mut(&mut self, which: &str) -> Option<&mut Path> {
        match which {
            "global" => Some(&mut self.global),
            "router" => Some(&mut self.router),
            "unrouted" => Some(&mut self.unrouted),
            _ => None,
        }
    }

    /// How many rules of the router lead to a service.
    pub(crate) fn routes(&self) -> usize {
        let rules =
            self.router.sets.as_array().into_iter().flatten().filter_map(|set| set["rules"].as_array()).flatten();
        rules.filter(|rule| rule["actions"]["route_to"].is_string()).count()
    }
}
