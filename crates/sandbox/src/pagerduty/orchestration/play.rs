//! Plays one path on one event: the first rule that fits in a set acts, `route_to` leads to another set, the catch-all acts when
//! no rule of a set fits.

use regex::Regex;
use serde_json::Value;

use super::Path;
use super::condition::{Condition, field_of, place};

/// More sets than any path leads through.
const MAX_SETS: usize = 32;

/// What a path asks for beside the rewritten event.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Played {
    /// The rule that dropped the event.
    pub dropped_by: Option<String>,
    pub suppressed_by: Option<String>,
    pub suspend_s: Option<i64>,
    /// A service's id, or `unrouted`.
    pub route_to: Option<String>,
    pub policy: Option<String>,
    pub priority: Option<String>,
}

impl Path {
    pub(crate) fn play(&self, event: &mut Value) -> Played {
        let mut played = Played::default();
        let mut set = "start".to_owned();
        for _ in 0..MAX_SETS {
            let (actions, rule) = self.choose(&set, event);
            act(&actions, &rule, event, &mut played);
            let next = actions["route_to"].as_str().filter(|_| played.dropped_by.is_none());
            match next {
                Some(next) if self.set(next).is_some() && next != set => set = next.to_owned(),
                other => {
                    played.route_to = other.map(str::to_owned).or_else(|| routed(&actions["dynamic_route_to"], event));
                    break;
                }
            }
        }
        played
    }

    fn set(&self, id: &str) -> Option<&Value> {
        self.sets.as_array()?.iter().find(|set| set["id"] == id)
    }

    /// The actions of the first rule that fits, and that rule's name.
    fn choose(&self, set: &str, event: &Value) -> (Value, String) {
        let rules = self.set(set).and_then(|s| s["rules"].as_array()).into_iter().flatten();
        let fits = |rule: &&Value| rule["disabled"] != true && holds(&rule["conditions"], event);
        match rules.into_iter().find(fits) {
            Some(rule) => {
                let name = rule["label"].as_str().or(rule["id"].as_str()).unwrap_or_default();
                (rule["actions"].clone(), format!("rule \"{name}\" of set {set}"))
            }
            None => (self.catch_all["actions"].clone(), "the catch-all".to_owned()),
        }
    }
}

/// Any one that holds is enough; none at all always holds.
fn holds(conditions: &Value, event: &Value) -> bool {
    let Some(list) = conditions.as_array().filter(|l| !l.is_empty()) else { return true };
    let texts = list.iter().filter_map(|c| c["expression"].as_str());
    texts.into_iter().any(|text| Condition::parse(text).is_ok_and(|c| c.holds(event)))
}

fn act(actions: &Value, rule: &str, event: &mut Value, played: &mut Played) {
    if actions["drop_event"] == true {
        played.dropped_by = Some(rule.to_owned());
        return;
    }
    match actions["suppress"].as_bool() {
        Some(true) => played.suppressed_by = Some(rule.to_owned()),
        Some(false) => played.suppressed_by = None,
        None => {}
    }
    let text = |name: &str| actions[name].as_str().map(str::to_owned);
    played.suspend_s = actions["suspend"].as_i64().or(played.suspend_s);
    played.policy = text("escalation_policy").or(played.policy.take());
    played.priority = text("priority").or(played.priority.take());
    let mut write = |pointer: &str, value: Option<&Value>| {
        if let (Some(value), Some(field)) = (value, event.pointer_mut(pointer)) {
            *field = value.clone();
        }
    };
    write("/payload/severity", actions.get("severity").filter(|s| s.is_string()));
    write("/event_action", actions.get("event_action").filter(|s| s.is_string()));
    let variables: Vec<(String, String)> =
        actions["variables"].as_array().into_iter().flatten().filter_map(|v| variable(v, event)).collect();
    for extraction in actions["extractions"].as_array().into_iter().flatten() {
        extract(extraction, &variables, event);
    }
}

fn captured(pattern: &str, text: &str) -> Option<String> {
    let found = Regex::new(pattern).ok()?.captures(text)?;
    Some(found.get(1).or_else(|| found.get(0))?.as_str().to_owned())
}

fn variable(own: &Value, event: &Value) -> Option<(String, String)> {
    let text = field_of(event, own["path"].as_str()?)?;
    Some((own["name"].as_str()?.to_owned(), captured(own["value"].as_str()?, &text)?))
}

