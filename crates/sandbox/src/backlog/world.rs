//! What there is in the simulated space: people, teams, projects, tickets with their comments, activities. Only holds and finds;
//! what happens is in `happen`.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;

use super::access::Access;
use super::errors::Problem;
use super::limits::Limits;
use super::settings::Settings;
use crate::courier::Courier;
use crate::dice::Dice;

/// On whose side of the desk somebody is. Backlog does not know; the judge does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The account whose key Arayashiki uses.
    Bot,
    Ours,
    /// A group account: whoever is at the desk.
    Desk,
    Customer,
}

#[derive(Debug, Clone)]
pub(super) struct User {
    pub id: u64,
    /// The name to sign in with.
    pub login: &'static str,
    pub name: &'static str,
    pub mail: String,
    pub role: u8,
    pub side: Side,
    pub api_key: String,
}

#[derive(Debug, Clone)]
pub(super) struct Team {
    pub id: u64,
    pub name: &'static str,
    pub members: Vec<u64>,
}

/// Something with a name out of a project's or the space's list.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    pub id: u64,
    pub name: &'static str,
    pub color: &'static str,
}

#[derive(Debug, Clone)]
pub(super) struct Hook {
    pub id: u64,
    pub name: String,
    pub description: String,
    pub url: String,
    pub all: bool,
    pub kinds: Vec<u8>,
    pub created_by: u64,
    pub created: Timestamp,
    pub updated: Timestamp,
}

#[derive(Debug, Clone)]
pub(super) struct Project {
    pub id: u64,
    pub key: &'static str,
    pub name: &'static str,
    pub members: Vec<u64>,
    pub types: Vec<Choice>,
    pub categories: Vec<Choice>,
    pub statuses: Vec<Choice>,
    pub hooks: Vec<Hook>,
    pub last_key: u64,
}

#[derive(Debug, Clone)]
pub(super) struct Change {
    pub field: &'static str,
    /// As webhooks and activities write it: an id for a status.
    pub old_value: String,
    pub new_value: String,
    /// As a comment's change log writes it.
    pub old_name: Option<String>,
    pub new_name: Option<String>,
}

#[derive(Debug, Clone)]
pub(super) struct Comment {
    pub id: u64,
    pub content: Option<String>,
    pub changes: Vec<Change>,
    pub by: u64,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub notified: Vec<u64>,
}

#[derive(Debug, Clone)]
pub(super) struct Issue {
    pub id: u64,
    pub project: u64,
    pub key_id: u64,
    /// `MINATO-3`
    pub key: String,
    pub kind: u64,
    pub summary: String,
    pub description: String,
    pub status: u64,
    pub priority: u64,
    pub resolution: Option<u64>,
    pub assignee: Option<u64>,
    pub categories: Vec<u64>,
    pub start: Option<Date>,
    pub due: Option<Date>,
    pub estimated_hours: Option<f64>,
    pub actual_hours: Option<f64>,
    pub parent: Option<u64>,
    pub created_by: u64,
    pub created: Timestamp,
    pub updated_by: u64,
    pub updated: Timestamp,
    pub comments: Vec<Comment>,
    pub is_deleted: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Activity {
    pub id: u64,
    pub project: u64,
    pub kind: u8,
    pub by: u64,
    pub created: Timestamp,
    pub content: Value,
}

#[derive(Debug)]
pub(super) struct State {
    pub url: String,
    pub users: Vec<User>,
    pub teams: Vec<Team>,
    pub projects: Vec<Project>,
    /// Oldest first, deleted ones included.
    pub issues: Vec<Issue>,
    pub activities: Vec<Activity>,
    pub access: Access,
    pub limits: Limits,
    pub settings: Settings,
    pub dice: Dice,
    pub courier: Arc<Courier>,
    pub last_id: u64,
    pub last_activity: u64,
}

pub(super) const PRIORITIES: [(u64, &str); 3] = [(2, "高"), (3, "中"), (4, "低")];
pub(super) const RESOLUTIONS: [(u64, &str); 5] =
    [(0, "対応済み"), (1, "対応しない"), (2, "無効"), (3, "重複"), (4, "再現しない")];

pub(super) fn named(of: &[(u64, &'static str)], id: u64) -> Option<&'static str> {
    of.iter().find(|(n, _)| *n == id).map(|(_, name)| *name)
}

impl Project {
    pub(super) fn has_member(&self, user: u64) -> bool {
        self.members.contains(&user)
    }

    pub(super) fn status(&self, id: u64) -> Option<&Choice> {
        self.statuses.iter().find(|s| s.id == id)
    }

    pub(super) fn kind(&self, id: u64) -> Option<&Choice> {
        self.types.iter().find(|t| t.id == id)
    }
}

impl State {
    pub(super) fn new_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    pub(super) fn user(&self, id: u64) -> Option<&User> {
        self.users.iter().find(|u| u.id == id)
    }

    pub(super) fn name_of(&self, user: Option<u64>) -> &'static str {
        user.and_then(|id| self.user(id)).map_or("", |u| u.name)
    }

    /// By number, login, name or address.
    pub(super) fn user_like(&self, wanted: &str) -> Option<&User> {
        self.users
            .iter()
            .find(|u| u.login == wanted || u.name == wanted || u.mail == wanted || u.id.to_string() == wanted)
    }

    pub(super) fn project(&self, id: u64) -> Option<&Project> {
        self.projects.iter().find(|p| p.id == id)
    }

    pub(super) fn project_like(&self, wanted: &str) -> Option<&Project> {
        self.projects.iter().find(|p| p.key == wanted || p.id.to_string() == wanted)
    }

    /// A project that this user may see.
    pub(super) fn project_for(&self, user: u64, wanted: &str) -> Result<&Project, Problem> {
        let own = self.project_like(wanted).filter(|p| p.has_member(user));
        own.ok_or_else(|| Problem::none("No project."))
    }

    pub(super) fn issue_like(&self, wanted: &str) -> Option<usize> {
        self.issues.iter().position(|i| !i.is_deleted && (i.key == wanted || i.id.to_string() == wanted))
    }

    /// A ticket that this user may see.
    pub(super) fn issue_for(&self, user: u64, wanted: &str) -> Result<usize, Problem> {
        let place = self.issue_like(wanted).filter(|at| {
            let project = self.project(self.issues[*at].project);
            project.is_some_and(|p| p.has_member(user))
        });
        place.ok_or_else(|| Problem::none("No such issue."))
    }
}
