//! How the REST API writes things.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::world::{
    Activity, Change, Choice, Comment, Hook, Issue, PRIORITIES, Project, RESOLUTIONS, State, Team, User, named,
};
use crate::clock::seconds;

pub(super) fn user(of: &User) -> Value {
    json!({
        "id": of.id, "userId": of.login, "name": of.name, "roleType": of.role, "lang": "ja", "mailAddress": of.mail,
        "nulabAccount": { "nulabId": format!("nulab{}", of.id), "name": of.name, "uniqueId": of.login, "iconUrl": null },
        "keyword": of.name, "lastLoginTime": "2026-05-01T00:00:00Z",
    })
}

pub(super) fn pick(id: u64, name: &str) -> Value {
    json!({ "id": id, "name": name })
}

pub(super) fn choice(of: &Choice, project: u64, at: usize) -> Value {
    json!({ "id": of.id, "projectId": project, "name": of.name, "color": of.color, "displayOrder": at * 1000 })
}

pub(super) fn choices(of: &[Choice], project: u64) -> Value {
    of.iter().enumerate().map(|(at, c)| choice(c, project, at)).collect()
}

fn chosen(of: &[Choice], id: u64, project: u64) -> Value {
    let own = of.iter().enumerate().find(|(_, c)| c.id == id);
    own.map_or(Value::Null, |(at, c)| choice(c, project, at))
}

pub(super) fn category(of: &Choice, project: u64, at: usize) -> Value {
    json!({ "id": of.id, "projectId": project, "name": of.name, "displayOrder": at })
}

pub(super) fn project(of: &Project, at: usize) -> Value {
    json!({
        "id": of.id, "projectKey": of.key, "name": of.name, "chartEnabled": true, "useResolvedForChart": false, "subtaskingEnabled": true,
        "projectLeaderCanEditProjectLeader": false, "useWiki": true, "useFileSharing": true, "useWikiTreeView": true, "useSubversion": false,
        "useGit": false, "useOriginalImageSizeAtWiki": false, "textFormattingRule": "markdown", "archived": false, "displayOrder": at,
        "useDevAttributes": false,
    })
}

fn day(of: Option<Date>) -> Value {
    of.map_or(Value::Null, |d| json!(format!("{d}T00:00:00Z")))
}

impl State {
    pub(super) fn user_shown(&self, id: u64) -> Value {
        self.user(id).map_or(Value::Null, user)
    }

    pub(super) fn issue_shown(&self, of: &Issue) -> Value {
        let Some(project) = self.project(of.project) else { return Value::Null };
        let own = project.categories.iter().enumerate().filter(|(_, c)| of.categories.contains(&c.id));
        let mut shown = json!({
            "id": of.id, "projectId": of.project, "issueKey": of.key, "keyId": of.key_id,
            "issueType": chosen(&project.types, of.kind, of.project), "summary": of.summary, "description": of.description,
            "resolution": of.resolution.and_then(|id| Some(pick(id, named(&RESOLUTIONS, id)?))),
            "priority": pick(of.priority, named(&PRIORITIES, of.priority).unwrap_or_default()),
            "status": chosen(&project.statuses, of.status, of.project),
            "assignee": of.assignee.map(|id| self.user_shown(id)),
            "category": own.map(|(at, c)| category(c, of.project, at)).collect::<Vec<_>>(),
            "versions": [], "milestone": [], "startDate": day(of.start), "dueDate": day(of.due),
            "estimatedHours": of.estimated_hours, "actualHours": of.actual_hours, "parentIssueId": of.parent,
        });
        let rest = json!({
            "createdUser": self.user_shown(of.created_by), "created": seconds(of.created),
            "updatedUser": self.user_shown(of.updated_by), "updated": seconds(of.updated),
            "customFields": [], "attachments": [], "sharedFiles": [], "externalFileLinks": [], "stars": [],
        });
        merge(&mut shown, rest);
        shown
    }

    pub(super) fn comment_shown(&self, issue: &Issue, of: &Comment) -> Value {
        let told = |user: &u64| json!({ "id": of.id * 10 + user % 10, "alreadyRead": false, "reason": 2, "user": self.user_shown(*user), "resourceAlreadyRead": false });
        json!({
            "id": of.id, "projectId": issue.project, "issueId": issue.id, "content": of.content,
            "changeLog": if of.changes.is_empty() { json!([]) } else { of.changes.iter().map(logged).collect() },
            "createdUser": self.user_shown(of.by), "created": seconds(of.created), "updated": seconds(of.updated),
            "stars": [], "notifications": of.notified.iter().map(told).collect::<Vec<_>>(),
        })
    }

    pub(super) fn activity_shown(&self, of: &Activity) -> Value {
        let place = self.projects.iter().position(|p| p.id == of.project);
        json!({
            "id": of.id, "project": place.map(|at| project(&self.projects[at], at)), "type": of.kind, "content": of.content,
            "notifications": [], "createdUser": self.user_shown(of.by), "created": seconds(of.created),
        })
    }

    pub(super) fn team_shown(&self, of: &Team) -> Value {
        let by = self.users.first().map_or(Value::Null, user);
        json!({
            "id": of.id, "name": of.name, "members": of.members.iter().map(|m| self.user_shown(*m)).collect::<Vec<_>>(), "displayOrder": null,
            "createdUser": by, "created": "2025-04-01T00:00:00Z", "updatedUser": by, "updated": "2025-04-01T00:00:00Z",
        })
    }

    pub(super) fn hook_shown(&self, of: &Hook) -> Value {
        json!({
            "id": of.id, "name": of.name, "description": of.description, "hookUrl": of.url, "allEvent": of.all, "activityTypeIds": of.kinds,
            "createdUser": self.user_shown(of.created_by), "created": seconds(of.created),
            "updatedUser": self.user_shown(of.created_by), "updated": seconds(of.updated),
        })
    }
}

fn logged(of: &Change) -> Value {
    json!({
        "field": of.field, "newValue": of.new_name, "originalValue": of.old_name,
        "attachmentInfo": null, "attributeInfo": null, "notificationInfo": null,
    })
}

/// Adds the members of `more`.
pub(super) fn merge(into: &mut Value, more: Value) {
    if let (Some(into), Value::Object(more)) = (into.as_object_mut(), more) {
        into.extend(more);
    }
}
