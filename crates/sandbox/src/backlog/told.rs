//! How activities and webhooks write what happened: snake case inside, numbers as texts, nulls where one would not expect them. Webhooks
//! follow bodies that were recorded.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::shapes::merge;
use super::world::{Activity, Change, Comment, Issue, PRIORITIES, RESOLUTIONS, State, named};
use crate::clock::seconds;

pub(super) const CREATED: u8 = 1;
pub(super) const UPDATED: u8 = 2;
pub(super) const COMMENTED: u8 = 3;
pub(super) const DELETED: u8 = 4;
pub(super) const BULK: u8 = 14;
pub(super) const NOTIFIED: u8 = 17;

pub(super) fn head(of: &Issue) -> Value {
    json!({ "id": of.id, "key_id": of.key_id, "summary": of.summary, "description": of.description })
}

/// `field_text` is for the REST API's activities alone.
fn change(of: &Change, by_name: bool, field_text: bool) -> Value {
    let is_status = of.field == "status" && by_name;
    let pick = |value: &String, name: &Option<String>| {
        if is_status { name.clone().unwrap_or_default() } else { value.clone() }
    };
    let mut shown = json!({
        "field": of.field, "new_value": pick(&of.new_value, &of.new_name), "old_value": pick(&of.old_value, &of.old_name), "type": "standard",
    });
    if field_text {
        shown["field_text"] = json!(of.field);
    }
    shown
}

fn said(of: &Comment) -> Value {
    json!({ "id": of.id, "content": of.content.as_deref().unwrap_or_default() })
}

impl State {
    /// What the REST API's activity holds of a comment or an update.
    pub(super) fn activity_content(&self, issue: &Issue, comment: &Comment) -> Value {
        let mut content = head(issue);
        let changes: Vec<Value> =
            comment.changes.iter().map(|c| change(c, self.settings.status_by_name, true)).collect();
        merge(
            &mut content,
            json!({ "comment": said(comment), "changes": changes, "attachments": [], "shared_files": [], "external_file_links": [] }),
        );
        content
    }

    /// What a webhook holds of the same.
    pub(super) fn hook_content(&self, issue: &Issue, comment: Option<&Comment>) -> Value {
        let mut content = if comment.is_none() || self.settings.whole_ticket { self.whole(issue) } else { head(issue) };
        if let Some(comment) = comment {
            let changes: Vec<Value> =
                comment.changes.iter().map(|c| change(c, self.settings.status_by_name, false)).collect();
            merge(
                &mut content,
                json!({ "comment": said(comment), "changes": changes, "attachments": [], "shared_files": [] }),
            );
        }
        content
    }

    fn whole(&self, of: &Issue) -> Value {
        let Some(project) = self.project(of.project) else { return Value::Null };
        let kind = project.types.iter().position(|t| t.id == of.kind);
        let kind = kind.map(|at| super::shapes::choice(&project.types[at], project.id, at));
        let own = project.categories.iter().enumerate().filter(|(_, c)| of.categories.contains(&c.id));
        let resolution = of.resolution.and_then(|id| named(&RESOLUTIONS, id));
        let mut content = json!({
            "summary": of.summary, "key_id": of.key_id, "customFields": [], "dueDate": date(of.due), "description": of.description,
            "priority": { "name": named(&PRIORITIES, of.priority), "id": of.priority },
            "resolution": { "name": resolution.unwrap_or_default(), "id": of.resolution },
            "actualHours": of.actual_hours, "issueType": kind, "milestone": [], "versions": [], "parentIssueId": of.parent,
        });
        let rest = json!({
            "estimatedHours": of.estimated_hours, "id": of.id, "assignee": of.assignee.map(|id| self.briefly(id)),
            "category": own.map(|(at, c)| super::shapes::category(c, of.project, at)).collect::<Vec<_>>(), "startDate": date(of.start),
            "status": { "name": project.status(of.status).map(|s| s.name), "id": of.status },
        });
        merge(&mut content, rest);
        content
    }

    fn briefly(&self, id: u64) -> Value {
        let own = self.user(id);
        own.map_or(
            Value::Null,
            |u| json!({ "name": u.name, "id": u.id, "roleType": u.role, "lang": "ja", "userId": u.login }),
        )
    }

    /// The whole body of a webhook.
    pub(super) fn payload(&self, of: &Activity, content: &Value) -> Value {
        let project = self.project(of.project).map(|p| {
            json!({
                "archived": false, "projectKey": p.key, "name": p.name, "chartEnabled": true, "id": p.id, "subtaskingEnabled": true,
                "projectLeaderCanEditProjectLeader": false, "textFormattingRule": "markdown", "displayOrder": 2_147_483_646,
                "useWikiTreeView": true,
            })
        });
        let by = self.user(of.by).map(|u| {
            json!({
                "nulabAccount": null, "name": u.name, "mailAddress": null, "id": u.id, "roleType": u.role, "lang": null, "userId": null,
            })
        });
        json!({
            "created": seconds(of.created), "project": project, "id": of.id, "type": of.kind, "content": content, "notifications": [],
            "createdUser": by,
        })
    }
}

/// A webhook writes a day, and no day as an empty text.
fn date(of: Option<Date>) -> String {
    of.map(|d| d.to_string()).unwrap_or_default()
}
