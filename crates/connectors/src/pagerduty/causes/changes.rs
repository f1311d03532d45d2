//! Who changed a setting, out of PagerDuty's audit trail, the newest first. Needs a plan that has it.

use super::{Shown, shown};
use crate::pagerduty::read::{PAGE_ROWS, span};
use crate::pagerduty::words::WireAuditRecord;
use crate::pagerduty::{AuditRecord, Client, checked_id, decode, json, map, wire};
use crate::{Call, CallError};
use model::Micros;
use model::setting::{FieldChange, SettingChange};
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::time::Instant;

/// Whose trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditOf<'a> {
    /// Of everything; an administrator's or account's key alone may.
    Account,
    Service(&'a str),
    EscalationPolicy(&'a str),
    Schedule(&'a str),
    Team(&'a str),
    User(&'a str),
}

impl<'a> AuditOf<'a> {
    fn root(self) -> Result<Option<[&'a str; 2]>, CallError> {
        let (kind, id) = match self {
            Self::Account => return Ok(None),
            Self::Service(id) => ("services", id),
            Self::EscalationPolicy(id) => ("escalation_policies", id),
            Self::Schedule(id) => ("schedules", id),
            Self::Team(id) => ("teams", id),
            Self::User(id) => ("users", id),
        };
        Ok(Some([kind, checked_id(id, false)?]))
    }
}

/// PagerDuty reads at most 31 days at once.
const SPAN_S: i64 = 30 * 86_400;
/// As far back as that, a little under a year, the question is worth its calls.
const MOST_SPANS: u32 = 12;

impl Client {
    /// The latest changes since then, at most `limit` (1 to 100), asked for month by month until there are enough. A record
    /// that nobody can read is left out.
    pub async fn audit(
        &self,
        call: &Call,
        of: AuditOf<'_>,
        since: Micros,
        limit: u32,
    ) -> Result<Shown<Vec<SettingChange>>, CallError> {
        shown(self.changes(call, of, since, limit.clamp(1, PAGE_ROWS)).await)
    }

    async fn changes(
        &self,
        call: &Call,
        of: AuditOf<'_>,
        since: Micros,
        limit: u32,
    ) -> Result<Vec<SettingChange>, CallError> {
        let path: Vec<&str> = of.root()?.into_iter().flatten().chain(["audit", "records"]).collect();
        let (started, mut until, mut all) = (Instant::now(), call.now, Vec::new());
        for _ in 0..MOST_SPANS {
            let from = until.plus_s(-SPAN_S).max(since);
            let mut query = vec![("limit", limit.to_string())];
            query.extend(span(Some(from), Some(until)));
            let raw = self.ask(call, started, &path, &query).await?;
            let rows: wire::Rows<Box<RawValue>> = decode(&raw, false)?;
            all.extend(rows.rows.iter().filter_map(|row| change(row)));
            if all.len() >= limit as usize || from <= since {
                break;
            }
            until = from;
        }
        all.truncate(limit as usize);
        Ok(all)
    }
}

fn change(row: &RawValue) -> Option<SettingChange> {
    let record = AuditRecord::from(json::read::<WireAuditRecord>(row.get().as_bytes()).ok()?);
    let fields = fields(&record.details);
    let AuditRecord { id, at, action, method, actors, resource, .. } = record;
    Some(SettingChange { id, at, action, method, by: actors, what: resource, fields })
}

/// Fields with their values, and references with the names that came and went.
fn fields(details: &Value) -> Vec<FieldChange> {
    let rows = |name: &str| details[name].as_array().cloned().unwrap_or_default();
    let value = |row: &Value, name: &str| row.get(name).map(map::shown).filter(|text| !text.is_empty());
    let of_fields = rows("fields").into_iter().filter_map(|row| {
        let (before, after) = (value(&row, "before_value"), value(&row, "value"));
        Some(FieldChange { name: map::text(&row, "name")?, before, after })
    });
    let of_references = rows("references").into_iter().filter_map(|row| {
        let (before, after) = (names(&row["removed"]), names(&row["added"]));
        Some(FieldChange { name: map::text(&row, "name")?, before, after })
    });
    of_fields.chain(of_references).collect()
}

fn names(of: &Value) -> Option<String> {
    let rows = of.as_array().into_iter().flatten();
    let names: Vec<String> =
        rows.filter_map(|row| map::text(row, "summary").or_else(|| map::text(row, "id"))).collect();
    if names.is_empty() { None } else { Some(names.join(", ")) }
}
