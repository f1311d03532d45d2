//! What a person does to an incident, sent in that person's own name and never in another's. Each act can be looked up
//! (`find_act`), so that one of unknown outcome is never simply repeated.

use super::whole::later;
use super::{Client, Write, bad_request, checked_id, decode, wire};
use crate::{Call, CallError};
use http::Method;
use model::act::Act;
use serde_json::{Value, json};

/// How an act ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Acted {
    /// `external` is PagerDuty's id of what came of it: of a note, or of the log entry it was found by.
    Done { external: Option<String> },
    /// It was so before: acknowledged, resolved or merged by somebody. Nothing was changed.
    Already,
}

impl Acted {
    pub(super) const DONE: Self = Self::Done { external: None };
}

const ALREADY_RESOLVED: i64 = 1001;
const ALREADY_ACKNOWLEDGED: i64 = 1002;
const ALREADY_MERGED: i64 = 1019;

impl Client {
    /// Does it in the name of `from`, the PagerDuty user's e-mail address. With a user's own key PagerDuty ignores `from`,
    /// so it is the caller's duty to refuse an act of anybody else. `marker` is what a note is found by again.
    pub async fn act(
        &self,
        call: &Call,
        incident: &str,
        act: &Act,
        from: &str,
        marker: &str,
    ) -> Result<Acted, CallError> {
        let started = tokio::time::Instant::now();
        let incident = checked_id(incident, true)?;
        check(incident, act, from, marker)?;
        let before = self.before(call, incident, act).await?;
        if before["status"] == "resolved" {
            return Ok(Acted::Already);
        }
        let now = later(call, started);
        match self.order(&now, incident, act, from, marker).await {
            Ok(raw) => done(act, &before, &raw),
            Err(error) if was_so_before(act, error.code) => Ok(Acted::Already),
            // One source that was merged elsewhere brings the same refusal, and the others were left alone.
            Err(error) if error.code == Some(ALREADY_MERGED) => match act {
                Act::Merge { sources } if self.all_merged(&later(call, started), incident, sources).await? => {
                    Ok(Acted::Already)
                }
                _ => Err(error),
            },
            Err(error) => Err(error),
        }
    }

    /// The incident as it is, where that decides: to acknowledge a resolved one would open it again, and PagerDuty may
    /// answer 200 where nothing was left to do. Null for other acts.
    async fn before(&self, call: &Call, incident: &str, act: &Act) -> Result<Value, CallError> {
        match act {
            Act::Acknowledge | Act::Resolve { .. } => self.seen(call, incident).await,
            _ => Ok(Value::Null),
        }
    }

    async fn order(
        &self,
        call: &Call,
        incident: &str,
        act: &Act,
        from: &str,
        marker: &str,
    ) -> Result<bytes::Bytes, CallError> {
        let (method, tail) = match act {
            Act::Note { .. } => (Method::POST, Some("notes")),
            Act::Snooze { .. } => (Method::POST, Some("snooze")),
            Act::Merge { .. } => (Method::PUT, Some("merge")),
            _ => (Method::PUT, None),
        };
        let path: Vec<&str> = ["incidents", incident].into_iter().chain(tail).collect();
        self.write(call, Write { method, path: &path, from: Some(from) }, Some(&body(act, marker))).await
    }
}

fn check(incident: &str, act: &Act, from: &str, marker: &str) -> Result<(), CallError> {
    if from.trim().is_empty() {
        return Err(bad_request("an act needs the e-mail address of the PagerDuty user who acts; nothing was sent"));
    }
    if matches!(act, Act::Note { .. }) && marker.trim().is_empty() {
        return Err(bad_request("a note without a marker could not be found again; nothing was sent"));
    }
    act.check(incident).map_err(|unfit| bad_request(unfit.to_string()))
}

fn body(act: &Act, marker: &str) -> Value {
    match act {
        Act::Acknowledge => update(&[("status", json!("acknowledged"))]),
        Act::Resolve { resolution } => {
            let said = resolution.as_deref().filter(|text| !text.trim().is_empty());
            let said = said.map(|text| ("resolution", json!(text)));
            update(&[("status", json!("resolved"))].into_iter().chain(said).collect::<Vec<_>>())
        }
        // People read it: the marker stands on a last line of its own.
        Act::Note { text } => json!({ "note": { "content": format!("{}\n{marker}", text.trim_end()) } }),
        Act::Snooze { seconds } => json!({ "duration": seconds }),
        Act::Reassign { users } => {
            let assignment = |id: &String| json!({ "assignee": { "id": id, "type": "user_reference" } });
            update(&[("assignments", users.iter().map(assignment).collect())])
        }
        Act::Escalate { level } => update(&[("escalation_level", json!(level))]),
        Act::Priority { to } => {
            let priority = to.as_ref().map(|id| json!({ "id": id, "type": "priority_reference" }));
            update(&[("priority", json!(priority))])
        }
        Act::Merge { sources } => {
            let source = |id: &String| json!({ "id": id, "type": "incident_reference" });
            json!({ "source_incidents": sources.iter().map(source).collect::<Vec<_>>() })
        }
    }
}

fn update(fields: &[(&str, Value)]) -> Value {
    let mut incident = json!({ "type": "incident_reference" });
    for (name, value) in fields {
        incident[*name] = value.clone();
    }
    json!({ "incident": incident })
}

/// What a 2xx means. One that can't be read leaves the outcome unknown.
fn done(act: &Act, before: &Value, raw: &[u8]) -> Result<Acted, CallError> {
    match act {
        Act::Note { .. } => {
            let note: wire::One<wire::Note> = decode(raw, true)?;
            Ok(Acted::Done { external: Some(note.one.id) })
        }
        Act::Acknowledge => {
            let after: wire::One<Value> = decode(raw, true)?;
            let acknowledged = &before["acknowledgements"];
            let was_so = before["status"] == "acknowledged" && after.one["acknowledgements"] == *acknowledged;
            Ok(if was_so && acknowledged.is_array() { Acted::Already } else { Acted::DONE })
        }
        _ => decode::<wire::One<wire::IncidentId>>(raw, true).map(|_| Acted::DONE),
    }
}

const fn was_so_before(act: &Act, code: Option<i64>) -> bool {
    matches!(
        (act, code),
        (Act::Acknowledge, Some(ALREADY_RESOLVED | ALREADY_ACKNOWLEDGED))
            | (Act::Resolve { .. }, Some(ALREADY_RESOLVED))
    )
}