fn extract(own: &Value, variables: &[(String, String)], event: &mut Value) {
    let value = match (own["template"].as_str(), own["source"].as_str(), own["regex"].as_str()) {
        (Some(template), ..) => Some(filled(template, variables, event)),
        (None, Some(source), Some(pattern)) => field_of(event, source).and_then(|text| captured(pattern, &text)),
        _ => None,
    };
    let (Some(value), Some(target)) = (value, own["target"].as_str()) else { return };
    let pointer = place(target);
    let Some((parent, name)) = pointer.rsplit_once('/') else { return };
    if let Some(parent) = event.pointer_mut(parent).and_then(Value::as_object_mut) {
        parent.insert(name.to_owned(), value.into());
    }
}

fn filled(template: &str, variables: &[(String, String)], event: &Value) -> String {
    let mut pieces = template.split("{{");
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (name, rest) = piece.split_once("}}").unwrap_or((piece, ""));
        let name = name.trim();
        let of = |wanted: &str| variables.iter().find(|(n, _)| n == wanted).map(|(_, v)| v.clone());
        let value = name.strip_prefix("variables.").map_or_else(|| field_of(event, name), of);
        text.push_str(&value.unwrap_or_default());
        text.push_str(rest);
    }
    text
}

/// The id or name of the service that a field of the event names.
fn routed(own: &Value, event: &Value) -> Option<String> {
    captured(own["regex"].as_str()?, &field_of(event, own["source"].as_str()?)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pagerduty::dice::Dice;
    use serde_json::json;

    fn path(sets: Value, catch_all: Value) -> Path {
        let mut dice = Dice::new(1);
        let mut path = Path::new(&mut dice, json!({ "actions": {} }), 0, jiff::Timestamp::UNIX_EPOCH);
        let wanted = json!({ "sets": sets, "catch_all": { "actions": catch_all } });
        path.change(&wanted, &mut dice, (0, jiff::Timestamp::UNIX_EPOCH)).expect("a path");
        path
    }

    fn event(summary: &str) -> Value {
        json!({ "event_action": "trigger", "dedup_key": "k", "payload": { "summary": summary, "source": "web01", "severity": "critical", "custom_details": {} } })
    }

    #[test]
    fn the_first_rule_that_fits_acts_and_leads_on() {
        let own = path(
            json!([
                { "id": "start", "rules": [
                    { "disabled": true, "actions": { "drop_event": true } },
                    { "conditions": [{ "expression": "event.summary matches part 'noise'" }], "label": "noise", "actions": { "drop_event": true } },
                    { "actions": { "route_to": "two", "severity": "info" } },
                ] },
                { "id": "two", "rules": [{ "conditions": [{ "expression": "event.severity matches 'info'" }], "actions": { "suppress": true, "suspend": 60 } }] },
            ]),
            json!({ "suppress": true }),
        );
        assert_eq!(own.play(&mut event("noise")).dropped_by.as_deref(), Some("rule \"noise\" of set start"));
        let mut other = event("disk");
        let played = own.play(&mut other);
        assert_eq!((played.suppressed_by.is_some(), played.suspend_s), (true, Some(60)));
        assert_eq!(other["payload"]["severity"], "info");
    }

    #[test]
    fn extractions_rewrite_the_event() {
        let own = path(
            json!([{ "id": "start", "rules": [{ "actions": {
                "variables": [{ "name": "n", "path": "event.source", "value": "web([0-9]+)", "type": "regex" }],
                "extractions": [
                    { "template": "[{{variables.n}}] {{event.summary}}", "target": "event.summary" },
                    { "source": "event.source", "regex": "(web)", "target": "event.dedup_key" },
                ],
            } }] }]),
            json!({}),
        );
        let mut event = event("disk");
        own.play(&mut event);
        assert_eq!((&event["payload"]["summary"], &event["dedup_key"]), (&json!("[01] disk"), &json!("web")));
    }

    #[test]
    fn a_path_that_leads_in_a_circle_ends() {
        let to = |id: &str| json!([{ "actions": { "route_to": id } }]);
        let own =
            path(json!([{ "id": "start", "rules": to("two") }, { "id": "two", "rules": to("start") }]), json!({}));
        assert_eq!(own.play(&mut event("x")).dropped_by, None);
    }
}
