//! What ends a hit: an act of ours, the ticket being closed, or the reason being gone. Time alone ends nothing, and taking the
//! assignee away neither.

use super::directory::Party;
use super::history::Moment;
use super::reason::{End, EndWhy, Hit, Reason};
use super::rule::is_ignored;
use super::{Ground, Settings};
use model::ticket::Who;

/// Whether what happened ends it.
pub(super) fn by_happening(settings: &Settings, hit: &Hit, moment: &Moment<'_>) -> Option<End> {
    let why = why(settings, hit, moment)?;
    let happening = moment.happening;
    Some(End { why, by: Some(settings.directory.name(&happening.by)), at: happening.at, happening: Some(happening.id) })
}

fn why(settings: &Settings, hit: &Hit, moment: &Moment<'_>) -> Option<EndWhy> {
    if let (true, Some(status)) = (moment.closes, moment.status) {
        return Some(EndWhy::Closed { status: status.into() });
    }
    if let Some(to) = assigned(settings, hit, moment) {
        return Some(EndWhy::Assigned { to });
    }
    if !moment.party.is_ours() {
        return None;
    }
    match moment.status {
        _ if moment.wrote() => Some(EndWhy::Answered),
        Some(status) if !moment.is_done => Some(EndWhy::Taken { status: status.into() }),
        _ => None,
    }
}

/// Whom it was given to, when that ends it: whoever of ours gave it to somebody has looked after it, the customer's side must
/// have taken the reason away.
fn assigned(settings: &Settings, hit: &Hit, moment: &Moment<'_>) -> Option<String> {
    let to = moment.assignee.as_ref().filter(|_| moment.kinds.contains(&super::Kind::Assigned))?;
    let ends = match hit.reason {
        Reason::Waits { .. } => false,
        _ => moment.party.is_ours() || is_gone(settings, &hit.reason, to),
    };
    ends.then(|| settings.directory.name(to))
}

/// Whether a reason that lies in the assignee is gone with this one.
fn is_gone(settings: &Settings, reason: &Reason, assignee: &Who) -> bool {
    let party = settings.directory.who(assignee);
    match reason {
        Reason::Unassigned => true,
        Reason::GroupAccount { .. } => !matches!(party, Party::Group { .. }),
        Reason::OffHours { person, .. } => party != Party::Person { id: person.clone() },
        Reason::AssigneeUnknown { .. } => matches!(party, Party::Person { .. } | Party::Group { .. }),
        Reason::Matches { .. } | Reason::Waits { .. } => false,
    }
}

/// What the ticket itself shows and no history tells. `last` is its last moment.
pub(super) fn by_state(ground: &Ground<'_>, hit: &Hit, last: &Moment<'_>) -> Option<End> {
    let ticket = ground.ticket;
    let settings = ground.settings;
    let assignee = last.assignee.as_ref().filter(|assignee| is_gone(settings, &hit.reason, assignee));
    let why = if last.is_done && !hit.was_done {
        EndWhy::Done { status: ticket.status.name.clone() }
    } else if ticket.project != hit.project && is_ignored(ground, last) {
        EndWhy::Moved { project: ticket.project.clone() }
    } else {
        EndWhy::Assigned { to: settings.directory.name(assignee?) }
    };
    Some(End { why, by: None, at: ticket.updated_at, happening: None })
}
