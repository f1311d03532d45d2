//! The page that people look at in a demo: tickets with what was said in them, and a form to answer or take one. Not Backlog's own look.

use super::world::{Comment, Issue, PRIORITIES, State, named};
use crate::clock::seconds;
use crate::page::{page, text};

/// So many tickets are enough to look at.
const SHOWN: usize = 50;

pub(super) fn tickets(state: &State) -> String {
    let mut own: Vec<&Issue> = state.issues.iter().filter(|i| !i.is_deleted).collect();
    own.sort_by_key(|i| std::cmp::Reverse((i.updated, i.id)));
    let articles: String = own.into_iter().take(SHOWN).map(|i| ticket(state, i)).collect();
    page("simulated Backlog — 運用サービス", &articles)
}

/// Another address for one ticket alone: `/view/MINATO-1`.
pub(super) fn one(state: &State, key: &str) -> Option<String> {
    let issue = &state.issues[state.issue_like(key)?];
    Some(page("simulated Backlog — 運用サービス", &ticket(state, issue)))
}

fn ticket(state: &State, of: &Issue) -> String {
    let project = state.project(of.project);
    let status = project.and_then(|p| p.status(of.status)).map_or("", |s| s.name);
    let kind = project.and_then(|p| p.kind(of.kind)).map_or("", |k| k.name);
    let assignee = of.assignee.map_or("担当者なし", |id| state.name_of(Some(id)));
    let said: String = of.comments.iter().map(|c| comment(state, c)).collect();
    format!(
        "<article id=\"{key}\"><h2><a href=\"/view/{key}\">{key}</a> {summary}</h2>\
         <p><span class=\"tag\">{status}</span> <span class=\"tag\">{kind}</span> <span class=\"tag\">優先度 {priority}</span> {assignee}</p>\
         <p class=\"dim\">{by} {at}</p><div class=\"said\">{description}</div>{said}{form}</article>",
        key = text(&of.key),
        summary = text(&of.summary),
        status = text(status),
        kind = text(kind),
        priority = text(named(&PRIORITIES, of.priority).unwrap_or_default()),
        assignee = text(assignee),
        by = text(state.name_of(Some(of.created_by))),
        at = seconds(of.created),
        description = text(&of.description),
        form = form(state, of),
    )
}

fn comment(state: &State, of: &Comment) -> String {
    let none = || "なし".to_owned();
    let changes: String = of
        .changes
        .iter()
        .map(|c| {
            let (old, new) = (c.old_name.clone().unwrap_or_else(none), c.new_name.clone().unwrap_or_else(none));
            format!("<p class=\"dim\">{}: {} → {}</p>", text(c.field), text(&old), text(&new))
        })
        .collect();
    format!(
        "<div class=\"said\" id=\"comment-{id}\"><span class=\"dim\">{by} {at}</span>\n{content}{changes}</div>",
        id = of.id,
        by = text(state.name_of(Some(of.by))),
        at = seconds(of.created),
        content = text(of.content.as_deref().unwrap_or_default()),
    )
}

fn form(state: &State, of: &Issue) -> String {
    let members = state.users.iter().filter(|u| state.project(of.project).is_some_and(|p| p.has_member(u.id)));
    let people: String =
        members.map(|u| format!("<option value=\"{}\">{}</option>", text(u.login), text(u.name))).collect();
    format!(
        "<form method=\"post\" action=\"/act\"><input type=\"hidden\" name=\"ticket\" value=\"{key}\">\
         <select name=\"as\" aria-label=\"だれが\">{people}</select><input name=\"content\" aria-label=\"コメント\" placeholder=\"コメント\">\
         <button name=\"what\" value=\"comment\">コメント</button><button name=\"what\" value=\"take\">担当する</button>\
         <button name=\"what\" value=\"done\">完了</button><button name=\"what\" value=\"reopen\">再開</button></form>",
        key = text(&of.key),
    )
}
