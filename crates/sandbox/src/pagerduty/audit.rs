//! The audit trail: who changed what setting, when. Only records; reading it is REST's.

use serde_json::{Value, json};

use super::clock::millis;
use super::state::State;

/// One changed field: its name, what it was, what it is.
pub(crate) type Changed<'a> = (&'a str, Value, Value);

fn text(value: &Value) -> Value {
    match value {
        Value::Null | Value::String(_) => value.clone(),
        other => json!(other.to_string()),
    }
}

impl State {
    /// Somebody changed something in the vendor's own pages.
    pub(crate) fn audit(&mut self, by: usize, action: &str, resource: &Value, changed: &[Changed<'_>]) {
        let fields: Vec<Value> = changed
            .iter()
            .map(|(name, before, after)| {
                json!({ "name": name, "description": null, "value": text(after), "before_value": text(before) })
            })
            .collect();
        let record = json!({
            "id": self.dice.ulid(self.now), "self": null, "execution_time": millis(self.now),
            "execution_context": { "request_id": self.dice.uuid(), "remote_address": "192.0.2.10" },
            "actors": [self.account.user_ref(by)], "method": { "type": "browser", "description": null, "truncated_token": null },
            "root_resource": resource, "action": action,
            "details": { "resource": resource, "fields": fields, "references": null },
        });
        self.account.audit.push(record);
    }
}
