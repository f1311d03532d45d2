//! A ticket's comments, which are its whole history, as happenings oldest first. Pure.

use super::wire;
use model::ticket::{Change, Happening, Ticket};

/// Creation is the first. What the ticket said when it was created nobody can tell any more, so it has no text.
pub fn history(ticket: &Ticket, mut comments: Vec<wire::Comment>) -> Vec<Happening> {
    comments.sort_by_key(|comment| comment.id);
    comments.dedup_by_key(|comment| comment.id);
    let (at, by) = (ticket.created_at, ticket.created_by.clone());
    let creation = Happening { id: 0, at, by, text: None, changes: vec![Change::Created] };
    std::iter::once(creation).chain(comments.into_iter().map(|comment| happening(ticket, comment))).collect()
}

fn happening(ticket: &Ticket, comment: wire::Comment) -> Happening {
    Happening {
        id: comment.id,
        at: comment.created,
        by: comment.created_user.and_then(wire::User::who).unwrap_or_default(),
        text: comment.content.filter(|text| !text.trim().is_empty()),
        changes: comment.change_log.into_iter().filter_map(|log| change(ticket, log)).collect(),
    }
}

/// Backlog says "assigner" for the assignee. Who was told of a comment, or what file came with it, is a change there too.
fn change(ticket: &Ticket, log: wire::ChangeLog) -> Option<Change> {
    let field = log.field.filter(|field| !field.is_empty())?;
    let filled = |value: Option<String>| value.filter(|value| !value.is_empty());
    let (from, to) = (filled(log.original_value), filled(log.new_value));
    Some(match field.as_str() {
        "assigner" | "assignee" => {
            Change::Assignee { from: from.map(|v| person(ticket, v)), to: to.map(|v| person(ticket, v)) }
        }
        "status" => {
            let name = |value: Option<String>| value.map(|v| status(ticket, v)).unwrap_or_default();
            Change::Status { from: name(from), to: name(to) }
        }
        _ => Change::Other { field, from, to },
    })
}

/// REST tells names, webhooks numbers; should a number stand here, it becomes the name where that is known.
fn person(ticket: &Ticket, value: String) -> String {
    match &ticket.assignee {
        Some(who) if value == who.id.to_string() && !who.name.is_empty() => who.name.clone(),
        _ => value,
    }
}

fn status(ticket: &Ticket, value: String) -> String {
    let Ok(id) = value.parse::<i64>() else { return value };
    if id == ticket.status.id && !ticket.status.name.is_empty() {
        return ticket.status.name.clone();
    }
    let name = match (id, ticket.status.name.is_ascii()) {
        (1, true) => "Open",
        (2, true) => "In Progress",
        (3, true) => "Resolved",
        (4, true) => "Closed",
        (1, false) => "未対応",
        (2, false) => "処理中",
        (3, false) => "処理済み",
        (4, false) => "完了",
        _ => return value,
    };
    name.to_owned()
}
