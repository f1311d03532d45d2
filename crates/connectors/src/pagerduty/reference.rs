//! What PagerDuty configures, read page by page into one plain form. `reference_from_list` is pure, so that a kept page gives
//! the same things whenever it is read. A row that can't be read is skipped and stays in the page's bytes.

use super::json::{self, Unreadable};
use super::read::{PAGE_ROWS, page, paging, span};
use super::{Answer, Client, Page, decode, map, wire};
use crate::{Call, CallError};
use model::Micros;
use model::incident::Ref;
use model::reference::{Kind, Thing};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Which page of which list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListReference {
    pub kind: Kind,
    pub offset: u32,
    /// For shifts: a span that may reach 90 days ahead. On-call rows without one are those of now; the other kinds have none.
    pub since: Option<Micros>,
    pub until: Option<Micros>,
}

const fn path(kind: Kind) -> &'static str {
    match kind {
        Kind::Service => "services",
        Kind::User => "users",
        Kind::Team => "teams",
        Kind::EscalationPolicy => "escalation_policies",
        Kind::Schedule => "schedules",
        Kind::OnCall | Kind::Shift => "oncalls",
        Kind::Priority => "priorities",
        Kind::MaintenanceWindow => "maintenance_windows",
    }
}

impl Client {
    pub async fn reference(&self, call: &Call, list: &ListReference) -> Result<Answer<Page<Thing>>, CallError> {
        let mut query = paging(PAGE_ROWS, list.offset);
        match list.kind {
            Kind::OnCall => query.extend(span(list.since, list.until)),
            Kind::Shift => {
                query.extend(span(list.since, list.until));
                // How many there are tells whether they can be paged through.
                if list.offset == 0 {
                    query.push(("total", "true".to_owned()));
                }
            }
            Kind::MaintenanceWindow => query.push(("filter", "open".to_owned())),
            _ => {}
        }
        let raw = self.get(call, &[path(list.kind)], &query).await?;
        let rows: wire::Rows<Box<RawValue>> = decode(&raw, false)?;
        let mut rank = i64::from(list.offset)..;
        let Page { items, more, next_offset, total } =
            page(rows, list.offset, |row| thing(list.kind, &row, rank.next().unwrap_or_default()));
        Ok(Answer { value: Page { items: items.into_iter().flatten().collect(), more, next_offset, total }, raw })
    }
}

/// The things of one page, as `Client::reference` has read it.
pub fn reference_from_list(kind: Kind, raw: &[u8]) -> Result<Vec<Thing>, Unreadable> {
    let rows: wire::Rows<Box<RawValue>> = json::read(&json::without_nul(raw))?;
    let first = i64::from(rows.offset.unwrap_or_default());
    Ok(rows.rows.iter().zip(first..).filter_map(|(row, rank)| thing(kind, row, rank)).collect())
}

fn thing(kind: Kind, row: &RawValue, rank: i64) -> Option<Thing> {
    let raw = row.get().as_bytes();
    match kind {
        Kind::OnCall | Kind::Shift => on_call(kind, json::read(raw).ok()?),
        _ => Some(configured(kind, json::read(raw).ok()?, rank)),
    }
}

/// One form for all that has an id: each kind has some of the fields.
#[derive(Deserialize)]
struct Configured {
    #[serde(deserialize_with = "wire::named")]
    id: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    summary: Option<String>,
    #[serde(default)]
    html_url: Option<String>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    role: Option<String>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default, deserialize_with = "wire::time")]
    start_time: Option<Micros>,
    #[serde(default, deserialize_with = "wire::time")]
    end_time: Option<Micros>,
    #[serde(default, deserialize_with = "wire::list")]
    teams: Vec<wire::Reference>,
    #[serde(default, deserialize_with = "wire::list")]
    users: Vec<wire::Reference>,
    #[serde(default, deserialize_with = "wire::list")]
    services: Vec<wire::Reference>,
    #[serde(default, deserialize_with = "wire::list")]
    escalation_rules: Vec<Rule>,
}

#[derive(Deserialize)]
struct Rule {
    #[serde(default, deserialize_with = "wire::list")]
    targets: Vec<wire::Reference>,
}

fn configured(kind: Kind, from: Configured, rank: i64) -> Thing {
    let level = match kind {
        Kind::EscalationPolicy => i64::try_from(from.escalation_rules.len()).ok(),
        // PagerDuty lists the most severe first and gives no number.
        Kind::Priority => Some(rank),
        _ => None,
    };
    let names = match kind {
        Kind::Service | Kind::User => from.teams,
        Kind::Schedule => from.users,
        Kind::EscalationPolicy => from.escalation_rules.into_iter().flat_map(|rule| rule.targets).collect(),
        Kind::MaintenanceWindow => from.services,
        Kind::Team | Kind::OnCall | Kind::Shift | Kind::Priority => Vec::new(),
    };
    let name = [from.name, from.summary].into_iter().flatten().find(|name| !name.is_empty());
    Thing {
        kind,
        name: name.unwrap_or_else(|| from.id.clone()),
        id: from.id,
        url: map::web_url(from.html_url),
        email: from.email.map(|email| email.to_lowercase()),
        status: if kind == Kind::User { from.role } else { from.status },
        user: None,
        starts_at: from.start_time,
        ends_at: from.end_time,
        level,
        names: distinct_names(names),
    }
}

/// In their order; a policy may name one user on several levels.
fn distinct_names(from: Vec<wire::Reference>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for Ref { name, .. } in map::references(from) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

#[derive(Deserialize)]
struct OnCall {
    escalation_policy: wire::Reference,
    #[serde(default)]
    escalation_level: Option<i64>,
    user: wire::Reference,
    #[serde(default)]
    schedule: Option<wire::Reference>,
    #[serde(default, deserialize_with = "wire::time")]
    start: Option<Micros>,
    #[serde(default, deserialize_with = "wire::time")]
    end: Option<Micros>,
}

/// PagerDuty has no id for these rows: what makes one is who, where and since when.
fn on_call(kind: Kind, from: OnCall) -> Option<Thing> {
    let policy = map::reference(from.escalation_policy)?;
    let user = map::reference(from.user)?;
    let (schedule, schedule_name) =
        from.schedule.and_then(map::reference).map_or_else(|| ("-".to_owned(), String::new()), |s| (s.id, s.name));
    let level = from.escalation_level.unwrap_or_default();
    let start = from.start.map_or_else(|| "-".to_owned(), Micros::rfc3339);
    Some(Thing {
        kind,
        id: format!("{}/{level}/{}/{schedule}/{start}", policy.id, user.id),
        name: user.name,
        url: None,
        email: None,
        status: None,
        user: Some(user.id),
        starts_at: from.start,
        ends_at: from.end,
        level: from.escalation_level,
        names: vec![policy.name, schedule_name],
    })
}
