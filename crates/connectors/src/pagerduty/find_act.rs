//! Whether an act of unknown outcome has taken effect. Only reads, and says no only when it surely can't be seen: an answer
//! that leaves doubt is an error.

use super::read::span;
use super::whole::later;
use super::{Acted, Client, checked_id, decode, json, map};
use crate::{Call, CallError, Kind};
use model::Micros;
use model::act::Act;
use serde_json::Value;
use std::collections::BTreeSet;

/// How far their clock may be from where we think it is: their answers tell it in whole seconds.
const CLOCK_SLACK_S: i64 = 5;
/// The same before any answer has told it.
const UNKNOWN_CLOCK_SLACK_S: i64 = 60;

/// An act of unknown outcome, and what it takes to find it.
#[derive(Clone, Copy, Debug)]
pub struct Sought<'a> {
    pub incident: &'a str,
    pub act: &'a Act,
    /// PagerDuty's id of who acts.
    pub user: &'a str,
    /// What a note is found by.
    pub marker: &'a str,
    /// When the first try began that may have sent it.
    pub since: Micros,
    /// How many acts of the same kind, by the same person, on the same incident may have left a trace since about then.
    pub earlier: usize,
}

/// What an act by one user leaves in the log of an incident.
struct Trace<'a> {
    /// The log entry's type without its ending.
    kind: &'static str,
    user: &'a str,
    since: Micros,
    /// Whom it must have been assigned to, if the entry says that.
    to: &'a [String],
}

impl Client {
    /// `None`: not seen, it may be sent again.
    pub async fn find_act(&self, call: &Call, sought: &Sought<'_>) -> Result<Option<Acted>, CallError> {
        let started = tokio::time::Instant::now();
        let Sought { act, user, marker, .. } = *sought;
        let incident = checked_id(sought.incident, false)?;
        match act {
            Act::Note { .. } => {
                let note = self.find_note(call, incident, marker).await?;
                return Ok(note.map(|id| Acted::Done { external: Some(id) }));
            }
            Act::Merge { sources } => {
                return Ok(self.all_merged(call, incident, sources).await?.then_some(Acted::DONE));
            }
            _ => {}
        }
        let mut traces = Vec::new();
        if let Some(trace) = trace(act, user, self.not_before(sought.since)) {
            traces = self.traces(call, incident, &trace).await?;
            if traces.len() > sought.earlier {
                return Ok(Some(Acted::Done { external: traces.pop() }));
            }
        }
        let seen = self.seen(&later(call, started), incident).await?;
        if is_so(act, user, &seen) {
            return Ok(Some(Acted::Already));
        }
        // The incident's state tells whether these hold; of the others every trace may be an earlier act's.
        let is_told_by_state = matches!(act, Act::Acknowledge | Act::Resolve { .. } | Act::Reassign { .. });
        if traces.is_empty() || is_told_by_state {
            return Ok(None);
        }
        let text = format!(
            "PagerDuty's log of {incident} shows {} of this kind by this person at about that time, and as many were asked \
             for; whether the last one is among them can't be told",
            traces.len()
        );
        Err(CallError::new(Kind::TooLarge, false, text))
    }

    /// The earliest instant by PagerDuty's clock at which something sent at `since` by ours may have happened there.
    pub(super) fn not_before(&self, since: Micros) -> Micros {
        match self.clock_offset_ms() {
            // One that is ahead moves nothing: our own clock may have been put right since, and ours must not be missed.
            Some(offset_ms) => since.plus_ms(offset_ms.min(0)).plus_s(-CLOCK_SLACK_S),
            None => since.plus_s(-UNKNOWN_CLOCK_SLACK_S),
        }
    }

    /// The ids of the log entries that the act, or one like it, has left.
    async fn traces(&self, call: &Call, incident: &str, trace: &Trace<'_>) -> Result<Vec<String>, CallError> {
        let path = ["incidents", incident, "log_entries"];
        let asked: Vec<_> = span(Some(trace.since), None).collect();
        let (rows, cut) = self.all_rows(call, &path, &asked).await?;
        let mut ids = Vec::new();
        for row in &rows {
            let entry: Value = decode(row.get().as_bytes(), false)?;
            if trace.is(&entry) {
                ids.push(map::text(&entry, "id").unwrap_or_default());
            }
        }
        if cut && ids.is_empty() {
            let text =
                format!("{incident} has more log entries than PagerDuty shows; whether it was done can't be told");
            return Err(CallError::new(Kind::TooLarge, false, text));
        }
        Ok(ids)
    }

