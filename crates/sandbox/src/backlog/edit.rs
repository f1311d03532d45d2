//! What is to become of a ticket, and what of it is a change. Applies to one ticket; telling others is `happen`'s.

use jiff::civil::Date;

use super::world::{Change, Issue, PRIORITIES, Project, RESOLUTIONS, State, named};

/// Only what is named is touched; an inner None clears.
#[derive(Debug, Clone, Default)]
pub(super) struct Edit {
    pub summary: Option<String>,
    pub description: Option<String>,
    pub kind: Option<u64>,
    pub status: Option<u64>,
    pub priority: Option<u64>,
    pub resolution: Option<Option<u64>>,
    pub assignee: Option<Option<u64>>,
    pub categories: Option<Vec<u64>>,
    pub start: Option<Option<Date>>,
    pub due: Option<Option<Date>>,
    pub estimated_hours: Option<Option<f64>>,
    pub actual_hours: Option<Option<f64>>,
    pub comment: Option<String>,
    pub notify: Vec<u64>,
}

/// Writes `new` over `old` and says whether it was another.
fn put<T: PartialEq + Clone>(old: &mut T, new: Option<T>) -> Option<(T, T)> {
    let new = new.filter(|n| n != old)?;
    let before = std::mem::replace(old, new.clone());
    Some((before, new))
}

fn plain(field: &'static str, old: String, new: String) -> Change {
    let name = |value: &String| Some(value.clone()).filter(|v| !v.is_empty());
    Change { field, old_name: name(&old), new_name: name(&new), old_value: old, new_value: new }
}

fn chosen(field: &'static str, (old, new): (u64, u64), name: impl Fn(u64) -> Option<&'static str>) -> Change {
    let text = |id| name(id).map(str::to_owned);
    Change { field, old_value: old.to_string(), new_value: new.to_string(), old_name: text(old), new_name: text(new) }
}

fn shown<T: ToString>(of: &Option<T>) -> String {
    of.as_ref().map(T::to_string).unwrap_or_default()
}

fn optional<T: PartialEq + Clone + ToString>(
    field: &'static str,
    old: &mut Option<T>,
    new: Option<Option<T>>,
) -> Option<Change> {
    put(old, new).map(|(old, new)| plain(field, shown(&old), shown(&new)))
}

impl State {
    /// Changes the ticket; what a comment's log will say of it.
    pub(super) fn apply(&mut self, at: usize, edit: &Edit) -> Vec<Change> {
        let project = self.projects.iter().find(|p| p.id == self.issues[at].project).cloned();
        let Some(project) = project else { return Vec::new() };
        let mut changes = self.apply_people(at, edit);
        let issue = &mut self.issues[at];
        changes.extend(apply_texts(issue, edit));
        changes.extend(apply_choices(issue, edit, &project));
        changes.extend(apply_numbers(issue, edit));
        changes
    }

    fn apply_people(&mut self, at: usize, edit: &Edit) -> Vec<Change> {
        let changed = put(&mut self.issues[at].assignee, edit.assignee);
        let name = |id| self.name_of(id).to_owned();
        changed.map(|(old, new)| plain("assigner", name(old), name(new))).into_iter().collect()
    }
}

fn apply_texts(issue: &mut Issue, edit: &Edit) -> Vec<Change> {
    let summary = put(&mut issue.summary, edit.summary.clone()).map(|(old, new)| plain("summary", old, new));
    let description =
        put(&mut issue.description, edit.description.clone()).map(|(old, new)| plain("description", old, new));
    summary.into_iter().chain(description).collect()
}

fn apply_choices(issue: &mut Issue, edit: &Edit, project: &Project) -> Vec<Change> {
    let status = |id| project.status(id).map(|s| s.name);
    let kind = |id| project.kind(id).map(|k| k.name);
    let resolution = |id: Option<u64>| id.and_then(|id| named(&RESOLUTIONS, id)).unwrap_or_default().to_owned();
    let categories = |ids: &[u64]| {
        let own = project.categories.iter().filter(|c| ids.contains(&c.id)).map(|c| c.name);
        own.collect::<Vec<_>>().join(", ")
    };
    let all = [
        put(&mut issue.status, edit.status).map(|both| chosen("status", both, status)),
        put(&mut issue.kind, edit.kind).map(|both| chosen("issueType", both, kind)),
        put(&mut issue.priority, edit.priority).map(|both| chosen("priority", both, |id| named(&PRIORITIES, id))),
        put(&mut issue.resolution, edit.resolution)
            .map(|(old, new)| plain("resolution", resolution(old), resolution(new))),
        put(&mut issue.categories, edit.categories.clone())
            .map(|(old, new)| plain("component", categories(&old), categories(&new))),
    ];
    all.into_iter().flatten().collect()
}

fn apply_numbers(issue: &mut Issue, edit: &Edit) -> Vec<Change> {
    let all = [
        optional("startDate", &mut issue.start, edit.start),
        optional("limitDate", &mut issue.due, edit.due),
        optional("estimatedHours", &mut issue.estimated_hours, edit.estimated_hours),
        optional("actualHours", &mut issue.actual_hours, edit.actual_hours),
    ];
    all.into_iter().flatten().collect()
}
