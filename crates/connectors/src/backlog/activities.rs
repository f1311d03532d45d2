//! That something happened to tickets: bodies of webhooks and lists of activities as hints to read the tickets. Nothing that they
//! say is believed, since nobody signs them: a hint only names tickets.

use super::document::PAGE_ROWS;
use super::{Client, Unreadable, checked_key, decode, is_key, later, unreadable, wire};
use crate::pagerduty::json;
use crate::{Call, CallError, Kind};
use bytes::Bytes;
use model::Micros;
use model::ticket::Hint;
use serde::Deserialize;
use serde_json::value::RawValue;

/// Whose activities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope<'a> {
    /// All that the key's user sees.
    Space,
    /// By key or number.
    Project(&'a str),
}

/// What has happened since, oldest first.
#[derive(Clone, Debug)]
pub struct Activities {
    pub hints: Vec<Hint>,
    /// Where to go on from: the newest activity seen, of whatever type.
    pub newest: Option<i64>,
    /// There may be more; go on from `newest`.
    pub more: bool,
    /// The pages that it was read from, for `hints_from_activities`.
    pub raw: Vec<Bytes>,
}

/// Types that tickets are concerned by: created, updated, commented, deleted, many updated, told of, many created.
const OF_TICKETS: [i64; 7] = [1, 2, 3, 4, 14, 17, 47];
const DELETED: i64 = 4;
/// In one go; the caller goes on from there.
const MOST_PAGES: usize = 20;

#[derive(Deserialize)]
struct Activity {
    #[serde(default, deserialize_with = "wire::number")]
    id: Option<i64>,
    #[serde(rename = "type", default, deserialize_with = "wire::number")]
    kind: Option<i64>,
    #[serde(default, deserialize_with = "wire::time")]
    created: Option<Micros>,
    project: Option<Project>,
    content: Option<Content>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Project {
    project_key: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Content {
    #[serde(deserialize_with = "wire::number")]
    key_id: Option<i64>,
    #[serde(deserialize_with = "wire::list")]
    link: Vec<Link>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Link {
    #[serde(deserialize_with = "wire::number")]
    key_id: Option<i64>,
}

/// A webhook's body. One that concerns no ticket is a hint without keys.
pub fn parse_webhook(raw: &[u8]) -> Result<Hint, Unreadable> {
    hint(json::read(&json::without_nul(raw))?)
}

/// The hints of one page, oldest first. Rows that concern no ticket make none; one that can't be read spoils no other, since
/// the next round of listing tickets finds what it was about.
pub fn hints_from_activities(raw: &[u8]) -> Result<Vec<Hint>, Unreadable> {
    let rows: Vec<Box<RawValue>> = json::read(&json::without_nul(raw))?;
    let read = |row: &RawValue| json::read(row.get().as_bytes()).and_then(hint).ok();
    let mut hints: Vec<Hint> = rows.iter().filter_map(|row| read(row)).filter(|hint| !hint.keys.is_empty()).collect();
    hints.sort_by_key(|hint| hint.activity);
    Ok(hints)
}

fn hint(activity: Activity) -> Result<Hint, Unreadable> {
    let missing = |place: &str, why: &str| Unreadable { place: place.to_owned(), why: why.to_owned() };
    let id = activity.id.ok_or_else(|| missing("id", "the activity has no number"))?;
    let kind = activity.kind.ok_or_else(|| missing("type", "the activity has no type"))?;
    let mut hint = Hint { activity: id, at: activity.created, keys: Vec::new(), is_deleted: kind == DELETED };
    let numbers = activity.content.filter(|_| OF_TICKETS.contains(&kind)).map(numbers).unwrap_or_default();
    if numbers.is_empty() {
        return Ok(hint);
    }
    let project = activity.project.and_then(|project| project.project_key).filter(|key| !key.is_empty());
    let project = project.ok_or_else(|| missing("project.projectKey", "the ticket's project is not told"))?;
    hint.keys = numbers.into_iter().map(|number| format!("{project}-{number}")).collect();
    // Anybody who knows the address may have written it: what is no key would be asked for in vain, and that is no job.
    if hint.keys.iter().all(|key| is_key(key)) {
        Ok(hint)
    } else {
        Err(missing("project.projectKey", "it is no project's key"))
    }
}

fn numbers(content: Content) -> Vec<i64> {
    let all = content.key_id.into_iter().chain(content.link.into_iter().filter_map(|link| link.key_id));
    let mut numbers: Vec<i64> = all.filter(|number| *number > 0).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

#[derive(Deserialize)]
struct Numbered {
    id: i64,
}

impl Client {
    /// What has happened after this activity, oldest first, page by page until nothing newer comes.
    pub async fn activities_since(&self, call: &Call, scope: Scope<'_>, id: i64) -> Result<Activities, CallError> {
        let started = tokio::time::Instant::now();
        let mut found = Activities { hints: Vec::new(), newest: Some(id), more: true, raw: Vec::new() };
        for _ in 0..MOST_PAGES {
            let since = found.newest.unwrap_or(id);
            let raw = self.activities(&later(call, started), scope, Some(since), PAGE_ROWS).await?;
            let ids = ids(&raw)?;
            let hints = hints_from_activities(&raw).map_err(|e| unreadable(&e, false))?;
            found.hints.extend(hints.into_iter().filter(|hint| hint.activity > since));
            found.newest = ids.iter().copied().max().max(found.newest);
            found.raw.push(raw);
            found.more = ids.len() >= PAGE_ROWS && found.newest > Some(since);
            if !found.more {
                break;
            }
            in_order(&ids)?;
        }
        Ok(found)
    }

    /// The newest activity, of the types that concern tickets: where to begin at first contact. `None`: there is none yet.
    pub async fn newest_activity(&self, call: &Call, scope: Scope<'_>) -> Result<Option<i64>, CallError> {
        let raw = self.activities(call, scope, None, 1).await?;
        Ok(ids(&raw)?.into_iter().max())
    }

    /// Oldest first after one, or the newest ones. Whether that one is among them Backlog does not say.
    async fn activities(
        &self,
        call: &Call,
        scope: Scope<'_>,
        since: Option<i64>,
        count: usize,
    ) -> Result<Bytes, CallError> {
        let mut query = vec![("count", count.to_string())];
        query.extend(OF_TICKETS.map(|kind| ("activityTypeId[]", kind.to_string())));
        query.push(("order", if since.is_some() { "asc" } else { "desc" }.to_owned()));
        query.extend(since.map(|id| ("minId", id.to_string())));
        match scope {
            Scope::Space => self.get(call, &["space", "activities"], &query).await,
            Scope::Project(key) => self.get(call, &["projects", checked_key(key, false)?, "activities"], &query).await,
        }
    }
}

fn ids(raw: &[u8]) -> Result<Vec<i64>, CallError> {
    Ok(decode::<Vec<Numbered>>(raw, false)?.into_iter().map(|row| row.id).collect())
}

/// A full page that begins with the newest would leave a hole behind it.
fn in_order(ids: &[i64]) -> Result<(), CallError> {
    if ids.is_sorted() {
        return Ok(());
    }
    let text =
        "Backlog listed activities in another order than asked for; nothing of it was taken, so that none is missed";
    Err(CallError::new(Kind::Unreadable, false, text))
}
