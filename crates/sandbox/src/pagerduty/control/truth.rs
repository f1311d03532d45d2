//! What a mirror of the account must equal in the end, incident by incident and no more than that.

use serde_json::{Value, json};

use super::Outcome;
use crate::pagerduty::book::Incident;
use crate::pagerduty::call::{Call, Reply};
use crate::pagerduty::clock::seconds;
use crate::pagerduty::state::State;

const DEFAULT_LIMIT: usize = 1_000;
const MAX_LIMIT: usize = 10_000;

pub(super) fn handle(state: &State, call: &Call) -> Outcome {
    let number = |name: &str, default: usize| match call.one(name) {
        None => Ok(default),
        Some(text) => text.parse::<usize>().map_err(|_| format!("{name} must be a whole number")),
    };
    let (offset, limit) = (number("offset", 0)?, number("limit", DEFAULT_LIMIT)?.min(MAX_LIMIT));
    let all = &state.book.incidents;
    let shown: Vec<Value> = all.iter().skip(offset).take(limit).map(|i| state.truth(i)).collect();
    let more = offset.saturating_add(shown.len()) < all.len();
    let body = json!({ "incidents": shown, "offset": offset, "limit": limit, "more": more, "total": all.len() });
    Ok(Reply::json(200, &body))
}

impl State {
    fn truth(&self, i: &Incident) -> Value {
        let a = &self.account;
        let mut assignees: Vec<&str> = i.assignments.iter().map(|(_, u)| a.users[*u].id.as_str()).collect();
        assignees.sort_unstable();
        let alert = |a: &crate::pagerduty::book::Alert| json!({ "id": a.id, "status": if a.resolved.is_some() { "resolved" } else { "triggered" } });
        json!({
            "id": i.id, "number": i.number, "title": i.title, "status": i.status.word(), "urgency": i.urgency,
            "service": a.services[i.service].id, "priority": i.priority.map(|p| &a.priorities[p].id), "assignees": assignees,
            "created_at": seconds(i.created), "resolved_at": i.resolved.map(seconds),
            "merged_into": i.merged_into.map(|into| &self.book.incidents[into].id),
            "notes": i.notes.iter().map(|n| json!({ "id": n.id, "content": n.content })).collect::<Vec<_>>(),
            "alerts": i.alerts.iter().map(alert).collect::<Vec<_>>(),
            "log_entries": i.log.iter().map(|e| e.id.as_str()).collect::<Vec<_>>(),
        })
    }
}