    /// Whether every one of these has gone into the target. One after the other: PagerDuty reads no list of ids.
    pub(super) async fn all_merged(&self, call: &Call, target: &str, sources: &[String]) -> Result<bool, CallError> {
        let started = tokio::time::Instant::now();
        for source in sources {
            let seen = self.seen(&later(call, started), checked_id(source, false)?).await?;
            let reason = &seen["resolve_reason"];
            if reason["type"] != "merge_resolve_reason" || reason["incident"]["id"] != target {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The incident in PagerDuty's own words: an odd field elsewhere in it must not keep anybody from acting.
    pub(super) async fn seen(&self, call: &Call, incident: &str) -> Result<Value, CallError> {
        let raw = self.get(call, &["incidents", incident], &[]).await?;
        let mut document: Value = decode(&raw, false)?;
        let seen = document.get_mut("incident").map(Value::take).unwrap_or_default();
        if map::text(&seen, "status").is_none() {
            let why = json::Unreadable { place: "incident.status".to_owned(), why: "it is missing".to_owned() };
            return Err(super::unreadable(&why, false));
        }
        Ok(seen)
    }
}

/// What kind of log entry it is, whole or a reference to one.
pub(super) fn type_of(kind: &str) -> &str {
    kind.trim_end_matches("_reference").trim_end_matches("_log_entry")
}

/// A change of priority leaves no entry that PagerDuty documents; the incident itself tells.
fn trace<'a>(act: &'a Act, user: &'a str, since: Micros) -> Option<Trace<'a>> {
    let (kind, to): (_, &[String]) = match act {
        Act::Acknowledge => ("acknowledge", &[]),
        Act::Resolve { .. } => ("resolve", &[]),
        Act::Snooze { .. } => ("snooze", &[]),
        Act::Reassign { users } => ("assign", users),
        Act::Escalate { .. } => ("escalate", &[]),
        Act::Note { .. } | Act::Priority { .. } | Act::Merge { .. } => return None,
    };
    Some(Trace { kind, user, since, to })
}

impl Trace<'_> {
    fn is(&self, entry: &Value) -> bool {
        let kind = map::text(entry, "type").unwrap_or_default();
        let kind = type_of(&kind);
        // PagerDuty prints whole seconds; an entry without a readable time can't be ruled out.
        let at = map::text(entry, "created_at").as_deref().and_then(Micros::parse);
        let in_time = at.is_none_or(|at| at.second() >= self.since.second());
        kind == self.kind && in_time && entry["agent"]["id"] == self.user && self.went_to(entry)
    }

    fn went_to(&self, entry: &Value) -> bool {
        let named = ids(&entry["assignees"], |assignee| assignee);
        named.is_empty() || self.to.iter().all(|user| named.contains(user.as_str()))
    }
}

/// Whether the incident is as the act wanted it, whoever made it so.
fn is_so(act: &Act, user: &str, seen: &Value) -> bool {
    let is_resolved = seen["status"] == "resolved";
    match act {
        Act::Acknowledge => {
            let by = ids(&seen["acknowledgements"], |row| &row["acknowledger"]);
            is_resolved || (seen["status"] == "acknowledged" && by.contains(user))
        }
        Act::Resolve { .. } => is_resolved,
        Act::Reassign { users } => {
            let wanted: BTreeSet<&str> = users.iter().map(String::as_str).collect();
            ids(&seen["assignments"], |row| &row["assignee"]) == wanted
        }
        Act::Priority { to } => seen["priority"]["id"].as_str() == to.as_deref(),
        Act::Note { .. } | Act::Snooze { .. } | Act::Escalate { .. } | Act::Merge { .. } => false,
    }
}

fn ids<'a>(rows: &'a Value, of: impl Fn(&'a Value) -> &'a Value) -> BTreeSet<&'a str> {
    rows.as_array().into_iter().flatten().filter_map(|row| of(row)["id"].as_str()).collect()
}
