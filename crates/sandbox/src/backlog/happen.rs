//! What happens to tickets, whoever causes it: the ticket changes, an activity is written, and every webhook that asked for it is told.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::edit::Edit;
use super::errors::Problem;
use super::told::{BULK, COMMENTED, CREATED, DELETED, NOTIFIED, UPDATED, head};
use super::world::{Activity, Comment, Issue, State};
use crate::clock::seconds;
use crate::courier::Parcel;

/// What a happening left behind.
#[derive(Debug, Clone)]
pub(super) struct Done {
    pub issue: u64,
    pub key: String,
    pub comment: Option<u64>,
    pub activity: u64,
    /// Numbers of the webhooks' record.
    pub deliveries: Vec<u64>,
}

impl Done {
    pub(super) fn shown(&self) -> Value {
        json!({
            "ticket": self.key, "issue_id": self.issue, "comment_id": self.comment, "activity_id": self.activity, "deliveries": self.deliveries,
        })
    }
}

#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub project: u64,
    pub kind: u64,
    pub summary: String,
    pub priority: u64,
    pub parent: Option<u64>,
    /// Everything else; its comment is not used.
    pub rest: Edit,
}

impl State {
    pub(super) fn create(&mut self, by: u64, draft: Draft, now: Timestamp) -> Done {
        let issue = self.blank(by, &draft, now);
        let at = self.issues.len();
        self.issues.push(issue);
        let first = Edit { comment: None, ..draft.rest };
        let _changes_of_a_new_ticket = self.apply(at, &first);
        let issue = self.issues[at].clone();
        let content = head(&issue);
        let (activity, deliveries) =
            self.tell((issue.project, CREATED, by), content, &self.hook_content(&issue, None), now);
        Done { issue: issue.id, key: issue.key, comment: None, activity, deliveries }
    }

    fn blank(&mut self, by: u64, draft: &Draft, now: Timestamp) -> Issue {
        let id = self.new_id();
        let (mut key_id, mut key) = (0, String::new());
        if let Some(project) = self.projects.iter_mut().find(|p| p.id == draft.project) {
            project.last_key += 1;
            key_id = project.last_key;
            key = format!("{}-{key_id}", project.key);
        }
        Issue {
            id,
            project: draft.project,
            key_id,
            key,
            kind: draft.kind,
            summary: draft.summary.clone(),
            description: String::new(),
            status: 1,
            priority: draft.priority,
            resolution: None,
            assignee: None,
            categories: Vec::new(),
            start: None,
            due: None,
            estimated_hours: None,
            actual_hours: None,
            parent: draft.parent,
            created_by: by,
            created: now,
            updated_by: by,
            updated: now,
            comments: Vec::new(),
            is_deleted: false,
        }
    }

    /// A comment, a change, or both; they become one comment with a log.
    pub(super) fn update(&mut self, by: u64, at: usize, edit: &Edit, now: Timestamp) -> Result<Done, Problem> {
        let changes = self.apply(at, edit);
        if changes.is_empty() && edit.comment.is_none() && self.settings.refuse_no_change {
            return Err(Problem::invalid("Please set any changes or comment content."));
        }
        let kind = if changes.is_empty() && edit.comment.is_some() { COMMENTED } else { UPDATED };
        let comment = self.log(by, at, changes, edit, now);
        let issue = self.issues[at].clone();
        let content = self.activity_content(&issue, &comment);
        let for_hooks = self.hook_content(&issue, Some(&comment));
        let (activity, deliveries) = self.tell((issue.project, kind, by), content, &for_hooks, now);
        Ok(Done { issue: issue.id, key: issue.key, comment: Some(comment.id), activity, deliveries })
    }

    fn log(&mut self, by: u64, at: usize, changes: Vec<super::world::Change>, edit: &Edit, now: Timestamp) -> Comment {
        let comment = Comment {
            id: self.new_id(),
            content: edit.comment.clone(),
            changes,
            by,
            created: now,
            updated: now,
            notified: edit.notify.clone(),
        };
        let issue = &mut self.issues[at];
        issue.comments.push(comment.clone());
        issue.updated = now;
        issue.updated_by = by;
        comment
    }

