//! Who and what there is: people, teams, projects, statuses, lists of tickets. Never writes; a failed read changed nothing.

use super::document::tickets_from_list;
use super::limits::Bucket;
use super::{Ask, Client, checked_key, decode, later, unreadable, wire};
use crate::{Call, CallError, Kind};
use bytes::Bytes;
use http::Method;
use jiff::civil::Date;
use model::ticket::{Named, Ticket, Who};
use serde::Deserialize;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    pub id: i64,
    pub name: String,
    pub members: Vec<Who>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    pub id: i64,
    pub key: String,
    pub name: String,
    pub is_archived: bool,
}

/// Which tickets; an empty list means all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListTickets {
    pub projects: Vec<i64>,
    pub statuses: Vec<i64>,
    /// From the beginning of this day; Backlog knows no finer bound, and does not say in whose zone the day is.
    pub updated_since: Option<Date>,
    pub sort: Sort,
    pub offset: u32,
    /// 1 to 100; 0 means 100.
    pub count: u32,
}

/// Always oldest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// A ticket that changes while pages are read moves to the end and may let another slip by; the next round has it.
    #[default]
    Updated,
    /// Pages don't shift: for reading all there is.
    Created,
}

#[derive(Clone, Debug)]
pub struct TicketPage {
    pub tickets: Vec<Ticket>,
    pub more: bool,
    pub next_offset: u32,
    pub raw: Bytes,
}

const PAGE_ROWS: u32 = 100;
/// Ten thousand teams.
const MOST_PAGES: u32 = 100;

#[derive(Deserialize)]
struct WireTeam {
    id: i64,
    name: Option<String>,
    #[serde(default, deserialize_with = "wire::list")]
    members: Vec<wire::User>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireProject {
    id: i64,
    project_key: String,
    name: Option<String>,
    #[serde(default)]
    archived: Option<bool>,
}

impl Client {
    /// Whose key it is.
    pub async fn myself(&self, call: &Call) -> Result<Who, CallError> {
        let raw = self.get(call, &["users", "myself"], &[]).await?;
        let who = decode::<wire::User>(&raw, false)?.who();
        who.ok_or_else(|| CallError::new(Kind::Unreadable, false, "Backlog does not say whose key it is"))
    }

    pub async fn users(&self, call: &Call) -> Result<Vec<Who>, CallError> {
        let raw = self.get(call, &["users"], &[]).await?;
        Ok(people(decode(&raw, false)?))
    }

    /// Spaces of an older kind call them groups.
    pub async fn teams(&self, call: &Call) -> Result<Vec<Team>, CallError> {
        let started = tokio::time::Instant::now();
        match self.all_teams(call, "teams").await {
            Err(error) if error.kind == Kind::NotFound => self.all_teams(&later(call, started), "groups").await,
            answer => answer,
        }
    }

    async fn all_teams(&self, call: &Call, path: &str) -> Result<Vec<Team>, CallError> {
        let started = tokio::time::Instant::now();
        let mut teams: Vec<Team> = Vec::new();
        for page in 0..MOST_PAGES {
            let query = [
                ("count", PAGE_ROWS.to_string()),
                ("offset", (page * PAGE_ROWS).to_string()),
                ("order", "asc".to_owned()),
            ];
            let raw = self.get(&later(call, started), &[path], &query).await?;
            let rows: Vec<WireTeam> = decode(&raw, false)?;
            let (count, before) = (rows.len(), teams.len());
            let new = rows.into_iter().filter(|row| !teams.iter().any(|team| team.id == row.id));
            let new: Vec<Team> = new.map(team).collect();
            teams.extend(new);
            // One that pages nothing gives the same rows again.
            if count < PAGE_ROWS as usize || teams.len() == before {
                break;
            }
        }
        Ok(teams)
    }

    /// Those that the key's user is in, archived ones too.
    pub async fn projects(&self, call: &Call) -> Result<Vec<Project>, CallError> {
        let raw = self.get(call, &["projects"], &[]).await?;
        let rows: Vec<WireProject> = decode(&raw, false)?;
        let project = |row: WireProject| Project {
            id: row.id,
            name: row.name.unwrap_or_default(),
            is_archived: row.archived.unwrap_or(false),
            key: row.project_key,
        };
        Ok(rows.into_iter().map(project).collect())
    }

    /// The statuses of a project, in its own order.
    pub async fn statuses(&self, call: &Call, project: &str) -> Result<Vec<Named>, CallError> {
        let raw = self.get(call, &["projects", checked_key(project, false)?, "statuses"], &[]).await?;
        let rows: Vec<wire::Value> = decode(&raw, false)?;
        Ok(rows.into_iter().filter_map(wire::Value::named).collect())
    }

    /// Counted as a search, whose limit is the narrower one: which of the two it is Backlog does not say.
    pub async fn list_tickets(&self, call: &Call, list: &ListTickets) -> Result<TicketPage, CallError> {
        let count = if list.count == 0 { PAGE_ROWS } else { list.count.min(PAGE_ROWS) };
        let query = query(list, count);
        let ask = Ask { method: Method::GET, path: &["issues"], query: &query, form: None, bucket: Bucket::Search };
        let raw = self.send(call, &ask).await?.body;
        let tickets = tickets_from_list(&self.space, &self.pages, &raw);
        let tickets = tickets
            .map_err(|e| decode::<serde::de::IgnoredAny>(&raw, false).err().unwrap_or_else(|| unreadable(&e, false)))?;
        let rows = u32::try_from(tickets.len()).unwrap_or(u32::MAX);
        Ok(TicketPage { tickets, more: rows >= count, next_offset: list.offset.saturating_add(rows), raw })
    }
}

fn query(list: &ListTickets, count: u32) -> Vec<(&'static str, String)> {
    let sort = match list.sort {
        Sort::Updated => "updated",
        Sort::Created => "created",
    };
    let mut query = vec![
        ("sort", sort.to_owned()),
        ("order", "asc".to_owned()),
        ("offset", list.offset.to_string()),
        ("count", count.to_string()),
    ];
    query.extend(list.projects.iter().map(|id| ("projectId[]", id.to_string())));
    query.extend(list.statuses.iter().map(|id| ("statusId[]", id.to_string())));
    query.extend(list.updated_since.map(|day| ("updatedSince", day.to_string())));
    query
}

fn people(rows: Vec<wire::User>) -> Vec<Who> {
    rows.into_iter().filter_map(wire::User::who).collect()
}

fn team(row: WireTeam) -> Team {
    Team { id: row.id, name: row.name.unwrap_or_default(), members: people(row.members) }
}