    pub(super) fn delete(&mut self, by: u64, at: usize, now: Timestamp) -> Done {
        let issue = &mut self.issues[at];
        issue.is_deleted = true;
        issue.updated = now;
        let (id, key_id, key, project) = (issue.id, issue.key_id, issue.key.clone(), issue.project);
        let content = json!({ "id": id, "key_id": key_id });
        let (activity, deliveries) = self.tell((project, DELETED, by), content.clone(), &content, now);
        Done { issue: id, key, comment: None, activity, deliveries }
    }

    /// Several tickets of one project at once: a comment in each, and one activity for all.
    pub(super) fn bulk(
        &mut self,
        by: u64,
        places: &[usize],
        edit: &Edit,
        now: Timestamp,
    ) -> Result<Vec<Done>, Problem> {
        let project = places.first().map(|at| self.issues[*at].project).ok_or_else(|| Problem::invalid("No issue."))?;
        if places.iter().any(|at| self.issues[*at].project != project) {
            return Err(Problem::invalid("The issues belong to different projects."));
        }
        let (mut links, mut changed, mut done) = (Vec::new(), Vec::new(), Vec::new());
        for at in places {
            let changes = self.apply(*at, edit);
            for c in &changes {
                let shown = json!({ "field": c.field, "new_value": c.new_value, "type": "standard" });
                if !changed.contains(&shown) {
                    changed.push(shown);
                }
            }
            let comment = self.log(by, *at, changes, edit, now);
            let issue = &self.issues[*at];
            links.push(json!({
                "id": issue.id, "key_id": issue.key_id, "title": issue.summary,
                "comment": { "id": comment.id, "content": comment.content.as_deref().unwrap_or_default() },
            }));
            done.push(Done {
                issue: issue.id,
                key: issue.key.clone(),
                comment: Some(comment.id),
                activity: 0,
                deliveries: Vec::new(),
            });
        }
        let said = edit.comment.as_deref().unwrap_or_default();
        let content =
            json!({ "tx_id": self.last_id, "comment": { "content": said }, "link": links, "changes": changed });
        let (activity, deliveries) = self.tell((project, BULK, by), content.clone(), &content, now);
        for own in &mut done {
            (own.activity, own.deliveries) = (activity, deliveries.clone());
        }
        Ok(done)
    }

    /// Somebody is told of a comment afterwards.
    pub(super) fn notify(
        &mut self,
        by: u64,
        at: usize,
        comment: u64,
        users: &[u64],
        now: Timestamp,
    ) -> Result<Done, Problem> {
        let own = self.issues[at].comments.iter_mut().find(|c| c.id == comment);
        let own = own.ok_or_else(|| Problem::none("No comment found."))?;
        own.notified.extend(users);
        let comment = own.clone();
        let issue = self.issues[at].clone();
        let content = self.activity_content(&issue, &comment);
        let for_hooks = self.hook_content(&issue, Some(&comment));
        let (activity, deliveries) = self.tell((issue.project, NOTIFIED, by), content, &for_hooks, now);
        Ok(Done { issue: issue.id, key: issue.key, comment: Some(comment.id), activity, deliveries })
    }

    /// Writes the activity and tells the webhooks; its number and theirs.
    fn tell(
        &mut self,
        (project, kind, by): (u64, u8, u64),
        content: Value,
        for_hooks: &Value,
        now: Timestamp,
    ) -> (u64, Vec<u64>) {
        self.last_activity += 1;
        let activity = Activity { id: self.last_activity, project, kind, by, created: now, content };
        let body = self.payload(&activity, for_hooks).to_string();
        let hooks = self.project(project).map(|p| p.hooks.as_slice()).unwrap_or_default();
        let told = hooks.iter().filter(|h| h.all || h.kinds.contains(&kind)).map(|hook| {
            let about =
                json!({ "activity": activity.id, "type": kind, "webhook": hook.id, "created": seconds(now), "issue": for_hooks["key_id"] });
            let headers = vec![("content-type".into(), "application/json;charset=utf-8".into())];
            self.courier.post(Parcel { url: hook.url.clone(), headers, body: body.clone(), about })
        });
        let deliveries = told.collect();
        self.activities.push(activity);
        (self.last_activity, deliveries)
    }
}
